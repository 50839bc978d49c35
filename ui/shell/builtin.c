#include "ui/shell/shell_private.h"

#include <stdio.h>
#include <string.h>
#include "core/base/error.h"
#include "mime/text.h"

#define USAGE_COLUMNS 37

/* What is meant where no time is given, and the longest there is. */
#define IDLE_SECONDS     (28 * 60)
#define IDLE_SECONDS_MAX (365 * 24 * 3600)
static const char *word(const GPtrArray *words, guint i)
{
	return i < words->len ? ((const Word *)words->pdata[i])->text : NULL;
}

/* What it means: without the quotes it was typed in.  Caller frees. */
static char *value(const GPtrArray *words, guint i)
{
	return i < words->len ? word_value(words->pdata[i]) : NULL;
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

/* What is typed for it. */
static const char *name_of(const CommandSpec *spec)
{
	return spec->id == COMMAND_ID_XATOM ? "XATOM" : spec->verb;
}

static bool is_by_uid(const CommandSpec *spec)
{
	return g_str_has_prefix(spec->verb, "UID ");
}

static void print_verb(GString *out, const CommandSpec *spec)
{
	g_autofree char *usage = argument_usage(spec);
	const char *same = is_by_uid(spec) ? spec->verb + strlen("UID ") : NULL;

	print_line(out, usage, "", same ? command_find(same)->help : spec->help);
}

/* Of all (`name` NULL) those by UID are one line. */
static bool is_asked(const CommandSpec *spec, const char *name)
{
	if (!name)
		return is_typed(spec);
	return (is_typed(spec) || is_by_uid(spec)) && g_ascii_strcasecmp(name_of(spec), name) == 0;
}

static void print_verbs(GString *out, const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (is_asked(&command_table[i], name))
			print_verb(out, &command_table[i]);
	for (const Builtin *builtin = builtins; builtin->name; builtin++)
		if (!name || g_ascii_strcasecmp(builtin->name, name) == 0)
			print_line(out, builtin->name, builtin->arguments, builtin->help);
	if (!name || g_ascii_strcasecmp(name, "uid") == 0)
		print_line(
			out, "uid COMMAND …", "",
			"The same by UID: search, sort, thread, fetch, store, copy, move, expunge");
}

static void run_help(Shell *shell, const GPtrArray *words)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *name = words->len > 2
					? g_strdup_printf("%s %s", word(words, 1), word(words, 2))
					: g_strdup(word(words, 1));

	print_verbs(out, name);
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
	g_autofree char *url = words->len > 1 ? value(words, 1) : g_strdup(shell->url);
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

	if (!shell->client || imap_client_socket(shell->client) < 0) {
		misuse(shell, "There is no connection: open URL makes one.");
		return;
	}
	number = g_strdup_printf("%d", imap_client_socket(shell->client));
	shell_reply_data(shell, "OK", answers_one(number));
}

static void run_protocol_version(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	const char *version = imap_client_protocol_version(shell->client);

	shell_reply_data(shell, "OK", version ? answers_one(version) : NULL);
}

static void run_print_log(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	g_autofree char *lines =
		shell->client ? imap_client_print_log(shell->client) : g_strdup(shell->log);

	shell_reply_data(shell, "OK", answers_one(lines ? lines : ""));
}

/* --- what imaplib has beside its commands --- */

static void run_recent(Shell *shell, const GPtrArray *words G_GNUC_UNUSED)
{
	imap_client_recent(shell->client, shell_on_reply, shell);
	shell_wait(shell);
}

static void run_response(Shell *shell, const GPtrArray *words)
{
	g_autofree char *name = value(words, 1);

	if (!name) {
		misuse(shell, "Usage: response CODE");
		return;
	}
	shell_reply_data(shell, name, imap_client_response(shell->client, name));
}

static void run_int2ap(Shell *shell, const GPtrArray *words)
{
	g_autofree char *text = value(words, 1);
	gint64 number;

	if (!text || !g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL)) {
		misuse(shell, "Usage: int2ap NUMBER");
		return;
	}
	g_autofree char *letters = imap_int2ap(number);
	shell_reply_data(shell, "OK", answers_one(letters));
}

static void run_parseflags(Shell *shell, const GPtrArray *words)
{
	g_autofree char *text = words->len > 1 ? word_value(words->pdata[1]) : g_strdup("");
	g_auto(GStrv) flags = imap_parseflags(text);
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
	return n == G_N_ELEMENTS(fields) ? imap_tm2internaldate(&local, false) : NULL;
}

