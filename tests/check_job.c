/* check_job - long jobs: shown when they last, cancelled newest first, told exactly once. */
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

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("job", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_through_at_once_is_not_shown);
	tcase_add_test(tcase, what_lasts_is_told_also_when_it_began_beside_another);
	tcase_add_test(tcase, the_newest_is_cancelled_first);
	tcase_add_test(tcase, a_scope_cancels_its_jobs_once);
	return run_suite(suite);
}
