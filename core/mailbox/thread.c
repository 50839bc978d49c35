#include "core/mailbox/thread.h"

#include <string.h>

#include "core/mailbox/thread_private.h"

/* Looking for a loop goes up so far at most; a child that would hang deeper becomes a thread. */
#define WALK_MAX 2000

/* --- arrays --- */

static void reserve(Thread *t, uint32_t n)
{
	if (n <= t->capacity)
		return;
	t->capacity = MAX(n, t->capacity + t->capacity / 8 + 16);
	t->uid = g_renew(uint32_t, t->uid, t->capacity);
	t->up = g_renew(uint32_t, t->up, t->capacity);
	t->key = g_renew(uint64_t, t->key, t->capacity);
	t->order = g_renew(uint32_t, t->order, t->capacity);
	uint32_t bytes = t->capacity / 8 + 1, had = t->n > 0 ? t->n / 8 + 1 : 0;
	t->sure = g_realloc(t->sure, bytes);
	memset(t->sure + had, 0, bytes - had);
}

static bool is_sure(const Thread *t, uint32_t i)
{
	return t->sure[i / 8] & 1 << i % 8;
}

void thread_set_sure(Thread *t, uint32_t i, bool sure)
{
	if (is_sure(t, i) == sure)
		return;
	t->sure[i / 8] ^= (uint8_t)(1 << i % 8);
	t->unsure = sure ? t->unsure - 1 : t->unsure + 1;
}

/* Behind all others; its UID is higher. */
static uint32_t append(Thread *t, uint32_t uid)
{
	uint32_t i = t->n;

	reserve(t, i + 1);
	t->uid[i] = uid;
	t->up[i] = 0;
	t->key[i] = 0;
	t->sure[i / 8] &= (uint8_t) ~(1 << i % 8);
	t->order[i] = i | THREAD_START;
	t->unsure++;
	t->n++;
	return i;
}

uint32_t thread_add_ghost(Thread *t, uint64_t key)
{
	if (t->ghosts == t->ghost_capacity) {
		t->ghost_capacity += t->ghost_capacity / 8 + 16;
		t->ghost_up = g_renew(uint32_t, t->ghost_up, t->ghost_capacity);
		t->ghost_key = g_renew(uint64_t, t->ghost_key, t->ghost_capacity);
	}
	t->ghost_up[t->ghosts] = 0;
	t->ghost_key[t->ghosts] = key;
	return ++t->ghosts | LINK_GHOST;
}

static uint64_t key_of(const Thread *t, uint32_t link)
{
	uint32_t i = (link & ~LINK_GHOST) - 1;

	return link & LINK_GHOST ? t->ghost_key[i] : t->key[i];
}

/* True where `parent` hangs below `child`, or may. */
static bool would_loop(Thread *t, uint32_t child, uint32_t parent)
{
	if (child == parent)
		return true;
	if (!(*thread_up_of(t, child) & HAS_CHILD))
		return false;
	for (unsigned steps = 0; parent != 0; parent = thread_parent_link(t, parent), steps++)
		if (parent == child || steps == WALK_MAX)
			return true;
	return false;
}

/* --- ids --- */

uint32_t *thread_slot_of(const Thread *t, uint64_t key)
{
	uint32_t at = (uint32_t)(((key >> 32) * t->n_slots) >> 32);

	while (t->slots[at] != 0 && key_of(t, t->slots[at]) != key)
		at = at + 1 < t->n_slots ? at + 1 : 0;
	return &t->slots[at];
}

/* At most four fifths are in use. */
static void make_room(Thread *t)
{
	if ((uint64_t)t->used_slots * 5 < (uint64_t)t->n_slots * 4)
		return;
	g_autofree uint32_t *old = t->slots;
	uint32_t n = t->n_slots;
	t->n_slots = n + n / 5 + 64;
	t->slots = g_new0(uint32_t, t->n_slots);
	for (uint32_t i = 0; i < n; i++)
		if (old[i] != 0)
			*thread_slot_of(t, key_of(t, old[i])) = old[i];
}

/* Who has that id; a ghost where nobody has. */
static uint32_t find_or_imagine(Thread *t, uint64_t key)
{
	make_room(t);
	uint32_t *slot = thread_slot_of(t, key);
	if (*slot == 0) {
		*slot = thread_add_ghost(t, key);
		t->used_slots++;
	}
	return thread_resolve(t, *slot);
}

/* The message takes its id.  One that comes again (T126) has none, so that nobody answers it; nor
 * has one that was said to answer that id before. */
