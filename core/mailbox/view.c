#include "core/mailbox/view.h"

#include <string.h>

#include "core/mailbox/outline.h"
#include "core/mailbox/uidindex.h"

/* Hits of a search that are given rows although nobody has told of such messages. */
#define UNHEARD_MAX 1000000u

/* UIDs, growing by an eighth. */
typedef struct {
	uint32_t *uids;
	size_t n, capacity;
} Rows;

struct View {
	Mailbox *mailbox;
	ViewChanged changed;
	void *data;
	unsigned listener;
	bool newest_first;
	UidSet *limit;       /* or NULL */
	bool ordered;        /* `order` holds the server's order */
	Rows order;          /* oldest first */
	uint32_t highest;    /* UID in `order`, so that what is new is known without a look at it */
	Rows rows;           /* of a limit, oldest first; empty without one */
	bool rows_are_final; /* laid when the mailbox was complete */
	bool threaded;       /* wanted so */
	Outline *outline;    /* the rows instead, once they could be laid */
	size_t count_told;
	bool wanted; /* the fields below are set */
	size_t first, last;
	bool upwards; /* direction of travel */
};

static void rows_clear(Rows *rows)
{
	g_free(rows->uids);
	*rows = (Rows){0};
}

static void rows_add(Rows *rows, uint32_t uid)
{
	if (rows->n == rows->capacity) {
		rows->capacity += rows->capacity / 8 + 16;
		rows->uids = g_renew(uint32_t, rows->uids, rows->capacity);
	}
	rows->uids[rows->n++] = uid;
}

static void rows_remove(Rows *rows, const UidSet *gone)
{
	uint32_t low = uidset_first(gone), high = uidset_last(gone);
	size_t kept = 0;

	for (size_t i = 0; i < rows->n; i++) {
		uint32_t uid = rows->uids[i];
		if (uid < low || uid > high || !uidset_has(gone, uid))
			rows->uids[kept++] = uid;
	}
	rows->n = kept;
}

/* What holds the rows; NULL: the mailbox's own order. */
static const Rows *rows_of(const View *v)
{
	if (v->limit != NULL)
		return &v->rows;
	return v->ordered ? &v->order : NULL;
}

/* --- what belongs to the view --- */

/* Takes over those that the mailbox has (`placed` marks them by index), and as long as it is not
 * complete also those that it has not heard of; each once, whatever the server says. */
static void keep_known(View *v, uint8_t *placed)
{
	g_autoptr(GHashTable) unheard = g_hash_table_new(NULL, NULL);
	g_autoptr(UidIndex) known =
		uidindex_new(mailbox_known_uids(v->mailbox), mailbox_known(v->mailbox));
	bool complete = mailbox_is_complete(v->mailbox);
	size_t kept = 0;

	for (size_t i = 0; i < v->order.n; i++) {
		uint32_t uid = v->order.uids[i];
		int64_t at = uidindex_find(known, uid);
		bool keep = at >= 0 ? !placed[at]
				    : !complete && uid != 0 &&
					      !mailbox_is_hidden(v->mailbox, uid) &&
					      g_hash_table_add(unheard, GUINT_TO_POINTER(uid));
		if (at >= 0)
			placed[at] = 1;
		if (keep)
			v->order.uids[kept++] = uid;
	}
	v->order.n = kept;
}

/* Those that the mailbox has besides stand behind. */
static void complete_order(View *v)
{
	uint32_t known = mailbox_known(v->mailbox);
	g_autofree uint8_t *placed = g_malloc0(known + 1);

	keep_known(v, placed);
	for (uint32_t i = 0; i < known; i++) {
		if (!placed[i])
			rows_add(&v->order, mailbox_uid_at(v->mailbox, i));
	}
	v->highest = 0;
	for (size_t i = 0; i < v->order.n; i++)
		v->highest = MAX(v->highest, v->order.uids[i]);
}

