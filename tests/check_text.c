#include "mime/text.h"

#include "tests/run.h"

#include <string.h>

#define BAD "\xEF\xBF\xBD"

static const struct {
	const char *charset, *raw;
	size_t len;
	const char *expected;
} decodings[] = {
	{"utf-8", "h\xC3\xA9", 3, "hé"},
	{"UTF8", "\xEF\xBB\xBFx", 4, "x"},
	{"us-ascii", "caf\xE9", 4, "café"},
	{NULL, "caf\xC3\xA9", 5, "café"},
	{NULL, "caf\xE9\x80", 5, "café€"},
	{NULL, "na\xC3\xAF cut \xE2\x82", 11, "naï cut " BAD},
	{NULL, "\xC3", 1, "Ã"},
	{"iso-8859-1", "\x93quoted\x94", 8, "“quoted”"},
	{"windows-1252", "\x81", 1, BAD},
	{"ISO-8859-15", "\xA4", 1, "€"},
	{"koi8-r", "\xD0\xD2\xC9\xD7\xC5\xD4", 6, "привет"},
	{"iso-2022-jp", "\x1B$B2q5D\x1B(B!", 11, "会議!"},
	{"Shift_JIS", "\x89\xEF\x8B\x63", 4, "会議"},
	{"x-sjis", "\x89\xEF\x8B", 3, "会" BAD},
	{"gb2312", "\xC4\xE3\xBA\xC3", 4, "你好"},
	{"big5", "\xA7\x41\xA6\x6E", 4, "你好"},
	{"ks_c_5601-1987", "\xC7\xD1", 2, "한"},
	{"utf-16", "\0h\0i", 4, "hi"},
	{"utf-16", "h\0i\0", 4, "hi"},
	{"utf-16", "\xFF\xFEh\0\0\0", 6, "h␀"},
	{"utf-16le", "\0\xDCx\0", 4, BAD "x"},
	{"utf-7", "+AOk-", 5, "+AOk-"},
	{"utf-8//IGNORE", "\xE9", 1, "é"},
	{"WCHAR_T", "\xE9", 1, "é"},
	{"no-such-charset", "\xC3\xA9", 2, "é"},
	{"utf-8", "a\0b", 3, "a␀b"},
	{NULL, "a\0\xE9", 3, "a␀é"},
	{"iso-8859-2", "a\0b", 3, "a␀b"},
	/* overlong, surrogate, above the last, cut, lone continuation */
	{"utf-8", "\xC0\x80", 2, BAD BAD},
	{"utf-8", "\xED\xA0\x80", 3, BAD BAD BAD},
	{"utf-8", "\xF4\x90\x80\x80", 4, BAD BAD BAD BAD},
	{"utf-8", "\xE2\x82x", 3, BAD "x"},
	{"utf-8", "\xF0\x9F\x98", 3, BAD},
	{"utf-8", "\x80\xFF", 2, BAD BAD},
};

START_TEST(decodes)
{
	size_t len;
	g_autofree char *text =
		text_to_utf8(decodings[_i].raw, decodings[_i].len, decodings[_i].charset, &len);

	ck_assert_str_eq(text, decodings[_i].expected);
	ck_assert_uint_eq(len, strlen(text));
}
END_TEST

static const struct {
	TextShape shape;
	const char *text, *expected;
} cleanings[] = {
	{TEXT_LINES, "a\x1B]0;title\x07z", "a␛]0;title␇z"},
	{TEXT_LINES, "\x7F\x08\x0C", "␡␈␌"},
	{TEXT_LINES,
	 "\xC2\x9B"
	 "31m",
	 BAD "31m"},
	{TEXT_LINES, "a\r\nb\rc\nd", "a\nb\nc\nd"},
	{TEXT_LINES, "a\tb", "a\tb"},
	{TEXT_LINES, "a\xE2\x80\xA8z", "a\nz"},
	{TEXT_ONE_LINE, "a\r\n  b\t\tc\n", "a b c "},
	{TEXT_ONE_LINE, "a\xC2\xA0\xE2\x80\x83z", "a z"},
	/* an override closed at the line's end, its own closer kept, a stray closer dropped */
	{TEXT_LINES, "x\u202Ey\nz", "x\u202Ey\u202C\nz"},
	{TEXT_LINES, "x\u202Ey\u202Cz", "x\u202Ey\u202Cz"},
	{TEXT_LINES, "x\u202Cy\u2069", "xy"},
	{TEXT_LINES, "\u2067a\u202Bb", "\u2067a\u202Bb\u202C\u2069"},
	{TEXT_LINES, "\u2067a\u202Bb\u2069c", "\u2067a\u202Bb\u2069c"},
	/* invisible ones go, those that shape letters stay */
	{TEXT_LINES, "in\u00ADvi\u200Bsi\uFEFFble\U000E0041", "invisible"},
	{TEXT_LINES, "\u0645\u06CC\u200C\u062E", "\u0645\u06CC\u200C\u062E"},
	{TEXT_LINES, "\u2764\uFE0F", "\u2764"},
	{TEXT_LINES, "\U0001F468\u200D\U0001F469", "\U0001F468\U0001F469"},
	{TEXT_LINES, "\U0001F44D\U0001F3FD", "\U0001F44D"},
	{TEXT_LINES, "\u0378\uFFFF", BAD BAD},
	{TEXT_LINES, "bad \xC3( utf8", "bad " BAD "( utf8"},
};

