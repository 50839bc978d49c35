/* What a server said, under its name; and the small conversions of imaplib. */
#include "config.h"

#include <string.h>
#include <time.h>
#include "core/command/answers.h"
#include "core/command/internaldate.h"
#include "core/wire/framer.h"
#include "tests/run.h"

static Answers *answers;

static void setup(void)
{
	answers = answers_new();
}

static void teardown(void)
{
	answers_free(answers);
}

static void hear(const char *stream)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;

	framer_push(framer, stream, strlen(stream));
	while (framer_next(framer, &frame, NULL) > 0)
		answers_take(answers, &frame);
}

static void append(GString *out, GBytes *bytes)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);

	g_string_append_len(out, text, (gssize)len);
}

/* "text", "text~literal", with '|' between them; NULL where nothing came. */
static char *pop(const char *name)
{
	g_autoptr(GPtrArray) list = answers_pop(answers, name);
	GString *out = g_string_new(NULL);

	if (!list)
		return g_string_free(out, TRUE);
	for (guint i = 0; i < list->len; i++) {
		const Answer *answer = list->pdata[i];
		if (i)
			g_string_append_c(out, '|');
		append(out, answer->text);
		if (answer->literal) {
			g_string_append_c(out, '~');
			append(out, answer->literal);
		}
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *stream, *name, *kept; /* NULL: nothing */
} heard[] = {
	{"* 3 EXISTS\r\n", "EXISTS", "3"},
	{"* 1 RECENT\r\n* 2 RECENT\r\n", "RECENT", "1|2"},
	{"* SEARCH\r\n", "SEARCH", ""},
	{"* SEARCH 1 2\r\n", "SEARCH", "1 2"},
	{"* LIST () \".\" INBOX\r\n", "LIST", "() \".\" INBOX"},
	{"* 5 FETCH (FLAGS ())\r\n", "FETCH", "5 (FLAGS ())"},
	{"* 5 FETCH (BODY[] {3}\r\nabc)\r\n", "FETCH", "5 (BODY[] {3}~abc|)"},
	{"* 5 FETCH (A {1}\r\na B {2}\r\nbc UID 1)\r\n", "FETCH", "5 (A {1}~a| B {2}~bc| UID 1)"},
	{"* OK [UIDVALIDITY 7] fine\r\n", "UIDVALIDITY", "7"},
	{"* OK [UIDVALIDITY 7] fine\r\n", "OK", "[UIDVALIDITY 7] fine"},
	{"* OK [READ-ONLY] so\r\n", "READ-ONLY", ""},
	{"* OK [PERMANENTFLAGS (a]b)] so\r\n", "PERMANENTFLAGS", "(a]b)"},
	{"* OK no [CODE 1] here\r\n", "CODE", NULL},
	{"* bye\r\n", "BYE", ""},
	{"* XPIG latin\r\n", "XPIG", "latin"},
	{"* 12\r\n", "12", ""},
	{"+ go\r\n", "GO", NULL},
};

START_TEST(test_heard)
{
	hear(heard[_i].stream);
	g_autofree char *kept = pop(heard[_i].name);
	ck_assert_pstr_eq(kept, heard[_i].kept);
	g_autofree char *again = pop(heard[_i].name);
	ck_assert_pstr_eq(again, NULL);
}
END_TEST

START_TEST(test_names_in_order)
{
	hear("* 3 EXISTS\r\n* OK [UIDNEXT 4] x\r\n* 4 EXISTS\r\n");
	g_autoptr(GList) names = answers_names(answers);

	ck_assert_str_eq(names->data, "EXISTS");
	ck_assert_str_eq(names->next->data, "OK");
	ck_assert_str_eq(names->next->next->data, "UIDNEXT");
	answers_clear(answers);
	ck_assert_ptr_null(answers_peek(answers, "EXISTS"));
}
END_TEST

/* --- dates and the like --- */

static void in_zone(const char *zone)
{
	g_setenv("TZ", zone, TRUE);
	tzset();
}

static const struct {
	const char *zone;
	double seconds;
	const char *text;
} dates[] = {
	{"UTC0", 0, "\"01-Jan-1970 00:00:00 +0000\""},
	{"UTC0", -1, "\"31-Dec-1969 23:59:59 +0000\""},
	{"UTC0", -0.5, "\"31-Dec-1969 23:59:59 +0000\""},
	{"UTC0", 1767225600.999, "\"01-Jan-2026 00:00:00 +0000\""},
	{"CET-1CEST,M3.5.0,M10.5.0/3", 1767225600, "\"01-Jan-2026 01:00:00 +0100\""},
	{"CET-1CEST,M3.5.0,M10.5.0/3", 1782864000, "\"01-Jul-2026 02:00:00 +0200\""},
	{"XXX-14", 1767225600, "\"01-Jan-2026 14:00:00 +1400\""},
	{"XXX3:30", 1767225600, "\"31-Dec-2025 20:30:00 -0330\""},
	{"UTC0", 1e13, NULL},
};

START_TEST(test_dates)
{
	in_zone(dates[_i].zone);
	g_autofree char *text = internaldate_from_seconds(dates[_i].seconds);
	ck_assert_pstr_eq(text, dates[_i].text);
	if (!text)
		return;
	int64_t seconds;
	g_autofree char *fetch = g_strdup_printf("1 (INTERNALDATE %s UID 4)", text);
	ck_assert(internaldate_find(fetch, &seconds));
	ck_assert_int_eq(seconds, (int64_t)__builtin_floor(dates[_i].seconds));
}
END_TEST

/* A clock on the wall says nothing of its zone: by the season that it claims, or else that it is.
 */
START_TEST(test_local_dates)
{
	struct tm summer = {.tm_year = 126, .tm_mon = 6, .tm_mday = 1, .tm_hour = 12};

	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	for (int isdst = -1; isdst <= 1; isdst++) {
		summer.tm_isdst = isdst;
		g_autofree char *text = internaldate_from_tm(&summer, false);
		ck_assert_str_eq(text, isdst ? "\"01-Jul-2026 12:00:00 +0200\""
					     : "\"01-Jul-2026 12:00:00 +0100\"");
	}
	summer.tm_mday = 32;
	ck_assert_ptr_null(internaldate_from_tm(&summer, false));
}
END_TEST

static const char *const no_dates[] = {
	"",
	"INTERNALDATE",
	"INTERNALDATE \"01-Xyz-2026 00:00:00 +0000\"",
	"INTERNALDATE \"01-Jan-26 00:00:00 +0000\"",
	"INTERNALDATE \"01-Jan-2026 00:00:00\"",
	"INTERNALDATE \"01-Jan-0000 00:00:00 +0000\"",
};

START_TEST(test_no_dates)
{
	int64_t seconds;

	ck_assert(!internaldate_find(no_dates[_i], &seconds));
}
END_TEST

START_TEST(test_letters_and_flags)
{
	static const struct {
		int64_t number;
		const char *letters;
	} numbers[] = {
		{0, ""}, {1, "B"}, {-16, "BA"}, {65535, "PPPP"}, {INT64_MIN, "IAAAAAAAAAAAAAAA"}};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *letters = internaldate_letters(numbers[i].number);
		ck_assert_str_eq(letters, numbers[i].letters);
	}
	g_auto(GStrv) flags = internaldate_flags("1 (UID 2 FLAGS (\\Seen  a]b) X 1)");
	g_auto(GStrv) none = internaldate_flags("1 (UID 2)");
	ck_assert_uint_eq(g_strv_length(flags), 2);
	ck_assert_str_eq(flags[1], "a]b");
	ck_assert_uint_eq(g_strv_length(none), 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("answers", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_heard, 0, G_N_ELEMENTS(heard));
	tcase_add_test(tcase, test_names_in_order);
	tcase_add_loop_test(tcase, test_dates, 0, G_N_ELEMENTS(dates));
	tcase_add_test(tcase, test_local_dates);
	tcase_add_loop_test(tcase, test_no_dates, 0, G_N_ELEMENTS(no_dates));
	tcase_add_test(tcase, test_letters_and_flags);
	return run_suite(suite);
}
