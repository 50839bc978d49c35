#include "core/account/journal_store.h"

#include <string.h>

#include "core/account/journal_file.h"
#include "core/base/error.h"

/* One request. */
typedef struct {
	ScopeItem item;
	char *account;
	Intention *intention; /* NULL: `id` is struck out */
	int64_t id;
	JournalStoreDone done; /* NULL: nobody waits for it any more */
	void *data;
} Write;

/* Shared with the worker; lives until both have let go. */
typedef struct {
	JournalStore *store; /* NULL: freed; main thread only */
	char *directory;
	JournalFile *file; /* worker only */
	GError *refusal;   /* why there is no file; set once by the worker, before it answers */
} Shared;

struct JournalStore {
	Shared *shared;
	Worker *worker;
	JournalStoreSays says;
	void *data;
	GPtrArray *waiting; /* of Write, for the next transaction */
	GPtrArray *flying;  /* of Write, in the one that runs; or NULL */
};

/* Every job begins so. */
typedef struct {
	Shared *shared;
	char *notice;
	GPtrArray *writes; /* of Write */
	GError *error;
	/* of adopting */
	ScopeItem item;
	char *account;
	GPtrArray *adopted;
	unsigned unreadable;
	JournalStoreAdopted fn;
	void *data;
} Work;

static Work *work_new(JournalStore *store)
{
	Work *work = g_new0(Work, 1);

	work->shared = store->shared;
	return work;
}

static void work_free(Work *work)
{
	scope_remove(&work->item);
	g_free(work->notice);
	g_clear_error(&work->error);
	g_clear_pointer(&work->writes, g_ptr_array_unref);
	g_clear_pointer(&work->adopted, g_ptr_array_unref);
	g_free(work->account);
	g_free(work);
}

/* --- opening and closing --- */

static void open_file(void *job)
{
	Work *work = job;

	work->shared->file =
		journal_file_open(work->shared->directory, &work->notice, &work->shared->refusal);
}

static void file_opened(void *job)
{
	Work *work = job;
	JournalStore *store = work->shared->store;
	const GError *refusal = work->shared->refusal;

	if (store && refusal) {
		g_autofree char *sentence = g_strdup_printf(
			"Changes are not kept on disk, and are lost where Sheaf ends before the "
			"server has them: %s.",
			refusal->message);
		store->says(sentence, store->data);
	} else if (store && work->notice) {
		store->says(work->notice, store->data);
	}
	work_free(work);
}

static void close_file(void *job)
{
	Work *work = job;

	journal_file_close(work->shared->file);
}

static void file_closed(void *job)
{
	Work *work = job;

	g_clear_error(&work->shared->refusal);
	g_free(work->shared->directory);
	g_free(work->shared);
	work_free(work);
}

/* --- writing --- */

static void write_free(void *data)
{
	Write *w = data;

	scope_remove(&w->item);
	intention_free(w->intention);
	g_free(w->account);
	g_free(w);
}

static void write_all(void *job)
{
	Work *work = job;
	unsigned n = work->writes->len;
	g_autofree JournalWrite *rows = g_new(JournalWrite, n);

	if (!work->shared->file) {
		work->error = g_error_copy(work->shared->refusal);
		return;
	}
	for (unsigned k = 0; k < n; k++) {
		Write *w = work->writes->pdata[k];
		rows[k] = (JournalWrite){w->account, w->intention, w->id};
	}
	if (!journal_file_write(work->shared->file, rows, n, &work->error))
		return;
	for (unsigned k = 0; k < n; k++)
		((Write *)work->writes->pdata[k])->id = rows[k].id;
}

static void flush(JournalStore *store);

/* What could not be struck out waits for the next transaction. */
static void keep_removals(JournalStore *store, GPtrArray *writes)
{
	for (unsigned k = 0; k < writes->len; k++) {
		const Write *w = writes->pdata[k];
		if (w->intention)
			continue;
		Write *again = g_new0(Write, 1);
		again->id = w->id;
		g_ptr_array_add(store->waiting, again);
	}
}

