#include "ui/panel/pager.h"

#include <string.h>

#include "mime/parse.h"
#include "mime/render.h"
#include "mime/text.h"
#include "mime/wrap.h"
#include "ui/panel/labels.h"
#include "ui/panel/rendering.h"
#include "ui/widget/docview.h"

/* Row 0 is the heading. */
#define HEADING 1
/* Columns of it that are for how far the message has come. */
#define HEADING_STATE 20
/* Up to this size a message comes whole: one round trip, and the bytes decide its structure. */
#define WHOLE_MESSAGE_MAX (64 * 1024)
/* Text parts beside the main one come along up to this size, and at most so many. */
#define SIDE_PART_MAX (256 * 1024)
#define SIDE_PARTS    16

typedef enum { PAGER_EMPTY, PAGER_WAITING_HEAD, PAGER_LOADING, PAGER_SHOWN } PagerState;
typedef enum { PAGER_TEXT, PAGER_SOURCE } PagerMode;

typedef struct {
	Pane pane;
	DocView *view;
	const UiOptions *options;
	const PagerEvents *events;
	void *data;
	Account *account;
	Mailbox *mailbox;
	unsigned listener;
	uint32_t uid;
	PagerState state;
	PagerMode mode;
	MimePart *root;   /* what was fetched so far */
	bool whole;       /* root was parsed from the message's bytes */
	GBytes *source;   /* raw message, once asked for */
	unsigned awaited; /* answers still to come */
	bool marked;      /* `shown` was told for this message */
	bool html, all_headers;
	uint64_t have, total;
	bool rendering, render_again; /* in a worker thread; once more when that is done */
	Scope scope, rendering_scope;
} Pager;

static void pager_fetch(Pager *x);

static int text_width_wanted(const Pager *x)
{
	int cols = MAX(x->pane.cols, 20);

	return x->options->wrap > 0 ? MIN(cols, (int)MAX(x->options->wrap, 20)) : cols;
}

static RenderOptions render_options(const Pager *x)
{
	return (RenderOptions){
		.width = text_width_wanted(x),
		.prefer_html = x->html,
		.headers = x->all_headers ? RENDER_HEADERS_ALL : RENDER_HEADERS_SHORT,
	};
}

static void tell_shown(Pager *x)
{
	x->state = PAGER_SHOWN;
	pane_damage(&x->pane, 0, 0);
	if (x->marked)
		return;
	x->marked = true;
	x->events->shown(&x->pane, x->mailbox, x->uid, x->data);
}

/* --- rendering --- */

static void render(Pager *x);

static void rendered(MimeDoc *doc_take, void *data)
{
	Pager *x = data;
	bool again = x->render_again;

	if (!doc_take)
		return;
	x->rendering = x->render_again = false;
	docview_replace(x->view, doc_take);
	tell_shown(x);
	if (again)
		render(x);
}

static void stop_rendering(Pager *x)
{
	scope_cancel(&x->rendering_scope);
	x->rendering = x->render_again = false;
}

