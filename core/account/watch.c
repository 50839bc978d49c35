#include "core/account/watch.h"

#include <string.h>

#include "core/account/notify.h"
#include "core/command/idle.h"

/* A key's command shall not find IDLE in its way: it starts after so much quiet. */
#define QUIET_MS 2000
/* At most so many folders are asked for one by one in a round; the next goes on with the others. */
#define POLLED_MAX 200
/* Where the server tells of the folders, one round in so many is made all the same: of what belongs
 * to others it was not asked to tell. */
#define ROUNDS_TOLD 10

struct Watch {
	Pool *pool;
	Folder *folders;
	WatchOptions options;
	Scope scope;
	guint quiet_timer, poll_timer;
	bool idling, idle_refused; /* refused on this connection */
	Notify notify;
	GHashTable *asked; /* names of folders that had their turn, until all have */
	unsigned rounds;   /* since the last that was made */
	unsigned listings; /* under way */
};

static void arm_quiet(Watch *w);

static void idle_ended(const ImapResult *result, void *data)
{
	Watch *w = data;

	w->idling = false;
	if (!result->error)
		arm_quiet(w);
	else if (!error_is_cancelled(result->error) && !error_is_abort(result->error))
		w->idle_refused = true; /* NOOP does it on this connection */
}

static bool may_idle(const Watch *w)
{
	ImapSession *s = pool_session(w->pool);

	return w->options.idle && !w->idle_refused && s && session_state(s) == SESSION_SELECTED &&
	       session_idle_tells(s);
}

static bool may_notify(const Watch *w)
{
	return w->options.idle && notify_is_due(&w->notify, pool_session(w->pool));
}

static void idle(Watch *w, ImapSession *s)
{
	w->idling = true;
	idle_start(s, &w->scope, 0, w->options.idle_seconds, idle_ended, w);
}

static gboolean on_quiet(gpointer data)
{
	Watch *w = data;
	ImapSession *s = pool_session(w->pool);

	w->quiet_timer = 0;
	if (!s || w->idling)
		return G_SOURCE_REMOVE;
	if (!session_is_idle(s))
		arm_quiet(w);
	else if (may_notify(w))
		notify_ask(&w->notify, s);
	else if (may_idle(w))
		idle(w, s);
	return G_SOURCE_REMOVE;
}

static void arm_quiet(Watch *w)
{
	if (!w->quiet_timer && (may_idle(w) || may_notify(w)))
		w->quiet_timer = g_timeout_add(QUIET_MS, on_quiet, w);
}

static void notify_settled(void *data)
{
	arm_quiet(data);
}

/* --- the other folders --- */

typedef struct {
	Watch *watch;
	ImapSession *session;
	unsigned n;
} Round;

/* False in front of the first that has to wait for the next round. */
static bool ask_status(Folder *f, unsigned depth, void *data)
{
	Round *round = data;
	Watch *w = round->watch;
	const char *open = session_mailbox(pool_session(w->pool));

	(void)depth;
	/* RFC 9051 6.3.11: not for the mailbox that is selected, which speaks for itself. */
	if (!folder_is_selectable(f) || (open && strcmp(open, f->name) == 0) ||
	    g_hash_table_contains(w->asked, f->name))
		return true;
	if (round->n == w->options.polled_max)
		return false;
	imap_status(round->session, &w->scope, f->name,
		    folder_status_items(session_capabilities(round->session)), NULL, NULL, NULL);
	g_hash_table_add(w->asked, g_strdup(f->name));
	round->n++;
	return true;
}

static void on_listed(const ImapResult *result, void *data)
{
	(void)result;
	((Watch *)data)->listings--;
}

static void list_counts(Watch *w, ImapSession *s, const char *prefix)
{
	g_autofree char *pattern = g_strconcat(prefix, "*", NULL);
	g_autofree char *options =
		g_strdup_printf("STATUS (%s)", folder_status_items(session_capabilities(s)));

	w->listings++;
	imap_list(s, &w->scope, "", pattern, options, NULL, on_listed, w);
}

static void poll_folders(Watch *w, ImapSession *s)
{
	Round round = {w, s, 0};
	const GPtrArray *namespaces = w->folders->namespaces;

	w->rounds = 0;
	if (!(session_capabilities(s) & CAP(LIST_STATUS))) {
		if (folder_foreach(w->folders, ask_status, &round))
			g_hash_table_remove_all(w->asked);
		return;
	}
	list_counts(w, s, "");
	for (guint i = 0; namespaces && i < namespaces->len; i++) {
		const Namespace *ns = namespaces->pdata[i];
		if (ns->apart)
			list_counts(w, s, ns->prefix);
	}
}

/* Every interval, but seldom where the server tells. */
static bool is_round_due(Watch *w, const ImapSession *s)
{
	return ++w->rounds >= (notify_is_on(&w->notify, s) ? ROUNDS_TOLD : 1);
}

static void poll_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Watch *w = data;

	if (error)
		return;
	if (session_state(s) == SESSION_SELECTED)
		imap_noop(s, &w->scope, NULL, NULL);
	poll_folders(w, pool_bulk_session(p));
}

void watch_poll(Watch *w)
{
	pool_acquire(w->pool, &w->scope, POOL_INTERACTIVE, NULL, poll_session, w);
}

void watch_round(Watch *w)
{
	ImapSession *s = pool_session(w->pool), *bulk = pool_bulk_session(w->pool);

	/* Nothing is asked of a line that is down; it is asked when it is back.  What a key waits
	 * for is not held up: its answers bring what is new in the open mailbox. */
	if (!s)
		return;
	/* Before NOOP makes it busy, where the two are one. */
	bool may_poll = session_is_idle(bulk);
	if (!w->idling && session_is_idle(s) && session_state(s) == SESSION_SELECTED)
		imap_noop(s, &w->scope, NULL, NULL);
	if (is_round_due(w, s) && may_poll)
		poll_folders(w, bulk);
}

static gboolean on_poll(gpointer data)
{
	watch_round(data);
	return G_SOURCE_CONTINUE;
}

Watch *watch_new(Pool *pool, Folder *folders, const WatchOptions *options)
{
	Watch *w = g_new0(Watch, 1);

	w->pool = pool;
	w->folders = folders;
	w->options = *options;
	if (w->options.polled_max == 0)
		w->options.polled_max = POLLED_MAX;
	w->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	scope_init(&w->scope);
	notify_init(&w->notify, notify_settled, w);
	w->poll_timer = g_timeout_add_seconds(MAX(options->poll_seconds, 5), on_poll, w);
	return w;
}

void watch_free(Watch *w)
{
	if (!w)
		return;
	scope_cancel(&w->scope);
	notify_clear(&w->notify);
	g_clear_handle_id(&w->quiet_timer, g_source_remove);
	g_clear_handle_id(&w->poll_timer, g_source_remove);
	g_hash_table_unref(w->asked);
	g_free(w);
}

void watch_restart(Watch *w)
{
	arm_quiet(w);
}

void watch_disconnected(Watch *w)
{
	w->idle_refused = false;
	notify_reset(&w->notify);
}

bool watch_response(Watch *w, ImapSession *s, const Response *r)
{
	if (notify_response(&w->notify, s, r))
		poll_folders(w, pool_bulk_session(w->pool));
	return r->kind == RESPONSE_LIST && w->listings == 0 && notify_is_on(&w->notify, s);
}
