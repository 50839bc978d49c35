/* :imap in the reader: answers in a panel, refusals, what it does to the list and the tree, and
 * that nobody waits for it. */
#include <string.h>

#include "tests/place.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char first[] = "From: Ada <ada@example.org>\nSubject: The first one\n\nHello.\n";
static const char second[] = "From: Bob <bob@example.org>\nSubject: The second one\n\nHello.\n";

static const ServerKind kinds[] = {SERVER_DOVECOT, SERVER_CYRUS, SERVER_COURIER};

/* With two messages. */
static TestServer *start(ServerKind kind)
{
	TestServer *s = server_start(kind, NULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);

	probe_append(probe, "INBOX", "", first, -1);
	probe_append(probe, "INBOX", "\\Seen", second, -1);
	return s;
}

static Terminal *open_with(TestServer *s, int port, const char *more_lines, const char *option)
{
	int own = s->port;

	s->port = port ? port : own;
	g_autofree char *config = server_config(s, "imap+plain", more_lines);
	s->port = own;
	const char *const arguments[] = {"-c", config, option, NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 100);

	terminal_expect(t, "The second one");
	terminal_expect(t, "online");
	return t;
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

START_TEST(an_answer_is_shown)
{
	g_autoptr(TestServer) s = start(kinds[_i]);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);

	terminal_keys(t, ":imap status INBOX (MESSAGES)<Enter>");
	terminal_expect_match(t, "│OK +│");
	terminal_expect_match(t, "\"?INBOX\"? \\(MESSAGES 2\\)");
	terminal_expect(t, "imap status INBOX (MESSAGES) - q closes");
	terminal_keys(t, "q");
	terminal_expect_gone(t, "MESSAGES 2");
	terminal_keys(t, ":IMAP<Esc>:imap getacl Nowhere<Enter>");
	terminal_expect_match(t, "│(NO +│|error: GETACL command error: BAD)");
	/* Another answer takes a panel of its own; each is closed as it was opened. */
	terminal_keys(t, ":imap noop<Enter>");
	terminal_expect(t, "imap noop - q closes");
	terminal_keys(t, "q");
	terminal_expect_gone(t, "imap noop");
	terminal_expect(t, "getacl Nowhere - q closes");
	terminal_keys(t, "q");
	terminal_expect_gone(t, "q closes");
	/* The last one again. */
	terminal_keys(t, ":imap<Enter>");
	terminal_expect(t, "imap noop - q closes");
	terminal_keys(t, "q");
	quit(t);
}
END_TEST

/* Types it, sees the answer, and closes the panel. */
static void run(Terminal *t, const char *line, const char *answer)
{
	g_autofree char *keys = g_strdup_printf(":imap %s<Enter>", line);

	terminal_keys(t, keys);
	terminal_expect(t, " - q closes");
	terminal_expect_match(t, answer);
	terminal_keys(t, "q");
	terminal_expect_gone(t, " - q closes");
}

START_TEST(the_list_shows_what_it_did)
{
	g_autoptr(TestServer) s = start(kinds[_i]);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);
	g_autofree char *file = g_build_filename(s->directory, "message", NULL);
	g_autofree char *append = g_strdup_printf("append INBOX None None <Less>%s", file);

	ck_assert(g_file_set_contents(
		file, "From: Eve <eve@example.org>\nSubject: The third one\n\nHi.\n", -1, NULL));
	run(t, "uid store 1 +FLAGS (\\Flagged)", "│1 \\(.*FLAGS \\(.*Flagged");
	terminal_expect_match(t, "! +Ada +The first one");
	run(t, "store 2 -FLAGS \\Seen", "│2 \\(");
	terminal_expect(t, "2 unread of 2");
	run(t, append, "│OK");
	terminal_expect(t, "The third one");
	run(t, "store 1 +FLAGS \\Deleted", "│1 \\(");
	run(t, "expunge", "│(VANISHED )?1 +│");
	terminal_expect_gone(t, "The first one");
	quit(t);
}
END_TEST

START_TEST(the_tree_shows_what_it_did)
{
	static const char *const prefixes[] = {"", "", "INBOX."};
	g_autofree char *create = g_strconcat("create ", prefixes[_i], "Made", NULL);
	g_autofree char *delete = g_strconcat("delete ", prefixes[_i], "Made", NULL);
	g_autoptr(TestServer) s = start(kinds[_i]);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);

	run(t, create, "│OK");
	terminal_expect_match(t, " Made +│");
	run(t, delete, "│OK");
	terminal_expect_gone(t, " Made ");
	quit(t);
}
END_TEST

/* The tree is painted between the moment when the server no longer names a folder and the moment
 * when the tree is laid out anew. */
