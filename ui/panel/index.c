#include "ui/panel/index.h"

#include <string.h>
#include <time.h>

#include "mime/text.h"
#include "ui/panel/column.h"

/* Row 0 is the heading; the list has the rows below it. */
#define HEADING 1

typedef struct {
	Pane pane;
	List *list;
	View *view;
	Mailbox *mailbox;
	bool recipients; /* Sent, Drafts: show to whom */
	char *limit;
	unsigned listener;
	ColumnLayout layout;
	void (*moved)(Pane *index, void *data);
	void *data;
	bool newest_first;
	GHashTable *places; /* wire name to the UID that the cursor was on */
} Index;

static size_t source_count(void *self)
{
	Index *x = self;

	return x->view ? view_count(x->view) : 0;
}

static uint64_t source_key_at(void *self, size_t i)
{
	Index *x = self;
	ViewRow row;

	return view_row(x->view, i, &row) ? row.uid : 0;
}

static int64_t source_find(void *self, uint64_t key)
{
	Index *x = self;

	return view_find(x->view, (uint32_t)key);
}

static void source_draw(void *self, size_t i, bool tagged, Surface *s, int row)
{
	Index *x = self;
	ViewRow view;

	if (!view_row(x->view, i, &view))
		return;
	g_auto(GStrv) keywords = mailbox_keyword_signs(x->mailbox, view.flags);
	column_draw(&x->layout, &view, tagged, x->recipients, keywords, time(NULL), s, row);
}

static void source_visible(void *self, size_t first, size_t last)
{
	Index *x = self;

	view_want(x->view, first, last);
}

static void source_moved(void *self, size_t i)
{
	Index *x = self;

	(void)i;
	pane_damage(&x->pane, 0, 0);
	x->moved(&x->pane, x->data);
}

static const ListSource source = {
	.count = source_count,
	.key_at = source_key_at,
	.find = source_find,
	.draw = source_draw,
	.visible = source_visible,
	.moved = source_moved,
};

static void draw_empty(Index *x, Surface *s)
{
	const char *text = "No folder is open.";

	if (x->mailbox && mailbox_is_loading(x->mailbox))
		text = "Opening…";
	else if (x->mailbox && mailbox_uidvalidity(x->mailbox) == 0)
		text = "Nothing is known of this folder yet.";
	else if (x->mailbox && x->limit)
		text = "Nothing found. Esc shows all messages again.";
	else if (x->mailbox)
		text = "This folder is empty.";
	if (surface_rows(s) > HEADING + 1)
		paint_text(s, HEADING + 1, 2, surface_cols(s) - 2, STYLE_PLACEHOLDER, text, -1);
}

static void draw_heading(Index *x, Surface *s)
{
	Style style = x->pane.focused ? STYLE_BORDER_FOCUS : STYLE_BORDER;
	size_t count = x->view ? view_count(x->view) : 0;
	g_autofree char *where = count == 0 ? g_strdup("")
					    : g_strdup_printf("%" G_GINT64_FORMAT " of %zu ",
							      list_cursor(x->list) + 1, count);
	size_t tags = list_tag_count(x->list);
	g_autofree char *tagged = tags ? g_strdup_printf("%zu tagged  ", tags) : g_strdup("");
	g_autofree char *right = g_strconcat(" ", tagged, where, NULL);
	int cols = surface_cols(s), width = text_width(right), col = 0;

	paint_hline(s, 0, 0, cols, style);
	const char *title = x->mailbox ? mailbox_title(x->mailbox) : "Messages";
	col += paint_text(s, 0, 1, cols - 2, style, " ", 1) + 1;
	col += paint_text(s, 0, col, cols - col - 1, style, title, -1);
	if (x->view && view_is_threaded(x->view))
		col += paint_text(s, 0, col, cols - col - 1, style, " in threads", -1);
	col += paint_text(s, 0, col, cols - col - 1, style, " ", 1);
	if (x->limit) {
		g_autofree char *limit = g_strdup_printf(" search: %s ", x->limit);
		col += paint_text(s, 0, col + 1, MAX(cols - col - 2 - width, 0), STYLE_LIMIT, limit,
				  -1) +
		       1;
	}
	if (width + col + 1 < cols)
		paint_text(s, 0, cols - width - 1, width, style, right, -1);
}

static void draw(Pane *p, Surface *s, int first, int last)
{
	Index *x = (Index *)p;

	if (first <= 0)
		draw_heading(x, s);
	if (last < HEADING)
		return;
	list_draw(x->list, s, MAX(first, HEADING), last);
	if (source_count(x) == 0)
		draw_empty(x, s);
}

static void resize(Pane *p, int rows, int cols)
{
	Index *x = (Index *)p;

	column_layout(cols, &x->layout);
	list_resize(x->list, rows - HEADING, cols);
}

static void scroll(Pane *p, int kind, long by)
{
	Index *x = (Index *)p;

	list_scroll(x->list, kind, by);
}

static void remember_place(Index *x)
{
	uint32_t uid = index_cursor_uid(&x->pane);

	if (uid)
		g_hash_table_replace(x->places, g_strdup(mailbox_name(x->mailbox)),
				     GUINT_TO_POINTER(uid));
}

static void return_to_place(Index *x)
{
	uint32_t uid = GPOINTER_TO_UINT(g_hash_table_lookup(x->places, mailbox_name(x->mailbox)));
	int64_t row = uid ? view_find(x->view, uid) : -1;

	if (row >= 0)
		list_set_cursor(x->list, row);
}