static char *date_of_seconds(const char *text)
{
	char *end;
	double seconds = g_ascii_strtod(text, &end);

	return end != text && !*end ? imap_time2internaldate(seconds) : NULL;
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
	struct tm local;

	if (imap_internaldate2tuple(text, &local)) {
		line = g_strdup_printf("(%d, %d, %d, %d, %d, %d, %d, %d, %d)", local.tm_year + 1900,
				       local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
				       local.tm_sec, (local.tm_wday + 6) % 7, local.tm_yday + 1,
				       local.tm_isdst);
	}
	shell_reply_data(shell, "OK", line ? answers_one(line) : NULL);
}

/* --- AUTHENTICATE --- */

/* What is typed answers the server's challenges, one line each; behind "=" it is base64, "*"
 * cancels. */
static GBytes *ask(GBytes *challenge, gpointer data)
{
	Shell *shell = data;
	gsize len;
	const char *bytes = g_bytes_get_data(challenge, &len);
	g_autofree char *text = text_to_utf8(bytes ? bytes : "", len, NULL, NULL);
	g_autofree char *clean = text_clean(text, TEXT_ONE_LINE);
	g_autofree char *prompt = g_strdup_printf("+ %s\n> ", clean);
	char *line = shell_read_line(shell, prompt);

	shell->unasked = false;

	if (!line || strcmp(line, "*") == 0) {
		g_free(line);
		return NULL;
	}
	len = strlen(line);
	if (*line == '=') {
		memmove(line, line + 1, len);
		g_base64_decode_inplace(line, &len);
	}
	return g_bytes_new_take(line, len);
}

static void on_authenticated(ImapClient *client, const ImapReply *reply, gpointer data)
{
	Shell *shell = data;

	shell->unasked &= reply->error != NULL;
	shell_on_reply(client, reply, data);
}

static void run_authenticate(Shell *shell, const GPtrArray *words)
{
	g_autofree char *mechanism = value(words, 1);

	if (words->len != 2) {
		misuse(shell, "Usage: authenticate MECHANISM; the lines that follow answer the "
			      "server, * cancels");
		return;
	}
	shell->unasked = true;
	imap_client_authenticate(shell->client, mechanism, ask, shell, on_authenticated, shell);
	shell_wait(shell);
}

/* A secret that answers what was not asked must neither be sent nor be traced. */
static bool is_unasked(Shell *shell, const GPtrArray *words)
{
	const char *name = word(words, 0);
	bool known = g_ascii_strcasecmp(name, "xatom") == 0 ||
		     g_ascii_strcasecmp(name, "uid") == 0 || command_find(name);

	shell->unasked &= !known;
	return *name == '=' || shell->unasked;
}

static void run_login_cram_md5(Shell *shell, const GPtrArray *words)
{
	g_autofree char *user = words->len == 3 ? word_value(words->pdata[1]) : NULL;
	char *password = words->len == 3 ? word_value(words->pdata[2]) : NULL;

	if (!user) {
		misuse(shell, "Usage: login_cram_md5 USER PASSWORD");
		return;
	}
	imap_client_login_cram_md5(shell->client, user, password, shell_on_reply, shell);
	explicit_bzero(password, strlen(password));
	g_free(password);
	shell_wait(shell);
}

/* --- IDLE --- */

static void run_idle(Shell *shell, const GPtrArray *words)
{
	const char *arg = word(words, 1);
	bool burst = arg && g_ascii_strcasecmp(arg, "burst") == 0;
	guint64 seconds = burst ? 1 : IDLE_SECONDS;

	if (arg && !burst && !g_ascii_string_to_unsigned(arg, 10, 0, G_MAXUINT64, &seconds, NULL)) {
		misuse(shell, "Usage: idle [SECONDS | burst]");
		return;
	}
	idle_run(shell, (unsigned)CLAMP(seconds, 1, IDLE_SECONDS_MAX), burst);
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
		if (shell->client || is_local(builtin->run))
			builtin->run(shell, words);
		else
			misuse(shell, "There is no connection: open URL makes one.");
		return true;
	}
	if (!name || !is_unasked(shell, words))
		return false;
	misuse(shell, "Nothing was asked that this could answer.");
	return true;
}

char **builtin_verbs(void)
{
	g_autoptr(GStrvBuilder) verbs = g_strv_builder_new();

	for (const Builtin *builtin = builtins; builtin->name; builtin++)
		g_strv_builder_add(verbs, builtin->name);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const CommandSpec *spec = &command_table[i];
		g_autofree char *name = g_ascii_strdown(name_of(spec), -1);
		if (is_typed(spec) || is_by_uid(spec))
			g_strv_builder_add(verbs, name);
	}
	return g_strv_builder_end(verbs);
}
