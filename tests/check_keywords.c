/* check_keywords - the option keywords: which ones are shown, in which order, by which words. */
#include <string.h>

#include "core/mailbox/keywords.h"
#include "tests/run.h"

/* "a b c" of `flags` under `list`, in a mailbox that has the words of `known` in that order. */
static char *signs(const char *list, const char *known, const char *carried)
{
	g_autoptr(Keywords) k = keywords_new(list);
	g_autoptr(FlagNames) names = flags_names_new();
	g_auto(GStrv) all = g_strsplit(known, " ", -1), has = g_strsplit(carried, " ", -1);
	Flags flags = FLAG_SEEN;

	for (char **word = all; *word; word++)
		flags_from_word(names, *word, true);
	for (char **word = has; *word; word++)
		flags |= flags_from_word(names, *word, false);
	g_auto(GStrv) out = keywords_signs(k, names, flags);
	return g_strjoinv(" ", out);
}

static const struct {
	const char *list, *known, *carried, *shown;
} lists[] = {
	{"*", "work home", "work home", "work home"},
	{"*", "work home", "home", "home"},
	{"*", "work", "\\Flagged", ""},
	{"", "work", "work", ""},
	/* What begins with $ is for programs, unless it is named. */
	{"*", "$MDNSent work", "$MDNSent work", "work"},
	{"$Junk=junk *", "$junk", "$junk", "junk"},
	{"$Junk", "$Junk", "$Junk", "$Junk"},
	/* The order is the list's, then that of the mailbox; * may stand anywhere. */
	{"* b=B a", "x a b", "x a b", "B a x"},
	{"NonJunk= *", "NonJunk x", "NonJunk x", "x"},
	{"a= a=A *", "a", "a", ""},
	{"a=one b=one", "a b", "a b", "one"},
	{"a=one b=one", "a b", "b", "one"},
	{" a=x\tb=y  ", "a b", "a b", "x y"},
	{"a=b=c", "a", "a", "b=c"},
	/* System flags and what is no keyword are none. */
	{"\\Seen=seen (=x =y", "a", "a", ""},
	{"a=\xe2\x80\xae"
	 "evil",
	 "a", "a", "<U+202E>evil"},
	{"a=\x1b[2J", "a", "a", "␛[2J"},
};

START_TEST(the_list_says_what_is_shown)
{
	g_autofree char *shown = signs(lists[_i].list, lists[_i].known, lists[_i].carried);

	ck_assert_str_eq(shown, lists[_i].shown);
}
END_TEST

START_TEST(no_more_than_sixteen_are_shown)
{
	g_autoptr(Keywords) k = keywords_new("last=L *");
	g_autoptr(FlagNames) names = flags_names_new();
	Flags all = 0;

	for (unsigned i = 0; i < 30; i++) {
		g_autofree char *word = g_strdup_printf("k%u", i);
		all |= flags_from_word(names, word, true);
	}
	Flags last = flags_from_word(names, "last", true);
	Flags shown = keywords_shown(k, names);

	ck_assert_int_eq(__builtin_popcountll(shown), KEYWORDS_SHOWN_MAX);
	ck_assert(shown & last);
	ck_assert(shown & flags_from_word(names, "k14", false));
	ck_assert(!(shown & flags_from_word(names, "k15", false)));
	g_auto(GStrv) out = keywords_signs(k, names, all | last);
	ck_assert_uint_eq(g_strv_length(out), KEYWORDS_SHOWN_MAX);
	ck_assert_str_eq(out[0], "L");
}
END_TEST

START_TEST(a_sign_stands_for_its_keyword)
{
	g_autoptr(Keywords) k = keywords_new("$Label2=work *");
	g_autoptr(FlagNames) names = flags_names_new();
	Flags label = flags_from_word(names, "$Label2", true);
	Flags home = flags_from_word(names, "home", true);

	ck_assert_uint_eq(keywords_find(k, names, label | home, "Work"), label);
	ck_assert_uint_eq(keywords_find(k, names, home, "work"), 0);
	ck_assert_uint_eq(keywords_find(k, names, home, "home"), home);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("keywords", &tcase);

	tcase_add_loop_test(tcase, the_list_says_what_is_shown, 0, G_N_ELEMENTS(lists));
	tcase_add_test(tcase, no_more_than_sixteen_are_shown);
	tcase_add_test(tcase, a_sign_stands_for_its_keyword);
	return run_suite(suite);
}
