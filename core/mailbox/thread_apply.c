#include "core/mailbox/thread_private.h"

#include <string.h>

/* Ghosts that no answer of a server needs any more; those that still stand for something stay. */
static void drop_ids_of_ghosts(Thread *t)
{
	t->used_slots = 0;
	if (t->n_slots > 0)
		memset(t->slots, 0, t->n_slots * sizeof(*t->slots));
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->key[i] == 0)
			continue;
		*thread_slot_of(t, t->key[i]) = i + 1;
		t->used_slots++;
	}
	t->ghosts = 0;
}

/* Below no ghost: they are about to go. */
static void leave_ghosts(Thread *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t up = thread_resolve(t, t->up[i]);
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
	uint32_t link = i != THREAD_NONE ? i + 1 : thread_add_ghost(t, 0),
		 *up = thread_up_of(t, link);

	if (i != THREAD_NONE && (*up & TOLD))
		return link;
	*up = (*up & (GONE | HAS_CHILD)) | (i != THREAD_NONE ? TOLD : 0) | parent;
	if (parent != 0)
		*thread_up_of(t, parent) |= HAS_CHILD;
	if (i != THREAD_NONE)
		thread_set_sure(t, i, true);
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
	t->by_subject = threadanswer_is_by_subject(answer);
	t->ordered = false;
}
