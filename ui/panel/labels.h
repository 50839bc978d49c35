/* labels - keywords of a message as words in a row, one blank between: as many as there is room
 * for, in their order; a long one ends in an ellipsis. */
#ifndef SHEAF_UI_LABELS_H
#define SHEAF_UI_LABELS_H

#include "ui/term/paint.h"

/* Columns that they take of `room` at most; 0 where none fits.  `words` is clean, ends with NULL,
 * or is NULL: none. */
int labels_width(char *const *words, int room);

/* Paints them, in the columns that labels_width() told or in the room it was asked for. */
void labels_paint(Surface *s, int row, int col, int room, Style style, char *const *words);

#endif
