/* The second start shows what the first one saw before the server has answered anything, and then
 * what happened meanwhile, asked for by QRESYNC; a cache that cannot be used costs nothing else. */
#include <glib/gstdio.h>
#include <string.h>
#include "tests/place.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

#define MESSAGES 50

typedef struct {
	TestServer *server;
	Relay *relay;
	char *home, *config;
	char *environment[2];
} Stage;

static void add_message(Probe *probe, const char *mailbox, unsigned number)
{
	g_autofree char *message = g_strdup_printf(
		"From: Ada <ada@example.org>\nSubject: Number %u.\n\nHello.\n", number);

	probe_append(probe, mailbox, "", message, -1);
}

static Stage set_up(const char *more_lines)
{
	Stage stage = {.server = server_start(SERVER_DOVECOT, NULL), .home = place_temporary()};
	g_autoptr(Probe) probe = server_probe(stage.server, stage.server->user);

	for (unsigned i = 1; i <= MESSAGES; i++)
		add_message(probe, "INBOX", i);
	g_free(probe_expect(probe, "CREATE Elsewhere"));
	add_message(probe, "Elsewhere", 777);
	stage.relay = relay_start(stage.server->port, 0);
	int port = stage.server->port;
	stage.server->port = relay_port(stage.relay);
	stage.config = server_config(stage.server, "imap+plain", more_lines);
	stage.server->port = port;
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
	g_free(stage->environment[0]);
}

static Terminal *start(Stage *stage)
{
	const char *const arguments[] = {"-c", stage->config, "--log", "/dev/null", NULL};

	return terminal_start_sheaf(arguments, (const char *const *)stage->environment, 24, 100);
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_free(t);
}

static bool is_enabled(Terminal *t, void *data)
{
	(void)t;
	return relay_times_said(data, " ENABLE ") >= 1 && relay_times_said(data, " SELECT ") >= 2;
}

/* All that makes the next start fast is on the disk or on its way there. */
static void first_start(Stage *stage)
{
	Terminal *t = start(stage);

	terminal_expect(t, "Number 50.");
	terminal_expect(t, "50 unread of 50");
	terminal_expect(t, "Elsewhere");
	ck_assert(terminal_wait_until(t, is_enabled, stage->relay, TERMINAL_PATIENCE));
	quit(t);
}

START_TEST(rows_are_there_before_the_server)
{
	Stage stage = set_up("");

	first_start(&stage);
	relay_set(stage.relay, RELAY_HOLD);
	unsigned searches = relay_times_said(stage.relay, " UID SEARCH ");
	Terminal *t = start(&stage);
	terminal_expect(t, "Number 50.");
	terminal_expect(t, "Number 35.");
	terminal_expect(t, "50 unread of 50");
	terminal_expect(t, "onnect");
	terminal_expect_match(t, "Elsewhere +1");
	ck_assert(!terminal_wait(t, "online", 0));
	/* Rows that were not in the window: seen before or not, the list can be gone through. */
	terminal_keys(t, "jj");
	terminal_expect(t, "3 of 50");

	g_autoptr(Probe) probe = server_probe(stage.server, stage.server->user);
	g_free(probe_expect(probe, "SELECT INBOX"));
	add_message(probe, "INBOX", 51);
	g_free(probe_expect(probe, "STORE 45 +FLAGS (\\Seen)"));
	g_free(probe_expect(probe, "STORE 40 +FLAGS (\\Deleted)"));
	g_free(probe_expect(probe, "EXPUNGE"));
	relay_set(stage.relay, RELAY_PASS);
	terminal_expect(t, "49 unread of 50");
	terminal_expect_gone(t, "Number 40.");
	/* The cursor is still on 48. */
	terminal_expect(t, "4 of 50");
	terminal_keys(t, "<Home>");
	terminal_expect(t, "Number 51.");
	ck_assert(relay_times_said(stage.relay, " (QRESYNC (") >= 1);
	ck_assert_msg(relay_times_said(stage.relay, " UID SEARCH ") <= searches,
		      "it listed all again");
	quit(t);
	tear_down(&stage);
}
END_TEST

/* Every head that was on the screen once is there without the server, in every folder. */
START_TEST(what_was_seen_can_be_read_without_a_line)
{
	Stage stage = set_up("");
	Terminal *t = start(&stage);

	terminal_expect(t, "Number 50.");
	terminal_keys(t, "<End>");
	terminal_expect(t, "Number 1.");
	terminal_keys(t, "cElsewhere<Enter>");
	terminal_expect(t, "Number 777.");
	quit(t);
	relay_set(stage.relay, RELAY_HOLD);
	t = start(&stage);
	terminal_expect(t, "Number 50.");
	terminal_keys(t, "<End>");
	terminal_expect(t, "Number 1.");
	terminal_keys(t, "cElsewhere<Enter>");
	terminal_expect(t, "Number 777.");
	terminal_keys(t, "cINBOX<Enter>");
	terminal_expect(t, "Number 1.");
	quit(t);
	tear_down(&stage);
}
END_TEST

