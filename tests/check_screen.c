/* check_screen - terminal, panes, pop-ups and prompts on a real pseudo terminal: this program runs
 * itself below one ("child") and looks at what libvterm shows. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <vterm.h>
#include "mime/text.h"
#include "tests/run.h"
#include "tests/terminal.h"
#include "ui/panel/prompt.h"
#include "ui/term/term.h"

/* --- the child --- */

typedef struct {
	Pane pane;
	const char *mark; /* what every row is filled with */
} Tile;

static GMainLoop *loop;
static Screen *screen;
static Tile left, right, bottom, popup;
static char *said;                /* shown in the bottom tile */
static gunichar batch, batch_end; /* characters on show */

static void tile_draw(Pane *p, Surface *s, int first, int last)
{
	const Tile *tile = (Tile *)p;

	for (int row = first; row <= last; row++) {
		GString *text = g_string_new(NULL);
		while (text->len < 400)
			g_string_append(text, tile->mark);
		paint_field(s, row, 0, surface_cols(s), p->focused ? STYLE_NORMAL : STYLE_HINT,
			    text->str);
		if (p == &bottom.pane)
			paint_field(s, row, 0, surface_cols(s), STYLE_NORMAL, said);
		g_string_free(text, TRUE);
	}
}

static void tile_free(Pane *p)
{
	(void)p;
}

static const PaneOps tile_ops = {.name = "tile", .draw = tile_draw, .free = tile_free};

static void say(const char *format, const char *text)
{
	g_free(said);
	said = g_strdup_printf(format, text);
	pane_damage_all(&bottom.pane);
}

static void place(void)
{
	int rows = term_rows(), cols = term_cols(), half = cols / 2;

	screen_place(screen, &left.pane, 0, 0, rows - 1, half);
	screen_place(screen, &right.pane, 0, half + 1, rows - 1, cols - half - 1);
	screen_place(screen, &bottom.pane, rows - 1, 0, 1, cols);
}

static void answered(const char *line, void *data)
{
	(void)data;
	say("answer: %s", line != NULL ? line : "(none)");
}

static char **candidates(const char *line, size_t cursor, void *data)
{
	static const char *const words[] = {"delete\tMove to the Trash", "delay\tWait",
					    "open\tOpen it", "lists/sheaf\tA folder",
					    "lists/other\tAnother"};
	GPtrArray *out = g_ptr_array_new();
	const char *blank = strrchr(line, ' ');

	(void)cursor;
	(void)data;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_has_prefix(words[i], blank != NULL ? blank + 1 : line))
			g_ptr_array_add(out, g_strdup(words[i]));
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

static void open_prompt(Key key)
{
	PromptSpec spec = {.label = key == ':'   ? ":"
				    : key == 'f' ? "Folder: "
						 : "Password: ",
			   .history = key == ':' ? "command" : "folder",
			   .secret = key == 's',
			   .fuzzy = key == 'f',
			   .complete = key == 's' ? NULL : candidates};

	prompt_open(screen, &spec, answered, NULL);
}

/* The test's terminal has a table of widths, too, and an old one: what it counts in another way
 * than Sheaf and the C library says nothing about Sheaf. */
static bool terminal_agrees(const char *utf8)
{
	static VTerm *vterm;
	VTermPos at;

	if (vterm == NULL) {
		vterm = vterm_new(2, 20);
		vterm_set_utf8(vterm, 1);
		vterm_screen_reset(vterm_obtain_screen(vterm), 1);
	}
	vterm_input_write(vterm, "\rx", 2);
	vterm_input_write(vterm, utf8, strlen(utf8));
	vterm_state_get_cursorpos(vterm_obtain_state(vterm), &at);
	return at.col == 1 + text_width(utf8);
}

static bool is_shown_as_it_is(gunichar c)
{
	char raw[8] = "";

	g_unichar_to_utf8(c, raw);
	g_autofree char *clean = text_clean(raw, TEXT_ONE_LINE);
	return strcmp(clean, raw) == 0 && terminal_agrees(raw);
}

