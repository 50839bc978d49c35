#include "mime/html.h"

#include "mime/element.h"
#include "mime/entity.h"
#include "mime/markup.h"
#include "mime/text.h"
#include "mime/wrap.h"

#include <string.h>

#define DEPTH_MAX         256
#define CELL_COLUMNS      40 /* a wider cell is a column of a layout and gets lines of its own */
#define RULE_COLUMNS      40 /* where lines are not broken */
#define LINK_TEXT_MAX     300
#define CHARSET_WITHIN    2048
#define TAB_COLUMNS       8
#define PREFIX_MAX        200
#define DEFINITION_INDENT 4

/* An open element. */
typedef struct {
	const Element *element; /* NULL: an unknown one that hides, or one that was closed early */
	char name[MARKUP_NAME_MAX + 1];
	bool hidden;
	/* of a numbered list */
	unsigned items;
	/* of an item */
	char marker[16]; /* "" once it is written */
	int indent;      /* columns that the marker takes */
	/* of a row */
	bool broken;    /* it goes over several lines */
	int cell_start; /* columns of its line where the current cell began */
	/* of a link */
	char *target;
	int link;      /* its index, or -1 until it has text */
	bool image;    /* there was a picture without words */
	GString *text; /* its words */
} Frame;

typedef struct {
	Wrap *wrap;
	MimeDoc *out;
	int width;
	Frame stack[DEPTH_MAX];
	unsigned depth;
	unsigned styles[DOC_STYLE_COUNT];    /* how many open elements want it */
	unsigned hidden, pre, quotes, links; /* how many open elements do it */
	unsigned hidden_words;
	unsigned quotes_before; /* where the last text was */
	int gap;                /* before the next text: 1 a new line, 2 an empty line */
	bool blank;             /* white space before the next text */
	bool separator;         /* the next text begins a cell on its row's line */
	bool cell_empty; /* nothing yet in that cell: its blocks begin on the row's line too */
	bool any;        /* something was written */
	int column;      /* in preformatted text, for tabs */
} Html;

static ElementKind frame_kind(const Frame *frame)
{
	return frame->element == NULL ? ELEMENT_INLINE : frame->element->kind;
}

static DocStyle current_style(const Html *html)
{
	static const DocStyle order[] = {DOC_HEADING, DOC_CODE, DOC_BOLD, DOC_EMPHASIS,
					 DOC_UNDERLINE};

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		if (html->styles[order[i]] > 0)
			return order[i];
	return html->quotes > 0 ? DOC_QUOTE : DOC_NORMAL;
}

static Frame *current_link(Html *html)
{
	for (unsigned i = html->depth; html->links > 0 && i-- > 0;)
		if (html->stack[i].target != NULL)
			return &html->stack[i];
	return NULL;
}

static Frame *innermost(Html *html, ElementKind kind)
{
	for (unsigned i = html->depth; i-- > 0;)
		if (frame_kind(&html->stack[i]) == kind)
			return &html->stack[i];
	return NULL;
}

/* The quote marks and indents of all open elements; with the items' markers where `first`. */
static char *prefix(Html *html, bool first)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < html->depth && text->len < PREFIX_MAX; i++) {
		Frame *frame = &html->stack[i];
		if (frame_kind(frame) == ELEMENT_QUOTE)
			g_string_append(text, "> ");
		if (frame_kind(frame) != ELEMENT_ITEM)
			continue;
		if (first && *frame->marker != '\0')
			g_string_append(text, frame->marker);
		else
			g_string_append_printf(text, "%*s", frame->indent, "");
	}
	return g_string_free(text, FALSE);
}

static void set_prefix(Html *html)
{
	g_autofree char *first = prefix(html, true), *rest = prefix(html, false);
	DocStyle style = html->quotes > 0 ? DOC_QUOTE : DOC_NORMAL;

	wrap_set_prefix(html->wrap, style, html->quotes, first, rest);
	for (unsigned i = 0; i < html->depth; i++)
		html->stack[i].marker[0] = '\0';
}