static void take_id(Thread *t, uint32_t i, uint64_t key)
{
	if (key == 0 || t->key[i] != 0)
		return;
	make_room(t);
	uint32_t *slot = thread_slot_of(t, key);
	if (*slot != 0 && (!(*slot & LINK_GHOST) || would_loop(t, *slot, i + 1)))
		return;
	t->key[i] = key;
	if (*slot == 0) {
		*slot = i + 1;
		t->used_slots++;
		return;
	}
	uint32_t ghost = *slot, *ghost_up = thread_up_of(t, ghost), guessed = *ghost_up;
	*slot = i + 1;
	if (guessed & HAS_CHILD) {
		t->up[i] |= HAS_CHILD;
		t->ordered = false;
	}
	*ghost_up = (i + 1) | TOLD;
	uint32_t parent = thread_resolve(t, guessed);
	if ((t->up[i] & (LINK_MASK | TOLD)) == 0 && parent != 0 && !would_loop(t, i + 1, parent)) {
		t->up[i] |= parent;
		t->ordered = false;
	}
}

/* --- links --- */

static void link_to(Thread *t, uint32_t child, uint32_t parent)
{
	uint32_t *up = thread_up_of(t, child);

	*up = (*up & ~LINK_MASK) | parent;
	*thread_up_of(t, parent) |= HAS_CHILD;
}

/* Each reference answers the one in front of it, as far as nothing else is known. */
static uint32_t link_references(Thread *t, const ThreadKey *key)
{
	uint32_t before = 0;

	for (uint32_t k = 0; k < key->n; k++) {
		uint32_t link = find_or_imagine(t, key->parents[k]);
		uint32_t up = *thread_up_of(t, link);
		if (before != 0 && (up & LINK_MASK) == 0 && ((link & LINK_GHOST) || !(up & TOLD)) &&
		    !would_loop(t, link, before)) {
			link_to(t, link, before);
			t->ordered = t->ordered && !(up & HAS_CHILD) && (link & LINK_GHOST);
		}
		before = link;
	}
	return before;
}

bool thread_know(Thread *t, uint32_t uid, const ThreadKey *key)
{
	uint32_t i = thread_find(t, uid);
	bool ordered = t->ordered, moved = i == THREAD_NONE;

	if (i == THREAD_NONE) {
		g_autoptr(UidSet) one = uidset_new_range(uid, uid);
		thread_add(t, one);
		i = thread_find(t, uid);
	}
	take_id(t, i, key->id);
	if (t->up[i] & TOLD)
		return ordered && !t->ordered;
	if (t->by_subject) {
		thread_set_sure(t, i, false);
		return moved;
	}
	uint32_t parent = link_references(t, key);
	bool sure = parent == 0 || !(parent & LINK_GHOST);
	if (parent != 0 && thread_resolve(t, t->up[i]) != parent && !would_loop(t, i + 1, parent)) {
		bool first = (*thread_up_of(t, parent) & HAS_CHILD) == 0;
		uint32_t had = t->up[i] & LINK_MASK;
		link_to(t, i + 1, parent);
		moved = true;
		if (had != 0)
			t->ordered = false;
		/* Nobody else hangs below a ghost that is new. */
		if (!(first && (parent & LINK_GHOST) && thread_parent_link(t, parent) == 0))
			thread_place(t, i, parent);
	}
	thread_set_sure(t, i, sure);
	return moved || (ordered && !t->ordered);
}

/* --- coming and going --- */

/* Where the links to messages lead once `to` says which index each has. */
static void relink(const uint32_t *to, uint32_t *links, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = links[i] & LINK_MASK;
		if (index != 0 && !(index & LINK_GHOST))
			links[i] = (links[i] & ~LINK_MASK) | (to[index - 1] + 1);
	}
}

/* Between others: all are moved in one pass. */
static void merge(Thread *t, const UidSet *fresh)
{
	uint64_t more = uidset_count(fresh);
	uint32_t n = t->n, total = n + (uint32_t)more;
	g_autofree uint32_t *to = g_new(uint32_t, n + 1);
	size_t k = uidset_range_count(fresh);
	UidRange range = {0};
	uint32_t left = 0; /* of the range */

	reserve(t, total);
	g_autofree uint8_t *sure = g_memdup2(t->sure, n / 8 + 1);
	memset(t->sure, 0, t->capacity / 8 + 1);
	/* From the end, so that nothing is overwritten. */
	for (uint32_t at = total, i = n; at-- > 0;) {
		if (left == 0 && k > 0) {
			range = uidset_range(fresh, --k);
			left = range.last - range.first + 1;
		}
		uint32_t uid = left > 0 ? range.first + left - 1 : 0;
		if (left > 0 && (i == 0 || uid > t->uid[i - 1])) {
			t->uid[at] = uid;
			t->up[at] = 0;
			t->key[at] = 0;
			left--;
			continue;
		}
		i--;
		to[i] = at;
		t->uid[at] = t->uid[i];
		t->up[at] = t->up[i];
		t->key[at] = t->key[i];
		if (sure[i / 8] & 1 << i % 8)
			t->sure[at / 8] |= (uint8_t)(1 << at % 8);
	}
	t->n = total;
	t->unsure += (uint32_t)more;
	relink(to, t->up, total);
	relink(to, t->ghost_up, t->ghosts);
	relink(to, t->slots, t->n_slots);
	t->ordered = false;
}

