#include "ui/panel/folders.h"

#include <string.h>

#include "mime/text.h"

/* Row 0 is the heading; the list has the rows below it. */
#define HEADING 1
/* Deeper branches are not indented further: the name matters more. */
#define MAX_INDENT 8

/* By name: a folder may be gone from the tree before the rows are laid anew. */
typedef struct {
	const char *name; /* owned by `keys` */
	unsigned depth;
	uint64_t key;
} FolderRow;

typedef struct {
	Pane pane;
	List *list;
	GArray *rows;       /* of FolderRow: what is shown, folded branches left out */
	GHashTable *keys;   /* wire name -> number that names the row */
	GHashTable *folded; /* set of wire names */
	Folder *root;       /* borrowed */
	char *open;
	bool subscribed_only;
} Folders;

static const FolderRow *row_at(Folders *x, size_t i)
{
	return i < x->rows->len ? &g_array_index(x->rows, FolderRow, i) : NULL;
}

static Folder *folder_of(Folders *x, const FolderRow *row)
{
	return row ? folder_find(x->root, row->name) : NULL;
}

static size_t source_count(void *self)
{
	return ((Folders *)self)->rows->len;
}

static uint64_t source_key_at(void *self, size_t i)
{
	const FolderRow *row = row_at(self, i);

	return row ? row->key : 0;
}

static int64_t source_find(void *self, uint64_t key)
{
	Folders *x = self;

	for (size_t i = 0; i < x->rows->len; i++)
		if (row_at(x, i)->key == key)
			return i;
	return -1;
}

static bool is_folded(Folders *x, const Folder *f)
{
	return f->children->len > 0 && g_hash_table_contains(x->folded, f->name);
}

/* Unread count for people: its own, and of what a fold hides. */
static char *count_text(Folders *x, const Folder *f)
{
	uint32_t unseen = is_folded(x, f) ? folder_unseen_below(f) : f->unseen;

	if (unseen > 0)
		return g_strdup_printf("%u", unseen);
	if (!f->counted && folder_is_selectable(f))
		return g_strdup("·");
	return g_strdup("");
}

static Style row_style(const Folder *f, bool unread)
{
	if (!folder_is_selectable(f))
		return STYLE_PLACEHOLDER;
	if (f->fresh)
		return STYLE_FRESH;
	if (unread)
		return STYLE_UNREAD;
	return f->role != FOLDER_ROLE_NONE ? STYLE_ROLE : STYLE_NORMAL;
}

/* Whose a branch is that is not the person's own, where its name does not say it. */
static const char *owner_label(const Folder *f, unsigned depth)
{
	static const char *const labels[] = {"", "others", "shared"};
	const char *label = depth == 0 ? labels[f->kind] : "";
	g_autofree char *title = g_utf8_casefold(f->title, -1);

	return strstr(title, label) ? "" : label;
}

static void source_draw(void *self, size_t i, bool tagged, Surface *s, int row)
{
	Folders *x = self;
	const FolderRow *r = row_at(x, i);
	const Folder *f = folder_of(x, r);

	if (!f) {
		paint_fill(s, row, 0, surface_cols(s), STYLE_PLACEHOLDER);
		return;
	}
	g_autofree char *count = count_text(x, f);
	bool open = x->open && g_str_equal(x->open, f->name);
	Style style = row_style(f, g_ascii_isdigit(count[0]));
	int cols = surface_cols(s), width = text_width(count), col = MIN(r->depth * 2, MAX_INDENT);

	(void)tagged;
	paint_fill(s, row, 0, cols, style);
	const char *mark = " ";
	if (f->children->len > 0)
		mark = paint_glyph(is_folded(x, f) ? GLYPH_FOLDED : GLYPH_UNFOLDED);
	paint_text(s, row, col, 1, style, mark, -1);
	if (open)
		paint_text(s, row, col + 1, 1, STYLE_TAGGED, paint_glyph(GLYPH_TAG), -1);
	col += 2;
	int room = MAX(cols - col - width - 2, 0), titled = text_width(f->title) + 1;
	paint_field(s, row, col, room, style, f->title);
	paint_text(s, row, col + titled, MAX(room - titled, 0), STYLE_PLACEHOLDER,
		   owner_label(f, r->depth), -1);
	paint_text(s, row, cols - width - 1, width, style, count, -1);
}

static const ListSource source = {
	.count = source_count,
	.key_at = source_key_at,
	.find = source_find,
	.draw = source_draw,
};

/* The number that names a row of that name from now on, and the name as `keys` owns it. */
static uint64_t key_of(Folders *x, const char *name, const char **owned)
{
	void *known, *key;

	if (!g_hash_table_lookup_extended(x->keys, name, &known, &key)) {
		known = g_strdup(name);
		key = GSIZE_TO_POINTER(g_hash_table_size(x->keys) + 1);
		g_hash_table_insert(x->keys, known, key);
	}
	if (owned)
		*owned = known;
	return GPOINTER_TO_SIZE(key);
}

static void add_row(Folders *x, const Folder *f, unsigned depth)
{
	FolderRow row = {.depth = depth};

	row.key = key_of(x, f->name, &row.name);
	g_array_append_val(x->rows, row);
}

static bool subscribed_below(const Folder *f)
{
	if (f->subscribed || f->role == FOLDER_ROLE_INBOX)
		return true;
	for (unsigned i = 0; i < f->children->len; i++)
		if (subscribed_below(g_ptr_array_index(f->children, i)))
			return true;
	return false;
}

