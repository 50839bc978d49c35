#include "ui/panel/text.h"

typedef struct {
	Pane pane;
	DocView *view;
	void (*closed)(void *data); /* or NULL */
	void *data;
} TextPane;

static void draw(Pane *p, Surface *s, int first, int last)
{
	docview_draw(((TextPane *)p)->view, s, first, last);
}

static void scroll(Pane *p, int kind, long by)
{
	docview_scroll(((TextPane *)p)->view, kind, by);
}

static void text_pane_free(Pane *p)
{
	TextPane *x = (TextPane *)p;

	if (x->closed)
		x->closed(x->data);
	docview_free(x->view);
	g_free(x);
}

static const PaneOps ops = {
	.name = "text",
	.context = CONTEXT_LIST,
	.draw = draw,
	.scroll = scroll,
	.free = text_pane_free,
};

Pane *text_pane_new(const char *title, MimeDoc *doc_take)
{
	TextPane *x = g_new0(TextPane, 1);

	pane_init(&x->pane, &ops);
	pane_set_title(&x->pane, title);
	x->view = docview_new(&x->pane, 0);
	docview_set(x->view, doc_take);
	return &x->pane;
}

void text_pane_replace(Pane *text, MimeDoc *doc_take)
{
	docview_replace(((TextPane *)text)->view, doc_take);
}

bool text_pane_find(Pane *text, const char *words, int direction)
{
	return docview_find(((TextPane *)text)->view, words, direction);
}

void text_pane_on_close(Pane *text, void (*closed)(void *data), void *data)
{
	TextPane *x = (TextPane *)text;

	x->closed = closed;
	x->data = data;
}

int text_pane_width(Pane *text)
{
	const MimeDoc *doc = docview_doc(((TextPane *)text)->view);
	int width = 0;

	for (size_t i = 0; i < doc_line_count(doc); i++)
		width = MAX(width, doc_line_width(doc, i));
	return width;
}
