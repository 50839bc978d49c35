/* T090: the line is cut behind every byte, of the program's or of the server's, while changes are
 * on their way, and the lines that are to carry them out after it are cut as well: what the server
 * has in the end is what was wanted, each change once, and the journal is empty.
 *
 * The changes are a flag, a copy, a move and an expunge, asked for at once of different messages;
 * another client's \Deleted stays where the server lets one remove one's own (UIDPLUS).
 * SHEAF_EVERY_BYTE=1 cuts at every byte, which takes two hours; else at every 499th. */
#include <sqlite3.h>
#include <string.h>

#include "tests/client.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/truth.h"

#define SOURCE "Source"
#define TARGET "Target"

enum { FLAGGED = 1, COPIED, MOVED, REMOVED, UNTOUCHED, FOREIGN, MESSAGES = FOREIGN };

/* The line that is there, and those behind it. */
enum { TIMES = 3, STRIDE = 499, SHARES = 16 };

static const struct {
	const char *settings;
	bool from_client;
	bool foreign; /* another client has marked one */
} variants[] = {
	{NULL, false, true},
	{NULL, true, true},
	{"imap_capability = IMAP4rev1 UIDPLUS IDLE\n", false, true},
	{"imap_capability = IMAP4rev1 UIDPLUS IDLE\n", true, true},
	{"imap_capability = IMAP4rev1\n", false, false},
	{"imap_capability = IMAP4rev1\n", true, false},
};

typedef struct {
	int variant;
	TestServer *server;
	Relay *relay;
	Probe *probe;
	unsigned cuts; /* in the last run */
} Stage;

static Stage set_up(int variant)
{
	ServerOptions options = {.settings = variants[variant].settings};
	Stage stage = {.variant = variant, .server = server_start(SERVER_DOVECOT, &options)};

	stage.relay = relay_start(stage.server->port, 0);
	stage.probe = server_probe(stage.server, stage.server->user);
	g_free(probe_expect(stage.probe, "CREATE Template"));
	for (unsigned number = 1; number <= MESSAGES; number++) {
		g_autofree char *message = truth_message(number);
		bool marked = number == FOREIGN && variants[variant].foreign;
		probe_append(stage.probe, "Template", marked ? "\\Deleted" : "", message, -1);
	}
	return stage;
}

static void tear_down(Stage *stage)
{
	probe_close(stage->probe);
	relay_stop(stage->relay);
	server_stop(stage->server);
}

/* New ones in each run: what the cache knows of them is of the run before. */
static void make_mailboxes(Stage *stage)
{
	g_free(probe_expect(stage->probe, "CREATE " SOURCE));
	g_free(probe_expect(stage->probe, "CREATE " TARGET));
	g_free(probe_expect(stage->probe, "SELECT Template"));
	g_free(probe_expectf(stage->probe, "COPY 1:%d " SOURCE, MESSAGES));
	g_free(probe_expect(stage->probe, "SELECT INBOX"));
}

static void remove_mailboxes(Stage *stage)
{
	g_free(probe_expect(stage->probe, "SELECT INBOX"));
	g_free(probe_expect(stage->probe, "DELETE " SOURCE));
	g_free(probe_expect(stage->probe, "DELETE " TARGET));
}

/* UIDs are the numbers. */
static bool is_open(Client *c, void *data)
{
	(void)data;
	return client_is_quiet(c, NULL) && c->selected > 0 && mailbox_known(c->mailbox) == MESSAGES;
}

static void act(Client *c)
{
	g_autoptr(UidSet) flagged = uidset_new_range(FLAGGED, FLAGGED);
	g_autoptr(UidSet) copied = uidset_new_range(COPIED, COPIED);
	g_autoptr(UidSet) moved = uidset_new_range(MOVED, MOVED);
	g_autoptr(UidSet) removed = uidset_new_range(REMOVED, REMOVED);

	account_flag(c->account, c->mailbox, flagged, STORE_ADD, FLAG_FLAGGED);
	account_copy(c->account, c->mailbox, copied, TARGET, false);
	account_copy(c->account, c->mailbox, moved, TARGET, true);
	account_expunge(c->account, c->mailbox, removed);
}

