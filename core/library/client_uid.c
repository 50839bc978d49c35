#include "core/library/client_private.h"

guint imap_client_uid(ImapClient *client, const char *command, const char *arguments,
		      ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, command);
	request_add_line(request, arguments);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_search(ImapClient *client, const char *criteria, ImapReplyFunc done,
			     gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "SEARCH");
	request_add_line(request, criteria);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_sort(ImapClient *client, const char *keys, const char *charset,
			   const char *criteria, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "SORT");
	request_add_typed(request, keys);
	request_add_text(request, charset);
	request_add_line(request, criteria);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_thread(ImapClient *client, const char *algorithm, const char *charset,
			     const char *criteria, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "THREAD");
	request_add_text(request, algorithm);
	request_add_text(request, charset);
	request_add_line(request, criteria);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_fetch(ImapClient *client, const char *set, const char *items,
			    ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "FETCH");
	request_add_text(request, set);
	request_add_typed(request, items);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_store(ImapClient *client, const char *set, const char *item,
			    const char *flags, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "STORE");
	request_add_text(request, set);
	request_add_text(request, item);
	request_add_typed(request, flags);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_store_unchanged(ImapClient *client, const char *set, uint64_t modseq,
				      const char *item, const char *flags, ImapReplyFunc done,
				      gpointer data)
{
	Request *request = request_new("UID");
	g_autofree char *modifier =
		g_strdup_printf("(UNCHANGEDSINCE %" G_GUINT64_FORMAT ")", modseq);

	request_add_text(request, "STORE");
	request_add_text(request, set);
	request_add_typed(request, modifier);
	request_add_text(request, item);
	request_add_typed(request, flags);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_copy(ImapClient *client, const char *set, const char *mailbox,
			   ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "COPY");
	request_add_text(request, set);
	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_move(ImapClient *client, const char *set, const char *mailbox,
			   ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "MOVE");
	request_add_text(request, set);
	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_uid_expunge(ImapClient *client, const char *set, ImapReplyFunc done,
			      gpointer data)
{
	Request *request = request_new("UID");

	request_add_text(request, "EXPUNGE");
	request_add_text(request, set);
	return client_submit(client, request, done, data);
}
