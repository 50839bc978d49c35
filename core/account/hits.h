/* hits - the heads of a search's first hits, asked for in the same flight as the search: the
 * server remembers what it found as $ (SEARCHRES, RFC 5182), narrows it to a window (PARTIAL) and
 * tells the heads of $.  Only where the window bounds what may come: a search may find everything.
 * A server that does not keep to the window, or refuses one of this, is not asked so again. */
#ifndef SHEAF_CORE_HITS_H
#define SHEAF_CORE_HITS_H

#include "core/account/pool.h"

/* Heads that come along at most; where twice as many do, the line is given up. */
#define HITS_WINDOW 40

typedef struct Hits Hits;

typedef enum {
	HITS_ALONE,  /* the UIDs alone */
	HITS_OLDEST, /* the oldest ones: PARTIAL of CONTEXT=SEARCH (RFC 5267 4.4) */
	HITS_NEWEST  /* the newest ones: PARTIAL counted from the end (RFC 9394 3.1) */
} HitsWay;

/* What a server of these capabilities can.  `few`: there are hardly more hits than heads that come
 * along, so that the oldest ones are all there are. */
HitsWay hits_way(Capability caps, bool few);

/* The same for this session: HITS_ALONE also where that went wrong before (hits_refused()). */
HitsWay hits_way_on(const Pool *p, const ImapSession *s, bool few);

/* What the search itself is to return: "(ALL)", and that $ is saved where the heads follow. */
const char *hits_return(HitsWay way);

/* Behind the search, before anything else: two commands.  Rows come as any FETCH; `done` once, from
 * the loop, behind the last of them, or when no more are to be waited for; the handle is gone then.
 * Not with HITS_ALONE. */
Hits *hits_follow(Pool *p, ImapSession *s, HitsWay way, void (*done)(void *data), void *data);

/* Nobody waits for them any more: `done` will not come.  `searched`: the search was answered, so
 * that a refusal of what follows is about nothing else.  NULL is allowed. */
void hits_leave(Hits *hits, bool searched);

/* The server did not take a search that was to be saved, and took it without: on none of the pool's
 * sessions any more. */
void hits_refused(Pool *p);

/* The heads that come are those a list shows first: worth waiting for. */
bool hits_are_first(HitsWay way, const UidSet *found);

#endif
