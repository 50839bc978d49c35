/* render - a MimePart tree with contents to a MimeDoc: what the pager and `sheaf show` show.
 * Pure: callable from a worker thread for large parts; the tree must not change meanwhile. */
#ifndef SHEAF_MIME_RENDER_H
#define SHEAF_MIME_RENDER_H

#include "mime/doc.h"
#include "mime/part.h"

typedef enum { RENDER_HEADERS_SHORT, RENDER_HEADERS_ALL, RENDER_HEADERS_NONE } RenderHeaders;

typedef struct {
	int width;        /* columns to wrap at, 20 or more; 0: do not wrap */
	bool prefer_html; /* the HTML alternative instead of the plain one */
	RenderHeaders headers;
	const char *charset; /* overrides every text part's charset; NULL: as labelled */
} RenderOptions;

/* Header card, the readable text, and a line for each further part with its section number, name,
 * type and size.  A text part whose content was not fetched shows a placeholder.  Never fails. */
MimeDoc *render_part(MimePart *root, const RenderOptions *options);

/* Calls `each` for the text parts that render_part() would show and that have no content yet: what
 * to fetch first. */
void render_missing(MimePart *root, const RenderOptions *options,
		    void (*each)(MimePart *part, void *data), void *data);

/* "1.2M", "640K", "80": at most 4 columns. `buf` has 8 bytes. */
const char *render_size(uint64_t bytes, char buf[8]);

#endif
