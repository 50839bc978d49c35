#include "core/mailbox/msgmap.h"

#include <string.h>

#define RUNS_MAX 512 /* of one block */

/* `n` messages from `uid` on, or `n` unknown ones where `uid` is 0. */
typedef struct {
	uint32_t uid, n;
} Run;

/* The sums stand beside the pointer, so that a search touches one block only. */
typedef struct {
	uint32_t count, unknown;
	uint32_t last_uid; /* 0 where all are unknown */
	unsigned n;
	Run *runs;
} Block;

struct MsgMap {
	GArray *blocks; /* of Block, none empty */
	uint32_t count, unknown;
};

typedef struct {
	unsigned block, run;
	uint32_t first; /* sequence number of the run's first entry */
} Place;

static Block *block_at(const MsgMap *map, unsigned i)
{
	return &g_array_index(map->blocks, Block, i);
}

static Run *run_at(const MsgMap *map, Place place)
{
	return &block_at(map, place.block)->runs[place.run];
}

static void block_sum(Block *block)
{
	block->count = block->unknown = block->last_uid = 0;
	for (unsigned i = 0; i < block->n; i++) {
		Run run = block->runs[i];
		block->count += run.n;
		if (run.uid == 0)
			block->unknown += run.n;
		else
			block->last_uid = run.uid + run.n - 1;
	}
}

static Block *block_insert(MsgMap *map, unsigned at)
{
	Block block = {.runs = g_new(Run, RUNS_MAX)};

	g_array_insert_val(map->blocks, at, block);
	return block_at(map, at);
}

static void clear(MsgMap *map)
{
	for (unsigned i = 0; i < map->blocks->len; i++)
		g_free(block_at(map, i)->runs);
	g_array_set_size(map->blocks, 0);
	map->count = map->unknown = 0;
}

static bool continues(Run a, Run b)
{
	if (a.uid == 0 || b.uid == 0)
		return a.uid == b.uid;
	return a.uid + a.n == b.uid;
}

/* Behind everything. */
static void append(MsgMap *map, Run run)
{
	unsigned last = map->blocks->len;
	Block *block = last > 0 ? block_at(map, last - 1) : NULL;

	if (run.n == 0)
		return;
	if (block != NULL && continues(block->runs[block->n - 1], run)) {
		block->runs[block->n - 1].n += run.n;
	} else {
		if (block == NULL || block->n == RUNS_MAX)
			block = block_insert(map, last);
		block->runs[block->n++] = run;
	}
	block->count += run.n;
	map->count += run.n;
	if (run.uid != 0) {
		block->last_uid = run.uid + run.n - 1;
	} else {
		block->unknown += run.n;
		map->unknown += run.n;
	}
}

static bool find_seq(const MsgMap *map, uint32_t seq, Place *out)
{
	*out = (Place){0, 0, 1};
	if (seq == 0 || seq > map->count)
		return false;
	while (seq - out->first >= block_at(map, out->block)->count)
		out->first += block_at(map, out->block++)->count;
	const Block *block = block_at(map, out->block);
	while (seq - out->first >= block->runs[out->run].n)
		out->first += block->runs[out->run++].n;
	return true;
}

/* Makes room for two more runs: half of a full block becomes a block of its own. */
static void make_room(MsgMap *map, Place *place)
{
	Block *block = block_at(map, place->block);
	unsigned half = block->n / 2;

	if (block->n + 2 <= RUNS_MAX)
		return;
	Block *next = block_insert(map, place->block + 1);
	block = block_at(map, place->block);
	next->n = block->n - half;
	memcpy(next->runs, block->runs + half, next->n * sizeof(Run));
	block->n = half;
	block_sum(block);
	block_sum(next);
	if (place->run >= half) {
		place->block++;
		place->run -= half;
	}
}

/* Puts `n` (at most 3) runs in the place of one, joining what continues; empty ones are left out.
 */
