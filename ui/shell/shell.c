#include "config.h"
#include "ui/shell/shell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/net/endpoint.h"
#include "mime/text.h"
#include "ui/shell/reply.h"
#include "ui/shell/shell_private.h"

enum { STATUS_OK, STATUS_REFUSED, STATUS_USAGE, STATUS_UNREACHABLE };

/* --- replies --- */

static void print(const GString *out)
{
	fwrite(out->str, 1, out->len, stdout);
	fflush(stdout);
}

void shell_reply(Shell *shell, const Reply *reply)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (shell->json)
		reply_append_json(out, reply);
	else
		reply_append_text(out, reply, isatty(STDOUT_FILENO));
	print(out);
	if (reply->error || strcmp(reply->type, "NO") == 0)
		shell->all_ok = false;
	shell->replied = true;
}

void shell_reply_data(Shell *shell, const char *type, GPtrArray *answers_take)
{
	g_autoptr(GPtrArray) answers = answers_take;
	g_autoptr(GPtrArray) lists = g_ptr_array_new();
	Reply reply = {.type = type, .data = lists};

	g_ptr_array_add(lists, answers);
	shell_reply(shell, &reply);
}

void shell_reply_error(Shell *shell, const GError *error)
{
	Reply reply = {.error = error};

	shell_reply(shell, &reply);
}

void shell_wait(Shell *shell)
{
	while (!shell->replied)
		g_main_context_iteration(NULL, TRUE);
}

/* --- events of the session --- */

static void on_state(ImapSession *s, SessionState state, void *self)
{
	(void)s;
	(void)state;
	(void)self;
}

static void on_phase(ImapSession *s, const char *text, void *self)
{
	(void)s;
	(void)text;
	(void)self;
}

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *response, void *self)
{
	Shell *shell = self;

	if (!shell->caller)
		return;
	caller_take(shell->caller, response);
	if (shell->listens && response->frame) {
		g_autofree char *utf8 =
			text_to_utf8(response->frame->text, response->frame->len, NULL, NULL);
		g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);
		puts(clean);
		fflush(stdout);
	}
}

static void on_batch_end(ImapSession *s, void *self)
{
	(void)s;
	(void)self;
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	Shell *shell = self;

	shell->closed = g_error_copy(error);
}

static const SessionEvents events = {on_state, on_phase, on_response, on_batch_end, on_closed};

/* --- lines --- */

static void on_reply(const Reply *reply, void *data)
{
	shell_reply(data, reply);
}

/* Until commands can go: behind the greeting, a log-in, STARTTLS. */
static void wait_for_session(Shell *shell)
{
	while (!shell->closed && !session_is_through(shell->session))
		g_main_context_iteration(NULL, TRUE);
}

static void run_line(Shell *shell, const char *line)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) words = words_split(line, &error);

	shell->replied = false;
	if (words && words->len == 0)
		return;
	if (words && builtin_run(shell, words))
		return;
	if (words && !shell->closed)
		caller_run(shell->caller, words, on_reply, shell, &error);
	else if (words)
		error = g_error_copy(shell->closed);
	if (error)
		shell_reply_error(shell, error);
	shell_wait(shell);
	wait_for_session(shell);
}

static GBytes *read_file(const char *path, void *data G_GNUC_UNUSED, GError **error)
{
	char *bytes;
	gsize len;

	if (!g_file_get_contents(path, &bytes, &len, error))
		return NULL;
	return g_bytes_new_take(bytes, len);
}

static bool log_out(Shell *shell)
{
	bool ok = shell->all_ok;

	if (shell->closed)
		return ok;
	g_autoptr(GPtrArray) words = words_split("logout", NULL);
	shell->replied = false;
	if (caller_run(shell->caller, words, NULL, NULL, NULL))
		while (!shell->closed)
			g_main_context_iteration(NULL, TRUE);
	return ok;
}

char *shell_read_line(Shell *shell, const char *prompt)
{
	return typed_line(shell->typed, prompt, true);
}

static void read_lines(Shell *shell)
{
	char *line;

	while ((line = typed_line(shell->typed, "imap> ", false))) {
		if (*line && *line != '#')
			run_line(shell, line);
		explicit_bzero(line, strlen(line));
		g_free(line);
	}
}

/* --- connecting --- */

static int serve(Shell *shell, const Endpoint *endpoint, const char *ca_file)
{
	static const FramerLimits whole = {.max_line = SIZE_MAX / 2,
					   .max_number_line = SIZE_MAX / 2,
					   .max_piece = SIZE_MAX / 2,
					   .max_literal = UINT32_MAX,
					   .max_whole = UINT64_MAX,
					   .max_response = UINT64_MAX,
					   .max_other = UINT64_MAX};
	bool logs_in = endpoint->user && endpoint->password;
	SessionConfig config = {.endpoint = endpoint,
				.ca_file = ca_file,
				.manual = !logs_in,
				.unchecked = true,
				.limits = &whole};
	ArgumentOptions options = {.raw = shell->raw, .read_file = read_file};

	shell->session = session_open(&config, &events, shell);
	wait_for_session(shell);
	if (shell->closed) {
		fprintf(stderr, "sheaf imap: %s\n", shell->closed->message);
		return STATUS_UNREACHABLE;
	}
	shell->caller = caller_new(shell->session, &options);
	g_auto(GStrv) verbs = builtin_verbs();
	shell->typed = typed_new((const char *const *)verbs);
	read_lines(shell);
	typed_free(shell->typed);
	return log_out(shell) ? STATUS_OK : STATUS_REFUSED;
}

static bool parse_options(int *argc, char ***argv, Shell *shell, char **ca_file, char ***rest)
{
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &shell->json, "One JSON object a command", NULL},
		{"raw", 0, 0, G_OPTION_ARG_NONE, &shell->raw,
		 "Send the names of mailboxes as they are typed", NULL},
		{"ca", 0, 0, G_OPTION_ARG_FILENAME, ca_file,
		 "Trust the certificates in this file too", "FILE"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, rest, NULL, NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("[URL]");
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(
		context, "Reads IMAP commands, one a line, named and given arguments as in "
			 "Python's imaplib;\nhelp lists them.  Without URL: "
			 "imap+plain://localhost.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (g_option_context_parse(context, argc, argv, &error) && (!*rest || !(*rest)[1]))
		return true;
	fprintf(stderr, "sheaf imap: %s. See sheaf imap --help.\n",
		error ? error->message : "one URL at a time, please");
	return false;
}

int shell_run(int argc, char **argv)
{
	Shell shell = {.all_ok = true, .terminal = isatty(STDIN_FILENO)};
	g_autofree char *ca_file = NULL, *dovecot = endpoint_find_dovecot("");
	g_auto(GStrv) rest = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Endpoint) endpoint = NULL;
	int status;

	if (!parse_options(&argc, &argv, &shell, &ca_file, &rest))
		return STATUS_USAGE;
	endpoint = endpoint_parse(rest ? rest[0] : "imap+plain://localhost", dovecot, &error);
	if (!endpoint) {
		fprintf(stderr, "sheaf imap: %s\n", error->message);
		return STATUS_USAGE;
	}
	status = serve(&shell, endpoint, ca_file);
	caller_free(shell.caller);
	session_free(shell.session);
	g_clear_error(&shell.closed);
	return status;
}
