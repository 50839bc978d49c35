#include "core/account/pool.h"

#include <string.h>

#include "core/account/backoff.h"
#include "core/account/secret.h"
#include "core/account/remembered.h"
#include "core/account/trusted.h"
#include "core/base/error.h"
#include "core/session/verdict.h"

/* Rows that come with the mailbox: more than a terminal of usual height shows, in less than 40 KB.
 */
#define WINDOW 40
/* A session that lived so long was a good one: what failed before it does not count. */
#define GOOD_SECONDS 10
/* Who pressed no key for so long has gone. */
#define PERSON_SECONDS 300
/* A server says hello at once; where none does, it is told what that may mean.  The next time it
 * may take as long as it wants. */
#define GREETING_SECONDS 8
/* For the bytes that test a line. */
#define TEST_MS    4000
#define LOSSES_MAX 2
/* From here on it is the line, not the server, that is waited for. */
#define OVERDUE_MS 2000
/* A dead line is looked for so soon. */
#define LOOK_MS 500
/* After a second connection was refused, the first one does everything for so long. */
#define SHARE_SECONDS 60
/* So long may the answer of what was cancelled hold up what comes next. */
#define CANCELLED_US G_USEC_PER_SEC

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
	const PoolEvents *events;
	void *self;
	Lane interactive, bulk;
	int64_t share_until; /* monotonic; no second connection before */
	Capability disbelieved;
	Mailbox *wanted;
	bool wanted_readonly;
	Want want;
	GQueue requests; /* of Request, oldest first */
	PoolState state;
	GError *refusal;    /* in POOL_REFUSED, POOL_UNTRUSTED and POOL_DENIED */
	unsigned failures;  /* in a row, each of which made wait longer */
	bool tried_at_once; /* since the last good session */
	bool was_online, network_gone;
	GError *lost;      /* why it is not online, or NULL */
	char *text;        /* of the state */
	int64_t person_at; /* monotonic */
	guint retry_timer, tick, serve_source, cancelled_timer;
	int64_t retry_at;
};

static void connect_lane(Lane *lane);
static void schedule(Pool *p);

/* --- telling --- */

static gboolean on_tick(void *data)
{
	Pool *p = data;

	p->events->state(p, p->state, p->text, p->self);
	return G_SOURCE_CONTINUE;
}

/* `text` may be what the pool keeps. */
static void become(Pool *p, PoolState state, const char *text)
{
	char *copy = g_strdup(text);

	g_free(p->text);
	p->text = copy;
	p->state = state;
	g_clear_handle_id(&p->tick, g_source_remove);
	if (state == POOL_WAITING)
		p->tick = g_timeout_add_seconds(1, on_tick, p);
	p->events->state(p, state, p->text, p->self);
}

static const char *stop_of(const char *sentence)
{
	return g_str_has_suffix(sentence, ".") ? "" : ".";
}

/* What to do and what is done come first: what the server says may be long. */
static char *sentence_of(const GError *error, const char *next)
{
	const char *advice = verdict_advice(error), *words = error->message;

	if (advice != NULL)
		return g_strconcat(advice, next, " ", words, NULL);
	return g_strconcat(words, *next != '\0' ? stop_of(words) : "", next, NULL);
}

/* --- requests --- */

/* The request leaves the queue before its callback runs, which may do anything. */
static void answer(Request *request, ImapSession *s, const GError *error)
{
	Pool *p = request->pool;

	g_queue_remove(&p->requests, request);
	scope_remove(&request->item);
	request->fn(p, s, error, request->data);
	g_free(request);
	/* It may have had no use for the session, and the wanted mailbox waits for it. */
	schedule(p);
}

static void answer_cancelled(Request *request)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	answer(request, NULL, error);
}

static void cancel_request(ScopeItem *item)
{
	answer_cancelled((Request *)item);
}

/* Those for `mailbox`, or all where `all`; what the callbacks ask for anew is not among them. */
static void fail_requests(Pool *p, const Mailbox *mailbox, bool all, const GError *error)
{
	g_autoptr(GPtrArray) failed = g_ptr_array_new();

	for (GList *link = p->requests.head; link != NULL; link = link->next) {
		Request *request = link->data;
		if (all || request->mailbox == mailbox)
			g_ptr_array_add(failed, request);
	}
	for (unsigned i = 0; i < failed->len; i++) {
		/* One callback may cancel the scope of another. */
		if (g_queue_find(&p->requests, failed->pdata[i]) != NULL)
			answer(failed->pdata[i], NULL, error);
	}
}

