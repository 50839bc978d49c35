#include "core/command/words.h"

#include <string.h>
#include "core/base/error.h"

static void word_free(void *data)
{
	Word *word = data;

	/* It may be a password. */
	explicit_bzero(word->text, strlen(word->text));
	g_free(word->text);
	g_clear_pointer(&word->message, g_bytes_unref);
	g_free(word);
}

/* Behind the quoted string that begins at `at`; NULL where it does not end. */
static const char *skip_quoted(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : NULL;
}

/* Behind the word that begins at `at`. */
static const char *skip_word(const char *at, GError **error)
{
	g_autoptr(GString) open = g_string_new(NULL);

	while (at && *at && (open->len || !strchr(" \t", *at))) {
		const char *pair = strchr("()[]", *at);
		bool closes = pair && (*at == ')' || *at == ']');

		if (*at == '"') {
			at = skip_quoted(at);
			continue;
		}
		if (closes && (!open->len || open->str[open->len - 1] != *at)) {
			g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
				    "A “%c” closes what was never opened.", *at);
			return NULL;
		}
		if (closes)
			g_string_truncate(open, open->len - 1);
		else if (pair)
			g_string_append_c(open, *at == '(' ? ')' : ']');
		at++;
	}
	if (!at || open->len) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "A “%c” is missing.",
			    at ? open->str[open->len - 1] : '"');
		return NULL;
	}
	return at;
}

/* A whole word in one pair of quotes or parentheses; BODY["x"] is none. */
static WordForm form_of(const char *text, size_t len)
{
	if (text[0] == '<')
		return WORD_FILE;
	if (text[0] == '"' && skip_quoted(text) == text + len)
		return WORD_QUOTED;
	return text[0] == '(' && text[len - 1] == ')' ? WORD_LISTED : WORD_BARE;
}

static Word *add(GPtrArray *words, WordForm form, const char *text, size_t len)
{
	Word *word = g_new0(Word, 1);

	word->form = form;
	word->text = g_strndup(text, len);
	g_ptr_array_add(words, word);
	return word;
}

/* What stands for something else where a person types it, and not in a program. */
static void add_as_programs(GPtrArray *words, const char *text, size_t len)
{
	WordForm form = form_of(text, len);
	Word *word = add(words, form == WORD_FILE ? WORD_BARE : form, text, len);

	if (word_is_none(word))
		word->form = WORD_TEXT;
}

static void add_as_typed(GPtrArray *words, const char *text, size_t len)
{
	WordForm form = form_of(text, len);
	size_t mark = form == WORD_FILE ? 1 : 0;

	add(words, form, text + mark, len - mark);
}

static bool split(GPtrArray *words, const char *line,
		  void (*take)(GPtrArray *words, const char *text, size_t len), GError **error)
{
	for (line += strspn(line, " \t"); *line; line += strspn(line, " \t")) {
		const char *end = skip_word(line, error);

		if (!end)
			return false;
		take(words, line, (size_t)(end - line));
		line = end;
	}
	return true;
}

GPtrArray *words_split(const char *line, GError **error)
{
	g_autoptr(GPtrArray) words = words_new();

	return split(words, line, add_as_typed, error) ? g_steal_pointer(&words) : NULL;
}

GPtrArray *words_new(void)
{
	return g_ptr_array_new_with_free_func(word_free);
}

static void add_none(GPtrArray *words)
{
	add(words, WORD_BARE, "None", 4);
}

void words_add_text(GPtrArray *words, const char *text)
{
	if (text)
		add(words, WORD_TEXT, text, strlen(text));
	else
		add_none(words);
}

void words_add_typed(GPtrArray *words, const char *text)
{
	if (text && *text)
		add_as_programs(words, text, strlen(text));
	else
		add_none(words);
}

bool words_add_line(GPtrArray *words, const char *line, GError **error)
{
	return split(words, line, add_as_programs, error);
}

void words_add_message(GPtrArray *words, GBytes *message, bool keeps_eol)
{
	Word *word = add(words, WORD_MESSAGE, "", 0);

	word->message = g_bytes_ref(message);
	word->keeps_eol = keeps_eol;
}

bool word_is_none(const Word *word)
{
	return word->form == WORD_BARE && strcmp(word->text, "None") == 0;
}

char *word_value(const Word *word)
{
	GString *value;

	if (word->form != WORD_QUOTED)
		return g_strdup(word->text);
	value = g_string_new(NULL);
	for (const char *at = word->text + 1; at[1]; at++) {
		if (*at == '\\')
			at++;
		g_string_append_c(value, *at);
	}
	return g_string_free(value, FALSE);
}
