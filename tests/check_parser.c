#include "config.h"

#include <string.h>
#include "core/wire/parser.h"
#include "tests/cpu_time.h"
#include "tests/run.h"
#include "tests/wire_dump.h"

#define MALFORMED NULL

/* A response without its CRLF, and what comes of it. */
typedef struct {
	const char *bytes, *dump;
} Row;

static const Row rows[] = {
	/* Status lines. */
	{"* OK ready", "condition OK text='ready'"},
	{"* ok", "condition OK text=''"},
	{"* NO ", "condition NO text=''"},
	{"* BAD  Error {3}", "condition BAD text='Error {3}'"},
	{"* BYE Autologout", "condition BYE text='Autologout'"},
	{"* PREAUTH hi", "condition PREAUTH text='hi'"},
	{"A1 OK done", "tagged A1 OK text='done'"},
	{"a1 NO", "tagged a1 NO text=''"},
	{"a1 BAD ", "tagged a1 BAD text=''"},
	{"a1 BYE x", MALFORMED},
	{"a1", MALFORMED},
	{"a1 ", MALFORMED},
	{"a1 OKAY", MALFORMED},
	{"", MALFORMED},
	{" OK", MALFORMED},
	{"HTTP/1.1 400 Bad Request", MALFORMED},
	{"*", "other text=''"},
	{"* ", "other text=''"},
	{"*OK", MALFORMED},
	/* Response codes. */
	{"* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] hi",
	 "condition OK [CAPABILITY] args='IMAP4rev1 IDLE AUTH=PLAIN' "
	 "words=(IMAP4rev1|IDLE|AUTH=PLAIN) text='hi'"},
	{"* OK [HIGHESTMODSEQ 715194045007]",
	 "condition OK [HIGHESTMODSEQ] args='715194045007' modseq=715194045007 text=''"},
	{"* OK [UIDVALIDITY 3857529045] x",
	 "condition OK [UIDVALIDITY] args='3857529045' number=3857529045 text='x'"},
	{"* OK [UIDVALIDITY 1795371287059] x",
	 "condition OK [?] name='UIDVALIDITY' args='1795371287059' text='x'"},
	{"* OK [UIDNEXT 0] x", "condition OK [UIDNEXT] args='0' text='x'"},
	{"* OK [unseen 12 ] x", "condition OK [UNSEEN] args='12 ' number=12 text='x'"},
	{"* OK [PERMANENTFLAGS (\\Deleted \\Seen $x]y \\*)] Limited",
	 "condition OK [PERMANENTFLAGS] args='(\\Deleted \\Seen $x]y \\*)' "
	 "words=(\\Deleted|\\Seen|$x]y|\\*) text='Limited'"},
	{"* OK [PERMANENTFLAGS ()] none",
	 "condition OK [PERMANENTFLAGS] args='()' words=() text='none'"},
	{"* OK [PERMANENTFLAGS \\Seen] x",
	 "condition OK [?] name='PERMANENTFLAGS' args='\\Seen' text='x'"},
	{"* OK [INPROGRESS (\"A5]\" 175 1000)] working",
	 "condition OK [INPROGRESS] args='(\"A5]\" 175 1000)' number=175 goal=1000 tag='A5]' "
	 "text='working'"},
	{"* OK [INPROGRESS (\"A5\" 175 NIL)]",
	 "condition OK [INPROGRESS] args='(\"A5\" 175 NIL)' number=175 tag='A5' text=''"},
	{"* OK [inprogress (nil nil nil)] x",
	 "condition OK [INPROGRESS] args='(nil nil nil)' text='x'"},
	{"* OK [INPROGRESS] still here", "condition OK [INPROGRESS] text='still here'"},
	{"* OK [INPROGRESS (\"A5\" 1)] x",
	 "condition OK [?] name='INPROGRESS' args='(\"A5\" 1)' text='x'"},
	{"* OK [INPROGRESS (\"A5\" -1 9)] x",
	 "condition OK [?] name='INPROGRESS' args='(\"A5\" -1 9)' text='x'"},
	{"* NO [ALERT] Disk full", "condition NO [ALERT] text='Disk full'"},
	{"* OK [READ-ONLY]", "condition OK [READ-ONLY] text=''"},
	{"A1 OK [READ-WRITE] ok", "tagged A1 OK [READ-WRITE] text='ok'"},
	{"A1 NO [TRYCREATE]no", "tagged A1 NO [TRYCREATE] text='no'"},
	{"A1 NO [BADCHARSET] x", "tagged A1 NO [BADCHARSET] words=() text='x'"},
	{"A1 NO [BADCHARSET (UTF-8 \"US ASCII\")] x",
	 "tagged A1 NO [BADCHARSET] args='(UTF-8 \"US ASCII\")' words=(UTF-8|US ASCII) text='x'"},
	{"A1 NO [MYRIGHTS \"acd]lr\"] x",
	 "tagged A1 NO [?] name='MYRIGHTS' args='\"acd]lr\"' text='x'"},
	{"A1 OK [APPENDUID 38505 3955] x",
	 "tagged A1 OK [APPENDUID] args='38505 3955' number=38505 to=3955 text='x'"},
	{"A1 OK [APPENDUID 38505 0] x",
	 "tagged A1 OK [?] name='APPENDUID' args='38505 0' text='x'"},
	{"A1 OK [COPYUID 38505 304,319:320 3956:3958] Done",
	 "tagged A1 OK [COPYUID] args='38505 304,319:320 3956:3958' number=38505 "
	 "from=304,319:320 to=3956:3958 text='Done'"},
	{"A1 OK [COPYUID 1 1:4294967295 1:4294967295] x",
	 "tagged A1 OK [COPYUID] args='1 1:4294967295 1:4294967295' number=1 from=1:4294967295 "
	 "to=1:4294967295 text='x'"},
	{"A1 OK [COPYUID 1 1:3 1:4] x",
	 "tagged A1 OK [COPYUID] args='1 1:3 1:4' number=1 text='x'"},
	{"A1 OK [COPYUID 1 3,1 4:5] x",
	 "tagged A1 OK [COPYUID] args='1 3,1 4:5' number=1 text='x'"},
	{"A1 OK [COPYUID 1 1, 2] x", "tagged A1 OK [?] name='COPYUID' args='1 1, 2' text='x'"},
	{"A1 OK [COPYUID 1 * 2] x", "tagged A1 OK [?] name='COPYUID' args='1 * 2' text='x'"},
	{"A1 OK [COPYUID 1 1] x", "tagged A1 OK [?] name='COPYUID' args='1 1' text='x'"},
	{"A1 OK [MODIFIED 7,9] x", "tagged A1 OK [MODIFIED] args='7,9' from=7,9 text='x'"},
	{"A1 NO [REFERRAL imap://a/b;c] x", "tagged A1 NO [REFERRAL] args='imap://a/b;c' text='x'"},
	{"A1 NO [X-NEW a b] x", "tagged A1 NO [?] name='X-NEW' args='a b' text='x'"},
	{"A1 NO [ALERT never closed", "tagged A1 NO text='[ALERT never closed'"},
	{"A1 NO []", "tagged A1 NO text='[]'"},
	{"A1 NO [", "tagged A1 NO text='['"},
	{"A1 NO APPEND [TRYCREATE] failed", "tagged A1 NO text='APPEND [TRYCREATE] failed'"},
	/* Continuation. */
	{"+ idling", "continue text='idling'"},
	{"+ ", "continue text=''"},
	{"+", "continue text=''"},
	{"+ {3}", "continue text='{3}'"},
	/* Lists of words. */
	{"* CAPABILITY IMAP4rev1  LITERAL+ ", "capability words=(IMAP4rev1|LITERAL+)"},
	{"* CAPABILITY", "capability words=()"},
	{"* ENABLED CONDSTORE", "enabled words=(CONDSTORE)"},
	{"* ENABLED", "enabled words=()"},
	{"* FLAGS (\\Answered \\Seen $Forwarded a]b)",
	 "flags flags=(Seen Answered) keywords=($Forwarded|a]b)"},
	{"* FLAGS ()", "flags flags=()"},
	{"* FLAGS (\\ \\Foo \\sEEN x{5+} x\"y caf\xe9 a\x01 b% x\\y ok )",
	 "flags flags=(Seen) keywords=(ok)"},
	{"* FLAGS (a (b))", MALFORMED},
	{"* FLAGS \\Seen", MALFORMED},
	{"* FLAGS (\\Seen", MALFORMED},
	/* Mailboxes. */
	{"* LIST (\\HasNoChildren \\Sent \\x) \"/\" Sent",
	 "list attributes=(HasNoChildren Sent) delimiter=/ name='Sent'"},
	{"* LIST (\\noSELECT) \".\" {7}\r\nq\"uo\\te",
	 "list attributes=(Noselect) delimiter=. name='q\"uo\\te'"},
	{"* LIST () \"/\" \"q\\\"uo\\\\te\"", "list attributes=() delimiter=/ name='q\"uo\\te'"},
	{"* LIST (\\NoInferiors) NIL inbox", "list attributes=(Noinferiors) name='INBOX'"},
	{"* LIST () \"\\\\\" \"a\\\\b\"", "list attributes=() delimiter=\\ name='a\\b'"},
	{"* LIST () \"/\" &AOk-t&AOk-", "list attributes=() delimiter=/ name='&AOk-t&AOk-'"},
	{"* LIST () \"/\" \xc3\xa9t\xc3\xa9",
	 "list attributes=() delimiter=/ name='\xc3\xa9t\xc3\xa9'"},
	{"* LIST () \"/\" \"NIL\"", "list attributes=() delimiter=/ name='NIL'"},
	{"* LIST () \"/\" a]b%*", "list attributes=() delimiter=/ name='a]b%*'"},
	{"* LIST (\\Noselect) \"/\" \"\"", "list attributes=(Noselect) delimiter=/ name=''"},
	{"* LIST () \"\" x", "list attributes=() name='x'"},
	{"* LIST (\\Subscribed \\NonExistent) \"/\" Fruit (\"CHILDINFO\" (\"SUBSCRIBED\") OLDNAME "
	 "({1}\r\n())",
	 "list attributes=(NonExistent Subscribed) delimiter=/ name='Fruit'"},
	{"* LSUB () \"/\" \"../../x\"", "lsub attributes=() delimiter=/ name='../../x'"},
	{"* LIST () \"//\" x", MALFORMED},
	{"* LIST () \"/\" a b c", "list attributes=() delimiter=/ name='a'"},
	{"* LIST () \"/\"", MALFORMED},
	{"* LIST NIL \"/\" x", MALFORMED},
	{"* LIST () (\"/\") x", MALFORMED},
	{"* LIST () \"/\" (x)", MALFORMED},
	{"* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)",
	 "status name='blurdybloop' messages=231 uidnext=44292"},
	{"* STATUS \"a b\" (UNSEEN 3 RECENT 0 DELETED 4 SIZE 18446744073 HIGHESTMODSEQ 99 "
	 "UIDVALIDITY 1 )",
	 "status name='a b' recent=0 uidvalidity=1 unseen=3 deleted=4 highestmodseq=99 "
	 "size=18446744073"},
	{"* STATUS INBOX (MESSAGES 1 APPENDLIMIT NIL MAILBOXID (F1) unseen 2) ",
	 "status name='INBOX' messages=1 unseen=2 mailboxid='F1'"},
	{"* STATUS x (MAILBOXID NIL MESSAGES 1)", "status name='x' messages=1"},
	{"* STATUS x (MAILBOXID (\xe6V.) MESSAGES 1)", "status name='x' messages=1"},
	{"* STATUS x (MAILBOXID () MESSAGES 1)", "status name='x' messages=1"},
	{"* STATUS x (MAILBOXID (a b (c)) MESSAGES 1)", "status name='x' messages=1 mailboxid='a'"},
	{"* STATUS x (MAILBOXID)", MALFORMED},
	{"* STATUS {5}\r\ninBOX ()", "status name='INBOX'"},
	{"* STATUS x (MESSAGES 4294967296)", MALFORMED},
	{"* STATUS x (MESSAGES -1)", MALFORMED},
	{"* STATUS x (MESSAGES)", MALFORMED},
	{"* STATUS x (MESSAGES NIL)", MALFORMED},
	{"* STATUS x", MALFORMED},
	{"* STATUS (MESSAGES 1)", MALFORMED},
	/* Numbers. */
	{"* SEARCH 2 3 6", "search 2 3 6"},
	{"* SEARCH", "search"},
	{"* SEARCH ", "search"},
	{"* SEARCH 1 2 ", "search 1 2"},
	{"* search  7  (modseq 917162500)", "search 7 modseq=917162500"},
	{"* SORT 5 3 4 (MODSEQ 17)", "sort 5 3 4 modseq=17"},
	{"* SEARCH 0", MALFORMED},
	{"* SEARCH 4294967296", MALFORMED},
	{"* SEARCH 1 x", MALFORMED},
	{"* SEARCH 1,2", MALFORMED},
	{"* SEARCH 1 (X 2)", MALFORMED},
	{"* SEARCH 1)", MALFORMED},
	{"* ESEARCH (TAG \"A282\") MIN 2 COUNT 3", "esearch tag='A282' min=2 count=3"},
	{"* ESEARCH (TAG a1) UID COUNT 0 MIN 1 MAX 9 ALL 1:3,5 MODSEQ 12",
	 "esearch tag='a1' uid min=1 max=9 count=0 all=1:3,5 modseq=12"},
	{"* ESEARCH (TAG \"a\") UID PARTIAL (1:10 3,4) ALL 7", "esearch tag='a' uid all=7"},
	{"* ESEARCH (TAG \"a\") UID PARTIAL (-1:-40 3:5,9) COUNT 4", "esearch tag='a' uid count=4"},
	{"* ESEARCH (TAG \"a\") UID PARTIAL (-1:-40 NIL)", "esearch tag='a' uid"},
	{"* ESEARCH (TAG {2}\r\na1 MAILBOX x UIDVALIDITY 3)", "esearch tag='a1'"},
	{"* ESEARCH", "esearch"},
	{"* ESEARCH UID ALL 4:2", "esearch uid all=2:4"},
	{"* ESEARCH (TAG \"a\") ALL 1,", MALFORMED},
	{"* ESEARCH (TAG \"a\") ALL 1:*", MALFORMED},
	{"* ESEARCH (TAG \"a\") COUNT", MALFORMED},
	{"* VANISHED 41,43:116", "vanished uids=41,43:116"},
	{"* VANISHED (EARLIER) 1:4294967295", "vanished uids=1:4294967295 earlier"},
	{"* VANISHED (LATER) 1", MALFORMED},
	{"* VANISHED", MALFORMED},
	{"* VANISHED 1:*", MALFORMED},
	{"* VANISHED 0", MALFORMED},
	{"* 23 EXISTS", "exists 23"},
	{"* 0 EXISTS ", "exists 0"},
	{"* 4294967295 exists", "exists 4294967295"},
	{"* 4294967296 EXISTS", MALFORMED},
	{"* 5 RECENT", "recent 5"},
	{"* 44 EXPUNGE", "expunge 44"},
	{"* 0 EXPUNGE", "expunge 0"},
	{"* 5 RECENT x", MALFORMED},
	{"* 2 EXPUNGED", "expunge 2"},
	{"* 2 EXPUNGES", "other text='2 EXPUNGES'"},
	{"* 2 FETCHES", "other text='2 FETCHES'"},
	{"* 2 ", "other text='2 '"},
	{"* 2", MALFORMED},
	{"* 1 FETCH (UID 7)", "fetch seq=1 uid=7"},
	{"* 0 FETCH (UID 7)", MALFORMED},
	{"* 1 FETCH", MALFORMED},
	{"* 1 FETCH UID 7", MALFORMED},
	{"* 1 FETCH (UID 7) x", MALFORMED},
	/* RFC 5256 4: its own examples, then what servers make of it, and pieces of one. */
	{"* THREAD (2)(3 6 (4 23)(44 7 96))", "thread (2)(3 6(4 23)(44 7 96))"},
	{"* THREAD ((3)(5))", "thread ((3)(5))"},
	{"* thread (1) (2 (3) (4))", "thread (1)(2(3)(4))"},
	{"* THREAD", "thread "},
	{"* THREAD ", "thread "},
	{"* THREAD ()(1 ())(())", "thread (1)"},
	{"* THREAD 7 96))(1 (2", "thread 7 96))(1(2"},
	{"* THREAD ))", "thread ))"},
	{"* THREAD (1 (", "thread (1("},
	{"* THREAD (4294967295)", "thread (4294967295)"},
	{"* THREAD (0)", MALFORMED},
	{"* THREAD (1 4294967296)", MALFORMED},
	{"* THREAD (1,2)", MALFORMED},
	{"* THREAD NIL", MALFORMED},
	{"* THREADS (1)", "other text='THREADS (1)'"},
	/* Whatever else. */
	{"* NAMESPACE ((\"\" \"/\")) NIL NIL", "other text='NAMESPACE ((\"\" \"/\")) NIL NIL'"},
	{"* QUOTA \"ROOT\"", "other text='QUOTA \"ROOT\"'"},
	{"* ID ({4}\r\nname {2}\r\nGM)", "other text='ID ({4} {2})'"},
	{"* ((((", "other text='(((('"},
	{"* \"FETCH\"", "other text='\"FETCH\"'"},
};

