#include "config.h"

#include "ui/term/term.h"

#include <curses.h>
#include <term.h>
#undef hangup /* one of the terminal's abilities in there */
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include "core/base/error.h"
#include "mime/text.h"
#include "ui/term/restore.h"

#define KEY_PRIORITY   (-100)
#define ESCAPE_WAIT_MS 25
#define TITLE_MAX      200

#define PASTE_ON   "\033[?2004h"
#define PASTE_OFF  "\033[?2004l"
#define MOUSE_ON   "\033[?1000h\033[?1006h"
#define MOUSE_OFF  "\033[?1006l\033[?1000l"
#define TITLE_PUSH "\033[22;2t"
#define TITLE_POP  "\033[23;2t"

typedef struct {
	const TermEvents *events;
	void *data;
	SCREEN *screen; /* NULL: closed */
	Input *input;
	guint input_source, escape_timer, job_source;
	guint signal_sources[4];
	int job_pipe[2]; /* a byte for each TSTP or CONT that somebody sent */
	gint64 last_key;
	bool is_ansi, has_title, title_set, mouse;
} Term;

static Term term = {.job_pipe = {-1, -1}};

/* terminfo's name of a key that the terminal may send in its own way, and ours. */
static const struct {
	const char *capability;
	Key key;
} terminal_keys[] = {
	{"kcuu1", SHEAF_KEY_UP},
	{"kcud1", SHEAF_KEY_DOWN},
	{"kcub1", SHEAF_KEY_LEFT},
	{"kcuf1", SHEAF_KEY_RIGHT},
	{"khome", SHEAF_KEY_HOME},
	{"kend", SHEAF_KEY_END},
	{"kpp", SHEAF_KEY_PAGEUP},
	{"knp", SHEAF_KEY_PAGEDOWN},
	{"kich1", SHEAF_KEY_INSERT},
	{"kdch1", SHEAF_KEY_DELETE},
	{"kbs", SHEAF_KEY_BACKSPACE},
	{"kent", SHEAF_KEY_ENTER},
	{"kcbt", SHEAF_KEY_SHIFT | SHEAF_KEY_TAB},
	{"kf1", SHEAF_KEY_F1},
	{"kf2", SHEAF_KEY_F2},
	{"kf3", SHEAF_KEY_F3},
	{"kf4", SHEAF_KEY_F4},
	{"kf5", SHEAF_KEY_F5},
	{"kf6", SHEAF_KEY_F6},
	{"kf7", SHEAF_KEY_F7},
	{"kf8", SHEAF_KEY_F8},
	{"kf9", SHEAF_KEY_F9},
	{"kf10", SHEAF_KEY_F10},
	{"kf11", SHEAF_KEY_F11},
	{"kf12", SHEAF_KEY_F12},
};

/* NULL for one that the terminal has not. */
static const char *capability(const char *name)
{
	const char *value = tigetstr((char *)name);

	return value == NULL || value == (const char *)-1 || *value == '\0' ? NULL : value;
}

static void write_all(const char *bytes)
{
	size_t len = strlen(bytes);

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);
		if (n < 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

/* --- keys --- */

static gboolean on_escape_timer(void *data)
{
	(void)data;
	term.escape_timer = 0;
	term.last_key = g_get_monotonic_time();
	input_timeout(term.input);
	return G_SOURCE_REMOVE;
}

static gboolean on_input(int fd, GIOCondition condition, void *data)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof buf);

	(void)condition;
	(void)data;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		term.input_source = 0;
		term.events->hangup(term.data);
		return G_SOURCE_REMOVE;
	}
	if (term.escape_timer != 0)
		g_source_remove(term.escape_timer);
	term.escape_timer = 0;
	term.last_key = g_get_monotonic_time();
	input_push(term.input, buf, (size_t)n);
	if (term.input != NULL && input_is_waiting(term.input))
		term.escape_timer = g_timeout_add_full(KEY_PRIORITY, ESCAPE_WAIT_MS,
						       on_escape_timer, NULL, NULL);
	return G_SOURCE_CONTINUE;
}

static void start_input(void)
{
	term.input = input_new(&term.events->input, term.data);
	for (size_t i = 0; i < G_N_ELEMENTS(terminal_keys); i++) {
		const char *sequence = capability(terminal_keys[i].capability);
		/* A DEL is Backspace in any case, whatever old entries say of Delete. */
		if (sequence != NULL && strcmp(sequence, "\177") != 0)
			input_bind(term.input, sequence, terminal_keys[i].key);
	}
	term.input_source = g_unix_fd_add_full(KEY_PRIORITY, STDIN_FILENO,
					       G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, NULL, NULL);
}

/* --- screen on and off --- */

static void enter_modes(void)
{
	if (term.is_ansi)
		write_all(PASTE_ON);
	if (term.mouse)
		write_all(MOUSE_ON);
}

