/* The reader over TLS against a server with certificates of a test authority: trusted, or refused
 * before anything was sent. */
#include <string.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char message[] = "From: Ada <ada@example.org>\nSubject: Over the wire\n\nHello.\n";

static char *config_with_ca(const TestServer *s, const char *scheme, const char *ca_file)
{
	g_autofree char *line = g_strdup_printf("ca = %s\n", ca_file);

	return server_config(s, scheme, line);
}

static void expect_no_login(const TestServer *s)
{
	g_autofree char *file = g_build_filename(s->directory, "log", NULL);
	g_autofree char *log = NULL;

	g_file_get_contents(file, &log, NULL, NULL);
	ck_assert_msg(log != NULL && strstr(log, "Login:") == NULL &&
			      strstr(log, "auth failed") == NULL,
		      "%s", log);
}

static void expect_quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

START_TEST(trusts)
{
	static const char *const schemes[] = {"imaps", "imap", "imap+plain"};
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);

	server_add_message(s, s->user, "INBOX", "", message);
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		g_autofree char *config = config_with_ca(s, schemes[i], s->ca_file);
		const char *const arguments[] = {"-c", config, NULL};
		g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

		terminal_expect(t, "Over the wire");
		expect_quit(t);
	}
}
END_TEST

START_TEST(trusts_by_option_and_asks_for_the_password)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(s, "imaps", NULL);
	const char *const arguments[] = {"--ca", s->ca_file, url, NULL};
	size_t len;

	server_add_message(s, s->user, "INBOX", "", message);

	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect(t, "Password of alice at localhost");
	terminal_keys(t, "secret<Enter>");
	terminal_expect(t, "Over the wire");
	expect_quit(t);
	ck_assert_msg(strstr(terminal_raw(t, &len), "secret") == NULL,
		      "The password was on the screen.");
}
END_TEST

/* What was typed now goes before what is written in the account. */
START_TEST(trusts_by_option_instead_of_the_account)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *wrong = config_with_ca(s, "imaps", s->other_ca_file);
	g_autofree char *right = config_with_ca(s, "imaps", s->ca_file);
	const char *const mended[] = {"-c", wrong, "--ca", s->ca_file, NULL};
	const char *const spoiled[] = {"-c", right, "--ca", s->other_ca_file, NULL};

	server_add_message(s, s->user, "INBOX", "", message);

	g_autoptr(Terminal) good = terminal_start_sheaf(mended, NULL, 24, 80);
	terminal_expect(good, "Over the wire");
	expect_quit(good);

	g_autoptr(Terminal) bad = terminal_start_sheaf(spoiled, NULL, 24, 80);
	terminal_expect(bad, "Trust this key?");
}
END_TEST

static const struct {
	const char *scheme, *certificate, *settings;
	bool other_ca;
	const char *sentence;
} refused[] = {
	{"imaps", NULL, NULL, true, "(?i)certificate"},
	{"imap", NULL, NULL, true, "(?i)certificate"},
	{"imaps", "wrong", NULL, false, "other\\.example"},
	{"imap", "wrong", NULL, false, "other\\.example"},
	{"imap", NULL, "ssl = no\n", false, "does not offer to encrypt"},
};

START_TEST(refuses)
{
	g_autoptr(TestServer) s = server_start(
		SERVER_DOVECOT, &(ServerOptions){.settings = refused[_i].settings,
						 .certificate = refused[_i].certificate});
	const char *ca_file = refused[_i].other_ca ? s->other_ca_file : s->ca_file;
	g_autofree char *config = config_with_ca(s, refused[_i].scheme, ca_file);
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 120);

	terminal_expect_match(t, refused[_i].sentence);
	terminal_expect(t, "not trusted");
	terminal_keys(t, "<Esc>");
	terminal_expect_gone(t, "Trust this key?");
	terminal_keys(t, "?");
	terminal_expect(t, "Keys of this panel");
	terminal_keys(t, "q");
	expect_quit(t);
	expect_no_login(s);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("tls_reader", &tests);

	tcase_add_test(tests, trusts);
	tcase_add_test(tests, trusts_by_option_and_asks_for_the_password);
	tcase_add_test(tests, trusts_by_option_instead_of_the_account);
	tcase_add_loop_test(tests, refuses, 0, G_N_ELEMENTS(refused));
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
