#include "core/account/download.h"

#include <string.h>

#include "core/base/error.h"

/* Up to this a part comes by one FETCH on the interactive session. */
#define WHOLE_MAX (256 * 1024)
#define SLICE     (128 * 1024)
#define IN_FLIGHT 2
/* More than servers store. */
#define OCTETS_MAX ((uint64_t)2 << 30)

typedef struct Download Download;

/* One FETCH of it; in a list ordered by offset. */
typedef struct {
	Download *download;
	uint64_t offset;
	GBytes *bytes;        /* NULL until it came */
	GByteArray *arriving; /* what is here of one in chunks, or NULL */
	bool answered;
} Slice;

struct Download {
	Job job;
	Mailbox *mailbox;
	ImapSession *session;
	uint32_t uid;
	char *section;
	uint64_t size_hint;
	bool sliced;
	bool sent_too_much;  /* more than a slice where one was asked for */
	bool ignores_slices; /* and did not say that it was a part */
	uint64_t next;       /* offset of the slice to ask for next */
	bool last_seen;      /* a slice came short: there is no more behind it */
	GQueue slices;       /* asked for, oldest first */
	GByteArray *bytes;
	DownloadProgress progress;
	DownloadDone done;
	void *data;
};

static void slice_free(void *data)
{
	Slice *slice = data;

	g_clear_pointer(&slice->bytes, g_bytes_unref);
	g_clear_pointer(&slice->arriving, g_byte_array_unref);
	g_free(slice);
}

static void finish(Download *d, GBytes *bytes, const GError *error)
{
	DownloadDone done = d->done;
	void *data = d->data;
	g_autoptr(GBytes) kept = bytes ? g_bytes_ref(bytes) : NULL;

	scope_cancel(&d->job.work);
	job_end(&d->job);
	g_queue_clear_full(&d->slices, slice_free);
	g_clear_pointer(&d->bytes, g_byte_array_unref);
	g_free(d->section);
	g_free(d);
	done(kept, error, data);
}

static void cancelled(Job *job)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	finish((Download *)job, NULL, error);
}

static void fail(Download *d, CoreError code, const char *text)
{
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, code, text);

	finish(d, NULL, error);
}

static void finish_slices(Download *d)
{
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&d->bytes));

	finish(d, bytes, NULL);
}

static void ask(Download *d);
static void ask_more(Download *d);

/* Takes what came in order off the head; true when that was all. */
static bool collect(Download *d)
{
	Slice *slice;

	while ((slice = g_queue_peek_head(&d->slices)) && slice->answered) {
		size_t len = slice->bytes ? g_bytes_get_size(slice->bytes) : 0;
		if (len > 0 && !d->last_seen)
			g_byte_array_append(d->bytes, g_bytes_get_data(slice->bytes, NULL), len);
		if (len < SLICE)
			d->last_seen = true;
		slice_free(g_queue_pop_head(&d->slices));
	}
	return d->last_seen && g_queue_is_empty(&d->slices);
}

static bool is_ours(const Slice *slice, const FetchBody *body)
{
	const Download *d = slice->download;

	if (g_ascii_strcasecmp(body->section, d->section) != 0 || body->binary)
		return false;
	return (body->partial ? body->origin : 0) == slice->offset;
}

static void tell_progress(Download *d, uint64_t have)
{
	uint64_t total = MAX(d->size_hint, have);

	job_progress(&d->job, have, total);
	if (d->progress)
		d->progress(have, total, d->data);
}

/* Of more than was asked for nothing is kept. */
static bool is_too_much(Download *d, const FetchBody *body, uint64_t octets)
{
	if (!d->sliced || octets <= SLICE)
		return false;
	d->ignores_slices |= !body->partial;
	d->sent_too_much = true;
	return true;
}

static void take_chunk(Slice *slice, const ChunkData *chunk)
{
	const FetchData *fetch = &chunk->fetch;
	Download *d = slice->download;

	if (!chunk->bytes || chunk->offset == 0)
		g_clear_pointer(&slice->arriving, g_byte_array_unref);
	if (!chunk->bytes || !is_ours(slice, &fetch->bodies[fetch->n_bodies - 1]) ||
	    is_too_much(d, &fetch->bodies[fetch->n_bodies - 1], chunk->total))
		return;
	if (!slice->arriving)
		slice->arriving = g_byte_array_new();
	g_byte_array_append(slice->arriving, (const guint8 *)chunk->bytes, (guint)chunk->len);
	d->size_hint = chunk->total;
	tell_progress(d, slice->arriving->len);
}

