#include "core/mailbox/mailbox_private.h"

#include "core/wire/utf7.h"
#include "mime/text.h"

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

/* The table and the row that have this UID; NULL where none has. */
Table *mailbox_find_row(const Mailbox *m, uint32_t uid, uint32_t *i)
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
	m->unseen_truth -= table_count_unseen(&gone);
	table_clear(&gone);
	table_extract(&m->hidden, m->leaving, NULL, NULL);
	table_extract(&m->arriving, m->leaving, NULL, NULL);
	headcache_remove(m->heads, m->leaving);
	uidset_remove_set(m->asked, m->leaving);
	uidset_free(m->leaving);
	m->leaving = uidset_new();
}

static void hide_and_show(Mailbox *m)
{
	Table hide = {0};

	if (m->overlay_moved) {
		g_autoptr(UidSet) back = table_uids(&m->hidden);
		uidset_remove_set(back, overlay_hidden(m->overlay));
		table_extract(&m->hidden, back, &m->arriving, NULL);
		table_extract(&m->shown, overlay_hidden(m->overlay), &hide, m->changes.removed);
		m->unseen_truth -= table_count_unseen(&hide);
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
	g_autoptr(UidSet) uids = table_uids(&m->arriving);
	uidset_add_set(m->changes.added, uids);
	m->unseen_truth += table_count_unseen(&m->arriving);
	table_merge(&m->shown, &m->arriving);
}

/* --- threads --- */

bool mailbox_know_head(Mailbox *m, const MessageHead *head)
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
	g_autoptr(UidSet) uids = table_uids(&m->shown);

	thread_free(m->threads);
	m->threads = thread_new();
	thread_add(m->threads, uids);
	headcache_foreach(m->heads, know_cached_head, m->threads);
}

/* The same, as notes. */
static void begin_task(Mailbox *m)
{
	g_autoptr(UidSet) uids = table_uids(&m->shown);

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
	bool anew = m->threads == NULL || (answer == NULL && thread_is_by_subject(m->threads));

	if (m->thread_task == NULL) {
		Thread *from = anew ? thread_new() : thread_copy(m->threads);
		m->thread_task = threadtask_new(from, threads_ready, m);
		if (anew)
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

void mailbox_commit(Mailbox *m)
{
	/* What a listener commits is told when all have heard of this change. */
	while (!m->emitting && settle(m))
		emit(m);
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
	m->previews = g_hash_table_new_full(NULL, NULL, NULL, g_free);
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
	g_hash_table_unref(m->previews);
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