static void replace(MsgMap *map, Place place, const Run *pieces, unsigned n)
{
	Run joined[5];
	unsigned k = 0, first = place.run, last = place.run + 1;

	make_room(map, &place);
	Block *block = block_at(map, place.block);
	first = place.run > 0 ? place.run - 1 : 0;
	last = MIN(place.run + 2, block->n);
	for (unsigned i = first; i < last + n - 1; i++) {
		/* The neighbour in front, the pieces, the neighbour behind. */
		Run run = i < place.run       ? block->runs[i]
			  : i < place.run + n ? pieces[i - place.run]
					      : block->runs[i - n + 1];
		if (run.n == 0)
			continue;
		if (k > 0 && continues(joined[k - 1], run))
			joined[k - 1].n += run.n;
		else
			joined[k++] = run;
	}
	memmove(block->runs + first + k, block->runs + last, (block->n - last) * sizeof(Run));
	memcpy(block->runs + first, joined, k * sizeof(Run));
	block->n = block->n - (last - first) + k;
	map->count -= block->count;
	map->unknown -= block->unknown;
	block_sum(block);
	map->count += block->count;
	map->unknown += block->unknown;
	if (block->n == 0) {
		g_free(block->runs);
		g_array_remove_index(map->blocks, place.block);
	}
}

/* The nearest known UID before the run, and how many unknown entries lie between. */
static uint32_t known_before(const MsgMap *map, Place place, uint32_t *between)
{
	*between = 0;
	for (;;) {
		if (place.run == 0) {
			if (place.block == 0)
				return 0;
			place.run = block_at(map, --place.block)->n;
		}
		Run run = *run_at(map, (Place){place.block, --place.run, 0});
		if (run.uid != 0)
			return run.uid + run.n - 1;
		*between += run.n;
	}
}

static uint32_t known_after(const MsgMap *map, Place place, uint32_t *between)
{
	*between = 0;
	for (;;) {
		if (++place.run == block_at(map, place.block)->n) {
			if (++place.block == map->blocks->len)
				return 0;
			place.run = 0;
		}
		Run run = *run_at(map, place);
		if (run.uid != 0)
			return run.uid;
		*between += run.n;
	}
}

/* UIDs ascend: there must be room for the unknown ones between this and its known neighbours. */
static bool fits(const MsgMap *map, Place place, uint32_t seq, uint32_t uid)
{
	uint32_t between, before = known_before(map, place, &between);
	uint64_t lowest = (uint64_t)before + between + (seq - place.first) + 1;

	if (uid < lowest)
		return false;
	uint32_t after = known_after(map, place, &between);
	uint64_t behind = (uint64_t)between + (run_at(map, place)->n - (seq - place.first));
	return after == 0 || uid + behind <= after;
}

/* The runs of a known run that are left when the UIDs of the set from its range *at on go. */
static void append_without(MsgMap *left, Run run, const UidSet *gone, size_t *at)
{
	while (run.n > 0) {
		uint32_t last = run.uid + run.n - 1;
		while (*at < uidset_range_count(gone) && uidset_range(gone, *at).last < run.uid)
			(*at)++;
		if (*at == uidset_range_count(gone) || uidset_range(gone, *at).first > last) {
			append(left, run);
			return;
		}
		UidRange range = uidset_range(gone, *at);
		if (range.first > run.uid)
			append(left, (Run){run.uid, range.first - run.uid});
		run.n = range.last >= last ? 0 : last - range.last;
		run.uid = range.last + 1;
	}
}

/* How many UIDs of the set lie strictly between two, `above` 0 meaning no bound. */
static uint64_t count_between(const UidSet *set, size_t at, uint32_t below, uint32_t above)
{
	uint64_t count = 0;

	for (; at < uidset_range_count(set); at++) {
		UidRange range = uidset_range(set, at);
		uint64_t first = MAX((uint64_t)range.first, (uint64_t)below + 1);
		uint64_t last = above != 0 ? MIN(range.last, above - 1) : range.last;
		if (above != 0 && range.first >= above)
			break;
		if (last >= first)
			count += last - first + 1;
	}
	return count;
}

static void append_gap(MsgMap *left, uint32_t gap, uint64_t gone)
{
	append(left, (Run){0, gap - (uint32_t)MIN(gone, gap)});
}

MsgMap *msgmap_new(void)
{
	MsgMap *map = g_new0(MsgMap, 1);

	map->blocks = g_array_new(FALSE, FALSE, sizeof(Block));
	return map;
}

void msgmap_free(MsgMap *map)
{
	if (map == NULL)
		return;
	clear(map);
	g_array_unref(map->blocks);
	g_free(map);
}

void msgmap_reset(MsgMap *map, uint32_t count)
{
	clear(map);
	append(map, (Run){0, count});
}

bool msgmap_set_count(MsgMap *map, uint32_t exists)
{
	if (exists < map->count)
		return false;
	append(map, (Run){0, exists - map->count});
	return true;
}

uint32_t msgmap_count(const MsgMap *map)
{
	return map->count;
}

