#include "core/mailbox/outline.h"

#include "core/mailbox/uidindex.h"

/* A row: its place in thread_order(), and whether it is the first of its thread that is shown. */
#define HEAD  UINT32_C(0x80000000)
#define PLACE UINT32_C(0x7fffffff)

/* Looking for a later sibling ends after so many rows: far more than a screen shows. */
#define LOOK_AHEAD 64

struct Outline {
	Mailbox *mailbox;
	uint32_t *rows;
	size_t n, capacity;
	uint8_t *shown; /* a bit a message of the Thread: it is there and within the limit */
	bool all_folded;
	UidSet *other; /* first messages of the threads for which that is not so */
	/* The head that was looked for last. */
	size_t asked, head;
};

static bool is_shown(const Outline *o, uint32_t message)
{
	return o->shown[message / 8] & 1 << message % 8;
}

static Thread *thread_of(const Outline *o)
{
	return mailbox_kept_threads(o->mailbox);
}

static const uint32_t *order_of(const Outline *o, uint32_t *n)
{
	return thread_order(thread_of(o), n);
}

/* --- laying --- */

/* All are sorted by UID. */
static void mark_shown(Outline *o, const UidSet *limit)
{
	const Thread *t = thread_of(o);
	const uint32_t *uids = mailbox_known_uids(o->mailbox), *threaded = thread_uids(t);
	uint32_t n = thread_count(t), known = mailbox_known(o->mailbox), at = 0;
	size_t k = 0;

	g_free(o->shown);
	o->shown = g_malloc0(n / 8 + 1);
	for (uint32_t i = 0; i < known; i++) {
		while (at < n && threaded[at] < uids[i])
			at++;
		if (at < n && threaded[at] == uids[i] &&
		    (limit == NULL || uidset_has_next(limit, &k, uids[i])))
			o->shown[at / 8] |= (uint8_t)(1 << at % 8);
	}
}

static void add_row(Outline *o, uint32_t row)
{
	if (o->n == o->capacity) {
		o->capacity += o->capacity / 8 + 64;
		o->rows = g_renew(uint32_t, o->rows, o->capacity);
	}
	o->rows[o->n++] = row;
}

/* By the first message of a thread, which may have no row. */
static bool is_thread_folded(const Outline *o, uint32_t first)
{
	if (uidset_is_empty(o->other))
		return o->all_folded;
	return o->all_folded != uidset_has(o->other, thread_uid(thread_of(o), first));
}

static uint32_t message_at(const uint32_t *order, uint32_t place)
{
	return order[place] & ~THREAD_START;
}

static uint32_t end_of_thread(const uint32_t *order, uint32_t n, uint32_t start)
{
	uint32_t end = start + 1;

	while (end < n && !(order[end] & THREAD_START))
		end++;
	return end;
}

static void lay_thread(Outline *o, const uint32_t *order, uint32_t start, uint32_t end)
{
	bool first = true, folded = is_thread_folded(o, message_at(order, start));

	for (uint32_t place = start; place < end; place++) {
		if (!is_shown(o, message_at(order, place)))
			continue;
		add_row(o, place | (first ? HEAD : 0));
		first = false;
		if (folded)
			break;
	}
}

static void lay_by_arrival(Outline *o, bool newest_first)
{
	uint32_t n;
	const uint32_t *order = order_of(o, &n);

	if (!newest_first) {
		for (uint32_t start = 0, end; start < n; start = end)
			lay_thread(o, order, start, end = end_of_thread(order, n, start));
		return;
	}
	for (uint32_t end = n, start = n; start-- > 0;) {
		if (!(order[start] & THREAD_START))
			continue;
		lay_thread(o, order, start, end);
		end = start;
	}
}

/* The place of each message in the view's order, from 1 on. */
static uint32_t *rank_messages(const Outline *o, const uint32_t *uids, size_t n)
{
	const Thread *t = thread_of(o);
	g_autoptr(UidIndex) index = uidindex_new(thread_uids(t), thread_count(t));
	uint32_t *ranks = g_new0(uint32_t, thread_count(t) + 1);

	for (size_t i = 0; i < n; i++) {
		int64_t message = uidindex_find(index, uids[i]);
		if (message >= 0 && is_shown(o, (uint32_t)message))
			ranks[message] = (uint32_t)i + 1;
	}
	return ranks;
}

