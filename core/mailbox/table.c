#include "core/mailbox/table.h"

#include <string.h>

static void reserve(Table *t, uint32_t n)
{
	if (n <= t->capacity)
		return;
	t->capacity = MAX(n, t->capacity + t->capacity / 8 + 8);
	t->uid = g_renew(uint32_t, t->uid, t->capacity);
	t->flags = g_renew(Flags, t->flags, t->capacity);
	t->state = g_renew(uint8_t, t->state, t->capacity);
}

/* Moves `count` rows within a table, or from one to another. */
static void move_rows(Table *to, uint32_t at, const Table *from, uint32_t first, uint32_t count)
{
	if (count == 0)
		return;
	memmove(to->uid + at, from->uid + first, count * sizeof(*to->uid));
	memmove(to->flags + at, from->flags + first, count * sizeof(*to->flags));
	memmove(to->state + at, from->state + first, count * sizeof(*to->state));
}

static void append_rows(Table *to, const Table *from, uint32_t first, uint32_t count)
{
	reserve(to, to->n + count);
	move_rows(to, to->n, from, first, count);
	to->n += count;
}

void table_clear(Table *t)
{
	g_free(t->uid);
	g_free(t->flags);
	g_free(t->state);
	*t = (Table){0};
}

uint32_t table_lower(const Table *t, uint32_t uid)
{
	uint32_t low = 0, high = t->n;

	if (t->n == 0 || t->uid[t->n - 1] < uid)
		return t->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (t->uid[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t table_find(const Table *t, uint32_t uid)
{
	uint32_t i = table_lower(t, uid);
	return i < t->n && t->uid[i] == uid ? (int64_t)i : -1;
}

uint32_t table_insert(Table *t, uint32_t uid, Flags flags, uint8_t state)
{
	uint32_t i = table_lower(t, uid);

	reserve(t, t->n + 1);
	move_rows(t, i + 1, t, i, t->n - i);
	t->n++;
	t->uid[i] = uid;
	t->flags[i] = flags;
	t->state[i] = state;
	return i;
}

void table_merge(Table *t, Table *from)
{
	if (from->n > t->n) {
		Table swapped = *t;
		*t = *from;
		*from = swapped;
	}
	uint32_t left = t->n, take = from->n, end = left + take;
	reserve(t, end);
	t->n = end;
	/* From behind, so that every row moves once and a table that only grows at its end moves
	 * none. */
	while (take > 0) {
		uint32_t at = left;
		while (at > 0 && t->uid[at - 1] > from->uid[take - 1])
			at--;
		end -= left - at;
		move_rows(t, end, t, at, left - at);
		left = at;
		uint32_t first = take;
		while (first > 0 && (left == 0 || from->uid[first - 1] > t->uid[left - 1]))
			first--;
		end -= take - first;
		move_rows(t, end, from, first, take - first);
		take = first;
	}
	table_clear(from);
}

void table_extract(Table *t, const UidSet *uids, Table *out, UidSet *taken)
{
	uint32_t kept = 0, next = 0;
	Table rows = {0};

	for (size_t i = 0; i < uidset_range_count(uids); i++) {
		UidRange range = uidset_range(uids, i);
		uint32_t first = table_lower(t, range.first);
		uint32_t last = range.last == UINT32_MAX ? t->n : table_lower(t, range.last + 1);
		if (first == last)
			continue;
		for (uint32_t j = first; taken != NULL && j < last; j++)
			uidset_add(taken, t->uid[j]);
		if (out != NULL)
			append_rows(&rows, t, first, last - first);
		/* What lies below `next` has been moved, so that UIDs are looked up above it only;
		 * the rows between still stand where they stood. */
		if (kept != next)
			move_rows(t, kept, t, next, first - next);
		kept += first - next;
		next = last;
	}
	if (next == 0)
		return;
	move_rows(t, kept, t, next, t->n - next);
	t->n = kept + (t->n - next);
	if (out != NULL)
		table_merge(out, &rows);
}

void table_copy(const Table *t, uint32_t first, uint32_t last, Table *out)
{
	uint32_t from = table_lower(t, first);
	uint32_t to = last == UINT32_MAX ? t->n : table_lower(t, last + 1);

	if (to > from)
		append_rows(out, t, from, to - from);
}

void table_apply_set(Table *t, Flags flag, const UidSet *set, bool with, UidSet *changed)
{
	size_t at = 0, ranges = uidset_range_count(set);
	uint8_t known = flag & FLAG_SEEN ? TABLE_FLAGS_KNOWN : 0;

	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t uid = t->uid[i];
		while (at < ranges && uidset_range(set, at).last < uid)
			at++;
		bool in = at < ranges && uidset_range(set, at).first <= uid;
		Flags flags = in == with ? t->flags[i] | flag : t->flags[i] & ~flag;
		uint8_t state = t->state[i] | known;
		if (flags == t->flags[i] && state == t->state[i])
			continue;
		t->flags[i] = flags;
		t->state[i] = state;
		uidset_add(changed, uid);
	}
}

bool table_is_unseen(const Table *t, uint32_t i)
{
	return (t->state[i] & TABLE_FLAGS_KNOWN) && !(t->flags[i] & FLAG_SEEN);
}

uint32_t table_count_unseen(const Table *t)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < t->n; i++)
		count += table_is_unseen(t, i);
	return count;
}

UidSet *table_uids(const Table *t)
{
	return uidset_new_numbers(t->uid, t->n);
}
