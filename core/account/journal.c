#include "core/account/journal.h"

#include "core/base/error.h"
#include "core/mailbox/uidsearch.h"

/* Of the UIDs in one command; with verb and mailbox it stays below 8,000 bytes. */
#define SET_TEXT_MAX 6500
/* Connections that may break under the same entry before it is given up. */
#define TRIES_MAX 5

typedef enum { ENTRY_STORE, ENTRY_COPY, ENTRY_MOVE, ENTRY_EXPUNGE } EntryKind;

typedef enum {
	STEP_STORE, /* the flags that the person wanted */
	STEP_MOVE,
	STEP_COPY,
	STEP_MARK,    /* \Deleted */
	STEP_CHECK,   /* that nobody else's are marked */
	STEP_EXPUNGE, /* UID EXPUNGE, or EXPUNGE behind STEP_CHECK */
	STEP_DONE
} Step;

typedef enum { ENTRY_IDLE, ENTRY_WAITING, ENTRY_RUNNING } EntryState;

typedef struct {
	Journal *journal;
	EntryKind kind;
	Mailbox *mailbox;
	uint32_t uidvalidity;
	UidSet *uids; /* for the step that runs: what the one before did */
	StoreOp op;
	char **words;
	char *target, *what;
	unsigned overlay; /* 0: none */
	EntryState state;
	Step step;
	Scope scope;
	ImapSession *session; /* while running */
	UidSet *done;         /* by this step so far */
	unsigned in_flight, tries;
	bool cancelling; /* its commands are ended by ourselves */
	bool broken;     /* the line went down under it */
	bool some;       /* something was done */
	bool single;     /* one message */
	GError *refusal; /* the first */
} Entry;

/* One command of a step. */
typedef struct {
	Entry *entry;
	UidSet *uids;
} Piece;

struct Journal {
	Pool *pool;
	JournalOutcome outcome;
	void *data;
	GQueue entries; /* of Entry, oldest first */
};

static const struct {
	const char *nothing, *some;
} failures[] = {
	[ENTRY_STORE] = {"Nothing was marked:", "Not all messages could be marked:"},
	[ENTRY_COPY] = {"Nothing was copied:", "Not all messages were copied:"},
	[ENTRY_MOVE] = {"Nothing was moved:", "Not all messages were moved:"},
	[ENTRY_EXPUNGE] = {"Nothing was removed:", "Not all messages were removed:"},
};

static void run(Entry *entry);
static void acquire(Entry *entry);

/* --- the end of an entry --- */

static void entry_free(Entry *entry)
{
	entry->cancelling = true;
	scope_cancel(&entry->scope);
	g_queue_remove(&entry->journal->entries, entry);
	uidset_free(entry->uids);
	uidset_free(entry->done);
	g_strfreev(entry->words);
	g_free(entry->target);
	g_free(entry->what);
	g_clear_error(&entry->refusal);
	g_free(entry);
}

static void refuse(Entry *entry, CoreError code, const char *text)
{
	if (entry->refusal == NULL)
		entry->refusal = g_error_new_literal(CORE_ERROR, code, text);
}

/* The row of one message shows by itself that its mark changed. */
static bool goes_without_saying(const Entry *entry)
{
	return entry->kind == ENTRY_STORE && entry->single;
}

static char *outcome_text(const Entry *entry, const GError *refusal)
{
	if (refusal == NULL)
		return goes_without_saying(entry) ? NULL : g_strdup(entry->what);
	return g_strconcat(entry->some ? failures[entry->kind].some : failures[entry->kind].nothing,
			   " ", refusal->message, NULL);
}

static void finish(Entry *entry)
{
	Journal *j = entry->journal;
	g_autoptr(GError) refusal = g_steal_pointer(&entry->refusal);
	g_autofree char *target = g_strdup(entry->target);
	g_autofree char *text = outcome_text(entry, refusal);

	if (entry->overlay != 0)
		mailbox_overlay_drop(entry->mailbox, entry->overlay);
	mailbox_commit(entry->mailbox);
	entry_free(entry);
	j->outcome(j, text, target, refusal, j->data);
}

/* --- from step to step --- */

