#include "config.h"
#include "ui/shell/shell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ui/shell/reply.h"
#include "ui/shell/shell_private.h"

enum { STATUS_OK, STATUS_REFUSED, STATUS_USAGE, STATUS_UNREACHABLE };

/* --- replies --- */

static void print(const GString *out)
{
	fwrite(out->str, 1, out->len, stdout);
	fflush(stdout);
}

void shell_trace_abort(Shell *shell, const GError *error)
{
	g_autofree char *last = NULL;

	if (!shell->client || !imap_error_is_abort(error) || shell->traced)
		return;
	last = imap_client_print_log(shell->client);
	fputs(last, stderr);
	shell->traced = true;
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
	shell_trace_abort(shell, reply->error);
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

void shell_on_reply(ImapClient *client G_GNUC_UNUSED, const ImapReply *reply, gpointer data)
{
	shell_reply(data, reply);
}

/* --- lines --- */

static void run_line(Shell *shell, const char *line)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) words = words_split(line, &error);

	shell->replied = false;
	if (words && words->len == 0)
		return;
	if (words && builtin_run(shell, words))
		return;
	if (words && shell->client)
		imap_client_run(shell->client, line, shell_on_reply, shell);
	else if (words)
		error = g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE,
					    "There is no connection: open URL makes one.");
	if (error)
		shell_reply_error(shell, error);
	shell_wait(shell);
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

/* --- the program --- */

static bool parse_options(int *argc, char ***argv, Shell *shell, char **config_path, char ***rest)
{
	const GOptionEntry entries[] = {
		{"config", 'c', 0, G_OPTION_ARG_FILENAME, config_path,
		 "Find accounts in this configuration file (none: no file)", "FILE"},
		{"json", 0, 0, G_OPTION_ARG_NONE, &shell->json, "One JSON object a command", NULL},
		{"raw", 0, 0, G_OPTION_ARG_NONE, &shell->raw,
		 "Send the names of mailboxes as they are typed", NULL},
		{"keep-line-ends", 0, 0, G_OPTION_ARG_NONE, &shell->keeps_line_ends,
		 "Store messages as they are, bare CR and LF among them", NULL},
		{"ca", 0, 0, G_OPTION_ARG_FILENAME, &shell->ca_file,
		 "Trust the certificates in this file too", "FILE"},
		{"debug", 0, 0, G_OPTION_ARG_INT, &shell->debug,
		 "Show refusals (1), capabilities (3), lines (4), items (5)", "LEVEL"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, rest, NULL, NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("[URL | ACCOUNT]");
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(
		context, "Reads IMAP commands, one a line, named and given arguments as in "
			 "Python's imaplib;\nhelp lists them.  Without URL: "
			 "imap+plain://localhost.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (g_option_context_parse(context, argc, argv, &error) && (!*rest || !(*rest)[1]))
		return true;
	fprintf(stderr, "sheaf imap: %s. See sheaf imap --help.\n",
		error ? error->message : "one place at a time, please");
	return false;
}

/* What stands in the file and cannot be used is said, and stops nothing. */
static bool load_config(Shell *shell, const char *path, GError **error)
{
	shell->keymap = keymap_new();
	shell->config = config_new(shell->keymap);
	if (!config_load_named(shell->config, path, error))
		return false;
	for (guint i = 0; i < shell->config->complaints->len; i++)
		fprintf(stderr, "sheaf imap: %s\n",
			(const char *)shell->config->complaints->pdata[i]);
	return true;
}

/* A URL by itself needs no configuration. */
static bool wants_config(const Shell *shell, const char *path)
{
	return path ||
	       (shell->url && !strstr(shell->url, "://") && !g_str_has_prefix(shell->url, "exec:"));
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
	g_clear_pointer(&shell->client, imap_client_free);
	return shell->all_ok ? STATUS_OK : STATUS_REFUSED;
}

static int start(Shell *shell, const char *config_path)
{
	g_autoptr(GError) error = NULL;

	if (!wants_config(shell, config_path) || load_config(shell, config_path, &error))
		return serve(shell);
	fprintf(stderr, "sheaf imap: %s\n", error->message);
	return STATUS_USAGE;
}

static void clear(Shell *shell)
{
	shell_shutdown(shell);
	g_clear_pointer(&shell->config, config_free);
	g_clear_pointer(&shell->keymap, keymap_free);
	g_free(shell->log);
	g_free(shell->url);
	g_free(shell->ca_file);
}

int shell_run(int argc, char **argv)
{
	Shell shell = {.all_ok = true, .terminal = isatty(STDIN_FILENO)};
	const char *level = g_getenv("SHEAF_IMAP_DEBUG");
	g_autofree char *config_path = NULL;
	g_auto(GStrv) rest = NULL;
	int status;

	if (level)
		shell.debug = (int)g_ascii_strtoll(level, NULL, 10);
	if (!parse_options(&argc, &argv, &shell, &config_path, &rest))
		return STATUS_USAGE;
	shell.url = g_strdup(rest ? rest[0] : NULL);
	status = start(&shell, config_path);
	clear(&shell);
	return status;
}
