#include "mime/html.h"

#include "tests/cpu_time.h"
#include "tests/run.h"

#include <string.h>

static const struct {
	const char *html;
	int width;
	const char *expected;
} cases[] = {
	{"", 40, ""},
	{"plain  \n text", 40, "plain text\n"},
	{"<p>one<p>two</p>three", 40, "one\n\ntwo\n\nthree\n"},
	{"a<br>b<br><br><br><br>c", 40, "a\nb\n\nc\n"},
	{"<div>a</div><div><div>b</div></div>c", 40, "a\nb\nc\n"},
	{"<p>&nbsp;</p><p></p>x&nbsp;&nbsp;y", 40, "x y\n"},
	{"a <b> bold </b> z", 40, "a bold z\n"},
	{"<h1>Head</h1>text", 40, "Head\n\ntext\n"},
	{"<p>words that are wrapped", 20, "words that are\nwrapped\n"},
	{"<ul><li>one<li>two words that wrap</ul>end", 20,
	 "• one\n• two words that\n  wrap\n\nend\n"},
	{"<ol><li>a</li><li>b<ul><li>c</ul></ol>", 40, "1. a\n2. b\n\n   • c\n"},
	{"<dl><dt>term<dd>what it means</dl>", 40, "term\n    what it means\n"},
	{"<blockquote>q<blockquote>r s</blockquote></blockquote>t", 40, "> q\n>\n> > r s\n\nt\n"},
	{"<pre>a  b\n\tc\n\nd</pre>e  f", 40, "a  b\n        c\n\nd\n\ne f\n"},
	{"<pre>a very long line in pre</pre>", 20, "a very long line in \npre\n"},
	{"a<hr>b", 20, "a\n────────────────────\nb\n"},
	{"<table><tr><th>Item<th>Price<tr><td><p>Tea</p></td><td>3</table>x", 40,
	 "Item | Price\nTea | 3\nx\n"},
	{"<table><tr><td>left<br>column</td><td>right</td></tr></table>", 40,
	 "left\ncolumn\nright\n"},
	{"<table><tr><td>a column of a layout with rather a lot of text</td><td>b</table>", 0,
	 "a column of a layout with rather a lot of text\nb\n"},
	{"<table><tr><td></td><td>only</td></table>", 40, "only\n"},
	{"<img alt='a picture' src=http://x/y.png> <img src=z>", 40, "[a picture]\n"},
	{"<title>t</title><style>p{}</style><script>x</script>text", 40, "text\n"},
	{"<select><option>a<option>b</select><input type=submit value=Send>", 40, "[Send]\n"},
	{"caf\xC3\xA9 &euro; \xFF", 40, "café € \uFFFD\n"},
	{"esc\x1B]0;x\x07", 40, "esc␛]0;x␇\n"},
	/* what is hidden is counted, not shown */
	{"a<span style='display: none'>b c</span>d", 40, "ad\n\n[2 hidden words are not shown]\n"},
	{"a<x-y style='FONT-SIZE:0px'>b</x-y>d", 40, "ad\n\n[1 hidden word is not shown]\n"},
	{"<div style='max-height:0;opacity:0'><p>b</div>d", 40,
	 "d\n\n[1 hidden word is not shown]\n"},
	{"<p style='font-size:0.9em;line-height:0;opacity:0.5'>seen", 40, "seen\n"},
	{"<p hidden>x<p>y", 40, "y\n\n[1 hidden word is not shown]\n"},
	{"<span style='display:none'>&zwnj;&nbsp;</span>x", 40, "x\n"},
	{"<b>a<p>b</b>c", 40, "a\n\nbc\n"},
	{"</table></div></p></b>x", 40, "x\n"},
	{"<table><tr><td>a</div></td><td>b</td></tr></table>", 40, "a | b\n"},
};

START_TEST(shows)
{
	g_autoptr(MimeDoc) doc = doc_new();

	html_to_doc(cases[_i].html, strlen(cases[_i].html), cases[_i].width, doc);
	g_autofree char *text = doc_to_text(doc, true);
	ck_assert_str_eq(text, cases[_i].expected);
}
END_TEST

