#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/command/imap.h"
#include "mime/text.h"
#include "ui/shell/shell_private.h"

/* Renewed before a server may close it (RFC 2177). */
#define RENEW_MS (28 * 60 * 1000)

typedef struct {
	Shell *shell;
	gint64 until; /* monotonic, when it is to end by itself */
	bool over;    /* that came, or a line of input */
	guint timer, input;
} Idle;

static void keep(GPtrArray **batch, GPtrArray *one_take)
{
	if (!*batch) {
		*batch = one_take;
		return;
	}
	g_ptr_array_add(*batch, g_ptr_array_steal_index(one_take, 0));
	g_ptr_array_unref(one_take);
}

void idle_hear(Shell *shell, const Frame *frame)
{
	g_autofree char *utf8 = text_to_utf8(frame->text, frame->len, NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);

	if (shell->gathers) {
		keep(&shell->batch, answers_one(clean + strlen("* ")));
	} else {
		puts(clean);
		fflush(stdout);
	}
}

static void idle_once(Idle *idle);

static void on_idle_over(const ImapResult *result, void *data)
{
	Idle *idle = data;
	Shell *shell = idle->shell;
	bool renews = !idle->over && !idle->timer;

	/* Else the server has ended it, and would again. */
	g_clear_handle_id(&idle->timer, g_source_remove);
	if (result->error)
		shell_reply_error(shell, result->error);
	else if (renews)
		idle_once(idle);
	else if (shell->gathers)
		shell_reply_data(shell, "OK", g_steal_pointer(&shell->batch));
	else
		shell_reply_data(shell, "OK",
				 answers_one(result->status ? result->status->text : ""));
}

static gboolean on_time(gpointer data)
{
	Idle *idle = data;

	idle->timer = 0;
	idle->over |= g_get_monotonic_time() >= idle->until;
	session_break_idle(idle->shell->session);
	return G_SOURCE_REMOVE;
}

static void idle_once(Idle *idle)
{
	gint64 left = MAX(idle->until - g_get_monotonic_time(), 0) / 1000 + 1;

	idle->timer = g_timeout_add((guint)MIN(left, RENEW_MS), on_time, idle);
	imap_idle(idle->shell->session, NULL, on_idle_over, idle);
}

/* The end of the input is no line. */
static gboolean on_input(GIOChannel *channel G_GNUC_UNUSED, GIOCondition condition, gpointer data)
{
	Idle *idle = data;

	idle->input = 0;
	if (condition & G_IO_IN) {
		idle->over = true;
		session_break_idle(idle->shell->session);
	}
	return G_SOURCE_REMOVE;
}

/* A file has all its lines from the start: none of them comes while IDLE runs. */
static guint watch_input(Idle *idle)
{
	g_autoptr(GIOChannel) input = g_io_channel_unix_new(STDIN_FILENO);
	struct stat stat;

	if (fstat(STDIN_FILENO, &stat) != 0 || S_ISREG(stat.st_mode))
		return 0;
	return g_io_add_watch(input, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, idle);
}

void idle_run(Shell *shell, unsigned seconds, bool burst)
{
	Idle idle = {.shell = shell};

	idle.until = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
	idle.input = burst ? 0 : watch_input(&idle);
	shell->listens = true;
	shell->gathers = burst || shell->json;
	idle_once(&idle);
	shell_wait(shell);
	shell->listens = false;
	g_clear_pointer(&shell->batch, g_ptr_array_unref);
	g_clear_handle_id(&idle.input, g_source_remove);
}
