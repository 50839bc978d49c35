/* pool - sessions of one account lent by purpose.  INTERACTIVE carries the open mailbox and answers
 * keys; BULK carries what takes long, on a second connection that is opened when the first screen
 * stands, or on the same where there may be only one.  Opens, re-opens with back-off, bounded in
 * number.
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
	POOL_WAITING,   /* lost; the next try in pool_retry_in() seconds, which is told every second
			 */
	POOL_REFUSED,   /* log-in refused: waits for pool_set_password() */
	POOL_UNTRUSTED, /* TLS fault: waits for pool_retry() or pool_accept() by the user */
	POOL_DENIED, /* log-in refused, and no other password would help: waits for pool_retry() */
	POOL_RECONNECTING /* as CONNECTING, after it has been online */
} PoolState;

/* Each may be NULL. */
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

/* Whether lines are compressed where the server offers it (RFC 4978), once the first screen stands
 * and nobody waits; else they are not. */
void pool_set_compress(Pool *p, bool compress);

/* Starts connecting. */
void pool_open(Pool *p);
/* The same while the password is being found out, which then follows by pool_set_password(): the
 * connection gets as far as it can without.  false: it will not follow soon, and what was begun is
 * closed. */
void pool_expect_password(Pool *p, bool expected);
/* NULL or wrong so far: kept in locked memory, used for every session; connects (again), but one
 * that was expected does not where the person has to say so (POOL_UNTRUSTED, POOL_DENIED). */
void pool_set_password(Pool *p, const char *password);
void pool_set_user(Pool *p, const char *user);
/* LOGOUT on every session (RFC 9051 3.4), behind what is in flight there; POOL_OFFLINE when the
 * server has said goodbye. */
void pool_log_out(Pool *p);
/* As long as the pool lives, this key and no other is expected of the server, whatever the account
 * or the list of trusted keys says; NULL: what those say. */
void pool_accept(Pool *p, const char *key);
bool pool_accepted(const Pool *p);
/* Why log-in or trust were refused; NULL in other states. */
const GError *pool_refusal(const Pool *p);
/* Now, not at the end of the back-off. */
void pool_retry(Pool *p);
unsigned pool_retry_in(const Pool *p);
/* The person is there (pressed a key).  For some minutes a line that was dead is then looked for
 * every few seconds, so that it is back soon after the network is. */
void pool_person(Pool *p);
/* The machine woke, or its network changed: the lines are tested, and what was waited for is tried.
 * `available`: the machine has a network at all; where it has none, the next try is no hurry. */
void pool_network(Pool *p, bool available);
bool pool_network_is_gone(const Pool *p);
/* The line was lost because nothing came back, and is not up again. */
bool pool_line_is_dead(const Pool *p);
/* The person cancelled something, and waits for nothing else that was asked: where the answer is
 * still under way a second later and something new waits behind it, another connection takes the
 * place of that one. */
void pool_cancelled(Pool *p);
/* What is still to come on this session is more than anybody can use, and its command was
 * cancelled: another connection takes the place of that one, but not before an answer to a change
 * that is due there. */
void pool_give_up(Pool *p, const ImapSession *s);
/* The server refuses what it offers, or does something else: remembered as long as the pool lives.
 */
void pool_disbelieve(Pool *p, Capability what);
bool pool_disbelieves(const Pool *p, Capability what);
/* For how many seconds the interactive session has been waiting for an answer; 0: it is not, or not
 * for long.  The event `state` tells each change.  `*arrives` (may be NULL): the server's machine
 * acknowledges what it is sent, or there is nothing to tell that by. */
unsigned pool_silence(const Pool *p, bool *arrives);
/* What was asked of a session came back with this error: the line was lost on the way, and it may
 * be asked again on the next one.  `*losses` begins as 0; not where it was lost with each of a few
 * in a row, as it may be the question that the server dies of. */
bool pool_may_repeat(const GError *error, unsigned *losses);
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

/* Nobody waits for anything: the wanted mailbox is selected, and nothing is asked for or under way
 * on any session. */
bool pool_is_quiet(const Pool *p);
/* The interactive session where it is up, else NULL (capabilities, state). */
ImapSession *pool_session(const Pool *p);
/* The second connection where it is up, else the same as pool_session(). */
ImapSession *pool_bulk_session(const Pool *p);
/* No other than TLS connections, or a subprocess, are made. */
bool pool_is_secure(const Pool *p);

#endif
