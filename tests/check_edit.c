#include <stdlib.h>
#include <string.h>
#include "mime/text.h"
#include "tests/run.h"
#include "ui/panel/edit.h"

static Edit edit;

/* Presses keys as the configuration writes them; other keys type themselves. */
static void press(const char *text)
{
	while (*text != '\0') {
		const char *end = *text == '<' ? strchr(text, '>') + 1 : g_utf8_next_char(text);
		g_autofree char *one =
			*text == ' ' ? g_strdup("<Space>") : g_strndup(text, end - text);
		Key keys[KEY_SEQUENCE_MAX];
		size_t n;
		ck_assert(key_parse(one, keys, &n, NULL));
		edit_key(&edit, keys[0]);
		text = end;
	}
}

/* `keys` pressed in an empty line give `line`, | being the cursor. */
static const struct {
	const char *keys, *line;
} editing[] = {
	{"abc", "abc|"},
	{"田中é", "田中é|"},
	{"abc<Left>x", "abx|c"},
	{"abc<C-a>x", "x|abc"},
	{"abc<Home><Right>x", "ax|bc"},
	{"abc<Home><End>x", "abcx|"},
	{"abc<C-b><C-b><C-f>x", "abx|c"},
	{"abc<Backspace>", "ab|"},
	{"abc<C-h><C-h><C-h><C-h>", "|"},
	{"abc<Home><Delete>", "|bc"},
	{"abc<C-a><C-d><C-d>", "|c"},
	{"abc<C-d>", "abc|"},
	{"one two<C-w>", "one |"},
	{"a/b c/d  <C-w>", "a/b |"},
	{"one two-three<A-Backspace>", "one two-|"},
	{"one two<C-a><A-f>x", "onex| two"},
	{"one two<A-b>x", "one x|two"},
	{"one two<C-Left><C-Left><C-Right>x", "onex| two"},
	{"one two<C-a><A-d>", "| two"},
	{"one two<A-b><C-k>", "one |"},
	{"one two<A-b><C-u>", "|two"},
	{"one two<C-w><C-a><C-y>", "two|one "},
	{"one two<C-u><C-y><C-y>", "one twoone two|"},
	/* Marks go with their letter. */
	{"e\xCC\x81x<Left><Left>-", "-|e\xCC\x81x"},
	{"e\xCC\x81x<Left><Backspace>", "|x"},
	{"田中<Left><Backspace>", "|中"},
	/* Not characters. */
	{"a<F5>b", "ab|"},
	{"a<A-x>b", "ab|"},
};

static char *with_cursor(void)
{
	return g_strdup_printf("%.*s|%s", (int)edit.cursor, edit.text, edit.text + edit.cursor);
}

START_TEST(edits)
{
	edit_init(&edit, NULL, false);
	press(editing[_i].keys);
	g_autofree char *line = with_cursor();
	ck_assert_str_eq(line, editing[_i].line);
	ck_assert_uint_eq(edit.len, strlen(edit.text));
}
END_TEST

START_TEST(tells_which_keys_are_its_own)
{
	edit_init(&edit, NULL, false);
	ck_assert(edit_key(&edit, 'a'));
	ck_assert(edit_key(&edit, SHEAF_KEY_LEFT));
	ck_assert(!edit_key(&edit, SHEAF_KEY_ENTER));
	ck_assert(!edit_key(&edit, SHEAF_KEY_F5));
	ck_assert(!edit_key(&edit, SHEAF_KEY_ALT | 'x'));
	ck_assert(!edit_key(&edit, SHEAF_KEY_CTRL | 't'));
}
END_TEST

START_TEST(pastes_one_clean_line)
{
	edit_init(&edit, "a\nb", false);
	edit_insert(&edit, "\r\nc\td\033[31m\x7F\xFF"
			   "e");
	ck_assert_str_eq(edit.text, "a b c d[31me");
	edit_replace(&edit, 2, 3, "xyz");
	g_autofree char *line = with_cursor();
	ck_assert_str_eq(line, "a xyz| c d[31me");
	edit_set(&edit, "new");
	ck_assert_str_eq(edit.text, "new");
	ck_assert_uint_eq(edit.cursor, 3);
}
END_TEST