/* --- selecting --- */

static void drop_selection(Lane *lane)
{
	g_clear_pointer(&lane->selection, selection_free);
	lane->selection_is_wanted = false;
}

static void tell_selected(Pool *p, Selection *selection, const GError *error)
{
	p->want = error == NULL ? WANT_TOLD : WANT_REFUSED;
	p->events->selected(p, selection, error, p->self);
}

static void on_selected(Selection *selection, const GError *error, void *data)
{
	Lane *lane = data;
	Pool *p = lane->pool;
	Mailbox *m = selection_mailbox(selection);
	bool is_wanted = lane->selection_is_wanted && m == p->wanted;

	schedule(p);
	/* The line goes down: the mailbox is selected again when it is back.  Or another is wanted
	 * by now: what this one began to load is not. */
	if (error_is_abort(error) || (lane->selection_is_wanted && m != p->wanted)) {
		drop_selection(lane);
		return;
	}
	if (error != NULL) {
		g_autoptr(GError) refusal = g_error_copy(error);
		drop_selection(lane);
		if (is_wanted)
			tell_selected(p, NULL, refusal);
		fail_requests(p, m, false, refusal);
	} else if (is_wanted) {
		tell_selected(p, selection, NULL);
	}
}

static void select_on(Lane *lane, Mailbox *m, bool readonly, bool is_wanted)
{
	SelectionOptions options = {readonly, is_wanted, is_wanted ? WINDOW : 0};

	drop_selection(lane);
	lane->selection_is_wanted = is_wanted;
	lane->selection = selection_open(m, lane->session, &options, on_selected, lane);
}

/* While it is still logging in, so that SELECT follows in the same flight. */
static void select_early(Lane *lane, Mailbox *m, bool readonly, bool is_wanted)
{
	if (lane->session != NULL && !lane->up && lane->selection == NULL && m != NULL)
		select_on(lane, m, readonly, is_wanted);
}

static bool has_selected(const Lane *lane, const Mailbox *m, bool write)
{
	return lane->selection != NULL && selection_is_ready(lane->selection) &&
	       selection_mailbox(lane->selection) == m &&
	       !(write && selection_is_readonly(lane->selection));
}

/* Nothing of the mailbox that is selected now is under way any more. */
static bool may_switch(const Lane *lane)
{
	return lane->up && session_is_idle(lane->session) &&
	       (lane->selection == NULL || selection_is_ready(lane->selection));
}

/* --- serving --- */

static bool may_open_bulk(const Pool *p)
{
	return p->max_sessions > 1 && g_get_monotonic_time() >= p->share_until;
}

static Lane *lane_of(Pool *p, const Request *request)
{
	bool elsewhere = request->mailbox != NULL && request->mailbox != p->wanted;
	bool bulk = request->purpose == POOL_BULK || elsewhere;

	return bulk && (p->bulk.up || may_open_bulk(p)) ? &p->bulk : &p->interactive;
}

static void switch_lane(Lane *lane, const Request *request)
{
	Pool *p = lane->pool;

	if (lane == &p->interactive && request->mailbox == p->wanted)
		return; /* serve_wanted() does that */
	if (may_switch(lane))
		select_on(lane, request->mailbox, request->purpose == POOL_BULK, false);
}

static void serve_request(Request *request)
{
	Pool *p = request->pool;
	Lane *lane = lane_of(p, request);
	bool write = request->purpose == POOL_INTERACTIVE && request->mailbox != p->wanted;

	if (lane->session == NULL && lane == &p->bulk && p->interactive.up) {
		connect_lane(lane);
		select_early(lane, request->mailbox, request->purpose == POOL_BULK, false);
	}
	if (!lane->up || lane->cancelled_at != 0 || lane->given_up)
		return;
	if (request->mailbox == NULL || has_selected(lane, request->mailbox, write))
		answer(request, lane->session, NULL);
	else
		switch_lane(lane, request);
}

static bool wants_interactive_elsewhere(Pool *p)
{
	for (GList *link = p->requests.head; link != NULL; link = link->next) {
		const Request *request = link->data;
		if (request->mailbox != NULL && request->mailbox != p->wanted &&
		    lane_of(p, request) == &p->interactive)
			return true;
	}
	return false;
}

