#include "core/account/journal.h"

#include <string.h>

#include "core/base/error.h"

/* T172: sets are cut so that no server's line limit is met. */
#define SET_TEXT_MAX 7000

typedef enum { ENTRY_STORE, ENTRY_COPY, ENTRY_MOVE, ENTRY_EXPUNGE } EntryKind;

/* The commands an entry is made of, in order; a MOVE without the extension takes three. */
typedef enum { STEP_STORE, STEP_COPY, STEP_MOVE, STEP_MARK, STEP_EXPUNGE, STEP_DONE } Step;

typedef struct {
	Journal *journal;
	EntryKind kind;
	Step step;
	Mailbox *mailbox;
	uint32_t uidvalidity;
	UidSet *uids;
	StoreOp op;
	char **words; /* STORE */
	char *target; /* COPY, MOVE: wire name */
	char *what;
	unsigned overlay;
	bool resolved;    /* step was chosen, which needs a session */
	bool sent;        /* a command of this step has left */
	unsigned awaited; /* commands of the step not yet answered */
	GError *failure;
	bool cancelling; /* we end `work` ourselves */
	Scope work;
} Entry;

struct Journal {
	Pool *pool;
	JournalOutcome outcome;
	void *data;
	GQueue entries; /* oldest first; one is under way at a time for each mailbox */
};

static void cancel_work(Entry *e)
{
	e->cancelling = true;
	scope_cancel(&e->work);
	e->cancelling = false;
}

static void entry_free(Entry *e)
{
	cancel_work(e);
	uidset_free(e->uids);
	g_strfreev(e->words);
	g_free(e->target);
	g_free(e->what);
	g_clear_error(&e->failure);
	g_free(e);
}

static void start(Entry *e);

/* The next of the same mailbox may go. */
static void start_next(Journal *j, const Mailbox *m)
{
	for (GList *l = j->entries.head; l; l = l->next) {
		Entry *e = l->data;
		if (e->mailbox == m) {
			start(e);
			return;
		}
	}
}

/* The row of one message shows by itself that its flag changed. */
static bool goes_without_saying(const Entry *e)
{
	return e->kind == ENTRY_STORE && uidset_count(e->uids) == 1;
}

static void finish(Entry *e)
{
	Journal *j = e->journal;
	Mailbox *m = e->mailbox;

	g_queue_remove(&j->entries, e);
	mailbox_overlay_drop(m, e->overlay);
	mailbox_commit(m);
	if (e->failure) {
		g_autofree char *text =
			g_strdup_printf("Taken back: %s %s", e->what, e->failure->message);
		j->outcome(j, text, e->target, e->failure, j->data);
	} else {
		j->outcome(j, goes_without_saying(e) ? NULL : e->what, e->target, NULL, j->data);
	}
	entry_free(e);
	start_next(j, m);
}

static void fail(Entry *e, CoreError code, const char *text)
{
	g_clear_error(&e->failure);
	e->failure = g_error_new_literal(CORE_ERROR, code, text);
	finish(e);
}

/* The line went away: what may be said again waits for the next one, of the rest nobody can know.
 */
static void interrupted(Entry *e)
{
	bool repeatable = e->step != STEP_COPY || !e->sent;

	e->awaited = 0;
	g_clear_error(&e->failure);
	if (repeatable)
		e->sent = false;
	else
		fail(e, CORE_ERROR_ABORT,
		     "The connection was lost while the server copied: it may have been done; "
		     "look into the target before you repeat it.");
}

/* What follows a step that went well. */
static Step step_after(const Entry *e)
{
	switch (e->step) {
	case STEP_COPY:
		return e->kind == ENTRY_MOVE ? STEP_MARK : STEP_DONE;
	case STEP_MARK:
		return STEP_EXPUNGE;
	case STEP_STORE:
	case STEP_MOVE:
	case STEP_EXPUNGE:
	case STEP_DONE:
		break;
	}
	return STEP_DONE;
}

/* A session that was given up cancels what it carried: to us that is a lost line too. */
static bool is_line_lost(const GError *error)
{
	return error_is_cancelled(error) ||
	       (error_is_abort(error) && !g_error_matches(error, CORE_ERROR, CORE_ERROR_READONLY));
}

static void answered(const ImapResult *result, void *data)
{
	Entry *e = data;

	if (e->cancelling)
		return;
	if (is_line_lost(result->error)) {
		cancel_work(e);
		interrupted(e);
		return;
	}
	if (result->error && !e->failure)
		e->failure = g_error_copy(result->error);
	if (--e->awaited > 0)
		return;
	if (!e->failure)
		e->step = step_after(e);
	if (e->failure || e->step == STEP_DONE) {
		finish(e);
	} else {
		e->sent = false;
		start(e);
	}
}

/* RFC 4315: without UID EXPUNGE all that is marked goes, so nothing but ours may be marked. */
static bool only_ours_are_marked(const Entry *e)
{
	bool pending;

	if (!mailbox_is_complete(e->mailbox))
		return false;
	for (uint32_t i = 0; i < mailbox_known(e->mailbox); i++) {
		uint32_t uid = mailbox_uid_at(e->mailbox, i);
		bool marked = mailbox_flags(e->mailbox, uid, &pending) & FLAG_DELETED;
		if (marked && !uidset_has(e->uids, uid))
			return false;
	}
	return true;
}

