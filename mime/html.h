/* html - HTML to lines and links.  Never loads anything, runs nothing; remote pictures are only
 * named.  Linear time, bounded depth, no recursion. */
#ifndef SHEAF_MIME_HTML_H
#define SHEAF_MIME_HTML_H

#include "mime/doc.h"

/* `html` is UTF-8 of any quality.  Paragraphs, headings, lists, quotes, tables (as rows), pre,
 * links (numbered by their place in the doc's link table), alt texts; scripts, styles and hidden
 * text left out and a notice added where hidden text was dropped.  `width` as in flow_to_doc(). */
void html_to_doc(const char *html, size_t len, int width, MimeDoc *out);

/* The charset that the HTML itself names in its first bytes, for mail that does not; or NULL.
 * Caller frees. */
char *html_charset(const char *raw, size_t len);

#endif
