#include "core/mailbox/mailbox.h"

#include "core/mailbox/headcache.h"
#include "core/mailbox/overlay.h"
#include "core/mailbox/table.h"
#include "core/wire/utf7.h"
#include "mime/text.h"

typedef struct {
	unsigned id; /* 0: removed while listeners were being called */
	MailboxListener fn;
	void *data;
} Listener;

/* What was applied since the last commit. */
typedef struct {
	UidSet *added, *removed, *changed;
	bool reset, state, threads;
} Changes;

struct Mailbox {
	char *name, *title;
	FlagNames *flag_names;
	Keywords *keywords; /* that the index shows, or NULL */
	Flags known_keywords;
	Table shown, hidden;
	Table arriving;  /* becomes rows at the next commit */
	UidSet *leaving; /* the same for what goes */
	bool overlay_moved;
	Overlay *overlay;
	HeadCache *heads;
	Thread *threads;         /* NULL until a view wants them */
	ThreadTask *thread_task; /* makes better ones, or NULL */
	Changes changes;
	uint32_t total, uidvalidity, uidnext, fresh_from;
	uint64_t modseq;
	uint32_t unseen_expected;
	uint32_t unseen_truth; /* of the rows shown, without the overlay */
	uint32_t unseen_told;
	bool total_known, loading, readonly;
	Flags storable;
	bool can_add_keywords;
	GArray *listeners; /* of Listener */
	unsigned last_listener;
	bool emitting;
	UidSet *urgent, *ahead, *asked;
	guint want_source;
	MailboxWant fetcher;
	void *fetcher_data;
	UidSet *passing; /* see mailbox_pass(); or NULL */
	MailboxKeep keeper;
	void *keeper_data;
	bool told; /* the server told its UIDVALIDITY: no older knowledge is wanted any more */
};

static void changes_init(Changes *changes)
{
	*changes = (Changes){uidset_new(), uidset_new(), uidset_new(), false, false, false};
}

static void changes_clear(Changes *changes)
{
	uidset_free(changes->added);
	uidset_free(changes->removed);
	uidset_free(changes->changed);
}

static bool changes_any(const Changes *changes)
{
	return changes->reset || changes->state || changes->threads ||
	       !uidset_is_empty(changes->added) || !uidset_is_empty(changes->removed) ||
	       !uidset_is_empty(changes->changed);
}

static bool is_unseen(const Table *t, uint32_t i)
{
	return (t->state[i] & TABLE_FLAGS_KNOWN) && !(t->flags[i] & FLAG_SEEN);
}

static uint32_t count_unseen(const Table *t)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < t->n; i++)
		count += is_unseen(t, i);
	return count;
}

/* The table and the row that have this UID; NULL where none has. */
static Table *find_row(const Mailbox *m, uint32_t uid, uint32_t *i)
{
	const Table *tables[] = {&m->shown, &m->arriving, &m->hidden};

	for (size_t k = 0; k < G_N_ELEMENTS(tables); k++) {
		int64_t at = table_find(tables[k], uid);
		if (at >= 0) {
			*i = (uint32_t)at;
			return (Table *)tables[k];
		}
	}
	return NULL;
}

/* --- rows that come and go: all in one pass a commit --- */

static void remove_leaving(Mailbox *m)
{
	Table gone = {0};

	if (uidset_is_empty(m->leaving))
		return;
	table_extract(&m->shown, m->leaving, &gone, m->changes.removed);
	m->unseen_truth -= count_unseen(&gone);
	table_clear(&gone);
	table_extract(&m->hidden, m->leaving, NULL, NULL);
	table_extract(&m->arriving, m->leaving, NULL, NULL);
	headcache_remove(m->heads, m->leaving);
	uidset_remove_set(m->asked, m->leaving);
	uidset_free(m->leaving);
	m->leaving = uidset_new();
}

static UidSet *uids_of(const Table *t)
{
	return uidset_new_numbers(t->uid, t->n);
}

static void hide_and_show(Mailbox *m)
{
	Table hide = {0};

	if (m->overlay_moved) {
		g_autoptr(UidSet) back = uids_of(&m->hidden);
		uidset_remove_set(back, overlay_hidden(m->overlay));
		table_extract(&m->hidden, back, &m->arriving, NULL);
		table_extract(&m->shown, overlay_hidden(m->overlay), &hide, m->changes.removed);
		m->unseen_truth -= count_unseen(&hide);
		m->overlay_moved = false;
	}
	if (m->arriving.n > 0)
		table_extract(&m->arriving, overlay_hidden(m->overlay), &hide, NULL);
	table_merge(&m->hidden, &hide);
}

