#include "core/mailbox/selection.h"

#include "core/mailbox/msgmap.h"
#include "core/mailbox/uidsearch.h"

/* More new messages at once get their heads when they come into view. */
#define HEADS_AT_ONCE 100
/* Listings in a row that do not agree with EXISTS. */
#define LISTINGS_MAX 3

typedef enum {
	SELECTION_OPENING,
	SELECTION_NEWEST, /* SELECT was answered, the newest row is on its way */
	SELECTION_READY,
	SELECTION_FAILED
} State;

struct Selection {
	Mailbox *mailbox;
	ImapSession *session;
	SelectionOptions options;
	SelectionReady ready;
	void *data;
	Scope scope;
	State state;
	MsgMap *map;
	uint32_t exists, uidvalidity, uidnext; /* while opening */
	bool window_open;                      /* the window's FETCH was answered */
	bool rest_due; /* the UIDs of all, and by flag, are still to be asked for */
	bool listing, list_again;
	unsigned flag_searches; /* in flight */
	bool flags_again;       /* when these are answered */
	bool flags_follow;      /* the listing's own flag searches are behind it */
	unsigned listings;      /* that did not agree, in a row */
	bool fetching;          /* new messages */
	uint32_t tail_left;     /* new messages that a FETCH of them did not tell */
};

/* What the index shows, and $ needs.  UNSEEN is the one that says who has not. */
static const struct {
	const char *criteria;
	Flags flag;
	bool with;
} flag_sets[] = {
	{"UNSEEN", FLAG_SEEN, false},    {"FLAGGED", FLAG_FLAGGED, true},
	{"DELETED", FLAG_DELETED, true}, {"ANSWERED", FLAG_ANSWERED, true},
	{"DRAFT", FLAG_DRAFT, true},
};

/* New messages whose UID is not known yet are no placeholders at the old end: they become rows when
 * they have been fetched, an instant later. */
static void tell_total(Selection *sel)
{
	uint32_t count = msgmap_count(sel->map), tail = msgmap_unknown_tail(sel->map);

	mailbox_set_total(sel->mailbox, tail < count ? count - tail : count);
}

/* --- the UIDs by flag --- */

typedef struct {
	Selection *selection;
	unsigned set; /* in flag_sets */
} FlagSearch;

static void ask_flag_sets(Selection *sel);
static void ask_flag_set(Selection *sel, unsigned set);

static void on_flag_set(const UidSet *uids, const GError *error, void *data)
{
	FlagSearch search = *(FlagSearch *)data;
	Selection *sel = search.selection;

	g_free(data);
	if (error_is_cancelled(error) || error_is_abort(error))
		return;
	sel->flag_searches--;
	if (error == NULL)
		mailbox_apply_flag_set(sel->mailbox, flag_sets[search.set].flag, uids,
				       flag_sets[search.set].with);
	if (!uidsearch_is_pipelined(sel->session) && search.set + 1 < G_N_ELEMENTS(flag_sets))
		ask_flag_set(sel, search.set + 1);
	if (sel->flag_searches == 0 && sel->flags_again)
		ask_flag_sets(sel);
}

static void ask_flag_set(Selection *sel, unsigned set)
{
	FlagSearch *search = g_new(FlagSearch, 1);

	*search = (FlagSearch){sel, set};
	sel->flag_searches++;
	uidsearch_run(sel->session, &sel->scope, flag_sets[set].criteria, on_flag_set, search);
}

/* Without ESEARCH one behind the other: a search that had to wait for another would hold up what a
 * key asks for. */
static void ask_flag_sets(Selection *sel)
{
	unsigned n = uidsearch_is_pipelined(sel->session) ? G_N_ELEMENTS(flag_sets) : 1;

	sel->flags_again = sel->flag_searches > 0;
	for (unsigned set = 0; set < n && !sel->flags_again; set++)
		ask_flag_set(sel, set);
}

/* --- the UIDs of all --- */

static void list_uids(Selection *sel);

/* True where the last UID that a FETCH told has the same number in the listing: then what the map
 * has behind that number came after the listing was made. */
