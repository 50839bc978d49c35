#include "mime/markup.h"

#include "mime/entity.h"

#include <string.h>

/* Elements whose content is no markup and is not for reading. */
static const char *const raw_elements[] = {"script", "style",   "title",
					   "iframe", "noembed", "select"};

static bool is_name_start(const char *p, const char *end)
{
	return p < end && g_ascii_isalpha(*p);
}

/* Behind the ">" of the tag whose attributes begin at `p`; one inside quotes does not count, unless
 * the quotes never end.  NULL where there is none. */
static const char *tag_end(const char *p, const char *end)
{
	const char *start = p;
	char quote = '\0', before = ' ';

	for (; p < end; p++) {
		if (quote != '\0') {
			quote = *p == quote ? '\0' : quote;
		} else if (*p == '>') {
			return p + 1;
		} else if ((*p == '"' || *p == '\'') && before == '=') {
			quote = *p;
		}
		if (!g_ascii_isspace(*p))
			before = *p;
	}
	p = memchr(start, '>', (size_t)(end - start));
	return p == NULL ? NULL : p + 1;
}

static const char *comment_end(const char *p, const char *end)
{
	for (; p < end && (p = memchr(p, '-', (size_t)(end - p))) != NULL; p++)
		if (end - p >= 3 && p[1] == '-' && p[2] == '>')
			return p + 3;
	return NULL;
}

/* Where "</name" begins. */
static const char *raw_end(const char *p, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (; p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++)
		if ((size_t)(end - p) >= len + 2 && p[1] == '/' &&
		    g_ascii_strncasecmp(p + 2, name, len) == 0)
			return p;
	return NULL;
}

/* Skips a comment, a declaration or a bogus end tag at `markup->at`; false where it is text. */
static bool skip_comment(Markup *markup)
{
	const char *p = markup->at, *close = NULL;

	if (markup->end - p < 2 || strchr("!?/", p[1]) == NULL || p[1] == '\0' ||
	    markup->no_tag_end)
		return false;
	if (markup->end - p >= 4 && memcmp(p, "<!--", 4) == 0 && !markup->no_comment_end) {
		close = comment_end(p + 2, markup->end);
		markup->no_comment_end = close == NULL;
	}
	if (close == NULL) {
		close = memchr(p, '>', (size_t)(markup->end - p));
		close = close == NULL ? NULL : close + 1;
		markup->no_tag_end = close == NULL;
	}
	if (close == NULL)
		return false;
	markup->at = close;
	return true;
}

static bool read_tag(Markup *markup, MarkupToken *token)
{
	const char *p = markup->at + 1;
	bool closing = p < markup->end && *p == '/';
	size_t n = 0;

	p += closing;
	if (markup->no_tag_end || !is_name_start(p, markup->end))
		return false;
	for (; p < markup->end && !g_ascii_isspace(*p) && *p != '>' && *p != '/'; p++)
		if (n < MARKUP_NAME_MAX)
			token->name[n++] = g_ascii_tolower(*p);
	token->name[n] = '\0';
	const char *close = tag_end(p, markup->end);
	markup->no_tag_end = close == NULL;
	if (close == NULL)
		return false;
	token->kind = closing ? MARKUP_CLOSE : MARKUP_OPEN;
	token->text = p;
	token->len = (size_t)(close - 1 - p);
	markup->at = close;
	return true;
}

/* Skips the content of a raw element, up to its end tag. */
static void skip_raw(Markup *markup, const MarkupToken *tag)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(raw_elements); i++) {
		if (strcmp(tag->name, raw_elements[i]) != 0 || (markup->no_raw_end & 1u << i) != 0)
			continue;
		const char *close = raw_end(markup->at, markup->end, tag->name);
		if (close == NULL)
			markup->no_raw_end |= 1u << i;
		else
			markup->at = close;
	}
}

static void read_text(Markup *markup, MarkupToken *token)
{
	const char *start = markup->at;
	const char *next = memchr(start + 1, '<', (size_t)(markup->end - start - 1));

	markup->at = next == NULL ? markup->end : next;
	token->kind = MARKUP_TEXT;
	token->name[0] = '\0';
	token->text = start;
	token->len = (size_t)(markup->at - start);
}

/* Reads one attribute at `*p`; false at the end of the tag. */
static bool next_attribute(const char **p, const char *end, const char **name, size_t *name_len,
			   const char **value, size_t *value_len)
{
	const char *at = *p;

	while (at < end && (g_ascii_isspace(*at) || *at == '/' || *at == '='))
		at++;
	*name = at;
	while (at < end && !g_ascii_isspace(*at) && *at != '=' && *at != '/')
		at++;
	*name_len = (size_t)(at - *name);
	const char *equals = at;
	while (equals < end && g_ascii_isspace(*equals))
		equals++;
	*value = at;
	*value_len = 0;
	*p = at;
	if (equals == end || *equals != '=')
		return *name_len > 0;
	for (at = equals + 1; at < end && g_ascii_isspace(*at);)
		at++;
	char quote = at < end && (*at == '"' || *at == '\'') ? *at : '\0';
	*value = at + (quote != '\0');
	for (at = *value; at < end && (quote != '\0' ? *at != quote : !g_ascii_isspace(*at));)
		at++;
	*value_len = (size_t)(at - *value);
	*p = at + (at < end && quote != '\0');
	return *name_len > 0;
}

bool markup_next(Markup *markup, MarkupToken *token)
{
	while (markup->at < markup->end) {
		if (*markup->at != '<') {
			read_text(markup, token);
			return true;
		}
		if (read_tag(markup, token)) {
			if (token->kind == MARKUP_OPEN)
				skip_raw(markup, token);
			return true;
		}
		if (!skip_comment(markup)) {
			read_text(markup, token);
			return true;
		}
	}
	return false;
}

char *markup_attribute(const MarkupToken *tag, const char *name)
{
	const char *p = tag->text, *end = p + tag->len, *found, *value;
	size_t len, value_len;

	while (next_attribute(&p, end, &found, &len, &value, &value_len)) {
		if (len != strlen(name) || g_ascii_strncasecmp(found, name, len) != 0)
			continue;
		GString *out = g_string_new(NULL);
		entity_decode(out, value, value_len, true);
		return g_string_free(out, FALSE);
	}
	return NULL;
}
