/* rendering - a long message becomes a MimeDoc in a worker thread, so that no key waits for it. */
#ifndef SHEAF_UI_RENDERING_H
#define SHEAF_UI_RENDERING_H

#include "core/base/scope.h"
#include "mime/doc.h"
#include "mime/render.h"

/* Up to so many bytes nobody notices that the main loop does it. */
#define RENDERING_INLINE_MAX (256 * 1024)

/* Content that is to be rendered of this part and those inside it. */
size_t rendering_size(MimePart *root);

/* The bytes of a message as they were sent, cleaned. */
MimeDoc *rendering_source_now(GBytes *source, int width);

/* The document, which `done` takes; NULL where it was cancelled. */
typedef void (*RenderingDone)(MimeDoc *doc_take, void *data);

/* `root` is copied, but not its bytes. */
void rendering_part(Scope *scope, const MimePart *root, const RenderOptions *options,
		    RenderingDone done, void *data);
void rendering_source(Scope *scope, GBytes *source, int width, RenderingDone done, void *data);

#endif
