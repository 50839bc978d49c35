#include "ui/shell/shell_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/command/imap.h"
#include "core/command/internaldate.h"
#include "mime/text.h"

/* Renewed before a server may close it (RFC 2177). */
#define IDLE_SECONDS_MAX (28 * 60)

static const char *word(const GPtrArray *words, guint i)
{
	return i < words->len ? ((const Word *)words->pdata[i])->text : NULL;
}

static void misuse(Shell *shell, const char *why)
{
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE, why);

	shell_reply_error(shell, error);
}

/* --- help --- */

typedef struct {
	const char *name, *usage, *help;
	void (*run)(Shell *shell, const GPtrArray *words);
} Builtin;

static const Builtin builtins[];

static void print_verb(GString *out, const CommandSpec *spec)
{
	g_autofree char *usage = argument_usage(spec);

	if (*spec->help)
		g_string_append_printf(out, "%-42s %s\n", usage, spec->help);
}

static void run_help(Shell *shell, const GPtrArray *words)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *name = word(words, 1);

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!name || g_ascii_strcasecmp(command_table[i].verb, name) == 0)
			print_verb(out, &command_table[i]);
	for (const Builtin *builtin = builtins; builtin->name; builtin++)
		if (!name || g_ascii_strcasecmp(builtin->name, name) == 0)
			g_string_append_printf(out, "%-42s %s\n", builtin->usage, builtin->help);
	if (!name)
		g_string_append(out, "uid COMMAND …                              The same by UID: "
				     "search, sort, thread, fetch, store, copy, move, expunge\n");
	if (!out->len) {
		misuse(shell, "There is no such command: help lists them.");
		return;
	}
	shell_reply_data(shell, "OK", answers_one(out->str));
}

/* --- what imaplib has beside its commands --- */

/* The newest alone is imaplib's measure: an empty one is none. */
static bool has_news(const GPtrArray *answers)
{
	const Answer *last = answers && answers->len ? answers->pdata[answers->len - 1] : NULL;

	return last && g_bytes_get_size(last->text) > 0;
}

static void on_prodded(const Reply *reply, void *data)
{
	Shell *shell = data;

	if (reply->error || strcmp(reply->type, "OK") != 0)
		shell_reply(shell, reply);
	else
		shell_reply_data(shell, "OK", caller_response(shell->caller, "RECENT"));
}

static void run_recent(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	g_autoptr(GPtrArray) noop = words_split("noop", NULL);
	g_autoptr(GError) error = NULL;
	GPtrArray *stored = caller_response(shell->caller, "RECENT");

	if (has_news(stored)) {
		shell_reply_data(shell, "OK", stored);
		return;
	}
	g_clear_pointer(&stored, g_ptr_array_unref);
	if (!caller_run(shell->caller, noop, on_prodded, shell, &error))
		shell_reply_error(shell, error);
	shell_wait(shell);
}

static void run_response(Shell *shell, const GPtrArray *words)
{
	const char *name = word(words, 1);

	if (!name) {
		misuse(shell, "Usage: response CODE");
		return;
	}
	shell_reply_data(shell, name, caller_response(shell->caller, name));
}

static void run_letters(Shell *shell, const GPtrArray *words)
{
	const char *number = word(words, 1);
	g_autofree char *letters =
		internaldate_letters(number ? g_ascii_strtoll(number, NULL, 10) : 0);

	shell_reply_data(shell, "OK", answers_one(letters));
}

static void run_flags(Shell *shell, const GPtrArray *words)
{
	g_autofree char *text = words->len > 1 ? word_value(words->pdata[1]) : g_strdup("");
	g_auto(GStrv) flags = internaldate_flags(text);
	g_autofree char *line = g_strjoinv(" ", flags);

	shell_reply_data(shell, "OK", *flags ? answers_one(line) : NULL);
}

static void run_to_date(Shell *shell, const GPtrArray *words)
{
	const char *text = word(words, 1);
	char *end = NULL;
	double seconds = text ? g_ascii_strtod(text, &end) : 0;
	g_autofree char *date = NULL;

	if (text && *text == '"')
		date = g_strdup(text);
	else if (text && end != text && !*end)
		date = internaldate_from_seconds(seconds);
	if (date)
		shell_reply_data(shell, "OK", answers_one(date));
	else
		misuse(shell, "Usage: time2internaldate SECONDS");
}

static void run_from_date(Shell *shell, const GPtrArray *words)
{
	g_autofree char *text = words->len > 1 ? word_value(words->pdata[1]) : g_strdup("");
	g_autofree char *line = NULL;
	int64_t seconds;

	if (internaldate_find(text, &seconds))
		line = g_strdup_printf("%" G_GINT64_FORMAT, seconds);
	shell_reply_data(shell, "OK", line ? answers_one(line) : NULL);
}

/* --- AUTHENTICATE --- */

/* What is typed answers the server's challenges, one line each; "=" and base64 are sent as they
 * are,
 * "*" cancels. */
static char *ask(const char *challenge, void *data)
{
	gsize len;
	g_autofree guchar *bytes = g_base64_decode(challenge, &len);
	g_autofree char *text = text_to_utf8((const char *)bytes, len, NULL, NULL);
	g_autofree char *clean = text_clean(text, TEXT_ONE_LINE);
	g_autofree char *prompt = g_strdup_printf("+ %s\n> ", clean);
	char *line = shell_read_line(data, prompt), *answer;

	if (!line || strcmp(line, "*") == 0) {
		free(line);
		return NULL;
	}
	answer = *line == '=' ? g_strdup(line + 1)
			      : g_base64_encode((const guchar *)line, strlen(line));
	explicit_bzero(line, strlen(line));
	free(line);
	return answer;
}

