/* job - the long jobs of an account while they run: what the status line tells of them, and the one
 * key that cancels the newest.  A job is embedded in the work it stands for. */
#ifndef SHEAF_CORE_JOB_H
#define SHEAF_CORE_JOB_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/account/pace.h"
#include "core/base/scope.h"

typedef struct Job Job;

typedef struct {
	GQueue running; /* of Job, oldest first */
	void (*changed)(void *data);
	void *data;
	guint timer; /* tells again when a job has become old enough to be shown */
} JobList;

/* What a job counts. */
typedef enum { JOB_THINGS, JOB_OCTETS } JobUnit;

/* How far a job is. */
typedef struct {
	const char *text;     /* borrowed until the next turn of the loop */
	uint64_t have, total; /* `total` 0: not known */
	uint64_t rate;        /* a second; 0: not known */
	int64_t left;         /* seconds; -1: not known */
	JobUnit unit;
	bool quiet; /* nobody asked for it: what is said goes before it */
} JobProgress;

/* First member of the work's own struct. Fields private to job.c but for `work`. */
struct Job {
	ScopeItem item; /* in the scope of whoever asked */
	Scope work;     /* of what the job has under way */
	JobList *list;
	char *text; /* "Searching lists/sheaf" */
	uint64_t have, total;
	Pace pace;
	JobUnit unit;
	bool quiet;
	int64_t started; /* monotonic */
	void (*cancelled)(Job *job);
};

void job_list_init(JobList *list, void (*changed)(void *data), void *data);

/* Cancels all that still run. */
void job_list_clear(JobList *list);

/* `cancelled` is called when the scope (NULL: none) or the person cancels: `work` has been
 * cancelled already; it must tell its caller CORE_ERROR_CANCELLED and free the job after job_end().
 */
void job_begin(Job *job, JobList *list, Scope *scope, char *text_take, void (*cancelled)(Job *job));

/* Behind job_begin(): nobody asked for it, and `have` was there before.  It gives way to every
 * other job on the screen, and is cancelled after all others. */
void job_set_quiet(Job *job, uint64_t have);
void job_set_unit(Job *job, JobUnit unit);

/* What came before was a wait for the first of it: how fast it goes counts from here on. */
void job_set_off(Job *job);

/* `total` 0: not known. */
void job_progress(Job *job, uint64_t have, uint64_t total);

/* The job is through, whichever way: leaves scope and list; nothing of `work` may be under way. */
void job_end(Job *job);

/* The newest of those that run for longer than JOB_SHOWN_MS, quiet ones last, or NULL: what is
 * through at once is not worth a flicker. */
const Job *job_newest(const JobList *list);
/* The same as people want to know it; false where there is none. */
bool job_show_newest(const JobList *list, JobProgress *out);
#define JOB_SHOWN_MS 300

bool job_list_is_empty(const JobList *list);

/* Cancels the newest, quiet ones last; its text (caller frees), or NULL where nothing ran. */
char *job_cancel_newest(JobList *list);

#endif
