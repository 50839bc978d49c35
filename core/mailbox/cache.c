#include "core/mailbox/cache.h"

#include <string.h>

#include "core/base/worker.h"

#define BUNDLE_MS  1000
#define BUNDLE_MAX 64

struct Cache {
	Worker *worker;
	CacheFile *file; /* the worker's alone */
	bool off;
	/* Heads of one mailbox that are not under way yet. */
	GPtrArray *heads;
	char *account, *name;
	uint32_t uidvalidity;
	guint timer;
};

/* One request, from the loop to the worker and back. */
typedef struct Work Work;
struct Work {
	ScopeItem item;
	Cache *cache; /* it outlives what is submitted */
	CacheFile *file;
	void (*run)(Work *work);
	void (*deliver)(Work *work); /* NULL: nobody waits */
	char *account, *name;
	uint32_t uidvalidity;
	UidSet *uids, *missing;
	uint64_t room;
	CacheMailbox *mailbox;
	CacheState *state;
	GPtrArray *rows; /* heads or folders */
	bool done, off;
	char *notice;
	CacheMailboxRead mailbox_read;
	CacheHeadsRead heads_read;
	CacheMissing found_missing;
	CacheFoldersRead folders_read;
	CacheWritten written;
	void *data;
};

static void work_free(Work *work)
{
	scope_remove(&work->item);
	g_free(work->account);
	g_free(work->name);
	g_clear_pointer(&work->uids, uidset_free);
	g_clear_pointer(&work->missing, uidset_free);
	cache_mailbox_free(work->mailbox);
	cache_state_free(work->state);
	g_clear_pointer(&work->rows, g_ptr_array_unref);
	g_free(work->notice);
	g_free(work);
}

static void work_run(void *job)
{
	Work *work = job;

	work->run(work);
	work->notice = cache_file_notice(work->file);
	work->off = cache_file_is_off(work->file);
}

static void work_done(void *job)
{
	Work *work = job;
	void (*deliver)(Work *) = work->deliver;

	if (work->notice)
		g_message("%s", work->notice);
	work->cache->off = work->off;
	scope_remove(&work->item);
	if (deliver)
		deliver(work);
	work_free(work);
}

static void cancel_work(ScopeItem *item)
{
	((Work *)item)->deliver = NULL;
}

static Work *work_new(Cache *cache, const char *account, const char *name, void *data)
{
	Work *work = g_new0(Work, 1);

	work->cache = cache;
	work->file = cache->file;
	work->account = g_strdup(account);
	work->name = g_strdup(name);
	work->data = data;
	return work;
}

static void submit(Cache *cache, Scope *scope, WorkerUrgency urgency, Work *work,
		   void (*run)(Work *), void (*deliver)(Work *))
{
	work->run = run;
	work->deliver = deliver;
	if (deliver)
		scope_add(scope, &work->item, cancel_work);
	worker_submit(cache->worker, urgency, work_run, work_done, work);
}

/* --- reading --- */

static void run_read_window(Work *work)
{
	work->mailbox = cache_file_read_window(work->file, work->account, work->name);
}

static void run_read_rows(Work *work)
{
	work->mailbox = cache_file_read_rows(work->file, work->account, work->name);
}

static void run_read_heads(Work *work)
{
	work->rows = cache_file_read_heads(work->file, work->account, work->name, work->uidvalidity,
					   work->uids);
}

static void run_read_folders(Work *work)
{
	work->rows = cache_file_read_folders(work->file, work->account);
}

static void deliver_mailbox(Work *work)
{
	work->mailbox_read(work->mailbox, work->data);
}

static void deliver_heads(Work *work)
{
	work->heads_read(work->uidvalidity, work->uids, work->rows, work->data);
}

static void deliver_folders(Work *work)
{
	work->folders_read(work->rows, work->data);
}

void cache_read_window(Cache *cache, Scope *scope, const char *account, const char *name,
		       CacheMailboxRead fn, void *data)
{
	Work *work = work_new(cache, account, name, data);

	work->mailbox_read = fn;
	submit(cache, scope, WORKER_SOON, work, run_read_window, deliver_mailbox);
}

void cache_read_rows(Cache *cache, Scope *scope, const char *account, const char *name,
		     CacheMailboxRead fn, void *data)
{
	Work *work = work_new(cache, account, name, data);

	work->mailbox_read = fn;
	submit(cache, scope, WORKER_SOON, work, run_read_rows, deliver_mailbox);
}

void cache_read_heads(Cache *cache, Scope *scope, const char *account, const char *name,
		      uint32_t uidvalidity, const UidSet *uids, CacheHeadsRead fn, void *data)
{
	Work *work = work_new(cache, account, name, data);

	work->uidvalidity = uidvalidity;
	work->uids = uidset_copy(uids);
	work->heads_read = fn;
	submit(cache, scope, WORKER_SOON, work, run_read_heads, deliver_heads);
}

