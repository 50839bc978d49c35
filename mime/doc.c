#include "mime/doc.h"

#include "mime/text.h"

#include <string.h>

#define BLOCK_SIZE 65536

typedef struct {
	size_t first_span;
	int width;
} Line;

typedef struct {
	char *target;
	bool listed;
} Link;

/* Text lies in blocks that never move, because spans point into them. */
struct MimeDoc {
	GArray *lines; /* Line; the last one is being built */
	GArray *spans; /* DocSpan */
	GArray *links; /* Link */
	GPtrArray *blocks;
	char *free_text;
	size_t free_len;
	TextBidi bidi;
};

static void link_clear(gpointer data)
{
	g_free(((Link *)data)->target);
}

static const char *store(MimeDoc *doc, const char *text, size_t len)
{
	if (len > doc->free_len) {
		doc->free_len = MAX(len, BLOCK_SIZE);
		doc->free_text = g_malloc(doc->free_len);
		g_ptr_array_add(doc->blocks, doc->free_text);
	}
	char *copy = doc->free_text;
	memcpy(copy, text, len);
	doc->free_text += len;
	doc->free_len -= len;
	return copy;
}

static Line *building(MimeDoc *doc)
{
	return &g_array_index(doc->lines, Line, doc->lines->len - 1);
}

static bool line_is_empty(const MimeDoc *doc)
{
	return doc->spans->len == g_array_index(doc->lines, Line, doc->lines->len - 1).first_span;
}

/* True where the new text continues the last span in every respect. */
static bool extend(MimeDoc *doc, const DocSpan *span)
{
	if (line_is_empty(doc))
		return false;
	DocSpan *last = &g_array_index(doc->spans, DocSpan, doc->spans->len - 1);
	if (last->text + last->len != span->text || last->style != span->style ||
	    last->depth != span->depth || last->link != span->link)
		return false;
	last->len += span->len;
	return true;
}

static void follow_bidi(MimeDoc *doc, const char *text, size_t len)
{
	const char *p = text, *end = text + len;

	while (p < end && (p = memchr(p, 0xE2, (size_t)(end - p))) != NULL) {
		if (end - p >= 3)
			text_bidi_feed(&doc->bidi, g_utf8_get_char(p));
		p += 3;
	}
}

static void add_piece(MimeDoc *doc, DocStyle style, unsigned depth, int link, const char *text,
		      size_t len)
{
	DocSpan span = {.len = len, .style = style, .depth = depth, .link = link};

	if (len == 0)
		return;
	follow_bidi(doc, text, len);
	span.text = store(doc, text, len);
	building(doc)->width += text_width_len(text, len);
	if (!extend(doc, &span))
		g_array_append_val(doc->spans, span);
}

static void add_text(MimeDoc *doc, DocStyle style, unsigned depth, int link, const char *text,
		     size_t len)
{
	while (len > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t piece = newline == NULL ? len : (size_t)(newline - text);
		add_piece(doc, style, depth, link, text, piece);
		if (newline == NULL)
			return;
		doc_end_line(doc);
		text += piece + 1;
		len -= piece + 1;
	}
}

static void begin_line(MimeDoc *doc)
{
	Line line = {.first_span = doc->spans->len};

	g_array_append_val(doc->lines, line);
}

MimeDoc *doc_new(void)
{
	MimeDoc *doc = g_new0(MimeDoc, 1);

	doc->lines = g_array_new(FALSE, FALSE, sizeof(Line));
	doc->spans = g_array_new(FALSE, FALSE, sizeof(DocSpan));
	doc->links = g_array_new(FALSE, FALSE, sizeof(Link));
	g_array_set_clear_func(doc->links, link_clear);
	doc->blocks = g_ptr_array_new_with_free_func(g_free);
	begin_line(doc);
	return doc;
}

void doc_free(MimeDoc *doc)
{
	if (doc == NULL)
		return;
	g_array_unref(doc->lines);
	g_array_unref(doc->spans);
	g_array_unref(doc->links);
	g_ptr_array_unref(doc->blocks);
	g_free(doc);
}

