/* idle - IDLE that lasts: it is ended and begun anew before the half hour after which servers hang
 * up (RFC 9051 6.3.13), and before NAT forgets the line. */
#ifndef SHEAF_CORE_IDLE_H
#define SHEAF_CORE_IDLE_H

#include "core/session/session.h"

#define IDLE_RENEW_SECONDS (9 * 60)

typedef struct Idle Idle;

/* Hears what is new for `seconds` (0: without end), or until idle_end() or another command. `done`
 * comes exactly once, with the answer to the last IDLE, and the returned handle is valid until
 * then; cancelling `scope` (or NULL) cancels that one.  `renew_seconds` 0: IDLE_RENEW_SECONDS. */
Idle *idle_start(ImapSession *s, Scope *scope, unsigned seconds, unsigned renew_seconds,
		 ImapDone done, void *data);
void idle_end(Idle *idle);

#endif
