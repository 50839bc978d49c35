#include "config.h"

#include <string.h>
#include "core/wire/writer.h"
#include "tests/run.h"

static Writer *w;

static void begin(CommandId id, Capability caps)
{
	writer_free(w);
	w = writer_new(&command_table[id], caps);
}

static void setup(void)
{
	w = NULL;
	begin(COMMAND_ID_NOOP, 0);
}

static void teardown(void)
{
	writer_free(w);
}

/* All segments with '|' between them. */
static char *sent(void)
{
	GString *out = g_string_new(NULL);

	ck_assert_pstr_eq(writer_failure(w), NULL);
	g_autoptr(GPtrArray) segments = writer_segments(w, "A1");
	for (size_t i = 0; i < segments->len; i++) {
		gsize len;
		const char *bytes = g_bytes_get_data(segments->pdata[i], &len);
		if (i > 0)
			g_string_append_c(out, '|');
		g_string_append_len(out, bytes, (gssize)len);
	}
	return g_string_free(out, FALSE);
}

static void expect_sent(const char *want)
{
	g_autofree char *got = sent();
	ck_assert_str_eq(got, want);
}

static void expect_log(const char *want)
{
	g_autofree char *got = writer_log(w);
	ck_assert_str_eq(got, want);
}

#define NOT_SENT NULL

