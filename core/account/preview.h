/* preview - asks for what messages begin with, in the server's words (PREVIEW, RFC 8970), of the
 * rows on the screen and of no others: behind their heads, and on the bulk session. */
#ifndef SHEAF_CORE_PREVIEW_H
#define SHEAF_CORE_PREVIEW_H

#include "core/account/pool.h"

typedef struct Preview Preview;

/* Both are borrowed while it lives. */
Preview *preview_open(Pool *pool, Mailbox *m);
/* Harmless for NULL. */
void preview_close(Preview *p);

#endif
