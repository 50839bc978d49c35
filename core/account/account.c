#include "core/account/account_private.h"

#include <string.h>

#include "core/base/error.h"
#include "core/session/mechanism.h"
#include "core/session/verdict.h"

/* A disk that does not answer keeps nobody from quitting (T173). */
#define DISK_PATIENCE_MS 700

void account_notice(Account *a, bool is_error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	a->events->notice(a, is_error, text, a->self);
}

static void jobs_changed(void *data)
{
	Account *a = data;

	a->events->progress(a, a->self);
}

/* --- events of the pool --- */

static void network_changed(bool available, void *data)
{
	pool_network(((Account *)data)->pool, available);
}

/* Not in front of the first screen, which it could only hold up. */
static void watch_network(Account *a)
{
	if (!a->network)
		a->network = network_watch(network_changed, a);
}

static void pool_state_changed(Pool *p, PoolState state, const char *text, void *self)
{
	Account *a = self;

	g_free(a->state_text);
	a->state_text = g_strdup(text ? text : "");
	if (state != POOL_ONLINE) {
		a->listed = false;
		watch_disconnected(a->watch);
		quotawatch_disconnected(a->quotas);
	}
	a->events->state(a, state, text, a->self);
	if (state == POOL_ONLINE)
		a->renewed = false;
	if (state == POOL_ONLINE || state == POOL_WAITING)
		watch_network(a);
	if (state == POOL_REFUSED)
		account_refused(a, text);
	const Certificate *certificate =
		state == POOL_UNTRUSTED ? certificate_of(pool_refusal(p)) : NULL;
	if (certificate)
		a->events->untrusted(a, certificate, a->self);
}

static void pool_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	Account *a = self;
	Mailbox *m = selection ? selection_mailbox(selection) : account_selected(a);

	(void)p;
	/* The list would go in front of the SELECT that the disk still holds up. */
	if (!selection && !error && account_is_reading(a))
		return;
	if (!error)
		journal_resume(a->journal);
	watch_restart(a->watch);
	quotawatch_restart(a->quotas);
	if (!a->listed && !a->listing)
		account_list_folders(a);
	if (m)
		a->events->selected(a, m, error, a->self);
}

/* What arrives in the open mailbox is seen there. */
static void take_folder(Account *a, Folder *folder)
{
	Mailbox *open = account_selected(a);

	if (open && strcmp(folder->name, mailbox_name(open)) == 0)
		folder->fresh = false;
	account_tell_folders(a);
}

static void pool_response(Pool *p, ImapSession *s, const Response *r, void *self)
{
	Account *a = self;
	Folder *folder;

	(void)p;
	/* No news of the tree, and less than that knows. */
	if (r->kind == RESPONSE_LIST && !a->listing && session_is_selecting(s))
		return;
	folder = folder_apply(a->folders, r);
	if (watch_response(a->watch, s, r) && !a->listing)
		account_list_folders(a);
	if (folder) {
		take_folder(a, folder);
	} else if (r->kind == RESPONSE_CONDITION && r->status.code == CODE_ALERT) {
		const char *host = a->endpoint->host;
		g_autofree char *words =
			verdict_words(host ? host : a->endpoint->label, r->status.text);
		account_notice(a, true, "%s", words);
	}
}

static const PoolEvents pool_events = {
	.state = pool_state_changed,
	.selected = pool_selected,
	.response = pool_response,
};

/* --- life --- */

static bool check_clear_text(const Account *a, GError **error)
{
	if (a->endpoint->kind != ENDPOINT_PLAIN || endpoint_is_local(a->endpoint) ||
	    a->options.tls == TLS_MODE_NONE)
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "%s would be read in clear text: use imaps://, or write tls = none into the "
		    "account in the configuration file.",
		    a->endpoint->host);
	return false;
}

static bool check_wish(const Account *a, GError **error)
{
	const Mechanism *named;
	bool or_stronger;

	return mechanism_wish(a->options.sasl, &named, &or_stronger, error);
}

/* On this machine it would only cost time. */
static bool compresses(const Account *a)
{
	return a->options.compress == COMPRESS_ALWAYS ||
	       (a->options.compress == COMPRESS_AUTO && !endpoint_is_local(a->endpoint));
}

static void nearly_full(const QuotaUse *use, void *data)
{
	g_autofree char *limit = quota_limit_text(use);

	account_notice(data, false, "Quota: %u%% of %s used.", quota_percent(use), limit);
}

