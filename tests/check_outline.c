/* check_outline - threaded views: rows, lines, folds and limits, rule by rule and against a naive
 * model; several views of one mailbox. */
#include "config.h"

#include <string.h>

#include "core/mailbox/view.h"
#include "core/wire/parser.h"
#include "tests/fetched.h"
#include "tests/run.h"

typedef struct {
	unsigned calls, relaid;
} Heard;

static void changed(View *v, size_t first, size_t last, bool relaid, void *data)
{
	Heard *heard = data;

	(void)first;
	ck_assert(view_count(v) == 0 || last < view_count(v));
	heard->calls++;
	heard->relaid += relaid;
}

/* Message `uid`, called <uid@x>, answers <parent@x> (0: nothing). */
static void tell(Mailbox *m, uint32_t uid, unsigned flags, unsigned parent)
{
	g_autofree char *id = g_strdup_printf("<%u@x>", uid);
	g_autofree char *answered = g_strdup_printf("<%u@x>", parent);
	Fetched f;

	fetched(&f, uid, flags, "subject");
	f.envelope.message_id = id;
	f.envelope.in_reply_to = parent ? answered : NULL;
	mailbox_apply_fetch(m, uid, &f.fetch);
}

/* parents[i] is what message i + 1 answers. */
static Mailbox *filled(const unsigned *parents, uint32_t n)
{
	Mailbox *m = mailbox_new("INBOX");
	g_autoptr(UidSet) all = uidset_new();

	if (n > 0)
		uidset_add_range(all, 1, n);
	mailbox_set_uidvalidity(m, 1);
	mailbox_set_total(m, n);
	mailbox_apply_uids(m, all);
	for (uint32_t uid = 1; uid <= n; uid++)
		tell(m, uid, FLAG_SEEN, parents[uid - 1]);
	mailbox_commit(m);
	return m;
}

/* "1 .2 ..3 4+2": a dot a level; +n: so many are folded away, "!" and the unseen of them. */
static char *rows_of(View *v)
{
	GString *rows = g_string_new(NULL);
	ViewRow row;

	for (size_t i = 0; view_row(v, i, &row); i++) {
		g_string_append(rows, i ? " " : "");
		for (unsigned k = 0; k < row.depth; k++)
			g_string_append_c(rows, '.');
		g_string_append_printf(rows, "%u", row.uid);
		if (row.hidden)
			g_string_append_printf(rows, "+%u", row.hidden);
		if (row.hidden_unseen)
			g_string_append_printf(rows, "!%u", row.hidden_unseen);
	}
	return g_string_free(rows, FALSE);
}

#define assert_rows(v, expected)                                                                   \
	do {                                                                                       \
		g_autofree char *rows = rows_of(v);                                                \
		ck_assert_str_eq(rows, expected);                                                  \
	} while (0)

static const unsigned two_threads[] = {0, 1, 2, 0, 4, 1};

