/* Threads in the real reader: on servers that thread by REFS (Dovecot), by REFERENCES (Cyrus,
 * Courier), and on one that does not; new mail, folds, whole threads, a search. */
#include <string.h>
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

typedef struct {
	const char *id, *references, *subject;
} Mail;

/* By arrival: the apples are the newest thread. */
static const Mail mails[] = {
	{"a1", NULL, "Apples"},         {"b1", NULL, "Pears"},
	{"a2", "<a1@x>", "Re: Apples"}, {"b2", "<b1@x>", "Re: Pears"},
	{"c1", NULL, "Plums"},          {"a3", "<a1@x> <a2@x>", "Re: Apples, ripe"},
};

static const struct {
	ServerKind kind;
	const char *settings;
} servers[] = {
	{SERVER_DOVECOT, NULL},
	{SERVER_CYRUS, NULL},
	{SERVER_COURIER, NULL},
	{SERVER_DOVECOT, "imap_capability = IMAP4rev1 UIDPLUS LITERAL+ IDLE MOVE\n"},
};

static void append(Probe *p, const Mail *mail)
{
	static unsigned minute;
	g_autofree char *references =
		mail->references ? g_strdup_printf("References: %s\n", mail->references)
				 : g_strdup("");
	g_autofree char *text =
		g_strdup_printf("From: Ada <ada@example.org>\nSubject: %s\nMessage-ID: <%s@x>\n%s"
				"Date: Mon, 7 Sep 2026 18:%02u:34 +0000\n\nThe text of %s.\n",
				mail->subject, mail->id, references, minute++, mail->id);

	probe_append(p, "INBOX", "", text, -1);
}

static Terminal *open_reader(const TestServer *s, Probe *probe, const char *more_lines)
{
	g_autofree char *config = server_config(s, "imaps", more_lines);
	const char *const arguments[] = {"-c", config, NULL};

	for (size_t i = 0; i < G_N_ELEMENTS(mails); i++)
		append(probe, &mails[i]);
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 110);
	terminal_expect(t, "Apples, ripe");
	terminal_expect(t, "of 6");
	return t;
}

/* The list's rows from the second line on, as far as they are given. */
static void expect_subjects(Terminal *t, const char *const *subjects)
{
	for (int i = 0; subjects[i] != NULL; i++)
		terminal_expect_row(t, 2 + i, subjects[i]);
}

#define EXPECT_SUBJECTS(t, ...) expect_subjects(t, (const char *const[]){__VA_ARGS__, NULL})

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

START_TEST(threads_on_every_server)
{
	g_autoptr(TestServer) s =
		server_start(servers[_i].kind, &(ServerOptions){.settings = servers[_i].settings});
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(Terminal) t = open_reader(s, probe, "");

	EXPECT_SUBJECTS(t, " Re: Apples, ripe", " Plums", " Re: Pears", " Re: Apples ");
	terminal_keys(t, "T");
	/* The cursor stays on its message, which stands third now. */
	EXPECT_SUBJECTS(t, " Apples ", "└─ Re: Apples ", "  └─ Re: Apples, ripe", " Plums ",
			" Pears", "└─ Re: Pears");
	terminal_expect_match(t, "INBOX in threads .* 3 of 6");

	/* New mail joins its thread, whose place it takes along. */
	append(probe, &(Mail){"b3", "<b1@x>", "Re: Pears, late"});
	EXPECT_SUBJECTS(t, " Pears", "├─ Re: Pears ", "└─ Re: Pears, late", " Apples ");
	terminal_expect_match(t, "INBOX in threads .* 6 of 7");

	terminal_keys(t, "za");
	terminal_expect_row(t, 5, "3▸ 3● Apples");
	terminal_expect_gone(t, "ripe");
	terminal_keys(t, "zM");
	EXPECT_SUBJECTS(t, "3▸ 3● Pears", "3▸ 3● Apples", " Plums");
	terminal_keys(t, "zR<C-p>");
	EXPECT_SUBJECTS(t, " Pears", "├─ Re: Pears ", "└─ Re: Pears, late", " Apples ");
	terminal_expect_match(t, "in threads .* 1 of 7");

	terminal_keys(t, "gr");
	terminal_expect(t, "4 unread of 7");
	terminal_keys(t, "jjP");
	terminal_expect_match(t, "in threads .* 1 of 7");
	terminal_keys(t, "<C-n>gt");
	terminal_expect(t, "3 tagged");
	terminal_keys(t, "<Esc>T");
	EXPECT_SUBJECTS(t, " Re: Pears, late", " Re: Apples, ripe", " Plums", " Re: Pears");
	quit(t);
}
END_TEST

/* By ORDEREDSUBJECT, where the server has it, also if it has no other THREAD: then what answers
 * what is read from the heads, as before. */
