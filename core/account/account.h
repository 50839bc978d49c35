/* account - the façade: all that ui/ calls.  Owns pool, journal, watch, folder tree and the open
 * mailboxes of one account.  Nothing here blocks; everything answers through AccountEvents,
 * MailboxListener or the done callbacks, from the main loop. */
#ifndef SHEAF_CORE_ACCOUNT_H
#define SHEAF_CORE_ACCOUNT_H

#include "core/account/call_job.h"
#include "core/account/facts.h"
#include "core/account/folder.h"
#include "core/account/job.h"
#include "core/account/journal.h"
#include "core/account/pool.h"
#include "core/base/option.h"
#include "core/mailbox/query.h"
#include "core/mailbox/view.h"
#include "core/net/certificate.h"

typedef struct Account Account;

typedef struct {
	void (*state)(Account *a, PoolState state, const char *text, void *self);
	void (*folders)(Account *a, void *self); /* tree or counts changed */
	void (*notice)(Account *a, bool is_error, const char *text,
		       void *self); /* outcome, ALERT, refusal */
	/* Ask the person; answer by account_set_password().  `why` is NULL the first time, else why
	 * it is asked; `refused`: by the server, so that the name may be wrong too. */
	void (*need_password)(Account *a, const char *user, const char *why, bool refused,
			      void *self);
	/* The server's certificate is not trusted: show why.  Nothing is tried before
	 * account_trust() or account_retry(). */
	void (*untrusted)(Account *a, const Certificate *certificate, void *self);
	void (*progress)(Account *a, void *self); /* account_progress() changed */
	/* The mailbox asked for by account_select() is open, or not (error). */
	void (*selected)(Account *a, Mailbox *m, const GError *error, void *self);
	void (*changes)(Account *a, void *self); /* account_pending() or account_held() changed */
} AccountEvents;

/* `options` are taken over (moved); `name` is copied, NULL where the account has none but its URL.
 * The endpoint is parsed from options.url; errors are one sentence. `events` and `self` are
 * borrowed. */
Account *account_new(const char *name, AccountOptions *options_take, const AccountEvents *events,
		     void *self, GError **error);
void account_free(Account *a);

const char *account_label(const Account *a); /* its name, else "me@example.org" */
const char *account_user(const Account *a);  /* NULL while unknown */
const AccountOptions *account_options(const Account *a);
const Endpoint *account_endpoint(const Account *a);

/* Connects; runs the password command or asks. The mailbox to open first comes from the URL, else
 * INBOX: the caller calls account_select() for it at once, which does not wait. */
void account_open(Account *a);
void account_set_password(Account *a, const char *user, const char *password);
void account_retry(Account *a);
/* Takes leave of the server; POOL_OFFLINE follows where it answers. */
void account_log_out(Account *a);
/* Trusts the key of the certificate shown by `untrusted`, for this host and port, and connects:
 * while the account lives, or `for_ever` where the account has no pin.  False with an error where
 * it could not be kept: it holds for this run then. */
bool account_trust(Account *a, const Certificate *certificate, bool for_ever, GError **error);
/* The account has a pin, beside which nothing is remembered. */
bool account_is_pinned(const Account *a);
/* Forgets the trusted key of a server ("HOST:PORT", trusted_list()), also one trusted for this run
 * only; connections that are open stay so.  False where there was none, or with an error. */
bool account_forget_key(Account *a, const char *server, GError **error);
PoolState account_state(const Account *a);
const char *
account_state_text(const Account *a); /* "Connecting to …", "Offline: …, retry in 8 s" */
/* In POOL_WAITING: seconds to the next try. */
unsigned account_retry_in(const Account *a);
/* A key was pressed. */
void account_person(Account *a);
/* The machine has no network at all; the line is down because nothing came back. */
bool account_network_is_gone(const Account *a);
bool account_line_is_dead(const Account *a);
/* For how many seconds the server has owed an answer to what a key asked for; 0: for less than two.
 * The event `state` tells each change. */
unsigned account_silence(const Account *a, bool *arrives); /* as pool_silence() */
bool account_is_encrypted(const Account *a);               /* or local */
Capability account_capabilities(const Account *a);         /* 0 while unknown */

Folder *account_folders(Account *a);
/* Returns the Mailbox at once, loading; the same object for the same name while open.  The account
 * owns it and keeps a few recent ones. */
Mailbox *account_select(Account *a, const char *wire_name, bool readonly);
Mailbox *account_selected(Account *a);
/* Which keywords the list of messages shows (keywords.h), none before: which messages have them is
 * asked for, now and of each mailbox that is opened. */
void account_show_keywords(Account *a, const char *list);
/* Whether it shows what messages begin with, where the server tells that (PREVIEW). */
void account_show_previews(Account *a, bool show);