/* The wanted mailbox is selected before anything else, and again after something else was. */
static void serve_wanted(Pool *p)
{
	Lane *lane = &p->interactive;
	bool selected = p->wanted != NULL && lane->selection != NULL &&
			selection_mailbox(lane->selection) == p->wanted &&
			lane->selection_is_wanted;

	if (p->want == WANT_NOTHING && lane->up) {
		tell_selected(p, NULL, NULL);
		return;
	}
	if (p->wanted == NULL || p->want == WANT_REFUSED || !lane->up)
		return;
	if (p->want == WANT_SELECTED && has_selected(lane, p->wanted, false) && selected &&
	    selection_is_readonly(lane->selection) == p->wanted_readonly) {
		tell_selected(p, lane->selection, NULL);
		return;
	}
	if (p->want == WANT_TOLD && (selected || wants_interactive_elsewhere(p)))
		return;
	if (may_switch(lane))
		select_on(lane, p->wanted, p->wanted_readonly, true);
}

/* What was selected before anything was known of the server is left for a moment, while nobody
 * waits, so that the server can enable what makes the next opening cheap.  Then, and for the
 * log-ins to come, it is remembered. */
static void enable(Lane *lane)
{
	Pool *p = lane->pool;
	Capability what = lane->up ? session_may_enable(lane->session) : 0;
	bool may_leave = session_capabilities(lane->session) & (CAP(UNSELECT) | CAP(IMAP4REV2));

	if (what && p->want == WANT_TOLD && lane->selection_is_wanted && may_leave) {
		drop_selection(lane);
		imap_unselect(lane->session, NULL, NULL, NULL);
		session_enable(lane->session, NULL, what, false);
		select_on(lane, p->wanted, p->wanted_readonly, true);
		return;
	}
	lane->enable_told = true;
	remembered_put_enabled(p->config.endpoint, p->user, session_enabled(lane->session));
}

static bool may_enable(const Lane *lane)
{
	SyncPoint point = {0};

	if (!lane->up || lane->enable_told || !session_is_idle(lane->session) ||
	    !g_queue_is_empty(&lane->pool->requests) || lane->selection == NULL ||
	    !selection_is_ready(lane->selection))
		return false;
	mailbox_sync_point(selection_mailbox(lane->selection), &point);
	return point.complete;
}

/* So that the first long question does not wait for a log-in: opened, with the same mailbox, once
 * the first screen stands and nobody waits. */
static void prepare_bulk(Pool *p)
{
	Lane *lane = &p->bulk;
	bool quiet = p->want == WANT_TOLD && p->interactive.enable_told &&
		     session_is_idle(p->interactive.session) && g_queue_is_empty(&p->requests);

	if (!quiet || !may_open_bulk(p) || p->wanted == NULL)
		return;
	if (lane->session == NULL) {
		connect_lane(lane);
		select_early(lane, p->wanted, true, false);
	} else if (may_switch(lane) && !has_selected(lane, p->wanted, false)) {
		select_on(lane, p->wanted, true, false);
	}
}

static bool is_waited_for(Pool *p, const Lane *lane)
{
	if (lane == &p->interactive && p->want == WANT_SELECTED)
		return true;
	for (GList *link = p->requests.head; link != NULL; link = link->next) {
		if (lane_of(p, link->data) == lane)
			return true;
	}
	return false;
}

static gboolean on_cancelled_timer(void *data)
{
	Pool *p = data;

	p->cancelled_timer = 0;
	schedule(p);
	return G_SOURCE_REMOVE;
}

/* No fault of the line: the next is opened at once. */
static void abandon(Lane *lane)
{
	lane->up_at = 0;
	session_abandon(lane->session);
}

static void look_at_given_up(Lane *lane)
{
	if (!lane->given_up)
		return;
	if (session_is_idle(lane->session))
		lane->given_up = false;
	else if (session_is_stuck(lane->session))
		abandon(lane);
}

