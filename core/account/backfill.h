/* backfill - fetches into the cache what it does not have of the open mailbox's heads, newest
 * first, while nobody waits for anything: in slices that are answered in a fraction of a second, on
 * the bulk session where there is one.  A slice is asked for only while the pool is quiet, so that
 * what a key asks for never has more than one in front of it.  What it fetches is not kept in
 * memory.  What arrives later without its head is fetched then, and all again where another mailbox
 * took its place (UIDVALIDITY).
 *
 * A quiet job while it fetches.  Cancelled, or refused by the server, it stays off until the
 * mailbox is opened again; it ends where the cache is full, and a lost line it waits for. */
#ifndef SHEAF_CORE_BACKFILL_H
#define SHEAF_CORE_BACKFILL_H

#include "core/account/cached.h"
#include "core/account/job.h"
#include "core/account/pool.h"

typedef struct Backfill Backfill;

typedef struct {
	unsigned quiet_ms; /* it begins when the pool was quiet for so long, and goes on after a
			      third of that; 0: 2,000 */
	unsigned slice;    /* heads of the first slice; 0: 50 */
} BackfillOptions;

/* `pool` and `jobs` are borrowed. */
Backfill *backfill_new(Pool *pool, JobList *jobs, const BackfillOptions *options);
/* NULL is allowed, here and below. */
void backfill_free(Backfill *b);

/* The person opened it (again): this one, and no other any more.  Both are borrowed until
 * backfill_close() or the next one. */
void backfill_open(Backfill *b, Mailbox *m, CachedMailbox *cached);
/* `m` is about to be freed. */
void backfill_close(Backfill *b, const Mailbox *m);

/* Something is to be fetched still, or looked for; what the tests wait for. */
bool backfill_is_busy(const Backfill *b);

/* The cache has every head of the mailbox: false also where it was cancelled or refused. */
bool backfill_has_all(const Backfill *b);

#endif
