/* check_save - saving never replaces anything, is complete or absent, and private (T130-T133). */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/run.h"
#include "ui/save.h"

static char *directory;
static GMainLoop *loop;
static char *failure;

static void setup(void)
{
	directory = g_dir_make_tmp("sheaf-save-XXXXXX", NULL);
	loop = g_main_loop_new(NULL, FALSE);
}

static void teardown(void)
{
	g_autofree char *command = g_strdup_printf("rm -r '%s'", directory);

	ck_assert_int_eq(system(command), 0);
	g_free(directory);
	g_clear_pointer(&failure, g_free);
	g_main_loop_unref(loop);
}

static void done(const char *path, const GError *error, void *data)
{
	(void)path;
	(void)data;
	failure = error ? g_strdup(error->message) : NULL;
	g_main_loop_quit(loop);
}

/* The path, saved to. */
static char *save(const char *name, const char *text)
{
	char *path = g_build_filename(directory, name, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	g_clear_pointer(&failure, g_free);
	save_bytes(path, bytes, done, NULL);
	g_main_loop_run(loop);
	return path;
}

static void add(Save *s, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	save_add(s, bytes);
}

static unsigned entries(void)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir))
		n++;
	return n;
}

static void is_in(const char *path, const char *text)
{
	g_autofree char *bytes = NULL;

	ck_assert(g_file_get_contents(path, &bytes, NULL, NULL));
	ck_assert_str_eq(bytes, text);
}

START_TEST(pieces_are_decoded_across_their_ends)
{
	g_autofree char *path = g_build_filename(directory, "x", NULL);
	Save *s = save_begin(path, "base64");

	add(s, "aGVs");
	add(s, "b");
	add(s, "");
	add(s, "G8gdGhlcmU");
	add(s, "=");
	save_end(s, done, NULL);
	g_main_loop_run(loop);
	ck_assert_ptr_null(failure);
	is_in(path, "hello there");
	ck_assert_uint_eq(entries(), 1);
}
END_TEST

static gboolean quit_where_empty(gpointer data)
{
	(void)data;
	if (entries() == 0)
		g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

START_TEST(what_is_cancelled_leaves_nothing)
{
	g_autofree char *path = g_build_filename(directory, "x", NULL);
	Save *s = save_begin(path, NULL);

	add(s, "half of it");
	save_cancel(s);
	guint timer = g_timeout_add(50, quit_where_empty, NULL);
	g_main_loop_run(loop);
	g_source_remove(timer);
	ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

/* Until the thread has written it. */
START_TEST(it_says_when_it_is_full)
{
	g_autofree char *path = g_build_filename(directory, "x", NULL);
	Save *s = save_begin(path, NULL);
	g_autoptr(GBytes) large = g_bytes_new_take(g_malloc0(6 << 20), 6 << 20);

	ck_assert(!save_is_full(s));
	save_add(s, large);
	while (save_is_full(s))
		g_usleep(1000);
	save_end(s, done, NULL);
	g_main_loop_run(loop);
	ck_assert_ptr_null(failure);
}
END_TEST

START_TEST(a_new_file_has_the_bytes_and_is_private)
{
	g_autofree char *text = NULL;
	struct stat info;

	umask(0);
	g_autofree char *path = save("new.txt", "bytes");
	ck_assert_ptr_null(failure);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_str_eq(text, "bytes");
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777, 0600);
	ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(an_existing_file_stays_and_the_message_names_it)
{
	g_autofree char *text = NULL;
	g_autofree char *first = save("there.txt", "first");
	g_autofree char *second = save("there.txt", "second");

	ck_assert_ptr_nonnull(failure);
	ck_assert_ptr_nonnull(strstr(failure, "there.txt exists already"));
	ck_assert(g_file_get_contents(first, &text, NULL, NULL));
	ck_assert_str_eq(text, "first");
	ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(a_dangling_link_is_not_followed)
{
	g_autofree char *target = g_build_filename(directory, "target", NULL);
	g_autofree char *trap = g_build_filename(directory, "link", NULL);

	ck_assert_int_eq(symlink(target, trap), 0);
	g_autofree char *path = save("link", "bytes");
	ck_assert_ptr_nonnull(failure);
	ck_assert(!g_file_test(target, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(a_missing_directory_gives_a_sentence)
{
	g_autofree char *path = save("no/such/file", "bytes");

	ck_assert_ptr_nonnull(failure);
	ck_assert_ptr_nonnull(strstr(failure, "could not be written: No such file"));
	ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(paths_as_people_type_them)
{
	g_autofree char *home = save_path("~/x.txt", "name");
	g_autofree char *inside = save_path(directory, "name");
	g_autofree char *expected = g_build_filename(directory, "name", NULL);

	ck_assert(g_str_has_prefix(home, g_get_home_dir()));
	ck_assert(g_str_has_suffix(home, "/x.txt"));
	ck_assert_str_eq(inside, expected);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("save", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, pieces_are_decoded_across_their_ends);
	tcase_add_test(tcase, what_is_cancelled_leaves_nothing);
	tcase_add_test(tcase, it_says_when_it_is_full);
	tcase_add_test(tcase, a_new_file_has_the_bytes_and_is_private);
	tcase_add_test(tcase, an_existing_file_stays_and_the_message_names_it);
	tcase_add_test(tcase, a_dangling_link_is_not_followed);
	tcase_add_test(tcase, a_missing_directory_gives_a_sentence);
	tcase_add_test(tcase, paths_as_people_type_them);
	return run_suite(suite);
}
