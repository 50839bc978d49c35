#include "ui/widget/docview.h"

#include <string.h>

#include "mime/text.h"

/* What stands in one row: a line of the document, or `folded` quoted lines from there on. */
typedef struct {
	uint32_t line, folded;
} Row;

struct DocView {
	Pane *pane;
	int first_row, below;
	MimeDoc *doc;
	GArray *rows; /* of Row */
	size_t top;
	bool fold_quotes;
	char *words; /* what is looked for, NULL: nothing */
	bool match_case;
};

static const Style doc_styles[DOC_STYLE_COUNT] = {
	[DOC_NORMAL] = STYLE_NORMAL,
	[DOC_HEADER_NAME] = STYLE_HEADER_NAME,
	[DOC_HEADER_VALUE] = STYLE_HEADER_VALUE,
	[DOC_SUBJECT] = STYLE_SUBJECT,
	[DOC_QUOTE] = STYLE_QUOTE1,
	[DOC_SIGNATURE] = STYLE_SIGNATURE,
	[DOC_HEADING] = STYLE_HEADING,
	[DOC_BOLD] = STYLE_BOLD,
	[DOC_EMPHASIS] = STYLE_EMPHASIS,
	[DOC_UNDERLINE] = STYLE_UNDERLINE,
	[DOC_CODE] = STYLE_CODE,
	[DOC_LINK] = STYLE_LINK,
	[DOC_RULE] = STYLE_RULE,
	[DOC_PART] = STYLE_PART,
	[DOC_NOTICE] = STYLE_NOTICE,
};

static Style span_style(const DocSpan *span)
{
	if (span->style != DOC_QUOTE)
		return doc_styles[span->style];
	return span->depth <= 1 ? STYLE_QUOTE1 : span->depth == 2 ? STYLE_QUOTE2 : STYLE_QUOTE3;
}

static int view_rows(const DocView *v)
{
	return MAX(v->pane->rows - v->first_row - v->below, 1);
}

static size_t max_top(const DocView *v)
{
	return v->rows->len > (size_t)view_rows(v) ? v->rows->len - view_rows(v) : 0;
}

static void damage(DocView *v)
{
	pane_damage(v->pane, v->first_row, v->pane->rows - v->below - 1);
}

/* Quoted blocks shorter than this are not worth a fold. */
#define FOLD_MIN_LINES 3

static void build_rows(DocView *v)
{
	size_t n = v->doc ? doc_line_count(v->doc) : 0;

	g_array_set_size(v->rows, 0);
	for (size_t i = 0; i < n;) {
		size_t end = i;
		if (v->fold_quotes)
			while (end < n && doc_line_depth(v->doc, end) > 0)
				end++;
		Row row = {.line = i, .folded = end - i >= FOLD_MIN_LINES ? end - i : 0};
		g_array_append_val(v->rows, row);
		i += row.folded ? row.folded : 1;
	}
}

/* The row that shows a line of the document. */
static size_t row_of_line(const DocView *v, size_t line)
{
	size_t low = 0, high = v->rows->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (g_array_index(v->rows, Row, middle).line <= line)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : 0;
}

DocView *docview_new(Pane *pane, int first_row)
{
	DocView *v = g_new0(DocView, 1);

	v->pane = pane;
	v->first_row = first_row;
	v->rows = g_array_new(FALSE, FALSE, sizeof(Row));
	return v;
}

void docview_leave_below(DocView *v, int rows)
{
	v->below = rows;
}

void docview_free(DocView *v)
{
	if (!v)
		return;
	doc_free(v->doc);
	g_array_free(v->rows, TRUE);
	g_free(v->words);
	g_free(v);
}

void docview_set(DocView *v, MimeDoc *doc_take)
{
	doc_free(v->doc);
	v->doc = doc_take;
	v->top = 0;
	build_rows(v);
	damage(v);
}

void docview_replace(DocView *v, MimeDoc *doc_take)
{
	double share = v->rows->len ? (double)v->top / v->rows->len : 0;

	docview_set(v, doc_take);
	v->top = MIN((size_t)(share * v->rows->len), max_top(v));
}

const MimeDoc *docview_doc(const DocView *v)
{
	return v->doc;
}

/* Byte offset of the words in `text` at or behind `from`, or -1. */
static gssize find_in(const DocView *v, const char *text, size_t len, size_t from)
{
	size_t n = strlen(v->words);

	for (size_t i = from; n > 0 && i + n <= len; i++) {
		if (v->match_case ? memcmp(text + i, v->words, n) == 0
				  : g_ascii_strncasecmp(text + i, v->words, n) == 0)
			return i;
	}
	return -1;
}

