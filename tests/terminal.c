#define _GNU_SOURCE
#include "tests/terminal.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>
#include "tests/place.h"

enum {
	SLICE = 20,       /* ms between two looks at whether the program ended */
	ESCAPE_PAUSE = 60 /* ms after a lone ESC */
};

struct Terminal {
	VTerm *vterm;
	VTermScreen *screen;
	int master, slave, rows, cols;
	GPid pid;
	int status; /* of waitpid(), once `ended` */
	bool ended, cursor_visible;
	struct termios before, after;
	GString *raw, *title;
	char *home;
	bool home_is_ours;
};

static void write_all(Terminal *t, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(t->master, bytes, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd fd = {.fd = t->master, .events = POLLOUT};

			if (poll(&fd, 1, TERMINAL_PATIENCE) <= 0)
				return;
		} else if (n < 0 && errno != EINTR) {
			return;
		} else if (n > 0) {
			bytes += n;
			len -= n;
		}
	}
}

static void on_output(const char *bytes, size_t len, void *data)
{
	write_all(data, bytes, len);
}

/* libvterm 0.2 changed strings from one NUL-terminated string to fragments. */
static void take_title(GString *title, const VTermValue *value)
{
#if VTERM_VERSION_MAJOR > 0 || VTERM_VERSION_MINOR >= 2
	if (value->string.initial)
		g_string_truncate(title, 0);
	g_string_append_len(title, value->string.str, value->string.len);
#else
	g_string_assign(title, value->string);
#endif
}

static int on_property(VTermProp property, VTermValue *value, void *data)
{
	Terminal *t = data;

	if (property == VTERM_PROP_CURSORVISIBLE)
		t->cursor_visible = value->boolean;
	else if (property == VTERM_PROP_TITLE)
		take_title(t->title, value);
	return 1;
}

static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_property};

static void make_vterm(Terminal *t)
{
	t->vterm = vterm_new(t->rows, t->cols);
	vterm_set_utf8(t->vterm, 1);
	vterm_output_set_callback(t->vterm, on_output, t);
	t->screen = vterm_obtain_screen(t->vterm);
	vterm_screen_set_callbacks(t->screen, &screen_callbacks, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	t->cursor_visible = true;
}

static char **make_environment(Terminal *t, const char *const *extra)
{
	static const char *const kept[] = {"PATH",         "ASAN_OPTIONS",  "UBSAN_OPTIONS",
					   "LSAN_OPTIONS", "SHEAF_SERVERS", "TMPDIR"};
	static const char *const below_home[][2] = {{"XDG_CONFIG_HOME", ".config"},
						    {"XDG_CACHE_HOME", ".cache"},
						    {"XDG_STATE_HOME", ".local/state"},
						    {"XDG_DATA_HOME", ".local/share"}};
	char **env = g_new0(char *, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_getenv(kept[i]) != NULL)
			env = g_environ_setenv(env, kept[i], g_getenv(kept[i]), TRUE);
	env = g_environ_setenv(env, "TERM", "xterm-256color", TRUE);
	env = g_environ_setenv(env, "LANG", "C.UTF-8", TRUE);
	env = g_environ_setenv(env, "TZ", "UTC", TRUE);
	env = g_environ_setenv(env, "HOME", t->home, TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(below_home); i++) {
		g_autofree char *path = g_build_filename(t->home, below_home[i][1], NULL);

		env = g_environ_setenv(env, below_home[i][0], path, TRUE);
	}
	for (size_t i = 0; extra != NULL && extra[i] != NULL; i++) {
		g_auto(GStrv) pair = g_strsplit(extra[i], "=", 2);

		env = pair[1] != NULL ? g_environ_setenv(env, pair[0], pair[1], TRUE)
				      : g_environ_unsetenv(env, pair[0]);
	}
	return env;
}

static void choose_home(Terminal *t, const char *const *environment)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		if (g_str_has_prefix(environment[i], "HOME="))
			t->home = g_strdup(environment[i] + strlen("HOME="));
	t->home_is_ours = t->home == NULL;
	if (t->home_is_ours)
		t->home = place_temporary();
}

/* False when nothing came within `timeout`, or nothing will. */
static bool read_some(Terminal *t, int timeout)
{
	char buf[16384];
	struct pollfd fd = {.fd = t->master, .events = POLLIN};

	if (t->master < 0 || poll(&fd, 1, timeout) <= 0)
		return false;

	ssize_t n = read(t->master, buf, sizeof buf);

	if (n <= 0)
		return false;
	g_string_append_len(t->raw, buf, n);
	vterm_input_write(t->vterm, buf, n);
	return true;
}