static void all_written(void *job)
{
	Work *work = job;
	JournalStore *store = work->shared->store;
	g_autoptr(GPtrArray) writes = g_steal_pointer(&work->writes);

	if (store) {
		bool more = store->waiting->len > 0;
		store->flying = NULL;
		if (work->error && !work->shared->refusal)
			keep_removals(store, writes);
		if (more)
			flush(store);
	}
	for (unsigned k = 0; k < writes->len; k++) {
		Write *w = writes->pdata[k];
		JournalStoreDone done = w->done;
		scope_remove(&w->item);
		w->done = NULL;
		if (done)
			done(w->id, work->error, w->data);
	}
	work_free(work);
}

static void flush(JournalStore *store)
{
	Work *work = work_new(store);

	work->writes = store->flying = store->waiting;
	store->waiting = g_ptr_array_new_with_free_func(write_free);
	worker_submit(store->worker, WORKER_SOON, write_all, all_written, work);
}

static void add(JournalStore *store, Write *w)
{
	g_ptr_array_add(store->waiting, w);
	if (!store->flying)
		flush(store);
}

static void cancel_write(ScopeItem *item)
{
	Write *w = (Write *)item;
	JournalStoreDone done = w->done;
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	w->done = NULL;
	if (done)
		done(0, error, w->data);
}

void journal_store_put(JournalStore *store, Scope *scope, const char *account,
		       const Intention *intention, JournalStoreDone done, void *data)
{
	Write *w = g_new0(Write, 1);

	w->account = g_strdup(account);
	w->intention = intention_copy(intention);
	w->id = intention->id;
	w->done = done;
	w->data = data;
	scope_add(scope, &w->item, cancel_write);
	add(store, w);
}

void journal_store_remove(JournalStore *store, int64_t id)
{
	Write *w = g_new0(Write, 1);

	w->id = id;
	add(store, w);
}

/* --- adopting --- */

static void adopt(void *job)
{
	Work *work = job;
	g_autoptr(GError) error = NULL;

	if (!work->shared->file)
		return;
	work->adopted =
		journal_file_adopt(work->shared->file, work->account, &work->unreadable, &error);
	if (error)
		work->notice = g_strdup_printf("Changes that an earlier Sheaf left undone cannot "
					       "be read now: %s.",
					       error->message);
	else if (work->unreadable > 0)
		work->notice =
			g_strdup_printf("%u of the changes that an earlier Sheaf left undone "
					"cannot be understood and stay in the journal.",
					work->unreadable);
}

static void were_adopted(void *job)
{
	Work *work = job;
	JournalStore *store = work->shared->store;

	if (store && work->notice)
		store->says(work->notice, store->data);
	if (work->fn && work->adopted)
		work->fn(work->adopted, work->data);
	work_free(work);
}

static void cancel_adopting(ScopeItem *item)
{
	Work *work = (Work *)((char *)item - G_STRUCT_OFFSET(Work, item));

	work->fn = NULL;
}

void journal_store_adopt(JournalStore *store, Scope *scope, const char *account,
			 JournalStoreAdopted adopted, void *data)
{
	Work *work = work_new(store);

	work->account = g_strdup(account);
	work->fn = adopted;
	work->data = data;
	scope_add(scope, &work->item, cancel_adopting);
	worker_submit(store->worker, WORKER_SOON, adopt, were_adopted, work);
}

/* --- life --- */

JournalStore *journal_store_new(Worker *worker, const char *directory, JournalStoreSays says,
				void *data)
{
	JournalStore *store = g_new0(JournalStore, 1);

	store->shared = g_new0(Shared, 1);
	store->shared->store = store;
	store->shared->directory = g_strdup(directory);
	store->worker = worker;
	store->says = says;
	store->data = data;
	store->waiting = g_ptr_array_new_with_free_func(write_free);
	worker_submit(worker, WORKER_SOON, open_file, file_opened, work_new(store));
	return store;
}

static void forget_waiting(GPtrArray *writes)
{
	for (unsigned k = 0; writes && k < writes->len; k++) {
		Write *w = writes->pdata[k];
		scope_remove(&w->item);
		w->done = NULL;
	}
}

void journal_store_free(JournalStore *store)
{
	if (store == NULL)
		return;
	forget_waiting(store->flying);
	forget_waiting(store->waiting);
	if (store->waiting->len > 0)
		flush(store);
	g_ptr_array_unref(store->waiting);
	store->shared->store = NULL;
	worker_submit(store->worker, WORKER_SOON, close_file, file_closed, work_new(store));
	g_free(store);
}
