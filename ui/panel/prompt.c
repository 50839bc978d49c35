#include "config.h"

#include "ui/panel/prompt.h"

#include <string.h>
#include "mime/text.h"
#include "ui/panel/choice.h"
#include "ui/panel/edit.h"

#define LIST_ROWS_MAX 7
#define HISTORY_MAX   100

typedef struct {
	Pane pane;
	Screen *screen;
	char *label;
	bool secret, fuzzy, question;
	PromptComplete complete;
	PromptDone done;
	void *data;
	Edit edit;
	Choice *choice;    /* the list above, NULL: none */
	int selected;      /* in the choice, -1: none */
	size_t word_start; /* of what the selected candidate replaced */
	bool in_line;      /* it stands in the line already */
	GPtrArray *past;   /* of the kind, newest last; NULL: no history */
	guint past_at;     /* past->len: the line being typed */
	char *draft;       /* what was typed before going into the past */
} Prompt;

/* kind of history -> GPtrArray of lines */
static GHashTable *histories;

static GPtrArray *history_of(const char *kind)
{
	GPtrArray *past;

	if (kind == NULL)
		return NULL;
	if (histories == NULL)
		histories = g_hash_table_new(g_str_hash, g_str_equal);
	past = g_hash_table_lookup(histories, kind);
	if (past == NULL) {
		past = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(histories, g_strdup(kind), past);
	}
	return past;
}

static void remember(GPtrArray *past, const char *line)
{
	guint at;

	if (past == NULL || *line == '\0')
		return;
	if (g_ptr_array_find_with_equal_func(past, line, g_str_equal, &at))
		g_ptr_array_remove_index(past, at);
	if (past->len == HISTORY_MAX)
		g_ptr_array_remove_index(past, 0);
	g_ptr_array_add(past, g_strdup(line));
}

/* --- the list of candidates --- */

static int list_rows(const Prompt *x)
{
	return x->choice != NULL ? (int)MIN(choice_count(x->choice), LIST_ROWS_MAX) : 0;
}

static void resize_to_list(Prompt *x)
{
	screen_popup_resize(x->screen, &x->pane, 1 + list_rows(x), 0);
	pane_damage_all(&x->pane);
}

/* With nothing typed, what was chosen lately comes first. */
static void raise_past(Prompt *x)
{
	for (guint i = 0; x->past != NULL && i < x->past->len; i++)
		choice_raise(x->choice, g_ptr_array_index(x->past, i));
}

static void drop_list(Prompt *x)
{
	g_clear_pointer(&x->choice, choice_free);
	x->selected = -1;
	x->in_line = false;
}

static void load_list(Prompt *x)
{
	drop_list(x);
	if (x->complete != NULL)
		x->choice = choice_new(x->complete(x->fuzzy ? "" : x->edit.text,
						   x->fuzzy ? 0 : x->edit.cursor, x->data));
}

/* The line was changed by hand. */
static void refresh_list(Prompt *x)
{
	bool empty = x->edit.len == 0;

	x->in_line = false;
	if (x->fuzzy && x->choice != NULL) {
		choice_narrow(x->choice, x->edit.text);
		if (empty)
			raise_past(x);
		x->selected = empty || choice_count(x->choice) == 0 ? -1 : 0;
	} else if (!x->fuzzy && empty) {
		drop_list(x);
	} else if (!x->fuzzy) {
		load_list(x);
	}
	resize_to_list(x);
}

static void put_selected(Prompt *x)
{
	edit_replace(&x->edit, x->word_start, x->edit.cursor,
		     choice_text(x->choice, (size_t)x->selected));
	x->in_line = true;
}

/* A candidate without a text is nothing to choose, but help with what is being typed. */
static bool is_hint(const Prompt *x)
{
	return x->choice != NULL && choice_count(x->choice) == 1 &&
	       *choice_text(x->choice, 0) == '\0';
}

static void select_by(Prompt *x, int by)
{
	int n = x->choice != NULL ? (int)choice_count(x->choice) : 0;

	if (n == 0 || is_hint(x))
		return;
	if (!x->fuzzy && !x->in_line)
		x->word_start = choice_word_start(x->choice, x->edit.text, x->edit.cursor);
	x->selected = x->selected < 0 ? (by > 0 ? 0 : n - 1) : (x->selected + by + n) % n;
	if (!x->fuzzy)
		put_selected(x);
	pane_damage_all(&x->pane);
}

