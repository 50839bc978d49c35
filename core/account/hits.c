#include "core/account/hits.h"

#include "core/base/error.h"
#include "core/command/imap.h"
#include "core/mailbox/message.h"

/* Behind so many $ is all that was found, against RFC 9394 3.2, and that may be everything. */
#define HEADS_MAX (2 * HITS_WINDOW)

struct Hits {
	Pool *pool;
	ImapSession *session;
	Scope scope;
	ImapCommand *fetch;
	unsigned heads;           /* that came */
	bool unsearched;          /* the search itself failed */
	void (*done)(void *data); /* NULL: nobody waits */
	void *data;
};

/* One search may not return ALL and PARTIAL (RFC 9394 3.1), so a second one narrows $. */
static const struct {
	const char *returned, *narrowed;
} ways[] = {
	[HITS_ALONE] = {"(ALL)", NULL},
	[HITS_OLDEST] = {"(SAVE ALL)", "1:" G_STRINGIFY(HITS_WINDOW)},
	[HITS_NEWEST] = {"(SAVE ALL)", "-1:-" G_STRINGIFY(HITS_WINDOW)},
};

HitsWay hits_way(Capability caps, bool few)
{
	if (!(caps & CAP(ESEARCH)) || !(caps & CAP(SEARCHRES)))
		return HITS_ALONE;
	if (caps & CAP(PARTIAL))
		return HITS_NEWEST;
	return few && (caps & CAP(CONTEXT_SEARCH)) ? HITS_OLDEST : HITS_ALONE;
}

HitsWay hits_way_on(const Pool *p, const ImapSession *s, bool few)
{
	return pool_disbelieves(p, CAP(SEARCHRES)) ? HITS_ALONE
						   : hits_way(session_capabilities(s), few);
}

const char *hits_return(HitsWay way)
{
	return ways[way].returned;
}

void hits_refused(Pool *p)
{
	pool_disbelieve(p, CAP(SEARCHRES));
}

/* What another client removed meanwhile is no fault of the server (RFC 5530 3). */
static bool is_refusal(const ImapResult *result)
{
	return g_error_matches(result->error, CORE_ERROR, CORE_ERROR_BAD) ||
	       (g_error_matches(result->error, CORE_ERROR, CORE_ERROR_NO) &&
		!(result->status && result->status->code == CODE_EXPUNGEISSUED));
}

static void narrowed(const ImapResult *result, void *data)
{
	const Hits *hits = data;

	if (!hits->unsearched && is_refusal(result))
		hits_refused(hits->pool);
}

static void on_head(const Response *response, void *data)
{
	Hits *hits = data;

	if (response->kind != RESPONSE_FETCH || !(response->fetch.has & FETCH_ENVELOPE) ||
	    ++hits->heads <= HEADS_MAX)
		return;
	hits_refused(hits->pool);
	pool_give_up(hits->pool, hits->session);
	imap_cancel(hits->fetch);
}

static void fetched(const ImapResult *result, void *data)
{
	Hits *hits = data;
	void (*done)(void *data) = hits->done;
	void *whose = hits->data;

	narrowed(result, hits);
	scope_cancel(&hits->scope);
	g_free(hits);
	if (done)
		done(whose);
}

Hits *hits_follow(Pool *p, ImapSession *s, HitsWay way, void (*done)(void *data), void *data)
{
	g_autofree char *narrow =
		g_strdup_printf("RETURN (SAVE PARTIAL %s) UID $", ways[way].narrowed);
	Writer *w = session_begin(s, COMMAND_ID_UID_SEARCH);
	Hits *hits = g_new0(Hits, 1);

	hits->pool = p;
	hits->session = s;
	hits->done = done;
	hits->data = data;
	scope_init(&hits->scope);
	writer_raw(w, narrow);
	session_submit(s, &hits->scope, w, NULL, narrowed, hits);
	w = session_begin(s, COMMAND_ID_UID_FETCH);
	writer_raw(w, "$ " MESSAGE_FETCH_ITEMS);
	hits->fetch = session_submit(s, &hits->scope, w, on_head, fetched, hits);
	return hits;
}

void hits_leave(Hits *hits, bool searched)
{
	if (!hits)
		return;
	hits->done = NULL;
	hits->unsearched = !searched;
}

bool hits_are_first(HitsWay way, const UidSet *found)
{
	uint64_t n = uidset_count(found);

	switch (way) {
	case HITS_OLDEST:
		return n > 0 && n <= HITS_WINDOW;
	case HITS_NEWEST:
		return n > 0;
	default:
		return false;
	}
}
