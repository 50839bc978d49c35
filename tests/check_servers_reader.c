/* The same work in the real reader on every server at hand, over TLS where it has that: read, flag,
 * create a folder, copy, search, delete, expunge; a second client finds what the screen said. */
#include <string.h>
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char *const messages[] = {
	"From: Ada <ada@example.org>\nSubject: Apples\n\nThe apples are ripe.\n",
	"From: Bob <bob@example.org>\nSubject: Pears\n\nThe pears are not.\n",
	"From: Zoe <zoe@example.org>\nSubject: Plums\n\nThe plums are gone.\n",
};

static const struct {
	ServerKind kind;
	const char *kept; /* what the folder Kept is called there */
	bool has_trash;
	const char *scheme, *more_lines;
} rows[] = {{SERVER_DOVECOT, "Kept", false, "imaps", ""},
	    {SERVER_DOVECOT_FULL, "Kept", true, "imaps", ""},
	    {SERVER_CYRUS, "Kept", true, "imaps", ""},
	    {SERVER_COURIER, "INBOX.Kept", false, "imaps", ""},
	    /* Of the mechanisms that it offers, this one works. */
	    {SERVER_IMAP4D, "Kept", false, "imap", "sasl = plain\n"},
	    {SERVER_IMAPPROXY, "Kept", false, "imap+plain", ""}};

static Terminal *open_reader(const TestServer *s, const char *scheme, const char *more_lines)
{
	g_autofree char *config = server_config(s, scheme, more_lines);
	const char *const arguments[] = {"-c", config, NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 110);

	terminal_expect(t, "Apples");
	terminal_expect(t, "3 unread of 3");
	terminal_expect_match(t, "INBOX +3");
	return t;
}

static void delete_under_cursor(Terminal *t, bool has_trash)
{
	terminal_keys(t, "d");
	if (has_trash) {
		terminal_expect(t, "of 2");
		return;
	}
	terminal_keys(t, "$");
	terminal_expect(t, "Remove 1 message for ever?");
	terminal_keys(t, "y");
	terminal_expect(t, "Removed 1 message for ever.");
}

START_TEST(works)
{
	g_autoptr(TestServer) s = server_start(rows[_i].kind, NULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);

	for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
		probe_append(probe, "INBOX", "", messages[i], -1);

	g_autoptr(Terminal) t = open_reader(s, rows[_i].scheme, rows[_i].more_lines);

	terminal_keys(t, "G<Enter>");
	terminal_expect(t, "The apples are ripe.");
	terminal_expect(t, "2 unread of 3");
	terminal_keys(t, "Fq:create Kept<Enter>");
	terminal_expect_match(t, "^[ ✓▾]+Kept +│");
	terminal_keys(t, "CKept<Enter>");
	terminal_expect(t, "Copied 1 message to ");
	terminal_keys(t, "/Pears<Enter>");
	terminal_expect_gone(t, "Apples");
	terminal_expect(t, "Pears");
	delete_under_cursor(t, rows[_i].has_trash);
	terminal_keys(t, "<Esc>");
	terminal_expect(t, "Apples");
	terminal_expect_gone(t, "Pears");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);

	g_free(probe_expect(probe, "SELECT INBOX"));

	g_autofree char *found = probe_expect(probe, "SEARCH FLAGGED SEEN SUBJECT Apples");
	g_autofree char *pears = probe_expect(probe, "SEARCH SUBJECT Pears");

	ck_assert_msg(strstr(found, "* SEARCH 1") != NULL, "%s", found);
	ck_assert_msg(strstr(pears, "* SEARCH\n") != NULL, "%s", pears);
	g_free(probe_expect(probe, "CLOSE"));
	ck_assert_uint_eq(probe_status(probe, "INBOX", "MESSAGES"), 2);
	ck_assert_uint_eq(probe_status(probe, rows[_i].kept, "MESSAGES"), 1);
	if (rows[_i].has_trash)
		ck_assert_uint_eq(probe_status(probe, "Trash", "MESSAGES"), 1);
}
END_TEST

/* What LIST "" "*" does not show, and where the person's own lies. */
static const struct {
	ServerKind kind;
	const char *settings;
	const char *others; /* what another user makes of it, and lets everybody see */
	const char *row;    /* of the tree */
	const char *created;
} namespaces[] = {
	{SERVER_DOVECOT,
	 "namespace team {\n type = public\n separator = /\n prefix = Team/\n list = no\n"
	 " subscriptions = no\n location = maildir:~/team\n}\n",
	 NULL, "^[ ▾]+Team +shared", "Kept"},
	{SERVER_CYRUS, "unixhierarchysep: no\naltnamespace: no\n", "user.bob.Plans",
	 "^[ ▾]+user +others", "INBOX.Kept"},
	{SERVER_COURIER, NULL, NULL, NULL, "INBOX.Kept"},
};

START_TEST(whose_folders)
{
	ServerOptions options = {.settings = namespaces[_i].settings};
	g_autoptr(TestServer) s = server_start(namespaces[_i].kind, &options);
	g_autoptr(Probe) probe = server_probe(s, s->user);

	for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
		probe_append(probe, "INBOX", "", messages[i], -1);
	if (namespaces[_i].kind == SERVER_DOVECOT)
		g_free(probe_expect(probe, "CREATE Team/Plans"));
	if (namespaces[_i].others) {
		g_autoptr(Probe) admin = server_probe(s, "cyrus");
		g_free(probe_expect(admin, "CREATE user.bob"));
		g_free(probe_expect(admin, "CREATE user.bob.Plans"));
		g_free(probe_expect(admin, "SETACL user.bob.Plans anyone lrs"));
		g_free(probe_expect(admin, "CREATE News"));
	}
	g_autoptr(Terminal) t = open_reader(s, "imaps", "");
	if (namespaces[_i].row) {
		terminal_expect_match(t, namespaces[_i].row);
		terminal_expect_match(t, "^[ ▾]+Plans +│");
	}
	g_autofree char *told = g_strdup_printf("Created %s.", namespaces[_i].created);
	terminal_keys(t, ":create Kept<Enter>");
	terminal_expect(t, told);
	terminal_expect_match(t, "^[ ✓▾]+Kept +│");
	terminal_keys(t, "cKept<Enter>");
	terminal_expect(t, "This folder is empty.");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	ck_assert_uint_eq(probe_status(probe, namespaces[_i].created, "MESSAGES"), 0);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("servers_reader", &tests);

	tcase_add_loop_test(tests, works, 0, G_N_ELEMENTS(rows));
	tcase_add_loop_test(tests, whose_folders, 0, G_N_ELEMENTS(namespaces));
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
