#include "core/library/client_private.h"

guint imap_client_getquota(ImapClient *client, const char *root, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("GETQUOTA");

	submission_add_text(submission, root);
	return client_submit(client, submission, done, data);
}

guint imap_client_getquotaroot(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			       gpointer data)
{
	Submission *submission = submission_new("GETQUOTAROOT");

	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_setquota(ImapClient *client, const char *root, const char *limits,
			   ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("SETQUOTA");

	submission_add_text(submission, root);
	submission_add_typed(submission, limits);
	return client_submit(client, submission, done, data);
}

guint imap_client_getacl(ImapClient *client, const char *mailbox, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("GETACL");

	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_setacl(ImapClient *client, const char *mailbox, const char *user,
			 const char *rights, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("SETACL");

	submission_add_text(submission, mailbox);
	submission_add_text(submission, user);
	submission_add_text(submission, rights);
	return client_submit(client, submission, done, data);
}

guint imap_client_deleteacl(ImapClient *client, const char *mailbox, const char *user,
			    ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("DELETEACL");

	submission_add_text(submission, mailbox);
	submission_add_text(submission, user);
	return client_submit(client, submission, done, data);
}

guint imap_client_listrights(ImapClient *client, const char *mailbox, const char *user,
			     ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("LISTRIGHTS");

	submission_add_text(submission, mailbox);
	submission_add_text(submission, user);
	return client_submit(client, submission, done, data);
}

guint imap_client_myrights(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			   gpointer data)
{
	Submission *submission = submission_new("MYRIGHTS");

	submission_add_text(submission, mailbox);
	return client_submit(client, submission, done, data);
}

guint imap_client_getmetadata(ImapClient *client, const char *mailbox, const char *options,
			      const char *entries, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("GETMETADATA");

	submission_add_text(submission, mailbox);
	submission_add_line(submission, options);
	submission_add_line(submission, entries);
	return client_submit(client, submission, done, data);
}

guint imap_client_setmetadata(ImapClient *client, const char *mailbox, const char *entries,
			      ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("SETMETADATA");

	submission_add_text(submission, mailbox);
	submission_add_typed(submission, entries);
	return client_submit(client, submission, done, data);
}

guint imap_client_getannotation(ImapClient *client, const char *mailbox, const char *entry,
				const char *attribute, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("GETANNOTATION");

	submission_add_text(submission, mailbox);
	submission_add_line(submission, entry);
	submission_add_line(submission, attribute);
	return client_submit(client, submission, done, data);
}

guint imap_client_setannotation(ImapClient *client, const char *mailbox, const char *entries,
				ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("SETANNOTATION");

	submission_add_text(submission, mailbox);
	submission_add_line(submission, entries);
	return client_submit(client, submission, done, data);
}
