#include "mime/flow.h"

#include "tests/cpu_time.h"
#include "tests/run.h"

#include <string.h>

#define FIXED  false, false
#define FLOWED true, false
#define DELSP  true, true

static const struct {
	const char *text;
	bool flowed, delsp;
	int width;
	const char *expected;
} cases[] = {
	{"", FIXED, 40, ""},
	{"one\ntwo", FIXED, 40, "one\ntwo\n"},
	{"a\n\n\nb\n", FIXED, 40, "a\n\n\nb\n"},
	{"words are broken at blanks", FIXED, 20, "words are broken at\nblanks\n"},
	{"words   with    many      blanks", FIXED, 20, "words   with    many\nblanks\n"},
	{"exactly twenty chars", FIXED, 20, "exactly twenty chars\n"},
	{"exactly twenty chars   ", FIXED, 20, "exactly twenty chars\n"},
	{"a_word_that_is_longer_than_the_width", FIXED, 20,
	 "a_word_that_is_longe\nr_than_the_width\n"},
	{"x a_word_that_is_longer_than_the_width", FIXED, 20,
	 "x\na_word_that_is_longe\nr_than_the_width\n"},
	{"not wrapped at all, whatever its length", FIXED, 0,
	 "not wrapped at all, whatever its length\n"},
	{"    indented by four and then some", FIXED, 20, "    indented by four\nand then some\n"},
	{"a\tb\n1234567\tx\n\ty", FIXED, 40, "a       b\n1234567 x\n        y\n"},
	/* a quote is wrapped behind its own marks */
	{"> a quote of some more words", FIXED, 20, "> a quote of some\n> more words\n"},
	{">>> deep quote of some words", FIXED, 20, ">>> deep quote of\n>>> some words\n"},
	{"> > typed with blanks and long", FIXED, 20, "> > typed with\n> > blanks and long\n"},
	/* scripts without blanks, closing brackets not at the beginning of a line */
	{"日本語の文章はどこでも折り返す。", FIXED, 20, "日本語の文章はどこで\nも折り返す。\n"},
	{"日本語の文章はどこで。も折", FIXED, 20, "日本語の文章はどこ\nで。も折\n"},
	{"word日本語の文章はどこでも", FIXED, 20, "word日本語の文章はど\nこでも\n"},
	/* RFC 3676 */
	{"a flowed \nparagraph \nof lines\nand a fixed one\n", FLOWED, 40,
	 "a flowed paragraph of lines\nand a fixed one\n"},
	{"two \nlines", FLOWED, 0, "two lines\n"},
	{"del \nsp ", DELSP, 40, "delsp\n"},
	{">> deep \n>> quote\n> less\nnone\n", FLOWED, 40, ">> deep quote\n> less\nnone\n"},
	{"> flows \nunto another depth \n", FLOWED, 40, "> flows \nunto another depth \n"},
	{" >stuffed\n From x\n", FLOWED, 40, ">stuffed\nFrom x\n"},
	{"text \n-- \nsignature \nflows\n", FLOWED, 40, "text \n-- \nsignature flows\n"},
	{">\n> x\n", FLOWED, 40, ">\n> x\n"},
	{"> a quote that flows \n> over two lines\n", FLOWED, 20,
	 "> a quote that flows\n> over two lines\n"},
};

START_TEST(flows)
{
	g_autoptr(MimeDoc) doc = doc_new();

	flow_to_doc(cases[_i].text, cases[_i].flowed, cases[_i].delsp, cases[_i].width, doc);
	g_autofree char *text = doc_to_text(doc, false);
	ck_assert_str_eq(text, cases[_i].expected);
}
END_TEST

static DocStyle style_at(const MimeDoc *doc, size_t line)
{
	size_t n;
	const DocSpan *spans = doc_line(doc, line, &n);

	return n == 0 ? DOC_NORMAL : spans[n - 1].style;
}

