/* msgmap - sequence numbers to UIDs of one selection, as runs of known UIDs and unknown gaps, in
 * blocks, so that 10,000 expunges at a million messages do not move 20 GB.  A hole means "unknown",
 * never "next".  Pure. */
#ifndef SHEAF_CORE_MSGMAP_H
#define SHEAF_CORE_MSGMAP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/wire/uidset.h"

typedef struct MsgMap MsgMap;

MsgMap *msgmap_new(void);
void msgmap_free(MsgMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MsgMap, msgmap_free)

/* Forgets all: `count` entries, none known. */
void msgmap_reset(MsgMap *map, uint32_t count);

/* EXISTS: grows by unknown entries; false where it would shrink (the caller resynchronises). */
bool msgmap_set_count(MsgMap *map, uint32_t exists);
uint32_t msgmap_count(const MsgMap *map);

/* 0 where unknown or out of range. */
uint32_t msgmap_uid(const MsgMap *map, uint32_t seq);
/* 0 where not known to be there. */
uint32_t msgmap_seq(const MsgMap *map, uint32_t uid);

/* A FETCH told that `seq` has `uid`.  False where that contradicts the order of what is known. */
bool msgmap_set(MsgMap *map, uint32_t seq, uint32_t uid);

/* The whole mailbox's UIDs in order; only where their count is msgmap_count(). */
bool msgmap_set_all(MsgMap *map, const UidSet *uids);

/* EXPUNGE: removes the entry; its UID, or 0 where it was not known or `seq` is out of range (then
 * nothing is removed). */
uint32_t msgmap_expunge(MsgMap *map, uint32_t seq);

/* VANISHED: removes these UIDs where known; unknown ones shrink the gap they must lie in. */
void msgmap_vanished(MsgMap *map, const UidSet *uids);

/* All known UIDs. Caller frees. */
UidSet *msgmap_uids(const MsgMap *map);

/* Number of entries without UID, in all and behind the last known one. */
uint32_t msgmap_unknown(const MsgMap *map);
uint32_t msgmap_unknown_tail(const MsgMap *map);
/* The highest known; 0 where none is. */
uint32_t msgmap_last_uid(const MsgMap *map);

#endif
