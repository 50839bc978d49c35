#include "core/mailbox/view_private.h"

#include "core/mailbox/uidindex.h"

/* Hits of a search that are given rows although nobody has told of such messages. */
#define UNHEARD_MAX 1000000u

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

bool view_lay_outline(View *v)
{
	if (!v->threaded || (v->outline == NULL && !mailbox_is_complete(v->mailbox)))
		return false;
	if (v->outline == NULL)
		v->outline = outline_new(v->mailbox);
	outline_lay(v->outline, v->limit, v->ordered ? v->order.uids : NULL, v->order.n,
		    v->newest_first);
	return true;
}

void view_lay(View *v)
{
	rows_clear(&v->rows);
	if (view_lay_outline(v) || v->limit == NULL)
		return;
	v->rows_are_final = mailbox_is_complete(v->mailbox);
	if (v->ordered)
		limit_in_order(v);
	else
		limit_in_place(v);
}

void view_add_to_order(View *v, const UidSet *added)
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

bool view_limit_is_touched(const View *v, const UidSet *added)
{
	return v->limit != NULL && v->outline == NULL &&
	       (uidset_overlaps(v->limit, added) ||
		(!v->rows_are_final && mailbox_is_complete(v->mailbox)));
}

void view_take_order(View *v, const uint32_t *uids, size_t n)
{
	rows_clear(&v->order);
	v->ordered = uids != NULL;
	if (v->ordered) {
		v->order = (Rows){g_memdup2(uids, n * sizeof(*uids)), n, n};
		complete_order(v);
	}
}

void view_remove_rows(View *v, const UidSet *gone)
{
	rows_remove(&v->order, gone);
	rows_remove(&v->rows, gone);
}

void view_clear_rows(View *v)
{
	g_clear_pointer(&v->limit, uidset_free);
	v->ordered = false;
	rows_clear(&v->order);
	rows_clear(&v->rows);
	g_clear_pointer(&v->outline, outline_free);
}
