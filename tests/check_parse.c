#include "mime/parse.h"
#include "mime/split.h"

#include "tests/cpu_time.h"
#include "tests/run.h"

#include <string.h>

static MimePart *parse(const char *text)
{
	g_autoptr(GBytes) raw = g_bytes_new_static(text, strlen(text));

	return parse_message(raw, NULL);
}

static void describe(MimePart *part, unsigned depth, void *data)
{
	GString *out = data;
	size_t len;
	const char *content = g_bytes_get_data(part->content, &len);

	g_string_append_printf(out, "%*s[%s] %s", (int)depth, "", part->section, part->type);
	if (part->parts == NULL) {
		g_autofree char *text = g_strndup(content != NULL ? content : "", len);
		g_autofree char *escaped = g_strescape(text, NULL);
		g_string_append_printf(out, " {%s}", escaped);
	}
	g_string_append_c(out, '\n');
}

/* Trees as lines of "[section] type {content}". */
static const struct {
	const char *message, *expected;
} trees[] = {
	{"Subject: x\n\nbody\n", "[1] text/plain {body\\n}\n"},
	{"Subject: x\r\n\r\nbody\r\n", "[1] text/plain {body\\r\\n}\n"},
	{"Content-Type: TEXT/HTML\n\nx", "[1] text/html {x}\n"},
	{"Content-Type: text\n\nx", "[1] text/plain {x}\n"},
	{"Content-Type: image/png\nContent-Type: text/html\n\nx", "[1] image/png {x}\n"},
	/* where the header ends */
	{"\nno header", "[1] text/plain {no header}\n"},
	{"no header at all\nNote: x\n", "[1] text/plain {no header at all\\nNote: x\\n}\n"},
	{"From ada Mon Nov  9\nSubject: x\n\nb", "[1] text/plain {b}\n"},
	{"Subject: x\njunk here\nContent-Type: text/html\n\nb", "[1] text/html {b}\n"},
	{"Subject: x\njunk here\nmore junk\n\nb",
	 "[1] text/plain {junk here\\nmore junk\\n\\nb}\n"},
	{"   \nSubject: x\n\nb", "[1] text/plain {b}\n"},
	{"Subject: x\rX: y\r\rb\rc", "[1] text/plain {b\\rc}\n"},
	{"Subject : x\nFrom a\nContent-Type : text/html\n\nb", "[1] text/html {b}\n"},
	{"Subject: x", "[1] text/plain {}\n"},
	/* multiparts: the line end before a boundary belongs to it, preambles to nobody */
	{"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nX: "
	 "y\n\ntwo\n\n--b--\nepi",
	 "[] multipart/mixed\n [1] text/plain {one}\n [2] text/plain {two\\n}\n"},
	{"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b-- \t\r\n",
	 "[] multipart/mixed\n [1] text/plain {one}\n"},
	{"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n",
	 "[] multipart/mixed\n [1] text/plain {one\\n}\n"},
	{"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\nX: y\n--b--",
	 "[] multipart/mixed\n [1] text/plain {}\n [2] text/plain {}\n"},
	{"Content-Type: multipart/mixed; boundary=b\n\n--bb\n\nx\n--b \n\ny\n--b--",
	 "[] multipart/mixed\n [1] text/plain {y}\n"},
	{"Content-Type: multipart/mixed; boundary=b\n\nnothing", "[] multipart/mixed {nothing}\n"},
	{"Content-Type: multipart/mixed\n\n--b\n\nx", "[] multipart/mixed {--b\\n\\nx}\n"},
	{"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx",
	 "[] multipart/mixed {--\\n\\nx}\n"},
	/* nesting: an outer boundary ends the inner one, an equal one belongs to the inner one */
	{"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
	 "boundary=ab\n\n--ab\n\n1\n--a\n\n2\n--a--",
	 "[] multipart/mixed\n [1] multipart/mixed\n  [1.1] text/plain {1}\n [2] text/plain {2}\n"},
	{"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
	 "boundary=a\n\n--a\n\n1\n--a--\n--a\n\n2",
	 "[] multipart/mixed\n [1] multipart/mixed\n  [1.1] text/plain {1}\n [2] text/plain {2}\n"},
	/* messages inside */
	{"Content-Type: message/rfc822\n\nSubject: in\n\nx",
	 "[1] message/rfc822\n [1.1] text/plain {x}\n"},
	{"Content-Type: multipart/digest; boundary=b\n\n--b\n\nContent-Type: multipart/mixed; "
	 "boundary=c\n\n--c\n\nx\n--c--\n--b--",
	 "[] multipart/digest\n [1] message/rfc822\n  [1.TEXT] multipart/mixed\n"
	 "   [1.1] text/plain {x}\n"},
	{"Content-Type: message/rfc822\nContent-Transfer-Encoding: "
	 "base64\n\nU3ViamVjdDogeAoKaGk=\n",
	 "[1] message/rfc822\n [1.1] text/plain {hi}\n"},
	{"Content-Type: message/delivery-status\n\nX: y\n",
	 "[1] message/delivery-status {X: y\\n}\n"},
};