static char *line_of(const Row *row, const char *end)
{
	return g_strconcat(row->bytes, end, NULL);
}

static void check_row(const Row *row, const char *got)
{
	if (row->dump == MALFORMED) {
		ck_assert_msg(g_str_has_prefix(got, "malformed: "), "'%s': %s", row->bytes, got);
	} else {
		g_autofree char *want = g_strconcat(row->dump, "\n", NULL);
		ck_assert_msg(strcmp(got, want) == 0, "'%s': got %s", row->bytes, got);
	}
}

START_TEST(test_rows)
{
	static const char *const ends[] = {"\r\n", "\n"};

	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *bytes = line_of(&rows[_i], ends[i]);
		g_autofree char *got = wire_dump_responses(NULL, bytes, strlen(bytes), NULL, 0);
		check_row(&rows[_i], got);
	}
}
END_TEST

START_TEST(test_rows_at_every_split_point)
{
	g_autofree char *bytes = line_of(&rows[_i], "\r\n");

	for (size_t cut = 0; cut <= strlen(bytes); cut++) {
		g_autofree char *got = wire_dump_responses(NULL, bytes, strlen(bytes), &cut, 1);
		check_row(&rows[_i], got);
	}
}
END_TEST

/* What one response leaves behind must not show in the next. */
START_TEST(test_rows_one_after_another)
{
	g_autoptr(GString) bytes = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		g_string_append_printf(bytes, "%s\r\n", rows[i].bytes);
	g_autofree char *got = wire_dump_responses(NULL, bytes->str, bytes->len, NULL, 0);
	lines = g_strsplit(got, "\n", -1);
	ck_assert_uint_eq(g_strv_length(lines), G_N_ELEMENTS(rows) + 1);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *line = g_strconcat(lines[i], "\n", NULL);
		check_row(&rows[i], line);
	}
}
END_TEST

