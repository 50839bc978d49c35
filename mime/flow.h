/* flow - plain text to lines: format=flowed (RFC 3676), quoting depth, signatures, wrapping at
 * words by display width.  Linear in the text, whatever the quoting. */
#ifndef SHEAF_MIME_FLOW_H
#define SHEAF_MIME_FLOW_H

#include "mime/doc.h"

/* `text` is clean UTF-8 with '\n' line ends (text_clean TEXT_LINES).  `width` is in columns, 20 or
 * more; 0 means do not wrap.  Lines that are not flowed are wrapped softly behind the same quote
 * prefix.  URLs become links, but are not changed. */
void flow_to_doc(const char *text, bool flowed, bool delsp, int width, MimeDoc *out);

#endif