/* The kernel hands on what was written a moment later: only with the last descriptor of the other
 * side closed does reading tell surely that there is no more. */
static void look_for_end(Terminal *t)
{
	if (t->ended || waitpid(t->pid, &t->status, WNOHANG) != t->pid)
		return;
	t->ended = true;
	if (t->slave >= 0) {
		tcgetattr(t->slave, &t->after);
		close(t->slave);
		t->slave = -1;
	}
}

/* One turn of every wait; false once the program has ended and all it wrote is read. */
static bool pump(Terminal *t, int timeout)
{
	look_for_end(t);
	return read_some(t, timeout) || !t->ended;
}

static void append_cell(GString *out, const VTermScreenCell *cell)
{
	if (cell->chars[0] == 0)
		g_string_append_c(out, ' ');
	for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i] != 0; i++)
		g_string_append_unichar(out, cell->chars[i]);
}

static void append_row(Terminal *t, int row, GString *out)
{
	size_t start = out->len;
	VTermScreenCell cell;

	for (int col = 0; col < t->cols; col += MAX(cell.width, 1)) {
		vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = col}, &cell);
		append_cell(out, &cell);
	}
	while (out->len > start && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
}

typedef struct {
	const char *text;
	int row;
	GRegex *regex;
} Wanted;

static bool has_text(Terminal *t, void *data)
{
	g_autofree char *screen = terminal_text(t);

	return strstr(screen, ((Wanted *)data)->text) != NULL;
}

static bool has_not_text(Terminal *t, void *data)
{
	return !has_text(t, data);
}

static bool has_match(Terminal *t, void *data)
{
	g_autofree char *screen = terminal_text(t);

	return g_regex_match(((Wanted *)data)->regex, screen, 0, NULL);
}

static bool has_in_row(Terminal *t, void *data)
{
	Wanted *wanted = data;
	g_autofree char *row = terminal_row(t, wanted->row);

	return strstr(row, wanted->text) != NULL;
}

static int palette_index(const VTermColor *color, bool is_default)
{
	if (is_default)
		return -1;
	return VTERM_COLOR_IS_INDEXED(color) ? color->indexed.idx : -2;
}

static VTermKey special_key(const char *name)
{
	static const struct {
		const char *name;
		VTermKey key;
	} names[] = {{"Enter", VTERM_KEY_ENTER},
		     {"Tab", VTERM_KEY_TAB},
		     {"Backspace", VTERM_KEY_BACKSPACE},
		     {"Esc", VTERM_KEY_ESCAPE},
		     {"Up", VTERM_KEY_UP},
		     {"Down", VTERM_KEY_DOWN},
		     {"Left", VTERM_KEY_LEFT},
		     {"Right", VTERM_KEY_RIGHT},
		     {"Insert", VTERM_KEY_INS},
		     {"Delete", VTERM_KEY_DEL},
		     {"Home", VTERM_KEY_HOME},
		     {"End", VTERM_KEY_END},
		     {"PageUp", VTERM_KEY_PAGEUP},
		     {"PageDown", VTERM_KEY_PAGEDOWN}};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].key;
	if (name[0] == 'F' && g_ascii_isdigit(name[1]))
		return VTERM_KEY_FUNCTION(atoi(name + 1));
	return VTERM_KEY_NONE;
}

static uint32_t named_character(const char *name)
{
	static const struct {
		const char *name;
		uint32_t character;
	} names[] = {
		{"Space", ' '}, {"Less", '<'}, {"Equal", '='}, {"Hash", '#'}, {"LeftBracket", '['}};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].character;
	ck_assert_msg(g_utf8_strlen(name, -1) == 1, "terminal_keys() knows no <%s>", name);
	return g_utf8_get_char(name);
}

/* As every terminal does; libvterm would write some of these in the newer CSI u form. */
static void send_character(Terminal *t, uint32_t character, int modifier)
{
	g_autoptr(GString) bytes = g_string_new(modifier & VTERM_MOD_ALT ? "\x1b" : NULL);

	if (modifier & VTERM_MOD_CTRL)
		g_string_append_c(bytes, character & 0x1f);
	else
		g_string_append_unichar(bytes, character);
	write_all(t, bytes->str, bytes->len);
}

