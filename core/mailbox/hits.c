#include "core/mailbox/hits.h"

#include "core/mailbox/message.h"

/* One search may not return ALL and PARTIAL (RFC 9394 3.1), so a second one narrows $. */
static const struct {
	const char *returned, *narrowed;
} ways[] = {
	[HITS_ALONE] = {"(ALL)", NULL},
	[HITS_OLDEST] = {"(SAVE ALL)", "1:" G_STRINGIFY(HITS_WINDOW)},
	[HITS_NEWEST] = {"(SAVE ALL)", "-1:-" G_STRINGIFY(HITS_WINDOW)},
};

HitsWay hits_way(Capability caps)
{
	/* RFC 9051 appendix E: IMAP4rev2 has both without naming them. */
	if (!(caps & (CAP(ESEARCH) | CAP(IMAP4REV2))) ||
	    !(caps & (CAP(SEARCHRES) | CAP(IMAP4REV2))))
		return HITS_ALONE;
	if (caps & CAP(PARTIAL))
		return HITS_NEWEST;
	return caps & CAP(CONTEXT_SEARCH) ? HITS_OLDEST : HITS_ALONE;
}

const char *hits_return(HitsWay way)
{
	return ways[way].returned;
}

void hits_fetch(ImapSession *s, Scope *scope, HitsWay way, ImapDone done, void *data)
{
	g_autofree char *narrow =
		g_strdup_printf("RETURN (SAVE PARTIAL %s) UID $", ways[way].narrowed);
	Writer *w = session_begin(s, COMMAND_ID_UID_SEARCH);

	writer_raw(w, narrow);
	session_submit(s, scope, w, NULL, NULL, NULL);
	w = session_begin(s, COMMAND_ID_UID_FETCH);
	writer_raw(w, "$ " MESSAGE_FETCH_ITEMS);
	session_submit(s, scope, w, NULL, done, data);
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
