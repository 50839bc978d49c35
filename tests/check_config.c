/* check_config - what the reader of the configuration file takes, complains of and refuses. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/run.h"
#include "ui/command/config.h"

static char *path;
static Keymap *keymap;
static Config *config;

static void setup(void)
{
	g_autofree char *dir = g_dir_make_tmp("sheaf-config-XXXXXX", NULL);

	path = g_build_filename(dir, "config", NULL);
	keymap = keymap_new();
	config = config_new(keymap);
}

static void teardown(void)
{
	g_autofree char *dir = g_path_get_dirname(path);

	unlink(path);
	rmdir(dir);
	config_free(config);
	keymap_free(keymap);
	g_free(path);
}

static bool load(const char *text, mode_t mode, GError **error)
{
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert_int_eq(chmod(path, mode), 0);
	return config_load(config, path, true, error);
}

/* Complaints without the path, one a line. */
static char *complaints(void)
{
	GString *all = g_string_new(NULL);

	for (unsigned i = 0; i < config->complaints->len; i++) {
		const char *line = g_ptr_array_index(config->complaints, i);
		ck_assert(g_str_has_prefix(line, path));
		g_string_append_printf(all, "%s\n", line + strlen(path) + 1);
	}
	return g_string_free(all, FALSE);
}

START_TEST(a_good_file_sets_what_it_says)
{
	ck_assert(load("\xef\xbb\xbf# mine\r\n"
		       "[account me]\r\n"
		       "url = imaps://me@example.org\r\n"
		       "password-command = pass show \"mail=x\"\n"
		       "poll-interval = 2m\n"
		       "\n"
		       "; display\n"
		       "[ui]\n"
		       "wrap=72\n"
		       "[keys index]\n"
		       "x = delete\n"
		       "<Hash> = flag\n"
		       "[colors]\n"
		       "unread = bold red\n",
		       0644, NULL));
	g_autofree char *none = complaints();
	ck_assert_str_eq(none, "");
	ck_assert_uint_eq(config->accounts->len, 1);
	ConfigAccount *account = g_ptr_array_index(config->accounts, 0);
	ck_assert_str_eq(account->name, "me");
	ck_assert_str_eq(account->options.url, "imaps://me@example.org");
	ck_assert_str_eq(account->options.password_command, "pass show \"mail=x\"");
	ck_assert_int_eq(account->options.poll_interval, 120);
	ck_assert_int_eq(config->ui.wrap, 72);
	g_autofree char *keys = keymap_keys_for(keymap, CONTEXT_INDEX, "delete");
	ck_assert_ptr_nonnull(strstr(keys, "x"));
}
END_TEST

static const struct {
	const char *text, *complaint;
} mistakes[] = {
	{"[account me]\npol-interval = 5\n",
	 "2: unknown key \"pol-interval\" in [account me]: did you mean \"poll-interval\"?\n"},
	{"[ui]\nzzzzzzzz = 5\n", "2: unknown key \"zzzzzzzz\" in [ui]\n"},
	{"[acount me]\nurl = x\n", "1: unknown group [acount me]: did you mean \"account\"?\n"},
	{"[account]\nurl = x\n", "1: [account] wants a name: [account me]\n"},
	{"[keys indx]\nx = delete\n",
	 "1: unknown panel \"indx\" in [keys]: did you mean \"index\"?\n"},
	{"wrap = 3\n", "1: \"wrap\" stands before the first [group]\n"},
	{"[ui]\nwrap\n", "2: expected \"key = value\", not \"wrap\"\n"},
	{"[ui]\nwrap = \xff\n", "2: this line is not UTF-8\n"},
	{"[account me]\nconnections = 3\n",
	 "2: The option connections takes a number from 1 to 2.\n"},
	{"[account a]\n[account a]\n", "2: there is an account a already; this adds to it\n"},
};

START_TEST(a_mistake_is_named_with_file_and_line)
{
	ck_assert(load(mistakes[_i].text, 0600, NULL));
	g_autofree char *got = complaints();
	ck_assert_str_eq(got, mistakes[_i].complaint);
}
END_TEST

