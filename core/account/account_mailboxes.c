#include "core/account/account_private.h"

#include <string.h>

#include "core/account/question.h"

/* Mailboxes kept with what is known of them, the open one included. */
#define MAILBOXES_KEPT 8
/* The server is asked about threads again so long after mail came whose place is not known, and not
 * more often than that. */
#define THREAD_AGAIN_SECONDS    5
#define THREAD_INTERVAL_SECONDS 60

void opened_count(Opened *opened)
{
	Mailbox *m = opened->mailbox;
	Folder *folder = folder_find(opened->account->folders, mailbox_name(m));

	if (!folder || !mailbox_is_complete(m))
		return;
	uint32_t messages = mailbox_total(m), unseen = mailbox_unseen(m);
	if (folder->counted && folder->messages == messages && folder->unseen == unseen)
		return;
	folder->counted = true;
	folder->messages = messages;
	folder->unseen = unseen;
	account_tell_folders(opened->account);
}

/* --- threads --- */

/* What it tells the mailbox has told; a refusal interests nobody. */
static void threaded_again(const GError *error, void *data)
{
	(void)error;
	(void)data;
}

static gboolean thread_again(void *data)
{
	Opened *opened = data;
	const Thread *threads = mailbox_kept_threads(opened->mailbox);

	opened->thread_timer = 0;
	if (opened->mailbox == account_selected(opened->account) && threads &&
	    thread_unsure(threads) > 0) {
		opened->threaded_at = g_get_monotonic_time();
		question_thread(opened->account->pool, &opened->account->jobs, &opened->scope,
				opened->mailbox, thread_is_by_subject(threads), threaded_again,
				opened);
	}
	return G_SOURCE_REMOVE;
}

static void watch_threads(Opened *opened)
{
	const Thread *threads = mailbox_kept_threads(opened->mailbox);
	int64_t due = THREAD_AGAIN_SECONDS;

	if (!threads || thread_unsure(threads) == 0 || opened->thread_timer)
		return;
	if (opened->threaded_at)
		due = MAX(due,
			  THREAD_INTERVAL_SECONDS -
				  (g_get_monotonic_time() - opened->threaded_at) / G_USEC_PER_SEC);
	opened->thread_timer = g_timeout_add_seconds((guint)due, thread_again, opened);
}

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	(void)m;
	(void)change;
	opened_count(data);
	watch_threads(data);
}

/* --- heads --- */

typedef struct {
	Opened *opened;
	UidSet *uids;
	unsigned losses; /* as in pool_may_repeat() */
} Heads;

static void heads_end(Heads *heads)
{
	mailbox_want_done(heads->opened->mailbox, heads->uids);
	uidset_free(heads->uids);
	g_free(heads);
}

static void heads_borrow(Heads *heads);

static void heads_answered(const ImapResult *result, void *data)
{
	Heads *heads = data;

	if (pool_may_repeat(result->error, &heads->losses))
		heads_borrow(heads);
	else
		heads_end(heads);
}

static void heads_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Heads *heads = data;

	(void)p;
	if (error)
		heads_end(heads);
	else
		imap_uid_fetch(s, &heads->opened->scope, heads->uids, MESSAGE_FETCH_ITEMS, NULL,
			       heads_answered, heads);
}

static void heads_borrow(Heads *heads)
{
	Opened *opened = heads->opened;

	pool_acquire(opened->account->pool, &opened->scope, POOL_INTERACTIVE, opened->mailbox,
		     heads_session, heads);
}

static void fetch_heads(Opened *opened, const UidSet *uids)
{
	if (uidset_is_empty(uids))
		return;
	Heads *heads = g_new(Heads, 1);
	*heads = (Heads){opened, uidset_copy(uids), 0};
	heads_borrow(heads);
}

static void heads_missing(const UidSet *uids, void *data)
{
	fetch_heads(data, uids);
}

/* What is on the screen goes first, alone: its answer must not wait for what is not. */
static void mailbox_wants(Mailbox *m, const UidSet *urgent, const UidSet *ahead, void *data)
{
	Opened *opened = data;

	(void)m;
	cached_fetch(opened->cached, urgent);
	cached_fetch(opened->cached, ahead);
}

/* --- life --- */

/* Selected only now: what is known decides what the server is asked. */
static void mailbox_ready(void *data)
{
	Opened *opened = data;
	Account *a = opened->account;

	if (account_selected(a) == opened->mailbox)
		pool_select(a->pool, opened->mailbox, opened->readonly);
}

static const CachedEvents cached_events = {.ready = mailbox_ready, .missing = heads_missing};

