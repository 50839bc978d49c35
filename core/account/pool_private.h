/* pool_private - what pool.c and the files pool_*.c share; nobody else includes it. */
#ifndef SHEAF_CORE_POOL_PRIVATE_H
#define SHEAF_CORE_POOL_PRIVATE_H

#include "core/account/pool.h"

typedef struct {
	Pool *pool;
	ImapSession *session; /* NULL: none */
	bool up;              /* logged in */
	int64_t up_at;        /* monotonic */
	int64_t cancelled_at; /* monotonic; the answer of what was cancelled is awaited; 0: no */
	bool given_up;        /* see pool_give_up() */
	Selection *selection; /* what is selected, or being so */
	bool selection_is_wanted;
	bool enable_told; /* what is enabled here is remembered, or there is nothing to enable */
	bool compress_asked;
} Lane;

typedef struct {
	ScopeItem item;
	Pool *pool;
	PoolPurpose purpose;
	Mailbox *mailbox;
	PoolReady fn;
	void *data;
} Request;

/* How far the wanted mailbox has come. */
typedef enum {
	WANT_NOTHING,  /* there is none, and nobody was told so yet */
	WANT_SELECTED, /* it is to be selected, or is being so */
	WANT_TOLD,
	WANT_REFUSED
} Want;

struct Pool {
	SessionConfig config;
	char *user, *ca_file, *password;
	const char *pin; /* the account's, or NULL */
	char *accepted;  /* see pool_accept() */
	unsigned max_sessions;
	bool compress;
	const PoolEvents *events;
	void *self;
	Lane interactive, bulk;
	int64_t share_until; /* monotonic; no second connection before */
	Capability disbelieved;
	Capability refused; /* ENABLE was, for what it offers */
	Mailbox *wanted;
	bool wanted_readonly;
	Want want;
	GQueue requests; /* of Request, oldest first */
	PoolState state;
	GError *refusal;    /* in POOL_REFUSED, POOL_UNTRUSTED and POOL_DENIED */
	unsigned failures;  /* in a row, each of which made wait longer */
	bool tried_at_once; /* since the last good session */
	bool was_online, network_gone;
	bool password_expected; /* see pool_expect_password() */
	GError *lost;           /* why it is not online, or NULL */
	char *text;             /* of the state */
	int64_t person_at;      /* monotonic */
	guint retry_timer, tick, serve_source, cancelled_timer;
	int64_t retry_at;
};

/* pool_select.c: what is selected, and the wanted mailbox. */

void lane_drop_selection(Lane *lane);
void lane_select(Lane *lane, Mailbox *m, bool readonly, bool is_wanted);

/* While it is still logging in, so that SELECT follows in the same flight; else nothing. */
void lane_select_early(Lane *lane, Mailbox *m, bool readonly, bool is_wanted);

bool lane_has_selected(const Lane *lane, const Mailbox *m, bool write);

/* Nothing of the mailbox that is selected now is under way any more. */
bool lane_may_switch(const Lane *lane);

/* The wanted mailbox is selected before anything else, and again after something else was. */
void pool_serve_wanted(Pool *p);

/* What may be enabled is, now that nobody waits. */
bool lane_may_enable(const Lane *lane);
void lane_enable(Lane *lane);

/* COMPRESS, where it is wanted and nobody waits. */
bool lane_may_compress(const Lane *lane);
void lane_compress(Lane *lane);

/* pool_serve.c: who waits for a session, and which one. */

/* Looks soon, from the loop, what can be done for those that wait. */
void pool_schedule(Pool *p);

/* Where such a request is served. */
Lane *pool_lane_of(Pool *p, const Request *request);

/* Those for `mailbox`, or all where `all`; what the callbacks ask for anew is not among them. */
void pool_fail_requests(Pool *p, const Mailbox *mailbox, bool all, const GError *error);
void pool_cancel_request(Request *request);

/* pool_line.c: connections, their events, and the next try. */

/* Where there is none. */
void lane_connect(Lane *lane);
void lane_close(Lane *lane);
void pool_forget_failures(Pool *p);
/* The second connection is of no use: it is closed, and the first one does everything for a while.
 */
void pool_share(Pool *p);
/* Without a word to the server, nor a next try. */
void pool_stop(Pool *p);

#endif
