#include "mime/split.h"

#include <string.h>

typedef enum { LINE_FIELD, LINE_CONTINUED, LINE_EMPTY, LINE_FROM, LINE_OTHER } LineKind;

/* Behind the line that begins at `at`. */
static const char *next_line(const char *at, const char *end, char newline)
{
	const char *line_end = memchr(at, newline, (size_t)(end - at));

	return line_end == NULL ? end : line_end + 1;
}

/* The line's length without its end. */
static size_t line_length(const char *at, const char *next)
{
	while (next > at && (next[-1] == '\n' || next[-1] == '\r'))
		next--;
	return (size_t)(next - at);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The length of a field's name at `at`, or 0. */
static size_t field_name(const char *at, size_t len)
{
	size_t n = 0;

	while (n < len && at[n] != ':' && !is_blank(at[n]) && !(at[n] > 0 && at[n] < ' '))
		n++;
	size_t colon = n;
	while (colon < len && is_blank(at[colon]))
		colon++;
	return n > 0 && colon < len && at[colon] == ':' ? n : 0;
}

static LineKind line_kind(const char *at, const char *next)
{
	size_t len = line_length(at, next);

	if (len == 0)
		return LINE_EMPTY;
	if (is_blank(*at))
		return LINE_CONTINUED;
	if ((len > 5 && memcmp(at, "From ", 5) == 0) || (len > 6 && memcmp(at, ">From ", 6) == 0))
		return LINE_FROM;
	return field_name(at, len) > 0 ? LINE_FIELD : LINE_OTHER;
}

/* The open multipart whose boundary this line is, innermost first (RFC 2046 5.1.2), or NULL. */
static const SplitBoundary *match(const Splitter *s, const char *next, bool *closing)
{
	size_t len = line_length(s->at, next);

	if (len < 3 || s->at[0] != '-' || s->at[1] != '-')
		return NULL;
	while (len > 0 && is_blank(s->at[len - 1]))
		len--;
	for (const SplitBoundary *b = s->open; b != NULL; b = b->outer) {
		bool plain = len == b->len + 2;
		*closing = len == b->len + 4 && memcmp(s->at + len - 2, "--", 2) == 0;
		if ((plain || *closing) && memcmp(s->at + 2, b->text, b->len) == 0)
			return b;
	}
	return NULL;
}

/* True where the line at `s->at`, being no field, belongs to the header: a field follows it, and it
 * is no boundary that this very header may have named. */
static bool tolerated(const Splitter *s, const char *next)
{
	return next < s->end && !(s->at[0] == '-' && s->at[1] == '-') &&
	       line_kind(next, next_line(next, s->end, s->newline)) == LINE_FIELD;
}

/* True where the body begins with that line.  Saved mail may have a blank line or an mbox's in
 * front of its header; anything else there is text. */
static bool begins_body(const Splitter *s, const char *next, LineKind kind, bool first)
{
	if (kind == LINE_FIELD || kind == LINE_EMPTY || (kind == LINE_FROM && !first) ||
	    (kind == LINE_CONTINUED && !first))
		return false;
	return (kind == LINE_OTHER && first) || !tolerated(s, next);
}

Splitter splitter_new(const char *text, size_t len)
{
	bool newlines = len == 0 || memchr(text, '\n', len) != NULL;

	return (Splitter){.at = text, .end = text + len, .newline = newlines ? '\n' : '\r'};
}

const char *splitter_skip_header(Splitter *s, const char **cut)
{
	const char *start = s->at;
	unsigned lines = 0;
	bool closing;

	*cut = NULL;
	for (; s->at < s->end; lines++) {
		const char *next = next_line(s->at, s->end, s->newline);
		LineKind kind = line_kind(s->at, next);
		if (match(s, next, &closing) != NULL)
			break;
		if (begins_body(s, next, kind, lines == 0))
			break;
		if (*cut == NULL && (lines == SPLIT_HEADER_LINES_MAX ||
				     (size_t)(next - start) > SPLIT_HEADER_BYTES_MAX))
			*cut = lines == SPLIT_HEADER_LINES_MAX ? s->at
							       : start + SPLIT_HEADER_BYTES_MAX;
		s->at = next;
		if (kind == LINE_EMPTY)
			break;
	}
	if (*cut == NULL)
		*cut = s->at;
	return s->at;
}

void splitter_skip_body(Splitter *s, SplitEnd *end)
{
	const char *start = s->at;

	*end = (SplitEnd){0};
	while (s->at < s->end && end->boundary == NULL) {
		const char *next = next_line(s->at, s->end, s->newline);
		end->boundary = match(s, next, &end->closing);
		if (end->boundary != NULL)
			end->body_end = s->at;
		s->at = next;
	}
	if (end->boundary == NULL) {
		end->closing = false;
		end->body_end = s->end;
		return;
	}
	if (end->body_end > start && end->body_end[-1] == s->newline)
		end->body_end--;
	if (end->body_end > start && end->body_end[-1] == '\r' && s->newline == '\n')
		end->body_end--;
}

bool split_next_field(GBytes *header, const char **at, SplitField *field)
{
	size_t len;
	const char *start = g_bytes_get_data(header, &len);

	if (len == 0)
		return false;
	const char *end = start + len, *p = *at == NULL ? start : *at;
	char newline = memchr(start, '\n', len) != NULL ? '\n' : '\r';

	while (p < end) {
		const char *line = p, *next = next_line(p, end, newline);
		p = next;
		if (line_kind(line, next) != LINE_FIELD)
			continue;
		while (p < end && is_blank(*p))
			p = next_line(p, end, newline);
		const char *colon = memchr(line, ':', (size_t)(next - line));
		field->name = line;
		field->name_len = field_name(line, line_length(line, next));
		field->value = colon + 1;
		field->value_len = line_length(colon + 1, p);
		*at = p;
		return true;
	}
	*at = end;
	return false;
}

bool split_find_field(GBytes *header, const char *name, SplitField *field, unsigned *count)
{
	const char *at = NULL;
	size_t len = strlen(name);
	unsigned n = 0;
	SplitField next;

	while (header != NULL && split_next_field(header, &at, &next)) {
		if (next.name_len != len || g_ascii_strncasecmp(next.name, name, len) != 0)
			continue;
		if (n++ == 0)
			*field = next;
		if (count == NULL)
			break;
	}
	if (count != NULL)
		*count = n;
	return n > 0;
}
