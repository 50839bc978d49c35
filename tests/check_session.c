#include "config.h"

#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "tests/run.h"
#include "tests/stage.h"

#ifndef WIRE_DIR
#define WIRE_DIR "tests/wire"
#endif

static GPtrArray *conversations;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_conversations(void)
{
	GDir *dir = g_dir_open(WIRE_DIR, 0, NULL);
	const char *name;

	conversations = g_ptr_array_new_with_free_func(g_free);
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".txt"))
			g_ptr_array_add(conversations, g_build_filename(WIRE_DIR, name, NULL));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(conversations, by_name);
}

/* Each twice: lines in one piece, and in single bytes. */
START_TEST(test_conversation)
{
	g_autofree char *wrong = stage_play(conversations->pdata[_i / 2], _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

static GString *logged;

static void keep_log(const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED,
		     const char *message, gpointer data G_GNUC_UNUSED)
{
	g_string_append_printf(logged, "%s\n", message);
}

/* T189: nothing that is logged holds the password, as it is or escaped. */
START_TEST(test_log_without_secrets)
{
	g_autofree char *path = g_build_filename(WIRE_DIR, "login-echo.txt", NULL);
	g_autofree char *wrong = NULL;

	logged = g_string_new(NULL);
	g_log_set_debug_enabled(TRUE);
	g_log_set_default_handler(keep_log, NULL);
	wrong = stage_play(path, false);
	ck_assert_msg(!wrong, "%s", wrong);
	ck_assert_msg(strstr(logged->str, "C: A1 LOGIN …\n") != NULL, "%s", logged->str);
	ck_assert_msg(strstr(logged->str, "S: * OK [ALERT] you said LOGIN alice …\n") != NULL, "%s",
		      logged->str);
	ck_assert_msg(strstr(logged->str, "CONNECTING -> NONAUTH") != NULL, "%s", logged->str);
	ck_assert_msg(strstr(logged->str, "sesame") == NULL, "%s", logged->str);
	g_string_free(logged, TRUE);
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("session", &test);

	find_conversations();
	tcase_set_timeout(test, 30);
	tcase_add_loop_test(test, test_conversation, 0, (int)conversations->len * 2);
	tcase_add_test(test, test_log_without_secrets);
	return run_suite(suite);
}
