#include "core/account/download.h"

#include <string.h>

#include "core/base/error.h"

/* Up to this a part comes by one FETCH on the interactive session. */
#define WHOLE_MAX (256 * 1024)
#define SLICE     (128 * 1024)
#define IN_FLIGHT 2
/* Until a sink that is full is asked again. */
#define FULL_MS 20
/* More than servers store. */
#define OCTETS_MAX ((uint64_t)2 << 30)

typedef struct Download Download;

/* One FETCH of it; in a list ordered by offset. */
typedef struct {
	Download *download;
	uint64_t offset;
	GBytes *bytes; /* NULL until it came, and for what comes in chunks */
	bool answered;
} Slice;

/* What is wrong with what came. */
typedef enum {
	FAULT_NONE,
	FAULT_TOO_MUCH, /* more than a slice where one was asked for */
	FAULT_ALL,      /* and the server does not say that it is a part */
	FAULT_MIXED_UP  /* a sink was given another message's bytes */
} Fault;

struct Download {
	Job job;
	Pool *pool;
	Mailbox *mailbox;
	uint32_t uidvalidity; /* of the mailbox when it began; 0: not known then */
	unsigned losses;      /* as in pool_may_repeat() */
	ImapSession *session;
	uint32_t uid;
	char *section;
	uint64_t size_hint;
	bool sliced;
	bool binary, no_binary; /* it is asked for decoded; that was refused */
	uint64_t next;          /* offset of the slice to ask for next */
	bool last_seen;         /* a slice came short: there is no more behind it */
	GQueue slices;          /* asked for, oldest first */
	Fault fault;
	uint64_t given;    /* octets, in order: to the sink, else to `bytes` */
	bool whole;        /* all chunks came, and their response */
	GByteArray *bytes; /* empty where there is a sink */
	guint wait;        /* for a sink that is full */
	DownloadProgress progress;
	const DownloadSink *sink;
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
	bool told = !error && !d->sink;

	scope_cancel(&d->job.work);
	job_end(&d->job);
	g_clear_handle_id(&d->wait, g_source_remove);
	g_queue_clear_full(&d->slices, slice_free);
	g_free(d->section);
	g_free(d);
	done(told ? bytes : NULL, error, data);
}

static void cancelled(Job *job)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	finish((Download *)job, error);
}

static void fail(Download *d, const char *text)
{
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, CORE_ERROR_NO, text);

	finish(d, error);
}

static void ask(Download *d);
static void ask_more(Download *d);
static void borrow(Download *d);

static void give(Download *d, GBytes *bytes)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);

	if (len > 0 && d->given == 0 && d->binary)
		d->sink->decoded(d->data);
	d->given += len;
	if (len > 0 && d->sink)
		d->sink->take(bytes, d->data);
	else if (len > 0)
		g_byte_array_append(d->bytes, data, (guint)len);
}

/* What was given is void: from a sink it cannot be taken back. */
static void take_back(Download *d)
{
	if (d->sink && d->given > 0)
		d->fault = FAULT_MIXED_UP;
	g_byte_array_set_size(d->bytes, 0);
	d->given = 0;
	d->whole = false;
}

/* Four characters of base64 stand for three octets, and for less with their line ends. */
static uint64_t expected(const Download *d)
{
	return d->binary ? d->size_hint / 4 * 3 : d->size_hint;
}

static void tell_progress(Download *d)
{
	uint64_t total = MAX(expected(d), d->given);

	job_progress(&d->job, d->given, total);
	if (d->progress)
		d->progress(d->given, total, d->data);
}

/* What came */

static bool is_ours(const Slice *slice, const FetchBody *body)
{
	const Download *d = slice->download;

	if (g_ascii_strcasecmp(body->section, d->section) != 0 || body->binary != d->binary)
		return false;
	return (body->partial ? body->origin : 0) == slice->offset;
}

