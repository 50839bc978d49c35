/* body - the text of one part to lines: transfer encoding, charset, cleaning and the layout of its
 * type.  Pure. */
#ifndef SHEAF_MIME_BODY_H
#define SHEAF_MIME_BODY_H

#include "mime/doc.h"
#include "mime/part.h"

typedef enum { BODY_PLAIN, BODY_HTML, BODY_ENRICHED, BODY_EVENT } BodyKind;

/* Appends the lines of `part`, whose content is there.  `charset` overrides the part's, if not
 * NULL; `width` as in flow_to_doc(). */
void body_to_doc(const MimePart *part, BodyKind kind, const char *charset, int width, MimeDoc *out);

/* True where the content is there and is nothing but white space. */
bool body_is_blank(const MimePart *part);

#endif
