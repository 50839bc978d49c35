#include "core/mailbox/mailbox_private.h"

#include <string.h>
#include "mime/text.h"

/* Behind so many all are forgotten, and asked for again as they come into view. */
#define PREVIEWS_MAX 4000

void mailbox_set_previewer(Mailbox *m, MailboxPreview fn, void *data)
{
	m->previewer = fn;
	m->previewer_data = data;
	g_hash_table_remove_all(m->previews);
	m->changes.state = true;
}

const char *mailbox_preview(const Mailbox *m, uint32_t uid)
{
	return g_hash_table_lookup(m->previews, GUINT_TO_POINTER(uid));
}

static void put(Mailbox *m, uint32_t uid, char *text_take)
{
	if (g_hash_table_size(m->previews) >= PREVIEWS_MAX)
		g_hash_table_remove_all(m->previews);
	g_hash_table_insert(m->previews, GUINT_TO_POINTER(uid), text_take);
}

void mailbox_want_previews(Mailbox *m, const uint32_t *uids, size_t n)
{
	g_autoptr(UidSet) missing = uidset_new();

	for (size_t i = 0; m->previewer && !m->loading && i < n; i++) {
		if (mailbox_preview(m, uids[i]))
			continue;
		put(m, uids[i], g_strdup(""));
		uidset_add(missing, uids[i]);
	}
	if (!uidset_is_empty(missing))
		m->previewer(m, missing, m->previewer_data);
}

void mailbox_set_preview(Mailbox *m, uint32_t uid, const char *raw)
{
	g_autofree char *utf8 = NULL;

	if (!m->previewer || !raw || !*raw)
		return;
	utf8 = text_to_utf8(raw, strlen(raw), NULL, NULL);
	put(m, uid, text_clean(utf8, TEXT_ONE_LINE));
	uidset_add(m->changes.changed, uid);
}

void mailbox_forget_previews(Mailbox *m, const UidSet *uids)
{
	for (size_t k = 0; k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		for (uint32_t uid = range.first; uid >= range.first && uid <= range.last; uid++)
			g_hash_table_remove(m->previews, GUINT_TO_POINTER(uid));
	}
}
