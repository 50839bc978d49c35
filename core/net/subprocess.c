#include "config.h"
#include "core/net/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/base/error.h"
#include "mime/text.h"

#define LAST_WORDS_MS 1000
#define KILL_AFTER_MS 2000
#define MAX_LINE      500

struct Subprocess {
	GSubprocess *process;
	GCancellable *cancellable;
	GString *line;   /* of standard error, not yet ended */
	char *last_line; /* the last whole one that is not blank */
	char chunk[1024];
	bool exited, stderr_ended;
	unsigned references; /* ours, and one for each operation under way */
	void (*ended)(const char *how, void *data);
	void *data;
	guint timer;
};

static void subprocess_unref(Subprocess *process)
{
	if (--process->references > 0)
		return;
	g_object_unref(process->process);
	g_object_unref(process->cancellable);
	g_string_free(process->line, TRUE);
	g_free(process->last_line);
	g_free(process);
}

static void keep_line(Subprocess *process)
{
	g_autofree char *utf8 = text_to_utf8(process->line->str, process->line->len, NULL, NULL);
	char *clean = text_clean(utf8, TEXT_ONE_LINE);

	g_string_truncate(process->line, 0);
	if (*g_strstrip(clean)) {
		g_free(process->last_line);
		process->last_line = clean;
	} else {
		g_free(clean);
	}
}

static char *describe(const Subprocess *process)
{
	g_autofree char *how = NULL;

	if (!process->exited)
		how = g_strdup("closed the connection");
	else if (g_subprocess_get_if_signaled(process->process))
		how = g_strdup_printf("was ended by signal %d",
				      g_subprocess_get_term_sig(process->process));
	else
		how = g_strdup_printf("ended with exit status %d",
				      g_subprocess_get_exit_status(process->process));
	return process->last_line ? g_strdup_printf("%s: %s", how, process->last_line)
				  : g_strdup_printf("%s.", how);
}

static gboolean tell(gpointer data)
{
	Subprocess *process = data;
	void (*ended)(const char *, void *) = g_steal_pointer(&process->ended);
	g_autofree char *how = NULL;

	g_clear_handle_id(&process->timer, g_source_remove);
	if (ended) {
		keep_line(process);
		how = describe(process);
		ended(how, process->data);
	}
	return G_SOURCE_REMOVE;
}

static void progress(Subprocess *process)
{
	if (process->exited && process->stderr_ended && process->ended)
		tell(process);
	subprocess_unref(process);
}

static void on_exited(GObject *source, GAsyncResult *result, gpointer data)
{
	Subprocess *process = data;

	process->exited = g_subprocess_wait_finish(G_SUBPROCESS(source), result, NULL);
	progress(process);
}

static void on_stderr(GObject *source, GAsyncResult *result, gpointer data)
{
	Subprocess *process = data;
	gssize n = g_input_stream_read_finish(G_INPUT_STREAM(source), result, NULL);

	for (gssize i = 0; i < n; i++) {
		if (process->chunk[i] == '\n')
			keep_line(process);
		else if (process->line->len < MAX_LINE)
			g_string_append_c(process->line, process->chunk[i]);
	}
	if (n > 0) {
		g_input_stream_read_async(G_INPUT_STREAM(source), process->chunk,
					  sizeof process->chunk, G_PRIORITY_DEFAULT,
					  process->cancellable, on_stderr, process);
		return;
	}
	process->stderr_ended = true;
	progress(process);
}

static void leave_terminal(gpointer data G_GNUC_UNUSED)
{
	setsid();
}

static GSubprocess *spawn(const char *const *argv, const char *const *envp, int input, int output,
			  GError **error)
{
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_PIPE);

	g_subprocess_launcher_set_child_setup(launcher, leave_terminal, NULL, NULL);
	for (size_t i = 0; envp && envp[i]; i++) {
		g_autofree char *name = g_strndup(envp[i], strcspn(envp[i], "="));
		const char *value = strchr(envp[i], '=');
		g_subprocess_launcher_setenv(launcher, name, value ? value + 1 : "", TRUE);
	}
	g_subprocess_launcher_take_stdin_fd(launcher, input);
	g_subprocess_launcher_take_stdout_fd(launcher, output);
	return g_subprocess_launcher_spawnv(launcher, argv, error);
}

static bool could_not_start(const char *program, const char *why, GError **error)
{
	g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT, "%s could not be started: %s.", program,
		    why);
	return false;
}

static bool open_ends(const char *program, int input[2], int output[2], GError **error)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0)
		return could_not_start(program, g_strerror(errno), error);
	if (pipe2(output, O_CLOEXEC) == 0)
		return true;
	could_not_start(program, g_strerror(errno), error);
	close(input[0]);
	close(input[1]);
	return false;
}

Subprocess *subprocess_start(const char *const *argv, const char *const *envp, int *to_fd,
			     int *from_fd, GError **error)
{
	g_autoptr(GError) failure = NULL;
	GSubprocess *child;
	Subprocess *process;
	int input[2], output[2];

	if (!open_ends(argv[0], input, output, error))
		return NULL;
	child = spawn(argv, envp, input[1], output[1], &failure);
	if (!child) {
		close(input[0]);
		close(output[0]);
		could_not_start(argv[0], failure->message, error);
		return NULL;
	}
	fcntl(input[0], F_SETFL, O_NONBLOCK);
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	*to_fd = input[0];
	*from_fd = output[0];
	process = g_new0(Subprocess, 1);
	process->process = child;
	process->cancellable = g_cancellable_new();
	process->line = g_string_new(NULL);
	process->references = 3;
	g_subprocess_wait_async(child, process->cancellable, on_exited, process);
	g_input_stream_read_async(g_subprocess_get_stderr_pipe(child), process->chunk,
				  sizeof process->chunk, G_PRIORITY_DEFAULT, process->cancellable,
				  on_stderr, process);
	return process;
}

void subprocess_when_ended(Subprocess *process, void (*ended)(const char *how, void *data),
			   void *data)
{
	bool known = process->exited && process->stderr_ended;

	process->ended = ended;
	process->data = data;
	process->timer = g_timeout_add(known ? 0 : LAST_WORDS_MS, tell, process);
}

static gboolean kill_now(gpointer data)
{
	g_subprocess_force_exit(data);
	return G_SOURCE_REMOVE;
}

void subprocess_free(Subprocess *process)
{
	if (!process)
		return;
	process->ended = NULL;
	g_clear_handle_id(&process->timer, g_source_remove);
	g_cancellable_cancel(process->cancellable);
	if (!process->exited) {
		/* Both are no-ops once GSubprocess has reaped it, so no other process is ever hit.
		 */
		g_subprocess_send_signal(process->process, SIGTERM);
		g_timeout_add_full(G_PRIORITY_DEFAULT, KILL_AFTER_MS, kill_now,
				   g_object_ref(process->process), g_object_unref);
	}
	subprocess_unref(process);
}