uint32_t msgmap_uid(const MsgMap *map, uint32_t seq)
{
	Place place;

	if (!find_seq(map, seq, &place))
		return 0;
	Run run = *run_at(map, place);
	return run.uid != 0 ? run.uid + (seq - place.first) : 0;
}

uint32_t msgmap_seq(const MsgMap *map, uint32_t uid)
{
	uint32_t seq = 1;
	unsigned i = 0;

	if (uid == 0)
		return 0;
	while (i < map->blocks->len && block_at(map, i)->last_uid < uid)
		seq += block_at(map, i++)->count;
	if (i == map->blocks->len)
		return 0;
	const Block *block = block_at(map, i);
	for (i = 0; i < block->n; i++) {
		Run run = block->runs[i];
		if (run.uid > uid)
			return 0;
		if (run.uid != 0 && uid - run.uid < run.n)
			return seq + (uid - run.uid);
		seq += run.n;
	}
	return 0;
}

bool msgmap_set(MsgMap *map, uint32_t seq, uint32_t uid)
{
	Place place;

	if (uid == 0 || !find_seq(map, seq, &place))
		return false;
	Run run = *run_at(map, place);
	uint32_t offset = seq - place.first;
	if (run.uid != 0)
		return run.uid + offset == uid;
	if (!fits(map, place, seq, uid))
		return false;
	Run pieces[] = {{0, offset}, {uid, 1}, {0, run.n - offset - 1}};
	replace(map, place, pieces, 3);
	return true;
}

bool msgmap_set_all(MsgMap *map, const UidSet *uids)
{
	if (uidset_count(uids) != map->count)
		return false;
	clear(map);
	for (size_t i = 0; i < uidset_range_count(uids); i++) {
		UidRange range = uidset_range(uids, i);
		append(map, (Run){range.first, range.last - range.first + 1});
	}
	return true;
}

uint32_t msgmap_expunge(MsgMap *map, uint32_t seq)
{
	Place place;

	if (!find_seq(map, seq, &place))
		return 0;
	Run run = *run_at(map, place);
	uint32_t offset = seq - place.first, behind = run.n - offset - 1;
	if (run.uid == 0) {
		Run pieces[] = {{0, run.n - 1}};
		replace(map, place, pieces, 1);
		return 0;
	}
	Run pieces[] = {{run.uid, offset}, {run.uid + offset + 1, behind}};
	replace(map, place, pieces, 2);
	return run.uid + offset;
}

void msgmap_vanished(MsgMap *map, const UidSet *uids)
{
	g_autoptr(MsgMap) left = msgmap_new();
	uint32_t below = 0, gap = 0;
	size_t at = 0;

	for (unsigned i = 0; i < map->blocks->len; i++) {
		for (unsigned j = 0; j < block_at(map, i)->n; j++) {
			Run run = block_at(map, i)->runs[j];
			if (run.uid == 0) {
				gap += run.n;
				continue;
			}
			append_gap(left, gap, count_between(uids, at, below, run.uid));
			append_without(left, run, uids, &at);
			below = run.uid + run.n - 1;
			gap = 0;
		}
	}
	append_gap(left, gap, count_between(uids, at, below, 0));
	GArray *blocks = map->blocks;
	map->blocks = left->blocks;
	map->count = left->count;
	map->unknown = left->unknown;
	left->blocks = blocks;
}

UidSet *msgmap_uids(const MsgMap *map)
{
	UidSet *uids = uidset_new();

	for (unsigned i = 0; i < map->blocks->len; i++) {
		for (unsigned j = 0; j < block_at(map, i)->n; j++) {
			Run run = block_at(map, i)->runs[j];
			if (run.uid != 0)
				uidset_add_range(uids, run.uid, run.uid + run.n - 1);
		}
	}
	return uids;
}

uint32_t msgmap_unknown(const MsgMap *map)
{
	return map->unknown;
}

uint32_t msgmap_unknown_tail(const MsgMap *map)
{
	uint32_t tail = 0;

	for (unsigned i = map->blocks->len; i-- > 0;) {
		const Block *block = block_at(map, i);
		for (unsigned j = block->n; j-- > 0;) {
			if (block->runs[j].uid != 0)
				return tail;
			tail += block->runs[j].n;
		}
	}
	return tail;
}

uint32_t msgmap_last_uid(const MsgMap *map)
{
	for (unsigned i = map->blocks->len; i-- > 0;) {
		if (block_at(map, i)->last_uid != 0)
			return block_at(map, i)->last_uid;
	}
	return 0;
}