static void add_arriving(Mailbox *m)
{
	if (m->arriving.n == 0)
		return;
	g_autoptr(UidSet) uids = uids_of(&m->arriving);
	uidset_add_set(m->changes.added, uids);
	m->unseen_truth += count_unseen(&m->arriving);
	table_merge(&m->shown, &m->arriving);
}

static void forget_rows(Mailbox *m)
{
	table_clear(&m->shown);
	table_clear(&m->hidden);
	table_clear(&m->arriving);
	headcache_clear(m->heads);
	overlay_clear(m->overlay);
	uidset_free(m->asked);
	m->asked = uidset_new();
	uidset_free(m->leaving);
	m->leaving = uidset_new();
	m->unseen_truth = 0;
	m->total = 0;
	m->total_known = false;
	m->uidnext = m->fresh_from = 0;
	m->modseq = 0;
	m->known_keywords = 0;
	m->changes.reset = true;
}

/* --- threads --- */

static bool know_head(Mailbox *m, const MessageHead *head)
{
	ThreadKey key;

	message_thread_key(head, &key);
	if (m->thread_task != NULL)
		threadtask_know(m->thread_task, message_uid(head), &key);
	return m->threads != NULL && thread_know(m->threads, message_uid(head), &key);
}

static void note_cached_head(const MessageHead *head, void *data)
{
	ThreadKey key;

	message_thread_key(head, &key);
	threadtask_know(data, message_uid(head), &key);
}

static void know_cached_head(const MessageHead *head, void *data)
{
	ThreadKey key;

	message_thread_key(head, &key);
	thread_know(data, message_uid(head), &key);
}

static void begin_threads(Mailbox *m)
{
	g_autoptr(UidSet) uids = uids_of(&m->shown);

	thread_free(m->threads);
	m->threads = thread_new();
	thread_add(m->threads, uids);
	headcache_foreach(m->heads, know_cached_head, m->threads);
}

/* The same, as notes. */
static void begin_task(Mailbox *m)
{
	g_autoptr(UidSet) uids = uids_of(&m->shown);

	threadtask_add(m->thread_task, uids);
	headcache_foreach(m->heads, note_cached_head, m->thread_task);
}

static void restart_threads(Mailbox *m)
{
	if (m->threads != NULL)
		begin_threads(m);
	if (m->thread_task != NULL) {
		threadtask_reset(m->thread_task);
		begin_task(m);
		threadtask_start(m->thread_task);
	}
}

/* What is hidden (a move that is not confirmed) leaves its thread, and may come back. */
static void update_threads(Mailbox *m)
{
	const Changes *changes = &m->changes;

	if (changes->reset) {
		restart_threads(m);
		return;
	}
	if (m->threads != NULL) {
		thread_remove(m->threads, changes->removed);
		thread_add(m->threads, changes->added);
	}
	if (m->thread_task != NULL) {
		threadtask_remove(m->thread_task, changes->removed);
		threadtask_add(m->thread_task, changes->added);
	}
}

static void threads_ready(Thread *threads, void *data)
{
	Mailbox *m = data;

	m->thread_task = NULL;
	if (threads == NULL)
		return;
	thread_free(m->threads);
	m->threads = threads;
	m->changes.threads = true;
	mailbox_commit(m);
}

void mailbox_apply_threads(Mailbox *m, Scope *scope, ThreadAnswer *answer, ThreadTaskDone done,
			   void *data)
{
	if (m->thread_task == NULL) {
		Thread *from = m->threads != NULL ? thread_copy(m->threads) : thread_new();
		m->thread_task = threadtask_new(from, threads_ready, m);
		if (m->threads == NULL)
			begin_task(m);
	}
	if (answer != NULL)
		threadtask_apply(m->thread_task, answer);
	threadtask_wait(m->thread_task, scope, done, data);
	threadtask_start(m->thread_task);
}

/* --- telling --- */

static void sweep_listeners(Mailbox *m)
{
	for (unsigned i = m->listeners->len; i-- > 0;) {
		if (g_array_index(m->listeners, Listener, i).id == 0)
			g_array_remove_index(m->listeners, i);
	}
}

