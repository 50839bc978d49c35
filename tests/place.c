#define _GNU_SOURCE
#include "tests/place.h"
#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>

static bool is_source(const char *directory)
{
	g_autofree char *proof = g_build_filename(directory, "tests", "servers", NULL);

	return g_file_test(proof, G_FILE_TEST_IS_DIR);
}

static const char *source(void)
{
	const char *const candidates[] = {g_getenv("SHEAF_SOURCE"), g_getenv("srcdir"), ".", ".."};

	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++)
		if (candidates[i] != NULL && is_source(candidates[i]))
			return candidates[i];
	g_error("The source tree was not found: set SHEAF_SOURCE to it.");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	g_remove(path);
	return 0;
}

const char *place_binary(void)
{
	static char *binary;

	if (binary == NULL) {
		const char *named = g_getenv("SHEAF_BINARY");

		binary = g_canonicalize_filename(named != NULL ? named : "sheaf", NULL);
	}
	return binary;
}

char *place_source(const char *file)
{
	g_autofree char *root = g_canonicalize_filename(source(), NULL);

	return g_build_filename(root, file, NULL);
}

char *place_temporary(void)
{
	g_autoptr(GError) error = NULL;
	char *directory = g_dir_make_tmp("sheaf-test-XXXXXX", &error);

	if (directory == NULL)
		g_error("%s", error->message);
	g_chmod(directory, 0755);
	return directory;
}

void place_remove(const char *directory)
{
	if (directory != NULL)
		nftw(directory, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
