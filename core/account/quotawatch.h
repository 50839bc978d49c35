/* quotawatch - asks how much of what the server allows in INBOX is used (RFC 9208), once on each
 * connection, when the first screen stands and the line is quiet, and then seldom; and tells it
 * when little is left. */
#ifndef SHEAF_CORE_QUOTAWATCH_H
#define SHEAF_CORE_QUOTAWATCH_H

#include "core/account/pool.h"
#include "core/account/quota.h"

typedef struct QuotaWatch QuotaWatch;

/* `nearly_full` is told at 90, 95 and 100 percent, once each on the way up. */
QuotaWatch *quotawatch_new(Pool *pool, void (*nearly_full)(const QuotaUse *use, void *data),
			   void *data);
void quotawatch_free(QuotaWatch *w);

/* A mailbox is open: asks soon, where that was not done on this connection. */
void quotawatch_restart(QuotaWatch *w);
void quotawatch_disconnected(QuotaWatch *w);
/* The server refused something for want of room (OVERQUOTA): asks again, soon. */
void quotawatch_overquota(QuotaWatch *w);

/* What is known of the fullest resource, or NULL; borrowed until the next turn of the loop. */
const QuotaUse *quotawatch_fullest(const QuotaWatch *w);

#endif