/* For each rank where the thread starts whose highest it is, + 1; 0: there is none.  No two threads
 * share one. */
static uint32_t *rank_threads(const Outline *o, const uint32_t *uids, size_t n_uids)
{
	uint32_t n, start = 0;
	const uint32_t *order = order_of(o, &n);
	g_autofree uint32_t *ranks = rank_messages(o, uids, n_uids);
	uint32_t *starts = g_new0(uint32_t, n_uids + 1);

	for (uint32_t end; start < n; start = end) {
		uint32_t rank = 0;
		end = end_of_thread(order, n, start);
		for (uint32_t place = start; place < end; place++)
			rank = MAX(rank, ranks[message_at(order, place)]);
		starts[rank] = start + 1;
	}
	return starts;
}

static void lay_by_order(Outline *o, const uint32_t *uids, size_t n_uids, bool newest_first)
{
	uint32_t n;
	const uint32_t *order = order_of(o, &n);
	g_autofree uint32_t *starts = rank_threads(o, uids, n_uids);

	/* At 0 stands one of those of which nothing is shown. */
	for (size_t k = 1; k <= n_uids; k++) {
		uint32_t start = starts[newest_first ? n_uids + 1 - k : k];
		if (start > 0)
			lay_thread(o, order, start - 1, end_of_thread(order, n, start - 1));
	}
}

/* Room for more is of no use: the next rows are laid anew. */
static void trim_rows(Outline *o)
{
	o->rows = g_renew(uint32_t, o->rows, o->n);
	o->capacity = o->n;
}

void outline_lay(Outline *o, const UidSet *limit, const uint32_t *order, size_t n,
		 bool newest_first)
{
	mailbox_threads(o->mailbox);
	mark_shown(o, limit);
	o->n = 0;
	o->asked = o->head = 0;
	if (order != NULL)
		lay_by_order(o, order, n, newest_first);
	else
		lay_by_arrival(o, newest_first);
	trim_rows(o);
}

/* --- rows --- */

static uint32_t message_of(const Outline *o, size_t i)
{
	uint32_t n;

	return message_at(order_of(o, &n), o->rows[i] & PLACE);
}

size_t outline_count(const Outline *o)
{
	return o->n;
}

uint32_t outline_uid(const Outline *o, size_t i)
{
	return thread_uid(thread_of(o), message_of(o, i));
}

int64_t outline_find(const Outline *o, uint32_t uid)
{
	uint32_t n, place = 0, start, message = thread_find(thread_of(o), uid);
	const uint32_t *order = order_of(o, &n);
	int64_t head = -1;

	if (message == THREAD_NONE || o->n == 0 || !is_shown(o, message))
		return -1;
	while (message_at(order, place) != message)
		place++;
	for (start = place; !(order[start] & THREAD_START);)
		start--;
	for (size_t i = 0; i < o->n; i++) {
		uint32_t at = o->rows[i] & PLACE;
		if (at == place)
			return (int64_t)i;
		if ((o->rows[i] & HEAD) && at >= start && at < place)
			head = (int64_t)i;
	}
	return head;
}

size_t outline_head(Outline *o, size_t i)
{
	size_t at = i, stop = o->asked <= i ? o->asked : 0;

	while (at > stop && !(o->rows[at] & HEAD))
		at--;
	if (!(o->rows[at] & HEAD))
		at = o->head;
	o->asked = i;
	o->head = at;
	return at;
}

static unsigned depth_of(Outline *o, size_t i)
{
	Thread *t = thread_of(o);
	uint32_t message, top = THREAD_NONE;
	unsigned depth = 0;

	if (o->rows[i] & HEAD)
		return 0;
	message = thread_parent(t, message_of(o, i));
	for (; message != THREAD_NONE && depth < OUTLINE_DEPTH_MAX;
	     message = thread_parent(t, message)) {
		if (!is_shown(o, message))
			continue;
		depth++;
		top = message;
	}
	if (depth < OUTLINE_DEPTH_MAX && top != message_of(o, outline_head(o, i)))
		depth++;
	return depth;
}

