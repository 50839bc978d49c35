#include "core/account/account.h"

#include <string.h>

#include "core/account/backfill.h"
#include "core/account/cached.h"
#include "core/account/download.h"
#include "core/account/job.h"
#include "core/account/journal.h"
#include "core/account/password.h"
#include "core/account/question.h"
#include "core/account/trusted.h"
#include "core/account/watch.h"
#include "core/base/error.h"
#include "core/mailbox/differs.h"
#include "core/net/network.h"
#include "core/session/mechanism.h"
#include "core/session/verdict.h"
#include "core/wire/utf7.h"
#include "mime/text.h"

/* Mailboxes kept with what is known of them, the open one included. */
#define MAILBOXES_KEPT 8
/* A disk that does not answer keeps nobody from quitting (T173). */
#define DISK_PATIENCE_MS 700
/* The server is asked about threads again so long after mail came whose place is not known, and not
 * more often than that. */
#define THREAD_AGAIN_SECONDS    5
#define THREAD_INTERVAL_SECONDS 60
#define STATUS_ITEMS            "MESSAGES UNSEEN UIDNEXT UIDVALIDITY"

/* A mailbox and who listens to it for the folder tree's counts. */
typedef struct {
	Account *account;
	Mailbox *mailbox;
	CachedMailbox *cached;
	bool readonly; /* as asked for */
	unsigned listener;
	Scope scope;         /* of the heads on their way */
	guint thread_timer;  /* asks the server about threads again */
	int64_t threaded_at; /* monotonic, when it was asked so last */
} Opened;

struct Account {
	char *name;
	AccountOptions options;
	Endpoint *endpoint;
	char *user;
	const AccountEvents *events;
	void *self;
	Pool *pool;
	Worker *worker; /* writes the journal */
	Journal *journal;
	Watch *watch;
	Network *network; /* NULL: not connected yet */
	Cached *cached;
	Backfill *backfill; /* NULL: not wanted */
	Folder *folders;
	GQueue opened; /* of Opened, the selected one first */
	JobList jobs;
	Scope scope;
	char *state_text;
	bool renewed;         /* the token was, and has not logged in yet */
	bool listing, listed; /* LIST is under way; was answered on this connection */
	guint folders_timer;
};

/* --- telling --- */

