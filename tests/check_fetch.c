#include "config.h"

#include <string.h>
#include "core/wire/parser.h"
#include "core/wire/structure.h"
#include "tests/run.h"
#include "tests/wire_dump.h"

#define MALFORMED NULL

/* What stands in the parentheses of "* 1 FETCH (…)", and what comes of it behind "fetch seq=1". */
typedef struct {
	const char *items, *dump;
} Row;

#define ADDRESS "((\"A\" NIL \"a\" \"x.org\"))"

static const Row rows[] = {
	/* Small items, in any order. */
	{"", ""},
	{"UID 7 FLAGS (\\Seen)", " uid=7 flags=(Seen)"},
	{"FLAGS (\\answered \\Recent $Junk a]b) MODSEQ (65402) UID 4294967295",
	 " uid=4294967295 flags=(Answered Recent) keywords=($Junk|a]b) modseq=65402"},
	{" flags  ()  uid 1 ", " uid=1 flags=()"},
	{"RFC822.SIZE 44827", " size=44827"},
	{"RFC822.SIZE 8589934592", " size=8589934592"},
	{"UID 0", MALFORMED},
	{"UID 4294967296", MALFORMED},
	{"UID \"7\"", MALFORMED},
	{"UID NIL", MALFORMED},
	{"UID", MALFORMED},
	{"RFC822.SIZE -1", MALFORMED},
	{"MODSEQ 12", MALFORMED},
	{"MODSEQ (9223372036854775808)", MALFORMED},
	{"FLAGS NIL", MALFORMED},
	{"FLAGS 0", MALFORMED},
	/* Items that nobody asked for. */
	{"X-GM-MSGID 1278455344230334865 UID 1 X-GM-LABELS (\"\\\\Inbox\" {1}\r\n) b) EMAILID (M6) "
	 "PREVIEW NIL SAVEDATE \"x\" FLAGS (\\Draft)",
	 " uid=1 flags=(Draft) preview=NIL"},
	{"X-GM-LABELS (\\Inbox \"Two words\") X-GM-THRID 12 UID 2", " uid=2"},
	{"EMAILID (M00000001) THREADID NIL SAVEDATE NIL UID 3", " uid=3"},
	{"THREADID (T-_3) SAVEDATE \"17-Jul-1996 02:44:25 -0700\" PREVIEW {3}\r\na)b UID 4",
	 " uid=4 preview=a)b"},
	{"PREVIEW (x) UID 4", " uid=4"},
	{"MODSEQ (9223372036854775807) UID 5", " uid=5 modseq=9223372036854775807"},
	{"BINARY.SIZE[1.2] 4 UID 1", " uid=1"},
	{"BODY.X[HEADER.FIELDS (\"a]b\")]<3> (x {1}\r\n)) UID 1", " uid=1"},
	{"X", MALFORMED},
	{"(UID 1)", MALFORMED},
	{"\"UID\" 1", MALFORMED},
	/* INTERNALDATE. */
	{"INTERNALDATE \"01-Jan-1970 00:00:00 +0000\"", " date=0"},
	{"INTERNALDATE \"17-Jul-1996 02:44:25 -0700\"", " date=837596665"},
	{"INTERNALDATE \" 1-Feb-2024 00:00:00 +0530\"", " date=1706725800"},
	{"INTERNALDATE \"1-feb-2024 00:00:00 +0530\"", " date=1706725800"},
	{"INTERNALDATE \"29-Feb-2024 23:59:60 +0000\"", " date=1709251200"},
	{"INTERNALDATE \"01-Mar-2000 00:00:00 +0000\"", " date=951868800"},
	{"INTERNALDATE \"31-Dec-1969 23:59:59 +0000\"", " date=-1"},
	{"INTERNALDATE \"31-Dec-9999 23:59:59 +0000\"", " date=253402300799"},
	{"INTERNALDATE \"01-Jan-0001 00:00:00 +0000\"", " date=-62135596800"},
	{"INTERNALDATE \"29-Feb-2023 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"29-Feb-1900 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"31-Apr-2024 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"00-Jan-2024 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"01-Jan-0000 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"01-Jan-99999 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"01-Jan-2024 24:00:00 +0000\"", ""},
	{"INTERNALDATE \"01-Jan-2024 00:00:00 +9999\"", ""},
	{"INTERNALDATE \"01-Jan-2024 00:00:00 UTC\"", ""},
	{"INTERNALDATE \"01-Jan-2024 00:00:00\"", ""},
	{"INTERNALDATE \"01-Xxx-2024 00:00:00 +0000\"", ""},
	{"INTERNALDATE \"01-\"", ""},
	{"INTERNALDATE \"\"", ""},
	{"INTERNALDATE NIL UID 1", " uid=1"},
	/* Bodies. */
	{"BODY[] {5}\r\na)\r\nb UID 2", " uid=2 body[]<a)\\x0d\\x0ab>"},
	{"BODY[] {0}\r\n", " body[]<>"},
	{"BODY[] \"\" BODY[9] NIL", " body[]<> body[9]NIL"},
	{"BODY[text]<0> \"a\\\"b\"", " body[TEXT]@0<a\"b>"},
	{"BODY[TEXT]<500.5> {0}\r\n", " body[TEXT]@500<>"},
	{"BODY[1.2.mime] nil", " body[1.2.MIME]NIL"},
	{"BINARY[2] ~{3}\r\na)b", " binary[2]<a)b>"},
	{"BINARY[2]<7> {1}\r\nx", " binary[2]@7<x>"},
	{"RFC822 {1}\r\na RFC822.HEADER \"b\" RFC822.TEXT NIL",
	 " body[]<a> body[HEADER]<b> body[TEXT]NIL"},
	{"BODY[HEADER.FIELDS (SUBJECT \"MESSAGE-ID\" X-nope)] \"x\"",
	 " body[HEADER.FIELDS (SUBJECT MESSAGE-ID X-NOPE)]<x>"},
	{"BODY[header.fields (\"SUBJECT\" {10}\r\nMessage-ID )] \"x\"",
	 " body[HEADER.FIELDS (SUBJECT MESSAGE-ID)]<x>"},
	{"BODY[1.HEADER.FIELDS.NOT (A)]<2> \"x\"", " body[1.HEADER.FIELDS.NOT (A)]@2<x>"},
	{"BODY[HEADER.FIELDS ()] \"x\"", " body[HEADER.FIELDS]<x>"},
	{"BODY[", MALFORMED},
	{"BODY[] (", MALFORMED},
	{"BODY[] x", MALFORMED},
	{"BODY[]<-1> \"\"", MALFORMED},
	{"BODY[]<1 \"\"", MALFORMED},
	{"BODY[HEADER.FIELDS (A] \"\"", MALFORMED},
	{"BODY[]\"x\"", MALFORMED},
	/* ENVELOPE. */
	{"ENVELOPE (\"date\" \"subj\" " ADDRESS " " ADDRESS " " ADDRESS " " ADDRESS " NIL NIL "
	 "\"<in>\" \"<id>\")",
	 " envelope{ date='date' subject='subj' from=A<a@x.org> sender=A<a@x.org> "
	 "reply_to=A<a@x.org> to=A<a@x.org> in_reply_to='<in>' message_id='<id>' }"},
	{"ENVELOPE (NIL {3}\r\n\"\\\xe9 ((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL "
	 "NIL)) "
	 "NIL NIL NIL NIL NIL NIL NIL) UID 3",
	 " uid=3 envelope{ subject='\"\\\xe9' from=<undisclosed-recipients@> from=<@> }"},
	{"ENVELOPE (NIL \"\" (({17}\r\nO'Brien, Pat \"PB\" NIL \"pat\" \"x.org\") "
	 "(NIL \"@r\" \"b\" \"y\")) \"\" () 0 NIL NIL NIL \"<\"x\"@y>\")",
	 " envelope{ subject='' from=O'Brien, Pat \"PB\"<pat@x.org> from=<@rb@y> "
	 "message_id='<\"x\"@y>' }"},
	{"ENVELOPE ()", " envelope{ }"},
	{"ENVELOPE (NIL \"s\")", " envelope{ subject='s' }"},
	{"ENVELOPE (NIL (\"s\") (NIL) NIL NIL NIL NIL NIL NIL NIL)", " envelope{ }"},
	{"ENVELOPE (NIL NIL ((\"A\" NIL \"a\")((\"B\") NIL \"b\" \"c\" \"d\" \"e\")) NIL NIL NIL "
	 "NIL "
	 "NIL NIL NIL \"new\")",
	 " envelope{ from=A<a@> from=<b@c> }"},
	{"ENVELOPE NIL UID 4", " uid=4"},
	{"ENVELOPE \"x\" UID 4", " uid=4"},
	{"ENVELOPE (NIL NIL (x ((\"y\")))) UID 4", " uid=4 envelope{ from=<@> }"},
	{"ENVELOPE (NIL NIL ({x)) UID 4", MALFORMED},
	{"ENVELOPE (NIL", MALFORMED},
	/* BODYSTRUCTURE: single parts. */
	{"BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"Format\" \"Flowed\" "
	 "\"DelSp\" "
	 "\"YES\") \"<id@x>\" \"descr\" \"7BIT\" 3028 92 NIL NIL NIL NIL)",
	 " {0 '1' text/plain charset='US-ASCII' format='flowed' delsp encoding='7bit' id='id@x' "
	 "description='descr' size=3028 lines=92}"},
	{"BODY (\"text\" \"plain\" NIL NIL NIL \"8bit\" 3 1)",
	 " {0 '1' text/plain encoding='8bit' size=3 lines=1}"},
	{"BODYSTRUCTURE (\"application\" \"pdf\" (\"name\" \"a.pdf\") NIL NIL \"base64\" 99 NIL "
	 "(\"ATTACHMENT\" (\"filename\" \"b.pdf\" \"size\" \"99\")) (\"en\" \"de\") \"loc\" (x 1))",
	 " {0 '1' application/pdf encoding='base64' filename='b.pdf' disposition='attachment' "
	 "size=99}"},
	{"BODYSTRUCTURE (\"image\" \"png\" (\"name\" \"=?utf-8?Q?caf=C3=A9.png?=\") NIL "
	 "\"=?utf-8?B?w6k=?=\" \"base64\" 9 NIL (\"inline\" NIL))",
	 " {0 '1' image/png encoding='base64' filename='café.png' disposition='inline' "
	 "description='é' size=9}"},
	{"BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"base64\" 9 NIL (\"attachment\" (\"filename*0*\" "
	 "\"iso-8859-1''caf%E9\" \"filename*1\" \".png\")) NIL)",
	 " {0 '1' a/b encoding='base64' filename='café.png' disposition='attachment' size=9}"},
	{"BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"base64\" 9 NIL (\"attachment\" (\"filename*\" "
	 "\"utf-8''%e2%82%ac.txt\")) NIL)",
	 " {0 '1' a/b encoding='base64' filename='€.txt' disposition='attachment' size=9}"},
	/* … with what servers leave out or get wrong. */
	{"BODYSTRUCTURE (NIL NIL NIL NIL NIL NIL NIL) UID 5", " uid=5 {0 '1' text/plain}"},
	{"BODYSTRUCTURE (\"\" \"\" (\"name\" \"x.jpg\") NIL NIL \"base64\" 4)",
	 " {0 '1' text/plain encoding='base64' filename='x.jpg' size=4}"},
	{"BODYSTRUCTURE (\"image\" NIL NIL NIL NIL \"base64\" 4)",
	 " {0 '1' application/octet-stream encoding='base64' size=4}"},
	{"BODYSTRUCTURE (\"text\" NIL NIL NIL NIL \"7bit\" 4 NIL) UID 5",
	 " uid=5 {0 '1' text/plain encoding='7bit' size=4}"},
	{"BODYSTRUCTURE ()", " {0 '1' application/octet-stream}"},
	{"BODYSTRUCTURE (\"text\" \"html\")", " {0 '1' text/html}"},
	{"BODYSTRUCTURE (\"text\" \"plain\" () \"\" \"\" 7BIT 3 1)",
	 " {0 '1' text/plain encoding='7bit' description='' size=3 lines=1}"},
	{"BODYSTRUCTURE (\"text\" \"plain\" \"\" NIL NIL \"7bit\" 3 1 NIL \"attachment\")",
	 " {0 '1' text/plain encoding='7bit' disposition='attachment' size=3 lines=1}"},
	{"BODYSTRUCTURE (\"text\" \"plain\" (\"charset\") NIL NIL \"7bit\" 3 1)",
	 " {0 '1' text/plain encoding='7bit' size=3 lines=1}"},
	{"BODYSTRUCTURE (\"MULTIPART\" \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL \"7BIT\" 1234)",
	 " {0 '1' multipart/mixed encoding='7bit' size=1234}"},
	{"BODYSTRUCTURE (\"signed\" (\"boundary\" \"b\" \"protocol\" "
	 "\"application/PGP-signature\") "
	 "NIL NIL)",
	 " {0 '' multipart/signed protocol='application/pgp-signature'}"},
	/* Multiparts. */
	{"BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)(\"text\" \"html\" NIL NIL "
	 "NIL "
	 "\"7bit\" 2 2) \"ALTERNATIVE\" (\"boundary\" \"b\") NIL NIL NIL)",
	 " {0 '' multipart/alternative} {1 '1' text/plain encoding='7bit' size=1 lines=1} "
	 "{1 '2' text/html encoding='7bit' size=2 lines=2}"},
	{"BODYSTRUCTURE (((\"a\" \"b\" NIL NIL NIL NIL 1)(\"c\" \"d\" NIL NIL NIL NIL 2) "
	 "\"related\") (\"e\" \"f\" NIL NIL NIL NIL 3) \"mixed\")",
	 " {0 '' multipart/mixed} {1 '1' multipart/related} {2 '1.1' a/b size=1} "
	 "{2 '1.2' c/d size=2} {1 '2' e/f size=3}"},
	{"BODYSTRUCTURE (() (\"a\" \"b\" NIL NIL NIL NIL 1) NIL)",
	 " {0 '' multipart/mixed} {1 '1' application/octet-stream} {1 '2' a/b size=1}"},
	{"BODYSTRUCTURE ((\"a\" \"b\" NIL NIL NIL NIL 1))",
	 " {0 '' multipart/mixed} {1 '1' a/b size=1}"},
	/* Messages in messages. */
	{"BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 300 (NIL \"s\" NIL NIL NIL "
	 "NIL NIL "
	 "NIL NIL NIL) (\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 2) 9 NIL (\"attachment\" "
	 "(\"filename\" \"m.eml\")))",
	 " {0 '1' message/rfc822 encoding='7bit' filename='m.eml' disposition='attachment' "
	 "size=300 "
	 "lines=9} {1 '1.1' text/plain encoding='7bit' size=4 lines=2}"},
	{"BODYSTRUCTURE ((\"a\" \"b\" NIL NIL NIL NIL 1)(\"MESSAGE\" \"RFC822\" NIL NIL NIL NIL 2 "
	 "() "
	 "((\"c\" \"d\" NIL NIL NIL NIL 3)(\"message\" \"global\" NIL NIL NIL NIL 4 () (\"e\" "
	 "\"f\" "
	 "NIL NIL NIL NIL 5) 1) \"mixed\") 7) \"digest\")",
	 " {0 '' multipart/digest} {1 '1' a/b size=1} {1 '2' message/rfc822 size=2 lines=7} "
	 "{2 '2.TEXT' multipart/mixed} {3 '2.1' c/d size=3} {3 '2.2' message/global size=4 "
	 "lines=1} "
	 "{4 '2.2.1' e/f size=5}"},
	{"BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 300 NIL (\"inline\" NIL))",
	 " {0 '1' message/rfc822 encoding='7bit' disposition='inline' size=300}"},
	{"BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 300 () NIL 5)",
	 " {0 '1' message/rfc822 encoding='7bit' size=300 lines=5}"},
	/* Hopeless ones are left out alone. */
	{"BODYSTRUCTURE NIL UID 6", " uid=6"},
	{"BODYSTRUCTURE \"x\" UID 6", " uid=6"},
	{"BODYSTRUCTURE (\"a\" \"b\" (((x))) NIL NIL NIL 1) UID 6", " uid=6"},
	{"BODYSTRUCTURE ((\"a\" \"b\" NIL NIL NIL NIL 99999999999999999999)) UID 6", " uid=6"},
	{"BODYSTRUCTURE ((\"a\" {1}\r\n( (((x))) NIL NIL NIL 1) {1}\r\n)) UID 6", " uid=6"},
	{"BODYSTRUCTURE ((\"a\" \"b\"", MALFORMED},
};

