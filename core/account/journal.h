/* journal - what the person changed, until the server agreed: overlay first (the row repaints in
 * this turn), then the command, then confirmed or taken back with the server's words.  In memory
 * for now; the interface is the one that a durable journal will have.
 *
 * Sets are cut into commands of at most 8,000 bytes (T172) that leave in one flight.  A MOVE is
 * MOVE where offered, else COPY, STORE \Deleted, UID EXPUNGE, each of what the step before did
 * (T166). Plain EXPUNGE only where nobody else's messages are marked as deleted (T164). After an
 * ABORT the overlay and the intention stay.  Flag changes and removals are sent again; a MOVE for
 * what is still there; of a COPY that nobody knows the end of, the person is told. Nothing of an
 * old UIDVALIDITY is ever sent (T077). */
#ifndef SHEAF_CORE_JOURNAL_H
#define SHEAF_CORE_JOURNAL_H

#include "core/account/pool.h"

typedef struct Journal Journal;

/* What came of an entry: a sentence for the status line (NULL where the row itself shows that it
 * was done), the mailbox that messages were put into (wire name or NULL); `error` is NULL when
 * done. */
typedef void (*JournalOutcome)(Journal *j, const char *text, const char *target,
			       const GError *error, void *data);

Journal *journal_new(Pool *pool, JournalOutcome outcome, void *data);
void journal_free(Journal *j);

/* `what` is the sentence for the outcome ("Marked 3 messages as read."), copied.  What can be known
 * to fail (T083: read-only, flags that cannot be kept) is told at once and nothing is shown as
 * changed. */
void journal_store(Journal *j, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags,
		   const char *what);
/* `target` is a wire name. */
void journal_copy(Journal *j, Mailbox *m, const UidSet *uids, const char *target, bool move,
		  const char *what);
/* Removes these for ever; those not yet marked as deleted are so first. */
void journal_expunge(Journal *j, Mailbox *m, const UidSet *uids, const char *what);
/* The account calls this when the interactive session is ready again. */
void journal_resume(Journal *j);
/* Entries not yet confirmed. */
unsigned journal_pending(const Journal *j);

#endif
