/* What happens on the server shows without a key: mail that arrives, flags set and messages removed
 * by another client; by IDLE, and by NOOP where there is no IDLE. */
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char first[] = "From: Ada <ada@example.org>\nSubject: The first one\n\nHello.\n";
static const char second[] = "From: Bob <bob@example.org>\nSubject: The second one\n\nHello.\n";
static const char third[] = "From: Zoe <zoe@example.org>\nSubject: The third one\n\nHello.\n";

static Terminal *open_inbox(const TestServer *s, const char *more_lines)
{
	g_autofree char *config = server_config(s, "imap+plain", more_lines);
	const char *const arguments[] = {"-c", config, NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 100);

	terminal_expect(t, "The first one");
	return t;
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

START_TEST(shows_what_the_server_tells)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autoptr(Probe) other = server_probe(s, s->user);

	probe_append(other, "INBOX", "", first, -1);

	g_autoptr(Terminal) t = open_inbox(s, "");

	probe_append(other, "INBOX", "", second, -1);
	terminal_expect(t, "The second one");
	probe_append(other, "INBOX", "", third, -1);
	terminal_expect(t, "The third one");
	terminal_expect(t, "3 unread of 3");

	g_free(probe_expect(other, "SELECT INBOX"));
	g_free(probe_expect(other, "STORE 1 +FLAGS (\\Seen)"));
	terminal_expect(t, "2 unread of 3");
	g_free(probe_expect(other, "STORE 2 +FLAGS (\\Deleted)"));
	g_free(probe_expect(other, "EXPUNGE"));
	terminal_expect_gone(t, "The second one");
	terminal_expect(t, "1 unread of 2");
	quit(t);
}
END_TEST

/* In the tree: bold and green. */
static bool is_fresh(Terminal *t, void *folder)
{
	int col, row = terminal_find(t, folder, &col);
	TerminalCell cell = row < 0 ? (TerminalCell){0} : terminal_cell(t, row, col);

	return cell.bold && cell.fg == 2;
}

static bool is_not_fresh(Terminal *t, void *folder)
{
	return !is_fresh(t, folder);
}

static const struct {
	const char *settings, *more_lines;
} without_idle[] = {
	{NULL, "idle = no\npoll-interval = 5\n"},
	{"imap_capability = IMAP4rev1 UIDPLUS LITERAL+\n", "poll-interval = 5\n"},
};

/* All of it at once: a look every five seconds is the most often that can be set. */
START_TEST(looks_by_itself_where_the_server_does_not_tell)
{
	g_autoptr(TestServer) s = server_start(
		SERVER_DOVECOT, &(ServerOptions){.settings = without_idle[_i].settings});
	g_autoptr(Probe) other = server_probe(s, s->user);

	probe_append(other, "INBOX", "", first, -1);

	g_autoptr(Terminal) t = open_inbox(s, without_idle[_i].more_lines);

	probe_append(other, "INBOX", "", second, -1);
	probe_append(other, "INBOX", "", third, -1);
	g_free(probe_expect(other, "SELECT INBOX"));
	g_free(probe_expect(other, "STORE 1 +FLAGS (\\Deleted)"));
	g_free(probe_expect(other, "EXPUNGE"));
	terminal_expect(t, "The second one");
	terminal_expect(t, "The third one");
	terminal_expect_gone(t, "The first one");
	terminal_expect(t, "2 unread of 2");
	quit(t);
}
END_TEST

/* --- what is new is marked until it was visited --- */

/* GNU imap4d over standard input and output, which says RECENT, nothing at all in IDLE, and another
 * UIDVALIDITY whenever something arrives. */

/* As a delivery agent does it, at the end of an mbox file. */
static void deliver(const char *directory, const char *mbox, const char *message)
{
	g_autofree char *path = g_build_filename(directory, mbox, NULL);
	FILE *file = fopen(path, "a");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "From ada@example.org Sat Nov 28 12:00:00 2026\n%s\n", message);
	fclose(file);
}

