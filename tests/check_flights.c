/* How often the line is crossed until the first screen stands: what the program says between two of
 * the server's words is one flight, counted on a slow line before a real server that nothing is
 * known of yet. */
#include <string.h>
#include "tests/place.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

#define MESSAGES 50
#define DELAY_MS 25 /* each way */

typedef struct {
	TestServer *server;
	Relay *relay;
	Terminal *terminal;
} Stage;

static void fill(const TestServer *s)
{
	g_autoptr(Probe) probe = server_probe(s, s->user);

	for (unsigned i = 1; i <= MESSAGES; i++) {
		g_autofree char *message = g_strdup_printf(
			"From: Ada <ada@example.org>\nSubject: Number %u.\n\nHello.\n", i);
		probe_append(probe, "INBOX", "", message, -1);
	}
	g_free(probe_expect(probe, s->kind == SERVER_COURIER ? "CREATE INBOX.Elsewhere"
							     : "CREATE Elsewhere"));
}

static Stage set_up(ServerKind kind, const char *settings, const char *more_lines)
{
	Stage stage = {0};

	stage.server = server_start(kind, &(ServerOptions){.settings = settings});
	fill(stage.server);
	stage.relay = relay_start(stage.server->port, DELAY_MS);
	int port = stage.server->port;
	stage.server->port = relay_port(stage.relay);
	g_autofree char *config = server_config(stage.server, "imap+plain", more_lines);
	stage.server->port = port;
	const char *const arguments[] = {"-c", config, NULL};
	stage.terminal = terminal_start_sheaf(arguments, NULL, 24, 100);
	return stage;
}

static void tear_down(Stage *stage)
{
	terminal_free(stage->terminal);
	relay_stop(stage->relay);
	server_stop(stage->server);
}

static bool has(const GPtrArray *flights, guint i, const char *text)
{
	return i < flights->len && strstr(((RelayFlight *)flights->pdata[i])->bytes->str, text);
}

/* The flight in which the program says it; flight 0 is the greeting. */
static guint flight_of(const GPtrArray *flights, const char *text)
{
	for (guint i = 0; i < flights->len; i++)
		if (((RelayFlight *)flights->pdata[i])->from_client && has(flights, i, text))
			return i;
	return 0;
}

static void expect_flight(const GPtrArray *flights, guint flight, const char *text)
{
	guint found = flight_of(flights, text);

	ck_assert_msg(
		found == flight, "“%s” is in flight %u, not %u; that says: %s", text, found, flight,
		found < flights->len ? ((RelayFlight *)flights->pdata[found])->bytes->str : "");
}

/* Greeting; log-in, SELECT, newest row; their answers; window and folders. */
START_TEST(two_flights_to_the_first_window)
{
	Stage stage = set_up(SERVER_DOVECOT, NULL, "");

	terminal_expect(stage.terminal, "Number 50.");
	terminal_expect(stage.terminal, "Number 35.");
	terminal_expect(stage.terminal, "Elsewhere");
	g_autoptr(GPtrArray) flights = relay_flights(stage.relay, 0);
	expect_flight(flights, 1, " AUTHENTICATE PLAIN ");
	expect_flight(flights, 1, " SELECT INBOX");
	expect_flight(flights, 1, " UID FETCH * (");
	expect_flight(flights, 3, " FETCH 11:50 (");
	expect_flight(flights, 3, " LIST \"\" \"*\" RETURN (");
	ck_assert(has(flights, 2, "Number 50."));
	ck_assert(has(flights, 4, "Number 11."));
	ck_assert(has(flights, 4, "* STATUS Elsewhere"));
	tear_down(&stage);
}
END_TEST

/* By LOGIN, and on a server without LIST-STATUS: the counts come one flight later. */
START_TEST(by_the_login_command)
{
	Stage stage = set_up(SERVER_DOVECOT, "imap_capability = IMAP4rev1\n", "sasl = LOGIN\n");

	terminal_expect(stage.terminal, "Number 50.");
	terminal_expect(stage.terminal, "Number 35.");
	terminal_expect(stage.terminal, "Elsewhere");
	g_autoptr(GPtrArray) flights = relay_flights(stage.relay, 0);
	expect_flight(flights, 1, " LOGIN ");
	expect_flight(flights, 1, " UID FETCH * (");
	expect_flight(flights, 3, " FETCH 11:50 (");
	expect_flight(flights, 3, " LIST \"\" \"*\"");
	tear_down(&stage);
}
END_TEST

/* Cyrus takes nothing behind AUTHENTICATE, Courier nothing behind LOGIN: step by step there, but
 * never more than a flight for each step. */
static const struct {
	ServerKind kind;
	guint select, window;
} step_by_step[] = {{SERVER_CYRUS, 7, 9}, {SERVER_COURIER, 5, 7}};

START_TEST(where_nothing_may_follow_the_log_in)
{
	Stage stage = set_up(step_by_step[_i].kind, NULL, "");

	terminal_expect(stage.terminal, "Number 50.");
	terminal_expect(stage.terminal, "Number 35.");
	g_autoptr(GPtrArray) flights = relay_flights(stage.relay, 0);
	expect_flight(flights, step_by_step[_i].select, " SELECT INBOX");
	expect_flight(flights, step_by_step[_i].select, " UID FETCH * (");
	expect_flight(flights, step_by_step[_i].window, " FETCH 11:50 (");
	tear_down(&stage);
}
END_TEST