static bool offers(const Entry *entry, Capability caps)
{
	return (session_capabilities(entry->session) & (caps | CAP(IMAP4REV2))) != 0;
}

static Step step_to_remove(const Entry *entry)
{
	return offers(entry, CAP(UIDPLUS)) ? STEP_EXPUNGE : STEP_CHECK;
}

static Step first_step(const Entry *entry)
{
	switch (entry->kind) {
	case ENTRY_STORE:
		return STEP_STORE;
	case ENTRY_COPY:
		return STEP_COPY;
	case ENTRY_MOVE:
		return offers(entry, CAP(MOVE)) ? STEP_MOVE : STEP_COPY;
	case ENTRY_EXPUNGE:
		return STEP_MARK;
	}
	g_assert_not_reached();
}

static Step next_step(const Entry *entry)
{
	switch (entry->step) {
	case STEP_COPY:
		return entry->kind == ENTRY_MOVE ? STEP_MARK : STEP_DONE;
	case STEP_MARK:
		return step_to_remove(entry);
	case STEP_CHECK:
		return STEP_EXPUNGE;
	default:
		return STEP_DONE;
	}
}

/* What is sent again on the next connection; of a COPY nobody knows. */
static void step_broken(Entry *entry)
{
	entry->session = NULL;
	entry->broken = false;
	if (entry->step == STEP_COPY) {
		refuse(entry, CORE_ERROR_ABORT,
		       "the connection broke while they were copied. Some may be in the other "
		       "folder: look there before you do it again.");
		finish(entry);
		return;
	}
	if (++entry->tries >= TRIES_MAX) {
		refuse(entry, CORE_ERROR_NO, "the connection breaks each time.");
		finish(entry);
		return;
	}
	if (entry->step != STEP_MARK)
		uidset_remove_set(entry->uids, entry->done);
	g_clear_pointer(&entry->done, uidset_free);
	/* STORE, MOVE and EXPUNGE by UID pass over what is gone by now (RFC 9051 6.4.9). */
	if (entry->step == STEP_EXPUNGE)
		entry->step = STEP_MARK;
	acquire(entry);
}

static void step_ended(Entry *entry)
{
	bool over = entry->step == STEP_COPY || entry->step == STEP_MOVE ||
		    entry->step == STEP_STORE || entry->step == STEP_EXPUNGE;

	if (entry->broken) {
		step_broken(entry);
		return;
	}
	if (over && !uidset_is_empty(entry->done))
		entry->some = true;
	entry->step = uidset_is_empty(entry->done) ? STEP_DONE : next_step(entry);
	uidset_free(entry->uids);
	entry->uids = g_steal_pointer(&entry->done);
	run(entry);
}

static void note_end(Entry *entry, const UidSet *uids, const GError *error)
{
	/* A session that is given up cancels what it carried: to us that is a lost line, too. */
	if (error == NULL)
		uidset_add_set(entry->done, uids);
	else if (error_is_abort(error) || error_is_cancelled(error))
		entry->broken = true;
	else if (entry->refusal == NULL)
		entry->refusal = g_error_copy(error);
	if (--entry->in_flight == 0)
		step_ended(entry);
}

static void piece_done(const ImapResult *result, void *data)
{
	Piece *piece = data;

	if (!piece->entry->cancelling)
		note_end(piece->entry, piece->uids, result->error);
	uidset_free(piece->uids);
	g_free(piece);
}

/* --- the commands of a step --- */

static void submit(Entry *entry, Piece *piece)
{
	static const char *const deleted[] = {"\\Deleted", NULL};
	ImapSession *s = entry->session;

	switch (entry->step) {
	case STEP_STORE:
		imap_uid_store(s, &entry->scope, piece->uids, entry->op,
			       (const char *const *)entry->words, piece_done, piece);
		break;
	case STEP_MOVE:
		imap_uid_move(s, &entry->scope, piece->uids, entry->target, piece_done, piece);
		break;
	case STEP_COPY:
		imap_uid_copy(s, &entry->scope, piece->uids, entry->target, piece_done, piece);
		break;
	case STEP_MARK:
		imap_uid_store(s, &entry->scope, piece->uids, STORE_ADD, deleted, piece_done,
			       piece);
		break;
	case STEP_EXPUNGE:
		imap_uid_expunge(s, &entry->scope, piece->uids, piece_done, piece);
		break;
	default:
		g_assert_not_reached();
	}
}

