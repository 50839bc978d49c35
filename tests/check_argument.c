/* What is typed behind a verb, and what of it goes over the line. */
#include "config.h"

#include <string.h>
#include "core/base/error.h"
#include "core/command/argument.h"
#include "core/command/call.h"
#include "tests/run.h"

/* --- words --- */

/* Each as "form:text", bare ones without their form. */
static char *described(const GPtrArray *words)
{
	static const char *const forms[] = {"", "quoted:", "listed:", "file:"};
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < words->len; i++) {
		const Word *word = words->pdata[i];
		g_string_append_printf(out, "%s%s%s", i ? "|" : "", forms[word->form], word->text);
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *line, *words; /* words NULL: refused */
} cut[] = {
	{"", ""},
	{"  noop\t", "noop"},
	{"login me \"a b\"", "login|me|quoted:\"a b\""},
	{"a \"b\\\" c\" d", "a|quoted:\"b\\\" c\"|d"},
	{"fetch 1:* (FLAGS UID)", "fetch|1:*|listed:(FLAGS UID)"},
	{"fetch 1 BODY[HEADER.FIELDS (TO CC)]<0.9>", "fetch|1|BODY[HEADER.FIELDS (TO CC)]<0.9>"},
	{"fetch 1 (BODY[HEADER.FIELDS (TO \")\")])",
	 "fetch|1|listed:(BODY[HEADER.FIELDS (TO \")\")])"},
	{"append INBOX <a file", "append|INBOX|file:a|file"},
	{"append INBOX <\"x", NULL},
	{"append INBOX </tmp/x", "append|INBOX|file:/tmp/x"},
	{"a (b", NULL},
	{"a b)", NULL},
	{"a (b]", NULL},
	{"a \"b", NULL},
	{"a \"b\\\"", NULL},
	{"a \"b\"c", "a|\"b\"c"},
};

START_TEST(test_words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) words = words_split(cut[_i].line, &error);

	ck_assert_msg(!words == !cut[_i].words, "%s", cut[_i].line);
	if (!words) {
		ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE));
		return;
	}
	g_autofree char *got = described(words);
	ck_assert_str_eq(got, cut[_i].words);
}
END_TEST

START_TEST(test_value)
{
	g_autoptr(GPtrArray) words = words_split("\"a\\\"b\\\\\" None none \"None\" (a)", NULL);
	g_autofree char *quoted = word_value(words->pdata[0]);
	g_autofree char *listed = word_value(words->pdata[4]);

	ck_assert_str_eq(quoted, "a\"b\\");
	ck_assert_str_eq(listed, "(a)");
	ck_assert(word_is_none(words->pdata[1]));
	ck_assert(!word_is_none(words->pdata[2]));
	ck_assert(!word_is_none(words->pdata[3]));
}
END_TEST

/* --- what is written --- */

static GBytes *read_file(const char *path, void *data, GError **error)
{
	(void)data;
	if (strcmp(path, "two-lines") == 0)
		return g_bytes_new_static("a\nb\r\nc\rd", 8);
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE, "no such file");
	return NULL;
}

enum { RAW = 1, UTF8 = 2, KEEP_EOL = 4 };

