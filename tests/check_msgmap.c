/* check_msgmap - sequence numbers to UIDs, against an array that does the same naively. */
#include <string.h>

#include "core/mailbox/msgmap.h"
#include "tests/cpu_time.h"
#include "tests/run.h"

/* What the server has, and which of it the client has been told. */
typedef struct {
	uint32_t uid;
	bool known;
} Truth;

typedef struct {
	MsgMap *map;
	GArray *truth; /* of Truth */
	uint32_t uidnext;
	GRand *rand;
} World;

static Truth *truth_at(World *w, uint32_t seq)
{
	return &g_array_index(w->truth, Truth, seq - 1);
}

static void check(World *w)
{
	uint32_t unknown = 0, tail = 0, last = 0;

	ck_assert_uint_eq(msgmap_count(w->map), w->truth->len);
	for (uint32_t seq = 1; seq <= w->truth->len; seq++) {
		Truth truth = *truth_at(w, seq);
		ck_assert_uint_eq(msgmap_uid(w->map, seq), truth.known ? truth.uid : 0);
		ck_assert_uint_eq(msgmap_seq(w->map, truth.uid), truth.known ? seq : 0);
		unknown += !truth.known;
		tail = truth.known ? 0 : tail + 1;
		last = truth.known ? truth.uid : last;
	}
	ck_assert_uint_eq(msgmap_unknown(w->map), unknown);
	ck_assert_uint_eq(msgmap_unknown_tail(w->map), tail);
	ck_assert_uint_eq(msgmap_last_uid(w->map), last);
	ck_assert_uint_eq(msgmap_uid(w->map, 0), 0);
	ck_assert_uint_eq(msgmap_uid(w->map, w->truth->len + 1), 0);
}

static void arrive(World *w, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		w->uidnext += (uint32_t)g_rand_int_range(w->rand, 1, 4);
		Truth truth = {w->uidnext, false};
		g_array_append_val(w->truth, truth);
	}
	ck_assert(msgmap_set_count(w->map, w->truth->len));
}

static uint32_t any_seq(World *w)
{
	return (uint32_t)g_rand_int_range(w->rand, 1, (int)w->truth->len + 1);
}

static void fetch(World *w)
{
	uint32_t seq = any_seq(w), n = (uint32_t)g_rand_int_range(w->rand, 1, 20);

	for (; n > 0 && seq <= w->truth->len; n--, seq++) {
		ck_assert(msgmap_set(w->map, seq, truth_at(w, seq)->uid));
		truth_at(w, seq)->known = true;
	}
}

static void expunge(World *w)
{
	uint32_t seq = any_seq(w);
	Truth truth = *truth_at(w, seq);

	ck_assert_uint_eq(msgmap_expunge(w->map, seq), truth.known ? truth.uid : 0);
	g_array_remove_index(w->truth, seq - 1);
}

/* Of unknown ones the map cannot know which; all of a gap must go, or none. */
static void vanish(World *w)
{
	g_autoptr(UidSet) gone = uidset_new();

	for (uint32_t seq = w->truth->len; seq > 0; seq--) {
		if (truth_at(w, seq)->known && g_rand_int_range(w->rand, 0, 10) == 0) {
			uidset_add(gone, truth_at(w, seq)->uid);
			g_array_remove_index(w->truth, seq - 1);
		}
	}
	msgmap_vanished(w->map, gone);
}

static void list_all(World *w)
{
	g_autoptr(UidSet) all = uidset_new();

	for (uint32_t seq = 1; seq <= w->truth->len; seq++) {
		uidset_add(all, truth_at(w, seq)->uid);
		truth_at(w, seq)->known = true;
	}
	ck_assert(msgmap_set_all(w->map, all));
	g_autoptr(UidSet) known = msgmap_uids(w->map);
	g_autofree char *told = uidset_format(known), *listed = uidset_format(all);
	ck_assert_str_eq(told, listed);
}

START_TEST(it_is_what_a_plain_array_would_be)
{
	World w = {msgmap_new(), g_array_new(FALSE, FALSE, sizeof(Truth)), 0,
		   g_rand_new_with_seed((guint32)_i + 1)};

	arrive(&w, 300);
	for (unsigned step = 0; step < 400; step++) {
		int what = g_rand_int_range(w.rand, 0, 20);
		if (w.truth->len < 5 || what < 2)
			arrive(&w, (uint32_t)g_rand_int_range(w.rand, 1, 40));
		else if (what < 9)
			fetch(&w);
		else if (what < 18)
			expunge(&w);
		else if (what == 18)
			vanish(&w);
		else if (step % 7 == 0)
			list_all(&w);
		if (step % 5 == 0)
			check(&w);
	}
	check(&w);
	msgmap_free(w.map);
	g_array_unref(w.truth);
	g_rand_free(w.rand);
}
END_TEST