/* What undoes everything, for exits that cannot ask curses. */
static void arm(void)
{
	static const char *const names[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
	g_autoptr(GString) undo = g_string_new(NULL);

	if (term.mouse)
		g_string_append(undo, MOUSE_OFF);
	if (term.is_ansi)
		g_string_append(undo, PASTE_OFF);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = capability(names[i]);
		/* Delays are for terminals that nobody has any more. */
		for (; value != NULL && *value != '\0'; value++) {
			if (g_str_has_prefix(value, "$<") && strchr(value, '>') != NULL)
				value = strchr(value, '>');
			else
				g_string_append_c(undo, *value);
		}
	}
	if (term.title_set)
		g_string_append(undo, TITLE_POP);
	restore_arm(undo->str);
}

static void leave_screen(void)
{
	if (term.mouse)
		write_all(MOUSE_OFF);
	if (term.is_ansi)
		write_all(PASTE_OFF);
	endwin();
}

static void tell_size(void)
{
	term.events->resize(LINES, COLS, term.data);
}

/* After a stop: somebody else had the screen, and its size may be another. */
static void come_back(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resize_term(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
	doupdate();
	enter_modes();
	arm();
	tell_size();
}

/* --- signals --- */

static void on_job_signal(int signal_number)
{
	int before = errno;
	char byte = signal_number == SIGCONT ? 'c' : 's';
	ssize_t n = write(term.job_pipe[1], &byte, 1);

	(void)n; /* a full pipe already says it */
	errno = before;
}

static void catch_job_signals(void)
{
	struct sigaction action = {.sa_handler = on_job_signal, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGTSTP, &action, NULL);
}

static bool drain_jobs(char *last)
{
	char buf[64];
	ssize_t n, total = 0;

	while ((n = read(term.job_pipe[0], buf, sizeof buf)) > 0) {
		*last = buf[n - 1];
		total += n;
	}
	return total > 0;
}

static gboolean on_job(int fd, GIOCondition condition, void *data)
{
	char last = 0;

	(void)fd;
	(void)condition;
	(void)data;
	if (!drain_jobs(&last))
		return G_SOURCE_CONTINUE;
	if (last == 's') {
		term_suspend();
	} else {
		/* Stopped by STOP, which cannot be caught: the shell changed the modes. */
		leave_screen();
		come_back();
	}
	return G_SOURCE_CONTINUE;
}

static gboolean on_window_change(void *data)
{
	struct winsize size;

	(void)data;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return G_SOURCE_CONTINUE;
	resize_term(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
	tell_size();
	return G_SOURCE_CONTINUE;
}

static gboolean on_hangup(void *data)
{
	(void)data;
	term.events->hangup(term.data);
	return G_SOURCE_CONTINUE;
}

static void start_signals(void)
{
	static const int ends[] = {SIGTERM, SIGHUP, SIGINT};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
		term.signal_sources[i] =
			g_unix_signal_add_full(KEY_PRIORITY, ends[i], on_hangup, NULL, NULL);
	term.signal_sources[3] =
		g_unix_signal_add_full(KEY_PRIORITY, SIGWINCH, on_window_change, NULL, NULL);
	if (g_unix_open_pipe(term.job_pipe, FD_CLOEXEC, NULL)) {
		g_unix_set_fd_nonblocking(term.job_pipe[0], TRUE, NULL);
		g_unix_set_fd_nonblocking(term.job_pipe[1], TRUE, NULL);
		term.job_source = g_unix_fd_add_full(KEY_PRIORITY, term.job_pipe[0], G_IO_IN,
						     on_job, NULL, NULL);
		catch_job_signals();
	}
	restore_catch();
}

static void stop_signals(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(term.signal_sources); i++)
		g_source_remove(term.signal_sources[i]);
	restore_uncatch();
	if (term.job_pipe[0] < 0)
		return;
	signal(SIGCONT, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	g_source_remove(term.job_source);
	close(term.job_pipe[0]);
	close(term.job_pipe[1]);
	term.job_pipe[0] = term.job_pipe[1] = -1;
}

/* --- start --- */

static bool refuse(GError **error, const char *format, const char *name)
{
	g_autofree char *clean = text_clean_name(name);

	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, format, clean);
	return false;
}

static bool check_terminal(GError **error)
{
	const char *name = getenv("TERM");
	int result;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(error, "Sheaf needs a terminal for its screen: standard %s is none.",
			      isatty(STDIN_FILENO) ? "output" : "input");
	if (name == NULL || *name == '\0')
		return refuse(error,
			      "TERM is not set%s: say which terminal this is, for example "
			      "TERM=xterm-256color.",
			      "");
	if (setupterm(NULL, STDOUT_FILENO, &result) != OK)
		return refuse(
			error,
			"The terminal type %s in TERM is unknown here; try TERM=xterm-256color "
			"or install its terminfo entry.",
			name);
	if (capability("cup") == NULL || capability("clear") == NULL)
		return refuse(error,
			      "A terminal of type %s (TERM) cannot place the cursor; Sheaf needs "
			      "that.",
			      name);
	return true;
}

static bool check_size(GError **error)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
		size.ws_row = (unsigned short)MAX(tigetnum((char *)"lines"), 0);
		size.ws_col = (unsigned short)MAX(tigetnum((char *)"cols"), 0);
	}
	if (size.ws_row >= TERM_MIN_ROWS && size.ws_col >= TERM_MIN_COLS)
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "This terminal is %dx%d characters; Sheaf needs at least %dx%d.", size.ws_col,
		    size.ws_row, TERM_MIN_COLS, TERM_MIN_ROWS);
	return false;
}

