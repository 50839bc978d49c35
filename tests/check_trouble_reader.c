/* What goes on behind the screen while keys are pressed: a second connection, folders that change
 * under what is open, servers that misbehave. */
#include <string.h>
#include "tests/place.h"
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

/* A server of three messages and two folders, one process a connection, which tells the file LOG
 * what it was asked.  What it does wrong stands in BAD. */
static const char odd_server[] =
	"import os, re, sys, time\n"
	"log, bad = open(sys.argv[1], 'a', buffering=1), sys.argv[2]\n"
	"def say(*lines):\n"
	"    sys.stdout.write(''.join(line + '\\r\\n' for line in lines))\n"
	"    sys.stdout.flush()\n"
	"def row(n):\n"
	"    return ('* %d FETCH (UID %d FLAGS () RFC822.SIZE 90 ENVELOPE (NIL \"Letter %d\" NIL "
	"NIL '\n"
	"            'NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL "
	"\"7bit\" '\n"
	"            '90 3 NIL NIL NIL))' % (n, n, n))\n"
	"def fetch(tag, command):\n"
	"    uid = re.search(r'FETCH (\\d+|\\*)', command).group(1)\n"
	"    if 'BODY.PEEK[]' not in command:\n"
	"        say(*map(row, (3,) if uid == '*' else (1, 2, 3)), tag + ' OK fetched')\n"
	"    elif bad == 'half' or (bad in ('stuck', 'late') and uid == '3'):\n"
	"        say('* %s FETCH (UID %s BODY[] {90}' % (uid, uid), 'Subject: A letter')\n"
	"        return bad != 'half'\n"
	"    else:\n"
	"        text = 'Subject: Letter %s\\r\\n\\r\\nText of %s\\r\\n' % (uid, uid)\n"
	"        say('* %s FETCH (UID %s BODY[] {%d}' % (uid, uid, len(text)), text + ')',\n"
	"            tag + ' OK fetched')\n"
	"say('* PREAUTH [CAPABILITY IMAP4rev1' + ' IDLE' * (bad in ('idle', 'asleep')) + '] "
	"hello')\n"
	"stuck = False\n"
	"for line in sys.stdin:\n"
	"    tag, _, command = line.strip().partition(' ')\n"
	"    log.write((command or tag) + '\\n')\n"
	"    if stuck or (bad == 'select' and command.startswith('SELECT')):\n"
	"        stuck = True\n"
	"    elif command.startswith(('SELECT', 'EXAMINE')):\n"
	"        say('* 3 EXISTS', '* OK [UIDVALIDITY 1] it is', tag + ' OK open')\n"
	"    elif command.startswith('LIST'):\n"
	"        while bad == 'late' and not os.path.exists(sys.argv[1] + '.go'):\n"
	"            time.sleep(0.01)\n"
	"        say('* LIST () \"/\" INBOX', '* LIST () \"/\" Other', tag + ' OK listed')\n"
	"    elif command.startswith('UID SEARCH'):\n"
	"        say('* SEARCH 1 2 3', tag + ' OK found')\n"
	"    elif 'FETCH' in command:\n"
	"        stuck = fetch(tag, command)\n"
	"    elif command == 'IDLE' and bad == 'asleep':\n"
	"        say('+ idling')\n"
	"        stuck = True\n"
	"    elif command == 'IDLE':\n"
	"        say(tag + ' NO not today')\n"
	"    else:\n"
	"        say(tag + ' OK done')\n";

typedef struct {
	Terminal *terminal;
	char *directory, *log;
} Odd;

/* `settings` are more lines of the account. */
static Odd odd_start(const char *bad, const char *settings)
{
	Odd odd = {.directory = place_temporary()};
	g_autofree char *script = g_build_filename(odd.directory, "server.py", NULL);
	g_autofree char *config = g_build_filename(odd.directory, "config", NULL);

	odd.log = g_build_filename(odd.directory, "log", NULL);
	g_autofree char *lines = g_strdup_printf("[account odd]\nurl = exec:python3 %s %s %s\n%s",
						 script, odd.log, bad, settings);
	ck_assert(g_file_set_contents(script, odd_server, -1, NULL));
	ck_assert(g_file_set_contents(config, lines, -1, NULL));
	const char *const arguments[] = {"-c", config, NULL};
	odd.terminal = terminal_start_sheaf(arguments, NULL, 24, 100);
	return odd;
}

static void odd_clear(Odd *odd)
{
	terminal_free(odd->terminal);
	place_remove(odd->directory);
	g_free(odd->directory);
	g_free(odd->log);
}

static void odd_end(Odd *odd)
{
	terminal_keys(odd->terminal, "Q");
	terminal_expect_exit(odd->terminal, 0);
	odd_clear(odd);
}

