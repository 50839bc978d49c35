#include "core/account/step.h"

#include <string.h>

#include "core/base/error.h"
#include "core/mailbox/uidsearch.h"

/* Of the UIDs in one command; with verb and mailbox it stays below 8,000 bytes. */
#define SET_TEXT_MAX 6500

typedef struct {
	ScopeItem item;
	Scope scope; /* of its commands */
	IntentionStep step;
	UidSet *uids, *beside, *done_uids, *gone;
	GError *refusal;
	bool broken;
	uint32_t uidvalidity, uidnext;
	unsigned in_flight;
	guint idle;
	StepDone done; /* NULL: cancelled */
	void *data;
} Run;

/* One command of a step. */
typedef struct {
	Run *run;
	UidSet *uids;
} Piece;

static void run_free(Run *run)
{
	scope_remove(&run->item);
	uidset_free(run->uids);
	uidset_free(run->beside);
	uidset_free(run->done_uids);
	uidset_free(run->gone);
	g_clear_error(&run->refusal);
	g_free(run);
}

static void end(Run *run)
{
	StepResult result = {run->done_uids, run->gone,        run->refusal,
			     run->broken,    run->uidvalidity, run->uidnext};

	scope_remove(&run->item);
	run->done(&result, run->data);
	run_free(run);
}

static void cancel_run(ScopeItem *item)
{
	Run *run = (Run *)item;

	run->done = NULL;
	g_clear_handle_id(&run->idle, g_source_remove);
	scope_cancel(&run->scope);
	run_free(run);
}

/* A session that is given up cancels what it carried: to us that is a lost line, too. */
static void command_ended(Run *run, const UidSet *uids, const GError *error)
{
	if (error == NULL)
		uidset_add_set(run->done_uids, uids);
	else if (error_is_abort(error) || error_is_cancelled(error))
		run->broken = true;
	else if (run->refusal == NULL)
		run->refusal = g_error_copy(error);
	if (--run->in_flight == 0 && run->done)
		end(run);
}

/* T166: what was copied is what the server names, where it does. */
static void piece_done(const ImapResult *result, void *data)
{
	Piece *piece = data;
	Run *run = piece->run;
	const UidSet *copied = result->status && result->status->code == CODE_COPYUID
				       ? result->status->from
				       : NULL;
	g_autoptr(UidSet) uids = g_steal_pointer(&piece->uids);

	g_free(piece);
	if (run->step == STEP_COPY && result->error == NULL && copied) {
		g_autoptr(UidSet) missing = uidset_copy(uids);
		uidset_remove_set(missing, copied);
		uidset_remove_set(uids, missing);
		uidset_add_set(run->gone, missing);
	}
	command_ended(run, uids, result->error);
}

static void submit(Run *run, const Intention *i, ImapSession *s, Piece *piece)
{
	static const char *const deleted[] = {"\\Deleted", NULL};

	switch (run->step) {
	case STEP_STORE:
		imap_uid_store(s, &run->scope, piece->uids, i->op, (const char *const *)i->words,
			       piece_done, piece);
		break;
	case STEP_MOVE:
		imap_uid_move(s, &run->scope, piece->uids, i->target, piece_done, piece);
		break;
	case STEP_COPY:
		imap_uid_copy(s, &run->scope, piece->uids, i->target, piece_done, piece);
		break;
	case STEP_MARK:
		imap_uid_store(s, &run->scope, piece->uids, STORE_ADD, deleted, piece_done, piece);
		break;
	case STEP_EXPUNGE:
		imap_uid_expunge(s, &run->scope, piece->uids, piece_done, piece);
		break;
	default:
		g_assert_not_reached();
	}
}

static void submit_pieces(Run *run, const Intention *i, ImapSession *s, const UidSet *uids)
{
	g_autoptr(GPtrArray) sets = uidset_split(uids, SET_TEXT_MAX);

	/* All are counted before one can end. */
	run->in_flight = sets->len;
	for (unsigned k = 0; k < sets->len; k++) {
		Piece *piece = g_new(Piece, 1);
		*piece = (Piece){run, uidset_copy(sets->pdata[k])};
		submit(run, i, s, piece);
	}
}