static const struct {
	const char *line, *sent; /* behind the tag, '|' between segments; sent NULL: refused */
	unsigned options;
} written[] = {
	/* Defaults. */
	{"select", "SELECT INBOX\r\n", 0},
	{"select None", "SELECT INBOX\r\n", 0},
	{"SELECT Box (CONDSTORE)", "SELECT Box (CONDSTORE)\r\n", 0},
	{"select Box readonly", "EXAMINE Box\r\n", 0},
	{"list", "LIST \"\" \"*\"\r\n", 0},
	{"lsub", "LSUB \"\" \"*\"\r\n", 0},
	{"list \"\" % RETURN (STATUS (UNSEEN))", "LIST \"\" \"%\" RETURN (STATUS (UNSEEN))\r\n", 0},
	{"compress", "COMPRESS DEFLATE\r\n", 0},
	{"id", "ID NIL\r\n", 0},
	/* Mailboxes. */
	{"create \"My box\"", "CREATE \"My box\"\r\n", 0},
	{"create Entwürfe", "CREATE Entw&APw-rfe\r\n", 0},
	{"create Entwürfe", "CREATE \"Entwürfe\"\r\n", UTF8},
	{"create R&D", "CREATE R&-D\r\n", 0},
	{"create R&-D", "CREATE R&-D\r\n", RAW},
	{"create Entwürfe", "CREATE {9}\r\n|Entwürfe\r\n", RAW},
	{"create Sent (USE (\\Sent))", "CREATE Sent (USE (\\Sent))\r\n", 0},
	{"rename a \"b c\"", "RENAME a \"b c\"\r\n", 0},
	/* Names, passwords. */
	{"login me secret", "LOGIN me \"secret\"\r\n", 0},
	{"login \"a b\" \"x\\\"y\"", "LOGIN \"a b\" \"x\\\"y\"\r\n", 0},
	{"login me schlüssel", "LOGIN me {10}\r\n|schlüssel\r\n", 0},
	{"setacl INBOX bob lrs", "SETACL INBOX bob lrs\r\n", 0},
	{"getquota \"\"", "GETQUOTA \"\"\r\n", 0},
	/* Parentheses. */
	{"store 1 +FLAGS \\Deleted", "STORE 1 +FLAGS (\\Deleted)\r\n", 0},
	{"store 1:* FLAGS (\\Seen a)", "STORE 1:* FLAGS (\\Seen a)\r\n", 0},
	{"store 1 \"+FLAGS\" \"\\\\Seen a\"", "STORE 1 \"+FLAGS\" (\\Seen a)\r\n", 0},
	{"uid store 5 +FLAGS.SILENT \\Seen", "UID STORE 5 +FLAGS.SILENT (\\Seen)\r\n", 0},
	{"store 1 (UNCHANGEDSINCE 7) FLAGS \\Seen", "STORE 1 (UNCHANGEDSINCE 7) FLAGS (\\Seen)\r\n",
	 0},
	{"sort DATE UTF-8 ALL", "SORT (DATE) UTF-8 ALL\r\n", 0},
	{"sort \"REVERSE DATE\" UTF-8 ALL", "SORT (REVERSE DATE) UTF-8 ALL\r\n", 0},
	{"setmetadata INBOX (/private/comment \"für (uns)\" /shared/x \"a\\\"b\" /shared/y NIL)",
	 "SETMETADATA INBOX (/private/comment {10}\r\n|für (uns) /shared/x \"a\\\"b\" /shared/y "
	 "NIL)\r\n",
	 0},
	{"setmetadata \"\" (/private/comment \"a\nb\rc\")",
	 "SETMETADATA \"\" (/private/comment {5}\r\n|a\nb\rc)\r\n", 0},
	{"setmetadata \"\" (/private/comment \"für\")",
	 "SETMETADATA \"\" (/private/comment \"für\")\r\n", UTF8},
	{"setannotation INBOX \"/comment\" (\"value.shared\" \"a\r\nb\")",
	 "SETANNOTATION INBOX \"/comment\" (\"value.shared\" {4}\r\n|a\r\nb)\r\n", 0},
	{"id (\"name\" \"für\")", "ID (\"name\" {4}\r\n|für)\r\n", 0},
	{"search UTF-8 (OR FROM für (SUBJECT \"x\"))",
	 "SEARCH CHARSET UTF-8 (OR FROM {4}\r\n|für (SUBJECT \"x\"))\r\n", 0},
	{"setquota \"\" (STORAGE 9)", "SETQUOTA \"\" (STORAGE 9)\r\n", 0},
	{"status INBOX \"MESSAGES UNSEEN\"", "STATUS INBOX (MESSAGES UNSEEN)\r\n", 0},
	/* Searches. */
	{"search None FROM \"LDJ\"", "SEARCH FROM \"LDJ\"\r\n", 0},
	{"search UTF-8 FROM für", "SEARCH CHARSET UTF-8 FROM {4}\r\n|für\r\n", 0},
	{"search UTF-8 FROM \"für uns\"", "SEARCH CHARSET UTF-8 FROM {8}\r\n|für uns\r\n", 0},
	{"search UTF-8 ALL", NULL, UTF8},
	{"search None FROM für", "SEARCH FROM \"für\"\r\n", UTF8},
	{"uid search RETURN (MIN) ALL", "UID SEARCH RETURN (MIN) ALL\r\n", 0},
	{"search None SUBJECT {5}", "SEARCH SUBJECT \"{5}\"\r\n", 0},
	{"search None", NULL, 0},
	{"notify NONE", "NOTIFY NONE\r\n", 0},
	{"thread REFS UTF-8 ALL", "THREAD REFS UTF-8 ALL\r\n", 0},
	{"fetch 1:* (FLAGS UID)", "FETCH 1:* (FLAGS UID)\r\n", 0},
	{"uid fetch $ BODY.PEEK[]", "UID FETCH $ BODY.PEEK[]\r\n", 0},
	{"partial 1 RFC822 1 10", "PARTIAL 1 RFC822 1 10\r\n", 0},
	/* Messages. */
	{"append INBOX \\Seen \"\" <two-lines",
	 "APPEND INBOX (\\Seen) {10}\r\n|a\r\nb\r\nc\r\nd\r\n", 0},
	{"append None None None <two-lines", "APPEND INBOX {10}\r\n|a\r\nb\r\nc\r\nd\r\n", 0},
	{"append Box <two-lines", "APPEND Box {8}\r\n|a\nb\r\nc\rd\r\n", KEEP_EOL},
	{"append Box <two-lines", "APPEND Box () UTF8 (~{10}\r\n|a\r\nb\r\nc\r\nd)\r\n", UTF8},
	{"append Box \\Seen <two-lines",
	 "APPEND Box (\\Seen) UTF8 (~{10}\r\n|a\r\nb\r\nc\r\nd)\r\n", UTF8},
	{"append Box None \"01-Jan-2026 00:00:00 +0000\" hello",
	 "APPEND Box \"01-Jan-2026 00:00:00 +0000\" {5}\r\n|hello\r\n", 0},
	{"append Box None yesterday <two-lines", NULL, 0},
	{"append Box <two-lines (\\Seen) None <two-lines",
	 "APPEND Box {10}\r\n|a\r\nb\r\nc\r\nd (\\Seen) {10}\r\n|a\r\nb\r\nc\r\nd\r\n", 0},
	{"append Box <missing", NULL, 0},
	{"search None <two-lines", NULL, 0},
	/* Too few, too many. */
	{"noop 1", NULL, 0},
	{"copy 1", NULL, 0},
	{"copy 1 a b", NULL, 0},
	{"delete", NULL, 0},
	/* What nobody knows. */
	{"xatom XPIG LATIN \"a b\"", "XPIG LATIN \"a b\"\r\n", 0},
	{"XPIG", "XPIG\r\n", 0},
};

