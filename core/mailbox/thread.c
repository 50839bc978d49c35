#include "core/mailbox/thread.h"

#include <string.h>

/* A link: 0 for none, else an index + 1, with LINK_GHOST in the array of ghosts. */
#define LINK_GHOST UINT32_C(0x10000000)
#define LINK_MASK  UINT32_C(0x1fffffff)
/* Beside the link, in the same number. */
#define HAS_CHILD UINT32_C(0x20000000) /* had one at some time */
#define TOLD      UINT32_C(0x40000000) /* by a server; a ghost: is the message that it links to */
#define GONE      UINT32_C(0x80000000) /* a message that was removed */

/* Looking for a loop goes up so far at most; a child that would hang deeper becomes a thread. */
#define WALK_MAX 2000
/* More new messages than that are put in order together. */
#define MOVES_MAX 16

struct Thread {
	uint32_t n, capacity;
	uint32_t *uid;
	uint32_t *up;  /* link to the parent, with its flags */
	uint64_t *key; /* hash of the Message-ID, 0 while unknown */
	uint32_t ghosts, ghost_capacity;
	uint32_t *ghost_up;
	uint64_t *ghost_key;
	uint32_t *slots; /* links by key: open addressing */
	uint32_t n_slots, used_slots;
	bool told; /* a server has answered */
	uint32_t unsure;
	uint8_t *sure; /* a bit a message; only once a server has answered */
	uint32_t *order;
	bool ordered;
	unsigned moves;
};

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

static void set_sure(Thread *t, uint32_t i, bool sure)
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

static uint32_t add_ghost(Thread *t, uint64_t key)
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

static uint32_t *up_of(Thread *t, uint32_t link)
{
	uint32_t i = (link & ~LINK_GHOST & LINK_MASK) - 1;

	return link & LINK_GHOST ? &t->ghost_up[i] : &t->up[i];
}

static uint64_t key_of(const Thread *t, uint32_t link)
{
	uint32_t i = (link & ~LINK_GHOST) - 1;

	return link & LINK_GHOST ? t->ghost_key[i] : t->key[i];
}

/* A ghost whose message has come stands for it. */
static uint32_t resolve(Thread *t, uint32_t link)
{
	link &= LINK_MASK;
	if (link & LINK_GHOST) {
		uint32_t up = *up_of(t, link);
		if (up & TOLD)
			return up & LINK_MASK;
	}
	return link;
}

static uint32_t parent_link(Thread *t, uint32_t link)
{
	return resolve(t, *up_of(t, link));
}

/* True where `parent` hangs below `child`, or may. */
static bool would_loop(Thread *t, uint32_t child, uint32_t parent)
{
	if (child == parent)
		return true;
	if (!(*up_of(t, child) & HAS_CHILD))
		return false;
	for (unsigned steps = 0; parent != 0; parent = parent_link(t, parent), steps++)
		if (parent == child || steps == WALK_MAX)
			return true;
	return false;
}

/* --- ids --- */

static uint32_t *slot_of(const Thread *t, uint64_t key)
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
			*slot_of(t, key_of(t, old[i])) = old[i];
}

/* Who has that id; a ghost where nobody has. */
static uint32_t find_or_imagine(Thread *t, uint64_t key)
{
	make_room(t);
	uint32_t *slot = slot_of(t, key);
	if (*slot == 0) {
		*slot = add_ghost(t, key);
		t->used_slots++;
	}
	return resolve(t, *slot);
}

/* The message takes its id.  One that comes again (T126) has none, so that nobody answers it; nor
 * has one that was said to answer that id before. */
static void take_id(Thread *t, uint32_t i, uint64_t key)
{
	if (key == 0 || t->key[i] != 0)
		return;
	make_room(t);
	uint32_t *slot = slot_of(t, key);
	if (*slot != 0 && (!(*slot & LINK_GHOST) || would_loop(t, *slot, i + 1)))
		return;
	t->key[i] = key;
	if (*slot == 0) {
		*slot = i + 1;
		t->used_slots++;
		return;
	}
	uint32_t ghost = *slot, *ghost_up = up_of(t, ghost), guessed = *ghost_up;
	*slot = i + 1;
	if (guessed & HAS_CHILD) {
		t->up[i] |= HAS_CHILD;
		t->ordered = false;
	}
	*ghost_up = (i + 1) | TOLD;
	uint32_t parent = resolve(t, guessed);
	if ((t->up[i] & (LINK_MASK | TOLD)) == 0 && parent != 0 && !would_loop(t, i + 1, parent)) {
		t->up[i] |= parent;
		t->ordered = false;
	}
}

