/* view_private - what view.c, view_lay.c and view_thread.c share; nobody else includes it. */
#ifndef SHEAF_CORE_VIEW_PRIVATE_H
#define SHEAF_CORE_VIEW_PRIVATE_H

#include "core/mailbox/outline.h"
#include "core/mailbox/view.h"

/* UIDs, growing by an eighth. */
typedef struct {
	uint32_t *uids;
	size_t n, capacity;
} Rows;

struct View {
	Mailbox *mailbox;
	ViewChanged changed;
	void *data;
	unsigned listener;
	bool newest_first;
	UidSet *limit;       /* or NULL */
	bool ordered;        /* `order` holds the server's order */
	Rows order;          /* oldest first */
	uint32_t highest;    /* UID in `order`, so that what is new is known without a look at it */
	Rows rows;           /* of a limit, oldest first; empty without one */
	bool rows_are_final; /* laid when the mailbox was complete */
	bool threaded;       /* wanted so */
	Outline *outline;    /* the rows instead, once they could be laid */
	size_t count_told;
	bool wanted; /* the fields below are set */
	size_t first, last;
	bool upwards; /* direction of travel */
};

/* view.c */

/* What holds the rows; NULL: the mailbox's own order. */
const Rows *view_rows(const View *v);

/* Of row `i` below view_count(); 0 where it is not known. */
uint32_t view_uid_at(const View *v, size_t i);

/* Other rows stand there than before. */
void view_tell_relaid(View *v);

/* view_lay.c: which messages are rows, and in which order. */

/* Makes the rows anew, of the mailbox, the limit and the order. */
void view_lay(View *v);

/* As threads, where they are wanted and can be; else false. */
bool view_lay_outline(View *v);

/* Takes over `n` UIDs as the order, oldest first; NULL: the mailbox's own. */
void view_take_order(View *v, const uint32_t *uids, size_t n);

/* What came stands behind the order. */
void view_add_to_order(View *v, const UidSet *added);

void view_remove_rows(View *v, const UidSet *gone);

/* Without rows of its own, limit, order and threads. */
void view_clear_rows(View *v);

/* The rows could be others now that these came: a new message is hardly ever within a limit. */
bool view_limit_is_touched(const View *v, const UidSet *added);

#endif
