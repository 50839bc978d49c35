#include "config.h"

#include "core/account/pool.h"

#include <string.h>

#include "core/base/error.h"

/* Rows of the first window: more than most screens show. */
#define WINDOW            50
#define RETRY_MAX_SECONDS 300

/* Somebody waits for a session. */
typedef struct {
	ScopeItem item;
	Pool *pool;
	PoolPurpose purpose;
	Mailbox *mailbox;
	PoolReady fn;
	void *data;
} Request;

/* One connection and what is selected on it. */
typedef struct {
	Pool *pool;
	PoolPurpose purpose;
	ImapSession *session;
	Selection *selection;
	bool selecting; /* the selection was not answered yet */
	bool up;        /* logged in */
} Member;

struct Pool {
	SessionConfig config;
	char *user, *password, *ca_file;
	const PoolEvents *events;
	void *self;
	bool with_bulk;
	Member interactive, bulk;
	GQueue requests;
	Mailbox *wanted; /* what the interactive session is to have open */
	bool readonly;
	PoolState state;
	char *text;
	unsigned failures; /* in a row */
	unsigned retry_seconds;
	int64_t retry_at; /* monotonic */
	guint retry_timer, dispatch_source;
};

static void connect_member(Member *m);
static void wake(Pool *p);

static void set_state(Pool *p, PoolState state, const char *text)
{
	p->state = state;
	g_free(p->text);
	p->text = g_strdup(text);
	p->events->state(p, state, p->text, p->self);
}

/* --- requests --- */

static void answer(Request *r, ImapSession *s, const GError *error)
{
	Pool *p = r->pool;
	PoolReady fn = r->fn;
	void *data = r->data;

	g_queue_remove(&p->requests, r);
	scope_remove(&r->item);
	g_free(r);
	fn(p, s, error, data);
}

static void request_cancelled(ScopeItem *item)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	answer((Request *)item, NULL, error);
}

static Member *member_for(Pool *p, const Request *r)
{
	bool elsewhere = r->mailbox && r->mailbox != p->wanted;

	return p->with_bulk && (r->purpose == POOL_BULK || elsewhere) ? &p->bulk : &p->interactive;
}

/* The oldest request that `takes`; asked anew each time, for an answer may add and cancel others.
 */
static Request *find_request(Pool *p, bool (*takes)(const Request *r, void *data), void *data)
{
	for (GList *l = p->requests.head; l; l = l->next)
		if (takes(l->data, data))
			return l->data;
	return NULL;
}

static bool is_of_member(const Request *r, void *data)
{
	return member_for(r->pool, r) == data;
}

static void fail_requests(Member *m, const GError *error)
{
	Request *r;

	while ((r = find_request(m->pool, is_of_member, m)))
		answer(r, NULL, error);
}

/* --- what a session has open --- */

static Mailbox *open_mailbox(const Member *m)
{
	return m->selection ? selection_mailbox(m->selection) : NULL;
}

static void close_selection(Member *m)
{
	m->selecting = false;
	g_clear_pointer(&m->selection, selection_free);
}

static bool wants_other_mailbox(const Request *r, void *data)
{
	const Member *m = data;

	return is_of_member(r, data) && r->mailbox && r->mailbox != open_mailbox(m);
}

static bool is_for_mailbox(const Request *r, void *data)
{
	return r->mailbox == data;
}

/* A refused mailbox refuses what was to be done in it. */
static void selected(Selection *selection, const GError *error, void *data)
{
	Member *m = data;
	Pool *p = m->pool;
	Mailbox *mailbox = selection_mailbox(selection);
	Request *r;

	m->selecting = false;
	if (error) {
		g_autoptr(GError) refusal = g_error_copy(error);
		close_selection(m);
		/* Asking again would bring the same answer, for ever. */
		if (mailbox == p->wanted && !error_is_abort(refusal))
			p->wanted = NULL;
		while ((r = find_request(p, is_for_mailbox, mailbox)))
			answer(r, NULL, refusal);
		if (m == &p->interactive && !error_is_cancelled(refusal))
			p->events->selected(p, NULL, refusal, p->self);
	} else if (m == &p->interactive && mailbox == p->wanted) {
		p->events->selected(p, selection, NULL, p->self);
	}
	wake(p);
}

static void select_mailbox(Member *m, Mailbox *mailbox)
{
	bool primary = m == &m->pool->interactive && mailbox == m->pool->wanted;
	SelectionOptions options = {
		.readonly = m->pool->readonly, .primary = primary, .window = WINDOW};

	close_selection(m);
	m->selecting = true;
	m->selection = selection_open(mailbox, m->session, &options, selected, m);
}

