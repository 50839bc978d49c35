/* markup - cuts HTML of any quality into tags and text.  No tree and no stack: a tree builder's
 * search for what an end tag may close is quadratic on hostile input.  Linear, pure. */
#ifndef SHEAF_MIME_MARKUP_H
#define SHEAF_MIME_MARKUP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define MARKUP_NAME_MAX 15 /* longer names are cut, and are nobody's */

typedef enum { MARKUP_TEXT, MARKUP_OPEN, MARKUP_CLOSE } MarkupKind;

typedef struct {
	MarkupKind kind;
	char name[MARKUP_NAME_MAX + 1]; /* of a tag, lower case */
	const char *text; /* the text, its references not replaced; or a tag's attributes */
	size_t len;
} MarkupToken;

/* The cursor; begin with {.at = html, .end = html + len}. */
typedef struct {
	const char *at, *end;
	bool no_tag_end, no_comment_end; /* looked for in vain */
	unsigned no_raw_end;             /* the same, a bit for each element of raw text */
} Markup;

/* The next token; false at the end.  Comments, declarations and what scripts, styles and titles
 * hold are skipped; what is opened and never closed is text. */
bool markup_next(Markup *markup, MarkupToken *token);

/* The value of a tag's attribute, its references replaced ("" where it has none), or NULL.  Caller
 * frees. */
char *markup_attribute(const MarkupToken *tag, const char *name);

#endif