static void end_line(Html *html)
{
	if (wrap_is_empty(html->wrap))
		return;
	if (html->pre > 0)
		wrap_end_preformatted(html->wrap);
	else
		wrap_end(html->wrap);
	for (unsigned i = 0; i < html->depth; i++)
		html->stack[i].broken = true;
	html->column = 0;
	html->any = true;
}

static void empty_line(Html *html)
{
	unsigned depth = MIN(html->quotes, html->quotes_before);
	g_autofree char *marks = g_strnfill(depth, '>');

	wrap_set_prefix(html->wrap, DOC_QUOTE, depth, marks, marks);
	wrap_end(html->wrap);
}

/* Makes ready for text: ends lines that want to be ended, separates cells. */
static void before_text(Html *html)
{
	if (html->gap > 0) {
		end_line(html);
		if (html->gap > 1 && html->any)
			empty_line(html);
		html->separator = false;
	}
	if (wrap_is_empty(html->wrap)) {
		set_prefix(html);
		html->blank = html->separator = false;
	} else if (html->separator) {
		wrap_add(html->wrap, DOC_NORMAL, " | ", 3);
		html->blank = html->separator = false;
	}
	html->gap = 0;
	html->cell_empty = false;
	html->quotes_before = html->quotes;
}

static void write_words(Html *html, const char *text, size_t len)
{
	Frame *link = current_link(html);

	if (link == NULL) {
		wrap_add(html->wrap, current_style(html), text, len);
		return;
	}
	if (link->link < 0)
		link->link = doc_new_link(html->out, link->target, false);
	wrap_add_link(html->wrap, text, len, link->link);
	if (link->text->len < LINK_TEXT_MAX)
		g_string_append_len(link->text, text, (gssize)len);
}

static void put_text(Html *html, const char *text, size_t len)
{
	before_text(html);
	Frame *link = html->blank ? current_link(html) : NULL;
	if (html->blank && link != NULL && link->link < 0)
		wrap_add(html->wrap, DOC_NORMAL, " ", 1); /* it stood in front of the link */
	else if (html->blank)
		write_words(html, " ", 1);
	html->blank = false;
	write_words(html, text, len);
}

/* Runs of white space become one blank; no-break spaces too, with which HTML mail is stuffed. */
static void add_words(Html *html, const char *text)
{
	const char *p = text;

	while (*p != '\0') {
		const char *start = p;
		while (*p != '\0' && !g_unichar_isspace(g_utf8_get_char(p)))
			p = g_utf8_next_char(p);
		if (p > start)
			put_text(html, start, (size_t)(p - start));
		if (*p != '\0') {
			html->blank = true;
			p = g_utf8_next_char(p);
		}
	}
}

static void add_preformatted(Html *html, const char *text)
{
	for (const char *p = text; *p != '\0';) {
		size_t len = strcspn(p, "\n\t");
		if (len > 0) {
			put_text(html, p, len);
			html->column += text_width_len(p, len);
		}
		p += len;
		if (*p == '\t') {
			int blanks = TAB_COLUMNS - html->column % TAB_COLUMNS;
			put_text(html, "        ", (size_t)blanks);
			html->column += blanks;
		} else if (*p == '\n' && wrap_is_empty(html->wrap)) {
			html->gap = html->any ? 2 : 0;
		} else if (*p == '\n') {
			end_line(html);
		}
		p += *p != '\0';
	}
}

static void count_hidden(Html *html, const char *text)
{
	bool inside = false;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		bool space = g_unichar_isspace(g_utf8_get_char(p));
		html->hidden_words += !space && !inside;
		inside = !space;
	}
}

static void add_text(Html *html, const char *raw, size_t len)
{
	g_autoptr(GString) decoded = g_string_sized_new(len + 1);

	entity_decode(decoded, raw, len, false);
	g_autofree char *text = text_clean(decoded->str, TEXT_LINES);
	if (html->hidden > 0) {
		count_hidden(html, text);
	} else if (html->pre > 0) {
		add_preformatted(html, text);
	} else {
		add_words(html, text);
	}
}

