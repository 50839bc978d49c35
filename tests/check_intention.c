/* check_intention - the states and steps of a change. */
#include "core/account/intention.h"

#include <string.h>

#include "tests/run.h"

static Intention *make(IntentionKind kind, const char *uids)
{
	g_autoptr(UidSet) set = uidset_parse(uids, strlen(uids), 0);
	Intention *i = intention_new(kind, "INBOX", 7, set, "Done.");

	if (kind == INTENTION_COPY || kind == INTENTION_MOVE)
		i->target = g_strdup("Tr&AOQ-sh");
	if (kind == INTENTION_STORE)
		i->words = g_strsplit("\\Seen $Junk", " ", -1);
	return i;
}

/* The way of each kind, on a server with MOVE and UIDPLUS, with one of them, with none. */
static const struct {
	IntentionKind kind;
	bool move, uidplus;
	const char *steps;
} ways[] = {
	{INTENTION_STORE, false, false, "store done"},
	{INTENTION_COPY, true, true, "note copy done"},
	{INTENTION_MOVE, true, true, "move done"},
	{INTENTION_MOVE, false, true, "note copy mark expunge done"},
	{INTENTION_MOVE, false, false, "note copy mark check expunge done"},
	{INTENTION_EXPUNGE, true, true, "mark expunge done"},
	{INTENTION_EXPUNGE, true, false, "mark check expunge done"},
};

START_TEST(each_kind_goes_its_way)
{
	g_autoptr(Intention) i = make(ways[_i].kind, "1:3");
	GString *steps = g_string_new(NULL);

	while (i->step != STEP_DONE) {
		i->step = intention_next(i, ways[_i].move, ways[_i].uidplus);
		g_string_append_printf(steps, "%s%s", steps->len ? " " : "",
				       intention_step_name(i->step));
	}
	ck_assert_str_eq(steps->str, ways[_i].steps);
	g_string_free(steps, TRUE);
}
END_TEST

/* Where it goes on when the line breaks under a step. */
static const struct {
	IntentionStep step, after;
} cuts[] = {
	{STEP_STORE, STEP_STORE}, {STEP_MOVE, STEP_MOVE},    {STEP_NOTE, STEP_NOTE},
	{STEP_COPY, STEP_LOOK},   {STEP_LOOK, STEP_LOOK},    {STEP_MARK, STEP_MARK},
	{STEP_CHECK, STEP_MARK},  {STEP_EXPUNGE, STEP_MARK},
};

START_TEST(a_cut_goes_back_to_what_may_be_repeated)
{
	g_autoptr(Intention) i = make(INTENTION_MOVE, "1:3");

	intention_happen(i, INTENTION_COMMITTED);
	intention_happen(i, INTENTION_SEND);
	i->step = cuts[_i].step;
	intention_happen(i, INTENTION_CUT);
	ck_assert_int_eq(i->step, cuts[_i].after);
	ck_assert_int_eq(i->state, INTENTION_UNKNOWN);
}
END_TEST

START_TEST(nothing_is_sent_before_it_is_written)
{
	g_autoptr(Intention) i = make(INTENTION_STORE, "1");

	ck_assert_int_eq(i->state, INTENTION_NEW);
	intention_happen(i, INTENTION_SEND);
}
END_TEST

START_TEST(what_is_held_is_sent_only_when_the_person_says_so)
{
	g_autoptr(Intention) i = make(INTENTION_STORE, "1");

	intention_happen(i, INTENTION_COMMITTED);
	intention_happen(i, INTENTION_HOLD);
	intention_happen(i, INTENTION_RETRY);
	ck_assert_int_eq(i->state, INTENTION_UNKNOWN);
	intention_happen(i, INTENTION_HOLD);
	intention_happen(i, INTENTION_SEND);
}
END_TEST

START_TEST(only_changes_of_one_message_wait_for_each_other)
{
	g_autoptr(Intention) a = make(INTENTION_STORE, "1:3"), b = make(INTENTION_MOVE, "3,9"),
			     c = make(INTENTION_STORE, "4:8"), d = make(INTENTION_STORE, "3");

	d->uidvalidity = 8;
	ck_assert(intention_touches(a, b) && intention_touches(b, a));
	ck_assert(!intention_touches(a, c) && !intention_touches(b, c));
	ck_assert(!intention_touches(a, d));
}
END_TEST

START_TEST(names_are_found_again)
{
	IntentionKind kind;
	IntentionStep step;

	for (int k = INTENTION_STORE; k <= INTENTION_EXPUNGE; k++) {
		ck_assert(intention_kind_find(intention_kind_name((IntentionKind)k), &kind));
		ck_assert_int_eq(kind, k);
	}
	for (int k = STEP_BEGIN; k <= STEP_DONE; k++) {
		ck_assert(intention_step_find(intention_step_name((IntentionStep)k), &step));
		ck_assert_int_eq(step, k);
	}
	ck_assert(!intention_kind_find("append", &kind) && !intention_kind_find(NULL, &kind));
	ck_assert(!intention_step_find("", &step));
}
END_TEST

START_TEST(it_is_described_in_words)
{
	g_autoptr(Intention) move = make(INTENTION_MOVE, "1:3"), one = make(INTENTION_STORE, "9");
	g_autofree char *moved = intention_describe(move), *marked = intention_describe(one);
	g_autofree char *done = intention_outcome(move, NULL, true, 0);
	g_autofree char *gone = intention_outcome(move, NULL, true, 1);

	ck_assert_str_eq(moved, "move 3 messages from INBOX to Träsh");
	ck_assert_str_eq(marked, "set \\Seen $Junk on 1 message in INBOX");
	ck_assert_str_eq(done, "Done.");
	ck_assert_str_eq(gone, "Done. 1 was not there any more.");
	ck_assert_ptr_null(intention_outcome(one, NULL, true, 0));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("intention", &tcase);

	tcase_add_loop_test(tcase, each_kind_goes_its_way, 0, G_N_ELEMENTS(ways));
	tcase_add_loop_test(tcase, a_cut_goes_back_to_what_may_be_repeated, 0, G_N_ELEMENTS(cuts));
	tcase_add_test_raise_signal(tcase, nothing_is_sent_before_it_is_written, SIGABRT);
	tcase_add_test_raise_signal(tcase, what_is_held_is_sent_only_when_the_person_says_so,
				    SIGABRT);
	tcase_add_test(tcase, only_changes_of_one_message_wait_for_each_other);
	tcase_add_test(tcase, names_are_found_again);
	tcase_add_test(tcase, it_is_described_in_words);
	return run_suite(suite);
}
