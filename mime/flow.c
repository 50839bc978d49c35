#include "mime/flow.h"

#include "mime/text.h"
#include "mime/wrap.h"

#include <string.h>

#define TAB_COLUMNS 8

typedef struct {
	Wrap *wrap;
	MimeDoc *out;
	GString *paragraph;    /* flowed lines so far */
	unsigned depth;        /* of the paragraph */
	bool open;             /* the last line of the paragraph flows on */
	const char *signature; /* where it begins, or NULL */
} Flow;

/* What a link begins with, and what stands in front of it where that is not a scheme. */
static const struct {
	const char *start, *scheme;
} link_starts[] = {
	{"https://", ""}, {"http://", ""}, {"mailto:", ""}, {"ftp://", ""}, {"www.", "http://"},
};

/* Their first letters, as every letter of a text is looked up here. */
static const bool begins_link[256] = {
	['h'] = true, ['H'] = true, ['m'] = true, ['M'] = true,
	['f'] = true, ['F'] = true, ['w'] = true, ['W'] = true,
};

static size_t link_start(const char *p, size_t *which)
{
	for (size_t i = 0; i < G_N_ELEMENTS(link_starts); i++) {
		size_t len = strlen(link_starts[i].start);
		if (g_ascii_strncasecmp(p, link_starts[i].start, len) == 0) {
			*which = i;
			return len;
		}
	}
	return 0;
}

static bool link_char(gunichar c)
{
	if (c < 0x80)
		return c > ' ' && c != 0x7F && strchr("<>\"`{}|\\^", (int)c) == NULL;
	return g_unichar_isalnum(c) && text_width_char(c) == 1;
}

/* The length of the link at `p`.  A full stop behind it, and a bracket that was opened outside,
 * belong to the sentence. */
static size_t link_length(const char *p)
{
	size_t len = 0;
	int open = 0;

	while (p[len] != '\0' && link_char(g_utf8_get_char(p + len))) {
		open += p[len] == '(' ? 1 : p[len] == ')' ? -1 : 0;
		len += (size_t)(g_utf8_next_char(p + len) - (p + len));
	}
	for (; len > 0; len--) {
		char last = p[len - 1];
		if (last == ')' && open < 0)
			open++;
		else if (strchr(".,:;!?'*_]", last) == NULL || last == '\0')
			break;
	}
	return len;
}

static void add_link(Flow *flow, const char *text, size_t len, const char *scheme)
{
	g_autofree char *url = g_strdup_printf("%s%.*s", scheme, (int)len, text);
	g_autofree char *target = text_clean_name(url);

	wrap_add_link(flow->wrap, text, len, doc_new_link(flow->out, target, false));
}

static void add_text(Flow *flow, DocStyle style, const char *text, size_t len)
{
	const char *plain = text, *end = text + len;

	for (const char *p = text; p < end; p++) {
		size_t which, start = 0, link = 0;
		if (begins_link[(unsigned char)*p] && (p == text || !g_ascii_isalnum(p[-1])))
			start = link_start(p, &which);
		if (start > 0)
			link = link_length(p);
		if (link <= start)
			continue;
		wrap_add(flow->wrap, style, plain, (size_t)(p - plain));
		add_link(flow, p, link, link_starts[which].scheme);
		plain = p + link;
		p = plain - 1;
	}
	wrap_add(flow->wrap, style, plain, (size_t)(end - plain));
}

static char *expand_tabs(const char *line, size_t len)
{
	GString *out = g_string_sized_new(len + TAB_COLUMNS);
	int column = 0;

	if (memchr(line, '\t', len) == NULL)
		return g_string_free(g_string_append_len(out, line, (gssize)len), FALSE);
	for (const char *p = line; p < line + len; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c != '\t') {
			g_string_append_unichar(out, c);
			column += text_width_char(c);
			continue;
		}
		do
			g_string_append_c(out, ' ');
		while (++column % TAB_COLUMNS != 0);
	}
	return g_string_free(out, FALSE);
}