static void submit_pieces(Entry *entry, const UidSet *uids)
{
	g_autoptr(GPtrArray) sets = uidset_split(uids, SET_TEXT_MAX);

	/* All are counted before one can end. */
	entry->in_flight = sets->len;
	for (unsigned i = 0; i < sets->len; i++) {
		Piece *piece = g_new(Piece, 1);
		*piece = (Piece){entry, uidset_copy(sets->pdata[i])};
		submit(entry, piece);
	}
}

/* What shows as marked already is not marked again: somebody may have taken the mark back. */
static void mark(Entry *entry)
{
	g_autoptr(UidSet) unmarked = uidset_new();

	for (size_t k = 0; k < uidset_range_count(entry->uids); k++) {
		UidRange range = uidset_range(entry->uids, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++) {
			if (!(mailbox_flags(entry->mailbox, (uint32_t)uid, NULL) & FLAG_DELETED))
				uidset_add(unmarked, (uint32_t)uid);
		}
	}
	uidset_add_set(entry->done, entry->uids);
	uidset_remove_set(entry->done, unmarked);
	if (uidset_is_empty(unmarked))
		step_ended(entry);
	else
		submit_pieces(entry, unmarked);
}

static void found_deleted(const UidSet *uids, const GError *error, void *data)
{
	Entry *entry = data;
	g_autoptr(UidSet) foreign = NULL;

	if (entry->cancelling)
		return;
	if (error == NULL) {
		foreign = uidset_copy(uids);
		uidset_remove_set(foreign, entry->uids);
	}
	if (foreign != NULL && !uidset_is_empty(foreign)) {
		refuse(entry, CORE_ERROR_NO,
		       "this server can only remove all that is marked as deleted, and others are "
		       "marked here, too. These stay marked.");
		entry->in_flight = 0;
		step_ended(entry);
		return;
	}
	note_end(entry, entry->uids, error);
}

static void plain_expunge_done(const ImapResult *result, void *data)
{
	Entry *entry = data;

	if (!entry->cancelling)
		note_end(entry, entry->uids, result->error);
}

static void run_step(Entry *entry)
{
	entry->done = uidset_new();
	switch (entry->step) {
	case STEP_MARK:
		mark(entry);
		break;
	case STEP_CHECK:
		entry->in_flight = 1;
		uidsearch_run(entry->session, &entry->scope, "DELETED", found_deleted, entry);
		break;
	case STEP_EXPUNGE:
		if (offers(entry, CAP(UIDPLUS))) {
			submit_pieces(entry, entry->uids);
			break;
		}
		entry->in_flight = 1;
		imap_expunge(entry->session, &entry->scope, plain_expunge_done, entry);
		break;
	default:
		submit_pieces(entry, entry->uids);
	}
}

static bool is_there(const Entry *entry)
{
	const char *open = session_mailbox(entry->session);

	return open != NULL && g_str_equal(open, mailbox_name(entry->mailbox));
}

static void run(Entry *entry)
{
	if (entry->step == STEP_DONE || uidset_is_empty(entry->uids)) {
		finish(entry);
		return;
	}
	if (mailbox_uidvalidity(entry->mailbox) != entry->uidvalidity) {
		refuse(entry, CORE_ERROR_NO,
		       "the folder was replaced by another one on the server.");
		finish(entry);
		return;
	}
	/* T082: never into another mailbox. */
	if (is_there(entry))
		run_step(entry);
	else
		acquire(entry);
}

static void on_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Entry *entry = data;
	bool begun = entry->tries > 0 || entry->session != NULL;

	(void)p;
	/* Until log-in is possible again the wish stays. */
	if (error_is_cancelled(error) || error_is_abort(error) ||
	    g_error_matches(error, CORE_ERROR, CORE_ERROR_AUTH)) {
		entry->state = ENTRY_IDLE;
		return;
	}
	if (error != NULL) {
		refuse(entry, error->code, error->message);
		finish(entry);
		return;
	}
	entry->state = ENTRY_RUNNING;
	entry->session = s;
	if (!begun)
		entry->step = first_step(entry);
	run(entry);
}

