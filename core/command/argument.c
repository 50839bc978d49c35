#include "core/command/argument.h"

#include <string.h>
#include "core/base/error.h"
#include "core/command/internaldate.h"
#include "core/wire/utf7.h"

typedef struct {
	Writer *w;
	const ArgumentOptions *options;
	GError **error;
} Writing;

static bool fail(const Writing *writing, const char *why)
{
	g_set_error_literal(writing->error, CORE_ERROR, CORE_ERROR_STATE, why);
	return false;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text >= 0x7f)
			return false;
	return true;
}

/* The length of what stands between blanks and parentheses, or in one pair of quotes. */
static size_t item_length(const char *at)
{
	size_t len = *at == '"' ? 1 : strcspn(at, " \t()");

	if (*at != '"')
		return len;
	for (; at[len] && at[len] != '"'; len++)
		if (at[len] == '\\' && at[len + 1])
			len++;
	return at[len] ? len + 1 : len;
}

/* One word of a list: as typed where that is safe. */
static void write_item(const Writing *writing, const char *at, size_t len)
{
	g_autofree char *text = g_strndup(at, len);
	const Word word = {text, *text == '"' ? WORD_QUOTED : WORD_BARE, NULL, false};
	g_autofree char *value = word_value(&word);

	if (is_printable(text))
		writer_raw(writing->w, text);
	else
		writer_string(writing->w, value);
}

/* No line can hold it as it was typed: what is safe goes so, the rest as literals. */
static void write_items(const Writing *writing, const char *at)
{
	size_t len;

	for (; *at; at += len) {
		len = strchr("() \t", *at) ? 1 : item_length(at);
		if (*at == '(')
			writer_open(writing->w);
		else if (*at == ')')
			writer_close(writing->w);
		else if (*at != ' ' && *at != '\t')
			write_item(writing, at, len);
	}
}

static bool write_word(const Writing *writing, const Word *word)
{
	g_autofree char *value = word_value(word);
	bool announces = g_str_has_suffix(word->text, "}");

	if (word->form == WORD_FILE)
		return fail(writing, "Only a message can come from a file.");
	if (word->form == WORD_TEXT)
		writer_astring(writing->w, value);
	else if (word->form == WORD_LISTED && !is_printable(word->text))
		write_items(writing, word->text);
	else if (word->form == WORD_LISTED || (is_printable(word->text) && !announces))
		writer_raw(writing->w, word->text);
	else
		writer_string(writing->w, value);
	return true;
}

static bool write_set(const Writing *writing, const Word *word)
{
	if (word->form != WORD_TEXT)
		return write_word(writing, word);
	writer_atom(writing->w, word->text);
	return true;
}

static bool write_mailbox(const Writing *writing, const Word *word)
{
	g_autofree char *value = word_value(word);
	g_autofree char *wire = NULL;

	if (word->form == WORD_LISTED)
		return write_word(writing, word);
	wire = writing->options->raw ? g_strdup(value) : utf7_encode(value);
	writer_mailbox(writing->w, wire);
	return true;
}

static bool write_user(const Writing *writing, const Word *word)
{
	g_autofree char *value = word_value(word);

	writer_astring(writing->w, value);
	return true;
}

static bool write_password(const Writing *writing, const Word *word)
{
	char *value = word_value(word);

	writer_string(writing->w, value);
	explicit_bzero(value, strlen(value));
	g_free(value);
	return true;
}

static bool write_list(const Writing *writing, const Word *word)
{
	g_autofree char *value = word_value(word);

	if (word->form == WORD_LISTED || g_ascii_strcasecmp(value, "NIL") == 0)
		return write_word(writing, word);
	writer_open(writing->w);
	writer_raw(writing->w, value);
	writer_close(writing->w);
	return true;
}

static bool write_date(const Writing *writing, const Word *word)
{
	g_autofree char *text = NULL;
	char *end = NULL;
	double seconds = g_ascii_strtod(word->text, &end);

	if (strcmp(word->text, "\"\"") == 0)
		return true;
	if (word->form == WORD_QUOTED)
		return write_word(writing, word);
	if (end == word->text || *end)
		return fail(writing, "A date is a number of seconds since 1970, or "
				     "\"1-Jan-2026 12:00:00 +0000\" in quotes.");
	text = internaldate_from_seconds(seconds);
	if (!text)
		return fail(writing, "No date is so far away.");
	writer_raw(writing->w, text);
	return true;
}

static GBytes *with_line_ends(GBytes *bytes)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	GString *out = g_string_sized_new(len + len / 32);

	for (gsize i = 0; i < len; i++) {
		if (text[i] != '\r' && text[i] != '\n') {
			g_string_append_c(out, text[i]);
			continue;
		}
		g_string_append(out, "\r\n");
		if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n')
			i++;
	}
	return g_string_free_to_bytes(out);
}

static bool write_message(const Writing *writing, const Word *word)
{
	const ArgumentOptions *options = writing->options;
	g_autofree char *value = word_value(word);
	g_autoptr(GBytes) typed = NULL, sent = NULL;

	if (word->form == WORD_MESSAGE)
		typed = g_bytes_ref(word->message);
	else if (word->form != WORD_FILE)
		typed = g_bytes_new(value, strlen(value));
	else if (options->read_file)
		typed = options->read_file(value, options->data, writing->error);
	else
		return fail(writing, "No file is read here.");
	if (!typed)
		return false;
	sent = options->keep_eol || word->keeps_eol ? g_bytes_ref(typed) : with_line_ends(typed);
	writer_message(writing->w, sent);
	return true;
}