static char *configure_imap4d(const char *directory)
{
	static const char *const make[] = {"sh", "-c",
					   "mkdir Mail; touch INBOX Mail/Lists; "
					   "[ $(id -u) != 0 ] || chown -R nobody: .",
					   NULL};
	char *config = g_build_filename(directory, "config", NULL);
	g_autofree char *script = place_source("tests/servers/imap4d-preauth");
	g_autofree char *text = g_strdup_printf(
		"[account test]\nurl = exec:'%s' '%s'\npoll-interval = 5\n", script, directory);

	g_spawn_sync(directory, (char **)make, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
		     NULL, NULL);
	ck_assert(g_file_set_contents(config, text, -1, NULL));
	return config;
}

START_TEST(marks_what_the_server_calls_recent)
{
	g_autofree char *directory = place_temporary();
	g_autofree char *config = configure_imap4d(directory);
	const char *const arguments[] = {"-c", config, NULL};

	deliver(directory, "INBOX", first);
	deliver(directory, "Mail/Lists", first);
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 100);

	terminal_expect_match(t, "[★●] .*The first one");
	terminal_expect_match(t, "Lists +1\\b");
	deliver(directory, "INBOX", second);
	deliver(directory, "Mail/Lists", third);
	terminal_expect_match(t, "★ .*The second one");
	terminal_expect_match(t, "Lists +2\\b");
	ck_assert(terminal_wait_until(t, is_fresh, (void *)"Lists", TERMINAL_PATIENCE));
	terminal_keys(t, "cLists<Enter>");
	terminal_expect(t, "The third one");
	ck_assert(terminal_wait_until(t, is_not_fresh, (void *)"Lists", TERMINAL_PATIENCE));
	quit(t);
	place_remove(directory);
}
END_TEST

/* Courier says "0 RECENT" whatever there is, and UIDNEXT. */
START_TEST(marks_what_is_above_uidnext)
{
	g_autoptr(TestServer) s = server_start(SERVER_COURIER, NULL);

	server_add_message(s, s->user, "INBOX", "", first);
	server_add_message(s, s->user, "INBOX.Lists", "\\Seen", first);
	g_autoptr(Terminal) t = open_inbox(s, "");

	terminal_expect_match(t, "● .*The first one");
	/* What comes before it is counted is not known to be new. */
	terminal_expect_match(t, "Lists +│");
	server_add_message(s, s->user, "INBOX", "", second);
	server_add_message(s, s->user, "INBOX.Lists", "", third);
	terminal_keys(t, "<F5>");
	terminal_expect_match(t, "★ .*The second one");
	terminal_expect_match(t, "Lists +1\\b");
	ck_assert(terminal_wait_until(t, is_fresh, (void *)"Lists", TERMINAL_PATIENCE));
	terminal_keys(t, "cLists<Enter>");
	terminal_expect(t, "The third one");
	ck_assert(terminal_wait_until(t, is_not_fresh, (void *)"Lists", TERMINAL_PATIENCE));
	terminal_keys(t, "cINBOX<Enter>");
	terminal_expect_match(t, "● .*The second one");
	quit(t);
}
END_TEST

START_TEST(counts_what_arrives_elsewhere)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);

	server_add_message(s, s->user, "INBOX", "\\Seen", first);
	server_add_message(s, s->user, "Lists", "\\Seen", first);

	g_autoptr(Terminal) t = open_inbox(s, "poll-interval = 5\n");

	terminal_expect_match(t, "Lists");
	server_add_message(s, s->user, "Lists", "", second);
	terminal_expect_match(t, "Lists +1\\b");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("new_mail", &tests);

	tcase_add_test(tests, shows_what_the_server_tells);
	tcase_add_loop_test(tests, looks_by_itself_where_the_server_does_not_tell, 0,
			    G_N_ELEMENTS(without_idle));
	tcase_add_test(tests, marks_what_the_server_calls_recent);
	tcase_add_test(tests, marks_what_is_above_uidnext);
	tcase_add_test(tests, counts_what_arrives_elsewhere);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