static void emit(Mailbox *m)
{
	Changes changes = m->changes;
	MailboxChange change = {changes.added, changes.removed, changes.changed,
				changes.reset, changes.state,   changes.threads};

	changes_init(&m->changes);
	m->emitting = true;
	for (unsigned i = 0; i < m->listeners->len; i++) {
		Listener listener = g_array_index(m->listeners, Listener, i);
		if (listener.id != 0)
			listener.fn(m, &change, listener.data);
	}
	m->emitting = false;
	sweep_listeners(m);
	changes_clear(&changes);
}

static bool settle(Mailbox *m)
{
	remove_leaving(m);
	hide_and_show(m);
	add_arriving(m);
	update_threads(m);
	uint32_t unseen = mailbox_unseen(m);
	if (unseen != m->unseen_told)
		m->changes.state = true;
	m->unseen_told = unseen;
	return changes_any(&m->changes);
}

/* --- flags --- */

static void set_flags(Mailbox *m, Table *t, uint32_t i, Flags flags, bool recent)
{
	uint8_t state = t->state[i] | TABLE_FLAGS_KNOWN;

	state = recent ? state | TABLE_RECENT : state & (uint8_t)~TABLE_RECENT;
	if (t->flags[i] == flags && t->state[i] == state)
		return;
	if (t == &m->shown)
		m->unseen_truth -= is_unseen(t, i);
	t->flags[i] = flags;
	t->state[i] = state;
	if (t == &m->shown)
		m->unseen_truth += is_unseen(t, i);
	uidset_add(m->changes.changed, t->uid[i]);
}

/* --- heads that are wanted --- */

static gboolean call_fetcher(void *data)
{
	Mailbox *m = data;
	g_autoptr(UidSet) urgent = m->urgent;
	g_autoptr(UidSet) ahead = m->ahead;

	m->want_source = 0;
	m->urgent = uidset_new();
	m->ahead = uidset_new();
	uidset_remove_set(ahead, urgent);
	uidset_add_set(m->asked, urgent);
	uidset_add_set(m->asked, ahead);
	if (m->fetcher != NULL)
		m->fetcher(m, urgent, ahead, m->fetcher_data);
	return G_SOURCE_REMOVE;
}

static void want(Mailbox *m, const uint32_t *uids, size_t n, UidSet *into)
{
	for (size_t i = 0; i < n; i++) {
		if (uids[i] != 0 && !headcache_has(m->heads, uids[i]) &&
		    !uidset_has(m->asked, uids[i]))
			uidset_add(into, uids[i]);
	}
	if (!uidset_is_empty(into) && m->want_source == 0)
		m->want_source = g_idle_add_full(G_PRIORITY_DEFAULT, call_fetcher, m, NULL);
}

/* --- life --- */

Mailbox *mailbox_new(const char *name)
{
	Mailbox *m = g_new0(Mailbox, 1);
	g_autofree char *decoded = utf7_decode(name);

	m->name = g_strdup(name);
	m->title = text_clean_name(decoded);
	m->flag_names = flags_names_new();
	m->leaving = uidset_new();
	m->overlay = overlay_new();
	m->heads = headcache_new();
	changes_init(&m->changes);
	m->storable = ~(Flags)0;
	m->can_add_keywords = true;
	m->listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
	m->urgent = uidset_new();
	m->ahead = uidset_new();
	m->asked = uidset_new();
	return m;
}

void mailbox_free(Mailbox *m)
{
	if (m == NULL)
		return;
	threadtask_free(m->thread_task);
	if (m->want_source != 0)
		g_source_remove(m->want_source);
	table_clear(&m->shown);
	table_clear(&m->hidden);
	table_clear(&m->arriving);
	overlay_free(m->overlay);
	headcache_free(m->heads);
	thread_free(m->threads);
	changes_clear(&m->changes);
	uidset_free(m->leaving);
	uidset_free(m->urgent);
	uidset_free(m->ahead);
	uidset_free(m->asked);
	g_clear_pointer(&m->passing, uidset_free);
	flags_names_free(m->flag_names);
	keywords_unref(m->keywords);
	g_array_unref(m->listeners);
	g_free(m->name);
	g_free(m->title);
	g_free(m);
}

const char *mailbox_name(const Mailbox *m)
{
	return m->name;
}

const char *mailbox_title(const Mailbox *m)
{
	return m->title;
}

FlagNames *mailbox_flag_names(Mailbox *m)
{
	return m->flag_names;
}

