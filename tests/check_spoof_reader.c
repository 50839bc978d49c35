/* Words from outside on the screen: T010 of servers, T013 the mark of clear text, T059 names that
 * look like commands, T193 and T196 the prompt for the password. */
#define _GNU_SOURCE /* memmem */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"
#include "tests/tls_server.h"

static const char message[] = "From: Ada <ada@example.org>\nSubject: Over the wire\n\nHello.\n";

/* In which a letter that is typed would have been drawn. */
#define ECHO_MS 1000

/* What a forged prompt would look like. */
#define PROMPT "Password of alice at localhost:"

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

static Terminal *start(const char *place, const char *ca_file, int rows, int cols)
{
	const char *const arguments[] = {"-c", "none", "--ca", ca_file, place, NULL};

	return terminal_start_sheaf(arguments, NULL, rows, cols);
}

static void expect_ours(Terminal *t)
{
	g_autofree char *foreign = terminal_foreign(t);

	ck_assert_msg(foreign == NULL, "On the terminal stood %s", foreign);
}

/* --- T010 --- */

#define DIAL "dial 555-1234"

/* Every row that holds the server's words begins with its name, and there is one at most. */
static void expect_introduced(Terminal *t)
{
	unsigned rows = 0;

	for (int row = 0; row < terminal_rows(t); row++) {
		g_autofree char *text = terminal_row(t, row);
		const char *at = strstr(text, DIAL), *who = strstr(text, "localhost says: ");

		if (at == NULL)
			continue;
		rows++;
		ck_assert_msg(who != NULL && who < at, "%s", text);
	}
	ck_assert_uint_le(rows, 1);
}

#define OPENED                                                                                     \
	"CAPABILITY * CAPABILITY IMAP4rev1", "SELECT * FLAGS (\\Seen)", "SELECT * 0 EXISTS",       \
		"SELECT * OK [UIDVALIDITY 1] it is", "SELECT $TAG OK [READ-WRITE] open",           \
		"LIST * LIST () \"/\" INBOX"

static const struct {
	const char *replies[10];
} talkative[] = {
	/* A refusal that would clear the screen, ring, and turn round. */
	{{"LOGIN $TAG NO [AUTHENTICATIONFAILED] " DIAL " \x1b[2J\x1b]0;x\x07\xe2\x80\xae" PROMPT}},
	{{"LOGIN * BYE [ALERT] " DIAL " \x1b[2J\r" PROMPT}},
	{{"LOGIN * OK [ALERT] " DIAL " \x1b[2J\r" PROMPT, OPENED}},
	/* Behind the log-in, where nothing else is said any more. */
	{{OPENED, "LIST * OK [ALERT] " DIAL " \x9b"
		  "2J" PROMPT}},
	{{OPENED, "LIST * NO [PARSE] " DIAL " \x1b[2J" PROMPT, "LIST $TAG NO " DIAL "\x1b[2J"}},
};

