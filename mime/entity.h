/* entity - HTML character references: &eacute; &#233; &#xE9;  Pure, linear. */
#ifndef SHEAF_MIME_ENTITY_H
#define SHEAF_MIME_ENTITY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the reference at `text`, which begins with "&"; returns its length, or 0 where it is none.
 * In an attribute only a ";" ends a name, because "&copy=1" there is part of an address. */
size_t entity_read(const char *text, size_t len, bool attribute, gunichar *c);

/* Appends the text with all references replaced; what is none stays. */
void entity_decode(GString *out, const char *text, size_t len, bool attribute);

#endif