START_TEST(styles)
{
	g_autoptr(MimeDoc) doc = doc_new();

	flow_to_doc("hi\n> > x\n-- \nno sig\n>>y\n-- \nme\n", FIXED, 40, doc);
	ck_assert_int_eq(style_at(doc, 0), DOC_NORMAL);
	ck_assert_int_eq(style_at(doc, 1), DOC_QUOTE);
	ck_assert_uint_eq(doc_line_depth(doc, 1), 2);
	ck_assert_int_eq(style_at(doc, 3), DOC_NORMAL);
	ck_assert_uint_eq(doc_line_depth(doc, 4), 2);
	ck_assert_int_eq(style_at(doc, 5), DOC_SIGNATURE);
	ck_assert_int_eq(style_at(doc, 6), DOC_SIGNATURE);
}
END_TEST

static const struct {
	const char *text, *target;
} urls[] = {
	{"see http://example.org/a?b=c#d now", "http://example.org/a?b=c#d"},
	{"HTTPS://X.org.", "HTTPS://X.org"},
	{"(see http://x.org/a)", "http://x.org/a"},
	{"http://x.org/a_(b)", "http://x.org/a_(b)"},
	{"<http://x.org/a>,", "http://x.org/a"},
	{"www.example.org!", "http://www.example.org"},
	{"mailto:a@x.org", "mailto:a@x.org"},
	{"こちらhttp://x.org/です", "http://x.org/"},
	{"http://x.org/\u202Emoc", "http://x.org/"},
	{"http://", NULL},
	{"xhttp://x.org", NULL},
	{"javascript:alert(1)", NULL},
};

START_TEST(finds_links)
{
	g_autoptr(MimeDoc) doc = doc_new();

	flow_to_doc(urls[_i].text, FIXED, 40, doc);
	ck_assert_pstr_eq(doc_link_count(doc) == 0 ? NULL : doc_link(doc, 0), urls[_i].target);
	g_autofree char *text = doc_to_text(doc, true);
	ck_assert_uint_eq(strlen(text),
			  strlen(urls[_i].text) + 1 + (strstr(urls[_i].text, "\u202E") ? 3 : 0));
}
END_TEST

START_TEST(a_broken_link_is_one_link)
{
	g_autoptr(MimeDoc) doc = doc_new();
	size_t n;

	flow_to_doc("> http://example.org/quite/a/long/path/to/follow", FIXED, 20, doc);
	ck_assert_uint_eq(doc_link_count(doc), 1);
	ck_assert_uint_eq(doc_line_count(doc), 3);
	const DocSpan *spans = doc_line(doc, 2, &n);
	ck_assert_int_eq(spans[n - 1].style, DOC_LINK);
	ck_assert_int_eq(spans[n - 1].link, 0);
	ck_assert_uint_eq(spans[n - 1].depth, 1);
}
END_TEST

/* Quoting levels, blanks and links that would be read again and again. */
START_TEST(linear)
{
	static const char *const pieces[] = {
		">",  "> ",    " ",      "\t",       "http://", "(",   "www.",        "a ",
		"\n", "-- \n", "> a \n", ">>>> x\n", "日",      ")))", "http://x)))", "\u0301"};

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		while (flood->len < 1 << 20)
			g_string_append(flood, pieces[i]);
		for (int flowed = 0; flowed < 2; flowed++) {
			g_autoptr(MimeDoc) doc = doc_new();
			double start = cpu_seconds();
			flow_to_doc(flood->str, flowed == 1, false, 80, doc);
			ck_assert_msg(cpu_seconds() - start < SLOW, "slow: '%s'", pieces[i]);
			for (size_t l = 0; l < doc_line_count(doc); l++)
				ck_assert_int_le(doc_line_width(doc, l), 80);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("flow", &tcase);

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, flows, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tcase, styles);
	tcase_add_loop_test(tcase, finds_links, 0, G_N_ELEMENTS(urls));
	tcase_add_test(tcase, a_broken_link_is_one_link);
	tcase_add_test(tcase, linear);
	return run_suite(suite);
}