/* Wants the line ended, or an empty line, before the next text.  The blocks at the beginning of a
 * cell stay on the line of its row. */
static void want_gap(Html *html, int gap)
{
	if (html->cell_empty)
		gap = html->separator ? 0 : MIN(gap, 1);
	html->gap = MAX(html->gap, gap);
}

/* Writes the number of a link behind its words, unless they are its target. */
static void end_link(Html *html, Frame *frame)
{
	if (frame->link < 0 && frame->image && html->hidden == 0)
		put_text(html, "[image]", 7);
	if (frame->link >= 0) {
		const char *target = frame->target, *words = frame->text->str;
		const char *bare = strstr(target, "//");
		bool shown =
			g_ascii_strcasecmp(words, target) == 0 ||
			(g_str_has_prefix(target, "mailto:") && strcmp(words, target + 7) == 0) ||
			(bare != NULL && strcmp(words, bare + 2) == 0);
		if (!shown) {
			if (wrap_is_empty(html->wrap))
				set_prefix(html);
			g_autofree char *number = g_strdup_printf("[%d]", frame->link + 1);
			wrap_add_link(html->wrap, number, strlen(number), frame->link);
			doc_list_link(html->out, frame->link);
		}
	}
	html->links--;
	g_clear_pointer(&frame->target, g_free);
	g_string_free(g_steal_pointer(&frame->text), TRUE);
}

/* Takes back what an open element did; its frame may stay. */
static void end_effects(Html *html, Frame *frame)
{
	const Element *element = frame->element;

	if (frame->target != NULL)
		end_link(html, frame);
	html->hidden -= frame->hidden;
	frame->hidden = false;
	if (element == NULL)
		return;
	if (element->kind == ELEMENT_PRE)
		end_line(html);
	want_gap(html, element->gap);
	if (element->kind == ELEMENT_ROW && !frame->broken)
		html->gap = 1; /* whatever the blocks in its cells want */
	html->styles[element->style]--;
	html->pre -= element->kind == ELEMENT_PRE;
	html->quotes -= element->kind == ELEMENT_QUOTE;
	frame->element = NULL;
	frame->name[0] = '\0';
}

static void pop_to(Html *html, unsigned depth)
{
	while (html->depth > depth) {
		end_effects(html, &html->stack[html->depth - 1]);
		html->depth--;
	}
}

/* True where the search for what a tag closes must stop: a cell's text closes nothing outside. */
static bool is_barrier(ElementKind inner, ElementKind closed)
{
	if (closed == ELEMENT_TABLE || closed == ELEMENT_ROW || closed == ELEMENT_CELL)
		return inner == ELEMENT_TABLE && closed != ELEMENT_TABLE;
	return inner == ELEMENT_CELL || inner == ELEMENT_TABLE;
}

static void close_tag(Html *html, const char *name)
{
	const Element *element = element_find(name);
	ElementKind kind = element == NULL ? ELEMENT_INLINE : element->kind;
	bool blocks = false;

	for (unsigned i = html->depth; i-- > 0;) {
		Frame *frame = &html->stack[i];
		if (strcmp(frame->name, name) == 0) {
			if (blocks && (kind == ELEMENT_INLINE || kind == ELEMENT_LINK))
				end_effects(html, frame);
			else
				pop_to(html, i);
			return;
		}
		if (is_barrier(frame_kind(frame), kind))
			return;
		blocks = blocks || (frame->element != NULL && frame->element->gap > 0);
	}
	if (kind == ELEMENT_PARAGRAPH || kind == ELEMENT_BREAK)
		want_gap(html, kind == ELEMENT_BREAK ? 1 : 2);
}

/* True where the search for what an opening tag ends goes on outside an element of that kind. */
static bool looks_through(ElementKind opened, ElementKind kind)
{
	bool part = opened == ELEMENT_ROW || opened == ELEMENT_CELL || opened == ELEMENT_ITEM;

	return kind == ELEMENT_INLINE || kind == ELEMENT_LINK || (part && kind == ELEMENT_BLOCK);
}

