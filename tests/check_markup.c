#include "mime/entity.h"
#include "mime/markup.h"

#include "tests/run.h"

#include <string.h>

/* Tokens as <name>, </name> and {text}. */
static const struct {
	const char *html, *expected;
} cases[] = {
	{"a<b>c</b>", "{a}<b>{c}</b>"},
	{"<BR/><img src=x>", "<br><img>"},
	{"1 < 2 <3", "{1 }{< 2 }{<3}"},
	{"<!-- c > --><!doctype html><?x?></>a", "{a}"},
	{"<!-->a<!-- never closed > b", "{a}{ b}"},
	{"<a title='>' href=\">\">x</a >", "<a>{x}</a>"},
	{"<a href=\"never closed>x</a>", "<a>{x}</a>"},
	{"<a href", "{<a href}"},
	{"x<", "{x}{<}"},
	{"<script>if (a<b) c()</SCRIPT>d", "<script></script>{d}"},
	{"<style>never closed <b>x", "<style>{never closed }<b>{x}"},
	{"<title>T<b></title>x", "<title></title>{x}"},
	{"<a_very_long_name_indeed>x", "<a_very_long_nam>{x}"},
	{"", ""},
};

START_TEST(cuts)
{
	const char *html = cases[_i].html;
	Markup markup = {.at = html, .end = html + strlen(html)};
	MarkupToken token;
	g_autoptr(GString) all = g_string_new(NULL);

	while (markup_next(&markup, &token)) {
		if (token.kind == MARKUP_TEXT)
			g_string_append_printf(all, "{%.*s}", (int)token.len, token.text);
		else
			g_string_append_printf(all, "<%s%s>", token.kind == MARKUP_CLOSE ? "/" : "",
					       token.name);
	}
	ck_assert_str_eq(all->str, cases[_i].expected);
}
END_TEST

static const struct {
	const char *tag, *name, *expected;
} attributes[] = {
	{"<a href=x>", "href", "x"},
	{"<a HREF = 'a b' x>", "href", "a b"},
	{"<a x href=\"a&amp;b&copy=1\"/>", "href", "a&b&copy=1"},
	{"<a hidden>", "hidden", ""},
	{"<a data-href=x>", "href", NULL},
	{"<a href=a href=b>", "href", "a"},
	{"<a b='href=x'>", "href", NULL},
	{"<a href=http://x/y?z=1>", "href", "http://x/y?z=1"},
};

START_TEST(reads_attributes)
{
	const char *html = attributes[_i].tag;
	Markup markup = {.at = html, .end = html + strlen(html)};
	MarkupToken token;

	ck_assert(markup_next(&markup, &token));
	g_autofree char *value = markup_attribute(&token, attributes[_i].name);
	ck_assert_pstr_eq(value, attributes[_i].expected);
}
END_TEST

static const struct {
	const char *text, *expected;
} references[] = {
	{"a&amp;b", "a&b"},
	{"&lt;&gt;&quot;&apos;&nbsp;", "<>\"'\u00A0"},
	{"&eacute;&Eacute;&thetasym;&zwnj;", "éÉϑ\u200C"},
	{"&copy 2002", "© 2002"},
	{"&copyright;", "&copyright;"},
	{"&#233;&#xE9;&#XE9", "ééé"},
	{"&#150;&#0;&#xD800;&#99999999999;", "–\uFFFD\uFFFD\uFFFD"},
	{"& &; &# &#x; &nosuch; AT&T", "& &; &# &#x; &nosuch; AT&T"},
};

START_TEST(decodes_references)
{
	g_autoptr(GString) out = g_string_new(NULL);

	entity_decode(out, references[_i].text, strlen(references[_i].text), false);
	ck_assert_str_eq(out->str, references[_i].expected);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("markup", &tcase);

	tcase_add_loop_test(tcase, cuts, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(tcase, reads_attributes, 0, G_N_ELEMENTS(attributes));
	tcase_add_loop_test(tcase, decodes_references, 0, G_N_ELEMENTS(references));
	return run_suite(suite);
}
