#include "core/account/entry.h"

#include <string.h>

#include "core/account/look.h"
#include "core/account/step.h"
#include "core/base/error.h"

/* Connections that may break under the same entry before it is held. */
#define TRIES_MAX 5
/* The server may still be at the MOVE whose line broke. */
#define SETTLE_MS 1000
/* A disk that refused is asked again after so long. */
#define DISK_MS 5000

static void run(Entry *entry);
static void acquire(Entry *entry);

/* --- what shows --- */

static Flags flags_of(const Entry *entry)
{
	Flags flags = 0;

	for (size_t k = 0; entry->intention->words && entry->intention->words[k]; k++)
		flags |= flags_from_word(mailbox_flag_names(entry->mailbox),
					 entry->intention->words[k], true);
	return flags;
}

static void show(Entry *entry)
{
	const Intention *i = entry->intention;
	bool hide = i->kind == INTENTION_MOVE || i->kind == INTENTION_EXPUNGE;
	Flags flags = flags_of(entry);

	if (i->kind == INTENTION_COPY)
		return;
	entry->overlay = mailbox_overlay(entry->mailbox, i->uids, i->op == STORE_ADD ? flags : 0,
					 i->op == STORE_REMOVE ? flags : 0, hide);
	mailbox_commit(entry->mailbox);
}

/* Without a commit. */
static void unshow(Entry *entry)
{
	if (entry->listener != 0)
		mailbox_unlisten(entry->mailbox, entry->listener);
	if (entry->overlay != 0)
		mailbox_overlay_drop(entry->mailbox, entry->overlay);
	entry->listener = entry->overlay = 0;
}

/* --- the end --- */

static void refuse(Entry *entry, CoreError code, const char *text)
{
	if (entry->refusal == NULL)
		entry->refusal = g_error_new_literal(CORE_ERROR, code, text);
}

/* What is marked in vain, because it is not there: known where the whole mailbox is. */
static uint64_t count_gone(const Entry *entry)
{
	const UidSet *uids = entry->intention->uids;
	uint64_t gone = entry->gone;

	if (entry->intention->kind != INTENTION_STORE || !entry->replayed ||
	    !mailbox_is_complete(entry->mailbox))
		return gone;
	for (size_t k = 0; k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++)
			gone += mailbox_find(entry->mailbox, (uint32_t)uid) < 0 &&
				!mailbox_is_hidden(entry->mailbox, (uint32_t)uid);
	}
	return gone;
}

/* EXPUNGE passes over what is not marked any more (RFC 4315 2.1) and calls that OK, too. */
static void refuse_kept(Entry *entry)
{
	const Intention *i = entry->intention;
	uint64_t kept = 0, unmarked = 0;

	for (size_t k = 0; k < uidset_range_count(i->uids); k++) {
		UidRange range = uidset_range(i->uids, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++) {
			if (mailbox_find(entry->mailbox, (uint32_t)uid) < 0)
				continue;
			kept++;
			unmarked += !(mailbox_flags(entry->mailbox, (uint32_t)uid, NULL) &
				      FLAG_DELETED);
		}
	}
	if (kept == 0)
		return;
	entry->some = kept < i->count;
	refuse(entry, CORE_ERROR_NO,
	       unmarked == kept ? "the mark as deleted was taken back elsewhere."
				: "the server still has what was to go.");
}

static void finish(Entry *entry)
{
	uint64_t gone = count_gone(entry);

	unshow(entry);
	mailbox_commit(entry->mailbox);
	if (entry->intention->kind == INTENTION_EXPUNGE && entry->some)
		refuse_kept(entry);
	g_autoptr(GError) refusal = g_steal_pointer(&entry->refusal);
	g_autofree char *text = intention_outcome(entry->intention, refusal, entry->some, gone);

	intention_happen(entry->intention, INTENTION_END);
	if (entry->intention->id != 0)
		journal_store_remove(entry->host->store, entry->intention->id);
	entry->host->ended(entry, text, refusal, entry->host->data);
}

