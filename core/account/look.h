/* look - which messages a COPY has put into its target, when its answer was lost: those of the
 * source are compared with what stands in the target above the UIDNEXT that was noted before, by
 * size and Message-ID.  The server may still be at the command whose line broke: only when two
 * looks, a second apart, find the same is it believed. */
#ifndef SHEAF_CORE_LOOK_H
#define SHEAF_CORE_LOOK_H

#include "core/account/intention.h"
#include "core/account/pool.h"

/* `found` are the source's UIDs whose copy is there, `there` those that the source still has; both
 * NULL with an error: ABORT and CANCELLED (of a session) mean later, others that nobody can know.
 * Once, from the loop; not called where the scope is cancelled. */
typedef void (*LookDone)(const UidSet *found, const UidSet *there, const GError *error, void *data);

/* The mailboxes must outlive it, the intention is copied. */
void look_start(Pool *pool, Scope *scope, const Intention *intention, Mailbox *source,
		Mailbox *target, LookDone done, void *data);

#endif