static void send_named(Terminal *t, const char *name)
{
	static const struct {
		const char *prefix;
		VTermModifier modifier;
	} modifiers[] = {{"C-", VTERM_MOD_CTRL}, {"A-", VTERM_MOD_ALT}, {"S-", VTERM_MOD_SHIFT}};
	int modifier = VTERM_MOD_NONE;

	for (size_t i = 0; i < G_N_ELEMENTS(modifiers); i++)
		if (g_str_has_prefix(name, modifiers[i].prefix)) {
			modifier |= modifiers[i].modifier;
			name += 2;
		}

	VTermKey key = special_key(name);

	if (key != VTERM_KEY_NONE)
		vterm_keyboard_key(t->vterm, key, modifier);
	else
		send_character(t, named_character(name), modifier);
	if (key == VTERM_KEY_ESCAPE) {
		gint64 end = g_get_monotonic_time() + ESCAPE_PAUSE * 1000;

		while (g_get_monotonic_time() < end && pump(t, SLICE))
			;
	}
}

/* Modes that are set in a fresh terminal. */
static bool is_default_mode(unsigned mode)
{
	return mode == 7 || mode == 25;
}

/* Follows every CSI ? … h and l in what was written; true when all stand where they began.  (Not
 * libvterm's own word: leaving the alternate screen it also brings back an invisible cursor.) */
static bool modes_are_reset(const GString *raw)
{
	g_autoptr(GHashTable) changed = g_hash_table_new(NULL, NULL);
	const char *at = raw->str;

	while ((at = memmem(at, raw->str + raw->len - at, "\x1b[?", 3)) != NULL) {
		const char *digits = at += 3;
		const char *final = digits + strspn(digits, "0123456789;");

		if (*final != 'h' && *final != 'l')
			continue;
		for (const char *p = digits; p < final; p++) {
			unsigned mode = strtoul(p, (char **)&p, 10);

			if ((*final == 'h') == is_default_mode(mode))
				g_hash_table_remove(changed, GUINT_TO_POINTER(mode));
			else
				g_hash_table_add(changed, GUINT_TO_POINTER(mode));
		}
	}
	return g_hash_table_size(changed) == 0;
}

/* Length of the sequence behind ESC at `p`, 0 where it is none of ours. */
static size_t own_sequence(const char *p, const char *end)
{
	const char *at = p + 1;

	if (at >= end || *at == '\0')
		return 0;
	if (strchr("=>78M", *at) != NULL)
		return 2;
	if (*at == '(' && at + 1 < end && at[1] != '\0' && strchr("B0", at[1]) != NULL)
		return 3;
	if (*at == '[') {
		at += 1 + strspn(at + 1, "?>0123456789;");
		at += strspn(at, " !");
		return at < end && *at != '\0' && strchr("@ABCDGHJKLMPSTXZbdghlmpqrt", *at) != NULL
			       ? at + 1 - p
			       : 0;
	}
	if (*at == ']' && (g_str_has_prefix(at + 1, "0;") || g_str_has_prefix(at + 1, "2;"))) {
		for (at += 3; at < end && (unsigned char)*at >= ' ' && *at != 0x7f; at++)
			;
		if (at < end && *at == '\a')
			return at + 1 - p;
		return at + 1 < end && at[0] == '\x1b' && at[1] == '\\' ? at + 2 - p : 0;
	}
	return 0;
}

/* Length of what may stand at `p`, 0 where it may not. */
static size_t own_output(const char *p, const char *end)
{
	unsigned char byte = *p;

	if (byte == '\x1b')
		return own_sequence(p, end);
	if (byte < 0x80)
		return (byte >= ' ' && byte != 0x7f) || memchr("\r\n\b\t", byte, 4) != NULL;

	gunichar c = g_utf8_get_char_validated(p, end - p);
	bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);

	return c > 0x10ffff || c < 0xa0 || turns ? 0 : g_unichar_to_utf8(c, NULL);
}

