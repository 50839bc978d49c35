/* What goes on behind the screen while keys are pressed: a second connection, folders that change
 * under what is open, servers that misbehave. */
#include <string.h>
#include "tests/run.h"
#include "tests/terminal.h"

static Terminal *start_demo(void)
{
	const char *const arguments[] = {"demo", NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, 30, 100);

	terminal_expect(t, "1. Welcome to Sheaf");
	terminal_expect(t, "unread of 41");
	terminal_expect(t, "Garden");
	return t;
}

/* The second connection has the folder read-only; the first has not. */
START_TEST(a_search_leaves_the_folder_writable)
{
	g_autoptr(Terminal) t = start_demo();

	terminal_keys(t, "/attachments<Enter>");
	terminal_expect(t, "1 message found");
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "2. Up and down");
	terminal_keys(t, "jF");
	terminal_expect_match(t, "!.*2\\. Up and down");
}
END_TEST

START_TEST(windows_close_with_their_folder)
{
	g_autoptr(Terminal) t = start_demo();

	terminal_keys(t, ":jump 23<Enter>v");
	terminal_expect(t, "Parts - Enter");
	terminal_keys(t, "cLetters<Enter>");
	terminal_expect(t, "of 16");
	terminal_expect_gone(t, "Parts - Enter");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("trouble_reader", &tcase);

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_search_leaves_the_folder_writable);
	tcase_add_test(tcase, windows_close_with_their_folder);
	return run_suite(suite);
}