static void notice(Account *a, bool is_error, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

static void notice(Account *a, bool is_error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	a->events->notice(a, is_error, text, a->self);
}

static gboolean tell_folders_now(gpointer data)
{
	Account *a = data;

	a->folders_timer = 0;
	/* An unasked LIST may have brought some. */
	if (!a->listing)
		folder_guess_roles(a->folders, a->options.trash);
	cached_folders_changed(a->cached);
	a->events->folders(a, a->self);
	return G_SOURCE_REMOVE;
}

/* However many rows of LIST and STATUS came: one repaint. */
static void tell_folders(Account *a)
{
	if (!a->folders_timer)
		a->folders_timer = g_timeout_add(20, tell_folders_now, a);
}

static void jobs_changed(void *data)
{
	Account *a = data;

	a->events->progress(a, a->self);
}

/* --- the folder list --- */

static void count_opened(Opened *opened);

static void list_answered(const ImapResult *result, void *data)
{
	Account *a = data;

	a->listing = false;
	if (error_is_cancelled(result->error))
		return;
	if (result->error) {
		if (!error_is_abort(result->error))
			notice(a, true, "The folders could not be listed: %s",
			       result->error->message);
		return;
	}
	folder_end_list(a->folders);
	folder_guess_roles(a->folders, a->options.trash);
	a->listed = true;
	tell_folders(a);
	/* STATUS is not asked of what is open (RFC 9051 6.3.11). */
	if (account_selected(a))
		count_opened(g_queue_peek_head(&a->opened));
	if (!(session_capabilities(pool_session(a->pool)) & CAP(LIST_STATUS)))
		watch_poll(a->watch);
}

/* RFC 5258 and 5819: subscriptions, roles and counts in one command where the server can. */
static char *list_return_options(Capability caps)
{
	GString *options = g_string_new(NULL);

	if (!(caps & CAP(LIST_EXTENDED)))
		return g_string_free(options, FALSE);
	g_string_append(options, "SUBSCRIBED");
	if (caps & CAP(SPECIAL_USE))
		g_string_append(options, " SPECIAL-USE");
	if (caps & CAP(LIST_STATUS))
		g_string_append(options, " STATUS (" STATUS_ITEMS ")");
	return g_string_free(options, FALSE);
}

static void list_folders(Account *a)
{
	ImapSession *s = pool_session(a->pool);

	if (!s || a->listing)
		return;
	Capability caps = session_capabilities(s);
	g_autofree char *options = list_return_options(caps);
	a->listing = true;
	folder_begin_list(a->folders);
	if (!(caps & CAP(LIST_EXTENDED)))
		imap_lsub(s, &a->scope, "", "*", NULL, NULL, NULL);
	imap_list(s, &a->scope, "", "*", options, NULL, list_answered, a);
}

/* --- log-in --- */

static void ask_password(Account *a, const char *why, bool refused)
{
	a->events->need_password(a, a->user, why, refused, a->self);
}

static void password_printed(const char *secret, const GError *error, void *data)
{
	Account *a = data;

	if (error_is_cancelled(error))
		return;
	if (!error)
		pool_set_password(a->pool, secret);
	else if (*a->options.token_command)
		notice(a, true, "%s", error->message);
	else
		ask_password(a, error->message, false);
}

/* Nothing is to be asked for: something else says who we are, or may. */
static bool needs_no_password(const Account *a)
{
	const Mechanism *named = NULL;
	bool or_stronger;

	if (a->endpoint->kind == ENDPOINT_EXEC || a->endpoint->password)
		return true;
	if (*a->options.client_cert && !*a->options.password_command && !*a->options.token_command)
		return true;
	mechanism_wish(a->options.sasl, &named, &or_stronger, NULL);
	return named && named->proof != PROOF_PASSWORD && named->proof != PROOF_TOKEN;
}

static void log_in(Account *a)
{
	if (needs_no_password(a))
		pool_open(a->pool);
	else if (a->user && *a->options.token_command)
		password_run("token-command", a->options.token_command, &a->scope, password_printed,
			     a);
	else if (a->user && *a->options.password_command)
		password_run("password-command", a->options.password_command, &a->scope,
			     password_printed, a);
	else
		ask_password(a, NULL, false);
}

/* A token lasts an hour or so: the first refusal means a new one is due, the second is an error. */
static void refused(Account *a, const char *text)
{
	if (!*a->options.token_command) {
		ask_password(a, text, true);
	} else if (!a->renewed) {
		a->renewed = true;
		log_in(a);
	} else {
		notice(a, true, "%s", text);
	}
}

/* --- events of the pool --- */

static void network_changed(bool available, void *data)
{
	pool_network(((Account *)data)->pool, available);
}

/* Not in front of the first screen, which it could only hold up. */
static void watch_network(Account *a)
{
	if (!a->network)
		a->network = network_watch(network_changed, a);
}

static void pool_state_changed(Pool *p, PoolState state, const char *text, void *self)
{
	Account *a = self;

	g_free(a->state_text);
	a->state_text = g_strdup(text ? text : "");
	if (state != POOL_ONLINE) {
		a->listed = false;
		watch_disconnected(a->watch);
	}
	a->events->state(a, state, text, a->self);
	if (state == POOL_ONLINE)
		a->renewed = false;
	if (state == POOL_ONLINE || state == POOL_WAITING)
		watch_network(a);
	if (state == POOL_REFUSED)
		refused(a, text);
	const Certificate *certificate =
		state == POOL_UNTRUSTED ? certificate_of(pool_refusal(p)) : NULL;
	if (certificate)
		a->events->untrusted(a, certificate, a->self);
}

static bool is_reading(const Account *a)
{
	const Opened *opened = g_queue_peek_head((GQueue *)&a->opened);

	return opened && cached_is_reading(opened->cached);
}

static void pool_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	Account *a = self;
	Mailbox *m = selection ? selection_mailbox(selection) : account_selected(a);

	(void)p;
	/* The list would go in front of the SELECT that the disk still holds up. */
	if (!selection && !error && is_reading(a))
		return;
	if (!error)
		journal_resume(a->journal);
	watch_restart(a->watch);
	if (!a->listed)
		list_folders(a);
	if (m)
		a->events->selected(a, m, error, a->self);
}