static bool agrees_with_map(const Selection *sel, const UidSet *uids)
{
	uint32_t last = msgmap_last_uid(sel->map);
	uint64_t seq = 0;

	if (uidset_count(uids) > msgmap_count(sel->map))
		return false;
	if (last == 0 || uidset_count(uids) == msgmap_count(sel->map))
		return uidset_count(uids) == msgmap_count(sel->map);
	for (size_t i = 0; i < uidset_range_count(uids); i++) {
		UidRange range = uidset_range(uids, i);
		if (range.first > last)
			break;
		seq += (uint64_t)MIN(range.last, last) - range.first + 1;
	}
	return seq == msgmap_seq(sel->map, last);
}

static void take_listing(Selection *sel, const UidSet *uids)
{
	uint32_t count = msgmap_count(sel->map);

	if (agrees_with_map(sel, uids)) {
		msgmap_reset(sel->map, (uint32_t)uidset_count(uids));
		msgmap_set_all(sel->map, uids);
		msgmap_set_count(sel->map, count);
		sel->listings = 0;
	} else if (++sel->listings < LISTINGS_MAX) {
		sel->list_again = true;
		return;
	} else {
		/* The UIDs are the truth; numbers without UID mean nothing here. */
		g_message("%s: the server's count (%u) is not the number of its UIDs.",
			  mailbox_title(sel->mailbox), count);
		msgmap_reset(sel->map, count);
	}
	mailbox_apply_uids(sel->mailbox, uids);
	mailbox_set_total(sel->mailbox, (uint32_t)uidset_count(uids));
	/* Flags told by number, or of UIDs that were not known yet, have passed by. */
	if (!sel->flags_follow && !uidset_is_empty(uids))
		ask_flag_sets(sel);
	sel->flags_follow = false;
}

static void on_uids(const UidSet *uids, const GError *error, void *data)
{
	Selection *sel = data;

	if (error_is_cancelled(error) || error_is_abort(error))
		return;
	sel->listing = false;
	/* A server that finds nothing where something exists has not searched. */
	bool empty = error == NULL && uidset_is_empty(uids) && msgmap_count(sel->map) > 0;
	if (error != NULL || empty) {
		g_message("%s: the messages could not be listed: %s", mailbox_title(sel->mailbox),
			  error != NULL ? error->message : "the server found none");
		sel->listings = LISTINGS_MAX;
	} else if (!sel->list_again) {
		take_listing(sel, uids);
	}
	if (sel->list_again)
		list_uids(sel);
}

static void list_uids(Selection *sel)
{
	sel->flags_follow = false;
	if (sel->listing) {
		sel->list_again = true;
		return;
	}
	sel->listing = true;
	sel->list_again = false;
	uidsearch_run(sel->session, &sel->scope, "ALL", on_uids, sel);
}

/* The numbers cannot be trusted any more. */
static void resync(Selection *sel)
{
	g_debug("%s: listing all UIDs again", mailbox_title(sel->mailbox));
	msgmap_reset(sel->map, msgmap_count(sel->map));
	list_uids(sel);
}

/* --- the first window --- */

static void window_done(Selection *sel)
{
	uint32_t last = msgmap_last_uid(sel->map);

	sel->window_open = true;
	if (sel->uidnext == 0 && last != 0 && last < UINT32_MAX)
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
	} else if (sel->exists <= sel->options.window) {
		/* Something went or came meanwhile. */
		list_uids(sel);
	}
	window_done(sel);
}

static void load(Selection *sel)
{
	uint32_t exists = msgmap_count(sel->map), window = MIN(sel->options.window, exists);

	sel->exists = exists;
	sel->window_open = false;
	if (exists == 0) {
		g_autoptr(UidSet) none = uidset_new();
		mailbox_apply_uids(sel->mailbox, none);
		window_done(sel);
		return;
	}
	g_autoptr(UidSet) newest = uidset_new_range(exists - window + 1, exists);
	imap_fetch(sel->session, &sel->scope, newest, MESSAGE_FETCH_ITEMS, NULL, on_window, sel);
	sel->rest_due = exists > window;
}

/* Behind what the listener of `ready` asks for: the folders come before what has no row yet. */
static void load_rest(Selection *sel)
{
	if (!sel->rest_due)
		return;
	sel->rest_due = false;
	list_uids(sel);
	sel->flags_follow = true;
	ask_flag_sets(sel);
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
		list_uids(sel);
	sel->tail_left = tail;
}

