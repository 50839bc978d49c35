#include "ui/widget/list.h"

struct List {
	Pane *pane;
	int first_row, rows;
	const ListSource *source;
	void *self;
	size_t cursor, top;
	uint64_t key;      /* of the cursor's row, 0: not known */
	size_t last_count; /* at the last list_relaid() */
	GHashTable *tags;  /* set of keys */
	/* Until the cursor is moved it stands at one end, whatever rows come. */
	enum { STAND_FREE, STAND_FIRST, STAND_LAST } stand;
};

static size_t row_count(const List *l)
{
	return l->source->count(l->self);
}

static uint64_t key_at(const List *l, size_t i)
{
	return i < row_count(l) ? l->source->key_at(l->self, i) : 0;
}

static void damage_all(List *l)
{
	pane_damage(l->pane, l->first_row, l->first_row + MAX(l->rows, 1) - 1);
}

/* Positions first..last, as far as they are in view. */
static void damage_positions(List *l, size_t first, size_t last)
{
	size_t end = l->top + (size_t)l->rows; /* behind the last in view */

	if (last < l->top || first >= end)
		return;
	first = MAX(first, l->top) - l->top;
	last = MIN(last, end - 1) - l->top;
	pane_damage(l->pane, l->first_row + (int)first, l->first_row + (int)last);
}

/* Rows kept between the cursor and the edge, so that one sees what comes. */
static size_t margin(const List *l)
{
	return l->rows > 0 ? MIN(2, (size_t)(l->rows - 1) / 4) : 0;
}

/* The top nearest to `top` that shows the cursor and no emptiness below the last row. */
static size_t fit_top(const List *l, int64_t top)
{
	int64_t rows = MAX(l->rows, 1), n = (int64_t)row_count(l), edge = (int64_t)margin(l);
	int64_t cursor = (int64_t)l->cursor;

	top = CLAMP(top, cursor + edge - rows + 1, cursor - edge);
	return (size_t)CLAMP(top, 0, MAX(n - rows, 0));
}

static void tell_visible(List *l)
{
	size_t n = row_count(l);

	if (l->source->visible == NULL || n == 0 || l->rows <= 0 || l->top >= n)
		return;
	l->source->visible(l->self, l->top, MIN(l->top + (size_t)l->rows, n) - 1);
}

static void set_top(List *l, int64_t wanted)
{
	size_t top = fit_top(l, wanted);

	if (top == l->top)
		return;
	l->top = top;
	damage_all(l);
	tell_visible(l);
}

/* Cursor and top at once, so that a page is one scroll. */
static void go_to(List *l, int64_t cursor, int64_t top)
{
	size_t n = row_count(l), before = l->cursor;
	uint64_t key_before = l->key;

	if (n == 0)
		return;
	l->cursor = (size_t)CLAMP(cursor, 0, (int64_t)n - 1);
	l->key = key_at(l, l->cursor);
	damage_positions(l, before, before);
	damage_positions(l, l->cursor, l->cursor);
	set_top(l, top);
	if ((l->cursor != before || l->key != key_before) && l->source->moved != NULL)
		l->source->moved(l->self, l->cursor);
}

static gboolean is_gone(void *key, void *value, void *data)
{
	List *l = data;

	(void)value;
	return l->source->find(l->self, *(uint64_t *)key) < 0;
}

static void set_tag(List *l, uint64_t key, bool tagged)
{
	if (!tagged)
		g_hash_table_remove(l->tags, &key);
	else if (key != 0)
		g_hash_table_add(l->tags, g_memdup2(&key, sizeof key));
}

static void draw_row(List *l, Surface *s, int row)
{
	size_t i = l->top + (size_t)(row - l->first_row);
	Style cursor = l->pane->focused ? STYLE_CURSOR : STYLE_CURSOR_AWAY;

	paint_fill(s, row, 0, surface_cols(s), STYLE_NORMAL);
	if (i >= row_count(l))
		return;
	l->source->draw(l->self, i, list_is_tagged(l, i), s, row);
	if (i == l->cursor)
		paint_restyle(s, row, 0, surface_cols(s), cursor);
}

List *list_new(Pane *pane, int first_row, const ListSource *source, void *self)
{
	List *l = g_new0(List, 1);

	l->pane = pane;
	l->first_row = first_row;
	l->source = source;
	l->self = self;
	l->tags = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return l;
}

void list_free(List *l)
{
	if (l == NULL)
		return;
	g_hash_table_unref(l->tags);
	g_free(l);
}

void list_draw(List *l, Surface *s, int first, int last)
{
	last = MIN(last, surface_rows(s) - 1);
	for (int row = MAX(first, l->first_row); row <= last; row++)
		draw_row(l, s, row);
	if (list_cursor(l) >= 0)
		paint_cursor(s, l->first_row + (int)(l->cursor - l->top), 0);
}