static void make_pool(Account *a)
{
	SessionConfig config = {
		.endpoint = a->endpoint,
		.user = a->user,
		.password = a->endpoint->password,
		.ca_file = *a->options.ca ? a->options.ca : NULL,
		.allow_clear = a->options.tls == TLS_MODE_NONE,
		.is_token = *a->options.token_command != '\0',
		.sasl = a->options.sasl,
		.client_cert = a->options.client_cert,
		.client_key = a->options.client_key,
		.pin = a->options.pin,
		.introduce = a->options.send_id,
	};
	WatchOptions watch = {.idle = a->options.idle, .poll_seconds = a->options.poll_interval};

	a->pool = pool_new(&config, a->options.connections, &pool_events, a);
	pool_set_compress(a->pool, compresses(a));
	account_make_journal(a);
	g_autofree char *cache = g_build_filename(g_get_user_cache_dir(), "sheaf", NULL);
	a->cached = cached_new(cache, (uint64_t)a->options.cache_size << 20, a->folders);
	if (a->options.backfill)
		a->backfill = backfill_new(a->pool, &a->jobs, &(BackfillOptions){0});
	a->watch = watch_new(a->pool, a->folders, &watch);
	a->quotas = quotawatch_new(a->pool, nearly_full, a);
}

Account *account_new(const char *name, AccountOptions *options_take, const AccountEvents *events,
		     void *self, GError **error)
{
	Account *a = g_new0(Account, 1);

	scope_init(&a->scope);
	job_list_init(&a->jobs, jobs_changed, a);
	g_queue_init(&a->opened);
	a->name = g_strdup(name);
	a->options = *options_take;
	memset(options_take, 0, sizeof(*options_take));
	a->events = events;
	a->self = self;
	a->state_text = g_strdup("");
	a->folders = folder_new_root();
	a->keywords = keywords_new("");
	g_autofree char *dovecot = endpoint_find_dovecot(a->options.dovecot);
	a->endpoint = endpoint_parse(a->options.url, dovecot, error);
	if (!a->endpoint || !check_clear_text(a, error) || !check_wish(a, error)) {
		account_free(a);
		return NULL;
	}
	a->user = g_strdup(*a->options.user ? a->options.user : a->endpoint->user);
	make_pool(a);
	return a;
}

void account_free(Account *a)
{
	if (!a)
		return;
	job_list_clear(&a->jobs);
	scope_cancel(&a->scope);
	g_clear_handle_id(&a->folders_timer, g_source_remove);
	g_clear_pointer(&a->network, network_free);
	g_clear_pointer(&a->watch, watch_free);
	g_clear_pointer(&a->quotas, quotawatch_free);
	g_clear_pointer(&a->backfill, backfill_free);
	g_clear_pointer(&a->journal, journal_free);
	if (!worker_free(a->worker, DISK_PATIENCE_MS))
		g_warning("The disk does not answer: what was changed last may not be on it.");
	g_queue_clear_full(&a->opened, (GDestroyNotify)opened_free);
	g_clear_pointer(&a->pool, pool_free);
	g_clear_pointer(&a->cached, cached_free);
	folder_free(a->folders);
	keywords_unref(a->keywords);
	g_clear_pointer(&a->endpoint, endpoint_free);
	option_clear(&a->options, account_option_table);
	g_free(a->user);
	g_free(a->state_text);
	g_free(a->name);
	g_free(a);
}

/* --- what it is, and how it is --- */

const char *account_label(const Account *a)
{
	return a->name ? a->name : a->endpoint->label;
}

const char *account_user(const Account *a)
{
	return a->user;
}

const AccountOptions *account_options(const Account *a)
{
	return &a->options;
}

const Endpoint *account_endpoint(const Account *a)
{
	return a->endpoint;
}

PoolState account_state(const Account *a)
{
	return pool_state(a->pool);
}

const char *account_state_text(const Account *a)
{
	return a->state_text;
}

unsigned account_retry_in(const Account *a)
{
	return pool_retry_in(a->pool);
}

void account_person(Account *a)
{
	pool_person(a->pool);
}

bool account_network_is_gone(const Account *a)
{
	return pool_network_is_gone(a->pool);
}

bool account_line_is_dead(const Account *a)
{
	return pool_line_is_dead(a->pool);
}

unsigned account_silence(const Account *a, bool *arrives)
{
	return pool_silence(a->pool, arrives);
}

bool account_is_encrypted(const Account *a)
{
	return pool_is_secure(a->pool) || endpoint_is_local(a->endpoint);
}

Capability account_capabilities(const Account *a)
{
	ImapSession *s = pool_session(a->pool);

	return s ? session_capabilities(s) : 0;
}
