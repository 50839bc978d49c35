/* account_private - what account.c and the files account_*.c share; nobody else includes it. */
#ifndef SHEAF_CORE_ACCOUNT_PRIVATE_H
#define SHEAF_CORE_ACCOUNT_PRIVATE_H

#include "core/account/account.h"
#include "core/account/backfill.h"
#include "core/account/cached.h"
#include "core/account/preview.h"
#include "core/account/quotawatch.h"
#include "core/account/watch.h"
#include "core/mailbox/differs.h"
#include "core/net/network.h"

/* A mailbox and who listens to it for the folder tree's counts. */
typedef struct {
	Account *account;
	Mailbox *mailbox;
	CachedMailbox *cached;
	bool readonly; /* as asked for */
	unsigned listener;
	Scope scope;         /* of the heads on their way */
	guint thread_timer;  /* asks the server about threads again */
	int64_t threaded_at; /* monotonic, when it was asked so last */
	Preview *preview;    /* NULL: the list shows none */
} Opened;

struct Account {
	char *name;
	AccountOptions options;
	Endpoint *endpoint;
	char *user;
	const AccountEvents *events;
	void *self;
	Pool *pool;
	Worker *worker; /* writes the journal */
	Journal *journal;
	Watch *watch;
	QuotaWatch *quotas;
	Network *network; /* NULL: not connected yet */
	Cached *cached;
	Backfill *backfill; /* NULL: not wanted */
	SizesTold sizes;
	Folder *folders;
	GQueue opened; /* of Opened, the selected one first */
	Keywords *keywords;
	bool previews;
	JobList jobs;
	Scope scope;
	char *state_text;
	bool renewed;         /* the token was, and has not logged in yet */
	bool listing, listed; /* LIST is under way; was answered on this connection */
	bool list_again;      /* something changed while it was */
	unsigned lists_left;  /* of those that LIST "" "*" left out */
	guint folders_timer;
};

/* account.c */

/* A sentence for the person. */
void account_notice(Account *a, bool is_error, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/* account_login.c: passwords, tokens, keys. */

/* Connects, as soon as there is what it takes. */
void account_log_in(Account *a);

/* The server refused the log-in, in these words. */
void account_refused(Account *a, const char *text);

/* account_folders.c: the tree and its counts, and changes of it. */

/* However many rows of LIST and STATUS came: one repaint, soon. */
void account_tell_folders(Account *a);

/* Asks for all folders; where that is under way, once more behind it. */
void account_list_folders(Account *a);

/* What we put there ourselves is not new mail: the next UIDNEXT is taken as it is. */
void account_recount(Account *a, const char *wire_name);

/* For people.  Caller frees. */
char *account_title_of(Account *a, const char *wire_name);

/* account_mailboxes.c: the open one, and those kept. */

void opened_free(Opened *opened);

/* Into the folder tree, where all of it is known. */
void opened_count(Opened *opened);

/* The disk is still asked what is known of the open one. */
bool account_is_reading(const Account *a);

/* Opened where it is not; not the selected one, nor in its place. */
Mailbox *account_keep_mailbox(Account *a, const char *wire_name);

/* account_changes.c: what goes through the journal. */

/* Behind the pool. */
void account_make_journal(Account *a);

#endif