START_TEST(words_of_a_server_are_introduced)
{
	TlsServer *s = tls_server_start(
		&(TlsServerOptions){.names = "DNS:localhost",
				    .greeting = "* OK [CAPABILITY IMAP4rev1] " DIAL "\x1b[2J",
				    .replies = talkative[_i].replies});
	g_autofree char *place =
		g_strdup_printf("imaps://alice:secret@localhost:%u/", tls_server_port(s));
	Terminal *t = start(place, tls_server_ca_file(s), 24, 160);

	terminal_expect_match(t, "localhost says: .*" DIAL);
	expect_introduced(t);
	expect_ours(t);
	ck_assert_str_ne(terminal_title(t), "x");
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* 500 columns and no more, in a window that has them. */
START_TEST(words_of_a_server_are_cut)
{
	g_autofree char *many = g_strnfill(3000, 'w');
	g_autofree char *reply = g_strconcat("LOGIN * OK [ALERT] " DIAL " ", many, NULL);
	const char *const replies[] = {reply, OPENED, NULL};
	TlsServer *s = tls_server_start(
		&(TlsServerOptions){.names = "DNS:localhost",
				    .greeting = "* OK [CAPABILITY IMAP4rev1] hello",
				    .replies = replies});
	g_autofree char *place =
		g_strdup_printf("imaps://alice:secret@localhost:%u/", tls_server_port(s));
	Terminal *t = start(place, tls_server_ca_file(s), 24, 700);
	unsigned n = 0;

	terminal_expect(t, "localhost says: " DIAL " www");
	g_autofree char *screen = terminal_text(t);
	for (const char *at = strstr(screen, DIAL " w") + strlen(DIAL " "); at && *at == 'w'; at++)
		n++;
	ck_assert_uint_eq(n + strlen("localhost says: " DIAL " "), 500);
	expect_introduced(t);
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

static const char *const in_clear[][6] = {
	{"STARTTLS * OK [ALERT] " DIAL, "STARTTLS * BYE " DIAL},
	{"STARTTLS $TAG NO [ALERT] " DIAL},
	{"STARTTLS $TAG BAD " DIAL},
	{"CAPABILITY * CAPABILITY IMAP4rev1", "CAPABILITY * NO [ALERT] " DIAL},
};

/* Nothing that was said before TLS is shown, and nothing that was said in a greeting. */
START_TEST(words_in_clear_are_not_shown)
{
	TlsServer *s = tls_server_start(&(TlsServerOptions){
		.names = "DNS:localhost",
		.greeting = _i == 3 ? "* OK [ALERT] " DIAL
				    : "* OK [CAPABILITY IMAP4rev1 STARTTLS] [ALERT] " DIAL,
		.replies = in_clear[_i],
		.starttls = true});
	g_autofree char *place =
		g_strdup_printf("imap://alice:secret@localhost:%u/", tls_server_port(s));
	Terminal *t = start(place, tls_server_ca_file(s), 24, 100);
	size_t len;

	terminal_expect_match(t, "localhost (closed the connection|refused to encrypt|does not "
				 "offer to encrypt)");
	terminal_keys(t, "M");
	terminal_expect(t, "Log - q closes");
	ck_assert_ptr_null(strstr(terminal_raw(t, &len), "555-1234"));
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* --- T013 --- */

static bool is_marked(Terminal *t)
{
	g_autofree char *title = terminal_row(t, 0);

	return strstr(title, "NOT ENCRYPTED") != NULL;
}

/* mail.localhost is this machine, but not by a name that Sheaf takes for it. */
static char *clear_config(const TestServer *s, const char *more)
{
	g_autofree char *lines = g_strdup_printf("url = imap+plain://%s@mail.localhost:%d\n%s",
						 s->user, s->port, more);

	return server_config(s, "imap+plain", lines);
}

START_TEST(clear_text_wants_a_word_and_is_marked)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *without = clear_config(s, "");
	g_autofree char *with = clear_config(s, "tls = none\n");
	const char *const refused[] = {"-c", without, NULL}, *const allowed[] = {"-c", with, NULL};
	static const char *const wanderings[][2] = {{"<Enter>", "Hello."},
						    {"?", "Keys of this panel"},
						    {"q", "Hello."},
						    {"i", "Over the wire"},
						    {"/Ada<Enter>", "1 message found"},
						    {"<Esc>", "Over the wire"},
						    {"<F5>", "Looking for new mail"},
						    {"d", "Over the wire"}};

	server_add_message(s, s->user, "INBOX", "", message);
	g_autoptr(Terminal) none = terminal_start_sheaf(refused, NULL, 24, 100);
	terminal_expect_exit(none, 1);
	ck_assert(terminal_find(none, "would be read in clear text", NULL) >= 0);

	g_autoptr(Terminal) t = terminal_start_sheaf(allowed, NULL, 24, 80);
	terminal_expect(t, "Over the wire");
	terminal_check(t, is_marked(t));
	for (size_t i = 0; i < G_N_ELEMENTS(wanderings); i++) {
		terminal_keys(t, wanderings[i][0]);
		terminal_expect(t, wanderings[i][1]);
		terminal_check(t, is_marked(t));
	}
	quit(t);
}
END_TEST

/* --- T059 --- */

static const char *const commands[] = {"`touch x`", "$(touch x)", ";touch x"};

static void expect_nothing_ran(const Terminal *t)
{
	g_autofree char *at_home = g_build_filename(terminal_home(t), "x", NULL);

	ck_assert_msg(!g_file_test("x", G_FILE_TEST_EXISTS), "x was made here");
	ck_assert_msg(!g_file_test(at_home, G_FILE_TEST_EXISTS), "x was made at home");
}

START_TEST(names_are_no_commands)
{
	const char *name = commands[_i];
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
	g_autofree char *place = server_url(s, "imap+plain", escaped);
	g_autofree char *setting = g_strdup_printf("[keys index]\nX = change-folder %s\n", name);
	g_autofree char *binding = g_strdup_printf(":bind index Y copy %s<Enter>", name);
	g_autofree char *config = server_config(s, "imap+plain", setting);
	const char *const arguments[] = {"-c", config, NULL};
	const char *const by_url[] = {"-c", "none", place, NULL};

	g_unlink("x");
	server_add_message(s, s->user, name, "", message);
	server_add_message(s, s->user, "INBOX", "", message);
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 30, 120);

	terminal_expect(t, "of 1 ");
	terminal_expect(t, name);
	/* By completion, by a setting, and typed. */
	terminal_keys(t, "ctouch<Tab><Enter>");
	terminal_expect_row(t, 0, name);
	terminal_expect(t, "Over the wire");
	terminal_keys(t, "gi");
	terminal_expect_row(t, 0, "INBOX");
	terminal_keys(t, "X");
	terminal_expect_row(t, 0, name);
	terminal_keys(t, "gi");
	terminal_expect_row(t, 0, "INBOX");
	terminal_keys(t, ":change-folder touch<Tab><Enter>");
	terminal_expect_row(t, 0, name);
	terminal_keys(t, "gi");
	terminal_expect_row(t, 0, "INBOX");
	/* Copied and moved to. */
	terminal_keys(t, binding);
	terminal_keys(t, "Y");
	terminal_expect(t, "Copied 1 message to ");
	terminal_keys(t, "Ctouch<Tab><Enter>");
	terminal_expect(t, "Copied 1 message to ");
	terminal_keys(t, "stouch<Tab><Enter>");
	terminal_expect(t, "Moved 1 message to ");
	/* Subscribed to and not, from the tree. */
	terminal_keys(t, "ctouch<Tab><Enter>");
	terminal_expect_row(t, 0, name);
	terminal_keys(t, "<C-w>hS");
	terminal_expect_match(t, "(Subscribed to|Unsubscribed from) ");
	terminal_keys(t, "S");
	terminal_expect_match(t, "(Subscribed to|Unsubscribed from) ");
	expect_nothing_ran(t);
	quit(t);
	expect_nothing_ran(t);

	g_autoptr(Terminal) again = terminal_start_sheaf(by_url, NULL, 24, 80);
	terminal_expect(again, "Password of");
	terminal_keys(again, "secret<Enter>");
	terminal_expect_row(again, 0, name);
	terminal_expect(again, "Over the wire");
	quit(again);
	expect_nothing_ran(again);
}
END_TEST

/* --- T193, T196 --- */

static void expect_nowhere_on_disk(const char *directory, const char *secret)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *text = NULL;
		gsize len;

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			expect_nowhere_on_disk(path, secret);
		else if (g_file_get_contents(path, &text, &len, NULL))
			ck_assert_msg(memmem(text, len, secret, strlen(secret)) == NULL, "%s",
				      path);
	}
}

