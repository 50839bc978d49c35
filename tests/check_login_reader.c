/* T038, T039 on the screen: a log-in that fails says in one sentence what to do, and the password
 * is asked for again where another one may help, and nowhere else; the server is asked again once
 * for each thing the person did. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"
#include "tests/tls_server.h"

/* Longer than the first pauses before a connection is tried again, which are of a second. */
#define LONG_MS 3000

static const char message[] = "From: Ada <ada@example.org>\nSubject: Over the wire\n\nHello.\n";

static Terminal *start(const char *place, const char *ca_file, const char *password, int rows,
		       int cols)
{
	const char *const arguments[] = {"-c", "none", "--ca", ca_file, place, NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, rows, cols);

	terminal_expect(t, "Password of ");
	terminal_keys(t, password);
	terminal_keys(t, "<Enter>");
	return t;
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

static char *read_log(const TestServer *s)
{
	g_autofree char *file = g_build_filename(s->directory, "log", NULL);
	char *log = NULL;

	return g_file_get_contents(file, &log, NULL, NULL) ? log : g_strdup("");
}

/* How many lines of the server's log hold that. */
static unsigned count(const TestServer *s, const char *text)
{
	g_autofree char *log = read_log(s);
	unsigned n = 0;

	for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

static bool has_counted(Terminal *t, void *data)
{
	const TestServer *s = data;

	(void)t;
	return count(s, "auth failed, 1 attempts") > 0;
}

static const struct {
	int rows, cols;
} sizes[] = {{24, 80}, {40, 120}, {60, 200}};

/* The whole sentence stands there; one try for each password that was typed. */
START_TEST(wrong_password)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *place = server_url(s, "imaps", NULL);
	g_autoptr(Terminal) t = start(place, s->ca_file, "wrong", sizes[_i].rows, sizes[_i].cols);

	server_add_message(s, s->user, "INBOX", "", message);
	terminal_expect(t, "Type name and password again. localhost says: Authentication failed.");
	terminal_expect_row(t, 0, "log-in refused");
	terminal_expect(t, "Log in at localhost as: alice");
	terminal_assert(t, terminal_wait_until(t, has_counted, s, TERMINAL_PATIENCE), __FILE__,
			__LINE__, "one try in", "the server's log");
	ck_assert(!terminal_wait(t, "Password of", LONG_MS));
	ck_assert_uint_eq(count(s, "auth failed, 1 attempts"), 1);
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Password of alice at localhost:");
	terminal_keys(t, "secret<Enter>");
	terminal_expect(t, "Over the wire");
	quit(t);
}
END_TEST

/* It looks at its list of users once in a second. */
static void wait_for_dovecot(void)
{
	g_usleep(1100 * 1000);
}

/* The full Dovecot, with a line more in its list of users. */
static TestServer *start_with_user(const char *line)
{
	TestServer *s = server_start(SERVER_DOVECOT_FULL, NULL);
	g_autofree char *users = g_build_filename(s->directory, "users", NULL);
	g_autofree char *before = NULL, *after = NULL;

	server_add_message(s, s->user, "INBOX", "", message);
	ck_assert(g_file_get_contents(users, &before, NULL, NULL));
	after = g_strconcat(before, line, "\n", NULL);
	ck_assert(g_file_set_contents(users, after, -1, NULL));
	g_chmod(users, 0644);
	wait_for_dovecot();
	return s;
}

static char *place_of(const TestServer *s, const char *user)
{
	return g_strdup_printf("imaps://%s@localhost:%d/", user, s->tls_port);
}

START_TEST(unknown_user)
{
	g_autoptr(TestServer) s = start_with_user("");
	g_autofree char *place = place_of(s, "nobody");
	g_autoptr(Terminal) t = start(place, s->ca_file, "secret", 24, 80);

	terminal_expect(t, "Type name and password again. localhost says: Authentication failed.");
	terminal_expect(t, "Log in at localhost as: nobody");
	/* Another name, this time one that there is. */
	terminal_keys(t, "<C-u>alice<Enter>");
	terminal_expect(t, "Password of alice at localhost:");
	terminal_keys(t, "secret<Enter>");
	terminal_expect(t, "Over the wire");
	quit(t);
}
END_TEST

/* No password opens it: none is asked for, and nothing is tried but by the person. */
START_TEST(locked_account)
{
	g_autoptr(TestServer) s = start_with_user("locked:secret::::::nologin reason=Locked");
	g_autofree char *place = place_of(s, "locked");
	g_autoptr(Terminal) t = start(place, s->ca_file, "secret", 24, 80);

	terminal_expect(t,
			"This account is shut: ask those who run the server. localhost says: Lock");
	terminal_expect_row(t, 0, "log-in refused");
	ck_assert(!terminal_wait_match(t, "Password of|Log in at", LONG_MS));
	ck_assert_uint_eq(count(s, "user=<locked>"), 1);
	terminal_keys(t, "<F5>");
	terminal_expect(t, "This account is shut");
	ck_assert(!terminal_wait_match(t, "Password of|Log in at", LONG_MS));
	quit(t);
	ck_assert_uint_eq(count(s, "user=<locked>"), 2);
}
END_TEST

START_TEST(too_many_connections)
{
	g_autoptr(TestServer) s = server_start(
		SERVER_DOVECOT,
		&(ServerOptions){
			.settings = "protocol imap {\n  mail_max_userip_connections = 1\n}\n"});
	g_autofree char *place = server_url(s, "imaps", NULL);

	server_add_message(s, s->user, "INBOX", "", message);
	Probe *other = server_probe(s, s->user);
	g_autoptr(Terminal) t = start(place, s->ca_file, "secret", 24, 80);

	terminal_expect(t,
			"Too many connections: close another mail program. Trying again by itself");
	ck_assert(!terminal_wait_match(t, "Password of|Log in at", LONG_MS));
	probe_close(other);
	terminal_keys(t, "<F5>");
	terminal_expect(t, "Over the wire");
	quit(t);
}
END_TEST

/* The server is ill: the password is kept, and used again when it is well. */
START_TEST(temporary_failure)
{
	g_autoptr(TestServer) s = start_with_user("another:secret::::::");
	g_autofree char *users = g_build_filename(s->directory, "users", NULL);
	g_autofree char *place = place_of(s, "alice");

	g_chmod(users, 0);
	g_utime(users, NULL);
	wait_for_dovecot();
	g_autoptr(Terminal) t = start(place, s->ca_file, "secret", 24, 80);
	terminal_expect(t, "The server cannot check passwords now. Trying again by itself");
	ck_assert(!terminal_wait_match(t, "Password of|Log in at", LONG_MS));
	g_chmod(users, 0644);
	terminal_expect(t, "Over the wire");
	quit(t);
}
END_TEST

/* What no real server here does when it is asked to. */
static const struct {
	const char *reply;
	const char *sentence;
	bool asks, retries;
} scripted[] = {
	{"LOGIN $TAG NO [EXPIRED] Password expired",
	 "The password has expired: set a new one, and type it. localhost says: Password", true,
	 false},
	{"LOGIN $TAG NO [AUTHORIZATIONFAILED] No mail for you",
	 "This name may not read that mail: type another. localhost says: No mail for you", true,
	 false},
	{"LOGIN $TAG BAD No such command",
	 "The server does not know this way to log in: name another with sasl =. localho", false,
	 false},
	{"LOGIN * BYE Too many users here",
	 "localhost says: Too many users here. Trying again by itself", false, true},
	{"LOGIN CLOSE", "localhost closed the connection. Trying again by itself", false, true},
	{"LOGIN $TAG NO [INUSE] You are here", "Too many connections: close another mail program.",
	 false, true},
};

START_TEST(scripted_refusal)
{
	const char *const replies[] = {scripted[_i].reply, NULL};
	TlsServer *s = tls_server_start(
		&(TlsServerOptions){.names = "DNS:localhost",
				    .greeting = "* OK [CAPABILITY IMAP4rev1] hello",
				    .replies = replies});
	g_autofree char *place = g_strdup_printf("imaps://alice@localhost:%u/", tls_server_port(s));
	Terminal *t = start(place, tls_server_ca_file(s), "secret", 24, 80);

	terminal_expect(t, scripted[_i].sentence);
	if (scripted[_i].asks)
		terminal_expect(t, "Log in at localhost as: alice");
	ck_assert_int_eq(terminal_wait(t, "Log in at", LONG_MS), scripted[_i].asks);
	ck_assert_int_eq(tls_server_connections(s) > 1, scripted[_i].retries);
	if (scripted[_i].asks) {
		terminal_keys(t, "<Esc>");
		terminal_expect_gone(t, "Log in at");
	}
	quit(t);
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

START_TEST(a_mechanism_that_is_not_offered)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *config = server_config(s, "imaps", "sasl = SCRAM-SHA-256\n");
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect(t,
			"localhost does not offer to log in by SCRAM-SHA-256, which this account");
	ck_assert(!terminal_wait_match(t, "Password of|Log in at", LONG_MS));
	ck_assert_uint_eq(count(s, "TLS, session="), 1);
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("login_reader", &tests);

	tcase_add_loop_test(tests, wrong_password, 0, G_N_ELEMENTS(sizes));
	tcase_add_test(tests, unknown_user);
	tcase_add_test(tests, locked_account);
	tcase_add_test(tests, too_many_connections);
	tcase_add_test(tests, temporary_failure);
	tcase_add_loop_test(tests, scripted_refusal, 0, G_N_ELEMENTS(scripted));
	tcase_add_test(tests, a_mechanism_that_is_not_offered);
	tcase_set_timeout(tests, 120);
	return run_suite(suite);
}
