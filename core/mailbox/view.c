#include "core/mailbox/view_private.h"

const Rows *view_rows(const View *v)
{
	if (v->limit != NULL)
		return &v->rows;
	return v->ordered ? &v->order : NULL;
}

uint32_t view_uid_at(const View *v, size_t i)
{
	size_t count = view_count(v);
	const Rows *rows = view_rows(v);

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

/* --- following the mailbox --- */

void view_tell_relaid(View *v)
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
		uint32_t uid = view_uid_at(v, i);
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
		uint32_t uid = view_uid_at(v, i);
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
	if (change->reset)
		view_clear_rows(v);
	if (!uidset_is_empty(change->removed))
		view_remove_rows(v, change->removed);
	if (v->ordered && !uidset_is_empty(change->added))
		view_add_to_order(v, change->added);
	bool outlined = v->outline != NULL;
	if (view_limit_is_touched(v, change->added) ||
	    (v->threaded && (moved || change->threads || !outlined)))
		view_lay(v);
	moved = moved || (v->outline != NULL && (change->threads || !outlined));
	if (change->reset || moved || view_count(v) != v->count_told) {
		view_tell_relaid(v);
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
		uint32_t uid = view_uid_at(v, i);
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
	view_clear_rows(v);
	g_free(v);
}

Mailbox *view_mailbox(const View *v)
{
	return v->mailbox;
}

size_t view_count(const View *v)
{
	const Rows *rows = view_rows(v);

	if (v->outline != NULL)
		return outline_count(v->outline);
	return rows != NULL ? rows->n : mailbox_total(v->mailbox);
}

bool view_row(View *v, size_t i, ViewRow *out)
{
	*out = (ViewRow){0};
	if (i >= view_count(v))
		return false;
	uint32_t uid = view_uid_at(v, i);
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
	const Rows *rows = view_rows(v);
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
	view_lay(v);
	v->wanted = false;
	view_tell_relaid(v);
}

bool view_is_limited(const View *v)
{
	return v->limit != NULL;
}

void view_set_order(View *v, const uint32_t *uids, size_t n)
{
	if (uids == NULL && !v->ordered)
		return;
	view_take_order(v, uids, n);
	view_lay(v);
	view_tell_relaid(v);
}

void view_set_newest_first(View *v, bool newest_first)
{
	if (v->newest_first == newest_first)
		return;
	v->newest_first = newest_first;
	view_lay_outline(v);
	view_tell_relaid(v);
}

void view_set_threaded(View *v, bool threaded)
{
	if (v->threaded == threaded)
		return;
	v->threaded = threaded;
	g_clear_pointer(&v->outline, outline_free);
	view_lay(v);
	view_tell_relaid(v);
}

bool view_is_threaded(const View *v)
{
	return v->outline != NULL;
}