START_TEST(threads_stand_by_their_newest)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);

	view_set_threaded(v, true);
	ck_assert(view_is_threaded(v));
	assert_rows(v, "1 .2 ..3 .6 4 .5");
	view_set_newest_first(v, false);
	assert_rows(v, "4 .5 1 .2 ..3 .6");
	view_set_newest_first(v, true);
	tell(m, 7, 0, 5);
	mailbox_commit(m);
	assert_rows(v, "4 .5 ..7 1 .2 ..3 .6");
	tell(m, 8, 0, 0);
	mailbox_commit(m);
	assert_rows(v, "8 4 .5 ..7 1 .2 ..3 .6");
	ck_assert_int_eq(view_find(v, 3), 6);
	ck_assert_int_eq(view_find(v, 9), -1);
	view_set_threaded(v, false);
	assert_rows(v, "8 7 6 5 4 3 2 1");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(lines_say_what_follows)
{
	static const unsigned parents[] = {0, 1, 2, 2, 1};
	Mailbox *m = filled(parents, 5);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	/* 1 .2 ..3 ..4 .5 */
	static const uint32_t lines[] = {0, 2, 4 | 2, 2, 0};
	ViewRow row;

	view_set_threaded(v, true);
	assert_rows(v, "1 .2 ..3 ..4 .5");
	for (size_t i = 0; view_row(v, i, &row); i++)
		ck_assert_uint_eq(row.lines, lines[i]);
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(depth_ends_somewhere)
{
	unsigned parents[400];
	Heard heard = {0};
	ViewRow row;

	for (unsigned i = 0; i < 400; i++)
		parents[i] = i;
	Mailbox *m = filled(parents, 400);
	View *v = view_new(m, changed, &heard);
	view_set_threaded(v, true);
	ck_assert(view_row(v, 40, &row) && row.uid == 41 && row.depth == 40 && row.lines == 0);
	ck_assert(view_row(v, 399, &row) && row.uid == 400 && row.depth == 255);
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(what_is_gone_leaves_its_answers)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) one = uidset_new_range(1, 1);
	g_autoptr(UidSet) two = uidset_new_range(2, 2);

	view_set_threaded(v, true);
	unsigned move = mailbox_overlay(m, two, 0, 0, true);
	mailbox_commit(m);
	assert_rows(v, "1 .3 .6 4 .5");
	mailbox_apply_removed(m, one);
	mailbox_commit(m);
	/* 3 heads them now; 6 is no answer to it, but of its thread. */
	assert_rows(v, "3 .6 4 .5");
	mailbox_overlay_drop(m, move);
	mailbox_commit(m);
	assert_rows(v, "2 .3 .6 4 .5");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(folds_hide_and_count)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) six = uidset_new_range(6, 6);

	view_set_threaded(v, true);
	tell(m, 3, 0, 2);
	mailbox_commit(m);
	view_fold(v, 2, VIEW_FOLD_CLOSE);
	assert_rows(v, "1+3!1 4 .5");
	ck_assert_int_eq(view_find(v, 6), 0);
	ck_assert_int_eq(view_find(v, 5), 2);
	ck_assert_int_eq(view_next_unseen(v, 1, 1), 0);
	/* A flag of what is folded away is told. */
	view_want(v, 0, 2);
	heard = (Heard){0};
	tell(m, 3, FLAG_SEEN, 2);
	mailbox_commit(m);
	ck_assert_uint_eq(heard.calls, 1);
	assert_rows(v, "1+3 4 .5");
	view_fold(v, 0, VIEW_FOLD_TOGGLE);
	assert_rows(v, "1 .2 ..3 .6 4 .5");
	view_fold_all(v, true);
	assert_rows(v, "1+3 4+1");
	view_fold(v, 1, VIEW_FOLD_OPEN);
	assert_rows(v, "1+3 4 .5");
	tell(m, 7, FLAG_SEEN, 0);
	tell(m, 8, FLAG_SEEN, 7);
	mailbox_apply_removed(m, six);
	mailbox_commit(m);
	assert_rows(v, "7+1 1+2 4 .5");
	view_fold_all(v, false);
	assert_rows(v, "7 .8 1 .2 ..3 4 .5");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(a_limit_keeps_threads)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) hits = uidset_parse("3,5:6", 5, 0);

	view_set_threaded(v, true);
	view_set_limit(v, hits);
	assert_rows(v, "3 .6 5");
	g_autoptr(UidSet) thread = view_thread(v, 1);
	g_autofree char *text = uidset_format(thread);
	ck_assert_str_eq(text, "3,6");
	view_fold_all(v, true);
	assert_rows(v, "3+1 5");
	view_set_limit(v, NULL);
	assert_rows(v, "1+3 4+1");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(an_order_ranks_the_threads)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	static const uint32_t order[] = {6, 1, 2, 3, 5, 4};

	view_set_order(v, order, 6);
	view_set_threaded(v, true);
	assert_rows(v, "4 .5 1 .2 ..3 .6");
	view_set_newest_first(v, false);
	assert_rows(v, "1 .2 ..3 .6 4 .5");
	view_set_order(v, NULL, 0);
	assert_rows(v, "4 .5 1 .2 ..3 .6");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(moving_among_threads)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);

	ck_assert_int_eq(view_next_thread(v, 0, 1), -1);
	ck_assert_int_eq(view_parent(v, 0), -1);
	view_set_threaded(v, true); /* 1 .2 ..3 .6 4 .5 */
	ck_assert_int_eq(view_next_thread(v, 0, 1), 4);
	ck_assert_int_eq(view_next_thread(v, 2, 1), 4);
	ck_assert_int_eq(view_next_thread(v, 5, 1), -1);
	ck_assert_int_eq(view_next_thread(v, 5, -1), 4);
	ck_assert_int_eq(view_next_thread(v, 4, -1), 0);
	ck_assert_int_eq(view_next_thread(v, 0, -1), -1);
	ck_assert_int_eq(view_parent(v, 2), 1);
	ck_assert_int_eq(view_parent(v, 3), 0);
	ck_assert_int_eq(view_parent(v, 4), -1);
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(rows_are_flat_until_all_uids_are_known)
{
	Mailbox *m = mailbox_new("INBOX");
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	g_autoptr(UidSet) all = uidset_new_range(1, 4);

	mailbox_set_total(m, 4);
	tell(m, 4, 0, 1);
	mailbox_commit(m);
	view_set_threaded(v, true);
	ck_assert(!view_is_threaded(v));
	assert_rows(v, "4 0 0 0");
	heard = (Heard){0};
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	ck_assert_uint_eq(heard.relaid, 1);
	assert_rows(v, "4 3 2 1");
	tell(m, 1, 0, 0);
	mailbox_commit(m);
	assert_rows(v, "1 .4 3 2");
	view_free(v);
	mailbox_free(m);
}
END_TEST

