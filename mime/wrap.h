/* wrap - breaks paragraphs of styled text into the lines of a MimeDoc: at blanks and between the
 * characters of scripts without blanks, else where the width ends.  Linear.  Used by flow, html and
 * render. */
#ifndef SHEAF_MIME_WRAP_H
#define SHEAF_MIME_WRAP_H

#include "mime/doc.h"

typedef struct Wrap Wrap;

/* Lines go to `out`, borrowed until wrap_free().  `width` is in columns; 0: no breaking. */
Wrap *wrap_new(MimeDoc *out, int width);
void wrap_free(Wrap *wrap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wrap, wrap_free)

/* What the first and the further lines of the following paragraphs begin with; copied, and cut
 * where it would take more than half of the width. */
void wrap_set_prefix(Wrap *wrap, DocStyle style, unsigned depth, const char *first,
		     const char *rest);

/* Adds clean text without newlines and tabs to the paragraph. */
void wrap_add(Wrap *wrap, DocStyle style, const char *text, size_t len);
/* The same for the text of a link of the doc's table. */
void wrap_add_link(Wrap *wrap, const char *text, size_t len, int link);

/* Columns of the paragraph so far, as if on one line. */
int wrap_columns(const Wrap *wrap);
bool wrap_is_empty(const Wrap *wrap);

/* Writes the paragraph as one line or more; an empty one as a line with the first prefix. */
void wrap_end(Wrap *wrap);

/* The same for preformatted text: broken only where the width ends. */
void wrap_end_preformatted(Wrap *wrap);

#endif
