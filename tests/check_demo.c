/* The copy that `sheaf demo` opens: layout, flags, times, and what happens to an earlier one. */
#include "ui/demo.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char sample[] = "# comment\n"
			     "folder one yes INBOX\n"
			     "mail a.eml new\n"
			     "mail b.eml FS\n"
			     "\n"
			     "folder two no Travel/Caf\303\251 Z\n"
			     "mail c.eml -\n";

static char *scratch;

static char *at(const char *path)
{
	return g_build_filename(scratch, path, NULL);
}

static void put(const char *path, const char *text)
{
	g_autofree char *file = at(path);
	g_autofree char *dir = g_path_get_dirname(file);

	ck_assert_int_eq(g_mkdir_with_parents(dir, 0755), 0);
	ck_assert(g_file_set_contents(file, text, -1, NULL));
}

static bool exists(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void set_up(void)
{
	g_autofree char *source = at("source");
	g_autofree char *command = g_strdup_printf("rm -rf '%s'/*", scratch);

	ck_assert_int_eq(system(command), 0);
	put("source/mail.table", sample);
	put("source/one/a.eml", "From: a@example.org\nDate: Mon, 2 Nov 2026 08:00:00 +0100\n\na\n");
	put("source/one/b.eml", "From: b@example.org\nDate: no date\n\nb\n");
	put("source/two/c.eml", "Date: Mon, 2 Nov 2026 07:30:00 +0000\nFrom: c@example.org\n\nc\n");
	g_setenv("SHEAF_DEMO", source, TRUE);
}

/* demo_prepare() in a process of its own, which lets go of the copy when it ends. */
static void prepare_elsewhere(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char *path = demo_prepare(false, NULL);
		bool done = path != NULL;

		g_free(path);
		_exit(done ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(lays_out_a_maildir)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = demo_prepare(false, &error);
	g_autofree char *subscriptions = NULL;
	g_autofree char *file = NULL;
	g_autofree char *text = NULL;
	struct stat st;

	ck_assert_msg(path != NULL, "%s", error ? error->message : "");
	file = g_build_filename(path, "subscriptions", NULL);
	ck_assert(g_file_get_contents(file, &subscriptions, NULL, NULL));
	ck_assert_str_eq(subscriptions, "V\t2\n\nINBOX\n");
	ck_assert(exists(path, "new/1793602800.M0P1.sheaf"));
	ck_assert(exists(path, "cur/1793602860.M1P1.sheaf:2,FS"));
	ck_assert(exists(path, ".Travel.Caf&AOk- Z/cur/1793604600.M2P1.sheaf:2,"));
	ck_assert(exists(path, "tmp") && exists(path, ".Travel.Caf&AOk- Z/new"));
	g_free(file);
	file = g_build_filename(path, "cur/1793602860.M1P1.sheaf:2,FS", NULL);
	ck_assert(g_file_get_contents(file, &text, NULL, NULL));
	ck_assert_str_eq(text, "From: b@example.org\nDate: no date\n\nb\n");
	ck_assert_int_eq(g_stat(file, &st), 0);
	ck_assert_int_eq(st.st_mtime, 1793602860);
	ck_assert(geteuid() != 0 || st.st_uid != 0);
}
END_TEST

START_TEST(keeps_the_earlier_copy)
{
	prepare_elsewhere();

	g_autofree char *mine = at("cache/sheaf/demo/1/cur/mine");
	g_autofree char *kept = NULL;

	put("cache/sheaf/demo/1/cur/mine", "x");
	kept = demo_prepare(true, NULL);
	ck_assert(g_str_has_suffix(kept, "/cache/sheaf/demo/1"));
	ck_assert(g_file_test(mine, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(removes_the_earlier_copy)
{
	prepare_elsewhere();

	g_autofree char *mine = at("cache/sheaf/demo/1/.Deep/cur/mine");
	g_autofree char *link = at("cache/sheaf/demo/1/cur/link");
	g_autofree char *outside = at("outside");
	g_autofree char *precious = at("outside/precious");
	g_autofree char *path = NULL;

	put("outside/precious", "keep me");
	put("cache/sheaf/demo/1/.Deep/cur/mine", "x");
	ck_assert_int_eq(symlink(outside, link), 0);
	path = demo_prepare(false, NULL);
	ck_assert(g_str_has_suffix(path, "/cache/sheaf/demo/1"));
	ck_assert(!g_file_test(mine, G_FILE_TEST_EXISTS));
	ck_assert(!g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	ck_assert(g_file_test(precious, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(two_at_once_have_their_own)
{
	g_autofree char *first = demo_prepare(false, NULL);
	g_autofree char *second = demo_prepare(false, NULL);

	ck_assert(g_str_has_suffix(first, "/1"));
	ck_assert(g_str_has_suffix(second, "/2"));
	ck_assert(exists(first, "cur") && exists(second, "cur"));
}
END_TEST

/* What goes wrong is said, and no half copy is left for `keep` to find. */
START_TEST(says_what_is_wrong)
{
	static const struct {
		const char *table, *says;
	} rows[] = {
		{"mail a.eml S\n", "\"mail a.eml S\""}, /* no folder yet */
		{"folder one yes\n", "\"folder one yes\""},
		{"folder one yes INBOX\nmail missing.eml S\n", "missing.eml"},
		{"letter one\n", "\"letter one\""},
	};
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	g_autofree char *copy = at("cache/sheaf/demo/1");

	put("source/mail.table", rows[_i].table);
	path = demo_prepare(false, &error);
	ck_assert_ptr_null(path);
	ck_assert_ptr_nonnull(error);
	ck_assert_msg(strstr(error->message, rows[_i].says) != NULL, "%s", error->message);
	ck_assert(!g_file_test(copy, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(says_where_it_looked)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *nowhere = at("nowhere");

	g_setenv("SHEAF_DEMO", nowhere, TRUE);
	ck_assert_ptr_null(demo_prepare(false, &error));
	ck_assert(strstr(error->message, nowhere) != NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("demo");
	TCase *tcase = tcase_create("demo");
	SRunner *runner;
	g_autofree char *cache = NULL;
	g_autofree char *command = NULL;
	int failed;

	scratch = g_dir_make_tmp("sheaf-check-demo-XXXXXX", NULL);
	g_chmod(scratch, 0711);
	cache = at("cache");
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, lays_out_a_maildir);
	tcase_add_test(tcase, keeps_the_earlier_copy);
	tcase_add_test(tcase, removes_the_earlier_copy);
	tcase_add_test(tcase, two_at_once_have_their_own);
	tcase_add_loop_test(tcase, says_what_is_wrong, 0, 4);
	tcase_add_test(tcase, says_where_it_looked);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	command = g_strdup_printf("rm -rf '%s'", scratch);
	if (system(command) != 0)
		g_printerr("cannot remove %s\n", scratch);
	g_free(scratch);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