/* What arrives in the open mailbox is seen there. */
static void take_folder(Account *a, Folder *folder)
{
	Mailbox *open = account_selected(a);

	if (open && strcmp(folder->name, mailbox_name(open)) == 0)
		folder->fresh = false;
	tell_folders(a);
}

static void pool_response(Pool *p, ImapSession *s, const Response *r, void *self)
{
	Account *a = self;
	Folder *folder = folder_apply(a->folders, r);

	(void)p;
	if (watch_response(a->watch, s, r) && !a->listing)
		list_folders(a);
	if (folder) {
		take_folder(a, folder);
	} else if (r->kind == RESPONSE_CONDITION && r->status.code == CODE_ALERT) {
		const char *host = a->endpoint->host;
		g_autofree char *words =
			verdict_words(host ? host : a->endpoint->label, r->status.text);
		notice(a, true, "%s", words);
	}
}

static const PoolEvents pool_events = {
	.state = pool_state_changed,
	.selected = pool_selected,
	.response = pool_response,
};

/* What we put there ourselves is not new mail: the next UIDNEXT is taken as it is. */
static void recount(Account *a, const char *wire_name)
{
	ImapSession *s = pool_session(a->pool);
	Folder *folder = folder_find(a->folders, wire_name);

	if (!s || !folder)
		return;
	folder->uidnext = 0;
	imap_status(s, &a->scope, wire_name, STATUS_ITEMS, NULL, NULL, NULL);
}

/* --- mailboxes --- */

static void count_opened(Opened *opened)
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
	tell_folders(opened->account);
}

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
				opened->mailbox, threaded_again, opened);
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
	count_opened(data);
	watch_threads(data);
}

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

/* Selected only now: what is known decides what the server is asked. */
static void mailbox_ready(void *data)
{
	Opened *opened = data;
	Account *a = opened->account;

	if (account_selected(a) == opened->mailbox)
		pool_select(a->pool, opened->mailbox, opened->readonly);
}

static const CachedEvents cached_events = {.ready = mailbox_ready, .missing = heads_missing};

static void opened_free(Opened *opened)
{
	g_clear_handle_id(&opened->thread_timer, g_source_remove);
	scope_cancel(&opened->scope);
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

/* --- events of the journal --- */

static void journal_told(Journal *j, const char *text, const char *target, const GError *error,
			 void *data)
{
	Account *a = data;

	(void)j;
	if (text)
		notice(a, error != NULL, "%s", text);
	if (target && !error)
		recount(a, target);
}

/* Not the selected one, nor in its place. */
static Mailbox *journal_mailbox(Journal *j, const char *wire_name, void *data)
{
	Account *a = data;
	GList *link = find_opened(a, wire_name);

	(void)j;
	if (!link) {
		g_queue_push_tail(&a->opened, opened_new(a, wire_name));
		link = a->opened.tail;
	}
	return ((Opened *)link->data)->mailbox;
}

static void journal_changed(Journal *j, void *data)
{
	Account *a = data;

	(void)j;
	a->events->changes(a, a->self);
}

static const JournalEvents journal_events = {
	.outcome = journal_told,
	.mailbox = journal_mailbox,
	.changed = journal_changed,
};

/* What tells accounts apart on disk: a command line may hold a secret. */
static char *account_key(const Account *a)
{
	const Endpoint *e = a->endpoint;
	g_autofree char *argv = e->argv ? g_strjoinv("\n", e->argv) : NULL;
	g_autofree char *envp = e->envp ? g_strjoinv("\n", e->envp) : NULL;

	if (e->host) {
		g_autofree char *host = g_ascii_strdown(e->host, -1);
		return g_strdup_printf("%s@%s:%u", a->user ? a->user : "", host, e->port);
	}
	g_autofree char *command = g_strconcat(argv, "\n", envp, NULL);
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, command, -1);
	return g_strconcat("exec:", sum, NULL);
}

