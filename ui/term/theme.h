/* theme - styles by name to terminal attributes (theme.def, [colors]).  A door to curses.
 * Monochrome terminals and NO_COLOR leave the attributes only. */
#ifndef SHEAF_UI_THEME_H
#define SHEAF_UI_THEME_H

#include <glib.h>
#include <stdbool.h>

typedef enum {
#define STYLE(id, name, fallback, help) STYLE_##id,
#include "ui/term/theme.def"
#undef STYLE
	STYLE_COUNT
} Style;

/* After curses is up: allocates the colour pairs. */
void theme_start(void);

/* curses attributes (attr_t with colour pair) of a style. */
unsigned long theme_attr(Style style);

/* "bold red on default"; unknown names give a sentence that lists the known words. May be called
 * before theme_start(). */
bool theme_set(const char *style, const char *spec, GError **error);

const char *theme_name(Style style);
const char *theme_help(Style style);

#endif
