#include "core/wire/lex.h"

#include <string.h>
#include "core/base/error.h"

#define MAX_DIGITS 19 /* fits an uint64_t whatever the digits */

const unsigned char lex_class[256] = {
	[0x01 ... 0x1f] = LEX_FLAG,
	['!'] = LEX_ATOM | LEX_FLAG,
	['"'] = LEX_FLAG,
	['#' ... '\''] = LEX_ATOM | LEX_FLAG,
	['*' ... ','] = LEX_ATOM | LEX_FLAG,
	['-' ... '.'] = LEX_ATOM | LEX_FLAG | LEX_ITEM,
	['/'] = LEX_ATOM | LEX_FLAG,
	['0' ... '9'] = LEX_ATOM | LEX_FLAG | LEX_ITEM,
	[':' ... '@'] = LEX_ATOM | LEX_FLAG,
	['A' ... 'Z'] = LEX_ATOM | LEX_FLAG | LEX_ITEM,
	['[' ... '\\'] = LEX_ATOM | LEX_FLAG,
	[']'] = LEX_FLAG,
	['^'] = LEX_ATOM | LEX_FLAG,
	['_'] = LEX_ATOM | LEX_FLAG | LEX_ITEM,
	['`'] = LEX_ATOM | LEX_FLAG,
	['a' ... 'z'] = LEX_ATOM | LEX_FLAG | LEX_ITEM,
	['{'] = LEX_FLAG,
	['|' ... '~'] = LEX_ATOM | LEX_FLAG,
	[0x7f] = LEX_FLAG,
	[0x80 ... 0xff] = LEX_ATOM | LEX_FLAG,
};

static size_t slice_len(const Lex *lex, bool bracket)
{
	size_t len = lex_span(lex->at, LEX_ATOM);

	while (bracket && lex->at[len] == ']')
		len += 1 + lex_span(lex->at + len + 1, LEX_ATOM);
	return len;
}

/* What may follow a closing quote.  Some servers leave quotes inside unescaped (iCloud, in a
 * Message-ID): a quote with anything else behind it is one of those. */
static bool ends_string(char c)
{
	switch (c) {
	case '\0':
	case ' ':
	case '\t':
	case '(':
	case ')':
	case ']':
		return true;
	default:
		return false;
	}
}

/* The closing quote of the string that begins at `at` (behind the opening one), or NULL. */
static const char *find_quote(const char *at)
{
	for (;; at++) {
		at += strcspn(at, "\"\\");
		if (*at == '\0')
			return NULL;
		if (*at == '\\') {
			if (*++at == '\0')
				return NULL;
		} else if (ends_string(at[1])) {
			return at;
		}
	}
}

static bool lex_quoted(Lex *lex, const char **out, size_t *len)
{
	const char *at = lex->at + 1, *close = find_quote(at);
	if (close == NULL)
		return lex_fail(lex, "the end of a quoted string");

	char *copy = arena_alloc(lex->arena, (size_t)(close - at) + 1), *to = copy;
	while (at < close) {
		if (*at == '\\')
			at++;
		*to++ = *at++;
	}
	*out = copy;
	*len = (size_t)(to - copy);
	lex->at = close + 1;
	return true;
}

/* The literal announced here ("{n}" or "~{n}"), borrowed from the frame; NULL where there is none.
 */
static const FrameLiteral *lex_literal(Lex *lex)
{
	const Frame *frame = lex->frame;
	const char *close = lex->literal < frame->n_literals
				    ? frame->text + frame->literals[lex->literal].at
				    : NULL;

	if (close == NULL || close <= lex->at ||
	    memchr(lex->at, '}', (size_t)(close - lex->at)) != close - 1) {
		lex_fail(lex, "a literal");
		return NULL;
	}
	lex->at = close;
	return &frame->literals[lex->literal++];
}

static bool starts_literal(const Lex *lex)
{
	return *lex->at == '{' || (*lex->at == '~' && lex->at[1] == '{');
}

static bool lex_copy_literal(Lex *lex, const char **out, size_t *len)
{
	const FrameLiteral *literal = lex_literal(lex);
	gsize size;

	if (literal == NULL)
		return false;
	if (literal->data == NULL)
		return lex_fail(lex, "a shorter literal");
	const char *bytes = g_bytes_get_data(literal->data, &size);
	*out = arena_strndup(lex->arena, bytes, size);
	*len = size;
	return true;
}

static bool lex_digits(Lex *lex, uint64_t most, uint64_t *out)
{
	const char *start = lex->at, *at;
	uint64_t value = 0;
	unsigned digit;

	while (*start == '0')
		start++;
	for (at = start; (digit = (unsigned)(unsigned char)*at - '0') <= 9; at++)
		value = value * 10 + digit;
	if (at == lex->at)
		return lex_fail(lex, "a number");
	if (at - start > MAX_DIGITS || value > most)
		return lex_fail(lex, "a smaller number");
	lex->at = at;
	*out = value;
	return true;
}

/* NIL as a whole word; taken where it stands. */
static bool lex_nil(Lex *lex)
{
	if ((*lex->at | 0x20) != 'n' || slice_len(lex, true) != 3)
		return false;
	return lex_word(lex, "NIL");
}

void lex_init(Lex *lex, const Frame *frame, Arena *arena)
{
	*lex = (Lex){
		.frame = frame,
		.at = frame->text,
		.end = frame->text + frame->len,
		.arena = arena,
	};
}

bool lex_failed(const Lex *lex, GError **error)
{
	if (lex->failed == NULL)
		return false;
	g_set_error(error, CORE_ERROR, CORE_ERROR_BAD,
		    "The server sent a malformed response: expected %s at byte %" G_GSIZE_FORMAT
		    ".",
		    lex->failed, lex->failed_at);
	return true;
}

