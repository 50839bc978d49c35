/* check_password - the password command: first line, exit status, noise, hanging, cancelling
 * (T192). */
#include <string.h>

#include "core/account/password.h"
#include "core/base/error.h"
#include "tests/run.h"

static GMainLoop *loop;
static Scope scope;
static char *secret, *failure;
static int calls;

static void setup(void)
{
	loop = g_main_loop_new(NULL, FALSE);
	scope_init(&scope);
}

static void teardown(void)
{
	scope_cancel(&scope);
	g_main_loop_unref(loop);
	g_clear_pointer(&secret, g_free);
	g_clear_pointer(&failure, g_free);
}

static void done(const char *printed, const GError *error, void *data)
{
	(void)data;
	calls++;
	secret = g_strdup(printed);
	failure = error ? g_strdup(error->message) : NULL;
	ck_assert((printed == NULL) == (error != NULL));
	g_main_loop_quit(loop);
}

static void run(const char *command)
{
	password_run("password-command", command, &scope, done, NULL);
	ck_assert_int_eq(calls, 0); /* never from inside the call */
	g_main_loop_run(loop);
	ck_assert_int_eq(calls, 1);
}

static const struct {
	const char *command, *secret, *failure;
} commands[] = {
	{"echo secret", "secret", NULL},
	{"printf 'first\\nsecond\\n'", "first", NULL},
	{"printf 'no newline'", "no newline", NULL},
	{"printf 'crlf\\r\\n'", "crlf", NULL},
	{"echo noise >&2; echo secret", "secret", NULL},
	{"printf ' blanks '", " blanks ", NULL},
	{"exit 1", NULL, "The password-command failed."},
	{"echo secret; exit 3", NULL, "The password-command failed."},
	{"echo 'gpg: no key' >&2; exit 2", NULL, "The password-command failed: gpg: no key"},
	{"printf 'bad\\033[2Jthing' >&2; exit 2", NULL, "bad"},
	{"true", NULL, "The password-command failed."},
	{"kill -9 $$", NULL, "The password-command failed."},
	{"no-such-command-here", NULL, "not found"},
	{"echo secret; sleep 5 &", "secret", NULL},
	{"yes | head -c 3000000", NULL, "more than 1 MiB"},
};

START_TEST(gives_the_first_line_or_a_sentence)
{
	run(commands[_i].command);
	if (commands[_i].secret)
		ck_assert_str_eq(secret, commands[_i].secret);
	else
		ck_assert_msg(strstr(failure, commands[_i].failure) != NULL, "%s", failure);
	ck_assert(!failure || !strchr(failure, '\033'));
}
END_TEST

START_TEST(a_hanging_command_can_be_cancelled)
{
	password_run("password-command", "sleep 100", &scope, done, NULL);
	scope_cancel(&scope);
	ck_assert_int_eq(calls, 1);
	ck_assert_ptr_null(secret);
	ck_assert_ptr_nonnull(failure);
	/* What GIO still has to say finds nobody at home. */
	for (int i = 0; i < 50; i++)
		g_main_context_iteration(NULL, FALSE);
	ck_assert_int_eq(calls, 1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("password", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, gives_the_first_line_or_a_sentence, 0, G_N_ELEMENTS(commands));
	tcase_add_test(tcase, a_hanging_command_can_be_cancelled);
	return run_suite(suite);
}
