/* The mail of $SHEAF_CORPUS (../shared/corpus) in the real reader: all of the torture collection
 * and two thousand messages of real people are opened one after the other, without a crash, a
 * stall, or a byte on the terminal that is not our own (T095). */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/place.h"
#include "tests/probe.h"
#include "tests/run.h"
#include "tests/terminal.h"

enum {
	REAL_MESSAGES = 2000,
	STALL = 10000 /* ms for one message */
};

typedef struct {
	const char *archive;
	const char *without;        /* in the path of files that are not, or NULL */
	unsigned at_least, at_most; /* messages */
} Collection;

static const Collection collections[] = {
	{"torture.tar.xz", "/output/", 400, G_MAXUINT},
	{"spamassassin.tar.xz", "/cmds", REAL_MESSAGES, REAL_MESSAGES},
};

static char *corpus_file(const char *name)
{
	const char *from = g_getenv("SHEAF_CORPUS");
	g_autofree char *folder = from ? g_strdup(from) : place_source("../shared/corpus");

	return g_build_filename(folder, name, NULL);
}

static void run_in(const char *directory, const char *command)
{
	const char *const argv[] = {"sh", "-ec", command, NULL};
	g_autoptr(GError) error = NULL;
	int status = 0;

	if (!g_spawn_sync(directory, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
			  NULL, &status, &error) ||
	    !g_spawn_check_wait_status(status, &error))
		ck_abort_msg("%s: %s", command, error->message);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All files below `path`, but for those that are another program's answers. */
static void collect(const char *path, const Collection *c, GPtrArray *files)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		char *file = g_build_filename(path, name, NULL);

		if (g_file_test(file, G_FILE_TEST_IS_DIR))
			collect(file, c, files);
		else if (!g_str_has_suffix(name, ".json") && !g_str_has_prefix(name, "COPYING") &&
			 strstr(file, c->without) == NULL) {
			g_ptr_array_add(files, file);
			continue;
		}
		g_free(file);
	}
}

/* Evenly chosen, linked into a Maildir; returns how many. */
static unsigned make_maildir(const char *directory, const Collection *c)
{
	g_autofree char *archive = corpus_file(c->archive);
	g_autofree char *unpack = g_strdup_printf(
		"mkdir -p mail/cur mail/new mail/tmp corpus; tar -xJf '%s' -C corpus", archive);
	g_autofree char *corpus = g_build_filename(directory, "corpus", NULL);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

	run_in(directory, unpack);
	collect(corpus, c, files);
	qsort(files->pdata, files->len, sizeof(char *), by_name);

	unsigned wanted = MIN(c->at_most, files->len);

	for (unsigned i = 0; i < wanted; i++) {
		const char *file = files->pdata[(size_t)i * files->len / wanted];
		g_autofree char *name = g_strdup_printf("%s/mail/cur/%u.corpus:2,", directory, i);

		ck_assert_msg(rename(file, name) == 0, "%s", file);
	}
	run_in(directory, "[ $(id -u) != 0 ] || chown -R nobody: mail");
	return wanted;
}

static double seconds_since(gint64 start)
{
	return (g_get_monotonic_time() - start) / 1e6;
}

/* J until nothing is unread; every message has its turn on the screen. */
static void page_through(Terminal *t, unsigned messages)
{
	double slowest = 0;

	terminal_keys(t, "<Enter>");
	for (unsigned left = messages; left-- > 0;) {
		g_autofree char *title = g_strdup_printf(" %u unread of %u", left, messages);
		gint64 start = g_get_monotonic_time();

		terminal_assert(t, terminal_wait_row(t, 0, title, STALL), __FILE__, __LINE__,
				"to see in the title", title);
		slowest = MAX(slowest, seconds_since(start));
		terminal_keys(t, "J");
	}
	printf("%u messages paged through, the slowest in %.2f s\n", messages, slowest);
}

START_TEST(pages_through)
{
	g_autofree char *directory = place_temporary();
	unsigned messages = make_maildir(directory, &collections[_i]);
	g_autofree char *mail = g_build_filename(directory, "mail", NULL);
	const char *const arguments[] = {"-c", "none", mail, NULL};
	g_autofree char *all_unread = g_strdup_printf(" %u unread of %u", messages, messages);
	Terminal *t = terminal_start_sheaf(arguments, NULL, 40, 120);

	ck_assert_uint_ge(messages, collections[_i].at_least);
	terminal_expect(t, "★");
	terminal_expect_row(t, 0, all_unread);
	page_through(t, messages);
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);

	g_autofree char *foreign = terminal_foreign(t);

	ck_assert_msg(foreign == NULL, "On the terminal stood %s", foreign);
	terminal_free(t);

	Probe *probe = probe_open_maildir(mail);

	ck_assert_uint_eq(probe_status(probe, "INBOX", "MESSAGES"), messages);
	ck_assert_uint_eq(probe_status(probe, "INBOX", "UNSEEN"), 0);
	probe_close(probe);
	place_remove(directory);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("corpus_reader", &tests);

	for (size_t i = 0; i < G_N_ELEMENTS(collections); i++) {
		g_autofree char *file = corpus_file(collections[i].archive);

		if (!g_file_test(file, G_FILE_TEST_EXISTS)) {
			printf("%s is not there: the collections of mail are not part of Sheaf.\n",
			       file);
			return 77;
		}
	}
	tcase_add_loop_test(tests, pages_through, 0, G_N_ELEMENTS(collections));
	tcase_set_timeout(tests, 120);
	return run_suite(suite);
}
