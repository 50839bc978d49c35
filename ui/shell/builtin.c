#include "ui/shell/shell_private.h"

#include <stdio.h>
#include <string.h>
#include "core/command/imap.h"
#include "core/command/internaldate.h"
#include "mime/text.h"
#include "ui/shell/trace.h"

#define USAGE_COLUMNS 37

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
	const char *name, *arguments, *help;
	void (*run)(Shell *shell, const GPtrArray *words);
} Builtin;

static const Builtin builtins[];

static void print_line(GString *out, const char *name, const char *arguments, const char *help)
{
	g_autofree char *usage = g_strdup_printf("%s%s%s", name, *arguments ? " " : "", arguments);

	g_string_append_printf(out, "%s%*s%s\n", usage, MAX(USAGE_COLUMNS - text_width(usage), 1),
			       "", help);
}

/* AUTHENTICATE is answered here. */
static bool is_typed(const CommandSpec *spec)
{
	return *spec->help && spec->id != COMMAND_ID_AUTHENTICATE && spec->id != COMMAND_ID_IDLE;
}

static void print_verb(GString *out, const CommandSpec *spec)
{
	g_autofree char *usage = argument_usage(spec);

	if (is_typed(spec))
		print_line(out, usage, "", spec->help);
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
			print_line(out, builtin->name, builtin->arguments, builtin->help);
	if (!name)
		print_line(
			out, "uid COMMAND …", "",
			"The same by UID: search, sort, thread, fetch, store, copy, move, expunge");
	if (!out->len) {
		misuse(shell, "There is no such command: help lists them.");
		return;
	}
	shell_reply_data(shell, "OK", answers_one(out->str));
}

/* --- the connection --- */

/* imaplib's timeout, which may not be 0 either. */
static bool set_patience(Shell *shell, const char *seconds)
{
	guint64 n = 0;

	if (seconds && !g_ascii_string_to_unsigned(seconds, 10, 1, G_MAXINT32, &n, NULL))
		return false;
	shell->patience = (unsigned)n;
	return true;
}

static void run_open(Shell *shell, const GPtrArray *words)
{
	g_autofree char *url = g_strdup(word(words, 1) ? word(words, 1) : shell->url);
	g_autoptr(GError) error = NULL;

	if (!set_patience(shell, word(words, 2))) {
		misuse(shell, "Usage: open [URL [SECONDS]], with at least one second");
		return;
	}
	if (!shell_open(shell, url, &error)) {
		shell_reply_error(shell, error);
		return;
	}
	g_free(shell->url);
	shell->url = g_steal_pointer(&url);
	shell_reply_data(shell, "OK", NULL);
}

static void run_shutdown(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	shell_shutdown(shell);
	shell_reply_data(shell, "OK", NULL);
}

static void run_socket(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	g_autofree char *number = NULL;

	if (!shell->session || session_descriptor(shell->session) < 0) {
		misuse(shell, "There is no connection: open URL makes one.");
		return;
	}
	number = g_strdup_printf("%d", session_descriptor(shell->session));
	shell_reply_data(shell, "OK", answers_one(number));
}

static void run_protocol_version(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	const char *version = session_protocol_version(shell->session);

	shell_reply_data(shell, "OK", version ? answers_one(version) : NULL);
}