/* As far as there is no doubt: the only candidate, or what all begin with. */
static bool complete_common(Prompt *x)
{
	size_t start = choice_word_start(x->choice, x->edit.text, x->edit.cursor);
	size_t typed = x->edit.cursor - start, common = choice_common(x->choice);
	g_autofree char *text = g_strndup(choice_text(x->choice, 0), common);
	bool only = choice_count(x->choice) == 1;

	if (!only && common <= typed)
		return false;
	edit_replace(&x->edit, start, x->edit.cursor, text);
	/* Behind a whole word comes another, but not behind a directory or "from:". */
	if (only && x->edit.cursor == x->edit.len && !g_str_has_suffix(text, "/") &&
	    !g_str_has_suffix(text, ":"))
		edit_insert(&x->edit, " ");
	refresh_list(x);
	return true;
}

static void complete(Prompt *x)
{
	if (x->complete == NULL)
		return;
	if (x->choice == NULL)
		load_list(x);
	if (!x->fuzzy && !x->in_line && choice_count(x->choice) > 0 && !is_hint(x) &&
	    complete_common(x))
		return;
	select_by(x, 1);
	resize_to_list(x);
}

/* --- history --- */

static void walk_past(Prompt *x, int by)
{
	if (x->past == NULL || (by < 0 && x->past_at == 0) ||
	    (by > 0 && x->past_at >= x->past->len))
		return;
	if (x->past_at == x->past->len) {
		g_free(x->draft);
		x->draft = g_strdup(x->edit.text);
	}
	x->past_at += (guint)by;
	edit_set(&x->edit, x->past_at == x->past->len
				   ? x->draft
				   : (const char *)g_ptr_array_index(x->past, x->past_at));
	drop_list(x);
	resize_to_list(x);
}

/* --- the end --- */

static void finish(Prompt *x, const char *line)
{
	char *copy = g_strdup(line);
	PromptDone done = x->done;
	void *data = x->data;

	if (copy != NULL && !x->secret)
		remember(x->past, copy);
	screen_close(x->screen, &x->pane);
	done(copy, data);
	if (copy != NULL)
		explicit_bzero(copy, strlen(copy));
	g_free(copy);
}

static void accept(Prompt *x)
{
	if (x->fuzzy && x->selected >= 0) {
		g_autofree char *chosen = g_strdup(choice_text(x->choice, (size_t)x->selected));
		finish(x, chosen);
	} else if (x->fuzzy && x->edit.len == 0) {
		/* Nothing was typed and nothing chosen: the first folder is nobody's wish. */
		finish(x, NULL);
	} else {
		finish(x, x->edit.text);
	}
}

/* --- the pane --- */

static void draw_list(Prompt *x, Surface *s, int rows)
{
	int n = x->choice != NULL ? (int)choice_count(x->choice) : 0, cols = surface_cols(s);
	int top = CLAMP(x->selected - rows / 2, 0, MAX(n - rows, 0)), width = 0;

	for (int row = 0; row < rows && top + row < n; row++)
		width = MAX(width, text_width(choice_text(x->choice, (size_t)(top + row))));
	width = MIN(width, cols * 2 / 3);
	for (int row = 0; row < rows; row++) {
		paint_fill(s, row, 0, cols, STYLE_NORMAL);
		if (top + row >= n)
			continue;
		size_t i = (size_t)(top + row);
		paint_field(s, row, 1, width, STYLE_NORMAL, choice_text(x->choice, i));
		paint_field(s, row, width + 3, cols - width - 3, STYLE_HINT,
			    choice_help(x->choice, i));
		if ((int)i == x->selected)
			paint_restyle(s, row, 0, cols, STYLE_CURSOR);
	}
}

static void draw_line(Prompt *x, Surface *s, int row)
{
	int cols = surface_cols(s), cursor = 0, label = text_width(x->label);

	paint_fill(s, row, 0, cols, STYLE_NORMAL);
	/* Half of the row is for what is typed, unless there is nothing to type. */
	if (!x->question && !x->secret)
		label = MIN(label, MAX(cols / 2, 1));
	label = MIN(label, cols - 1);
	paint_field(s, row, 0, label, STYLE_PROMPT, x->label);
	if (!x->secret && !x->question) {
		size_t from = edit_view(&x->edit, MAX(cols - label, 1), &cursor);
		paint_text(s, row, label, cols - label, STYLE_NORMAL, x->edit.text + from,
			   (size_t)-1);
	}
	paint_cursor(s, row, MIN(label + cursor, cols - 1));
}

