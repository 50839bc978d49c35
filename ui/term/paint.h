/* paint - text into the cells of a Surface: width, cutting, combining characters.  The only place
 * that writes to a curses window; nothing it is given can reach the terminal as a control. */
#ifndef SHEAF_UI_PAINT_H
#define SHEAF_UI_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include "ui/term/theme.h"

/* A rectangle of cells; wraps a curses window. Made by screen.c. */
typedef struct Surface Surface;

int surface_rows(const Surface *s);
int surface_cols(const Surface *s);

/* Paints clean UTF-8 (`len` bytes, or to the NUL with (size_t)-1) at most `max_cols` columns wide
 * and never beyond the surface; a wide character that does not fit whole is left out.  Returns
 * columns used. */
int paint_text(Surface *s, int row, int col, int max_cols, Style style, const char *utf8,
	       size_t len);

/* The same, ending in an ellipsis where it had to be cut, and padded with blanks to `cols`. */
void paint_field(Surface *s, int row, int col, int cols, Style style, const char *utf8);

/* Right-aligned in `cols`. */
void paint_right(Surface *s, int row, int col, int cols, Style style, const char *utf8);

/* Blanks. */
void paint_fill(Surface *s, int row, int col, int cols, Style style);

/* Changes the style of cells already painted, text left (cursor row, matches). */
void paint_restyle(Surface *s, int row, int col, int cols, Style style);

/* Line drawing that honours the option ascii. */
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