/* Of more than was asked for nothing is kept. */
static bool is_too_much(Download *d, const FetchBody *body, uint64_t octets)
{
	if (!d->sliced || octets <= SLICE)
		return false;
	if (d->fault == FAULT_NONE)
		d->fault = body->partial ? FAULT_TOO_MUCH : FAULT_ALL;
	return true;
}

static void take_chunk(Slice *slice, const ChunkData *chunk)
{
	const FetchBody *body =
		chunk->bytes ? &chunk->fetch.bodies[chunk->fetch.n_bodies - 1] : NULL;
	Download *d = slice->download;

	if (body && (!is_ours(slice, body) || is_too_much(d, body, chunk->total)))
		return;
	if (!d->sliced && (!body || chunk->offset == 0))
		take_back(d);
	if (!body || d->fault)
		return;
	g_autoptr(GBytes) bytes = g_bytes_new(chunk->bytes, chunk->len);
	give(d, bytes);
	d->size_hint = chunk->total;
	tell_progress(d);
}

static void take_body(Slice *slice, const FetchBody *body)
{
	Download *d = slice->download;

	if (!is_ours(slice, body))
		return;
	if (!d->sliced && body->chunked > 0)
		d->whole = d->given == body->chunked;
	if (!body->data || is_too_much(d, body, g_bytes_get_size(body->data)))
		return;
	g_clear_pointer(&slice->bytes, g_bytes_unref);
	slice->bytes = g_bytes_ref(body->data);
}

/* Chunks may come ahead of the UID: the response behind them tells it, or they are void. */
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

/* What was answered */

/* Takes what came in order off the head; true when that was all. */
static bool collect(Download *d)
{
	Slice *slice;

	while ((slice = g_queue_peek_head(&d->slices)) && slice->answered) {
		size_t len = slice->bytes ? g_bytes_get_size(slice->bytes) : 0;
		if (len > 0 && !d->last_seen)
			give(d, slice->bytes);
		if (len < SLICE)
			d->last_seen = true;
		slice_free(g_queue_pop_head(&d->slices));
	}
	return d->last_seen && g_queue_is_empty(&d->slices);
}

static void take_slices(Download *d)
{
	bool whole = collect(d);

	tell_progress(d);
	if (whole)
		finish(d, NULL);
	else
		ask_more(d);
}

/* The other slices in flight are swallowed. */
static void ask_for_all(Download *d)
{
	scope_cancel(&d->job.work);
	g_queue_clear_full(&d->slices, slice_free);
	d->fault = FAULT_NONE;
	d->sliced = false;
	d->next = 0;
	ask(d);
}

/* The server cannot decode it (UNKNOWN-CTE), or says NIL: as it is, then. */
static void ask_encoded(Download *d)
{
	scope_cancel(&d->job.work);
	g_queue_clear_full(&d->slices, slice_free);
	d->no_binary = true;
	d->binary = d->last_seen = false;
	d->next = 0;
	if (d->sliced)
		ask_more(d);
	else
		ask(d);
}

static bool is_undecoded(const Download *d, const Slice *slice, const GError *error)
{
	bool refused = error && !error_is_abort(error);

	return d->binary && d->given == 0 &&
	       (refused || (!error && !slice->bytes && !d->whole && slice->offset == 0));
}

static void give_up(Download *d)
{
	if (d->fault == FAULT_ALL && d->given == 0)
		ask_for_all(d);
	else if (d->fault == FAULT_MIXED_UP)
		fail(d, "the server mixed it up with another message");
	else
		fail(d, "the server sent more than it was asked for");
}

/* Not where a sink was given a part of what only comes as a whole. */
static bool may_repeat(Download *d, const GError *error)
{
	bool given = d->sink && !d->sliced && d->given > 0;

	return !given && pool_may_repeat(error, &d->losses);
}

/* The line was lost: what came in order is kept, the rest is asked for on the next one. */
static void repeat(Download *d)
{
	scope_cancel(&d->job.work);
	g_queue_clear_full(&d->slices, slice_free);
	if (!d->sliced)
		take_back(d);
	d->next = d->given;
	d->last_seen = false;
	borrow(d);
}