START_TEST(takes_apart)
{
	g_autoptr(MimePart) root = parse(trees[_i].message);
	g_autoptr(GString) out = g_string_new(NULL);

	ck_assert_ptr_nonnull(root);
	part_foreach(root, describe, out);
	ck_assert_str_eq(out->str, trees[_i].expected);
}
END_TEST

START_TEST(fields_of_a_part)
{
	g_autoptr(MimePart) part =
		parse("Content-Type: text/plain; charset=\"ISO-8859-1\"; format=Flowed;"
		      " DelSp=Yes; name=a.txt\n"
		      "Content-Transfer-Encoding: Quoted-Printable (so)\n"
		      "Content-Disposition: ATTACHMENT; filename*=utf-8''%C3%A9.txt\n"
		      "Content-ID: <one@x.org>\n"
		      "Content-Description: =?utf-8?q?d=C3=A9?=\n\na\nb\n");

	ck_assert_str_eq(part->charset, "ISO-8859-1");
	ck_assert_str_eq(part->format, "flowed");
	ck_assert(part->delsp);
	ck_assert_str_eq(part->encoding, "quoted-printable");
	ck_assert_str_eq(part->disposition, "attachment");
	ck_assert_str_eq(part->filename, "é.txt");
	ck_assert_str_eq(part->content_id, "one@x.org");
	ck_assert_str_eq(part->description, "dé");
	ck_assert_uint_eq(part->size, 4);
	ck_assert_uint_eq(part->lines, 2);
}
END_TEST

START_TEST(headers)
{
	g_autoptr(MimePart) part =
		parse("From x\nA: 1\nSubject: =?utf-8?q?=C3=A9?=\n two\na: 2\n\nb");
	g_autofree char *subject = parse_header_field(part->header, "SUBJECT");
	g_autofree char *none = parse_header_field(part->header, "To");
	SplitField field;
	unsigned count;

	ck_assert_str_eq(subject, "é two");
	ck_assert_ptr_null(none);
	ck_assert(split_find_field(part->header, "a", &field, &count));
	ck_assert_uint_eq(count, 2);
	ck_assert_mem_eq(field.value, " 1", 2);
	ck_assert_uint_eq(field.value_len, 2);
	ck_assert_mem_eq(g_bytes_get_data(part->header, NULL), "A: 1", 4);
}
END_TEST

START_TEST(refuses_what_is_no_mail)
{
	static const struct {
		const char *raw;
		size_t len;
		bool mail;
	} cases[] = {{"", 0, false},         {"\n \n", 3, false}, {"\x89PNG\0\0\0\1\2", 9, false},
		     {"just text", 9, true}, {"X: y", 4, true},   {"Sub\0ject: x\n\ny", 14, true}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) raw = g_bytes_new_static(cases[i].raw, cases[i].len);
		g_autoptr(GError) error = NULL;
		g_autoptr(MimePart) root = parse_message(raw, &error);
		ck_assert_int_eq(root != NULL, cases[i].mail);
		ck_assert(cases[i].mail ||
			  g_error_matches(error, PARSE_ERROR, PARSE_ERROR_NOT_MAIL));
	}
}
END_TEST