Terminal *terminal_start(const char *const *argv, const char *const *environment, int rows,
			 int cols)
{
	Terminal *t = g_new0(Terminal, 1);
	struct winsize size = {.ws_row = rows, .ws_col = cols};

	t->rows = rows;
	t->cols = cols;
	t->raw = g_string_new(NULL);
	t->title = g_string_new(NULL);
	choose_home(t, environment);

	g_auto(GStrv) env = make_environment(t, environment);

	ck_assert_msg(openpty(&t->master, &t->slave, NULL, NULL, &size) == 0, "openpty: %s",
		      g_strerror(errno));
	fcntl(t->master, F_SETFD, FD_CLOEXEC);
	fcntl(t->master, F_SETFL, O_NONBLOCK);
	fcntl(t->slave, F_SETFD, FD_CLOEXEC);
	tcgetattr(t->slave, &t->before);
	make_vterm(t);
	t->pid = fork();
	ck_assert_int_ge(t->pid, 0);
	if (t->pid == 0) {
		login_tty(t->slave);
		/* As from a log-in; what a shell starts in the background ignores the first two,
		 * and behind nohup the third. */
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		execvpe(argv[0], (char *const *)argv, env);
		dprintf(2, "%s: %s\n", argv[0], g_strerror(errno));
		_exit(127);
	}
	return t;
}

Terminal *terminal_start_sheaf(const char *const *arguments, const char *const *environment,
			       int rows, int cols)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	g_ptr_array_add(argv, (char *)place_binary());
	for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++)
		g_ptr_array_add(argv, (char *)arguments[i]);
	g_ptr_array_add(argv, NULL);
	return terminal_start((const char *const *)argv->pdata, environment, rows, cols);
}

void terminal_free(Terminal *t)
{
	if (t == NULL)
		return;
	terminal_hangup(t);
	if (!t->ended && terminal_exit_status(t, 3000) < 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	vterm_free(t->vterm);
	if (t->home_is_ours)
		place_remove(t->home);
	g_free(t->home);
	g_string_free(t->raw, TRUE);
	g_string_free(t->title, TRUE);
	g_free(t);
}

const char *terminal_home(const Terminal *t)
{
	return t->home;
}

GPid terminal_pid(const Terminal *t)
{
	return t->pid;
}

void terminal_send(Terminal *t, const char *bytes)
{
	write_all(t, bytes, strlen(bytes));
}

/* Microseconds until Escape is a key of its own, also where two processors are busy. */
#define ESCAPE_ALONE 300000

void terminal_keys(Terminal *t, const char *keys)
{
	while (*keys != '\0') {
		const char *end = *keys == '<' ? strchr(keys, '>') : NULL;

		if (end == NULL) {
			const char *next = g_utf8_next_char(keys);

			write_all(t, keys, next - keys);
			keys = next;
		} else {
			g_autofree char *name = g_strndup(keys + 1, end - keys - 1);

			send_named(t, name);
			keys = end + 1;
			/* What follows at once is the same key, with Alt. */
			if (strcmp(name, "Esc") == 0 && *keys != '\0')
				g_usleep(ESCAPE_ALONE);
		}
	}
}

bool terminal_wait_until(Terminal *t, bool (*holds)(Terminal *t, void *data), void *data,
			 int timeout)
{
	gint64 end = g_get_monotonic_time() + (gint64)timeout * 1000;

	while (!holds(t, data)) {
		if (g_get_monotonic_time() >= end)
			return false;
		if (!pump(t, SLICE))
			return holds(t, data);
		while (read_some(t, 0))
			;
	}
	return true;
}

bool terminal_wait(Terminal *t, const char *text, int timeout)
{
	return terminal_wait_until(t, has_text, &(Wanted){.text = text}, timeout);
}

bool terminal_wait_gone(Terminal *t, const char *text, int timeout)
{
	return terminal_wait_until(t, has_not_text, &(Wanted){.text = text}, timeout);
}

bool terminal_wait_match(Terminal *t, const char *regex, int timeout)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GRegex) compiled = g_regex_new(regex, G_REGEX_MULTILINE, 0, &error);

	ck_assert_msg(compiled != NULL, "%s: %s", regex, error ? error->message : "");
	return terminal_wait_until(t, has_match, &(Wanted){.regex = compiled}, timeout);
}

bool terminal_wait_row(Terminal *t, int row, const char *text, int timeout)
{
	return terminal_wait_until(t, has_in_row, &(Wanted){.text = text, .row = row}, timeout);
}

void terminal_assert(Terminal *t, bool truth, const char *file, int line, const char *expected,
		     const char *what)
{
	if (truth)
		return;

	g_autofree char *screen = terminal_text(t);
	g_autofree char *state = t->ended ? g_strdup_printf("ended, wait status %d", t->status)
					  : g_strdup("still runs");

	/* A message of check's may not be that long. */
	fprintf(stderr, "%s:%d: the screen was:\n%s", file, line, screen);
	ck_abort_msg("%s:%d: expected %s \"%s\"; the program %s", file, line, expected, what,
		     state);
}