/* --- changes: shown at once, sent, confirmed or taken back (journal) --- */
void account_flag(Account *a, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags);
void account_copy(Account *a, Mailbox *m, const UidSet *uids, const char *target, bool move);
/* To the Trash; in the Trash, or where there is none, \Deleted is set instead. False then. */
bool account_delete(Account *a, Mailbox *m, const UidSet *uids);
/* For ever; what does not carry \Deleted gets it before. */
void account_expunge(Account *a, Mailbox *m, const UidSet *uids);
unsigned account_pending(const Account *a);
/* Those of them that are not on disk: lost where the program ends now. */
unsigned account_unsaved(const Account *a);
/* Pending for more than JOURNAL_OVERDUE_MS. */
unsigned account_overdue(const Account *a);
/* What cannot be sent any more and waits for the person. */
unsigned account_held(const Account *a);
/* Array of JournalItem that frees them; held ones by their number. */
GPtrArray *account_changes(const Account *a);
bool account_drop_change(Account *a, unsigned number);
bool account_retry_change(Account *a, unsigned number);

typedef void (*AccountDone)(Account *a, const GError *error, void *data);
/* Behind the person's own prefix where the path lies in no namespace.  `path`, as people see it, is
 * what it came to be called; NULL with an error. */
typedef void (*AccountCreated)(Account *a, const char *path, const GError *error, void *data);
void account_create(Account *a, Scope *scope, const char *path_utf8, AccountCreated created,
		    void *data);
void account_subscribe(Account *a, Scope *scope, const char *wire_name, bool subscribe,
		       AccountDone done, void *data);
/* Looks for new mail and folders now. */
void account_refresh(Account *a);

/* --- questions --- */
/* An IMAP command as it is typed in sheaf imap (core/command/words.h), see call_job.h: beside the
 * journal.  `reply` gets how it ended, once; cancelled with `scope` where it speaks of messages. */
typedef void (*AccountReply)(Account *a, const Called *called, void *data);
bool account_call(Account *a, Scope *scope, const char *line, bool readonly, AccountReply reply,
		  void *data, GError **error);
/* All that facts.h holds of that folder, and its counts for the tree; see inquiry.h. */
typedef struct {
	void (*changed)(Account *a, void *data);
	void (*done)(Account *a, const GError *error, void *data);
} AccountInquiry;
void account_inquire(Account *a, Scope *scope, Facts *facts, const AccountInquiry *events,
		     void *data);
typedef void (*AccountFound)(Account *a, const UidSet *uids, const GError *error, void *data);
void account_search(Account *a, Scope *scope, Mailbox *m, Query *query, AccountFound found,
		    void *data);
typedef void (*AccountSorted)(Account *a, const uint32_t *uids, size_t n, const GError *error,
			      void *data);
/* `keys` as in SORT: "DATE", "REVERSE SUBJECT". Needs CAP(SORT). */
void account_sort(Account *a, Scope *scope, Mailbox *m, const char *keys, AccountSorted sorted,
		  void *data);

/* Who answers whom in `m`, from the server; where it has no THREAD, and when it refuses (error), as
 * far as heads tell.  The mailbox keeps it; `done` comes when it knows.  New messages join by
 * themselves, and where only the server can know their place it is asked again, later.
 * `by_subject`: who has the same subject instead; an error says that the server cannot. */
void account_thread(Account *a, Scope *scope, Mailbox *m, bool by_subject, AccountDone done,
		    void *data);

/* The bytes of BODY.PEEK[section] ("" for the whole message, "HEADER", "1.2", "1.MIME"), in slices
 * where large, so that it can be cancelled; `progress` (may be NULL) tells octets. */
typedef void (*AccountPart)(Account *a, GBytes *bytes, const GError *error, void *data);
typedef void (*AccountPartProgress)(Account *a, uint64_t have, uint64_t total, void *data);
void account_fetch_part(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
			uint64_t size_hint, AccountPartProgress progress, AccountPart part,
			void *data);

/* The same without keeping it in memory: `take` gets the bytes in order as they come, more slowly
 * while `is_full`.  `part` gets none, and with an error all that was taken is void. */
typedef struct {
	void (*take)(GBytes *bytes, void *data);
	bool (*is_full)(void *data);
	void (*decoded)(void *data); /* or NULL; see download.h */
} AccountPartSink;
void account_fetch_pieces(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
			  uint64_t size_hint, const AccountPartSink *sink, AccountPart part,
			  void *data);

/* What is going on, for the status line: how far the newest long job is; false: nothing. */
bool account_progress(const Account *a, JobProgress *out);
/* Cancels it; the text of what was cancelled (caller frees), or NULL where nothing ran. */
char *account_cancel(Account *a);

#endif
