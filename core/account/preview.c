#include "core/account/preview.h"

#include "core/base/error.h"

struct Preview {
	Pool *pool;
	Mailbox *mailbox;
	Scope scope;
	UidSet *wanted, *asked; /* asked: what is under way, or NULL */
	bool busy;
};

static void ask(Preview *p);

static void on_data(const Response *r, void *data)
{
	const Preview *p = data;
	const unsigned both = FETCH_UID | FETCH_PREVIEW;

	if (r->kind == RESPONSE_FETCH && (r->fetch.has & both) == both)
		mailbox_set_preview(p->mailbox, r->fetch.uid, r->fetch.preview);
}

/* What a lost line kept back is wanted again when its row is. */
static void on_done(const ImapResult *result, void *data)
{
	Preview *p = data;

	if (error_is_abort(result->error))
		mailbox_forget_previews(p->mailbox, p->asked);
	g_clear_pointer(&p->asked, uidset_free);
	p->busy = false;
	if (!error_is_cancelled(result->error))
		ask(p);
}

static void on_session(Pool *pool, ImapSession *s, const GError *error, void *data)
{
	Preview *p = data;
	bool offered = s && (session_capabilities(s) & CAP(PREVIEW));

	(void)pool;
	p->asked = g_steal_pointer(&p->wanted);
	p->wanted = uidset_new();
	if (offered) {
		imap_uid_fetch(s, &p->scope, p->asked, "(UID PREVIEW)", on_data, on_done, p);
		return;
	}
	if (error)
		mailbox_forget_previews(p->mailbox, p->asked);
	g_clear_pointer(&p->asked, uidset_free);
	p->busy = false;
}

static void ask(Preview *p)
{
	if (p->busy || uidset_is_empty(p->wanted))
		return;
	p->busy = true;
	pool_acquire(p->pool, &p->scope, POOL_BULK, p->mailbox, on_session, p);
}

static void on_wanted(Mailbox *m, const UidSet *uids, void *data)
{
	Preview *p = data;

	(void)m;
	uidset_add_set(p->wanted, uids);
	ask(p);
}

Preview *preview_open(Pool *pool, Mailbox *m)
{
	Preview *p = g_new0(Preview, 1);

	p->pool = pool;
	p->mailbox = m;
	p->wanted = uidset_new();
	scope_init(&p->scope);
	mailbox_set_previewer(m, on_wanted, p);
	return p;
}

void preview_close(Preview *p)
{
	if (!p)
		return;
	scope_cancel(&p->scope);
	mailbox_set_previewer(p->mailbox, NULL, NULL);
	uidset_free(p->wanted);
	uidset_free(p->asked);
	g_free(p);
}
