#include "ui/panel/status.h"

#include <glib.h>
#include <string.h>

#include "mime/render.h"
#include "mime/text.h"

#define BAR_COLS 10
/* A notice is for reading, an error must not be missed; both are in the log. */
#define MESSAGE_MAX 1000
/* Keys typed on in a hurry leave an error where it is for so long. */
#define ERROR_US (4 * G_USEC_PER_SEC)

typedef struct {
	Pane pane;
	Style style;
	char *message;
	int64_t said_at; /* monotonic */
	char *job;       /* text of `progress`; NULL: nothing is going on */
	JobProgress progress;
	char *keys;
	char **hints;
} Status;

static void append_amount(GString *text, const JobProgress *p, uint64_t amount)
{
	char size[8];

	if (p->unit == JOB_OCTETS)
		g_string_append(text, render_size(amount, size));
	else
		g_string_append_printf(text, "%'" G_GUINT64_FORMAT, amount);
}

static void append_count(GString *text, const JobProgress *p)
{
	if (p->have == 0 && p->total == 0)
		return;
	g_string_append_c(text, ' ');
	append_amount(text, p, p->have);
	if (p->total == 0)
		return;
	g_string_append_c(text, '/');
	append_amount(text, p, p->total);
}

static void append_bar(GString *text, const JobProgress *p)
{
	int full = p->total > 0 ? (int)((double)p->have / (double)p->total * BAR_COLS) : 0;

	g_string_append_c(text, ' ');
	for (int i = 0; i < BAR_COLS; i++)
		g_string_append(text, paint_glyph(i < full ? GLYPH_BAR_FULL : GLYPH_BAR_EMPTY));
}

static void append_pace(GString *text, const JobProgress *p)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	if (p->rate > 0) {
		g_string_append_c(text, ' ');
		append_amount(text, p, p->rate);
		g_string_append(text, "/s");
	}
	if (p->left <= 0)
		return;
	/* 90 seconds say more than one minute. */
	while (p->left < 2 * units[i].seconds && units[i].seconds > 1)
		i++;
	g_string_append_printf(text, " %" G_GINT64_FORMAT " %s left", p->left / units[i].seconds,
			       units[i].name);
}

/* The bar is what can be done without. */
static char *progress_text(const Status *x, bool bar)
{
	GString *text = g_string_new(x->job);

	append_count(text, &x->progress);
	if (bar)
		append_bar(text, &x->progress);
	append_pace(text, &x->progress);
	g_string_append(text, " (C-c cancels)");
	return g_string_free(text, FALSE);
}

/* What was said goes before what nobody asked for.  Returns where it begins, which is `right` where
 * there is nothing. */
static int draw_progress(const Status *x, Surface *s, int right)
{
	bool quiet = x->progress.quiet;
	g_autofree char *text = progress_text(x, x->progress.total > 0 && !quiet);
	int said = *x->message ? text_width(x->message) + 1 : 0;

	if (text_width(text) >= right) {
		g_free(text);
		text = progress_text(x, false);
	}
	int width = MIN(text_width(text), MAX(right - 1, 0));
	if (quiet && said > right - width - 1)
		return right;
	paint_text(s, 0, MAX(right - width - 1, 0), width, STYLE_STATUS, text, -1);
	return right - width - 1;
}

/* Keys typed so far and progress stand right, the message has what is left. */
static void draw_status(Status *x, Surface *s)
{
	int cols = surface_cols(s), right = cols;

	paint_fill(s, 0, 0, cols, STYLE_STATUS);
	if (*x->keys) {
		int width = text_width(x->keys);
		right -= width + 1;
		paint_text(s, 0, MAX(right, 0), width, STYLE_HINT_KEY, x->keys, -1);
	}
	if (x->job)
		right = draw_progress(x, s, right);
	paint_field(s, 0, 0, MAX(right - 1, 0), x->style, x->message);
}

static void draw_hints(Status *x, Surface *s)
{
	int cols = surface_cols(s), col = 0;

	paint_fill(s, 1, 0, cols, STYLE_HINT);
	for (char **pair = x->hints; pair && pair[0] && pair[1]; pair += 2) {
		int width = text_width(pair[0]) + 1 + text_width(pair[1]);
		/* Half a hint is no hint. */
		if (col + width > cols)
			break;
		col += paint_text(s, 1, col, cols - col, STYLE_HINT_KEY, pair[0], -1) + 1;
		col += paint_text(s, 1, col, cols - col, STYLE_HINT, pair[1], -1) + 2;
	}
}

static void draw(Pane *p, Surface *s, int first, int last)
{
	Status *x = (Status *)p;

	if (first <= 0)
		draw_status(x, s);
	if (last >= 1 && surface_rows(s) > 1)
		draw_hints(x, s);
}

static void status_free(Pane *p)
{
	Status *x = (Status *)p;

	g_free(x->message);
	g_free(x->job);
	g_free(x->keys);
	g_strfreev(x->hints);
	g_free(x);
}

static const PaneOps ops = {.name = "status", .context = 0, .draw = draw, .free = status_free};

Pane *status_new(void)
{
	Status *x = g_new0(Status, 1);

	pane_init(&x->pane, &ops);
	x->message = g_strdup("");
	x->keys = g_strdup("");
	return &x->pane;
}

static void replace(Status *x, Style style, const char *clean)
{
	g_free(x->message);
	x->message = g_strdup(clean);
	x->style = style;
	x->said_at = g_get_monotonic_time();
	pane_damage(&x->pane, 0, 0);
}

void status_say(Pane *status, Style style, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	g_autofree char *valid = g_utf8_make_valid(text, MIN(strlen(text), MESSAGE_MAX));
	g_autofree char *clean = text_clean(valid, TEXT_ONE_LINE);
	replace((Status *)status, style, clean);
	g_log("sheaf", G_LOG_LEVEL_MESSAGE, "%s", clean);
}

void status_clear(Pane *status)
{
	Status *x = (Status *)status;
	bool unread =
		x->style == STYLE_STATUS_ERROR && g_get_monotonic_time() - x->said_at < ERROR_US;

	if (*x->message && !unread)
		replace(x, STYLE_STATUS, "");
}

void status_progress(Pane *status, const JobProgress *progress)
{
	Status *x = (Status *)status;

	g_clear_pointer(&x->job, g_free);
	if (progress) {
		x->job = text_clean(progress->text, TEXT_ONE_LINE);
		x->progress = *progress;
		x->progress.text = x->job;
	}
	pane_damage(status, 0, 0);
}

void status_keys(Pane *status, const char *keys)
{
	Status *x = (Status *)status;

	if (g_str_equal(x->keys, keys))
		return;
	g_free(x->keys);
	x->keys = g_strdup(keys);
	pane_damage(status, 0, 0);
}

void status_hints(Pane *status, const char *const *pairs)
{
	Status *x = (Status *)status;

	g_strfreev(x->hints);
	x->hints = g_strdupv((char **)pairs);
	pane_damage(status, 1, 1);
}
