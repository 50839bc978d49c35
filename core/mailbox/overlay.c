#include "core/mailbox/overlay.h"

typedef struct {
	unsigned id;
	UidSet *uids;
	Flags add, del;
	bool hide;
} Entry;

struct Overlay {
	GArray *entries; /* of Entry, oldest first */
	UidSet *hidden;
	unsigned last_id;
};

static Entry *entry_at(const Overlay *o, unsigned i)
{
	return &g_array_index(o->entries, Entry, i);
}

static void collect_hidden(Overlay *o)
{
	uidset_free(o->hidden);
	o->hidden = uidset_new();
	for (unsigned i = 0; i < o->entries->len; i++) {
		if (entry_at(o, i)->hide)
			uidset_add_set(o->hidden, entry_at(o, i)->uids);
	}
}

Overlay *overlay_new(void)
{
	Overlay *o = g_new0(Overlay, 1);

	o->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	o->hidden = uidset_new();
	return o;
}

void overlay_free(Overlay *o)
{
	overlay_clear(o);
	g_array_unref(o->entries);
	uidset_free(o->hidden);
	g_free(o);
}

bool overlay_is_empty(const Overlay *o)
{
	return o->entries->len == 0;
}

unsigned overlay_add(Overlay *o, const UidSet *uids, Flags add, Flags del, bool hide)
{
	if (++o->last_id == 0)
		o->last_id = 1;
	Entry entry = {o->last_id, uidset_copy(uids), add, del, hide};
	g_array_append_val(o->entries, entry);
	if (hide)
		uidset_add_set(o->hidden, uids);
	return entry.id;
}

UidSet *overlay_drop(Overlay *o, unsigned id)
{
	for (unsigned i = 0; i < o->entries->len; i++) {
		Entry entry = *entry_at(o, i);
		if (entry.id != id)
			continue;
		g_array_remove_index(o->entries, i);
		if (entry.hide)
			collect_hidden(o);
		return entry.uids;
	}
	return NULL;
}

void overlay_clear(Overlay *o)
{
	for (unsigned i = 0; i < o->entries->len; i++)
		uidset_free(entry_at(o, i)->uids);
	g_array_set_size(o->entries, 0);
	collect_hidden(o);
}

Flags overlay_combine(const Overlay *o, uint32_t uid, Flags truth, bool *pending)
{
	if (pending != NULL)
		*pending = false;
	for (unsigned i = 0; i < o->entries->len; i++) {
		const Entry *entry = entry_at(o, i);
		if (!uidset_has(entry->uids, uid))
			continue;
		truth = (truth | entry->add) & ~entry->del;
		if (pending != NULL)
			*pending = true;
	}
	return truth;
}

const UidSet *overlay_hidden(const Overlay *o)
{
	return o->hidden;
}

UidSet *overlay_touching(const Overlay *o, Flags flag)
{
	UidSet *uids = uidset_new();

	for (unsigned i = 0; i < o->entries->len; i++) {
		if ((entry_at(o, i)->add | entry_at(o, i)->del) & flag)
			uidset_add_set(uids, entry_at(o, i)->uids);
	}
	return uids;
}
