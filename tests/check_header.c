#include "mime/header.h"

#include "tests/cpu_time.h"
#include "tests/run.h"

#include <string.h>

static const struct {
	const char *raw, *expected;
} decodings[] = {
	{"plain", "plain"},
	{" folded\r\n here\n\tand there ", "folded here and there"},
	{"=?utf-8?Q?h=C3=A9llo_w=5Frld?=", "héllo w_rld"},
	{"=?ISO-8859-1?B?aOlsbG8=?= x", "héllo x"},
	{"=?utf-8?q?a?= =?utf-8?q?b?=\r\n =?utf-8?b?Yw==?=", "abc"},
	{"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"},
	{"=?utf-8*en?q?language?=", "language"},
	/* a character cut between two words, of either encoding */
	{"=?utf-8?B?w6nD?= =?utf-8?Q?=A9?=", "éé"},
	{"=?iso-2022-jp?B?GyRCMnE1RBsoQg==?=", "会議"},
	{"x=?utf-8?q?glued?=y", "xgluedy"},
	{"=?utf-8?Q?with blanks and ?\?=", "with blanks and ?"},
	{"=?x-unknown?q?caf=E9?=", "café"},
	{"=?utf-8?Q?open", "=?utf-8?Q?open"},
	{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
	{"=?utf-8?Q?\?=", ""},
	{"raw caf\xC3\xA9 and", "raw café and"},
	{"raw caf\xE9", "raw café"},
	/* no second line, no control, no word inside a word */
	{"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"},
	{"=?utf-8?Q?=1B]0;title=07?=", "␛]0;title␇"},
	{"=?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?=", "=?utf-8?Q?x?="},
};

START_TEST(decodes)
{
	g_autofree char *text = header_decode(decodings[_i].raw, strlen(decodings[_i].raw));

	ck_assert_str_eq(text, decodings[_i].expected);
}
END_TEST

START_TEST(exact_keeps_what_is_sent)
{
	static const char raw[] = "=?utf-8?Q?=E2=9D=A4=EF=B8=8F=0A?=  two  blanks";
	g_autofree char *text = header_decode_exact(raw, sizeof raw - 1);

	ck_assert_str_eq(text, "\u2764\uFE0F\n  two  blanks");
}
END_TEST

START_TEST(nul_survives)
{
	static const char raw[] = "be\0fore =?utf-8?q?a=00b?= after";
	g_autofree char *text = header_decode(raw, sizeof raw - 1);

	ck_assert_str_eq(text, "be␀fore a␀b after");
}
END_TEST

static const struct {
	const char *subject, *base;
} subjects[] = {
	{"Lunch", "Lunch"},
	{"Re: Lunch", "Lunch"},
	{"RE: fwd: Re [2] : Lunch", "Lunch"},
	{"[list] Re: [list] Lunch", "Lunch"},
	{"Fw:Lunch", "Lunch"},
	{"Re: [only a tag]", "[only a tag]"},
	{"Regarding: x", "Regarding: x"},
	{"Re[x: y", "Re[x: y"},
	{"  ", ""},
};

START_TEST(base_subjects)
{
	ck_assert_str_eq(header_base_subject(subjects[_i].subject), subjects[_i].base);
}
END_TEST

/* Floods that would be quadratic where each beginning looks for its end. */
START_TEST(linear)
{
	static const char *const pieces[] = {"=?", "=?u?q?a", "=?u?q?\?=", "?=", "=?u?b?=?="};

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		while (flood->len < 1 << 20)
			g_string_append(flood, pieces[i]);
		double start = cpu_seconds();
		g_free(header_decode(flood->str, flood->len));
		ck_assert(cpu_seconds() - start < SLOW);
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("header", &tcase);

	tcase_add_loop_test(tcase, decodes, 0, G_N_ELEMENTS(decodings));
	tcase_add_test(tcase, exact_keeps_what_is_sent);
	tcase_add_test(tcase, nul_survives);
	tcase_add_loop_test(tcase, base_subjects, 0, G_N_ELEMENTS(subjects));
	tcase_add_test(tcase, linear);
	return run_suite(suite);
}