static void set_journal_account(Account *a)
{
	g_autofree char *key = account_key(a);

	journal_set_account(a->journal, key);
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
		tell_folders(a);
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

/* --- life --- */

static bool check_clear_text(const Account *a, GError **error)
{
	if (a->endpoint->kind != ENDPOINT_PLAIN || endpoint_is_local(a->endpoint) ||
	    a->options.tls == TLS_MODE_NONE)
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "%s would be read in clear text: use imaps://, or write tls = none into the "
		    "account in the configuration file.",
		    a->endpoint->host);
	return false;
}

static bool check_wish(const Account *a, GError **error)
{
	const Mechanism *named;
	bool or_stronger;

	return mechanism_wish(a->options.sasl, &named, &or_stronger, error);
}

static void make_pool(Account *a)
{
	SessionConfig config = {
		.endpoint = a->endpoint,
		.user = a->user,
		.password = a->endpoint->password,
		.ca_file = *a->options.ca ? a->options.ca : NULL,
		.allow_clear = a->options.tls == TLS_MODE_NONE,
		.is_token = *a->options.token_command != '\0',
		.sasl = a->options.sasl,
		.client_cert = a->options.client_cert,
		.client_key = a->options.client_key,
		.pin = a->options.pin,
	};
	WatchOptions watch = {.idle = a->options.idle, .poll_seconds = a->options.poll_interval};

	a->pool = pool_new(&config, a->options.connections, &pool_events, a);
	g_autofree char *state = g_build_filename(g_get_user_state_dir(), "sheaf", NULL);
	a->worker = worker_new("journal");
	a->journal = journal_new(a->pool, a->worker, state, &journal_events, a);
	g_autofree char *cache = g_build_filename(g_get_user_cache_dir(), "sheaf", NULL);
	a->cached = cached_new(cache, (uint64_t)a->options.cache_size << 20, a->folders);
	if (a->options.backfill)
		a->backfill = backfill_new(a->pool, &a->jobs, &(BackfillOptions){0});
	a->watch = watch_new(a->pool, a->folders, &watch);
}

Account *account_new(const char *name, AccountOptions *options_take, const AccountEvents *events,
		     void *self, GError **error)
{
	Account *a = g_new0(Account, 1);

	scope_init(&a->scope);
	job_list_init(&a->jobs, jobs_changed, a);
	g_queue_init(&a->opened);
	a->name = g_strdup(name);
	a->options = *options_take;
	memset(options_take, 0, sizeof(*options_take));
	a->events = events;
	a->self = self;
	a->state_text = g_strdup("");
	a->folders = folder_new_root();
	g_autofree char *dovecot = endpoint_find_dovecot(a->options.dovecot);
	a->endpoint = endpoint_parse(a->options.url, dovecot, error);
	if (!a->endpoint || !check_clear_text(a, error) || !check_wish(a, error)) {
		account_free(a);
		return NULL;
	}
	a->user = g_strdup(*a->options.user ? a->options.user : a->endpoint->user);
	make_pool(a);
	return a;
}