static void on_done(const ImapResult *result, void *data)
{
	Slice *slice = data;
	Download *d = slice->download;

	if (error_is_cancelled(result->error))
		return;
	if (is_undecoded(d, slice, result->error)) {
		ask_encoded(d);
		return;
	}
	if (may_repeat(d, result->error)) {
		repeat(d);
		return;
	}
	if (result->error) {
		finish(d, result->error);
		return;
	}
	slice->answered = true;
	d->losses = 0;
	if (d->fault) {
		give_up(d);
	} else if (!slice->bytes && !d->whole && slice->offset == 0) {
		fail(d, "the server did not send it; the message may be gone");
	} else if (d->sliced) {
		take_slices(d);
	} else {
		if (!d->whole)
			give(d, slice->bytes);
		finish(d, NULL);
	}
}

/* What is asked for */

static void ask(Download *d)
{
	g_autoptr(UidSet) uids = uidset_new_range(d->uid, d->uid);
	Slice *slice = g_new0(Slice, 1);
	const char *what = d->binary ? "BINARY" : "BODY";
	g_autofree char *items =
		d->sliced ? g_strdup_printf("(UID %s.PEEK[%s]<%" G_GUINT64_FORMAT ".%d>)", what,
					    d->section, d->next, SLICE)
			  : g_strdup_printf("(UID %s.PEEK[%s])", what, d->section);

	slice->download = d;
	slice->offset = d->next;
	d->next += SLICE;
	g_queue_push_tail(&d->slices, slice);
	imap_uid_fetch(d->session, &d->job.work, uids, items, on_data, on_done, slice);
}

static void on_session(Pool *p, ImapSession *s, const GError *error, void *data);

static void borrow(Download *d)
{
	pool_acquire(d->pool, &d->job.work, d->sliced ? POOL_BULK : POOL_INTERACTIVE, d->mailbox,
		     on_session, d);
}

static gboolean ask_again(gpointer data)
{
	Download *d = data;

	d->wait = 0;
	borrow(d);
	return G_SOURCE_REMOVE;
}

/* Beyond the hint one slice at a time: most hints are right. */
static void ask_more(Download *d)
{
	if (d->next >= OCTETS_MAX) {
		fail(d, "it is larger than 2 GiB");
		return;
	}
	if (d->sink && d->sink->is_full(d->data)) {
		/* While nothing is in flight another mailbox may be selected. */
		if (g_queue_is_empty(&d->slices))
			d->wait = g_timeout_add(FULL_MS, ask_again, d);
		return;
	}
	while (!d->last_seen && g_queue_get_length(&d->slices) < IN_FLIGHT &&
	       (d->next < expected(d) || g_queue_is_empty(&d->slices)))
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
	if (d->given == 0)
		d->binary = d->sink && d->sink->decoded && !d->no_binary &&
			    (session_capabilities(s) & CAP(BINARY));
	if (d->uidvalidity != 0 && d->uidvalidity != mailbox_uidvalidity(d->mailbox))
		fail(d, "the folder was replaced by another one on the server");
	else if (d->sliced)
		ask_more(d);
	else
		ask(d);
}

void download_start(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, uint32_t uid,
		    const char *section, uint64_t size_hint, DownloadProgress progress,
		    const DownloadSink *sink, DownloadDone done, void *data)
{
	Download *d = g_new0(Download, 1);

	d->pool = pool;
	d->mailbox = m;
	d->uidvalidity = mailbox_uidvalidity(m);
	d->uid = uid;
	d->section = g_strdup(section);
	d->size_hint = size_hint;
	d->sliced = size_hint > WHOLE_MAX;
	d->bytes = g_byte_array_new();
	d->progress = progress;
	d->sink = sink;
	d->done = done;
	d->data = data;
	g_queue_init(&d->slices);
	job_begin(&d->job, jobs, scope, g_strdup("Fetching the message"), cancelled);
	job_set_unit(&d->job, JOB_OCTETS);
	borrow(d);
}