static bool write_charset(const Writing *writing, const Word *word)
{
	if (writing->options->utf8)
		return fail(writing, "Once UTF8=ACCEPT is enabled, a search names no charset: "
				     "say None.");
	writer_raw(writing->w, "CHARSET");
	return write_word(writing, word);
}

typedef struct {
	const char *name;
	bool (*write)(const Writing *writing, const Word *word);
	bool optional; /* whatever the table says: None writes nothing */
} Kind;

static const Kind kinds[] = {
	{"mailbox", write_mailbox, false},   {"user", write_user, false},
	{"password", write_password, false}, {"list", write_list, false},
	{"flags", write_list, false},        {"date", write_date, false},
	{"message", write_message, false},   {"charset", write_charset, true},
	{"set", write_set, false},           {"word", write_word, false},
	{"words", write_word, false},        {"modifier", write_word, false},
};

/* One argument of the table. */
typedef struct {
	const Kind *kind;
	bool optional, repeats;
	char *standard; /* what "=" gives, or NULL */
} Argument;

static void argument_clear(Argument *argument)
{
	g_free(argument->standard);
}

static GArray *arguments_of(const CommandSpec *spec)
{
	GArray *arguments = g_array_new(FALSE, TRUE, sizeof(Argument));
	g_auto(GStrv) texts = g_strsplit(spec->arguments, " ", -1);

	g_array_set_clear_func(arguments, (GDestroyNotify)argument_clear);
	for (char **text = texts; *text; text++) {
		size_t len = strcspn(*text, "?=");
		Argument argument = {0};

		for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
			if (strlen(kinds[i].name) == len && strncmp(kinds[i].name, *text, len) == 0)
				argument.kind = &kinds[i];
		g_assert(argument.kind);
		argument.optional = (*text)[len] != '\0' || argument.kind->optional;
		argument.repeats = strcmp(argument.kind->name, "words") == 0;
		argument.standard = (*text)[len] == '=' ? g_strdup(*text + len + 1) : NULL;
		g_array_append_val(arguments, argument);
	}
	return arguments;
}

static bool write_standard(const Writing *writing, const Argument *argument)
{
	const Word word = {argument->standard,
			   argument->standard[0] == '"' ? WORD_QUOTED : WORD_BARE};

	return argument->kind->write(writing, &word);
}

static bool misused(const Writing *writing)
{
	g_autofree char *usage = argument_usage(writer_spec(writing->w));

	g_set_error(writing->error, CORE_ERROR, CORE_ERROR_STATE, "Usage: %s", usage);
	return false;
}

/* The rest, and at least one of them where they may not be missing. */
static bool write_rest(const Writing *writing, const Argument *argument, const GPtrArray *words,
		       guint *next)
{
	if (*next == words->len && !argument->optional)
		return misused(writing);
	for (; *next < words->len; (*next)++)
		if (!word_is_none(words->pdata[*next]) && !write_word(writing, words->pdata[*next]))
			return false;
	return true;
}

/* Where it may be missing, and another form of word stands in its place, it is. */
static bool fits(const Argument *argument, const Word *word)
{
	if (strcmp(argument->kind->name, "modifier") == 0)
		return word->form == WORD_LISTED;
	return (word->form != WORD_FILE && word->form != WORD_MESSAGE) ||
	       argument->kind->write == write_message;
}

static bool write_one(const Writing *writing, const Argument *argument, const GPtrArray *words,
		      guint *next)
{
	const Word *word = *next < words->len ? words->pdata[*next] : NULL;

	if (word && argument->optional && !fits(argument, word))
		word = NULL;
	else if (word)
		(*next)++;
	if (word && !word_is_none(word))
		return argument->kind->write(writing, word);
	if (!argument->optional)
		return misused(writing);
	return !argument->standard || write_standard(writing, argument);
}

bool argument_write(Writer *w, const GPtrArray *words, guint first, const ArgumentOptions *options,
		    GError **error)
{
	Writing writing = {w, options, error};
	g_autoptr(GArray) arguments = arguments_of(writer_spec(w));

	for (guint i = 0; i < arguments->len; i++) {
		const Argument *argument = &g_array_index(arguments, Argument, i);

		if (!(argument->repeats ? write_rest : write_one)(&writing, argument, words,
								  &first))
			return false;
		/* RFC 3502: another message, with its own flags and date, but without a mailbox. */
		if (argument->kind->write == write_message && first < words->len)
			i = 0;
	}
	return first == words->len || misused(&writing);
}

bool argument_is_mailbox(const CommandSpec *spec, guint place)
{
	g_autoptr(GArray) arguments = arguments_of(spec);

	return place < arguments->len &&
	       g_array_index(arguments, Argument, place).kind->write == write_mailbox;
}

char *argument_usage(const CommandSpec *spec)
{
	g_autoptr(GArray) arguments = arguments_of(spec);
	GString *usage = g_string_new(NULL);
	g_autofree char *verb = g_ascii_strdown(spec->verb, -1);

	g_string_append(usage, spec->id == COMMAND_ID_XATOM ? "xatom" : verb);
	for (guint i = 0; i < arguments->len; i++) {
		const Argument *argument = &g_array_index(arguments, Argument, i);
		g_autofree char *name = g_ascii_strup(argument->kind->name, -1);

		if (argument->repeats)
			g_string_append_printf(usage, argument->optional ? " [%s …]" : " %s …",
					       name);
		else
			g_string_append_printf(usage, argument->optional ? " [%s]" : " %s", name);
	}
	return g_string_free(usage, FALSE);
}
