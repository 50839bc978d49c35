/* check_uidindex - the index of a UID: against a walk, dense and sparse, at all edges. */
#include "config.h"

#include <stdbool.h>

#include "core/mailbox/uidindex.h"
#include "tests/run.h"

/* Steps of up to `step` from `first` on. */
static void one_array(GRand *rand, uint32_t first, int step)
{
	uint32_t n = (uint32_t)g_rand_int_range(rand, 0, 200), uids[200];

	for (uint32_t i = 0; i < n; i++)
		uids[i] = i > 0 ? uids[i - 1] + (uint32_t)g_rand_int_range(rand, 1, step) : first;
	g_autoptr(UidIndex) index = uidindex_new(uids, n);
	for (uint32_t i = 0; i < n; i++) {
		ck_assert_int_eq(uidindex_find(index, uids[i]), i);
		bool next = i + 1 < n && uids[i + 1] == uids[i] + 1;
		ck_assert_int_eq(uidindex_find(index, uids[i] + 1), next ? (int64_t)i + 1 : -1);
	}
	ck_assert_int_eq(uidindex_find(index, 0), -1);
	ck_assert_int_eq(uidindex_find(index, first - 1), -1);
	ck_assert_int_eq(uidindex_find(index, UINT32_MAX), -1);
}

START_TEST(each_is_found_where_it_stands)
{
	static const int steps[] = {2, 3, 60, 200, 100000};
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (unsigned round = 0; round < 200; round++)
		for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++)
			one_array(rand, (uint32_t)g_rand_int_range(rand, 1, 1000), steps[i]);
}
END_TEST

START_TEST(the_highest_numbers_are_found)
{
	static const uint32_t close[] = {UINT32_MAX - 65, UINT32_MAX - 1, UINT32_MAX};
	static const uint32_t far[] = {1, UINT32_MAX};
	g_autoptr(UidIndex) dense = uidindex_new(close, 3), sparse = uidindex_new(far, 2);

	ck_assert_int_eq(uidindex_find(dense, UINT32_MAX), 2);
	ck_assert_int_eq(uidindex_find(dense, UINT32_MAX - 65), 0);
	ck_assert_int_eq(uidindex_find(dense, UINT32_MAX - 66), -1);
	ck_assert_int_eq(uidindex_find(sparse, UINT32_MAX), 1);
	ck_assert_int_eq(uidindex_find(sparse, 2), -1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("uidindex", &tcase);

	tcase_add_test(tcase, each_is_found_where_it_stands);
	tcase_add_test(tcase, the_highest_numbers_are_found);
	return run_suite(suite);
}
