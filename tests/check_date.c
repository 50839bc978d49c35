#include "mime/date.h"

#include "tests/run.h"

#include <glib.h>
#include <string.h>

static const struct {
	const char *raw;
	bool good;
	int64_t seconds;
	int zone;
} dates[] = {
	{"Mon, 9 Nov 2026 14:02:05 +0100", true, 1794229325, 60},
	{" Mon, 9 Nov 2026\r\n 14:02:05 +0100 (CET)", true, 1794229325, 60},
	{"9 Nov 26 14:02 EST", true, 1794250920, -300},
	{"Fri, 21 Nov 97 09(comment):55(nested (one)):06 -0600", true, 880127706, -360},
	{"Sat Nov 14 18:04:12 2026", true, 1794679452, 0},
	{"1 Jan 1970 00:00:00 +0000", true, 0, 0},
	{"Thu, 13 Feb 1969 23:32 -0330", false, 0, 0},
	{"Wed, 24 Jul 0102 21:48:06 +1200", false, 0, 0},
	{"Thu, 13 Feb 2001 25:61:61 -0330", false, 0, 0},
	{"Whenever", false, 0, 0},
	{"", false, 0, 0},
};

START_TEST(reads_dates)
{
	int64_t seconds = 0;
	int zone = 0;

	ck_assert_int_eq(date_read(dates[_i].raw, strlen(dates[_i].raw), &seconds, &zone),
			 dates[_i].good);
	ck_assert_int_eq(seconds, dates[_i].seconds);
	ck_assert_int_eq(zone, dates[_i].zone);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("date", &tcase);

	tcase_add_loop_test(tcase, reads_dates, 0, G_N_ELEMENTS(dates));
	return run_suite(suite);
}