START_TEST(a_folder_goes_while_all_is_painted)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);

	for (int round = 0; round < 5; round++) {
		run(t, "create Made", "│OK");
		terminal_expect_match(t, " Made +│");
		terminal_keys(t, ":imap delete Made<Enter>");
		for (int k = 0; k < 100; k++) {
			terminal_keys(t, "<C-l>");
			g_usleep(1000);
		}
		terminal_expect(t, " - q closes");
		terminal_keys(t, "q");
		terminal_expect_gone(t, " Made ");
	}
	quit(t);
}
END_TEST

/* A whole message, longer than the screen and not friendly to it. */
START_TEST(a_long_answer_scrolls)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(GString) message =
		g_string_new("From: Eve <eve@example.org>\nSubject: The second one, again\n\n");

	for (int k = 1; k <= 300; k++)
		g_string_append_printf(message, "Line %d of it\033[7m \302\233 \342\200\256\n", k);
	probe_append(probe, "INBOX", "", message->str, (gssize)message->len);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);

	terminal_keys(t, ":imap fetch 3 BODY.PEEK[]<Enter>");
	terminal_expect(t, "Line 1 of it");
	terminal_keys(t, "<Space>");
	terminal_expect(t, "Line 30 of it");
	terminal_keys(t, "b");
	terminal_expect(t, "Line 1 of it");
	terminal_keys(t, "/Line 200<Enter>");
	terminal_expect(t, "Line 200 of it");
	terminal_keys(t, "G");
	terminal_expect_match(t, "│\\) +│");
	terminal_keys(t, "q");
	terminal_expect_gone(t, " - q closes");
	/* Of what is too long to be kept the rest is shown. */
	while (message->len < 1200 * 1024)
		g_string_append(message, "And on and on and on it goes, line by line by line.\n");
	probe_append(probe, "INBOX", "", message->str, (gssize)message->len);
	terminal_expect(t, "1.2M");
	run(t, "fetch 3:4 (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])", "│4 \\(UID 4");
	run(t, "fetch 4 (BODY.PEEK[])", "An answer too long for this panel was left out");
	g_autofree char *foreign = terminal_foreign(t);
	ck_assert_msg(foreign == NULL, "%s", foreign);
	quit(t);
}
END_TEST

/* What a connection cannot do for all that use it, what may not be, and what is no command. */
START_TEST(some_are_refused)
{
	static const struct {
		const char *typed, *said;
	} rows[] = {
		{"select INBOX", "SELECT changes the connection itself: sheaf imap has one"},
		{"Close", "CLOSE changes the connection itself"},
		{"logout", "LOGOUT changes the connection itself"},
		{"xatom logout", "LOGOUT changes the connection itself"},
		{"xatom xatom logout", "BAD"},
		{"login alice secret", "LOGIN changes the connection itself"},
		{"enable CONDSTORE", "ENABLE changes the connection itself"},
		{"compress", "COMPRESS changes the connection itself"},
		{"idle", "IDLE changes the connection itself"},
		{"notify NONE", "NOTIFY changes the connection itself"},
		{"fetch", "Usage: fetch SET WORDS"},
		{"help fetch", "help is for sheaf imap alone; here Tab lists what there is."},
		{"response EXISTS", "response is for sheaf imap alone"},
		{"noop (", "A “)” is missing."},
	};
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *line = g_strdup_printf(":imap %s<Enter>", rows[i].typed);
		terminal_keys(t, line);
		terminal_expect(t, rows[i].said);
		terminal_keys(t, "<Esc>");
	}
	quit(t);
}
END_TEST

START_TEST(who_only_reads_changes_nothing)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Terminal) t = open_with(s, 0, "", "-R");

	terminal_keys(t, ":imap uid store 1 +FLAGS (\\Flagged)<Enter>");
	terminal_expect(t, "UID STORE may change something, and Sheaf runs read-only.");
	terminal_keys(t, ":imap create Made<Enter>");
	terminal_expect(t, "CREATE may change something");
	terminal_keys(t, ":imap xatom XCREATE Made<Enter>");
	terminal_expect(t, "What nobody knows may change something");
	terminal_keys(t, ":imap fetch 1 BODY[]<Enter>");
	terminal_expect(t, "Hello.");
	terminal_keys(t, "q");
	terminal_expect(t, "1 unread of 2");
	quit(t);
}
END_TEST

