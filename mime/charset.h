/* charset - labels of mail charsets, and iconv for those that are on the list.  Used by text.c,
 * which validates what comes back.  Pure; any thread. */
#ifndef SHEAF_MIME_CHARSET_H
#define SHEAF_MIME_CHARSET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Names that need no iconv. */
#define CHARSET_UTF8        "UTF-8"
#define CHARSET_WINDOWS1252 "WINDOWS-1252"

/* The charset's own name for a label of any spelling, or NULL where it is not on the list. */
const char *charset_find(const char *label);

/* Appends `raw`, from the charset of that name, to `out` as UTF-8 with U+FFFD for each unit that
 * cannot be decoded; what iconv gives is not to be trusted.  False where this system's iconv does
 * not know the charset; `out` is as it was then. */
bool charset_convert(const char *name, const char *raw, size_t len, GString *out);

#endif
