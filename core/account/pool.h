/* pool - sessions of one account lent by purpose.  INTERACTIVE carries the open mailbox and answers
 * keys; BULK carries what takes long, on a second connection that is opened when first wanted, or
 * on the same where there may be only one.  Opens, re-opens with back-off, bounded in number.
 *
 * A mailbox stays selected on a session as long as anything is queued or in flight there: a
 * borrower that submits its next command from the done callback of the one before has the mailbox
 * to the end. */
#ifndef SHEAF_CORE_POOL_H
#define SHEAF_CORE_POOL_H

#include "core/mailbox/selection.h"

typedef struct Pool Pool;
typedef enum { POOL_INTERACTIVE, POOL_BULK } PoolPurpose;

typedef enum {
	POOL_OFFLINE, /* nothing tried yet, or given up by the user */
	POOL_CONNECTING,
	POOL_ONLINE,
	POOL_WAITING,   /* lost; the next try in pool_retry_in() seconds */
	POOL_REFUSED,   /* log-in refused: waits for pool_set_password() */
	POOL_UNTRUSTED, /* TLS fault: waits for pool_retry() by the user */
	POOL_BARRED     /* refused for good, whatever the password: waits for that, too */
} PoolState;

typedef struct {
	void (*state)(Pool *p, PoolState state, const char *text, void *self); /* text for people */
	/* The wanted mailbox is selected on the interactive session (again), or was refused
	 * (`selection` NULL, error set); both NULL: connected while none is wanted. */
	void (*selected)(Pool *p, Selection *selection, const GError *error, void *self);
	/* Every untagged response of any session; the selection has had it before. */
	void (*response)(Pool *p, ImapSession *s, const Response *r, void *self);
} PoolEvents;

/* Session with `mailbox` selected (NULL: any), or an error.  The session stays the pool's.  `fn`
 * comes exactly once, from the loop; until there is a connection it waits, but where log-in or
 * trust were refused it comes with that error. */
typedef void (*PoolReady)(Pool *p, ImapSession *s, const GError *error, void *data);

/* `config` is copied; its endpoint and its strings but user, password and ca_file are borrowed. */
Pool *pool_new(const SessionConfig *config, unsigned max_sessions, const PoolEvents *events,
	       void *self);
/* Requests still waiting are told CANCELLED. */
void pool_free(Pool *p);

/* Starts connecting. */
void pool_open(Pool *p);
/* NULL or wrong so far: kept in locked memory, used for every session; connects (again). */
void pool_set_password(Pool *p, const char *password);
void pool_set_user(Pool *p, const char *user);
/* Now, not at the end of the back-off. */
void pool_retry(Pool *p);
unsigned pool_retry_in(const Pool *p);
PoolState pool_state(const Pool *p);

/* The mailbox that the interactive session is to have open (again after each reconnect), with its
 * newest rows fetched. NULL: none. Returns at once; pool_events.selected follows, also where it is
 * selected already. */
void pool_select(Pool *p, Mailbox *m, bool readonly);
/* The mailbox is about to be freed: nothing of the pool refers to it any more.  Requests for it are
 * told ABORT: CANCELLED is what one did oneself. */
void pool_forget(Pool *p, Mailbox *m);

/* INTERACTIVE with a mailbox that is not the open one is for changes: it is selected read-write,
 * beside the open one where two connections are allowed.  BULK may get it read-only. */
void pool_acquire(Pool *p, Scope *scope, PoolPurpose purpose, Mailbox *mailbox, PoolReady fn,
		  void *data);

/* The interactive session where it is up, else NULL (capabilities, state). */
ImapSession *pool_session(const Pool *p);
/* The second connection where it is up, else the same as pool_session(). */
ImapSession *pool_bulk_session(const Pool *p);
/* No other than TLS connections, or a subprocess, are made. */
bool pool_is_secure(const Pool *p);

#endif