bool lex_fail(Lex *lex, const char *expected)
{
	if (lex->failed == NULL) {
		lex->failed = expected;
		lex->failed_at = (size_t)(lex->at - lex->frame->text);
	}
	lex->at = lex->end;
	return false;
}

bool lex_expect(Lex *lex, char c)
{
	static const char *const names[] = {
		['('] = "(", [')'] = ")", ['['] = "[", [']'] = "]", ['<'] = "<", ['>'] = ">"};

	if (lex_take(lex, c))
		return true;
	return lex_fail(lex, (size_t)c < G_N_ELEMENTS(names) && names[(size_t)c] != NULL
				     ? names[(size_t)c]
				     : "another character");
}

bool lex_close(Lex *lex)
{
	while (lex_more(lex)) {
		if (!lex_skip_value(lex))
			return false;
	}
	return lex_expect(lex, ')');
}

bool lex_slice(Lex *lex, const char **out, size_t *len)
{
	*out = lex->at;
	*len = slice_len(lex, false);
	if (*len == 0)
		return lex_fail(lex, "a word");
	lex->at += *len;
	return true;
}

bool lex_atom(Lex *lex, const char **out)
{
	const char *slice;
	size_t len;

	if (!lex_slice(lex, &slice, &len))
		return false;
	*out = arena_strndup(lex->arena, slice, len);
	return true;
}

bool lex_word(Lex *lex, const char *word)
{
	size_t len = strlen(word);

	if (!lex_is(lex->at, word, len, LEX_ATOM))
		return false;
	lex->at += len;
	return true;
}

bool lex_number(Lex *lex, uint32_t *out)
{
	uint64_t value;

	if (!lex_digits(lex, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

bool lex_number64(Lex *lex, uint64_t *out)
{
	return lex_digits(lex, INT64_MAX, out);
}

bool lex_nz_number(Lex *lex, uint32_t *out)
{
	if (!lex_number(lex, out))
		return false;
	return *out != 0 || lex_fail(lex, "a number above 0");
}

bool lex_string(Lex *lex, const char **out, size_t *len)
{
	size_t unused;

	if (len == NULL)
		len = &unused;
	if (*lex->at == '"')
		return lex_quoted(lex, out, len);
	if (starts_literal(lex))
		return lex_copy_literal(lex, out, len);
	return lex_fail(lex, "a string");
}

bool lex_astring(Lex *lex, const char **out, size_t *len)
{
	size_t n = slice_len(lex, true);

	if (n == 0 || starts_literal(lex))
		return lex_string(lex, out, len);
	*out = arena_strndup(lex->arena, lex->at, n);
	if (len != NULL)
		*len = n;
	lex->at += n;
	return true;
}

bool lex_nstring(Lex *lex, const char **out, size_t *len)
{
	if (!lex_nil(lex))
		return lex_astring(lex, out, len);
	*out = NULL;
	if (len != NULL)
		*len = 0;
	return true;
}

bool lex_nbytes(Lex *lex, GBytes **out, uint64_t *chunked)
{
	const char *text;
	size_t len;

	*out = NULL;
	*chunked = 0;
	if (starts_literal(lex)) {
		const FrameLiteral *literal = lex_literal(lex);
		if (literal == NULL)
			return false;
		*chunked = literal->chunked;
		if (literal->data == NULL)
			return true;
		*out = g_bytes_ref(literal->data);
	} else if (*lex->at == '"') {
		if (!lex_quoted(lex, &text, &len))
			return false;
		*out = g_bytes_new(text, len);
	} else if (lex_nil(lex)) {
		return true;
	} else {
		return lex_fail(lex, "a string or NIL");
	}
	arena_own(lex->arena, *out, (GDestroyNotify)g_bytes_unref);
	return true;
}

bool lex_words(Lex *lex, char close, const char *const **out)
{
	const char stop[] = {' ', '(', ')', close, '\0'};
	const char **words = NULL;
	size_t n = 0;

	while (lex_take(lex, ' ')) {}
	while (*lex->at != close && lex->at != lex->end) {
		words = arena_append(lex->arena, words, n, sizeof(*words));
		if (*lex->at == '"') {
			if (!lex_string(lex, &words[n], NULL))
				return false;
		} else {
			size_t len = strcspn(lex->at, stop);
			if (len == 0)
				return lex_fail(lex, "a word");
			words[n] = arena_strndup(lex->arena, lex->at, len);
			lex->at += len;
		}
		n++;
		while (lex_take(lex, ' ')) {}
	}
	*out = arena_append(lex->arena, words, n, sizeof(*words));
	return true;
}

bool lex_skip_value(Lex *lex)
{
	size_t depth = 0;

	do {
		while (lex_take(lex, ' ')) {}
		if (lex_take(lex, '(')) {
			depth++;
		} else if (depth > 0 && lex_take(lex, ')')) {
			depth--;
		} else if (*lex->at == '"') {
			const char *close = find_quote(lex->at + 1);
			if (close == NULL)
				return lex_fail(lex, "the end of a quoted string");
			lex->at = close + 1;
		} else if (starts_literal(lex)) {
			if (lex_literal(lex) == NULL)
				return false;
		} else {
			size_t len = slice_len(lex, true);
			if (len == 0)
				return lex_fail(lex, "a value");
			lex->at += len;
		}
	} while (depth > 0);
	return true;
}

const char *lex_rest(Lex *lex)
{
	const char *rest = lex->at;

	lex->at = lex->end;
	return rest;
}
