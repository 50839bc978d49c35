/* check_job - long jobs: shown when they last, how fast they go and what is left, cancelled newest
 * first, told exactly once. */
#include "core/account/job.h"

#include "tests/run.h"

static JobList list;
static unsigned told, cancelled;

typedef struct {
	Job job;
	bool done;
} Work;

static void changed(void *data)
{
	(void)data;
	told++;
}

static void was_cancelled(Job *job)
{
	cancelled++;
	((Work *)job)->done = true;
	job_end(job);
}

static void setup(void)
{
	job_list_init(&list, changed, NULL);
}

static void teardown(void)
{
	job_list_clear(&list);
}

static void begin(Work *work, Scope *scope, const char *text)
{
	job_begin(&work->job, &list, scope, g_strdup(text), was_cancelled);
}

/* Until the condition holds; the test's own time limit ends what never comes. */
#define wait_until(condition)                                                                      \
	while (!(condition))                                                                       \
	g_main_context_iteration(NULL, TRUE)

START_TEST(what_is_through_at_once_is_not_shown)
{
	Work work = {0};

	begin(&work, NULL, "quick");
	ck_assert_ptr_null(job_newest(&list));
	job_end(&work.job);
	ck_assert_ptr_null(job_newest(&list));
}
END_TEST

START_TEST(what_lasts_is_told_also_when_it_began_beside_another)
{
	Work first = {0}, second = {0};

	begin(&first, NULL, "first");
	g_usleep(200 * 1000);
	begin(&second, NULL, "second");
	wait_until(job_newest(&list) == &first.job);
	wait_until(job_newest(&list) == &second.job && told >= 2);
	job_end(&second.job);
	job_end(&first.job);
}
END_TEST

START_TEST(the_newest_is_cancelled_first)
{
	Work first = {0}, second = {0};

	begin(&first, NULL, "first");
	begin(&second, NULL, "second");
	g_autofree char *newest = job_cancel_newest(&list);
	ck_assert_str_eq(newest, "second");
	ck_assert(second.done && !first.done);
	g_autofree char *next = job_cancel_newest(&list);
	ck_assert_str_eq(next, "first");
	ck_assert_ptr_null(job_cancel_newest(&list));
}
END_TEST

START_TEST(a_scope_cancels_its_jobs_once)
{
	Work work = {0};
	Scope scope;

	scope_init(&scope);
	begin(&work, &scope, "scoped");
	scope_cancel(&scope);
	ck_assert_uint_eq(cancelled, 1);
	ck_assert_ptr_null(job_cancel_newest(&list));
	ck_assert_uint_eq(cancelled, 1);
}
END_TEST

START_TEST(a_quiet_one_gives_way_and_is_cancelled_last)
{
	Work asked = {0}, quiet = {0};
	JobProgress shown;

	begin(&asked, NULL, "asked for");
	begin(&quiet, NULL, "quiet");
	job_set_quiet(&quiet.job, 40);
	wait_until(job_newest(&list));
	ck_assert(job_show_newest(&list, &shown));
	ck_assert_str_eq(shown.text, "asked for");
	ck_assert(!shown.quiet);
	g_autofree char *first = job_cancel_newest(&list);
	ck_assert_str_eq(first, "asked for");
	wait_until(job_newest(&list) == &quiet.job);
	ck_assert(job_show_newest(&list, &shown));
	ck_assert(shown.quiet);
	ck_assert_uint_eq(shown.have, 40);
	g_autofree char *second = job_cancel_newest(&list);
	ck_assert_str_eq(second, "quiet");
	ck_assert(!job_show_newest(&list, &shown));
}
END_TEST

START_TEST(the_wait_for_the_first_is_no_pace)
{
	Work work = {0};
	JobProgress shown;

	begin(&work, NULL, "thinking");
	g_usleep(600 * 1000);
	job_set_off(&work.job);
	job_progress(&work.job, 10, 1000);
	ck_assert(job_show_newest(&list, &shown));
	ck_assert_uint_eq(shown.have, 10);
	ck_assert_uint_eq(shown.rate, 0);
	ck_assert_int_eq(shown.left, -1);
	job_end(&work.job);
}
END_TEST

START_TEST(never_is_more_there_than_there_is)
{
	Work work = {0};
	JobProgress shown;

	begin(&work, NULL, "odd");
	job_progress(&work.job, 7, 5);
	wait_until(job_show_newest(&list, &shown));
	ck_assert_uint_eq(shown.have, 7);
	ck_assert_uint_eq(shown.total, 7);
	job_progress(&work.job, 8, 0);
	ck_assert(job_show_newest(&list, &shown));
	ck_assert_uint_eq(shown.total, 0);
	ck_assert_int_eq(shown.left, -1);
	job_end(&work.job);
}
END_TEST

#define SECOND INT64_C(1000000)

START_TEST(a_steady_pace_is_told_and_what_it_leaves)
{
	Pace pace;

	pace_begin(&pace, 1000, 5 * SECOND);
	ck_assert_uint_eq(pace_rate(&pace), 0);
	ck_assert_int_eq(pace_left(&pace, 2000), -1);
	pace_note(&pace, 1010, 5 * SECOND + SECOND / 10);
	ck_assert_uint_eq(pace_rate(&pace), 0);
	for (unsigned n = 1; n <= 5; n++) {
		pace_note(&pace, 1000 + n * 100, (5 + n) * SECOND);
		ck_assert_uint_eq(pace_rate(&pace), 100);
		ck_assert_int_eq(pace_left(&pace, 2000), 10 - n);
	}
	ck_assert_int_eq(pace_left(&pace, 1501), 1);
	ck_assert_int_eq(pace_left(&pace, 1500), 0);
	ck_assert_int_eq(pace_left(&pace, 0), -1);
	ck_assert_int_eq(pace_left(&pace, UINT64_MAX), -1);
}
END_TEST

START_TEST(a_pace_that_changes_is_followed)
{
	Pace pace;

	pace_begin(&pace, 0, 0);
	pace_note(&pace, 1000, SECOND);
	pace_note(&pace, 1000, 2 * SECOND);
	ck_assert_uint_eq(pace_rate(&pace), 750);
	pace_note(&pace, 1000, 60 * SECOND);
	ck_assert_uint_eq(pace_rate(&pace), 0);
	ck_assert_int_eq(pace_left(&pace, 2000), -1);
	pace_note(&pace, 1100, 64 * SECOND);
	ck_assert_uint_eq(pace_rate(&pace), 25);
	/* It begins anew. */
	pace_note(&pace, 10, 65 * SECOND);
	ck_assert_uint_eq(pace_rate(&pace), 0);
	pace_note(&pace, 20, 66 * SECOND);
	ck_assert_uint_eq(pace_rate(&pace), 10);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("job", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_through_at_once_is_not_shown);
	tcase_add_test(tcase, what_lasts_is_told_also_when_it_began_beside_another);
	tcase_add_test(tcase, the_newest_is_cancelled_first);
	tcase_add_test(tcase, a_scope_cancels_its_jobs_once);
	tcase_add_test(tcase, a_quiet_one_gives_way_and_is_cancelled_last);
	tcase_add_test(tcase, the_wait_for_the_first_is_no_pace);
	tcase_add_test(tcase, never_is_more_there_than_there_is);
	tcase_add_test(tcase, a_steady_pace_is_told_and_what_it_leaves);
	tcase_add_test(tcase, a_pace_that_changes_is_followed);
	return run_suite(suite);
}
