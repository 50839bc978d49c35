#include "mime/part.h"

#include "tests/run.h"

#include <string.h>

/* Builds a tree from "type section" words; '(' descends, ')' ascends. */
static MimePart *tree(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	MimePart *root = NULL, *last = NULL, *parent = NULL;

	for (char **word = words; *word != NULL; word++) {
		if (strcmp(*word, "(") == 0) {
			parent = last;
		} else if (strcmp(*word, ")") == 0) {
			last = parent;
			parent = parent->parent;
		} else {
			char *at = strchr(*word, '@'), *bang = strchr(*word, '!');
			g_autofree char *type = g_strndup(*word, strcspn(*word, "@!"));
			last = part_new(at == NULL ? "" : at + 1, type);
			if (bang != NULL)
				last->disposition = g_strdup("attachment");
			if (root == NULL)
				root = last;
			else
				part_add(parent, last);
		}
	}
	return root;
}

static const struct {
	const char *tree;
	bool html;
	const char *section;
} readables[] = {
	{"text/plain@1", false, "1"},
	{"text/html@1", false, "1"},
	{"application/pdf@1", false, NULL},
	{"TEXT/PLAIN!@1", false, NULL},
	{"multipart/alternative ( text/plain@1 text/html@2 )", false, "1"},
	{"multipart/alternative ( text/plain@1 text/html@2 )", true, "2"},
	{"multipart/alternative ( text/plain@1 text/html@2 text/calendar@3 )", false, "1"},
	{"multipart/alternative ( text/html@1 )", false, "1"},
	{"multipart/alternative ( text/plain@1 text/html@2 text/plain@3 )", false, "3"},
	{"multipart/alternative ( text/plain@1 multipart/related ( text/html@2.1 image/png@2.2 ) )",
	 true, "2.1"},
	{"multipart/mixed ( image/png@1 text/plain@2 text/html@3 )", true, "2"},
	{"multipart/mixed ( text/plain!@1 text/html@2 )", false, "2"},
	{"multipart/mixed ( text/calendar@1 text/plain@2 )", false, "2"},
	{"multipart/signed ( multipart/mixed ( text/plain@1.1 ) application/pgp-signature@2 )",
	 false, "1.1"},
	{"multipart/mixed ( message/rfc822@1 ( text/plain@1.1 ) )", false, NULL},
	{"multipart/mixed ( )", false, NULL},
};

START_TEST(readable)
{
	g_autoptr(MimePart) root = tree(readables[_i].tree);
	MimePart *found = part_readable(root, readables[_i].html);

	ck_assert_pstr_eq(found == NULL ? NULL : found->section, readables[_i].section);
}
END_TEST

static const struct {
	const char *tree;
	unsigned attachments;
} counts[] = {
	{"text/plain", 0},
	{"application/pdf", 1},
	{"multipart/mixed ( text/plain image/png text/plain! )", 2},
	{"multipart/signed ( text/plain application/pgp-signature )", 0},
	{"multipart/mixed ( text/plain message/rfc822 ( text/plain ) )", 1},
};

START_TEST(attachments)
{
	g_autoptr(MimePart) root = tree(counts[_i].tree);

	ck_assert_uint_eq(part_count_attachments(root), counts[_i].attachments);
}
END_TEST

START_TEST(inline_pictures_are_no_attachments)
{
	g_autoptr(MimePart) root =
		tree("multipart/related ( text/html@1 image/png@2 image/png@3 )");
	MimePart *logo = part_find(root, "2"), *other = part_find(root, "3");

	logo->content_id = g_strdup("logo");
	ck_assert(!part_is_attachment(logo));
	ck_assert(part_is_attachment(other));
	ck_assert_uint_eq(part_count_attachments(root), 1);
}
END_TEST

START_TEST(finds)
{
	g_autoptr(MimePart) root = tree("multipart/mixed ( a/b@1 message/rfc822@2 ( c/d@2.1 ) )");

	ck_assert_str_eq(part_find(root, "2.1")->type, "c/d");
	ck_assert_str_eq(part_find(root, "")->type, "multipart/mixed");
	ck_assert_ptr_null(part_find(root, "3"));
	ck_assert_ptr_eq(part_find(root, "2.1")->parent->parent, root);
}
END_TEST

static const struct {
	const char *filename, *type, *expected;
} names[] = {
	{"report.pdf", "a/b", "report.pdf"},
	{"../../.ssh/authorized_keys", "a/b", "authorized_keys"},
	{"/etc/passwd", "a/b", "passwd"},
	{"C:\\dir\\x.txt", "a/b", "x.txt"},
	{"C:x", "a/b", "C_x"},
	{"..", "text/plain", "part-2.txt"},
	{"", "image/png", "part-2.png"},
	{NULL, "x/y", "part-2.bin"},
	{"-rf", "a/b", "rf"},
	{"~/.bashrc", "a/b", "bashrc"},
	{"trailing. . ", "a/b", "trailing"},
	{"a/", "a/b", "a_"},
	{"new\nline", "a/b", "new line"},
	{"esc\x1B[31m", "a/b", "esc␛[31m"},
	{"invoice\u202Efdp.exe", "a/b", "invoice_U+202E_fdp.exe"},
	{"bad\xFFutf8", "a/b", "bad\uFFFDutf8"},
	{"a*b?c|d", "a/b", "a_b_c_d"},
};

START_TEST(safe_names)
{
	g_autoptr(MimePart) part = part_new("2", names[_i].type);

	part->filename = g_strdup(names[_i].filename);
	g_autofree char *name = part_safe_filename(part);
	ck_assert_str_eq(name, names[_i].expected);
}
END_TEST

START_TEST(long_names_keep_their_extension)
{
	g_autoptr(MimePart) part = part_new("2", "a/b");
	g_autoptr(GString) filename = g_string_new(NULL);

	for (int i = 0; i < 2500; i++)
		g_string_append(filename, "é");
	g_string_append(filename, ".pdf");
	part->filename = g_strdup(filename->str);
	g_autofree char *name = part_safe_filename(part);
	ck_assert_uint_eq(strlen(name), 200);
	ck_assert(g_str_has_suffix(name, "é.pdf"));
	ck_assert(g_utf8_validate(name, -1, NULL));
}
END_TEST

START_TEST(decodes)
{
	g_autoptr(MimePart) part = part_new("1", "text/plain");

	ck_assert_ptr_null(part_decode(part));
	part->encoding = g_strdup("base64");
	part->content = g_bytes_new_static("aGk=", 4);
	g_autoptr(GBytes) bytes = part_decode(part);
	ck_assert_uint_eq(g_bytes_get_size(bytes), 2);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("part", &tcase);

	tcase_add_loop_test(tcase, readable, 0, G_N_ELEMENTS(readables));
	tcase_add_loop_test(tcase, attachments, 0, G_N_ELEMENTS(counts));
	tcase_add_test(tcase, inline_pictures_are_no_attachments);
	tcase_add_test(tcase, finds);
	tcase_add_loop_test(tcase, safe_names, 0, G_N_ELEMENTS(names));
	tcase_add_test(tcase, long_names_keep_their_extension);
	tcase_add_test(tcase, decodes);
	return run_suite(suite);
}
