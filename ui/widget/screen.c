#include "ui/widget/screen.h"

#include <curses.h>
#include <panel.h>
#include <string.h>
#include "ui/term/term.h"

#define PAINT_PRIORITY (-50)
#define PAINT_EVERY_MS 16

typedef struct {
	int row, col, rows, cols;
} Rect;

typedef struct {
	Pane *pane;
	bool popup;
	PopupPlace place;
	int wanted_rows, wanted_cols; /* of a pop-up */
	Pane *before;                 /* who had the focus before this pop-up */
	Rect rect;                    /* rows 0: hidden */
	WINDOW *window;               /* NULL while hidden */
	PANEL *panel;
	Surface *surface;
} Entry;

struct Screen {
	GPtrArray *entries; /* of Entry; pop-ups in the order of their stack */
	Pane *focus;
	int rows, cols;
	guint source;
	bool delayed; /* the source waits out PAINT_EVERY_MS */
	gint64 last_paint;
	bool lines_stale; /* the lines between tiles */
	bool cursor_shown;
};

static bool is_small(const Screen *s)
{
	return s->rows < TERM_MIN_ROWS || s->cols < TERM_MIN_COLS;
}

static Entry *find(const Screen *s, const Pane *pane)
{
	for (guint i = 0; i < s->entries->len; i++) {
		Entry *e = g_ptr_array_index(s->entries, i);
		if (e->pane == pane)
			return e;
	}
	return NULL;
}

/* The lowest or the highest pop-up, NULL where there is none. */
static Entry *find_popup(const Screen *s, bool highest)
{
	Entry *found = NULL;

	for (guint i = 0; i < s->entries->len; i++) {
		Entry *e = g_ptr_array_index(s->entries, i);
		if (e->popup && (found == NULL || highest))
			found = e;
	}
	return found;
}

/* --- windows --- */

static void remove_window(Entry *e)
{
	if (e->window == NULL)
		return;
	del_panel(e->panel);
	delwin(e->window);
	g_clear_pointer(&e->surface, surface_free);
	e->panel = NULL;
	e->window = NULL;
}

static bool has_border(const Entry *e)
{
	return e->popup && e->place == POPUP_CENTER;
}

/* Made anew rather than resized and moved: curses refuses both where an old rectangle does not fit
 * into a smaller screen. */
static void make_window(Screen *s, Entry *e)
{
	Rect r = e->rect;
	int border = has_border(e) ? 1 : 0;

	remove_window(e);
	r.rows = MIN(r.rows, s->rows - r.row);
	r.cols = MIN(r.cols, s->cols - r.col);
	if (is_small(s) || r.row < 0 || r.col < 0 || r.rows <= 2 * border || r.cols <= 2 * border)
		return;
	e->window = newwin(r.rows, r.cols, r.row, r.col);
	if (e->window == NULL)
		return;
	e->panel = new_panel(e->window);
	e->surface =
		surface_new(e->window, border, border, r.rows - 2 * border, r.cols - 2 * border);
	int rows = surface_rows(e->surface), cols = surface_cols(e->surface);
	bool resized = e->pane->rows != rows || e->pane->cols != cols;
	e->pane->rows = rows;
	e->pane->cols = cols;
	if (resized && e->pane->ops->resize != NULL)
		e->pane->ops->resize(e->pane, rows, cols);
	pane_damage_all(e->pane);
}

static void raise_popups(Screen *s)
{
	for (guint i = 0; i < s->entries->len; i++) {
		Entry *e = g_ptr_array_index(s->entries, i);
		if (e->popup && e->panel != NULL)
			top_panel(e->panel);
	}
}

static void place_popup(Screen *s, Entry *e)
{
	int border = has_border(e) ? 2 : 0;
	/* What is said on the last two rows while a pop-up is open stays in view. */
	int most = has_border(e) ? s->rows - 3 : s->rows;
	Rect r = {.rows = CLAMP(e->wanted_rows + border, 1, MAX(most, 1)),
		  .cols = CLAMP(e->wanted_cols + border, 1, s->cols)};

	if (e->place == POPUP_BOTTOM) {
		r.cols = s->cols;
		r.row = s->rows - r.rows;
	} else {
		r.row = MIN((s->rows - r.rows) / 2, MAX(most + 1 - r.rows, 0));
		r.col = (s->cols - r.cols) / 2;
	}
	e->rect = r;
	make_window(s, e);
}

static void on_damage(void *screen)
{
	screen_request_paint(screen);
}

static Entry *add(Screen *s, Pane *pane)
{
	Entry *e = g_new0(Entry, 1);

	e->pane = pane;
	pane->screen = s;
	pane->request_paint = on_damage;
	g_ptr_array_add(s->entries, e);
	return e;
}

