/* check_view - rows of a mailbox by limit and order: against a naive model, and rule by rule. */
#include <string.h>

#include "core/mailbox/view.h"
#include "tests/fetched.h"
#include "tests/run.h"

typedef struct {
	unsigned calls, relaid;
	size_t first, last;
} Heard;

static void changed(View *v, size_t first, size_t last, bool relaid, void *data)
{
	Heard *heard = data;

	ck_assert(view_count(v) == 0 || last < view_count(v));
	heard->calls++;
	heard->relaid += relaid;
	heard->first = first;
	heard->last = last;
}

static void tell(Mailbox *m, uint32_t uid, unsigned flags, const char *subject)
{
	Fetched f;

	mailbox_apply_fetch(m, uid, fetched(&f, uid, flags, subject));
}

static Mailbox *filled(uint32_t n)
{
	Mailbox *m = mailbox_new("INBOX");
	g_autoptr(UidSet) all = uidset_new();

	if (n > 0)
		uidset_add_range(all, 1, n);
	mailbox_set_uidvalidity(m, 1);
	mailbox_set_total(m, n);
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	return m;
}

static uint32_t uid_at(View *v, size_t i)
{
	ViewRow row;

	return view_row(v, i, &row) ? row.uid : UINT32_MAX;
}

static void assert_rows(View *v, const char *expected)
{
	g_autoptr(GString) rows = g_string_new(NULL);

	for (size_t i = 0; i < view_count(v); i++)
		g_string_append_printf(rows, "%s%u", i ? " " : "", uid_at(v, i));
	ck_assert_str_eq(rows->str, expected);
}

