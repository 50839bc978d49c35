#include "core/library/client_private.h"

guint imap_client_select(ImapClient *client, const char *mailbox, bool readonly,
			 const char *parameters, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new(readonly ? "EXAMINE" : "SELECT");

	submission_add_text(submission, mailbox);
	submission_add_line(submission, parameters);
	return client_submit(client, submission, done, data);
}

guint imap_client_examine(ImapClient *client, const char *mailbox, const char *parameters,
			  ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("EXAMINE");

	submission_add_text(submission, mailbox);
	submission_add_line(submission, parameters);
	return client_submit(client, submission, done, data);
}

guint imap_client_create(ImapClient *client, const char *mailbox, const char *use,
			 ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("CREATE");
	g_autofree char *parameters = use ? g_strdup_printf("(USE (%s))", use) : NULL;

	submission_add_text(submission, mailbox);
	submission_add_line(submission, parameters);
	return client_submit(client, submission, done, data);
}

guint imap_client_delete(ImapClient *client, const char *mailbox, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("DELETE");

	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_rename(ImapClient *client, const char *from, const char *to, ImapReplyFunc done,
			 gpointer data)
{
	Submission *submission = submission_new("RENAME");

	submission_add_text(submission, from);
	submission_add_text(submission, to);
	return client_submit(client, submission, done, data);
}

guint imap_client_subscribe(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			    gpointer data)
{
	Submission *submission = submission_new("SUBSCRIBE");

	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_unsubscribe(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			      gpointer data)
{
	Submission *submission = submission_new("UNSUBSCRIBE");

	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_list(ImapClient *client, const char *directory, const char *pattern,
		       const char *options, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("LIST");

	submission_add_text(submission, directory);
	submission_add_text(submission, pattern);
	submission_add_line(submission, options);
	return client_submit(client, submission, done, data);
}

guint imap_client_lsub(ImapClient *client, const char *directory, const char *pattern,
		       ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("LSUB");

	submission_add_text(submission, directory);
	submission_add_text(submission, pattern);
	return client_submit(client, submission, done, data);
}

guint imap_client_namespace(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("NAMESPACE"), done, data);
}

guint imap_client_status(ImapClient *client, const char *mailbox, const char *items,
			 ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("STATUS");

	submission_add_text(submission, mailbox);
	submission_add_typed(submission, items);
	return client_submit(client, submission, done, data);
}

guint imap_client_append_messages(ImapClient *client, const char *mailbox,
				  const ImapMessage *messages, gsize n, bool keeps_line_ends,
				  ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("APPEND");

	submission_add_text(submission, mailbox);
	for (gsize i = 0; i < n; i++) {
		submission_add_typed(submission, messages[i].flags);
		submission_add_typed(submission, messages[i].date_time);
		words_add_message(submission->words, messages[i].message, keeps_line_ends);
	}
	return client_submit(client, submission, done, data);
}

guint imap_client_append(ImapClient *client, const char *mailbox, const char *flags,
			 const char *date_time, GBytes *message, ImapReplyFunc done, gpointer data)
{
	const ImapMessage messages[] = {{flags, date_time, message}};

	return imap_client_append_messages(client, mailbox, messages, 1, false, done, data);
}

guint imap_client_notify(ImapClient *client, const char *events, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("NOTIFY");

	submission_add_line(submission, events);
	return client_submit(client, submission, done, data);
}

guint imap_client_check(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("CHECK"), done, data);
}

guint imap_client_close(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("CLOSE"), done, data);
}

guint imap_client_unselect(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("UNSELECT"), done, data);
}
