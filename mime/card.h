/* card - the header of a message as lines: who, to whom, when, about what; or all of it.  Pure. */
#ifndef SHEAF_MIME_CARD_H
#define SHEAF_MIME_CARD_H

#include "mime/doc.h"

/* From, To, Cc, Date and Subject (addresses whole, at most 50 of a field, long values cut), or with
 * `all` every field in its order.  Of a field that may stand only once the first counts, and it is
 * said how many there are.  NULL and empty headers give no line.  `width` as in flow_to_doc(). */
void card_to_doc(GBytes *header, bool all, int width, MimeDoc *out);

#endif
