#include "config.h"

#include <string.h>
#include "core/account/facts.h"
#include "core/wire/parser.h"
#include "tests/run.h"
#include "ui/panel/folder_info.h"

static Framer *framer;
static Arena *arena;
static Facts facts;

static void setup(void)
{
	framer = framer_new(NULL);
	arena = arena_new();
	facts_init(&facts, "INBOX");
}

static void teardown(void)
{
	facts_clear(&facts);
	arena_free(arena);
	framer_free(framer);
}

static void hear(const char *line)
{
	Frame frame;
	Response response;

	framer_push(framer, line, strlen(line));
	framer_push(framer, "\r\n", 2);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	if (parser_read(arena, &frame, &response, NULL))
		facts_take(&facts, &response);
}

/* All told, as the panel has it. */
static char *shown(void)
{
	Folder folder = {.name = "INBOX",
			 .path = "INBOX",
			 .role = FOLDER_ROLE_INBOX,
			 .exists = true,
			 .counted = true,
			 .messages = 1234,
			 .unseen = 5,
			 .uidvalidity = 7};

	for (FactKind kind = 0; kind < FACT_KINDS; kind++)
		if (facts.state[kind] == FACT_UNASKED)
			facts.state[kind] = FACT_TOLD;
	g_autoptr(MimeDoc) doc = folder_info_document(&folder, &facts, 76);
	return doc_to_text(doc, false);
}

static void expect_shown(const char *line)
{
	g_autofree char *text = shown();

	ck_assert_msg(strstr(text, line) != NULL, "%s is not in:\n%s", line, text);
}

static void expect_hidden(const char *line)
{
	g_autofree char *text = shown();

	ck_assert_msg(strstr(text, line) == NULL, "%s is in:\n%s", line, text);
}

static const struct {
	const char *told, *shown;
} lines[] = {
	{"* STATUS inbox (SIZE 1258291 MAILBOXID (F-1))", "Size        1.2M\n"},
	{"* STATUS INBOX (MAILBOXID (F-1))", "Identifiers UIDVALIDITY 7, MAILBOXID F-1\n"},
	{"* STATUS Other (SIZE 5)", "Messages    1234, 5 unread\nQuota       no limit\n"},
	{"* QUOTA \"User quota\" (STORAGE 184 200)",
	 "Quota       User quota: 184K of 200K used (92%)\n"},
	{"* QUOTA \"\" (STORAGE 1 0)", "Quota       1.0K used, no limit\n"},
	{"* QUOTA a (MESSAGE 45 50 MAILBOX 3 9)",
	 "Quota       a: 45 of 50 messages used (90%)\n            a: 3 of 9 folders used (33%)\n"},
	{"* QUOTA a (\"\x1b[2J\" 1 2)", "Quota       a: 1 of 2 ␛[2J used (50%)\n"},
	{"* QUOTA a (STORAGE 9223372036854775807 1)", "of 1.0K used (999%)\n"},
	{"* MYRIGHTS INBOX lrswipkxtea", "You may     do everything\n"},
	{"* MYRIGHTS INBOX lr",
	 "You may     see that it is there, read\nYou may not mark as read or unread,"},
	{"* MYRIGHTS INBOX acdilprsw", "You may     do everything\n"},
	{"* MYRIGHTS INBOX ailprsw",
	 "You may not create folders below, delete or rename it, mark as"},
	{"* MYRIGHTS INBOX cdlrswipkxte", "You may not give rights to others\n"},
	{"* MYRIGHTS INBOX \"\"", "You may     nothing\n"},
	{"* METADATA INBOX (/shared/comment {5}\r\na\r\nb\x1b)", "Comment     a b␛\n"},
	{"* METADATA INBOX (/private/comment \"\xe2\x80\xae\")", "no limit\n"},
	{"* ID (\"name\" \"Dovecot\" \"version\" \"2\x9b\")", "Server      Dovecot 2"},
	{"* ID (\"version\" \"2\")", "Server      not told\n"},
	{"* ID NIL", "Server      not told\n"},
};

START_TEST(a_line_of_the_panel)
{
	hear(lines[_i].told);
	expect_shown(lines[_i].shown);
}
END_TEST

static const char *const ignored[] = {
	"* MYRIGHTS Other lr",
	"* METADATA Other (/shared/comment \"x\")",
	"* METADATA INBOX /shared/comment",
	"* METADATA INBOX (/shared/comment)",
	"* MYRIGHTS INBOX (lr)",
	"* QUOTA a (STORAGE NIL 5)",
	"* QUOTAROOT INBOX a b",
	"* NAMESPACE NIL NIL NIL",
	"* 5 EXISTS",
	"* OK ID",
};

START_TEST(what_is_not_about_it)
{
	g_autofree char *before = shown();

	hear(ignored[_i]);
	g_autofree char *after = shown();
	ck_assert_str_eq(before, after);
}
END_TEST

/* T052, T073: however much is told, it stays a panel. */
START_TEST(a_flood)
{
	for (unsigned i = 0; i < 5000; i++) {
		g_autofree char *line = g_strdup_printf("* QUOTA r%u (STORAGE 1 2)", i);
		hear(line);
	}
	ck_assert_uint_eq(facts.quotas->len, QUOTA_USES_MAX);
	GString *comment = g_string_new("* METADATA INBOX (/shared/comment \"");
	for (unsigned i = 0; i < 100000; i++)
		g_string_append(comment, "ab ");
	g_string_append(comment, "\")");
	hear(comment->str);
	ck_assert_uint_le(strlen(facts.shared_comment), 4096);
	expect_shown("…\n");
	g_string_free(comment, TRUE);
}
END_TEST

START_TEST(what_is_not_told)
{
	facts.state[FACT_QUOTA] = FACT_REFUSED;
	facts.state[FACT_RIGHTS] = FACT_ASKED;
	expect_shown("Quota       not told\nYou may     …\n");
	expect_shown("Connection  none");
	facts.connected = facts.secure = facts.compressed = true;
	facts.encryption = g_strdup("TLSv1.3");
	expect_shown("Connection  encrypted (TLSv1.3), compressed\n");
	expect_hidden("Size");
	expect_hidden("omment");
}
END_TEST

/* The same root again takes the place of what it said before. */
START_TEST(a_root_again)
{
	hear("* QUOTA a (STORAGE 10 100 MESSAGE 99 100)");
	hear("* QUOTA b (STORAGE 50 100)");
	ck_assert_uint_eq(quota_percent(quota_fullest(facts.quotas)), 99);
	hear("* QUOTA a (STORAGE 20 100)");
	ck_assert_uint_eq(facts.quotas->len, 2);
	ck_assert_uint_eq(quota_percent(quota_fullest(facts.quotas)), 50);
	hear("* QUOTA b ()");
	ck_assert_uint_eq(quota_percent(quota_fullest(facts.quotas)), 20);
	hear("* QUOTA a");
	ck_assert_ptr_null(quota_fullest(facts.quotas));
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("facts", &test);

	tcase_add_checked_fixture(test, setup, teardown);
	tcase_add_loop_test(test, a_line_of_the_panel, 0, G_N_ELEMENTS(lines));
	tcase_add_loop_test(test, what_is_not_about_it, 0, G_N_ELEMENTS(ignored));
	tcase_add_test(test, a_flood);
	tcase_add_test(test, what_is_not_told);
	tcase_add_test(test, a_root_again);
	return run_suite(suite);
}
