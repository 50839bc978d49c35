/* journal - what the person changed, until the server agreed: overlay first (the row repaints in
 * this turn), then the disk, then the command, then confirmed and struck out or taken back with the
 * server's words.  Nothing is sent before it is on disk (T167); what was not confirmed is sent
 * again by the next connection or the next start, each once in effect:
 *
 *   STORE +FLAGS, -FLAGS, UID MOVE, UID EXPUNGE   may be repeated (RFC 4549)
 *   COPY                                          is looked for in the target first (look.h), above
 *                                                 the UIDNEXT that was written down before
 *
 * A MOVE is MOVE where offered, else COPY, STORE \Deleted, UID EXPUNGE, each of what the step
 * before did (T166).  Plain EXPUNGE only where nobody else's messages are marked as deleted (T164).
 * Of two changes of one message the later waits for the earlier.  What belongs to an old
 * UIDVALIDITY, or to a folder that is gone, is never sent: it is held and listed (T077, T084,
 * T168). */
#ifndef SHEAF_CORE_JOURNAL_H
#define SHEAF_CORE_JOURNAL_H

#include "core/account/journal_store.h"
#include "core/account/pool.h"

typedef struct Journal Journal;

/* outcome and changed may be NULL. */
typedef struct {
	/* What came of an entry: a sentence for the status line (NULL where the row itself shows
	 * that it was done), the mailbox that messages were put into (wire name or NULL); `error`
	 * is NULL when done. */
	void (*outcome)(Journal *j, const char *text, const char *target, const GError *error,
			void *data);
	/* The mailbox of that wire name, opened where it is not. It stays while
	 * journal_needs(). */
	Mailbox *(*mailbox)(Journal *j, const char *wire_name, void *data);
	/* journal_pending() or journal_held() is another number. */
	void (*changed)(Journal *j, void *data);
} JournalEvents;

/* A line of what is under way, held, or was refused since the start. */
typedef struct {
	unsigned number; /* for journal_drop() and journal_retry(); 0: ended already */
	bool held;
	char *state;  /* "waiting", "sent", … */
	char *text;   /* "move 2 messages from INBOX to Trash" */
	char *why;    /* why it is held or was refused; NULL */
	int64_t made; /* unix seconds */
} JournalItem;

/* It is kept below `directory`, by `worker`, which must outlive the journal.  `events` and `data`
 * are borrowed. */
Journal *journal_new(Pool *pool, Worker *worker, const char *directory, const JournalEvents *events,
		     void *data);
/* What is not confirmed stays on disk for the next start. */
void journal_free(Journal *j);

/* Whose changes these are; before the first change: what dead instances left of them is taken
 * over.  Another account forgets those of the one before, on disk they stay. */
void journal_set_account(Journal *j, const char *account);

/* `what` is the sentence for the outcome ("Marked 3 messages as read."), copied.  What can be known
 * to fail (T083: read-only, flags that cannot be kept) is told at once and nothing is shown as
 * changed.  `op` is STORE_ADD or STORE_REMOVE. */
void journal_store(Journal *j, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags,
		   const char *what);
/* `target` is a wire name. */
void journal_copy(Journal *j, Mailbox *m, const UidSet *uids, const char *target, bool move,
		  const char *what);
/* Removes these for ever; those not yet marked as deleted are so first. */
void journal_expunge(Journal *j, Mailbox *m, const UidSet *uids, const char *what);
/* The account calls this when the interactive session is ready again. */
void journal_resume(Journal *j);

/* Entries not yet confirmed; those of them that are not on disk (yet), and would be lost with this
 * process; those that wait for the person. */
unsigned journal_pending(const Journal *j);
unsigned journal_unsaved(const Journal *j);
unsigned journal_held(const Journal *j);
/* Of the pending ones those that have been so for JOURNAL_OVERDUE_MS: what a server confirms at
 * once is not worth a flicker. */
unsigned journal_overdue(const Journal *j);
#define JOURNAL_OVERDUE_MS 1000

/* Whether that mailbox is still needed by an entry. */
bool journal_needs(const Journal *j, const Mailbox *m);

/* Array of JournalItem that frees them: entries oldest first, then what was refused. */
GPtrArray *journal_list(const Journal *j);
/* False where there is no entry of that number that is held. */
bool journal_drop(Journal *j, unsigned number);
bool journal_retry(Journal *j, unsigned number);

#endif