static void drop(Index *x)
{
	if (x->mailbox) {
		remember_place(x);
		mailbox_unlisten(x->mailbox, x->listener);
	}
	g_clear_pointer(&x->view, view_free);
	g_clear_pointer(&x->limit, g_free);
	x->mailbox = NULL;
	list_untag_all(x->list);
}

static void index_free(Pane *p)
{
	Index *x = (Index *)p;

	drop(x);
	g_hash_table_unref(x->places);
	list_free(x->list);
	g_free(x);
}

static const PaneOps ops = {
	.name = "index",
	.context = CONTEXT_INDEX,
	.draw = draw,
	.resize = resize,
	.scroll = scroll,
	.free = index_free,
};

static void view_changed(View *v, size_t first, size_t last, bool relaid, void *data)
{
	Index *x = data;

	(void)v;
	if (relaid) {
		list_relaid(x->list);
		pane_damage_all(&x->pane);
	} else {
		list_changed(x->list, first, last);
	}
}

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	Index *x = data;

	(void)m;
	/* A mailbox that was replaced on the server has other UIDs: its view forgot what was found.
	 */
	if (change->reset && x->limit && !view_is_limited(x->view))
		g_clear_pointer(&x->limit, g_free);
	if (change->state || change->reset)
		pane_damage_all(&x->pane);
}

Pane *index_new(void (*moved)(Pane *index, void *data), void *data)
{
	Index *x = g_new0(Index, 1);

	pane_init(&x->pane, &ops);
	x->list = list_new(&x->pane, HEADING, &source, x);
	x->moved = moved;
	x->data = data;
	x->newest_first = true;
	x->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return &x->pane;
}

void index_show(Pane *index, Mailbox *m, bool recipients)
{
	Index *x = (Index *)index;

	if (x->mailbox == m)
		return;
	drop(x);
	x->mailbox = m;
	x->recipients = recipients;
	if (m) {
		x->view = view_new(m, view_changed, x);
		view_set_newest_first(x->view, x->newest_first);
		x->listener = mailbox_listen(m, mailbox_changed, x);
	}
	list_reset(x->list, !x->newest_first);
	if (m)
		return_to_place(x);
	pane_damage_all(index);
}

void index_set_newest_first(Pane *index, bool newest_first)
{
	Index *x = (Index *)index;

	x->newest_first = newest_first;
	if (x->view)
		view_set_newest_first(x->view, newest_first);
}

void index_set_threaded(Pane *index, bool threaded)
{
	Index *x = (Index *)index;

	if (!x->view)
		return;
	/* From here on the cursor belongs to its message, also where it has not been moved yet. */
	if (index_cursor_uid(index))
		list_set_cursor(x->list, (size_t)list_cursor(x->list));
	view_set_threaded(x->view, threaded);
	pane_damage_all(index);
}

bool index_fold(Pane *index, Fold how)
{
	Index *x = (Index *)index;
	int64_t cursor = x->view ? list_cursor(x->list) : -1;

	if (cursor < 0 || !view_is_threaded(x->view))
		return false;
	if (how == FOLD_CLOSE_ALL || how == FOLD_OPEN_ALL)
		view_fold_all(x->view, how == FOLD_CLOSE_ALL);
	else
		view_fold(x->view, (size_t)cursor,
			  how == FOLD_TOGGLE  ? VIEW_FOLD_TOGGLE
			  : how == FOLD_CLOSE ? VIEW_FOLD_CLOSE
					      : VIEW_FOLD_OPEN);
	return true;
}

View *index_view(Pane *index)
{
	return ((Index *)index)->view;
}

Mailbox *index_mailbox(Pane *index)
{
	return ((Index *)index)->mailbox;
}

List *index_list(Pane *index)
{
	return ((Index *)index)->list;
}

uint32_t index_cursor_uid(Pane *index)
{
	Index *x = (Index *)index;
	int64_t cursor = x->view ? list_cursor(x->list) : -1;
	ViewRow row;

	return cursor >= 0 && view_row(x->view, cursor, &row) ? row.uid : 0;
}

static void add_tagged(uint64_t key, void *data)
{
	uidset_add(data, (uint32_t)key);
}

UidSet *index_under_cursor(Pane *index)
{
	Index *x = (Index *)index;
	int64_t cursor = x->view ? list_cursor(x->list) : -1;
	ViewRow row;

	if (cursor < 0 || !view_row(x->view, (size_t)cursor, &row) || row.uid == 0)
		return uidset_new();
	if (row.hidden > 0)
		return view_thread(x->view, (size_t)cursor);
	return uidset_new_range(row.uid, row.uid);
}

void index_tag(Pane *index, const UidSet *uids, bool tagged)
{
	Index *x = (Index *)index;

	for (size_t k = 0; k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++)
			list_tag_key(x->list, uid, tagged);
	}
}

UidSet *index_targets(Pane *index)
{
	Index *x = (Index *)index;

	if (list_tag_count(x->list) == 0)
		return index_under_cursor(index);
	UidSet *uids = uidset_new();
	list_tag_foreach(x->list, add_tagged, uids);
	return uids;
}

void index_set_limit_text(Pane *index, const char *text)
{
	Index *x = (Index *)index;

	g_free(x->limit);
	x->limit = g_strdup(text);
	pane_damage_all(index);
}

const char *index_limit_text(Pane *index)
{
	return ((Index *)index)->limit;
}
