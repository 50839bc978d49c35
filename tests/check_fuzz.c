/* Runs a fuzzer's target without a fuzzer: over every file of the directories in FUZZ_SEEDS, and
 * over FUZZ_MUTATIONS of each that are the same in every run.  Linked with one target for each
 * program. */
#include "config.h"

#include <glib.h>
#include <string.h>
#include "tests/fuzz.h"
#include "tests/run.h"

typedef struct {
	char *bytes;
	size_t len;
} Seed;

static GArray *seeds;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_files(const char *directory, GPtrArray *paths)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	ck_assert_ptr_nonnull(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		if (g_str_has_suffix(name, ".txt") || g_str_has_suffix(name, ".imap"))
			g_ptr_array_add(paths, g_steal_pointer(&path));
	}
	g_ptr_array_sort(paths, by_name);
}

static void load_seeds(void)
{
	g_auto(GStrv) directories = g_strsplit(FUZZ_SEEDS, ":", -1);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	seeds = g_array_new(FALSE, FALSE, sizeof(Seed));
	for (size_t i = 0; directories[i] != NULL; i++)
		find_files(directories[i], paths);
	for (guint i = 0; i < paths->len; i++) {
		Seed seed;
		ck_assert(g_file_get_contents(paths->pdata[i], &seed.bytes, &seed.len, NULL));
		g_array_append_val(seeds, seed);
	}
	ck_assert_uint_gt(seeds->len, 0);
}

static void free_seeds(void)
{
	for (guint i = 0; i < seeds->len; i++)
		g_free(g_array_index(seeds, Seed, i).bytes);
	g_array_unref(seeds);
}

static void run(const char *bytes, size_t len)
{
	LLVMFuzzerTestOneInput((const uint8_t *)bytes, len);
}

START_TEST(test_seeds)
{
	for (guint i = 0; i < seeds->len; i++)
		run(g_array_index(seeds, Seed, i).bytes, g_array_index(seeds, Seed, i).len);
}
END_TEST

static size_t below(GRand *rand, size_t n)
{
	return n == 0 ? 0 : (size_t)g_rand_int_range(rand, 0, (gint32)n);
}

/* A byte replaced by one that means something, a piece cut out or doubled, the end cut off. */
static void mutate(GRand *rand, GString *bytes)
{
	static const char signs[] = "(){}[]<>\"\\*+~,: \r\n0919aN\0\x80\xff";
	size_t at = below(rand, bytes->len), n = below(rand, MIN(bytes->len - at, 40));

	switch (g_rand_int_range(rand, 0, 5)) {
	case 0:
	case 1:
		if (at < bytes->len)
			bytes->str[at] = signs[below(rand, sizeof(signs))];
		break;
	case 2:
		g_string_erase(bytes, (gssize)at, (gssize)n);
		break;
	case 3: {
		g_autofree char *piece = g_memdup2(bytes->str + at, n);
		g_string_insert_len(bytes, (gssize)below(rand, bytes->len), piece, (gssize)n);
		break;
	}
	default:
		g_string_truncate(bytes, bytes->len - n);
	}
}

START_TEST(test_mutations)
{
	GRand *rand = g_rand_new_with_seed(41);

	for (guint i = 0; i < seeds->len; i++) {
		const Seed *seed = &g_array_index(seeds, Seed, i);
		for (unsigned round = 0; round < FUZZ_MUTATIONS; round++) {
			g_autoptr(GString) bytes = g_string_new_len(seed->bytes, (gssize)seed->len);
			for (size_t n = 1 + below(rand, 8); n > 0; n--)
				mutate(rand, bytes);
			run(bytes->str, bytes->len);
		}
	}
	g_rand_free(rand);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("fuzz", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, load_seeds, free_seeds);
	tcase_add_test(tcase, test_seeds);
	tcase_add_test(tcase, test_mutations);
	return run_suite(suite);
}