/* A bit for each message of the mailbox that is within the limit. */
static uint8_t *mark_limit(const View *v)
{
	const uint32_t *uids = mailbox_known_uids(v->mailbox);
	uint32_t known = mailbox_known(v->mailbox);
	uint8_t *within = g_malloc0(known / 8 + 1);
	size_t at = 0;

	for (uint32_t i = 0; i < known; i++) {
		if (uidset_has_next(v->limit, &at, uids[i]))
			within[i / 8] |= (uint8_t)(1 << i % 8);
	}
	return within;
}

static void limit_in_order(View *v)
{
	g_autoptr(UidIndex) known =
		uidindex_new(mailbox_known_uids(v->mailbox), mailbox_known(v->mailbox));
	g_autofree uint8_t *within = mark_limit(v);

	for (size_t i = 0; i < v->order.n; i++) {
		uint32_t uid = v->order.uids[i];
		int64_t at = uidindex_find(known, uid);
		if (at >= 0 ? within[at / 8] & 1 << at % 8 : uidset_has(v->limit, uid))
			rows_add(&v->rows, uid);
	}
}

static void limit_by_uid(View *v)
{
	const uint32_t *uids = mailbox_known_uids(v->mailbox);
	uint32_t known = mailbox_known(v->mailbox), last = uidset_last(v->limit);
	size_t at = 0;

	for (uint32_t i = mailbox_lower(v->mailbox, uidset_first(v->limit));
	     i < known && uids[i] <= last; i++) {
		if (uidset_has_next(v->limit, &at, uids[i]))
			rows_add(&v->rows, uids[i]);
	}
}

/* Also those that the mailbox has not heard of yet. */
static void limit_by_number(View *v, UidRange range)
{
	for (uint64_t uid = range.first; uid <= range.last; uid++) {
		if (!mailbox_is_hidden(v->mailbox, (uint32_t)uid))
			rows_add(&v->rows, (uint32_t)uid);
	}
}

/* A search cannot find more than there is, whatever a server says. */
static bool may_be_unheard(const View *v)
{
	return !mailbox_is_complete(v->mailbox) &&
	       uidset_count(v->limit) <= MIN(mailbox_total(v->mailbox), UNHEARD_MAX);
}

static void limit_in_place(View *v)
{
	if (!may_be_unheard(v)) {
		limit_by_uid(v);
		return;
	}
	for (size_t k = 0; k < uidset_range_count(v->limit); k++)
		limit_by_number(v, uidset_range(v->limit, k));
}

static bool lay_outline(View *v)
{
	if (!v->threaded || (v->outline == NULL && !mailbox_is_complete(v->mailbox)))
		return false;
	if (v->outline == NULL)
		v->outline = outline_new(v->mailbox);
	outline_lay(v->outline, v->limit, v->ordered ? v->order.uids : NULL, v->order.n,
		    v->newest_first);
	return true;
}

static void lay(View *v)
{
	rows_clear(&v->rows);
	if (lay_outline(v) || v->limit == NULL)
		return;
	v->rows_are_final = mailbox_is_complete(v->mailbox);
	if (v->ordered)
		limit_in_order(v);
	else
		limit_in_place(v);
}

static void add_to_order(View *v, const UidSet *added)
{
	g_autoptr(UidSet) placed = NULL;

	if (uidset_first(added) <= v->highest)
		placed = uidset_new_numbers(v->order.uids, v->order.n);
	for (size_t k = 0; k < uidset_range_count(added); k++) {
		UidRange range = uidset_range(added, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++) {
			if (uid > v->highest || !uidset_has(placed, (uint32_t)uid))
				rows_add(&v->order, (uint32_t)uid);
		}
	}
	v->highest = MAX(v->highest, uidset_last(added));
}

/* Laid anew only where it could be another: a new message is hardly ever within a limit. */
static bool limit_is_touched(const View *v, const UidSet *added)
{
	return v->limit != NULL && v->outline == NULL &&
	       (uidset_overlaps(v->limit, added) ||
		(!v->rows_are_final && mailbox_is_complete(v->mailbox)));
}

/* --- following the mailbox --- */

