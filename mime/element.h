/* element - what html knows of HTML's elements: which make lines, which styles, which hide. */
#ifndef SHEAF_MIME_ELEMENT_H
#define SHEAF_MIME_ELEMENT_H

#include "mime/doc.h"
#include "mime/markup.h"

typedef enum {
	ELEMENT_INLINE,
	ELEMENT_BLOCK,
	ELEMENT_PARAGRAPH,
	ELEMENT_HEADING,
	ELEMENT_LIST,
	ELEMENT_NUMBERED,
	ELEMENT_ITEM,
	ELEMENT_QUOTE,
	ELEMENT_PRE,
	ELEMENT_TABLE,
	ELEMENT_ROW,
	ELEMENT_CELL,
	ELEMENT_LINK,
	ELEMENT_BREAK,
	ELEMENT_RULE,
	ELEMENT_IMAGE,
	ELEMENT_INPUT
} ElementKind;

typedef struct {
	const char *name;
	ElementKind kind;
	int gap;        /* what it wants before and behind it: 1 a new line, 2 an empty line */
	DocStyle style; /* of the text in it, or DOC_NORMAL */
} Element;

/* The element of that lower-case name, or NULL. */
const Element *element_find(const char *name);

/* True for those that have no end tag. */
bool element_is_void(const Element *element);

/* True where the tag's attributes say that its element is not seen. */
bool element_hides(const MarkupToken *tag);

/* The target of a link that a person may follow, clean, or NULL: not one that runs something, or
 * points into the message. Caller frees. */
char *element_target(const MarkupToken *tag);

#endif
