/* The line is lost, things happen meanwhile, and it comes back: the mailbox is as the server has it
 * then, and no more was asked for than what the server can tell needs (RFC 7162).  Before real
 * servers, as they are and with QRESYNC and CONDSTORE hidden; through a relay that resets, stalls,
 * and lets nothing through. */
#include <stdio.h>
#include <string.h>

#include "tests/client.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/truth.h"

/* More than the first screen. */
#define MESSAGES 120
#define MAILBOX  "Work"

typedef enum { BY_QRESYNC, BY_CHANGEDSINCE, BY_LISTING } Way;

/* The first of its rows below. */
#define CYRUS 3

#define DOVECOT_POOR "imap_capability = IMAP4rev1 UIDPLUS MOVE IDLE ESEARCH UNSELECT"

static const struct {
	ServerKind kind;
	const char *settings;
	Way way;
} variants[] = {
	{SERVER_DOVECOT, NULL, BY_QRESYNC},
	{SERVER_DOVECOT, DOVECOT_POOR " ENABLE CONDSTORE\n", BY_CHANGEDSINCE},
	{SERVER_DOVECOT, DOVECOT_POOR "\n", BY_LISTING},
	{SERVER_CYRUS, NULL, BY_QRESYNC},
	{SERVER_CYRUS, "suppress_capabilities: QRESYNC\n", BY_CHANGEDSINCE},
	{SERVER_CYRUS, "suppress_capabilities: QRESYNC CONDSTORE\n", BY_LISTING},
};

/* What must be in what the client sends on the new line (+), and what must not (-). */
static const struct {
	const char *marks[6];
} wires[] = {
	[BY_QRESYNC] = {{"+SELECT Work (QRESYNC (", "-CHANGEDSINCE", "-SEARCH RETURN (ALL) ALL",
			 "-SEARCH RETURN (ALL) UNSEEN"}},
	[BY_CHANGEDSINCE] = {{"-QRESYNC", "+CHANGEDSINCE ", "+SEARCH RETURN (ALL) ALL",
			      "-SEARCH RETURN (ALL) UNSEEN", "- FLAGGED"}},
	[BY_LISTING] = {{"-QRESYNC", "-CHANGEDSINCE", "+SEARCH RETURN (ALL) ALL",
			 "+SEARCH RETURN (ALL) UNSEEN", "+ FLAGGED", "+ DELETED"}},
};

typedef struct {
	TestServer *server;
	Relay *relay;
	Probe *probe;
	Client *client;
	Way way;
	unsigned connections; /* before the line was lost */
	unsigned selected;    /* and how often the mailbox was opened */
	unsigned number;      /* of the last message */
} Stage;

static void append(Stage *stage, const char *flags, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *message = truth_message(++stage->number);

		probe_append(stage->probe, MAILBOX, flags, message, -1);
	}
}

/* Everything is known, up to a modification sequence where there is one: for that the client
 * enables it (RFC 5161) when it has nothing better to do, and opens the mailbox once more. */
static bool is_known(Client *c, void *data)
{
	const Stage *stage = data;
	SyncPoint point;

	mailbox_sync_point(c->mailbox, &point);
	return client_is_quiet(c, NULL) && c->selected > 0 && point.complete &&
	       (point.modseq != 0 || stage->way == BY_LISTING);
}

static Stage set_up(int i)
{
	ServerOptions options = {.settings = variants[i].settings};
	Stage stage = {.server = server_start(variants[i].kind, &options)};

	stage.way = variants[i].way;
	stage.probe = server_probe(stage.server, stage.server->user);
	g_free(probe_expect(stage.probe, "CREATE " MAILBOX));
	g_free(probe_expect(stage.probe, "CREATE Other"));
	append(&stage, "", MESSAGES / 2);
	append(&stage, "\\Seen", MESSAGES / 2);
	stage.relay = relay_start(stage.server->port, 0);
	stage.client = client_new(relay_port(stage.relay));
	client_open(stage.client, MAILBOX);
	client_until(stage.client, is_known, &stage, "the mailbox is known");
	client_run(stage.client, 300);
	client_until(stage.client, is_known, &stage, "the mailbox is known");
	return stage;
}