/* Every character that can be shown, each in a field of its own between bars. */
static void draw_characters(Pane *p, Surface *s, int first, int last)
{
	gunichar c = batch;

	(void)p;
	for (int row = first; row <= last; row++) {
		for (int col = 0; col + 5 <= surface_cols(s); col += 5) {
			char raw[8] = "";
			do
				c += c == 0xD7FF ? 0x801 : 1;
			while (c < 0xF0000 && (!g_unichar_isdefined(c) || !is_shown_as_it_is(c)));
			g_unichar_to_utf8(c, raw);
			paint_field(s, row, col, 4, STYLE_NORMAL, raw);
			paint_text(s, row, col + 4, 1, STYLE_TITLE, "|", 1);
		}
	}
	batch_end = MIN(c, 0xF0000);
}

static const PaneOps character_ops = {.name = "all", .draw = draw_characters, .free = tile_free};

static void child_key(Key key, void *data)
{
	Pane *focus = screen_focused(screen);

	(void)data;
	if (focus != NULL && focus->ops->key != NULL && focus->ops->key(focus, key))
		return;
	switch (key) {
	case 'p':
		screen_popup(screen, &popup.pane, POPUP_CENTER, 5, 20);
		return;
	case 'c':
		screen_close(screen, &popup.pane);
		return;
	case ':':
	case 'f':
	case 's':
		open_prompt(key);
		return;
	case '?':
		prompt_ask(screen, "Really?", answered, NULL);
		return;
	case 'a':
		left.pane.ops = &character_ops;
		pane_damage_all(&left.pane);
		batch = batch_end;
		term_redraw(); /* no batch inherits from another */
		g_free(said);
		said = g_strdup_printf("from %X", batch);
		pane_damage_all(&bottom.pane);
		return;
	case 't':
		term_set_title("Sheaf\033]2;evil\a 田");
		return;
	case 'z':
		term_suspend();
		return;
	case 'A':
		abort();
	case 'q':
		g_main_loop_quit(loop);
		return;
	}
	g_autofree char *name = key_format(key);
	say("key: %s", name);
}

static void child_paste(const char *utf8, void *data)
{
	Pane *focus = screen_focused(screen);

	(void)data;
	if (focus != NULL && focus->ops->paste != NULL)
		focus->ops->paste(focus, utf8);
	else
		say("pasted: %s", utf8);
}

static void child_resize(int rows, int cols, void *data)
{
	(void)data;
	screen_resize(screen, rows, cols);
	place();
}

static void child_hangup(void *data)
{
	(void)data;
	g_main_loop_quit(loop);
}

static int child(void)
{
	static const TermEvents events = {.input = {.key = child_key, .paste = child_paste},
					  .resize = child_resize,
					  .hangup = child_hangup};
	g_autoptr(GError) error = NULL;

	setlocale(LC_ALL, "");
	loop = g_main_loop_new(NULL, FALSE);
	if (!term_open(&events, NULL, &error)) {
		printf("refused: %s\n", error->message);
		return 1;
	}
	theme_start();
	said = g_strdup("ready");
	Tile *const tiles[] = {&left, &right, &bottom, &popup};
	const char *const marks[] = {"田中", "right ", " ", "popup "};
	for (size_t i = 0; i < G_N_ELEMENTS(tiles); i++) {
		pane_init(&tiles[i]->pane, &tile_ops);
		tiles[i]->mark = marks[i];
	}
	screen = screen_new();
	place();
	screen_focus(screen, &left.pane);
	pane_set_title(&popup.pane, "A title");
	g_main_loop_run(loop);
	screen_free(screen);
	term_close();
	g_main_loop_unref(loop);
	g_free(said);
	return 0;
}

/* --- the tests --- */

