/* outline - the rows of a threaded view: threads x limit x folds, 4 bytes a row and a bit a
 * message. Threads stand by the member that is newest in the view's order; within one a message
 * stands before its answers, and these by arrival.  A message whose parent has no row hangs below
 * the nearest one above it that has; below none, below the first of the thread.  So each thread has
 * one head.  Used by view.c only. */
#ifndef SHEAF_CORE_OUTLINE_H
#define SHEAF_CORE_OUTLINE_H

#include "core/mailbox/mailbox.h"

typedef struct Outline Outline;

/* Deeper rows count as this deep. */
#define OUTLINE_DEPTH_MAX 255

Outline *outline_new(Mailbox *m);
void outline_free(Outline *o);

/* Lays all rows: of messages in `limit` (NULL: of all).  `order` holds UIDs, each once, oldest
 * first, or is NULL: by UID.  Linear. */
void outline_lay(Outline *o, const UidSet *limit, const uint32_t *order, size_t n,
		 bool newest_first);

size_t outline_count(const Outline *o);
uint32_t outline_uid(const Outline *o, size_t i);
/* Row of that UID, or of the folded thread that hides it; -1: none. */
int64_t outline_find(const Outline *o, uint32_t uid);

/* How deep the row is (0: head of its thread), and whether lines go on below it: bit k where a
 * later row hangs beside its ancestor of depth k (beside itself: k is its depth, at most 31). */
unsigned outline_depth(Outline *o, size_t i, uint32_t *lines);
/* The head of its thread. */
size_t outline_head(Outline *o, size_t i);
/* The row that it answers, or -1 for a head. */
int64_t outline_parent(Outline *o, size_t i);

/* The messages of its thread that the limit allows, folded away or not.  Caller frees. */
UidSet *outline_members(Outline *o, size_t i);
/* Of a folded thread of several messages: how many have no row, and how many of all are unseen. */
bool outline_is_folded(Outline *o, size_t i);
uint32_t outline_hidden(Outline *o, size_t i, uint32_t *unseen);
bool outline_has_folds(const Outline *o);

/* Take effect at the next outline_lay(). */
void outline_fold(Outline *o, size_t i, bool folded);
void outline_fold_all(Outline *o, bool folded);

#endif
