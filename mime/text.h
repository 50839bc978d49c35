/* text - bytes of any charset to clean UTF-8, and clean UTF-8 to text that is safe to show.
 * Used by every layer; never fails, keeps no state, callable from any thread. */
#ifndef SHEAF_MIME_TEXT_H
#define SHEAF_MIME_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What text_clean() does with line structure. */
typedef enum {
	TEXT_ONE_LINE, /* newlines, tabs and runs of white space become one blank: rows, fields,
			  prompts */
	TEXT_LINES     /* '\n' stays, CRLF and CR become '\n', tabs stay for the caller to expand:
			  bodies */
} TextShape;

/* The bidi embeddings, overrides and isolates that are open at a place in a line. */
typedef struct {
	unsigned depth;
	bool isolate[16];
} TextBidi;

#define TEXT_BIDI_CLOSERS_MAX (16 * 3 + 1) /* bytes, with the NUL */

/* Decodes `len` bytes of `raw` from `charset` (NULL, unknown or not on the allow-list of mail
 * charsets: UTF-8 where valid, else Windows-1252) to valid UTF-8 of `*out_len` bytes.  Undecodable
 * units become U+FFFD, one each (of UTF-8 the longest beginning of a character is one unit, as in
 * Unicode 3.9); NUL bytes survive as U+2400 so that nothing after them is lost; a byte order mark
 * in front is dropped.  The result is NUL-terminated, owned by the caller; `out_len` may be NULL.
 */
char *text_to_utf8(const char *raw, size_t len, const char *charset, size_t *out_len);

/* The code point of a byte in Windows-1252, NUL as U+2400; U+FFFD for the few without one. */
gunichar text_from_windows1252(uint8_t byte);

/* Replaces everything that could act on a terminal or reorder text: C0 controls and DEL by their
 * pictures, C1 controls and code points without a meaning by U+FFFD; bidi controls that are open at
 * a line's end are closed there; invisible code points and what follows eight marks on one letter
 * are left out, also the joiners and modifiers that make one emoji of several, because terminals
 * disagree about its width.  Returns a new string; the caller frees it. */
char *text_clean(const char *utf8, TextShape shape);

/* As text_clean(TEXT_ONE_LINE), and bidi and invisible code points become <U+202E>: for addresses,
 * file names, folder names and URLs, where a hidden character is a lie. */
char *text_clean_name(const char *utf8);

/* Columns a code point takes in a terminal cell grid: 0 (combining, invisible), 1 or 2. */
int text_width_char(gunichar c);

/* Columns that the string takes. */
int text_width(const char *utf8);
int text_width_len(const char *utf8, size_t len);

/* Follows a line through its code points.  False for a closer of nothing and an opener too deep:
 * those are better left out. */
bool text_bidi_feed(TextBidi *bidi, gunichar c);

/* Writes the closers of all that is open, innermost first, and forgets it; returns their length. */
size_t text_bidi_close(TextBidi *bidi, char out[TEXT_BIDI_CLOSERS_MAX]);

#endif