void account_free(Account *a)
{
	if (!a)
		return;
	job_list_clear(&a->jobs);
	scope_cancel(&a->scope);
	g_clear_handle_id(&a->folders_timer, g_source_remove);
	g_clear_pointer(&a->network, network_free);
	g_clear_pointer(&a->watch, watch_free);
	g_clear_pointer(&a->backfill, backfill_free);
	g_clear_pointer(&a->journal, journal_free);
	if (!worker_free(a->worker, DISK_PATIENCE_MS))
		g_warning("The disk does not answer: what was changed last may not be on it.");
	g_queue_clear_full(&a->opened, (GDestroyNotify)opened_free);
	g_clear_pointer(&a->pool, pool_free);
	g_clear_pointer(&a->cached, cached_free);
	folder_free(a->folders);
	g_clear_pointer(&a->endpoint, endpoint_free);
	option_clear(&a->options, account_option_table);
	g_free(a->user);
	g_free(a->state_text);
	g_free(a->name);
	g_free(a);
}

const char *account_label(const Account *a)
{
	return a->name ? a->name : a->endpoint->label;
}

const char *account_user(const Account *a)
{
	return a->user;
}

const AccountOptions *account_options(const Account *a)
{
	return &a->options;
}

const Endpoint *account_endpoint(const Account *a)
{
	return a->endpoint;
}

static void folders_restored(void *data)
{
	Account *a = data;

	folder_guess_roles(a->folders, a->options.trash);
	a->events->folders(a, a->self);
}

/* Not before it is known who we are, and not for mail that lies on this machine itself. */
static void set_cached_account(Account *a)
{
	bool is_known = !a->endpoint->envp && (!a->endpoint->host || a->user);
	g_autofree char *key = is_known ? account_key(a) : NULL;

	cached_set_account(a->cached, key, folders_restored, a);
}

void account_open(Account *a)
{
	set_journal_account(a);
	set_cached_account(a);
	log_in(a);
}

void account_set_password(Account *a, const char *user, const char *password)
{
	if (user && g_strcmp0(user, a->user) != 0) {
		g_free(a->user);
		a->user = g_strdup(user);
		pool_set_user(a->pool, user);
		set_cached_account(a);
	}
	set_journal_account(a);
	pool_set_password(a->pool, password);
}

void account_retry(Account *a)
{
	if (pool_state(a->pool) == POOL_REFUSED && !*a->options.token_command)
		ask_password(a, NULL, false);
	else if (pool_state(a->pool) == POOL_REFUSED || pool_state(a->pool) == POOL_OFFLINE)
		log_in(a);
	else
		pool_retry(a->pool);
}

void account_log_out(Account *a)
{
	pool_log_out(a->pool);
}

/* With a new certificate that the machine trusts by itself, to forget the old key is enough. */
static bool keep_key(Account *a, const Certificate *certificate, GError **error)
{
	g_autofree char *server = trusted_name(a->endpoint);
	GError *why_not = NULL;

	if (certificate->faults == CERTIFICATE_OTHER_KEY)
		trusted_forget(server, &why_not);
	else
		trusted_put(a->endpoint, certificate->key, &why_not);
	if (why_not)
		g_propagate_error(error, why_not);
	return !why_not;
}

bool account_trust(Account *a, const Certificate *certificate, bool for_ever, GError **error)
{
	bool keep = for_ever && !account_is_pinned(a);
	bool kept = keep && keep_key(a, certificate, error);

	pool_accept(a->pool, kept ? NULL : certificate->key);
	pool_retry(a->pool);
	return kept || !keep;
}

bool account_is_pinned(const Account *a)
{
	return *a->options.pin != '\0';
}

bool account_forget_key(Account *a, const char *server, GError **error)
{
	g_autofree char *ours = trusted_name(a->endpoint);
	bool accepted = g_strcmp0(ours, server) == 0 && pool_accepted(a->pool);
	GError *why_not = NULL;
	bool forgotten = trusted_forget(server, &why_not);

	if (accepted)
		pool_accept(a->pool, NULL);
	if (why_not)
		g_propagate_error(error, why_not);
	return (forgotten || accepted) && !why_not;
}

PoolState account_state(const Account *a)
{
	return pool_state(a->pool);
}

