#include "core/mailbox/mailbox_private.h"

/* --- flags --- */

static void set_flags(Mailbox *m, Table *t, uint32_t i, Flags flags, bool recent)
{
	uint8_t state = t->state[i] | TABLE_FLAGS_KNOWN;

	state = recent ? state | TABLE_RECENT : state & (uint8_t)~TABLE_RECENT;
	if (t->flags[i] == flags && t->state[i] == state)
		return;
	if (t == &m->shown)
		m->unseen_truth -= table_is_unseen(t, i);
	t->flags[i] = flags;
	t->state[i] = state;
	if (t == &m->shown)
		m->unseen_truth += table_is_unseen(t, i);
	uidset_add(m->changes.changed, t->uid[i]);
}

/* --- the truth --- */

static void forget_rows(Mailbox *m)
{
	table_clear(&m->shown);
	table_clear(&m->hidden);
	table_clear(&m->arriving);
	headcache_clear(m->heads);
	g_hash_table_remove_all(m->previews);
	overlay_clear(m->overlay);
	uidset_free(m->asked);
	m->asked = uidset_new();
	uidset_free(m->leaving);
	m->leaving = uidset_new();
	m->unseen_truth = 0;
	m->total = 0;
	m->total_known = false;
	m->uidnext = m->fresh_from = m->visited = 0;
	m->modseq = 0;
	m->known_keywords = 0;
	m->changes.reset = true;
}

void mailbox_set_loading(Mailbox *m, bool loading)
{
	m->changes.state = m->changes.state || m->loading != loading;
	m->loading = loading;
}

void mailbox_set_readonly(Mailbox *m, bool readonly)
{
	m->changes.state = m->changes.state || m->readonly != readonly;
	m->readonly = readonly;
}

void mailbox_show_keywords(Mailbox *m, Keywords *keywords)
{
	keywords_unref(m->keywords);
	m->keywords = keywords_ref(keywords);
	m->changes.state = true;
}

Flags mailbox_known_keywords(const Mailbox *m)
{
	return m->known_keywords;
}

void mailbox_set_known_keywords(Mailbox *m, Flags known)
{
	m->known_keywords = known;
}

void mailbox_set_storable(Mailbox *m, const char *const *words)
{
	m->storable = 0;
	m->can_add_keywords = false;
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		if (g_str_equal(words[i], "\\*"))
			m->can_add_keywords = true;
		else
			m->storable |= flags_from_word(m->flag_names, words[i], true);
	}
}

void mailbox_set_total(Mailbox *m, uint32_t total)
{
	if (m->total_known && m->total == total)
		return;
	m->total = total;
	m->total_known = true;
	m->changes.state = true;
}

bool mailbox_set_uidvalidity(Mailbox *m, uint32_t validity)
{
	bool replaced = m->uidvalidity != 0 && m->uidvalidity != validity;

	if (replaced)
		forget_rows(m);
	m->uidvalidity = validity;
	m->told = validity != 0;
	return replaced;
}

uint32_t mailbox_uidvalidity(const Mailbox *m)
{
	return m->uidvalidity;
}

void mailbox_set_uidnext(Mailbox *m, uint32_t uidnext)
{
	if (m->fresh_from == 0)
		m->fresh_from = uidnext;
	m->uidnext = MAX(m->uidnext, uidnext);
}

void mailbox_set_modseq(Mailbox *m, uint64_t modseq)
{
	m->modseq = modseq;
}

void mailbox_sync_point(const Mailbox *m, SyncPoint *out)
{
	*out = (SyncPoint){.uidvalidity = m->uidvalidity,
			   .uidnext = m->uidnext,
			   .messages = m->shown.n + m->hidden.n,
			   .modseq = m->modseq,
			   .complete = mailbox_is_complete(m)};
}

UidSet *mailbox_uids(const Mailbox *m)
{
	UidSet *uids = table_uids(&m->shown);
	g_autoptr(UidSet) hidden = table_uids(&m->hidden);

	uidset_add_set(uids, hidden);
	return uids;
}

void mailbox_visit(Mailbox *m)
{
	m->fresh_from = m->visited = m->uidnext;
}

static void put_head(Mailbox *m, uint32_t uid, const FetchData *fetch)
{
	MessageHead *head = message_new(uid, fetch);

	if (m->threads != NULL || m->thread_task != NULL)
		m->changes.threads |= mailbox_know_head(m, head);
	headcache_put(m->heads, head);
	uidset_remove(m->asked, uid);
	uidset_add(m->changes.changed, uid);
}

static bool only_passes(const Mailbox *m, uint32_t uid)
{
	return m->passing != NULL && uidset_has(m->passing, uid) && !uidset_has(m->asked, uid) &&
	       !headcache_has(m->heads, uid);
}

