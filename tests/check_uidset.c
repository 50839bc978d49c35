#include "config.h"

#include <string.h>
#include "core/wire/uidset.h"
#include "tests/cpu_time.h"
#include "tests/run.h"

#define UNIVERSE 200

static char *parse_and_format(const char *text, uint32_t star)
{
	g_autoptr(UidSet) set = uidset_parse(text, strlen(text), star);
	return set != NULL ? uidset_format(set) : NULL;
}

static const struct {
	const char *text;
	uint32_t star;
	const char *formatted; /* NULL: malformed */
} texts[] = {
	{"1", 0, "1"},
	{"1:3,7,9:12", 0, "1:3,7,9:12"},
	{"3:1", 0, "1:3"},
	{"1,2,3", 0, "1:3"},
	{"3,1,2", 0, "1:3"},
	{"9,5:7,1:6,20", 0, "1:7,9,20"},
	{"1:4294967295", 0, "1:4294967295"},
	{"4294967295,1", 0, "1,4294967295"},
	{"4294967294:4294967295,4294967293", 0, "4294967293:4294967295"},
	{"007", 0, "7"},
	{"5:*", 9, "5:9"},
	{"*:5", 9, "5:9"},
	{"12:*", 9, "9:12"},
	{"*", 9, "9"},
	{"*", 0, NULL},
	{"1:*", 0, NULL},
	{"", 0, NULL},
	{"0", 0, NULL},
	{"0:5", 0, NULL},
	{"1:0", 0, NULL},
	{"4294967296", 0, NULL},
	{"18446744073709551617", 0, NULL},
	{"1,", 0, NULL},
	{",1", 0, NULL},
	{"1,,2", 0, NULL},
	{"1:", 0, NULL},
	{":1", 0, NULL},
	{"1:2:3", 0, NULL},
	{"1-3", 0, NULL},
	{"-1", 0, NULL},
	{"+1", 0, NULL},
	{" 1", 0, NULL},
	{"1 ", 0, NULL},
	{"1a", 0, NULL},
};

START_TEST(test_parse)
{
	g_autofree char *formatted = parse_and_format(texts[_i].text, texts[_i].star);

	ck_assert_pstr_eq(formatted, texts[_i].formatted);
}
END_TEST

START_TEST(test_parse_stops_at_len)
{
	g_autoptr(UidSet) set = uidset_parse("1:3,5garbage", 5, 0);
	g_autofree char *formatted = uidset_format(set);

	ck_assert_str_eq(formatted, "1:3,5");
}
END_TEST

START_TEST(test_whole_range_is_one_entry)
{
	g_autoptr(UidSet) set = uidset_new_range(1, UINT32_MAX);

	ck_assert_uint_eq(uidset_range_count(set), 1);
	ck_assert_uint_eq(uidset_count(set), UINT32_MAX);
	ck_assert(uidset_has(set, 1) && uidset_has(set, UINT32_MAX));
	uidset_remove(set, UINT32_MAX);
	uidset_remove(set, 1);
	uidset_add(set, UINT32_MAX);
	g_autofree char *text = uidset_format(set);
	ck_assert_str_eq(text, "2:4294967295");
}
END_TEST

static const struct {
	const char *text;
	bool ascends;
} orders[] = {
	{"1", true},    {"1:3,5,9:12", true}, {"1,2,3", true},    {"3:1", false},
	{"2,1", false}, {"1:3,3", false},     {"1:5,4:6", false}, {"1,1", false},
	{"", false},    {"1,", false},        {"*", false},
};

START_TEST(test_text_ascends)
{
	const char *text = orders[_i].text;

	ck_assert_int_eq(uidset_text_ascends(text, strlen(text)), orders[_i].ascends);
}
END_TEST

/* In the order in which they stand. */
static const struct {
	const char *text;
	size_t most;
	const char *numbers; /* NULL: it cannot be read, or is more */
} sequences[] = {
	{"5", 1, "5 "},
	{"5:3,9,1:2", 6, "5 4 3 9 1 2 "},
	{"4294967294:4294967295", 2, "4294967294 4294967295 "},
	{"3:1", 3, "3 2 1 "},
	{"7:7,7", 2, "7 7 "},
	{"5:3", 2, NULL},
	{"1:4294967295", SIZE_MAX >> 40, NULL},
	{"", 9, NULL},
	{"1,", 9, NULL},
	{"*", 9, NULL},
	{"1:0", 9, NULL},
};

