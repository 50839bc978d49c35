#include "ui/panel/column.h"

#include <stdio.h>
#include <time.h>

#include "mime/render.h"
#include "mime/text.h"
#include "ui/panel/labels.h"

/* Levels of a thread that are drawn as lines. */
#define DEPTH_DRAWN 3

/* A narrower column is all the subject's, but for what that leaves. */
#define KEYWORDS_FROM 30

/* Less of what a message begins with says nothing. */
#define PREVIEW_FROM 8

typedef struct {
	const char *name;
	int min, weight;
} ColumnSpec;

static const ColumnSpec specs[COLUMN_COUNT] = {
#define COLUMN(id, name, min, weight, sort, help) [COLUMN_##id] = {name, min, weight},
#include "ui/panel/column.def"
#undef COLUMN
};

/* What goes first when there is not room for all, and below which width of the panel. */
static const struct {
	Column column;
	int below;
} narrow[] = {{COLUMN_SIZE, 64}, {COLUMN_CLIP, 50}, {COLUMN_DATE, 44}, {COLUMN_FROM, 34}};

/* The four marks stand together; every other column has a blank in front. */
static int gap_before(Column column)
{
	return column <= COLUMN_CLIP ? 0 : 1;
}

void column_layout(int cols, ColumnLayout *out)
{
	int weights = 0, left = cols, at = 0;

	*out = (ColumnLayout){0};
	for (int i = 0; i < COLUMN_COUNT; i++)
		out->width[i] = specs[i].min;
	for (size_t i = 0; i < G_N_ELEMENTS(narrow); i++)
		if (cols < narrow[i].below)
			out->width[narrow[i].column] = 0;
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (out->width[i] == 0)
			continue;
		left -= out->width[i] + gap_before(i);
		weights += specs[i].weight;
	}
	for (int i = 0; i < COLUMN_COUNT && left > 0; i++) {
		if (out->width[i] == 0 || specs[i].weight == 0)
			continue;
		int share = left * specs[i].weight / weights;
		out->width[i] += share;
		left -= share;
		weights -= specs[i].weight;
	}
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (out->width[i] == 0)
			continue;
		at += gap_before(i);
		out->at[i] = at;
		at += out->width[i];
	}
}

const char *column_date(int64_t date, int64_t now, char buf[16])
{
	time_t then_seconds = date, now_seconds = now;
	struct tm then, today;

	buf[0] = '\0';
	if (date <= 0 || !localtime_r(&then_seconds, &then) || !localtime_r(&now_seconds, &today))
		return buf;
	bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
	/* A date that lies ahead is a lie or a wrong clock: it is shown in full, never as a time.
	 */
	if (same_day)
		strftime(buf, 16, "%H:%M", &then);
	else if (date < now && now - date < 6 * 86400)
		strftime(buf, 16, "%a", &then);
	else if (date < now && now - date < 300 * (int64_t)86400)
		snprintf(buf, 16, "%d %s", then.tm_mday,
			 (const char *[]){"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
					  "Sep", "Oct", "Nov", "Dec"}[then.tm_mon]);
	else
		strftime(buf, 16, "%b'%y", &then);
	return buf;
}

/* A folded thread is as unread as its messages. */
static bool is_unread(const ViewRow *row)
{
	return (row->flags_known && !(row->flags & FLAG_SEEN)) || row->hidden_unseen > 0;
}

static Style row_style(const ViewRow *row)
{
	if (row->pending)
		return STYLE_PENDING;
	if (row->flags & FLAG_DELETED)
		return STYLE_DELETED;
	return is_unread(row) ? STYLE_UNREAD : STYLE_READ;
}

static const char *state_glyph(const ViewRow *row)
{
	if (!row->flags_known)
		return " ";
	if (row->flags & FLAG_DELETED)
		return paint_glyph(GLYPH_DELETED);
	if (is_unread(row))
		return paint_glyph(row->recent ? GLYPH_RECENT : GLYPH_UNREAD);
	return row->flags & FLAG_ANSWERED ? paint_glyph(GLYPH_ANSWERED) : " ";
}

/* The lines in front of a subject: two cells a level, a blank behind; eight cells at most, and what
 * is deeper says how deep. */
static void add_lines(GString *out, const ViewRow *row)
{
	bool more = row->lines >> MIN(row->depth, 31) & 1;

	if (row->depth > DEPTH_DRAWN)
		g_string_append_printf(out, "%s%-3u", paint_glyph(GLYPH_DEEP), row->depth);
	for (unsigned level = 1; row->depth <= DEPTH_DRAWN && level < row->depth; level++)
		g_string_append_printf(out, "%s ",
				       row->lines >> level & 1 ? paint_glyph(GLYPH_VLINE) : " ");
	g_string_append_printf(out, "%s%s ", paint_glyph(more ? GLYPH_BRANCH : GLYPH_LAST_BRANCH),
			       paint_glyph(GLYPH_HLINE));
}