static void entry_free(void *data)
{
	Entry *e = data;

	remove_window(e);
	pane_free(e->pane);
	g_free(e);
}

static void set_focus(Screen *s, Pane *pane)
{
	Pane *before = s->focus;

	if (before == pane)
		return;
	s->focus = pane;
	Pane *const both[] = {before, pane};
	for (int i = 0; i < 2; i++) {
		Pane *p = both[i];
		if (p == NULL)
			continue;
		p->focused = p == pane;
		pane_damage_all(p);
		if (p->ops->focus != NULL)
			p->ops->focus(p, p->focused);
	}
}

/* --- painting --- */

/* What stands in the free column beside `left` in that row: tees where a heading begins. */
static Glyph line_glyph(const Screen *s, const Rect *left, int row)
{
	bool heading_right = false;

	for (guint i = 0; i < s->entries->len; i++) {
		const Entry *e = g_ptr_array_index(s->entries, i);
		heading_right |= !e->popup && e->window != NULL && e->rect.row == row &&
				 e->rect.col == left->col + left->cols + 1;
	}
	if (row == left->row)
		return heading_right ? GLYPH_TEE_TOP : GLYPH_VLINE;
	return heading_right ? GLYPH_TEE_LEFT : GLYPH_VLINE;
}

static void paint_lines(Screen *s)
{
	Surface *all = surface_new(stdscr, 0, 0, s->rows, s->cols);

	werase(stdscr);
	for (guint i = 0; i < s->entries->len; i++) {
		const Entry *e = g_ptr_array_index(s->entries, i);
		const Rect *r = &e->rect;
		if (e->popup || e->window == NULL)
			continue;
		for (int row = r->row; row < r->row + r->rows; row++)
			paint_text(all, row, r->col + r->cols, 1, STYLE_BORDER,
				   paint_glyph(line_glyph(s, r, row)), (size_t)-1);
	}
	surface_free(all);
	s->lines_stale = false;
}

static void paint_border(Entry *e)
{
	int rows = surface_rows(e->surface) + 2, cols = surface_cols(e->surface) + 2;
	Surface *all = surface_new(e->window, 0, 0, rows, cols);
	Style style = e->pane->focused ? STYLE_BORDER_FOCUS : STYLE_BORDER;
	static const Glyph corners[] = {GLYPH_CORNER_UL, GLYPH_CORNER_UR, GLYPH_CORNER_LL,
					GLYPH_CORNER_LR};

	paint_hline(all, 0, 0, cols, style);
	paint_hline(all, rows - 1, 0, cols, style);
	paint_vline(all, 0, 0, rows, style);
	paint_vline(all, 0, cols - 1, rows, style);
	for (int i = 0; i < 4; i++)
		paint_text(all, i < 2 ? 0 : rows - 1, i % 2 == 0 ? 0 : cols - 1, 1, style,
			   paint_glyph(corners[i]), (size_t)-1);
	if (e->pane->title != NULL && cols > 6) {
		g_autofree char *title = g_strdup_printf(" %s ", e->pane->title);
		paint_text(all, 0, 2, cols - 4, style, title, (size_t)-1);
	}
	surface_free(all);
}

static void paint_entry(Entry *e)
{
	Pane *p = e->pane;
	int first = MAX(p->damage_first, 0), last = MIN(p->damage_last, p->rows - 1);

	p->damage_first = 0;
	p->damage_last = -1;
	if (first > last)
		return;
	if (has_border(e))
		paint_border(e);
	surface_forget_cursor(e->surface);
	p->ops->draw(p, e->surface, first, last);
}

static void paint_small(Screen *s)
{
	g_autofree char *text =
		g_strdup_printf("Too small: %dx%d are needed.", TERM_MIN_COLS, TERM_MIN_ROWS);
	Surface *all = surface_new(stdscr, 0, 0, s->rows, s->cols);

	werase(stdscr);
	paint_text(all, 0, 0, s->cols, STYLE_NORMAL, text, (size_t)-1);
	surface_free(all);
}

/* The hardware cursor stands where the focused pane says, so that screen readers and input methods
 * find it; it is seen only where text is typed. */
static void place_cursor(Screen *s)
{
	Entry *e = s->focus != NULL ? find(s, s->focus) : NULL;
	int row, col;
	bool has = e != NULL && e->window != NULL && surface_cursor(e->surface, &row, &col);
	bool shown = has && e->pane->ops->key != NULL;

	if (has)
		wmove(newscr, getbegy(e->window) + row, getbegx(e->window) + col);
	leaveok(newscr, FALSE);
	if (shown != s->cursor_shown)
		curs_set(shown ? 1 : 0);
	s->cursor_shown = shown;
}