static void put(Entry *entry)
{
	if (entry->intention->id != 0)
		journal_store_put(entry->host->store, NULL, entry->host->account, entry->intention,
				  NULL, NULL);
}

static void hold(Entry *entry, const char *reason)
{
	Mailbox *m = entry->mailbox;

	entry->intention->reason = g_strdup(reason);
	scope_cancel(&entry->scope);
	g_clear_handle_id(&entry->timer, g_source_remove);
	unshow(entry);
	entry->mailbox = NULL;
	entry->busy = entry->alone = false;
	intention_happen(entry->intention, INTENTION_HOLD);
	put(entry);
	mailbox_commit(m);
	entry->host->held(entry, entry->host->data);
}

static void lost(Entry *entry)
{
	entry->replayed = true;
	entry->settled = entry->busy = entry->alone = false;
	intention_happen(entry->intention, INTENTION_CUT);
	if (++entry->tries >= TRIES_MAX)
		hold(entry, "the connection breaks each time");
	else
		acquire(entry);
}

/* --- from step to step --- */

static void go_on(Entry *entry, IntentionStep from, const UidSet *done)
{
	Intention *i = entry->intention;
	bool over = from == STEP_COPY || from == STEP_MOVE || from == STEP_STORE ||
		    from == STEP_EXPUNGE;
	bool any = !uidset_is_empty(done);
	UidSet *uids = uidset_copy(done);

	entry->some = entry->some || (over && any);
	entry->tries = 0;
	i->step = from;
	i->step = any ? intention_next(i, step_offers(entry->session, CAP(MOVE)),
				       step_offers(entry->session, CAP(UIDPLUS)))
		      : STEP_DONE;
	uidset_free(i->uids);
	i->uids = uids;
	intention_happen(i, INTENTION_STEPPED);
	/* Not waited for: of a COPY that is not on disk as through, the copies are looked for. */
	if (i->step == STEP_MARK && from == STEP_COPY)
		put(entry);
	run(entry);
}

static void noted(Entry *entry, const StepResult *result)
{
	Intention *i = entry->intention;

	/* Where STATUS is refused, COPY will be, in better words. */
	i->target_uidvalidity = result->uidvalidity;
	i->target_uidnext = result->uidvalidity ? result->uidnext : 0;
	i->step = STEP_COPY;
	intention_happen(i, INTENTION_STEPPED);
	run(entry);
}

/* Those that the server confirmed need no repeat. */
static void step_lost(Entry *entry, const StepResult *result)
{
	IntentionStep step = entry->intention->step;

	if (step == STEP_STORE || step == STEP_MOVE || step == STEP_EXPUNGE)
		uidset_remove_set(entry->intention->uids, result->done);
	lost(entry);
}

static void stepped(const StepResult *result, void *data)
{
	Entry *entry = data;
	IntentionStep step = entry->intention->step;

	if (result->broken) {
		step_lost(entry, result);
		return;
	}
	if (step == STEP_NOTE) {
		noted(entry, result);
		return;
	}
	if (result->refusal && !entry->refusal)
		entry->refusal = g_error_copy(result->refusal);
	entry->gone += uidset_count(result->gone);
	g_autoptr(UidSet) done = uidset_copy(result->done);
	if (step == STEP_COPY && entry->found)
		uidset_add_set(done, entry->found);
	go_on(entry, step, done);
}

static void hold_unknown(Entry *entry, const char *why)
{
	g_autofree char *reason = g_strdup_printf(
		"the connection broke while they were copied, and whether they were is not known "
		"(%s): look into the other folder before you do it again",
		why);

	hold(entry, reason);
}

static void looked(const UidSet *found, const UidSet *there, const GError *error, void *data)
{
	Entry *entry = data;
	Intention *i = entry->intention;

	if (error_is_abort(error) || error_is_cancelled(error)) {
		lost(entry);
		return;
	}
	if (error) {
		hold_unknown(entry, error->message);
		return;
	}
	entry->gone += uidset_count(i->uids) - uidset_count(there);
	uidset_free(i->uids);
	i->uids = uidset_copy(there);
	uidset_free(entry->found);
	entry->found = uidset_copy(found);
	if (uidset_is_empty(there))
		refuse(entry, CORE_ERROR_NO, "they are not in the folder any more.");
	i->step = uidset_is_empty(there) ? STEP_DONE : STEP_COPY;
	intention_happen(i, INTENTION_STEPPED);
	acquire(entry);
}

