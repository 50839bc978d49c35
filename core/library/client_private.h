/* client_private - what client.c and the files client_*.c share; nobody else includes it. */
#ifndef SHEAF_CORE_CLIENT_PRIVATE_H
#define SHEAF_CORE_CLIENT_PRIVATE_H

#include "core/command/call.h"
#include "core/library/imap-client.h"
#include "core/library/submission.h"
#include "core/library/trace.h"

struct ImapClient {
	ImapListener listener;
	gpointer data;
	Trace *trace;
	Endpoint *endpoint;
	ImapSession *session;
	Caller *caller;
	GError *closed; /* why there is no connection any more */
	SessionState state;
	bool stands; /* it did once: what came before is of nobody's asking */
	bool reads_files;

	GQueue waiting;      /* Submission* */
	Submission *running; /* or NULL */
	Scope scope;         /* of what is not run by the caller */
	guint last_number, turn;
	ImapBytesFunc read_done; /* of what is read past the commands, or NULL */
	gpointer read_data;
	ImapReply last;     /* its data and error are owned */
	unsigned callbacks; /* under way */

	bool freed;
	guint leaving; /* the time that LOGOUT has */
	unsigned references;
};

/* The counterpart of client->references++, around whatever may give the client back. */
void client_unref(ImapClient *client);

/* Queues it (taken); its number. */
guint client_submit(ImapClient *client, Submission *submission_take, ImapReplyFunc done,
		    gpointer data);

/* The running one has ended: tells so. */
void client_finish(ImapClient *client, const ImapReply *reply);

/* The same of one that was sent past the caller: an error, or the text of the tagged line. */
void client_finish_result(ImapClient *client, const ImapResult *result);

/* What whoever waits is told when the client is given back. */
GError *client_cancelled(void);

/* client_raw.c: who waits for bytes gets none. */
void client_cancel_read(ImapClient *client);

#endif
