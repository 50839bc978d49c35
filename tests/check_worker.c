/* check_worker - jobs leave the loop and come back to it, in order, once. */
#include "core/base/worker.h"

#include <glib.h>
#include <string.h>

#include "tests/run.h"

static GString *ran, *came;
static GMutex gate;
static GThread *loop;

typedef struct {
	char letter;
	bool waits;
} Job;

static void run_job(void *data)
{
	Job *job = data;

	ck_assert_ptr_ne(g_thread_self(), loop);
	if (job->waits) {
		g_mutex_lock(&gate);
		g_mutex_unlock(&gate);
	}
	g_string_append_c(ran, job->letter);
}

static void job_done(void *data)
{
	Job *job = data;

	ck_assert_ptr_eq(g_thread_self(), loop);
	g_string_append_c(came, job->letter);
	g_free(job);
}

static void submit(Worker *w, WorkerUrgency urgency, char letter, bool waits)
{
	Job *job = g_new(Job, 1);

	*job = (Job){letter, waits};
	worker_submit(w, urgency, run_job, job_done, job);
}

static void setup(void)
{
	loop = g_thread_self();
	ran = g_string_new(NULL);
	came = g_string_new(NULL);
}

START_TEST(what_is_urgent_overtakes_and_order_is_kept)
{
	Worker *w = worker_new("test");

	g_mutex_lock(&gate);
	submit(w, WORKER_LATER, 'a', true);
	/* The thread has taken the first before the others are there. */
	g_usleep(20000);
	submit(w, WORKER_LATER, 'y', false);
	submit(w, WORKER_LATER, 'z', false);
	submit(w, WORKER_SOON, 'b', false);
	submit(w, WORKER_SOON, 'c', false);
	ck_assert_str_eq(came->str, "");
	g_mutex_unlock(&gate);
	while (came->len < 5)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_str_eq(ran->str, "abcyz");
	ck_assert_str_eq(came->str, "abcyz");
	ck_assert(worker_free(w, 10000));
}
END_TEST

START_TEST(at_the_end_all_is_run_and_told)
{
	Worker *w = worker_new("test");

	for (char letter = 'a'; letter <= 'j'; letter++)
		submit(w, letter % 2 ? WORKER_SOON : WORKER_LATER, letter, false);
	ck_assert(worker_free(w, 10000));
	ck_assert_uint_eq(ran->len, 10);
	ck_assert_str_eq(came->str, ran->str);
	ck_assert(worker_free(NULL, 0));
}
END_TEST

/* What is left behind is no leak; volatile, for nobody reads it. */
static Worker *volatile left_behind;

/* T173 */
START_TEST(a_disk_that_hangs_keeps_nobody)
{
	Worker *w = left_behind = worker_new("test");

	g_mutex_lock(&gate);
	submit(w, WORKER_SOON, 'a', true);
	submit(w, WORKER_SOON, 'b', false);
	int64_t begin = g_get_monotonic_time();
	ck_assert(!worker_free(w, 100));
	ck_assert_int_lt(g_get_monotonic_time() - begin, 5 * G_USEC_PER_SEC);
	g_mutex_unlock(&gate);
	g_usleep(50000);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	ck_assert_str_eq(came->str, "");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("worker", &tcase);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, what_is_urgent_overtakes_and_order_is_kept);
	tcase_add_test(tcase, at_the_end_all_is_run_and_told);
	tcase_add_test(tcase, a_disk_that_hangs_keeps_nobody);
	return run_suite(suite);
}
