/* term - the terminal: curses on and off, keys from stdin as a GSource, SIGWINCH, suspend; restored
 * after every end but KILL.  A door to curses. */
#ifndef SHEAF_UI_TERM_H
#define SHEAF_UI_TERM_H

#include <glib.h>
#include <stdbool.h>
#include "ui/term/input.h"

#define TERM_MIN_ROWS 10
#define TERM_MIN_COLS 40

typedef struct {
	InputEvents input; /* mouse NULL: the terminal is not asked for it */
	void (*resize)(int rows, int cols, void *data);
	void (*hangup)(void *data); /* the terminal is gone, or TERM/HUP came: end in order */
} TermEvents;

/* One sentence (no tty, TERM unset or unknown, smaller than 40x10) where it cannot be, the terminal
 * untouched.  `events` is borrowed; keys arrive with priority -100.  setlocale() came before. */
bool term_open(const TermEvents *events, void *data, GError **error);

/* Restores modes and screen; harmless twice and from atexit. */
void term_close(void);

/* Size of the screen as it is now. */
int term_rows(void);
int term_cols(void);

/* Monotonic microseconds of the last input: what is painted behind it need not wait. */
int64_t term_last_key(void);

/* C-z: leaves the screen, stops the job, comes back with TermEvents.resize for a full repaint. */
void term_suspend(void);

/* The next paint sends every cell again (C-l). */
void term_redraw(void);

/* Window title of the terminal, printable characters only. */
void term_set_title(const char *utf8);

/* The screen as lines of UTF-8, for tests: each row ended by '\n', and where `attributes`, a second
 * block with a digit (0-9, a-v) for each cell: the sum of 1 bold, 2 dim, 4 italic, 8 underline,
 * 16 reverse.  Caller frees. */
char *term_dump(bool attributes);

#endif
