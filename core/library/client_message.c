#include "core/library/client_private.h"

guint imap_client_expunge(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, request_new("EXPUNGE"), done, data);
}

guint imap_client_search(ImapClient *client, const char *charset, const char *criteria,
			 ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("SEARCH");

	request_add_text(request, charset);
	request_add_line(request, criteria);
	return client_submit(client, request, done, data);
}

guint imap_client_sort(ImapClient *client, const char *keys, const char *charset,
		       const char *criteria, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("SORT");

	request_add_typed(request, keys);
	request_add_text(request, charset);
	request_add_line(request, criteria);
	return client_submit(client, request, done, data);
}

guint imap_client_thread(ImapClient *client, const char *algorithm, const char *charset,
			 const char *criteria, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("THREAD");

	request_add_text(request, algorithm);
	request_add_text(request, charset);
	request_add_line(request, criteria);
	return client_submit(client, request, done, data);
}

guint imap_client_fetch(ImapClient *client, const char *set, const char *items, ImapReplyFunc done,
			gpointer data)
{
	Request *request = request_new("FETCH");

	request_add_text(request, set);
	request_add_typed(request, items);
	return client_submit(client, request, done, data);
}

guint imap_client_partial(ImapClient *client, const char *message, const char *item, uint32_t start,
			  uint32_t length, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("PARTIAL");
	g_autofree char *range =
		g_strdup_printf("%" G_GUINT32_FORMAT " %" G_GUINT32_FORMAT, start, length);

	request_add_text(request, message);
	request_add_typed(request, item);
	request_add_line(request, range);
	return client_submit(client, request, done, data);
}

guint imap_client_store(ImapClient *client, const char *set, const char *item, const char *flags,
			ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("STORE");

	request_add_text(request, set);
	request_add_text(request, item);
	request_add_typed(request, flags);
	return client_submit(client, request, done, data);
}

guint imap_client_store_unchanged(ImapClient *client, const char *set, uint64_t modseq,
				  const char *item, const char *flags, ImapReplyFunc done,
				  gpointer data)
{
	Request *request = request_new("STORE");
	g_autofree char *modifier =
		g_strdup_printf("(UNCHANGEDSINCE %" G_GUINT64_FORMAT ")", modseq);

	request_add_text(request, set);
	request_add_typed(request, modifier);
	request_add_text(request, item);
	request_add_typed(request, flags);
	return client_submit(client, request, done, data);
}

guint imap_client_copy(ImapClient *client, const char *set, const char *mailbox, ImapReplyFunc done,
		       gpointer data)
{
	Request *request = request_new("COPY");

	request_add_text(request, set);
	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_move(ImapClient *client, const char *set, const char *mailbox, ImapReplyFunc done,
		       gpointer data)
{
	Request *request = request_new("MOVE");

	request_add_text(request, set);
	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}