/* The second connection too has its mailbox with the log-in. */
START_TEST(the_second_connection)
{
	Stage stage = set_up(SERVER_DOVECOT, NULL, "");

	terminal_expect(stage.terminal, "Number 50.");
	terminal_keys(stage.terminal, "/Number 49<Enter>");
	terminal_expect(stage.terminal, "1 of 1");
	g_autoptr(GPtrArray) flights = relay_flights(stage.relay, 1);
	expect_flight(flights, 1, " EXAMINE INBOX");
	expect_flight(flights, 3, " UID SEARCH ");
	tear_down(&stage);
}
END_TEST

/* RFC 4978: once the first screen stands and nobody waits, and never before. */
static const ServerKind compressing[] = {SERVER_DOVECOT_FULL, SERVER_CYRUS};

static bool is_compressed(Terminal *t, void *relay)
{
	g_autoptr(GPtrArray) flights = relay_flights(relay, 0);

	(void)t;
	return flight_of(flights, " COMPRESS DEFLATE") > 0;
}

START_TEST(compressed_when_nobody_waits)
{
	Stage stage = set_up(compressing[_i], NULL, "compress = always\nconnections = 1\n");

	terminal_expect(stage.terminal, "Number 50.");
	ck_assert(
		terminal_wait_until(stage.terminal, is_compressed, stage.relay, TERMINAL_PATIENCE));
	terminal_keys(stage.terminal, "/Number 49<Enter>");
	terminal_expect(stage.terminal, "1 of 1");
	terminal_keys(stage.terminal, "<Enter>");
	terminal_expect(stage.terminal, "Hello.");
	g_autoptr(GPtrArray) flights = relay_flights(stage.relay, 0);
	guint compress = flight_of(flights, " COMPRESS DEFLATE");
	ck_assert_uint_gt(compress, flight_of(flights, " FETCH 11:50 ("));
	ck_assert_uint_eq(flight_of(flights, " SUBJECT "), 0);
	tear_down(&stage);
}
END_TEST

/* RFC 8970: what the rows on the screen begin with comes behind them, on the second connection, and
 * is not asked for twice. */
START_TEST(previews_behind_the_rows)
{
	Stage stage = set_up(SERVER_DOVECOT, NULL, "backfill = no\n");

	terminal_expect(stage.terminal, "Number 50.");
	terminal_keys(stage.terminal, ":set preview yes<Enter>");
	terminal_expect_match(stage.terminal, "Number 50\\.  Hello\\.");
	terminal_expect_match(stage.terminal, "Number 40\\.  Hello\\.");
	g_autoptr(GPtrArray) all = relay_flights(stage.relay, -1);
	g_autoptr(GPtrArray) first = relay_flights(stage.relay, 0);
	ck_assert_uint_gt(flight_of(all, " (UID PREVIEW)"), 0);
	ck_assert_uint_eq(flight_of(first, " (UID PREVIEW)"), 0);
	terminal_keys(stage.terminal, ":set preview no<Enter>");
	terminal_expect_gone(stage.terminal, "Hello.");
	tear_down(&stage);
}
END_TEST

/* The row of a hit that is nowhere yet: Dovecot tells its head in the flight of the search, of
 * Cyrus, which remembers nothing, it is asked for when it is known. */
static const struct {
	ServerKind kind;
	const char *search;
	bool along;
} hits[] = {
	{SERVER_DOVECOT, " UID SEARCH RETURN (SAVE ALL) SUBJECT \"Number 3.\"", true},
	{SERVER_CYRUS, " UID SEARCH RETURN (ALL) SUBJECT \"Number 3.\"", false},
};

START_TEST(hits_with_their_heads)
{
	Stage stage = set_up(hits[_i].kind, NULL, "backfill = no\n");

	terminal_expect(stage.terminal, "Number 50.");
	terminal_keys(stage.terminal, "/subject:\"Number 3.\"<Enter>");
	terminal_expect(stage.terminal, "1 of 1");
	terminal_expect_match(stage.terminal, "Ada .*Number 3\\.");
	g_autoptr(GPtrArray) second = relay_flights(stage.relay, 1);
	g_autoptr(GPtrArray) all = relay_flights(stage.relay, -1);
	guint flight = flight_of(second, hits[_i].search);
	ck_assert_uint_gt(flight, 0);
	if (hits[_i].along) {
		expect_flight(second, flight, " UID SEARCH RETURN (SAVE PARTIAL 1:40) UID $");
		expect_flight(second, flight, " UID FETCH $ (");
	} else {
		ck_assert_uint_eq(flight_of(all, " UID FETCH $ "), 0);
	}
	ck_assert(!hits[_i].along == (flight_of(all, " UID FETCH 3 (") > 0));
	tear_down(&stage);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("flights", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, two_flights_to_the_first_window);
	tcase_add_test(tcase, by_the_login_command);
	tcase_add_loop_test(tcase, where_nothing_may_follow_the_log_in, 0,
			    G_N_ELEMENTS(step_by_step));
	tcase_add_test(tcase, the_second_connection);
	tcase_add_loop_test(tcase, compressed_when_nobody_waits, 0, G_N_ELEMENTS(compressing));
	tcase_add_test(tcase, previews_behind_the_rows);
	tcase_add_loop_test(tcase, hits_with_their_heads, 0, G_N_ELEMENTS(hits));
	return run_suite(suite);
}
