#include "core/mailbox/view_private.h"

void view_fold(View *v, size_t i, ViewFold how)
{
	if (v->outline == NULL || i >= view_count(v))
		return;
	bool folded = outline_is_folded(v->outline, outline_head(v->outline, i));
	if ((how == VIEW_FOLD_CLOSE && folded) || (how == VIEW_FOLD_OPEN && !folded))
		return;
	outline_fold(v->outline, i, !folded);
	view_lay(v);
	view_tell_relaid(v);
}

void view_fold_all(View *v, bool folded)
{
	if (v->outline == NULL)
		return;
	outline_fold_all(v->outline, folded);
	view_lay(v);
	view_tell_relaid(v);
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
	uint32_t uid = view_uid_at(v, i);
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
	if (v->outline == NULL && view_rows(v) == NULL)
		return next_unseen_by_uid(v, from, direction);
	for (size_t step = 1; step <= count; step++) {
		size_t i = direction > 0 ? (from + step) % count : (from + count - step) % count;
		uint32_t uid = view_uid_at(v, i), hidden = 0;
		if (v->outline != NULL)
			outline_hidden(v->outline, i, &hidden);
		if (hidden > 0 || (mailbox_flags_known(v->mailbox, uid) &&
				   !(mailbox_flags(v->mailbox, uid, NULL) & FLAG_SEEN)))
			return (int64_t)i;
	}
	return -1;
}
