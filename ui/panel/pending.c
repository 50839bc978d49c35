#include "ui/panel/pending.h"

#include <string.h>

#include "mime/wrap.h"

static void add(Wrap *wrap, DocStyle style, const char *first, const char *rest, const char *text)
{
	wrap_set_prefix(wrap, style, 0, first, rest);
	wrap_add(wrap, style, text, strlen(text));
	wrap_end(wrap);
}

static void add_change(Wrap *wrap, const JournalItem *item)
{
	g_autoptr(GDateTime) made = g_date_time_new_from_unix_local(item->made);
	g_autofree char *day = made ? g_date_time_format(made, "%e %b %H:%M") : g_strdup("?");
	g_autofree char *number =
		item->held ? g_strdup_printf("%3u  ", item->number) : g_strdup("  -  ");
	g_autofree char *line = g_strdup_printf("%s, %s: %s", day, item->state, item->text);

	add(wrap, DOC_NORMAL, number, "     ", line);
	if (item->why)
		add(wrap, DOC_NOTICE, "     ", "     ", item->why);
}

MimeDoc *pending_document(const Account *a, int width)
{
	g_autoptr(GPtrArray) changes = account_changes(a);
	MimeDoc *doc = doc_new();
	Wrap *wrap = wrap_new(doc, width);

	for (unsigned k = 0; k < changes->len; k++)
		add_change(wrap, changes->pdata[k]);
	if (changes->len == 0)
		add(wrap, DOC_NORMAL, "", "", "The server has confirmed everything.");
	if (account_held(a) > 0) {
		add(wrap, DOC_NORMAL, "", "", "");
		add(wrap, DOC_NOTICE, "", "",
		    "What is held back waits for you: :pending retry NUMBER tries it again, "
		    ":pending drop NUMBER forgets it.");
	}
	wrap_free(wrap);
	return doc;
}
