#include <string.h>

#include "mime/render.h"
#include "mime/wrap.h"
#include "ui/panel/pager_private.h"
#include "ui/panel/rendering.h"

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
		pager_lay(x);
}

void pager_stop_laying(Pager *x)
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

void pager_lay(Pager *x)
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

void pager_note(Pager *x, const char *note)
{
	docview_set(x->view, head_document(x, note));
}
