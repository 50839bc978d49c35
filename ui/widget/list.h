/* list - cursor, scrolling and tags over rows that someone else has.  The cursor is bound to a
 * row's key (a UID, a name), not to its position.  Knows nothing of what it lists. */
#ifndef SHEAF_UI_LIST_H
#define SHEAF_UI_LIST_H

#include <stdint.h>
#include "ui/widget/pane.h"

typedef struct {
	size_t (*count)(void *self);
	uint64_t (*key_at)(void *self, size_t i);  /* 0: has none yet */
	int64_t (*find)(void *self, uint64_t key); /* -1: gone */
	void (*draw)(void *self, size_t i, bool tagged, Surface *s, int row);
	void (*visible)(void *self, size_t first, size_t last); /* after each scroll; may be NULL */
	void (*moved)(void *self, size_t i); /* the cursor is on another row; may be NULL */
} ListSource;

typedef struct List List;

/* Rows of the pane above `first_row` are the pane's own (a heading). */
List *list_new(Pane *pane, int first_row, const ListSource *source, void *self);
void list_free(List *l);

/* Rows first..last of the pane, as far as they are the list's; the cursor's row in its own style.
 */
void list_draw(List *l, Surface *s, int first, int last);
/* `rows` without those above first_row. */
void list_resize(List *l, int rows, int cols);
/* The movement actions (PANE_BY_…). */
void list_scroll(List *l, int kind, long by);

/* Position of the cursor, -1 in an empty list. */
int64_t list_cursor(const List *l);
void list_set_cursor(List *l, size_t i);
size_t list_top(const List *l);

/* Rows first..last changed their looks. */
void list_changed(List *l, size_t first, size_t last);
/* Count or order changed: the cursor stays on its key; where that is gone, on the row that took its
 * place. A list whose top row was in view at position 0 with the cursor there keeps showing the
 * top.  Tags of rows that are gone are dropped. */
void list_relaid(List *l);

/* Other rows altogether: tags gone, cursor on the first row (`at_end`: the last), where it stays
 * while rows are still being added, until it is moved. */
void list_reset(List *l, bool at_end);

/* Tags, by key. */
void list_tag(List *l, size_t i, bool tagged);
void list_tag_key(List *l, uint64_t key, bool tagged);
bool list_is_tagged(const List *l, size_t i);
void list_untag_all(List *l);
size_t list_tag_count(const List *l);
void list_tag_foreach(const List *l, void (*each)(uint64_t key, void *data), void *data);

#endif
