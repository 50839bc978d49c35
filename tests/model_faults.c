#include "config.h"
#include "tests/model_faults.h"

#include <check.h>
#include <sys/socket.h>

#include "core/account/journal_file.h"
#include "core/base/worker.h"
#include "core/mailbox/msgmap.h"

ModelFault model_fault;
void (*model_connect)(int fd_take, void *data);
void *model_connect_data;

static Selection *primary;
static unsigned jobs;

Selection *model_selection(void)
{
	return primary;
}

unsigned model_jobs(void)
{
	return jobs;
}

/* The linker gives these names. */
uint32_t __real_msgmap_expunge(MsgMap *map, uint32_t seq);
uint32_t __wrap_msgmap_expunge(MsgMap *map, uint32_t seq);
void __real_selection_response(Selection *selection, const Response *r);
void __wrap_selection_response(Selection *selection, const Response *r);
Selection *__real_selection_open(Mailbox *m, ImapSession *s, const SelectionOptions *options,
				 SelectionReady ready, void *data);
Selection *__wrap_selection_open(Mailbox *m, ImapSession *s, const SelectionOptions *options,
				 SelectionReady ready, void *data);
void __real_selection_free(Selection *selection);
void __wrap_selection_free(Selection *selection);
unsigned __real_mailbox_overlay(Mailbox *m, const UidSet *uids, Flags add, Flags del, bool hide);
unsigned __wrap_mailbox_overlay(Mailbox *m, const UidSet *uids, Flags add, Flags del, bool hide);
void __real_intention_happen(Intention *i, IntentionEvent event);
void __wrap_intention_happen(Intention *i, IntentionEvent event);
GPtrArray *__real_journal_file_adopt(JournalFile *f, const char *account, unsigned *unreadable,
				     GError **error);
GPtrArray *__wrap_journal_file_adopt(JournalFile *f, const char *account, unsigned *unreadable,
				     GError **error);
ImapSession *__wrap_session_open(const SessionConfig *config, const SessionEvents *events,
				 void *self);
void __wrap_worker_submit(Worker *w, WorkerUrgency urgency, WorkerFn run, WorkerFn done, void *job);
guint __real_g_timeout_add(guint interval, GSourceFunc fn, gpointer data);
guint __wrap_g_timeout_add(guint interval, GSourceFunc fn, gpointer data);

/* --- faults --- */

uint32_t __wrap_msgmap_expunge(MsgMap *map, uint32_t seq)
{
	bool off = model_fault == FAULT_EXPUNGE_OFF_BY_ONE && seq > 1;

	return __real_msgmap_expunge(map, off ? seq - 1 : seq);
}

void __wrap_selection_response(Selection *selection, const Response *r)
{
	if (model_fault == FAULT_VANISHED_DROPPED && r->kind == RESPONSE_VANISHED)
		return;
	if (model_fault == FAULT_EXISTS_IGNORED && r->kind == RESPONSE_EXISTS)
		return;
	__real_selection_response(selection, r);
}

static Mailbox *overlay_mailbox;
static unsigned overlay_last;

unsigned __wrap_mailbox_overlay(Mailbox *m, const UidSet *uids, Flags add, Flags del, bool hide)
{
	overlay_mailbox = m;
	overlay_last = __real_mailbox_overlay(m, uids, add, del, hide);
	return overlay_last;
}

void model_forget(void)
{
	overlay_mailbox = NULL;
}

void __wrap_intention_happen(Intention *i, IntentionEvent event)
{
	if (model_fault == FAULT_OVERLAY_LOST_ON_ABORT && event == INTENTION_CUT && overlay_mailbox)
		mailbox_overlay_drop(overlay_mailbox, overlay_last);
	__real_intention_happen(i, event);
}

GPtrArray *__wrap_journal_file_adopt(JournalFile *f, const char *account, unsigned *unreadable,
				     GError **error)
{
	GPtrArray *adopted = __real_journal_file_adopt(f, account, unreadable, error);
	unsigned n = adopted && model_fault == FAULT_JOURNAL_REPLAYED_TWICE ? adopted->len : 0;

	for (unsigned k = 0; k < n; k++)
		g_ptr_array_add(adopted, intention_copy(adopted->pdata[k]));
	return adopted;
}

/* --- the world around --- */

Selection *__wrap_selection_open(Mailbox *m, ImapSession *s, const SelectionOptions *options,
				 SelectionReady ready, void *data)
{
	Selection *selection = __real_selection_open(m, s, options, ready, data);

	if (options->primary)
		primary = selection;
	return selection;
}

void __wrap_selection_free(Selection *selection)
{
	if (selection == primary)
		primary = NULL;
	__real_selection_free(selection);
}

ImapSession *__wrap_session_open(const SessionConfig *config, const SessionEvents *events,
				 void *self)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
			 0);
	model_connect(ends[1], model_connect_data);
	return session_open_fd(ends[0], true, config, events, self);
}

typedef struct {
	WorkerFn done;
	void *job;
} Finished;

static gboolean finish(void *data)
{
	Finished *finished = data;

	jobs--;
	finished->done(finished->job);
	g_free(finished);
	return G_SOURCE_REMOVE;
}

/* In this thread, so that a seed always makes the same run. */
void __wrap_worker_submit(Worker *w, WorkerUrgency urgency, WorkerFn run, WorkerFn done, void *job)
{
	Finished *finished = g_new(Finished, 1);

	(void)w;
	(void)urgency;
	jobs++;
	*finished = (Finished){done, job};
	run(job);
	g_idle_add_full(G_PRIORITY_DEFAULT, finish, finished, NULL);
}

/* What lets a server settle for a second (entry.c, look.c) waits for nothing here. */
guint __wrap_g_timeout_add(guint interval, GSourceFunc fn, gpointer data)
{
	return __real_g_timeout_add(interval == 1000 ? 0 : interval, fn, data);
}
