#include "core/account/job.h"

static void tell(JobList *list)
{
	if (list->changed)
		list->changed(list->data);
}

void job_list_init(JobList *list, void (*changed)(void *data), void *data)
{
	g_queue_init(&list->running);
	list->changed = changed;
	list->data = data;
	list->timer = 0;
}

static gboolean tell_later(gpointer data)
{
	JobList *list = data;
	const Job *last = g_queue_peek_tail(&list->running);
	int64_t old = g_get_monotonic_time() - JOB_SHOWN_MS * 1000;

	list->timer = 0;
	/* One that began meanwhile has its own time to come. */
	if (last && last->started > old)
		list->timer = g_timeout_add(JOB_SHOWN_MS, tell_later, list);
	tell(list);
	return G_SOURCE_REMOVE;
}

static void cancel(Job *job)
{
	scope_cancel(&job->work);
	job->cancelled(job);
}

static void cancel_by_scope(ScopeItem *item)
{
	cancel((Job *)item);
}

void job_list_clear(JobList *list)
{
	list->changed = NULL;
	g_clear_handle_id(&list->timer, g_source_remove);
	while (!g_queue_is_empty(&list->running)) {
		Job *job = g_queue_peek_tail(&list->running);
		scope_remove(&job->item);
		cancel(job);
	}
}

void job_begin(Job *job, JobList *list, Scope *scope, char *text_take, void (*cancelled)(Job *job))
{
	scope_init(&job->work);
	job->list = list;
	job->text = text_take;
	job->have = job->total = 0;
	job->unit = JOB_THINGS;
	job->quiet = false;
	job->cancelled = cancelled;
	scope_add(scope, &job->item, cancel_by_scope);
	job->started = g_get_monotonic_time();
	pace_begin(&job->pace, 0, job->started);
	g_queue_push_tail(&list->running, job);
	if (list->timer == 0)
		list->timer = g_timeout_add(JOB_SHOWN_MS, tell_later, list);
}

void job_set_quiet(Job *job, uint64_t have)
{
	job->quiet = true;
	job->have = have;
	pace_begin(&job->pace, have, job->started);
}

void job_set_unit(Job *job, JobUnit unit)
{
	job->unit = unit;
}

void job_set_off(Job *job)
{
	pace_begin(&job->pace, job->have, g_get_monotonic_time());
}

void job_progress(Job *job, uint64_t have, uint64_t total)
{
	/* A server may tell more than there is. */
	job->total = total > 0 ? MAX(have, total) : 0;
	job->have = have;
	pace_note(&job->pace, have, g_get_monotonic_time());
	tell(job->list);
}

void job_end(Job *job)
{
	JobList *list = job->list;

	scope_remove(&job->item);
	g_queue_remove(&list->running, job);
	g_clear_pointer(&job->text, g_free);
	tell(list);
}

/* Of those that began before `until`. */
static Job *newest(const JobList *list, int64_t until)
{
	Job *quiet = NULL;

	for (GList *l = list->running.tail; l; l = l->prev) {
		Job *job = l->data;
		if (job->started > until)
			continue;
		if (!job->quiet)
			return job;
		if (!quiet)
			quiet = job;
	}
	return quiet;
}

const Job *job_newest(const JobList *list)
{
	return newest(list, g_get_monotonic_time() - JOB_SHOWN_MS * 1000);
}

bool job_show_newest(const JobList *list, JobProgress *out)
{
	const Job *job = job_newest(list);

	if (!job)
		return false;
	*out = (JobProgress){job->text,
			     job->have,
			     job->total,
			     pace_rate(&job->pace),
			     pace_left(&job->pace, job->total),
			     job->unit,
			     job->quiet};
	return true;
}

bool job_list_is_empty(const JobList *list)
{
	return list->running.length == 0;
}

char *job_cancel_newest(JobList *list)
{
	Job *job = newest(list, INT64_MAX);

	if (!job)
		return NULL;
	char *text = g_strdup(job->text);
	scope_remove(&job->item);
	cancel(job);
	return text;
}
