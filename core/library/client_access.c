#include "core/library/client_private.h"

guint imap_client_getquota(ImapClient *client, const char *root, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("GETQUOTA");

	request_add_text(request, root);
	return client_submit(client, request, done, data);
}

guint imap_client_getquotaroot(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			       gpointer data)
{
	Request *request = request_new("GETQUOTAROOT");

	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_setquota(ImapClient *client, const char *root, const char *limits,
			   ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("SETQUOTA");

	request_add_text(request, root);
	request_add_typed(request, limits);
	return client_submit(client, request, done, data);
}

guint imap_client_getacl(ImapClient *client, const char *mailbox, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("GETACL");

	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_setacl(ImapClient *client, const char *mailbox, const char *user,
			 const char *rights, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("SETACL");

	request_add_text(request, mailbox);
	request_add_text(request, user);
	request_add_text(request, rights);
	return client_submit(client, request, done, data);
}

guint imap_client_deleteacl(ImapClient *client, const char *mailbox, const char *user,
			    ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("DELETEACL");

	request_add_text(request, mailbox);
	request_add_text(request, user);
	return client_submit(client, request, done, data);
}

guint imap_client_listrights(ImapClient *client, const char *mailbox, const char *user,
			     ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("LISTRIGHTS");

	request_add_text(request, mailbox);
	request_add_text(request, user);
	return client_submit(client, request, done, data);
}

guint imap_client_myrights(ImapClient *client, const char *mailbox, ImapReplyFunc done,
			   gpointer data)
{
	Request *request = request_new("MYRIGHTS");

	request_add_text(request, mailbox);
	return client_submit(client, request, done, data);
}

guint imap_client_getmetadata(ImapClient *client, const char *mailbox, const char *options,
			      const char *entries, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("GETMETADATA");

	request_add_text(request, mailbox);
	request_add_line(request, options);
	request_add_line(request, entries);
	return client_submit(client, request, done, data);
}

guint imap_client_setmetadata(ImapClient *client, const char *mailbox, const char *entries,
			      ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("SETMETADATA");

	request_add_text(request, mailbox);
	request_add_typed(request, entries);
	return client_submit(client, request, done, data);
}

guint imap_client_getannotation(ImapClient *client, const char *mailbox, const char *entry,
				const char *attribute, ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("GETANNOTATION");

	request_add_text(request, mailbox);
	request_add_line(request, entry);
	request_add_line(request, attribute);
	return client_submit(client, request, done, data);
}

guint imap_client_setannotation(ImapClient *client, const char *mailbox, const char *entries,
				ImapReplyFunc done, gpointer data)
{
	Request *request = request_new("SETANNOTATION");

	request_add_text(request, mailbox);
	request_add_line(request, entries);
	return client_submit(client, request, done, data);
}