/* Behind a cancelled command: its answer may be nearly here, or never come. */
static void look_at_cancelled(Lane *lane)
{
	Pool *p = lane->pool;
	int64_t left = lane->cancelled_at + CANCELLED_US - g_get_monotonic_time();

	if (lane->cancelled_at == 0)
		return;
	if (!lane->up || !session_is_stuck(lane->session)) {
		lane->cancelled_at = 0;
	} else if (is_waited_for(p, lane) && left > 0) {
		if (p->cancelled_timer == 0)
			p->cancelled_timer =
				g_timeout_add((guint)(left / 1000) + 1, on_cancelled_timer, p);
	} else if (is_waited_for(p, lane)) {
		abandon(lane);
	}
}

static gboolean serve(void *data)
{
	Pool *p = data;
	g_autoptr(GPtrArray) waiting = g_ptr_array_new();

	p->serve_source = 0;
	if (p->refusal != NULL) {
		g_autoptr(GError) refusal = g_error_copy(p->refusal);
		fail_requests(p, NULL, true, refusal);
		return G_SOURCE_REMOVE;
	}
	look_at_given_up(&p->interactive);
	look_at_given_up(&p->bulk);
	look_at_cancelled(&p->interactive);
	look_at_cancelled(&p->bulk);
	serve_wanted(p);
	for (GList *link = p->requests.head; link != NULL; link = link->next)
		g_ptr_array_add(waiting, link->data);
	for (unsigned i = 0; i < waiting->len; i++) {
		if (g_queue_find(&p->requests, waiting->pdata[i]) != NULL)
			serve_request(waiting->pdata[i]);
	}
	if (may_enable(&p->interactive))
		enable(&p->interactive);
	if (p->interactive.up)
		prepare_bulk(p);
	return G_SOURCE_REMOVE;
}

static void schedule(Pool *p)
{
	if (p->serve_source == 0 && (p->interactive.up || p->bulk.up || p->refusal != NULL))
		p->serve_source = g_idle_add_full(G_PRIORITY_DEFAULT, serve, p, NULL);
}

/* --- losing and regaining the connection --- */

static gboolean on_retry(void *data)
{
	Pool *p = data;

	p->retry_timer = 0;
	connect_lane(&p->interactive);
	return G_SOURCE_REMOVE;
}

static bool person_is_there(const Pool *p)
{
	return p->person_at != 0 &&
	       g_get_monotonic_time() - p->person_at < PERSON_SECONDS * G_USEC_PER_SEC;
}

/* A line that is dead costs nobody anything when it is tried, as nothing arrives. */
static bool may_look_often(const Pool *p)
{
	return g_error_matches(p->lost, CORE_ERROR, CORE_ERROR_DEAD) && person_is_there(p) &&
	       !p->network_gone;
}

static void wait_and_retry(Pool *p, unsigned milliseconds)
{
	const char *next =
		milliseconds == 0 ? " Connecting again…" : " Trying again by itself (F5: now).";
	g_autofree char *text =
		p->network_gone
			? g_strdup("This machine has no network; it goes on when that is back "
				   "(F5: now).")
			: sentence_of(p->lost, next);

	g_clear_handle_id(&p->retry_timer, g_source_remove);
	p->retry_at = g_get_monotonic_time() + (int64_t)milliseconds * 1000;
	p->retry_timer = g_timeout_add(milliseconds, on_retry, p);
	become(p, milliseconds == 0 ? POOL_RECONNECTING : POOL_WAITING, text);
}

/* Where trying again by itself would bring the same, it is not done (T039). */
static PoolState state_behind(const GError *error)
{
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_AUTH))
		return POOL_REFUSED;
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_TLS) && verdict_advice(error) == NULL)
		return POOL_UNTRUSTED;
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_TLS) ||
	    g_error_matches(error, CORE_ERROR, CORE_ERROR_NO) ||
	    g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE) ||
	    g_error_matches(error, CORE_ERROR, CORE_ERROR_BAD))
		return POOL_DENIED;
	return error_is_cancelled(error) ? POOL_OFFLINE : POOL_WAITING;
}

/* T091: the first try is at once, where it was logged in. */
static unsigned delay_after(Pool *p, bool was_up, bool at_once)
{
	if (at_once)
		return 0;
	if (was_up && !p->tried_at_once) {
		p->tried_at_once = true;
		return 0;
	}
	return backoff_ms(++p->failures, may_look_often(p));
}

static void forget_failures(Pool *p)
{
	p->failures = 0;
	p->tried_at_once = false;
}