/* T077, T187: a folder of that name that is another one. */
START_TEST(a_folder_that_was_replaced)
{
	Stage stage = set_up("");
	Terminal *t = start(&stage);

	terminal_keys(t, "cElsewhere<Enter>");
	terminal_expect(t, "Number 777.");
	quit(t);
	g_autoptr(Probe) probe = server_probe(stage.server, stage.server->user);
	g_free(probe_expect(probe, "DELETE Elsewhere"));
	g_usleep(1100000); /* UIDVALIDITY is a time */
	g_free(probe_expect(probe, "CREATE Elsewhere"));
	add_message(probe, "Elsewhere", 888);
	t = start(&stage);
	terminal_expect(t, "online");
	terminal_keys(t, "cElsewhere<Enter>");
	terminal_expect(t, "Number 888.");
	terminal_expect_gone(t, "Number 777.");
	quit(t);
	relay_set(stage.relay, RELAY_HOLD);
	t = start(&stage);
	terminal_keys(t, "cElsewhere<Enter>");
	terminal_expect(t, "Number 888.");
	quit(t);
	tear_down(&stage);
}
END_TEST

/* T179: it is read as usual, and the next start is a fast one again. */
START_TEST(a_damaged_cache_costs_a_line_in_the_log)
{
	Stage stage = set_up("");
	g_autofree char *file = g_build_filename(stage.home, ".cache/sheaf/cache.db", NULL);
	g_autofree char *log = g_build_filename(stage.home, "log", NULL);
	const char *const arguments[] = {"-c", stage.config, "--log", log, NULL};
	g_autofree char *said = NULL;
	Terminal *t = start(&stage);

	terminal_expect(t, "Number 50.");
	quit(t);
	ck_assert(g_file_set_contents(file, "no database at all", -1, NULL));
	t = terminal_start_sheaf(arguments, (const char *const *)stage.environment, 24, 100);
	terminal_expect(t, "Number 50.");
	terminal_expect(t, "50 unread of 50");
	quit(t);
	ck_assert(g_file_get_contents(log, &said, NULL, NULL));
	const char *first = strstr(said, "cache.db was damaged");
	ck_assert_msg(first && !strstr(first + 1, "cache.db"), "the log is: %s", said);
	relay_set(stage.relay, RELAY_HOLD);
	t = start(&stage);
	terminal_expect(t, "Number 50.");
	quit(t);
	tear_down(&stage);
}
END_TEST

START_TEST(nothing_is_kept_where_nothing_shall_be)
{
	Stage stage = set_up("cache-size = 0\n");
	g_autofree char *file = g_build_filename(stage.home, ".cache/sheaf/cache.db", NULL);
	Terminal *t = start(&stage);

	terminal_expect(t, "Number 50.");
	terminal_expect(t, "Elsewhere");
	quit(t);
	ck_assert(!g_file_test(file, G_FILE_TEST_EXISTS));
	tear_down(&stage);
}
END_TEST

/* T181. */
START_TEST(two_at_once_share_it)
{
	Stage stage = set_up("");
	Terminal *one = start(&stage), *two = start(&stage);

	terminal_expect(one, "Number 50.");
	terminal_expect(two, "Number 50.");
	terminal_expect(two, "50 unread of 50");
	terminal_keys(one, "F");
	terminal_keys(two, "cElsewhere<Enter>");
	terminal_expect(two, "Number 777.");
	quit(two);
	terminal_keys(one, "<End>");
	terminal_expect(one, "Number 1.");
	quit(one);
	relay_set(stage.relay, RELAY_HOLD);
	one = start(&stage);
	two = start(&stage);
	terminal_expect(one, "Number 50.");
	terminal_expect(two, "Number 50.");
	quit(one);
	quit(two);
	tear_down(&stage);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("cache reader", &tcase);

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, rows_are_there_before_the_server);
	tcase_add_test(tcase, what_was_seen_can_be_read_without_a_line);
	tcase_add_test(tcase, a_folder_that_was_replaced);
	tcase_add_test(tcase, a_damaged_cache_costs_a_line_in_the_log);
	tcase_add_test(tcase, nothing_is_kept_where_nothing_shall_be);
	tcase_add_test(tcase, two_at_once_share_it);
	return run_suite(suite);
}