static void on_authenticated(const ImapResult *result, void *data)
{
	if (result->error)
		shell_reply_error(data, result->error);
	else
		shell_reply_data(data, "OK",
				 answers_one(result->status ? result->status->text : ""));
}

static void run_authenticate(Shell *shell, const GPtrArray *words)
{
	g_autofree char *mechanism = g_ascii_strup(word(words, 1) ? word(words, 1) : "", -1);

	if (words->len != 2) {
		misuse(shell, "Usage: authenticate MECHANISM; the lines that follow answer the "
			      "server, * cancels");
		return;
	}
	imap_authenticate(shell->session, NULL, mechanism, NULL, ask, shell, on_authenticated,
			  shell);
	shell_wait(shell);
}

/* RFC 2195 2: the user and a keyed MD5 of the challenge. */
static char *answer_cram_md5(const char *challenge, void *data)
{
	const GPtrArray *words = data;
	g_autofree char *user = word_value(words->pdata[1]);
	g_autofree char *password = word_value(words->pdata[2]);
	gsize len;
	g_autofree guchar *bytes = g_base64_decode(challenge, &len);
	g_autofree char *digest = g_compute_hmac_for_data(G_CHECKSUM_MD5, (const guchar *)password,
							  strlen(password), bytes, len);
	g_autofree char *answer = g_strdup_printf("%s %s", user, digest);

	explicit_bzero(password, strlen(password));
	return g_base64_encode((const guchar *)answer, strlen(answer));
}

static void run_cram_md5(Shell *shell, const GPtrArray *words)
{
	if (words->len != 3) {
		misuse(shell, "Usage: login_cram_md5 USER PASSWORD");
		return;
	}
	imap_authenticate(shell->session, NULL, "CRAM-MD5", NULL, answer_cram_md5, (void *)words,
			  on_authenticated, shell);
	shell_wait(shell);
}

/* --- IDLE --- */

static gboolean on_time(gpointer data)
{
	session_break_idle(data);
	return G_SOURCE_CONTINUE;
}

static gboolean on_input(GIOChannel *channel G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
			 gpointer data)
{
	session_break_idle(data);
	return G_SOURCE_CONTINUE;
}

static void on_idle_over(const ImapResult *result, void *data)
{
	Shell *shell = data;

	if (result->error)
		shell_reply_error(shell, result->error);
	else
		shell_reply_data(shell, "OK",
				 answers_one(result->status ? result->status->text : ""));
}

/* "burst" tells what came at the end, else each is printed as it comes. */
static void run_idle(Shell *shell, const GPtrArray *words)
{
	const char *arg = word(words, 1);
	bool burst = arg && g_ascii_strcasecmp(arg, "burst") == 0;
	guint64 seconds = arg && !burst ? g_ascii_strtoull(arg, NULL, 10) : IDLE_SECONDS_MAX;
	g_autoptr(GIOChannel) input = g_io_channel_unix_new(fileno(stdin));
	guint timer, watch = 0;

	if (burst)
		seconds = 1;
	timer = g_timeout_add_seconds((guint)CLAMP(seconds, 1, IDLE_SECONDS_MAX), on_time,
				      shell->session);
	if (shell->terminal)
		watch = g_io_add_watch(input, G_IO_IN, on_input, shell->session);
	shell->listens = !burst && !shell->json;
	imap_idle(shell->session, NULL, on_idle_over, shell);
	shell_wait(shell);
	shell->listens = false;
	g_source_remove(timer);
	if (watch)
		g_source_remove(watch);
}

static const Builtin builtins[] = {
	{"help", "help [COMMAND]", "What can be typed here", run_help},
	{"recent", "recent", "How many messages are new; asks the server where nothing is known",
	 run_recent},
	{"response", "response CODE", "Tell and forget what came under that name", run_response},
	{"idle", "idle [SECONDS | burst]",
	 "Hear what is new, until the time is over or a line "
	 "is typed",
	 run_idle},
	{"authenticate", "authenticate MECHANISM", "Log in by a SASL mechanism, answering by hand",
	 run_authenticate},
	{"login_cram_md5", "login_cram_md5 USER PASSWORD", "Log in by CRAM-MD5", run_cram_md5},
	{"int2ap", "int2ap NUMBER", "A number's digits as letters", run_letters},
	{"parseflags", "parseflags TEXT", "The flags in a FETCH response", run_flags},
	{"time2internaldate", "time2internaldate SECONDS", "A date as IMAP writes it", run_to_date},
	{"internaldate2tuple", "internaldate2tuple TEXT",
	 "Seconds since 1970 of the date in a FETCH response", run_from_date},
	{NULL, NULL, NULL, NULL},
};

bool builtin_run(Shell *shell, const GPtrArray *words)
{
	const char *name = word(words, 0);

	for (const Builtin *builtin = builtins; name && builtin->name; builtin++) {
		if (g_ascii_strcasecmp(builtin->name, name) != 0)
			continue;
		builtin->run(shell, words);
		return true;
	}
	return false;
}
