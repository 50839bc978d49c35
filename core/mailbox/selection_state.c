#include "core/mailbox/selection_private.h"

#include <inttypes.h>
#include "core/mailbox/uidsearch.h"

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