START_TEST(cleans)
{
	g_autofree char *text = text_clean(cleanings[_i].text, cleanings[_i].shape);

	ck_assert_str_eq(text, cleanings[_i].expected);
}
END_TEST

START_TEST(names_show_what_hides)
{
	g_autofree char *file = text_clean_name("invoice\u202Efdp.exe");
	g_autofree char *zero = text_clean_name("a\u200Bb\u00ADc\n\u3164");

	ck_assert_str_eq(file, "invoice<U+202E>fdp.exe");
	ck_assert_str_eq(zero, "a<U+200B>b<U+00AD>c <U+3164>");
}
END_TEST

START_TEST(marks_are_bounded)
{
	g_autoptr(GString) load = g_string_new("e");

	for (int i = 0; i < 10000; i++)
		g_string_append(load, "\u0301");
	g_string_append(load, "xe\u0301");
	g_autofree char *text = text_clean(load->str, TEXT_LINES);
	ck_assert_uint_eq(strlen(text), 1 + 8 * 2 + 2 + 2);
	ck_assert_int_eq(text_width(text), 3);
}
END_TEST

START_TEST(all_bytes_are_harmless)
{
	static const char *const labels[] = {NULL,     "utf-8",  "iso-8859-1", "iso-2022-jp",
					     "gb2312", "utf-16", "big5",       "euc-kr"};
	char raw[256 * 2];

	for (int i = 0; i < 256; i++) {
		raw[2 * i] = (char)i;
		raw[2 * i + 1] = (char)(255 - i);
	}
	for (size_t l = 0; l < G_N_ELEMENTS(labels); l++) {
		g_autofree char *text = text_to_utf8(raw, sizeof raw, labels[l], NULL);
		ck_assert(g_utf8_validate(text, -1, NULL));
		g_autofree char *line = text_clean(text, TEXT_ONE_LINE);
		ck_assert(g_utf8_validate(line, -1, NULL));
		for (const char *p = line; *p != '\0'; p = g_utf8_next_char(p)) {
			gunichar c = g_utf8_get_char(p);
			ck_assert_msg(c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0),
				      "U+%04X got through", c);
		}
	}
}
END_TEST

static const struct {
	const char *text;
	int width;
} widths[] = {
	{"", 0},       {"abc", 3},        {"田中太郎", 8},   {"e\u0301", 1},
	{"ｱ", 1},      {"\U0001F600", 2}, {"\u2764", 1},     {"한글", 4},
	{"\u4DC0", 2}, {"\u0600", 1},     {"\u202E", 0},     {"\uE000", 1},
	{"│─", 2},     {"\U00020000", 2}, {"\U000E0101", 0}, {"…", 1},
};

START_TEST(measures)
{
	ck_assert_int_eq(text_width(widths[_i].text), widths[_i].width);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("text", &tcase);

	tcase_add_loop_test(tcase, decodes, 0, G_N_ELEMENTS(decodings));
	tcase_add_loop_test(tcase, cleans, 0, G_N_ELEMENTS(cleanings));
	tcase_add_test(tcase, names_show_what_hides);
	tcase_add_test(tcase, marks_are_bounded);
	tcase_add_test(tcase, all_bytes_are_harmless);
	tcase_add_loop_test(tcase, measures, 0, G_N_ELEMENTS(widths));
	return run_suite(suite);
}
