/* paint - text into the cells of a Surface: width, cutting, combining characters.  The only place
 * that writes to a curses window; nothing it is given can reach the terminal as a control. */
#ifndef SHEAF_UI_PAINT_H
#define SHEAF_UI_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include "ui/term/theme.h"

/* A rectangle of cells of a curses window. */
typedef struct Surface Surface;

/* For screen.c: `rows` x `cols` cells from (row, col) of a WINDOW (named here by its tag, so that
 * curses stays behind the door), which must outlive it. */
struct _win_st;
Surface *surface_new(struct _win_st *window, int row, int col, int rows, int cols);
void surface_free(Surface *s);
/* Where paint_cursor() put the cursor, in the window; false where it did not. */
bool surface_cursor(const Surface *s, int *row, int *col);
void surface_forget_cursor(Surface *s);

int surface_rows(const Surface *s);
int surface_cols(const Surface *s);

/* Paints clean UTF-8 (`len` bytes, or to the NUL with (size_t)-1) at most `max_cols` columns wide
 * and never beyond the surface; a wide character that does not fit whole is left out.  What the
 * C library and mime/text.h do not agree about shows as U+FFFD, at the width of mime/text.h;
 * invisible characters are left out.  Returns columns used. */
int paint_text(Surface *s, int row, int col, int max_cols, Style style, const char *utf8,
	       size_t len);

/* The same, ending in an ellipsis where it had to be cut, and padded with blanks to `cols`. */
void paint_field(Surface *s, int row, int col, int cols, Style style, const char *utf8);

/* Right-aligned in `cols`. */
void paint_right(Surface *s, int row, int col, int cols, Style style, const char *utf8);

/* Blanks. */
void paint_fill(Surface *s, int row, int col, int cols, Style style);

/* Adds a style to cells already painted: its attributes come to theirs, its colours, where it has
 * any, replace theirs; the text stays (cursor row, matches). */
void paint_restyle(Surface *s, int row, int col, int cols, Style style);

/* Line drawing and marks, in ASCII where the option says so or the locale cannot show them. */
typedef enum {
	GLYPH_HLINE,
	GLYPH_VLINE,
	GLYPH_CORNER_UL,
	GLYPH_CORNER_UR,
	GLYPH_CORNER_LL,
	GLYPH_CORNER_LR,
	GLYPH_TEE_LEFT,
	GLYPH_TEE_RIGHT,
	GLYPH_TEE_TOP,
	GLYPH_TEE_BOTTOM,
	GLYPH_CROSS,
	GLYPH_FOLDED,
	GLYPH_UNFOLDED,
	GLYPH_UNREAD,
	GLYPH_ANSWERED,
	GLYPH_FLAG,
	GLYPH_CLIP,
	GLYPH_TAG,
	GLYPH_DELETED,
	GLYPH_ELLIPSIS,
	GLYPH_UNKNOWN,
	GLYPH_BAR_FULL,
	GLYPH_BAR_EMPTY,
	GLYPH_RECENT,
	GLYPH_BRANCH,
	GLYPH_LAST_BRANCH,
	GLYPH_DEEP,
	GLYPH_COUNT
} Glyph;
void paint_set_ascii(bool ascii);
/* UTF-8 of a glyph, one column. */
const char *paint_glyph(Glyph glyph);
void paint_hline(Surface *s, int row, int col, int cols, Style style);
void paint_vline(Surface *s, int row, int col, int rows, Style style);

/* Where the hardware cursor goes when this surface's pane has the focus. */
void paint_cursor(Surface *s, int row, int col);

#endif
