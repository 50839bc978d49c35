/* edit - a line of text under a cursor: emacs' keys, UTF-8, wide characters, scrolling sideways.
 * Pure; the memory never moves and is wiped at the end, for passwords. */
#ifndef SHEAF_UI_EDIT_H
#define SHEAF_UI_EDIT_H

#include "ui/term/key.h"

/* Bytes, with the NUL; what does not fit is left out. */
#define EDIT_MAX 4096

typedef struct {
	char text[EDIT_MAX];
	size_t len, cursor; /* bytes; the cursor stands before a character */
	size_t scroll;      /* the first byte shown */
	bool secret;        /* nothing of it goes into the kill buffer */
} Edit;

void edit_init(Edit *e, const char *initial, bool secret);
void edit_wipe(Edit *e);

/* Replaces the line; the cursor behind it. */
void edit_set(Edit *e, const char *text);
/* Replaces bytes from..to; the cursor behind the new text. */
void edit_replace(Edit *e, size_t from, size_t to, const char *text);
/* At the cursor; line ends and tabs become blanks, other controls are left out. */
void edit_insert(Edit *e, const char *utf8);

/* True where the key moved, changed or typed something, or could have at another place. */
bool edit_key(Edit *e, Key key);

/* For a window of `cols` columns (1 or more): the first byte to show, and the column of the cursor.
 */
size_t edit_view(Edit *e, int cols, int *cursor_col);

#endif
