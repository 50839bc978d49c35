/* check_backfill - plays the conversations of tests/wire/backfill against pool, cache and backfill
 * over TCP.  The client's marks (those of the server are in player.h):
 *
 *   open: INBOX           connects, as alice with one connection, and fills the cache
 *   limit: 1000           bytes that the cache may take; before `open`
 *   fill: yes             the person opens the mailbox again
 *   search: word          the person searches for it
 *   found: 3,7            until that was found
 *   progress: Searching INBOX 175/1000     until the status line has this to say
 *   cancel: Fetching heads of INBOX        the key, and what it says
 *   busy: no              until there is nothing to fetch any more; yes: there is now
 *   complete: yes         every head is in the cache
 *   held: 10,12           heads in memory */
#include "config.h"

#include <string.h>

#include "core/account/backfill.h"
#include "core/account/question.h"
#include "tests/conversations.h"
#include "tests/listener.h"
#include "tests/place.h"
#include "tests/player.h"
#include "tests/run.h"

typedef struct {
	Endpoint endpoint;
	char *directory;
	uint64_t limit;
	Pool *pool;
	JobList jobs;
	Scope scope;
	Folder *folders;
	Cached *cached;
	Mailbox *mailbox;
	CachedMailbox *known;
	Backfill *backfill;
	char *found; /* NULL until it is */
} Client;

static const PoolEvents events;

static void on_ready(void *data)
{
	Client *client = data;

	pool_select(client->pool, client->mailbox, false);
}

static void on_missing(const UidSet *uids, void *data)
{
	(void)uids;
	(void)data;
}

static const CachedEvents cached_events = {on_ready, on_missing};

static void restored(void *data)
{
	(void)data;
}

static void open_mailbox(Client *client, const char *name)
{
	SessionConfig config = {
		.endpoint = &client->endpoint, .user = "alice", .password = "secret"};

	BackfillOptions options = {.quiet_ms = 30, .slice = 2};

	client->folders = folder_new_root();
	client->cached = cached_new(client->directory, client->limit, client->folders);
	cached_set_account(client->cached, "alice@example.org", restored, client);
	client->mailbox = mailbox_new(name);
	client->pool = pool_new(&config, 1, &events, client);
	client->known = cached_open(client->cached, client->mailbox, &cached_events, client);
	client->backfill = backfill_new(client->pool, &client->jobs, &options);
	backfill_open(client->backfill, client->mailbox, client->known);
	if (!cached_is_reading(client->known))
		on_ready(client);
	pool_open(client->pool);
}

static void on_found(const UidSet *uids, const GError *error, void *data)
{
	Client *client = data;

	client->found = error ? g_strdup(error->message) : uidset_format(uids);
}

static void search(Client *client, const char *word)
{
	g_autoptr(Query) query = query_parse(word, 0, NULL);

	ck_assert_ptr_nonnull(query);
	question_search(client->pool, &client->jobs, &client->scope, client->mailbox, query, false,
			on_found, client);
}

static bool is_told(const Client *client, const char *text)
{
	JobProgress progress;
	g_autofree char *told = NULL;

	if (job_show_newest(&client->jobs, &progress))
		told = g_strdup_printf("%s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, progress.text,
				       progress.have, progress.total);
	return g_strcmp0(told, text) == 0;
}

static bool was_cancelled(Client *client, const char *text)
{
	g_autofree char *told = job_cancel_newest(&client->jobs);

	return g_strcmp0(told, text) == 0;
}

static bool holds(const Client *client, const char *text)
{
	g_autoptr(UidSet) held = uidset_new();

	for (uint32_t i = 0; i < mailbox_known(client->mailbox); i++) {
		uint32_t uid = mailbox_uid_at(client->mailbox, i);
		if (mailbox_has_head(client->mailbox, uid))
			uidset_add(held, uid);
	}
	g_autofree char *got = uidset_format(held);
	return strcmp(got, text) == 0;
}

static CueResult later(bool done)
{
	return done ? CUE_DONE : CUE_LATER;
}

static CueResult right(bool right)
{
	return right ? CUE_DONE : CUE_WRONG;
}

static CueResult cue(const char *mark, const char *text, void *data)
{
	Client *client = data;

	if (strcmp(mark, "found") == 0)
		return later(g_strcmp0(client->found, text) == 0);
	if (strcmp(mark, "progress") == 0)
		return later(is_told(client, text));
	if (strcmp(mark, "cancel") == 0)
		return right(was_cancelled(client, text));
	if (strcmp(mark, "held") == 0)
		return right(holds(client, text));
	if (strcmp(mark, "busy") == 0)
		return *text == 'n' ? later(!backfill_is_busy(client->backfill))
				    : right(backfill_is_busy(client->backfill));
	if (strcmp(mark, "complete") == 0)
		return right(backfill_has_all(client->backfill) == (*text == 'y'));
	if (strcmp(mark, "limit") == 0)
		client->limit = g_ascii_strtoull(text, NULL, 10);
	else if (strcmp(mark, "open") == 0)
		open_mailbox(client, text);
	else if (strcmp(mark, "fill") == 0)
		backfill_open(client->backfill, client->mailbox, client->known);
	else if (strcmp(mark, "search") == 0)
		search(client, text);
	else
		return CUE_WRONG;
	return CUE_DONE;
}

static GPtrArray *conversations;

START_TEST(a_conversation_goes_as_written)
{
	Client client = {.directory = place_temporary(), .limit = 1 << 20};
	int fd = listener_open(&client.endpoint);

	job_list_init(&client.jobs, NULL, NULL);
	scope_init(&client.scope);
	g_autofree char *wrong = player_play(conversations->pdata[_i], fd, false, cue, &client);
	ck_assert_msg(!wrong, "%s", wrong);
	scope_cancel(&client.scope);
	job_list_clear(&client.jobs);
	backfill_free(client.backfill);
	cached_close(client.known);
	pool_free(client.pool);
	mailbox_free(client.mailbox);
	cached_free(client.cached);
	folder_free(client.folders);
	place_remove(client.directory);
	g_free(client.directory);
	g_free(client.found);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("backfill", &tcase);
	g_autofree char *state = place_temporary();

	g_setenv("XDG_STATE_HOME", state, TRUE);
	conversations = conversations_find(WIRE_DIR);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_conversation_goes_as_written, 0, (int)conversations->len);
	int status = conversations->len > 0 ? run_suite(suite) : EXIT_FAILURE;
	g_ptr_array_unref(conversations);
	place_remove(state);
	return status;
}