/* T058: a name with a NUL in it would be taken for a shorter one. */
START_TEST(test_name_with_nul)
{
	static const char bytes[] = "* LIST () \"/\" {3}\r\na\0b\r\n";
	g_autofree char *got = wire_dump_responses(NULL, bytes, sizeof(bytes) - 1, NULL, 0);

	ck_assert_msg(g_str_has_prefix(got, "malformed: "), "%s", got);
}
END_TEST

typedef struct {
	const char *front, *middle, *back;
} Shape;

static bool reads_threads(unsigned opened, unsigned closed)
{
	g_autoptr(GString) text = g_string_new("* THREAD ");
	g_autoptr(Arena) arena = arena_new();
	Response response;

	for (unsigned i = 0; i < closed; i++)
		g_string_append_c(text, ')');
	for (unsigned i = 0; i < opened; i++)
		g_string_append_c(text, '(');
	g_string_append(text, "1");
	for (unsigned i = 0; i < opened; i++)
		g_string_append_c(text, ')');
	Frame frame = {.text = text->str, .len = text->len};
	bool read = parser_read(arena, &frame, &response, NULL);
	ck_assert(!read || response.threads.steps[0].opened == opened);
	ck_assert(!read || response.threads.steps[0].closed == closed);
	return read;
}

/* T045. */
START_TEST(test_depth_of_threads)
{
	ck_assert(reads_threads(1999, 0));
	ck_assert(reads_threads(2000, 0));
	ck_assert(!reads_threads(2001, 0));
	ck_assert(!reads_threads(500000, 0));
	ck_assert(reads_threads(2000, 2000));
	ck_assert(!reads_threads(2001, 2000));
	ck_assert(!reads_threads(1, 2001));
}
END_TEST

