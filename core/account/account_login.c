#include "core/account/account_private.h"

#include "core/account/password.h"
#include "core/account/trusted.h"
#include "core/account/remembered.h"
#include "core/base/error.h"
#include "core/session/mechanism.h"

/* --- passwords --- */

static void ask_password(Account *a, const char *why, bool refused)
{
	a->events->need_password(a, a->user, why, refused, a->self);
}

static void password_printed(const char *secret, const GError *error, void *data)
{
	Account *a = data;

	if (error_is_cancelled(error))
		return;
	if (!error) {
		pool_set_password(a->pool, secret);
		return;
	}
	pool_expect_password(a->pool, false);
	if (*a->options.token_command)
		account_notice(a, true, "%s", error->message);
	else
		ask_password(a, error->message, false);
}

/* Nothing is to be asked for: something else says who we are, or may. */
static bool needs_no_password(const Account *a)
{
	const Mechanism *named = NULL;
	bool or_stronger;

	if (a->endpoint->kind == ENDPOINT_EXEC || a->endpoint->password)
		return true;
	if (*a->options.client_cert && !*a->options.password_command && !*a->options.token_command)
		return true;
	mechanism_wish(a->options.sasl, &named, &or_stronger, NULL);
	return named && named->proof != PROOF_PASSWORD && named->proof != PROOF_TOKEN;
}

/* The server is greeted while the command runs, which may take as long as a person does. */
static void run_command(Account *a, const char *option, const char *command)
{
	password_run(option, command, &a->scope, password_printed, a);
	pool_expect_password(a->pool, true);
}

void account_log_in(Account *a)
{
	if (needs_no_password(a))
		pool_open(a->pool);
	else if (a->user && *a->options.token_command)
		run_command(a, "token-command", a->options.token_command);
	else if (a->user && *a->options.password_command)
		run_command(a, "password-command", a->options.password_command);
	else
		ask_password(a, NULL, false);
}

/* A token lasts an hour or so: the first refusal means a new one is due, the second is an error. */
void account_refused(Account *a, const char *text)
{
	if (!*a->options.token_command) {
		ask_password(a, text, true);
	} else if (!a->renewed) {
		a->renewed = true;
		account_log_in(a);
	} else {
		account_notice(a, true, "%s", text);
	}
}

/* --- who we are --- */

/* What tells accounts apart on disk: a command line may hold a secret. */
static char *account_key(const Account *a)
{
	const Endpoint *e = a->endpoint;
	g_autofree char *argv = e->argv ? g_strjoinv("\n", e->argv) : NULL;
	g_autofree char *envp = e->envp ? g_strjoinv("\n", e->envp) : NULL;

	if (e->host) {
		g_autofree char *host = g_ascii_strdown(e->host, -1);
		return g_strdup_printf("%s@%s:%u", a->user ? a->user : "", host, e->port);
	}
	g_autofree char *command = g_strconcat(argv, "\n", envp, NULL);
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, command, -1);
	return g_strconcat("exec:", sum, NULL);
}

static void set_journal_account(Account *a)
{
	g_autofree char *key = account_key(a);

	journal_set_account(a->journal, key);
}

static void folders_restored(void *data)
{
	Account *a = data;
	g_autofree char *namespaces = remembered_namespaces(a->endpoint, a->user);

	if (namespaces && !a->folders->namespaces)
		folder_set_namespaces(a->folders, namespaces_parse(namespaces));
	folder_guess_roles(a->folders, a->options.trash);
	a->events->folders(a, a->self);
}

/* Not before it is known who we are, and not for mail that lies on this machine itself. */
static void set_cached_account(Account *a)
{
	bool is_known = !a->endpoint->envp && (!a->endpoint->host || a->user);
	g_autofree char *key = is_known ? account_key(a) : NULL;

	cached_set_account(a->cached, key, folders_restored, a);
}

void account_open(Account *a)
{
	set_journal_account(a);
	set_cached_account(a);
	account_log_in(a);
}

void account_set_password(Account *a, const char *user, const char *password)
{
	if (user && g_strcmp0(user, a->user) != 0) {
		g_free(a->user);
		a->user = g_strdup(user);
		pool_set_user(a->pool, user);
		set_cached_account(a);
	}
	set_journal_account(a);
	pool_set_password(a->pool, password);
}

void account_retry(Account *a)
{
	if (pool_state(a->pool) == POOL_REFUSED && !*a->options.token_command)
		ask_password(a, NULL, false);
	else if (pool_state(a->pool) == POOL_REFUSED || pool_state(a->pool) == POOL_OFFLINE)
		account_log_in(a);
	else
		pool_retry(a->pool);
}

void account_log_out(Account *a)
{
	pool_log_out(a->pool);
}

/* --- who the server is --- */

/* With a new certificate that the machine trusts by itself, to forget the old key is enough. */
static bool keep_key(Account *a, const Certificate *certificate, GError **error)
{
	g_autofree char *server = trusted_name(a->endpoint);
	GError *why_not = NULL;

	if (certificate->faults == CERTIFICATE_OTHER_KEY)
		trusted_forget(server, &why_not);
	else
		trusted_put(a->endpoint, certificate->key, &why_not);
	if (why_not)
		g_propagate_error(error, why_not);
	return !why_not;
}

bool account_trust(Account *a, const Certificate *certificate, bool for_ever, GError **error)
{
	bool keep = for_ever && !account_is_pinned(a);
	bool kept = keep && keep_key(a, certificate, error);

	pool_accept(a->pool, kept ? NULL : certificate->key);
	pool_retry(a->pool);
	return kept || !keep;
}

bool account_is_pinned(const Account *a)
{
	return *a->options.pin != '\0';
}

bool account_forget_key(Account *a, const char *server, GError **error)
{
	g_autofree char *ours = trusted_name(a->endpoint);
	bool accepted = g_strcmp0(ours, server) == 0 && pool_accepted(a->pool);
	GError *why_not = NULL;
	bool forgotten = trusted_forget(server, &why_not);

	if (accepted)
		pool_accept(a->pool, NULL);
	if (why_not)
		g_propagate_error(error, why_not);
	return (forgotten || accepted) && !why_not;
}