/* "1\Flagged 2 5": numbers with their flags, ascending. */
static char *content(const Stage *stage, const char *mailbox)
{
	GArray *rows = truth_rows(stage->probe, mailbox);
	GString *text = g_string_new(NULL);

	for (unsigned number = 1; number <= MESSAGES; number++) {
		for (guint i = 0; i < rows->len; i++) {
			const TruthRow *row = &g_array_index(rows, TruthRow, i);
			g_autofree char *flags = truth_flag_words(row->flags);
			if (row->number == number)
				g_string_append_printf(text, "%s%u%s", text->len ? " " : "", number,
						       flags);
		}
	}
	g_array_unref(rows);
	return g_string_free(text, FALSE);
}

static void check_server(const Stage *stage, const char *where)
{
	g_autofree char *source = content(stage, SOURCE);
	g_autofree char *target = content(stage, TARGET);
	const char *left =
		variants[stage->variant].foreign ? "1\\Flagged 2 5 6\\Deleted" : "1\\Flagged 2 5 6";

	ck_assert_msg(strcmp(source, left) == 0 && strcmp(target, "2 3") == 0, "%s: “%s” and “%s”",
		      where, source, target);
}

static void check_journal(const char *where)
{
	g_autofree char *path =
		g_build_filename(g_getenv("XDG_STATE_HOME"), "sheaf", "journal.db", NULL);
	sqlite3 *db;
	sqlite3_stmt *row;

	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM intention", -1, &row, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	ck_assert_msg(sqlite3_column_int(row, 0) == 0, "%s: %d left in the journal", where,
		      sqlite3_column_int(row, 0));
	sqlite3_finalize(row);
	sqlite3_close(db);
}

/* What passed so far that may be cut. */
static unsigned count_bytes(const Stage *stage)
{
	g_autoptr(GPtrArray) flights = relay_flights(stage->relay, -1);
	unsigned count = 0;

	for (guint i = 0; i < flights->len; i++) {
		const RelayFlight *flight = flights->pdata[i];
		if (flight->from_client == variants[stage->variant].from_client)
			count += (unsigned)flight->bytes->len;
	}
	return count;
}

/* Cut behind these bytes, `times` times; how many passed from the first change on. */
static unsigned run(Stage *stage, unsigned now, unsigned later, unsigned times)
{
	g_autofree char *where = g_strdup_printf("cut at %u, then at %u", now, later);
	Client *c;

	make_mailboxes(stage);
	c = client_new(relay_port(stage->relay));
	client_open(c, SOURCE);
	client_until(c, is_open, NULL, "the mailbox is open");
	unsigned before = times == 0 ? count_bytes(stage) : 0;
	relay_cut_behind(stage->relay, variants[stage->variant].from_client, now, later, times);
	act(c);
	client_until(c, client_is_quiet, NULL, where);
	stage->cuts = relay_cuts(stage->relay);
	relay_cut_behind(stage->relay, false, 0, 0, 0);
	unsigned passed = times == 0 ? count_bytes(stage) - before : 0;
	ck_assert_msg(account_held(c->account) == 0 && c->refusals == 0, "%s: %s", where,
		      c->notices->str);
	client_free(c);
	check_server(stage, where);
	check_journal(where);
	remove_mailboxes(stage);
	return passed;
}

static bool every_byte(void)
{
	return g_strcmp0(g_getenv("SHEAF_EVERY_BYTE"), "1") == 0;
}

/* All bytes are shared out, for a test may not take as long as they do. */
static int shares(void)
{
	return every_byte() ? SHARES : 1;
}

/* Where the line that is there is cut goes round, until the next one has come to its end. */
START_TEST(each_change_is_made_once)
{
	int variant = _i / shares(), share = _i % shares();
	Stage stage = set_up(variant);
	unsigned whole = run(&stage, 0, 0, 0), n = 1 + (unsigned)share, cuts = 0;
	unsigned stride = every_byte() ? SHARES : STRIDE;

	do {
		run(&stage, 1 + n % whole, n, TIMES);
		cuts += stage.cuts;
		n += stride;
	} while (n <= whole || stage.cuts > 1);
	printf("%d/%d: %u bytes changed it, cut behind %u, %u lines in all\n", variant, share,
	       whole, n - stride, cuts);
	tear_down(&stage);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("cuts", &tests);

	setvbuf(stdout, NULL, _IONBF, 0);
	tcase_add_checked_fixture(tests, client_make_state, client_remove_state);
	tcase_set_timeout(tests, every_byte() ? 7200 : 120);
	tcase_add_loop_test(tests, each_change_is_made_once, 0,
			    (int)G_N_ELEMENTS(variants) * shares());
	return run_suite(suite);
}