void cache_read_folders(Cache *cache, Scope *scope, const char *account, CacheFoldersRead fn,
			void *data)
{
	Work *work = work_new(cache, account, NULL, data);

	work->folders_read = fn;
	submit(cache, scope, WORKER_SOON, work, run_read_folders, deliver_folders);
}

/* --- writing --- */

static void run_write_state(Work *work)
{
	bool stale;

	work->done = cache_file_write_state(work->file, work->account, work->state, &stale);
}

static void run_write_heads(Work *work)
{
	cache_file_write_heads(work->file, work->account, work->name, work->uidvalidity,
			       work->rows);
}

static void run_write_folders(Work *work)
{
	cache_file_write_folders(work->file, work->account, work->rows);
}

static void deliver_written(Work *work)
{
	work->written(work->done, work->data);
}

void cache_write_state(Cache *cache, Scope *scope, const char *account, CacheState *state_take,
		       CacheWritten fn, void *data)
{
	Work *work = work_new(cache, account, NULL, data);

	work->state = state_take;
	work->written = fn;
	submit(cache, scope, WORKER_LATER, work, run_write_state, deliver_written);
}

void cache_write_folders(Cache *cache, const char *account, GPtrArray *folders_take)
{
	Work *work = work_new(cache, account, NULL, NULL);

	work->rows = folders_take;
	submit(cache, NULL, WORKER_LATER, work, run_write_folders, NULL);
}

static void write_bundle(Cache *cache)
{
	g_clear_handle_id(&cache->timer, g_source_remove);
	if (cache->heads->len == 0)
		return;
	Work *work = work_new(cache, cache->account, cache->name, NULL);
	work->uidvalidity = cache->uidvalidity;
	work->rows = cache->heads;
	cache->heads = g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);
	submit(cache, NULL, WORKER_LATER, work, run_write_heads, NULL);
}

static void run_find_missing(Work *work)
{
	work->missing = cache_file_missing(work->file, work->account, work->name, work->uidvalidity,
					   work->uids, &work->room);
}

static void deliver_missing(Work *work)
{
	work->found_missing(work->missing, work->room, work->data);
}

/* Behind all that is to be written, so that who goes on fetching waits for the disk. */
void cache_find_missing(Cache *cache, Scope *scope, const char *account, const char *name,
			uint32_t uidvalidity, const UidSet *uids, CacheMissing fn, void *data)
{
	Work *work = work_new(cache, account, name, data);

	write_bundle(cache);
	work->uidvalidity = uidvalidity;
	work->uids = uidset_copy(uids);
	work->found_missing = fn;
	submit(cache, scope, WORKER_LATER, work, run_find_missing, deliver_missing);
}

static gboolean bundle_is_due(void *data)
{
	Cache *cache = data;

	cache->timer = 0;
	write_bundle(cache);
	return G_SOURCE_REMOVE;
}

static bool is_bundle_of(const Cache *cache, const char *account, const char *name,
			 uint32_t uidvalidity)
{
	return g_strcmp0(cache->account, account) == 0 && g_strcmp0(cache->name, name) == 0 &&
	       cache->uidvalidity == uidvalidity;
}

void cache_put_head(Cache *cache, const char *account, const char *name, uint32_t uidvalidity,
		    uint32_t uid, GBytes *bytes_take)
{
	CacheHead *head = g_new(CacheHead, 1);

	*head = (CacheHead){uid, bytes_take};
	if (!is_bundle_of(cache, account, name, uidvalidity)) {
		write_bundle(cache);
		g_free(cache->account);
		g_free(cache->name);
		cache->account = g_strdup(account);
		cache->name = g_strdup(name);
		cache->uidvalidity = uidvalidity;
	}
	g_ptr_array_add(cache->heads, head);
	if (cache->heads->len >= BUNDLE_MAX)
		write_bundle(cache);
	else if (cache->timer == 0)
		cache->timer = g_timeout_add(BUNDLE_MS, bundle_is_due, cache);
}

/* --- life --- */

bool cache_is_off(const Cache *cache)
{
	return cache->off;
}

Cache *cache_new(const char *directory, uint64_t limit)
{
	Cache *cache = g_new0(Cache, 1);

	cache->worker = worker_new("cache");
	cache->file = cache_file_new(directory, limit);
	cache->heads = g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);
	return cache;
}

void cache_free(Cache *cache, unsigned patience_ms)
{
	if (cache == NULL)
		return;
	write_bundle(cache);
	/* Else it is left to the thread, with the file. */
	if (worker_free(cache->worker, patience_ms))
		cache_file_free(cache->file);
	g_ptr_array_unref(cache->heads);
	g_free(cache->account);
	g_free(cache->name);
	g_free(cache);
}
