#include "core/library/client_private.h"

guint imap_client_capability(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("CAPABILITY"), done, data);
}

guint imap_client_noop(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("NOOP"), done, data);
}

static char *list_of(const char *const *fields)
{
	GString *list = g_string_new("(");

	for (; fields[0] && fields[1]; fields += 2) {
		g_autofree char *name = imap_quote(fields[0]);
		g_autofree char *value = imap_quote(fields[1]);
		g_string_append_printf(list, "%s%s %s", list->len > 1 ? " " : "", name, value);
	}
	g_string_append_c(list, ')');
	return g_string_free(list, FALSE);
}

guint imap_client_id(ImapClient *client, const char *const *fields, ImapReplyFunc done,
		     gpointer data)
{
	Request *request = request_new("ID");
	g_autofree char *list = fields ? list_of(fields) : NULL;

	request_add_typed(request, list);
	return client_submit(client, request, done, data);
}

guint imap_client_logout(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("LOGOUT"), done, data);
}

guint imap_client_xatom(ImapClient *client, const char *name, const char *arguments,
			ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("xatom");

	request_add_text(request, name);
	request_add_line(request, arguments);
	return client_submit(client, request, done, data);
}

guint imap_client_run(ImapClient *client, const char *line, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_typed(line), done, data);
}

guint imap_client_starttls(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("STARTTLS"), done, data);
}

guint imap_client_login(ImapClient *client, const char *user, const char *password,
			ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("LOGIN");

	request_add_text(request, user);
	request_add_text(request, password);
	return client_submit(client, request, done, data);
}

guint imap_client_proxyauth(ImapClient *client, const char *user, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("PROXYAUTH");

	request_add_text(request, user);
	return client_submit(client, request, done, data);
}

guint imap_client_enable(ImapClient *client, const char *capabilities, ImapReplyFunc done,
			 gpointer data)
{
	Request *request = request_new("ENABLE");

	request_add_line(request, capabilities);
	return client_submit(client, request, done, data);
}

guint imap_client_compress(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("COMPRESS"), done, data);
}