static void count(MimePart *part, unsigned depth, void *data)
{
	unsigned *deepest = data;

	(void)part;
	*deepest = MAX(*deepest, depth);
}

START_TEST(depth_bomb)
{
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned deepest = 0;

	for (int i = 0; i < 50000; i++)
		g_string_append_printf(
			text, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	g_string_append(text, "\nINNER\n");
	double start = cpu_seconds();
	g_autoptr(MimePart) root = parse(text->str);
	ck_assert(cpu_seconds() - start < SLOW);
	part_foreach(root, count, &deepest);
	ck_assert_uint_eq(deepest, PARSE_DEPTH_MAX);
	MimePart *part = root;
	while (part->parts != NULL)
		part = part->parts->pdata[0];
	ck_assert(part->truncated);
	ck_assert_ptr_nonnull(strstr(g_bytes_get_data(part->content, NULL), "INNER"));
}
END_TEST

START_TEST(message_bomb)
{
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned deepest = 0;

	for (int i = 0; i < 50000; i++)
		g_string_append(text, "Content-Type: message/rfc822\n\n");
	g_autoptr(MimePart) root = parse(text->str);
	part_foreach(root, count, &deepest);
	ck_assert_uint_eq(deepest, PARSE_DEPTH_MAX);
}
END_TEST

START_TEST(part_flood)
{
	g_autoptr(GString) text = g_string_new("Content-Type: multipart/mixed; boundary=b\n\n");

	for (int i = 0; i < 100000; i++)
		g_string_append(text, "--b\n\nx\n");
	double start = cpu_seconds();
	g_autoptr(MimePart) root = parse(text->str);
	ck_assert(cpu_seconds() - start < SLOW);
	ck_assert(root->truncated);
	ck_assert_uint_eq(root->parts->len, PARSE_PARTS_MAX - 1);
}
END_TEST

START_TEST(giant_headers)
{
	static const char *const lines[] = {"X: y\n", "X: y\n z\n z\n z\n z\n",
					    "Subject: xxxxxxxxxxxxx"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 8 << 20)
			g_string_append(text, lines[i]);
		g_string_append(text, "\n\nbody");
		g_autoptr(MimePart) root = parse(text->str);
		ck_assert(root->header_cut);
		ck_assert_uint_le(g_bytes_get_size(root->header), SPLIT_HEADER_BYTES_MAX);
		ck_assert_uint_le(g_bytes_get_size(root->content), 5);
	}
}
END_TEST

/* Every cut of a hard message parses, and no byte of a body is in two parts. */
START_TEST(cut_anywhere)
{
	static const char text[] =
		"From: a\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n"
		"Content-Type: multipart/alternative; boundary=bc\r\n\r\n--bc\r\n\r\n"
		"one\r\n--bc--\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		"aGk=\r\n--b--\r\n";

	for (size_t len = 1; len < sizeof text; len++) {
		g_autofree char *copy = g_memdup2(text, len);
		g_autoptr(GBytes) raw = g_bytes_new_static(copy, len);
		g_autoptr(MimePart) root = parse_message(raw, NULL);
		ck_assert_ptr_nonnull(root);
		ck_assert_uint_le(root->size, len);
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("parse", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, takes_apart, 0, G_N_ELEMENTS(trees));
	tcase_add_test(tcase, fields_of_a_part);
	tcase_add_test(tcase, headers);
	tcase_add_test(tcase, refuses_what_is_no_mail);
	tcase_add_test(tcase, depth_bomb);
	tcase_add_test(tcase, message_bomb);
	tcase_add_test(tcase, part_flood);
	tcase_add_test(tcase, giant_headers);
	tcase_add_test(tcase, cut_anywhere);
	return run_suite(suite);
}