static void tear_down(Stage *stage)
{
	client_free(stage->client);
	probe_close(stage->probe);
	relay_stop(stage->relay);
	server_stop(stage->server);
}

static unsigned count_connections(const Relay *relay)
{
	g_autoptr(GPtrArray) flights = relay_flights(relay, -1);
	unsigned most = 0;

	for (guint i = 0; i < flights->len; i++)
		most = MAX(most, ((RelayFlight *)flights->pdata[i])->connection + 1);
	return most;
}

/* All that the client sent on connections that are new. */
static char *sent_since(const Stage *stage)
{
	g_autoptr(GPtrArray) flights = relay_flights(stage->relay, -1);
	GString *sent = g_string_new(NULL);

	for (guint i = 0; i < flights->len; i++) {
		const RelayFlight *flight = flights->pdata[i];
		if (flight->from_client && flight->connection >= stage->connections)
			g_string_append_len(sent, flight->bytes->str, (gssize)flight->bytes->len);
	}
	return g_string_free(sent, FALSE);
}

/* From here on the client hears nothing, and what it says does not arrive; that the line is lost it
 * does not know yet. */
static void lose(Stage *stage)
{
	stage->connections = count_connections(stage->relay);
	stage->selected = stage->client->selected;
	relay_set(stage->relay, RELAY_HOLD);
	g_free(probe_expect(stage->probe, "SELECT " MAILBOX));
}

static bool was_opened_again(Client *c, void *data)
{
	return client_is_quiet(c, NULL) && c->selected > ((Stage *)data)->selected;
}

static void expect_truth(Stage *stage)
{
	GArray *rows = truth_rows(stage->probe, MAILBOX);

	if (!client_wait(stage->client, client_agrees, rows)) {
		g_autofree char *difference = truth_difference(stage->client->mailbox, rows);
		g_autofree char *sent = sent_since(stage);
		ck_abort_msg("%s; sent: %.2000s", difference, sent);
	}
	g_array_unref(rows);
}

static void come_back(Stage *stage)
{
	relay_set(stage->relay, RELAY_CUT);
	client_until(stage->client, was_opened_again, stage, "it is opened again");
	expect_truth(stage);
}

static void check_wire(const Stage *stage, const char *const marks[], size_t n)
{
	g_autofree char *sent = sent_since(stage);

	for (size_t i = 0; i < n && marks[i]; i++)
		ck_assert_msg((strstr(sent, marks[i] + 1) != NULL) == (*marks[i] == '+'),
			      "%s, but there was sent: %.2000s", marks[i], sent);
}

static void flags_expunges_moves_and_appends(Stage *stage)
{
	Probe *p = stage->probe;

	g_free(probe_expect(p, "UID STORE 3,70,119 +FLAGS (\\Flagged)"));
	g_free(probe_expect(p, "UID STORE 100:105 -FLAGS (\\Seen)"));
	g_free(probe_expect(p, "UID STORE 20:29,110,120 +FLAGS (\\Deleted)"));
	g_free(probe_expect(p, "UID EXPUNGE 25:29,120"));
	g_free(probe_expect(p, "UID MOVE 40:42,90 Other"));
	append(stage, "\\Answered", 3);
	append(stage, "", 2);
	g_free(probe_expect(p, "UID STORE 124 +FLAGS (\\Deleted)"));
	g_free(probe_expect(p, "UID EXPUNGE 124"));
}

START_TEST(what_happened_meanwhile_is_there)
{
	Stage stage = set_up(_i);

	lose(&stage);
	flags_expunges_moves_and_appends(&stage);
	come_back(&stage);
	ck_assert_uint_eq(mailbox_total(stage.client->mailbox), MESSAGES - 6 - 4 + 4);
	check_wire(&stage, wires[stage.way].marks, G_N_ELEMENTS(wires[0].marks));
	tear_down(&stage);
}
END_TEST

