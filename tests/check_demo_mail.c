/* The demo mail itself: the table names every file and no other, all of it is mail, names are
 * unique, and every answer answers something that is there. */
#include "mime/parse.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MAILS_AT_LEAST = 60 };

typedef void (*EachMail)(const char *file, GBytes *raw, void *data);

/* Calls `each` for every mail line of the table, in order; returns how many there were. */
static unsigned foreach_mail(EachMail each, void *data)
{
	g_autofree char *table = NULL;
	g_autofree char *dir = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned count = 0;

	ck_assert(g_file_get_contents(DEMO_SOURCE "/mail.table", &table, NULL, NULL));
	lines = g_strsplit(table, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		g_auto(GStrv) words = g_strsplit(lines[i], " ", 4);
		g_autofree char *file = NULL;
		char *text;
		size_t len;

		if (g_str_equal(words[0] ? words[0] : "", "folder")) {
			g_free(dir);
			dir = g_strdup(words[1]);
		}
		if (!g_str_equal(words[0] ? words[0] : "", "mail"))
			continue;
		ck_assert_ptr_nonnull(dir);
		file = g_build_filename(DEMO_SOURCE, dir, words[1], NULL);
		ck_assert_msg(g_file_get_contents(file, &text, &len, NULL), "no file %s", file);
		g_autoptr(GBytes) raw = g_bytes_new_take(text, len);
		each(file, raw, data);
		count++;
	}
	return count;
}

static void parse(const char *file, GBytes *raw, void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MimePart) root = parse_message(raw, &error);

	(void)data;
	ck_assert_msg(root != NULL, "%s: %s", file, error ? error->message : "");
	ck_assert_msg(part_readable(root, false) != NULL, "%s has no text", file);
}

START_TEST(all_are_mail)
{
	ck_assert_uint_ge(foreach_mail(parse, NULL), MAILS_AT_LEAST);
}
END_TEST

/* Adds "DIR/FILE" of each mail to the set. */
static void remember_file(const char *file, GBytes *raw, void *data)
{
	(void)raw;
	ck_assert_msg(g_hash_table_add(data, g_strdup(file)), "%s is in the table twice", file);
}

START_TEST(table_and_files_agree)
{
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GDir) top = g_dir_open(DEMO_SOURCE, 0, NULL);

	foreach_mail(remember_file, files);
	for (const char *name; (name = g_dir_read_name(top));) {
		g_autofree char *path = g_build_filename(DEMO_SOURCE, name, NULL);
		g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

		for (const char *mail; dir && (mail = g_dir_read_name(dir));) {
			g_autofree char *file = g_build_filename(path, mail, NULL);
			ck_assert_msg(g_hash_table_contains(files, file), "%s is not in the table",
				      file);
		}
	}
}
END_TEST

typedef struct {
	GHashTable *ids;
	GPtrArray *references;
} Threads;

static void read_ids(const char *file, GBytes *raw, void *data)
{
	Threads *threads = data;
	g_autoptr(MimePart) root = parse_message(raw, NULL);
	g_autofree char *id = parse_header_field(root->header, "Message-ID");
	g_autofree char *references = parse_header_field(root->header, "References");
	g_autofree char *parent = parse_header_field(root->header, "In-Reply-To");
	g_auto(GStrv) words = g_strsplit(references ? references : "", " ", -1);

	ck_assert_msg(id != NULL, "%s has no Message-ID", file);
	ck_assert_msg(!parent || (references && g_str_has_suffix(references, parent)),
		      "%s: In-Reply-To is not the last of References", file);
	for (unsigned i = 0; words[i]; i++)
		if (*words[i])
			g_ptr_array_add(threads->references, g_strdup(words[i]));
	ck_assert_msg(g_hash_table_add(threads->ids, g_steal_pointer(&id)),
		      "%s has another's Message-ID", file);
}

START_TEST(threads_hold_together)
{
	Threads threads = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
			   g_ptr_array_new_with_free_func(g_free)};

	foreach_mail(read_ids, &threads);
	ck_assert_uint_ge(threads.references->len, 15);
	for (unsigned i = 0; i < threads.references->len; i++)
		ck_assert_msg(g_hash_table_contains(threads.ids, threads.references->pdata[i]),
			      "nothing is called %s", (char *)threads.references->pdata[i]);
	g_hash_table_unref(threads.ids);
	g_ptr_array_unref(threads.references);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("demo mail");
	TCase *tcase = tcase_create("demo mail");

	tcase_add_test(tcase, all_are_mail);
	tcase_add_test(tcase, table_and_files_agree);
	tcase_add_test(tcase, threads_hold_together);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
