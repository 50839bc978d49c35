#include "mime/header.h"

#include "mime/text.h"
#include "mime/transfer.h"

#include <string.h>

#define CHARSET_MAX 64

typedef struct {
	char charset[CHARSET_MAX];
	char encoding;
	const char *text;
	size_t len;
	const char *end; /* behind "?=" */
} Word;

/* Words of one charset that follow each other are decoded together: mailers cut characters. */
typedef struct {
	GString *out;
	GByteArray *bytes;
	char charset[CHARSET_MAX];
	bool after_word;
} Decoding;

/* As memmem(), which is not everywhere. */
static const char *find_pair(const char *at, const char *end, const char pair[2])
{
	for (; at < end && (at = memchr(at, pair[0], (size_t)(end - at))) != NULL; at++)
		if (end - at >= 2 && at[1] == pair[1])
			return at;
	return NULL;
}

/* Reads "=?charset?Q?text?=" at `at`.  Blanks and "?" inside are tolerated.  `*none_left` remembers
 * that no "?=" is left, or a million beginnings would each look for it. */
static bool read_word(const char *at, const char *end, Word *word, bool *none_left)
{
	const char *p = at + 2;
	size_t n = 0;

	if (*none_left || end - at < 7 || at[0] != '=' || at[1] != '?')
		return false;
	while (p < end && (g_ascii_isalnum(*p) || strchr("-_.:+*'()/", *p) != NULL) && *p != '\0' &&
	       n < CHARSET_MAX - 1)
		word->charset[n++] = *p++;
	word->charset[n] = '\0';
	if (end - p < 4 || p[0] != '?' || p[2] != '?' || strchr("BbQq", p[1]) == NULL)
		return false;
	word->encoding = p[1];
	word->text = p + 3;
	word->charset[strcspn(word->charset, "*")] = '\0'; /* RFC 2231 5: the language */
	const char *close = find_pair(word->text, end, "?=");
	*none_left = close == NULL;
	if (close == NULL)
		return false;
	word->len = (size_t)(close - word->text);
	word->end = close + 2;
	return true;
}

static bool blank(const char *text, size_t len)
{
	while (len > 0 && g_ascii_isspace(text[len - 1]))
		len--;
	return len == 0;
}

static void flush_words(Decoding *decoding)
{
	size_t len;

	if (decoding->bytes->len > 0) {
		g_autofree char *text = text_to_utf8((const char *)decoding->bytes->data,
						     decoding->bytes->len, decoding->charset, &len);
		g_string_append_len(decoding->out, text, (gssize)len);
	}
	g_byte_array_set_size(decoding->bytes, 0);
}

static void add_word(Decoding *decoding, const Word *word)
{
	if (g_ascii_strcasecmp(word->charset, decoding->charset) != 0)
		flush_words(decoding);
	g_strlcpy(decoding->charset, word->charset, sizeof decoding->charset);
	transfer_decode_word(word->encoding, word->text, word->len, decoding->bytes);
	decoding->after_word = true;
}

/* White space between two words is not shown (RFC 2047 6.2). */
static void add_literal(Decoding *decoding, const char *text, size_t len, bool word_follows)
{
	size_t out_len;

	if (len == 0 || (decoding->after_word && word_follows && blank(text, len)))
		return;
	flush_words(decoding);
	g_autofree char *decoded = text_to_utf8(text, len, NULL, &out_len);
	g_string_append_len(decoding->out, decoded, (gssize)out_len);
	decoding->after_word = false;
}

static char *unfold(const char *raw, size_t *len)
{
	char *text = g_malloc(*len + 1);
	size_t n = 0;

	for (size_t i = 0; i < *len; i++) {
		bool line_end =
			raw[i] == '\n' || (raw[i] == '\r' && i + 1 < *len && raw[i + 1] == '\n');
		if (!line_end)
			text[n++] = raw[i];
	}
	text[n] = '\0';
	*len = n;
	return text;
}

/* Behind "Re", "Fw" or "Fwd", its "[blob]" and its colon, or NULL (RFC 5256 subj-refwd). */
static const char *skip_refwd(const char *p)
{
	static const char *const words[] = {"fwd", "fw", "re"};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t n = strlen(words[i]);
		if (g_ascii_strncasecmp(p, words[i], n) != 0)
			continue;
		const char *q = p + n;
		while (*q == ' ' || *q == '\t')
			q++;
		if (*q == '[') {
			q += 1 + strcspn(q + 1, "[]");
			if (*q != ']')
				return NULL;
			for (q++; *q == ' ' || *q == '\t';)
				q++;
		}
		return *q == ':' ? q + 1 : NULL;
	}
	return NULL;
}

static const char *skip_blob(const char *p)
{
	const char *q = p + 1 + (*p == '[' ? strcspn(p + 1, "[]") : 0);

	if (*p != '[' || *q != ']')
		return NULL;
	for (q++; *q == ' ' || *q == '\t';)
		q++;
	return *q == '\0' ? NULL : q; /* a subject of nothing but the tag keeps it */
}

const char *header_comment_end(const char *at, const char *end)
{
	size_t depth = 0;

	for (const char *p = at; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* Nothing in it stands for anything else. */
static bool is_plain(const char *raw, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (raw[i] < ' ' || raw[i] > '~' ||
		    (raw[i] == '=' && i + 1 < len && raw[i + 1] == '?'))
			return false;
	}
	return true;
}

char *header_decode_exact(const char *raw, size_t len)
{
	if (is_plain(raw, len))
		return g_strstrip(g_strndup(raw, len));

	g_autofree char *line = unfold(raw, &len);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	Decoding decoding = {.out = g_string_sized_new(len + 1), .bytes = bytes};
	const char *literal = line, *end = line + len;
	bool none_left = false;
	Word word;

	for (const char *p = line; p < end && (p = memchr(p, '=', (size_t)(end - p))) != NULL;) {
		if (!read_word(p, end, &word, &none_left)) {
			p++;
			continue;
		}
		add_literal(&decoding, literal, (size_t)(p - literal), true);
		add_word(&decoding, &word);
		p = literal = word.end;
	}
	add_literal(&decoding, literal, (size_t)(end - literal), false);
	flush_words(&decoding);
	return g_strstrip(g_string_free(decoding.out, FALSE));
}

size_t header_word_length(const char *at, const char *end, bool *none_left)
{
	Word word;

	return read_word(at, end, &word, none_left) ? (size_t)(word.end - at) : 0;
}

char *header_decode(const char *raw, size_t len)
{
	g_autofree char *exact = header_decode_exact(raw, len);
	char *line = g_strstrip(text_clean(exact, TEXT_ONE_LINE));

	if (strlen(line) > HEADER_SHOWN_MAX) {
		static const char mark[] = "…";
		char *cut = g_utf8_find_prev_char(line, line + HEADER_SHOWN_MAX - sizeof mark + 2);
		memcpy(cut, mark, sizeof mark);
	}
	return line;
}

const char *header_base_subject(const char *subject)
{
	const char *p = subject;

	for (;;) {
		while (*p == ' ' || *p == '\t')
			p++;
		const char *next = skip_refwd(p);
		if (next == NULL)
			next = skip_blob(p);
		if (next == NULL)
			return p;
		p = next;
	}
}
