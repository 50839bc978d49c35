/* worker - one thread for what may block (a disk): jobs go in, and come back to the main loop when
 * they are done.  Knows nothing of what a job is.  Jobs of one urgency run in the order in which
 * they were submitted; what is urgent (a change that the person made) overtakes what is not (a
 * cache).  A job that takes long is cut by its owner into several. */
#ifndef SHEAF_CORE_WORKER_H
#define SHEAF_CORE_WORKER_H

#include <stdbool.h>

typedef struct Worker Worker;

typedef enum { WORKER_SOON, WORKER_LATER, WORKER_URGENCIES } WorkerUrgency;

typedef void (*WorkerFn)(void *job);

/* `name` is the thread's. */
Worker *worker_new(const char *name);

/* `run` is called in the thread; then `done` exactly once from the default main loop, never from
 * inside this call.  Between the two calls `job` belongs to the worker. */
void worker_submit(Worker *w, WorkerUrgency urgency, WorkerFn run, WorkerFn done, void *job);

/* Runs all that was submitted, calls their `done`, and ends the thread.  Where a disk does not
 * answer for `patience_ms` the thread is left behind with what it has, whose `done` never comes:
 * false.  NULL is allowed. */
bool worker_free(Worker *w, unsigned patience_ms);

#endif