void opened_free(Opened *opened)
{
	g_clear_handle_id(&opened->thread_timer, g_source_remove);
	scope_cancel(&opened->scope);
	preview_close(opened->preview);
	backfill_close(opened->account->backfill, opened->mailbox);
	cached_close(opened->cached);
	if (opened->account->pool)
		pool_forget(opened->account->pool, opened->mailbox);
	mailbox_unlisten(opened->mailbox, opened->listener);
	mailbox_free(opened->mailbox);
	g_free(opened);
}

static Opened *opened_new(Account *a, const char *wire_name)
{
	Opened *opened = g_new0(Opened, 1);

	opened->account = a;
	opened->thread_timer = 0;
	opened->threaded_at = 0;
	scope_init(&opened->scope);
	opened->mailbox = mailbox_new(wire_name);
	opened->listener = mailbox_listen(opened->mailbox, mailbox_changed, opened);
	mailbox_set_fetcher(opened->mailbox, mailbox_wants, opened);
	mailbox_show_keywords(opened->mailbox, a->keywords);
	if (a->previews)
		opened->preview = preview_open(a->pool, opened->mailbox);
	opened->cached = cached_open(a->cached, opened->mailbox, &cached_events, opened);
	return opened;
}

static GList *find_opened(Account *a, const char *wire_name)
{
	for (GList *l = a->opened.head; l; l = l->next)
		if (strcmp(mailbox_name(((Opened *)l->data)->mailbox), wire_name) == 0)
			return l;
	return NULL;
}

/* The oldest ones go, but not what a change still waits for. */
static void drop_old_mailboxes(Account *a)
{
	GList *link = a->opened.tail;

	while (link && g_queue_get_length(&a->opened) > MAILBOXES_KEPT) {
		GList *before = link->prev;
		Opened *opened = link->data;
		if (!journal_needs(a->journal, opened->mailbox)) {
			g_queue_delete_link(&a->opened, link);
			opened_free(opened);
		}
		link = before;
	}
}

Mailbox *account_keep_mailbox(Account *a, const char *wire_name)
{
	GList *link = find_opened(a, wire_name);

	if (!link) {
		g_queue_push_tail(&a->opened, opened_new(a, wire_name));
		link = a->opened.tail;
	}
	return ((Opened *)link->data)->mailbox;
}

bool account_is_reading(const Account *a)
{
	const Opened *opened = g_queue_peek_head((GQueue *)&a->opened);

	return opened && cached_is_reading(opened->cached);
}

Mailbox *account_select(Account *a, const char *wire_name, bool readonly)
{
	GList *link = find_opened(a, wire_name);
	Folder *folder = folder_find(a->folders, wire_name);
	Opened *before = g_queue_peek_head(&a->opened);

	if (before)
		cached_save(before->cached);
	if (link) {
		g_queue_unlink(&a->opened, link);
		g_queue_push_head_link(&a->opened, link);
	} else {
		g_queue_push_head(&a->opened, opened_new(a, wire_name));
	}
	Opened *opened = g_queue_peek_head(&a->opened);
	Mailbox *m = opened->mailbox;
	opened->readonly = readonly;
	mailbox_visit(m);
	if (folder && folder->counted)
		mailbox_expect_unseen(m, folder->unseen);
	if (folder && folder->fresh) {
		folder->fresh = false;
		account_tell_folders(a);
	}
	if (cached_is_reading(opened->cached))
		mailbox_set_loading(m, true);
	else
		pool_select(a->pool, m, readonly);
	backfill_open(a->backfill, m, opened->cached);
	drop_old_mailboxes(a);
	return m;
}

Mailbox *account_selected(Account *a)
{
	Opened *opened = g_queue_peek_head(&a->opened);

	return opened ? opened->mailbox : NULL;
}

/* The selection asks for them behind what the server says next. */
void account_show_keywords(Account *a, const char *list)
{
	keywords_unref(a->keywords);
	a->keywords = keywords_new(list);
	for (GList *l = a->opened.head; l; l = l->next) {
		Mailbox *m = ((Opened *)l->data)->mailbox;
		mailbox_show_keywords(m, a->keywords);
		mailbox_commit(m);
	}
	if (account_state(a) == POOL_ONLINE)
		watch_poll(a->watch);
}

void account_show_previews(Account *a, bool show)
{
	a->previews = show;
	for (GList *l = a->opened.head; l; l = l->next) {
		Opened *opened = l->data;
		g_clear_pointer(&opened->preview, preview_close);
		if (show)
			opened->preview = preview_open(a->pool, opened->mailbox);
		mailbox_commit(opened->mailbox);
	}
}