START_TEST(a_nul_hides_nothing)
{
	static const char text[] = "[ui]\nwrap = 1\0002\nhints = no\n";

	ck_assert(g_file_set_contents(path, text, sizeof text - 1, NULL));
	ck_assert(config_load(config, path, true, NULL));
	g_autofree char *got = complaints();
	ck_assert_str_eq(got, "2: this line is not UTF-8\n");
	ck_assert(!config->ui.hints);
}
END_TEST

START_TEST(lines_behind_a_mistake_still_count)
{
	ck_assert(load("[ui]\nwrap = many\nhints = no\n[keys index]\nx = no-such\ny = flag\n"
		       "[colors]\nunread = pinkish\n",
		       0600, NULL));
	ck_assert_uint_eq(config->complaints->len, 3);
	ck_assert(!config->ui.hints);
	ck_assert_int_eq(config->ui.wrap, 90);
}
END_TEST

START_TEST(a_flood_of_mistakes_is_bounded)
{
	g_autoptr(GString) text = g_string_new("[ui]\n");

	for (int i = 0; i < 5000; i++)
		g_string_append(text, "nonsense\n");
	ck_assert(load(text->str, 0600, NULL));
	ck_assert_uint_eq(config->complaints->len, 100);
}
END_TEST

static const struct {
	const char *text;
	mode_t mode;
	const char *refusal; /* NULL: accepted */
} modes[] = {
	{"[ui]\n", 0644, NULL},
	{"[ui]\n", 0664, "Others can write"},
	{"[ui]\n", 0602, "Others can write"},
	{"[account a]\nurl = imaps://me:secret@example.org\n", 0600, NULL},
	{"[account a]\nurl = imaps://me:secret@example.org\n", 0640, "chmod 600"},
	{"[account a]\nurl = imaps://me@example.org:993\n", 0644, NULL},
};

START_TEST(who_may_read_and_write_is_checked)
{
	g_autoptr(GError) error = NULL;
	bool loaded = load(modes[_i].text, modes[_i].mode, &error);

	ck_assert(loaded == (modes[_i].refusal == NULL));
	if (modes[_i].refusal)
		ck_assert_ptr_nonnull(strstr(error->message, modes[_i].refusal));
}
END_TEST

START_TEST(what_is_no_file_is_refused_with_a_sentence)
{
	g_autoptr(GError) directory = NULL, missing = NULL;

	ck_assert(!config_load(config, g_get_tmp_dir(), true, &directory));
	ck_assert_ptr_nonnull(strstr(directory->message, "is not a file"));
	ck_assert(!config_load(config, path, true, &missing));
	ck_assert_ptr_nonnull(strstr(missing->message, "cannot be read"));
	ck_assert(config_load(config, path, false, NULL));
}
END_TEST

START_TEST(set_names_the_nearest_option)
{
	g_autoptr(GError) error = NULL;

	ck_assert(config_set(config, "wrap", "60", NULL));
	ck_assert_int_eq(config->ui.wrap, 60);
	ck_assert(!config_set(config, "wrp", "60", &error));
	ck_assert_ptr_nonnull(strstr(error->message, "did you mean \"wrap\"?"));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("config", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_good_file_sets_what_it_says);
	tcase_add_loop_test(tcase, a_mistake_is_named_with_file_and_line, 0,
			    G_N_ELEMENTS(mistakes));
	tcase_add_test(tcase, a_nul_hides_nothing);
	tcase_add_test(tcase, lines_behind_a_mistake_still_count);
	tcase_add_test(tcase, a_flood_of_mistakes_is_bounded);
	tcase_add_loop_test(tcase, who_may_read_and_write_is_checked, 0, G_N_ELEMENTS(modes));
	tcase_add_test(tcase, what_is_no_file_is_refused_with_a_sentence);
	tcase_add_test(tcase, set_names_the_nearest_option);
	return run_suite(suite);
}