static void run_print_log(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	g_autofree char *lines = trace_last();

	shell_reply_data(shell, "OK", answers_one(lines));
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

static void run_int2ap(Shell *shell, const GPtrArray *words)
{
	const char *number = word(words, 1);
	g_autofree char *letters =
		internaldate_letters(number ? g_ascii_strtoll(number, NULL, 10) : 0);

	shell_reply_data(shell, "OK", answers_one(letters));
}

static void run_parseflags(Shell *shell, const GPtrArray *words)
{
	g_autofree char *text = words->len > 1 ? word_value(words->pdata[1]) : g_strdup("");
	g_auto(GStrv) flags = internaldate_flags(text);
	g_autofree char *line = g_strjoinv(" ", flags);

	shell_reply_data(shell, "OK", *flags ? answers_one(line) : NULL);
}

/* "(2026, 1, 31, 12, 0, 0, 5, 31, -1)": NULL where it is none. */
static char *date_of_tuple(const char *text)
{
	g_auto(GStrv) parts = g_strsplit_set(text, "(), ", -1);
	int fields[9], n = 0;

	for (char **part = parts; *part; part++) {
		char *end;
		if (!**part)
			continue;
		if (n == G_N_ELEMENTS(fields))
			return NULL;
		fields[n++] = (int)g_ascii_strtoll(*part, &end, 10);
		if (*end)
			return NULL;
	}
	const struct tm local = {.tm_year = fields[0] - 1900,
				 .tm_mon = fields[1] - 1,
				 .tm_mday = fields[2],
				 .tm_hour = fields[3],
				 .tm_min = fields[4],
				 .tm_sec = fields[5],
				 .tm_isdst = fields[8]};
	return n == G_N_ELEMENTS(fields) ? internaldate_from_tm(&local, false) : NULL;
}

static char *date_of_seconds(const char *text)
{
	char *end;
	double seconds = g_ascii_strtod(text, &end);

	return end != text && !*end ? internaldate_from_seconds(seconds) : NULL;
}

static void run_time2internaldate(Shell *shell, const GPtrArray *words)
{
	const Word *given = words->len == 2 ? words->pdata[1] : NULL;
	g_autofree char *date = NULL;

	if (given && given->form == WORD_QUOTED)
		date = g_strdup(given->text);
	else if (given && given->form == WORD_LISTED)
		date = date_of_tuple(given->text);
	else if (given)
		date = date_of_seconds(given->text);
	if (date)
		shell_reply_data(shell, "OK", answers_one(date));
	else
		misuse(shell, "This is no date: time2internaldate takes seconds since 1970, nine "
			      "numbers in parentheses, or a date in quotes.");
}

static void run_internaldate2tuple(Shell *shell, const GPtrArray *words)
{
	g_autofree char *text = words->len > 1 ? word_value(words->pdata[1]) : g_strdup("");
	g_autofree char *line = NULL;
	int64_t seconds;
	struct tm local;
	time_t when;

	if (internaldate_find(text, &seconds)) {
		when = (time_t)seconds;
		localtime_r(&when, &local);
		line = g_strdup_printf("(%d, %d, %d, %d, %d, %d, %d, %d, %d)", local.tm_year + 1900,
				       local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
				       local.tm_sec, (local.tm_wday + 6) % 7, local.tm_yday + 1,
				       local.tm_isdst);
	}
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
		g_free(line);
		return NULL;
	}
	answer = *line == '=' ? g_strdup(line + 1)
			      : g_base64_encode((const guchar *)line, strlen(line));
	explicit_bzero(line, strlen(line));
	g_free(line);
	return answer;
}

static void on_authenticated(const ImapResult *result, void *data)
{
	g_autoptr(GError) refused = NULL;

	/* Refused is no more than that, whatever it asks of a reader (verdict.h). */
	if (result->error && result->status)
		refused = g_error_new_literal(CORE_ERROR, CORE_ERROR_AUTH, result->error->message);
	if (result->error)
		shell_reply_error(data, refused ? refused : result->error);
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

static void run_login_cram_md5(Shell *shell, const GPtrArray *words)
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
#define BUILTIN(id, name, arguments, help) {name, arguments, help, run_##id},
#include "ui/shell/builtin.def"
#undef BUILTIN
	{NULL, NULL, NULL, NULL},
};

/* What works without a connection. */
static bool is_local(void (*run)(Shell *shell, const GPtrArray *words))
{
	static void (*const local[])(Shell * shell, const GPtrArray *words) = {
		run_help,   run_open,       run_shutdown,          run_print_log,
		run_int2ap, run_parseflags, run_time2internaldate, run_internaldate2tuple};

	for (size_t i = 0; i < G_N_ELEMENTS(local); i++)
		if (local[i] == run)
			return true;
	return false;
}

bool builtin_run(Shell *shell, const GPtrArray *words)
{
	const char *name = word(words, 0);

	for (const Builtin *builtin = builtins; name && builtin->name; builtin++) {
		if (g_ascii_strcasecmp(builtin->name, name) != 0)
			continue;
		if (shell->session || is_local(builtin->run))
			builtin->run(shell, words);
		else
			misuse(shell, "There is no connection: open URL makes one.");
		return true;
	}
	return false;
}

char **builtin_verbs(void)
{
	g_autoptr(GStrvBuilder) verbs = g_strv_builder_new();

	for (const Builtin *builtin = builtins; builtin->name; builtin++)
		g_strv_builder_add(verbs, builtin->name);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const CommandSpec *spec = &command_table[i];
		g_autofree char *name = g_ascii_strdown(spec->verb, -1);
		if (spec->id == COMMAND_ID_XATOM)
			g_strv_builder_add(verbs, "xatom");
		else if (is_typed(spec) || g_str_has_prefix(name, "uid "))
			g_strv_builder_add(verbs, name);
	}
	return g_strv_builder_end(verbs);
}
