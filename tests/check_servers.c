/* The servers that the tests stand on start, let alice in, keep a message, speak TLS, and leave
 * nothing behind. */
#include <glib.h>
#include <signal.h>
#include <string.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"

static const char message[] = "From: Ada <ada@example.org>\nSubject: A sign of life\n"
			      "Message-ID: <life@example.org>\n\nHello.\n";

static const struct {
	ServerKind kind;
	const char *greeting, *capability;
} rows[] = {{SERVER_DOVECOT, "Dovecot", "UIDPLUS"},
	    {SERVER_DOVECOT_FULL, "Dovecot", "METADATA"},
	    {SERVER_CYRUS, "Cyrus", "OBJECTID"},
	    {SERVER_COURIER, "Courier", "UTF8=ACCEPT"},
	    {SERVER_COURIER_PREAUTH, "Courier", "UTF8=ACCEPT"},
	    {SERVER_IMAP4D, "IMAP4rev1", "UNSELECT"},
	    {SERVER_IMAPPROXY, "XIMAPPROXY", "UIDPLUS"}};

/* What s_client says of the certificate on the imaps port. */
static char *verify(const TestServer *s, const char *ca_file)
{
	g_autofree char *command = g_strdup_printf(
		"echo 'a LOGOUT' | openssl s_client -connect 127.0.0.1:%d -CAfile %s "
		"-verify_hostname localhost -verify_return_error -quiet -ign_eof 2>&1",
		s->tls_port, ca_file);
	const char *const argv[] = {"sh", "-c", command, NULL};
	char *out = NULL;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
		     NULL);
	return out;
}

START_TEST(serves)
{
	TestServer *s = server_start(rows[_i].kind, NULL);
	Probe *probe = server_probe(s, s->user);

	ck_assert_msg(strstr(probe_greeting(probe), rows[_i].greeting) != NULL, "%s",
		      probe_greeting(probe));

	g_autofree char *capability = probe_expect(probe, "CAPABILITY");

	ck_assert_msg(strstr(capability, rows[_i].capability) != NULL, "%s", capability);
	server_add_message(s, s->user, "INBOX", "\\Flagged", message);
	ck_assert_uint_eq(probe_status(probe, "INBOX", "MESSAGES"), 1);

	g_autofree char *selected = probe_expect(probe, "SELECT INBOX");
	g_autofree char *fetched = probe_expect(probe, "FETCH 1 (FLAGS BODY.PEEK[TEXT])");

	/* imap4d forgets what flags came with a message. */
	ck_assert_msg(s->kind == SERVER_IMAP4D || strstr(fetched, "\\Flagged") != NULL, "%s",
		      fetched);
	ck_assert_msg(strstr(fetched, "\nHello.\n") != NULL, "%s", fetched);
	probe_close(probe);

	if (s->kind != SERVER_IMAPPROXY) {
		g_autofree char *trusted = verify(s, s->ca_file);
		g_autofree char *untrusted = verify(s, s->other_ca_file);
		ck_assert_msg(strstr(trusted, "a OK") != NULL, "%s", trusted);
		ck_assert_msg(strstr(untrusted, "a OK") == NULL, "%s", untrusted);
	}

	g_autofree char *directory = g_strdup(s->directory);

	server_stop(s);
	ck_assert(!g_file_test(directory, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(takes_settings_and_another_certificate)
{
	g_autoptr(TestServer) s = server_start(
		SERVER_DOVECOT, &(ServerOptions){.settings = "login_greeting = Quite ready.\n",
						 .certificate = "wrong"});
	g_autoptr(Probe) probe = server_probe(s, "anybody");
	g_autofree char *verified = verify(s, s->ca_file);

	ck_assert_msg(strstr(probe_greeting(probe), "Quite ready.") != NULL, "%s",
		      probe_greeting(probe));
	ck_assert_msg(strstr(verified, "a OK") == NULL, "%s", verified);
}
END_TEST

START_TEST(opens_a_maildir)
{
	g_autofree char *directory = place_temporary();
	const char *const make[] = {"sh", "-c",
				    "mkdir -p mail/cur mail/new mail/tmp; "
				    "printf 'Subject: one\\n\\ntext\\n' >mail/cur/1.a:2,S; "
				    "[ $(id -u) != 0 ] || chown -R nobody: .",
				    NULL};
	g_autofree char *mail = g_build_filename(directory, "mail", NULL);

	g_spawn_sync(directory, (char **)make, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
		     NULL, NULL);

	Probe *probe = probe_open_maildir(mail);

	ck_assert(g_str_has_prefix(probe_greeting(probe), "* PREAUTH"));
	ck_assert_uint_eq(probe_status(probe, "INBOX", "MESSAGES"), 1);
	ck_assert_uint_eq(probe_status(probe, "INBOX", "UNSEEN"), 0);
	probe_close(probe);
	place_remove(directory);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("servers", &tests);

	tcase_add_loop_test(tests, serves, 0, G_N_ELEMENTS(rows));
	tcase_add_test(tests, takes_settings_and_another_certificate);
	tcase_add_test(tests, opens_a_maildir);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
