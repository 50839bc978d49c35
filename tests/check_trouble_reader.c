/* What goes on behind the screen while keys are pressed: a second connection, folders that change
 * under what is open, servers that misbehave. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
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

/* A server that sends the beginning of every message and no more. */
static const char silent_server[] =
	"import re, sys\n"
	"out = sys.stdout\n"
	"def say(*lines):\n"
	"    out.write(''.join(line + '\\r\\n' for line in lines))\n"
	"    out.flush()\n"
	"row = ('* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 90 ENVELOPE (NIL \"A letter\" '\n"
	"       'NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (\"text\" \"plain\" NIL '\n"
	"       'NIL NIL \"7bit\" 90 3 NIL NIL NIL))')\n"
	"say('* PREAUTH [CAPABILITY IMAP4rev1] hello')\n"
	"for line in sys.stdin:\n"
	"    tag, command = line.strip().split(' ', 1)\n"
	"    if command.startswith('SELECT'):\n"
	"        say('* 1 EXISTS', '* OK [UIDVALIDITY 1] it is', tag + ' OK open')\n"
	"    elif 'BODY.PEEK' in command:\n"
	"        say('* 1 FETCH (UID 1 BODY[] {90}', 'Subject: A letter')\n"
	"    elif 'FETCH' in command:\n"
	"        say(row, tag + ' OK fetched')\n"
	"    else:\n"
	"        say(tag + ' OK done')\n";

START_TEST(what_was_cancelled_can_be_asked_for_again)
{
	g_autofree char *script = NULL;
	int fd = g_file_open_tmp("sheaf-silent-XXXXXX.py", &script, NULL);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert(g_file_set_contents(script, silent_server, -1, NULL));
	g_autofree char *place = g_strdup_printf("exec:python3 %s", script);
	const char *const arguments[] = {place, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 60);

	terminal_expect(t, "A letter");
	for (int i = 0; i < 2; i++) {
		terminal_keys(t, "<Enter>");
		terminal_expect(t, "loading");
		terminal_keys(t, "<C-c>");
		terminal_expect(t, "Cancelled. Opened again from the list, it");
		terminal_expect(t, "is fetched again.");
		terminal_keys(t, "<C-w>k");
	}
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	g_unlink(script);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("trouble_reader", &tcase);

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_search_leaves_the_folder_writable);
	tcase_add_test(tcase, windows_close_with_their_folder);
	tcase_add_test(tcase, what_was_cancelled_can_be_asked_for_again);
	return run_suite(suite);
}
