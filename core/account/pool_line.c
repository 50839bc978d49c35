#include "core/account/pool_private.h"

#include "core/account/backoff.h"
#include "core/account/remembered.h"
#include "core/account/trusted.h"
#include "core/base/error.h"
#include "core/session/verdict.h"

/* A session that lived so long was a good one: what failed before it does not count. */
#define GOOD_SECONDS 10
/* Who pressed no key for so long has gone. */
#define PERSON_SECONDS 300
/* A server says hello at once; where none does, it is told what that may mean.  The next time it
 * may take as long as it wants. */
#define GREETING_SECONDS 8
/* For the bytes that test a line. */
#define TEST_MS 4000
/* A dead line is looked for so soon. */
#define LOOK_MS 500
/* After a second connection was refused, the first one does everything for so long. */
#define SHARE_SECONDS 60

/* --- telling --- */

static void tell_state(Pool *p)
{
	if (p->events->state)
		p->events->state(p, p->state, p->text, p->self);
}

static gboolean on_tick(void *data)
{
	Pool *p = data;

	tell_state(p);
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
	tell_state(p);
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

/* --- losing and regaining the connection --- */

static gboolean on_retry(void *data)
{
	Pool *p = data;

	p->retry_timer = 0;
	lane_connect(&p->interactive);
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

void pool_forget_failures(Pool *p)
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
	pool_schedule(p);
	become(p, state, sentence);
}

void pool_share(Pool *p)
{
	p->share_until = g_get_monotonic_time() + SHARE_SECONDS * G_USEC_PER_SEC;
	lane_close(&p->bulk);
}

/* Servers limit connections; one is enough for everything. */
static void bulk_lost(Pool *p, bool was_good, const GError *error)
{
	if (!was_good) {
		g_info("A second connection could not be kept: %s", error->message);
		pool_share(p);
	}
	pool_schedule(p);
}

void lane_close(Lane *lane)
{
	lane_drop_selection(lane);
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
	pool_schedule(p);
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
	if (lane->pool->events->response)
		lane->pool->events->response(lane->pool, s, r, lane->pool->self);
}

static void on_batch_end(ImapSession *s, void *self)
{
	Lane *lane = self;

	(void)s;
	if (lane->selection != NULL)
		selection_batch_end(lane->selection);
	if (lane->up)
		pool_schedule(lane->pool);
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	Lane *lane = self;
	Pool *p = lane->pool;
	bool was_up = lane->up;
	bool was_good =
		was_up && g_get_monotonic_time() - lane->up_at >= GOOD_SECONDS * G_USEC_PER_SEC;
	g_autoptr(GError) reason = g_error_copy(error);

	bool failed_blind = session_failed_blind(s), refused = session_enable_refused(s) != 0;
	p->refused |= session_enable_refused(s);
	lane_close(lane);
	if (failed_blind)
		remembered_put_stepwise(p->config.endpoint);
	if (was_good)
		pool_forget_failures(p);
	/* Its own way of speaking is found out: the next try is at once. */
	if (lane == &p->interactive)
		interactive_lost(p, was_up, failed_blind || refused, reason);
	else
		bulk_lost(p, was_good || failed_blind || refused, reason);
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

void lane_connect(Lane *lane)
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
	p->config.password = p->password_expected ? NULL : p->password;
	p->config.password_follows = p->password_expected;
	p->config.blind = !remembered_stepwise(p->config.endpoint);
	p->config.enable = SESSION_ENABLES & ~p->refused;
	p->config.enable_blind = remembered_enabled(p->config.endpoint, p->user) & ~p->refused;
	lane->enable_told = lane->compress_asked = false;
	lane->session = session_open(&p->config, &session_events, lane);
	p->config.remembered = p->config.pin = NULL;
	if (lane == &p->interactive && p->want == WANT_SELECTED)
		lane_select_early(lane, p->wanted, p->wanted_readonly, true);
}

/* --- the next try --- */

void pool_stop(Pool *p)
{
	g_clear_handle_id(&p->retry_timer, g_source_remove);
	lane_close(&p->interactive);
	become(p, POOL_OFFLINE, "");
}

void pool_retry(Pool *p)
{
	pool_forget_failures(p);
	p->person_at = g_get_monotonic_time();
	p->share_until = 0;
	lane_connect(&p->interactive);
}

unsigned pool_retry_in(const Pool *p)
{
	int64_t left = p->retry_at - g_get_monotonic_time();

	return p->state == POOL_WAITING && left > 0
		       ? (unsigned)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC)
		       : 0;
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
	/* That there is none says nothing of a line that stays on this machine. */
	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i]->up && (available || is_elsewhere(p)))
			session_test(lanes[i]->session, TEST_MS);
	}
	if (p->network_gone && p->state == POOL_WAITING)
		wait_and_retry(p, backoff_ms(p->failures, false));
	else if (available)
		retry_soon(p, LOOK_MS);
}
