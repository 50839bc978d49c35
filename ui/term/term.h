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
	InputEvents input;
	void (*resize)(int rows, int cols, void *data);
	void (*hangup)(void *data); /* the terminal is gone, or TERM/HUP came: end in order */
} TermEvents;

/* One sentence (no tty, TERM unset or unknown, smaller than 40x10) where it cannot be. Keys arrive
 * with priority -100. */
bool term_open(const TermEvents *events, void *data, GError **error);

/* Restores modes and screen; harmless twice and from atexit. */
void term_close(void);

int term_rows(void);
int term_cols(void);

/* C-z: leaves the screen, stops the process, comes back with a full repaint. */
void term_suspend(void);

/* Everything again (C-l). */
void term_redraw(void);

/* Window title of the terminal, printable characters only. */
void term_set_title(const char *utf8);

/* The screen as lines of UTF-8, for tests: rows joined by '\n', and where `attributes`, a second
 * block with a letter for each cell's attributes.  Caller frees. */
char *term_dump(bool attributes);

#endif