unsigned mailbox_listen(Mailbox *m, MailboxListener fn, void *data)
{
	Listener listener = {++m->last_listener, fn, data};

	g_array_append_val(m->listeners, listener);
	return listener.id;
}

void mailbox_unlisten(Mailbox *m, unsigned id)
{
	for (unsigned i = 0; i < m->listeners->len; i++) {
		Listener *listener = &g_array_index(m->listeners, Listener, i);
		if (listener->id == id && id != 0)
			listener->id = 0;
	}
	if (!m->emitting)
		sweep_listeners(m);
}

Thread *mailbox_threads(Mailbox *m)
{
	if (m->threads == NULL)
		begin_threads(m);
	return m->threads;
}

Thread *mailbox_kept_threads(const Mailbox *m)
{
	return m->threads;
}

void mailbox_set_fetcher(Mailbox *m, MailboxWant fn, void *data)
{
	m->fetcher = fn;
	m->fetcher_data = data;
}

void mailbox_pass(Mailbox *m, const UidSet *uids)
{
	g_clear_pointer(&m->passing, uidset_free);
	if (uids != NULL)
		m->passing = uidset_copy(uids);
}

void mailbox_set_keeper(Mailbox *m, MailboxKeep fn, void *data)
{
	m->keeper = fn;
	m->keeper_data = data;
}

/* --- reading --- */

static uint32_t missing(const Mailbox *m)
{
	uint32_t known = m->shown.n + m->hidden.n;

	return m->total > known ? m->total - known : 0;
}

uint32_t mailbox_total(const Mailbox *m)
{
	return m->shown.n + missing(m);
}

uint32_t mailbox_known(const Mailbox *m)
{
	return m->shown.n;
}

uint32_t mailbox_uid_at(const Mailbox *m, uint32_t i)
{
	return i < m->shown.n ? m->shown.uid[i] : 0;
}

const uint32_t *mailbox_known_uids(const Mailbox *m)
{
	return m->shown.uid;
}

int64_t mailbox_find(const Mailbox *m, uint32_t uid)
{
	return table_find(&m->shown, uid);
}

uint32_t mailbox_lower(const Mailbox *m, uint32_t uid)
{
	return table_lower(&m->shown, uid);
}

bool mailbox_is_complete(const Mailbox *m)
{
	return m->total_known && missing(m) == 0;
}

bool mailbox_is_loading(const Mailbox *m)
{
	return m->loading;
}

bool mailbox_is_readonly(const Mailbox *m)
{
	return m->readonly;
}

uint32_t mailbox_expected_unseen(const Mailbox *m)
{
	return m->unseen_expected;
}

void mailbox_expect_unseen(Mailbox *m, uint32_t unseen)
{
	m->unseen_expected = unseen;
}

uint32_t mailbox_unseen(const Mailbox *m)
{
	uint32_t unseen = m->unseen_truth;

	if (overlay_is_empty(m->overlay))
		return unseen;
	g_autoptr(UidSet) uids = overlay_touching(m->overlay, FLAG_SEEN);
	for (size_t k = 0; k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		for (uint32_t i = table_lower(&m->shown, range.first);
		     i < m->shown.n && m->shown.uid[i] <= range.last; i++) {
			if (!(m->shown.state[i] & TABLE_FLAGS_KNOWN))
				continue;
			Flags wish = overlay_combine(m->overlay, m->shown.uid[i], m->shown.flags[i],
						     NULL);
			unseen -= is_unseen(&m->shown, i);
			unseen += !(wish & FLAG_SEEN);
		}
	}
	return unseen;
}

int64_t mailbox_next_unseen(const Mailbox *m, int64_t from, int direction)
{
	const Table *t = &m->shown;
	bool plain = overlay_is_empty(m->overlay);

	for (int64_t at = from + direction; at >= 0 && at < t->n; at += direction) {
		uint32_t i = (uint32_t)at;
		Flags wish = t->flags[i];
		if (!(t->state[i] & TABLE_FLAGS_KNOWN))
			continue;
		if (!plain)
			wish = overlay_combine(m->overlay, t->uid[i], wish, NULL);
		if (!(wish & FLAG_SEEN))
			return at;
	}
	return -1;
}

Flags mailbox_flags(const Mailbox *m, uint32_t uid, bool *pending)
{
	uint32_t i;
	const Table *t = find_row(m, uid, &i);

	return overlay_combine(m->overlay, uid, t ? t->flags[i] : 0, pending);
}

