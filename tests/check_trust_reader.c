/* T021, T022, T023 on the screen: what is wrong with a certificate is said in full; "no" is the
 * answer of every key but a whole word, and lasts; what is trusted is one key for one host and
 * port. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"
#include "tests/tls_server.h"

#define POPUP "The server is not trusted"
/* Longer than the first pauses before a connection is tried again, which are of a second. */
#define LONG_MS 3000

static const char message[] = "From: Ada <ada@example.org>\nSubject: Over the wire\n\nHello.\n";
static const char other_key[] = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/* Runs of one test share a home. */
static char *home;

static void make_home(void)
{
	home = place_temporary();
}

static void remove_home(void)
{
	place_remove(home);
	g_clear_pointer(&home, g_free);
}

static char *keys_file(void)
{
	return g_build_filename(home, ".local", "state", "sheaf", "keys", NULL);
}

static char *read_keys(void)
{
	g_autofree char *path = keys_file();
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

static void write_keys(const char *text, int mode)
{
	g_autofree char *path = keys_file();
	g_autofree char *directory = g_path_get_dirname(path);

	ck_assert_int_eq(g_mkdir_with_parents(directory, 0700), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert_int_eq(g_chmod(path, mode), 0);
}

static Terminal *start(const char *config, const char *place)
{
	g_autofree char *at = g_strconcat("HOME=", home, NULL);
	g_autofree char *state = g_strconcat("XDG_STATE_HOME=", home, "/.local/state", NULL);
	const char *const environment[] = {at, state, "TZ=JST-9", NULL};
	const char *const arguments[] = {"-c", config ? config : "none", place, NULL};

	return terminal_start_sheaf(arguments, environment, 24, 80);
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

/* --- a server that only shows its certificate --- */

static const struct {
	TlsServerOptions options;
	bool known; /* its authority */
	const char *says[5];
} faulty[] = {
	{{.names = "DNS:other.example,DNS:mail.other.example"},
	 true,
	 {"It is not for localhost.", "Certificate for other.example, mail.other.example"}},
	{{.names = "DNS:localhost"},
	 false,
	 {"This machine does not trust who signed it.", "Signed by       Sheaf test CA"}},
	{{.names = "DNS:localhost", .from_days = -9, .to_days = -2},
	 true,
	 {"It expired on 20", "JST (this machine's"}},
	{{.names = "DNS:localhost", .from_days = 2, .to_days = 9},
	 true,
	 {"It is valid only from 20", "JST (this machine's"}},
	{{.names = "DNS:other.example", .from_days = -9, .to_days = -2},
	 false,
	 {"It is not for localhost.", "It expired on 20",
	  "This machine does not trust who signed it.", "Certificate for other.example",
	  "Signed by       Sheaf test CA"}},
};

static char *url_of(const TlsServer *s)
{
	return g_strdup_printf("imaps://alice:secret@localhost:%u/", tls_server_port(s));
}

static Terminal *start_bare(const TlsServer *s, bool known)
{
	g_autofree char *url = url_of(s);
	g_autofree char *at = g_strconcat("HOME=", home, NULL);
	g_autofree char *state = g_strconcat("XDG_STATE_HOME=", home, "/.local/state", NULL);
	const char *const environment[] = {at, state, "TZ=JST-9", NULL};
	const char *const with[] = {"--ca", tls_server_ca_file(s), url, NULL};
	const char *const without[] = {url, NULL};

	return terminal_start_sheaf(known ? with : without, environment, 24, 80);
}

START_TEST(says_what_is_wrong)
{
	TlsServer *s = tls_server_start(&faulty[_i].options);
	g_autofree char *key = tls_server_key(s);
	Terminal *t = start_bare(s, faulty[_i].known);

	terminal_expect(t, POPUP);
	terminal_expect(t, key);
	terminal_expect(t, "Server          localhost, port ");
	for (size_t i = 0; i < G_N_ELEMENTS(faulty[_i].says) && faulty[_i].says[i]; i++)
		terminal_expect(t, faulty[_i].says[i]);
	terminal_keys(t, "<Esc>");
	terminal_expect_gone(t, POPUP);
	quit(t);
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* A key that anybody can find out proves nothing: there is no word that trusts it. */
START_TEST(a_weak_key_cannot_be_trusted)
{
	TlsServer *s =
		tls_server_start(&(TlsServerOptions){.names = "DNS:localhost", .weak = true});
	Terminal *t = start_bare(s, true);

	terminal_expect(t, "Such a key proves nothing");
	terminal_keys(t, "always<Enter>");
	terminal_expect_gone(t, POPUP);
	terminal_expect(t, "Not connected to localhost");
	ck_assert_uint_eq(tls_server_connections(s), 1);
	quit(t);
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

static const char *const noes[] = {"<Enter>", "<Esc>", "<C-c>", "<C-g>", "no<Enter>"};

/* T023: it is asked once, and no again means no. */
START_TEST(no_lasts)
{
	TlsServer *s = tls_server_start(&(TlsServerOptions){.names = "DNS:other.example"});
	Terminal *t = start_bare(s, true);

	terminal_expect(t, POPUP);
	terminal_keys(t, noes[_i]);
	terminal_expect_gone(t, POPUP);
	terminal_expect(t, "Not connected to localhost. F5 tries again");
	ck_assert_msg(!terminal_wait(t, POPUP, LONG_MS), "It was asked again.");
	ck_assert_uint_eq(tls_server_connections(s), 1);
	terminal_expect_row(t, 0, "not trusted");
	/* Only the person tries again. */
	terminal_keys(t, "<F5>");
	terminal_expect(t, POPUP);
	ck_assert_uint_eq(tls_server_connections(s), 2);
	terminal_keys(t, noes[_i]);
	terminal_expect_gone(t, POPUP);
	quit(t);
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* The certificate is there before the password-command has ended. */
START_TEST(a_password_that_follows_asks_nothing_again)
{
	TlsServer *s = tls_server_start(&(TlsServerOptions){.names = "DNS:other.example"});
	g_autofree char *config = g_build_filename(home, "config", NULL);
	g_autofree char *text = g_strdup_printf("[account test]\n"
						"url = imaps://alice@localhost:%u/\n"
						"password-command = sleep 2; echo secret\n",
						tls_server_port(s));

	ck_assert(g_file_set_contents(config, text, -1, NULL));
	Terminal *t = start(config, NULL);

	terminal_expect(t, POPUP);
	terminal_keys(t, "<Esc>");
	terminal_expect_gone(t, POPUP);
	ck_assert_msg(!terminal_wait(t, POPUP, LONG_MS), "It was asked again.");
	ck_assert_uint_eq(tls_server_connections(s), 1);
	terminal_expect_row(t, 0, "not trusted");
	quit(t);
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* Neither single keys nor words that are near, nor pasted ones. */
static const char *const slips[] = {"y<Enter>", "yes<Enter>",     "<Space><Enter>",
				    "a<Enter>", "replace<Enter>", "\x1b[200~always\n\x1b[201~"};

START_TEST(nothing_but_a_word_says_yes)
{
	TlsServer *s = tls_server_start(&(TlsServerOptions){.names = "DNS:other.example"});
	Terminal *t = start_bare(s, true);

	terminal_expect(t, POPUP);
	for (size_t i = 0; i < G_N_ELEMENTS(slips); i++) {
		if (*slips[i] == '\x1b')
			terminal_send(t, slips[i]);
		else
			terminal_keys(t, slips[i]);
		terminal_keys(t, "<Esc>");
		terminal_expect_gone(t, POPUP);
		terminal_keys(t, "<F5>");
		terminal_expect(t, POPUP);
		ck_assert_uint_eq(tls_server_connections(s), i + 2);
	}
	g_autofree char *kept = read_keys();
	ck_assert_str_eq(kept, "");
	terminal_free(t);
	tls_server_stop(s);
}
END_TEST

/* --- a mail server whose certificate is another's --- */

static TestServer *start_server(void)
{
	TestServer *s = server_start(SERVER_DOVECOT, &(ServerOptions){.certificate = "wrong"});

	server_add_message(s, s->user, "INBOX", "", message);
	return s;
}

static void expect_no_login(const TestServer *s)
{
	g_autofree char *file = g_build_filename(s->directory, "log", NULL);
	g_autofree char *log = NULL;

	g_file_get_contents(file, &log, NULL, NULL);
	/* The test's own log-ins are in clear text. */
	ck_assert_msg(log != NULL && strstr(log, ", TLS, session=") == NULL, "%s", log);
}

/* The key as the pop-up shows it. */
static char *shown_key(Terminal *t)
{
	terminal_expect(t, "Its key         sha256:");
	g_autofree char *text = terminal_text(t);
	const char *key = strstr(text, "Its key         sha256:");

	ck_assert_msg(key != NULL, "%s", text);
	key = strstr(key, "sha256:");
	return g_strndup(key, strlen(other_key));
}

static void answer(Terminal *t, const char *word)
{
	terminal_expect(t, POPUP);
	terminal_keys(t, word);
	terminal_keys(t, "<Enter>");
}

START_TEST(once_is_for_this_run)
{
	g_autoptr(TestServer) s = start_server();
	g_autofree char *config = server_config(s, "imaps", "");

	for (int run = 0; run < 2; run++) {
		g_autoptr(Terminal) t = start(config, NULL);
		answer(t, "once");
		terminal_expect(t, "Over the wire");
		quit(t);
		g_autofree char *kept = read_keys();
		ck_assert_str_eq(kept, "");
	}
}
END_TEST

START_TEST(always_is_for_one_key_host_and_port)
{
	g_autoptr(TestServer) s = start_server();
	g_autofree char *config = server_config(s, "imaps", "");
	g_autofree char *path = keys_file();
	g_autofree char *key = NULL, *expected = NULL, *kept = NULL, *before = NULL, *after = NULL;
	GStatBuf about;

	ck_assert(g_file_get_contents(config, &before, NULL, NULL));
	Terminal *first = start(config, NULL);
	terminal_expect(first, POPUP);
	key = shown_key(first);
	answer(first, "always");
	terminal_expect(first, "Over the wire");
	quit(first);
	terminal_free(first);

	/* That, and nothing else, for nobody else. */
	expected = g_strdup_printf("[keys]\nlocalhost:%d=%s\n", s->tls_port, key);
	kept = read_keys();
	ck_assert_str_eq(kept, expected);
	ck_assert_int_eq(g_stat(path, &about), 0);
	ck_assert_int_eq(about.st_mode & 07777, 0600);
	ck_assert(g_file_get_contents(config, &after, NULL, NULL));
	ck_assert_str_eq(before, after);

	Terminal *second = start(config, NULL);
	terminal_expect(second, "Over the wire");
	quit(second);
	terminal_free(second);

	/* The same key at another port, and of another name, is not trusted for that. */
	g_autofree char *port = g_strdup_printf("imap://alice:secret@localhost:%d/", s->port);
	g_autofree char *host = g_strdup_printf("imaps://alice:secret@127.0.0.1:%d/", s->tls_port);
	const char *const places[] = {port, host};
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(Terminal) t = start(NULL, places[i]);
		terminal_expect(t, POPUP);
		terminal_expect(t, key);
		terminal_keys(t, "<Esc>");
		terminal_expect_row(t, 0, "not trusted");
		quit(t);
	}
}
END_TEST

/* `settings` of the account where it has a pin; else the key was trusted before. */
static void change(const TestServer *s, const char *config, bool pinned, bool good_chain)
{
	g_autofree char *before = read_keys();
	g_autofree char *key = NULL, *expected = NULL, *kept = NULL;
	g_autoptr(Terminal) t = start(config, NULL);

	terminal_expect(t, "THE KEY OF THIS SERVER HAS CHANGED");
	key = shown_key(t);
	ck_assert_str_ne(key, other_key);
	terminal_expect(t, "Trusted key     sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	terminal_check(t, terminal_find(t, "PageDown: more", NULL) < 0);
	/* The word that trusts a new key does not put it in the place of another. */
	terminal_keys(t, pinned ? "replace<Enter>always<Enter>" : "always<Enter>");
	terminal_expect(t, POPUP);
	terminal_keys(t, "<Esc>");
	terminal_expect_gone(t, POPUP);
	terminal_expect_row(t, 0, "not trusted");
	expect_no_login(s);
	kept = read_keys();
	ck_assert_str_eq(kept, before);
	terminal_keys(t, "<F5>");
	answer(t, pinned ? "once" : "replace");
	terminal_expect(t, "Over the wire");
	quit(t);
	g_free(kept);
	kept = read_keys();
	expected = pinned       ? g_strdup(before)
		   : good_chain ? g_strdup("[keys]\n")
				: g_strdup_printf("[keys]\nlocalhost:%d=%s\n", s->tls_port, key);
	ck_assert_str_eq(kept, expected);
}

START_TEST(a_changed_key_closes)
{
	bool good_chain = _i == 1;
	g_autoptr(TestServer) s = good_chain ? server_start(SERVER_DOVECOT, NULL) : start_server();
	g_autofree char *config = server_config(s, "imaps", "");
	g_autofree char *text =
		g_strdup_printf("[keys]\nlocalhost:%d=%s\n", s->tls_port, other_key);

	if (good_chain)
		server_add_message(s, s->user, "INBOX", "", message);
	write_keys(text, 0600);
	change(s, config, false, good_chain);
	/* And it holds. */
	g_autoptr(Terminal) t = start(config, NULL);
	terminal_expect(t, "Over the wire");
	quit(t);
}
END_TEST

START_TEST(a_pin_is_the_configuration_s)
{
	g_autoptr(TestServer) s = start_server();
	g_autofree char *pin = g_strdup_printf("pin = %s\n", other_key);
	g_autofree char *config = server_config(s, "imaps", pin);
	g_autofree char *before = NULL, *after = NULL;

	ck_assert(g_file_get_contents(config, &before, NULL, NULL));
	change(s, config, true, false);
	ck_assert(g_file_get_contents(config, &after, NULL, NULL));
	ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(keys_are_listed_and_forgotten)
{
	g_autoptr(TestServer) s = start_server();
	g_autofree char *config = server_config(s, "imaps", "");
	g_autofree char *server = g_strdup_printf("localhost:%d", s->tls_port);
	g_autofree char *key = NULL, *kept = NULL;
	g_autoptr(Terminal) t = start(config, NULL);

	terminal_expect(t, POPUP);
	key = shown_key(t);
	answer(t, "always");
	terminal_expect(t, "Over the wire");
	terminal_keys(t, ":trusted-keys<Enter>");
	terminal_expect(t, "Trusted keys");
	terminal_expect(t, server);
	terminal_expect(t, key);
	terminal_keys(t, "q");
	terminal_expect_gone(t, "Trusted keys");
	terminal_keys(t, ":forget-key nobody:1<Enter>");
	terminal_expect(t, "No key of that server is trusted");
	terminal_keys(t, ":forget-key <Tab>");
	terminal_expect(t, server);
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Forgotten: the next connection to localhost");
	kept = read_keys();
	ck_assert_ptr_null(strstr(kept, "sha256"));
	quit(t);

	g_autoptr(Terminal) again = start(config, NULL);
	terminal_expect(again, POPUP);
}
END_TEST

/* A list that others may write to is none. */
START_TEST(what_others_may_write_is_not_believed)
{
	g_autoptr(TestServer) s = start_server();
	g_autofree char *config = server_config(s, "imaps", "");
	Terminal *first = start(config, NULL);

	answer(first, "always");
	terminal_expect(first, "Over the wire");
	quit(first);
	terminal_free(first);
	g_autofree char *kept = read_keys();
	write_keys(kept, 0622);

	g_autoptr(Terminal) t = start(config, NULL);
	terminal_expect(t, POPUP);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("trust_reader", &tests);

	tcase_add_checked_fixture(tests, make_home, remove_home);
	tcase_add_loop_test(tests, says_what_is_wrong, 0, G_N_ELEMENTS(faulty));
	tcase_add_test(tests, a_weak_key_cannot_be_trusted);
	tcase_add_loop_test(tests, no_lasts, 0, G_N_ELEMENTS(noes));
	tcase_add_test(tests, a_password_that_follows_asks_nothing_again);
	tcase_add_test(tests, nothing_but_a_word_says_yes);
	tcase_add_test(tests, once_is_for_this_run);
	tcase_add_test(tests, always_is_for_one_key_host_and_port);
	tcase_add_loop_test(tests, a_changed_key_closes, 0, 2);
	tcase_add_test(tests, a_pin_is_the_configuration_s);
	tcase_add_test(tests, keys_are_listed_and_forgotten);
	tcase_add_test(tests, what_others_may_write_is_not_believed);
	tcase_set_timeout(tests, 120);
	return run_suite(suite);
}