static uint32_t uid_at(const View *v, size_t i)
{
	size_t count = view_count(v);
	const Rows *rows = rows_of(v);

	if (v->outline != NULL)
		return outline_uid(v->outline, i);
	if (rows != NULL)
		return rows->uids[v->newest_first ? count - 1 - i : i];
	/* The messages without UID are the oldest. */
	size_t known = mailbox_known(v->mailbox), unknown = count - known;
	if (v->newest_first)
		return i < known ? mailbox_uid_at(v->mailbox, (uint32_t)(known - 1 - i)) : 0;
	return i >= unknown ? mailbox_uid_at(v->mailbox, (uint32_t)(i - unknown)) : 0;
}

static void tell_relaid(View *v)
{
	size_t count = view_count(v);

	v->count_told = count;
	v->changed(v, 0, count > 0 ? count - 1 : 0, true, v->data);
	/* Rows may have come into the window that nobody has asked for. */
	if (v->wanted && count > 0)
		view_want(v, MIN(v->first, count - 1), MIN(v->last, count - 1));
}

/* Only what is on the screen is looked at. */
static void tell_changed(View *v, const UidSet *changed)
{
	size_t count = view_count(v), first = SIZE_MAX, last = 0;

	if (!v->wanted) {
		if (count > 0 && !uidset_is_empty(changed))
			v->changed(v, 0, count - 1, false, v->data);
		return;
	}
	for (size_t i = v->first; i <= v->last && i < count; i++) {
		uint32_t uid = uid_at(v, i);
		/* A folded thread shows what its messages are. */
		bool folds = v->outline != NULL && outline_has_folds(v->outline);
		if (uid == 0 || (!folds && !uidset_has(changed, uid)))
			continue;
		first = MIN(first, i);
		last = i;
	}
	if (first != SIZE_MAX)
		v->changed(v, first, last, false, v->data);
}

/* Of the rows on the screen, behind their heads. */
static void want_previews(View *v)
{
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	size_t count = view_count(v);

	for (size_t i = v->first; v->wanted && i <= v->last && i < count; i++) {
		uint32_t uid = uid_at(v, i);
		if (uid != 0 && mailbox_has_head(v->mailbox, uid))
			g_array_append_val(uids, uid);
	}
	mailbox_want_previews(v->mailbox, (const uint32_t *)uids->data, uids->len);
}

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	View *v = data;
	bool moved = !uidset_is_empty(change->added) || !uidset_is_empty(change->removed);

	(void)m;
	if (change->reset) {
		g_clear_pointer(&v->limit, uidset_free);
		v->ordered = false;
		rows_clear(&v->order);
		rows_clear(&v->rows);
		g_clear_pointer(&v->outline, outline_free);
	}
	if (!uidset_is_empty(change->removed)) {
		rows_remove(&v->order, change->removed);
		rows_remove(&v->rows, change->removed);
	}
	if (v->ordered && !uidset_is_empty(change->added))
		add_to_order(v, change->added);
	bool outlined = v->outline != NULL;
	if (limit_is_touched(v, change->added) ||
	    (v->threaded && (moved || change->threads || !outlined)))
		lay(v);
	moved = moved || (v->outline != NULL && (change->threads || !outlined));
	if (change->reset || moved || view_count(v) != v->count_told) {
		tell_relaid(v);
		return;
	}
	tell_changed(v, change->changed);
	want_previews(v);
	/* Opened again behind a lost connection: what was asked for may never have come. */
	if (change->state && v->wanted)
		view_want(v, v->first, v->last);
}

/* --- asking for heads --- */

/* The UIDs of rows first..last, as many as there are and lack a head. */
static GArray *lacking(View *v, size_t first, size_t last)
{
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	size_t count = view_count(v);

	for (size_t i = first; i <= last && i < count; i++) {
		uint32_t uid = uid_at(v, i);
		if (uid != 0 && mailbox_head(v->mailbox, uid) == NULL)
			g_array_append_val(uids, uid);
	}
	return uids;
}

/* A page ahead; asked for when less than half a page is left, so that holding a key down does not
 * ask for one row at a time. */
