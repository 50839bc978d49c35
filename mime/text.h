/* text - bytes of any charset to clean UTF-8, and clean UTF-8 to text that is safe to show.
 * Used by every layer; never fails, keeps no state, callable from any thread. */
#ifndef SHEAF_MIME_TEXT_H
#define SHEAF_MIME_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* What text_clean() does with line structure. */
typedef enum {
	TEXT_ONE_LINE, /* newlines, tabs and runs of white space become one blank: rows, fields,
			  prompts */
	TEXT_LINES     /* '\n' stays, CRLF and CR become '\n', tabs stay for the caller to expand:
			  bodies */
} TextShape;

/* Decodes `len` bytes of `raw` from `charset` (NULL, unknown or not on the allow-list of mail
 * charsets: UTF-8 where valid, else Windows-1252) to valid UTF-8 of `*out_len` bytes.  Undecodable
 * units become U+FFFD, one each; NUL bytes survive as U+2400 so that nothing after them is lost.
 * The result is NUL-terminated, owned by the caller; `out_len` may be NULL. */
char *text_to_utf8(const char *raw, size_t len, const char *charset, size_t *out_len);

/* Replaces in place everything that could act on a terminal or reorder text: C0 and C1 controls
 * and DEL by visible replacements, unbalanced bidi controls closed at the line's end; invalid
 * UTF-8 cannot occur (text_to_utf8 before).  Returns a new string; the caller frees it. */
char *text_clean(const char *utf8, TextShape shape);

/* As text_clean(TEXT_ONE_LINE), and bidi and invisible code points become <U+202E>: for addresses,
 * file names, folder names and URLs, where a hidden character is a lie. */
char *text_clean_name(const char *utf8);

/* Columns a code point takes in a terminal cell grid: 0 (combining, invisible), 1 or 2. */
int text_width_char(gunichar c);

/* Columns that the string takes. */
int text_width(const char *utf8);

#endif
