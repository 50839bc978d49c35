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
	GBytes *bytes; /* NULL until it came */
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
	uint64_t next;  /* offset of the slice to ask for next */
	bool last_seen; /* a slice came short: there is no more behind it */
	GQueue slices;  /* asked for, oldest first */
	GByteArray *bytes;
	DownloadProgress progress;
	DownloadDone done;
	void *data;
};

static void slice_free(void *data)
{
	Slice *slice = data;

	g_clear_pointer(&slice->bytes, g_bytes_unref);
	g_free(slice);
}

static void finish(Download *d, const GError *error)
{
	DownloadDone done = d->done;
	void *data = d->data;
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(d->bytes);

	scope_cancel(&d->job.work);
	job_end(&d->job);
	g_queue_clear_full(&d->slices, slice_free);
	g_free(d->section);
	g_free(d);
	done(error ? NULL : bytes, error, data);
}

static void cancelled(Job *job)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	finish((Download *)job, error);
}

static void fail(Download *d, CoreError code, const char *text)
{
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, code, text);

	finish(d, error);
}

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
	return !d->sliced || (body->partial ? body->origin : 0) == slice->offset;
}

static void on_data(const Response *response, void *data)
{
	Slice *slice = data;

	if (response->kind != RESPONSE_FETCH || !(response->fetch.has & FETCH_UID) ||
	    response->fetch.uid != slice->download->uid)
		return;
	for (size_t i = 0; i < response->fetch.n_bodies; i++) {
		const FetchBody *body = &response->fetch.bodies[i];
		if (!is_ours(slice, body) || !body->data)
			continue;
		g_clear_pointer(&slice->bytes, g_bytes_unref);
		slice->bytes = g_bytes_ref(body->data);
	}
}

static void tell_progress(Download *d)
{
	uint64_t total = MAX(d->size_hint, d->bytes->len);

	job_progress(&d->job, d->bytes->len, total);
	if (d->progress)
		d->progress(d->bytes->len, total, d->data);
}

static void on_done(const ImapResult *result, void *data)
{
	Slice *slice = data;
	Download *d = slice->download;

	if (error_is_cancelled(result->error))
		return;
	if (result->error) {
		finish(d, result->error);
		return;
	}
	slice->answered = true;
	if (!slice->bytes && slice->offset == 0) {
		fail(d, CORE_ERROR_NO, "the server did not send it; the message may be gone");
		return;
	}
	if (slice->bytes && g_bytes_get_size(slice->bytes) > SLICE && d->sliced) {
		fail(d, CORE_ERROR_NO, "the server sent more than it was asked for");
		return;
	}
	if (!d->sliced) {
		size_t len;
		const void *bytes = g_bytes_get_data(slice->bytes, &len);
		g_byte_array_append(d->bytes, bytes, len);
		finish(d, NULL);
		return;
	}
	bool whole = collect(d);
	tell_progress(d);
	if (whole)
		finish(d, NULL);
	else
		ask_more(d);
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
		finish(d, error);
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