static unsigned times_asked(const Odd *odd, const char *command)
{
	g_autofree char *text = NULL;
	unsigned n = 0;

	g_file_get_contents(odd->log, &text, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	for (char **line = lines; *line; line++)
		n += g_str_equal(*line, command);
	return n;
}

typedef struct {
	const Odd *odd;
	const char *command;
	unsigned times;
} Asked;

static bool was_asked(Terminal *t, void *data)
{
	const Asked *asked = data;

	(void)t;
	return times_asked(asked->odd, asked->command) >= asked->times;
}

static void expect_asked(const Odd *odd, const char *command, unsigned times)
{
	Asked asked = {odd, command, times};

	terminal_check(odd->terminal,
		       terminal_wait_until(odd->terminal, was_asked, &asked, TERMINAL_PATIENCE));
}

START_TEST(what_was_cancelled_can_be_asked_for_again)
{
	Odd odd = odd_start("half", "");
	Terminal *t = odd.terminal;

	terminal_expect(t, "Letter 3");
	for (int i = 0; i < 2; i++) {
		terminal_keys(t, "<Enter>");
		terminal_expect(t, "loading");
		terminal_keys(t, "<C-c>");
		terminal_expect(t, "Cancelled. Opened again from the list, it is fetched again.");
		terminal_keys(t, "<C-w>k");
	}
	odd_end(&odd);
}
END_TEST

static const struct {
	const char *bad, *settings;
} stuck[] = {{"stuck", ""}, {"stuck", "connections = 1\n"}, {"asleep", ""}, {"late", ""}};

/* The server never ends its answer, or its IDLE, or only begins it when it was cancelled; what
 * comes next does not wait for that. */
START_TEST(what_was_cancelled_holds_nothing_up)
{
	Odd odd = odd_start(stuck[_i].bad, stuck[_i].settings);
	Terminal *t = odd.terminal;
	bool asleep = g_str_equal(stuck[_i].bad, "asleep");

	terminal_expect(t, "Letter 3");
	if (asleep)
		expect_asked(&odd, "IDLE", 1);
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "loading");
	/* Before the IDLE stands, what is cancelled was never sent. */
	if (asleep)
		expect_asked(&odd, "DONE", 1);
	terminal_keys(t, "<C-c>");
	terminal_expect(t, "Cancelled.");
	g_autofree char *go = g_strconcat(odd.log, ".go", NULL);
	ck_assert(g_file_set_contents(go, "", 0, NULL));
	terminal_keys(t, "<C-w>kj<Enter>");
	terminal_expect(t, "Text of 2");
	odd_end(&odd);
}
END_TEST

START_TEST(a_folder_opens_behind_what_was_cancelled)
{
	Odd odd = odd_start("stuck", "");
	Terminal *t = odd.terminal;

	terminal_expect(t, "Letter 3");
	terminal_expect(t, "Other");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "loading");
	terminal_keys(t, "<C-c>");
	terminal_expect(t, "Cancelled.");
	terminal_keys(t, "cOther<Enter>");
	terminal_expect(t, "3 unread of 3");
	terminal_expect(t, "online");
	odd_end(&odd);
}
END_TEST

START_TEST(says_that_no_answer_comes)
{
	Odd odd = odd_start("select", "");
	Terminal *t = odd.terminal;

	terminal_expect_match(t, "server busy [0-9]+ s");
	terminal_keys(t, "?");
	terminal_expect(t, "Keys of this panel");
	terminal_keys(t, "q");
	odd_end(&odd);
}
END_TEST

/* A look every five seconds, and IDLE would begin after two. */
START_TEST(idle_is_asked_for_once_of_who_refuses_it)
{
	Odd odd = odd_start("idle", "poll-interval = 5\n");
	Terminal *t = odd.terminal;

	terminal_expect(t, "Letter 3");
	terminal_expect(t, "Other");
	expect_asked(&odd, "NOOP", 2);
	ck_assert_uint_eq(times_asked(&odd, "IDLE"), 1);
	terminal_keys(t, "cOther<Enter>");
	terminal_expect(t, "Other   3 unread of 3");
	expect_asked(&odd, "NOOP", times_asked(&odd, "NOOP") + 2);
	ck_assert_uint_eq(times_asked(&odd, "IDLE"), 1);
	odd_end(&odd);
}
END_TEST

START_TEST(it_takes_its_leave)
{
	Odd odd = odd_start("nothing", "");

	terminal_expect(odd.terminal, "Letter 3");
	terminal_keys(odd.terminal, "Q");
	terminal_expect_exit(odd.terminal, 0);
	for (int i = 0; i < 1000 && times_asked(&odd, "LOGOUT") == 0; i++)
		g_usleep(20000);
	ck_assert_uint_eq(times_asked(&odd, "LOGOUT"), 1);
	odd_clear(&odd);
}
END_TEST

static bool error_is_gone(Terminal *t, void *data)
{
	g_autofree char *row = terminal_row(t, *(int *)data);

	terminal_keys(t, "k");
	return strstr(row, "is not bound") == NULL;
}

/* Keys typed on in a hurry do not take an error away before it was read. */
START_TEST(an_error_stays_to_be_read)
{
	g_autoptr(Terminal) t = start_demo();
	int row = 28;

	terminal_keys(t, "Xjj");
	terminal_expect_row(t, row, "X is not bound here");
	terminal_keys(t, "jk");
	terminal_expect_row(t, row, "X is not bound here");
	terminal_check(t, terminal_wait_until(t, error_is_gone, &row, TERMINAL_PATIENCE));
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
	tcase_add_test(tcase, what_was_cancelled_can_be_asked_for_again);
	tcase_add_loop_test(tcase, what_was_cancelled_holds_nothing_up, 0, G_N_ELEMENTS(stuck));
	tcase_add_test(tcase, a_folder_opens_behind_what_was_cancelled);
	tcase_add_test(tcase, says_that_no_answer_comes);
	tcase_add_test(tcase, idle_is_asked_for_once_of_who_refuses_it);
	tcase_add_test(tcase, an_error_stays_to_be_read);
	tcase_add_test(tcase, it_takes_its_leave);
	return run_suite(suite);
}
