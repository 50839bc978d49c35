#include "core/mailbox/mailbox_private.h"

#include "core/wire/utf7.h"
#include "mime/text.h"

/* --- heads that are wanted --- */

static gboolean call_fetcher(void *data)
{
	Mailbox *m = data;
	g_autoptr(UidSet) urgent = m->urgent;
	g_autoptr(UidSet) ahead = m->ahead;

	m->want_source = 0;
	m->urgent = uidset_new();
	m->ahead = uidset_new();
	uidset_remove_set(ahead, urgent);
	uidset_add_set(m->asked, urgent);
	uidset_add_set(m->asked, ahead);
	if (m->fetcher != NULL)
		m->fetcher(m, urgent, ahead, m->fetcher_data);
	return G_SOURCE_REMOVE;
}

static void want(Mailbox *m, const uint32_t *uids, size_t n, UidSet *into)
{
	for (size_t i = 0; i < n; i++) {
		if (uids[i] != 0 && !headcache_has(m->heads, uids[i]) &&
		    !uidset_has(m->asked, uids[i]))
			uidset_add(into, uids[i]);
	}
	if (!uidset_is_empty(into) && m->want_source == 0)
		m->want_source = g_idle_add_full(G_PRIORITY_DEFAULT, call_fetcher, m, NULL);
}

/* --- reading --- */

static uint32_t missing(const Mailbox *m)
{
	uint32_t known = m->shown.n + m->hidden.n;

	return m->total > known ? m->total - known : 0;
}

uint32_t mailbox_total(const Mailbox *m)
{
	return m->shown.n + missing(m);
}

uint32_t mailbox_known(const Mailbox *m)
{
	return m->shown.n;
}

uint32_t mailbox_uid_at(const Mailbox *m, uint32_t i)
{
	return i < m->shown.n ? m->shown.uid[i] : 0;
}

const uint32_t *mailbox_known_uids(const Mailbox *m)
{
	return m->shown.uid;
}

int64_t mailbox_find(const Mailbox *m, uint32_t uid)
{
	return table_find(&m->shown, uid);
}

uint32_t mailbox_lower(const Mailbox *m, uint32_t uid)
{
	return table_lower(&m->shown, uid);
}

bool mailbox_is_complete(const Mailbox *m)
{
	return m->total_known && missing(m) == 0;
}

bool mailbox_is_loading(const Mailbox *m)
{
	return m->loading;
}

bool mailbox_is_readonly(const Mailbox *m)
{
	return m->readonly;
}

uint32_t mailbox_expected_unseen(const Mailbox *m)
{
	return m->unseen_expected;
}

void mailbox_expect_unseen(Mailbox *m, uint32_t unseen)
{
	m->unseen_expected = unseen;
}

uint32_t mailbox_unseen(const Mailbox *m)
{
	uint32_t unseen = m->unseen_truth;

	if (overlay_is_empty(m->overlay))
		return unseen;
	g_autoptr(UidSet) uids = overlay_touching(m->overlay, FLAG_SEEN);
	for (size_t k = 0; k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		for (uint32_t i = table_lower(&m->shown, range.first);
		     i < m->shown.n && m->shown.uid[i] <= range.last; i++) {
			if (!(m->shown.state[i] & TABLE_FLAGS_KNOWN))
				continue;
			Flags wish = overlay_combine(m->overlay, m->shown.uid[i], m->shown.flags[i],
						     NULL);
			unseen -= table_is_unseen(&m->shown, i);
			unseen += !(wish & FLAG_SEEN);
		}
	}
	return unseen;
}

int64_t mailbox_next_unseen(const Mailbox *m, int64_t from, int direction)
{
	const Table *t = &m->shown;
	bool plain = overlay_is_empty(m->overlay);

	for (int64_t at = from + direction; at >= 0 && at < t->n; at += direction) {
		uint32_t i = (uint32_t)at;
		Flags wish = t->flags[i];
		if (!(t->state[i] & TABLE_FLAGS_KNOWN))
			continue;
		if (!plain)
			wish = overlay_combine(m->overlay, t->uid[i], wish, NULL);
		if (!(wish & FLAG_SEEN))
			return at;
	}
	return -1;
}

Flags mailbox_flags(const Mailbox *m, uint32_t uid, bool *pending)
{
	uint32_t i;
	const Table *t = mailbox_find_row(m, uid, &i);

	return overlay_combine(m->overlay, uid, t ? t->flags[i] : 0, pending);
}

UidSet *mailbox_with_flag(const Mailbox *m, Flags flag)
{
	UidSet *uids = uidset_new();
	bool plain = overlay_is_empty(m->overlay);

	for (uint32_t i = 0; i < m->shown.n; i++) {
		Flags flags = m->shown.flags[i];
		if (!plain)
			flags = overlay_combine(m->overlay, m->shown.uid[i], flags, NULL);
		if (flags & flag)
			uidset_add(uids, m->shown.uid[i]);
	}
	return uids;
}

bool mailbox_flags_known(const Mailbox *m, uint32_t uid)
{
	uint32_t i;
	const Table *t = mailbox_find_row(m, uid, &i);

	return t != NULL && (t->state[i] & TABLE_FLAGS_KNOWN);
}

uint32_t mailbox_new_from(const Mailbox *m)
{
	return m->fresh_from;
}

bool mailbox_is_recent(const Mailbox *m, uint32_t uid)
{
	uint32_t i;
	const Table *t = mailbox_find_row(m, uid, &i);

	return t != NULL && uid >= m->visited &&
	       ((t->state[i] & TABLE_RECENT) || (m->fresh_from != 0 && uid >= m->fresh_from));
}

bool mailbox_is_hidden(const Mailbox *m, uint32_t uid)
{
	return uidset_has(overlay_hidden(m->overlay), uid);
}

const UidSet *mailbox_hidden(const Mailbox *m)
{
	return overlay_hidden(m->overlay);
}

MessageHead *mailbox_head(Mailbox *m, uint32_t uid)
{
	return headcache_get(m->heads, uid);
}

bool mailbox_has_head(const Mailbox *m, uint32_t uid)
{
	return headcache_has(m->heads, uid);
}

void mailbox_want(Mailbox *m, const uint32_t *uids, size_t n)
{
	want(m, uids, n, m->urgent);
}

void mailbox_want_ahead(Mailbox *m, const uint32_t *uids, size_t n)
{
	want(m, uids, n, m->ahead);
}

Flags mailbox_shown_keywords(const Mailbox *m)
{
	return m->keywords ? keywords_shown(m->keywords, m->flag_names) : 0;
}

char **mailbox_keyword_signs(const Mailbox *m, Flags flags)
{
	return m->keywords ? keywords_signs(m->keywords, m->flag_names, flags) : NULL;
}

Flags mailbox_find_keyword(const Mailbox *m, Flags flags, const char *sign)
{
	return m->keywords ? keywords_find(m->keywords, m->flag_names, flags, sign) : 0;
}

Flags mailbox_storable(const Mailbox *m)
{
	return m->storable | (m->can_add_keywords ? ~FLAGS_SYSTEM : 0);
}

bool mailbox_can_add_keywords(const Mailbox *m)
{
	return m->can_add_keywords;
}
