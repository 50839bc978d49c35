/* The demo mailbox in the real reader: what is done with keys is seen on the screen, and a second
 * client finds the mailbox in that state. */
#include <string.h>
#include "tests/place.h"
#include "tests/probe.h"
#include "tests/run.h"
#include "tests/terminal.h"

static Terminal *start_demo(int rows, int cols)
{
	const char *const arguments[] = {"demo", NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, rows, cols);

	/* In order: before that the cursor would go with its message. */
	terminal_expect_row(t, 2, "1. Welcome to Sheaf");
	terminal_expect_row(t, 3, "2. Up and down");
	terminal_expect(t, "unread of 41");
	return t;
}

static void quit(Terminal *t)
{
	g_autofree char *foreign = terminal_foreign(t);

	terminal_check(t, foreign == NULL);
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

/* On the same mail that the reader has open, or had. */
static Probe *probe_demo(Terminal *t)
{
	g_autofree char *path =
		g_build_filename(terminal_home(t), ".cache", "sheaf", "demo", "1", NULL);

	return probe_open_maildir(path);
}

static bool found_flagged(Terminal *t, void *data)
{
	Probe *probe = data;
	g_autofree char *noop = probe_expect(probe, "NOOP");
	g_autofree char *found = probe_expect(probe, "SEARCH FLAGGED SUBJECT \"2. Up and down\"");

	(void)t;
	return strstr(found, "* SEARCH\n") == NULL;
}

static void expect_messages(Probe *probe, const char *mailbox, unsigned messages)
{
	ck_assert_msg(probe_status(probe, mailbox, "MESSAGES") == messages, "%s has %u, not %u",
		      mailbox, probe_status(probe, mailbox, "MESSAGES"), messages);
}

START_TEST(reads)
{
	g_autoptr(Terminal) t = start_demo(24, 80);

	terminal_expect_match(t, "Sheaf tutorial +1\\. Welcome to Sheaf");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Sheaf reads mail where it lies");
	terminal_expect(t, "40 unread of 41");
	terminal_keys(t, "J");
	terminal_expect(t, "39 unread of 41");
	terminal_expect_gone(t, "Sheaf reads mail where it lies");
	terminal_keys(t, "q");
	terminal_expect(t, "20. HTML");
	quit(t);

	g_autoptr(Probe) probe = probe_demo(t);

	ck_assert_uint_eq(probe_status(probe, "INBOX", "UNSEEN"), 39);
}
END_TEST

START_TEST(flags_while_the_other_looks)
{
	g_autoptr(Terminal) t = start_demo(24, 80);
	g_autoptr(Probe) probe = probe_demo(t);

	g_free(probe_expect(probe, "SELECT INBOX"));
	terminal_keys(t, "jF");
	terminal_expect_match(t, "!.*2\\. Up and down|2\\. Up and down.*!");
	terminal_check(t, terminal_wait_until(t, found_flagged, probe, TERMINAL_PATIENCE));
	quit(t);
}
END_TEST

START_TEST(copies_moves_deletes_and_expunges)
{
	g_autoptr(Terminal) t = start_demo(30, 100);

	terminal_expect(t, "Garden");
	terminal_keys(t, "CGarden<Enter>");
	terminal_expect_match(t, "(?i)copied.*Garden");
	terminal_keys(t, "jsArchive<Enter>");
	terminal_expect_gone(t, "2. Up and down");
	terminal_expect(t, "of 40");
	terminal_keys(t, ":search \"Please delete me\"<Enter>");
	terminal_expect_gone(t, "1. Welcome");
	terminal_expect(t, "12. Please delete me");
	terminal_keys(t, "d");
	terminal_expect_gone(t, "12. Please delete me");
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "1. Welcome");
	terminal_expect(t, "of 39");

	terminal_keys(t, "cTrash<Enter>");
	terminal_expect(t, "of 4");
	terminal_expect(t, "12. Please delete me");
	terminal_keys(t, "d$");
	terminal_expect(t, "Remove 1 message for ever?");
	terminal_keys(t, "n"); /* T174 */
	terminal_expect_gone(t, "for ever?");
	g_autoptr(Probe) other = probe_demo(t);
	expect_messages(other, "Trash", 4);
	terminal_keys(t, "$");
	terminal_expect(t, "Remove 1 message for ever?");
	terminal_keys(t, "y");
	terminal_expect(t, "Removed 1 message for ever.");
	terminal_expect(t, "of 3");
	quit(t);

	g_autoptr(Probe) probe = probe_demo(t);

	expect_messages(probe, "INBOX", 39);
	expect_messages(probe, "Trash", 3);
	expect_messages(probe, "Archive", 6);
	expect_messages(probe, "Projects.Garden", 3);
}
END_TEST

