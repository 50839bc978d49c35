#include "mime/doc.h"

#include "tests/run.h"

#include <string.h>

static void add(MimeDoc *doc, DocStyle style, const char *text)
{
	doc_add(doc, style, 0, text, strlen(text));
}

START_TEST(lines_and_spans)
{
	g_autoptr(MimeDoc) doc = doc_new();
	size_t n;

	ck_assert_uint_eq(doc_line_count(doc), 0);
	add(doc, DOC_NORMAL, "one");
	add(doc, DOC_NORMAL, " two");
	add(doc, DOC_BOLD, "é\n\nthird");
	ck_assert_uint_eq(doc_line_count(doc), 3);
	const DocSpan *spans = doc_line(doc, 0, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(spans[0].len, 7);
	ck_assert_int_eq(spans[1].style, DOC_BOLD);
	ck_assert_int_eq(doc_line_width(doc, 0), 8);
	doc_line(doc, 1, &n);
	ck_assert_uint_eq(n, 0);
	doc_finish_line(doc);
	doc_finish_line(doc);
	g_autofree char *text = doc_to_text(doc, false);
	ck_assert_str_eq(text, "one twoé\n\nthird\n");
}
END_TEST

START_TEST(depth_is_the_line_s)
{
	g_autoptr(MimeDoc) doc = doc_new();

	doc_add(doc, DOC_QUOTE, 2, "> > x\n", 6);
	doc_end_line(doc);
	ck_assert_uint_eq(doc_line_depth(doc, 0), 2);
	ck_assert_uint_eq(doc_line_depth(doc, 1), 0);
}
END_TEST

START_TEST(links)
{
	g_autoptr(MimeDoc) doc = doc_new(), whole = doc_new();

	doc_new_link(whole, "http://first", false);
	int link = doc_new_link(doc, "http://second", true);
	doc_add_link(doc, 0, "sec\nond", 7, link);
	doc_append(whole, doc);
	ck_assert_uint_eq(doc_link_count(whole), 2);
	size_t n;
	const DocSpan *spans = doc_line(whole, 1, &n);
	ck_assert_int_eq(spans[0].link, 1);
	ck_assert_str_eq(doc_link(whole, 1), "http://second");
	g_autofree char *text = doc_to_text(whole, true);
	ck_assert_str_eq(text, "sec\nond\n\n[2] http://second\n");
}
END_TEST

START_TEST(open_bidi_is_closed)
{
	g_autoptr(MimeDoc) doc = doc_new();

	add(doc, DOC_NORMAL, "a\u202Eb");
	add(doc, DOC_BOLD, "c\u2066\nd");
	g_autofree char *text = doc_to_text(doc, false);
	ck_assert_str_eq(text, "a\u202Ebc\u2066\u2069\u202C\nd\n");
}
END_TEST

START_TEST(large_text_stays_in_place)
{
	g_autoptr(MimeDoc) doc = doc_new();
	g_autofree char *block = g_strnfill(50000, 'x');
	size_t n;

	add(doc, DOC_NORMAL, "first");
	const DocSpan first = *doc_line(doc, 0, &n);
	for (int i = 0; i < 100; i++)
		add(doc, DOC_NORMAL, block);
	ck_assert_mem_eq(first.text, "first", 5);
	ck_assert_int_eq(doc_line_width(doc, 0), 5 + 100 * 50000);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("doc", &tcase);

	tcase_add_test(tcase, lines_and_spans);
	tcase_add_test(tcase, depth_is_the_line_s);
	tcase_add_test(tcase, links);
	tcase_add_test(tcase, open_bidi_is_closed);
	tcase_add_test(tcase, large_text_stays_in_place);
	return run_suite(suite);
}