static void add_rows(Folders *x, const Folder *parent, unsigned depth)
{
	for (unsigned i = 0; i < parent->children->len; i++) {
		Folder *f = g_ptr_array_index(parent->children, i);
		if (x->subscribed_only && !subscribed_below(f))
			continue;
		add_row(x, f, depth);
		if (!is_folded(x, f))
			add_rows(x, f, depth + 1);
	}
}

static void rebuild(Folders *x)
{
	g_array_set_size(x->rows, 0);
	if (x->root)
		add_rows(x, x->root, 0);
	list_relaid(x->list);
	pane_damage_all(&x->pane);
}

static void draw(Pane *p, Surface *s, int first, int last)
{
	Folders *x = (Folders *)p;
	Style style = p->focused ? STYLE_BORDER_FOCUS : STYLE_BORDER;

	if (first <= 0) {
		paint_hline(s, 0, 0, surface_cols(s), style);
		paint_text(s, 0, 1, surface_cols(s) - 2, style,
			   x->subscribed_only ? " Subscribed " : " Folders ", -1);
	}
	if (last < HEADING)
		return;
	list_draw(x->list, s, MAX(first, HEADING), last);
	if (x->rows->len == 0 && surface_rows(s) > HEADING)
		paint_text(s, HEADING, 1, surface_cols(s) - 1, STYLE_PLACEHOLDER, "(none yet)", -1);
}

static void resize(Pane *p, int rows, int cols)
{
	list_resize(((Folders *)p)->list, rows - HEADING, cols);
}

static void scroll(Pane *p, int kind, long by)
{
	list_scroll(((Folders *)p)->list, kind, by);
}

static void folders_free(Pane *p)
{
	Folders *x = (Folders *)p;

	list_free(x->list);
	g_array_free(x->rows, TRUE);
	g_hash_table_unref(x->keys);
	g_hash_table_unref(x->folded);
	g_free(x->open);
	g_free(x);
}

static const PaneOps ops = {
	.name = "folders",
	.context = CONTEXT_FOLDERS,
	.draw = draw,
	.resize = resize,
	.scroll = scroll,
	.free = folders_free,
};

Pane *folders_new(void)
{
	Folders *x = g_new0(Folders, 1);

	pane_init(&x->pane, &ops);
	x->list = list_new(&x->pane, HEADING, &source, x);
	x->rows = g_array_new(FALSE, FALSE, sizeof(FolderRow));
	x->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	x->folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return &x->pane;
}

void folders_update(Pane *folders, Folder *root, const char *open)
{
	Folders *x = (Folders *)folders;
	bool moved = g_strcmp0(x->open, open) != 0;

	x->root = root;
	if (moved) {
		g_free(x->open);
		x->open = g_strdup(open);
	}
	rebuild(x);
	if (!moved || !open)
		return;
	int64_t at = source_find(x, key_of(x, open, NULL));
	if (at >= 0)
		list_set_cursor(x->list, at);
}

Folder *folders_cursor(Pane *folders)
{
	Folders *x = (Folders *)folders;
	int64_t cursor = list_cursor(x->list);

	return cursor >= 0 ? folder_of(x, row_at(x, cursor)) : NULL;
}

Folder *folders_neighbour(Pane *folders, int direction)
{
	Folders *x = (Folders *)folders;
	int64_t at = x->open ? source_find(x, key_of(x, x->open, NULL)) : -1;

	for (at += direction; at >= 0 && at < (int64_t)x->rows->len; at += direction) {
		Folder *f = folder_of(x, row_at(x, at));
		if (f && folder_is_selectable(f))
			return f;
	}
	return NULL;
}

static bool fold_each(Folder *f, unsigned depth, void *data)
{
	Folders *x = data;

	(void)depth;
	if (f->children->len > 0)
		g_hash_table_add(x->folded, g_strdup(f->name));
	return true;
}

/* Closing what is closed, or a leaf, goes to the parent: so Left climbs out of the tree. */
static void close_or_climb(Folders *x, Folder *f)
{
	if (f->children->len > 0 && !is_folded(x, f)) {
		g_hash_table_add(x->folded, g_strdup(f->name));
		return;
	}
	if (!f->parent || !f->parent->name)
		return;
	int64_t at = source_find(x, key_of(x, f->parent->name, NULL));
	if (at >= 0)
		list_set_cursor(x->list, at);
}

void folders_fold(Pane *folders, Fold how)
{
	Folders *x = (Folders *)folders;
	Folder *f = folders_cursor(folders);

	if (!f)
		return;
	switch (how) {
	case FOLD_TOGGLE:
		if (!g_hash_table_remove(x->folded, f->name) && f->children->len > 0)
			g_hash_table_add(x->folded, g_strdup(f->name));
		break;
	case FOLD_CLOSE:
		close_or_climb(x, f);
		break;
	case FOLD_OPEN:
		g_hash_table_remove(x->folded, f->name);
		break;
	case FOLD_CLOSE_ALL:
		folder_foreach(x->root, fold_each, x);
		break;
	case FOLD_OPEN_ALL:
		g_hash_table_remove_all(x->folded);
		break;
	}
	rebuild(x);
}

void folders_set_subscribed_only(Pane *folders, bool only)
{
	Folders *x = (Folders *)folders;

	x->subscribed_only = only;
	rebuild(x);
}

bool folders_subscribed_only(Pane *folders)
{
	return ((Folders *)folders)->subscribed_only;
}
