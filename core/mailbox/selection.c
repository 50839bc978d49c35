#include "core/mailbox/selection_private.h"

/* More new messages at once get their heads when they come into view. */
#define HEADS_AT_ONCE 100

/* Those too that have no name yet: FETCH told, or will tell, the flags of every message. */
#define ALL_KEYWORDS (~FLAGS_SYSTEM)

/* New messages whose UID is not known yet are no placeholders at the old end: they become rows when
 * they have been fetched, an instant later. */
static void tell_total(Selection *sel)
{
	uint32_t count = msgmap_count(sel->map), tail = msgmap_unknown_tail(sel->map);

	mailbox_set_total(sel->mailbox, tail < count ? count - tail : count);
}

/* --- the first window --- */

static void window_done(Selection *sel)
{
	uint32_t last = msgmap_last_uid(sel->map);

	sel->window_open = true;
	if (sel->now.uidnext == 0 && last != 0 && last < UINT32_MAX)
		mailbox_set_uidnext(sel->mailbox, last + 1);
	mailbox_set_loading(sel->mailbox, false);
	tell_total(sel);
}

static void on_window(const ImapResult *result, void *data)
{
	Selection *sel = data;

	if (error_is_cancelled(result->error) || error_is_abort(result->error))
		return;
	if (msgmap_unknown(sel->map) == 0) {
		g_autoptr(UidSet) uids = msgmap_uids(sel->map);
		mailbox_apply_uids(sel->mailbox, uids);
		mailbox_set_known_keywords(sel->mailbox, ALL_KEYWORDS);
	} else if (sel->now.messages <= sel->options.window) {
		/* Something went or came meanwhile. */
		selection_list_uids(sel);
	}
	window_done(sel);
}

/* What is known is what is there. */
static void keep(Selection *sel)
{
	g_autoptr(UidSet) uids = NULL;

	mailbox_commit(sel->mailbox);
	uids = mailbox_uids(sel->mailbox);
	window_done(sel);
	/* Something may have come or gone since SELECT. */
	if (!msgmap_set_all(sel->map, uids))
		selection_list_uids(sel);
	else if (sel->flags_missed)
		selection_ask_flags(sel);
}

static void load(Selection *sel)
{
	uint32_t exists = msgmap_count(sel->map), window = MIN(sel->options.window, exists);

	sel->now.messages = exists;
	sel->window_open = false;
	sel->whole = false;
	if (sel->plan == SYNC_TOLD || sel->plan == SYNC_UNCHANGED) {
		keep(sel);
		return;
	}
	if (sel->plan == SYNC_CHANGES) {
		window_done(sel);
		sel->rest_due = true;
		return;
	}
	mailbox_set_modseq(sel->mailbox, 0);
	mailbox_set_known_keywords(sel->mailbox, exists == 0 ? ALL_KEYWORDS : 0);
	if (exists == 0) {
		g_autoptr(UidSet) none = uidset_new();
		mailbox_apply_uids(sel->mailbox, none);
		window_done(sel);
		return;
	}
	g_autoptr(UidSet) newest = uidset_new_range(exists - window + 1, exists);
	/* What is known of it has its heads, but for what is new. */
	bool known = sel->had.complete && sel->had.uidvalidity == sel->now.uidvalidity;
	imap_fetch(sel->session, &sel->scope, newest, known ? "(UID FLAGS)" : MESSAGE_FETCH_ITEMS,
		   NULL, on_window, sel);
	sel->rest_due = exists > window;
}

/* Behind what the listener of `ready` asks for: the folders come before what has no row yet. */
static void load_rest(Selection *sel)
{
	if (!sel->rest_due)
		return;
	sel->rest_due = false;
	selection_list_uids(sel);
	sel->flags_follow = true;
	if (sel->plan == SYNC_CHANGES)
		selection_ask_changes(sel);
	else
		selection_ask_flags(sel);
}

/* --- new messages --- */

static void on_new(const ImapResult *result, void *data)
{
	Selection *sel = data;
	uint32_t tail = msgmap_unknown_tail(sel->map);

	if (error_is_cancelled(result->error) || error_is_abort(result->error))
		return;
	sel->fetching = false;
	/* A server that does not tell of what it says exists is asked for its UIDs, once. */
	if (tail > 0 && tail == sel->tail_left)
		selection_list_uids(sel);
	/* Unless more came meanwhile, which is still to be asked for. */
	if (sel->tail_left > 0)
		sel->tail_left = tail;
}

/* A new message that is told of by itself (another client flags it at once) before it was asked for
 * leaves those between it and the last one that is known without UID, and they are new no more. */
