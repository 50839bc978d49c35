#include "core/library/client_private.h"

guint imap_client_select(ImapClient *client, const char *mailbox, bool readonly,
			 const char *parameters, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new(readonly ? "EXAMINE" : "SELECT");

	request_add_text(request, mailbox);
	request_add_line(request, parameters);
	return client_submit(client, request, done, data);
}

guint imap_client_examine(ImapClient *client, const char *mailbox, const char *parameters,
			  ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("EXAMINE");

	request_add_text(request, mailbox);
	request_add_line(request, parameters);
	return client_submit(client, request, done, data);
}

guint imap_client_create(ImapClient *client, const char *mailbox, const char *use,
			 ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("CREATE");
	g_autofree char *parameters = use ? g_strdup_printf("(USE (%s))", use) : NULL;

	request_add_text(request, mailbox);
	request_add_line(request, parameters);
	return client_submit(client, request, done, data);
}

guint imap_client_delete(ImapClient *client, const char *mailbox, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("DELETE");

	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_rename(ImapClient *client, const char *from, const char *to, ImapReplyFunc done,
			 gpointer data)
{
	Request *request = request_new("RENAME");

	request_add_text(request, from);
	request_add_text(request, to);
	return client_submit(client, request, done, data);
}

guint imap_client_subscribe(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			    gpointer data)
{
	Request *request = request_new("SUBSCRIBE");

	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_unsubscribe(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			      gpointer data)
{
	Request *request = request_new("UNSUBSCRIBE");

	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_list(ImapClient *client, const char *directory, const char *pattern,
		       const char *options, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("LIST");

	request_add_text(request, directory);
	request_add_text(request, pattern);
	request_add_line(request, options);
	return client_submit(client, request, done, data);
}

guint imap_client_lsub(ImapClient *client, const char *directory, const char *pattern,
		       ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("LSUB");

	request_add_text(request, directory);
	request_add_text(request, pattern);
	return client_submit(client, request, done, data);
}

guint imap_client_namespace(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("NAMESPACE"), done, data);
}

guint imap_client_status(ImapClient *client, const char *mailbox, const char *items,
			 ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("STATUS");

	request_add_text(request, mailbox);
	request_add_typed(request, items);
	return client_submit(client, request, done, data);
}

guint imap_client_append_messages(ImapClient *client, const char *mailbox,
				  const ImapMessage *messages, gsize n, bool keeps_line_ends,
				  ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("APPEND");

	request_add_text(request, mailbox);
	for (gsize i = 0; i < n; i++) {
		request_add_typed(request, messages[i].flags);
		request_add_typed(request, messages[i].date_time);
		words_add_message(request->words, messages[i].message, keeps_line_ends);
	}
	return client_submit(client, request, done, data);
}

guint imap_client_append(ImapClient *client, const char *mailbox, const char *flags,
			 const char *date_time, GBytes *message, ImapReplyFunc done, gpointer data)
{
	const ImapMessage messages[] = {{flags, date_time, message}};

	return imap_client_append_messages(client, mailbox, messages, 1, false, done, data);
}

guint imap_client_notify(ImapClient *client, const char *events, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("NOTIFY");

	request_add_line(request, events);
	return client_submit(client, request, done, data);
}

guint imap_client_check(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("CHECK"), done, data);
}

guint imap_client_close(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("CLOSE"), done, data);
}

guint imap_client_unselect(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("UNSELECT"), done, data);
}