static void acquire(Entry *entry)
{
	entry->state = ENTRY_WAITING;
	pool_acquire(entry->journal->pool, &entry->scope, POOL_INTERACTIVE, entry->mailbox,
		     on_session, entry);
}

/* --- wishes --- */

static Entry *entry_new(Journal *j, EntryKind kind, Mailbox *m, const UidSet *uids,
			const char *what)
{
	Entry *entry = g_new0(Entry, 1);

	entry->journal = j;
	entry->kind = kind;
	entry->mailbox = m;
	entry->uidvalidity = mailbox_uidvalidity(m);
	entry->uids = uidset_copy(uids);
	entry->single = uidset_count(uids) == 1;
	entry->what = g_strdup(what);
	scope_init(&entry->scope);
	g_queue_push_tail(&j->entries, entry);
	return entry;
}

static void show(Entry *entry, Flags add, Flags del, bool hide)
{
	entry->overlay = mailbox_overlay(entry->mailbox, entry->uids, add, del, hide);
	mailbox_commit(entry->mailbox);
}

static bool refuse_readonly(Journal *j, Mailbox *m)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	if (!mailbox_is_readonly(m))
		return false;
	text = g_strdup_printf("%s is read-only: nothing was changed.", mailbox_title(m));
	error = g_error_new_literal(CORE_ERROR, CORE_ERROR_READONLY, text);
	j->outcome(j, text, NULL, error, j->data);
	return true;
}

static bool refuse_flags(Journal *j, Mailbox *m, Flags flags)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	if (flags != 0)
		return false;
	text = g_strdup_printf("The server does not keep such marks in %s: nothing was changed.",
			       mailbox_title(m));
	error = g_error_new_literal(CORE_ERROR, CORE_ERROR_NO, text);
	j->outcome(j, text, NULL, error, j->data);
	return true;
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
	if (j == NULL)
		return;
	while (!g_queue_is_empty(&j->entries))
		entry_free(g_queue_peek_head(&j->entries));
	g_free(j);
}

void journal_store(Journal *j, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags,
		   const char *what)
{
	flags &= mailbox_storable(m);
	if (uidset_is_empty(uids) || refuse_readonly(j, m) || refuse_flags(j, m, flags))
		return;
	Entry *entry = entry_new(j, ENTRY_STORE, m, uids, what);
	entry->op = op;
	entry->words = flags_to_words(mailbox_flag_names(m), flags);
	show(entry, op == STORE_REMOVE ? 0 : flags,
	     op == STORE_REMOVE    ? flags
	     : op == STORE_REPLACE ? ~flags
				   : 0,
	     false);
	acquire(entry);
}

void journal_copy(Journal *j, Mailbox *m, const UidSet *uids, const char *target, bool move,
		  const char *what)
{
	if (uidset_is_empty(uids) || (move && refuse_readonly(j, m)))
		return;
	Entry *entry = entry_new(j, move ? ENTRY_MOVE : ENTRY_COPY, m, uids, what);
	entry->target = g_strdup(target);
	if (move)
		show(entry, 0, 0, true);
	acquire(entry);
}

void journal_expunge(Journal *j, Mailbox *m, const UidSet *uids, const char *what)
{
	if (uidset_is_empty(uids) || refuse_readonly(j, m))
		return;
	Entry *entry = entry_new(j, ENTRY_EXPUNGE, m, uids, what);
	show(entry, 0, 0, true);
	acquire(entry);
}

void journal_resume(Journal *j)
{
	g_autoptr(GPtrArray) idle = g_ptr_array_new();

	for (GList *link = j->entries.head; link != NULL; link = link->next) {
		if (((Entry *)link->data)->state == ENTRY_IDLE)
			g_ptr_array_add(idle, link->data);
	}
	for (unsigned i = 0; i < idle->len; i++)
		acquire(idle->pdata[i]);
}

unsigned journal_pending(const Journal *j)
{
	return j->entries.length;
}
