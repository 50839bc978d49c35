/* check_backoff - how long is waited before the next try (T091). */
#include "core/account/backoff.h"

#include "tests/run.h"

static const struct {
	unsigned failures;
	bool often;
	unsigned least, most;
} table[] = {
	{1, false, 1000, 1250},       {2, false, 1500, 2500},
	{3, false, 3000, 5000},       {8, false, 96000, 160000},
	{9, false, 192000, 300000},   {10, false, 225000, 300000},
	{100, false, 225000, 300000}, {4000000000u, false, 225000, 300000},
	{0, false, 1000, 1250},       {30, true, 1000, 1250},
};

/* Within its bounds, and not twice the same. */
START_TEST(grows_and_jitters)
{
	unsigned first = backoff_ms(table[_i].failures, table[_i].often);
	bool differ = false;

	for (int i = 0; i < 200; i++) {
		unsigned ms = backoff_ms(table[_i].failures, table[_i].often);
		ck_assert_uint_ge(ms, table[_i].least);
		ck_assert_uint_le(ms, table[_i].most);
		differ |= ms != first;
	}
	ck_assert(differ);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("backoff", &tcase);

	tcase_add_loop_test(tcase, grows_and_jitters, 0, (int)(sizeof(table) / sizeof(*table)));
	return run_suite(suite);
}