/* --- sending --- */

static void on_recorded(int64_t id, const GError *error, void *data);

static void record(Entry *entry)
{
	entry->busy = true;
	journal_store_put(entry->host->store, &entry->scope, entry->host->account, entry->intention,
			  on_recorded, entry);
}

static gboolean on_timer(void *data)
{
	Entry *entry = data;

	entry->timer = 0;
	entry->busy = false;
	entry_advance(entry);
	return G_SOURCE_REMOVE;
}

static void wait_for(Entry *entry, unsigned milliseconds)
{
	entry->busy = true;
	entry->timer = g_timeout_add(milliseconds, on_timer, entry);
}

/* The session may be gone by now: it is asked for again. */
static void on_recorded(int64_t id, const GError *error, void *data)
{
	Entry *entry = data;

	(void)id;
	if (error_is_cancelled(error))
		return;
	entry->host->written(entry, error, entry->host->data);
	if (error) {
		wait_for(entry, DISK_MS);
		return;
	}
	entry->recorded = entry->intention->step;
	acquire(entry);
}

static void send_look(Entry *entry)
{
	const Intention *i = entry->intention;

	if (i->target_uidnext == 0) {
		hold_unknown(entry, "the server did not say where new messages begin");
		return;
	}
	intention_happen(entry->intention, INTENTION_SEND);
	look_start(entry->host->pool, &entry->scope, i, entry->mailbox,
		   entry->host->mailbox(i->target, entry->host->data), looked, entry);
}

static void send_step(Entry *entry)
{
	Intention *i = entry->intention;
	g_autoptr(UidSet) uids = uidset_copy(i->uids);
	g_autoptr(UidSet) beside = i->step == STEP_CHECK
					   ? entry->host->beside(entry, entry->host->data)
					   : uidset_new();
	StepWork work = {i->step, i, uids, entry->mailbox, beside};

	if (i->step == STEP_COPY && entry->found)
		uidset_remove_set(uids, entry->found);
	intention_happen(i, INTENTION_SEND);
	if (uidset_is_empty(uids))
		go_on(entry, STEP_COPY, entry->found);
	else
		step_run(&work, entry->session, &entry->scope, stepped, entry);
}

static bool is_there(const Entry *entry)
{
	const char *open = session_mailbox(entry->session);

	return open != NULL && g_str_equal(open, mailbox_name(entry->mailbox));
}

static bool is_on_disk(const Entry *entry)
{
	const Intention *i = entry->intention;

	return i->id == 0 || !intention_is_recorded(i->step) || entry->recorded == i->step;
}

static void run(Entry *entry)
{
	Intention *i = entry->intention;
	bool uidplus = step_offers(entry->session, CAP(UIDPLUS));

	if (i->step == STEP_BEGIN)
		i->step = intention_next(i, step_offers(entry->session, CAP(MOVE)), uidplus);
	if (i->step == STEP_DONE || uidset_is_empty(i->uids)) {
		finish(entry);
		return;
	}
	if (mailbox_uidvalidity(entry->mailbox) != i->uidvalidity) {
		hold(entry, "the folder was replaced by another one on the server");
		return;
	}
	/* T082: never into another mailbox. */
	if (!is_there(entry)) {
		acquire(entry);
		return;
	}
	entry->alone = !uidplus && (i->step == STEP_CHECK || i->step == STEP_EXPUNGE);
	if (!entry->host->may_run(entry, entry->host->data))
		entry->busy = false;
	else if (i->step == STEP_MOVE && i->state == INTENTION_UNKNOWN && !entry->settled) {
		entry->settled = true;
		wait_for(entry, SETTLE_MS);
	} else if (!is_on_disk(entry))
		record(entry);
	else if (i->step == STEP_LOOK)
		send_look(entry);
	else
		send_step(entry);
}