static void want_ahead(View *v, size_t first, size_t last)
{
	size_t page = last - first + 1, half = page / 2 + 1;
	size_t from, to, near_from, near_to;

	if (v->upwards) {
		if (first == 0)
			return;
		to = near_to = first - 1;
		from = first > page + half ? first - page - half : 0;
		near_from = first > half ? first - half : 0;
	} else {
		from = near_from = last + 1;
		to = last + page + half;
		near_to = last + half;
	}
	g_autoptr(GArray) near = lacking(v, near_from, near_to);
	if (near->len == 0)
		return;
	g_autoptr(GArray) uids = lacking(v, from, to);
	mailbox_want_ahead(v->mailbox, (const uint32_t *)uids->data, uids->len);
}

/* --- rows --- */

/* Position in the rows, oldest first. */
static int64_t find_in_rows(const View *v, const Rows *rows, uint32_t uid)
{
	if (!v->ordered) {
		size_t low = 0, high = rows->n;
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			if (rows->uids[middle] < uid)
				low = middle + 1;
			else
				high = middle;
		}
		return low < rows->n && rows->uids[low] == uid ? (int64_t)low : -1;
	}
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->uids[i] == uid)
			return (int64_t)i;
	}
	return -1;
}

View *view_new(Mailbox *m, ViewChanged changed, void *data)
{
	View *v = g_new0(View, 1);

	v->mailbox = m;
	v->changed = changed;
	v->data = data;
	v->newest_first = true;
	v->listener = mailbox_listen(m, mailbox_changed, v);
	v->count_told = view_count(v);
	return v;
}

void view_free(View *v)
{
	if (v == NULL)
		return;
	mailbox_unlisten(v->mailbox, v->listener);
	uidset_free(v->limit);
	outline_free(v->outline);
	rows_clear(&v->order);
	rows_clear(&v->rows);
	g_free(v);
}

Mailbox *view_mailbox(const View *v)
{
	return v->mailbox;
}

size_t view_count(const View *v)
{
	const Rows *rows = rows_of(v);

	if (v->outline != NULL)
		return outline_count(v->outline);
	return rows != NULL ? rows->n : mailbox_total(v->mailbox);
}

bool view_row(View *v, size_t i, ViewRow *out)
{
	*out = (ViewRow){0};
	if (i >= view_count(v))
		return false;
	uint32_t uid = uid_at(v, i);
	if (uid == 0)
		return true;
	out->uid = uid;
	out->flags = mailbox_flags(v->mailbox, uid, &out->pending);
	out->flags_known = mailbox_flags_known(v->mailbox, uid);
	out->recent = mailbox_is_recent(v->mailbox, uid);
	out->head = mailbox_head(v->mailbox, uid);
	out->preview = mailbox_preview(v->mailbox, uid);
	if (v->outline != NULL) {
		out->depth = outline_depth(v->outline, i, &out->lines);
		out->hidden = outline_hidden(v->outline, i, &out->hidden_unseen);
	}
	return true;
}

int64_t view_find(const View *v, uint32_t uid)
{
	const Rows *rows = rows_of(v);
	int64_t count = (int64_t)view_count(v), at;

	if (uid == 0)
		return -1;
	if (v->outline != NULL)
		return outline_find(v->outline, uid);
	if (rows != NULL) {
		at = find_in_rows(v, rows, uid);
	} else {
		at = mailbox_find(v->mailbox, uid);
		if (at >= 0)
			at += count - mailbox_known(v->mailbox);
	}
	if (at < 0)
		return -1;
	return v->newest_first ? count - 1 - at : at;
}

void view_want(View *v, size_t first, size_t last)
{
	if (last < first || first >= view_count(v))
		return;
	if (v->wanted && first != v->first)
		v->upwards = first < v->first;
	v->wanted = true;
	v->first = first;
	v->last = last;
	g_autoptr(GArray) uids = lacking(v, first, last);
	mailbox_want(v->mailbox, (const uint32_t *)uids->data, uids->len);
	want_ahead(v, first, last);
	want_previews(v);
}

void view_set_limit(View *v, const UidSet *uids)
{
	if (uids == NULL && v->limit == NULL)
		return;
	g_clear_pointer(&v->limit, uidset_free);
	v->limit = uids != NULL ? uidset_copy(uids) : NULL;
	lay(v);
	v->wanted = false;
	tell_relaid(v);
}

bool view_is_limited(const View *v)
{
	return v->limit != NULL;
}

