#include "config.h"

#include "core/account/password.h"

#include <gio/gio.h>
#include <string.h>

#include "core/base/error.h"
#include "mime/text.h"

#define CHUNK 4096
/* A daemon that the command left behind may hold its output open for ever. */
#define LINGER_MS 200

/* Lives until GIO has answered, which may be after it was cancelled. */
typedef struct {
	ScopeItem item;
	const char *option;
	GSubprocess *process;
	GCancellable *cancellable;
	GByteArray *output, *errors;
	GInputStream *out, *err;
	unsigned open; /* streams and the process itself, still to end */
	bool too_long;
	guint linger;
	PasswordDone done; /* NULL once it was called */
	void *data;
} PasswordRun;

static void wipe(GByteArray *bytes)
{
	if (bytes->len > 0)
		explicit_bzero(bytes->data, bytes->len);
	g_byte_array_unref(bytes);
}

static void run_free(PasswordRun *run)
{
	g_clear_object(&run->process);
	g_clear_object(&run->cancellable);
	wipe(run->output);
	g_byte_array_unref(run->errors);
	g_free(run);
}

static void finish(PasswordRun *run, const char *secret, const GError *error)
{
	PasswordDone done = g_steal_pointer(&run->done);

	scope_remove(&run->item);
	if (done)
		done(secret, error, run->data);
}

static void cancelled(ScopeItem *item)
{
	PasswordRun *run = (PasswordRun *)item;
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	g_subprocess_force_exit(run->process);
	g_cancellable_cancel(run->cancellable);
	finish(run, NULL, error);
}

/* The last line it wrote to its error output, for people. */
static char *last_words(const PasswordRun *run)
{
	g_autofree char *utf8 =
		text_to_utf8((const char *)run->errors->data, run->errors->len, NULL, NULL);
	g_autofree char *lines = g_strchomp(text_clean(utf8, TEXT_LINES));
	const char *last = strrchr(lines, '\n');

	return text_clean(last ? last + 1 : lines, TEXT_ONE_LINE);
}

static void report_failure(PasswordRun *run)
{
	g_autofree char *words = last_words(run);
	g_autoptr(GError) error = g_error_new(
		CORE_ERROR, CORE_ERROR_AUTH, "The %s %s%s%s", run->option,
		run->too_long ? "printed more than 1 MiB, which is no secret" : "failed",
		*words ? ": " : ".", words);

	finish(run, NULL, error);
}

static void report(PasswordRun *run)
{
	bool fine = g_subprocess_get_if_exited(run->process) &&
		    g_subprocess_get_exit_status(run->process) == 0;
	static const guint8 end = '\0';

	if (!run->done)
		return;
	g_byte_array_append(run->output, &end, 1);
	char *line = (char *)run->output->data;
	line[strcspn(line, "\r\n")] = '\0';
	if (!fine || run->too_long || !*line)
		report_failure(run);
	else
		finish(run, line, NULL);
}

static void one_ended(PasswordRun *run)
{
	if (--run->open > 0)
		return;
	g_clear_handle_id(&run->linger, g_source_remove);
	report(run);
	run_free(run);
}

static void read_more(PasswordRun *run, GInputStream *stream);

static void was_read(GObject *source, GAsyncResult *result, void *data)
{
	PasswordRun *run = data;
	GInputStream *stream = G_INPUT_STREAM(source);
	GByteArray *to = stream == run->out ? run->output : run->errors;
	g_autoptr(GBytes) bytes = g_input_stream_read_bytes_finish(stream, result, NULL);
	size_t len = bytes ? g_bytes_get_size(bytes) : 0;

	if (len == 0) {
		one_ended(run);
		return;
	}
	if (to->len + len > PASSWORD_OUTPUT_MAX) {
		run->too_long = true;
		g_subprocess_force_exit(run->process);
		g_cancellable_cancel(run->cancellable);
		one_ended(run);
		return;
	}
	g_byte_array_append(to, g_bytes_get_data(bytes, NULL), len);
	read_more(run, stream);
}

static void read_more(PasswordRun *run, GInputStream *stream)
{
	g_input_stream_read_bytes_async(stream, CHUNK, G_PRIORITY_DEFAULT, run->cancellable,
					was_read, run);
}

static gboolean stop_reading(gpointer data)
{
	PasswordRun *run = data;

	run->linger = 0;
	g_cancellable_cancel(run->cancellable);
	return G_SOURCE_REMOVE;
}

static void was_waited(GObject *source, GAsyncResult *result, void *data)
{
	PasswordRun *run = data;

	g_subprocess_wait_finish(G_SUBPROCESS(source), result, NULL);
	run->linger = g_timeout_add(LINGER_MS, stop_reading, run);
	one_ended(run);
}

typedef struct {
	ScopeItem item;
	PasswordDone done;
	void *data;
	GError *error;
	guint source;
} StartFailure;

static void start_failure_end(StartFailure *failure, const GError *error)
{
	failure->done(NULL, error, failure->data);
	g_error_free(failure->error);
	g_free(failure);
}

static gboolean tell_start_failure(gpointer data)
{
	StartFailure *failure = data;

	scope_remove(&failure->item);
	start_failure_end(failure, failure->error);
	return G_SOURCE_REMOVE;
}

static void cancel_start_failure(ScopeItem *item)
{
	StartFailure *failure = (StartFailure *)item;
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	g_source_remove(failure->source);
	start_failure_end(failure, error);
}

static void fail_later(const char *option, Scope *scope, GError *cause_take, PasswordDone done,
		       void *data)
{
	StartFailure *failure = g_new0(StartFailure, 1);

	failure->done = done;
	failure->data = data;
	failure->error = g_error_new(CORE_ERROR, CORE_ERROR_AUTH, "The %s could not be started: %s",
				     option, cause_take->message);
	g_error_free(cause_take);
	failure->source = g_idle_add(tell_start_failure, failure);
	scope_add(scope, &failure->item, cancel_start_failure);
}

void password_run(const char *option, const char *command, Scope *scope, PasswordDone done,
		  void *data)
{
	GError *error = NULL;
	GSubprocess *process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
				 &error, "/bin/sh", "-c", command, NULL);

	if (!process) {
		fail_later(option, scope, error, done, data);
		return;
	}
	PasswordRun *run = g_new0(PasswordRun, 1);
	run->option = option;
	run->process = process;
	run->cancellable = g_cancellable_new();
	run->output = g_byte_array_new();
	run->errors = g_byte_array_new();
	run->out = g_subprocess_get_stdout_pipe(process);
	run->err = g_subprocess_get_stderr_pipe(process);
	run->done = done;
	run->data = data;
	run->open = 3;
	scope_add(scope, &run->item, cancelled);
	read_more(run, run->out);
	read_more(run, run->err);
	g_subprocess_wait_async(process, NULL, was_waited, run);
}
