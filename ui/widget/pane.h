/* pane - a rectangle of the screen with a purpose: an ops struct and what is damaged.  Handlers
 * mark damage; the screen paints once per turn of the loop. */
#ifndef SHEAF_UI_PANE_H
#define SHEAF_UI_PANE_H

#include <stdbool.h>
#include "ui/term/key.h"
#include "ui/term/paint.h"

typedef struct Pane Pane;

/* Where keys and commands hold (action.def, keymap): one bit a kind of pane. */
enum {
	CONTEXT_INDEX = 1 << 0,
	CONTEXT_PAGER = 1 << 1,
	CONTEXT_FOLDERS = 1 << 2,
	CONTEXT_PARTS = 1 << 3,
	CONTEXT_LIST = 1 << 4,   /* help, log and other pop-ups that scroll */
	CONTEXT_PROMPT = 1 << 5, /* eats its keys itself */
	CONTEXT_ANY = CONTEXT_INDEX | CONTEXT_PAGER | CONTEXT_FOLDERS | CONTEXT_PARTS | CONTEXT_LIST
};

typedef struct {
	const char *name; /* for the log and the config: "index" */
	unsigned context; /* one CONTEXT_ bit */
	/* Paints rows first..last of the surface, every cell of them, and sets its cursor. */
	void (*draw)(Pane *p, Surface *s, int first, int last);
	void (*resize)(Pane *p, int rows, int cols); /* NULL: nothing to do */
	/* Keys before the keymap sees them; true where eaten.  NULL but for prompts. */
	bool (*key)(Pane *p, Key key);
	void (*paste)(Pane *p, const char *utf8); /* NULL: pasted text is ignored */
	void (*focus)(Pane *p, bool focused);     /* NULL: damage is enough */
	/* Moves a list or scrolls: the movement actions, for every pane alike.  NULL where it
	 * cannot. */
	void (*scroll)(Pane *p, int kind, long by); /* PANE_BY_… */
	void (*free)(Pane *p);
} PaneOps;

enum {
	PANE_BY_LINE, /* `by` of them, down or up */
	PANE_BY_HALF,
	PANE_BY_PAGE,
	PANE_TO_START,
	PANE_TO_END,
	PANE_TO_ROW, /* `by` counts from 1 */
	PANE_CURSOR_CENTER,
	PANE_CURSOR_TOP,
	PANE_CURSOR_BOTTOM
};

/* What panes with branches can do with them: the one under the cursor, or all. */
typedef enum { FOLD_TOGGLE, FOLD_CLOSE, FOLD_OPEN, FOLD_CLOSE_ALL, FOLD_OPEN_ALL } Fold;

/* First member of every pane's own struct. */
struct Pane {
	const PaneOps *ops;
	int rows, cols;
	int damage_first, damage_last; /* first > last: clean */
	bool focused;
	char *title; /* in the border of a pop-up; may be NULL */
	/* Set by the screen that has it: asks for a paint. */
	void (*request_paint)(void *screen);
	void *screen;
};

void pane_init(Pane *p, const PaneOps *ops);
/* Its title, then ops->free(). */
void pane_free(Pane *p);
/* Rows are of the surface; those outside it do not matter. */
void pane_damage(Pane *p, int first_row, int last_row);
void pane_damage_all(Pane *p);
void pane_set_title(Pane *p, const char *title);

#endif