/* A second time, from what the first has told. */
START_TEST(it_happens_twice)
{
	Stage stage = set_up(_i);

	lose(&stage);
	flags_expunges_moves_and_appends(&stage);
	come_back(&stage);
	client_until(stage.client, is_known, &stage, "the mailbox is known again");
	lose(&stage);
	g_free(probe_expect(stage.probe, "UID STORE 3,119 -FLAGS (\\Flagged)"));
	g_free(probe_expect(stage.probe, "UID EXPUNGE 20:21"));
	append(&stage, "\\Draft", 1);
	come_back(&stage);
	check_wire(&stage, wires[stage.way].marks, G_N_ELEMENTS(wires[0].marks));
	tear_down(&stage);
}
END_TEST

START_TEST(where_nothing_happened_nothing_is_asked_for)
{
	static const char *const cheap[] = {"+SELECT Work", "-CHANGEDSINCE",
					    "-SEARCH RETURN (ALL) ALL",
					    "-SEARCH RETURN (ALL) UNSEEN"};
	static const char *const listing[] = {"+SELECT Work", "-CHANGEDSINCE"};
	Stage stage = set_up(_i);
	bool is_cheap = stage.way != BY_LISTING;

	lose(&stage);
	come_back(&stage);
	check_wire(&stage, is_cheap ? cheap : listing, is_cheap ? 4 : 2);
	tear_down(&stage);
}
END_TEST

START_TEST(most_of_it_may_go)
{
	Stage stage = set_up(_i);

	lose(&stage);
	g_free(probe_expect(stage.probe, "UID STORE 1:118 +FLAGS (\\Deleted)"));
	g_free(probe_expect(stage.probe, "UID EXPUNGE 1:118"));
	append(&stage, "\\Flagged", 2);
	come_back(&stage);
	ck_assert_uint_eq(mailbox_total(stage.client->mailbox), 4);
	/* And all. */
	stage.selected = stage.client->selected;
	relay_set(stage.relay, RELAY_HOLD);
	g_free(probe_expect(stage.probe, "SELECT " MAILBOX));
	g_free(probe_expect(stage.probe, "UID STORE 1:* +FLAGS (\\Deleted)"));
	g_free(probe_expect(stage.probe, "EXPUNGE"));
	come_back(&stage);
	ck_assert_uint_eq(mailbox_total(stage.client->mailbox), 0);
	tear_down(&stage);
}
END_TEST

static void replace_mailbox(Stage *stage)
{
	unsigned before = probe_status(stage->probe, MAILBOX, "UIDVALIDITY");

	/* A number of seconds in some servers. */
	do {
		g_free(probe_expect(stage->probe, "DELETE " MAILBOX));
		g_usleep(G_USEC_PER_SEC / 10);
		g_free(probe_expect(stage->probe, "CREATE " MAILBOX));
	} while (probe_status(stage->probe, MAILBOX, "UIDVALIDITY") == before);
}

static bool has_heads(Client *c, void *data)
{
	(void)data;
	for (uint32_t i = 0; i < mailbox_known(c->mailbox); i++)
		if (!mailbox_has_head(c->mailbox, mailbox_uid_at(c->mailbox, i)))
			return false;
	return true;
}

/* The UIDs come round again and mean other messages: nothing known of the old ones is shown of
 * them, and what was wanted of an old one is held. */
START_TEST(a_mailbox_made_anew_is_another_one)
{
	static const char *const whole[] = {"-CHANGEDSINCE"};
	g_autoptr(UidSet) two = uidset_new_range(2, 2);
	Stage stage = set_up(_i);
	Client *c = stage.client;

	lose(&stage);
	g_free(probe_expect(stage.probe, "UNSELECT"));
	account_flag(c->account, c->mailbox, two, STORE_ADD, FLAG_FLAGGED);
	client_run(c, 100);
	replace_mailbox(&stage);
	/* More than the first screen, whose heads are fetched anyway. */
	append(&stage, "", MESSAGES);
	come_back(&stage);
	client_until(c, has_heads, NULL, "all heads are there");
	expect_truth(&stage);
	ck_assert_uint_eq(account_held(c->account), 1);
	ck_assert_uint_eq(mailbox_flags(c->mailbox, 2, NULL) & FLAG_FLAGGED, 0);
	check_wire(&stage, whole, 1);
	tear_down(&stage);
}
END_TEST

/* --- lines that are worse --- */

