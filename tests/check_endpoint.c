#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/error.h"
#include "core/net/dovecot.h"
#include "core/net/endpoint.h"
#include "tests/run.h"

typedef struct {
	const char *text;
	EndpointKind kind;
	const char *host;
	unsigned port;
	const char *user, *password, *mailbox, *label;
	bool local;
} Good;

static const Good good[] = {
	{"imaps://me@example.org", ENDPOINT_IMAPS, "example.org", 993, "me", NULL, NULL,
	 "me@example.org", false},
	{"imaps://me@example.org@imap.example.org", ENDPOINT_IMAPS, "imap.example.org", 993,
	 "me@example.org", NULL, NULL, "me@example.org", false},
	{"IMAPS://me%40example.org@imap.example.org:1993/", ENDPOINT_IMAPS, "imap.example.org",
	 1993, "me@example.org", NULL, NULL, "me@example.org", false},
	{"imap://me:s%3Ae@cret@h/INBOX/a%20b", ENDPOINT_STARTTLS, "h", 143, "me", "s:e@cret",
	 "INBOX/a b", "me@h", false},
	{"imap+plain://127.0.0.1:1143", ENDPOINT_PLAIN, "127.0.0.1", 1143, NULL, NULL, NULL,
	 "127.0.0.1", true},
	{"imap+plain://me@localhost", ENDPOINT_PLAIN, "localhost", 143, "me", NULL, NULL,
	 "me@localhost", true},
	{"imap+plain://me@127.0.0.1.example.org", ENDPOINT_PLAIN, "127.0.0.1.example.org", 143,
	 "me", NULL, NULL, "me@127.0.0.1.example.org", false},
	{"imaps://me@[::1]:99/x;UID=3", ENDPOINT_IMAPS, "::1", 99, "me", NULL, "x", "me@::1", true},
	{"imaps://me;AUTH=PLAIN:p@h", ENDPOINT_IMAPS, "h", 993, "me", "p", NULL, "me@h", false},
	{"imaps://bücher.example", ENDPOINT_IMAPS, "bücher.example", 993, NULL, NULL, NULL,
	 "bücher.example", false},
	{"imaps://", ENDPOINT_IMAPS, "localhost", 993, NULL, NULL, NULL, "localhost", true},
	{"imap://me@", ENDPOINT_STARTTLS, "localhost", 143, "me", NULL, NULL, "me@localhost", true},
	{"imaps://me@:1993/x", ENDPOINT_IMAPS, "localhost", 1993, "me", NULL, "x", "me@localhost",
	 true},
	{"imaps://@h", ENDPOINT_IMAPS, "h", 993, NULL, NULL, NULL, "h", false},
	{"imaps://j%C3%BC@h/%E7%94%B0", ENDPOINT_IMAPS, "h", 993, "jü", NULL, "田", "jü@h", false},
};

START_TEST(test_good)
{
	const Good *want = &good[_i];
	g_autoptr(GError) error = NULL;
	g_autoptr(Endpoint) got = endpoint_parse(want->text, NULL, &error);

	ck_assert_msg(got != NULL, "%s: %s", want->text, error ? error->message : "");
	ck_assert_int_eq(got->kind, want->kind);
	ck_assert_str_eq(got->host, want->host);
	ck_assert_uint_eq(got->port, want->port);
	ck_assert_pstr_eq(got->user, want->user);
	ck_assert_pstr_eq(got->password, want->password);
	ck_assert_pstr_eq(got->mailbox, want->mailbox);
	ck_assert_str_eq(got->label, want->label);
	ck_assert_int_eq(endpoint_is_local(got), want->local);
}
END_TEST

/* The text, and a word of the sentence that refuses it. */
static const char *const bad[][2] = {
	{"", "No address"},
	{"imaps://[]", "no host"},
	{"imaps://h:0", "1 to 65535"},
	{"imaps://h:65536", "1 to 65535"},
	{"imaps://h:", "1 to 65535"},
	{"imaps://h:99x", "1 to 65535"},
	{"imaps://[::1]99", "Only ':'"},
	{"imaps://me@-oProxyCommand=x", "host name"},
	{"imaps://me@-v", "host name"},
	{"imaps://me@$(x)", "host name"},
	{"imaps://me@a b", "host name"},
	{"imaps://m%00e@h", "user name"},
	{"imaps://m%0Ae@h", "user name"},
	{"imaps://m%zze@h", "user name"},
	{"imaps://m%FFe@h", "user name"},
	{"imaps://me:p%0Dp@h", "password"},
	{"imaps://h/a%0Ab", "mailbox"},
	{"pop3://me:secret@h", "pop3://"},
	{"exec:", "exec:"},
	{"exec:a 'b", "quote"},
	{"me@example.org", "write imaps://me@example.org"},
	{"/nonexistent/mail", "no file or directory"},
};