static char *joined(Writer *w)
{
	g_autoptr(GPtrArray) segments = writer_segments(w, "A");
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < segments->len; i++) {
		gsize len;
		const char *bytes = g_bytes_get_data(segments->pdata[i], &len);
		g_string_append_printf(out, "%s%.*s", i ? "|" : "", (int)len, bytes);
	}
	g_string_erase(out, 0, 2);
	return g_string_free(out, FALSE);
}

START_TEST(test_written)
{
	unsigned options = written[_i].options;
	ArgumentOptions how = {.raw = options & RAW,
			       .utf8 = options & UTF8,
			       .keep_eol = options & KEEP_EOL,
			       .read_file = read_file};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) words = words_split(written[_i].line, &error);
	guint first;
	const CommandSpec *spec = call_find(words, &first, &error);
	g_autoptr(Writer) w = writer_new(spec, options & UTF8 ? CAP(UTF8_ACCEPT) : 0);
	bool ok = argument_write(w, words, first, &how, &error);

	ck_assert_msg(ok == !!written[_i].sent, "%s: %s", written[_i].line,
		      error ? error->message : "was not refused");
	if (!ok) {
		ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE));
		return;
	}
	ck_assert_pstr_eq(writer_failure(w), NULL);
	g_autofree char *sent = joined(w);
	ck_assert_str_eq(sent, written[_i].sent);
}
END_TEST

START_TEST(test_usage)
{
	g_autofree char *select = argument_usage(&command_table[COMMAND_ID_SELECT]);
	g_autofree char *copy = argument_usage(&command_table[COMMAND_ID_UID_COPY]);

	ck_assert_str_eq(select, "select [MAILBOX] [WORDS …]");
	ck_assert_str_eq(copy, "uid copy SET MAILBOX");
}
END_TEST

/* Every row of the table can be read. */
START_TEST(test_table)
{
	g_autofree char *usage = argument_usage(&command_table[_i]);

	ck_assert_uint_gt(strlen(usage), 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("argument", &tcase);

	tcase_add_loop_test(tcase, test_words, 0, G_N_ELEMENTS(cut));
	tcase_add_test(tcase, test_value);
	tcase_add_loop_test(tcase, test_written, 0, G_N_ELEMENTS(written));
	tcase_add_test(tcase, test_usage);
	tcase_add_loop_test(tcase, test_table, 0, COMMAND_COUNT);
	return run_suite(suite);
}
