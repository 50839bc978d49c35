/* Keywords in the list and in the message's heading: given and taken away by w and W, told by other
 * clients, there at the next start before the server is; and what a server does not allow. */
#include <string.h>

#include "tests/place.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char first[] = "From: Ada <ada@example.org>\nSubject: The first one\n\nHello.\n";
static const char second[] = "From: Bob <bob@example.org>\nSubject: The second one\n\nHello.\n";

static Terminal *open_at(const char *config, const char *home, int cols)
{
	g_autofree char *variable = g_strconcat("HOME=", home, NULL);
	const char *const arguments[] = {"-c", config, NULL};
	const char *const environment[] = {variable, NULL};
	Terminal *t = terminal_start_sheaf(arguments, home ? environment : NULL, 24, cols);

	terminal_expect(t, "The second one");
	return t;
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

/* By UID, as the second client sees them. */
static bool has(Probe *probe, unsigned uid, const char *keyword)
{
	g_free(probe_expect(probe, "NOOP"));
	g_autofree char *answer = probe_expectf(probe, "UID FETCH %u (FLAGS)", uid);

	return strstr(answer, keyword) != NULL;
}

/* The row shows it before the server has it. */
static bool comes(Probe *probe, unsigned uid, const char *keyword)
{
	for (int turn = 0; turn < TERMINAL_PATIENCE / 20; turn++) {
		if (has(probe, uid, keyword))
			return true;
		g_usleep(20 * 1000);
	}
	return false;
}

static TestServer *start_with_two(ServerKind kind, Probe **probe)
{
	TestServer *s = server_start(kind, NULL);

	*probe = server_probe(s, s->user);
	probe_append(*probe, "INBOX", "", first, -1);
	probe_append(*probe, "INBOX", "", second, -1);
	g_free(probe_expect(*probe, "SELECT INBOX"));
	return s;
}

static const ServerKind keepers[] = {SERVER_DOVECOT, SERVER_CYRUS, SERVER_COURIER};

START_TEST(given_and_taken_away)
{
	Probe *opened;
	g_autoptr(TestServer) s = start_with_two(keepers[_i], &opened);
	g_autoptr(Probe) other = opened;
	g_autofree char *config = server_config(s, "imap+plain", "");
	g_autoptr(Terminal) t = open_at(config, NULL, 100);

	/* Under the cursor. */
	terminal_keys(t, "wgarden<Enter>");
	terminal_expect_match(t, "The second one +garden");
	terminal_check(t, comes(other, 2, "garden"));
	terminal_check(t, !has(other, 1, "garden"));
	/* Tagged ones; Tab completes what the folder has. */
	terminal_keys(t, "ttwgar<Tab>$Label4<Enter>");
	terminal_expect_match(t, "The second one +todo garden");
	terminal_expect_match(t, "The first one +todo garden");
	terminal_expect(t, "online");
	/* The heading of the message that is read has them too. */
	terminal_keys(t, "<Enter>");
	terminal_expect_match(t, "Message todo garden ─");
	/* By its sign, and by choosing. */
	terminal_keys(t, "Wtodo<Enter>");
	terminal_expect_match(t, "Message garden ─");
	terminal_keys(t, "q");
	terminal_keys(t, "<Home>W<Tab><Enter>");
	terminal_expect_match(t, "The second one +todo +[0-9]");
	terminal_keys(t, "Wnothing<Enter>");
	terminal_expect(t, "No message here has the keyword nothing.");
	terminal_keys(t, "wa(b<Enter>");
	terminal_expect(t, "a(b cannot be a keyword here.");
	quit(t);
}
END_TEST

START_TEST(told_by_another_client)
{
	Probe *opened;
	g_autoptr(TestServer) s = start_with_two(SERVER_DOVECOT, &opened);
	g_autoptr(Probe) other = opened;
	g_autofree char *config = server_config(s, "imap+plain", "");
	g_autofree char *longest = g_strnfill(30, 'x');

	g_free(probe_expect(other, "STORE 1 +FLAGS ($MDNSent NonJunk early)"));

	g_autoptr(Terminal) t = open_at(config, NULL, 100);

	terminal_expect_match(t, "The first one +early +[0-9]");
	g_free(probe_expect(other, "STORE 2 +FLAGS (later $Forwarded)"));
	terminal_expect_match(t, "The second one +fwd later +[0-9]");
	g_free(probe_expect(other, "STORE 2 -FLAGS (later)"));
	terminal_expect_match(t, "The second one +fwd +[0-9]");
	g_free(probe_expectf(other, "STORE 2 +FLAGS (%s)", longest));
	terminal_expect_match(t, "The second one +fwd x{15}… +[0-9]");
	/* What the list shows can be changed while it is shown. */
	terminal_keys(t, ":set keywords $MDNSent=sent<Enter>");
	terminal_expect_match(t, "The first one +sent +[0-9]");
	terminal_expect_match(t, "The second one +[0-9]");
	quit(t);
}
END_TEST

START_TEST(give_way_to_the_subject)
{
	Probe *opened;
	g_autoptr(TestServer) s = start_with_two(SERVER_DOVECOT, &opened);
	g_autoptr(Probe) other = opened;
	g_autofree char *config = server_config(s, "imap+plain", "");

	probe_append(other, "INBOX", "",
		     "From: Eve <eve@example.org>\nSubject: It begins here and goes on and on, to "
		     "the end of any row\n\nHello.\n",
		     -1);
	g_free(probe_expect(other, "UID STORE 2:3 +FLAGS (garden)"));

	g_autoptr(Terminal) t = open_at(config, NULL, 100);

	terminal_expect_match(t, "It begins here.*… garden");
	terminal_resize(t, 24, 60);
	terminal_expect_match(t, "It begins here and goes on.*… +[0-9]");
	terminal_expect_match(t, "The second one +garden");
	quit(t);
}
END_TEST

/* A word that is new to the folder is asked for once: others may have it already. */
static bool garden_was_asked(Terminal *t, void *data)
{
	(void)t;
	return relay_times_said(data, "UID SEARCH RETURN (ALL) KEYWORD garden") == 1;
}

/* Of more messages than the window the first one's keyword comes by a set; at the next start it is
 * asked for no more than the other flags. */
START_TEST(there_before_the_server)
{
	Probe *opened;
	g_autoptr(TestServer) s = start_with_two(SERVER_DOVECOT, &opened);
	g_autoptr(Probe) other = opened;
	g_autoptr(Relay) relay = relay_start(s->port, 0);
	int port = s->port;
	char *home = place_temporary();

	for (unsigned i = 0; i < 300; i++)
		probe_append(other, "INBOX", "", second, -1);
	g_free(probe_expect(other, "UID STORE 1,100 +FLAGS (early)"));
	s->port = relay_port(relay);
	g_autofree char *config = server_config(s, "imap+plain", "backfill = no\n");
	s->port = port;
	Terminal *t = open_at(config, home, 100);
	terminal_keys(t, "<End>");
	terminal_expect_match(t, "The first one +early");
	terminal_keys(t, "wgarden<Enter>");
	terminal_expect_match(t, "The first one +early garden");
	terminal_check(t, comes(other, 1, "garden"));
	ck_assert_uint_gt(relay_times_said(relay, "UID SEARCH RETURN (ALL) KEYWORD early"), 0);
	ck_assert(terminal_wait_until(t, garden_was_asked, relay, TERMINAL_PATIENCE));
	quit(t);
	terminal_free(t);
	unsigned asked = relay_times_said(relay, "UID SEARCH");

	relay_set(relay, RELAY_HOLD);
	t = open_at(config, home, 100);
	terminal_keys(t, "<End>");
	terminal_expect_match(t, "The first one +early garden");
	ck_assert(!terminal_wait(t, "online", 0));
	g_free(probe_expect(other, "UID STORE 1 -FLAGS (early)"));
	relay_set(relay, RELAY_PASS);
	terminal_expect_match(t, "The first one +garden");
	terminal_expect(t, "online");
	ck_assert_uint_eq(relay_times_said(relay, "UID SEARCH"), asked);
	quit(t);
	terminal_free(t);
	place_remove(home);
	g_free(home);
}
END_TEST

/* A folder whose flags may be changed, but in which nobody may write. */
START_TEST(refused_where_the_server_keeps_none)
{
	Probe *opened;
	g_autoptr(TestServer) s = start_with_two(SERVER_DOVECOT_FULL, &opened);
	g_autoptr(Probe) other = opened;
	g_autofree char *config = server_config(s, "imap+plain", "");

	g_free(probe_expect(other, "CREATE Guarded"));
	probe_append(other, "Guarded", "",
		     "From: Eve <eve@example.org>\nSubject: The guarded one\n\ntext\n", -1);
	g_free(probe_expect(other, "SETACL Guarded alice lrsa"));

	g_autoptr(Terminal) t = open_at(config, NULL, 100);

	terminal_keys(t, "cGuarded<Enter>");
	terminal_expect(t, "The guarded one");
	terminal_keys(t, "w");
	terminal_expect(t, "The server keeps no keywords in Guarded.");
	terminal_keys(t, ":add-keyword garden<Enter>");
	terminal_expect(t, "The server keeps no keywords in Guarded.");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("keyword_reader", &tests);

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, given_and_taken_away, 0, G_N_ELEMENTS(keepers));
	tcase_add_test(tests, give_way_to_the_subject);
	tcase_add_test(tests, told_by_another_client);
	tcase_add_test(tests, there_before_the_server);
	tcase_add_test(tests, refused_where_the_server_keeps_none);
	return run_suite(suite);
}
