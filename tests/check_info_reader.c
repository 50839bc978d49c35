/* :folder-info in the reader, and the word about a quota that is nearly used up, with real servers.
 */
#include <string.h>

#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char message[] = "From: Ada <ada@example.org>\nSubject: The first one\n\nHello.\n";

static TestServer *start(ServerKind kind)
{
	TestServer *s = server_start(kind, NULL);

	server_add_message(s, s->user, "INBOX", "", message);
	return s;
}

static Terminal *open_reader(TestServer *s, int rows, int cols)
{
	g_autofree char *config = server_config(s, "imap+plain", "");
	const char *const arguments[] = {"-c", config, NULL};
	Terminal *t = terminal_start_sheaf(arguments, NULL, rows, cols);

	terminal_expect(t, "The first one");
	terminal_expect(t, "online");
	return t;
}

static void tell(Probe *probe, const char *command)
{
	g_free(probe_expect(probe, command));
}

static void quit(Terminal *t)
{
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
}

/* Every line of it, and what others wrote is shown clean. */
START_TEST(all_that_dovecot_tells)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT_FULL);
	g_autoptr(Probe) probe = server_probe(s, s->user);

	tell(probe, "SETMETADATA INBOX (/private/comment \"Mine \x1b[31mred\")");
	tell(probe, "SETMETADATA INBOX (/shared/comment \"Of all\")");
	g_autoptr(Terminal) t = open_reader(s, 24, 80);
	terminal_keys(t, "@");
	terminal_expect(t, "About this folder - q closes");
	terminal_expect_match(t, "Folder +INBOX");
	terminal_expect_match(t, "Use +where new mail arrives");
	terminal_expect_match(t, "Messages +1, 1 unread");
	terminal_expect_match(t, "Size +[0-9]+ ");
	terminal_expect_match(t, "Quota +User quota: [0-9.]+K of 200K used \\(0%\\)");
	terminal_expect_match(t, "You may +do everything|You may not +send mail to it");
	terminal_expect_match(t, "My comment +Mine ␛\\[31mred");
	terminal_expect_match(t, "Comment +Of all");
	terminal_expect_match(t, "Identifiers +UIDVALIDITY [0-9]+");
	terminal_expect_match(t, "Server +Dovecot");
	terminal_expect_match(t, "Connection +not encrypted");
	terminal_keys(t, "q");
	terminal_expect_gone(t, "About this folder");
	quit(t);
}
END_TEST

START_TEST(all_that_cyrus_tells)
{
	g_autoptr(TestServer) s = start(SERVER_CYRUS);
	g_autoptr(Probe) admin = server_probe(s, "cyrus");
	g_autofree char *limits =
		g_strdup_printf("SETQUOTA user/%s (STORAGE 200 MESSAGE 50)", s->user);

	tell(admin, limits);
	g_autoptr(Terminal) t = open_reader(s, 40, 120);
	terminal_keys(t, "@");
	terminal_expect_match(t, "Quota +INBOX: [0-9]+ of 200K used|Quota +user.*of 200K used");
	terminal_expect_match(t, "1 of 50 messages used \\(2%\\)");
	terminal_expect_match(t, "You may +do everything|You may +see");
	terminal_expect_match(t, "Identifiers +UIDVALIDITY [0-9]+ ");
	terminal_expect_match(t, "Server +Cyrus");
	quit(t);
}
END_TEST