unsigned outline_depth(Outline *o, size_t i, uint32_t *lines)
{
	unsigned depth = depth_of(o, i), open = depth + 1;

	*lines = 0;
	for (size_t at = i + 1; open > 1 && at < o->n && at <= i + LOOK_AHEAD; at++) {
		unsigned other = depth_of(o, at);
		if (other >= open)
			continue;
		open = other;
		if (other < 31 || other == depth)
			*lines |= UINT32_C(1) << MIN(other, 31);
	}
	*lines &= ~UINT32_C(1);
	return depth;
}

int64_t outline_parent(Outline *o, size_t i)
{
	unsigned depth = depth_of(o, i);

	if (depth == 0)
		return -1;
	uint32_t parent = thread_parent(thread_of(o), message_of(o, i));
	while (parent != THREAD_NONE && !is_shown(o, parent))
		parent = thread_parent(thread_of(o), parent);
	if (parent == THREAD_NONE)
		return (int64_t)outline_head(o, i);
	while (i > 0 && message_of(o, i) != parent)
		i--;
	return (int64_t)i;
}

/* --- whole threads --- */

static uint32_t thread_start(const Outline *o, size_t i)
{
	uint32_t n, place = o->rows[i] & PLACE;
	const uint32_t *order = order_of(o, &n);

	while (!(order[place] & THREAD_START))
		place--;
	return place;
}

UidSet *outline_members(Outline *o, size_t i)
{
	uint32_t n, start = thread_start(o, i);
	const uint32_t *order = order_of(o, &n);
	uint32_t end = end_of_thread(order, n, start);
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (uint32_t place = start; place < end; place++) {
		uint32_t uid = thread_uid(thread_of(o), message_at(order, place));
		if (is_shown(o, message_at(order, place)))
			g_array_append_val(uids, uid);
	}
	return uidset_new_numbers((const uint32_t *)(void *)uids->data, uids->len);
}

bool outline_is_folded(Outline *o, size_t i)
{
	uint32_t n;
	const uint32_t *order = order_of(o, &n);

	return (o->rows[i] & HEAD) && is_thread_folded(o, message_at(order, thread_start(o, i)));
}

uint32_t outline_hidden(Outline *o, size_t i, uint32_t *unseen)
{
	uint32_t n, count = 0;
	const uint32_t *order = order_of(o, &n);

	*unseen = 0;
	if (!outline_is_folded(o, i))
		return 0;
	uint32_t place = o->rows[i] & PLACE, end = end_of_thread(order, n, place);
	for (; place < end; place++) {
		if (!is_shown(o, message_at(order, place)))
			continue;
		uint32_t uid = thread_uid(thread_of(o), message_at(order, place));
		count++;
		*unseen += mailbox_flags_known(o->mailbox, uid) &&
			   !(mailbox_flags(o->mailbox, uid, NULL) & FLAG_SEEN);
	}
	if (count == 1)
		*unseen = 0;
	return count - 1;
}

bool outline_has_folds(const Outline *o)
{
	return o->all_folded || !uidset_is_empty(o->other);
}

void outline_fold(Outline *o, size_t i, bool folded)
{
	uint32_t n, start = thread_start(o, i);
	uint32_t uid = thread_uid(thread_of(o), message_at(order_of(o, &n), start));

	if (folded != o->all_folded)
		uidset_add(o->other, uid);
	else
		uidset_remove(o->other, uid);
}

void outline_fold_all(Outline *o, bool folded)
{
	o->all_folded = folded;
	uidset_free(o->other);
	o->other = uidset_new();
}

/* --- life --- */

Outline *outline_new(Mailbox *m)
{
	Outline *o = g_new0(Outline, 1);

	o->mailbox = m;
	o->other = uidset_new();
	return o;
}

void outline_free(Outline *o)
{
	if (o == NULL)
		return;
	uidset_free(o->other);
	g_free(o->rows);
	g_free(o->shown);
	g_free(o);
}
