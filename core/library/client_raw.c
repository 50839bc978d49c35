#include "core/base/error.h"
#include "core/library/client_private.h"

static bool is_free(const ImapClient *client, GError **error)
{
	if (client->closed)
		g_propagate_error(error, g_error_copy(client->closed));
	else if (client->running || client->waiting.length)
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE,
				    "Another command still runs.");
	else
		return true;
	return false;
}

bool imap_client_send(ImapClient *client, GBytes *bytes, GError **error)
{
	return is_free(client, error) && session_raw_send(client->session, bytes, error);
}

static void on_read(GBytes *bytes, const GError *error, void *data)
{
	ImapClient *client = data;
	ImapBytesFunc done = client->read_done;

	client->read_done = NULL;
	if (!done)
		return;
	client->references++;
	client->callbacks++;
	done(client, bytes, error, client->read_data);
	client->callbacks--;
	client_unref(client);
}

void client_cancel_read(ImapClient *client)
{
	g_autoptr(GBytes) none = g_bytes_new(NULL, 0);
	g_autoptr(GError) error = client_cancelled();

	on_read(none, error, client);
}

static bool read_bytes(ImapClient *client, size_t n, ImapBytesFunc done, gpointer data,
		       GError **error)
{
	if (!is_free(client, error) ||
	    !session_raw_read(client->session, n, on_read, client, error))
		return false;
	client->read_done = done;
	client->read_data = data;
	return true;
}

bool imap_client_read(ImapClient *client, gsize n, ImapBytesFunc done, gpointer data,
		      GError **error)
{
	return read_bytes(client, n, done, data, error);
}

bool imap_client_readline(ImapClient *client, ImapBytesFunc done, gpointer data, GError **error)
{
	return read_bytes(client, SESSION_RAW_LINE, done, data, error);
}