START_TEST(a_shrinking_count_is_refused)
{
	g_autoptr(MsgMap) map = msgmap_new();

	ck_assert(msgmap_set_count(map, 10));
	ck_assert(!msgmap_set_count(map, 9));
	ck_assert_uint_eq(msgmap_count(map), 10);
}
END_TEST

START_TEST(uids_that_cannot_stand_there_are_refused)
{
	g_autoptr(MsgMap) map = msgmap_new();

	msgmap_reset(map, 10);
	ck_assert(!msgmap_set(map, 0, 5));
	ck_assert(!msgmap_set(map, 11, 50));
	ck_assert(!msgmap_set(map, 3, 0));
	ck_assert(!msgmap_set(map, 3, 2)); /* two lie below it */
	ck_assert(msgmap_set(map, 3, 30));
	ck_assert(msgmap_set(map, 3, 30));
	ck_assert(!msgmap_set(map, 3, 31));
	ck_assert(!msgmap_set(map, 2, 30)); /* T078: once only */
	ck_assert(!msgmap_set(map, 4, 30));
	ck_assert(!msgmap_set(map, 5, 31)); /* one lies between */
	ck_assert(msgmap_set(map, 5, 32));
	ck_assert(msgmap_set(map, 4, 31));
	ck_assert(!msgmap_set(map, 10, 36)); /* four lie between */
	ck_assert(msgmap_set(map, 10, UINT32_MAX));
	ck_assert(!msgmap_set(map, 9, UINT32_MAX));
	ck_assert(msgmap_set(map, 9, UINT32_MAX - 1));
	ck_assert_uint_eq(msgmap_uid(map, 1), 0); /* T076: a hole is unknown */
}
END_TEST

START_TEST(expunge_out_of_range_removes_nothing)
{
	g_autoptr(MsgMap) map = msgmap_new();

	ck_assert_uint_eq(msgmap_expunge(map, 1), 0);
	msgmap_reset(map, 3);
	ck_assert_uint_eq(msgmap_expunge(map, 0), 0);
	ck_assert_uint_eq(msgmap_expunge(map, 4), 0);
	ck_assert_uint_eq(msgmap_count(map), 3);
}
END_TEST

START_TEST(a_listing_of_another_length_is_refused)
{
	g_autoptr(MsgMap) map = msgmap_new();
	g_autoptr(UidSet) uids = uidset_new_range(1, 3);

	msgmap_reset(map, 4);
	ck_assert(!msgmap_set_all(map, uids));
	ck_assert_uint_eq(msgmap_unknown(map), 4);
}
END_TEST

START_TEST(vanished_unknown_ones_shrink_their_gap)
{
	g_autoptr(MsgMap) map = msgmap_new();
	g_autoptr(UidSet) gone = uidset_new_range(11, 12);

	msgmap_reset(map, 9);
	ck_assert(msgmap_set(map, 4, 10));
	ck_assert(msgmap_set(map, 8, 20));
	uidset_add(gone, 20);
	msgmap_vanished(map, gone);
	ck_assert_uint_eq(msgmap_count(map), 6);
	ck_assert_uint_eq(msgmap_seq(map, 10), 4);
	ck_assert_uint_eq(msgmap_last_uid(map), 10);
	/* More than a gap can hold empties it. */
	g_autoptr(UidSet) many = uidset_new_range(1, 9);
	msgmap_vanished(map, many);
	ck_assert_uint_eq(msgmap_seq(map, 10), 1);
}
END_TEST

/* 10,000 of a million, each in a run of its own: what the flat array does in 20 GB. */
START_TEST(many_expunges_of_many_are_quick)
{
	g_autoptr(MsgMap) map = msgmap_new();
	g_autoptr(UidSet) all = uidset_new();
	GRand *rand = g_rand_new_with_seed(1);

	for (uint32_t i = 1; i <= 1000000; i++)
		uidset_add(all, i * 2);
	msgmap_reset(map, 1000000);
	ck_assert(msgmap_set_all(map, all));
	double start = cpu_seconds();
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_uint_ne(
			msgmap_expunge(map, (uint32_t)g_rand_int_range(rand, 1, 1000000 - 10000)),
			0);
	ck_assert(cpu_seconds() - start < SLOW);
	ck_assert_uint_eq(msgmap_count(map), 990000);
	g_rand_free(rand);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("msgmap", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, it_is_what_a_plain_array_would_be, 0, 20);
	tcase_add_test(tcase, a_shrinking_count_is_refused);
	tcase_add_test(tcase, uids_that_cannot_stand_there_are_refused);
	tcase_add_test(tcase, expunge_out_of_range_removes_nothing);
	tcase_add_test(tcase, a_listing_of_another_length_is_refused);
	tcase_add_test(tcase, vanished_unknown_ones_shrink_their_gap);
	tcase_add_test(tcase, many_expunges_of_many_are_quick);
	return run_suite(suite);
}