START_TEST(is_bounded)
{
	g_autofree char *giant = g_strnfill(100000, 'x');

	edit_init(&edit, giant, false);
	ck_assert_uint_eq(edit.len, EDIT_MAX - 1);
	edit_insert(&edit, "田");
	edit_key(&edit, 'y');
	ck_assert_uint_eq(strlen(edit.text), EDIT_MAX - 1);
	press("<C-u><C-y><C-y>");
	ck_assert_uint_eq(edit.len, EDIT_MAX - 1);
	edit_set(&edit, "");
	/* No character is cut at the end. */
	for (int i = 0; i < EDIT_MAX; i++)
		edit_insert(&edit, "田");
	ck_assert(g_utf8_validate(edit.text, -1, NULL));
	ck_assert_uint_eq(edit.len, (EDIT_MAX - 1) / 3 * 3);
}
END_TEST

START_TEST(secrets_leave_nothing)
{
	static const Edit wiped;

	edit_init(&edit, "hunter2", true);
	press("<C-u>x<Backspace>");
	edit_wipe(&edit);
	ck_assert_mem_eq(&edit, &wiped, sizeof edit);
	edit_init(&edit, "plain", false);
	press("<C-u><C-y>");
	ck_assert_str_eq(edit.text, "plain");
	edit_init(&edit, "hunter2", true);
	press("<C-u>");
	for (size_t i = 0; i < sizeof edit.text; i++)
		ck_assert_int_eq(edit.text[i], 0);
	press("<C-y>");
	ck_assert_str_eq(edit.text, "plain");
}
END_TEST

START_TEST(scrolls_sideways)
{
	int col;

	edit_init(&edit, "0123456789", false);
	ck_assert_uint_eq(edit_view(&edit, 20, &col), 0);
	ck_assert_int_eq(col, 10);
	ck_assert_uint_eq(edit_view(&edit, 5, &col), 6);
	ck_assert_int_eq(col, 4);
	press("<Left><Left>");
	ck_assert_uint_eq(edit_view(&edit, 5, &col), 6);
	ck_assert_int_eq(col, 2);
	press("<Home>");
	ck_assert_uint_eq(edit_view(&edit, 5, &col), 0);
	ck_assert_int_eq(col, 0);
	edit_set(&edit, "田中田中");
	ck_assert_uint_eq(edit_view(&edit, 6, &col), 6);
	ck_assert_int_eq(col, 4);
}
END_TEST

START_TEST(the_cursor_is_always_in_view)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(3);
	static const char *const keys[] = {"a",           "田",      "e\xCC\x81", " ",
					   "<Left>",      "<Right>", "<Home>",    "<End>",
					   "<Backspace>", "<C-w>",   "<C-y>",     "<A-b>"};

	edit_init(&edit, NULL, false);
	for (int i = 0; i < 20000; i++) {
		int col, cols = g_rand_int_range(random, 1, 12);
		press(keys[g_rand_int_range(random, 0, G_N_ELEMENTS(keys))]);
		size_t from = edit_view(&edit, cols, &col);
		ck_assert(g_utf8_validate(edit.text, -1, NULL));
		ck_assert_int_ge(col, 0);
		ck_assert_int_lt(col, cols);
		ck_assert_int_eq(col, text_width_len(edit.text + from, edit.cursor - from));
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("edit", &tcase);

	tcase_add_loop_test(tcase, edits, 0, G_N_ELEMENTS(editing));
	tcase_add_test(tcase, tells_which_keys_are_its_own);
	tcase_add_test(tcase, pastes_one_clean_line);
	tcase_add_test(tcase, is_bounded);
	tcase_add_test(tcase, secrets_leave_nothing);
	tcase_add_test(tcase, scrolls_sideways);
	tcase_add_test(tcase, the_cursor_is_always_in_view);
	return run_suite(suite);
}
