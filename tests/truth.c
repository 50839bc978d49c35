#include "tests/truth.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	Flags flag;
	const char *word;
} words[] = {{FLAG_SEEN, "\\Seen"},
	     {FLAG_FLAGGED, "\\Flagged"},
	     {FLAG_ANSWERED, "\\Answered"},
	     {FLAG_DRAFT, "\\Draft"},
	     {FLAG_DELETED, "\\Deleted"}};

char *truth_message(unsigned number)
{
	return g_strdup_printf("From: Ada <ada@example.org>\r\nTo: me@example.org\r\n"
			       "Subject: number %u\r\nDate: Mon, 2 Feb 2026 10:00:00 +0000\r\n"
			       "Message-ID: <%u@truth.example.org>\r\n\r\nText %u.\r\n",
			       number, number, number);
}

unsigned truth_number(const char *message_id)
{
	unsigned number;

	return sscanf(message_id, "<%u@truth.example.org>", &number) == 1 ? number : 0;
}

char *truth_flag_words(Flags flags)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (flags & words[i].flag)
			g_string_append_printf(text, "%s%s", text->len ? " " : "", words[i].word);
	return g_string_free(text, FALSE);
}

static Flags parse_flags(const char *list)
{
	g_autofree char *text = g_strndup(list, strcspn(list, ")"));
	Flags flags = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(text, words[i].word))
			flags |= words[i].flag;
	return flags;
}

/* One "* n FETCH (…)"; false where it is something else, or news of flags alone. */
static bool parse_row(const char *response, TruthRow *row)
{
	const char *uid = strstr(response, "UID "), *flags = strstr(response, "FLAGS (");
	const char *id = strstr(response, "Message-ID: <");

	if (uid == NULL || flags == NULL || id == NULL)
		return false;
	*row = (TruthRow){(uint32_t)strtoul(uid + strlen("UID "), NULL, 10), parse_flags(flags),
			  truth_number(id + strlen("Message-ID: "))};
	return true;
}

static int by_uid(const void *a, const void *b)
{
	const TruthRow *left = a, *right = b;

	return left->uid < right->uid ? -1 : left->uid > right->uid;
}

GArray *truth_rows(Probe *p, const char *mailbox)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(TruthRow));
	TruthRow row;

	g_free(probe_expectf(p, "EXAMINE \"%s\"", mailbox));
	g_autofree char *answer =
		probe_expect(p, "UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
	g_auto(GStrv) responses = g_strsplit(answer, "* ", -1);
	for (char **response = responses; *response; response++)
		if (parse_row(*response, &row))
			g_array_append_val(rows, row);
	g_array_sort(rows, by_uid);
	return rows;
}

char *truth_difference(Mailbox *m, const GArray *rows)
{
	if (mailbox_known(m) != rows->len || mailbox_total(m) != rows->len)
		return g_strdup_printf("%u rows known of %u, and the server has %u",
				       mailbox_known(m), mailbox_total(m), rows->len);
	for (guint i = 0; i < rows->len; i++) {
		const TruthRow *row = &g_array_index(rows, TruthRow, i);
		uint32_t uid = mailbox_uid_at(m, i);
		if (uid != row->uid)
			return g_strdup_printf("row %u is UID %u, and the server's %u", i, uid,
					       row->uid);
		Flags flags = mailbox_flags(m, uid, NULL) & FLAGS_SYSTEM;
		g_autofree char *ours = truth_flag_words(flags);
		g_autofree char *theirs = truth_flag_words(row->flags);
		if (flags != row->flags)
			return g_strdup_printf("UID %u has (%s), at the server (%s)", uid, ours,
					       theirs);
		MessageHead *head = mailbox_head(m, uid);
		if (head && truth_number(message_id(head)) != row->number)
			return g_strdup_printf("UID %u shows %s, at the server it is number %u",
					       uid, message_id(head), row->number);
	}
	return NULL;
}