/* --- links --- */

static void link_to(Thread *t, uint32_t child, uint32_t parent)
{
	uint32_t *up = up_of(t, child);

	*up = (*up & ~LINK_MASK) | parent;
	*up_of(t, parent) |= HAS_CHILD;
}

/* Each reference answers the one in front of it, as far as nothing else is known. */
static uint32_t link_references(Thread *t, const ThreadKey *key)
{
	uint32_t before = 0;

	for (uint32_t k = 0; k < key->n; k++) {
		uint32_t link = find_or_imagine(t, key->parents[k]);
		uint32_t up = *up_of(t, link);
		if (before != 0 && (up & LINK_MASK) == 0 && ((link & LINK_GHOST) || !(up & TOLD)) &&
		    !would_loop(t, link, before)) {
			link_to(t, link, before);
			t->ordered = t->ordered && !(up & HAS_CHILD) && (link & LINK_GHOST);
		}
		before = link;
	}
	return before;
}

static uint32_t real_parent(Thread *t, uint32_t i);

/* The messages of one block from `first` on that are below `top`, which stands at `first`. */
static uint32_t end_of_subtree(Thread *t, uint32_t first, uint32_t end)
{
	g_autoptr(GHashTable) inside = g_hash_table_new(NULL, NULL);
	uint32_t at = first + 1;

	g_hash_table_add(inside, GUINT_TO_POINTER(t->order[first] & ~THREAD_START));
	for (; at < end && !(t->order[at] & THREAD_START); at++) {
		uint32_t parent = real_parent(t, t->order[at]);
		if (parent == THREAD_NONE ||
		    !g_hash_table_contains(inside, GUINT_TO_POINTER(parent)))
			break;
		g_hash_table_add(inside, GUINT_TO_POINTER(t->order[at]));
	}
	return at;
}

/* The newest message, alone at the end of the order, takes its place below `parent`; their thread
 * is the newest now. */
static void move_thread(Thread *t, uint32_t i, uint32_t parent)
{
	uint32_t end = t->n - 1, at = end;

	while (at > 0 && (t->order[at - 1] & ~THREAD_START) != parent)
		at--;
	if (at-- == 0) {
		t->ordered = false;
		return;
	}
	uint32_t place = end_of_subtree(t, at, end), start = at, behind = place;
	while (!(t->order[start] & THREAD_START))
		start--;
	while (behind < end && !(t->order[behind] & THREAD_START))
		behind++;
	uint32_t len = behind - start;
	g_autofree uint32_t *block = g_memdup2(&t->order[start], len * sizeof(*block));
	memmove(&t->order[start], &t->order[behind], (end - behind) * sizeof(*block));
	uint32_t to = start + (end - behind), before = place - start;
	memcpy(&t->order[to], block, before * sizeof(*block));
	t->order[to + before] = i;
	memcpy(&t->order[to + before + 1], block + before, (len - before) * sizeof(*block));
}

static void place(Thread *t, uint32_t i, uint32_t parent)
{
	bool last = i + 1 == t->n && t->order[i] == (i | THREAD_START);
	uint32_t above;

	if (!t->ordered)
		return;
	if (!last || ++t->moves > MOVES_MAX || (t->up[i] & HAS_CHILD))
		t->ordered = false;
	else if ((above = real_parent(t, i)) != THREAD_NONE)
		move_thread(t, i, above);
	else if (*up_of(t, parent) & HAS_CHILD)
		t->ordered = false;
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
	uint32_t parent = link_references(t, key);
	bool sure = parent == 0 || !(parent & LINK_GHOST);
	if (parent != 0 && resolve(t, t->up[i]) != parent && !would_loop(t, i + 1, parent)) {
		bool first = (*up_of(t, parent) & HAS_CHILD) == 0;
		uint32_t had = t->up[i] & LINK_MASK;
		link_to(t, i + 1, parent);
		moved = true;
		if (had != 0)
			t->ordered = false;
		/* Nobody else hangs below a ghost that is new. */
		if (!(first && (parent & LINK_GHOST) && parent_link(t, parent) == 0))
			place(t, i, parent);
	}
	set_sure(t, i, sure);
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
			set_sure(t, low, true);
		}
	}
}

