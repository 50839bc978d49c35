#include "ui/panel/labels.h"

#include <glib.h>

#include "mime/text.h"

/* Columns of one word at most; fewer than the other tell nothing where it is the first that is cut.
 */
#define WIDTH_MAX 16
#define WIDTH_MIN 4

/* Columns for the word behind `used` columns of others; 0: no room.  One that is cut leaves none.
 */
static int fit(const char *word, int used, int room)
{
	int width = MIN(text_width(word), WIDTH_MAX), left = room - used - (used > 0);

	if (width <= left)
		return width;
	return left >= (used > 0 ? 1 : WIDTH_MIN) ? left : 0;
}

int labels_width(char *const *words, int room)
{
	int used = 0, width;

	for (; words && *words && (width = fit(*words, used, room)) > 0; words++)
		used += width + (used > 0);
	return used;
}

void labels_paint(Surface *s, int row, int col, int room, Style style, char *const *words)
{
	int used = 0, width;

	for (; words && *words && (width = fit(*words, used, room)) > 0; words++) {
		if (used > 0)
			used += paint_text(s, row, col + used, 1, style, " ", 1);
		paint_field(s, row, col + used, width, style, *words);
		used += width;
	}
}
