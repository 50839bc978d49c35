/* threadtask - threads put together in a thread of their own: what takes a million messages longer
 * than a key may wait for.  What comes, goes or is learnt meanwhile is noted, and done to the
 * result behind all that was noted before it, so that it is the same as if each had been done at
 * once in the loop.  Used by mailbox.c only, which goes on with what it had until the result is
 * there. */
#ifndef SHEAF_CORE_THREADTASK_H
#define SHEAF_CORE_THREADTASK_H

#include "core/base/scope.h"
#include "core/mailbox/thread.h"

typedef struct ThreadTask ThreadTask;

/* In order, the caller's from now on; or NULL: nobody waits for it any more.  The task is gone. */
typedef void (*ThreadTaskReady)(Thread *threads, void *data);

/* They are ready, or why not. */
typedef void (*ThreadTaskDone)(const GError *error, void *data);

/* From `threads` on, which are the task's now.  Nothing runs before threadtask_start(). */
ThreadTask *threadtask_new(Thread *threads, ThreadTaskReady ready, void *data);

/* Gives it up: `ready` does not come; those who wait hear CORE_ERROR_STATE.  NULL is allowed. */
void threadtask_free(ThreadTask *task);

/* Forgets all that was noted and begins with nothing; those who wait go on waiting. */
void threadtask_reset(ThreadTask *task);

/* Notes of what thread.h has under these names; they are done in this order. */
void threadtask_add(ThreadTask *task, const UidSet *uids);
void threadtask_remove(ThreadTask *task, const UidSet *uids);
void threadtask_know(ThreadTask *task, uint32_t uid, const ThreadKey *key);
void threadtask_apply(ThreadTask *task, ThreadAnswer *answer); /* takes it */

/* `done` comes behind `ready`.  When the last of those who wait is cancelled, the task ends. */
void threadtask_wait(ThreadTask *task, Scope *scope, ThreadTaskDone done, void *data);

/* Where it runs already it goes on. */
void threadtask_start(ThreadTask *task);

#endif