/* Old rights, no limits, no METADATA, and a folder that is not the open one. */
START_TEST(what_courier_tells_of_another)
{
	g_autoptr(TestServer) s = start(SERVER_COURIER);

	server_add_message(s, s->user, "INBOX.Other", "", message);
	g_autoptr(Terminal) t = open_reader(s, 24, 100);
	terminal_expect(t, "Other");
	terminal_keys(t, "<Left>j@");
	terminal_expect_match(t, "Folder +INBOX.Other");
	terminal_expect_match(t, "Messages +1, 1 unread");
	terminal_expect_match(t, "You may +see that it is there, read, mark as read");
	terminal_expect_match(t, "You may not +send mail to it");
	terminal_expect_match(t, "Identifiers +UIDVALIDITY [0-9]+ ");
	terminal_check(t, terminal_find(t, "omment", NULL) < 0);
	terminal_keys(t, "q");
	terminal_expect_gone(t, "About this folder");
	/* By name, from anywhere. */
	terminal_keys(t, "<Tab>:folder-info INBOX.Nowhere<Enter>");
	terminal_expect(t, "There is no folder INBOX.Nowhere.");
	terminal_keys(t, ":folder-info INBOX.Other<Enter>");
	terminal_expect_match(t, "Folder +INBOX.Other");
	quit(t);
}
END_TEST

/* What the server keeps to itself is no error. */
START_TEST(a_folder_of_somebody_else)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT_FULL);

	server_add_message(s, s->second_user, "INBOX", "", message);
	g_autoptr(Probe) other = server_probe(s, s->second_user);
	g_autofree char *name = g_strconcat("shared/", s->second_user, NULL);
	g_autofree char *share = g_strdup_printf("SETACL INBOX %s lr", s->user);
	g_autofree char *keys = g_strdup_printf(":folder-info %s<Enter>", name);
	tell(other, share);
	g_autoptr(Terminal) t = open_reader(s, 40, 120);
	terminal_expect(t, "shared");
	terminal_keys(t, keys);
	terminal_expect_match(t, "Server +Dovecot");
	terminal_expect_match(t, "You may +see that it is there, read +│");
	terminal_expect_match(t, "You may not +mark as read or unread, change other flags");
	terminal_expect_match(t, "Quota +not told");
	terminal_keys(t, "q");
	terminal_expect_gone(t, "About this folder");
	quit(t);
}
END_TEST

/* It opens with what is known, and C-c closes it while the rest does not come. */
START_TEST(without_a_connection)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT_FULL);
	g_autoptr(Terminal) t = open_reader(s, 24, 80);

	g_clear_pointer(&s, server_stop);
	terminal_expect(t, "offline, retry");
	terminal_keys(t, "@");
	terminal_expect_match(t, "Messages +1, 1 unread");
	terminal_expect_match(t, "Connection +none");
	terminal_keys(t, "<C-c>");
	terminal_expect_gone(t, "About this folder");
	quit(t);
}
END_TEST

static void fill(TestServer *s, unsigned octets)
{
	g_autofree char *text = g_strnfill(octets, 'x');
	g_autofree char *large = g_strconcat(message, text, NULL);

	for (size_t at = strlen(message) + 70; at < strlen(message) + octets; at += 72)
		large[at] = '\n';
	server_add_message(s, s->user, "INBOX", "", large);
}

START_TEST(little_room_is_left)
{
	g_autoptr(TestServer) s = start(SERVER_DOVECOT_FULL);

	for (unsigned i = 0; i < 3; i++)
		fill(s, 61000);
	g_autoptr(Terminal) t = open_reader(s, 24, 120);
	terminal_expect_match(t, "Quota: 9[0-4]% of 200K used\\.");
	terminal_keys(t, "j");
	terminal_expect_gone(t, "Quota:");
	/* Too much for what is left: the refusal says how much that is. */
	terminal_keys(t, "kCSent<Enter>");
	terminal_expect_match(t, "No room, 18[0-9]K of 200K used\\. +Nothing was copied");
	quit(t);
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("folder info", &test);

	tcase_set_timeout(test, 60);
	tcase_add_test(test, all_that_dovecot_tells);
	tcase_add_test(test, all_that_cyrus_tells);
	tcase_add_test(test, what_courier_tells_of_another);
	tcase_add_test(test, a_folder_of_somebody_else);
	tcase_add_test(test, without_a_connection);
	tcase_add_test(test, little_room_is_left);
	return run_suite(suite);
}
