/* Changes that the server has not confirmed, as the person sees them: offline, at quitting, at the
 * next start, held back, and where they cannot be written down (T084, T167, T173, T178). */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/place.h"
#include "tests/probe.h"
#include "tests/run.h"
#include "tests/terminal.h"

/* A server behind a line that is down while a file is there. */
static const char line[] = "import os, subprocess, sys, threading, time\n"
			   "script, mail, down = sys.argv[1:]\n"
			   "if os.path.exists(down):\n"
			   "    sys.exit(1)\n"
			   "server = subprocess.Popen([script, mail])\n"
			   "def watch():\n"
			   "    while server.poll() is None:\n"
			   "        if os.path.exists(down):\n"
			   "            server.kill()\n"
			   "        time.sleep(0.05)\n"
			   "threading.Thread(target=watch, daemon=True).start()\n"
			   "server.wait()\n";

typedef struct {
	char *directory, *mail, *down, *config, *home;
} Stage;

/* Dovecot reads nobody's mail as root. */
static void give_away(const char *path)
{
	if (getuid() == 0)
		ck_assert_int_eq(chown(path, 65534, 65534), 0);
}

static void make_mail(const char *mail)
{
	static const char *const parts[] = {"",        "/cur",        "/new",        "/tmp",
					    "/.Trash", "/.Trash/cur", "/.Trash/new", "/.Trash/tmp"};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *part = g_strconcat(mail, parts[i], NULL);
		g_mkdir(part, 0777);
		g_chmod(part, 0777);
		give_away(part);
	}
	for (int k = 1; k <= 3; k++) {
		static const char *const names[] = {"", "first", "second", "third"};
		g_autofree char *file = g_strdup_printf("%s/cur/%d.x:2,S", mail, k);
		g_autofree char *text = g_strdup_printf("From: Ada <ada@example.org>\nSubject: The "
							"%s one\nMessage-ID: <%d@x>\n\nHi.\n",
							names[k], k);
		ck_assert(g_file_set_contents(file, text, -1, NULL));
		g_chmod(file, 0666);
		give_away(file);
	}
}

static Stage stage_new(void)
{
	Stage s = {.directory = place_temporary()};
	g_autofree char *program = g_build_filename(s.directory, "line.py", NULL);
	g_autofree char *script = place_source("tests/servers/maildir");

	s.mail = g_build_filename(s.directory, "mail", NULL);
	s.down = g_build_filename(s.directory, "down", NULL);
	s.home = g_strdup_printf("HOME=%s/home", s.directory);
	g_mkdir(strchr(s.home, '/'), 0700);
	ck_assert(g_file_set_contents(program, line, -1, NULL));
	make_mail(s.mail);
	s.config = g_build_filename(s.directory, "config", NULL);
	g_autofree char *text = g_strdup_printf("[account test]\nurl = exec:python3 %s %s %s %s\n",
						program, script, s.mail, s.down);
	ck_assert(g_file_set_contents(s.config, text, -1, NULL));
	g_chmod(s.config, 0600);
	return s;
}

static void stage_free(Stage *s)
{
	place_remove(s->directory);
	g_free(s->directory);
	g_free(s->mail);
	g_free(s->down);
	g_free(s->config);
	g_free(s->home);
}

static Terminal *start(const Stage *s, const char *more)
{
	const char *const arguments[] = {"-c", s->config, NULL};
	const char *const environment[] = {s->home, more, NULL};
	Terminal *t = terminal_start_sheaf(arguments, environment, 24, 100);

	return t;
}

static void go_down(const Stage *s, Terminal *t)
{
	ck_assert(g_file_set_contents(s->down, "", 0, NULL));
	terminal_expect_match(t, "offline|Trying again|Connecting again");
}

static char *flags_of(const Stage *s, const char *mailbox)
{
	g_autoptr(Probe) probe = probe_open_maildir(s->mail);
	g_autofree char *opened = probe_expectf(probe, "EXAMINE %s", mailbox);

	return probe_command(probe, "FETCH 1:* (UID FLAGS)");
}

/* Offline: shown as pending, counted, listed; quitting asks nothing; the next start sends it. */
START_TEST(what_was_done_offline_is_sent_by_the_next_start)
{
	Stage s = stage_new();
	g_autoptr(Terminal) t = start(&s, NULL);

	terminal_expect(t, "The third one");
	terminal_expect(t, "Trash");
	go_down(&s, t);
	terminal_keys(t, "F");
	terminal_expect_match(t, "!.*The third one");
	terminal_keys(t, "jd");
	terminal_expect_gone(t, "The second one");
	terminal_expect(t, "2 pending");
	terminal_keys(t, ":pending<Enter>");
	terminal_expect(t, "set \\Flagged on 1 message in INBOX");
	terminal_expect(t, "move 1 message from INBOX to Trash");
	terminal_keys(t, "qQ");
	terminal_expect_exit(t, 0);
	terminal_expect(t, "2 changes that the server has not confirmed are kept");

	g_unlink(s.down);
	g_autoptr(Terminal) again = start(&s, NULL);
	terminal_expect_match(again, "!.*The third one");
	terminal_expect(again, "Moved 1 message to Trash.");
	terminal_expect_gone(again, "pending");
	terminal_keys(again, ":pending<Enter>");
	terminal_expect(again, "The server has confirmed everything.");
	terminal_keys(again, "qQ");
	terminal_expect_exit(again, 0);
	g_autofree char *inbox = flags_of(&s, "INBOX");
	g_autofree char *trash = flags_of(&s, "Trash");
	ck_assert_msg(strstr(inbox, "UID 3 FLAGS (\\Flagged") && !strstr(inbox, "UID 2"), "%s",
		      inbox);
	ck_assert_ptr_nonnull(strstr(trash, "* 1 FETCH"));
	ck_assert_ptr_null(strstr(trash, "* 2 FETCH"));
	stage_free(&s);
}
END_TEST