/* The length of "> > " as people type it, and how many there are. */
static size_t quote_prefix(const char *line, unsigned *depth)
{
	size_t len = line[0] == ' ' && line[1] == '>' ? 1 : 0;

	*depth = 0;
	while (line[len] == '>' || (line[len] == ' ' && line[len + 1] == '>' && *depth > 0)) {
		*depth += line[len] == '>';
		len++;
	}
	return *depth == 0 ? 0 : len + (line[len] == ' ');
}

static DocStyle style_of(const Flow *flow, const char *line, unsigned depth)
{
	if (flow->signature != NULL && line >= flow->signature)
		return DOC_SIGNATURE;
	return depth > 0 ? DOC_QUOTE : DOC_NORMAL;
}

static void write_fixed(Flow *flow, const char *at, const char *line, size_t len)
{
	g_autofree char *text = expand_tabs(line, len);
	unsigned depth;
	size_t prefix_len = quote_prefix(text, &depth);
	g_autofree char *prefix = g_strndup(text, prefix_len);
	DocStyle style = style_of(flow, at, depth);

	wrap_set_prefix(flow->wrap, style, depth, prefix, prefix);
	add_text(flow, style, text + prefix_len, strlen(text + prefix_len));
	wrap_end(flow->wrap);
}

static void write_paragraph(Flow *flow, const char *at)
{
	DocStyle style = style_of(flow, at, flow->depth);
	g_autofree char *text = expand_tabs(flow->paragraph->str, flow->paragraph->len);
	g_autofree char *prefix = g_strnfill(flow->depth + 1, '>');

	prefix[flow->depth] = flow->depth > 0 && *text != '\0' ? ' ' : '\0';
	wrap_set_prefix(flow->wrap, style, flow->depth, prefix, prefix);
	add_text(flow, style, text, strlen(text));
	wrap_end(flow->wrap);
	g_string_truncate(flow->paragraph, 0);
	flow->open = false;
}

/* RFC 3676 4: quote marks, then the stuffed blank, then whether the line flows on.  A signature's
 * mark and a change of depth end the paragraph although its last line flows (4.5). */
static void read_flowed(Flow *flow, const char *line, size_t len, bool delsp)
{
	unsigned depth = 0;
	const char *at = line;

	while (len > 0 && *line == '>') {
		depth++;
		line++;
		len--;
	}
	if (len > 0 && *line == ' ') {
		line++;
		len--;
	}
	bool signature = len == 3 && memcmp(line, "-- ", 3) == 0;
	bool flows = len > 0 && line[len - 1] == ' ' && !signature;
	if (flow->open && (depth != flow->depth || signature))
		write_paragraph(flow, at - 1);
	flow->depth = depth;
	g_string_append_len(flow->paragraph, line, (gssize)(flows && delsp ? len - 1 : len));
	flow->open = flows;
	if (!flows)
		write_paragraph(flow, at);
}

/* The last line that is "-- " and nothing else. */
static const char *find_signature(const char *text)
{
	const char *found = NULL;

	for (const char *p = text; (p = strstr(p, "-- ")) != NULL; p += 3)
		if ((p == text || p[-1] == '\n') && p[3] == '\n')
			found = p;
	return found;
}

void flow_to_doc(const char *text, bool flowed, bool delsp, int width, MimeDoc *out)
{
	g_autoptr(Wrap) wrap = wrap_new(out, width);
	g_autoptr(GString) paragraph = g_string_new(NULL);
	Flow flow = {.wrap = wrap,
		     .out = out,
		     .paragraph = paragraph,
		     .signature = find_signature(text)};
	const char *line = text;

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");
		if (flowed)
			read_flowed(&flow, line, len, delsp);
		else
			write_fixed(&flow, line, line, len);
		line += len + (line[len] == '\n');
	}
	if (flow.open)
		write_paragraph(&flow, line);
}
