/* layout - where the panels stand, from the size of the terminal and what is open.  Pure.
 * Below 100 columns the folder tree shows only while it has the focus, below 70 one panel at a
 * time; from 160 the message stands right of the index, else below it. */
#ifndef SHEAF_UI_LAYOUT_H
#define SHEAF_UI_LAYOUT_H

#include <stdbool.h>

typedef struct {
	int row, col, rows, cols; /* rows 0: hidden */
} LayoutRect;

typedef enum { LAYOUT_FOLDERS, LAYOUT_INDEX, LAYOUT_PAGER } LayoutPanel;

typedef struct {
	int rows, cols;      /* of the terminal */
	bool folders_wanted; /* not hidden by ` */
	bool pager_open;
	LayoutPanel focus;
	int folder_width;
	bool hints;
} LayoutInput;

typedef struct {
	LayoutRect title, folders, index, pager, status; /* panels include their heading line */
} Layout;

void layout_compute(const LayoutInput *in, Layout *out);

#endif
