/* check_flags - flag words to bits and back, within their limits. */
#include <string.h>

#include "core/mailbox/flags.h"
#include "tests/run.h"

static Flags read_list(FlagNames *names, unsigned system, const char *const *keywords)
{
	FlagList list = {system, keywords};

	return flags_from_list(names, &list);
}

START_TEST(system_flags_have_fixed_bits_and_recent_is_none_of_them)
{
	g_autoptr(FlagNames) names = flags_names_new();

	ck_assert_uint_eq(read_list(names, FLAG_SEEN | FLAG_RECENT, NULL), FLAG_SEEN);
	ck_assert_uint_eq(flags_from_word(names, "\\seen", false), FLAG_SEEN);
	ck_assert_uint_eq(flags_from_word(names, "\\Deleted", false), FLAG_DELETED);
	ck_assert_uint_eq(flags_from_word(names, "\\Recent", true), 0);
	ck_assert_uint_eq(flags_from_word(names, "\\Nonsense", true), 0);
}
END_TEST

START_TEST(keywords_get_bits_once_whatever_their_case)
{
	g_autoptr(FlagNames) names = flags_names_new();
	static const char *const first[] = {"$Forwarded", "Work", "WORK", NULL};
	Flags flags = read_list(names, 0, first);

	ck_assert_uint_eq(flags & FLAGS_SYSTEM, 0);
	ck_assert_uint_eq(flags, flags_from_word(names, "$forwarded", false) |
					 flags_from_word(names, "work", false));
	ck_assert_uint_eq(flags_from_word(names, "unknown", false), 0);
	ck_assert_uint_ne(flags_from_word(names, "unknown", true), 0);
}
END_TEST

START_TEST(words_come_back_as_they_were_first_seen)
{
	g_autoptr(FlagNames) names = flags_names_new();
	static const char *const keywords[] = {"Work", NULL};
	Flags flags = read_list(names, FLAG_FLAGGED | FLAG_SEEN, keywords);
	g_auto(GStrv) words = flags_to_words(names, flags);
	g_autofree char *joined = g_strjoinv(" ", words);

	ck_assert_str_eq(joined, "\\Seen \\Flagged Work");
}
END_TEST

/* T057: what could not be sent back is not kept. */
static const char *const unfit[] = {"",          "a b",      "a\"b",  "(x)", "a]b", "caf\303\251",
				    "new\nline", "per%cent", "\\\\x", "\001"};

START_TEST(a_keyword_that_is_no_atom_is_dropped)
{
	g_autoptr(FlagNames) names = flags_names_new();

	ck_assert_uint_eq(flags_from_word(names, unfit[_i], true), 0);
}
END_TEST

START_TEST(there_is_room_for_59_keywords_and_no_more)
{
	g_autoptr(FlagNames) names = flags_names_new();
	g_autofree char *long_word = g_strnfill(1 << 20, 'k');
	Flags all = 0;

	ck_assert_uint_eq(flags_from_word(names, long_word, true), 0);
	for (unsigned i = 0; i < 100000; i++) {
		char word[16];
		g_snprintf(word, sizeof(word), "k%u", i);
		Flags bit = flags_from_word(names, word, true);
		if (i < FLAGS_KEYWORDS_MAX) {
			ck_assert_uint_ne(bit, 0);
			ck_assert_uint_eq(bit & (all | FLAGS_SYSTEM), 0);
		} else {
			ck_assert_uint_eq(bit, 0);
		}
		all |= bit;
	}
	g_auto(GStrv) words = flags_to_words(names, ~(Flags)0);
	ck_assert_uint_eq(g_strv_length(words), 64);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("flags", &tcase);

	tcase_add_test(tcase, system_flags_have_fixed_bits_and_recent_is_none_of_them);
	tcase_add_test(tcase, keywords_get_bits_once_whatever_their_case);
	tcase_add_test(tcase, words_come_back_as_they_were_first_seen);
	tcase_add_loop_test(tcase, a_keyword_that_is_no_atom_is_dropped, 0, G_N_ELEMENTS(unfit));
	tcase_add_test(tcase, there_is_room_for_59_keywords_and_no_more);
	return run_suite(suite);
}