/* T044 and T046: every type of response, with its middle repeated. */
static const Shape shapes[] = {
	{"* OK ", "x", ""},
	{"* OK [CAPABILITY", " X", "]"},
	{"* OK [PERMANENTFLAGS (", "x ", ")] ok"},
	{"* OK [X ", "\"", "] ok"},
	{"* CAPABILITY", " X-Y", ""},
	{"* FLAGS (", "\\Seen keyword ", ")"},
	{"* LIST (", "\\Sent ", ") \"/\" x"},
	{"* LIST () \"/\" ", "x", ""},
	{"* LIST () \"/\" \"", "\\\"", "\""},
	{"* STATUS x (", "MESSAGES 1 ", ")"},
	{"* SEARCH", " 123", ""},
	{"* ESEARCH ALL 9", ",7", ""},
	{"* VANISHED 4000000000", ",7,5", ""},
	{"* THREAD ", "(", ")"},
	{"* THREAD (1", " (2)", ")"},
	{"* THREAD ", "(1 2)", ""},
	{"* 1 FETCH (", "FLAGS (\\Seen) ", ")"},
	{"* 1 FETCH (FLAGS (", "k ", "))"},
	{"* 1 FETCH (INTERNALDATE \"", "1", "\")"},
	{"* 1 FETCH (RFC822.SIZE ", "0", "1)"},
	{"* 1 FETCH (X-UNKNOWN ", "(", ")"},
	{"* 1 FETCH (BODY[] \"", "\"x", "\")"},
	{"* 1 FETCH (BODY[HEADER.FIELDS (", "x ", ")] \"\")"},
	{"* 1 FETCH (", "BODY[] {1}\r\nx ", ")"},
	{"* 1 FETCH (ENVELOPE (NIL \"", "s", "\" NIL NIL NIL NIL NIL NIL NIL NIL))"},
	{"* 1 FETCH (ENVELOPE (NIL NIL (", "(NIL NIL \"a\" \"b\")", ")))"},
	{"* 1 FETCH (ENVELOPE (NIL NIL (", "({1}\r\na NIL NIL NIL)", ")))"},
	{"* 1 FETCH (BODYSTRUCTURE ", "(", ")"},
	{"* 1 FETCH (BODYSTRUCTURE (", "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1)", " \"mixed\"))"},
	{"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" (", "\"k\" \"v\" ", ") NIL NIL \"7bit\" 1))"},
};

static double read_shape(const void *data, unsigned n)
{
	const Shape *shape = data;
	g_autoptr(GString) bytes = g_string_new(shape->front);
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autoptr(Arena) arena = arena_new();
	Frame frame;
	Response response;

	while (n-- > 0)
		g_string_append(bytes, shape->middle);
	g_string_append_printf(bytes, "%s\r\n", shape->back);
	framer_push(framer, bytes->str, bytes->len);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	double before = cpu_seconds();
	parser_read(arena, &frame, &response, NULL);
	arena_reset(arena);
	return cpu_seconds() - before;
}

START_TEST(test_time_is_linear)
{
	ck_assert_msg(takes_linear_time(read_shape, &shapes[_i], 2000), "%s", shapes[_i].front);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("parser", &tcase);

	tcase_add_loop_test(tcase, test_rows, 0, G_N_ELEMENTS(rows));
	tcase_add_loop_test(tcase, test_rows_at_every_split_point, 0, G_N_ELEMENTS(rows));
	tcase_add_test(tcase, test_rows_one_after_another);
	tcase_add_test(tcase, test_name_with_nul);
	tcase_add_test(tcase, test_depth_of_threads);
	tcase_add_loop_test(tcase, test_time_is_linear, 0, G_N_ELEMENTS(shapes));
	return run_suite(suite);
}