/* One text by each of the ways to write it; NOT_SENT: refused. */
static const struct {
	const char *text, *atom, *string, *astring;
} choices[] = {
	{"INBOX", "INBOX", "\"INBOX\"", "INBOX"},
	{"\\Seen", "\\Seen", "\"\\\\Seen\"", "\"\\\\Seen\""},
	{"+FLAGS.SILENT", "+FLAGS.SILENT", "\"+FLAGS.SILENT\"", "+FLAGS.SILENT"},
	{"", NOT_SENT, "\"\"", "\"\""},
	{"nil", "nil", "\"nil\"", "\"nil\""},
	{"a b", NOT_SENT, "\"a b\"", "\"a b\""},
	{"a\"b\\c", NOT_SENT, "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
	{"a]b", "a]b", "\"a]b\"", "a]b"},
	{"50%", "50%", "\"50%\"", "\"50%\""},
	{"a*", "a*", "\"a*\"", "\"a*\""},
	{"(x)", NOT_SENT, "\"(x)\"", "\"(x)\""},
	{"a\tb", NOT_SENT, "\"a\tb\"", "\"a\tb\""},
	{"&AOk-t&AOk-", "&AOk-t&AOk-", "\"&AOk-t&AOk-\"", "&AOk-t&AOk-"},
	{"caf\xc3\xa9", NOT_SENT, "{5}\r\n|caf\xc3\xa9", "{5}\r\n|caf\xc3\xa9"},
	/* T067: what would end the command or announce a literal. */
	{"x\r\nA2 LOGOUT", NOT_SENT, "{12}\r\n|x\r\nA2 LOGOUT", "{12}\r\n|x\r\nA2 LOGOUT"},
	{"x\n", NOT_SENT, "{2}\r\n|x\n", "{2}\r\n|x\n"},
	{"x\r", NOT_SENT, "{2}\r\n|x\r", "{2}\r\n|x\r"},
	{"x{0}", NOT_SENT, "\"x{0}\"", "\"x{0}\""},
	{"x{5+}", NOT_SENT, "\"x{5+}\"", "\"x{5+}\""},
	{"{5}\r\nabcde", NOT_SENT, "{10}\r\n|{5}\r\nabcde", "{10}\r\n|{5}\r\nabcde"},
	{"\" LOGOUT", NOT_SENT, "\"\\\" LOGOUT\"", "\"\\\" LOGOUT\""},
	{"`touch x`", NOT_SENT, "\"`touch x`\"", "\"`touch x`\""},
	{"\x7f", NOT_SENT, "\"\x7f\"", "\"\x7f\""},
};

static void check_choice(void (*write)(Writer *, const char *), const char *text, const char *want)
{
	begin(COMMAND_ID_CREATE, 0);
	write(w, text);
	if (want == NOT_SENT) {
		ck_assert_msg(writer_failure(w) != NULL, "'%s'", text);
	} else {
		g_autofree char *line = g_strdup_printf("A1 CREATE %s\r\n", want);
		expect_sent(line);
	}
}

START_TEST(test_choice)
{
	check_choice(writer_atom, choices[_i].text, choices[_i].atom);
	check_choice(writer_string, choices[_i].text, choices[_i].string);
	check_choice(writer_astring, choices[_i].text, choices[_i].astring);
	check_choice(writer_mailbox, choices[_i].text, choices[_i].astring);
}
END_TEST

START_TEST(test_long_text_is_a_literal)
{
	for (size_t len = 999; len <= 1001; len++) {
		g_autofree char *text = g_strnfill(len, 'x');
		begin(COMMAND_ID_CREATE, 0);
		writer_astring(w, text);
		g_autofree char *got = sent();
		ck_assert_int_eq(strchr(got, '{') != NULL, len > 1000);
	}
}
END_TEST

/* T068. */
static const struct {
	Capability caps;
	size_t len;
	bool waits;
} literals[] = {
	{0, 1, true},
	{CAP_KNOWN, 1, true},
	{CAP(LITERAL_PLUS), 1, false},
	{CAP(LITERAL_PLUS), 100000, false},
	{CAP(LITERAL_MINUS), 4095, false},
	{CAP(LITERAL_MINUS), 4096, false},
	{CAP(LITERAL_MINUS), 4097, true},
	{CAP(LITERAL_MINUS) | CAP(LITERAL_PLUS), 4097, false},
	{CAP(IMAP4REV1) | CAP(IDLE), 1, true},
};

START_TEST(test_literal_forms)
{
	size_t len = literals[_i].len;
	g_autofree char *text = g_strnfill(len, 'x');
	g_autoptr(GBytes) data = g_bytes_new(text, len);
	bool waits = literals[_i].waits;
	g_autofree char *want = g_strdup_printf("A1 APPEND x {%zu%s}\r\n%s%s \"\"\r\n", len,
						waits ? "" : "+", waits ? "|" : "", text);

	begin(COMMAND_ID_APPEND, literals[_i].caps);
	writer_mailbox(w, "x");
	writer_literal(w, data);
	writer_string(w, "");
	expect_sent(want);
}
END_TEST

START_TEST(test_literal_bytes)
{
	static const char bytes[] = "a\r\n\xff\x01";
	g_autoptr(GBytes) data = g_bytes_new_static(bytes, 5);
	g_autoptr(GBytes) none = g_bytes_new_static("", 0);
	g_autoptr(GBytes) nul = g_bytes_new_static("a\0b", 3);

	begin(COMMAND_ID_APPEND, 0);
	writer_literal(w, data);
	writer_literal(w, none);
	expect_sent("A1 APPEND {5}\r\n|a\r\n\xff\x01 {0}\r\n|\r\n");
	begin(COMMAND_ID_APPEND, 0);
	writer_literal(w, nul);
	ck_assert_str_eq(writer_failure(w), "a NUL byte cannot be sent");
}
END_TEST

START_TEST(test_arguments_and_blanks)
{
	static const char *const flags[] = {"\\Seen", "$Junk", NULL};
	static const char *const none[] = {NULL};
	g_autoptr(UidSet) uids = uidset_parse("3,1:2,9", 7, 0);

	begin(COMMAND_ID_UID_STORE, 0);
	writer_uids(w, uids);
	writer_list(w, flags);
	writer_list(w, none);
	writer_open(w);
	writer_open(w);
	writer_number(w, UINT64_MAX);
	writer_close(w);
	writer_string(w, "x");
	writer_close(w);
	writer_raw(w, "BODY.PEEK[HEADER.FIELDS (A)]<0.5>");
	ck_assert_ptr_null(writer_uid_argument(w));
	expect_sent("A1 UID STORE 1:3,9 (\\Seen $Junk) () ((18446744073709551615) \"x\") "
		    "BODY.PEEK[HEADER.FIELDS (A)]<0.5>\r\n");
}
END_TEST

START_TEST(test_verb_alone)
{
	expect_log("NOOP");
	ck_assert_int_eq(writer_spec(w)->id, COMMAND_ID_NOOP);
	expect_sent("A1 NOOP\r\n");
}
END_TEST

START_TEST(test_free_line)
{
	begin(COMMAND_ID_XATOM, 0);
	writer_raw(w, "X-FOO bar");
	expect_log("X-FOO bar");
	expect_sent("A1 X-FOO bar\r\n");
}
END_TEST

static const char *const raw_refused[] = {
	"NOOP\r\nA2 LOGOUT", "NOOP\n", "\r", "NOOP {5}", "NOOP {5+}", "{0}", "NOOP ~{12}",
};

START_TEST(test_raw_refused)
{
	begin(COMMAND_ID_XATOM, 0);
	writer_raw(w, raw_refused[_i]);
	ck_assert_ptr_nonnull(writer_failure(w));
}
END_TEST

START_TEST(test_raw_accepted)
{
	static const char *const texts[] = {"a{5} b", "{}", "}", "+}", "{x}", "\"{5}\""};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		begin(COMMAND_ID_XATOM, 0);
		writer_raw(w, texts[i]);
		ck_assert_pstr_eq(writer_failure(w), NULL);
	}
}
END_TEST

