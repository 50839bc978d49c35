#include "config.h"

#include <glib.h>
#include <string.h>
#include "core/wire/utf7.h"
#include "tests/run.h"

/* Both ways. */
static const struct {
	const char *utf8, *wire;
} pairs[] = {
	{"", ""},
	{"INBOX", "INBOX"},
	{"a & b", "a &- b"},
	{"&&", "&-&-"},
	{"été", "&AOk-t&AOk-"},
	{"éé", "&AOkA6Q-"},
	{"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
	{"Entwürfe/Größe", "Entw&APw-rfe/Gr&APYA3w-e"},
	{"😀", "&2D3eAA-"},
	{"a😀é&-", "a&2D3eAADp-&--"},
	{"Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"},
};

START_TEST(test_pairs)
{
	g_autofree char *wire = utf7_encode(pairs[_i].utf8);
	g_autofree char *utf8 = utf7_decode(pairs[_i].wire);

	ck_assert_str_eq(wire, pairs[_i].wire);
	ck_assert_str_eq(utf8, pairs[_i].utf8);
}
END_TEST

/* T060: what is no name of utf7_encode() shows escaped. */
static const struct {
	const char *wire, *utf8;
} odd[] = {
	{"a&", "a&"},
	{"a&AOk", "a&AOk"}, /* not closed */
	{"a&AOk b", "a&AOk b"},
	{"&A-", "&A-"},           /* too few bits */
	{"&AOkA-", "&AOkA-"},     /* six bits too many */
	{"&AOl-", "&AOl-"},       /* left-over bits not zero */
	{"&!!-", "&!!-"},         /* no digits */
	{"&2D0-", "&2D0-"},       /* lone surrogate */
	{"&3gDYPQ-", "&3gDYPQ-"}, /* surrogates the wrong way round */
	{"&AGEAYg-", "&AGEAYg-"}, /* encoded ASCII */
	{"&AOkAYQ-", "&AOkAYQ-"},
	{"&AAA-", "&AAA-"},       /* NUL */
	{"&AAo-", "&AAo-"},       /* LF */
	{"&AJs-", "&AJs-"},       /* C1 */
	{"&AOk-&AOk-", "é&AOk-"}, /* two sequences where one must be */
	{"caf\xc3\xa9", "café"},  /* raw UTF-8 */
	{"caf\xe9", "caf\\xE9"},  /* raw Latin-1 */
	{"a\x1b[0m\x7f", "a\\x1B[0m\\x7F"},
	{"\xc2\x9b", "\\xC2\\x9B"},
	{"../../x", "../../x"},
};

START_TEST(test_odd_names)
{
	g_autofree char *utf8 = utf7_decode(odd[_i].wire);

	ck_assert_str_eq(utf8, odd[_i].utf8);
	ck_assert(g_utf8_validate(utf8, -1, NULL));
}
END_TEST

START_TEST(test_every_character_comes_back)
{
	for (gunichar c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 61) {
		if (!g_unichar_validate(c) || g_unichar_iscntrl(c))
			continue;
		char text[16] = "x";
		text[1 + g_unichar_to_utf8(c, text + 1)] = '\0';
		g_autofree char *wire = utf7_encode(text);
		g_autofree char *back = utf7_decode(wire);
		ck_assert_str_eq(back, text);
		for (const char *at = wire; *at != '\0'; at++)
			ck_assert(*at >= ' ' && *at <= '~');
	}
}
END_TEST

START_TEST(test_long_names)
{
	g_autofree char *open = g_strnfill(1 << 20, '&');
	g_autofree char *shown = utf7_decode(open);
	ck_assert_str_eq(shown, open);

	g_autoptr(GString) digits = g_string_new("&");
	for (unsigned i = 0; i < 1 << 18; i++)
		g_string_append(digits, "AOkA");
	g_autofree char *unclosed = utf7_decode(digits->str);
	ck_assert_str_eq(unclosed, digits->str);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("utf7", &tcase);

	tcase_add_loop_test(tcase, test_pairs, 0, G_N_ELEMENTS(pairs));
	tcase_add_loop_test(tcase, test_odd_names, 0, G_N_ELEMENTS(odd));
	tcase_add_test(tcase, test_every_character_comes_back);
	tcase_add_test(tcase, test_long_names);
	return run_suite(suite);
}
