#include "core/account/pool_private.h"

#include "core/account/secret.h"
#include "core/base/error.h"

#define LOSSES_MAX 2
/* From here on it is the line, not the server, that is waited for. */
#define OVERDUE_MS 2000

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
		pool_cancel_request(g_queue_peek_head(&p->requests));
	lane_close(&p->interactive);
	lane_close(&p->bulk);
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

void pool_set_compress(Pool *p, bool compress)
{
	p->compress = compress;
}

void pool_open(Pool *p)
{
	lane_connect(&p->interactive);
}

/* Only the person may open it again then (T023). */
static bool waits_for_person(const Pool *p)
{
	return p->state == POOL_UNTRUSTED || p->state == POOL_DENIED;
}

void pool_expect_password(Pool *p, bool expected)
{
	p->password_expected = expected;
	if (expected)
		pool_open(p);
	else if (!waits_for_person(p))
		pool_stop(p);
}

void pool_set_password(Pool *p, const char *password)
{
	char *secret = secret_new(password);
	bool follows = p->password_expected;

	secret_free(p->password);
	p->password = secret;
	p->password_expected = false;
	pool_forget_failures(p);
	if (p->interactive.session != NULL)
		session_set_password(p->interactive.session, p->password);
	else if (!follows || !waits_for_person(p))
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
