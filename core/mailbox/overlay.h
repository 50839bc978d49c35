/* overlay - what the person changed and the server has not confirmed: flags to add and to take
 * away, rows to hide, each entry over a set of UIDs.  Later entries stand over earlier ones.
 * Pure; used by mailbox.c, which alone combines it with the truth. */
#ifndef SHEAF_CORE_OVERLAY_H
#define SHEAF_CORE_OVERLAY_H

#include <glib.h>
#include <stdbool.h>
#include "core/mailbox/flags.h"
#include "core/wire/uidset.h"

typedef struct Overlay Overlay;

Overlay *overlay_new(void);
void overlay_free(Overlay *o);

bool overlay_is_empty(const Overlay *o);

/* The set is copied.  The new entry's id, never 0. */
unsigned overlay_add(Overlay *o, const UidSet *uids, Flags add, Flags del, bool hide);
/* The UIDs of the dropped entry (caller frees), or NULL where there is none of that id. */
UidSet *overlay_drop(Overlay *o, unsigned id);
void overlay_clear(Overlay *o);

/* (truth | add) & ~del over all entries of that UID; `pending` (may be NULL): there is one. */
Flags overlay_combine(const Overlay *o, uint32_t uid, Flags truth, bool *pending);

/* All UIDs that some entry hides.  Borrowed until the next change. */
const UidSet *overlay_hidden(const Overlay *o);
/* All UIDs of which some entry changes `flag`.  Caller frees. */
UidSet *overlay_touching(const Overlay *o, Flags flag);

#endif
