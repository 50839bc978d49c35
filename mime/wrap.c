#include "mime/wrap.h"

#include "mime/text.h"

#include <string.h>

typedef struct {
	size_t end; /* behind its last byte in the paragraph */
	DocStyle style;
	int link;
} Run;

struct Wrap {
	MimeDoc *out;
	int width;
	GString *text;
	GArray *runs; /* Run */
	int columns;
	char *first, *rest;
	DocStyle prefix_style;
	unsigned depth;
	guint run;    /* the next to be written */
	bool started; /* the first line of the paragraph was written */
};

/* What must not begin a line, and what must not end one, where there are no blanks to break at. */
static const char no_start[] =
	"、。，．・：；？！」』）】〉》〕］｝々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"
	",.:;?!)]}%’”";
static const char no_end[] = "「『（【〈《〔［｛([{‘“";

static bool is_among(const char *set, gunichar c)
{
	for (const char *p = set; *p != '\0'; p = g_utf8_next_char(p))
		if (g_utf8_get_char(p) == c)
			return true;
	return false;
}

/* True where a line may break between two characters that no blank separates. */
static bool breaks_between(gunichar left, gunichar right)
{
	if (text_width_char(right) == 0 ||
	    (text_width_char(left) < 2 && text_width_char(right) < 2))
		return false;
	return !is_among(no_start, right) && !is_among(no_end, left);
}

static char *cut_prefix(const Wrap *wrap, const char *prefix)
{
	const char *p = prefix;
	int columns = 0;

	while (*p != '\0' && (wrap->width == 0 || columns < wrap->width / 2)) {
		columns += text_width_char(g_utf8_get_char(p));
		p = g_utf8_next_char(p);
	}
	return g_strndup(prefix, (gsize)(p - prefix));
}

static int room(const Wrap *wrap)
{
	return wrap->width - text_width(wrap->started ? wrap->rest : wrap->first);
}

static void emit(Wrap *wrap, size_t start, size_t end)
{
	const char *prefix = wrap->started ? wrap->rest : wrap->first;

	doc_add(wrap->out, wrap->prefix_style, wrap->depth, prefix, strlen(prefix));
	while (start < end) {
		const Run *run = &g_array_index(wrap->runs, Run, wrap->run);
		if (run->end <= start) {
			wrap->run++;
			continue;
		}
		size_t stop = MIN(run->end, end);
		const char *text = wrap->text->str + start;
		if (run->link >= 0)
			doc_add_link(wrap->out, wrap->depth, text, stop - start, run->link);
		else
			doc_add(wrap->out, run->style, wrap->depth, text, stop - start);
		start = stop;
	}
	doc_end_line(wrap->out);
	wrap->started = true;
}

static void emit_last(Wrap *wrap, size_t start)
{
	size_t end = wrap->text->len;
	bool too_wide = wrap->width > 0 &&
			text_width_len(wrap->text->str + start, end - start) > room(wrap);

	while (too_wide && end > start && wrap->text->str[end - 1] == ' ')
		end--;
	emit(wrap, start, end);
}

static void break_lines(Wrap *wrap, bool at_blanks)
{
	const char *text = wrap->text->str;
	/* A break leaves `left` on this line and begins the next with `right`. */
	size_t start = 0, left = 0, right = 0;
	int columns = 0, limit = room(wrap);
	gunichar before = ' ';
	bool indent = true;

	for (size_t i = 0; i < wrap->text->len;) {
		gunichar c = g_utf8_get_char(text + i);
		size_t len = (size_t)(g_utf8_next_char(text + i) - (text + i));
		int w = text_width_char(c);
		if (at_blanks && c == ' ' && !indent) {
			left = before == ' ' ? left : i;
			right = i + 1;
		} else if (at_blanks && i > start && before != ' ' && breaks_between(before, c)) {
			left = right = i;
		}
		while ((c != ' ' || !at_blanks) && w > 0 && columns + w > limit && i > start) {
			bool soft = right > start;
			emit(wrap, start, soft ? left : i);
			start = soft ? right : i;
			left = right = start;
			columns = text_width_len(text + start, i - start);
			limit = room(wrap);
		}
		columns += w;
		indent = indent && c == ' ' && columns < limit / 2;
		before = w == 0 ? before : c;
		i += len;
	}
	emit_last(wrap, start);
}

static void add_run(Wrap *wrap, DocStyle style, const char *text, size_t len, int link)
{
	Run run = {.style = style, .link = link};

	if (len == 0)
		return;
	g_string_append_len(wrap->text, text, (gssize)len);
	wrap->columns += text_width_len(text, len);
	run.end = wrap->text->len;
	if (wrap->runs->len > 0) {
		Run *last = &g_array_index(wrap->runs, Run, wrap->runs->len - 1);
		if (last->style == style && last->link == link) {
			last->end = run.end;
			return;
		}
	}
	g_array_append_val(wrap->runs, run);
}

static void end_paragraph(Wrap *wrap, bool at_blanks)
{
	wrap->run = 0;
	wrap->started = false;
	if (wrap->width == 0)
		emit(wrap, 0, wrap->text->len);
	else if (wrap->columns <= room(wrap))
		emit_last(wrap, 0);
	else
		break_lines(wrap, at_blanks);
	g_string_truncate(wrap->text, 0);
	g_array_set_size(wrap->runs, 0);
	wrap->columns = 0;
}

Wrap *wrap_new(MimeDoc *out, int width)
{
	Wrap *wrap = g_new0(Wrap, 1);

	wrap->out = out;
	wrap->width = width;
	wrap->text = g_string_new(NULL);
	wrap->runs = g_array_new(FALSE, FALSE, sizeof(Run));
	wrap->first = g_strdup("");
	wrap->rest = g_strdup("");
	return wrap;
}

void wrap_free(Wrap *wrap)
{
	if (wrap == NULL)
		return;
	g_string_free(wrap->text, TRUE);
	g_array_unref(wrap->runs);
	g_free(wrap->first);
	g_free(wrap->rest);
	g_free(wrap);
}

void wrap_set_prefix(Wrap *wrap, DocStyle style, unsigned depth, const char *first,
		     const char *rest)
{
	wrap->prefix_style = style;
	wrap->depth = depth;
	g_free(wrap->first);
	g_free(wrap->rest);
	wrap->first = cut_prefix(wrap, first);
	wrap->rest = cut_prefix(wrap, rest);
}

void wrap_add(Wrap *wrap, DocStyle style, const char *text, size_t len)
{
	add_run(wrap, style, text, len, -1);
}

void wrap_add_link(Wrap *wrap, const char *text, size_t len, int link)
{
	add_run(wrap, DOC_LINK, text, len, link);
}

int wrap_columns(const Wrap *wrap)
{
	return wrap->columns;
}

bool wrap_is_empty(const Wrap *wrap)
{
	return wrap->text->len == 0;
}

void wrap_end(Wrap *wrap)
{
	end_paragraph(wrap, true);
}

void wrap_end_preformatted(Wrap *wrap)
{
	end_paragraph(wrap, false);
}
