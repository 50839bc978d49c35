#include <string.h>
#include "ui/shell/shell_private.h"

/* imaplib's send, readline and read: bytes past the commands. */

static const Word *word(const GPtrArray *words, guint i)
{
	return i < words->len ? words->pdata[i] : NULL;
}

/* The line as it was typed behind the verb. */
static GBytes *typed_bytes(const GPtrArray *words)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (guint i = 1; i < words->len; i++)
		g_string_append_printf(line, "%s%s", i > 1 ? " " : "", word(words, i)->text);
	g_string_append(line, "\r\n");
	return g_string_free_to_bytes(g_steal_pointer(&line));
}

static GBytes *bytes_to_send(const GPtrArray *words, GError **error)
{
	char *bytes;
	gsize len;

	if (words->len != 2 || word(words, 1)->form != WORD_FILE)
		return typed_bytes(words);
	if (!g_file_get_contents(word(words, 1)->text, &bytes, &len, error))
		return NULL;
	return g_bytes_new_take(bytes, len);
}

void run_send(Shell *shell, const GPtrArray *words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = bytes_to_send(words, &error);

	if (bytes && imap_client_send(shell->client, bytes, &error))
		shell_reply_data(shell, "OK", NULL);
	else
		shell_reply_error(shell, error);
}

/* The end of the connection is no error, as long as something came before it. */
static void on_read(ImapClient *client G_GNUC_UNUSED, GBytes *bytes, const GError *error,
		    gpointer data)
{
	if (error && g_bytes_get_size(bytes) == 0)
		shell_reply_error(data, error);
	else
		shell_reply_data(data, "OK", answers_bytes(bytes));
}

void run_readline(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;

	if (!imap_client_readline(shell->client, on_read, shell, &error))
		shell_reply_error(shell, error);
	shell_wait(shell);
}

void run_read(Shell *shell, const GPtrArray *words)
{
	g_autoptr(GError) error = NULL;
	guint64 len;

	if (g_ascii_string_to_unsigned(words->len == 2 ? word(words, 1)->text : "", 10, 0,
				       G_MAXINT32, &len, NULL)) {
		if (!imap_client_read(shell->client, len, on_read, shell, &error))
			shell_reply_error(shell, error);
		shell_wait(shell);
		return;
	}
	error = g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE, "Usage: read N");
	shell_reply_error(shell, error);
}
