#include "core/account/call_job.h"

#include <gio/gio.h>
#include <string.h>

#include "core/base/error.h"
#include "mime/text.h"

/* More is no answer that anybody reads, and would not be on the screen at once. */
#define KEPT_OCTETS_MAX ((size_t)2 << 20)
/* Of the command, in what the status line tells of it. */
#define TEXT_CHARACTERS 40

typedef struct CallJob CallJob;

/* A file on its way; lives until GIO has answered, which may be after the job was cancelled. */
typedef struct {
	CallJob *job; /* NULL: cancelled */
	char *path;
	GCancellable *cancellable;
} Load;

struct CallJob {
	Job job;
	Pool *pool;
	PoolPurpose purpose;
	Mailbox *mailbox; /* NULL: whatever is selected */
	GPtrArray *words;
	const CommandSpec *spec; /* what is meant */
	GHashTable *files;       /* path: GBytes* */
	Load *load;
	Caller *caller;
	size_t kept;
	unsigned left_out;
	CallJobDone done;
	void *data;
};

static void finish(CallJob *call, const Reply *reply)
{
	Called called = {reply, call->spec, call->left_out};

	scope_cancel(&call->job.work);
	if (call->load) {
		g_cancellable_cancel(call->load->cancellable);
		call->load->job = NULL;
	}
	job_end(&call->job);
	call->done(&called, call->data);
	caller_free(call->caller);
	g_hash_table_unref(call->files);
	g_ptr_array_unref(call->words);
	g_free(call);
}

static void fail(CallJob *call, const GError *error)
{
	Reply reply = {.error = error};

	finish(call, &reply);
}

static void cancelled(Job *job)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	fail((CallJob *)job, error);
}

/* --- what comes --- */

static size_t size_of(const Frame *frame)
{
	size_t size = frame->len;

	for (size_t i = 0; i < frame->n_literals; i++)
		size += frame->literals[i].data ? g_bytes_get_size(frame->literals[i].data) : 0;
	return size;
}

static bool is_whole(const Frame *frame)
{
	for (size_t i = 0; i < frame->n_literals; i++)
		if (!frame->literals[i].data)
			return false;
	return true;
}

static void keep(CallJob *call, const Response *response)
{
	size_t size = size_of(response->frame);

	if (!is_whole(response->frame) || call->kept + size > KEPT_OCTETS_MAX) {
		call->left_out++;
		return;
	}
	call->kept += size;
	caller_take(call->caller, response);
}

static void heard(const Response *response, void *data)
{
	CallJob *call = data;

	if (response->kind == RESPONSE_CONDITION && response->status.code == CODE_INPROGRESS)
		job_progress(&call->job, response->status.number, response->status.goal);
	if (response->kind == RESPONSE_CHUNK && response->chunk.bytes) {
		job_set_unit(&call->job, JOB_OCTETS);
		job_progress(&call->job, response->chunk.offset + response->chunk.len,
			     response->chunk.total);
	} else if (response->frame) {
		keep(call, response);
	}
}

static void replied(const Reply *reply, void *data)
{
	finish(data, reply);
}

/* --- on its way --- */

static GBytes *loaded_file(const char *path, void *data, GError **error)
{
	const CallJob *call = data;
	GBytes *bytes = g_hash_table_lookup(call->files, path);

	(void)error;
	return g_bytes_ref(bytes);
}

static void on_session(Pool *p, ImapSession *s, const GError *refused, void *data)
{
	CallJob *call = data;
	ArgumentOptions options = {.read_file = loaded_file, .data = call};
	g_autoptr(GError) error = NULL;

	(void)p;
	if (error_is_cancelled(refused))
		return;
	if (refused) {
		fail(call, refused);
		return;
	}
	call->caller = caller_new(s, &options);
	caller_share(call->caller, heard, call);
	if (!caller_run(call->caller, call->words, replied, call, &error))
		fail(call, error);
}

static void load_free(Load *load)
{
	g_object_unref(load->cancellable);
	g_free(load->path);
	g_free(load);
}

static void load_next(CallJob *call);

