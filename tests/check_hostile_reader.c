/* T095: mail with escape sequences and every byte in every field is opened in the real reader, its
 * headers, source and parts too; nothing of it reaches the terminal as a control. */
#include <string.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

static const char *const sequences[] = {
	"\x1b[2J\x1b[H",                      /* erases the screen */
	"\x1b]0;title\x07",                   /* sets the title */
	"\x1b[21t",                           /* asks for the title: the answer would be typed */
	"\x1b]52;c;cm0gLXJmIC8=\x07",         /* sets the clipboard */
	"\x1b]8;;http://evil.example/\x1b\\", /* a link that is not what it shows */
	"\x1bP$q\"p\x1b\\",                   /* asks for settings */
	"\x9b"
	"31m\xc2\x9b"
	"31m",                      /* C1 as a byte and as UTF-8 */
	"\x0e\x0f\x07\x08\x7f\x05", /* other controls */
	"\xe2\x80\xae"
	"fdp.exe\xe2\x81\xa6",          /* text that turns round */
	"\xff\xfe\xc0\xaf\xed\xa0\x80", /* no UTF-8 */
	"&#27;[2J&#x9b;31m&#x202e;",    /* in HTML */
	"=1B[2J=07=00",                 /* in quoted-printable */
};

/* Every byte but NUL, CR and LF, which Dovecot or the line structure would not let through. */
static char *all_bytes(void)
{
	GString *bytes = g_string_new(NULL);

	for (unsigned byte = 1; byte < 256; byte++)
		if (byte != '\r' && byte != '\n')
			g_string_append_c(bytes, byte);
	return g_string_free(bytes, FALSE);
}

static char *encoded_word(const char *text)
{
	g_autofree char *base64 = g_base64_encode((const guchar *)text, strlen(text));

	return g_strdup_printf("=?utf-8?B?%s?=", base64);
}

/* A mail whose fields all contain `evil`: headers in `word`, the rest as it is. */
static char *hostile_message(const char *evil, const char *word, unsigned number)
{
	return g_strdup_printf(
		"From: A %s <a%s@example.org>\n"
		"To: B %s <b@example.org>, %s\n"
		"Subject: hostile-%u %s\n"
		"Date: Mon, 23 Nov 2026 %s\n"
		"Message-ID: <%s@example.org>\n"
		"X-Other: %s\n"
		"MIME-Version: 1.0\n"
		"Content-Type: multipart/mixed; boundary=b\n\n"
		"--b\nContent-Type: text/plain; charset=\"%s\"\n\nplain %s\n%s\n"
		"--b\nContent-Type: text/html; charset=utf-8\n\n<title>%s</title><p>html %s"
		"<a href=\"%s\">%s</a><img alt=\"%s\">\n"
		"--b\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: quoted-printable\n\nencoded %s\n"
		"--b\nContent-Type: application/x-%s; name=\"%s\"\n"
		"Content-Disposition: attachment; filename=\"%s\"\n\nattached\n"
		"--b\nContent-Type: message/rfc822\n\n"
		"From: %s\nSubject: inner %s\n\ninner text %s\n--b--\n",
		word, evil, word, evil, number, word, evil, evil, evil, evil, evil, evil, evil,
		evil, evil, evil, evil, evil, evil, evil, evil, evil, evil, evil);
}

static unsigned fill(const TestServer *s)
{
	g_autoptr(Probe) probe = server_probe(s, s->user);
	g_autofree char *bytes = all_bytes();
	unsigned number = 0;

	for (size_t i = 0; i <= G_N_ELEMENTS(sequences); i++) {
		const char *evil = i < G_N_ELEMENTS(sequences) ? sequences[i] : bytes;
		g_autofree char *word = encoded_word(evil);
		g_autofree char *raw = hostile_message(evil, evil, ++number);
		g_autofree char *encoded = hostile_message(evil, word, ++number);

		probe_append(probe, "INBOX", "", raw, -1);
		probe_append(probe, "INBOX", "", encoded, -1);
	}
	g_free(probe_command(probe, "CREATE \"bad&ABs-[2J name\""));
	return number;
}

static void expect_ours(Terminal *t)
{
	g_autofree char *foreign = terminal_foreign(t);

	ck_assert_msg(foreign == NULL, "On the terminal stood %s", foreign);
}

START_TEST(shows_hostile_mail)
{
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	unsigned messages = fill(s);
	g_autofree char *config = server_config(s, "imap+plain", "");
	const char *const arguments[] = {"-c", config, NULL};
	g_autoptr(Terminal) t = terminal_start_sheaf(arguments, NULL, 150, 120);

	g_autofree char *all_unread = g_strdup_printf(" %u unread of %u", messages, messages);

	terminal_expect(t, "hostile-1");
	terminal_expect_row(t, 0, all_unread);
	terminal_keys(t, "<Enter>H");
	for (unsigned left = messages; left-- > 0;) {
		g_autofree char *title = g_strdup_printf(" %u unread of %u", left, messages);

		terminal_expect_row(t, 0, title);
		terminal_expect(t, "X-Other");
		terminal_keys(t, "v");
		terminal_expect(t, "Parts - Enter");
		terminal_keys(t, "q");
		terminal_expect_gone(t, "Parts - Enter");
		terminal_keys(t, "gR");
		terminal_expect(t, "Message as sent");
		terminal_keys(t, "J");
		expect_ours(t);
	}
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
	terminal_expect_restored(t);
	expect_ours(t);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("hostile_reader", &tests);

	tcase_add_test(tests, shows_hostile_mail);
	tcase_set_timeout(tests, 60);
	return run_suite(suite);
}
