/* segments - a mailbox's rows in pieces of 4,096, by where each begins, so that only the pieces
 * that changed are written again.  Pure. */
#ifndef SHEAF_CORE_SEGMENTS_H
#define SHEAF_CORE_SEGMENTS_H

#include "core/mailbox/cache_file.h"
#include "core/mailbox/mailbox.h"

#define SEGMENT_ROWS 4096

typedef struct Segments Segments;

/* Nothing is on disk: all is to be written. */
Segments *segments_new(void);
void segments_free(Segments *s);

/* They lie on disk so, ascending, as that generation. */
void segments_set(Segments *s, const uint32_t *firsts, size_t n, int64_t generation);
/* Rows of these UIDs are different, or came, or went. */
void segments_touch(Segments *s, const UidSet *uids);
/* What is on disk is of no use. */
void segments_forget(Segments *s);

/* Whether anything differs from what is on disk, or is on its way there. */
bool segments_are_dirty(const Segments *s);

/* Puts what differs into `state`, with its generation, and takes it as written: if it was not,
 * segments_forget(). */
void segments_take(Segments *s, const Mailbox *m, CacheState *state);

#endif
