#include "core/mailbox/uidindex.h"

/* Numbers for each UID at most, so that memory is bounded: 12 bytes a UID. */
#define SPARSE 64
#define BITS   64

struct UidIndex {
	const uint32_t *uids;
	uint32_t n;
	uint64_t *bits;   /* from the first UID on; NULL: too sparse */
	uint32_t *before; /* UIDs in front of each word of them */
};

static void set_bits(UidIndex *index, uint64_t words)
{
	uint32_t before = 0;

	index->bits = g_new0(uint64_t, words);
	index->before = g_new(uint32_t, words);
	for (uint32_t i = 0; i < index->n; i++) {
		uint32_t at = index->uids[i] - index->uids[0];
		index->bits[at / BITS] |= UINT64_C(1) << at % BITS;
	}
	for (uint64_t word = 0; word < words; word++) {
		index->before[word] = before;
		before += (uint32_t)__builtin_popcountll(index->bits[word]);
	}
}

UidIndex *uidindex_new(const uint32_t *uids, uint32_t n)
{
	UidIndex *index = g_new0(UidIndex, 1);
	uint64_t span = n > 0 ? (uint64_t)uids[n - 1] - uids[0] + 1 : 0;

	index->uids = uids;
	index->n = n;
	if (n > 0 && span <= (uint64_t)n * SPARSE)
		set_bits(index, span / BITS + 1);
	return index;
}

void uidindex_free(UidIndex *index)
{
	if (index == NULL)
		return;
	g_free(index->bits);
	g_free(index->before);
	g_free(index);
}

static int64_t search(const UidIndex *index, uint32_t uid)
{
	uint32_t low = 0, high = index->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (index->uids[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < index->n && index->uids[low] == uid ? (int64_t)low : -1;
}

int64_t uidindex_find(const UidIndex *index, uint32_t uid)
{
	if (index->bits == NULL)
		return search(index, uid);
	if (uid < index->uids[0] || uid > index->uids[index->n - 1])
		return -1;
	uint32_t at = uid - index->uids[0];
	uint64_t word = index->bits[at / BITS], bit = UINT64_C(1) << at % BITS;
	if (!(word & bit))
		return -1;
	return index->before[at / BITS] + (int64_t)__builtin_popcountll(word & (bit - 1));
}