static bool list_gap(Selection *sel)
{
	bool asking = sel->rest_due || sel->fetching || sel->listing || sel->list_again;

	if (asking || !sel->window_open || sel->listings >= SELECTION_LISTINGS_MAX ||
	    msgmap_unknown(sel->map) == msgmap_unknown_tail(sel->map))
		return false;
	selection_list_uids(sel);
	return true;
}

static void fetch_new(Selection *sel)
{
	uint32_t tail = msgmap_unknown_tail(sel->map), last = msgmap_last_uid(sel->map);

	if (list_gap(sel))
		return;
	if (!sel->window_open || sel->fetching || sel->listing || tail == 0 || last == UINT32_MAX)
		return;
	if (tail == sel->tail_left && sel->tail_left != 0)
		return;
	/* All unknown: a listing is due, or the mailbox was empty. */
	if (last == 0 && (sel->now.messages > 0 || mailbox_known(sel->mailbox) > 0)) {
		if (sel->listings < SELECTION_LISTINGS_MAX)
			selection_list_uids(sel);
		return;
	}
	g_autoptr(UidSet) newer = uidset_new_range(last + 1, UINT32_MAX);
	sel->fetching = true;
	sel->tail_left = tail;
	imap_uid_fetch(sel->session, &sel->scope, newer,
		       tail <= HEADS_AT_ONCE ? MESSAGE_FETCH_ITEMS : "(UID FLAGS)", NULL, on_new,
		       sel);
}

/* --- what the server tells by itself --- */

static void on_exists(Selection *sel, uint32_t count)
{
	sel->listings = 0;
	sel->tail_left = 0;
	if (msgmap_set_count(sel->map, count)) {
		tell_total(sel);
		return;
	}
	msgmap_reset(sel->map, count);
	selection_resync(sel);
}

static void on_expunge(Selection *sel, uint32_t seq)
{
	if (seq == 0 || seq > msgmap_count(sel->map)) {
		selection_resync(sel);
		return;
	}
	uint32_t uid = msgmap_expunge(sel->map, seq);
	if (uid != 0) {
		g_autoptr(UidSet) gone = uidset_new_range(uid, uid);
		mailbox_apply_removed(sel->mailbox, gone);
	} else if (mailbox_is_complete(sel->mailbox)) {
		/* One that has a row, but which one? */
		selection_list_uids(sel);
		return;
	}
	tell_total(sel);
}

/* T080: what says that most of a mailbox has gone is not believed without a listing, but for what
 * the person removed. */
static bool is_believed(const Selection *sel, const UidSet *gone)
{
	if (uidset_count(gone) * 2 <= mailbox_known(sel->mailbox))
		return true;
	g_autoptr(UidSet) left = mailbox_uids(sel->mailbox);

	uidset_remove_set(left, mailbox_hidden(sel->mailbox));
	uint64_t count = uidset_count(left);
	uidset_remove_set(left, gone);
	return uidset_count(left) * 2 >= count;
}

static void on_vanished(Selection *sel, const UidSet *uids)
{
	msgmap_vanished(sel->map, uids);
	/* Where one is due, nothing is gained by looking: it costs time for every message. */
	if (sel->list_again || !is_believed(sel, uids)) {
		selection_resync(sel);
		return;
	}
	mailbox_apply_removed(sel->mailbox, uids);
	tell_total(sel);
}

static void on_fetch(Selection *sel, const FetchData *fetch)
{
	uint32_t uid = fetch->has & FETCH_UID ? fetch->uid : msgmap_uid(sel->map, fetch->seq);

	if (!sel->options.primary) {
		if ((fetch->has & FETCH_UID) && mailbox_find(sel->mailbox, uid) >= 0)
			mailbox_apply_fetch(sel->mailbox, uid, fetch);
		return;
	}
	if (uid == 0) {
		sel->flags_missed = sel->flags_missed || (fetch->has & FETCH_FLAGS);
		return;
	}
	if ((fetch->has & FETCH_UID) && !msgmap_set(sel->map, fetch->seq, uid)) {
		selection_resync(sel);
		/* Its number was wrong; nobody but the listing may bring a message in then. */
		if (mailbox_find(sel->mailbox, uid) < 0)
			return;
	}
	mailbox_apply_fetch(sel->mailbox, uid, fetch);
	if (sel->answered > 0 && (fetch->has & FETCH_FLAGS))
		uidset_add(sel->told, uid);
	tell_total(sel);
}

static void on_uidvalidity(Selection *sel, uint32_t validity)
{
	if (!mailbox_set_uidvalidity(sel->mailbox, validity) || !sel->options.primary)
		return;
	msgmap_reset(sel->map, msgmap_count(sel->map));
	sel->now.uidvalidity = validity;
	sel->plan = SYNC_ALL;
	load(sel);
}

