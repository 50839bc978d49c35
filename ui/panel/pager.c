#include "ui/panel/pager_private.h"

#include "mime/render.h"
#include "mime/text.h"
#include "ui/panel/labels.h"

/* Row 0 is the heading. */
#define HEADING 1
/* Columns of it that are for how far the message has come. */
#define HEADING_STATE 20

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	Pager *x = data;

	if (x->state == PAGER_WAITING_HEAD && mailbox_head(m, x->uid))
		pager_fetch(x);
	else if (x->state == PAGER_WAITING_HEAD && uidset_has(change->removed, x->uid))
		pager_note(x, "This message is gone.");
	if (change->state || uidset_has(change->changed, x->uid))
		pane_damage(&x->pane, 0, 0);
}

/* --- the pane --- */

/* From `col` up to where the state stands. */
static void draw_keywords(Pager *x, Surface *s, int col, Style style)
{
	bool pending;
	Flags flags = x->mailbox ? mailbox_flags(x->mailbox, x->uid, &pending) : 0;
	g_auto(GStrv) keywords = flags ? mailbox_keyword_signs(x->mailbox, flags) : NULL;
	int used = labels_width(keywords, surface_cols(s) - col - HEADING_STATE);

	if (used == 0)
		return;
	labels_paint(s, 0, col, used, STYLE_KEYWORD, keywords);
	paint_text(s, 0, col + used, 1, style, " ", 1);
}

static void draw_heading(Pager *x, Surface *s)
{
	Style style = x->pane.focused ? STYLE_BORDER_FOCUS : STYLE_BORDER;
	const char *title = x->mode == PAGER_SOURCE ? " Message as sent " : " Message ";
	int cols = surface_cols(s);
	char have[8], total[8];
	g_autofree char *right = NULL;

	paint_hline(s, 0, 0, cols, style);
	draw_keywords(x, s, 1 + paint_text(s, 0, 1, cols - 2, style, title, -1), style);
	if (x->state == PAGER_LOADING && x->total > 0)
		right = g_strdup_printf(" %s of %s ", render_size(x->have, have),
					render_size(x->total, total));
	else if (x->state == PAGER_LOADING || x->state == PAGER_WAITING_HEAD)
		right = g_strdup(" loading… ");
	else if (docview_doc(x->view))
		right = g_strdup_printf(" %d%% ", docview_percent(x->view));
	if (!right)
		return;
	int width = text_width(right);
	if (width + 20 < cols)
		paint_text(s, 0, cols - width - 1, width, style, right, -1);
}

static void draw(Pane *p, Surface *s, int first, int last)
{
	Pager *x = (Pager *)p;

	if (first <= 0)
		draw_heading(x, s);
	docview_draw(x->view, s, first, last);
}

static void resize(Pane *p, int rows, int cols)
{
	Pager *x = (Pager *)p;

	(void)rows;
	(void)cols;
	if (x->state == PAGER_SHOWN)
		pager_lay(x);
	pane_damage_all(p);
}

static void scroll(Pane *p, int kind, long by)
{
	Pager *x = (Pager *)p;

	docview_scroll(x->view, kind, by);
	pane_damage(p, 0, 0);
}

static void forget(Pager *x)
{
	x->state = PAGER_EMPTY;
	scope_cancel(&x->scope);
	pager_stop_laying(x);
	if (x->mailbox)
		mailbox_unlisten(x->mailbox, x->listener);
	g_clear_pointer(&x->root, part_free);
	g_clear_pointer(&x->source, g_bytes_unref);
	x->mailbox = NULL;
	x->account = NULL;
	x->uid = 0;
	x->awaited = 0;
	x->whole = false;
	x->mode = PAGER_TEXT;
	x->marked = false;
}

static void free_pager(Pane *p)
{
	Pager *x = (Pager *)p;

	forget(x);
	docview_free(x->view);
	g_free(x);
}

static const PaneOps ops = {
	.name = "pager",
	.context = CONTEXT_PAGER,
	.draw = draw,
	.resize = resize,
	.scroll = scroll,
	.free = free_pager,
};

Pane *pager_new(const UiOptions *options, const PagerEvents *events, void *data)
{
	Pager *x = g_new0(Pager, 1);

	pane_init(&x->pane, &ops);
	scope_init(&x->scope);
	scope_init(&x->rendering_scope);
	x->view = docview_new(&x->pane, HEADING);
	x->options = options;
	x->events = events;
	x->data = data;
	x->html = options->html;
	return &x->pane;
}

void pager_show(Pane *pager, Account *a, Mailbox *m, uint32_t uid)
{
	Pager *x = (Pager *)pager;

	if (x->mailbox == m && x->uid == uid && x->state != PAGER_EMPTY)
		return;
	forget(x);
	x->account = a;
	x->mailbox = m;
	x->uid = uid;
	x->html = x->options->html;
	x->listener = mailbox_listen(m, mailbox_changed, x);
	pager_note(x, "Loading…");
	pager_fetch(x);
}

void pager_close(Pane *pager)
{
	Pager *x = (Pager *)pager;

	forget(x);
	docview_set(x->view, NULL);
}

uint32_t pager_uid(Pane *pager)
{
	return ((Pager *)pager)->uid;
}

Mailbox *pager_mailbox(Pane *pager)
{
	return ((Pager *)pager)->mailbox;
}

bool pager_at_end(Pane *pager)
{
	Pager *x = (Pager *)pager;

	return x->state == PAGER_EMPTY || (x->state == PAGER_SHOWN && docview_at_end(x->view));
}

void pager_toggle_headers(Pane *pager)
{
	Pager *x = (Pager *)pager;

	x->all_headers = !x->all_headers;
	pager_lay(x);
}

void pager_toggle_alternative(Pane *pager)
{
	Pager *x = (Pager *)pager;

	x->html = !x->html;
	if (x->whole || !x->root || x->state != PAGER_SHOWN)
		pager_lay(x);
	else
		pager_fetch(x);
}

void pager_toggle_quotes(Pane *pager)
{
	Pager *x = (Pager *)pager;

	docview_fold_quotes(x->view, !docview_quotes_folded(x->view));
	pane_damage(pager, 0, 0);
}

void pager_show_source(Pane *pager)
{
	Pager *x = (Pager *)pager;

	if (x->state == PAGER_EMPTY)
		return;
	x->mode = x->mode == PAGER_SOURCE ? PAGER_TEXT : PAGER_SOURCE;
	if (x->state == PAGER_WAITING_HEAD)
		return; /* comes in the new mode */
	if ((x->mode == PAGER_SOURCE && x->source) || (x->mode == PAGER_TEXT && x->root)) {
		pager_lay(x);
		return;
	}
	x->state = PAGER_EMPTY;
	scope_cancel(&x->scope);
	x->awaited = 0;
	pager_fetch(x);
}

bool pager_find(Pane *pager, const char *text, int direction)
{
	Pager *x = (Pager *)pager;
	bool found = docview_find(x->view, text, direction);

	pane_damage(pager, 0, 0);
	return found;
}

void pager_render(Pane *pager)
{
	Pager *x = (Pager *)pager;

	if (x->state == PAGER_SHOWN)
		pager_lay(x);
}

MimePart *pager_root(Pane *pager)
{
	return ((Pager *)pager)->root;
}