UidSet *mailbox_with_flag(const Mailbox *m, Flags flag)
{
	UidSet *uids = uidset_new();
	bool plain = overlay_is_empty(m->overlay);

	for (uint32_t i = 0; i < m->shown.n; i++) {
		Flags flags = m->shown.flags[i];
		if (!plain)
			flags = overlay_combine(m->overlay, m->shown.uid[i], flags, NULL);
		if (flags & flag)
			uidset_add(uids, m->shown.uid[i]);
	}
	return uids;
}

bool mailbox_flags_known(const Mailbox *m, uint32_t uid)
{
	uint32_t i;
	const Table *t = find_row(m, uid, &i);

	return t != NULL && (t->state[i] & TABLE_FLAGS_KNOWN);
}

bool mailbox_is_recent(const Mailbox *m, uint32_t uid)
{
	uint32_t i;
	const Table *t = find_row(m, uid, &i);

	return t != NULL &&
	       ((t->state[i] & TABLE_RECENT) || (m->fresh_from != 0 && uid >= m->fresh_from));
}

bool mailbox_is_hidden(const Mailbox *m, uint32_t uid)
{
	return uidset_has(overlay_hidden(m->overlay), uid);
}

const UidSet *mailbox_hidden(const Mailbox *m)
{
	return overlay_hidden(m->overlay);
}

MessageHead *mailbox_head(Mailbox *m, uint32_t uid)
{
	return headcache_get(m->heads, uid);
}

bool mailbox_has_head(const Mailbox *m, uint32_t uid)
{
	return headcache_has(m->heads, uid);
}

void mailbox_want(Mailbox *m, const uint32_t *uids, size_t n)
{
	want(m, uids, n, m->urgent);
}

void mailbox_want_ahead(Mailbox *m, const uint32_t *uids, size_t n)
{
	want(m, uids, n, m->ahead);
}

Flags mailbox_shown_keywords(const Mailbox *m)
{
	return m->keywords ? keywords_shown(m->keywords, m->flag_names) : 0;
}

char **mailbox_keyword_signs(const Mailbox *m, Flags flags)
{
	return m->keywords ? keywords_signs(m->keywords, m->flag_names, flags) : NULL;
}

Flags mailbox_find_keyword(const Mailbox *m, Flags flags, const char *sign)
{
	return m->keywords ? keywords_find(m->keywords, m->flag_names, flags, sign) : 0;
}

Flags mailbox_storable(const Mailbox *m)
{
	return m->storable | (m->can_add_keywords ? ~FLAGS_SYSTEM : 0);
}

bool mailbox_can_add_keywords(const Mailbox *m)
{
	return m->can_add_keywords;
}

/* --- the truth --- */

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
	UidSet *uids = uids_of(&m->shown);
	g_autoptr(UidSet) hidden = uids_of(&m->hidden);

	uidset_add_set(uids, hidden);
	return uids;
}

void mailbox_visit(Mailbox *m)
{
	m->fresh_from = m->uidnext;
}

static void put_head(Mailbox *m, uint32_t uid, const FetchData *fetch)
{
	MessageHead *head = message_new(uid, fetch);

	if (m->threads != NULL || m->thread_task != NULL)
		m->changes.threads |= know_head(m, head);
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
	Table *t = find_row(m, uid, &i);
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
		g_autoptr(UidSet) uids = uids_of(tables[k]);
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
	m->unseen_truth = count_unseen(&m->shown);
}

void mailbox_apply_removed(Mailbox *m, const UidSet *gone)
{
	uidset_add_set(m->leaving, gone);
}

void mailbox_want_done(Mailbox *m, const UidSet *uids)
{
	uidset_remove_set(m->asked, uids);
}

void mailbox_commit(Mailbox *m)
{
	/* What a listener commits is told when all have heard of this change. */
	while (!m->emitting && settle(m))
		emit(m);
}

/* --- what was known last time --- */

static void drop_known(const Mailbox *m, Table *rows)
{
	const Table *tables[] = {&m->shown, &m->hidden, &m->arriving};
	g_autoptr(UidSet) known = uidset_new();

	for (size_t k = 0; k < G_N_ELEMENTS(tables); k++) {
		g_autoptr(UidSet) uids = uids_of(tables[k]);
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

	if (find_row(m, uid, &i) != NULL && !uidset_has(m->leaving, uid))
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
