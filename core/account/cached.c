#include "core/account/cached.h"

#include "core/mailbox/cache.h"
#include "core/mailbox/segments.h"
#include "core/mailbox/stored.h"

/* More than a terminal of usual height shows. */
#define WINDOW_ROWS 60
/* A disk that takes longer holds up nobody. */
#define READ_PATIENCE_MS  150
#define WRITE_PATIENCE_MS 500
/* What changes is written so much later, with what changes until then. */
#define SAVE_MS    3000
#define FOLDERS_MS 5000
/* LIST_ bits that the wire can tell. */
#define ATTRIBUTES ((LIST_IMPORTANT << 1) - 1)

struct Cached {
	Cache *cache; /* NULL: nothing is kept */
	char *account;
	Folder *folders;
	Scope scope;
	guint folders_timer;
	void (*restored)(void *data);
	void *data;
};

struct CachedMailbox {
	Cached *cached;
	Mailbox *mailbox;
	const CachedEvents *events;
	void *data;
	Scope scope;
	Segments *segments;
	unsigned listener;
	bool reading;
	guint patience, save_timer;
};

static bool is_on(const Cached *c)
{
	return c->cache != NULL && c->account != NULL && !cache_is_off(c->cache);
}

/* --- a mailbox as it was --- */

static void become_ready(CachedMailbox *cm)
{
	if (!cm->reading)
		return;
	cm->reading = false;
	g_clear_handle_id(&cm->patience, g_source_remove);
	cm->events->ready(cm->data);
}

static gboolean patience_ended(void *data)
{
	CachedMailbox *cm = data;

	cm->patience = 0;
	become_ready(cm);
	return G_SOURCE_REMOVE;
}

static void restore_head(uint32_t uid, const FetchData *fetch, void *data)
{
	mailbox_restore_head(data, uid, fetch);
}

static bool restore(CachedMailbox *cm, CacheMailbox *known)
{
	Mailbox *m = cm->mailbox;
	Flags keywords;

	if (mailbox_is_told(m) ||
	    !stored_unpack_words(known->words, mailbox_flag_names(m), &keywords) ||
	    !mailbox_restore(m, &known->point, &known->rows))
		return false;
	if (known->point.complete)
		mailbox_set_known_keywords(m, keywords);
	for (guint k = 0; k < known->heads->len; k++) {
		const CacheHead *head = known->heads->pdata[k];
		stored_read_head(head->bytes, head->uid, restore_head, m);
	}
	mailbox_commit(m);
	return true;
}

static void window_read(CacheMailbox *known, void *data)
{
	if (known)
		restore(data, known);
}

/* Too late for the sync point, it still would be a fast start, but for the next connection only. */
static void rows_read(CacheMailbox *known, void *data)
{
	CachedMailbox *cm = data;

	if (cm->reading && known && restore(cm, known))
		segments_set(cm->segments, (const uint32_t *)(void *)known->firsts->data,
			     known->firsts->len, known->generation);
	become_ready(cm);
}

static void begin_reading(CachedMailbox *cm)
{
	Cached *c = cm->cached;
	const char *name = mailbox_name(cm->mailbox);

	cm->reading = true;
	cm->patience = g_timeout_add(READ_PATIENCE_MS, patience_ended, cm);
	cache_read_window(c->cache, &cm->scope, c->account, name, window_read, cm);
	cache_read_rows(c->cache, &cm->scope, c->account, name, rows_read, cm);
}

/* --- heads --- */

static void heads_read(uint32_t uidvalidity, const UidSet *uids, const GPtrArray *heads, void *data)
{
	CachedMailbox *cm = data;
	g_autoptr(UidSet) missing = uidset_copy(uids);

	if (mailbox_uidvalidity(cm->mailbox) != uidvalidity)
		return;
	for (guint k = 0; k < heads->len; k++) {
		const CacheHead *head = heads->pdata[k];
		if (stored_read_head(head->bytes, head->uid, restore_head, cm->mailbox))
			uidset_remove(missing, head->uid);
	}
	mailbox_commit(cm->mailbox);
	if (!uidset_is_empty(missing))
		cm->events->missing(missing, cm->data);
}