void list_resize(List *l, int rows, int cols)
{
	l->rows = MAX(rows, 0);
	(void)cols;
	l->top = fit_top(l, (int64_t)l->top);
	damage_all(l);
	tell_visible(l);
}

void list_scroll(List *l, int kind, long by)
{
	l->stand = STAND_FREE;
	int64_t rows = MAX(l->rows, 1), cursor = (int64_t)l->cursor, top = (int64_t)l->top, step;

	switch (kind) {
	case PANE_BY_LINE:
		go_to(l, cursor + by, top);
		break;
	case PANE_BY_HALF:
	case PANE_BY_PAGE:
		/* A row of the page before stays in view, so that the eye finds its place. */
		step = by * MAX(kind == PANE_BY_HALF ? rows / 2 : rows - 1, 1);
		go_to(l, cursor + step, top + step);
		break;
	case PANE_TO_START:
		go_to(l, 0, 0);
		break;
	case PANE_TO_END:
		go_to(l, INT64_MAX, top);
		break;
	case PANE_TO_ROW:
		go_to(l, (int64_t)by - 1, top);
		break;
	case PANE_CURSOR_CENTER:
		set_top(l, cursor - rows / 2);
		break;
	case PANE_CURSOR_TOP:
		set_top(l, cursor);
		break;
	case PANE_CURSOR_BOTTOM:
		set_top(l, cursor - rows + 1);
		break;
	}
}

int64_t list_cursor(const List *l)
{
	size_t n = row_count(l);

	return n == 0 ? -1 : (int64_t)MIN(l->cursor, n - 1);
}

void list_set_cursor(List *l, size_t i)
{
	l->stand = STAND_FREE;
	go_to(l, (int64_t)MIN(i, (size_t)INT64_MAX), (int64_t)l->top);
}

size_t list_top(const List *l)
{
	return l->top;
}

void list_changed(List *l, size_t first, size_t last)
{
	if (l->key == 0)
		l->key = key_at(l, l->cursor);
	damage_positions(l, first, last);
}

void list_relaid(List *l)
{
	bool at_start = l->top == 0 && l->cursor == 0;
	int64_t offset = (int64_t)l->cursor - (int64_t)l->top;
	int64_t found = l->key != 0 ? l->source->find(l->self, l->key) : -1;
	uint64_t key_before = l->key;
	size_t n = row_count(l);

	if (n < l->last_count)
		g_hash_table_foreach_remove(l->tags, is_gone, l);
	l->last_count = n;
	if (l->stand != STAND_FREE)
		l->cursor = l->stand == STAND_LAST && n > 0 ? n - 1 : 0;
	else if (found >= 0)
		l->cursor = (size_t)found;
	l->cursor = n > 0 ? MIN(l->cursor, n - 1) : 0;
	l->key = key_at(l, l->cursor);
	l->top = fit_top(l, at_start ? 0 : (int64_t)l->cursor - offset);
	damage_all(l);
	tell_visible(l);
	if (n > 0 && l->key != key_before && l->source->moved != NULL)
		l->source->moved(l->self, l->cursor);
}

void list_reset(List *l, bool at_end)
{
	l->stand = at_end ? STAND_LAST : STAND_FIRST;
	l->cursor = l->top = 0;
	l->key = 0;
	l->last_count = 0;
	g_hash_table_remove_all(l->tags);
	list_relaid(l);
}

/* How many are tagged stands in the pane's heading. */
static void damage_heading(List *l)
{
	if (l->first_row > 0)
		pane_damage(l->pane, 0, l->first_row - 1);
}

void list_tag(List *l, size_t i, bool tagged)
{
	set_tag(l, key_at(l, i), tagged);
	damage_heading(l);
	damage_positions(l, i, i);
}

void list_tag_key(List *l, uint64_t key, bool tagged)
{
	set_tag(l, key, tagged);
	damage_heading(l);
	damage_all(l);
}

bool list_is_tagged(const List *l, size_t i)
{
	uint64_t key = key_at(l, i);

	return g_hash_table_contains(l->tags, &key);
}

void list_untag_all(List *l)
{
	g_hash_table_remove_all(l->tags);
	damage_heading(l);
	damage_all(l);
}

size_t list_tag_count(const List *l)
{
	return g_hash_table_size(l->tags);
}

void list_tag_foreach(const List *l, void (*each)(uint64_t key, void *data), void *data)
{
	GHashTableIter iter;
	void *key;

	g_hash_table_iter_init(&iter, l->tags);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		each(*(uint64_t *)key, data);
}