static void on_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Entry *entry = data;

	(void)p;
	/* Until log-in is possible again the wish stays. */
	if (error_is_cancelled(error) || error_is_abort(error) ||
	    g_error_matches(error, CORE_ERROR, CORE_ERROR_AUTH)) {
		entry->busy = false;
		return;
	}
	if (error != NULL) {
		hold(entry, error->message);
		return;
	}
	entry->session = s;
	run(entry);
}

static void acquire(Entry *entry)
{
	entry->busy = true;
	pool_acquire(entry->host->pool, &entry->scope, POOL_INTERACTIVE, entry->mailbox, on_session,
		     entry);
}

/* --- life --- */

Entry *entry_new(const EntryHost *host, unsigned number, Intention *intention_take)
{
	Entry *entry = g_new0(Entry, 1);

	entry->host = host;
	entry->number = number;
	entry->intention = intention_take;
	entry->touched = uidset_copy(intention_take->uids);
	entry->begun = g_get_monotonic_time();
	scope_init(&entry->scope);
	return entry;
}

void entry_free(Entry *entry)
{
	scope_cancel(&entry->scope);
	g_clear_handle_id(&entry->timer, g_source_remove);
	if (entry->mailbox)
		unshow(entry);
	intention_free(entry->intention);
	uidset_free(entry->found);
	uidset_free(entry->touched);
	g_clear_error(&entry->refusal);
	g_free(entry);
}

/* One that cannot be written goes on in memory. */
static void on_written(int64_t id, const GError *error, void *data)
{
	Entry *entry = data;

	if (error_is_cancelled(error))
		return;
	entry->busy = false;
	entry->intention->id = error ? 0 : id;
	intention_happen(entry->intention, INTENTION_COMMITTED);
	entry->host->written(entry, error, entry->host->data);
	entry_advance(entry);
}

void entry_begin(Entry *entry, Mailbox *m)
{
	entry->mailbox = m;
	show(entry);
	entry->busy = true;
	journal_store_put(entry->host->store, &entry->scope, entry->host->account, entry->intention,
			  on_written, entry);
}

/* Nothing of another folder's messages may look changed. */
static void on_mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	Entry *entry = data;

	(void)change;
	if (mailbox_uidvalidity(m) == 0)
		return;
	mailbox_unlisten(m, entry->listener);
	entry->listener = 0;
	if (mailbox_uidvalidity(m) == entry->intention->uidvalidity)
		show(entry);
}

static void open_mailbox(Entry *entry)
{
	entry->mailbox = entry->host->mailbox(entry->intention->mailbox, entry->host->data);
	if (mailbox_uidvalidity(entry->mailbox) == entry->intention->uidvalidity)
		show(entry);
	else
		entry->listener = mailbox_listen(entry->mailbox, on_mailbox_changed, entry);
}

void entry_adopt(Entry *entry)
{
	Intention *i = entry->intention;

	entry->replayed = true;
	entry->recorded = i->step == STEP_LOOK ? STEP_COPY : i->step;
	if (i->state == INTENTION_HELD)
		return;
	intention_happen(i, INTENTION_CUT);
	open_mailbox(entry);
	entry_advance(entry);
}

void entry_advance(Entry *entry)
{
	IntentionState state = entry->intention->state;

	if (!entry->busy && (state == INTENTION_WRITTEN || state == INTENTION_UNKNOWN) &&
	    entry->host->may_run(entry, entry->host->data))
		acquire(entry);
}

void entry_retry(Entry *entry)
{
	g_clear_pointer(&entry->intention->reason, g_free);
	intention_happen(entry->intention, INTENTION_RETRY);
	entry->tries = 0;
	put(entry);
	open_mailbox(entry);
	entry_advance(entry);
}

void entry_drop(Entry *entry)
{
	intention_happen(entry->intention, INTENTION_END);
	if (entry->intention->id != 0)
		journal_store_remove(entry->host->store, entry->intention->id);
	entry_free(entry);
}
