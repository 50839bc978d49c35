#include "core/account/pool_private.h"

#include "core/base/error.h"

/* So long may the answer of what was cancelled hold up what comes next. */
#define CANCELLED_US G_USEC_PER_SEC

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
	pool_schedule(p);
}

void pool_cancel_request(Request *request)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	answer(request, NULL, error);
}

static void cancel_request(ScopeItem *item)
{
	pool_cancel_request((Request *)item);
}

void pool_fail_requests(Pool *p, const Mailbox *mailbox, bool all, const GError *error)
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
	pool_schedule(p);
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
			lane_drop_selection(lanes[i]);
	}
	pool_fail_requests(p, m, false, error);
}

/* --- serving --- */

static bool may_open_bulk(const Pool *p)
{
	return p->max_sessions > 1 && g_get_monotonic_time() >= p->share_until;
}

Lane *pool_lane_of(Pool *p, const Request *request)
{
	bool elsewhere = request->mailbox != NULL && request->mailbox != p->wanted;
	bool bulk = request->purpose == POOL_BULK || elsewhere;

	return bulk && (p->bulk.up || may_open_bulk(p)) ? &p->bulk : &p->interactive;
}

static void switch_lane(Lane *lane, const Request *request)
{
	Pool *p = lane->pool;

	if (lane == &p->interactive && request->mailbox == p->wanted)
		return; /* pool_serve_wanted() does that */
	if (lane_may_switch(lane))
		lane_select(lane, request->mailbox, request->purpose == POOL_BULK, false);
}

static void serve_request(Request *request)
{
	Pool *p = request->pool;
	Lane *lane = pool_lane_of(p, request);
	bool write = request->purpose == POOL_INTERACTIVE && request->mailbox != p->wanted;

	if (lane->session == NULL && lane == &p->bulk && p->interactive.up) {
		lane_connect(lane);
		lane_select_early(lane, request->mailbox, request->purpose == POOL_BULK, false);
	}
	if (!lane->up || lane->cancelled_at != 0 || lane->given_up)
		return;
	if (request->mailbox == NULL || lane_has_selected(lane, request->mailbox, write))
		answer(request, lane->session, NULL);
	else
		switch_lane(lane, request);
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
		lane_connect(lane);
		lane_select_early(lane, p->wanted, true, false);
	} else if (lane_may_switch(lane) && !lane_has_selected(lane, p->wanted, false)) {
		lane_select(lane, p->wanted, true, false);
	}
}

static bool is_waited_for(Pool *p, const Lane *lane)
{
	if (lane == &p->interactive && p->want == WANT_SELECTED)
		return true;
	for (GList *link = p->requests.head; link != NULL; link = link->next) {
		if (pool_lane_of(p, link->data) == lane)
			return true;
	}
	return false;
}

static gboolean on_cancelled_timer(void *data)
{
	Pool *p = data;

	p->cancelled_timer = 0;
	pool_schedule(p);
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
		pool_fail_requests(p, NULL, true, refusal);
		return G_SOURCE_REMOVE;
	}
	look_at_given_up(&p->interactive);
	look_at_given_up(&p->bulk);
	look_at_cancelled(&p->interactive);
	look_at_cancelled(&p->bulk);
	pool_serve_wanted(p);
	for (GList *link = p->requests.head; link != NULL; link = link->next)
		g_ptr_array_add(waiting, link->data);
	for (unsigned i = 0; i < waiting->len; i++) {
		if (g_queue_find(&p->requests, waiting->pdata[i]) != NULL)
			serve_request(waiting->pdata[i]);
	}
	if (lane_may_enable(&p->interactive))
		lane_enable(&p->interactive);
	if (p->interactive.up)
		prepare_bulk(p);
	if (lane_may_compress(&p->interactive))
		lane_compress(&p->interactive);
	if (lane_may_compress(&p->bulk))
		lane_compress(&p->bulk);
	return G_SOURCE_REMOVE;
}

void pool_schedule(Pool *p)
{
	if (p->serve_source == 0 && (p->interactive.up || p->bulk.up || p->refusal != NULL))
		p->serve_source = g_idle_add_full(G_PRIORITY_DEFAULT, serve, p, NULL);
}

/* --- what is not waited for --- */

void pool_cancelled(Pool *p)
{
	Lane *lanes[] = {&p->interactive, &p->bulk};

	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i]->up && session_is_stuck(lanes[i]->session))
			lanes[i]->cancelled_at = g_get_monotonic_time();
	}
	pool_schedule(p);
}

void pool_give_up(Pool *p, const ImapSession *s)
{
	Lane *lane = p->bulk.session == s ? &p->bulk : &p->interactive;

	lane->given_up = lane->session == s;
	pool_schedule(p);
}

static bool lane_is_quiet(const Lane *lane)
{
	return lane->session == NULL || (lane_may_switch(lane) && lane->cancelled_at == 0);
}

bool pool_is_quiet(const Pool *p)
{
	return p->interactive.up && p->interactive.enable_told && p->want == WANT_TOLD &&
	       p->requests.length == 0 && lane_is_quiet(&p->interactive) && lane_is_quiet(&p->bulk);
}