static void count_done(const GError *error, void *data)
{
	ck_assert_ptr_null(error);
	++*(unsigned *)data;
}

static void begin_apply(Mailbox *m, const char *text, unsigned *done)
{
	ThreadAnswer *answer = threadanswer_new();
	g_autoptr(Arena) arena = arena_new();
	Frame frame = {.text = text, .len = strlen(text)};
	Response response;

	ck_assert(parser_read(arena, &frame, &response, NULL));
	threadanswer_take(answer, &response.threads);
	mailbox_apply_threads(m, NULL, answer, count_done, done);
}

static void wait_for(const unsigned *done)
{
	while (*done == 0)
		g_main_context_iteration(NULL, TRUE);
}

static void apply(Mailbox *m, const char *text)
{
	unsigned done = 0;

	begin_apply(m, text, &done);
	wait_for(&done);
}

START_TEST(several_views_share_the_threads)
{
	static const unsigned none[] = {0, 0, 0, 0};
	Mailbox *m = filled(none, 4);
	Heard heard[3] = {{0}};
	View *flat = view_new(m, changed, &heard[0]), *folded = view_new(m, changed, &heard[1]),
	     *open = view_new(m, changed, &heard[2]);

	view_set_threaded(folded, true);
	view_set_threaded(open, true);
	view_fold_all(folded, true);
	memset(heard, 0, sizeof(heard));
	apply(m, "* THREAD (1 3)(2 4)");
	assert_rows(flat, "4 3 2 1");
	assert_rows(folded, "2+1 1+1");
	assert_rows(open, "2 .4 1 .3");
	ck_assert_uint_eq(heard[0].relaid, 0);
	ck_assert_uint_eq(heard[1].relaid, 1);
	ck_assert_uint_eq(heard[2].relaid, 1);
	view_free(flat);
	view_free(folded);
	view_free(open);
	mailbox_free(m);
}
END_TEST

/* What comes and goes meanwhile is in both. */
START_TEST(rows_stand_until_an_answer_is_taken_over)
{
	static const unsigned none[] = {0, 0, 0, 0};
	Mailbox *m = filled(none, 4);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	unsigned done = 0;
	g_autoptr(UidSet) third = uidset_new_range(3, 3);

	view_set_threaded(v, true);
	begin_apply(m, "* THREAD (1 3)(2 4)", &done);
	assert_rows(v, "4 3 2 1");
	tell(m, 5, FLAG_SEEN, 1);
	mailbox_set_total(m, 5);
	mailbox_commit(m);
	mailbox_apply_removed(m, third);
	mailbox_set_total(m, 4);
	mailbox_commit(m);
	assert_rows(v, "1 .5 4 2");
	heard.relaid = 0;
	wait_for(&done);
	ck_assert_uint_eq(heard.relaid, 1);
	assert_rows(v, "1 .5 2 .4");
	view_free(v);
	mailbox_free(m);
}
END_TEST

START_TEST(an_answer_for_a_replaced_mailbox_is_void)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);
	unsigned done = 0;
	g_autoptr(UidSet) all = uidset_new_range(1, 3);

	view_set_threaded(v, true);
	begin_apply(m, "* THREAD (1 2 3)", &done);
	mailbox_set_uidvalidity(m, 2);
	mailbox_set_total(m, 3);
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	wait_for(&done);
	assert_rows(v, "3 2 1");
	ck_assert(!thread_is_told(mailbox_threads(m)));
	view_free(v);
	mailbox_free(m);
}
END_TEST

/* A mailbox that was replaced has other messages, and other threads. */
START_TEST(a_new_uidvalidity_forgets_the_threads)
{
	Mailbox *m = filled(two_threads, 6);
	Heard heard = {0};
	View *v = view_new(m, changed, &heard);

	view_set_threaded(v, true);
	view_fold_all(v, true);
	mailbox_set_uidvalidity(m, 2);
	/* Whoever looks before the commit finds rows, or none, but nothing that is not there. */
	g_autofree char *meanwhile = rows_of(v);
	mailbox_set_total(m, 2);
	tell(m, 1, 0, 0);
	tell(m, 2, 0, 1);
	mailbox_commit(m);
	assert_rows(v, "1 .2");
	view_free(v);
	mailbox_free(m);
}
END_TEST

/* --- the model: at each step all is made anew --- */

#define UIDS 24

