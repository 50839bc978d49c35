#include "core/account/pool_private.h"

#include "core/account/remembered.h"
#include "core/base/error.h"
#include "core/session/quirk.h"

/* Rows that come with the mailbox: more than a terminal of usual height shows, in less than 40 KB.
 */
#define WINDOW 40

void lane_drop_selection(Lane *lane)
{
	g_clear_pointer(&lane->selection, selection_free);
	lane->selection_is_wanted = false;
}

static void tell_selected(Pool *p, Selection *selection, const GError *error)
{
	p->want = error == NULL ? WANT_TOLD : WANT_REFUSED;
	if (p->events->selected)
		p->events->selected(p, selection, error, p->self);
}

/* Tells who we are, here and on the connections to come, and tries again. */
static bool is_introduced(Lane *lane, const GError *error)
{
	if (!quirk_wants_id(error->message) || !session_introduce(lane->session))
		return false;
	lane->pool->config.introduce = true;
	return true;
}

static void on_selected(Selection *selection, const GError *error, void *data)
{
	Lane *lane = data;
	Pool *p = lane->pool;
	Mailbox *m = selection_mailbox(selection);
	bool is_wanted = lane->selection_is_wanted && m == p->wanted;

	pool_schedule(p);
	/* The line goes down: the mailbox is selected again when it is back.  Or another is wanted
	 * by now: what this one began to load is not. */
	if (error_is_abort(error) || (lane->selection_is_wanted && m != p->wanted)) {
		lane_drop_selection(lane);
		return;
	}
	if (error != NULL && is_introduced(lane, error)) {
		lane_drop_selection(lane);
		return;
	}
	if (error != NULL) {
		g_autoptr(GError) refusal = g_error_copy(error);
		lane_drop_selection(lane);
		/* What the first connection has open can be done there. */
		if (lane == &p->bulk && m == p->wanted &&
		    lane_has_selected(&p->interactive, m, false)) {
			pool_share(p);
			return;
		}
		if (is_wanted)
			tell_selected(p, NULL, refusal);
		pool_fail_requests(p, m, false, refusal);
	} else if (is_wanted) {
		tell_selected(p, selection, NULL);
	}
}

void lane_select(Lane *lane, Mailbox *m, bool readonly, bool is_wanted)
{
	SelectionOptions options = {readonly, is_wanted, is_wanted ? WINDOW : 0};

	lane_drop_selection(lane);
	lane->selection_is_wanted = is_wanted;
	lane->selection = selection_open(m, lane->session, &options, on_selected, lane);
}

void lane_select_early(Lane *lane, Mailbox *m, bool readonly, bool is_wanted)
{
	if (lane->session != NULL && !lane->up && lane->selection == NULL && m != NULL)
		lane_select(lane, m, readonly, is_wanted);
}

bool lane_has_selected(const Lane *lane, const Mailbox *m, bool write)
{
	return lane->selection != NULL && selection_is_ready(lane->selection) &&
	       selection_mailbox(lane->selection) == m &&
	       !(write && selection_is_readonly(lane->selection));
}

bool lane_may_switch(const Lane *lane)
{
	return lane->up && session_is_idle(lane->session) &&
	       (lane->selection == NULL || selection_is_ready(lane->selection));
}

/* --- the wanted mailbox --- */

static bool wants_interactive_elsewhere(Pool *p)
{
	for (GList *link = p->requests.head; link != NULL; link = link->next) {
		const Request *request = link->data;
		if (request->mailbox != NULL && request->mailbox != p->wanted &&
		    pool_lane_of(p, request) == &p->interactive)
			return true;
	}
	return false;
}

void pool_serve_wanted(Pool *p)
{
	Lane *lane = &p->interactive;
	bool selected = p->wanted != NULL && lane->selection != NULL &&
			selection_mailbox(lane->selection) == p->wanted &&
			lane->selection_is_wanted;

	if (p->want == WANT_NOTHING && lane->up) {
		tell_selected(p, NULL, NULL);
		return;
	}
	if (p->wanted == NULL || p->want == WANT_REFUSED || !lane->up)
		return;
	if (p->want == WANT_SELECTED && lane_has_selected(lane, p->wanted, false) && selected &&
	    selection_is_readonly(lane->selection) == p->wanted_readonly) {
		tell_selected(p, lane->selection, NULL);
		return;
	}
	if (p->want == WANT_TOLD && (selected || wants_interactive_elsewhere(p)))
		return;
	if (lane_may_switch(lane))
		lane_select(lane, p->wanted, p->wanted_readonly, true);
}

/* What was selected before anything was known of the server is left for a moment, while nobody
 * waits, so that the server can enable what makes the next opening cheap.  Then, and for the
 * log-ins to come, it is remembered. */
void lane_enable(Lane *lane)
{
	Pool *p = lane->pool;
	Capability what = lane->up ? session_may_enable(lane->session) : 0;
	bool may_leave = session_capabilities(lane->session) & CAP(UNSELECT);

	if (what && p->want == WANT_TOLD && lane->selection_is_wanted && may_leave) {
		lane_drop_selection(lane);
		imap_unselect(lane->session, NULL, NULL, NULL);
		session_enable(lane->session, NULL, what, false);
		lane_select(lane, p->wanted, p->wanted_readonly, true);
		return;
	}
	lane->enable_told = true;
	remembered_put_enabled(p->config.endpoint, p->user, session_enabled(lane->session));
}

bool lane_may_enable(const Lane *lane)
{
	SyncPoint point = {0};

	if (!lane->up || lane->enable_told || !session_is_idle(lane->session) ||
	    !g_queue_is_empty(&lane->pool->requests) || lane->selection == NULL ||
	    !selection_is_ready(lane->selection))
		return false;
	mailbox_sync_point(selection_mailbox(lane->selection), &point);
	return point.complete;
}

static void on_compressed(const ImapResult *result, void *data)
{
	Lane *lane = data;

	if (result->error && !error_is_abort(result->error) && !error_is_cancelled(result->error))
		pool_disbelieve(lane->pool, CAP(COMPRESS));
}

/* A line that breaks before it carried anything compressed is not compressed again. */
static void on_proven(const ImapResult *result, void *data)
{
	Lane *lane = data;

	if (error_is_abort(result->error))
		pool_disbelieve(lane->pool, CAP(COMPRESS));
}

void lane_compress(Lane *lane)
{
	lane->compress_asked = true;
	imap_compress(lane->session, NULL, on_compressed, lane);
	imap_noop(lane->session, NULL, on_proven, lane);
}

bool lane_may_compress(const Lane *lane)
{
	const Pool *p = lane->pool;

	return p->compress && !lane->compress_asked && p->want == WANT_TOLD &&
	       p->interactive.enable_told && p->requests.length == 0 && lane_may_switch(lane) &&
	       (session_capabilities(lane->session) & CAP(COMPRESS)) &&
	       !pool_disbelieves(p, CAP(COMPRESS));
}

void pool_select(Pool *p, Mailbox *m, bool readonly)
{
	Lane *lane = &p->interactive;

	p->want = m != NULL ? WANT_SELECTED : WANT_NOTHING;
	/* What the old one still loads is not wanted any more, nor what was to be selected at
	 * first. */
	if (m != p->wanted && lane->selection_is_wanted &&
	    (!lane->up || selection_is_ready(lane->selection)))
		lane_drop_selection(lane);
	p->wanted = m;
	p->wanted_readonly = readonly;
	lane_select_early(lane, m, readonly, true);
	if (m != NULL && !lane_has_selected(lane, m, false))
		mailbox_set_loading(m, true);
	pool_schedule(p);
}