const char *account_state_text(const Account *a)
{
	return a->state_text;
}

unsigned account_retry_in(const Account *a)
{
	return pool_retry_in(a->pool);
}

void account_person(Account *a)
{
	pool_person(a->pool);
}

bool account_network_is_gone(const Account *a)
{
	return pool_network_is_gone(a->pool);
}

bool account_line_is_dead(const Account *a)
{
	return pool_line_is_dead(a->pool);
}

unsigned account_silence(const Account *a, bool *arrives)
{
	return pool_silence(a->pool, arrives);
}

bool account_is_encrypted(const Account *a)
{
	return pool_is_secure(a->pool) || endpoint_is_local(a->endpoint);
}

Capability account_capabilities(const Account *a)
{
	ImapSession *s = pool_session(a->pool);

	return s ? session_capabilities(s) : 0;
}

Folder *account_folders(Account *a)
{
	return a->folders;
}

/* --- changes --- */

static char *counted(const char *verb, const UidSet *uids)
{
	uint64_t n = uidset_count(uids);

	return g_strdup_printf("%s %" G_GUINT64_FORMAT " message%s", verb, n, n == 1 ? "" : "s");
}

static const struct {
	Flags flag;
	const char *added, *removed;
} flag_words[] = {
	{FLAG_SEEN, "as read", "as unread"},
	{FLAG_FLAGGED, "with a flag", "as not flagged"},
	{FLAG_DELETED, "as deleted", "as not deleted"},
	{FLAG_ANSWERED, "as answered", "as not answered"},
	{FLAG_DRAFT, "as draft", "as no draft"},
};

void account_flag(Account *a, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags)
{
	g_autofree char *what = counted("Marked", uids);
	GString *sentence = g_string_new(what);

	for (size_t i = 0; i < G_N_ELEMENTS(flag_words); i++)
		if (flags & flag_words[i].flag)
			g_string_append_printf(sentence, " %s",
					       op == STORE_REMOVE ? flag_words[i].removed
								  : flag_words[i].added);
	g_string_append_c(sentence, '.');
	journal_store(a->journal, m, uids, op, flags, sentence->str);
	g_string_free(sentence, TRUE);
}

static char *title_of(Account *a, const char *wire_name)
{
	Folder *folder = folder_find(a->folders, wire_name);

	return folder ? g_strdup(folder->path) : text_clean_name(wire_name);
}

void account_copy(Account *a, Mailbox *m, const UidSet *uids, const char *target, bool move)
{
	g_autofree char *what = counted(move ? "Moved" : "Copied", uids);
	g_autofree char *title = title_of(a, target);
	g_autofree char *sentence = g_strdup_printf("%s to %s.", what, title);

	journal_copy(a->journal, m, uids, target, move, sentence);
}

bool account_delete(Account *a, Mailbox *m, const UidSet *uids)
{
	Folder *trash = folder_find_role(a->folders, FOLDER_ROLE_TRASH);

	if (trash && folder_is_selectable(trash) && strcmp(trash->name, mailbox_name(m)) != 0) {
		account_copy(a, m, uids, trash->name, true);
		return true;
	}
	account_flag(a, m, uids, STORE_ADD, FLAG_DELETED);
	return false;
}

void account_expunge(Account *a, Mailbox *m, const UidSet *uids)
{
	g_autoptr(UidSet) deleted = uids ? uidset_copy(uids) : mailbox_with_flag(m, FLAG_DELETED);
	g_autofree char *what = counted("Removed", deleted);
	g_autofree char *sentence = g_strconcat(what, " for ever.", NULL);

	if (!uidset_is_empty(deleted))
		journal_expunge(a->journal, m, deleted, sentence);
}

unsigned account_pending(const Account *a)
{
	return journal_pending(a->journal);
}

unsigned account_unsaved(const Account *a)
{
	return journal_unsaved(a->journal);
}