typedef struct {
	unsigned parent[UIDS + 1];
	bool there[UIDS + 1], limited[UIDS + 1];
	bool newest_first;
} Model;

static unsigned top_of(const Model *w, unsigned uid)
{
	while (w->parent[uid] != 0)
		uid = w->parent[uid];
	return uid;
}

static bool is_shown(const Model *w, unsigned uid)
{
	return w->there[uid] && w->limited[uid];
}

static unsigned depth_of(const Model *w, unsigned uid, unsigned head)
{
	unsigned depth = 0;
	bool below_head = uid == head;

	for (unsigned up = w->parent[uid]; up != 0; up = w->parent[up]) {
		depth += is_shown(w, up);
		below_head |= up == head;
	}
	return below_head ? depth : depth + 1;
}

/* Preorder of the whole tree, parents that are not there included. */
static void write_tree(const Model *w, unsigned uid, unsigned *head, GString *out)
{
	if (is_shown(w, uid)) {
		*head = *head ? *head : uid;
		for (unsigned k = depth_of(w, uid, *head); k > 0; k--)
			g_string_append_c(out, '.');
		g_string_append_printf(out, "%u ", uid);
	}
	for (unsigned child = 1; child <= UIDS; child++)
		if (w->parent[child] == uid)
			write_tree(w, child, head, out);
}

static char *model_rows(const Model *w)
{
	GString *out = g_string_new(NULL);

	for (unsigned k = 1; k <= UIDS; k++) {
		unsigned newest = w->newest_first ? UIDS + 1 - k : k;
		bool is_newest = true;
		for (unsigned uid = newest + 1; uid <= UIDS; uid++)
			is_newest &= top_of(w, uid) != top_of(w, newest);
		unsigned head = 0;
		if (is_newest)
			write_tree(w, top_of(w, newest), &head, out);
	}
	return g_strchomp(g_string_free(out, FALSE));
}

static void one_life(unsigned seed)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	Model w = {.newest_first = true};
	Heard heard = {0};

	for (unsigned uid = 1; uid <= UIDS; uid++) {
		w.parent[uid] = g_rand_int_range(rand, 0, 3) ? g_rand_int_range(rand, 0, uid) : 0;
		w.there[uid] = w.limited[uid] = true;
	}
	Mailbox *m = filled(w.parent + 1, UIDS);
	View *v = view_new(m, changed, &heard);
	view_set_threaded(v, true);
	for (unsigned step = 0; step < 12; step++) {
		unsigned uid = g_rand_int_range(rand, 1, UIDS); /* the newest stays */
		g_autoptr(UidSet) one = uidset_new_range(uid, uid);
		g_autoptr(UidSet) limit = uidset_new();
		switch (g_rand_int_range(rand, 0, 4)) {
		case 0:
			mailbox_apply_removed(m, one);
			w.there[uid] = false;
			break;
		case 1:
			tell(m, uid, 0, w.parent[uid]);
			w.there[uid] = true;
			break;
		case 2:
			w.newest_first = !w.newest_first;
			view_set_newest_first(v, w.newest_first);
			break;
		case 3:
			for (unsigned k = 1; k <= UIDS; k++) {
				w.limited[k] = g_rand_int_range(rand, 0, 3) > 0;
				if (w.limited[k])
					uidset_add(limit, k);
			}
			view_set_limit(v, limit);
			break;
		}
		mailbox_commit(m);
		g_autofree char *rows = rows_of(v);
		g_autofree char *expected = model_rows(&w);
		ck_assert_str_eq(rows, expected);
	}
	view_free(v);
	mailbox_free(m);
}

START_TEST(as_a_naive_model_has_it)
{
	for (unsigned seed = 0; seed < 1000; seed++)
		one_life(seed);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("outline", &tcase);

	tcase_add_test(tcase, threads_stand_by_their_newest);
	tcase_add_test(tcase, lines_say_what_follows);
	tcase_add_test(tcase, depth_ends_somewhere);
	tcase_add_test(tcase, what_is_gone_leaves_its_answers);
	tcase_add_test(tcase, folds_hide_and_count);
	tcase_add_test(tcase, a_limit_keeps_threads);
	tcase_add_test(tcase, an_order_ranks_the_threads);
	tcase_add_test(tcase, moving_among_threads);
	tcase_add_test(tcase, rows_are_flat_until_all_uids_are_known);
	tcase_add_test(tcase, several_views_share_the_threads);
	tcase_add_test(tcase, rows_stand_until_an_answer_is_taken_over);
	tcase_add_test(tcase, an_answer_for_a_replaced_mailbox_is_void);
	tcase_add_test(tcase, a_new_uidvalidity_forgets_the_threads);
	tcase_add_test(tcase, as_a_naive_model_has_it);
	return run_suite(suite);
}
