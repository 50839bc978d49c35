/* header - the fields of a mail header as people read them: RFC 2047 words, base subjects.  Pure;
 * any thread; linear in the field. Decoding happens after parsing: decoded text is never parsed
 * again. */
#ifndef SHEAF_MIME_HEADER_H
#define SHEAF_MIME_HEADER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_SHOWN_MAX ((size_t)64 * 1024) /* bytes */

/* Unstructured field value (folding and RFC 2047 included) to one clean line to show, which is cut
 * at HEADER_SHOWN_MAX and then ends in "…"; caller frees. */
char *header_decode(const char *raw, size_t len);

/* The same without the cleaning, for a program to read and never to show: valid UTF-8 that may hold
 * controls (NUL is U+2400). Caller frees. */
char *header_decode_exact(const char *raw, size_t len);

/* The length of the encoded word that begins at `at`, or 0.  `*none_left` is kept by the caller
 * over one field, false at first: so that a million beginnings do not each look for their end. */
size_t header_word_length(const char *at, const char *end, bool *none_left);

/* Behind the comment that begins at `at` with "(", or NULL where it does not end. */
const char *header_comment_end(const char *at, const char *end);

/* The subject without "Re:", "Fwd:", "[tag]" in front (RFC 5256 2.1, kept in its letters' case).
 * Points into `subject`. */
const char *header_base_subject(const char *subject);

#endif
