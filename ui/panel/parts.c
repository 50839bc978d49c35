#include "ui/panel/parts.h"

#include "mime/render.h"
#include "mime/text.h"
#include "ui/widget/list.h"

typedef struct {
	MimePart *part;
	unsigned depth;
} PartRow;

typedef struct {
	Pane pane;
	List *list;
	Account *account;
	Mailbox *mailbox;
	uint32_t uid;
	MimePart *root;
	GArray *rows; /* of PartRow */
} Parts;

static const PartRow *row_at(Parts *x, size_t i)
{
	return i < x->rows->len ? &g_array_index(x->rows, PartRow, i) : NULL;
}

static size_t source_count(void *self)
{
	return ((Parts *)self)->rows->len;
}

/* Parts do not change while they are shown: the position is key enough. */
static uint64_t source_key_at(void *self, size_t i)
{
	(void)self;
	return i + 1;
}

static int64_t source_find(void *self, uint64_t key)
{
	(void)self;
	return (int64_t)key - 1;
}

static void source_draw(void *self, size_t i, bool tagged, Surface *s, int y)
{
	const PartRow *row = row_at(self, i);
	g_autofree char *type = text_clean_name(row->part->type);
	const char *raw_name = row->part->filename ? row->part->filename : row->part->description;
	g_autofree char *name = raw_name ? text_clean_name(raw_name) : g_strdup("");
	char size[8];
	int cols = surface_cols(s), col = MIN(row->depth * 2, 12);

	(void)tagged;
	paint_fill(s, y, 0, cols, STYLE_NORMAL);
	paint_field(s, y, col, 6, STYLE_HINT, row->part->section);
	paint_field(s, y, col + 7, MAX(cols / 3 - col - 7, 12), STYLE_NORMAL, type);
	paint_field(s, y, MAX(cols / 3, col + 20), MAX(cols - MAX(cols / 3, col + 20) - 7, 0),
		    part_is_attachment(row->part) ? STYLE_PART : STYLE_NORMAL, name);
	if (!row->part->parts)
		paint_right(s, y, cols - 6, 5, STYLE_NORMAL, render_size(row->part->size, size));
}

static const ListSource source = {
	.count = source_count,
	.key_at = source_key_at,
	.find = source_find,
	.draw = source_draw,
};

static void draw(Pane *p, Surface *s, int first, int last)
{
	list_draw(((Parts *)p)->list, s, first, last);
}

static void resize(Pane *p, int rows, int cols)
{
	list_resize(((Parts *)p)->list, rows, cols);
}

static void scroll(Pane *p, int kind, long by)
{
	list_scroll(((Parts *)p)->list, kind, by);
}

static void parts_free(Pane *p)
{
	Parts *x = (Parts *)p;

	list_free(x->list);
	part_free(x->root);
	g_array_free(x->rows, TRUE);
	g_free(x);
}

static const PaneOps ops = {
	.name = "parts",
	.context = CONTEXT_PARTS,
	.draw = draw,
	.resize = resize,
	.scroll = scroll,
	.free = parts_free,
};

static void add_row(MimePart *part, unsigned depth, void *data)
{
	PartRow row = {part, depth};

	g_array_append_val(((Parts *)data)->rows, row);
}

Pane *parts_new(Account *a, Mailbox *m, uint32_t uid, const MimePart *structure)
{
	Parts *x = g_new0(Parts, 1);

	pane_init(&x->pane, &ops);
	x->list = list_new(&x->pane, 0, &source, x);
	x->account = a;
	x->mailbox = m;
	x->uid = uid;
	x->root = part_copy(structure);
	x->rows = g_array_new(FALSE, FALSE, sizeof(PartRow));
	part_foreach(x->root, add_row, x);
	pane_set_title(&x->pane, "Parts - Enter shows a text, S saves");
	list_relaid(x->list);
	return &x->pane;
}

const MimePart *parts_current(Pane *parts)
{
	Parts *x = (Parts *)parts;
	int64_t cursor = list_cursor(x->list);
	const PartRow *row = cursor >= 0 ? row_at(x, cursor) : NULL;

	return row ? row->part : NULL;
}

size_t parts_count(Pane *parts)
{
	return ((Parts *)parts)->rows->len;
}

Mailbox *parts_mailbox(Pane *parts)
{
	return ((Parts *)parts)->mailbox;
}

uint32_t parts_uid(Pane *parts)
{
	return ((Parts *)parts)->uid;
}
