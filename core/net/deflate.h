/* deflate - both directions of a stream that COMPRESS=DEFLATE (RFC 4978) compresses.  What comes in
 * is inflated in slices, so that a few bytes that stand for very many cost no more at a time than
 * others do.  The door to zlib.  Used by session.c only. */
#ifndef SHEAF_CORE_DEFLATE_H
#define SHEAF_CORE_DEFLATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Compressed bytes that may wait; more can only come of a stream that grows a thousandfold. */
#define DEFLATE_WAITING_MAX (4 * 1024 * 1024)

typedef struct Deflate Deflate;

Deflate *deflate_new(void);
void deflate_free(Deflate *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Deflate, deflate_free)

/* Bytes of the stream; false with CORE_ERROR_ABORT where too many wait already. */
bool deflate_push(Deflate *d, const char *bytes, size_t len, GError **error);

/* The next inflated bytes, at most `room` of them: how many, 0 where more of the stream is needed,
 * -1 with CORE_ERROR_ABORT where it is broken. */
gssize deflate_next(Deflate *d, char *out, size_t room, GError **error);

/* What is to be sent, compressed and whole for the other side to read. */
GBytes *deflate_write(Deflate *d, GBytes *bytes);

#endif