/* --- dispatch --- */

static bool can_be_served(const Request *r, void *data)
{
	const Member *m = data;

	return is_of_member(r, data) && !m->selecting &&
	       (!r->mailbox || r->mailbox == open_mailbox(m));
}

/* Requests of what is open first; another mailbox only when nothing is under way any more. */
static void serve(Member *m)
{
	Pool *p = m->pool;
	Request *r;

	while (m->up && (r = find_request(p, can_be_served, m)))
		answer(r, m->session, NULL);
	if (!m->up || m->selecting || !session_is_idle(m->session))
		return;
	if ((r = find_request(p, wants_other_mailbox, m)))
		select_mailbox(m, r->mailbox);
	else if (m == &p->interactive && p->wanted && open_mailbox(m) != p->wanted)
		select_mailbox(m, p->wanted);
}

static gboolean dispatch(gpointer data)
{
	Pool *p = data;
	Request *r;

	p->dispatch_source = 0;
	serve(&p->interactive);
	r = find_request(p, is_of_member, &p->bulk);
	/* The second connection is opened when there is work for it and the first one stands. */
	if (r && !p->bulk.session && p->interactive.up)
		connect_member(&p->bulk);
	serve(&p->bulk);
	return G_SOURCE_REMOVE;
}

static void wake(Pool *p)
{
	if (!p->dispatch_source)
		p->dispatch_source = g_idle_add_full(G_PRIORITY_DEFAULT, dispatch, p, NULL);
}

/* --- the way back after a loss --- */

static gboolean retry_now(gpointer data)
{
	Pool *p = data;

	p->retry_timer = 0;
	connect_member(&p->interactive);
	return G_SOURCE_REMOVE;
}

/* T091: at once, then after 1, 2, 4 … 300 seconds, a quarter more or less so that a server that
 * comes back is not met by all its clients in one moment. */
static unsigned retry_delay(unsigned failures)
{
	unsigned seconds = failures <= 1 ? 0 : 1u << MIN(failures - 2, 9);

	if (seconds == 0)
		return 0;
	seconds = MIN(seconds, RETRY_MAX_SECONDS);
	return MAX(1, seconds * g_random_int_range(75, 126) / 100);
}

static void wait_and_retry(Pool *p, const GError *error)
{
	unsigned seconds = retry_delay(++p->failures);
	g_autofree char *text = seconds == 0
					? g_strdup_printf("%s Connecting again…", error->message)
					: g_strdup_printf("%s Trying again in %u s (F5: now).",
							  error->message, seconds);

	p->retry_at = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
	g_clear_handle_id(&p->retry_timer, g_source_remove);
	p->retry_timer = seconds == 0 ? g_idle_add(retry_now, p)
				      : g_timeout_add_seconds(seconds, retry_now, p);
	set_state(p, POOL_WAITING, text);
}

static void interactive_lost(Pool *p, const GError *error)
{
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_AUTH))
		set_state(p, POOL_REFUSED, error->message);
	else if (g_error_matches(error, CORE_ERROR, CORE_ERROR_TLS))
		set_state(p, POOL_UNTRUSTED, error->message);
	else
		wait_and_retry(p, error);
}

/* --- events of a session --- */

static void on_state(ImapSession *s, SessionState state, void *self)
{
	Member *m = self;
	Pool *p = m->pool;

	(void)s;
	if (state != SESSION_AUTH || m->up)
		return;
	m->up = true;
	if (m == &p->interactive) {
		p->failures = 0;
		set_state(p, POOL_ONLINE, NULL);
		if (p->wanted)
			select_mailbox(m, p->wanted);
	}
	wake(p);
}

static void on_phase(ImapSession *s, const char *text, void *self)
{
	Member *m = self;

	(void)s;
	if (m == &m->pool->interactive)
		set_state(m->pool, POOL_CONNECTING, text);
}

static void on_response(ImapSession *s, const Response *r, void *self)
{
	Member *m = self;

	if (m->selection)
		selection_response(m->selection, r);
	m->pool->events->response(m->pool, s, r, m->pool->self);
}

static void on_batch_end(ImapSession *s, void *self)
{
	Member *m = self;

	(void)s;
	if (m->selection)
		selection_batch_end(m->selection);
	wake(m->pool);
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	Member *m = self;
	Pool *p = m->pool;

	close_selection(m);
	m->up = false;
	m->session = NULL;
	session_free(s);
	fail_requests(m, error);
	if (m == &p->interactive)
		interactive_lost(p, error);
}

