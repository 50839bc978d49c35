/* split - cuts a message at exact offsets: header fields, the end of a header, the boundary lines
 * of multiparts (RFC 5322 2, RFC 2046 5.1).  Nothing is copied or decoded.  Used by parse, render
 * and show.  Pure, linear; any thread. */
#ifndef SHEAF_MIME_SPLIT_H
#define SHEAF_MIME_SPLIT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Headers beyond one of these are cut. */
#define SPLIT_HEADER_BYTES_MAX ((size_t)1 << 20)
#define SPLIT_HEADER_LINES_MAX 10000

typedef struct {
	const char *name; /* into the header */
	size_t name_len;
	const char *value; /* still folded, without the last line end */
	size_t value_len;
} SplitField;

/* A multipart that is being read, and the one around it. */
typedef struct SplitBoundary {
	const char *text;
	size_t len;
	const struct SplitBoundary *outer;
} SplitBoundary;

/* A place in the bytes and all that can end the text there. */
typedef struct {
	const char *at, *end;
	char newline;              /* '\n'; '\r' in a text that has no '\n' */
	const SplitBoundary *open; /* the innermost multipart, or NULL */
} Splitter;

/* What ended a body. */
typedef struct {
	const SplitBoundary *boundary; /* NULL: the end of the bytes */
	bool closing;                  /* "--boundary--" */
	const char *body_end;          /* before the line end that belongs to the boundary */
} SplitEnd;

Splitter splitter_new(const char *text, size_t len);

/* Skips a header and the empty line behind it, and returns where the header ends including that
 * line; a boundary line ends it too and is not skipped.  Lines that are no fields are tolerated
 * where a field follows them, and begin the body where not: a text whose first line is no field has
 * no header.  `*cut` is where parsing must stop: the returned end, or less where it is too long. */
const char *splitter_skip_header(Splitter *s, const char **cut);

/* Skips to behind the next boundary line of any open multipart, or to the end. */
void splitter_skip_body(Splitter *s, SplitEnd *end);

/* Reads the field at `*at` of a header and advances; false at its end.  `*at` is NULL at first. */
bool split_next_field(GBytes *header, const char **at, SplitField *field);

/* The first field of that name (any case); `count`, where not NULL, becomes how many there are. */
bool split_find_field(GBytes *header, const char *name, SplitField *field, unsigned *count);

#endif