static Terminal *start(const char *const *environment, int rows, int cols)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	const char *const argv[] = {self, "child", NULL};

	return terminal_start(argv, environment, rows, cols);
}

static Terminal *start_ready(void)
{
	Terminal *t = start(NULL, 12, 60);

	terminal_expect(t, "ready");
	return t;
}

static void expect_quit(Terminal *t)
{
	terminal_keys(t, "q");
	terminal_expect_exit(t, 0);
	terminal_check(t, terminal_is_restored(t));
}

START_TEST(shows_tiles_with_a_line_between)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_expect_row(t, 3, "田中田中田中田中田中田中田中… │right right right right righ…");
	terminal_keys(t, "x");
	terminal_expect(t, "key: x");
	expect_quit(t);
}
END_TEST

START_TEST(pops_up_over_half_a_wide_character)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "p");
	terminal_expect(t, " A title ");
	/* The border stands on column 19, in the middle of a character. */
	terminal_expect_row(t, 2, "田中田中田中田中田 ┌─ A title ──────────┐t right right righ…");
	terminal_expect_row(t, 4, "田中田中田中田中田 │popup popup popup p…│t right right righ…");
	terminal_keys(t, "c");
	terminal_expect_gone(t, "popup");
	terminal_expect_row(t, 4, "田中田中田中田中田中田中田中… │right right right right righ…");
	expect_quit(t);
}
END_TEST

START_TEST(prompts_edit_and_complete)
{
	g_autoptr(Terminal) t = start_ready();
	int row, col;
	bool visible;

	terminal_keys(t, ":de");
	terminal_expect(t, ":de");
	terminal_expect(t, "Move to the Trash");
	terminal_expect(t, "delay");
	terminal_cursor(t, &row, &col, &visible);
	ck_assert(visible && row == 11 && col == 3);
	terminal_keys(t, "<Tab>"); /* "del" */
	terminal_expect(t, ":del");
	terminal_keys(t, "e<Tab>");
	terminal_expect(t, ":delete");
	terminal_keys(t, "lists<Tab>s<Tab><Enter>");
	terminal_expect(t, "answer: delete lists/sheaf");
	terminal_keys(t, ":<Up>");
	terminal_expect(t, ":delete lists/sheaf");
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "answer: (none)");
	terminal_expect_gone(t, ":delete");
	expect_quit(t);
}
END_TEST

START_TEST(prompts_pick_from_a_list)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "f");
	terminal_expect(t, "Another");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "answer: (none)");
	terminal_keys(t, "fshf");
	terminal_expect_gone(t, "Another");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "answer: lists/sheaf");
	terminal_keys(t, "f<Down><Enter>"); /* what was chosen last is first */
	terminal_expect_gone(t, "Another");
	terminal_expect(t, "answer: lists/sheaf");
	expect_quit(t);
}
END_TEST

START_TEST(secrets_are_not_shown)
{
	g_autoptr(Terminal) t = start_ready();
	size_t len;

	terminal_keys(t, "s");
	terminal_expect(t, "Password:");
	terminal_keys(t, "hunter2");
	ck_assert(!terminal_wait(t, "hunter", 100));
	ck_assert_ptr_null(strstr(terminal_raw(t, &len), "hunter"));
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "answer: hunter2");
	expect_quit(t);
}
END_TEST

START_TEST(questions_take_one_key)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "?");
	terminal_expect(t, "Really? (y/n)");
	terminal_send(t, "\033[200~yyy\033[201~");
	terminal_keys(t, "x");
	ck_assert(!terminal_wait(t, "answer", 100));
	terminal_keys(t, "y");
	terminal_expect(t, "answer: y");
	terminal_keys(t, "?<Esc>");
	terminal_expect(t, "answer: (none)");
	expect_quit(t);
}
END_TEST

START_TEST(pastes_into_a_prompt_only)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_send(t, "\033[200~q\033[201~");
	terminal_expect(t, "pasted: q");
	terminal_keys(t, ":");
	terminal_send(t, "\033[200~one\r\ntwo\033[201~");
	terminal_expect(t, ":one two");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "answer: one two");
	expect_quit(t);
}
END_TEST

