/* The reader over TLS against a server with certificates of a test authority: trusted, or refused
 * before anything was sent. */
#include <string.h>
#include "tests/place.h"
#include "tests/relay.h"
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

/* T012 */

/* Letters of ours and of the server's before the handshake, line by line. */
static const char client_lines[] = "^A[0-9]+ (CAPABILITY|STARTTLS)\r\n$";
static const char server_lines[] = "^(\\* OK |\\* CAPABILITY |A[0-9]+ OK )[ -~]*\r\n$";

/* Where the first handshake begins; every line in front of it is of that form. */
static size_t judge_clear(const guint8 *said, size_t len, const char *form)
{
	size_t at = 0;

	while (at < len && said[at] != 0x16) {
		const guint8 *lf = memchr(said + at, '\n', len - at);
		ck_assert_msg(lf != NULL, "a line in clear has no end");
		g_autofree char *line =
			g_strndup((const char *)said + at, (gsize)(lf - said) + 1 - at);
		ck_assert_msg(g_regex_match_simple(form, line, G_REGEX_DOLLAR_ENDONLY, 0),
			      "in clear: %s", line);
		at += strlen(line);
	}
	return at;
}

/* Records of TLS to the end, of which the last may be cut (RFC 8446 5.1).  Says how many hold what
 * was said. */
static unsigned judge_records(const guint8 *said, size_t len)
{
	unsigned said_within = 0;

	for (size_t at = 0; at < len;) {
		size_t left = len - at, length;

		ck_assert_msg(said[at] >= 20 && said[at] <= 23, "byte %zu is of no record", at);
		said_within += said[at] == 23;
		if (left < 5)
			break;
		ck_assert(said[at + 1] == 3 && said[at + 2] >= 1 && said[at + 2] <= 4);
		length = (size_t)said[at + 3] << 8 | said[at + 4];
		ck_assert_uint_le(length, 16384 + 256);
		at += MIN(left, 5 + length);
	}
	return said_within;
}

static GString *said(const Relay *relay, unsigned connection, bool by_client)
{
	g_autoptr(GPtrArray) flights = relay_flights(relay, (int)connection);
	GString *bytes = g_string_new(NULL);

	for (guint i = 0; i < flights->len; i++) {
		const RelayFlight *flight = flights->pdata[i];
		if (flight->from_client == by_client)
			g_string_append_len(bytes, flight->bytes->str, (gssize)flight->bytes->len);
	}
	return bytes;
}

static void judge_side(const Relay *relay, unsigned connection, bool by_client)
{
	g_autoptr(GString) bytes = said(relay, connection, by_client);
	const guint8 *start = (const guint8 *)bytes->str;
	size_t clear = judge_clear(start, bytes->len, by_client ? client_lines : server_lines);

	ck_assert_msg(clear > 0 && clear < bytes->len, "connection %u: %zu of %zu bytes in clear",
		      connection, clear, bytes->len);
	if (by_client)
		ck_assert(strncmp(bytes->str + clear - 10, "STARTTLS\r\n", 10) == 0);
	ck_assert_uint_gt(judge_records(start + clear, bytes->len - clear), 2);
}

static unsigned count_connections(const Relay *relay)
{
	g_autoptr(GPtrArray) flights = relay_flights(relay, -1);
	unsigned n = 0;

	for (guint i = 0; i < flights->len; i++)
		n = MAX(n, ((const RelayFlight *)flights->pdata[i])->connection + 1);
	return n;
}

static bool both_are_flagged(const TestServer *s)
{
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autofree char *selected = probe_expect(probe, "SELECT INBOX");
	g_autofree char *flagged = probe_expect(probe, "SEARCH FLAGGED");

	return g_regex_match_simple("SEARCH [0-9]+ [0-9]+", flagged, 0, 0);
}

/* Every connection of a session: the first, that of a search, those behind a cut. */
START_TEST(says_nothing_in_clear)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autoptr(Relay) relay = relay_start(s->port, 0);
	TestServer through = *s;
	unsigned before;

	through.port = relay_port(relay);
	for (unsigned i = 0; i < 3; i++)
		server_add_message(s, s->user, "INBOX", "", message);
	g_autofree char *config = config_with_ca(&through, "imap", s->ca_file);
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 24, 80);

	terminal_expect(t, "Over the wire");
	terminal_keys(t, "/wire<Enter>");
	terminal_expect(t, "3 messages found");
	ck_assert_uint_ge(count_connections(relay), 2);
	terminal_keys(t, "<Esc>F");
	terminal_expect_match(t, "!.*Over the wire");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Hello.");
	before = count_connections(relay);
	relay_set(relay, RELAY_CUT);
	terminal_keys(t, "qjF");
	terminal_expect_match(t, "!.*Over the wire[^!]*!.*Over the wire");
	while (!both_are_flagged(s))
		g_usleep(50000);
	ck_assert_uint_gt(count_connections(relay), before);
	expect_quit(t);
	for (unsigned i = 0; i < count_connections(relay); i++) {
		judge_side(relay, i, true);
		judge_side(relay, i, false);
	}
}
END_TEST

int main(void)
{
	TCase *tests, *clear = tcase_create("T012");
	Suite *suite = one_case("tls_reader", &tests);

	tcase_add_test(tests, trusts);
	tcase_add_test(tests, trusts_by_option_and_asks_for_the_password);
	tcase_add_test(tests, trusts_by_option_instead_of_the_account);
	tcase_add_loop_test(tests, refuses, 0, G_N_ELEMENTS(refused));
	tcase_set_timeout(tests, 60);
	tcase_add_test(clear, says_nothing_in_clear);
	tcase_set_timeout(clear, 60);
	suite_add_tcase(suite, clear);
	return run_suite(suite);
}