char *terminal_text(Terminal *t)
{
	GString *out = g_string_new(NULL);

	for (int row = 0; row < t->rows; row++) {
		append_row(t, row, out);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

char *terminal_row(Terminal *t, int row)
{
	GString *out = g_string_new(NULL);

	append_row(t, row, out);
	return g_string_free(out, FALSE);
}

int terminal_find(Terminal *t, const char *text, int *col)
{
	for (int row = 0; row < t->rows; row++) {
		g_autoptr(GString) line = g_string_new(NULL);
		VTermScreenCell cell;

		append_row(t, row, line);

		const char *found = strstr(line->str, text);

		if (found == NULL)
			continue;

		size_t before = found - line->str;
		int at = 0;

		g_string_truncate(line, 0);
		while (line->len < before) {
			vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = at}, &cell);
			append_cell(line, &cell);
			at += MAX(cell.width, 1);
		}
		if (col != NULL)
			*col = at;
		return row;
	}
	return -1;
}

TerminalCell terminal_cell(Terminal *t, int row, int col)
{
	VTermScreenCell cell;

	vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = col}, &cell);
	return (TerminalCell){.bold = cell.attrs.bold,
			      .underline = cell.attrs.underline != VTERM_UNDERLINE_OFF,
			      .reverse = cell.attrs.reverse,
			      .fg = palette_index(&cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg)),
			      .bg = palette_index(&cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))};
}

int terminal_rows(const Terminal *t)
{
	return t->rows;
}

int terminal_cols(const Terminal *t)
{
	return t->cols;
}

void terminal_cursor(Terminal *t, int *row, int *col, bool *visible)
{
	VTermPos at;

	vterm_state_get_cursorpos(vterm_obtain_state(t->vterm), &at);
	*row = at.row;
	*col = at.col;
	*visible = t->cursor_visible;
}

const char *terminal_title(const Terminal *t)
{
	return t->title->str;
}

void terminal_resize(Terminal *t, int rows, int cols)
{
	struct winsize size = {.ws_row = rows, .ws_col = cols};

	t->rows = rows;
	t->cols = cols;
	vterm_set_size(t->vterm, rows, cols);
	ioctl(t->master, TIOCSWINSZ, &size);
}

void terminal_hangup(Terminal *t)
{
	if (t->master < 0)
		return;
	while (read_some(t, 0))
		;
	close(t->master);
	if (t->slave >= 0)
		close(t->slave);
	t->master = t->slave = -1;
}

int terminal_exit_status(Terminal *t, int timeout)
{
	gint64 end = g_get_monotonic_time() + (gint64)timeout * 1000;

	while (pump(t, SLICE) && g_get_monotonic_time() < end)
		if (t->master < 0)
			g_usleep(SLICE * 1000 / 4);
	if (!t->ended)
		return -1;
	return WIFEXITED(t->status) ? WEXITSTATUS(t->status) : 128 + WTERMSIG(t->status);
}

const char *terminal_left_behind(Terminal *t)
{
	const struct termios *before = &t->before, *after = &t->after;

	if (!t->ended)
		return "the program, which still runs";
	if (after->c_iflag != before->c_iflag || after->c_oflag != before->c_oflag ||
	    after->c_cflag != before->c_cflag || after->c_lflag != before->c_lflag ||
	    memcmp(after->c_cc, before->c_cc, sizeof after->c_cc) != 0)
		return "another line discipline";
	return modes_are_reset(t->raw) ? NULL : "a private mode (screen, cursor, mouse, paste)";
}

bool terminal_is_restored(Terminal *t)
{
	return terminal_left_behind(t) == NULL;
}

const char *terminal_raw(Terminal *t, size_t *len)
{
	*len = t->raw->len;
	return t->raw->str;
}

char *terminal_foreign(Terminal *t)
{
	const char *end = t->raw->str + t->raw->len;
	size_t len;

	for (const char *p = t->raw->str; p < end; p += len) {
		len = own_output(p, end);
		if (len == 0) {
			size_t before = MIN(p - t->raw->str, 30), after = MIN(end - p, 30);
			g_autofree char *around = g_strndup(p - before, before + after);
			g_autofree char *escaped = g_strescape(around, NULL);

			return g_strdup_printf("byte %td (0x%02x) in \"%s\"", p - t->raw->str,
					       (unsigned char)*p, escaped);
		}
	}
	return NULL;
}