/* Every now and then, at every stage of coming back. */
START_TEST(a_line_that_is_reset_again_and_again)
{
	g_autoptr(UidSet) some = uidset_new_range(50, 52);
	Stage stage = set_up(_i);
	Client *c = stage.client;

	lose(&stage);
	flags_expunges_moves_and_appends(&stage);
	account_flag(c->account, c->mailbox, some, STORE_ADD, FLAG_ANSWERED);
	for (unsigned k = 0; k < 25; k++) {
		relay_set(stage.relay, RELAY_CUT);
		if (account_state(c->account) == POOL_WAITING)
			account_retry(c->account);
		client_run(c, 1 + 2 * k);
		g_free(probe_expectf(stage.probe, "UID STORE %u +FLAGS (\\Flagged)", 60 + k));
	}
	come_back(&stage);
	ck_assert_uint_eq(mailbox_flags(c->mailbox, 51, NULL) & FLAG_ANSWERED, FLAG_ANSWERED);
	tear_down(&stage);
}
END_TEST

/* Nothing is lost, so nothing is opened again. */
START_TEST(a_line_that_stalls)
{
	g_autoptr(UidSet) some = uidset_new_range(50, 52);
	Stage stage = set_up(_i);
	Client *c = stage.client;

	lose(&stage);
	flags_expunges_moves_and_appends(&stage);
	account_flag(c->account, c->mailbox, some, STORE_ADD, FLAG_ANSWERED);
	client_run(c, 2000);
	ck_assert_uint_eq(account_pending(c->account), 1);
	relay_set(stage.relay, RELAY_PASS);
	client_until(c, client_is_quiet, NULL, "what was held up arrives");
	expect_truth(&stage);
	ck_assert_uint_eq(mailbox_flags(c->mailbox, 51, NULL) & FLAG_ANSWERED, FLAG_ANSWERED);
	ck_assert_uint_eq(c->selected, stage.selected);
	tear_down(&stage);
}
END_TEST

static bool is_dead(Client *c, void *data)
{
	(void)data;
	return account_line_is_dead(c->account);
}

START_TEST(a_line_that_lets_nothing_through)
{
	g_autoptr(UidSet) some = uidset_new_range(50, 52);
	Stage stage = set_up(_i);
	Client *c = stage.client;

	lose(&stage);
	relay_set(stage.relay, RELAY_DEAD);
	flags_expunges_moves_and_appends(&stage);
	account_flag(c->account, c->mailbox, some, STORE_ADD, FLAG_ANSWERED);
	client_until(c, is_dead, NULL, "the line is found to be dead");
	append(&stage, "", 1);
	relay_set(stage.relay, RELAY_PASS);
	client_until(c, was_opened_again, &stage, "it is opened again");
	expect_truth(&stage);
	ck_assert_uint_eq(mailbox_flags(c->mailbox, 51, NULL) & FLAG_ANSWERED, FLAG_ANSWERED);
	ck_assert_uint_eq(account_held(c->account), 0);
	tear_down(&stage);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resync");
	TCase *ways = tcase_create("ways"), *lines = tcase_create("lines");
	int n = G_N_ELEMENTS(variants);

	tcase_add_checked_fixture(ways, client_make_state, client_remove_state);
	tcase_add_checked_fixture(lines, client_make_state, client_remove_state);
	tcase_set_timeout(ways, 90);
	tcase_set_timeout(lines, 90);
	suite_add_tcase(suite, ways);
	suite_add_tcase(suite, lines);
	tcase_add_loop_test(ways, what_happened_meanwhile_is_there, 0, n);
	tcase_add_loop_test(ways, it_happens_twice, 0, n);
	tcase_add_loop_test(ways, where_nothing_happened_nothing_is_asked_for, 0, n);
	tcase_add_loop_test(ways, most_of_it_may_go, 0, n);
	tcase_add_loop_test(ways, a_mailbox_made_anew_is_another_one, 0, n);
	tcase_add_loop_test(lines, a_line_that_is_reset_again_and_again, 0, n);
	/* Takes its time, and is the same whatever the server can tell. */
	for (int i = 0; i < n; i += CYRUS) {
		tcase_add_loop_test(lines, a_line_that_stalls, i, i + 1);
		tcase_add_loop_test(lines, a_line_that_lets_nothing_through, i, i + 1);
	}
	return run_suite(suite);
}