/* Closes what an opening tag ends without saying so: a cell, row or item the one before it, any
 * block a paragraph. */
static void close_implied(Html *html, const Element *element)
{
	ElementKind opened = element->kind;

	for (unsigned i = html->depth; i-- > 0;) {
		ElementKind kind = frame_kind(&html->stack[i]);
		bool part =
			opened == ELEMENT_ROW || opened == ELEMENT_CELL || opened == ELEMENT_ITEM;
		if ((part && kind == opened) || (opened == ELEMENT_ROW && kind == ELEMENT_CELL) ||
		    (kind == ELEMENT_PARAGRAPH && element->gap > 0))
			pop_to(html, i);
		else if (!looks_through(opened, kind))
			return;
	}
}

static void begin_item(Html *html, Frame *frame)
{
	Frame *list = NULL;

	if (strcmp(frame->name, "li") != 0) {
		frame->indent = strcmp(frame->name, "dd") == 0 ? DEFINITION_INDENT : 0;
		return;
	}
	for (unsigned i = html->depth; i-- > 0 && list == NULL;)
		if (frame_kind(&html->stack[i]) == ELEMENT_LIST ||
		    frame_kind(&html->stack[i]) == ELEMENT_NUMBERED)
			list = &html->stack[i];
	if (list != NULL && frame_kind(list) == ELEMENT_NUMBERED)
		g_snprintf(frame->marker, sizeof frame->marker, "%u. ", ++list->items);
	else
		g_strlcpy(frame->marker, "• ", sizeof frame->marker);
	frame->indent = text_width(frame->marker);
}

/* Small cells share the line of their row. */
static void begin_cell(Html *html)
{
	Frame *row = innermost(html, ELEMENT_ROW);
	int columns = wrap_columns(html->wrap);

	html->cell_empty = true;
	if (wrap_is_empty(html->wrap))
		return;
	if (row == NULL || row->broken || columns - row->cell_start > CELL_COLUMNS) {
		html->gap = MAX(html->gap, 1);
		return;
	}
	html->gap = 0;
	html->separator = true;
	row->cell_start = columns;
}

static void begin_link(Html *html, Frame *frame, const MarkupToken *tag)
{
	frame->target = element_target(tag);
	frame->link = -1;
	if (frame->target == NULL)
		return;
	frame->text = g_string_new(NULL);
	html->links++;
}

static void rule(Html *html)
{
	int columns = html->width > 0 ? html->width : RULE_COLUMNS;
	g_autoptr(GString) line = g_string_new(NULL);

	html->gap = MAX(html->gap, 1);
	before_text(html);
	g_autofree char *marks = prefix(html, false);
	for (columns -= text_width(marks); columns > 0; columns--)
		g_string_append(line, "─");
	wrap_add(html->wrap, DOC_RULE, line->str, line->len);
	html->gap = 1;
}

static void image(Html *html, const MarkupToken *tag)
{
	g_autofree char *alt = markup_attribute(tag, "alt");
	g_autofree char *clean = alt == NULL ? NULL : text_clean(alt, TEXT_ONE_LINE);
	Frame *link = current_link(html);

	if (clean != NULL && *g_strstrip(clean) != '\0') {
		g_autofree char *words = g_strdup_printf("[%s]", clean);
		add_words(html, words);
	} else if (link != NULL) {
		link->image = true;
	}
}

static void input(Html *html, const MarkupToken *tag)
{
	g_autofree char *type = markup_attribute(tag, "type");
	g_autofree char *value = markup_attribute(tag, "value");

	if (type == NULL || value == NULL || *value == '\0' ||
	    (g_ascii_strcasecmp(type, "submit") != 0 && g_ascii_strcasecmp(type, "button") != 0))
		return;
	g_autofree char *clean = text_clean(value, TEXT_ONE_LINE);
	g_autofree char *words = g_strdup_printf("[%s]", clean);
	add_words(html, words);
}

