/* conversations - the files of a directory that a player plays, sorted by name. */
#ifndef SHEAF_TESTS_CONVERSATIONS_H
#define SHEAF_TESTS_CONVERSATIONS_H

#include <glib.h>
#include <string.h>

static inline int conversations_by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Paths of its *.txt; empty where there are none.  Unref it. */
static inline GPtrArray *conversations_find(const char *directory)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".txt"))
			g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(paths, conversations_by_name);
	return paths;
}

#endif
