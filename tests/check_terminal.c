/* The test terminal itself: screen, keys, cells, size, end and traces left behind. */
#include <string.h>
#include "tests/run.h"
#include "tests/terminal.h"

static Terminal *start_shell(const char *script)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return terminal_start(argv, NULL, 24, 80);
}

START_TEST(shows_text_and_wide_characters)
{
	g_autoptr(Terminal) t = start_shell("printf '\\033[3;5Hone 田 two'; read x");
	int col;

	terminal_expect_row(t, 2, "one 田 two");
	ck_assert_int_eq(terminal_find(t, "two", &col), 2);
	ck_assert_int_eq(col, 4 + 4 + 2 + 1);
	ck_assert(!terminal_wait(t, "three", 50));
}
END_TEST

START_TEST(shows_attributes)
{
	g_autoptr(Terminal) t = start_shell("printf '\\033[1;7;31mloud\\033[0mplain\\n'; read x");

	terminal_expect(t, "loudplain");

	TerminalCell loud = terminal_cell(t, 0, 0), plain = terminal_cell(t, 0, 4);

	ck_assert(loud.bold && loud.reverse && loud.fg == 1);
	ck_assert(!plain.bold && !plain.reverse && plain.fg == -1);
}
END_TEST

START_TEST(sends_keys_as_the_mode_asks)
{
	g_autoptr(Terminal) t = start_shell("stty raw -echo; printf '\\033[?1h'; echo ready;"
					    "dd bs=1 count=9 2>/dev/null | od -An -tx1; stty sane");

	terminal_expect(t, "ready");
	terminal_keys(t, "<Down>j<C-i><C-^><A-x>é");
	terminal_expect(t, "1b 4f 42 6a 09 1e 1b 78 c3");
}
END_TEST

START_TEST(tells_the_size)
{
	g_autoptr(Terminal) t =
		start_shell("trap 'stty size' WINCH; stty size; while :; do read x; done");

	terminal_expect(t, "24 80");
	terminal_resize(t, 60, 200);
	terminal_expect(t, "60 200");
}
END_TEST

START_TEST(gives_a_fresh_home_and_exit_status)
{
	const char *const argv[] = {"sh", "-c",
				    "echo $XDG_STATE_HOME $TERM ${LANG-none} $EXTRA; exit 7", NULL};
	const char *const environment[] = {"EXTRA=more", "LANG", NULL};
	g_autoptr(Terminal) t = terminal_start(argv, environment, 24, 80);

	terminal_expect(t, "/.local/state xterm-256color none more");
	terminal_expect(t, terminal_home(t));
	terminal_expect_exit(t, 7);
	ck_assert(!terminal_wait(t, "never", TERMINAL_PATIENCE));
}
END_TEST

START_TEST(knows_signals_and_hangups)
{
	g_autoptr(Terminal) killed = start_shell("kill -9 $$");
	g_autoptr(Terminal) left =
		start_shell("trap 'exit 3' HUP; echo ready; while :; do read x; done");

	terminal_expect_exit(killed, 128 + 9);
	terminal_expect(left, "ready");
	terminal_hangup(left);
	terminal_expect_exit(left, 3);
}
END_TEST

START_TEST(sees_what_is_left_behind)
{
	static const struct {
		const char *script;
		bool restored;
	} rows[] = {
		{"stty raw; printf '\\033[?1049h\\033[?25l\\033[?1000;2004h\\033[?25h\\033[?1000l"
		 "\\033[?2004l\\033[?1049l'; stty $before",
		 true},
		{"stty -echo", false},
		{"printf '\\033[?1049h'", false},
		{"printf '\\033[?25l'", false},
		{"printf '\\033[?1006;2004h\\033[?1006l'", false}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *script = g_strconcat("before=$(stty -g); ", rows[i].script, NULL);
		g_autoptr(Terminal) t = start_shell(script);

		terminal_expect_exit(t, 0);
		ck_assert_msg(terminal_is_restored(t) == rows[i].restored, "%s", rows[i].script);
	}
}
END_TEST

START_TEST(finds_what_is_foreign)
{
	static const struct {
		const char *printed;
		bool foreign;
	} rows[] = {{"plain \\033[1;31mred\\033[m\\033(B \\303\\251\\r\\n", false},
		    {"\\033]0;title\\007\\033[?25l\\033[?25h\\033[3;5H\\033[2X", false},
		    {"\\007", true},
		    {"\\033]8;;http://x\\033\\\\", true},
		    {"\\033]0;a\\033[2Jb\\007", true},
		    {"\\033[>c", true},
		    {"\\033P1$q\\033\\\\", true},
		    {"\\302\\233", true},
		    {"\\377", true},
		    {"\\342\\200\\256", true},
		    {"\\177", true}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *script = g_strdup_printf("printf '%s'", rows[i].printed);
		g_autoptr(Terminal) t = start_shell(script);

		terminal_expect_exit(t, 0);

		g_autofree char *foreign = terminal_foreign(t);

		ck_assert_msg((foreign != NULL) == rows[i].foreign, "%s: %s", rows[i].printed,
			      foreign);
	}
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("terminal", &tests);

	tcase_add_test(tests, shows_text_and_wide_characters);
	tcase_add_test(tests, shows_attributes);
	tcase_add_test(tests, sends_keys_as_the_mode_asks);
	tcase_add_test(tests, tells_the_size);
	tcase_add_test(tests, gives_a_fresh_home_and_exit_status);
	tcase_add_test(tests, knows_signals_and_hangups);
	tcase_add_test(tests, sees_what_is_left_behind);
	tcase_add_test(tests, finds_what_is_foreign);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
