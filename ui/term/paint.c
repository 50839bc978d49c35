#include "ui/term/paint.h"

#include <curses.h>
#include <glib.h>
#include <string.h>
#include <wchar.h>
#include "mime/text.h"

#define REPLACEMENT 0xFFFD
/* A cell holds a character and this many marks; curses takes no more. */
#define MARKS_MAX (CCHARW_MAX - 1)

struct Surface {
	WINDOW *window;
	int row, col, rows, cols;
	bool has_cursor;
	int cursor_row, cursor_col;
};

/* One column of text to come: a character with its marks. */
typedef struct {
	wchar_t text[CCHARW_MAX + 1];
	int marks;
	int width; /* of the column, as the callers count it */
	int shown; /* what `text` takes; the rest of `width` is blank */
} Cell;

static bool ascii_wanted;

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPH_COUNT] = {
	[GLYPH_HLINE] = {"─", "-"},     [GLYPH_VLINE] = {"│", "|"},
	[GLYPH_CORNER_UL] = {"┌", "+"}, [GLYPH_CORNER_UR] = {"┐", "+"},
	[GLYPH_CORNER_LL] = {"└", "+"}, [GLYPH_CORNER_LR] = {"┘", "+"},
	[GLYPH_TEE_LEFT] = {"├", "+"},  [GLYPH_TEE_RIGHT] = {"┤", "+"},
	[GLYPH_TEE_TOP] = {"┬", "+"},   [GLYPH_TEE_BOTTOM] = {"┴", "+"},
	[GLYPH_CROSS] = {"┼", "+"},     [GLYPH_FOLDED] = {"▸", "+"},
	[GLYPH_UNFOLDED] = {"▾", "-"},  [GLYPH_UNREAD] = {"●", "N"},
	[GLYPH_ANSWERED] = {"↩", "r"},  [GLYPH_FLAG] = {"!", "!"},
	[GLYPH_CLIP] = {"@", "@"},      [GLYPH_TAG] = {"✓", "*"},
	[GLYPH_DELETED] = {"✗", "D"},   [GLYPH_ELLIPSIS] = {"…", "~"},
	[GLYPH_UNKNOWN] = {"·", "."},   [GLYPH_BAR_FULL] = {"▓", "#"},
	[GLYPH_BAR_EMPTY] = {"░", "."}, [GLYPH_RECENT] = {"★", "n"},
	[GLYPH_BRANCH] = {"├", "|"},    [GLYPH_LAST_BRANCH] = {"└", "`"},
	[GLYPH_DEEP] = {"⋯", "~"},
};

static gunichar next_char(const char **at, const char *end)
{
	gunichar c = g_utf8_get_char_validated(*at, end - *at);

	if (c == (gunichar)-1 || c == (gunichar)-2) {
		(*at)++;
		return REPLACEMENT;
	}
	*at = g_utf8_next_char(*at);
	return c;
}

/* Zero columns wide and nothing to see.  Bidi controls are among them: a cell is sent again alone
 * when it changes, so what one opened could never be closed for certain. */
static bool is_invisible(gunichar c)
{
	return g_unichar_type(c) == G_UNICODE_FORMAT || (c >= 0xFE00 && c <= 0xFE0F) ||
	       (c >= 0x180B && c <= 0x180F) || (c >= 0xE0000 && c <= 0xE0FFF);
}

static void set_base(Cell *cell, gunichar c)
{
	cell->width = text_width_char(c);
	cell->shown = cell->width;
	cell->marks = 0;
	if (wcwidth((wchar_t)c) != cell->width || g_unichar_type(c) == G_UNICODE_FORMAT) {
		/* The terminal would advance by another number than we count with; those few format
		 * characters that have a width count as none in half of the terminals. */
		c = wcwidth(REPLACEMENT) == 1 ? REPLACEMENT : '?';
		cell->shown = 1;
		cell->width = MAX(cell->width, 1);
	}
	cell->text[0] = (wchar_t)c;
	cell->text[1] = L'\0';
}

/* Takes a character and its marks from the text; false at its end. */
static bool next_cell(const char **at, const char *end, Cell *cell)
{
	bool has_base = false;

	while (*at < end) {
		const char *before = *at;
		gunichar c = next_char(at, end);
		bool is_mark = c >= 0x300 && text_width_char(c) == 0;
		if (!is_mark && has_base) {
			*at = before;
			return true;
		}
		if (!is_mark) {
			set_base(cell, c);
			has_base = true;
		} else if (has_base && !is_invisible(c) && wcwidth((wchar_t)c) == 0 &&
			   cell->marks < MARKS_MAX) {
			cell->text[++cell->marks] = (wchar_t)c;
			cell->text[cell->marks + 1] = L'\0';
		}
	}
	return has_base;
}

static void put_cell(Surface *s, int row, int col, const wchar_t *text, Style style)
{
	unsigned long attributes = theme_attr(style);
	cchar_t cell;

	setcchar(&cell, text, (attr_t)(attributes & ~A_COLOR), (short)PAIR_NUMBER(attributes),
		 NULL);
	mvwadd_wch(s->window, s->row + row, s->col + col, &cell);
}

