#include "tests/journal_client.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/account/journal.h"
#include "tests/listener.h"
#include "tests/place.h"
#include "tests/player.h"
#include "tests/rows.h"

typedef struct {
	Endpoint endpoint;
	Pool *pool;
	Worker *worker;
	Journal *journal;
	Mailbox *mailbox;     /* opened first */
	GPtrArray *mailboxes; /* all */
	GPtrArray *outcomes;  /* char * */
	guint seen;
	char *directory; /* of the journal */
} Client;

static void on_state(Pool *p, PoolState state, const char *text, void *self)
{
	(void)p;
	(void)state;
	(void)self;
	ck_assert_ptr_nonnull(text);
}

static void on_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	Client *client = self;

	(void)p;
	(void)selection;
	if (!error)
		journal_resume(client->journal);
}

static const PoolEvents events = {.state = on_state, .selected = on_selected};

static void on_outcome(Journal *j, const char *text, const char *target, const GError *error,
		       void *data)
{
	Client *client = data;

	(void)j;
	(void)target;
	ck_assert(!error || text);
	g_ptr_array_add(client->outcomes,
			g_strdup_printf("%s%s", error ? "! " : "", text ? text : ""));
}

static Mailbox *mailbox_for(Journal *j, const char *name, void *data)
{
	Client *client = data;

	(void)j;
	for (guint i = 0; i < client->mailboxes->len; i++)
		if (g_str_equal(mailbox_name(client->mailboxes->pdata[i]), name))
			return client->mailboxes->pdata[i];
	g_ptr_array_add(client->mailboxes, mailbox_new(name));
	return client->mailboxes->pdata[client->mailboxes->len - 1];
}

static const JournalEvents journal_events = {.outcome = on_outcome, .mailbox = mailbox_for};

static void open_mailbox(Client *client, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	SessionConfig config = {
		.endpoint = &client->endpoint, .user = "alice", .password = "secret"};
	bool two = g_strv_contains((const char *const *)words, "two");

	client->mailbox = mailbox_new(words[0]);
	g_ptr_array_add(client->mailboxes, client->mailbox);
	client->pool = pool_new(&config, two ? 2 : 1, &events, client);
	client->worker = worker_new("journal");
	client->journal = journal_new(client->pool, client->worker, client->directory,
				      &journal_events, client);
	journal_set_account(client->journal, "alice@test");
	pool_select(client->pool, client->mailbox,
		    g_strv_contains((const char *const *)words, "readonly"));
	pool_open(client->pool);
}

static void close_all(Client *client)
{
	journal_free(client->journal);
	ck_assert(worker_free(client->worker, 10000));
	pool_free(client->pool);
}

static void restart(Client *client, const char *text)
{
	close_all(client);
	g_ptr_array_set_size(client->mailboxes, 0);
	open_mailbox(client, text);
}

static CueResult later_unless(bool so)
{
	return so ? CUE_DONE : CUE_LATER;
}

static CueResult check_held(Client *client, char **words, const char *text)
{
	g_autoptr(GPtrArray) items = journal_list(client->journal);

	if (journal_held(client->journal) != (unsigned)atoi(words[0]))
		return CUE_LATER;
	for (guint i = 0; words[1] && i < items->len; i++) {
		const JournalItem *item = items->pdata[i];
		g_autofree char *line = g_strdup_printf("%s: %s", item->text, item->why);
		if (item->held)
			return later_unless(strstr(line, strchr(text, ' ') + 1) != NULL);
	}
	return later_unless(words[1] == NULL);
}

static void select_mailbox(Client *client, const char *name)
{
	Mailbox *m = g_str_equal(name, mailbox_name(client->mailbox)) ? client->mailbox
								      : mailbox_new(name);

	if (m != client->mailbox)
		g_ptr_array_add(client->mailboxes, m);
	pool_select(client->pool, m, false);
}

static void change(Client *client, const char *mark, char **words)
{
	g_autoptr(UidSet) uids = uidset_parse(words[0], strlen(words[0]), 0);
	Mailbox *m = client->mailbox;

	if (g_str_equal(mark, "store"))
		journal_store(client->journal, m, uids, *words[1] == '+' ? STORE_ADD : STORE_REMOVE,
			      flags_from_word(mailbox_flag_names(m), words[2], false), "Marked.");
	else if (g_str_equal(mark, "expunge"))
		journal_expunge(client->journal, m, uids, "Removed.");
	else
		journal_copy(client->journal, m, uids, words[1], g_str_equal(mark, "move"),
			     g_str_equal(mark, "move") ? "Moved." : "Copied.");
}

static CueResult check_rows(Client *client, const char *text)
{
	g_autofree char *rows = rows_format(client->mailbox);

	return later_unless(strcmp(rows, text) == 0);
}

static CueResult check_outcome(Client *client, const char *text)
{
	if (client->seen == client->outcomes->len)
		return CUE_LATER;
	const char *outcome = client->outcomes->pdata[client->seen++];
	if (*text ? strstr(outcome, text) != NULL : *outcome != '!')
		return CUE_DONE;
	g_printerr("outcome: %s\n", outcome);
	return CUE_WRONG;
}

static const char *const states[] = {"OFFLINE", "CONNECTING", "ONLINE", "WAITING",
				     "REFUSED", "UNTRUSTED",  "DENIED", "RECONNECTING"};

static CueResult cue(const char *mark, const char *text, void *data)
{
	Client *client = data;
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	if (strcmp(mark, "rows") == 0)
		return check_rows(client, text);
	if (strcmp(mark, "outcome") == 0)
		return check_outcome(client, text);
	if (strcmp(mark, "pending") == 0)
		return later_unless(journal_pending(client->journal) == (unsigned)atoi(text));
	if (strcmp(mark, "state") == 0)
		return later_unless(strcmp(states[pool_state(client->pool)], text) == 0);
	if (strcmp(mark, "held") == 0)
		return check_held(client, words, text);
	if (strcmp(mark, "drop-change") == 0)
		return later_unless(journal_drop(client->journal, (unsigned)atoi(text)));
	if (strcmp(mark, "retry-change") == 0)
		return later_unless(journal_retry(client->journal, (unsigned)atoi(text)));
	if (strcmp(mark, "restart") == 0)
		restart(client, text);
	else if (strcmp(mark, "open") == 0)
		open_mailbox(client, text);
	else if (strcmp(mark, "select") == 0)
		select_mailbox(client, text);
	else if (strcmp(mark, "retry") == 0)
		pool_retry(client->pool);
	else
		change(client, mark, words);
	return CUE_DONE;
}

char *journal_client_play(const char *path, bool bytewise)
{
	Client client = {.mailboxes = g_ptr_array_new_with_free_func((GDestroyNotify)mailbox_free),
			 .outcomes = g_ptr_array_new_with_free_func(g_free),
			 .directory = place_temporary()};
	int fd = listener_open(&client.endpoint);
	char *wrong = player_play(path, fd, bytewise, cue, &client);

	if (!wrong && client.seen < client.outcomes->len)
		wrong = g_strdup_printf("%s: nobody asked for the outcome “%s”", path,
					(char *)client.outcomes->pdata[client.seen]);
	close_all(&client);
	g_ptr_array_unref(client.mailboxes);
	g_ptr_array_unref(client.outcomes);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	place_remove(client.directory);
	g_free(client.directory);
	return wrong;
}