static void on_loaded(GObject *file, GAsyncResult *result, void *data)
{
	Load *load = data;
	CallJob *call = load->job;
	char *text = NULL;
	gsize len;
	g_autoptr(GError) error = NULL;
	bool fine = g_file_load_contents_finish(G_FILE(file), result, &text, &len, NULL, &error);

	if (!call) {
		g_clear_pointer(&text, g_free);
	} else {
		call->load = NULL;
		if (fine) {
			g_hash_table_insert(call->files, g_strdup(load->path),
					    g_bytes_new_take(text, len));
			load_next(call);
		} else {
			g_autoptr(GError) unread =
				g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE, error->message);
			fail(call, unread);
		}
	}
	load_free(load);
}

/* A file may be behind a line, too: it is read before the connection is held. */
static void load(CallJob *call, const char *path)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);

	call->load = g_new(Load, 1);
	*call->load = (Load){call, g_strdup(path), g_cancellable_new()};
	g_file_load_contents_async(file, call->load->cancellable, on_loaded, call->load);
}

static void load_next(CallJob *call)
{
	for (guint i = 0; i < call->words->len; i++) {
		const Word *word = call->words->pdata[i];
		if (word->form == WORD_FILE && !g_hash_table_contains(call->files, word->text)) {
			load(call, word->text);
			return;
		}
	}
	pool_acquire(call->pool, &call->job.work, call->purpose, call->mailbox, on_session, call);
}

/* --- what may run --- */

static bool is_of_messages(const CommandSpec *spec)
{
	return spec->states == IN_SELECTED || (spec->flags & COMMAND_MAY_EXPUNGE);
}

/* What nobody knows may do anything. */
static bool may_change(const CommandSpec *spec)
{
	return (spec->flags & COMMAND_CHANGES) || spec->id == COMMAND_ID_XATOM;
}

static bool is_refused(const CommandSpec *spec, const Mailbox *open, bool readonly, GError **error)
{
	const char *verb = *spec->verb ? spec->verb : "What nobody knows";

	if (spec->flags & COMMAND_UNSHARED)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s changes the connection itself: sheaf imap has one for that.", verb);
	else if (readonly && may_change(spec))
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s may change something, and Sheaf runs read-only.", verb);
	else if (spec->states == IN_SELECTED && !open)
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE, "No folder is open.");
	else
		return false;
	return true;
}

static char *text_of(const GPtrArray *words)
{
	g_autoptr(GString) line = g_string_new("imap");

	for (guint i = 0; i < words->len; i++) {
		const Word *word = words->pdata[i];
		g_string_append_printf(line, " %s%s", word->form == WORD_FILE ? "<" : "",
				       word->text);
	}
	g_autofree char *clean = text_clean(line->str, TEXT_ONE_LINE);
	g_autofree char *cut =
		g_utf8_substring(clean, 0, MIN(g_utf8_strlen(clean, -1), TEXT_CHARACTERS));
	return g_strconcat(cut, strlen(cut) < strlen(clean) ? "…" : "", NULL);
}

bool call_job_start(Pool *pool, JobList *jobs, Scope *scope, Mailbox *open, bool readonly,
		    GPtrArray *words, CallJobDone done, void *data, GError **error)
{
	const CommandSpec *spec = call_meant(words);
	bool of_messages = spec && is_of_messages(spec);
	guint first;
	CallJob *call;

	if (!spec) {
		call_find(words, &first, error);
		return false;
	}
	if (is_refused(spec, open, readonly, error))
		return false;
	call = g_new0(CallJob, 1);
	call->pool = pool;
	/* The mailbox may be open to read only on the second one, which Courier minds at APPEND. */
	call->purpose = of_messages || may_change(spec) ? POOL_INTERACTIVE : POOL_BULK;
	call->mailbox = of_messages ? open : NULL;
	call->words = g_ptr_array_ref(words);
	call->spec = spec;
	call->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					    (GDestroyNotify)g_bytes_unref);
	call->done = done;
	call->data = data;
	job_begin(&call->job, jobs, of_messages ? scope : NULL, text_of(words), cancelled);
	load_next(call);
	return true;
}
