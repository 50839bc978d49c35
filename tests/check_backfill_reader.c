/* The heads of a whole mailbox are in the cache without anybody having looked at them: without a
 * line all of it can be gone through.  Cancelled it stops, and keys are answered beside it. */
#include <sqlite3.h>
#include <string.h>
#include "tests/place.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

/* So many different ones, copied so many times. */
#define MESSAGES 100
#define COPIES   32
#define ROWS     (MESSAGES * COPIES)

typedef struct {
	TestServer *server;
	Relay *relay;
	char *home, *config, *database;
	char *environment[2];
} Stage;

static void fill(const TestServer *server)
{
	g_autoptr(Probe) probe = server_probe(server, server->user);

	for (unsigned i = 1; i <= MESSAGES; i++) {
		g_autofree char *message = g_strdup_printf(
			"From: Ada <ada@example.org>\nSubject: Number %u.\n\nHello.\n", i);
		probe_append(probe, "INBOX", "", message, -1);
	}
	g_free(probe_expect(probe, "SELECT INBOX"));
	for (unsigned n = 1; n < COPIES; n++)
		g_free(probe_expectf(probe, "COPY 1:%d INBOX", MESSAGES));
}

static Stage set_up(unsigned delay_ms, const char *more_lines)
{
	Stage stage = {.server = server_start(SERVER_DOVECOT, NULL), .home = place_temporary()};
	int port = stage.server->port;

	fill(stage.server);
	stage.relay = relay_start(port, delay_ms);
	stage.server->port = relay_port(stage.relay);
	stage.config = server_config(stage.server, "imap+plain", more_lines);
	stage.server->port = port;
	stage.database = g_build_filename(stage.home, ".cache/sheaf/cache.db", NULL);
	stage.environment[0] = g_strconcat("HOME=", stage.home, NULL);
	return stage;
}

static void tear_down(Stage *stage)
{
	relay_stop(stage->relay);
	server_stop(stage->server);
	place_remove(stage->home);
	g_free(stage->home);
	g_free(stage->config);
	g_free(stage->database);
	g_free(stage->environment[0]);
}

static Terminal *start(Stage *stage)
{
	const char *const arguments[] = {"-c", stage->config, "--log", "/dev/null", NULL};

	return terminal_start_sheaf(arguments, (const char *const *)stage->environment, 24, 80);
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_free(t);
}

/* Heads in the cache; 0 where it is not there yet. */
static int count_heads(const Stage *stage)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	int count = 0;

	if (sqlite3_open_v2(stage->database, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, 1000);
		if (sqlite3_prepare_v2(db, "SELECT count(*) FROM head", -1, &row, NULL) ==
			    SQLITE_OK &&
		    sqlite3_step(row) == SQLITE_ROW)
			count = sqlite3_column_int(row, 0);
	}
	sqlite3_finalize(row);
	sqlite3_close(db);
	return count;
}

static bool is_full(Terminal *t, void *data)
{
	(void)t;
	return count_heads(data) == ROWS;
}

static unsigned count_fetches(const Stage *stage)
{
	g_autoptr(GPtrArray) flights = relay_flights(stage->relay, -1);
	unsigned found = 0;

	for (guint i = 0; i < flights->len; i++) {
		const RelayFlight *flight = flights->pdata[i];
		const char *at = flight->from_client ? flight->bytes->str : "";
		while ((at = strstr(at, " UID FETCH ")) != NULL) {
			found++;
			at++;
		}
	}
	return found;
}

/* Every row of this page of the list is one of ours. */
static bool page_is_whole(Terminal *t, void *data)
{
	unsigned rows = 0, whole = 0;

	(void)data;
	for (int i = 2; i < 21; i++) {
		g_autofree char *row = terminal_row(t, i);
		rows++;
		whole += strstr(row, "Number ") != NULL;
	}
	return rows == whole;
}

START_TEST(without_a_line_all_can_be_gone_through)
{
	Stage stage = set_up(0, "");
	Terminal *t = start(&stage);

	terminal_expect(t, "3200 unread of 3200");
	ck_assert(terminal_wait_until(t, is_full, &stage, TERMINAL_PATIENCE));
	terminal_expect_gone(t, "Fetching heads");
	quit(t);
	relay_set(stage.relay, RELAY_HOLD);
	t = start(&stage);
	terminal_expect(t, "3200 unread of 3200");
	for (unsigned row = 100; row <= ROWS; row += 100) {
		g_autofree char *keys = g_strdup_printf(":jump %u<Enter>", row);
		g_autofree char *place = g_strdup_printf("%u of 3200", row);
		terminal_keys(t, keys);
		terminal_expect(t, place);
		terminal_check(t, terminal_wait_until(t, page_is_whole, NULL, TERMINAL_PATIENCE));
	}
	terminal_keys(t, "<End>");
	terminal_expect(t, "Number 1.");
	terminal_check(t, terminal_wait_until(t, page_is_whole, NULL, TERMINAL_PATIENCE));
	quit(t);
	/* There is nothing left to do the next time. */
	relay_set(stage.relay, RELAY_PASS);
	unsigned fetches = count_fetches(&stage);
	t = start(&stage);
	terminal_expect(t, "online");
	ck_assert(!terminal_wait(t, "Fetching heads", 4000));
	ck_assert_uint_le(count_fetches(&stage), fetches + 3);
	quit(t);
	tear_down(&stage);
}
END_TEST

START_TEST(cancelled_it_says_what_and_stays_off)
{
	Stage stage = set_up(200, "");
	Terminal *t = start(&stage);

	terminal_expect(t, "3200 unread of 3200");
	terminal_expect_match(t, "Fetching heads of INBOX [0-9]+/3200 .*\\(C-c cancels\\)");
	terminal_expect_match(t, "[0-9]+/s [0-9]+ (s|min) left \\(C-c cancels\\)");
	/* What is said goes before it. */
	terminal_keys(t, ":set wrap<Enter>");
	terminal_expect(t, "wrap = ");
	terminal_check(t, !terminal_wait(t, "C-c cancels", 0));
	terminal_keys(t, "<Down>");
	terminal_expect(t, "Fetching heads of INBOX");
	terminal_keys(t, "<C-c>");
	terminal_expect(t, "Cancelled: Fetching heads of INBOX");
	terminal_expect_gone(t, "C-c cancels");
	terminal_keys(t, "jj");
	terminal_expect(t, "4 of 3200");
	ck_assert(!terminal_wait_match(t, "Fetching heads of INBOX [0-9]", 6000));
	ck_assert_int_lt(count_heads(&stage), ROWS);
	/* Opened again, it goes on. */
	terminal_keys(t, "cINBOX<Enter>");
	terminal_expect(t, "Fetching heads of INBOX");
	quit(t);
	tear_down(&stage);
}
END_TEST

START_TEST(it_can_be_turned_off)
{
	Stage stage = set_up(0, "backfill = no\n");
	Terminal *t = start(&stage);

	terminal_expect(t, "3200 unread of 3200");
	ck_assert(!terminal_wait_until(t, is_full, &stage, 6000));
	ck_assert_int_lt(count_heads(&stage), 300);
	quit(t);
	tear_down(&stage);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("backfill reader", &tcase);

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, without_a_line_all_can_be_gone_through);
	tcase_add_test(tcase, cancelled_it_says_what_and_stays_off);
	tcase_add_test(tcase, it_can_be_turned_off);
	return run_suite(suite);
}
