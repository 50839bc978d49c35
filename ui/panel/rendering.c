#include "ui/panel/rendering.h"

#include <gio/gio.h>

#include "mime/flow.h"
#include "mime/text.h"

/* Belongs to the task, which outlives what was cancelled. */
typedef struct {
	ScopeItem item;
	GCancellable *cancellable;
	MimePart *root; /* or */
	GBytes *source;
	RenderOptions options;
	RenderingDone done;
	void *data;
} Rendering;

static void add_size(MimePart *part, unsigned depth, void *data)
{
	size_t *sum = data;

	(void)depth;
	if (part->content && !part->parts)
		*sum += g_bytes_get_size(part->content);
}

size_t rendering_size(MimePart *root)
{
	size_t sum = 0;

	part_foreach(root, add_size, &sum);
	return sum;
}

MimeDoc *rendering_source_now(GBytes *source, int width)
{
	size_t len;
	const char *raw = g_bytes_get_data(source, &len);
	g_autofree char *utf8 = text_to_utf8(raw, len, NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_LINES);
	MimeDoc *doc = doc_new();

	flow_to_doc(clean, false, false, width, doc);
	return doc;
}

static void rendering_free(void *data)
{
	Rendering *r = data;

	part_free(r->root);
	g_clear_pointer(&r->source, g_bytes_unref);
	g_object_unref(r->cancellable);
	g_free(r);
}

static void work(GTask *task, void *source, void *task_data, GCancellable *cancellable)
{
	Rendering *r = task_data;

	(void)source;
	/* It may have waited behind others so long that nobody wants it any more. */
	if (g_cancellable_is_cancelled(cancellable))
		return;
	g_task_return_pointer(task,
			      r->root ? render_part(r->root, &r->options)
				      : rendering_source_now(r->source, r->options.width),
			      (GDestroyNotify)doc_free);
}

static void finished(GObject *source, GAsyncResult *result, void *data)
{
	Rendering *r = data;
	MimeDoc *doc = g_task_propagate_pointer(G_TASK(result), NULL);

	(void)source;
	if (!doc)
		return; /* was told when it was cancelled */
	scope_remove(&r->item);
	r->done(doc, r->data);
}

static void cancel(ScopeItem *item)
{
	Rendering *r = (Rendering *)item;

	g_cancellable_cancel(r->cancellable);
	r->done(NULL, r->data);
}

static void start(Rendering *r, Scope *scope, RenderingDone done, void *data)
{
	r->done = done;
	r->data = data;
	r->cancellable = g_cancellable_new();
	scope_add(scope, &r->item, cancel);
	g_autoptr(GTask) task = g_task_new(NULL, r->cancellable, finished, r);
	g_task_set_task_data(task, r, rendering_free);
	g_task_set_check_cancellable(task, TRUE);
	g_task_run_in_thread(task, work);
}

void rendering_part(Scope *scope, const MimePart *root, const RenderOptions *options,
		    RenderingDone done, void *data)
{
	Rendering *r = g_new0(Rendering, 1);

	r->root = part_copy(root);
	r->options = *options;
	start(r, scope, done, data);
}

void rendering_source(Scope *scope, GBytes *source, int width, RenderingDone done, void *data)
{
	Rendering *r = g_new0(Rendering, 1);

	r->source = g_bytes_ref(source);
	r->options.width = width;
	start(r, scope, done, data);
}