/* The card that is known before anything arrived: the index's head of the message. */
static MimeDoc *head_document(Pager *x, const char *note)
{
	const MessageHead *head = mailbox_head(x->mailbox, x->uid);
	MimeDoc *doc = doc_new();
	const struct {
		const char *name, *value;
	} fields[] = {
		{"From", head ? message_from(head) : NULL},
		{"To", head ? message_to(head) : NULL},
		{"Subject", head ? message_subject(head) : NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (!fields[i].value || !*fields[i].value)
			continue;
		g_autofree char *name = g_strconcat(fields[i].name, ": ", NULL);
		doc_add(doc, DOC_HEADER_NAME, 0, name, strlen(name));
		doc_add(doc, i == 2 ? DOC_SUBJECT : DOC_HEADER_VALUE, 0, fields[i].value,
			strlen(fields[i].value));
		doc_end_line(doc);
	}
	doc_end_line(doc);
	g_autoptr(Wrap) wrap = wrap_new(doc, text_width_wanted(x));
	wrap_add(wrap, DOC_NOTICE, note, strlen(note));
	wrap_end(wrap);
	return doc;
}

/* One at a time: a window that is dragged wider asks for dozens. */
static void render_in_thread(Pager *x, bool source, const RenderOptions *options)
{
	x->rendering = true;
	if (source)
		rendering_source(&x->rendering_scope, x->source, options->width, rendered, x);
	else
		rendering_part(&x->rendering_scope, x->root, options, rendered, x);
}

static void render(Pager *x)
{
	bool source = x->mode == PAGER_SOURCE && x->source;
	RenderOptions options = render_options(x);

	if (!source && !x->root)
		return;
	if (x->rendering) {
		x->render_again = true;
		return;
	}
	if (source)
		options.width = MAX(x->pane.cols, 20);
	if ((source ? g_bytes_get_size(x->source) : rendering_size(x->root)) >
	    RENDERING_INLINE_MAX) {
		render_in_thread(x, source, &options);
		return;
	}
	docview_replace(x->view, source ? rendering_source_now(x->source, options.width)
					: render_part(x->root, &options));
	tell_shown(x);
}

/* --- fetching --- */

typedef struct {
	Pager *pager;
	char *section;
	bool header; /* the header block of `section`, else its content */
} Want;

static void want_free(Want *want)
{
	g_free(want->section);
	g_free(want);
}

static void fail(Pager *x, const GError *error)
{
	g_autofree char *text =
		g_strdup_printf("This message could not be fetched: %s", error->message);

	docview_set(x->view, head_document(x, text));
	x->state = PAGER_EMPTY; /* opened again, it is fetched again */
	pane_damage(&x->pane, 0, 0);
	x->events->error(&x->pane, text, x->data);
}

/* By the person; what forget() cancels is not LOADING any more.  All that belongs to the message is
 * given up, and it can be asked for again. */
static void given_up(Pager *x)
{
	if (x->state != PAGER_LOADING)
		return;
	x->state = PAGER_EMPTY;
	scope_cancel(&x->scope);
	x->awaited = 0;
	docview_set(
		x->view,
		head_document(x, "Cancelled. Opened again from the list, it is fetched again."));
	pane_damage(&x->pane, 0, 0);
}

static void progressed(Account *a, uint64_t have, uint64_t total, void *data)
{
	Want *want = data;

	(void)a;
	want->pager->have = have;
	want->pager->total = total;
	pane_damage(&want->pager->pane, 0, 0);
}

static void part_arrived(Account *a, GBytes *bytes, const GError *error, void *data)
{
	Want *want = data;
	Pager *x = want->pager;

	(void)a;
	if (error_is_cancelled(error)) {
		want_free(want);
		given_up(x);
		return;
	}
	x->awaited--;
	if (error) {
		fail(x, error);
		want_free(want);
		return;
	}
	MimePart *part = *want->section ? part_find(x->root, want->section) : x->root;
	GBytes **slot = part ? (want->header ? &part->header : &part->content) : NULL;
	if (slot) {
		g_clear_pointer(slot, g_bytes_unref);
		*slot = g_bytes_ref(bytes);
	}
	want_free(want);
	if (x->awaited == 0)
		render(x);
}

static void want_section(Pager *x, const char *section, bool header, uint64_t size)
{
	Want *want = g_new0(Want, 1);
	g_autofree char *fetch =
		header ? g_strconcat(section, *section ? ".HEADER" : "HEADER", NULL)
		       : g_strdup(section);

	want->pager = x;
	want->section = g_strdup(section);
	want->header = header;
	x->awaited++;
	account_fetch_part(x->account, &x->scope, x->mailbox, x->uid, fetch, size, progressed,
			   part_arrived, want);
}

/* The texts to fetch: the readable part, and what stands beside it and is small. */
typedef struct {
	Pager *pager;
	const MimePart *readable;
	unsigned n;
} Wanted;

static bool is_other_alternative(const MimePart *part, const MimePart *readable)
{
	for (const MimePart *p = part; p && p->parent; p = p->parent) {
		if (!g_str_equal(p->parent->type, "multipart/alternative"))
			continue;
		for (const MimePart *r = readable; r && r->parent; r = r->parent)
			if (r->parent == p->parent)
				return r != p;
	}
	return false;
}

static void want_part(MimePart *part, unsigned depth, void *data)
{
	Wanted *wanted = data;

	(void)depth;
	/* The header of a message inside is kept at its tree's top, but fetched by the section
	 * of the message/rfc822 part itself. */
	if (part->parent && g_str_equal(part->parent->type, "message/rfc822") && !part->header &&
	    wanted->n < SIDE_PARTS) {
		wanted->n++;
		want_section(wanted->pager, part->parent->section, true, 0);
	}
	if (part->parts || part->content || !g_str_has_prefix(part->type, "text/"))
		return;
	bool beside = part->size <= SIDE_PART_MAX && wanted->n < SIDE_PARTS &&
		      !part_is_attachment(part) && !is_other_alternative(part, wanted->readable);
	if (part != wanted->readable && !beside)
		return;
	wanted->n++;
	want_section(wanted->pager, part->section, false, part->size);
}

static void fetch_parts(Pager *x, const MimePart *structure)
{
	if (!x->root)
		x->root = part_copy(structure);
	Wanted wanted = {.pager = x, .readable = part_readable(x->root, x->html)};
	if (!x->root->header)
		want_section(x, "", true, 0);
	part_foreach(x->root, want_part, &wanted);
	if (x->awaited == 0)
		render(x);
}

static void whole_arrived(Account *a, GBytes *bytes, const GError *error, void *data)
{
	Want *want = data;
	Pager *x = want->pager;

	(void)a;
	want_free(want);
	if (error_is_cancelled(error)) {
		given_up(x);
		return;
	}
	x->awaited--;
	if (error) {
		fail(x, error);
		return;
	}
	g_clear_pointer(&x->source, g_bytes_unref);
	x->source = g_bytes_ref(bytes);
	if (x->mode == PAGER_TEXT) {
		g_autoptr(GError) broken = NULL;
		g_clear_pointer(&x->root, part_free);
		x->root = parse_message(bytes, &broken);
		x->whole = true;
		/* What is no mail at all is shown as it came. */
		if (!x->root)
			x->mode = PAGER_SOURCE;
	}
	render(x);
}

static void fetch_whole(Pager *x, uint64_t size)
{
	Want *want = g_new0(Want, 1);

	want->pager = x;
	x->awaited++;
	account_fetch_part(x->account, &x->scope, x->mailbox, x->uid, "", size, progressed,
			   whole_arrived, want);
}

static void pager_fetch(Pager *x)
{
	const MessageHead *head = mailbox_head(x->mailbox, x->uid);

	if (!head) {
		x->state = PAGER_WAITING_HEAD;
		mailbox_want(x->mailbox, &x->uid, 1);
		return;
	}
	x->state = PAGER_LOADING;
	x->have = x->total = 0;
	const MimePart *structure = message_structure(head);
	if (x->mode == PAGER_SOURCE || !structure || message_size(head) <= WHOLE_MESSAGE_MAX)
		fetch_whole(x, message_size(head));
	else
		fetch_parts(x, structure);
	pane_damage(&x->pane, 0, 0);
}

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	Pager *x = data;

	if (x->state == PAGER_WAITING_HEAD && mailbox_head(m, x->uid))
		pager_fetch(x);
	else if (x->state == PAGER_WAITING_HEAD && uidset_has(change->removed, x->uid))
		docview_set(x->view, head_document(x, "This message is gone."));
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
		render(x);
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
	stop_rendering(x);
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
	docview_set(x->view, head_document(x, "Loading…"));
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
	render(x);
}

void pager_toggle_alternative(Pane *pager)
{
	Pager *x = (Pager *)pager;

	x->html = !x->html;
	if (x->whole || !x->root || x->state != PAGER_SHOWN)
		render(x);
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
		render(x);
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
		render(x);
}

MimePart *pager_root(Pane *pager)
{
	return ((Pager *)pager)->root;
}