void cached_fetch(CachedMailbox *cm, const UidSet *uids)
{
	Cached *c = cm->cached;
	uint32_t uidvalidity = mailbox_uidvalidity(cm->mailbox);

	if (uidset_is_empty(uids))
		return;
	if (is_on(c) && uidvalidity != 0)
		cache_read_heads(c->cache, &cm->scope, c->account, mailbox_name(cm->mailbox),
				 uidvalidity, uids, heads_read, cm);
	else
		cm->events->missing(uids, cm->data);
}

bool cached_find_missing(CachedMailbox *cm, Scope *scope, const UidSet *uids, CacheMissing fn,
			 void *data)
{
	Cached *c = cm->cached;
	Mailbox *m = cm->mailbox;

	if (!is_on(c) || !mailbox_is_told(m))
		return false;
	cache_find_missing(c->cache, scope, c->account, mailbox_name(m), mailbox_uidvalidity(m),
			   uids, fn, data);
	return true;
}

static void keep_head(Mailbox *m, uint32_t uid, const FetchData *fetch, void *data)
{
	CachedMailbox *cm = data;
	Cached *c = cm->cached;

	if (!is_on(c) || !mailbox_is_told(m) || !fetch->frame || !(fetch->has & FETCH_UID))
		return;
	GBytes *bytes = stored_pack_head(fetch->frame);
	if (bytes)
		cache_put_head(c->cache, c->account, mailbox_name(m), mailbox_uidvalidity(m), uid,
			       bytes);
}

/* --- what is known, written behind --- */

static void was_written(bool written, void *data)
{
	CachedMailbox *cm = data;

	if (!written)
		segments_forget(cm->segments);
}

/* The newest rows as the server has them. */
static void take_window(const Mailbox *m, CacheState *state)
{
	uint32_t known = mailbox_known(m);
	uint32_t first = mailbox_uid_at(m, known > WINDOW_ROWS ? known - WINDOW_ROWS : 0);
	Table rows = {0};

	if (first != 0)
		mailbox_rows(m, first, UINT32_MAX, &rows);
	state->window =
		stored_pack_rows(&rows, rows.n > WINDOW_ROWS ? rows.n - WINDOW_ROWS : 0, rows.n);
	if (!state->point.complete)
		state->point.messages = MAX(mailbox_total(m), rows.n);
	table_clear(&rows);
}

void cached_save(CachedMailbox *cm)
{
	Cached *c = cm->cached;
	Mailbox *m = cm->mailbox;

	g_clear_handle_id(&cm->save_timer, g_source_remove);
	/* What is only just being opened is less than what was kept of it. */
	bool known = mailbox_is_told(m) && (mailbox_is_complete(m) || !mailbox_is_loading(m));
	if (!is_on(c) || !known || !segments_are_dirty(cm->segments))
		return;
	CacheState *state = cache_state_new(mailbox_name(m));
	mailbox_sync_point(m, &state->point);
	state->words = stored_pack_words(mailbox_flag_names(m), mailbox_known_keywords(m));
	take_window(m, state);
	if (state->point.complete)
		segments_take(cm->segments, m, state);
	cache_write_state(c->cache, &cm->scope, c->account, state, was_written, cm);
}

static gboolean save_is_due(void *data)
{
	CachedMailbox *cm = data;

	cm->save_timer = 0;
	cached_save(cm);
	return G_SOURCE_REMOVE;
}

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	CachedMailbox *cm = data;

	(void)m;
	if (change->reset)
		segments_forget(cm->segments);
	segments_touch(cm->segments, change->added);
	segments_touch(cm->segments, change->removed);
	segments_touch(cm->segments, change->changed);
	if (is_on(cm->cached) && cm->save_timer == 0)
		cm->save_timer = g_timeout_add(SAVE_MS, save_is_due, cm);
}

/* --- a mailbox's life --- */

CachedMailbox *cached_open(Cached *c, Mailbox *m, const CachedEvents *events, void *data)
{
	CachedMailbox *cm = g_new0(CachedMailbox, 1);

	cm->cached = c;
	cm->mailbox = m;
	cm->events = events;
	cm->data = data;
	scope_init(&cm->scope);
	cm->segments = segments_new();
	cm->listener = mailbox_listen(m, mailbox_changed, cm);
	mailbox_set_keeper(m, keep_head, cm);
	if (is_on(c))
		begin_reading(cm);
	return cm;
}