static void check_items(const char *items, const char *dump)
{
	g_autofree char *bytes = g_strdup_printf("* 1 FETCH (%s)\r\n", items);
	g_autofree char *want = g_strdup_printf("fetch seq=1%s\n", dump != NULL ? dump : "");

	for (size_t cut = 0; cut <= strlen(bytes); cut++) {
		g_autofree char *got = wire_dump_responses(NULL, bytes, strlen(bytes), &cut, 1);
		if (dump == MALFORMED)
			ck_assert_msg(g_str_has_prefix(got, "malformed: "), "%s: %s", bytes, got);
		else
			ck_assert_msg(strcmp(got, want) == 0, "got  %swant %s", got, want);
	}
}

START_TEST(test_rows)
{
	check_items(rows[_i].items, rows[_i].dump);
}
END_TEST

static char *repeat(const char *front, const char *text, unsigned n, const char *back)
{
	GString *out = g_string_new(front);

	while (n-- > 0)
		g_string_append(out, text);
	g_string_append(out, back);
	return g_string_free(out, FALSE);
}

static char *dump_items(const char *items)
{
	g_autofree char *bytes = g_strdup_printf("* 1 FETCH (%s UID 9)\r\n", items);

	return wire_dump_responses(NULL, bytes, strlen(bytes), NULL, 0);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
		n++;
	return n;
}