START_TEST(survives_every_size)
{
	static const int sizes[][2] = {{1, 1}, {2, 500},  {9, 80},  {200, 40}, {10, 40},
				       {3, 3}, {60, 200}, {10, 39}, {11, 41},  {12, 60}};
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "p:");
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
			terminal_resize(t, sizes[i][0], sizes[i][1]);
			if (i % 3 == 0)
				terminal_send(t, "x");
		}
	}
	terminal_expect(t, ":xxxxxxxxxxxx");
	terminal_expect(t, " A title ");
	terminal_resize(t, 9, 50);
	terminal_expect(t, "Too small: 40x10 are needed.");
	terminal_resize(t, 12, 60);
	terminal_expect_gone(t, "Too small");
	terminal_keys(t, "<Esc>c");
	terminal_expect_row(t, 4, "田中田中田中田中田中田中田中… │right right right right righ…");
	expect_quit(t);
}
END_TEST

static const struct {
	int number, status;
} ends[] = {
	{SIGTERM, 0},
	{SIGHUP, 0},
	{SIGINT, 0},
	{SIGSEGV, 128 + SIGSEGV},
	{SIGABRT, 128 + SIGABRT},
	{SIGQUIT, 128 + SIGQUIT},
};

START_TEST(signals_leave_the_terminal_as_it_was)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "t:");
	kill(terminal_pid(t), ends[_i].number);
	int status = terminal_exit_status(t, TERMINAL_PATIENCE);
	/* A sanitizer turns a crash into an exit of its own. */
	if (ends[_i].status == 0)
		ck_assert_int_eq(status, 0);
	else
		ck_assert_int_ne(status, 0);
	terminal_check(t, terminal_is_restored(t));
}
END_TEST

START_TEST(an_abort_leaves_the_terminal_as_it_was)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "A");
	ck_assert_int_ne(terminal_exit_status(t, TERMINAL_PATIENCE), 0);
	terminal_check(t, terminal_is_restored(t));
}
END_TEST

START_TEST(ends_with_the_terminal)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_hangup(t);
	ck_assert_int_eq(terminal_exit_status(t, TERMINAL_PATIENCE), 0);
}
END_TEST

START_TEST(comes_back_after_a_stop)
{
	g_autoptr(Terminal) t = start_ready();

	/* The child leads its session: TSTP does not stop it, the screen comes back at once. */
	terminal_keys(t, "zx");
	terminal_expect(t, "key: x");
	terminal_expect_row(t, 3, "│right");
	kill(terminal_pid(t), SIGTSTP);
	kill(terminal_pid(t), SIGSTOP);
	kill(terminal_pid(t), SIGCONT);
	terminal_keys(t, "v");
	terminal_expect(t, "key: v");
	terminal_expect_row(t, 3, "│right");
	expect_quit(t);
}
END_TEST

START_TEST(sets_a_clean_title)
{
	g_autoptr(Terminal) t = start_ready();

	terminal_keys(t, "tx");
	terminal_expect(t, "key: x");
	ck_assert_str_eq(terminal_title(t), "Sheaf\xE2\x90\x9B]2;evil\xE2\x90\x87 田");
	expect_quit(t);
}
END_TEST

static const struct {
	const char *environment[3];
	int rows, cols;
	const char *reason;
} refusals[] = {
	{{"TERM"}, 24, 80, "TERM is not set"},
	{{"TERM="}, 24, 80, "TERM is not set"},
	{{"TERM=no-such-thing"}, 24, 80, "terminal type no-such-thing in TERM is unknown"},
	{{"TERM=dumb"}, 24, 80, "type dumb (TERM) cannot place the cursor"},
	{{NULL}, 9, 80, "80x9 characters; Sheaf needs at least 40x10"},
	{{NULL}, 24, 39, "39x24 characters; Sheaf needs at least 40x10"},
};