START_TEST(newest_first_with_placeholders_at_the_old_end)
{
	Mailbox *m = mailbox_new("INBOX");
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);

	assert_rows(v, "");
	mailbox_set_total(m, 5);
	tell(m, 8, 0, NULL);
	tell(m, 9, 0, NULL);
	mailbox_commit(m);
	assert_rows(v, "9 8 0 0 0");
	ck_assert_uint_eq(heard.relaid, 1);
	ck_assert_int_eq(view_find(v, 8), 1);
	ck_assert_int_eq(view_find(v, 0), -1);
	view_set_newest_first(v, false);
	assert_rows(v, "0 0 0 8 9");
	ck_assert_int_eq(view_find(v, 8), 3);
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(a_row_tells_truth_and_wish)
{
	Mailbox *m = filled(3);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) two = uidset_new_range(2, 2);
	ViewRow row;

	tell(m, 2, FLAG_FLAGGED | FLAG_RECENT, "two");
	mailbox_overlay(m, two, FLAG_SEEN, 0, false);
	mailbox_commit(m);
	ck_assert(view_row(v, 1, &row));
	ck_assert_uint_eq(row.uid, 2);
	ck_assert_uint_eq(row.flags, FLAG_FLAGGED | FLAG_SEEN);
	ck_assert(row.flags_known && row.pending && row.recent);
	ck_assert_str_eq(message_subject(row.head), "two");
	ck_assert(view_row(v, 0, &row));
	ck_assert(!row.flags_known && !row.pending && row.head == NULL);
	ck_assert(!view_row(v, 3, &row));
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(only_rows_on_the_screen_are_reported)
{
	Mailbox *m = filled(100);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);

	view_want(v, 10, 19); /* UIDs 90..81 */
	tell(m, 88, FLAG_SEEN, NULL);
	tell(m, 84, FLAG_SEEN, NULL);
	tell(m, 3, FLAG_SEEN, NULL);
	mailbox_commit(m);
	ck_assert_uint_eq(heard.calls, 1);
	ck_assert_uint_eq(heard.relaid, 0);
	ck_assert_uint_eq(heard.first, 12);
	ck_assert_uint_eq(heard.last, 16);
	tell(m, 4, FLAG_SEEN, NULL);
	mailbox_commit(m);
	ck_assert_uint_eq(heard.calls, 1);
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(a_limit_holds_what_it_names_and_nothing_new)
{
	Mailbox *m = filled(9);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) limit = uidset_parse("2,4:5,50", 8, 0);
	g_autoptr(UidSet) four = uidset_new_range(4, 4);

	view_set_limit(v, limit);
	ck_assert(view_is_limited(v));
	assert_rows(v, "5 4 2");
	tell(m, 10, 0, NULL);
	mailbox_apply_removed(m, four);
	mailbox_commit(m);
	assert_rows(v, "5 2");
	ck_assert_int_eq(view_find(v, 2), 1);
	ck_assert_int_eq(view_find(v, 9), -1);
	view_set_limit(v, NULL);
	assert_rows(v, "10 9 8 7 6 5 3 2 1");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(a_limit_shows_hits_before_all_uids_are_known)
{
	Mailbox *m = mailbox_new("INBOX");
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) limit = uidset_parse("3,7,9", 5, 0);
	g_autoptr(UidSet) all = uidset_parse("1:8", 3, 0);

	mailbox_set_total(m, 8);
	tell(m, 8, 0, NULL);
	mailbox_commit(m);
	view_set_limit(v, limit);
	assert_rows(v, "9 7 3");
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	assert_rows(v, "7 3");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(hits_that_cannot_be_are_not_shown)
{
	Mailbox *m = mailbox_new("INBOX");
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) limit = uidset_new_range(1, UINT32_MAX);

	mailbox_set_total(m, 8);
	tell(m, 8, 0, NULL);
	mailbox_commit(m);
	view_set_limit(v, limit);
	assert_rows(v, "8");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(the_servers_order_is_kept_and_new_ones_stand_behind)
{
	Mailbox *m = filled(5);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	/* 77 is not there, 2 comes twice, 4 is missing. */
	static const uint32_t order[] = {3, 2, 77, 5, 2, 1};
	g_autoptr(UidSet) five = uidset_new_range(5, 5);
	g_autoptr(UidSet) limit = uidset_parse("1:3", 3, 0);

	view_set_order(v, order, G_N_ELEMENTS(order));
	assert_rows(v, "4 1 5 2 3");
	tell(m, 6, 0, NULL);
	unsigned move = mailbox_overlay(m, five, 0, 0, true);
	mailbox_commit(m);
	assert_rows(v, "6 4 1 2 3");
	ck_assert_int_eq(view_find(v, 2), 3);
	view_set_limit(v, limit);
	assert_rows(v, "1 2 3");
	view_set_newest_first(v, false);
	assert_rows(v, "3 2 1");
	view_set_limit(v, NULL);
	mailbox_overlay_drop(m, move);
	mailbox_commit(m);
	assert_rows(v, "3 2 1 4 6 5");
	view_set_order(v, NULL, 0);
	assert_rows(v, "1 2 3 4 5 6");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(an_order_may_come_before_the_uids)
{
	Mailbox *m = mailbox_new("INBOX");
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	static const uint32_t order[] = {3, 1, 2};
	g_autoptr(UidSet) all = uidset_new_range(1, 4);

	mailbox_set_total(m, 4);
	mailbox_commit(m);
	view_set_order(v, order, 3);
	assert_rows(v, "2 1 3");
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	assert_rows(v, "4 2 1 3");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(unseen_rows_are_found_either_way_round)
{
	Mailbox *m = filled(6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);

	for (uint32_t uid = 1; uid <= 6; uid++)
		tell(m, uid, FLAG_SEEN, NULL);
	mailbox_commit(m);
	ck_assert_int_eq(view_next_unseen(v, 0, 1), -1);
	tell(m, 2, 0, NULL);
	tell(m, 5, 0, NULL);
	mailbox_commit(m);
	ck_assert_int_eq(view_next_unseen(v, 0, 1), 1);
	ck_assert_int_eq(view_next_unseen(v, 1, 1), 4);
	ck_assert_int_eq(view_next_unseen(v, 4, 1), 1);
	ck_assert_int_eq(view_next_unseen(v, 0, -1), 4);
	ck_assert_int_eq(view_next_unseen(v, 2, -1), 1);
	view_free(v);
	mailbox_free(m);
}
END_TEST

/* --- what is asked for --- */

typedef struct {
	char *urgent, *ahead;
	unsigned calls;
} Asked;

static void fetcher(Mailbox *m, const UidSet *urgent, const UidSet *ahead, void *data)
{
	Asked *asked = data;
	g_autoptr(UidSet) done = uidset_new_range(1, UINT32_MAX);

	asked->calls++;
	g_free(asked->urgent);
	g_free(asked->ahead);
	asked->urgent = uidset_format(urgent);
	asked->ahead = uidset_format(ahead);
	for (uint32_t uid = 1; uid <= 1000; uid++) {
		if (uidset_has(urgent, uid) || uidset_has(ahead, uid))
			tell(m, uid, 0, "head");
	}
	mailbox_want_done(m, done);
}

static void turn(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		continue;
}

START_TEST(the_screen_comes_first_then_a_page_ahead)
{
	Mailbox *m = filled(1000);
	Heard heard = {0};
	Asked asked = {0};
	View *v = view_new(m, changed, &heard);

	mailbox_set_fetcher(m, fetcher, &asked);
	view_want(v, 0, 9);
	turn();
	ck_assert_str_eq(asked.urgent, "991:1000");
	ck_assert_str_eq(asked.ahead, "975:990");
	/* A line down: enough is there. */
	view_want(v, 1, 10);
	turn();
	ck_assert_uint_eq(asked.calls, 1);
	view_want(v, 20, 29);
	turn();
	ck_assert_str_eq(asked.urgent, "971:974");
	ck_assert_str_eq(asked.ahead, "955:970");
	/* Jump to the end, then travel up. */
	view_want(v, 990, 999);
	turn();
	ck_assert_str_eq(asked.urgent, "1:10");
	view_want(v, 980, 989);
	turn();
	ck_assert_str_eq(asked.urgent, "11:20");
	ck_assert_str_eq(asked.ahead, "21:36");
	g_free(asked.urgent);
	g_free(asked.ahead);
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(rows_whose_uid_comes_later_are_asked_for_then)
{
	Mailbox *m = mailbox_new("INBOX");
	Heard heard = {0};
	Asked asked = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) all = uidset_new_range(1, 100);

	mailbox_set_fetcher(m, fetcher, &asked);
	mailbox_set_total(m, 100);
	mailbox_commit(m);
	view_want(v, 90, 99);
	turn();
	ck_assert_uint_eq(asked.calls, 0);
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	turn();
	ck_assert_str_eq(asked.urgent, "1:10");
	g_free(asked.urgent);
	g_free(asked.ahead);
	view_free(v);
	mailbox_free(m);
}
END_TEST

/* A reconnect: what was asked for before is asked for again. */
START_TEST(opening_again_asks_again)
{
	Mailbox *m = filled(30);
	Heard heard = {0};
	Asked asked = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) all = uidset_new_range(1, 30);

	view_want(v, 0, 4);
	turn(); /* nobody fetched */
	mailbox_want_done(m, all);
	mailbox_set_fetcher(m, fetcher, &asked);
	mailbox_set_loading(m, true);
	mailbox_commit(m);
	mailbox_set_loading(m, false);
	mailbox_commit(m);
	turn();
	ck_assert_uint_eq(asked.calls, 1);
	ck_assert_str_eq(asked.urgent, "26:30");
	g_free(asked.urgent);
	g_free(asked.ahead);
	view_free(v);
	mailbox_free(m);
}
END_TEST

/* --- the model: lists that are made anew from scratch at each step --- */

#define UIDS 50

typedef struct {
	Mailbox *m;
	View *v;
	Heard heard;
	GRand *rand;
	bool there[UIDS + 1], hidden[UIDS + 1];
	GArray *order; /* of uint32_t, or NULL */
	UidSet *limit;
	bool newest_first;
	unsigned move;
	UidSet *moved;
} Model;

static int pick(Model *w, int n)
{
	return g_rand_int_range(w->rand, 0, n);
}

static UidSet *some_uids(Model *w, int most)
{
	UidSet *uids = uidset_new();

	for (int i = pick(w, most); i >= 0; i--)
		uidset_add(uids, 1 + (uint32_t)pick(w, UIDS));
	return uids;
}

static bool is_shown(Model *w, uint32_t uid)
{
	return w->there[uid] && !w->hidden[uid];
}

static bool in_array(const GArray *array, uint32_t uid)
{
	for (unsigned i = 0; i < array->len; i++)
		if (g_array_index(array, uint32_t, i) == uid)
			return true;
	return false;
}

static void follow_order(Model *w)
{
	if (w->order == NULL)
		return;
	for (unsigned i = w->order->len; i-- > 0;)
		if (!is_shown(w, g_array_index(w->order, uint32_t, i)))
			g_array_remove_index(w->order, i);
	for (uint32_t uid = 1; uid <= UIDS; uid++)
		if (is_shown(w, uid) && !in_array(w->order, uid))
			g_array_append_val(w->order, uid);
}

static void commit(Model *w)
{
	uint32_t n = 0;

	for (uint32_t uid = 1; uid <= UIDS; uid++)
		n += w->there[uid];
	mailbox_set_total(w->m, n);
	mailbox_commit(w->m);
	follow_order(w);
}

static void model_come(Model *w)
{
	uint32_t uid = 1 + (uint32_t)pick(w, UIDS);

	tell(w->m, uid, 0, NULL);
	w->there[uid] = true;
	commit(w);
}

static void model_go(Model *w)
{
	g_autoptr(UidSet) uids = some_uids(w, 4);

	mailbox_apply_removed(w->m, uids);
	for (uint32_t uid = 1; uid <= UIDS; uid++)
		w->there[uid] = w->there[uid] && !uidset_has(uids, uid);
	commit(w);
}

static void model_list(Model *w)
{
	g_autoptr(UidSet) uids = some_uids(w, 40);

	mailbox_apply_uids(w->m, uids);
	for (uint32_t uid = 1; uid <= UIDS; uid++)
		w->there[uid] = uidset_has(uids, uid);
	commit(w);
}

static void model_move(Model *w)
{
	if (w->move != 0) {
		mailbox_overlay_drop(w->m, w->move);
		g_clear_pointer(&w->moved, uidset_free);
		w->move = 0;
		memset(w->hidden, 0, sizeof(w->hidden));
	} else {
		w->moved = some_uids(w, 6);
		w->move = mailbox_overlay(w->m, w->moved, 0, 0, true);
		for (uint32_t uid = 1; uid <= UIDS; uid++)
			w->hidden[uid] = uidset_has(w->moved, uid);
	}
	commit(w);
}

static void model_limit(Model *w)
{
	g_clear_pointer(&w->limit, uidset_free);
	if (pick(w, 2))
		w->limit = some_uids(w, 40);
	view_set_limit(w->v, w->limit);
}

static void model_order(Model *w)
{
	g_clear_pointer(&w->order, g_array_unref);
	if (pick(w, 3) == 0) {
		view_set_order(w->v, NULL, 0);
		return;
	}
	w->order = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (int i = 0; i < UIDS; i++) {
		uint32_t uid = 1 + (uint32_t)pick(w, UIDS);
		if (!in_array(w->order, uid))
			g_array_append_val(w->order, uid);
	}
	view_set_order(w->v, (const uint32_t *)(void *)w->order->data, w->order->len);
	follow_order(w);
}

static void model_check(Model *w)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (unsigned i = 0; i < (w->order ? w->order->len : UIDS); i++) {
		uint32_t uid = w->order ? g_array_index(w->order, uint32_t, i) : i + 1;
		if (is_shown(w, uid) && (w->limit == NULL || uidset_has(w->limit, uid)))
			g_array_append_val(rows, uid);
	}
	ck_assert_uint_eq(view_count(w->v), rows->len);
	for (unsigned i = 0; i < rows->len; i++) {
		unsigned at = w->newest_first ? rows->len - 1 - i : i;
		uint32_t uid = g_array_index(rows, uint32_t, i);
		ck_assert_uint_eq(uid_at(w->v, at), uid);
		ck_assert_int_eq(view_find(w->v, uid), at);
	}
}