/* The deepest part is left out and its parent says so. */
START_TEST(test_depth_limit)
{
	for (unsigned depth = STRUCTURE_MAX_DEPTH - 1; depth <= STRUCTURE_MAX_DEPTH + 1; depth++) {
		g_autofree char *open = repeat("BODYSTRUCTURE ", "(", depth, "\"a\" \"b\"");
		g_autofree char *items = repeat(open, ")", depth, "");
		g_autofree char *got = dump_items(items);
		ck_assert_uint_eq(count(got, "{"), MIN(depth, STRUCTURE_MAX_DEPTH));
		ck_assert_uint_eq(count(got, "truncated"), depth > STRUCTURE_MAX_DEPTH);
		ck_assert_uint_eq(count(got, "uid=9"), 1);
	}
}
END_TEST

START_TEST(test_parts_limit)
{
	/* The multipart itself is one. */
	for (unsigned n = STRUCTURE_MAX_PARTS - 2; n <= STRUCTURE_MAX_PARTS; n++) {
		g_autofree char *items =
			repeat("BODYSTRUCTURE (", "(\"a\" \"b\")", n, "\"mixed\")");
		g_autofree char *got = dump_items(items);
		ck_assert_uint_eq(count(got, "{"), MIN(n + 1, STRUCTURE_MAX_PARTS));
		ck_assert_uint_eq(count(got, "truncated"), n + 1 > STRUCTURE_MAX_PARTS);
		ck_assert_uint_eq(count(got, "uid=9"), 1);
	}
}
END_TEST

