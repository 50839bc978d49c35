#include "core/library/client_private.h"

guint imap_client_uid(ImapClient *client, const char *command, const char *arguments,
		      ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, command);
	submission_add_line(submission, arguments);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_search(ImapClient *client, const char *criteria, ImapReplyFunc done,
			     gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "SEARCH");
	submission_add_line(submission, criteria);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_sort(ImapClient *client, const char *keys, const char *charset,
			   const char *criteria, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "SORT");
	submission_add_typed(submission, keys);
	submission_add_text(submission, charset);
	submission_add_line(submission, criteria);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_thread(ImapClient *client, const char *algorithm, const char *charset,
			     const char *criteria, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "THREAD");
	submission_add_text(submission, algorithm);
	submission_add_text(submission, charset);
	submission_add_line(submission, criteria);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_fetch(ImapClient *client, const char *set, const char *items,
			    ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "FETCH");
	submission_add_text(submission, set);
	submission_add_typed(submission, items);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_store(ImapClient *client, const char *set, const char *item,
			    const char *flags, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "STORE");
	submission_add_text(submission, set);
	submission_add_text(submission, item);
	submission_add_typed(submission, flags);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_store_unchanged(ImapClient *client, const char *set, uint64_t modseq,
				      const char *item, const char *flags, ImapReplyFunc done,
				      gpointer data)
{
	Submission *submission = submission_new("UID");
	g_autofree char *modifier =
		g_strdup_printf("(UNCHANGEDSINCE %" G_GUINT64_FORMAT ")", modseq);

	submission_add_text(submission, "STORE");
	submission_add_text(submission, set);
	submission_add_typed(submission, modifier);
	submission_add_text(submission, item);
	submission_add_typed(submission, flags);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_copy(ImapClient *client, const char *set, const char *mailbox,
			   ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "COPY");
	submission_add_text(submission, set);
	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_move(ImapClient *client, const char *set, const char *mailbox,
			   ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "MOVE");
	submission_add_text(submission, set);
	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_uid_expunge(ImapClient *client, const char *set, ImapReplyFunc done,
			      gpointer data)
{
	Submission *submission = submission_new("UID");

	submission_add_text(submission, "EXPUNGE");
	submission_add_text(submission, set);
	return client_submit(client, submission, done, data);
}