bool cached_is_reading(const CachedMailbox *cm)
{
	return cm->reading;
}

void cached_close(CachedMailbox *cm)
{
	if (cm == NULL)
		return;
	cached_save(cm);
	scope_cancel(&cm->scope);
	g_clear_handle_id(&cm->patience, g_source_remove);
	mailbox_set_keeper(cm->mailbox, NULL, NULL);
	mailbox_unlisten(cm->mailbox, cm->listener);
	segments_free(cm->segments);
	g_free(cm);
}

/* --- folders --- */

static void restore_folder(Folder *root, const CacheFolder *known)
{
	Response list = {.kind = RESPONSE_LIST}, status = {.kind = RESPONSE_STATUS};

	list.list.name = known->name;
	list.list.delimiter = known->delimiter;
	list.list.attributes = known->attributes & ATTRIBUTES;
	if (known->subscribed)
		list.list.attributes |= LIST_SUBSCRIBED;
	status.mailbox.name = known->name;
	status.mailbox.messages = known->messages;
	status.mailbox.unseen = known->unseen;
	status.mailbox.uidnext = known->uidnext;
	status.mailbox.uidvalidity = known->uidvalidity;
	status.mailbox.has = STATUS_MESSAGES | STATUS_UNSEEN | STATUS_UIDNEXT | STATUS_UIDVALIDITY;
	Folder *folder = folder_apply(root, &list);
	if (folder && known->counted)
		folder_apply(root, &status);
	if (folder)
		folder->fresh = known->fresh;
}

/* Not beside what the server has told meanwhile. */
static void folders_read(const GPtrArray *folders, void *data)
{
	Cached *c = data;

	if (folders->len == 0 || c->folders->listing || c->folders->children->len > 0)
		return;
	for (guint k = 0; k < folders->len; k++)
		restore_folder(c->folders, folders->pdata[k]);
	c->restored(c->data);
}

static bool add_folder(Folder *f, unsigned depth, void *data)
{
	CacheFolder *folder;

	(void)depth;
	if (!f->exists)
		return true;
	folder = g_new0(CacheFolder, 1);
	*folder = (CacheFolder){.name = g_strdup(f->name),
				.delimiter = f->delimiter,
				.subscribed = f->subscribed,
				.counted = f->counted,
				.fresh = f->fresh,
				.attributes = f->attributes,
				.messages = f->messages,
				.unseen = f->unseen,
				.uidnext = f->uidnext,
				.uidvalidity = f->uidvalidity};
	g_ptr_array_add(data, folder);
	return true;
}

static gboolean write_folders(void *data)
{
	Cached *c = data;
	GPtrArray *folders = g_ptr_array_new_with_free_func((GDestroyNotify)cache_folder_free);

	c->folders_timer = 0;
	folder_foreach(c->folders, add_folder, folders);
	cache_write_folders(c->cache, c->account, folders);
	return G_SOURCE_REMOVE;
}

void cached_folders_changed(Cached *c)
{
	if (is_on(c) && c->folders_timer == 0)
		c->folders_timer = g_timeout_add(FOLDERS_MS, write_folders, c);
}

/* --- life --- */

Cached *cached_new(const char *directory, uint64_t limit, Folder *folders)
{
	Cached *c = g_new0(Cached, 1);

	scope_init(&c->scope);
	c->folders = folders;
	if (limit > 0)
		c->cache = cache_new(directory, limit);
	return c;
}

void cached_free(Cached *c)
{
	if (c == NULL)
		return;
	scope_cancel(&c->scope);
	if (c->folders_timer != 0) {
		g_source_remove(c->folders_timer);
		write_folders(c);
	}
	cache_free(c->cache, WRITE_PATIENCE_MS);
	g_free(c->account);
	g_free(c);
}

void cached_set_account(Cached *c, const char *account, void (*restored)(void *data), void *data)
{
	if (g_strcmp0(account, c->account) == 0)
		return;
	g_free(c->account);
	c->account = g_strdup(account);
	c->restored = restored;
	c->data = data;
	if (is_on(c))
		cache_read_folders(c->cache, &c->scope, c->account, folders_read, c);
}