START_TEST(test_keyword_limits)
{
	for (unsigned n = 999; n <= 1001; n++) {
		g_autofree char *items = repeat("FLAGS (\\Seen", " k", n, ")");
		g_autofree char *got = dump_items(items);
		ck_assert_uint_eq(count(got, "|k") + 1, MIN(n, 1000));
		ck_assert_uint_eq(count(got, "uid=9"), 1);
	}
	for (unsigned len = 254; len <= 256; len++) {
		g_autofree char *items = repeat("FLAGS (", "k", len, ")");
		g_autofree char *got = dump_items(items);
		ck_assert_uint_eq(count(got, "k"), len <= 255 ? len + strlen("k") : 0);
	}
}
END_TEST

/* T046: each field at 64 KiB. */
START_TEST(test_long_fields)
{
	static const char *const fields[] = {
		"INTERNALDATE \"%s\"",
		"RFC822.SIZE %s",
		"MODSEQ (%s)",
		"FLAGS (%s)",
		"FLAGS (\\%s)",
		"ENVELOPE (\"%s\" \"%s\" ((\"%s\" \"%s\" \"%s\" \"%s\")) NIL NIL NIL NIL NIL "
		"\"%s\" NIL)",
		"BODYSTRUCTURE (\"%s\" \"%s\" (\"%s\" \"%s\" \"name\" \"%s\") \"%s\" \"%s\" \"%s\" "
		"1)",
		"BODYSTRUCTURE (\"a\" \"b\" (\"charset\" \"%s\" \"name*\" \"%s\") NIL NIL NIL 1)",
		"BODY[%s] NIL",
		"BODY[HEADER.FIELDS (%s \"%s\")] NIL",
		"%s 1",
	};
	g_autofree char *letters = g_strnfill(65536, 'a'), *digits = g_strnfill(65536, '1');

	for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_auto(GStrv) parts = g_strsplit(fields[i], "%s", -1);
		g_autofree char *with_letters = g_strjoinv(letters, parts);
		g_autofree char *with_digits = g_strjoinv(digits, parts);
		g_autofree char *first = dump_items(with_letters);
		g_autofree char *second = dump_items(with_digits);
		ck_assert_ptr_eq(strchr(first, '\n'), first + strlen(first) - 1);
		ck_assert_ptr_eq(strchr(second, '\n'), second + strlen(second) - 1);
	}
}
END_TEST