unsigned account_overdue(const Account *a)
{
	return journal_overdue(a->journal);
}

unsigned account_held(const Account *a)
{
	return journal_held(a->journal);
}

GPtrArray *account_changes(const Account *a)
{
	return journal_list(a->journal);
}

bool account_drop_change(Account *a, unsigned number)
{
	return journal_drop(a->journal, number);
}

bool account_retry_change(Account *a, unsigned number)
{
	return journal_retry(a->journal, number);
}

/* CREATE or SUBSCRIBE of a folder. */
typedef struct {
	Account *account;
	Scope *scope;
	ImapSession *session;
	char *name; /* wire name */
	enum { CHANGE_CREATE, CHANGE_SUBSCRIBE, CHANGE_UNSUBSCRIBE } what;
	AccountDone done;
	void *data;
} Change;

static void change_send(Change *change);

static void change_end(Change *change, const GError *error)
{
	change->done(change->account, error, change->data);
	g_free(change->name);
	g_free(change);
}

/* Some servers have everything of the person below INBOX and refuse names beside it: those that
 * show folders there, or none anywhere (Courier). */
static bool try_below_inbox(Change *change, const GError *error)
{
	const Folder *root = change->account->folders,
		     *inbox = folder_find(change->account->folders, "INBOX");

	if (change->what != CHANGE_CREATE || !g_error_matches(error, CORE_ERROR, CORE_ERROR_NO) ||
	    !inbox || inbox->delimiter == '\0')
		return false;
	g_autofree char *prefix = g_strdup_printf("INBOX%c", inbox->delimiter);
	if (g_str_has_prefix(change->name, prefix) ||
	    (inbox->children->len == 0 && root->children->len > 1))
		return false;
	char *name = g_strconcat(prefix, change->name, NULL);
	g_free(change->name);
	change->name = name;
	change_send(change);
	return true;
}

/* The list is asked for again: the server decides what is there. */
static void change_answered(const ImapResult *result, void *data)
{
	Change *change = data;

	if (result->error && try_below_inbox(change, result->error))
		return;
	if (!result->error)
		list_folders(change->account);
	change_end(change, result->error);
}

static void change_send(Change *change)
{
	if (change->what == CHANGE_CREATE)
		imap_create(change->session, change->scope, change->name, change_answered, change);
	else
		imap_subscribe(change->session, change->scope, change->name,
			       change->what == CHANGE_SUBSCRIBE, change_answered, change);
}

static void change_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Change *change = data;

	(void)p;
	change->session = s;
	if (error)
		change_end(change, error);
	else
		change_send(change);
}

static void change_start(Account *a, Scope *scope, const char *name, int what, AccountDone done,
			 void *data)
{
	Change *change = g_new(Change, 1);

	*change = (Change){a, scope, NULL, g_strdup(name), what, done, data};
	pool_acquire(a->pool, scope, POOL_INTERACTIVE, NULL, change_session, change);
}

void account_create(Account *a, Scope *scope, const char *path_utf8, AccountDone done, void *data)
{
	g_autofree char *wire = utf7_encode(path_utf8);

	change_start(a, scope, wire, CHANGE_CREATE, done, data);
}

void account_subscribe(Account *a, Scope *scope, const char *wire_name, bool subscribe,
		       AccountDone done, void *data)
{
	change_start(a, scope, wire_name, subscribe ? CHANGE_SUBSCRIBE : CHANGE_UNSUBSCRIBE, done,
		     data);
}

void account_refresh(Account *a)
{
	list_folders(a);
	watch_poll(a->watch);
}

/* --- questions --- */

typedef struct {
	Account *account;
	AccountFound found;
	AccountSorted sorted;
	AccountDone threaded;
	AccountPart part;
	AccountPartProgress progress;
	const AccountPartSink *sink;
	char *section;
	MessageHead *head; /* as the list has it, or NULL */
	void *data;
} Asked;

static Asked *asked_new(Account *a, void *data)
{
	Asked *asked = g_new0(Asked, 1);

	asked->account = a;
	asked->data = data;
	return asked;
}