/* The keyring is locked, so the command fails: what it says is shown, the password is asked for
 * where it cannot be seen, and kept nowhere. */
START_TEST(a_locked_keyring_leads_to_the_prompt)
{
	static const char secret[] = "quite-unlikely-password";
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT_FULL, NULL);
	g_autofree char *users = g_build_filename(s->directory, "users", NULL);
	g_autofree char *line = g_strdup_printf("alice:%s::::::\n", secret);
	g_autofree char *config = server_config(
		s, "imaps", "password-command = echo keyring is locked >&2; exit 1\n");
	const char *const arguments[] = {"-c", config, "--log", "log", NULL};
	g_autofree char *before = NULL, *after = NULL;
	size_t len;

	ck_assert(g_file_set_contents(users, line, -1, NULL));
	g_chmod(users, 0644);
	ck_assert(g_file_get_contents(config, &before, NULL, NULL));
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);
	terminal_expect(t, "keyring is locked");
	terminal_expect(t, PROMPT);
	terminal_keys(t, secret);
	/* No echo: nothing moves, and nothing is drawn instead. */
	ck_assert(!terminal_wait_match(t, "at localhost: *[^ \n]", ECHO_MS));
	terminal_keys(t, "<Left><Backspace>x");
	terminal_keys(t, "<C-e><C-u>");
	terminal_keys(t, secret);
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "0 unread of 0");
	/* Not in a history either. */
	terminal_keys(t, ":<Up>");
	ck_assert(!terminal_wait(t, secret, ECHO_MS));
	terminal_keys(t, "<C-c>");
	quit(t);
	ck_assert_ptr_null(strstr(terminal_raw(t, &len), secret));
	expect_nowhere_on_disk(terminal_home(t), secret);
	ck_assert(g_file_get_contents(config, &after, NULL, NULL));
	ck_assert_str_eq(before, after);
	g_autofree char *log = NULL;
	ck_assert(g_file_get_contents("log", &log, NULL, NULL));
	ck_assert_ptr_null(strstr(log, secret));
	g_unlink("log");
}
END_TEST

/* The place of the prompt, where nothing but Sheaf's own words begins a row. */
static bool holds_prompt(Terminal *t)
{
	g_autofree char *last = terminal_row(t, terminal_rows(t) - 1);
	int row, col;
	bool visible;

	terminal_cursor(t, &row, &col, &visible);
	return g_str_has_prefix(last, PROMPT) && visible && row == terminal_rows(t) - 1;
}

