/* view - what a message list shows of a Mailbox: limit x order x threads x folds, as rows.
 * Remembers UIDs, pulls rows; several views share one Mailbox.  The view never sees a session:
 * view_want() tells the mailbox what is on the screen, and the mailbox its fetcher.
 * In arrival order without limit it holds nothing; else 4 bytes a row. */
#ifndef SHEAF_CORE_VIEW_H
#define SHEAF_CORE_VIEW_H

#include "core/mailbox/mailbox.h"

typedef struct View View;

/* Borrowed until the next turn of the loop. */
typedef struct {
	uint32_t uid; /* 0: not even the UID is known yet (placeholder row) */
	Flags flags;
	bool flags_known;
	bool pending; /* something of it waits for the server */
	bool recent;
	const MessageHead *head; /* NULL: wanted, not here yet */
	const char *preview;     /* what the message begins with, or NULL */
	/* In a threaded view: */
	unsigned depth;         /* in its thread; 0: its head, and always where there are none */
	uint32_t lines;         /* bit k: a later row hangs beside its ancestor of depth k,
				 * beside itself: k is its depth, at most 31 */
	uint32_t hidden;        /* messages folded away below this one */
	uint32_t hidden_unseen; /* unseen ones of that thread, this one included */
} ViewRow;

/* Rows first..last (inclusive) changed, told only for what view_want() named last; or `relaid`:
 * count or order did. */
typedef void (*ViewChanged)(View *v, size_t first, size_t last, bool relaid, void *data);

/* Newest first. */
View *view_new(Mailbox *m, ViewChanged changed, void *data);
void view_free(View *v);

Mailbox *view_mailbox(const View *v);
size_t view_count(const View *v);
/* False beyond the end. */
bool view_row(View *v, size_t i, ViewRow *out);
/* Row of that UID, or of the folded thread that hides it; -1: none. */
int64_t view_find(const View *v, uint32_t uid);
/* The rows on the screen (inclusive): their heads, then a page ahead in the direction of travel,
 * are asked for. */
void view_want(View *v, size_t first, size_t last);

/* Only these UIDs; NULL shows all.  Copied.  UIDs that the mailbox does not know yet have rows as
 * long as it is not complete. */
void view_set_limit(View *v, const UidSet *uids);
bool view_is_limited(const View *v);

/* The server's SORT order (oldest first as sent), or NULL for arrival order.  Copied.  UIDs that
 * arrive later, and those that a refused move brings back, stand at the end.  `newest_first` turns
 * either round. */
void view_set_order(View *v, const uint32_t *uids, size_t n);
void view_set_newest_first(View *v, bool newest_first);

/* By threads, as soon as all UIDs are known; what the mailbox knows of who answers whom counts, and
 * what it learns later.  A thread stands where that member stands that comes last in the order. */
void view_set_threaded(View *v, bool threaded);
/* Its rows are threads now. */
bool view_is_threaded(const View *v);

/* What follows does nothing where it is not threaded. */
typedef enum { VIEW_FOLD_TOGGLE, VIEW_FOLD_CLOSE, VIEW_FOLD_OPEN } ViewFold;
/* The thread of that row. */
void view_fold(View *v, size_t i, ViewFold how);
/* All, also those that come. */
void view_fold_all(View *v, bool folded);
/* The first row of the next thread (1), of this one or the one before (-1), or -1. */
int64_t view_next_thread(View *v, size_t from, int direction);
/* The row that this one answers, or -1. */
int64_t view_parent(View *v, size_t i);
/* All messages of its thread that the limit allows; without threads the one of the row.  Caller
 * frees. */
UidSet *view_thread(View *v, size_t i);

/* Next row from `from` in direction +1 or -1 that is unseen (known so) or hides such, or -1; wraps
 * once. */
int64_t view_next_unseen(View *v, size_t from, int direction);

#endif