/* Those of a secondary one are of its EXAMINE: nothing may be stored there. */
static void on_rights(Selection *sel, const StatusLine *line)
{
	if (!sel->options.primary)
		return;
	if (line->code == CODE_PERMANENTFLAGS)
		mailbox_set_storable(sel->mailbox, line->words);
	else
		mailbox_set_readonly(sel->mailbox,
				     line->code == CODE_READ_ONLY || sel->options.readonly);
}

static void on_condition(Selection *sel, const StatusLine *line)
{
	switch (line->code) {
	case CODE_UIDVALIDITY:
		on_uidvalidity(sel, line->number);
		break;
	case CODE_UIDNEXT:
		mailbox_set_uidnext(sel->mailbox, line->number);
		break;
	case CODE_PERMANENTFLAGS:
	case CODE_READ_ONLY:
	case CODE_READ_WRITE:
		on_rights(sel, line);
		break;
	default:
		break;
	}
}

/* --- opening --- */

/* What SELECT owns: whatever the mailbox that is left still says does not come here (T081). */
static void on_select_data(const Response *r, void *data)
{
	Selection *sel = data;

	if (r->kind == RESPONSE_EXISTS)
		sel->now.messages = r->number;
	else if (r->kind == RESPONSE_FLAGS)
		flags_from_list(mailbox_flag_names(sel->mailbox), &r->flags);
	else if (r->kind != RESPONSE_CONDITION)
		return;
	else if (r->status.code == CODE_UIDVALIDITY)
		sel->now.uidvalidity = r->status.number;
	else if (r->status.code == CODE_UIDNEXT)
		sel->now.uidnext = r->status.number;
	else if (r->status.code == CODE_HIGHESTMODSEQ)
		sel->now.modseq = r->status.modseq;
	else if (r->status.code == CODE_PERMANENTFLAGS)
		on_rights(sel, &r->status);
}

static void make_plan(Selection *sel)
{
	bool resumed = sel->resuming && sel->alone && is_believed(sel, sel->vanished);

	if (resumed) {
		mailbox_apply_removed(sel->mailbox, sel->vanished);
		mailbox_commit(sel->mailbox);
		g_autoptr(UidSet) uids = mailbox_uids(sel->mailbox);
		sel->had.messages = (uint32_t)uidset_count(uids);
	}
	if (sel->resuming && !resumed)
		sel->plan = SYNC_ALL;
	else
		sel->plan = sync_plan(&sel->had, &sel->now, session_capabilities(sel->session),
				      resumed);
}

static void opened(Selection *sel)
{
	Mailbox *m = sel->mailbox;

	if (sel->options.primary)
		make_plan(sel);
	sel->state = sel->options.primary ? SELECTION_NEWEST : SELECTION_READY;
	mailbox_set_uidvalidity(m, sel->now.uidvalidity);
	if (sel->now.uidnext != 0)
		mailbox_set_uidnext(m, sel->now.uidnext);
	if (!sel->options.primary)
		return;
	mailbox_set_readonly(m, session_is_readonly(sel->session));
	mailbox_set_loading(m, true);
	msgmap_reset(sel->map, sel->now.messages);
	mailbox_set_total(m, sel->now.messages);
}

/* The UIDs that the caller has mean other messages there. */
static GError *check_replaced(const Selection *sel)
{
	uint32_t had = mailbox_uidvalidity(sel->mailbox);

	if (sel->options.primary || had == 0 || had == sel->now.uidvalidity)
		return NULL;
	return g_error_new_literal(CORE_ERROR, CORE_ERROR_NO,
				   "The folder was replaced by another one on the server.");
}

static void send_select(Selection *sel);

static void on_select(const ImapResult *result, void *data)
{
	Selection *sel = data;
	Mailbox *m = sel->mailbox;
	g_autoptr(GError) replaced = NULL;

	if (error_is_cancelled(result->error))
		return;
	/* The ENABLE that was sent along in good faith may have failed. */
	if (sel->resuming && g_error_matches(result->error, CORE_ERROR, CORE_ERROR_BAD)) {
		sel->had = (SyncPoint){0};
		send_select(sel);
		return;
	}
	if (result->error == NULL)
		replaced = check_replaced(sel);
	const GError *error = replaced != NULL ? replaced : result->error;
	if (error == NULL) {
		opened(sel);
	} else {
		sel->state = SELECTION_FAILED;
		if (sel->options.primary)
			mailbox_set_loading(m, false);
	}
	/* The callback may free the selection; the mailbox outlives it. */
	if (sel->state != SELECTION_NEWEST)
		sel->ready(sel, error, sel->data);
	mailbox_commit(m);
}

