/* column - the columns of the index (column.def): widths, texts and styles of a ViewRow.  Pure but
 * for the painting. */
#ifndef SHEAF_UI_COLUMN_H
#define SHEAF_UI_COLUMN_H

#include <stdint.h>
#include "core/mailbox/view.h"
#include "ui/term/paint.h"

typedef enum {
#define COLUMN(id, name, min, weight, sort, help) COLUMN_##id,
#include "ui/panel/column.def"
#undef COLUMN
	COLUMN_COUNT
} Column;

typedef struct {
	int at[COLUMN_COUNT], width[COLUMN_COUNT]; /* width 0: not shown (too narrow) */
} ColumnLayout;

/* Which columns fit in `cols` and where: narrow screens lose size, then clip, then date. */
void column_layout(int cols, ColumnLayout *out);

/* One row. `recipient`: this is Sent or Drafts. `keywords`: words for them, as of labels.h.  `now`
 * in unix seconds. */
void column_draw(const ColumnLayout *layout, const ViewRow *row, bool tagged, bool recipient,
		 char *const *keywords, int64_t now, Surface *s, int y);

/* "14:02", "Tue", "9 Nov", "2024": at most 6 columns, in local time. `buf` has 16 bytes. */
const char *column_date(int64_t date, int64_t now, char buf[16]);

#endif