/* What the subject's column begins with in a threaded view. */
static char *thread_text(const ViewRow *row)
{
	GString *out = g_string_new(NULL);

	if (row->depth > 0)
		add_lines(out, row);
	if (row->hidden > 0)
		g_string_append_printf(out, "%u%s ", row->hidden + 1, paint_glyph(GLYPH_FOLDED));
	if (row->hidden_unseen > 0)
		g_string_append_printf(out, "%u%s ", row->hidden_unseen, paint_glyph(GLYPH_UNREAD));
	return g_string_free(out, FALSE);
}

static const char *subject_text(const ViewRow *row)
{
	const char *subject = row->head ? message_subject(row->head) : "";

	return *subject || !row->head ? subject : "(no subject)";
}

/* At the right end of the column, in what the subject leaves; where that is little, in a third of
 * it, unless the column is narrow.  Columns that they take, with the blank in front. */
static int draw_keywords(const ViewRow *row, Style style, char *const *keywords, Surface *s, int y,
			 int at, int width)
{
	int least = width < KEYWORDS_FROM ? 0 : width / 3;

	if (!keywords || !*keywords)
		return 0;
	int room = MAX(width - text_width(subject_text(row)) - 1, least);
	int used = labels_width(keywords, room);
	bool plain = style == STYLE_READ || style == STYLE_UNREAD;

	if (used == 0)
		return 0;
	labels_paint(s, y, at + width - used, used, plain ? STYLE_KEYWORD : style, keywords);
	return used + 1;
}

/* Behind a subject that leaves room for a few words. */
static void draw_preview(const ViewRow *row, Style style, Surface *s, int y, int at, int width)
{
	int used = text_width(subject_text(row)) + 2;
	bool plain = style == STYLE_READ || style == STYLE_UNREAD;

	if (row->preview && width - used >= PREVIEW_FROM)
		paint_field(s, y, at + used, width - used, plain ? STYLE_PREVIEW : style,
			    row->preview);
}

static void draw_subject(const ColumnLayout *layout, const ViewRow *row, Style style,
			 char *const *keywords, Surface *s, int y)
{
	int at = layout->at[COLUMN_SUBJECT], width = layout->width[COLUMN_SUBJECT];
	g_autofree char *thread = thread_text(row);

	if (width <= 0)
		return;
	int used = paint_text(s, y, at, width, STYLE_THREAD, thread, -1);
	if (!row->head)
		return;
	int left = width - used;
	left -= draw_keywords(row, style, keywords, s, y, at + used, left);
	paint_field(s, y, at + used, left, style, subject_text(row));
	draw_preview(row, style, s, y, at + used, left);
}

static void draw_placeholder(const ColumnLayout *layout, Surface *s, int y)
{
	static const Column bars[] = {COLUMN_FROM, COLUMN_SUBJECT};

	for (size_t i = 0; i < G_N_ELEMENTS(bars); i++) {
		int width = MIN(layout->width[bars[i]] * 2 / 3, 40);
		for (int col = 0; col < width; col++)
			paint_text(s, y, layout->at[bars[i]] + col, 1, STYLE_PLACEHOLDER,
				   paint_glyph(GLYPH_UNKNOWN), -1);
	}
}

static void draw_cell(const ColumnLayout *layout, Column column, Style style, const char *text,
		      Surface *s, int y)
{
	if (layout->width[column] > 0)
		paint_field(s, y, layout->at[column], layout->width[column], style, text);
}

void column_draw(const ColumnLayout *layout, const ViewRow *row, bool tagged, bool recipient,
		 char *const *keywords, int64_t now, Surface *s, int y)
{
	Style style = row_style(row);
	char date[16], size[8];

	paint_fill(s, y, 0, surface_cols(s), style);
	draw_cell(layout, COLUMN_TAG, STYLE_TAGGED, tagged ? paint_glyph(GLYPH_TAG) : " ", s, y);
	draw_cell(layout, COLUMN_STATE, style, state_glyph(row), s, y);
	draw_cell(layout, COLUMN_FLAG, STYLE_FLAGGED,
		  row->flags & FLAG_FLAGGED ? paint_glyph(GLYPH_FLAG) : " ", s, y);
	if (!row->head) {
		draw_placeholder(layout, s, y);
		draw_subject(layout, row, style, keywords, s, y);
		return;
	}
	const MessageHead *head = row->head;
	const char *to = recipient ? message_to(head) : "";
	draw_cell(layout, COLUMN_CLIP, style,
		  message_attachments(head) ? paint_glyph(GLYPH_CLIP) : " ", s, y);
	const char *from = *to ? to : message_from(head);
	draw_cell(layout, COLUMN_FROM, style, *from ? from : "(no sender)", s, y);
	draw_subject(layout, row, style, keywords, s, y);
	if (layout->width[COLUMN_SIZE])
		paint_right(s, y, layout->at[COLUMN_SIZE], layout->width[COLUMN_SIZE], style,
			    render_size(message_size(head), size));
	if (layout->width[COLUMN_DATE])
		paint_right(s, y, layout->at[COLUMN_DATE], layout->width[COLUMN_DATE],
			    style == STYLE_READ ? STYLE_DATE : style,
			    column_date(message_date(head), now, date));
}
