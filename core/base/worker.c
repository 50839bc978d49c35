#include "core/base/worker.h"

#include <glib.h>

typedef struct {
	WorkerFn run, done;
	void *job;
} Task;

struct Worker {
	GThread *thread;
	GMutex lock;
	GCond changed;
	GQueue waiting[WORKER_URGENCIES]; /* of Task; this and the following under the lock */
	GQueue finished;
	bool running, stop;
	guint source; /* delivers what is finished */
};

/* The lock is held. */
static Task *next_task(Worker *w)
{
	for (unsigned i = 0; i < WORKER_URGENCIES; i++) {
		Task *task = g_queue_pop_head(&w->waiting[i]);
		if (task != NULL)
			return task;
	}
	return NULL;
}

static void deliver_finished(Worker *w)
{
	for (;;) {
		g_mutex_lock(&w->lock);
		Task *task = g_queue_pop_head(&w->finished);
		g_mutex_unlock(&w->lock);
		if (task == NULL)
			return;
		task->done(task->job);
		g_free(task);
	}
}

static gboolean deliver(void *data)
{
	Worker *w = data;

	g_mutex_lock(&w->lock);
	w->source = 0;
	g_mutex_unlock(&w->lock);
	deliver_finished(w);
	return G_SOURCE_REMOVE;
}

/* The lock is held. */
static void finish(Worker *w, Task *task)
{
	g_queue_push_tail(&w->finished, task);
	if (w->source == 0 && !w->stop)
		w->source = g_idle_add_full(G_PRIORITY_DEFAULT, deliver, w, NULL);
}

static void *work(void *data)
{
	Worker *w = data;

	g_mutex_lock(&w->lock);
	for (;;) {
		Task *task = next_task(w);
		if (task != NULL) {
			w->running = true;
			g_mutex_unlock(&w->lock);
			task->run(task->job);
			g_mutex_lock(&w->lock);
			w->running = false;
			finish(w, task);
			continue;
		}
		g_cond_broadcast(&w->changed);
		if (w->stop)
			break;
		g_cond_wait(&w->changed, &w->lock);
	}
	g_mutex_unlock(&w->lock);
	return NULL;
}

Worker *worker_new(const char *name)
{
	Worker *w = g_new0(Worker, 1);

	g_mutex_init(&w->lock);
	g_cond_init(&w->changed);
	w->thread = g_thread_new(name, work, w);
	return w;
}

void worker_submit(Worker *w, WorkerUrgency urgency, WorkerFn run, WorkerFn done, void *job)
{
	Task *task = g_new(Task, 1);

	*task = (Task){run, done, job};
	g_mutex_lock(&w->lock);
	g_queue_push_tail(&w->waiting[urgency], task);
	g_cond_broadcast(&w->changed);
	g_mutex_unlock(&w->lock);
}

/* The lock is held. */
static bool is_busy(Worker *w)
{
	bool busy = w->running;

	for (unsigned i = 0; i < WORKER_URGENCIES; i++)
		busy = busy || !g_queue_is_empty(&w->waiting[i]);
	return busy;
}

/* What a done callback submits is waited for as well. */
static bool drain(Worker *w, unsigned patience_ms)
{
	int64_t end = g_get_monotonic_time() + (int64_t)patience_ms * 1000;
	bool busy;

	do {
		g_mutex_lock(&w->lock);
		while (is_busy(w) && g_cond_wait_until(&w->changed, &w->lock, end))
			continue;
		bool late = is_busy(w);
		g_mutex_unlock(&w->lock);
		if (late)
			return false;
		deliver_finished(w);
		g_mutex_lock(&w->lock);
		busy = is_busy(w) || !g_queue_is_empty(&w->finished);
		g_mutex_unlock(&w->lock);
	} while (busy);
	return true;
}

bool worker_free(Worker *w, unsigned patience_ms)
{
	if (w == NULL)
		return true;
	bool drained = drain(w, patience_ms);
	g_mutex_lock(&w->lock);
	w->stop = true;
	g_clear_handle_id(&w->source, g_source_remove);
	g_cond_broadcast(&w->changed);
	g_mutex_unlock(&w->lock);
	if (!drained)
		return false;
	g_thread_join(w->thread);
	g_mutex_clear(&w->lock);
	g_cond_clear(&w->changed);
	g_free(w);
	return true;
}
