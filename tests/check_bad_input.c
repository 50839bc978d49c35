/* What cannot work gets one clear sentence: on the screen, which stays usable, where it can be
 * mended there; else on standard error, with an exit status, and the terminal as it was. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static void expect_usable_and_quit(Terminal *t)
{
	terminal_keys(t, "?");
	terminal_expect(t, "Keys of this panel");
	terminal_keys(t, "qQ");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);

	g_autofree char *foreign = terminal_foreign(t);

	terminal_check(t, foreign == NULL);
}

/* Without a configuration, so that the password is asked for. */
static Terminal *start_at(const char *place, const char *password)
{
	const char *const arguments[] = {"-c", "none", place, NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 100);

	terminal_expect(t, "Password of ");
	terminal_keys(t, password);
	terminal_keys(t, "<Enter>");
	return t;
}

START_TEST(unknown_host)
{
	g_autoptr(Terminal) t = start_at("imaps://me@no-such-host.invalid/", "secret");

	terminal_expect_match(t, "There is no host named no-such-host.invalid|"
				 "This machine has no network");
	expect_usable_and_quit(t);
}
END_TEST

START_TEST(refused_port)
{
	g_autofree char *place =
		g_strdup_printf("imap+plain://me@127.0.0.1:%d/", server_free_port());
	g_autoptr(Terminal) t = start_at(place, "secret");

	terminal_expect_match(t, "(?i)refused");
	expect_usable_and_quit(t);
}
END_TEST

typedef struct {
	const char *says;
	const char *sentence;
	int listening;
} OddServer;

static OddServer odd_servers[] = {
	{"", "(?i)(closed|ended|lost)", -1},
	{"* BYE Come back tomorrow\r\n", "Come back tomorrow", -1},
	{"* BYE \x1b]0;title\x07\x1b[2J\xc2\x9b\x80 No \x1b[31mred\r\n", "No .*red", -1},
	{"HTTP/1.1 400 Bad Request\r\n\r\n", "(?i)127\\.0\\.0\\.1.*IMAP", -1},
};

/* Says its piece to everyone and closes, for as long as the test runs. */
static void *serve_oddly(void *data)
{
	OddServer *odd = data;
	int fd;

	while ((fd = accept(odd->listening, NULL, NULL)) >= 0) {
		if (send(fd, odd->says, strlen(odd->says), MSG_NOSIGNAL) > 0)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

static int listen_anywhere(int *listening)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	*listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(*listening, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(*listening, 8), 0);
	ck_assert_int_eq(getsockname(*listening, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static int start_odd_server(OddServer *odd)
{
	int port = listen_anywhere(&odd->listening);

	g_thread_unref(g_thread_new("server", serve_oddly, odd));
	return port;
}

START_TEST(odd_server)
{
	g_autofree char *place = g_strdup_printf("imap+plain://me@127.0.0.1:%d/",
						 start_odd_server(&odd_servers[_i]));
	g_autoptr(Terminal) t = start_at(place, "secret");

	terminal_expect_match(t, odd_servers[_i].sentence);
	expect_usable_and_quit(t);
}
END_TEST

/* Connected, and never a word: no key waits for it. */
START_TEST(silent_server)
{
	int listening;
	g_autofree char *place =
		g_strdup_printf("imap+plain://me@127.0.0.1:%d/", listen_anywhere(&listening));
	g_autoptr(Terminal) t = start_at(place, "secret");

	terminal_expect(t, "Connecting to 127.0.0.1");
	expect_usable_and_quit(t);
	close(listening);
}
END_TEST

START_TEST(wrong_password)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *place = server_url(s, "imap+plain", NULL);
	g_autoptr(Terminal) t = start_at(place, "wrong");

	terminal_expect_match(t, "(?i)authentication failed");
	terminal_expect(t, "Log in at localhost as: alice");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Password of alice");
	terminal_keys(t, "secret<Enter>");
	terminal_expect(t, "0 unread of 0");
	expect_usable_and_quit(t);
}
END_TEST

START_TEST(password_command_that_fails)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *config = server_config(
		s, "imap+plain", "password-command = echo the safe is locked >&2; exit 3\n");
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 100);

	terminal_expect(t, "the safe is locked");
	terminal_expect(t, "Password of alice at localhost");
	terminal_keys(t, "<Esc>");
	terminal_expect_gone(t, "Password of");
	expect_usable_and_quit(t);
}
END_TEST

START_TEST(no_such_mailbox)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *config = server_config(s, "imap+plain", "");
	g_autofree char *place = server_url(s, "imap+plain", "Nowhere");
	g_autofree char *url = g_strdup_printf("url = %s\n", place);
	g_autofree char *other = server_config(s, "imap+plain", url);
	const char *const arguments[] = {"-c", other, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 100);

	terminal_expect_match(t, "Nowhere.*(?i)(exist|open)");
	terminal_expect(t, "  INBOX ");
	terminal_keys(t, "gi");
	terminal_expect(t, "0 unread of 0");
	expect_usable_and_quit(t);
}
END_TEST

