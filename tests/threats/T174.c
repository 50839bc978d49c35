/* T174: nothing irreversible happens without a confirmation naming the count.  Messages that are
 * marked as deleted are removed for ever by a key that asks, and by nothing else that a key does;
 * what is removed is what was counted.  For the other, the folder, Sheaf has no key and no command
 * but IMAP's own (:imap delete NAME), which names it. */
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

enum { MESSAGES = 4 };

typedef struct {
	TestServer *server;
	Probe *other;
	Terminal *terminal;
} Stage;

static void append(Probe *other, const char *word, const char *flags)
{
	g_autofree char *message = g_strdup_printf(
		"From: Ada <ada@example.org>\nSubject: The %s one\n\nHello.\n", word);

	probe_append(other, "INBOX", flags, message, -1);
}

/* Two of the four are marked. */
static Stage set_up(void)
{
	Stage stage = {.server = server_start(SERVER_DOVECOT, NULL)};
	g_autofree char *config = server_config(stage.server, "imap+plain", "");
	const char *const arguments[] = {"-c", config, NULL};

	stage.other = server_probe(stage.server, stage.server->user);
	append(stage.other, "first", "\\Deleted");
	append(stage.other, "second", "\\Deleted");
	append(stage.other, "third", "");
	append(stage.other, "fourth", "");
	g_free(probe_expect(stage.other, "CREATE Elsewhere"));
	stage.terminal = terminal_start_sheaf(arguments, NULL, 24, 100);
	terminal_expect_match(stage.terminal, "✗.*The first one");
	terminal_expect_match(stage.terminal, "✗.*The second one");
	return stage;
}

static void quit(Stage *stage)
{
	terminal_keys(stage->terminal, "Q");
	terminal_expect_exit(stage->terminal, 0);
	terminal_free(stage->terminal);
}

static void tear_down(Stage *stage)
{
	probe_close(stage->other);
	server_stop(stage->server);
}

/* Quitting waits for what was to be sent, so that nothing is on its way any more. */
static void expect_all(Stage *stage)
{
	ck_assert_uint_eq(probe_status(stage->other, "INBOX", "MESSAGES"), MESSAGES);
}

static const char *const answers[] = {"n", "<Esc>", "<Enter>", "<C-c>", "x<Esc>"};

START_TEST(nothing_but_yes_removes)
{
	Stage stage = set_up();

	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		terminal_keys(stage.terminal, i % 2 ? ":expunge<Enter>" : "$");
		terminal_expect(stage.terminal, "Remove 2 messages for ever?");
		terminal_keys(stage.terminal, answers[i]);
		terminal_expect_gone(stage.terminal, "for ever?");
	}
	quit(&stage);
	expect_all(&stage);
	tear_down(&stage);
}
END_TEST

/* Neither a key that deletes, nor leaving the folder, nor quitting. */
START_TEST(nothing_but_the_question_removes)
{
	Stage stage = set_up();

	terminal_keys(stage.terminal, "cElsewhere<Enter>");
	terminal_expect(stage.terminal, "of 0");
	terminal_keys(stage.terminal, "gi");
	terminal_expect(stage.terminal, "The fourth one");
	terminal_keys(stage.terminal, "d");
	terminal_expect(stage.terminal, "Marked as deleted");
	quit(&stage);
	expect_all(&stage);
	tear_down(&stage);
}
END_TEST

static bool is_unmarked(Terminal *t, void *subject)
{
	int row = terminal_find(t, subject, NULL);
	g_autofree char *text = row < 0 ? NULL : terminal_row(t, row);

	return text != NULL && strstr(text, "✗") == NULL;
}

/* While the question stands another client marks a third one, and takes the mark of the first. */
START_TEST(what_is_removed_is_what_was_counted)
{
	Stage stage = set_up();

	terminal_keys(stage.terminal, "$");
	terminal_expect(stage.terminal, "Remove 2 messages for ever?");
	g_free(probe_expect(stage.other, "SELECT INBOX"));
	g_free(probe_expect(stage.other, "STORE 3 +FLAGS (\\Deleted)"));
	terminal_expect_match(stage.terminal, "✗.*The third one");
	g_free(probe_expect(stage.other, "STORE 1 -FLAGS (\\Deleted)"));
	terminal_wait_until(stage.terminal, is_unmarked, "The first one", TERMINAL_PATIENCE);
	terminal_keys(stage.terminal, "y");
	terminal_expect(stage.terminal, "Removed 1 message for ever.");
	quit(&stage);
	g_free(probe_expect(stage.other, "NOOP"));
	g_autofree char *left = probe_expect(stage.other, "SEARCH UID 1,3,4");
	ck_assert_uint_eq(probe_status(stage.other, "INBOX", "MESSAGES"), 3);
	ck_assert_msg(strstr(left, "* SEARCH 1 2 3\n") != NULL, "%s", left);
	tear_down(&stage);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("T174", &tests);

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, nothing_but_yes_removes);
	tcase_add_test(tests, nothing_but_the_question_removes);
	tcase_add_test(tests, what_is_removed_is_what_was_counted);
	return run_suite(suite);
}
