#include "core/mailbox/sync.h"

static bool is_same_mailbox(const SyncPoint *had, const SyncPoint *now)
{
	return had->complete && had->uidvalidity != 0 && had->uidvalidity == now->uidvalidity;
}

bool sync_may_resume(const SyncPoint *had, Capability enabled)
{
	return had->complete && had->uidvalidity != 0 && had->modseq != 0 &&
	       (enabled & CAP(QRESYNC));
}

SyncPlan sync_plan(const SyncPoint *had, const SyncPoint *now, Capability can, bool resumed)
{
	/* T080: a server whose numbers went back has lost its memory. */
	if (!is_same_mailbox(had, now) || had->modseq == 0 || now->modseq < had->modseq)
		return SYNC_ALL;
	/* T078 */
	if (now->uidnext != 0 && now->uidnext < had->uidnext)
		return SYNC_ALL;
	if (resumed)
		return had->messages == now->messages ? SYNC_TOLD : SYNC_ALL;
	/* No new one by UIDNEXT, so none went by the number of them. */
	if (had->modseq == now->modseq && had->messages == now->messages && had->uidnext != 0 &&
	    had->uidnext == now->uidnext)
		return SYNC_UNCHANGED;
	return can & (CAP(CONDSTORE) | CAP(QRESYNC)) ? SYNC_CHANGES : SYNC_ALL;
}
