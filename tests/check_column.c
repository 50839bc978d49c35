/* check_column - the index's columns: what fits where, and dates by age; room for keywords. */
#include <time.h>

#include "tests/run.h"
#include "ui/panel/column.h"
#include "ui/panel/labels.h"

#define NOW 1795400000 /* Mon 2026-11-23 */

START_TEST(columns_never_overlap_or_leave_the_panel)
{
	for (int cols = 10; cols <= 300; cols++) {
		ColumnLayout layout;
		int end = 0;

		column_layout(cols, &layout);
		for (int i = 0; i < COLUMN_COUNT; i++) {
			if (layout.width[i] == 0)
				continue;
			ck_assert_int_ge(layout.at[i], end);
			end = layout.at[i] + layout.width[i];
		}
		if (cols >= 34)
			ck_assert_int_le(end, cols);
	}
}
END_TEST

START_TEST(wide_panels_show_everything_and_waste_nothing)
{
	ColumnLayout layout;

	column_layout(120, &layout);
	for (int i = 0; i < COLUMN_COUNT; i++)
		ck_assert_int_gt(layout.width[i], 0);
	ck_assert_int_eq(layout.at[COLUMN_DATE] + layout.width[COLUMN_DATE], 120);
	ck_assert_int_gt(layout.width[COLUMN_SUBJECT], layout.width[COLUMN_FROM]);
}
END_TEST

START_TEST(narrow_panels_lose_size_first_and_subject_never)
{
	ColumnLayout layout;

	column_layout(60, &layout);
	ck_assert_int_eq(layout.width[COLUMN_SIZE], 0);
	ck_assert_int_gt(layout.width[COLUMN_DATE], 0);
	column_layout(40, &layout);
	ck_assert_int_eq(layout.width[COLUMN_DATE], 0);
	ck_assert_int_gt(layout.width[COLUMN_FROM], 0);
	ck_assert_int_gt(layout.width[COLUMN_SUBJECT], 0);
}
END_TEST

static const struct {
	int64_t ago;
	const char *text;
} dates[] = {
	{0, "02:13"},
	{60, "02:12"},
	{86400, "Sun"},
	{5 * 86400, "Wed"},
	{14 * 86400, "9 Nov"},
	{200 * 86400, "7 May"},
	{400 * 86400, "Oct'25"},
	{-2 * 86400, "Nov'26"},
	{NOW, ""},
};

START_TEST(dates_tell_their_age_unambiguously)
{
	char buf[16];

	ck_assert_str_eq(column_date(NOW - dates[_i].ago, NOW, buf), dates[_i].text);
}
END_TEST

static const struct {
	const char *words;
	int room, width;
} labels[] = {
	{"", 80, 0},
	{"work", 80, 4},
	{"work home", 80, 9},
	{"work home", 9, 9},
	/* The second is cut, and gone where not even its ellipsis has room. */
	{"work home", 8, 8},
	{"work home", 6, 6},
	{"work home", 5, 4},
	{"work", 4, 4},
	{"work", 3, 0},
	{"working", 5, 5},
	{"ok", 2, 2},
	{"ok", 0, 0},
	{"ok", -5, 0},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx home", 80, 21},
	{"\xe6\x9c\xac\xe6\x9c\xac", 80, 4},
};

START_TEST(labels_take_no_more_than_their_room)
{
	g_auto(GStrv) words = g_strsplit(labels[_i].words, " ", -1);

	ck_assert_int_eq(labels_width(words, labels[_i].room), labels[_i].width);
	ck_assert_int_eq(labels_width(NULL, labels[_i].room), 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("column", &tcase);

	setenv("TZ", "UTC", 1);
	tzset();
	tcase_add_test(tcase, columns_never_overlap_or_leave_the_panel);
	tcase_add_test(tcase, wide_panels_show_everything_and_waste_nothing);
	tcase_add_test(tcase, narrow_panels_lose_size_first_and_subject_never);
	tcase_add_loop_test(tcase, dates_tell_their_age_unambiguously, 0, G_N_ELEMENTS(dates));
	tcase_add_loop_test(tcase, labels_take_no_more_than_their_room, 0, G_N_ELEMENTS(labels));
	return run_suite(suite);
}
