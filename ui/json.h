/* json - writes JSON (RFC 8259): the little that programs reading Sheaf's output need. */
#ifndef SHEAF_UI_JSON_H
#define SHEAF_UI_JSON_H

#include <glib.h>

/* Appends a string with its quotes, or null.  What acts on a terminal or hides is escaped, so that
 * the output may be looked at. */
void json_append_string(GString *out, const char *utf8);

/* Appends `"key": `, with a comma in front unless an object or array has just begun. */
void json_append_key(GString *out, const char *key);

#endif