START_TEST(test_failure_sticks)
{
	g_autoptr(UidSet) empty = uidset_new();

	begin(COMMAND_ID_UID_FETCH, 0);
	writer_uids(w, empty);
	ck_assert_str_eq(writer_failure(w), "no message was named");
	writer_atom(w, "a b");
	writer_atom(w, "x");
	writer_string(w, "x");
	writer_open(w);
	writer_close(w);
	ck_assert_str_eq(writer_failure(w), "no message was named");
	expect_log("UID FETCH");
}
END_TEST

START_TEST(test_uid_argument)
{
	g_autoptr(UidSet) uids = uidset_new_range(4, 6);

	begin(COMMAND_ID_FETCH, 0);
	writer_uids(w, uids);
	ck_assert_ptr_null(writer_uid_argument(w));
	begin(COMMAND_ID_UID_FETCH, 0);
	ck_assert_ptr_null(writer_uid_argument(w));
	writer_uids(w, uids);
	uidset_add(uids, 9);
	g_autofree char *kept = uidset_format(writer_uid_argument(w));
	ck_assert_str_eq(kept, "4:6");
}
END_TEST

START_TEST(test_mailbox_argument)
{
	begin(COMMAND_ID_RENAME, 0);
	ck_assert_ptr_null(writer_mailbox_argument(w));
	writer_mailbox(w, "a b");
	writer_mailbox(w, "c");
	ck_assert_str_eq(writer_mailbox_argument(w), "a b");
}
END_TEST

START_TEST(test_names_are_spelled_again)
{
	begin(COMMAND_ID_RENAME, 0);
	writer_mailbox(w, "Caf&AOk-");
	ck_assert(writer_is_utf8(w));
	writer_mailbox(w, "plain");
	writer_mailbox(w, "R&-D");
	ck_assert(writer_spell(w, CAP(UTF8_ACCEPT)));
	ck_assert(!writer_spell(w, CAP(IMAP4REV2)));
	expect_log("RENAME \"Caf\xc3\xa9\" plain R&D");
	ck_assert(writer_spell(w, 0));
	expect_log("RENAME Caf&AOk- plain R&-D");
	ck_assert(writer_spell(w, CAP(UTF8_ACCEPT)));
	expect_sent("A1 RENAME \"Caf\xc3\xa9\" plain R&D\r\n");
}
END_TEST

START_TEST(test_other_names_are_not)
{
	begin(COMMAND_ID_RENAME, 0);
	writer_mailbox(w, "plain");
	writer_mailbox(w, "&no");
	ck_assert(!writer_is_utf8(w));
	ck_assert(!writer_spell(w, CAP(UTF8_ACCEPT)));
	expect_sent("A1 RENAME plain &no\r\n");
}
END_TEST

START_TEST(test_log_hides_secrets)
{
	begin(COMMAND_ID_LOGIN, CAP(LITERAL_PLUS));
	writer_string(w, "me");
	writer_string(w, "s3cret\xc3\xa9");
	expect_log("LOGIN …");
	expect_sent("A1 LOGIN \"me\" {8+}\r\ns3cret\xc3\xa9\r\n");
	begin(COMMAND_ID_XATOM, 0);
	writer_raw(w, "login me s3cret");
	g_autofree char *log = writer_log(w);
	ck_assert_ptr_null(strstr(log, "s3cret"));
}
END_TEST

START_TEST(test_log_is_one_clean_line)
{
	g_autoptr(GBytes) data = g_bytes_new_static("From: x\r\n\r\nhi", 13);

	begin(COMMAND_ID_APPEND, 0);
	writer_mailbox(w, "a\x1b[0m");
	writer_string(w, "x\r\ny");
	writer_literal(w, data);
	expect_log("APPEND \"a?[0m\" {4} {13}");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("writer", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_choice, 0, G_N_ELEMENTS(choices));
	tcase_add_test(tcase, test_long_text_is_a_literal);
	tcase_add_loop_test(tcase, test_literal_forms, 0, G_N_ELEMENTS(literals));
	tcase_add_test(tcase, test_literal_bytes);
	tcase_add_test(tcase, test_arguments_and_blanks);
	tcase_add_test(tcase, test_verb_alone);
	tcase_add_test(tcase, test_free_line);
	tcase_add_loop_test(tcase, test_raw_refused, 0, G_N_ELEMENTS(raw_refused));
	tcase_add_test(tcase, test_raw_accepted);
	tcase_add_test(tcase, test_failure_sticks);
	tcase_add_test(tcase, test_uid_argument);
	tcase_add_test(tcase, test_mailbox_argument);
	tcase_add_test(tcase, test_names_are_spelled_again);
	tcase_add_test(tcase, test_other_names_are_not);
	tcase_add_test(tcase, test_log_hides_secrets);
	tcase_add_test(tcase, test_log_is_one_clean_line);
	return run_suite(suite);
}
