#include "core/account/look.h"

#include <string.h>

#include "core/base/error.h"

#define PAUSE_MS 1000
/* A server that is still not through by then is at something else. */
#define ROUNDS_MAX 30

typedef struct {
	ScopeItem item;
	Scope scope;
	guint timer;
	Pool *pool;
	Intention *intention;
	Mailbox *source, *target;
	GHashTable *in_target; /* what a message is known by: how many */
	UidSet *found, *there, *before;
	unsigned round, in_flight;
	GError *failure; /* of a round */
	LookDone done;
	void *data;
} Look;

static void look_free(Look *look)
{
	scope_remove(&look->item);
	g_clear_handle_id(&look->timer, g_source_remove);
	g_clear_error(&look->failure);
	intention_free(look->intention);
	g_hash_table_unref(look->in_target);
	uidset_free(look->found);
	uidset_free(look->there);
	uidset_free(look->before);
	g_free(look);
}

static void end(Look *look, const GError *error)
{
	LookDone done = look->done;

	look->done = NULL;
	scope_cancel(&look->scope);
	scope_remove(&look->item);
	done(error ? NULL : look->found, error ? NULL : look->there, error, look->data);
	look_free(look);
}

static void cancel_look(ScopeItem *item)
{
	Look *look = (Look *)item;

	look->done = NULL;
	scope_cancel(&look->scope);
	look_free(look);
}

/* --- what a message is known by --- */

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* COPY keeps content and, where the server follows the RFC, INTERNALDATE: used only where there is
 * no Message-ID. */
static char *fingerprint(const FetchData *fetch)
{
	const Envelope *e = fetch->envelope;

	if (e->message_id && *e->message_id)
		return g_strdup_printf("%" G_GUINT64_FORMAT " %s", fetch->size, e->message_id);
	return g_strdup_printf("%" G_GUINT64_FORMAT "\n%s\n%s\n%s", fetch->size, or_empty(e->date),
			       or_empty(e->subject),
			       e->from.n > 0 ? or_empty(e->from.items[0].mailbox) : "");
}

static bool is_whole(const Response *r)
{
	const unsigned needed = FETCH_UID | FETCH_SIZE | FETCH_ENVELOPE;

	return r->kind == RESPONSE_FETCH && (r->fetch.has & needed) == needed;
}

static void on_target_data(const Response *r, void *data)
{
	Look *look = data;

	/* "n:*" of a range that is empty brings the last message all the same. */
	if (!is_whole(r) || r->fetch.uid < look->intention->target_uidnext)
		return;
	char *key = fingerprint(&r->fetch);
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(look->in_target, key));
	g_hash_table_replace(look->in_target, key, GUINT_TO_POINTER(n + 1));
}

static void on_source_data(const Response *r, void *data)
{
	Look *look = data;

	if (!is_whole(r) || !uidset_has(look->intention->uids, r->fetch.uid) ||
	    uidset_has(look->there, r->fetch.uid))
		return;
	g_autofree char *key = fingerprint(&r->fetch);
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(look->in_target, key));
	uidset_add(look->there, r->fetch.uid);
	if (n == 0)
		return;
	uidset_add(look->found, r->fetch.uid);
	g_hash_table_replace(look->in_target, g_strdup(key), GUINT_TO_POINTER(n - 1));
}

/* --- a round --- */

static gboolean begin_round(void *data);

static void wait_for_round(Look *look)
{
	look->timer = g_timeout_add(PAUSE_MS, begin_round, look);
}

static bool is_same(const UidSet *a, const UidSet *b)
{
	g_autofree char *one = uidset_format(a), *two = uidset_format(b);

	return strcmp(one, two) == 0;
}

static void round_ended(Look *look)
{
	if (look->failure) {
		end(look, look->failure);
	} else if (look->before && is_same(look->before, look->found)) {
		end(look, NULL);
	} else if (++look->round >= ROUNDS_MAX) {
		g_autoptr(GError) error = g_error_new_literal(
			CORE_ERROR, CORE_ERROR_NO, "the target changes faster than one can look");
		end(look, error);
	} else {
		uidset_free(look->before);
		look->before = g_steal_pointer(&look->found);
		wait_for_round(look);
	}
}

static void source_answered(const ImapResult *result, void *data)
{
	Look *look = data;

	if (!look->done)
		return;
	if (result->error && !look->failure)
		look->failure = g_error_copy(result->error);
	if (--look->in_flight == 0)
		round_ended(look);
}

#define ITEMS "(UID RFC822.SIZE ENVELOPE)"
/* Of the UIDs in one command (T172). */
#define SET_TEXT_MAX 6500

static void fetch_source(Look *look, ImapSession *s)
{
	g_autoptr(GPtrArray) sets = uidset_split(look->intention->uids, SET_TEXT_MAX);

	look->in_flight = sets->len;
	for (unsigned k = 0; k < sets->len; k++)
		imap_uid_fetch(s, &look->scope, sets->pdata[k], ITEMS, on_source_data,
			       source_answered, look);
}

static void on_source(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Look *look = data;

	(void)p;
	if (!look->done)
		return;
	if (error)
		end(look, error);
	else
		fetch_source(look, s);
}

static void target_answered(const ImapResult *result, void *data)
{
	Look *look = data;

	if (!look->done)
		return;
	if (result->error)
		end(look, result->error);
	else
		pool_acquire(look->pool, &look->scope, POOL_INTERACTIVE, look->source, on_source,
			     look);
}

static void on_target(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Look *look = data;
	const Intention *i = look->intention;

	(void)p;
	if (!look->done)
		return;
	if (error) {
		end(look, error);
		return;
	}
	if (mailbox_uidvalidity(look->target) != i->target_uidvalidity) {
		g_autoptr(GError) replaced = g_error_new_literal(
			CORE_ERROR, CORE_ERROR_NO, "the target was replaced by another folder");
		end(look, replaced);
		return;
	}
	/* What came since it was selected is told behind NOOP. */
	imap_noop(s, &look->scope, NULL, NULL);
	g_autoptr(UidSet) above = uidset_new_range(i->target_uidnext, UINT32_MAX);
	imap_uid_fetch(s, &look->scope, above, ITEMS, on_target_data, target_answered, look);
}

/* What is known of the target from the cache may be of an earlier folder of that name: the server
 * has told of this one when it was asked where new messages begin. */
static void forget_earlier(const Look *look)
{
	uint32_t had = mailbox_uidvalidity(look->target);

	if (mailbox_is_told(look->target) || had == 0 || had == look->intention->target_uidvalidity)
		return;
	mailbox_set_uidvalidity(look->target, look->intention->target_uidvalidity);
	mailbox_commit(look->target);
}

static gboolean begin_round(void *data)
{
	Look *look = data;

	look->timer = 0;
	forget_earlier(look);
	g_clear_error(&look->failure);
	g_hash_table_remove_all(look->in_target);
	uidset_free(look->found);
	uidset_free(look->there);
	look->found = uidset_new();
	look->there = uidset_new();
	pool_acquire(look->pool, &look->scope, POOL_BULK, look->target, on_target, look);
	return G_SOURCE_REMOVE;
}

void look_start(Pool *pool, Scope *scope, const Intention *intention, Mailbox *source,
		Mailbox *target, LookDone done, void *data)
{
	Look *look = g_new0(Look, 1);

	look->pool = pool;
	look->intention = intention_copy(intention);
	look->source = source;
	look->target = target;
	look->in_target = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	look->done = done;
	look->data = data;
	scope_init(&look->scope);
	scope_add(scope, &look->item, cancel_look);
	wait_for_round(look);
}
