/* table - what every message of a mailbox has, as packed arrays sorted by UID: 13 bytes a message.
 * Grows by an eighth; whole sets come and go in one pass.  Pure; used by mailbox.c. */
#ifndef SHEAF_CORE_TABLE_H
#define SHEAF_CORE_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/mailbox/flags.h"
#include "core/wire/uidset.h"

enum {
	TABLE_FLAGS_KNOWN = 1 << 0, /* at least \Seen, which all look at first */
	TABLE_RECENT = 1 << 1       /* the server called it \Recent */
};

/* All zero is an empty table. */
typedef struct {
	uint32_t n, capacity;
	uint32_t *uid;
	Flags *flags;
	uint8_t *state; /* TABLE_ bits */
} Table;

void table_clear(Table *t);

/* Index of the first row whose UID is `uid` or higher; `n` where none is. */
uint32_t table_lower(const Table *t, uint32_t uid);
/* Index of that UID, or -1. */
int64_t table_find(const Table *t, uint32_t uid);

/* Its flags are known, and \Seen is not among them; how many such rows there are. */
bool table_is_unseen(const Table *t, uint32_t i);
uint32_t table_count_unseen(const Table *t);

/* All UIDs.  Caller frees. */
UidSet *table_uids(const Table *t);

/* A new row, which must not be there yet: cheap at the end, else O(n).  Its index. */
uint32_t table_insert(Table *t, uint32_t uid, Flags flags, uint8_t state);

/* Moves all rows of `from`, which ends empty, into `t`; no UID may be in both. */
void table_merge(Table *t, Table *from);

/* Takes the rows of these UIDs out, into `out` (sorted, NULL: dropped; its own rows must be
 * others); their UIDs are added to `taken` (may be NULL). */
void table_extract(Table *t, const UidSet *uids, Table *out, UidSet *taken);

/* Appends the rows with UIDs from `first` to `last` to `out`, whose own are lower. */
void table_copy(const Table *t, uint32_t first, uint32_t last, Table *out);

/* Sets or clears `flag` in every row by whether its UID is in the set (`with`: sets those in it,
 * else those not in it); the flags count as known when \Seen is.  The UIDs whose flags or knowledge
 * changed are added to `changed`. */
void table_apply_set(Table *t, Flags flag, const UidSet *set, bool with, UidSet *changed);

#endif