static char *forged_mail(void)
{
	GString *mail = g_string_new("From: \"" PROMPT "\" <a@example.org>\n"
				     "Subject: " PROMPT "\n"
				     "Content-Type: multipart/mixed; boundary=b\n\n"
				     "--b\nContent-Type: text/plain\n\n");

	for (int i = 0; i < 100; i++)
		g_string_append(mail, PROMPT "\n");
	g_string_append(mail, "--b\nContent-Type: text/plain; name=\"" PROMPT "\"\n\nx\n--b--\n");
	return g_string_free(mail, FALSE);
}

/* With a line of hints at the bottom and without one. */
START_TEST(nothing_from_outside_looks_like_the_prompt)
{
	static const char *const wanderings[][2] = {
		{"<Enter>", "Subject: "}, {"<PageDown>", "of 1 "}, {"gR", "Message as sent"},
		{"q", "of 1 "},           {"v", "Parts - Enter"},  {"q", "of 1 "},
		{"i", "of 1 "},           {"<C-w>h", "of 1 "},     {"<C-w>l", "of 1 "},
		{"C", "Copy to:"}};
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *place = server_url(s, "imap+plain", NULL);
	g_autofree char *mail = forged_mail();
	const char *const arguments[] = {"-c",  "none", "--set", _i ? "hints=no" : "hints=yes",
					 place, NULL};

	server_add_message(s, s->user, "INBOX", "", mail);
	server_add_message(s, s->user, PROMPT, "", mail);
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);
	terminal_expect(t, PROMPT);
	terminal_check(t, holds_prompt(t));
	terminal_keys(t, "secret<Enter>");
	terminal_expect(t, " of 1");
	terminal_check(t, !holds_prompt(t));
	for (size_t i = 0; i < G_N_ELEMENTS(wanderings); i++) {
		terminal_keys(t, wanderings[i][0]);
		terminal_expect(t, wanderings[i][1]);
		terminal_check(t, !holds_prompt(t));
	}
	terminal_keys(t, "Pass<Tab>");
	terminal_check(t, !holds_prompt(t));
}
END_TEST

/* A server whose words are those of the prompt, where they are shown longest. */
START_TEST(a_server_does_not_look_like_the_prompt)
{
	static const char *const replies[] = {"LOGIN * OK [ALERT] " PROMPT, OPENED, NULL};
	TlsServer *s = tls_server_start(
		&(TlsServerOptions){.names = "DNS:localhost",
				    .greeting = "* OK [CAPABILITY IMAP4rev1] hello",
				    .replies = replies});
	g_autofree char *place =
		g_strdup_printf("imaps://alice:secret@localhost:%u/", tls_server_port(s));
	const char *const arguments[] = {"-c",    "none",     "--ca", tls_server_ca_file(s),
					 "--set", "hints=no", place,  NULL};
	/* Where the words would begin a row, if they were wrapped there. */
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect(t, "localhost says: " PROMPT);
	terminal_check(t, !holds_prompt(t));
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* User and host are there, however long they are. */
START_TEST(the_prompt_names_user_and_host)
{
	static const char *const users[] = {
		"alice", "somebody.with.a.very.long.name.indeed%40a.department.of.example.org"};
	g_autofree char *place = g_strdup_printf(
		"imaps://%s@a-rather-long-name.of.a.mail.server.example.org/", users[_i]);
	const char *const arguments[] = {"-c", "none", place, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect_match(t, "Password of (alice|somebod[^ ]*…) at "
				 "a-rather-long-name.of.a.mail.server.example.org:");
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "Not logged in");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("spoof_reader", &tests);

	tcase_add_loop_test(tests, words_of_a_server_are_introduced, 0, G_N_ELEMENTS(talkative));
	tcase_add_test(tests, words_of_a_server_are_cut);
	tcase_add_loop_test(tests, words_in_clear_are_not_shown, 0, G_N_ELEMENTS(in_clear));
	tcase_add_test(tests, clear_text_wants_a_word_and_is_marked);
	tcase_add_loop_test(tests, names_are_no_commands, 0, G_N_ELEMENTS(commands));
	tcase_add_test(tests, a_locked_keyring_leads_to_the_prompt);
	tcase_add_loop_test(tests, nothing_from_outside_looks_like_the_prompt, 0, 2);
	tcase_add_test(tests, a_server_does_not_look_like_the_prompt);
	tcase_add_loop_test(tests, the_prompt_names_user_and_host, 0, 2);
	tcase_set_timeout(tests, 120);
	return run_suite(suite);
}