static const struct {
	const char *html, *expected;
} links[] = {
	{"see <a href='http://x.org/a'>this</a>.", "see this[1].\n\n[1] http://x.org/a\n"},
	{"<a href=http://x.org>http://x.org</a>", "http://x.org\n"},
	{"<a href='mailto:a@x.org'>a@x.org</a>", "a@x.org\n"},
	{"<a href='https://evil.test'>https://bank.test</a>",
	 "https://bank.test[1]\n\n[1] https://evil.test\n"},
	{"<a href='javascript:x()'>a</a> <a href='#top'>b</a> <a href='data:,x'>c</a>", "a b c\n"},
	{"<a href=' HTTP://x '><img src=y></a>", "[image][1]\n\n[1] HTTP://x\n"},
	{"<a href=http://x></a>y", "y\n"},
	{"<a href=http://x>a</a><a href=http://y>b", "a[1]b[2]\n\n[1] http://x\n[2] http://y\n"},
	{"<a href=http://x><p>a</p></a>b", "a[1]\n\nb\n\n[1] http://x\n"},
	{"<a href='http://x/&#x202E;moc'>a</a>", "a[1]\n\n[1] http://x/<U+202E>moc\n"},
};

START_TEST(numbers_links)
{
	g_autoptr(MimeDoc) doc = doc_new();

	html_to_doc(links[_i].html, strlen(links[_i].html), 60, doc);
	g_autofree char *text = doc_to_text(doc, true);
	ck_assert_str_eq(text, links[_i].expected);
}
END_TEST

START_TEST(styles)
{
	static const char html[] = "<p>n<b>b</b><i>e</i><code>c</code><a href=http://x>l</a>"
				   "<blockquote>q</blockquote>";
	static const DocStyle expected[] = {DOC_NORMAL, DOC_BOLD, DOC_EMPHASIS, DOC_CODE, DOC_LINK};
	g_autoptr(MimeDoc) doc = doc_new();
	size_t n;

	html_to_doc(html, sizeof html - 1, 40, doc);
	const DocSpan *spans = doc_line(doc, 0, &n);
	ck_assert_uint_eq(n, G_N_ELEMENTS(expected));
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(spans[i].style, expected[i]);
	ck_assert_uint_eq(doc_line_depth(doc, 2), 1);
}
END_TEST

START_TEST(charsets)
{
	static const char html[] = "<html><meta http-equiv=x content='text/html; charset=koi8-r'>";
	g_autofree char *charset = html_charset(html, sizeof html - 1);
	g_autofree char *quoted = html_charset("<meta charset=\"utf-8\">", 22);
	g_autofree char *none = html_charset("<p>charset", 10);

	ck_assert_str_eq(charset, "koi8-r");
	ck_assert_str_eq(quoted, "utf-8");
	ck_assert_ptr_null(none);
}
END_TEST

/* What makes tree builders and backtracking scanners slow. */
START_TEST(linear)
{
	static const char *const pieces[] = {
		"<div>",      "<b></i>",
		"<div></p>",  "<",
		"</",         "<!--",
		"<!-- x ",    "&",
		"&#",         "<a href=",
		"<a href=\"", "<table><tr><td>",
		"<x a=b ",    "<script>",
		"<style>x",   "<td></table>",
		"<li><ul>",   "<a href=http://x>",
		"<pre>\t",    "<blockquote>x",
		"<ol><li>x",  "<p>x",
		"<br>",       "<img alt=x>",
		"<!doctype ", "<p style='",
		"\u0301",     "<select>",
		"</x",        "<b style=\"a>'",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		g_autoptr(MimeDoc) doc = doc_new();
		while (flood->len < 1 << 20)
			g_string_append(flood, pieces[i]);
		double start = cpu_seconds();
		html_to_doc(flood->str, flood->len, 80, doc);
		ck_assert_msg(cpu_seconds() - start < SLOW, "slow: %s", pieces[i]);
		for (size_t line = 0; line < doc_line_count(doc); line++)
			ck_assert_int_le(doc_line_width(doc, line), 80);
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("html", &tcase);

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, shows, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(tcase, numbers_links, 0, G_N_ELEMENTS(links));
	tcase_add_test(tcase, styles);
	tcase_add_test(tcase, charsets);
	tcase_add_test(tcase, linear);
	return run_suite(suite);
}