START_TEST(test_bad)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(endpoint_parse(bad[_i][0], "/usr/lib/dovecot/imap", &error));
	ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE));
	ck_assert_msg(strstr(error->message, bad[_i][1]) != NULL, "%s: %s", bad[_i][0],
		      error->message);
	ck_assert_ptr_null(strstr(error->message, "secret"));
}
END_TEST

START_TEST(test_exec)
{
	g_autoptr(Endpoint) got = endpoint_parse("exec:ssh -q 'my host' exec imapd", NULL, NULL);
	const char *const want[] = {"ssh", "-q", "my host", "exec", "imapd", NULL};

	ck_assert_ptr_nonnull(got);
	ck_assert_int_eq(got->kind, ENDPOINT_EXEC);
	ck_assert(g_strv_equal((const char *const *)got->argv, want));
	ck_assert(endpoint_is_local(got));
	ck_assert_str_eq(got->label, "ssh -q 'my host' exec imapd");
}
END_TEST

/* A directory that nobody may write, with a Maildir in it. */
static char *make_maildir(void)
{
	char *dir = g_strdup("/tmp/sheaf-endpoint-XXXXXX");
	static const char *const below[] = {"cur", "new", "tmp"};

	ck_assert_ptr_nonnull(g_mkdtemp(dir));
	for (size_t i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autofree char *path = g_build_filename(dir, below[i], NULL);
		ck_assert_int_eq(g_mkdir(path, 0700), 0);
	}
	return dir;
}

static void remove_maildir(const char *dir)
{
	static const char *const below[] = {"cur", "new", "tmp"};

	for (size_t i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autofree char *path = g_build_filename(dir, below[i], NULL);
		g_rmdir(path);
	}
	g_rmdir(dir);
}

START_TEST(test_maildir)
{
	g_autofree char *dir = make_maildir();
	g_autofree char *want = g_strconcat("MAIL=maildir:", dir, NULL);
	g_autoptr(GError) error = NULL;

	if (geteuid() == 0) {
		ck_assert_ptr_null(endpoint_parse(dir, "/bin/true", &error));
		ck_assert_ptr_nonnull(strstr(error->message, "nobody"));
		ck_assert_int_eq(chown(dir, 65534, 65534), 0);
	}
	g_autoptr(Endpoint) got = endpoint_parse(dir, "/bin/true", NULL);
	ck_assert_ptr_nonnull(got);
	ck_assert_int_eq(got->kind, ENDPOINT_EXEC);
	ck_assert(g_strv_contains((const char *const *)got->argv, "/bin/true"));
	ck_assert_int_eq(g_strv_contains((const char *const *)got->argv, "mail_uid=nobody"),
			 geteuid() == 0);
	ck_assert_str_eq(got->label, dir);
	ck_assert_ptr_nonnull(got->envp);
	remove_maildir(dir);
}
END_TEST

START_TEST(test_not_a_maildir)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(endpoint_parse("/tmp", "/bin/true", &error));
	ck_assert_ptr_nonnull(strstr(error->message, "no Maildir"));
	g_clear_error(&error);
	ck_assert_ptr_null(endpoint_parse("/tmp", NULL, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "not installed"));
}
END_TEST

START_TEST(test_find_dovecot)
{
	g_autofree char *configured = endpoint_find_dovecot("/opt/imap");
	g_autofree char *from_environment = NULL;

	ck_assert_str_eq(configured, "/opt/imap");
	ck_assert(g_setenv("SHEAF_DOVECOT_IMAP", "/bin/true", TRUE));
	from_environment = endpoint_find_dovecot("");
	ck_assert_str_eq(from_environment, "/bin/true");
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("endpoint", &test);

	tcase_add_loop_test(test, test_good, 0, G_N_ELEMENTS(good));
	tcase_add_loop_test(test, test_bad, 0, G_N_ELEMENTS(bad));
	tcase_add_test(test, test_exec);
	tcase_add_test(test, test_maildir);
	tcase_add_test(test, test_not_a_maildir);
	tcase_add_test(test, test_find_dovecot);
	return run_suite(suite);
}
