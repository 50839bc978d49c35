/* queue - which command may be sent now, and whose answer this is.
 * Pure: looks at specs and the in-flight list, touches neither clock nor socket.  Used by
 * pipeline.c only.  Order matters: the in-flight list is oldest first, and an answer belongs to the
 * oldest command that wants it. */
#ifndef SHEAF_CORE_QUEUE_H
#define SHEAF_CORE_QUEUE_H

#include <glib.h>
#include <stdbool.h>
#include "core/wire/capability.h"
#include "core/wire/command.h"
#include "core/wire/uidset.h"

/* What the predicates look at; embedded first in pipeline.c's own command struct. */
typedef struct {
	const CommandSpec *spec;
	const UidSet *uids;  /* FETCH by UID: what was asked for; NULL: anything */
	const char *mailbox; /* STATUS, SELECT: wire name; else NULL */
	const char *line;    /* FETCH: the command as text, with its item names; else NULL */
	unsigned items;      /* of that line, by queue_items() */
	const char *tag;     /* NULL until sent */
	bool names_tag;      /* a SEARCH with RETURN: its ESEARCH says whose it is */
	bool spelled;        /* a mailbox name in it depends on what ENABLE leads to */
	bool alone;          /* nothing else in flight; all that comes is its answer */
	bool waits_literal;  /* a literal of it, or the IDLE it is, awaits its continuation */
	bool ending; /* our last word in it is written (DONE, the end of AUTHENTICATE): others
			may follow */
} QueueEntry;

/* False while something in flight (GQueue of QueueEntry*) would make the answers of `next`
 * ambiguous (RFC 9051 5.5), while a literal awaits its continuation, or in a state that command.def
 * does not allow (the state that holds if everything in flight succeeds).  `why` (may be NULL) gets
 * a static string that names the reason. */
bool queue_may_send(const QueueEntry *next, const GQueue *in_flight, SessionState state,
		    const char **why);

/* The in-flight entry a response belongs to, or NULL: TAGGED and ESEARCH by tag, STATUS by name,
 * FETCH by UID and item names (a chunk as far as both are known), INPROGRESS by tag or else the
 * oldest one, others by `wants`.  A SELECT owns nothing before what was sent ahead of it is
 * answered, for that still speaks of the mailbox it leaves. */
QueueEntry *queue_owner(const GQueue *in_flight, const Response *response);

/* The capability that the command needs and `caps` (where known) lacks, or NULL. */
const char *queue_missing_capability(const CommandSpec *spec, Capability caps);

/* The FETCH_ bits of what the line of a FETCH asks for (bodies apart), and of what always may come.
 */
unsigned queue_items(const char *line);

/* The state if all in flight succeed. */
SessionState queue_state_after(const GQueue *in_flight, SessionState state);

#endif