/* Clips a run of cells to the surface; false where nothing is left. */
static bool clip(const Surface *s, int row, int *col, int *cols)
{
	if (*col < 0) {
		*cols += *col;
		*col = 0;
	}
	*cols = MIN(*cols, s->cols - *col);
	return row >= 0 && row<s->rows && * cols> 0;
}

/* Whether the text takes more than `cols` columns; else its width. */
static bool is_wider(const char *utf8, int cols, int *width)
{
	const char *end = utf8 + strlen(utf8);
	Cell cell;

	*width = 0;
	while (*width <= cols && next_cell(&utf8, end, &cell))
		*width += cell.width;
	return *width > cols;
}

Surface *surface_new(struct _win_st *window, int row, int col, int rows, int cols)
{
	Surface *s = g_new0(Surface, 1);

	s->window = window;
	s->row = row;
	s->col = col;
	s->rows = MAX(rows, 0);
	s->cols = MAX(cols, 0);
	return s;
}

void surface_free(Surface *s)
{
	g_free(s);
}

bool surface_cursor(const Surface *s, int *row, int *col)
{
	*row = s->row + s->cursor_row;
	*col = s->col + s->cursor_col;
	return s->has_cursor;
}

void surface_forget_cursor(Surface *s)
{
	s->has_cursor = false;
}

int surface_rows(const Surface *s)
{
	return s->rows;
}

int surface_cols(const Surface *s)
{
	return s->cols;
}

int paint_text(Surface *s, int row, int col, int max_cols, Style style, const char *utf8,
	       size_t len)
{
	const char *end = utf8 + (len == (size_t)-1 ? strlen(utf8) : len);
	int start = col, used = 0;
	Cell cell;

	if (!clip(s, row, &col, &max_cols) || col != start)
		return 0;
	while (used < max_cols && next_cell(&utf8, end, &cell) && used + cell.width <= max_cols) {
		put_cell(s, row, col + used, cell.text, style);
		for (int i = cell.shown; i < cell.width; i++)
			put_cell(s, row, col + used + i, L" ", style);
		used += cell.width;
	}
	return used;
}

void paint_field(Surface *s, int row, int col, int cols, Style style, const char *utf8)
{
	int width;

	if (cols <= 0)
		return;
	bool cut = is_wider(utf8, cols, &width);
	int used = paint_text(s, row, col, cut ? cols - 1 : cols, style, utf8, (size_t)-1);
	if (cut)
		used += paint_text(s, row, col + used, 1, style, paint_glyph(GLYPH_ELLIPSIS),
				   (size_t)-1);
	paint_fill(s, row, col + used, cols - used, style);
}

void paint_right(Surface *s, int row, int col, int cols, Style style, const char *utf8)
{
	int width;

	if (is_wider(utf8, cols, &width)) {
		paint_field(s, row, col, cols, style, utf8);
		return;
	}
	paint_fill(s, row, col, cols - width, style);
	paint_text(s, row, col + cols - width, width, style, utf8, (size_t)-1);
}

void paint_fill(Surface *s, int row, int col, int cols, Style style)
{
	if (!clip(s, row, &col, &cols))
		return;
	for (int i = 0; i < cols; i++)
		put_cell(s, row, col + i, L" ", style);
}

void paint_restyle(Surface *s, int row, int col, int cols, Style style)
{
	unsigned long add = theme_attr(style);

	if (!clip(s, row, &col, &cols))
		return;
	for (int i = 0; i < cols; i++) {
		int y = s->row + row, x = s->col + col + i;
		wchar_t text[CCHARW_MAX + 1];
		attr_t attributes = 0;
		short pair = 0;
		cchar_t cell;

		mvwin_wch(s->window, y, x, &cell);
		getcchar(&cell, text, &attributes, &pair, NULL);
		attributes = (attributes & A_ATTRIBUTES) | (attr_t)add;
		if ((add & A_COLOR) != 0)
			pair = (short)PAIR_NUMBER(add);
		mvwchgat(s->window, y, x, 1, attributes & ~A_COLOR, pair, NULL);
	}
}

void paint_set_ascii(bool ascii)
{
	ascii_wanted = ascii;
}

const char *paint_glyph(Glyph glyph)
{
	gunichar c = g_utf8_get_char(glyphs[glyph].utf8);

	return ascii_wanted || wcwidth((wchar_t)c) != 1 ? glyphs[glyph].ascii : glyphs[glyph].utf8;
}

void paint_hline(Surface *s, int row, int col, int cols, Style style)
{
	const char *line = paint_glyph(GLYPH_HLINE);

	if (!clip(s, row, &col, &cols))
		return;
	for (int i = 0; i < cols; i++)
		paint_text(s, row, col + i, 1, style, line, (size_t)-1);
}

void paint_vline(Surface *s, int row, int col, int rows, Style style)
{
	const char *line = paint_glyph(GLYPH_VLINE);

	for (int i = 0; i < rows; i++)
		paint_text(s, row + i, col, 1, style, line, (size_t)-1);
}

void paint_cursor(Surface *s, int row, int col)
{
	s->has_cursor = row >= 0 && row < s->rows && col >= 0 && col < s->cols;
	s->cursor_row = row;
	s->cursor_col = col;
}