static const struct {
	const char *const arguments[6];
	const char *const environment[3];
	int rows, cols, status;
	const char *sentence;
} ends[] = {
	{{"demo"}, {NULL}, 9, 80, 1, "40x10"},
	{{"demo"}, {NULL}, 24, 39, 1, "40x10"},
	{{"demo"}, {"TERM"}, 24, 80, 1, "TERM"},
	{{"demo"}, {"TERM=no-such-terminal"}, 24, 80, 1, "no-such-terminal"},
	{{"demo"}, {"TERM=dumb"}, 24, 80, 1, "dumb"},
	{{"gopher://example.org/"}, {NULL}, 24, 80, 1, "gopher"},
	{{"imap+plain://me@mail.example.org/"}, {NULL}, 24, 80, 1, "imaps://"},
	{{"/no/such/maildir"}, {NULL}, 24, 80, 1, "/no/such/maildir"},
	{{"nosuchaccount"}, {NULL}, 24, 80, 1, "nosuchaccount"},
	{{"-c", "/no/such/file", "demo"}, {NULL}, 24, 80, 1, "/no/such/file"},
	{{"--no-such-option"}, {NULL}, 24, 80, 2, "--no-such-option"},
	{{"one", "two"}, {NULL}, 24, 80, 2, "one place"},
	{{NULL}, {NULL}, 24, 80, 1, "imaps://me@example.org"},
};

START_TEST(ends_with_a_sentence)
{
	g_autoptr(Terminal) t = terminal_start_sheaf(ends[_i].arguments, ends[_i].environment,
						     ends[_i].rows, ends[_i].cols);

	terminal_expect_exit(t, ends[_i].status);
	terminal_expect_restored(t);

	size_t len;
	const char *raw = terminal_raw(t, &len);

	ck_assert_msg(strstr(raw, ends[_i].sentence) != NULL, "%s is not in: %s", ends[_i].sentence,
		      raw);
	ck_assert_msg(g_str_has_prefix(raw, "sheaf: ") && strchr(raw, '\n') == raw + len - 1,
		      "Not one sentence: %s", raw);
}
END_TEST

START_TEST(needs_a_terminal)
{
	const char *const argv[] = {place_binary(), "demo", NULL};
	g_autofree char *out = NULL, *err = NULL;
	int status = 0;

	ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err,
			       &status, NULL));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	ck_assert_msg(strstr(err, "terminal") != NULL, "%s", err);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(bad_lines_in_the_configuration_do_not_stop_it)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *config =
		server_config(s, "imap+plain", "colour = red\n[ui]\nwarp = 3\nnonsense\n");
	g_autofree char *place = g_strdup_printf("%s:7", config);
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 160);

	terminal_expect(t, "0 unread of 0");
	terminal_keys(t, ":config-errors<Enter>");
	terminal_expect(t, place);
	terminal_expect(t, "wrap");
	terminal_keys(t, "q");
	expect_usable_and_quit(t);
}
END_TEST

START_TEST(survives_a_window_that_became_too_small)
{
	const char *const arguments[] = {"demo", NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	/* In order: before that the cursor would go with its message. */
	terminal_expect_row(t, 3, "2. Up and down");
	terminal_resize(t, 3, 10);
	terminal_keys(t, "j");
	terminal_resize(t, 24, 80);
	terminal_expect(t, "Welcome to Sheaf");
	expect_usable_and_quit(t);
}
END_TEST

START_TEST(ends_in_order_when_the_window_is_closed)
{
	const char *const arguments[] = {"demo", NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect(t, "Welcome to Sheaf");
	terminal_hangup(t);
	ck_assert_int_ne(terminal_exit_status(t, TERMINAL_PATIENCE), -1);
	ck_assert_int_lt(terminal_exit_status(t, TERMINAL_PATIENCE), 128);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("bad_input", &tests);

	tcase_add_test(tests, unknown_host);
	tcase_add_test(tests, refused_port);
	tcase_add_loop_test(tests, odd_server, 0, G_N_ELEMENTS(odd_servers));
	tcase_add_test(tests, silent_server);
	tcase_add_test(tests, wrong_password);
	tcase_add_test(tests, password_command_that_fails);
	tcase_add_test(tests, no_such_mailbox);
	tcase_add_loop_test(tests, ends_with_a_sentence, 0, G_N_ELEMENTS(ends));
	tcase_add_test(tests, needs_a_terminal);
	tcase_add_test(tests, bad_lines_in_the_configuration_do_not_stop_it);
	tcase_add_test(tests, survives_a_window_that_became_too_small);
	tcase_add_test(tests, ends_in_order_when_the_window_is_closed);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