static const struct {
	ServerKind kind;
	const char *settings;
	bool has;
} by_subject[] = {
	{SERVER_DOVECOT, NULL, true},
	{SERVER_CYRUS, NULL, true},
	{SERVER_COURIER, NULL, true},
	{SERVER_DOVECOT, "imap_capability = IMAP4rev1 IDLE THREAD=ORDEREDSUBJECT\n", true},
	{SERVER_DOVECOT, "imap_capability = IMAP4rev1 IDLE THREAD=REFERENCES\n", false},
};

START_TEST(threads_by_subject)
{
	g_autoptr(TestServer) s = server_start(
		by_subject[_i].kind, &(ServerOptions){.settings = by_subject[_i].settings});
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(Terminal) t =
		open_reader(s, probe, "[ui]\nthreads = yes\nthreads-by = subject\n");

	if (by_subject[_i].has) {
		EXPECT_SUBJECTS(t, " Re: Apples, ripe", " Plums ", " Pears", "└─ Re: Pears ",
				" Apples ", "└─ Re: Apples ");
		/* It answers nothing: only the server knows where it belongs.  Courier has each
		 * below the one before. */
		append(probe, &(Mail){"d1", NULL, "Re: Pears"});
		EXPECT_SUBJECTS(t, " Pears", "─ Re: Pears ", "└─ Re: Pears ", " Re: Apples, ripe");
		terminal_keys(t, ":set threads-by references<Enter>");
	} else {
		terminal_expect(t, "it cannot by subject (THREAD=ORDEREDSUBJECT)");
		append(probe, &(Mail){"d1", NULL, "Plums"});
	}
	terminal_expect(t, "└─ Re: Apples, ripe");
	quit(t);
}
END_TEST

START_TEST(a_folded_thread_goes_as_one)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT_FULL, NULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(Terminal) t = open_reader(s, probe, "[ui]\nthreads = yes\n");

	terminal_expect_row(t, 3, "└─ Re: Apples ");
	terminal_keys(t, "zMF");
	terminal_expect(t, "The whole folded thread: 3 messages.");
	terminal_keys(t, "d");
	terminal_expect_gone(t, "Apples");
	terminal_expect(t, "Moved 3 messages to Trash.");
	EXPECT_SUBJECTS(t, " Plums", "2▸ 2● Pears");
	terminal_keys(t, "jzojD");
	terminal_expect(t, "Moved 2 messages to Trash.");
	terminal_expect(t, "1 unread of 1");
	quit(t);
	ck_assert_uint_eq(probe_status(probe, "INBOX", "MESSAGES"), 1);
	ck_assert_uint_eq(probe_status(probe, "Trash", "MESSAGES"), 5);
	g_free(probe_expect(probe, "SELECT Trash"));
	g_autofree char *flagged = probe_expect(probe, "SEARCH FLAGGED");
	ck_assert_msg(strstr(flagged, "* SEARCH 1 2 3\n") != NULL, "%s", flagged);
}
END_TEST

START_TEST(a_search_keeps_threads)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(Terminal) t = open_reader(s, probe, "[ui]\nthreads = yes\n");

	terminal_expect_row(t, 3, "└─ Re: Apples ");
	terminal_keys(t, ":search subject:Re<Enter>");
	terminal_expect_gone(t, "Plums");
	EXPECT_SUBJECTS(t, " Re: Apples ", "└─ Re: Apples, ripe", " Re: Pears");
	terminal_keys(t, "<Esc>");
	EXPECT_SUBJECTS(t, " Apples ", "└─ Re: Apples ", "  └─ Re: Apples, ripe", " Plums ");
	quit(t);
}
END_TEST

/* The next unread message may be folded away. */
START_TEST(unread_mail_unfolds)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(Terminal) t = open_reader(s, probe, "[ui]\nthreads = yes\n");

	terminal_expect_row(t, 3, "└─ Re: Apples ");
	terminal_keys(t, "ggU");
	terminal_expect(t, "5 unread of 6");
	terminal_keys(t, "zM<C-n><S-Tab>");
	terminal_expect_row(t, 3, "└─ Re: Apples ");
	terminal_expect_match(t, "in threads .* 2 of 5");
	quit(t);
}
END_TEST

START_TEST(drawn_in_ascii_too)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autoptr(Terminal) t = open_reader(s, probe, "[ui]\nthreads = yes\nascii = yes\n");

	EXPECT_SUBJECTS(t, " Apples ", "`- Re: Apples ", "  `- Re: Apples, ripe", " Plums ");
	terminal_keys(t, "zM");
	terminal_expect(t, "3+ 3N Apples");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("threads_reader", &tests);

	tcase_add_loop_test(tests, threads_on_every_server, 0, G_N_ELEMENTS(servers));
	tcase_add_loop_test(tests, threads_by_subject, 0, G_N_ELEMENTS(by_subject));
	tcase_add_test(tests, a_folded_thread_goes_as_one);
	tcase_add_test(tests, a_search_keeps_threads);
	tcase_add_test(tests, unread_mail_unfolds);
	tcase_add_test(tests, drawn_in_ascii_too);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
