#include "core/account/inquiry.h"

#include "core/base/error.h"
#include "core/command/imap.h"

typedef struct Inquiry Inquiry;

/* One command of it. */
typedef struct {
	Inquiry *inquiry;
	FactKind kind;
} Ask;

struct Inquiry {
	Job job;
	Facts *facts;
	char *counts;
	Ask asks[FACT_KINDS];
	unsigned due; /* answers to come */
	const InquiryEvents *events;
	void *data;
};

static void finish(Inquiry *q, const GError *error)
{
	job_end(&q->job);
	q->events->done(error, q->data);
	g_free(q->counts);
	g_free(q);
}

static void cancelled(Job *job)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	finish((Inquiry *)job, error);
}

static void on_data(const Response *response, void *data)
{
	Ask *ask = data;

	facts_take(ask->inquiry->facts, response);
}

static void on_done(const ImapResult *result, void *data)
{
	Ask *ask = data;
	Inquiry *q = ask->inquiry;

	if (error_is_cancelled(result->error))
		return;
	q->facts->state[ask->kind] = result->error ? FACT_REFUSED : FACT_TOLD;
	q->events->changed(q->data);
	if (--q->due == 0)
		finish(q, error_is_abort(result->error) ? result->error : NULL);
}

/* --- what is asked, where it is offered --- */

static bool ask_status(Inquiry *q, ImapSession *s, Ask *ask)
{
	Capability caps = session_capabilities(s);
	g_autofree char *items = g_strdup_printf("%s%s%s", q->counts ? q->counts : "",
						 caps & CAP(STATUS_SIZE) ? " SIZE" : "",
						 session_tells_mailboxid(s) ? " MAILBOXID" : "");

	if (!q->counts || !*g_strchug(items))
		return false;
	imap_status(s, &q->job.work, q->facts->mailbox, items, on_data, on_done, ask);
	return true;
}

static bool ask_quota(Inquiry *q, ImapSession *s, Ask *ask)
{
	if (!(session_capabilities(s) & CAP(QUOTA)))
		return false;
	imap_getquotaroot(s, &q->job.work, q->facts->mailbox, on_data, on_done, ask);
	return true;
}

static bool ask_rights(Inquiry *q, ImapSession *s, Ask *ask)
{
	if (!(session_capabilities(s) & CAP(ACL)))
		return false;
	imap_myrights(s, &q->job.work, q->facts->mailbox, on_data, on_done, ask);
	return true;
}

static bool ask_comment(Inquiry *q, ImapSession *s, Ask *ask)
{
	static const char *const entries[] = {"/private/comment", "/shared/comment", NULL};

	if (!(session_capabilities(s) & CAP(METADATA)))
		return false;
	imap_getmetadata(s, &q->job.work, q->facts->mailbox, "", entries, on_data, on_done, ask);
	return true;
}

/* Says nothing of us. */
static bool ask_server(Inquiry *q, ImapSession *s, Ask *ask)
{
	if (!(session_capabilities(s) & CAP(ID)))
		return false;
	imap_id(s, &q->job.work, NULL, on_data, on_done, ask);
	return true;
}

static bool (*const askers[FACT_KINDS])(Inquiry *q, ImapSession *s, Ask *ask) = {
	[FACT_STATUS] = ask_status,   [FACT_QUOTA] = ask_quota,   [FACT_RIGHTS] = ask_rights,
	[FACT_COMMENT] = ask_comment, [FACT_SERVER] = ask_server,
};

static void note_line(Facts *facts, ImapSession *s)
{
	facts->connected = true;
	facts->secure = session_is_secure(s);
	facts->compressed = session_is_compressed(s);
	g_free(facts->encryption);
	facts->encryption = g_strdup(session_encryption(s));
}

static void on_session(Pool *pool, ImapSession *s, const GError *error, void *data)
{
	Inquiry *q = data;

	(void)pool;
	if (error_is_cancelled(error))
		return;
	if (error) {
		finish(q, error);
		return;
	}
	note_line(q->facts, s);
	for (FactKind kind = 0; kind < FACT_KINDS; kind++) {
		q->asks[kind] = (Ask){q, kind};
		if (!askers[kind](q, s, &q->asks[kind]))
			continue;
		q->facts->state[kind] = FACT_ASKED;
		q->due++;
	}
	q->events->changed(q->data);
	if (q->due == 0)
		finish(q, NULL);
}

void inquiry_start(Pool *pool, JobList *jobs, Scope *scope, Facts *facts, const char *counts,
		   char *text_take, const InquiryEvents *events, void *data)
{
	Inquiry *q = g_new0(Inquiry, 1);

	q->facts = facts;
	q->counts = g_strdup(counts);
	q->events = events;
	q->data = data;
	job_begin(&q->job, jobs, scope, text_take, cancelled);
	pool_acquire(pool, &q->job.work, POOL_BULK, NULL, on_session, q);
}
