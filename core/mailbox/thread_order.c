#include "core/mailbox/thread_private.h"

#include <string.h>

/* More new messages than that are put in order together. */
#define MOVES_MAX 16

/* --- one message --- */

/* The messages of one block from `first` on that are below `top`, which stands at `first`. */
static uint32_t end_of_subtree(Thread *t, uint32_t first, uint32_t end)
{
	g_autoptr(GHashTable) inside = g_hash_table_new(NULL, NULL);
	uint32_t at = first + 1;

	g_hash_table_add(inside, GUINT_TO_POINTER(t->order[first] & ~THREAD_START));
	for (; at < end && !(t->order[at] & THREAD_START); at++) {
		uint32_t parent = thread_parent(t, t->order[at]);
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

void thread_place(Thread *t, uint32_t i, uint32_t parent)
{
	bool last = i + 1 == t->n && t->order[i] == (i | THREAD_START);
	uint32_t above;

	if (!t->ordered)
		return;
	if (!last || ++t->moves > MOVES_MAX || (t->up[i] & HAS_CHILD))
		t->ordered = false;
	else if ((above = thread_parent(t, i)) != THREAD_NONE)
		move_thread(t, i, above);
	else if (*thread_up_of(t, parent) & HAS_CHILD)
		t->ordered = false;
}

/* --- all --- */

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
		uint32_t up = *thread_up_of(t, link);
		bool replaced = i >= t->n && (up & TOLD);
		up = replaced ? 0 : thread_resolve(t, up);
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
