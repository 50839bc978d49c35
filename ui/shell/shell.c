#include "config.h"
#include "ui/shell/shell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "mime/text.h"
#include "ui/shell/reply.h"
#include "ui/shell/shell_private.h"
#include "ui/shell/trace.h"

#define TRACE_ITEM_BYTES 400

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
	if (reply->error && error_is_abort(reply->error)) {
		g_autofree char *last = trace_last();
		fputs(last, stderr);
	}
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

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *response, void *self)
{
	Shell *shell = self;

	if (!shell->caller)
		return;
	caller_take(shell->caller, response);
	if (response->frame)
		trace_note(TRACE_ITEMS, "untagged %.*s", TRACE_ITEM_BYTES,
			   response->frame->text + 2);
	if (shell->listens && response->frame) {
		g_autofree char *utf8 =
			text_to_utf8(response->frame->text, response->frame->len, NULL, NULL);
		g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);
		puts(clean);
		fflush(stdout);
	}
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	Shell *shell = self;

	shell->closed = g_error_copy(error);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

/* --- lines --- */

static void on_reply(const Reply *reply, void *data)
{
	shell_reply(data, reply);
}

/* Until commands can go: behind the greeting, a log-in, STARTTLS. */
static void wait_for_session(Shell *shell)
{
	while (shell->session && !shell->closed && !session_is_through(shell->session))
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
	if (words && shell->closed)
		error = g_error_copy(shell->closed);
	else if (words && shell->session)
		caller_run(shell->caller, words, on_reply, shell, &error);
	else if (words)
		error = g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE,
					    "There is no connection: open URL makes one.");
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

static void log_out(Shell *shell)
{
	g_autoptr(GPtrArray) words = words_split("logout", NULL);

	if (!shell->session || shell->closed)
		return;
	if (caller_run(shell->caller, words, NULL, NULL, NULL))
		while (!shell->closed)
			g_main_context_iteration(NULL, TRUE);
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

static void start_session(Shell *shell)
{
	static const FramerLimits whole = {.max_line = SIZE_MAX / 2,
					   .max_number_line = SIZE_MAX / 2,
					   .max_piece = SIZE_MAX / 2,
					   .max_literal = UINT32_MAX,
					   .max_whole = UINT64_MAX,
					   .max_response = UINT64_MAX,
					   .max_other = UINT64_MAX};
	bool logs_in = shell->endpoint->user && shell->endpoint->password;
	SessionConfig config = {.endpoint = shell->endpoint,
				.ca_file = shell->ca_file,
				.manual = !logs_in,
				.unchecked = true,
				.connect_seconds = shell->patience,
				.stall_seconds = shell->patience,
				.limits = &whole};

	shell->session = session_open(&config, &events, shell);
}

bool shell_open(Shell *shell, const char *url, GError **error)
{
	g_autofree char *dovecot = endpoint_find_dovecot("");
	ArgumentOptions options = {.raw = shell->raw, .read_file = read_file};
	Endpoint *endpoint = endpoint_parse(url, dovecot, error);

	if (!endpoint)
		return false;
	shell_shutdown(shell);
	shell->endpoint = endpoint;
	start_session(shell);
	wait_for_session(shell);
	if (shell->closed) {
		g_propagate_error(error, g_error_copy(shell->closed));
		shell_shutdown(shell);
		return false;
	}
	shell->caller = caller_new(shell->session, &options);
	return true;
}

void shell_shutdown(Shell *shell)
{
	g_clear_pointer(&shell->caller, caller_free);
	g_clear_pointer(&shell->session, session_free);
	g_clear_pointer(&shell->endpoint, endpoint_free);
	g_clear_error(&shell->closed);
}

/* --- the program --- */

static bool parse_options(int *argc, char ***argv, Shell *shell, int *debug, char ***rest)
{
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &shell->json, "One JSON object a command", NULL},
		{"raw", 0, 0, G_OPTION_ARG_NONE, &shell->raw,
		 "Send the names of mailboxes as they are typed", NULL},
		{"ca", 0, 0, G_OPTION_ARG_FILENAME, &shell->ca_file,
		 "Trust the certificates in this file too", "FILE"},
		{"debug", 0, 0, G_OPTION_ARG_INT, debug,
		 "Show refusals (1), capabilities (3), lines (4), items (5)", "LEVEL"},
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

static int serve(Shell *shell)
{
	g_auto(GStrv) verbs = builtin_verbs();
	g_autoptr(GError) error = NULL;

	if (!shell_open(shell, shell->url, &error)) {
		fprintf(stderr, "sheaf imap: %s\n", error->message);
		return g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE) ? STATUS_USAGE
									    : STATUS_UNREACHABLE;
	}
	shell->typed = typed_new((const char *const *)verbs);
	read_lines(shell);
	typed_free(shell->typed);
	log_out(shell);
	return shell->all_ok ? STATUS_OK : STATUS_REFUSED;
}

int shell_run(int argc, char **argv)
{
	Shell shell = {.all_ok = true, .terminal = isatty(STDIN_FILENO)};
	const char *level = g_getenv("SHEAF_IMAP_DEBUG");
	int debug = level ? (int)g_ascii_strtoll(level, NULL, 10) : TRACE_NOTHING;
	g_auto(GStrv) rest = NULL;
	int status;

	if (!parse_options(&argc, &argv, &shell, &debug, &rest))
		return STATUS_USAGE;
	trace_start(debug);
	shell.url = g_strdup(rest ? rest[0] : "imap+plain://localhost");
	status = serve(&shell);
	shell_shutdown(&shell);
	g_free(shell.url);
	g_free(shell.ca_file);
	return status;
}
