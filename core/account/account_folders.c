#include "core/account/account_private.h"

#include "core/base/error.h"
#include "core/wire/utf7.h"
#include "mime/text.h"

/* --- telling --- */

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

void account_tell_folders(Account *a)
{
	if (!a->folders_timer)
		a->folders_timer = g_timeout_add(20, tell_folders_now, a);
}

/* --- the list --- */

static void list_answered(const ImapResult *result, void *data)
{
	Account *a = data;

	bool again = a->list_again;

	a->listing = a->list_again = false;
	if (error_is_cancelled(result->error))
		return;
	if (result->error) {
		if (!error_is_abort(result->error))
			account_notice(a, true, "The folders could not be listed: %s",
				       result->error->message);
		return;
	}
	folder_end_list(a->folders);
	folder_guess_roles(a->folders, a->options.trash);
	a->listed = true;
	account_tell_folders(a);
	/* STATUS is not asked of what is open (RFC 9051 6.3.11). */
	if (account_selected(a))
		opened_count(g_queue_peek_head(&a->opened));
	if (!(session_capabilities(pool_session(a->pool)) & CAP(LIST_STATUS)))
		watch_poll(a->watch);
	if (again)
		account_list_folders(a);
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
		g_string_append_printf(options, " STATUS (%s)", folder_status_items(caps));
	return g_string_free(options, FALSE);
}

void account_list_folders(Account *a)
{
	ImapSession *s = pool_session(a->pool);

	a->list_again = s && a->listing;
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

void account_recount(Account *a, const char *wire_name)
{
	ImapSession *s = pool_session(a->pool);
	Folder *folder = folder_find(a->folders, wire_name);

	if (!s || !folder)
		return;
	/* What we brought there ourselves is not news. */
	folder->uidnext = 0;
	folder->recent = UINT32_MAX;
	imap_status(s, &a->scope, wire_name, folder_status_items(session_capabilities(s)), NULL,
		    NULL, NULL);
}

Folder *account_folders(Account *a)
{
	return a->folders;
}

void account_refresh(Account *a)
{
	account_list_folders(a);
	watch_poll(a->watch);
}

char *account_title_of(Account *a, const char *wire_name)
{
	Folder *folder = folder_find(a->folders, wire_name);

	return folder ? g_strdup(folder->path) : text_clean_name(wire_name);
}

/* --- changes --- */

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
		account_list_folders(change->account);
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
