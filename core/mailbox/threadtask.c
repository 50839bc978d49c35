#include "core/mailbox/threadtask.h"

#include <gio/gio.h>

#include "core/base/error.h"

/* After so many rounds what was noted during the last is done in the loop. */
#define ROUNDS_MAX 4

typedef enum { NOTE_ADD, NOTE_REMOVE, NOTE_KNOW, NOTE_APPLY } NoteKind;

typedef struct {
	NoteKind kind;
	uint32_t uid; /* NOTE_KNOW */
	void *what;
} Note;

/* Belongs to the thread while it runs. */
typedef struct {
	Thread *threads;
	GArray *notes; /* of Note */
} Round;

typedef struct {
	ScopeItem item; /* in the scope of whoever waits */
	ThreadTask *task;
	ThreadTaskDone done;
	void *data;
} Waiter;

struct ThreadTask {
	Thread *threads; /* NULL while a round runs */
	GArray *notes;   /* since the round began */
	unsigned rounds;
	GCancellable *cancellable;
	GQueue waiters; /* of Waiter */
	bool through;   /* they are being told */
	ThreadTaskReady ready;
	void *data;
};

/* --- notes --- */

static void do_add(Thread *threads, const Note *note)
{
	thread_add(threads, note->what);
}

static void do_remove(Thread *threads, const Note *note)
{
	thread_remove(threads, note->what);
}

static void do_know(Thread *threads, const Note *note)
{
	thread_know(threads, note->uid, note->what);
}

static void do_apply(Thread *threads, const Note *note)
{
	thread_apply(threads, note->what);
}

static const struct {
	void (*run)(Thread *threads, const Note *note);
	GDestroyNotify free;
} kinds[] = {
	[NOTE_ADD] = {do_add, (GDestroyNotify)uidset_free},
	[NOTE_REMOVE] = {do_remove, (GDestroyNotify)uidset_free},
	[NOTE_KNOW] = {do_know, g_free},
	[NOTE_APPLY] = {do_apply, (GDestroyNotify)threadanswer_free},
};

static void note_clear(void *data)
{
	Note *note = data;

	kinds[note->kind].free(note->what);
}

static GArray *notes_new(void)
{
	GArray *notes = g_array_new(FALSE, FALSE, sizeof(Note));

	g_array_set_clear_func(notes, note_clear);
	return notes;
}

static void do_notes(Thread *threads, const GArray *notes, GCancellable *cancellable)
{
	for (unsigned i = 0; i < notes->len && !g_cancellable_is_cancelled(cancellable); i++) {
		const Note *note = &g_array_index(notes, Note, i);
		kinds[note->kind].run(threads, note);
	}
}

static void take_note(ThreadTask *task, NoteKind kind, uint32_t uid, void *what)
{
	Note note = {kind, uid, what};

	g_array_append_val(task->notes, note);
}

void threadtask_add(ThreadTask *task, const UidSet *uids)
{
	if (!uidset_is_empty(uids))
		take_note(task, NOTE_ADD, 0, uidset_copy(uids));
}

void threadtask_remove(ThreadTask *task, const UidSet *uids)
{
	if (!uidset_is_empty(uids))
		take_note(task, NOTE_REMOVE, 0, uidset_copy(uids));
}

void threadtask_know(ThreadTask *task, uint32_t uid, const ThreadKey *key)
{
	size_t used = offsetof(ThreadKey, parents) + key->n * sizeof(key->parents[0]);

	take_note(task, NOTE_KNOW, uid, g_memdup2(key, used));
}

void threadtask_apply(ThreadTask *task, ThreadAnswer *answer)
{
	take_note(task, NOTE_APPLY, 0, answer);
}

/* --- those who wait --- */

static void task_free(ThreadTask *task)
{
	g_cancellable_cancel(task->cancellable);
	g_object_unref(task->cancellable);
	g_array_unref(task->notes);
	thread_free(task->threads);
	g_free(task);
}

static void tell_waiters(ThreadTask *task, const GError *error)
{
	Waiter *waiter;

	task->through = true;
	while ((waiter = g_queue_pop_head(&task->waiters)) != NULL) {
		scope_remove(&waiter->item);
		waiter->done(error, waiter->data);
		g_free(waiter);
	}
}

static void cancel(ScopeItem *item)
{
	Waiter *waiter = (Waiter *)item;
	ThreadTask *task = waiter->task;
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	g_queue_remove(&task->waiters, waiter);
	if (g_queue_is_empty(&task->waiters) && !task->through) {
		task->ready(NULL, task->data);
		task_free(task);
	}
	waiter->done(error, waiter->data);
	g_free(waiter);
}

void threadtask_wait(ThreadTask *task, Scope *scope, ThreadTaskDone done, void *data)
{
	Waiter *waiter = g_new0(Waiter, 1);

	waiter->task = task;
	waiter->done = done;
	waiter->data = data;
	scope_add(scope, &waiter->item, cancel);
	g_queue_push_tail(&task->waiters, waiter);
}

/* --- rounds --- */

static void round_free(void *data)
{
	Round *round = data;

	thread_free(round->threads);
	g_array_unref(round->notes);
	g_free(round);
}

static void work(GTask *task, void *source G_GNUC_UNUSED, void *data, GCancellable *cancellable)
{
	Round *round = data;
	uint32_t n;

	do_notes(round->threads, round->notes, cancellable);
	if (!g_cancellable_is_cancelled(cancellable))
		thread_order(round->threads, &n);
	g_task_return_boolean(task, TRUE);
}

static void hand_out(ThreadTask *task)
{
	do_notes(task->threads, task->notes, NULL);
	task->ready(g_steal_pointer(&task->threads), task->data);
	tell_waiters(task, NULL);
	task_free(task);
}

static void finished(GObject *source G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
	ThreadTask *task = data;
	Round *round = g_task_get_task_data(G_TASK(result));

	/* Given up: there may be no task any more. */
	if (!g_task_propagate_boolean(G_TASK(result), NULL))
		return;
	task->threads = g_steal_pointer(&round->threads);
	if (task->notes->len > 0 && task->rounds < ROUNDS_MAX)
		threadtask_start(task);
	else
		hand_out(task);
}

void threadtask_start(ThreadTask *task)
{
	if (task->threads == NULL)
		return;
	Round *round = g_new0(Round, 1);
	g_autoptr(GTask) thread = g_task_new(NULL, task->cancellable, finished, task);
	round->threads = g_steal_pointer(&task->threads);
	round->notes = task->notes;
	task->notes = notes_new();
	task->rounds++;
	g_task_set_task_data(thread, round, round_free);
	g_task_run_in_thread(thread, work);
}

/* --- life --- */

ThreadTask *threadtask_new(Thread *threads, ThreadTaskReady ready, void *data)
{
	ThreadTask *task = g_new0(ThreadTask, 1);

	task->threads = threads;
	task->notes = notes_new();
	task->cancellable = g_cancellable_new();
	task->ready = ready;
	task->data = data;
	return task;
}

void threadtask_free(ThreadTask *task)
{
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE,
						      "The mailbox is not open any more.");

	if (task == NULL)
		return;
	tell_waiters(task, error);
	task_free(task);
}

void threadtask_reset(ThreadTask *task)
{
	g_cancellable_cancel(task->cancellable);
	g_object_unref(task->cancellable);
	task->cancellable = g_cancellable_new();
	thread_free(task->threads);
	task->threads = thread_new();
	g_array_set_size(task->notes, 0);
	task->rounds = 0;
}