START_TEST(test_text_numbers)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_autoptr(GString) text = g_string_new(NULL);
	bool read = uidset_text_numbers(sequences[_i].text, strlen(sequences[_i].text),
					sequences[_i].most, numbers);

	ck_assert_msg(read == (sequences[_i].numbers != NULL), "%s", sequences[_i].text);
	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, "%u ", g_array_index(numbers, uint32_t, i));
	if (read)
		ck_assert_str_eq(text->str, sequences[_i].numbers);
}
END_TEST

/* Compares a set with one flag a number. */
static void compare(const UidSet *set, const bool *naive)
{
	uint64_t count = 0;
	uint32_t first = 0, last = 0, end_before = 0;
	size_t next = 0;

	for (uint32_t uid = 1; uid <= UNIVERSE; uid++) {
		ck_assert(uidset_has_next(set, &next, uid) == naive[uid]);
		if (uidset_has(set, uid) != naive[uid])
			ck_abort_msg("uid %u", uid);
		if (!naive[uid])
			continue;
		count++;
		first = first == 0 ? uid : first;
		last = uid;
	}
	ck_assert_uint_eq(uidset_count(set), count);
	ck_assert_uint_eq(uidset_first(set), first);
	ck_assert_uint_eq(uidset_last(set), last);
	ck_assert_int_eq(uidset_is_empty(set), count == 0);
	for (size_t i = 0; i < uidset_range_count(set); i++) {
		UidRange range = uidset_range(set, i);
		ck_assert_uint_le(range.first, range.last);
		/* Neither overlapping nor touching. */
		ck_assert(i == 0 || range.first > end_before + 1);
		end_before = range.last;
	}
	g_autofree char *text = uidset_format(set);
	if (count > 0) {
		g_autofree char *again = parse_and_format(text, 0);
		ck_assert_str_eq(again, text);
	} else {
		ck_assert_str_eq(text, "");
	}
}

static UidSet *random_set(GRand *rand, bool *naive)
{
	UidSet *set = uidset_new();

	memset(naive, 0, UNIVERSE + 1);
	for (int n = g_rand_int_range(rand, 0, 12); n > 0; n--) {
		uint32_t first = (uint32_t)g_rand_int_range(rand, 1, UNIVERSE + 1);
		uint32_t last = first + (uint32_t)g_rand_int_range(rand, 0, 9);
		last = MIN(last, UNIVERSE);
		uidset_add_range(set, n % 2 ? first : last, n % 2 ? last : first);
		memset(&naive[first], true, last - first + 1);
	}
	return set;
}

static void one_step(GRand *rand, UidSet *set, bool *naive)
{
	bool other_naive[UNIVERSE + 1];
	uint32_t uid = (uint32_t)g_rand_int_range(rand, 1, UNIVERSE + 1);
	g_autoptr(UidSet) other = random_set(rand, other_naive);

	switch (g_rand_int_range(rand, 0, 5)) {
	case 0:
		uidset_add(set, uid);
		naive[uid] = true;
		break;
	case 1:
		uidset_remove(set, uid);
		naive[uid] = false;
		break;
	case 2:
		uidset_add_range(set, uid, MIN(uid + 5, UNIVERSE));
		memset(&naive[uid], true, MIN(uid + 5, UNIVERSE) - uid + 1);
		break;
	case 3:
		uidset_add_set(set, other);
		for (unsigned i = 1; i <= UNIVERSE; i++)
			naive[i] = naive[i] || other_naive[i];
		break;
	default:
		uidset_remove_set(set, other);
		for (unsigned i = 1; i <= UNIVERSE; i++)
			naive[i] = naive[i] && !other_naive[i];
		break;
	}
}

START_TEST(test_against_bitmap)
{
	GRand *rand = g_rand_new_with_seed(20240312);

	for (unsigned round = 0; round < 200; round++) {
		bool naive[UNIVERSE + 1];
		g_autoptr(UidSet) set = random_set(rand, naive);
		for (unsigned step = 0; step < 30; step++) {
			one_step(rand, set, naive);
			compare(set, naive);
		}
		g_autoptr(UidSet) copy = uidset_copy(set);
		uidset_add_set(set, set);
		compare(set, naive);
		uidset_remove_set(set, set);
		ck_assert(uidset_is_empty(set));
		compare(copy, naive);
	}
	g_rand_free(rand);
}
END_TEST

