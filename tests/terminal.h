/* terminal - a program in a pseudo terminal whose screen is kept by libvterm.
 *
 * The program gets a fresh home (HOME and the XDG directories below one temporary directory),
 * TERM=xterm-256color and LANG=C.UTF-8, and nothing else of the environment but PATH and the
 * sanitizers' options.  Every wait reads what the program prints until a condition holds: tests
 * wait for screens and never for times. */
#ifndef SHEAF_TESTS_TERMINAL_H
#define SHEAF_TESTS_TERMINAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Terminal Terminal;

/* Milliseconds that are enough for anything on a slow machine; only failures last that long. */
enum { TERMINAL_PATIENCE = 20000 };

/* `argv` ends with NULL; argv[0] is looked for in PATH.  `environment` (may be NULL) has
 * "NAME=value", or "NAME" to unset it, and comes last; with its own HOME= that directory is used
 * and kept. */
Terminal *terminal_start(const char *const *argv, const char *const *environment, int rows,
			 int cols);
/* The reader (place_binary()) with these arguments, which end with NULL. */
Terminal *terminal_start_sheaf(const char *const *arguments, const char *const *environment,
			       int rows, int cols);

/* Ends the program (HUP, then KILL) where it still runs, and removes its home. */
void terminal_free(Terminal *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Terminal, terminal_free)

/* The temporary directory that holds the program's home. Borrowed. */
const char *terminal_home(const Terminal *t);
GPid terminal_pid(const Terminal *t);

/* Bytes as they are. */
void terminal_send(Terminal *t, const char *bytes);

/* "jj<Enter>:quit<Enter>": text, and keys as the configuration writes them (<C-x> <A-x> <S-Tab>
 * <Down> <PageUp> <F1> <Esc> <Space> <Less>), encoded as a terminal in its present mode does.
 * After <Esc> comes a pause of 60 ms, without which it would be the beginning of a sequence. */
void terminal_keys(Terminal *t, const char *keys);

/* False after `timeout` milliseconds, or when the program ended before it came true. */
bool terminal_wait(Terminal *t, const char *text, int timeout);
bool terminal_wait_gone(Terminal *t, const char *text, int timeout);
bool terminal_wait_match(Terminal *t, const char *regex, int timeout);
bool terminal_wait_row(Terminal *t, int row, const char *text, int timeout);
bool terminal_wait_until(Terminal *t, bool (*holds)(Terminal *t, void *data), void *data,
			 int timeout);

/* The same as assertions with TERMINAL_PATIENCE, which print the screen when they fail. */
#define terminal_expect(t, text)                                                                   \
	terminal_assert(t, terminal_wait(t, text, TERMINAL_PATIENCE), __FILE__, __LINE__,          \
			"to see", text)
#define terminal_expect_gone(t, text)                                                              \
	terminal_assert(t, terminal_wait_gone(t, text, TERMINAL_PATIENCE), __FILE__, __LINE__,     \
			"to see no more", text)
#define terminal_expect_match(t, regex)                                                            \
	terminal_assert(t, terminal_wait_match(t, regex, TERMINAL_PATIENCE), __FILE__, __LINE__,   \
			"to see a match of", regex)
#define terminal_expect_row(t, row, text)                                                          \
	terminal_assert(t, terminal_wait_row(t, row, text, TERMINAL_PATIENCE), __FILE__, __LINE__, \
			"to see in the row", text)
#define terminal_expect_exit(t, status)                                                            \
	terminal_assert(t, terminal_exit_status(t, TERMINAL_PATIENCE) == (status), __FILE__,       \
			__LINE__, "the end with status", #status)
#define terminal_expect_restored(t)                                                                \
	terminal_assert(t, terminal_is_restored(t), __FILE__, __LINE__, "nothing to be left but",  \
			terminal_left_behind(t))
#define terminal_check(t, condition)                                                               \
	terminal_assert(t, condition, __FILE__, __LINE__, "that", #condition)
void terminal_assert(Terminal *t, bool truth, const char *file, int line, const char *expected,
		     const char *what);

/* Rows without trailing blanks, each ended by '\n'.  Caller frees. */
char *terminal_text(Terminal *t);
char *terminal_row(Terminal *t, int row);
/* The first row that contains the text, or -1; *col (may be NULL) is its column in cells. */
int terminal_find(Terminal *t, const char *text, int *col);

typedef struct {
	bool bold, underline, reverse;
	int fg, bg; /* palette index, -1 the default, -2 a direct colour */
} TerminalCell;
TerminalCell terminal_cell(Terminal *t, int row, int col);

int terminal_rows(const Terminal *t);
int terminal_cols(const Terminal *t);
void terminal_cursor(Terminal *t, int *row, int *col, bool *visible);
/* The window title the program set last, or "". Borrowed. */
const char *terminal_title(const Terminal *t);

/* Tells the program as a window manager would. */
void terminal_resize(Terminal *t, int rows, int cols);

/* The window is closed: the program gets SIGHUP and an end of file. */
void terminal_hangup(Terminal *t);

/* Exit status, 128 + signal, or -1 when it still runs after `timeout` milliseconds. */
int terminal_exit_status(Terminal *t, int timeout);

/* After the end: NULL where line discipline, screen and cursor are as before the start and every
 * private mode (mouse, paste, keypad, …) that was set is reset; else what is not. */
const char *terminal_left_behind(Terminal *t);
bool terminal_is_restored(Terminal *t);

/* All that the program wrote so far, byte by byte. Borrowed, until the next wait. */
const char *terminal_raw(Terminal *t, size_t *len);

/* What the program wrote that no terminal program has to write: controls, C1, escape sequences
 * other than movement, erasing, modes, attributes and the title, broken UTF-8, marks that turn the
 * direction of text.  A description of the first, with what stands around it, or NULL.  Caller
 * frees.  (T095) */
char *terminal_foreign(Terminal *t);

#endif
