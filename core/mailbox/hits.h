/* hits - the heads of a search's first hits, asked for in the same flight as the search: the
 * server remembers what it found as $ (SEARCHRES, RFC 5182), narrows it to a window (PARTIAL) and
 * tells the heads of $.  Only where the window bounds what may come: a search may find everything.
 */
#ifndef SHEAF_CORE_HITS_H
#define SHEAF_CORE_HITS_H

#include "core/command/imap.h"

/* Heads that come along at most. */
#define HITS_WINDOW 40

typedef enum {
	HITS_ALONE,  /* the UIDs alone */
	HITS_OLDEST, /* the oldest ones: PARTIAL of CONTEXT=SEARCH (RFC 5267 4.4) */
	HITS_NEWEST  /* the newest ones: PARTIAL counted from the end (RFC 9394 3.1) */
} HitsWay;

/* What a server of these capabilities can. */
HitsWay hits_way(Capability caps);

/* What the search itself is to return: "(ALL)", and that $ is saved where the heads follow. */
const char *hits_return(HitsWay way);

/* Behind the search, before anything else: two commands.  Rows come as any FETCH; `done` once, as
 * an ImapDone does, behind the last of them.  Not with HITS_ALONE. */
void hits_fetch(ImapSession *s, Scope *scope, HitsWay way, ImapDone done, void *data);

/* The heads that come are those a list shows first: worth waiting for. */
bool hits_are_first(HitsWay way, const UidSet *found);

#endif