void view_set_order(View *v, const uint32_t *uids, size_t n)
{
	if (uids == NULL && !v->ordered)
		return;
	rows_clear(&v->order);
	v->ordered = uids != NULL;
	if (v->ordered) {
		v->order = (Rows){g_memdup2(uids, n * sizeof(*uids)), n, n};
		complete_order(v);
	}
	lay(v);
	tell_relaid(v);
}

void view_set_newest_first(View *v, bool newest_first)
{
	if (v->newest_first == newest_first)
		return;
	v->newest_first = newest_first;
	lay_outline(v);
	tell_relaid(v);
}

void view_set_threaded(View *v, bool threaded)
{
	if (v->threaded == threaded)
		return;
	v->threaded = threaded;
	g_clear_pointer(&v->outline, outline_free);
	lay(v);
	tell_relaid(v);
}

bool view_is_threaded(const View *v)
{
	return v->outline != NULL;
}

/* --- threads --- */

void view_fold(View *v, size_t i, ViewFold how)
{
	if (v->outline == NULL || i >= view_count(v))
		return;
	bool folded = outline_is_folded(v->outline, outline_head(v->outline, i));
	if ((how == VIEW_FOLD_CLOSE && folded) || (how == VIEW_FOLD_OPEN && !folded))
		return;
	outline_fold(v->outline, i, !folded);
	lay(v);
	tell_relaid(v);
}

void view_fold_all(View *v, bool folded)
{
	if (v->outline == NULL)
		return;
	outline_fold_all(v->outline, folded);
	lay(v);
	tell_relaid(v);
}

int64_t view_next_thread(View *v, size_t from, int direction)
{
	size_t count = view_count(v);

	if (v->outline == NULL || from >= count)
		return -1;
	size_t head = outline_head(v->outline, from);
	if (direction < 0 && head < from)
		return (int64_t)head;
	if (direction < 0)
		return head > 0 ? (int64_t)outline_head(v->outline, head - 1) : -1;
	for (size_t i = from + 1; i < count; i++)
		if (outline_head(v->outline, i) == i)
			return (int64_t)i;
	return -1;
}

int64_t view_parent(View *v, size_t i)
{
	if (v->outline == NULL || i >= view_count(v))
		return -1;
	return outline_parent(v->outline, i);
}

UidSet *view_thread(View *v, size_t i)
{
	if (i >= view_count(v))
		return uidset_new();
	if (v->outline != NULL)
		return outline_members(v->outline, i);
	uint32_t uid = uid_at(v, i);
	return uid != 0 ? uidset_new_range(uid, uid) : uidset_new();
}

/* Without limit and order: the mailbox looks for itself. */
static int64_t next_unseen_by_uid(const View *v, size_t from, int direction)
{
	int64_t known = mailbox_known(v->mailbox), count = (int64_t)view_count(v);
	int64_t unknown = count - known;
	int way = v->newest_first ? -direction : direction;
	int64_t at = v->newest_first ? known - 1 - (int64_t)from : (int64_t)from - unknown;

	at = mailbox_next_unseen(v->mailbox, CLAMP(at, -1, known), way);
	if (at < 0)
		at = mailbox_next_unseen(v->mailbox, way > 0 ? -1 : known, way);
	if (at < 0)
		return -1;
	return v->newest_first ? known - 1 - at : unknown + at;
}

int64_t view_next_unseen(View *v, size_t from, int direction)
{
	size_t count = view_count(v);

	if (count == 0 || mailbox_unseen(v->mailbox) == 0)
		return -1;
	if (v->outline == NULL && rows_of(v) == NULL)
		return next_unseen_by_uid(v, from, direction);
	for (size_t step = 1; step <= count; step++) {
		size_t i = direction > 0 ? (from + step) % count : (from + count - step) % count;
		uint32_t uid = uid_at(v, i), hidden = 0;
		if (v->outline != NULL)
			outline_hidden(v->outline, i, &hidden);
		if (hidden > 0 || (mailbox_flags_known(v->mailbox, uid) &&
				   !(mailbox_flags(v->mailbox, uid, NULL) & FLAG_SEEN)))
			return (int64_t)i;
	}
	return -1;
}