static void send_piece(Entry *e, ImapSession *s, const UidSet *uids)
{
	static const char *const deleted[] = {"\\Deleted", NULL};

	e->awaited++;
	e->sent = true;
	switch (e->step) {
	case STEP_STORE:
		imap_uid_store(s, &e->work, uids, e->op, (const char *const *)e->words, answered,
			       e);
		break;
	case STEP_COPY:
		imap_uid_copy(s, &e->work, uids, e->target, answered, e);
		break;
	case STEP_MOVE:
		imap_uid_move(s, &e->work, uids, e->target, answered, e);
		break;
	case STEP_MARK:
		imap_uid_store(s, &e->work, uids, STORE_ADD, deleted, answered, e);
		break;
	case STEP_EXPUNGE:
		imap_uid_expunge(s, &e->work, uids, answered, e);
		break;
	case STEP_DONE:
		break;
	}
}

static void send_step(Entry *e, ImapSession *s)
{
	g_autoptr(GPtrArray) pieces = uidset_split(e->uids, SET_TEXT_MAX);

	if (e->step != STEP_EXPUNGE || (session_capabilities(s) & CAP(UIDPLUS))) {
		for (unsigned i = 0; i < pieces->len; i++)
			send_piece(e, s, g_ptr_array_index(pieces, i));
		return;
	}
	if (!only_ours_are_marked(e)) {
		fail(e, CORE_ERROR_NO,
		     "Other messages here are marked as deleted too, and this server can only "
		     "remove all of them.");
		return;
	}
	e->awaited++;
	e->sent = true;
	imap_expunge(s, &e->work, answered, e);
}

/* The first step, once it is known what the server can do. */
static Step first_step(const Entry *e, Capability caps)
{
	switch (e->kind) {
	case ENTRY_STORE:
		return STEP_STORE;
	case ENTRY_COPY:
		return STEP_COPY;
	case ENTRY_MOVE:
		return caps & CAP(MOVE) ? STEP_MOVE : STEP_COPY;
	case ENTRY_EXPUNGE:
		return STEP_EXPUNGE;
	}
	g_assert_not_reached();
}

static void session_came(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Entry *e = data;

	(void)p;
	if (error_is_cancelled(error))
		return;
	if (error) {
		/* No session: the entry waits for journal_resume(), unless the mailbox was refused.
		 */
		if (!error_is_abort(error) && !g_error_matches(error, CORE_ERROR, CORE_ERROR_AUTH))
			fail(e, error->code, error->message);
		return;
	}
	if (e->uidvalidity && mailbox_uidvalidity(e->mailbox) &&
	    mailbox_uidvalidity(e->mailbox) != e->uidvalidity) {
		fail(e, CORE_ERROR_NO,
		     "The folder was replaced on the server; these messages are not the same any "
		     "more.");
		return;
	}
	if (!e->resolved)
		e->step = first_step(e, session_capabilities(s));
	e->resolved = true;
	send_step(e, s);
}

static bool is_first_of_mailbox(const Entry *e)
{
	for (GList *l = e->journal->entries.head; l->data != e; l = l->next)
		if (((Entry *)l->data)->mailbox == e->mailbox)
			return false;
	return true;
}

static void start(Entry *e)
{
	if (!e->sent && scope_is_empty(&e->work) && is_first_of_mailbox(e))
		pool_acquire(e->journal->pool, &e->work, POOL_INTERACTIVE, e->mailbox, session_came,
			     e);
}

static Entry *entry_new(Journal *j, EntryKind kind, Mailbox *m, const UidSet *uids,
			const char *what)
{
	Entry *e = g_new0(Entry, 1);

	e->journal = j;
	e->kind = kind;
	e->mailbox = m;
	e->uidvalidity = mailbox_uidvalidity(m);
	e->uids = uidset_copy(uids);
	e->what = g_strdup(what);
	scope_init(&e->work);
	return e;
}

/* Shown in this turn, sent as soon as what was changed before is through. */
static void enter(Entry *e, Flags add, Flags del, bool hide)
{
	e->overlay = mailbox_overlay(e->mailbox, e->uids, add, del, hide);
	mailbox_commit(e->mailbox);
	g_queue_push_tail(&e->journal->entries, e);
	start(e);
}

Journal *journal_new(Pool *pool, JournalOutcome outcome, void *data)
{
	Journal *j = g_new0(Journal, 1);

	j->pool = pool;
	j->outcome = outcome;
	j->data = data;
	g_queue_init(&j->entries);
	return j;
}

void journal_free(Journal *j)
{
	if (!j)
		return;
	g_queue_clear_full(&j->entries, (GDestroyNotify)entry_free);
	g_free(j);
}

void journal_store(Journal *j, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags,
		   const char *what)
{
	Entry *e = entry_new(j, ENTRY_STORE, m, uids, what);

	e->op = op;
	e->words = flags_to_words(mailbox_flag_names(m), flags);
	switch (op) {
	case STORE_ADD:
		enter(e, flags, 0, false);
		break;
	case STORE_REMOVE:
		enter(e, 0, flags, false);
		break;
	case STORE_REPLACE:
		enter(e, flags, ~flags, false);
		break;
	}
}

void journal_copy(Journal *j, Mailbox *m, const UidSet *uids, const char *target, bool move,
		  const char *what)
{
	Entry *e = entry_new(j, move ? ENTRY_MOVE : ENTRY_COPY, m, uids, what);

	e->target = g_strdup(target);
	enter(e, 0, 0, move);
}

void journal_expunge(Journal *j, Mailbox *m, const UidSet *uids, const char *what)
{
	enter(entry_new(j, ENTRY_EXPUNGE, m, uids, what), 0, 0, true);
}

void journal_resume(Journal *j)
{
	g_autoptr(GList) entries = g_list_copy(j->entries.head);

	/* A refusal may end an entry, never one that stands behind it in another mailbox. */
	for (GList *l = entries; l; l = l->next)
		if (g_queue_find(&j->entries, l->data))
			start(l->data);
}

unsigned journal_pending(const Journal *j)
{
	return j->entries.length;
}
