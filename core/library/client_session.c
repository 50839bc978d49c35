#include "core/library/client_private.h"

guint imap_client_capability(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("CAPABILITY"), done, data);
}

guint imap_client_noop(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("NOOP"), done, data);
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
	Submission *submission = submission_new("ID");
	g_autofree char *list = fields ? list_of(fields) : NULL;

	submission_add_typed(submission, list);
	return client_submit(client, submission, done, data);
}

guint imap_client_logout(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("LOGOUT"), done, data);
}

guint imap_client_xatom(ImapClient *client, const char *name, const char *arguments,
			ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("xatom");

	submission_add_text(submission, name);
	submission_add_line(submission, arguments);
	return client_submit(client, submission, done, data);
}

guint imap_client_run(ImapClient *client, const char *line, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_typed(line), done, data);
}

guint imap_client_starttls(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("STARTTLS"), done, data);
}

guint imap_client_login(ImapClient *client, const char *user, const char *password,
			ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("LOGIN");

	submission_add_text(submission, user);
	submission_add_text(submission, password);
	return client_submit(client, submission, done, data);
}

guint imap_client_proxyauth(ImapClient *client, const char *user, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("PROXYAUTH");

	submission_add_text(submission, user);
	return client_submit(client, submission, done, data);
}

guint imap_client_enable(ImapClient *client, const char *capabilities, ImapReplyFunc done,
			 gpointer data)
{
	Submission *submission = submission_new("ENABLE");

	submission_add_line(submission, capabilities);
	return client_submit(client, submission, done, data);
}

guint imap_client_compress(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	return client_submit(client, submission_new("COMPRESS"), done, data);
}