static const SessionEvents session_events = {
	.state = on_state,
	.phase = on_phase,
	.response = on_response,
	.batch_end = on_batch_end,
	.closed = on_closed,
};

static void connect_member(Member *m)
{
	Pool *p = m->pool;
	SessionConfig config = p->config;

	if (m->session)
		return;
	config.user = p->user;
	config.password = p->password;
	config.ca_file = p->ca_file;
	m->session = session_open(&config, &session_events, m);
}

static void disconnect(Member *m)
{
	close_selection(m);
	m->up = false;
	g_clear_pointer(&m->session, session_free);
}

/* --- public --- */

static void wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	g_clear_pointer(secret, g_free);
}

Pool *pool_new(const SessionConfig *config, unsigned max_sessions, const PoolEvents *events,
	       void *self)
{
	Pool *p = g_new0(Pool, 1);

	p->config = *config;
	p->user = g_strdup(config->user);
	p->password = g_strdup(config->password);
	p->ca_file = g_strdup(config->ca_file);
	p->events = events;
	p->self = self;
	p->with_bulk = max_sessions > 1;
	p->interactive = (Member){.pool = p, .purpose = POOL_INTERACTIVE};
	p->bulk = (Member){.pool = p, .purpose = POOL_BULK};
	g_queue_init(&p->requests);
	return p;
}

void pool_free(Pool *p)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "the account was closed");

	if (!p)
		return;
	g_clear_handle_id(&p->retry_timer, g_source_remove);
	disconnect(&p->interactive);
	disconnect(&p->bulk);
	while (!g_queue_is_empty(&p->requests))
		answer(g_queue_peek_head(&p->requests), NULL, error);
	g_clear_handle_id(&p->dispatch_source, g_source_remove);
	wipe(&p->password);
	g_free(p->user);
	g_free(p->ca_file);
	g_free(p->text);
	g_free(p);
}

void pool_open(Pool *p)
{
	connect_member(&p->interactive);
}

void pool_set_password(Pool *p, const char *password)
{
	wipe(&p->password);
	p->password = g_strdup(password);
	connect_member(&p->interactive);
}

void pool_set_user(Pool *p, const char *user)
{
	g_free(p->user);
	p->user = g_strdup(user);
}

void pool_retry(Pool *p)
{
	g_clear_handle_id(&p->retry_timer, g_source_remove);
	p->failures = 0;
	connect_member(&p->interactive);
}

unsigned pool_retry_in(const Pool *p)
{
	int64_t left = p->retry_at - g_get_monotonic_time();

	return p->state == POOL_WAITING && left > 0 ? (unsigned)(left / G_USEC_PER_SEC) + 1 : 0;
}

PoolState pool_state(const Pool *p)
{
	return p->state;
}

void pool_select(Pool *p, Mailbox *m, bool readonly)
{
	bool changed = p->wanted != m || p->readonly != readonly;

	p->wanted = m;
	p->readonly = readonly;
	/* Commands of the old mailbox that are queued are sent before; no new one is given out. */
	if (m && p->interactive.up && (changed || open_mailbox(&p->interactive) != m))
		select_mailbox(&p->interactive, m);
}

void pool_acquire(Pool *p, Scope *scope, PoolPurpose purpose, Mailbox *mailbox, PoolReady fn,
		  void *data)
{
	Request *r = g_new0(Request, 1);

	r->pool = p;
	r->purpose = purpose;
	r->mailbox = mailbox;
	r->fn = fn;
	r->data = data;
	scope_add(scope, &r->item, request_cancelled);
	g_queue_push_tail(&p->requests, r);
	wake(p);
}

void pool_forget(Pool *p, Mailbox *m)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "the folder was closed");
	Request *r;

	if (p->wanted == m)
		p->wanted = NULL;
	if (open_mailbox(&p->interactive) == m)
		close_selection(&p->interactive);
	if (open_mailbox(&p->bulk) == m)
		close_selection(&p->bulk);
	while ((r = find_request(p, is_for_mailbox, m)))
		answer(r, NULL, error);
}

ImapSession *pool_session(const Pool *p)
{
	return p->interactive.up ? p->interactive.session : NULL;
}

bool pool_is_secure(const Pool *p)
{
	return p->interactive.session && session_is_secure(p->interactive.session);
}
