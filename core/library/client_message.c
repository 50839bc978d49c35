#include "core/library/client_private.h"

guint imap_client_expunge(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("EXPUNGE"), done, data);
}

guint imap_client_search(ImapClient *client, const char *charset, const char *criteria,
			 ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("SEARCH");

	submission_add_text(submission, charset);
	submission_add_line(submission, criteria);
	return client_submit(client, submission, done, data);
}

guint imap_client_sort(ImapClient *client, const char *keys, const char *charset,
		       const char *criteria, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("SORT");

	submission_add_typed(submission, keys);
	submission_add_text(submission, charset);
	submission_add_line(submission, criteria);
	return client_submit(client, submission, done, data);
}

guint imap_client_thread(ImapClient *client, const char *algorithm, const char *charset,
			 const char *criteria, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("THREAD");

	submission_add_text(submission, algorithm);
	submission_add_text(submission, charset);
	submission_add_line(submission, criteria);
	return client_submit(client, submission, done, data);
}

guint imap_client_fetch(ImapClient *client, const char *set, const char *items, ImapReplyFunc done,
			gpointer data)
{
	Submission *submission = submission_new("FETCH");

	submission_add_text(submission, set);
	submission_add_typed(submission, items);
	return client_submit(client, submission, done, data);
}

guint imap_client_partial(ImapClient *client, const char *message, const char *item, uint32_t start,
			  uint32_t length, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("PARTIAL");
	g_autofree char *range =
		g_strdup_printf("%" G_GUINT32_FORMAT " %" G_GUINT32_FORMAT, start, length);

	submission_add_text(submission, message);
	submission_add_typed(submission, item);
	submission_add_line(submission, range);
	return client_submit(client, submission, done, data);
}

guint imap_client_store(ImapClient *client, const char *set, const char *item, const char *flags,
			ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("STORE");

	submission_add_text(submission, set);
	submission_add_text(submission, item);
	submission_add_typed(submission, flags);
	return client_submit(client, submission, done, data);
}

guint imap_client_store_unchanged(ImapClient *client, const char *set, uint64_t modseq,
				  const char *item, const char *flags, ImapReplyFunc done,
				  gpointer data)
{
	Submission *submission = submission_new("STORE");
	g_autofree char *modifier =
		g_strdup_printf("(UNCHANGEDSINCE %" G_GUINT64_FORMAT ")", modseq);

	submission_add_text(submission, set);
	submission_add_typed(submission, modifier);
	submission_add_text(submission, item);
	submission_add_typed(submission, flags);
	return client_submit(client, submission, done, data);
}

guint imap_client_copy(ImapClient *client, const char *set, const char *mailbox, ImapReplyFunc done,
		       gpointer data)
{
	Submission *submission = submission_new("COPY");

	submission_add_text(submission, set);
	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_move(ImapClient *client, const char *set, const char *mailbox, ImapReplyFunc done,
		       gpointer data)
{
	Submission *submission = submission_new("MOVE");

	submission_add_text(submission, set);
	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}
