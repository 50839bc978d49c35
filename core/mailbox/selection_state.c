#include "core/mailbox/selection_private.h"

#include <inttypes.h>
#include "core/mailbox/uidsearch.h"

typedef struct {
	const char *criteria;
	Flags flag;
	bool with; /* else those that have it not */
} FlagSet;

/* What the index shows, and $ needs. */
static const FlagSet flag_sets[] = {
	{"UNSEEN", FLAG_SEEN, false},    {"FLAGGED", FLAG_FLAGGED, true},
	{"DELETED", FLAG_DELETED, true}, {"ANSWERED", FLAG_ANSWERED, true},
	{"DRAFT", FLAG_DRAFT, true},
};
/* In the place of UNSEEN, where it is the smaller one. */
static const FlagSet seen = {"SEEN", FLAG_SEEN, true};

/* --- the UIDs by flag --- */

typedef struct {
	Selection *selection;
	unsigned i; /* in flag_sets */
	const FlagSet *set;
	bool answered;
} FlagSearch;

static void ask_flag_set(Selection *sel, unsigned i);

/* Between the answer and its end the server may tell of changes that came behind it (Dovecot does
 * whenever another client is quick). */
static void on_flag_answer(void *data)
{
	FlagSearch *search = data;
	Selection *sel = search->selection;

	if (sel->answered++ == 0) {
		uidset_free(sel->told);
		sel->told = uidset_new();
	}
	search->answered = true;
}

/* The answer, but for those of which FETCH has told since. */
static UidSet *newest_answer(const Selection *sel, const UidSet *answer, const FlagSet *set)
{
	UidSet *uids = uidset_copy(answer);

	/* What has just come is a row then. */
	if (!uidset_is_empty(sel->told))
		mailbox_commit(sel->mailbox);
	for (size_t k = 0; k < uidset_range_count(sel->told); k++) {
		UidRange range = uidset_range(sel->told, k);
		Table rows = {0};
		mailbox_rows(sel->mailbox, range.first, range.last, &rows);
		for (uint32_t i = 0; i < rows.n; i++) {
			bool has = (rows.flags[i] & set->flag) != 0;
			if (has == set->with)
				uidset_add(uids, rows.uid[i]);
			else
				uidset_remove(uids, rows.uid[i]);
		}
		table_clear(&rows);
	}
	return uids;
}

static void on_flag_set(const UidSet *uids, const GError *error, void *data)
{
	FlagSearch search = *(FlagSearch *)data;
	Selection *sel = search.selection;

	g_free(data);
	if (error_is_cancelled(error) || error_is_abort(error))
		return;
	sel->flag_searches--;
	sel->flags_failed |= error != NULL;
	if (error == NULL) {
		g_autoptr(UidSet) newest = newest_answer(sel, uids, search.set);
		mailbox_apply_flag_set(sel->mailbox, search.set->flag, newest, search.set->with);
	}
	sel->answered -= search.answered;
	if (!uidsearch_is_pipelined(sel->session) && search.i + 1 < G_N_ELEMENTS(flag_sets))
		ask_flag_set(sel, search.i + 1);
	if (sel->flag_searches == 0 && sel->flags_again)
		selection_ask_flags(sel);
}

/* It need not be true any more: only the length of the answer hangs on it. */
static bool is_mostly_unseen(const Selection *sel)
{
	return (uint64_t)mailbox_expected_unseen(sel->mailbox) * 2 > msgmap_count(sel->map);
}

static void ask_flag_set(Selection *sel, unsigned i)
{
	FlagSearch *search = g_new(FlagSearch, 1);
	const FlagSet *set = &flag_sets[i];

	if (set->flag == FLAG_SEEN && is_mostly_unseen(sel))
		set = &seen;
	*search = (FlagSearch){sel, i, set, false};
	sel->flag_searches++;
	uidsearch_run_noting(sel->session, &sel->scope, set->criteria, on_flag_answer, on_flag_set,
			     search);
}

/* Without ESEARCH one behind the other: a search that had to wait for another would hold up what a
 * key asks for. */
void selection_ask_flags(Selection *sel)
{
	unsigned n = uidsearch_is_pipelined(sel->session) ? G_N_ELEMENTS(flag_sets) : 1;

	sel->flags_again = sel->flag_searches > 0;
	sel->flags_failed = false;
	for (unsigned set = 0; set < n && !sel->flags_again; set++)
		ask_flag_set(sel, set);
}

/* --- the UIDs of all --- */

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
	} else if (++sel->listings < SELECTION_LISTINGS_MAX) {
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
		selection_ask_flags(sel);
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
		sel->listings = SELECTION_LISTINGS_MAX;
	} else if (!sel->list_again) {
		take_listing(sel, uids);
	}
	if (sel->list_again)
		selection_list_uids(sel);
}

void selection_list_uids(Selection *sel)
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

void selection_resync(Selection *sel)
{
	g_debug("%s: listing all UIDs again", mailbox_title(sel->mailbox));
	msgmap_reset(sel->map, msgmap_count(sel->map));
	selection_list_uids(sel);
}

/* --- what changed --- */

static void on_changes(const ImapResult *result, void *data)
{
	Selection *sel = data;

	if (error_is_cancelled(result->error) || error_is_abort(result->error))
		return;
	sel->changes_running = false;
	if (result->error != NULL)
		selection_ask_flags(sel);
}

void selection_ask_changes(Selection *sel)
{
	g_autoptr(UidSet) all = uidset_new_range(1, UINT32_MAX);
	g_autofree char *items =
		g_strdup_printf("(UID FLAGS) (CHANGEDSINCE %" PRIu64 ")", sel->had.modseq);

	sel->changes_running = true;
	imap_uid_fetch(sel->session, &sel->scope, all, items, NULL, on_changes, sel);
}

void selection_note_whole(Selection *sel)
{
	bool asking = sel->rest_due || sel->listing || sel->list_again || sel->flag_searches > 0 ||
		      sel->changes_running;

	if (sel->whole || asking || !sel->window_open || sel->flags_failed ||
	    !mailbox_is_complete(sel->mailbox))
		return;
	sel->whole = true;
	mailbox_set_modseq(sel->mailbox, sel->now.modseq);
}