static void draw(Pane *p, Surface *s, int first, int last)
{
	Prompt *x = (Prompt *)p;
	int rows = surface_rows(s);

	(void)first;
	(void)last;
	draw_list(x, s, rows - 1);
	draw_line(x, s, rows - 1);
}

static bool is_cancel(Key key)
{
	return key == SHEAF_KEY_ESCAPE || key == (SHEAF_KEY_CTRL | 'c') ||
	       key == (SHEAF_KEY_CTRL | 'g');
}

static bool question_key(Prompt *x, Key key)
{
	if (key == 'y' || key == 'Y')
		finish(x, "y");
	else if (key == 'n' || key == 'N' || key == 'q' || key == SHEAF_KEY_ENTER || is_cancel(key))
		finish(x, NULL);
	return true;
}

/* Up and down go through the list where one chooses from it, else through the past. */
static void go_by(Prompt *x, int by)
{
	if (x->fuzzy || x->in_line)
		select_by(x, by);
	else
		walk_past(x, by);
}

static bool key(Pane *p, Key k)
{
	Prompt *x = (Prompt *)p;

	if (x->question)
		return question_key(x, k);
	if (is_cancel(k)) {
		finish(x, NULL);
		return true;
	}
	switch (k) {
	case SHEAF_KEY_ENTER:
	case SHEAF_KEY_CTRL | 'j':
		accept(x);
		return true;
	case SHEAF_KEY_TAB:
		complete(x);
		return true;
	case SHEAF_KEY_SHIFT | SHEAF_KEY_TAB:
		select_by(x, -1);
		return true;
	case SHEAF_KEY_UP:
	case SHEAF_KEY_CTRL | 'p':
		go_by(x, -1);
		return true;
	case SHEAF_KEY_DOWN:
	case SHEAF_KEY_CTRL | 'n':
		go_by(x, 1);
		return true;
	}
	if (edit_key(&x->edit, k))
		refresh_list(x);
	/* Also those that mean nothing here: a prompt lets no command through. */
	return true;
}

static void paste(Pane *p, const char *utf8)
{
	Prompt *x = (Prompt *)p;

	if (x->question)
		return;
	edit_insert(&x->edit, utf8);
	refresh_list(x);
}

static void prompt_free(Pane *p)
{
	Prompt *x = (Prompt *)p;

	choice_free(x->choice);
	edit_wipe(&x->edit);
	g_free(x->label);
	g_free(x->draft);
	g_free(x);
}

static const PaneOps ops = {
	.name = "prompt",
	.context = CONTEXT_PROMPT,
	.draw = draw,
	.key = key,
	.paste = paste,
	.free = prompt_free,
};

static Prompt *prompt_new(Screen *s, const char *label, PromptDone done, void *data)
{
	Prompt *x = g_new0(Prompt, 1);

	pane_init(&x->pane, &ops);
	x->screen = s;
	x->label = text_clean(label, TEXT_ONE_LINE);
	x->done = done;
	x->data = data;
	x->selected = -1;
	return x;
}

Pane *prompt_open(Screen *s, const PromptSpec *spec, PromptDone done, void *data)
{
	Prompt *x = prompt_new(s, spec->label, done, data);

	x->secret = spec->secret;
	x->fuzzy = spec->fuzzy && spec->complete != NULL;
	x->complete = spec->complete;
	x->past = spec->secret ? NULL : history_of(spec->history);
	x->past_at = x->past != NULL ? x->past->len : 0;
	edit_init(&x->edit, spec->initial, spec->secret);
	screen_popup(s, &x->pane, POPUP_BOTTOM, 1, 0);
	if (x->fuzzy) {
		load_list(x);
		refresh_list(x);
	}
	return &x->pane;
}

Pane *prompt_ask(Screen *s, const char *question, PromptDone done, void *data)
{
	g_autofree char *label = g_strconcat(question, " (y/n) ", NULL);
	Prompt *x = prompt_new(s, label, done, data);

	x->question = true;
	edit_init(&x->edit, NULL, false);
	screen_popup(s, &x->pane, POPUP_BOTTOM, 1, 0);
	return &x->pane;
}