static gboolean end_later(void *data)
{
	Run *run = data;

	run->idle = 0;
	end(run);
	return G_SOURCE_REMOVE;
}

/* What is to be removed and shows as marked is not marked again: somebody may have taken the mark
 * back.  What was moved has its copy, and must not be left beside it (T166). */
static void mark(Run *run, const Intention *i, ImapSession *s, const Mailbox *m)
{
	g_autoptr(UidSet) unmarked = uidset_new();

	for (size_t k = 0; k < uidset_range_count(run->uids); k++) {
		UidRange range = uidset_range(run->uids, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++) {
			bool marked = mailbox_flags(m, (uint32_t)uid, NULL) & FLAG_DELETED;
			if (i->kind == INTENTION_MOVE || !marked)
				uidset_add(unmarked, (uint32_t)uid);
		}
	}
	uidset_add_set(run->done_uids, run->uids);
	uidset_remove_set(run->done_uids, unmarked);
	if (uidset_is_empty(unmarked))
		run->idle = g_idle_add_full(G_PRIORITY_DEFAULT, end_later, run, NULL);
	else
		submit_pieces(run, i, s, unmarked);
}

static void found_deleted(const UidSet *uids, const GError *error, void *data)
{
	Run *run = data;
	g_autoptr(UidSet) foreign = uids ? uidset_copy(uids) : uidset_new();

	uidset_remove_set(foreign, run->uids);
	uidset_remove_set(foreign, run->beside);
	if (error == NULL && !uidset_is_empty(foreign)) {
		g_autoptr(GError) refusal = g_error_new_literal(
			CORE_ERROR, CORE_ERROR_NO,
			"this server can only remove all that is marked as deleted, and others are "
			"marked here, too. These stay marked.");
		command_ended(run, run->uids, refusal);
		return;
	}
	command_ended(run, run->uids, error);
}

static void whole_done(const ImapResult *result, void *data)
{
	Run *run = data;

	command_ended(run, run->uids, result->error);
}

/* One that comes unasked (NOTIFY) need not tell both. */
static void on_status(const Response *r, void *data)
{
	Run *run = data;

	if (r->kind != RESPONSE_STATUS)
		return;
	if (r->mailbox.has & STATUS_UIDVALIDITY)
		run->uidvalidity = r->mailbox.uidvalidity;
	if (r->mailbox.has & STATUS_UIDNEXT)
		run->uidnext = r->mailbox.uidnext;
}

void step_run(const StepWork *work, ImapSession *s, Scope *scope, StepDone done, void *data)
{
	const Intention *i = work->intention;
	IntentionStep step = work->step;
	Run *run = g_new0(Run, 1);

	run->step = step;
	run->uids = uidset_copy(work->uids);
	run->beside = uidset_copy(work->beside);
	run->done_uids = uidset_new();
	run->gone = uidset_new();
	run->done = done;
	run->data = data;
	run->in_flight = 1;
	scope_init(&run->scope);
	scope_add(scope, &run->item, cancel_run);
	if (step == STEP_MARK)
		mark(run, i, s, work->mailbox);
	else if (step == STEP_CHECK)
		uidsearch_run(s, &run->scope, "DELETED", found_deleted, run);
	else if (step == STEP_NOTE)
		imap_status(s, &run->scope, i->target, "UIDVALIDITY UIDNEXT", on_status, whole_done,
			    run);
	else if (step == STEP_EXPUNGE && !step_offers(s, CAP(UIDPLUS)))
		imap_expunge(s, &run->scope, whole_done, run);
	else
		submit_pieces(run, i, s, run->uids);
}

bool step_offers(const ImapSession *s, Capability caps)
{
	return (session_capabilities(s) & caps) != 0;
}