START_TEST(searches)
{
	g_autoptr(Terminal) t = start_demo(24, 80);

	terminal_keys(t, "/attachments<Enter>");
	terminal_expect(t, "23. Attachments");
	terminal_expect_gone(t, "1. Welcome");
	/* The search went over a connection that may change nothing; this one still may. */
	terminal_keys(t, "F");
	terminal_expect_match(t, "!.*23\\. Attachments");
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "1. Welcome");
	terminal_keys(t, "/nosuchword<Enter>");
	terminal_expect_match(t, "(?i)nothing|no message");
	quit(t);
}
END_TEST

START_TEST(shows_folders)
{
	static const char *const names[] = {"INBOX", "Drafts", "Sent",    "Archive", "Junk",
					    "Trash", "lists",  "Letters", "Garden"};
	g_autoptr(Terminal) t = start_demo(30, 120);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		terminal_expect(t, names[i]);
	terminal_expect_match(t, "INBOX +41");
	terminal_keys(t, "cLetters<Enter>");
	terminal_expect(t, "of 16");
	terminal_expect(t, "田中");
	terminal_keys(t, "gi");
	terminal_expect(t, "1. Welcome to Sheaf");
	quit(t);
}
END_TEST

/* Every row is as wide as the screen at most, title on top, hints below. */
static void expect_whole_screen(Terminal *t)
{
	g_autofree char *top = terminal_row(t, 0);

	terminal_check(t, strstr(top, "INBOX") != NULL);
	terminal_expect_row(t, terminal_rows(t) - 1, "help");
}

START_TEST(fits_any_window)
{
	g_autoptr(Terminal) t = start_demo(24, 80);

	expect_whole_screen(t);
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Sheaf reads mail where it lies");
	terminal_resize(t, 60, 200);
	terminal_expect_row(t, 59, "help");
	terminal_expect(t, "Projects");
	terminal_expect(t, "41. The end of the tutorial");
	terminal_expect(t, "Sheaf reads mail where it lies");
	expect_whole_screen(t);
	terminal_resize(t, 10, 40);
	terminal_expect_row(t, 9, "read on");
	terminal_expect_gone(t, "Projects");
	terminal_keys(t, "q");
	terminal_expect(t, "1. Welcome");
	terminal_keys(t, "<Down><Down>");
	terminal_resize(t, 24, 80);
	terminal_expect_row(t, 23, "help");
	terminal_expect(t, "20. HTML");
	quit(t);
}
END_TEST

START_TEST(shows_help_and_commands)
{
	g_autoptr(Terminal) t = start_demo(40, 100);

	terminal_keys(t, "?");
	terminal_expect(t, "Next row; a line down");
	terminal_keys(t, "q");
	terminal_expect_gone(t, "Next row; a line down");
	terminal_keys(t, ":tog<Tab>");
	terminal_expect(t, "toggle-read");
	terminal_keys(t, "<Esc>");
	terminal_expect_gone(t, "toggle-read");
	terminal_keys(t, "<F12>");
	terminal_expect_match(t, "<F12>.*not bound");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("demo_reader", &tests);

	tcase_add_test(tests, reads);
	tcase_add_test(tests, flags_while_the_other_looks);
	tcase_add_test(tests, copies_moves_deletes_and_expunges);
	tcase_add_test(tests, searches);
	tcase_add_test(tests, shows_folders);
	tcase_add_test(tests, fits_any_window);
	tcase_add_test(tests, shows_help_and_commands);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