static void interactive_lost(Pool *p, bool was_up, bool at_once, const GError *error)
{
	PoolState state = state_behind(error);
	g_autofree char *sentence = sentence_of(error, "");

	if (p->want == WANT_TOLD || p->want == WANT_REFUSED)
		p->want = p->wanted != NULL ? WANT_SELECTED : WANT_NOTHING;
	g_clear_error(&p->lost);
	p->lost = g_error_copy(error);
	if (state == POOL_WAITING) {
		wait_and_retry(p, delay_after(p, was_up, at_once));
		return;
	}
	if (state != POOL_OFFLINE)
		p->refusal = g_error_copy(error);
	schedule(p);
	become(p, state, sentence);
}

/* Servers limit connections; one is enough for everything. */
static void bulk_lost(Pool *p, bool was_good, const GError *error)
{
	if (!was_good) {
		g_info("A second connection could not be kept: %s", error->message);
		p->share_until = g_get_monotonic_time() + SHARE_SECONDS * G_USEC_PER_SEC;
	}
	schedule(p);
}

static void close_lane(Lane *lane)
{
	drop_selection(lane);
	lane->up = false;
	lane->cancelled_at = 0;
	lane->given_up = false;
	g_clear_pointer(&lane->session, session_free);
}

/* --- events of a session --- */

static void on_state(ImapSession *s, SessionState state, void *self)
{
	Lane *lane = self;
	Pool *p = lane->pool;

	if (lane->up || (state != SESSION_AUTH && state != SESSION_SELECTED))
		return;
	lane->up = true;
	lane->up_at = g_get_monotonic_time();
	remembered_put(p->config.endpoint, p->user, session_mechanism(s));
	schedule(p);
	if (lane != &p->interactive)
		return;
	g_autofree char *text = g_strdup_printf("Connected to %s.", p->config.endpoint->label);
	p->was_online = true;
	g_clear_error(&p->lost);
	become(p, POOL_ONLINE, text);
}

static PoolState connecting(const Pool *p)
{
	return p->was_online ? POOL_RECONNECTING : POOL_CONNECTING;
}

static void on_phase(ImapSession *s, const char *text, void *self)
{
	Lane *lane = self;

	(void)s;
	if (lane == &lane->pool->interactive)
		become(lane->pool, lane->up ? POOL_ONLINE : connecting(lane->pool), text);
}

static void on_response(ImapSession *s, const Response *r, void *self)
{
	Lane *lane = self;

	if (lane->selection != NULL)
		selection_response(lane->selection, r);
	lane->pool->events->response(lane->pool, s, r, lane->pool->self);
}

static void on_batch_end(ImapSession *s, void *self)
{
	Lane *lane = self;

	(void)s;
	if (lane->selection != NULL)
		selection_batch_end(lane->selection);
	if (lane->up)
		schedule(lane->pool);
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	Lane *lane = self;
	Pool *p = lane->pool;
	bool was_up = lane->up;
	bool was_good =
		was_up && g_get_monotonic_time() - lane->up_at >= GOOD_SECONDS * G_USEC_PER_SEC;
	g_autoptr(GError) reason = g_error_copy(error);

	bool failed_blind = session_failed_blind(s);
	close_lane(lane);
	if (failed_blind)
		remembered_put_stepwise(p->config.endpoint);
	if (was_good)
		forget_failures(p);
	/* Its own way of speaking is found out: the next try is at once. */
	if (lane == &p->interactive)
		interactive_lost(p, was_up, failed_blind, reason);
	else
		bulk_lost(p, was_good || failed_blind, reason);
}

static const SessionEvents session_events = {on_state, on_phase, on_response, on_batch_end,
					     on_closed};

/* What was said last counts: now, in the configuration, once for ever. */
static char *expected_key(const Pool *p)
{
	if (p->accepted != NULL || p->pin != NULL)
		return g_strdup(p->accepted != NULL ? p->accepted : p->pin);
	return trusted_get(p->config.endpoint);
}