/* Title and paste are private sequences: only for terminals that speak that language. */
static void learn_terminal(void)
{
	static const char *const titled[] = {"xterm", "rxvt",  "screen", "tmux",     "foot",
					     "vte",   "kitty", "st-",    "alacritty"};
	const char *name = getenv("TERM");

	term.is_ansi = g_str_has_prefix(capability("cup"), "\033[");
	term.mouse = term.is_ansi && term.events->input.mouse != NULL;
	term.has_title = tigetflag((char *)"XT") > 0;
	for (size_t i = 0; i < G_N_ELEMENTS(titled); i++)
		term.has_title |= g_str_has_prefix(name, titled[i]);
	term.has_title &= term.is_ansi;
}

static void set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	/* Never look at standard input: its bytes are ours. */
	typeahead(-1);
	curs_set(0);
}

bool term_open(const TermEvents *events, void *data, GError **error)
{
	static bool registered;

	bool fits = check_terminal(error) && check_size(error);
	/* newterm() makes its own. */
	if (cur_term != NULL)
		del_curterm(cur_term);
	if (!fits)
		return false;
	/* LINES and COLUMNS of the environment are of the shell's start, not of now. */
	use_env(FALSE);
	use_tioctl(TRUE);
	restore_remember();
	term.screen = newterm(NULL, stdout, stdin);
	if (term.screen == NULL)
		return refuse(error, "The terminal type %s cannot be used.", getenv("TERM"));
	term.events = events;
	term.data = data;
	learn_terminal();
	arm();
	if (!registered)
		atexit(term_close);
	registered = true;
	start_signals();
	set_modes();
	refresh();
	enter_modes();
	start_input();
	return true;
}

void term_close(void)
{
	if (term.screen == NULL)
		return;
	if (term.escape_timer != 0)
		g_source_remove(term.escape_timer);
	if (term.input_source != 0)
		g_source_remove(term.input_source);
	g_clear_pointer(&term.input, input_free);
	curs_set(1);
	leave_screen();
	if (term.title_set)
		write_all(TITLE_POP);
	/* curses undid what curses did; the rest, and the line as it was found, is for sure. */
	restore_arm("");
	restore_now();
	stop_signals();
	/* No delscreen(): the panel library's panel of this screen would be lost with it. */
	term = (Term){.job_pipe = {-1, -1}};
}

int term_rows(void)
{
	return LINES;
}

int term_cols(void)
{
	return COLS;
}

int64_t term_last_key(void)
{
	return term.last_key;
}

void term_suspend(void)
{
	char last;

	leave_screen();
	restore_arm("");
	restore_now();
	signal(SIGTSTP, SIG_DFL);
	/* The whole job, as the terminal itself would do it. */
	kill(0, SIGTSTP);
	catch_job_signals();
	drain_jobs(&last);
	come_back();
}

void term_redraw(void)
{
	clearok(curscr, TRUE);
}

void term_set_title(const char *utf8)
{
	g_autofree char *clean = text_clean_name(utf8);
	g_autoptr(GString) out = g_string_new("\033]2;");

	if (term.screen == NULL || !term.has_title)
		return;
	for (const char *p = clean; *p != '\0' && out->len < TITLE_MAX; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (g_unichar_isprint(c) && wcwidth((wchar_t)c) > 0)
			g_string_append_unichar(out, c);
	}
	g_string_append_c(out, '\a');
	if (!term.title_set) {
		term.title_set = true;
		write_all(TITLE_PUSH);
		arm();
	}
	write_all(out->str);
}

static char attribute_digit(attr_t attributes)
{
	static const attr_t bits[] = {A_BOLD, A_DIM, A_ITALIC, A_UNDERLINE, A_REVERSE};
	int sum = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++)
		sum |= (attributes & bits[i]) != 0 ? 1 << i : 0;
	return "0123456789abcdefghijklmnopqrstuv"[sum];
}

static void dump_row(GString *out, int row, bool attributes)
{
	for (int col = 0; col < COLS;) {
		wchar_t text[CCHARW_MAX + 1] = {0};
		attr_t cell_attributes = 0;
		short pair;
		cchar_t cell;

		mvwin_wch(curscr, row, col, &cell);
		getcchar(&cell, text, &cell_attributes, &pair, NULL);
		int width = MAX(wcwidth(text[0]), 1);
		if (attributes) {
			g_string_append_c(out, attribute_digit(cell_attributes));
			col++;
			continue;
		}
		for (const wchar_t *c = text; *c != L'\0'; c++)
			g_string_append_unichar(out, (gunichar)*c);
		col += width;
	}
	g_string_append_c(out, '\n');
}

char *term_dump(bool attributes)
{
	GString *out = g_string_new(NULL);

	for (int row = 0; row < LINES; row++)
		dump_row(out, row, false);
	for (int row = 0; attributes && row < LINES; row++)
		dump_row(out, row, true);
	return g_string_free(out, FALSE);
}