void thread_add(Thread *t, const UidSet *uids)
{
	g_autoptr(UidSet) fresh = uidset_copy(uids);

	if (uidset_is_empty(uids))
		return;
	if (t->n > 0 && uidset_first(uids) <= t->uid[t->n - 1]) {
		uint32_t i = 0;
		while (i < t->n && t->uid[i] < uidset_first(uids))
			i++;
		g_autoptr(UidSet) here = uidset_new_numbers(t->uid + i, t->n - i);
		uidset_remove_set(fresh, here);
		for (; i < t->n; i++)
			if ((t->up[i] & GONE) && uidset_has(uids, t->uid[i]))
				t->up[i] &= ~GONE;
	}
	if (uidset_is_empty(fresh))
		return;
	if (t->n > 0 && uidset_first(fresh) < t->uid[t->n - 1]) {
		merge(t, fresh);
		return;
	}
	reserve(t, t->n + (uint32_t)uidset_count(fresh));
	for (size_t k = 0; k < uidset_range_count(fresh); k++) {
		UidRange range = uidset_range(fresh, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++)
			append(t, (uint32_t)uid);
	}
}

void thread_remove(Thread *t, const UidSet *uids)
{
	for (size_t k = 0; k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		uint32_t low = 0, high = t->n;
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (t->uid[middle] < range.first)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < t->n && t->uid[low] <= range.last; low++) {
			t->up[low] |= GONE;
			thread_set_sure(t, low, true);
		}
	}
}

/* --- life --- */

Thread *thread_new(void)
{
	Thread *t = g_new0(Thread, 1);

	t->ordered = true;
	return t;
}

Thread *thread_copy(const Thread *t)
{
	Thread *copy = g_memdup2(t, sizeof(*t));
	uint32_t n = t->n;

	copy->capacity = n;
	copy->uid = g_memdup2(t->uid, n * sizeof(*t->uid));
	copy->up = g_memdup2(t->up, n * sizeof(*t->up));
	copy->key = g_memdup2(t->key, n * sizeof(*t->key));
	copy->sure = g_memdup2(t->sure, n / 8 + 1);
	copy->order = g_new(uint32_t, n);
	copy->ordered = n == 0;
	copy->ghost_capacity = t->ghosts;
	copy->ghost_up = g_memdup2(t->ghost_up, t->ghosts * sizeof(*t->ghost_up));
	copy->ghost_key = g_memdup2(t->ghost_key, t->ghosts * sizeof(*t->ghost_key));
	copy->slots = g_memdup2(t->slots, t->n_slots * sizeof(*t->slots));
	return copy;
}

void thread_free(Thread *t)
{
	if (t == NULL)
		return;
	g_free(t->uid);
	g_free(t->up);
	g_free(t->key);
	g_free(t->ghost_up);
	g_free(t->ghost_key);
	g_free(t->slots);
	g_free(t->sure);
	g_free(t->order);
	g_free(t);
}

/* --- reading --- */

bool thread_is_told(const Thread *t)
{
	return t->told;
}

bool thread_is_by_subject(const Thread *t)
{
	return t->by_subject;
}

uint32_t thread_unsure(const Thread *t)
{
	return t->told ? t->unsure : 0;
}

uint32_t thread_count(const Thread *t)
{
	return t->n;
}

uint32_t thread_uid(const Thread *t, uint32_t i)
{
	return t->uid[i];
}

const uint32_t *thread_uids(const Thread *t)
{
	return t->uid;
}

uint32_t thread_find(const Thread *t, uint32_t uid)
{
	uint32_t low = 0, high = t->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (t->uid[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n && t->uid[low] == uid ? low : THREAD_NONE;
}

uint32_t thread_parent(Thread *t, uint32_t i)
{
	uint32_t link = thread_parent_link(t, i + 1);

	while (link & LINK_GHOST)
		link = thread_parent_link(t, link);
	return link != 0 ? link - 1 : THREAD_NONE;
}

size_t thread_memory(const Thread *t)
{
	return (size_t)t->capacity * (3 * sizeof(uint32_t) + sizeof(uint64_t)) + t->capacity / 8 +
	       (size_t)t->ghost_capacity * (sizeof(uint32_t) + sizeof(uint64_t)) +
	       (size_t)t->n_slots * sizeof(uint32_t);
}
