#include "core/mailbox/segments.h"

#include "core/mailbox/stored.h"

struct Segments {
	GArray *firsts; /* of uint32_t, ascending, the first is 1; empty: nothing is on disk */
	UidSet *dirty;
	int64_t generation;
};

Segments *segments_new(void)
{
	Segments *s = g_new0(Segments, 1);

	s->firsts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	s->dirty = uidset_new();
	return s;
}

void segments_free(Segments *s)
{
	if (s == NULL)
		return;
	g_array_unref(s->firsts);
	uidset_free(s->dirty);
	g_free(s);
}

static void clean(Segments *s)
{
	uidset_free(s->dirty);
	s->dirty = uidset_new();
}

static uint32_t first_of(const Segments *s, guint k)
{
	return g_array_index(s->firsts, uint32_t, k);
}

static uint32_t last_of(const Segments *s, guint k)
{
	return k + 1 < s->firsts->len ? first_of(s, k + 1) - 1 : UINT32_MAX;
}

void segments_set(Segments *s, const uint32_t *firsts, size_t n, int64_t generation)
{
	g_array_set_size(s->firsts, 0);
	g_array_append_vals(s->firsts, firsts, (guint)n);
	s->generation = generation;
	clean(s);
	if (n == 0 || firsts[0] != 1)
		segments_forget(s);
}

void segments_touch(Segments *s, const UidSet *uids)
{
	uidset_add_set(s->dirty, uids);
}

void segments_forget(Segments *s)
{
	g_array_set_size(s->firsts, 0);
	s->generation = 0;
	clean(s);
}

bool segments_are_dirty(const Segments *s)
{
	return s->firsts->len == 0 || !uidset_is_empty(s->dirty);
}

/* The rows from `first` to `last` as one segment or several, or none: then those before reach over
 * that place, too. */
static void cut(const Mailbox *m, uint32_t first, uint32_t last, CacheState *state, GArray *firsts)
{
	Table rows = {0};
	uint32_t begin = first;

	mailbox_rows(m, first, last, &rows);
	for (uint32_t at = 0; at < rows.n || (at == 0 && first == 1); at += SEGMENT_ROWS) {
		uint32_t to = MIN(rows.n, at + SEGMENT_ROWS);
		if (at > 0)
			begin = rows.uid[at];
		cache_state_add(state, begin, stored_pack_rows(&rows, at, to));
		g_array_append_val(firsts, begin);
	}
	table_clear(&rows);
}

/* Index of the segment that holds that UID. */
static guint segment_of(const Segments *s, uint32_t uid)
{
	guint low = 0, high = s->firsts->len;

	while (low + 1 < high) {
		guint middle = low + (high - low) / 2;
		if (first_of(s, middle) <= uid)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void take_dirty(Segments *s, const Mailbox *m, CacheState *state)
{
	GArray *firsts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	guint next = 0;

	for (size_t i = 0; i < uidset_range_count(s->dirty); i++) {
		UidRange range = uidset_range(s->dirty, i);
		guint begin = MAX(segment_of(s, range.first), next);
		guint end = segment_of(s, range.last);
		if (begin > next)
			g_array_append_vals(firsts, &g_array_index(s->firsts, uint32_t, next),
					    begin - next);
		next = MAX(next, begin);
		for (; next <= end && next < s->firsts->len; next++) {
			UidRange gone = {first_of(s, next), last_of(s, next)};
			g_array_append_val(state->gone, gone);
			cut(m, gone.first, gone.last, state, firsts);
		}
	}
	if (next < s->firsts->len)
		g_array_append_vals(firsts, &g_array_index(s->firsts, uint32_t, next),
				    s->firsts->len - next);
	g_array_unref(s->firsts);
	s->firsts = firsts;
}

void segments_take(Segments *s, const Mailbox *m, CacheState *state)
{
	int64_t generation = (int64_t)(((uint64_t)g_random_int() << 31 | g_random_int() >> 1) | 1);

	state->before = s->firsts->len > 0 ? s->generation : 0;
	state->generation = generation;
	if (s->firsts->len == 0)
		cut(m, 1, UINT32_MAX, state, s->firsts);
	else
		take_dirty(s, m, state);
	s->generation = generation;
	clean(s);
}
