/* What the reader shows and does when the line is lost: reset, dead, silent, closed by the server;
 * before a real Dovecot, through a relay (T087, T088, T091). */
#include <string.h>
#include "tests/place.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

typedef struct {
	TestServer *server;
	Relay *relay;
	Probe *other;
	Terminal *terminal;
} Stage;

static void add(Stage *stage, const char *subject)
{
	g_autofree char *message = g_strdup_printf(
		"From: Ada <ada@example.org>\nSubject: %s\n\nText of %s.\n", subject, subject);

	probe_append(stage->other, "INBOX", "", message, -1);
}

static Stage set_up(const char *more_lines)
{
	Stage stage = {0};

	stage.server = server_start(SERVER_DOVECOT, NULL);
	stage.other = server_probe(stage.server, stage.server->user);
	add(&stage, "Anemone");
	add(&stage, "Bluebell");
	stage.relay = relay_start(stage.server->port, 0);
	int port = stage.server->port;
	stage.server->port = relay_port(stage.relay);
	g_autofree char *config = server_config(stage.server, "imap+plain", more_lines);
	stage.server->port = port;
	const char *const arguments[] = {"-c", config, NULL};
	stage.terminal = terminal_start_sheaf(arguments, NULL, 24, 100);
	terminal_expect(stage.terminal, "Bluebell");
	terminal_expect(stage.terminal, "2 unread of 2");
	return stage;
}

static void tear_down(Stage *stage)
{
	terminal_keys(stage->terminal, "Q");
	terminal_expect_exit(stage->terminal, 0);
	terminal_free(stage->terminal);
	relay_stop(stage->relay);
	probe_close(stage->other);
	server_stop(stage->server);
}

static unsigned connections(const Relay *relay)
{
	g_autoptr(GPtrArray) flights = relay_flights(relay, -1);
	unsigned most = 0;

	for (guint i = 0; i < flights->len; i++)
		most = MAX(most, ((RelayFlight *)flights->pdata[i])->connection + 1);
	return most;
}

static bool is_connected_again(Terminal *t, void *data)
{
	(void)t;
	return connections(data) > 1;
}

/* Half a frame may be on the screen at this moment. */
static void expect_list(Terminal *t)
{
	terminal_expect(t, "Anemone");
	terminal_expect(t, "Bluebell");
}

/* Nobody presses a key: it is on line again by itself, and the list was there all the while. */
START_TEST(a_reset_line_is_replaced_at_once)
{
	Stage stage = set_up("connections = 1\n");
	Terminal *t = stage.terminal;

	relay_set(stage.relay, RELAY_CUT);
	add(&stage, "Crocus");
	terminal_check(t,
		       terminal_wait_until(t, is_connected_again, stage.relay, TERMINAL_PATIENCE));
	terminal_expect(t, "Crocus");
	expect_list(t);
	terminal_expect(t, "3 unread of 3");
	terminal_expect(t, "online");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Text of ");
	tear_down(&stage);
}
END_TEST

/* T088: nothing is acknowledged. The text that was asked for comes when the line is back. */
START_TEST(a_dead_line_is_told_and_looked_for)
{
	Stage stage = set_up("connections = 1\n");
	Terminal *t = stage.terminal;

	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Text of Bluebell");
	terminal_keys(t, "q");
	relay_set(stage.relay, RELAY_DEAD);
	int64_t from = g_get_monotonic_time();
	terminal_keys(t, "j<Enter>");
	terminal_expect(t, "loading");
	terminal_check(t, terminal_wait_match(t, "line silent [0-9]+ s", 5000));
	terminal_check(t, terminal_wait(t, "is dead: nothing comes back", 10000));
	terminal_check(t, g_get_monotonic_time() - from <= 10 * G_USEC_PER_SEC);
	expect_list(t);
	/* What is there can be used. */
	terminal_keys(t, "q");
	terminal_expect_gone(t, "loading");
	terminal_keys(t, "?");
	terminal_expect(t, "Keys of this panel");
	terminal_keys(t, "qkj<Enter>");
	terminal_expect(t, "loading");
	terminal_expect_match(t, "offline, retry in [0-9]+ s \\(F5: now\\)");
	relay_set(stage.relay, RELAY_PASS);
	from = g_get_monotonic_time();
	terminal_check(t, terminal_wait(t, "Text of Anemone", 5000));
	terminal_expect(t, "online");
	tear_down(&stage);
}
END_TEST

/* T088: acknowledged and not answered. */
START_TEST(a_busy_server_is_waited_for)
{
	Stage stage = set_up("connections = 1\n");
	Terminal *t = stage.terminal;

	relay_set(stage.relay, RELAY_HOLD);
	terminal_keys(t, "j<Enter>");
	terminal_expect_match(t, "server busy ([89]|1[0-9]) s");
	terminal_keys(t, "q?");
	terminal_expect(t, "Keys of this panel");
	terminal_keys(t, "q<Enter>");
	relay_set(stage.relay, RELAY_PASS);
	terminal_expect(t, "Text of Anemone");
	ck_assert_uint_eq(connections(stage.relay), 1);
	tear_down(&stage);
}
END_TEST

/* A text that was on its way when the line was cut comes over the next one. */
START_TEST(what_was_being_read_arrives)
{
	Stage stage = set_up("connections = 1\n");
	Terminal *t = stage.terminal;

	relay_set(stage.relay, RELAY_HOLD);
	terminal_keys(t, "j<Enter>");
	terminal_expect(t, "loading");
	terminal_expect_match(t, "server busy [0-9]+ s");
	relay_set(stage.relay, RELAY_CUT);
	terminal_expect(t, "Text of Anemone");
	tear_down(&stage);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("line_reader", &tcase);

	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, a_reset_line_is_replaced_at_once);
	tcase_add_test(tcase, a_dead_line_is_told_and_looked_for);
	tcase_add_test(tcase, a_busy_server_is_waited_for);
	tcase_add_test(tcase, what_was_being_read_arrives);
	return run_suite(suite);
}