static void fetch_new(Selection *sel)
{
	uint32_t tail = msgmap_unknown_tail(sel->map), last = msgmap_last_uid(sel->map);

	if (!sel->window_open || sel->fetching || sel->listing || tail == 0 || last == UINT32_MAX)
		return;
	if (tail == sel->tail_left && sel->tail_left != 0)
		return;
	/* All unknown: a listing is due, or the mailbox was empty. */
	if (last == 0 && (sel->exists > 0 || mailbox_known(sel->mailbox) > 0)) {
		if (sel->listings < LISTINGS_MAX)
			list_uids(sel);
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
	resync(sel);
}

static void on_expunge(Selection *sel, uint32_t seq)
{
	if (seq == 0 || seq > msgmap_count(sel->map)) {
		resync(sel);
		return;
	}
	uint32_t uid = msgmap_expunge(sel->map, seq);
	if (uid != 0) {
		g_autoptr(UidSet) gone = uidset_new_range(uid, uid);
		mailbox_apply_removed(sel->mailbox, gone);
	} else if (mailbox_is_complete(sel->mailbox)) {
		/* One that has a row, but which one? */
		list_uids(sel);
		return;
	}
	tell_total(sel);
}

static void on_vanished(Selection *sel, const UidSet *uids)
{
	msgmap_vanished(sel->map, uids);
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
	if (uid == 0)
		return;
	if ((fetch->has & FETCH_UID) && !msgmap_set(sel->map, fetch->seq, uid)) {
		resync(sel);
		/* Its number was wrong; nobody but the listing may bring a message in then. */
		if (mailbox_find(sel->mailbox, uid) < 0)
			return;
	}
	mailbox_apply_fetch(sel->mailbox, uid, fetch);
	tell_total(sel);
}

static void on_uidvalidity(Selection *sel, uint32_t validity)
{
	if (!mailbox_set_uidvalidity(sel->mailbox, validity) || !sel->options.primary)
		return;
	msgmap_reset(sel->map, msgmap_count(sel->map));
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
		sel->exists = r->number;
	else if (r->kind == RESPONSE_FLAGS)
		flags_from_list(mailbox_flag_names(sel->mailbox), &r->flags);
	else if (r->kind != RESPONSE_CONDITION)
		return;
	else if (r->status.code == CODE_UIDVALIDITY)
		sel->uidvalidity = r->status.number;
	else if (r->status.code == CODE_UIDNEXT)
		sel->uidnext = r->status.number;
	else if (r->status.code == CODE_PERMANENTFLAGS)
		on_rights(sel, &r->status);
}

static void opened(Selection *sel)
{
	Mailbox *m = sel->mailbox;

	sel->state = sel->options.primary ? SELECTION_NEWEST : SELECTION_READY;
	mailbox_set_uidvalidity(m, sel->uidvalidity);
	if (sel->uidnext != 0)
		mailbox_set_uidnext(m, sel->uidnext);
	if (!sel->options.primary)
		return;
	mailbox_set_readonly(m, session_is_readonly(sel->session));
	mailbox_set_loading(m, true);
	msgmap_reset(sel->map, sel->exists);
	mailbox_set_total(m, sel->exists);
}

/* The UIDs that the caller has mean other messages there. */
static GError *check_replaced(const Selection *sel)
{
	uint32_t had = mailbox_uidvalidity(sel->mailbox);

	if (sel->options.primary || had == 0 || had == sel->uidvalidity)
		return NULL;
	return g_error_new_literal(CORE_ERROR, CORE_ERROR_NO,
				   "The folder was replaced by another one on the server.");
}

static void on_select(const ImapResult *result, void *data)
{
	Selection *sel = data;
	Mailbox *m = sel->mailbox;
	g_autoptr(GError) replaced = NULL;

	if (error_is_cancelled(result->error))
		return;
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
	imap_select(s, &sel->scope, mailbox_name(m), options->readonly, on_select_data, on_select,
		    sel);
	if (options->primary)
		imap_uid_fetch(s, &sel->scope, NULL, MESSAGE_FETCH_ITEMS, NULL, on_newest, sel);
	return sel;
}

void selection_free(Selection *selection)
{
	if (selection == NULL)
		return;
	scope_cancel(&selection->scope);
	msgmap_free(selection->map);
	g_free(selection);
}

void selection_response(Selection *selection, const Response *r)
{
	bool primary = selection->options.primary;

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
	}
	mailbox_commit(selection->mailbox);
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