static void was_found(const UidSet *uids, const GError *error, void *data)
{
	Asked *asked = data;

	asked->found(asked->account, uids, error, asked->data);
	g_free(asked);
}

void account_search(Account *a, Scope *scope, Mailbox *m, const Query *query, AccountFound found,
		    void *data)
{
	Asked *asked = asked_new(a, data);

	asked->found = found;
	/* Where the cache has all heads, none need come along. */
	bool with_heads = !a->backfill || backfill_is_busy(a->backfill);
	question_search(a->pool, &a->jobs, scope, m, query, with_heads, was_found, asked);
}

static void was_sorted(const uint32_t *uids, size_t n, const GError *error, void *data)
{
	Asked *asked = data;

	asked->sorted(asked->account, uids, n, error, asked->data);
	g_free(asked);
}

void account_sort(Account *a, Scope *scope, Mailbox *m, const char *keys, AccountSorted sorted,
		  void *data)
{
	Asked *asked = asked_new(a, data);

	asked->sorted = sorted;
	question_sort(a->pool, &a->jobs, scope, m, keys, was_sorted, asked);
}

static void was_threaded(const GError *error, void *data)
{
	Asked *asked = data;

	asked->threaded(asked->account, error, asked->data);
	g_free(asked);
}

void account_thread(Account *a, Scope *scope, Mailbox *m, AccountDone done, void *data)
{
	Asked *asked = asked_new(a, data);

	asked->threaded = done;
	question_thread(a->pool, &a->jobs, scope, m, was_threaded, asked);
}

static void part_came(GBytes *bytes, const GError *error, void *data)
{
	Asked *asked = data;
	g_autofree char *differs =
		bytes && asked->head ? differs_tell(asked->head, asked->section, bytes) : NULL;

	if (differs)
		notice(asked->account, true, "%s", differs);
	asked->part(asked->account, bytes, error, asked->data);
	g_clear_pointer(&asked->head, message_unref);
	g_free(asked->section);
	g_free(asked);
}

static void part_progressed(uint64_t have, uint64_t total, void *data)
{
	Asked *asked = data;

	if (asked->progress)
		asked->progress(asked->account, have, total, asked->data);
}

static void piece_came(GBytes *bytes, void *data)
{
	const Asked *asked = data;

	asked->sink->take(bytes, asked->data);
}

static bool sink_is_full(void *data)
{
	const Asked *asked = data;

	return asked->sink->is_full(asked->data);
}

static void fetch_part(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
		       uint64_t size_hint, Asked *asked_take)
{
	static const DownloadSink sink = {piece_came, sink_is_full};
	MessageHead *head = mailbox_head(m, uid);

	asked_take->head = head ? message_ref(head) : NULL;
	asked_take->section = g_strdup(section);
	download_start(a->pool, &a->jobs, scope, m, uid, section, size_hint, part_progressed,
		       asked_take->sink ? &sink : NULL, part_came, asked_take);
}

void account_fetch_part(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
			uint64_t size_hint, AccountPartProgress progress, AccountPart part,
			void *data)
{
	Asked *asked = asked_new(a, data);

	asked->part = part;
	asked->progress = progress;
	fetch_part(a, scope, m, uid, section, size_hint, asked);
}

void account_fetch_pieces(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
			  uint64_t size_hint, const AccountPartSink *sink, AccountPart part,
			  void *data)
{
	Asked *asked = asked_new(a, data);

	asked->part = part;
	asked->sink = sink;
	fetch_part(a, scope, m, uid, section, size_hint, asked);
}

bool account_progress(const Account *a, JobProgress *out)
{
	return job_show_newest(&a->jobs, out);
}

char *account_cancel(Account *a)
{
	char *text = job_cancel_newest(&a->jobs);

	if (text && job_list_is_empty(&a->jobs))
		pool_cancelled(a->pool);
	return text;
}
