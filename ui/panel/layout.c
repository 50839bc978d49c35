#include "ui/panel/layout.h"

#include <glib.h>

#define TREE_FROM_COLS   100 /* narrower: the tree only while it has the focus */
#define SPLIT_FROM_COLS  70  /* narrower: one panel at a time */
#define BESIDE_FROM_COLS 160 /* wider: the message right of the index */
/* Of what stands one above the other the index keeps a third, but no less than this. */
#define INDEX_MIN_ROWS 5
#define PAGER_MIN_ROWS 6

/* The tree's rectangle; what is left of `area` is for index and pager. */
static LayoutRect cut_tree(const LayoutInput *in, LayoutRect *area)
{
	bool shown =
		in->focus == LAYOUT_FOLDERS || (in->folders_wanted && in->cols >= TREE_FROM_COLS);
	LayoutRect tree = *area;

	if (!shown)
		return (LayoutRect){0};
	if (in->cols < SPLIT_FROM_COLS) {
		area->rows = 0;
		return tree;
	}
	/* A column is left free for the line between the panels. */
	tree.cols = CLAMP(in->folder_width, 10, area->cols / 2);
	area->col += tree.cols + 1;
	area->cols -= tree.cols + 1;
	return tree;
}

static void split(const LayoutInput *in, LayoutRect area, Layout *out)
{
	LayoutRect index = area, pager = area;

	if (in->cols >= BESIDE_FROM_COLS) {
		index.cols = (area.cols - 1) / 2;
		pager.col = area.col + index.cols + 1;
		pager.cols = area.cols - index.cols - 1;
	} else if (in->cols >= SPLIT_FROM_COLS && area.rows >= INDEX_MIN_ROWS + PAGER_MIN_ROWS) {
		index.rows = MAX(area.rows / 3, INDEX_MIN_ROWS);
		pager.row = area.row + index.rows;
		pager.rows = area.rows - index.rows;
	} else if (in->focus == LAYOUT_PAGER) {
		index.rows = 0;
	} else {
		pager.rows = 0;
	}
	out->index = index;
	out->pager = pager;
}

void layout_compute(const LayoutInput *in, Layout *out)
{
	int below = in->hints ? 2 : 1;
	LayoutRect area = {
		.row = 1, .col = 0, .rows = MAX(in->rows - 1 - below, 1), .cols = in->cols};

	*out = (Layout){
		.title = {.row = 0, .col = 0, .rows = 1, .cols = in->cols},
		.status = {.row = in->rows - below, .col = 0, .rows = below, .cols = in->cols},
	};
	out->folders = cut_tree(in, &area);
	if (area.rows == 0)
		return;
	if (in->pager_open)
		split(in, area, out);
	else
		out->index = area;
}
