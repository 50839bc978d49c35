/* check_layout - the panels at every size: inside the terminal, never one over another. */
#include <glib.h>

#include "tests/run.h"
#include "ui/panel/layout.h"

static bool overlap(LayoutRect a, LayoutRect b)
{
	if (a.rows == 0 || b.rows == 0)
		return false;
	return a.row < b.row + b.rows && b.row < a.row + a.rows && a.col < b.col + b.cols &&
	       b.col < a.col + a.cols;
}

static void check_one(const LayoutInput *in)
{
	Layout out;

	layout_compute(in, &out);
	const LayoutRect rects[] = {out.title, out.folders, out.index, out.pager, out.status};
	for (size_t i = 0; i < G_N_ELEMENTS(rects); i++) {
		if (rects[i].rows == 0)
			continue;
		ck_assert_int_ge(rects[i].row, 0);
		ck_assert_int_ge(rects[i].col, 0);
		ck_assert_int_gt(rects[i].cols, 0);
		ck_assert_int_le(rects[i].row + rects[i].rows, in->rows);
		ck_assert_int_le(rects[i].col + rects[i].cols, in->cols);
		for (size_t k = i + 1; k < G_N_ELEMENTS(rects); k++)
			ck_assert(!overlap(rects[i], rects[k]));
	}
	const LayoutRect *focused[] = {&out.folders, &out.index, &out.pager};
	if (in->focus != LAYOUT_PAGER || in->pager_open)
		ck_assert_int_gt(focused[in->focus]->rows, 0);
}

START_TEST(every_size_is_whole)
{
	for (int rows = 10; rows <= 60; rows++)
		for (int cols = 40; cols <= 210; cols += 3)
			for (int i = 0; i < 24; i++) {
				LayoutInput in = {
					.rows = rows,
					.cols = cols,
					.folders_wanted = i & 1,
					.pager_open = i & 2,
					.hints = i & 4,
					.focus = i / 8,
					.folder_width = 24,
				};
				check_one(&in);
			}
}
END_TEST

static const struct {
	int cols;
	LayoutPanel focus;
	bool tree, index, beside;
} widths[] = {
	{80, LAYOUT_INDEX, false, true, false},   {80, LAYOUT_FOLDERS, true, true, false},
	{60, LAYOUT_FOLDERS, true, false, false}, {60, LAYOUT_PAGER, false, false, false},
	{120, LAYOUT_PAGER, true, true, false},   {200, LAYOUT_PAGER, true, true, true},
};

START_TEST(what_shows_depends_on_the_width)
{
	LayoutInput in = {.rows = 40,
			  .cols = widths[_i].cols,
			  .folders_wanted = true,
			  .pager_open = true,
			  .focus = widths[_i].focus,
			  .folder_width = 24};
	Layout out;

	layout_compute(&in, &out);
	ck_assert(widths[_i].tree == (out.folders.rows > 0));
	ck_assert(widths[_i].index == (out.index.rows > 0));
	ck_assert(widths[_i].beside == (out.index.rows > 0 && out.pager.col > out.index.col));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("layout", &tcase);

	tcase_add_test(tcase, every_size_is_whole);
	tcase_add_loop_test(tcase, what_shows_depends_on_the_width, 0, G_N_ELEMENTS(widths));
	return run_suite(suite);
}
