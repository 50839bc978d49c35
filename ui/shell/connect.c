#include <stdio.h>
#include <string.h>
#include "core/account/password.h"
#include "core/account/trusted.h"
#include "core/base/error.h"
#include "core/net/endpoint.h"
#include "mime/text.h"
#include "ui/shell/shell_private.h"

/* One connection on its way. */
typedef struct Connecting {
	Shell *shell;
	const AccountOptions *account; /* NULL: a URL */
	char *password;                /* what the account's command has printed */
	bool answered;
	GError *error; /* why there is no password */
} Connecting;

/* --- passwords --- */

static void on_printed(const char *secret, const GError *error, void *data)
{
	Connecting *connecting = data;

	connecting->answered = true;
	connecting->password = g_strdup(secret);
	connecting->error = error ? g_error_copy(error) : NULL;
}

static char *run_command(Connecting *connecting, const char *option, const char *command)
{
	password_run(option, command, NULL, on_printed, connecting);
	while (!connecting->answered)
		g_main_context_iteration(NULL, TRUE);
	return g_steal_pointer(&connecting->password);
}

static char *ask_person(Connecting *connecting, const char *user, const char *host)
{
	g_autofree char *shown_user = text_clean_name(user);
	g_autofree char *shown_host = text_clean_name(host);
	g_autofree char *prompt = g_strdup_printf("Password of %s at %s: ", shown_user, shown_host);
	char *password = connecting->shell->terminal ? typed_secret(prompt) : NULL;

	if (!password)
		g_set_error(&connecting->error, CORE_ERROR, CORE_ERROR_AUTH,
			    "The password of %s at %s is wanted: type it on a terminal, or write "
			    "it into the URL.",
			    shown_user, shown_host);
	return password;
}

static char *find_password(const char *user, const char *host, gpointer data)
{
	Connecting *connecting = ((Shell *)data)->connecting;
	const AccountOptions *account = connecting->account;

	if (account && *account->token_command)
		return run_command(connecting, "token-command", account->token_command);
	if (account && *account->password_command)
		return run_command(connecting, "password-command", account->password_command);
	return ask_person(connecting, user, host);
}

/* --- connecting --- */

static void on_untagged(ImapClient *client G_GNUC_UNUSED, const char *line, gpointer data)
{
	if (((Shell *)data)->listens)
		idle_hear(data, line);
}

/* The key that the person said is this server's. */
static char *trusted_pin(const char *url)
{
	g_autoptr(Endpoint) endpoint = url ? endpoint_parse(url, NULL, NULL) : NULL;

	return endpoint && endpoint->host ? trusted_get(endpoint) : NULL;
}

static void take_account(ImapOptions *options, const AccountOptions *account)
{
	options->user = *account->user ? account->user : NULL;
	options->is_token = *account->token_command;
	options->mechanism = *account->sasl ? account->sasl : NULL;
	options->client_cert = *account->client_cert ? account->client_cert : NULL;
	options->client_key = *account->client_key ? account->client_key : NULL;
	options->allow_clear = account->tls == TLS_MODE_NONE;
	if (*account->pin)
		options->pin = account->pin;
	if (!options->ca_file && *account->ca)
		options->ca_file = account->ca;
}

static ImapClient *connect_to(Shell *shell, const char *place, GError **error)
{
	const ConfigAccount *found =
		shell->config && place ? config_account(shell->config, place) : NULL;
	Connecting connecting = {.shell = shell, .account = found ? &found->options : NULL};
	const char *url = found ? found->options.url : place;
	g_autofree char *pin = trusted_pin(url);
	ImapOptions options = {.ca_file = shell->ca_file,
			       .pin = pin,
			       .raw_names = shell->raw,
			       .reads_files = true,
			       .keeps_line_ends = shell->keeps_line_ends,
			       .connect_seconds = shell->patience,
			       .answer_seconds = shell->patience,
			       .debug = shell->debug,
			       .listener = {.password = find_password, .untagged = on_untagged},
			       .data = shell};
	ImapClient *client;

	if (found)
		take_account(&options, &found->options);
	shell->connecting = &connecting;
	client = imap_client_open(url, &options, error);
	shell->connecting = NULL;
	if (connecting.error) {
		g_clear_pointer(&client, imap_client_free);
		g_propagate_error(error, connecting.error);
	}
	return client;
}

bool shell_open(Shell *shell, const char *place, GError **error)
{
	ImapClient *client = connect_to(shell, place, error);
	const ImapReply *reply;

	if (!client)
		return false;
	shell_shutdown(shell);
	shell->client = client;
	shell->traced = false;
	reply = imap_client_wait(client);
	if (reply->error) {
		shell_trace_abort(shell, reply->error);
		g_propagate_error(error, g_error_copy(reply->error));
		shell_shutdown(shell);
		return false;
	}
	return true;
}

void shell_shutdown(Shell *shell)
{
	if (!shell->client)
		return;
	g_free(shell->log);
	shell->log = imap_client_print_log(shell->client);
	imap_client_shutdown(shell->client);
	g_clear_pointer(&shell->client, imap_client_free);
}