START_TEST(keys_work_while_it_runs)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Relay) relay = relay_start(s->port, 0);
	g_autoptr(Terminal) t = open_with(s, relay_port(relay), "", NULL);

	relay_set(relay, RELAY_HOLD);
	terminal_keys(t, ":imap check<Enter>");
	terminal_expect(t, "imap check (C-c cancels)");
	terminal_keys(t, "j");
	terminal_expect(t, "2 of 2");
	/* The answer does not cover what the person does meanwhile. */
	terminal_keys(t, "c");
	terminal_expect(t, "Open folder:");
	relay_set(relay, RELAY_PASS);
	terminal_keys(t, "inb");
	terminal_expect(t, "Open folder: inb");
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "imap check: OK. :imap shows the answer.");
	terminal_keys(t, ":imap<Enter>");
	terminal_expect(t, "imap check - q closes");
	terminal_keys(t, "q");
	relay_set(relay, RELAY_HOLD);
	terminal_keys(t, ":imap fetch 1 FLAGS<Enter>");
	terminal_expect(t, "imap fetch 1 FLAGS (C-c cancels)");
	terminal_keys(t, "<C-c>");
	terminal_expect(t, "Cancelled: imap fetch 1 FLAGS");
	relay_set(relay, RELAY_PASS);
	terminal_keys(t, ":imap search None ALL<Enter>");
	terminal_expect(t, "imap search None ALL - q closes");
	terminal_expect_match(t, "│1 2 +│");
	terminal_keys(t, "q");
	quit(t);
}
END_TEST

static bool is_made(Terminal *t, void *data)
{
	(void)t;
	return relay_times_said(data, " CREATE ") > 0;
}

/* The last of what the reader asks by itself: with the folder selected anew all is enabled. */
static bool is_enabled(Terminal *t, void *data)
{
	(void)t;
	return relay_times_said(data, " ENABLE ") >= 1 && relay_times_said(data, " SELECT ") >= 2;
}

/* What was under way is not sent again: nobody knows whether it was done. */
START_TEST(a_lost_line_is_told)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Relay) relay = relay_start(s->port, 0);
	/* IDLE or SELECT under way would hold it back, and it would go on the next line. */
	g_autoptr(Terminal) t = open_with(s, relay_port(relay), "idle = no\n", NULL);

	terminal_check(t, terminal_wait_until(t, is_enabled, relay, TERMINAL_PATIENCE));
	run(t, "noop", "│OK");
	relay_set(relay, RELAY_HOLD);
	terminal_keys(t, ":imap create Made<Enter>");
	terminal_expect(t, "imap create Made (C-c cancels)");
	terminal_check(t, terminal_wait_until(t, is_made, relay, TERMINAL_PATIENCE));
	relay_set(relay, RELAY_CUT);
	relay_set(relay, RELAY_PASS);
	terminal_expect(t, "│abort: ");
	terminal_expect(t, "Nobody knows whether the server has done it.");
	terminal_keys(t, "q");
	terminal_expect_gone(t, " - q closes");
	terminal_expect(t, "online");
	run(t, "noop", "│OK");
	quit(t);
}
END_TEST

/* The only one there may be. */
START_TEST(one_connection_is_enough)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autofree char *config = server_config(s, "imap+plain", "connections = 1\n");
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect(t, "The second one");
	terminal_expect(t, "online");
	run(t, "list", "INBOX");
	run(t, "create Made", "│OK");
	run(t, "copy 1 Made", "│OK");
	run(t, "status Made (MESSAGES)", "MESSAGES 1");
	quit(t);
}
END_TEST

START_TEST(the_table_helps_typing)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT);
	g_autoptr(Terminal) t = open_with(s, 0, "", NULL);

	terminal_keys(t, ":imap UID ST<Tab>");
	terminal_expect(t, ":imap uid store");
	terminal_expect(t, "SET [MODIFIER] WORD FLAGS  Change flags (6.4.6), by UID");
	/* The hint is nothing to choose. */
	terminal_keys(t, "1<Tab><Tab> FLAGS");
	terminal_expect(t, ":imap uid store 1 FLAGS");
	terminal_keys(t, "<Esc>:imap status in<Tab>");
	terminal_expect(t, ":imap status INBOX");
	terminal_keys(t, "(MESSAGES)<Enter>");
	terminal_expect(t, "MESSAGES 2");
	/* A line that was typed comes again. */
	terminal_keys(t, "q:<Up>");
	terminal_expect(t, ":imap status INBOX (MESSAGES)");
	terminal_keys(t, "<Esc>");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("imap_reader", &tests);

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, an_answer_is_shown, 0, G_N_ELEMENTS(kinds));
	tcase_add_loop_test(tests, the_list_shows_what_it_did, 0, G_N_ELEMENTS(kinds));
	tcase_add_loop_test(tests, the_tree_shows_what_it_did, 0, G_N_ELEMENTS(kinds));
	tcase_add_test(tests, a_folder_goes_while_all_is_painted);
	tcase_add_test(tests, a_long_answer_scrolls);
	tcase_add_test(tests, some_are_refused);
	tcase_add_test(tests, who_only_reads_changes_nothing);
	tcase_add_test(tests, keys_work_while_it_runs);
	tcase_add_test(tests, a_lost_line_is_told);
	tcase_add_test(tests, one_connection_is_enough);
	tcase_add_test(tests, the_table_helps_typing);
	return run_suite(suite);
}
