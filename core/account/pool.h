/* pool - sessions of one account lent by purpose.  INTERACTIVE carries the open mailbox and answers
 * keys; BULK carries what takes long.  Opens, re-opens with back-off, bounded in number. */
#ifndef SHEAF_CORE_POOL_H
#define SHEAF_CORE_POOL_H

#include "core/mailbox/selection.h"

typedef struct Pool Pool;
typedef enum { POOL_INTERACTIVE, POOL_BULK } PoolPurpose;

typedef enum {
	POOL_OFFLINE, /* nothing tried yet, or given up by the user */
	POOL_CONNECTING,
	POOL_ONLINE,
	POOL_WAITING,  /* lost; the next try in pool_retry_in() seconds */
	POOL_REFUSED,  /* log-in refused: waits for pool_set_password() */
	POOL_UNTRUSTED /* TLS fault: waits for pool_retry() by the user */
} PoolState;

typedef struct {
	void (*state)(Pool *p, PoolState state, const char *text, void *self); /* text for people */
	/* A mailbox is wanted on the interactive session: its selection; NULL error. */
	void (*selected)(Pool *p, Selection *selection, const GError *error, void *self);
	/* Untagged LIST, LSUB, STATUS, ALERT… of any session (mailbox data go to the selection). */
	void (*response)(Pool *p, ImapSession *s, const Response *r, void *self);
} PoolEvents;

/* Session with `mailbox` selected (NULL: whichever), or an error (CORE_ERROR_ABORT while there is
 * no connection).  The session stays the pool's.  It keeps that mailbox as long as a command is
 * queued or in flight on it: who has more to do says so from inside the callback of what is done,
 * else asks again. `fn` comes exactly once, from the loop. */
typedef void (*PoolReady)(Pool *p, ImapSession *s, const GError *error, void *data);

/* `config` is copied but for the endpoint, which is borrowed. */
Pool *pool_new(const SessionConfig *config, unsigned max_sessions, const PoolEvents *events,
	       void *self);
void pool_free(Pool *p);

/* Starts connecting. */
void pool_open(Pool *p);
/* NULL or wrong so far: kept in locked memory, used for every session; connects again. */
void pool_set_password(Pool *p, const char *password);
void pool_set_user(Pool *p, const char *user);
/* Now, not at the end of the back-off. */
void pool_retry(Pool *p);
unsigned pool_retry_in(const Pool *p);
PoolState pool_state(const Pool *p);

/* The mailbox that the interactive session is to have open (again after each reconnect). NULL:
 * none. Returns at once. */
void pool_select(Pool *p, Mailbox *m, bool readonly);

void pool_acquire(Pool *p, Scope *scope, PoolPurpose purpose, Mailbox *mailbox, PoolReady fn,
		  void *data);

/* The mailbox is about to be freed: no session works for it any more, requests for it are
 * cancelled. */
void pool_forget(Pool *p, Mailbox *m);

/* The interactive session where it is up, else NULL (capabilities, state). */
ImapSession *pool_session(const Pool *p);
bool pool_is_secure(const Pool *p);

#endif