static void connect_lane(Lane *lane)
{
	Pool *p = lane->pool;
	g_autofree char *remembered = NULL, *key = NULL;

	if (lane->session != NULL)
		return;
	remembered = remembered_get(p->config.endpoint, p->user);
	p->config.remembered = remembered;
	key = expected_key(p);
	p->config.pin = key;
	if (lane == &p->interactive) {
		g_clear_handle_id(&p->retry_timer, g_source_remove);
		g_clear_error(&p->refusal);
	}
	p->config.greeting_seconds = p->lost || p->was_online ? 0 : GREETING_SECONDS;
	p->config.user = p->user;
	p->config.password = p->password;
	p->config.blind = !remembered_stepwise(p->config.endpoint);
	p->config.enable = SESSION_ENABLES;
	p->config.enable_blind = remembered_enabled(p->config.endpoint, p->user);
	lane->enable_told = false;
	lane->session = session_open(&p->config, &session_events, lane);
	p->config.remembered = p->config.pin = NULL;
	if (lane == &p->interactive && p->want == WANT_SELECTED)
		select_early(lane, p->wanted, p->wanted_readonly, true);
}

/* --- life --- */

Pool *pool_new(const SessionConfig *config, unsigned max_sessions, const PoolEvents *events,
	       void *self)
{
	Pool *p = g_new0(Pool, 1);

	p->config = *config;
	p->user = g_strdup(config->user);
	p->password = secret_new(config->password);
	p->ca_file = g_strdup(config->ca_file);
	p->config.ca_file = p->ca_file;
	p->pin = config->pin != NULL && *config->pin != '\0' ? config->pin : NULL;
	p->max_sessions = max_sessions;
	p->events = events;
	p->self = self;
	p->interactive.pool = p->bulk.pool = p;
	g_queue_init(&p->requests);
	return p;
}

void pool_free(Pool *p)
{
	if (p == NULL)
		return;
	while (!g_queue_is_empty(&p->requests))
		answer_cancelled(g_queue_peek_head(&p->requests));
	close_lane(&p->interactive);
	close_lane(&p->bulk);
	g_clear_handle_id(&p->retry_timer, g_source_remove);
	g_clear_handle_id(&p->tick, g_source_remove);
	g_clear_handle_id(&p->serve_source, g_source_remove);
	g_clear_handle_id(&p->cancelled_timer, g_source_remove);
	g_clear_error(&p->refusal);
	g_clear_error(&p->lost);
	g_free(p->text);
	secret_free(p->password);
	g_free(p->user);
	g_free(p->ca_file);
	g_free(p->accepted);
	g_free(p);
}

void pool_open(Pool *p)
{
	connect_lane(&p->interactive);
}

void pool_set_password(Pool *p, const char *password)
{
	char *secret = secret_new(password);

	secret_free(p->password);
	p->password = secret;
	forget_failures(p);
	pool_open(p);
}

void pool_set_user(Pool *p, const char *user)
{
	g_free(p->user);
	p->user = g_strdup(user);
}

void pool_log_out(Pool *p)
{
	Lane *lanes[] = {&p->interactive, &p->bulk};

	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i]->up)
			imap_logout(lanes[i]->session, NULL, NULL, NULL);
	}
}

void pool_accept(Pool *p, const char *key)
{
	char *copy = g_strdup(key);

	g_free(p->accepted);
	p->accepted = copy;
}

bool pool_accepted(const Pool *p)
{
	return p->accepted != NULL;
}

const GError *pool_refusal(const Pool *p)
{
	return p->refusal;
}

void pool_retry(Pool *p)
{
	forget_failures(p);
	p->person_at = g_get_monotonic_time();
	p->share_until = 0;
	connect_lane(&p->interactive);
}

unsigned pool_retry_in(const Pool *p)
{
	int64_t left = p->retry_at - g_get_monotonic_time();

	return p->state == POOL_WAITING && left > 0
		       ? (unsigned)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC)
		       : 0;
}

void pool_cancelled(Pool *p)
{
	Lane *lanes[] = {&p->interactive, &p->bulk};

	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i]->up && session_is_stuck(lanes[i]->session))
			lanes[i]->cancelled_at = g_get_monotonic_time();
	}
	schedule(p);
}

void pool_give_up(Pool *p, const ImapSession *s)
{
	Lane *lane = p->bulk.session == s ? &p->bulk : &p->interactive;

	lane->given_up = lane->session == s;
	schedule(p);
}

void pool_disbelieve(Pool *p, Capability what)
{
	p->disbelieved |= what;
}

bool pool_disbelieves(const Pool *p, Capability what)
{
	return (p->disbelieved & what) != 0;
}