static const char *const odd_values[] = {"NIL", "\"\"", "()", "0", "{0}\r\n", "", "(((", ")"};

/* Appends `list` with its n-th element replaced by `value`; elements are separated by '|'. */
static char *replace(const char *list, unsigned n, const char *value)
{
	g_auto(GStrv) elements = g_strsplit(list, "|", -1);

	ck_assert_uint_lt(n, g_strv_length(elements));
	g_free(elements[n]);
	elements[n] = g_strdup(value);
	return g_strjoinv(" ", elements);
}

/* T052: every field set in turn to what it must not be.  What comes out may be anything, but one
 * line of it, and the response behind is whole. */
START_TEST(test_odd_values)
{
	static const char *const lists[] = {
		"* 1 FETCH (ENVELOPE (|\"d\"|\"s\"|((\"n\" NIL \"m\" "
		"\"h\"))|NIL|NIL|NIL|NIL|NIL|\"r\"|"
		"\"i\"|))",
		"* 1 FETCH (ENVELOPE (NIL NIL ((|\"n\"|\"r\"|\"m\"|\"h\"|)) NIL NIL NIL NIL NIL "
		"NIL NIL))",
		"* 1 FETCH (BODYSTRUCTURE (|\"text\"|\"plain\"|(\"charset\" "
		"\"x\")|\"i\"|\"d\"|\"7bit\"|9|1|"
		"\"md5\"|(\"inline\" NIL)|NIL|\"loc\"|))",
		"* 1 FETCH (BODYSTRUCTURE (|\"message\"|\"rfc822\"|NIL|NIL|NIL|\"7bit\"|9|(NIL)|"
		"(\"a\" \"b\")|3|NIL|(\"inline\" NIL)|))",
		"* 1 FETCH (BODYSTRUCTURE ((\"a\" \"b\")|\"mixed\"|(\"boundary\" "
		"\"x\")|(\"inline\" NIL)|"
		"NIL|\"l\"|))",
		"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" (|\"name\"|\"value\"|) NIL NIL NIL 1 NIL (|"
		"\"attachment\"|(\"filename\" \"f\")|)))",
		"* 1 FETCH (|UID|7|FLAGS|(\\Seen)|MODSEQ|(5)|INTERNALDATE|\"01-Jan-2024 00:00:00 "
		"+0000\"|"
		"RFC822.SIZE|9|BODY[]|\"x\"|)",
		"* STATUS|x|(|MESSAGES|1|UIDNEXT|2|)",
		"* LIST|(|\\Sent|)|\"/\"|x",
		"* ESEARCH|(|TAG|\"a\"|)|UID|COUNT|1|ALL|1:3",
		"* VANISHED|(EARLIER)|1:3",
		"* SEARCH|1|2|(MODSEQ|3)",
	};
	static const char after[] = "\r\n* 5 EXISTS\r\n";

	for (unsigned n = 1; n < 20; n++) {
		g_auto(GStrv) elements = g_strsplit(lists[_i], "|", -1);
		if (n >= g_strv_length(elements))
			break;
		for (unsigned v = 0; v < G_N_ELEMENTS(odd_values); v++) {
			g_autofree char *line = replace(lists[_i], n, odd_values[v]);
			g_autofree char *bytes = g_strconcat(line, after, NULL);
			g_autofree char *got =
				wire_dump_responses(NULL, bytes, strlen(bytes), NULL, 0);
			ck_assert_msg(g_str_has_suffix(got, "\nexists 5\n"), "%s: %s", bytes, got);
			ck_assert_uint_eq(count(got, "\n"), 2);
		}
	}
}
END_TEST

/* A literal is handed on, not copied; a tree can be taken away. */
START_TEST(test_ownership)
{
	static const char bytes[] = "* 1 FETCH (BODY[] {3}\r\nabc BODYSTRUCTURE (\"a\" \"b\"))\r\n";
	Framer *framer = framer_new(NULL);
	Arena *arena = arena_new();
	Frame frame;
	Response response;

	framer_push(framer, bytes, sizeof(bytes) - 1);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	ck_assert(parser_read(arena, &frame, &response, NULL));
	ck_assert_ptr_eq(response.fetch.bodies[0].data, frame.literals[0].data);
	GBytes *body = g_bytes_ref(response.fetch.bodies[0].data);
	MimePart *structure = response.fetch.structure;
	ck_assert(arena_disown(arena, structure));
	arena_free(arena);
	framer_free(framer);
	ck_assert_mem_eq(g_bytes_get_data(body, NULL), "abc", 3);
	ck_assert_str_eq(structure->type, "a/b");
	g_bytes_unref(body);
	part_free(structure);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("fetch", &tcase);

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test_rows, 0, G_N_ELEMENTS(rows));
	tcase_add_test(tcase, test_depth_limit);
	tcase_add_test(tcase, test_parts_limit);
	tcase_add_test(tcase, test_keyword_limits);
	tcase_add_test(tcase, test_long_fields);
	tcase_add_loop_test(tcase, test_odd_values, 0, 12);
	tcase_add_test(tcase, test_ownership);
	return run_suite(suite);
}