START_TEST(refuses_with_a_sentence)
{
	g_autoptr(Terminal) t =
		start(refusals[_i].environment, refusals[_i].rows, refusals[_i].cols);

	ck_assert_int_eq(terminal_exit_status(t, TERMINAL_PATIENCE), 1);
	g_autofree char *text = terminal_text(t), *flat = g_strdup(text);
	for (char *p = flat; (p = strchr(p, '\n')) != NULL;)
		memmove(p, p + 1, strlen(p));
	ck_assert_msg(strstr(flat, refusals[_i].reason) != NULL, "%s", text);
	size_t len;
	ck_assert_ptr_null(strchr(terminal_raw(t, &len), '\033'));
	terminal_check(t, terminal_is_restored(t));
}
END_TEST

static const char *const plain_environments[][3] = {
	{"LANG=C", NULL},
	{"TERM=vt100", NULL},
	{"TERM=linux", "NO_COLOR=1", NULL},
	{"TERM=xterm", "LC_ALL=POSIX", NULL},
};

START_TEST(runs_in_plain_surroundings)
{
	g_autoptr(Terminal) t = start(plain_environments[_i], 12, 60);

	terminal_expect(t, "ready");
	terminal_expect(t, "right right");
	terminal_keys(t, "p");
	terminal_expect(t, "popup popup");
	expect_quit(t);
}
END_TEST

static bool last_row_is_another(Terminal *t, void *data)
{
	g_autofree char *row = terminal_row(t, terminal_rows(t) - 1);

	return g_str_has_prefix(row, "from ") && strcmp(row, data) != 0;
}

/* T101: whatever a message holds, what stands right of it stays where it is. */
START_TEST(every_character_stays_in_its_field)
{
	g_autoptr(Terminal) t = start(NULL, 50, 200);
	g_autofree char *last = g_strdup("ready");

	terminal_expect(t, "ready");
	while (strcmp(last, "from F0000") != 0) {
		terminal_send(t, "a");
		ck_assert(terminal_wait_until(t, last_row_is_another, last, TERMINAL_PATIENCE));
		g_free(last);
		last = terminal_row(t, 49);
		for (int row = 0; row < 49; row++) {
			for (int col = 0; col < 100; col++) {
				bool bar = terminal_cell(t, row, col).reverse;
				if (bar != (col % 5 == 4)) {
					g_autofree char *text = terminal_row(t, row);
					ck_abort_msg("%s: column %d of %s", last, col, text);
				}
			}
		}
	}
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase;

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		return child();
	Suite *suite = one_case("screen", &tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, shows_tiles_with_a_line_between);
	tcase_add_test(tcase, pops_up_over_half_a_wide_character);
	tcase_add_test(tcase, prompts_edit_and_complete);
	tcase_add_test(tcase, prompts_pick_from_a_list);
	tcase_add_test(tcase, secrets_are_not_shown);
	tcase_add_test(tcase, questions_take_one_key);
	tcase_add_test(tcase, pastes_into_a_prompt_only);
	tcase_add_test(tcase, survives_every_size);
	tcase_add_loop_test(tcase, signals_leave_the_terminal_as_it_was, 0, G_N_ELEMENTS(ends));
	tcase_add_test(tcase, an_abort_leaves_the_terminal_as_it_was);
	tcase_add_test(tcase, ends_with_the_terminal);
	tcase_add_test(tcase, comes_back_after_a_stop);
	tcase_add_test(tcase, sets_a_clean_title);
	tcase_add_test(tcase, every_character_stays_in_its_field);
	tcase_add_loop_test(tcase, refuses_with_a_sentence, 0, G_N_ELEMENTS(refusals));
	tcase_add_loop_test(tcase, runs_in_plain_surroundings, 0, G_N_ELEMENTS(plain_environments));
	return run_suite(suite);
}
