/* check_folders - the panel of the folder tree, while the tree below it changes. */
#define _GNU_SOURCE
#include "ui/panel/folders.h"

#include <curses.h>
#include <locale.h>
#include <string.h>

#include "tests/run.h"

enum { HEIGHT = 8, WIDTH = 20 };

static Folder *root;
static Pane *pane;
static SCREEN *terminal;
static FILE *nowhere;

static void list(const char *const *names)
{
	folder_begin_list(root);
	for (; *names; names++) {
		Response r = {.kind = RESPONSE_LIST, .list = {.delimiter = '/', .name = *names}};
		folder_apply(root, &r);
	}
	folder_end_list(root);
}

static void setup(void)
{
	static const char *const names[] = {"INBOX", "Made", "Made/In", "Other", NULL};

	setlocale(LC_ALL, "C.UTF-8");
	nowhere = fopen("/dev/null", "r+");
	terminal = newterm("xterm", nowhere, nowhere);
	ck_assert_ptr_nonnull(terminal);
	root = folder_new_root();
	list(names);
	pane = folders_new();
	pane->ops->resize(pane, HEIGHT, WIDTH);
	folders_update(pane, root, "Made");
}

static void teardown(void)
{
	pane->ops->free(pane);
	folder_free(root);
	endwin();
	delscreen(terminal);
	fclose(nowhere);
}

static void expect_rows(const char *expected)
{
	g_autoptr(GString) shown = g_string_new(NULL);
	WINDOW *window = newwin(HEIGHT, WIDTH, 0, 0);
	Surface *surface = surface_new(window, 0, 0, HEIGHT, WIDTH);

	pane->ops->draw(pane, surface, 0, HEIGHT - 1);
	for (int row = 1; row < HEIGHT; row++) {
		char text[WIDTH + 1];
		mvwinnstr(window, row, 2, text, 10);
		g_string_append_printf(shown, "%s|", g_strstrip(text));
	}
	ck_assert_str_eq(shown->str, expected);
	surface_free(surface);
	delwin(window);
}

/* The server's list is taken over at once, the rows are laid anew a moment later. */
START_TEST(what_is_gone_is_an_empty_row_until_then)
{
	static const char *const without[] = {"INBOX", "Other", NULL};

	ck_assert_str_eq(folders_cursor(pane)->name, "Made");
	list(without);
	ck_assert_ptr_null(folders_cursor(pane));
	folders_fold(pane, FOLD_TOGGLE);
	expect_rows("INBOX|||Other||||");
}
END_TEST

START_TEST(who_looks_for_a_neighbour_finds_what_is_there)
{
	static const char *const without[] = {"INBOX", "Other", NULL};

	list(without);
	ck_assert_str_eq(folders_neighbour(pane, 1)->name, "Other");
	ck_assert_str_eq(folders_neighbour(pane, -1)->name, "INBOX");
	expect_rows("INBOX|||Other||||");
	folders_update(pane, root, "Made");
	expect_rows("INBOX|Other||||||");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("folders", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_gone_is_an_empty_row_until_then);
	tcase_add_test(tcase, who_looks_for_a_neighbour_finds_what_is_there);
	return run_suite(suite);
}