/* --- a server's answer --- */

/* Ghosts that no answer of a server needs any more; those that still stand for something stay. */
static void drop_ids_of_ghosts(Thread *t)
{
	t->used_slots = 0;
	if (t->n_slots > 0)
		memset(t->slots, 0, t->n_slots * sizeof(*t->slots));
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->key[i] == 0)
			continue;
		*slot_of(t, t->key[i]) = i + 1;
		t->used_slots++;
	}
	t->ghosts = 0;
}

/* Below no ghost: they are about to go. */
static void leave_ghosts(Thread *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t up = resolve(t, t->up[i]);
		t->up[i] = (t->up[i] & (GONE | HAS_CHILD)) | (up & LINK_GHOST ? 0 : up);
	}
}

/* Those of one thread are near each other, so the search begins where the last one ended. */
static uint32_t find_near(const Thread *t, uint32_t uid, uint32_t near)
{
	uint32_t low = 0, high = t->n, step = 1;

	if (near >= t->n)
		return thread_find(t, uid);
	if (t->uid[near] <= uid) {
		for (low = near; near + step < t->n && t->uid[near + step] <= uid; step *= 2)
			low = near + step;
		high = MIN(near + step, t->n);
	} else {
		for (high = near; near >= step && t->uid[near - step] > uid; step *= 2)
			high = near - step;
		low = near >= step ? near - step : 0;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (t->uid[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n && t->uid[low] == uid ? low : THREAD_NONE;
}

/* The index of each entry's message, THREAD_NONE where it has none; false where messages were
 * missing, which are here now. */
static bool find_entries(Thread *t, const ThreadEntry *entries, size_t n, uint32_t *found)
{
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t near = 0;

	for (size_t k = 0; k < n; k++) {
		found[k] = entries[k].uid ? find_near(t, entries[k].uid, near) : THREAD_NONE;
		if (found[k] != THREAD_NONE)
			near = found[k];
		else if (entries[k].uid)
			g_array_append_val(missing, entries[k].uid);
	}
	g_autoptr(UidSet) uids =
		uidset_new_numbers((const uint32_t *)(void *)missing->data, missing->len);
	thread_add(t, uids);
	return missing->len == 0;
}

/* One entry takes its place; its link.  A number that comes again has one already (T126). */
static uint32_t place_entry(Thread *t, uint32_t i, uint32_t parent)
{
	uint32_t link = i != THREAD_NONE ? i + 1 : add_ghost(t, 0), *up = up_of(t, link);

	if (i != THREAD_NONE && (*up & TOLD))
		return link;
	*up = (*up & (GONE | HAS_CHILD)) | (i != THREAD_NONE ? TOLD : 0) | parent;
	if (parent != 0)
		*up_of(t, parent) |= HAS_CHILD;
	if (i != THREAD_NONE)
		set_sure(t, i, true);
	return link;
}

void thread_apply(Thread *t, const ThreadAnswer *answer)
{
	size_t n;
	const ThreadEntry *entries = threadanswer_entries(answer, &n);
	g_autofree uint32_t *links = g_new(uint32_t, n + 1);

	if (!find_entries(t, entries, n, links))
		find_entries(t, entries, n, links);
	leave_ghosts(t);
	drop_ids_of_ghosts(t);
	for (size_t k = 0; k < n; k++) {
		uint32_t above = entries[k].parent;
		links[k] = place_entry(t, links[k], above != THREADANSWER_NONE ? links[above] : 0);
	}
	t->told = true;
	t->ordered = false;
}

bool thread_is_told(const Thread *t)
{
	return t->told;
}

uint32_t thread_unsure(const Thread *t)
{
	return t->told ? t->unsure : 0;
}

/* --- order --- */

/* Scratch of one ordering; messages first, ghosts behind them. */
typedef struct {
	uint32_t *up, *child, *next;
} Tree;

static uint32_t tree_index(const Thread *t, uint32_t link)
{
	return link & LINK_GHOST ? t->n + (link & ~LINK_GHOST) - 1 : link - 1;
}

/* The first above `i` that is a message, else the topmost ghost, else THREAD_NONE.  Each ghost is
 * passed once: it remembers what it found. */
static uint32_t skip_ghosts(const Thread *t, Tree *tree, uint32_t i)
{
	uint32_t top = tree->up[i], next;

	if (top == THREAD_NONE)
		return THREAD_NONE;
	while (top >= t->n && tree->up[top] != THREAD_NONE)
		top = tree->up[top];
	for (uint32_t at = tree->up[i]; at != top; at = next) {
		next = tree->up[at];
		tree->up[at] = top;
	}
	return top;
}

static void grow_tree(Thread *t, Tree *tree)
{
	uint32_t all = t->n + t->ghosts;

	for (uint32_t i = 0; i < all; i++) {
		uint32_t link = i < t->n ? i + 1 : (i - t->n + 1) | LINK_GHOST;
		uint32_t up = *up_of(t, link);
		bool replaced = i >= t->n && (up & TOLD);
		up = replaced ? 0 : resolve(t, up);
		tree->up[i] = up != 0 ? tree_index(t, up) : THREAD_NONE;
		tree->child[i] = tree->next[i] = THREAD_NONE;
	}
	/* From the end, so that the lists ascend. */
	for (uint32_t i = t->n; i-- > 0;) {
		uint32_t parent = skip_ghosts(t, tree, i);
		tree->up[i] = parent;
		if (parent != THREAD_NONE) {
			tree->next[i] = tree->child[parent];
			tree->child[parent] = i;
		}
	}
}

/* Writes the messages below and including `root` behind each other; how many, and the newest that
 * is not gone (else 0) as index + 1. */
static uint32_t write_thread(const Thread *t, const Tree *tree, uint32_t root, uint32_t *out,
			     uint32_t *newest)
{
	uint32_t n = 0, at = root;

	*newest = 0;
	for (;;) {
		if (at < t->n) {
			out[n++] = at;
			if (!(t->up[at] & GONE))
				*newest = MAX(*newest, at + 1);
		}
		if (tree->child[at] != THREAD_NONE) {
			at = tree->child[at];
			continue;
		}
		while (at != root && tree->next[at] == THREAD_NONE)
			at = tree->up[at];
		if (at == root)
			break;
		at = tree->next[at];
	}
	return n;
}

/* Threads are written one behind the other, then put in order by their newest: no two share it.
 * What is gone altogether goes to the front. */
static void put_in_order(Thread *t, const Tree *tree, uint32_t *blocks, uint32_t *thread_of)
{
	uint32_t all = t->n + t->ghosts, at = 0, out = 0, newest;

	memset(thread_of, 0xff, t->n * sizeof(*thread_of));
	for (uint32_t i = 0; i < all; i++) {
		if (tree->up[i] != THREAD_NONE || (i >= t->n && tree->child[i] == THREAD_NONE))
			continue;
		uint32_t len = write_thread(t, tree, i, blocks + at, &newest);
		blocks[at] |= THREAD_START;
		if (newest != 0) {
			thread_of[newest - 1] = at;
		} else {
			memcpy(t->order + out, blocks + at, len * sizeof(*blocks));
			out += len;
		}
		at += len;
	}
	for (uint32_t i = 0; i < t->n; i++) {
		if (thread_of[i] == THREAD_NONE)
			continue;
		uint32_t from = thread_of[i];
		do
			t->order[out++] = blocks[from++];
		while (from < at && !(blocks[from] & THREAD_START));
	}
}

const uint32_t *thread_order(Thread *t, uint32_t *n)
{
	t->moves = 0;
	*n = t->n;
	if (t->ordered)
		return t->order;
	size_t all = (size_t)t->n + t->ghosts + 1;
	g_autofree uint32_t *scratch = g_new(uint32_t, 5 * all);
	Tree tree = {scratch, scratch + all, scratch + 2 * all};

	grow_tree(t, &tree);
	put_in_order(t, &tree, scratch + 3 * all, scratch + 4 * all);
	t->ordered = true;
	return t->order;
}

/* --- reading --- */

static uint32_t real_parent(Thread *t, uint32_t i)
{
	uint32_t link = parent_link(t, i + 1);

	while (link & LINK_GHOST)
		link = parent_link(t, link);
	return link != 0 ? link - 1 : THREAD_NONE;
}

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
	return real_parent(t, i);
}

size_t thread_memory(const Thread *t)
{
	return (size_t)t->capacity * (3 * sizeof(uint32_t) + sizeof(uint64_t)) + t->capacity / 8 +
	       (size_t)t->ghost_capacity * (sizeof(uint32_t) + sizeof(uint64_t)) +
	       (size_t)t->n_slots * sizeof(uint32_t);
}
