/* html - HTML to lines and links, by libxml2's tolerant parser.  Never loads anything, runs
 * nothing; remote pictures are only named.  Linear time, bounded depth. */
#ifndef SHEAF_MIME_HTML_H
#define SHEAF_MIME_HTML_H

#include "mime/doc.h"

/* `html` is UTF-8 of any quality.  Paragraphs, headings, lists, quotes, tables (as rows), pre,
 * links (numbered, target in the link table), alt texts; scripts, styles and hidden text left out
 * and a notice added where hidden text was dropped.  `width` as in flow_to_doc(). */
void html_to_doc(const char *html, size_t len, int width, MimeDoc *out);

#endif
