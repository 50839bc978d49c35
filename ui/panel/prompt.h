/* prompt - one line of input at the bottom: editing (emacs keys), history per kind, completion by
 * Tab with a list of candidates and their help above it; also the questions that take one key.  A
 * pane that eats its keys. */
#ifndef SHEAF_UI_PROMPT_H
#define SHEAF_UI_PROMPT_H

#include "ui/widget/screen.h"

/* The line, or NULL where the person pressed Esc or C-c / C-g, or chose nothing from a fuzzy list.
 * Comes once, the prompt being closed already; not at all where the screen itself is freed.  The
 * line is wiped after it. */
typedef void (*PromptDone)(const char *line, void *data);
/* Candidates as cmdline_complete() gives them. */
typedef char **(*PromptComplete)(const char *line, size_t cursor, void *data);

typedef struct {
	const char *label;   /* "Move to: " */
	const char *initial; /* or NULL */
	const char *history; /* kind of history, "command", "search", "folder"; NULL: none */
	bool secret;         /* shown as nothing, never in a history, wiped */
	bool fuzzy;          /* the list shows while typing, parts of the text match (folders) */
	PromptComplete complete; /* or NULL; for fuzzy asked once, for an empty line */
} PromptSpec;

Pane *prompt_open(Screen *s, const PromptSpec *spec, PromptDone done, void *data);

/* "Delete 3 messages for ever?": shown with (y/n); `done` gets "y" or NULL.  Pasted text does not
 * answer. */
Pane *prompt_ask(Screen *s, const char *question, PromptDone done, void *data);

#endif
