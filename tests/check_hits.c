/* check_hits - which servers tell the heads of the first hits along with the search, and when they
 * are waited for. */
#include "core/account/hits.h"

#include "tests/run.h"

#define BASE (CAP(IMAP4REV1) | CAP_KNOWN)

static const struct {
	Capability caps;
	HitsWay few, many;
} table[] = {
	{0, HITS_ALONE, HITS_ALONE},
	{BASE, HITS_ALONE, HITS_ALONE},
	{BASE | CAP(ESEARCH) | CAP(SEARCHRES), HITS_ALONE, HITS_ALONE},
	{BASE | CAP(ESEARCH) | CAP(PARTIAL), HITS_ALONE, HITS_ALONE},
	{BASE | CAP(SEARCHRES) | CAP(PARTIAL), HITS_ALONE, HITS_ALONE},
	{BASE | CAP(ESEARCH) | CAP(SEARCHRES) | CAP(PARTIAL), HITS_NEWEST, HITS_NEWEST},
	{BASE | CAP(ESEARCH) | CAP(SEARCHRES) | CAP(CONTEXT_SEARCH), HITS_OLDEST, HITS_ALONE},
	{BASE | CAP(ESEARCH) | CAP(SEARCHRES) | CAP(CONTEXT_SEARCH) | CAP(PARTIAL), HITS_NEWEST,
	 HITS_NEWEST},
};

START_TEST(what_a_server_can)
{
	ck_assert_int_eq(hits_way(table[_i].caps, true), table[_i].few);
	ck_assert_int_eq(hits_way(table[_i].caps, false), table[_i].many);
}
END_TEST

static const struct {
	HitsWay way;
	uint32_t found;
	bool first;
} waits[] = {
	{HITS_ALONE, 1, false},  {HITS_OLDEST, 0, false},  {HITS_OLDEST, 1, true},
	{HITS_OLDEST, 40, true}, {HITS_OLDEST, 41, false}, {HITS_NEWEST, 0, false},
	{HITS_NEWEST, 1, true},  {HITS_NEWEST, 41, true},
};

START_TEST(what_is_waited_for)
{
	g_autoptr(UidSet) found =
		waits[_i].found > 0 ? uidset_new_range(101, 100 + waits[_i].found) : uidset_new();

	ck_assert(hits_are_first(waits[_i].way, found) == waits[_i].first);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("hits", &tcase);

	tcase_add_loop_test(tcase, what_a_server_can, 0, G_N_ELEMENTS(table));
	tcase_add_loop_test(tcase, what_is_waited_for, 0, G_N_ELEMENTS(waits));
	return run_suite(suite);
}