void doc_add(MimeDoc *doc, DocStyle style, unsigned depth, const char *text, size_t len)
{
	add_text(doc, style, depth, -1, text, len);
}

int doc_new_link(MimeDoc *doc, const char *target, bool listed)
{
	Link link = {.target = g_strdup(target), .listed = listed};

	g_array_append_val(doc->links, link);
	return (int)doc->links->len - 1;
}

void doc_list_link(MimeDoc *doc, int link)
{
	g_array_index(doc->links, Link, link).listed = true;
}

void doc_add_link(MimeDoc *doc, unsigned depth, const char *text, size_t len, int link)
{
	add_text(doc, DOC_LINK, depth, link, text, len);
}

void doc_end_line(MimeDoc *doc)
{
	char closers[TEXT_BIDI_CLOSERS_MAX];
	size_t len = text_bidi_close(&doc->bidi, closers);

	if (len > 0 && !line_is_empty(doc)) {
		DocSpan last = g_array_index(doc->spans, DocSpan, doc->spans->len - 1);
		last.text = store(doc, closers, len);
		last.len = len;
		if (!extend(doc, &last))
			g_array_append_val(doc->spans, last);
	}
	begin_line(doc);
}

void doc_finish_line(MimeDoc *doc)
{
	if (!line_is_empty(doc))
		doc_end_line(doc);
}

void doc_append(MimeDoc *doc, const MimeDoc *from)
{
	int shift = (int)doc->links->len;

	doc_finish_line(doc);
	for (guint i = 0; i < from->links->len; i++) {
		const Link *link = &g_array_index(from->links, Link, i);
		doc_new_link(doc, link->target, link->listed);
	}
	for (size_t line = 0; line < doc_line_count(from); line++) {
		size_t n;
		const DocSpan *spans = doc_line(from, line, &n);
		for (size_t i = 0; i < n; i++)
			add_piece(doc, spans[i].style, spans[i].depth,
				  spans[i].link < 0 ? -1 : spans[i].link + shift, spans[i].text,
				  spans[i].len);
		doc_end_line(doc);
	}
}

size_t doc_line_count(const MimeDoc *doc)
{
	return doc->lines->len - (line_is_empty(doc) ? 1 : 0);
}

const DocSpan *doc_line(const MimeDoc *doc, size_t line, size_t *n)
{
	const Line *lines = (const Line *)doc->lines->data;
	bool last = line + 1 == doc->lines->len;

	*n = (last ? doc->spans->len : lines[line + 1].first_span) - lines[line].first_span;
	return (const DocSpan *)doc->spans->data + lines[line].first_span;
}

int doc_line_width(const MimeDoc *doc, size_t line)
{
	return g_array_index(doc->lines, Line, line).width;
}

unsigned doc_line_depth(const MimeDoc *doc, size_t line)
{
	size_t n;
	const DocSpan *spans = doc_line(doc, line, &n);

	return n == 0 ? 0 : spans[0].depth;
}

size_t doc_link_count(const MimeDoc *doc)
{
	return doc->links->len;
}

const char *doc_link(const MimeDoc *doc, size_t index)
{
	return g_array_index(doc->links, Link, index).target;
}

bool doc_link_is_listed(const MimeDoc *doc, size_t index)
{
	return g_array_index(doc->links, Link, index).listed;
}

char *doc_to_text(const MimeDoc *doc, bool links)
{
	GString *text = g_string_new(NULL);
	bool any = false;

	for (size_t line = 0; line < doc_line_count(doc); line++) {
		size_t n;
		const DocSpan *spans = doc_line(doc, line, &n);
		for (size_t i = 0; i < n; i++)
			g_string_append_len(text, spans[i].text, (gssize)spans[i].len);
		g_string_append_c(text, '\n');
	}
	for (size_t i = 0; links && i < doc_link_count(doc); i++) {
		if (!doc_link_is_listed(doc, i))
			continue;
		g_string_append_printf(text, "%s[%zu] %s\n", any ? "" : "\n", i + 1,
				       doc_link(doc, i));
		any = true;
	}
	return g_string_free(text, FALSE);
}
