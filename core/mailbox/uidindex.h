/* uidindex - at which index of an ascending array a UID stands, found at once where a binary search
 * each would be too slow: for who looks up a million UIDs in another order.  Holds a bit for each
 * number between the first and the last UID; where those are few and far between, it searches.
 * Pure. */
#ifndef SHEAF_CORE_UIDINDEX_H
#define SHEAF_CORE_UIDINDEX_H

#include <glib.h>
#include <stdint.h>

typedef struct UidIndex UidIndex;

/* `uids` ascend, and stay as they are as long as the index lives. */
UidIndex *uidindex_new(const uint32_t *uids, uint32_t n);
void uidindex_free(UidIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UidIndex, uidindex_free)

/* -1: is not there. */
int64_t uidindex_find(const UidIndex *index, uint32_t uid);

#endif
