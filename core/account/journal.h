/* journal - what the person changed, until the server agreed: overlay first (the row repaints in
 * this turn), then the command, then confirmed or taken back with the server's words.  In memory
 * for now; the interface is the one that a durable journal will have. After an ABORT the overlay
 * and the intention stay and are sent again by the next session: flag changes at once, COPY and
 * MOVE only where it is certain that they were not done, else the person is told. */
#ifndef SHEAF_CORE_JOURNAL_H
#define SHEAF_CORE_JOURNAL_H

#include "core/account/pool.h"

typedef struct Journal Journal;

/* `text` tells what came of an entry: NULL error when done.  For the status line; NULL where the
 * screen has shown it already.  `target` is the mailbox that something was copied or moved to, else
 * NULL. */
typedef void (*JournalOutcome)(Journal *j, const char *text, const char *target,
			       const GError *error, void *data);

Journal *journal_new(Pool *pool, JournalOutcome outcome, void *data);
void journal_free(Journal *j);

/* `what` is the sentence for the outcome ("Marked 3 messages as read"), copied. */
void journal_store(Journal *j, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags,
		   const char *what);
/* COPY, or MOVE where `move`: by MOVE where offered, else COPY, STORE \Deleted, UID EXPUNGE.
 * `target` is a wire name. */
void journal_copy(Journal *j, Mailbox *m, const UidSet *uids, const char *target, bool move,
		  const char *what);
/* Removes these for ever: UID EXPUNGE; without UIDPLUS plain EXPUNGE only where the mailbox's
 * \Deleted set equals `uids`. */
void journal_expunge(Journal *j, Mailbox *m, const UidSet *uids, const char *what);
/* The account calls this when the interactive session is ready again. */
void journal_resume(Journal *j);
/* Entries not yet confirmed. */
unsigned journal_pending(const Journal *j);

#endif
