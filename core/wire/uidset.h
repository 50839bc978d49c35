/* uidset - sets of UIDs (or sequence numbers) as sorted, disjoint ranges.  Sets stay ranges:
 * 1:4294967295 is one entry.  Pure. */
#ifndef SHEAF_CORE_UIDSET_H
#define SHEAF_CORE_UIDSET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint32_t first, last; /* inclusive, first <= last, never 0 */
} UidRange;

typedef struct UidSet UidSet;

UidSet *uidset_new(void);
UidSet *uidset_new_range(uint32_t first, uint32_t last);
/* In any order, duplicates allowed, 0 left out: the numbers of a SEARCH. */
UidSet *uidset_new_numbers(const uint32_t *numbers, size_t n);
UidSet *uidset_copy(const UidSet *set);
void uidset_free(UidSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UidSet, uidset_free)

/* sequence-set of RFC 9051: "1:3,7,9:12"; ranges in either order; '*' only where `star` is not 0,
 * which it then stands for.  NULL where malformed (0, empty, trailing comma, above 2^32-1). */
UidSet *uidset_parse(const char *text, size_t len, uint32_t star);

/* True for a sequence-set whose numbers ascend without repetition, as those of a COPYUID must if
 * the n-th of one set is to be the n-th of the other. */
bool uidset_text_ascends(const char *text, size_t len);

/* Appends (uint32_t) all numbers of a sequence-set as they stand there, 5:3 as 5, 4, 3.  False
 * where it is malformed or more than `most` numbers would be in the array. */
bool uidset_text_numbers(const char *text, size_t len, size_t most, GArray *numbers);

/* "1:3,7"; "" for the empty set. Caller frees. */
char *uidset_format(const UidSet *set);

void uidset_add(UidSet *set, uint32_t uid);
void uidset_add_range(UidSet *set, uint32_t first, uint32_t last);
void uidset_add_set(UidSet *set, const UidSet *other);
void uidset_remove(UidSet *set, uint32_t uid);
void uidset_remove_set(UidSet *set, const UidSet *other);

bool uidset_has(const UidSet *set, uint32_t uid);
/* The same for who asks for one UID after the other, ascending; `*at` is 0 before the first. */
bool uidset_has_next(const UidSet *set, size_t *at, uint32_t uid);
/* Whether some number is in both. */
bool uidset_overlaps(const UidSet *set, const UidSet *other);
bool uidset_is_empty(const UidSet *set);
uint64_t uidset_count(const UidSet *set);

/* Highest and lowest; 0 where empty. */
uint32_t uidset_last(const UidSet *set);
uint32_t uidset_first(const UidSet *set);

size_t uidset_range_count(const UidSet *set);
UidRange uidset_range(const UidSet *set, size_t i);

/* Cuts the set into pieces whose text is at most `max_text` bytes (RFC 7162 4 and T172: 8,000 a
 * command); a single range may be longer.  Array of UidSet* that frees them. */
GPtrArray *uidset_split(const UidSet *set, size_t max_text);

#endif