unsigned pool_silence(const Pool *p, bool *arrives)
{
	ImapSession *s = p->interactive.session;
	unsigned silence = p->interactive.up ? session_silence(s) : 0;

	if (arrives)
		*arrives = !silence || session_overdue(s) < OVERDUE_MS;
	return silence;
}

bool pool_may_repeat(const GError *error, unsigned *losses)
{
	bool lost = g_error_matches(error, CORE_ERROR, CORE_ERROR_ABORT) ||
		    g_error_matches(error, CORE_ERROR, CORE_ERROR_DEAD);

	/* A dead line is no fault of the question. */
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_ABORT))
		++*losses;
	return lost && *losses <= LOSSES_MAX;
}

static void retry_soon(Pool *p, unsigned ms)
{
	if (p->state == POOL_WAITING && p->retry_at - g_get_monotonic_time() > (int64_t)ms * 1000)
		wait_and_retry(p, ms);
}

void pool_person(Pool *p)
{
	p->person_at = g_get_monotonic_time();
	if (may_look_often(p))
		retry_soon(p, LOOK_MS);
}

static bool is_elsewhere(const Pool *p)
{
	return p->config.endpoint->kind != ENDPOINT_EXEC && !endpoint_is_local(p->config.endpoint);
}

void pool_network(Pool *p, bool available)
{
	Lane *lanes[] = {&p->interactive, &p->bulk};

	p->network_gone = !available && is_elsewhere(p);
	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i]->up)
			session_test(lanes[i]->session, TEST_MS);
	}
	if (p->network_gone && p->state == POOL_WAITING)
		wait_and_retry(p, backoff_ms(p->failures, false));
	else if (available)
		retry_soon(p, LOOK_MS);
}

bool pool_network_is_gone(const Pool *p)
{
	return p->network_gone;
}

bool pool_line_is_dead(const Pool *p)
{
	return g_error_matches(p->lost, CORE_ERROR, CORE_ERROR_DEAD);
}

PoolState pool_state(const Pool *p)
{
	return p->state;
}

void pool_select(Pool *p, Mailbox *m, bool readonly)
{
	Lane *lane = &p->interactive;

	p->want = m != NULL ? WANT_SELECTED : WANT_NOTHING;
	/* What the old one still loads is not wanted any more, nor what was to be selected at
	 * first. */
	if (m != p->wanted && lane->selection_is_wanted &&
	    (!lane->up || selection_is_ready(lane->selection)))
		drop_selection(lane);
	p->wanted = m;
	p->wanted_readonly = readonly;
	select_early(lane, m, readonly, true);
	if (m != NULL && !has_selected(lane, m, false))
		mailbox_set_loading(m, true);
	schedule(p);
}

void pool_forget(Pool *p, Mailbox *m)
{
	Lane *lanes[] = {&p->interactive, &p->bulk};
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_ABORT, "the folder was closed");

	if (p->wanted == m) {
		p->wanted = NULL;
		p->want = WANT_NOTHING;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i]->selection != NULL && selection_mailbox(lanes[i]->selection) == m)
			drop_selection(lanes[i]);
	}
	fail_requests(p, m, false, error);
}

void pool_acquire(Pool *p, Scope *scope, PoolPurpose purpose, Mailbox *mailbox, PoolReady fn,
		  void *data)
{
	Request *request = g_new0(Request, 1);

	request->pool = p;
	request->purpose = purpose;
	request->mailbox = mailbox;
	request->fn = fn;
	request->data = data;
	g_queue_push_tail(&p->requests, request);
	scope_add(scope, &request->item, cancel_request);
	schedule(p);
}

static bool lane_is_quiet(const Lane *lane)
{
	return lane->session == NULL || (may_switch(lane) && lane->cancelled_at == 0);
}

bool pool_is_quiet(const Pool *p)
{
	return p->interactive.up && p->interactive.enable_told && p->want == WANT_TOLD &&
	       p->requests.length == 0 && lane_is_quiet(&p->interactive) && lane_is_quiet(&p->bulk);
}

ImapSession *pool_session(const Pool *p)
{
	return p->interactive.up ? p->interactive.session : NULL;
}

ImapSession *pool_bulk_session(const Pool *p)
{
	return p->bulk.up ? p->bulk.session : pool_session(p);
}

bool pool_is_secure(const Pool *p)
{
	return p->config.endpoint->kind != ENDPOINT_PLAIN;
}
