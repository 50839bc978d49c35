/* The reader on a server of RFC 1730, IMAP4 and no more: it opens, lists and reads; what only
 * STATUS could tell is not known.  And on one that speaks no IMAP4 of any kind. */
#include <string.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/terminal.h"

/* Its log is `log` in `directory`. */
static Terminal *start(const char *directory, const char *capability)
{
	g_autofree char *server = place_source("tests/imap4_server.py");
	g_autofree char *config = g_build_filename(directory, "config", NULL);
	g_autofree char *text =
		g_strdup_printf("[account old]\nurl = exec:python3 '%s' %s '%s/log'\n", server,
				capability, directory);
	const char *const arguments[] = {"-c", config, NULL};

	ck_assert(g_file_set_contents(config, text, -1, NULL));
	return terminal_start_sheaf(arguments, NULL, 24, 220);
}

START_TEST(reads_without_status)
{
	g_autofree char *directory = place_temporary();
	g_autofree char *log = g_build_filename(directory, "log", NULL);
	g_autofree char *said = NULL;
	g_autoptr(Terminal) t = start(directory, "IMAP4");

	terminal_expect(t, "Apples");
	terminal_expect(t, "1 unread of 2");
	terminal_expect_match(t, "INBOX +1 │");
	terminal_expect_match(t, "Old +· │");
	terminal_keys(t, "G<Enter>");
	terminal_expect(t, "The apples are ripe.");
	terminal_expect(t, "0 unread of 2");
	terminal_keys(t, "FqcOld<Enter>");
	terminal_expect(t, "Plums");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "The plums are gone.");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);

	ck_assert(g_file_get_contents(log, &said, NULL, NULL));
	ck_assert_ptr_null(strstr(said, "STATUS"));
	ck_assert_ptr_nonnull(strstr(said, " UID STORE 3 +FLAGS (\\Flagged)\n"));
	place_remove(directory);
}
END_TEST

START_TEST(says_what_it_cannot_speak_to)
{
	g_autofree char *directory = place_temporary();
	g_autoptr(Terminal) t = start(directory, "IMAP2bis");

	terminal_expect(t, "is no server of IMAP4rev2, IMAP4rev1 or IMAP4");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	place_remove(directory);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("imap4_reader", &tests);

	tcase_add_test(tests, reads_without_status);
	tcase_add_test(tests, says_what_it_cannot_speak_to);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
