#include "core/account/account_private.h"

#include <string.h>

#include "core/account/remembered.h"
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

static void list_over(Account *a, const GError *error)
{
	bool again = a->list_again;

	a->listing = a->list_again = false;
	if (error_is_cancelled(error))
		return;
	if (error) {
		if (!error_is_abort(error))
			account_notice(a, true, "The folders could not be listed: %s",
				       error->message);
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

static void list_pattern(Account *a, ImapSession *s, const char *pattern, ImapDone done)
{
	Capability caps = session_capabilities(s);
	g_autofree char *options = list_return_options(caps);

	if (!(caps & CAP(LIST_EXTENDED)))
		imap_lsub(s, &a->scope, "", pattern, NULL, NULL, NULL);
	imap_list(s, &a->scope, "", pattern, options, NULL, done, a);
}

/* A server that tells of a namespace may refuse to list it: the others stand. */
static void apart_answered(const ImapResult *result, void *data)
{
	Account *a = data;
	bool lost = error_is_abort(result->error) || error_is_cancelled(result->error);

	if (--a->lists_left == 0)
		list_over(a, lost ? result->error : NULL);
}

/* Of others' and shared folders some servers show nothing to LIST "" "*" (Courier). */
static void list_answered(const ImapResult *result, void *data)
{
	Account *a = data;
	ImapSession *s = pool_session(a->pool);
	GPtrArray *namespaces = a->folders->namespaces;

	a->lists_left = 0;
	for (guint i = 0; !result->error && s && namespaces && i < namespaces->len; i++) {
		Namespace *ns = namespaces->pdata[i];
		g_autofree char *pattern = g_strconcat(ns->prefix, "*", NULL);
		ns->apart = *ns->prefix && !strpbrk(ns->prefix, "*%") &&
			    !folder_is_listed_below(a->folders, ns->prefix);
		if (!ns->apart)
			continue;
		a->lists_left++;
		list_pattern(a, s, pattern, apart_answered);
	}
	if (a->lists_left == 0) {
		list_over(a, result->error);
		return;
	}
	folder_take_listed(a->folders);
	folder_guess_roles(a->folders, a->options.trash);
	account_tell_folders(a);
}

/* What cannot be read is none (T073). */
static void namespace_told(const Response *response, void *data)
{
	Account *a = data;
	GPtrArray *namespaces = response->kind == RESPONSE_OTHER && response->frame
					? namespaces_read(response->frame)
					: NULL;

	if (!namespaces)
		return;
	g_autofree char *text = namespaces_format(namespaces);
	remembered_put_namespaces(a->endpoint, a->user, text);
	folder_set_namespaces(a->folders, namespaces);
}

void account_list_folders(Account *a)
{
	ImapSession *s = pool_session(a->pool);

	a->list_again = s && a->listing;
	if (!s || a->listing)
		return;
	a->listing = true;
	folder_begin_list(a->folders);
	if (!a->listed && (session_capabilities(s) & CAP(NAMESPACE)))
		imap_namespace(s, &a->scope, namespace_told, NULL, a);
	list_pattern(a, s, "*", list_answered);
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
	AccountCreated created;
	AccountDone done;
	void *data;
} Change;

static void change_send(Change *change);

static void change_end(Change *change, const GError *error)
{
	g_autofree char *utf8 = utf7_decode(change->name);
	g_autofree char *path = text_clean_name(utf8);

	if (change->created)
		change->created(change->account, error ? NULL : path, error, change->data);
	else
		change->done(change->account, error, change->data);
	g_free(change->name);
	g_free(change);
}

/* Where everything of the person lies, told or not: some servers show folders below INBOX, or none
 * anywhere, and refuse names beside it.  NULL where there is no such place. */
static char *personal_prefix(const Account *a)
{
	const Folder *root = a->folders, *inbox = folder_find(a->folders, "INBOX");

	if (root->namespaces)
		return g_strdup(namespace_personal_prefix(root->namespaces));
	if (!inbox || inbox->delimiter == '\0' ||
	    (inbox->children->len == 0 && root->children->len > 1))
		return NULL;
	return g_strdup_printf("INBOX%c", inbox->delimiter);
}

/* A name that the server refuses as it is: where others share the top of the tree (Cyrus), it was
 * theirs. */
static bool try_behind_prefix(Change *change, const GError *error)
{
	g_autofree char *prefix = personal_prefix(change->account);

	if (change->what != CHANGE_CREATE || !g_error_matches(error, CORE_ERROR, CORE_ERROR_NO) ||
	    !prefix || g_str_has_prefix(change->name, prefix))
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

	if (result->error && try_behind_prefix(change, result->error))
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

static void change_start(const Change *what)
{
	Change *change = g_memdup2(what, sizeof(*what));

	pool_acquire(what->account->pool, what->scope, POOL_INTERACTIVE, NULL, change_session,
		     change);
}

void account_create(Account *a, Scope *scope, const char *path_utf8, AccountCreated created,
		    void *data)
{
	g_autofree char *wire = utf7_encode(path_utf8);
	char *complete = namespace_complete(a->folders->namespaces, wire);

	change_start(&(Change){.account = a,
			       .scope = scope,
			       .name = complete ? complete : g_steal_pointer(&wire),
			       .what = CHANGE_CREATE,
			       .created = created,
			       .data = data});
}

void account_subscribe(Account *a, Scope *scope, const char *wire_name, bool subscribe,
		       AccountDone done, void *data)
{
	change_start(&(Change){.account = a,
			       .scope = scope,
			       .name = g_strdup(wire_name),
			       .what = subscribe ? CHANGE_SUBSCRIBE : CHANGE_UNSUBSCRIBE,
			       .done = done,
			       .data = data});
}