/* Where it told nothing (there is no message, or one came or went meanwhile), the window has the
 * row all the same. */
static void on_newest(const ImapResult *result, void *data)
{
	Selection *sel = data;
	Mailbox *m = sel->mailbox;

	if (sel->state != SELECTION_NEWEST || error_is_cancelled(result->error) ||
	    error_is_abort(result->error))
		return;
	sel->state = SELECTION_READY;
	load(sel);
	sel->ready(sel, NULL, sel->data);
	mailbox_commit(m);
}

static void send_select(Selection *sel)
{
	const char *name = mailbox_name(sel->mailbox);
	ImapSession *s = sel->session;

	sel->resuming = sync_may_resume(&sel->had, session_enabled(s));
	if (sel->resuming)
		imap_select_since(s, &sel->scope, name, sel->options.readonly, sel->had.uidvalidity,
				  sel->had.modseq, on_select_data, on_select, sel);
	else
		imap_select(s, &sel->scope, name, sel->options.readonly, on_select_data, on_select,
			    sel);
	if (sel->options.primary)
		imap_uid_fetch(s, &sel->scope, NULL, MESSAGE_FETCH_ITEMS, NULL, on_newest, sel);
}

Selection *selection_open(Mailbox *m, ImapSession *s, const SelectionOptions *options,
			  SelectionReady ready, void *data)
{
	Selection *sel = g_new0(Selection, 1);

	sel->mailbox = m;
	sel->session = s;
	sel->options = *options;
	sel->ready = ready;
	sel->data = data;
	sel->map = msgmap_new();
	scope_init(&sel->scope);
	sel->vanished = uidset_new();
	sel->told = uidset_new();
	sel->alone = session_state(s) < SESSION_SELECTED && session_is_idle(s);
	if (options->primary && (sel->alone || session_state(s) == SESSION_SELECTED))
		mailbox_sync_point(m, &sel->had);
	send_select(sel);
	return sel;
}

void selection_free(Selection *selection)
{
	if (selection == NULL)
		return;
	scope_cancel(&selection->scope);
	msgmap_free(selection->map);
	uidset_free(selection->vanished);
	uidset_free(selection->told);
	g_free(selection);
}

/* What SELECT (QRESYNC …) tells before its OK, by UID alone; what comes before CLOSED is of the
 * mailbox that is left (RFC 7162 3.2.11). */
static void on_earlier(Selection *sel, const Response *r)
{
	if (r->kind == RESPONSE_CONDITION && r->status.code == CODE_CLOSED)
		sel->alone = true;
	else if (!sel->alone)
		return;
	else if (r->kind == RESPONSE_VANISHED)
		uidset_add_set(sel->vanished, r->vanished.uids);
	else if (r->kind == RESPONSE_FETCH && (r->fetch.has & FETCH_UID))
		mailbox_apply_fetch(sel->mailbox, r->fetch.uid, &r->fetch);
}

void selection_response(Selection *selection, const Response *r)
{
	bool primary = selection->options.primary;

	if (selection->state == SELECTION_OPENING && selection->resuming)
		on_earlier(selection, r);
	if (selection->state != SELECTION_NEWEST && selection->state != SELECTION_READY)
		return;
	switch (r->kind) {
	case RESPONSE_FETCH:
		on_fetch(selection, &r->fetch);
		break;
	case RESPONSE_FLAGS:
		flags_from_list(mailbox_flag_names(selection->mailbox), &r->flags);
		break;
	case RESPONSE_CONDITION:
		on_condition(selection, &r->status);
		break;
	case RESPONSE_EXISTS:
		if (primary)
			on_exists(selection, r->number);
		break;
	case RESPONSE_EXPUNGE:
		if (primary)
			on_expunge(selection, r->number);
		break;
	case RESPONSE_VANISHED:
		if (primary)
			on_vanished(selection, r->vanished.uids);
		break;
	default:
		break;
	}
}

void selection_batch_end(Selection *selection)
{
	if (selection->state == SELECTION_READY && selection->options.primary) {
		load_rest(selection);
		fetch_new(selection);
		selection_ask_keywords(selection);
	}
	mailbox_commit(selection->mailbox);
	if (selection->state == SELECTION_READY && selection->options.primary)
		selection_note_whole(selection);
}

ImapSession *selection_session(const Selection *selection)
{
	return selection->session;
}

Mailbox *selection_mailbox(const Selection *selection)
{
	return selection->mailbox;
}

bool selection_is_ready(const Selection *selection)
{
	return selection->state == SELECTION_READY;
}

bool selection_is_readonly(const Selection *selection)
{
	return selection->options.readonly;
}
