#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mime/text.h"
#include "ui/shell/shell_private.h"

static void keep(GPtrArray **batch, GPtrArray *one_take)
{
	if (!*batch) {
		*batch = one_take;
		return;
	}
	g_ptr_array_add(*batch, g_ptr_array_steal_index(one_take, 0));
	g_ptr_array_unref(one_take);
}

void idle_hear(Shell *shell, const char *response)
{
	g_autofree char *utf8 = text_to_utf8(response, strlen(response), NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);

	if (shell->gathers) {
		keep(&shell->batch, answers_one(clean));
	} else {
		printf("* %s\n", clean);
		fflush(stdout);
	}
}

static void on_idle_over(ImapClient *client, const ImapReply *reply, gpointer data)
{
	Shell *shell = data;

	if (!reply->error && shell->gathers)
		shell_reply_data(shell, "OK", g_steal_pointer(&shell->batch));
	else
		shell_on_reply(client, reply, shell);
}

/* The end of the input is no line. */
static gboolean on_input(GIOChannel *channel G_GNUC_UNUSED, GIOCondition condition, gpointer data)
{
	if (condition & G_IO_IN)
		imap_client_end_idle(data);
	return G_SOURCE_REMOVE;
}

/* A file has all its lines from the start: none of them comes while IDLE runs. */
static GSource *watch_input(const Shell *shell)
{
	g_autoptr(GIOChannel) input = g_io_channel_unix_new(STDIN_FILENO);
	struct stat stat;
	GSource *watch;

	if (fstat(STDIN_FILENO, &stat) != 0 || S_ISREG(stat.st_mode))
		return NULL;
	watch = g_io_create_watch(input, G_IO_IN | G_IO_HUP | G_IO_ERR);
	g_source_set_callback(watch, G_SOURCE_FUNC(on_input), shell->client, NULL);
	g_source_attach(watch, NULL);
	return watch;
}

void idle_run(Shell *shell, unsigned seconds, bool burst)
{
	GSource *watch = burst ? NULL : watch_input(shell);

	shell->listens = true;
	shell->gathers = burst || shell->json;
	imap_client_idle(shell->client, seconds, on_idle_over, shell);
	shell_wait(shell);
	shell->listens = false;
	g_clear_pointer(&shell->batch, g_ptr_array_unref);
	if (watch) {
		g_source_destroy(watch);
		g_source_unref(watch);
	}
}