static int width_of(const char *text, size_t len)
{
	g_autofree char *copy = g_strndup(text, len);

	return text_width(copy);
}

static void draw_matches(DocView *v, Surface *s, int row, const DocSpan *span, int col)
{
	gssize at = -1;
	size_t n = v->words ? strlen(v->words) : 0;

	while (n > 0 && (at = find_in(v, span->text, span->len, at + 1)) >= 0)
		paint_restyle(s, row, col + width_of(span->text, at), width_of(span->text + at, n),
			      STYLE_MATCH);
}

static void draw_line(DocView *v, Surface *s, int row, size_t line)
{
	size_t n;
	const DocSpan *spans = doc_line(v->doc, line, &n);
	int col = 0;

	for (size_t i = 0; i < n; i++) {
		int used = paint_text(s, row, col, surface_cols(s) - col, span_style(&spans[i]),
				      spans[i].text, spans[i].len);
		draw_matches(v, s, row, &spans[i], col);
		col += used;
	}
	paint_fill(s, row, col, surface_cols(s) - col, STYLE_NORMAL);
}

void docview_draw(DocView *v, Surface *s, int first, int last)
{
	last = MIN(last, v->pane->rows - v->below - 1);
	for (int row = MAX(first, v->first_row); row <= last; row++) {
		size_t i = v->top + (row - v->first_row);
		if (i >= v->rows->len) {
			paint_fill(s, row, 0, surface_cols(s), STYLE_NORMAL);
			continue;
		}
		const Row *r = &g_array_index(v->rows, Row, i);
		if (r->folded == 0) {
			draw_line(v, s, row, r->line);
			continue;
		}
		g_autofree char *fold = g_strdup_printf("> %u quoted lines", r->folded);
		paint_field(s, row, 0, surface_cols(s), STYLE_NOTICE, fold);
	}
}

void docview_scroll(DocView *v, int kind, long by)
{
	long page = view_rows(v), step = 1;
	gint64 top = v->top;

	switch (kind) {
	case PANE_BY_HALF:
		step = MAX(page / 2, 1);
		break;
	case PANE_BY_PAGE:
		/* A line of what was read stays, as in less, so that the eye finds its place. */
		step = MAX(page - 1, 1);
		break;
	case PANE_TO_START:
		top = by = 0;
		break;
	case PANE_TO_END:
		top = max_top(v);
		by = 0;
		break;
	case PANE_TO_ROW:
		top = by - 1;
		by = 0;
		break;
	case PANE_CURSOR_CENTER:
	case PANE_CURSOR_TOP:
	case PANE_CURSOR_BOTTOM:
		return;
	}
	top = CLAMP(top + by * step, 0, (gint64)max_top(v));
	if ((size_t)top == v->top)
		return;
	v->top = top;
	damage(v);
}

bool docview_at_end(const DocView *v)
{
	return v->top >= max_top(v);
}

int docview_percent(const DocView *v)
{
	size_t shown = MIN(v->top + view_rows(v), v->rows->len);

	return v->rows->len ? (int)(shown * 100 / v->rows->len) : 100;
}

static bool line_matches(const DocView *v, size_t line)
{
	size_t n;
	const DocSpan *spans = doc_line(v->doc, line, &n);

	for (size_t i = 0; i < n; i++)
		if (find_in(v, spans[i].text, spans[i].len, 0) >= 0)
			return true;
	return false;
}

bool docview_find(DocView *v, const char *words, int direction)
{
	if (words) {
		g_free(v->words);
		v->words = g_strdup(words);
		v->match_case = false;
		for (const char *p = words; *p; p++)
			v->match_case |= g_ascii_isupper(*p);
		damage(v);
	}
	if (!v->words || !v->doc || v->rows->len == 0)
		return false;
	gint64 n = doc_line_count(v->doc);
	gint64 line = g_array_index(v->rows, Row, v->top).line;
	/* A new search may find what is on the screen already; a repeated one goes on from there.
	 */
	for (gint64 i = words ? 0 : 1; i < n; i++) {
		gint64 at = ((line + i * direction) % n + n) % n;
		if (!line_matches(v, at))
			continue;
		if (v->fold_quotes && doc_line_depth(v->doc, at) > 0)
			docview_fold_quotes(v, false);
		v->top = MIN(row_of_line(v, at), max_top(v));
		damage(v);
		return true;
	}
	return false;
}

void docview_fold_quotes(DocView *v, bool fold)
{
	size_t line = v->rows->len ? g_array_index(v->rows, Row, v->top).line : 0;

	v->fold_quotes = fold;
	build_rows(v);
	v->top = MIN(row_of_line(v, line), max_top(v));
	damage(v);
}

bool docview_quotes_folded(const DocView *v)
{
	return v->fold_quotes;
}