void mailbox_apply_fetch(Mailbox *m, uint32_t uid, const FetchData *fetch)
{
	uint32_t i;

	if (uid == 0 || uidset_has(m->leaving, uid))
		return;
	Table *t = mailbox_find_row(m, uid, &i);
	if (t == NULL) {
		t = &m->arriving;
		i = table_insert(t, uid, 0, 0);
		if (m->uidnext != 0 && uid >= m->uidnext)
			m->uidnext = uid == UINT32_MAX ? uid : uid + 1;
	}
	if (fetch->has & FETCH_FLAGS)
		set_flags(m, t, i, flags_from_list(m->flag_names, &fetch->flags),
			  (fetch->flags.system & FLAG_RECENT) != 0);
	if (fetch->has & FETCH_ENVELOPE) {
		if (!only_passes(m, uid))
			put_head(m, uid, fetch);
		if (m->keeper != NULL)
			m->keeper(m, uid, fetch, m->keeper_data);
	}
}

void mailbox_apply_uids(Mailbox *m, const UidSet *all)
{
	const Table *tables[] = {&m->shown, &m->hidden, &m->arriving};
	g_autoptr(UidSet) known = uidset_new();
	g_autoptr(UidSet) fresh = uidset_copy(all);
	Table rows = {0};

	for (size_t k = 0; k < G_N_ELEMENTS(tables); k++) {
		g_autoptr(UidSet) uids = table_uids(tables[k]);
		uidset_add_set(known, uids);
	}
	uidset_remove_set(fresh, known);
	uidset_remove_set(known, all);
	mailbox_apply_removed(m, known);
	uidset_remove_set(m->leaving, all);
	for (size_t k = 0; k < uidset_range_count(fresh); k++) {
		UidRange range = uidset_range(fresh, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++)
			table_insert(&rows, (uint32_t)uid, 0, 0);
	}
	table_merge(&m->arriving, &rows);
}

void mailbox_apply_flag_set(Mailbox *m, Flags flag, const UidSet *set, bool with)
{
	Table *tables[] = {&m->shown, &m->hidden, &m->arriving};

	for (size_t k = 0; k < G_N_ELEMENTS(tables); k++) {
		g_autoptr(UidSet) changed = uidset_new();
		table_apply_set(tables[k], flag, set, with, changed);
		uidset_add_set(m->changes.changed, changed);
	}
	m->unseen_truth = table_count_unseen(&m->shown);
}

void mailbox_apply_removed(Mailbox *m, const UidSet *gone)
{
	uidset_add_set(m->leaving, gone);
}

void mailbox_want_done(Mailbox *m, const UidSet *uids)
{
	uidset_remove_set(m->asked, uids);
}

/* --- what was known last time --- */

static void drop_known(const Mailbox *m, Table *rows)
{
	const Table *tables[] = {&m->shown, &m->hidden, &m->arriving};
	g_autoptr(UidSet) known = uidset_new();

	for (size_t k = 0; k < G_N_ELEMENTS(tables); k++) {
		g_autoptr(UidSet) uids = table_uids(tables[k]);
		uidset_add_set(known, uids);
	}
	table_extract(rows, known, NULL, NULL);
}

bool mailbox_restore(Mailbox *m, const SyncPoint *point, Table *rows)
{
	if (m->told || (m->uidvalidity != 0 && m->uidvalidity != point->uidvalidity))
		return false;
	m->uidvalidity = point->uidvalidity;
	drop_known(m, rows);
	table_merge(&m->arriving, rows);
	mailbox_set_total(m, point->messages);
	if (point->uidnext != 0)
		mailbox_set_uidnext(m, point->uidnext);
	m->modseq = point->complete ? point->modseq : 0;
	m->changes.state = true;
	return true;
}

void mailbox_restore_head(Mailbox *m, uint32_t uid, const FetchData *fetch)
{
	uint32_t i;

	if (mailbox_find_row(m, uid, &i) != NULL && !uidset_has(m->leaving, uid))
		put_head(m, uid, fetch);
}

bool mailbox_is_told(const Mailbox *m)
{
	return m->told;
}

void mailbox_rows(const Mailbox *m, uint32_t first, uint32_t last, Table *out)
{
	const Table *tables[] = {&m->shown, &m->hidden};

	for (size_t k = 0; k < G_N_ELEMENTS(tables); k++) {
		Table rows = {0};
		table_copy(tables[k], first, last, &rows);
		table_merge(out, &rows);
	}
}

/* --- the wish --- */

unsigned mailbox_overlay(Mailbox *m, const UidSet *uids, Flags add, Flags del, bool hide)
{
	m->overlay_moved = m->overlay_moved || hide;
	uidset_add_set(m->changes.changed, uids);
	return overlay_add(m->overlay, uids, add, del, hide);
}

void mailbox_overlay_drop(Mailbox *m, unsigned id)
{
	g_autoptr(UidSet) uids = overlay_drop(m->overlay, id);

	if (uids == NULL)
		return;
	uidset_add_set(m->changes.changed, uids);
	m->overlay_moved = true;
}