START_TEST(test_numbers)
{
	static const uint32_t numbers[] = {5, 3, 0, 4, 9, 9, 1, UINT32_MAX};
	g_autoptr(UidSet) set = uidset_new_numbers(numbers, G_N_ELEMENTS(numbers));
	g_autofree char *text = uidset_format(set);

	ck_assert_str_eq(text, "1,3:5,9,4294967295");
}
END_TEST

START_TEST(test_split)
{
	g_autoptr(UidSet) set = uidset_new();
	g_autoptr(UidSet) joined = uidset_new();

	for (uint32_t uid = 1; uid < 20000; uid += 2 + uid % 3)
		uidset_add_range(set, uid, uid + uid % 2);
	for (size_t max = 10; max < 9000; max = max * 3 + 1) {
		g_autoptr(GPtrArray) pieces = uidset_split(set, max);
		for (size_t i = 0; i < pieces->len; i++) {
			g_autofree char *text = uidset_format(pieces->pdata[i]);
			ck_assert_uint_le(strlen(text), MAX(max, 11));
			ck_assert_str_ne(text, "");
			uidset_add_set(joined, pieces->pdata[i]);
		}
		g_autofree char *all = uidset_format(joined), *want = uidset_format(set);
		ck_assert_str_eq(all, want);
		uidset_remove_set(joined, joined);
	}
	g_autoptr(UidSet) three = uidset_parse("1,3,5", 5, 0);
	g_autoptr(GPtrArray) whole = uidset_split(three, 5);
	ck_assert_uint_eq(whole->len, 1);
	g_autoptr(GPtrArray) cut = uidset_split(three, 4);
	ck_assert_uint_eq(cut->len, 2);
	g_autoptr(UidSet) empty = uidset_new();
	g_autoptr(GPtrArray) none = uidset_split(empty, 100);
	ck_assert_uint_eq(none->len, 0);
}
END_TEST

static double parse_descending(const void *data, unsigned n)
{
	g_autoptr(GString) text = g_string_new("4000000000");

	(void)data;
	for (uint32_t uid = 2 * n; uid > 0; uid -= 2)
		g_string_append_printf(text, ",%u", uid);
	double before = cpu_seconds();
	g_autoptr(UidSet) set = uidset_parse(text->str, text->len, 0);
	double after = cpu_seconds();
	ck_assert_uint_eq(uidset_range_count(set), n + 1);
	return after - before;
}

/* T044: a set in descending order must not cost the square of its length. */
START_TEST(test_descending_set)
{
	ck_assert(takes_linear_time(parse_descending, NULL, 20000));
}
END_TEST

static const struct {
	const char *one, *other;
	bool overlap;
} overlaps[] = {
	{"1", "1", true},         {"1", "2", false},           {"1:3,7", "4:6,8", false},
	{"1:3,7", "4:6,7", true}, {"5:9", "1:5", true},        {"1:2,4:5,9", "3,6:8,10", false},
	{"2,4,6,8", "8", true},   {"1:4294967295", "7", true},
};

START_TEST(overlap_is_seen_from_both_sides)
{
	g_autoptr(UidSet) one = uidset_parse(overlaps[_i].one, strlen(overlaps[_i].one), 0);
	g_autoptr(UidSet) other = uidset_parse(overlaps[_i].other, strlen(overlaps[_i].other), 0);
	g_autoptr(UidSet) empty = uidset_new();

	ck_assert_int_eq(uidset_overlaps(one, other), overlaps[_i].overlap);
	ck_assert_int_eq(uidset_overlaps(other, one), overlaps[_i].overlap);
	ck_assert(!uidset_overlaps(one, empty) && !uidset_overlaps(empty, one));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("uidset", &tcase);

	tcase_add_loop_test(tcase, test_parse, 0, G_N_ELEMENTS(texts));
	tcase_add_test(tcase, test_parse_stops_at_len);
	tcase_add_test(tcase, test_whole_range_is_one_entry);
	tcase_add_loop_test(tcase, test_text_ascends, 0, G_N_ELEMENTS(orders));
	tcase_add_loop_test(tcase, test_text_numbers, 0, G_N_ELEMENTS(sequences));
	tcase_add_test(tcase, test_against_bitmap);
	tcase_add_test(tcase, test_numbers);
	tcase_add_test(tcase, test_split);
	tcase_add_test(tcase, test_descending_set);
	tcase_add_loop_test(tcase, overlap_is_seen_from_both_sides, 0, G_N_ELEMENTS(overlaps));
	return run_suite(suite);
}