START_TEST(it_is_what_a_naive_model_says)
{
	Model w = {.m = filled(0),
		   .rand = g_rand_new_with_seed((guint32)_i + 1),
		   .newest_first = true};

	w.v = view_new(w.m, changed, &w.heard);
	for (unsigned step = 0; step < 1500; step++) {
		switch (pick(&w, 16)) {
		case 0:
			model_list(&w);
			break;
		case 1:
			model_limit(&w);
			break;
		case 2:
			model_order(&w);
			break;
		case 3:
			w.newest_first = !w.newest_first;
			view_set_newest_first(w.v, w.newest_first);
			break;
		case 4:
		case 5:
			model_move(&w);
			break;
		case 6:
		case 7:
		case 8:
			model_go(&w);
			break;
		default:
			model_come(&w);
		}
		model_check(&w);
	}
	view_free(w.v);
	mailbox_free(w.m);
	uidset_free(w.limit);
	uidset_free(w.moved);
	g_clear_pointer(&w.order, g_array_unref);
	g_rand_free(w.rand);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("view", &tcase);

	tcase_add_test(tcase, newest_first_with_placeholders_at_the_old_end);
	tcase_add_test(tcase, a_row_tells_truth_and_wish);
	tcase_add_test(tcase, only_rows_on_the_screen_are_reported);
	tcase_add_test(tcase, a_limit_holds_what_it_names_and_nothing_new);
	tcase_add_test(tcase, a_limit_shows_hits_before_all_uids_are_known);
	tcase_add_test(tcase, hits_that_cannot_be_are_not_shown);
	tcase_add_test(tcase, the_servers_order_is_kept_and_new_ones_stand_behind);
	tcase_add_test(tcase, an_order_may_come_before_the_uids);
	tcase_add_test(tcase, unseen_rows_are_found_either_way_round);
	tcase_add_test(tcase, the_screen_comes_first_then_a_page_ahead);
	tcase_add_test(tcase, rows_whose_uid_comes_later_are_asked_for_then);
	tcase_add_test(tcase, opening_again_asks_again);
	tcase_add_loop_test(tcase, it_is_what_a_naive_model_says, 0, 20);
	return run_suite(suite);
}