static void take_body(Slice *slice, const FetchBody *body)
{
	g_autoptr(GBytes) bytes = body->data ? g_bytes_ref(body->data) : NULL;

	if (!is_ours(slice, body))
		return;
	if (slice->arriving && slice->arriving->len == body->chunked)
		bytes = g_byte_array_free_to_bytes(g_steal_pointer(&slice->arriving));
	if (!bytes || is_too_much(slice->download, body, g_bytes_get_size(bytes)))
		return;
	g_clear_pointer(&slice->bytes, g_bytes_unref);
	slice->bytes = g_steal_pointer(&bytes);
}

/* A chunk may come ahead of the UID; its response tells it. */
static void on_data(const Response *response, void *data)
{
	Slice *slice = data;

	if (response->kind == RESPONSE_CHUNK)
		take_chunk(slice, &response->chunk);
	if (response->kind != RESPONSE_FETCH || !(response->fetch.has & FETCH_UID) ||
	    response->fetch.uid != slice->download->uid)
		return;
	for (size_t i = 0; i < response->fetch.n_bodies; i++)
		take_body(slice, &response->fetch.bodies[i]);
}

/* The other slices in flight are swallowed. */
static void ask_whole(Download *d)
{
	scope_cancel(&d->job.work);
	g_queue_clear_full(&d->slices, slice_free);
	g_byte_array_set_size(d->bytes, 0);
	d->sliced = d->ignores_slices = d->sent_too_much = false;
	d->next = 0;
	ask(d);
}

static void take_slices(Download *d)
{
	bool whole = collect(d);

	tell_progress(d, d->bytes->len);
	if (whole)
		finish_slices(d);
	else
		ask_more(d);
}

static void on_done(const ImapResult *result, void *data)
{
	Slice *slice = data;
	Download *d = slice->download;

	if (error_is_cancelled(result->error))
		return;
	if (result->error) {
		finish(d, NULL, result->error);
		return;
	}
	slice->answered = true;
	if (d->ignores_slices)
		ask_whole(d);
	else if (d->sent_too_much)
		fail(d, CORE_ERROR_NO, "the server sent more than it was asked for");
	else if (!slice->bytes && slice->offset == 0)
		fail(d, CORE_ERROR_NO, "the server did not send it; the message may be gone");
	else if (!d->sliced)
		finish(d, slice->bytes, NULL);
	else
		take_slices(d);
}

static void ask(Download *d)
{
	g_autoptr(UidSet) uids = uidset_new_range(d->uid, d->uid);
	Slice *slice = g_new0(Slice, 1);
	g_autofree char *items =
		d->sliced ? g_strdup_printf("(UID BODY.PEEK[%s]<%" G_GUINT64_FORMAT ".%d>)",
					    d->section, d->next, SLICE)
			  : g_strdup_printf("(UID BODY.PEEK[%s])", d->section);

	slice->download = d;
	slice->offset = d->next;
	d->next += SLICE;
	g_queue_push_tail(&d->slices, slice);
	imap_uid_fetch(d->session, &d->job.work, uids, items, on_data, on_done, slice);
}

/* Beyond the hint one slice at a time: most hints are right. */
static void ask_more(Download *d)
{
	if (d->next >= OCTETS_MAX) {
		fail(d, CORE_ERROR_NO, "it is larger than 2 GiB");
		return;
	}
	while (!d->last_seen && g_queue_get_length(&d->slices) < IN_FLIGHT &&
	       (d->next < d->size_hint || g_queue_is_empty(&d->slices)))
		ask(d);
}

static void on_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Download *d = data;

	(void)p;
	if (error_is_cancelled(error))
		return;
	if (error) {
		finish(d, NULL, error);
		return;
	}
	d->session = s;
	if (d->sliced)
		ask_more(d);
	else
		ask(d);
}

void download_start(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, uint32_t uid,
		    const char *section, uint64_t size_hint, DownloadProgress progress,
		    DownloadDone done, void *data)
{
	Download *d = g_new0(Download, 1);

	d->mailbox = m;
	d->uid = uid;
	d->section = g_strdup(section);
	d->size_hint = size_hint;
	d->sliced = size_hint > WHOLE_MAX;
	d->bytes = g_byte_array_new();
	d->progress = progress;
	d->done = done;
	d->data = data;
	g_queue_init(&d->slices);
	job_begin(&d->job, jobs, scope, g_strdup("Fetching the message"), cancelled);
	pool_acquire(pool, &d->job.work, d->sliced ? POOL_BULK : POOL_INTERACTIVE, m, on_session,
		     d);
}
