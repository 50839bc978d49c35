#include "ui/panel/choice.h"

#include <string.h>
#include "tests/run.h"

static Choice *choice;

static void setup(void)
{
	static const char *const candidates[] = {
		"Archive\t", "INBOX\t3 unread", "lists/sheaf\t", "lists/Other news\t",
		"Sent\t",    "Straße/Zürich\t", "work/lists\t",  NULL};

	choice = choice_new(g_strdupv((char **)candidates));
}

static void teardown(void)
{
	choice_free(choice);
}

static char *fitting(void)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < choice_count(choice); i++)
		g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", choice_text(choice, i));
	return g_string_free(out, FALSE);
}

static const struct {
	const char *typed, *fitting;
} narrowings[] = {
	{"", "Archive, INBOX, lists/sheaf, lists/Other news, Sent, Straße/Zürich, work/lists"},
	{"inbox", "INBOX"},
	{"lists", "lists/sheaf, lists/Other news, work/lists"},
	{"s", "Sent, Straße/Zürich, lists/sheaf, lists/Other news, work/lists"},
	{"ot", "lists/Other news, work/lists"},
	{"STRASSE", "Straße/Zürich"},
	{"zür", "Straße/Zürich"},
	{"zur", "Straße/Zürich"},
	{"wls", "work/lists"},
	{"lisn", "lists/Other news"},
	{"lists/sheaf", "lists/sheaf"},
	{"nothing", ""},
};

START_TEST(narrows)
{
	choice_narrow(choice, narrowings[_i].typed);
	g_autofree char *got = fitting();
	ck_assert_str_eq(got, narrowings[_i].fitting);
}
END_TEST

START_TEST(raises_what_is_known)
{
	choice_raise(choice, "Sent");
	choice_raise(choice, "nothing");
	ck_assert_str_eq(choice_text(choice, 0), "Sent");
	ck_assert_str_eq(choice_text(choice, 1), "Archive");
	ck_assert_str_eq(choice_help(choice, 2), "3 unread");
	ck_assert_uint_eq(choice_count(choice), 7);
}
END_TEST

static const struct {
	const char *candidates[4], *line;
	size_t start, common;
} words[] = {
	{{"delete", "delay"}, "de", 0, 3},
	{{"lists/sheaf"}, "move li", 5, 11},
	{{"lists/sheaf", "work/lists"}, "move LI", 5, 0},
	{{"my lists/a", "my lists/b"}, "move my li", 5, 9},
	{{"wrap", "html"}, "set ", 4, 0},
	{{"wrap"}, "set  wr", 5, 4},
	{{"from:"}, "search is:unread fr", 17, 5},
	{{"é", "è"}, "x ", 2, 0},
	{{"other"}, "move no", 5, 5},
};

START_TEST(finds_the_word)
{
	Choice *c = choice_new(g_strdupv((char **)words[_i].candidates));

	ck_assert_uint_eq(choice_word_start(c, words[_i].line, strlen(words[_i].line)),
			  words[_i].start);
	ck_assert_uint_eq(choice_common(c), words[_i].common);
	choice_free(c);
}
END_TEST

START_TEST(none_is_none)
{
	Choice *c = choice_new(NULL);

	choice_narrow(c, "x");
	ck_assert_uint_eq(choice_count(c), 0);
	ck_assert_uint_eq(choice_common(c), 0);
	choice_free(c);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("choice", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, narrows, 0, G_N_ELEMENTS(narrowings));
	tcase_add_test(tcase, raises_what_is_known);
	tcase_add_loop_test(tcase, finds_the_word, 0, G_N_ELEMENTS(words));
	tcase_add_test(tcase, none_is_none);
	return run_suite(suite);
}