static void void_tag(Html *html, const Element *element, const MarkupToken *tag)
{
	if (html->hidden > 0)
		return;
	if (element->kind == ELEMENT_IMAGE)
		image(html, tag);
	else if (element->kind == ELEMENT_INPUT)
		input(html, tag);
	else if (element->kind == ELEMENT_RULE)
		rule(html);
	else if (wrap_is_empty(html->wrap) || html->gap > 0)
		html->gap = html->any || !wrap_is_empty(html->wrap) ? 2 : html->gap;
	else
		html->gap = 1;
}

static void begin_element(Html *html, Frame *frame, const MarkupToken *tag)
{
	ElementKind kind = frame_kind(frame);

	if (kind == ELEMENT_PRE || kind == ELEMENT_ROW)
		end_line(html);
	want_gap(html, frame->element->gap);
	html->styles[frame->element->style]++;
	html->pre += kind == ELEMENT_PRE;
	html->quotes += kind == ELEMENT_QUOTE;
	if (kind == ELEMENT_CELL)
		begin_cell(html);
	else if (kind == ELEMENT_ITEM)
		begin_item(html, frame);
	else if (kind == ELEMENT_LINK)
		begin_link(html, frame, tag);
}

static void open_tag(Html *html, const MarkupToken *tag)
{
	const Element *element = element_find(tag->name);
	bool hidden = element_hides(tag);

	if (element != NULL && element_is_void(element)) {
		if (!hidden)
			void_tag(html, element, tag);
		return;
	}
	if (element != NULL && (element->gap > 0 || element->kind == ELEMENT_CELL))
		close_implied(html, element);
	if (html->depth == DEPTH_MAX || (element == NULL && !hidden))
		return;
	Frame *frame = &html->stack[html->depth];
	*frame = (Frame){.element = element, .hidden = hidden};
	g_strlcpy(frame->name, tag->name, sizeof frame->name);
	html->hidden += hidden;
	if (element != NULL)
		begin_element(html, frame, tag);
	html->depth++;
}

static void finish(Html *html)
{
	pop_to(html, 0);
	end_line(html);
	if (html->hidden_words == 0)
		return;
	g_autofree char *notice =
		g_strdup_printf("[%u hidden %s not shown]", html->hidden_words,
				html->hidden_words == 1 ? "word is" : "words are");
	if (html->any)
		empty_line(html);
	wrap_set_prefix(html->wrap, DOC_NOTICE, 0, "", "");
	wrap_add(html->wrap, DOC_NOTICE, notice, strlen(notice));
	wrap_end(html->wrap);
}

void html_to_doc(const char *html, size_t len, int width, MimeDoc *out)
{
	size_t valid_len;
	g_autofree char *valid = text_to_utf8(html, len, "utf-8", &valid_len);
	Markup markup = {.at = valid, .end = valid + valid_len};
	MarkupToken token;
	g_autofree Html *state = g_new0(Html, 1);

	doc_finish_line(out);
	state->out = out;
	state->width = width;
	state->wrap = wrap_new(out, width);
	while (markup_next(&markup, &token)) {
		if (token.kind == MARKUP_TEXT)
			add_text(state, token.text, token.len);
		else if (token.kind == MARKUP_OPEN)
			open_tag(state, &token);
		else
			close_tag(state, token.name);
	}
	finish(state);
	wrap_free(state->wrap);
}

char *html_charset(const char *raw, size_t len)
{
	static const char key[] = "charset=";
	const char *end = raw + MIN(len, CHARSET_WITHIN);

	for (const char *p = raw; end - p > (ptrdiff_t)sizeof key; p++) {
		if (g_ascii_strncasecmp(p, key, sizeof key - 1) != 0)
			continue;
		p += sizeof key - 1;
		p += *p == '"' || *p == '\'';
		size_t n = 0;
		while (p + n < end && (g_ascii_isalnum(p[n]) || strchr("-_.:", p[n]) != NULL) &&
		       p[n] != '\0')
			n++;
		return n == 0 ? NULL : g_strndup(p, n);
	}
	return NULL;
}