static gboolean on_paint(void *data)
{
	Screen *s = data;

	s->source = 0;
	screen_paint(s);
	return G_SOURCE_REMOVE;
}

Screen *screen_new(void)
{
	Screen *s = g_new0(Screen, 1);

	s->entries = g_ptr_array_new_with_free_func(entry_free);
	s->rows = term_rows();
	s->cols = term_cols();
	return s;
}

void screen_free(Screen *s)
{
	if (s == NULL)
		return;
	/* Panes on their way out may damage others. */
	for (guint i = 0; i < s->entries->len; i++)
		((Entry *)g_ptr_array_index(s->entries, i))->pane->request_paint = NULL;
	g_ptr_array_free(s->entries, TRUE);
	if (s->source != 0)
		g_source_remove(s->source);
	g_free(s);
}

void screen_place(Screen *s, Pane *pane, int row, int col, int rows, int cols)
{
	Entry *e = find(s, pane);
	Rect rect = {row, col, rows, cols};

	if (e == NULL)
		e = add(s, pane);
	if (e->window != NULL && memcmp(&rect, &e->rect, sizeof rect) == 0)
		return;
	e->rect = rect;
	make_window(s, e);
	raise_popups(s);
	s->lines_stale = true;
	screen_request_paint(s);
}

void screen_popup(Screen *s, Pane *pane_take, PopupPlace place, int rows, int cols)
{
	Entry *e = add(s, pane_take);

	e->popup = true;
	e->place = place;
	e->wanted_rows = rows;
	e->wanted_cols = cols;
	e->before = s->focus;
	place_popup(s, e);
	screen_focus(s, pane_take);
}

void screen_popup_resize(Screen *s, Pane *pane, int rows, int cols)
{
	Entry *e = find(s, pane);

	if (e == NULL || !e->popup || (e->wanted_rows == rows && e->wanted_cols == cols))
		return;
	e->wanted_rows = rows;
	e->wanted_cols = cols;
	place_popup(s, e);
	raise_popups(s);
}

void screen_close(Screen *s, Pane *pane)
{
	Entry *e = find(s, pane);
	Pane *before = e != NULL ? e->before : NULL;

	if (e == NULL)
		return;
	for (guint i = 0; i < s->entries->len; i++) {
		Entry *other = g_ptr_array_index(s->entries, i);
		if (other->before == pane)
			other->before = before;
	}
	if (s->focus == pane)
		set_focus(s, before);
	g_ptr_array_remove(s->entries, e);
	screen_request_paint(s);
}

void screen_close_windows(Screen *s)
{
	for (guint i = s->entries->len; i-- > 0;) {
		Entry *e = g_ptr_array_index(s->entries, i);
		if (has_border(e))
			screen_close(s, e->pane);
	}
}

void screen_focus(Screen *s, Pane *pane)
{
	Entry *lowest = find_popup(s, false);
	Entry *e = pane != NULL ? find(s, pane) : NULL;

	if (lowest != NULL && (e == NULL || !e->popup))
		lowest->before = pane;
	else
		set_focus(s, pane);
}

Pane *screen_focused(const Screen *s)
{
	return s->focus;
}

bool screen_has_popup(const Screen *s)
{
	return find_popup(s, true) != NULL;
}

void screen_resize(Screen *s, int rows, int cols)
{
	s->rows = rows;
	s->cols = cols;
	s->lines_stale = true;
	for (guint i = 0; i < s->entries->len; i++) {
		Entry *e = g_ptr_array_index(s->entries, i);
		remove_window(e);
		if (e->popup)
			place_popup(s, e);
	}
	screen_request_paint(s);
}

void screen_request_paint(Screen *s)
{
	gint64 since = g_get_monotonic_time() - s->last_paint;
	gint64 wait = PAINT_EVERY_MS - since / 1000;

	if (term_last_key() > s->last_paint)
		wait = 0;
	if (s->source != 0 && s->delayed && wait <= 0) {
		g_source_remove(s->source);
		s->source = 0;
	}
	if (s->source != 0)
		return;
	s->delayed = wait > 0;
	s->source = s->delayed ? g_timeout_add_full(PAINT_PRIORITY, (guint)wait, on_paint, s, NULL)
			       : g_idle_add_full(PAINT_PRIORITY, on_paint, s, NULL);
}

void screen_paint(Screen *s)
{
	s->last_paint = g_get_monotonic_time();
	if (is_small(s)) {
		paint_small(s);
	} else if (s->lines_stale) {
		paint_lines(s);
	}
	for (guint i = 0; i < s->entries->len; i++) {
		Entry *e = g_ptr_array_index(s->entries, i);
		if (e->window != NULL)
			paint_entry(e);
	}
	update_panels();
	place_cursor(s);
	doupdate();
}