/* The folder was replaced meanwhile: not shown, not sent, listed, dropped by its number. */
START_TEST(what_cannot_be_sent_is_held_and_listed)
{
	Stage s = stage_new();
	g_autoptr(Terminal) t = start(&s, NULL);
	static const char *const lists[] = {"dovecot-uidlist",   "dovecot-uidvalidity",
					    "dovecot.index.log", "dovecot.index.cache",
					    "dovecot.index",     "dovecot.list.index.log"};

	terminal_expect(t, "The third one");
	go_down(&s, t);
	terminal_keys(t, "F");
	terminal_expect_match(t, "!.*The third one");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autofree char *file = g_build_filename(s.mail, lists[i], NULL);
		g_unlink(file);
	}
	g_unlink(s.down);
	/* Its numbers come from the time. */
	g_usleep(1100000);
	g_autoptr(Terminal) again = start(&s, NULL);
	terminal_expect(again, "Held back, not sent: set \\Flagged on 1 message in INBOX");
	terminal_expect(again, "1 held");
	terminal_keys(again, ":pending<Enter>");
	terminal_expect(again, "the folder was replaced by another one on the server");
	terminal_expect(again, "waits for you: :pending retry NUMBER");
	terminal_keys(again, "q:pending drop 1<Enter>");
	terminal_expect(again, "It is forgotten.");
	terminal_expect_gone(again, "1 held");
	terminal_keys(again, ":pending drop 1<Enter>");
	terminal_expect(again, "No change that is held back has the number 1.");
	terminal_keys(again, "Q");
	terminal_expect_exit(again, 0);
	g_autofree char *inbox = flags_of(&s, "INBOX");
	ck_assert_ptr_null(strstr(inbox, "\\Flagged"));
	stage_free(&s);
}
END_TEST

/* No place for a journal: said, mail is read and changed all the same, quitting asks when something
 * would be lost. */
START_TEST(without_a_journal_it_is_said)
{
	Stage s = stage_new();
	g_autofree char *file = g_build_filename(s.directory, "file", NULL);
	g_autofree char *state = g_strdup_printf("XDG_STATE_HOME=%s", file);

	ck_assert(g_file_set_contents(file, "x", 1, NULL));
	g_autoptr(Terminal) t = start(&s, state);
	terminal_expect(t, "The third one");
	terminal_expect(t, "Changes are not kept on disk, and are lost");
	terminal_keys(t, "F");
	terminal_expect_match(t, "!.*The third one");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Hi.");
	terminal_keys(t, "q");
	go_down(&s, t);
	terminal_keys(t, "jF");
	terminal_expect_match(t, "!.*The second one");
	terminal_keys(t, "Q");
	terminal_expect(t, "could not be written to the disk. Lose it and quit?");
	terminal_keys(t, "y");
	terminal_expect_exit(t, 0);
	g_autofree char *inbox = flags_of(&s, "INBOX");
	ck_assert_ptr_nonnull(strstr(inbox, "UID 3 FLAGS (\\Flagged"));
	stage_free(&s);
}
END_TEST

/* Two at once: what the one keeps is not the other's as long as it lives (T181). */
START_TEST(two_at_once_keep_their_own)
{
	Stage s = stage_new();
	g_autoptr(Terminal) one = start(&s, NULL);
	g_autoptr(Terminal) two = start(&s, NULL);

	terminal_expect(one, "The third one");
	terminal_expect(two, "The third one");
	go_down(&s, one);
	terminal_keys(one, "F");
	terminal_expect_match(one, "!.*The third one");
	terminal_keys(two, "Q");
	terminal_expect_exit(two, 0);
	g_autoptr(Terminal) three = start(&s, NULL);
	terminal_expect_match(three, "offline|Trying again|Connecting again");
	terminal_keys(three, ":pending<Enter>");
	terminal_expect(three, "The server has confirmed everything.");
	terminal_keys(three, "qQ");
	terminal_expect_exit(three, 0);
	terminal_keys(one, "Q");
	terminal_expect_exit(one, 0);
	g_autoptr(Terminal) four = start(&s, NULL);
	terminal_expect(four, "1 pending");
	terminal_keys(four, ":pending<Enter>");
	terminal_expect(four, "set \\Flagged on 1 message in INBOX");
	terminal_keys(four, "qQ");
	terminal_expect_exit(four, 0);
	stage_free(&s);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("pending_reader", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_was_done_offline_is_sent_by_the_next_start);
	tcase_add_test(tcase, what_cannot_be_sent_is_held_and_listed);
	tcase_add_test(tcase, without_a_journal_it_is_said);
	tcase_add_test(tcase, two_at_once_keep_their_own);
	return run_suite(suite);
}
