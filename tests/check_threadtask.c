/* check_threadtask - threads put together in another thread: with what comes, goes, is learnt and
 * is answered meanwhile, at any moment, they end as they would in the loop. */
#include "config.h"

#include <string.h>

#include "core/base/error.h"
#include "core/mailbox/threadtask.h"
#include "tests/run.h"

#define UIDS 60

/* What came of a task. */
typedef struct {
	Thread *threads;
	unsigned ready, dropped, done, refused, cancelled;
	bool ready_first;
} Heard;

static void ready(Thread *threads, void *data)
{
	Heard *heard = data;

	heard->ready += threads != NULL;
	heard->dropped += threads == NULL;
	if (threads == NULL)
		return;
	thread_free(heard->threads);
	heard->threads = threads;
}

static void done(const GError *error, void *data)
{
	Heard *heard = data;

	heard->done += error == NULL;
	heard->cancelled += error_is_cancelled(error);
	heard->refused += error != NULL && !error_is_cancelled(error);
	heard->ready_first = heard->ready > 0;
}

static void wait_for(const unsigned *count)
{
	while (*count == 0)
		g_main_context_iteration(NULL, TRUE);
}

/* --- the same in the loop, and there --- */

static UidSet *random_uids(GRand *rand)
{
	UidSet *uids = uidset_new();

	for (int k = g_rand_int_range(rand, 0, 6); k >= 0; k--)
		uidset_add(uids, (uint32_t)g_rand_int_range(rand, 1, UIDS));
	return uids;
}

static ThreadKey random_key(GRand *rand)
{
	ThreadKey key = {.id = (uint64_t)g_rand_int_range(rand, 0, 40),
			 .n = (uint32_t)g_rand_int_range(rand, 0, 4)};

	for (uint32_t k = 0; k < key.n; k++)
		key.parents[k] = (uint64_t)g_rand_int_range(rand, 1, 40);
	return key;
}

/* Well formed, with numbers that come twice, are not there, or stand for nobody. */
static ThreadAnswer *random_answer(GRand *rand)
{
	ThreadAnswer *answer = threadanswer_new();
	unsigned depth = 0;

	for (int k = g_rand_int_range(rand, 0, 30); k > 0; k--) {
		unsigned closed = (unsigned)g_rand_int_range(rand, 0, (int)MIN(depth, 3) + 1);
		unsigned opened = (unsigned)g_rand_int_range(rand, depth == closed, 3);
		ThreadStep step = {(uint32_t)g_rand_int_range(rand, 0, UIDS), closed, opened};
		threadanswer_take(answer, &(ThreadData){&step, 1});
		depth = depth - closed + opened;
	}
	threadanswer_take(answer, &(ThreadData){&(ThreadStep){0, depth, 0}, 1});
	ck_assert_ptr_null(threadanswer_fault(answer));
	return answer;
}

static void one_change(GRand *rand, Thread *expected, ThreadTask *task)
{
	g_autoptr(UidSet) uids = random_uids(rand);
	ThreadKey key = random_key(rand);
	ThreadAnswer *answer;

	switch (g_rand_int_range(rand, 0, 8)) {
	case 0:
		thread_remove(expected, uids);
		threadtask_remove(task, uids);
		break;
	case 1:
		answer = random_answer(rand);
		thread_apply(expected, answer);
		threadtask_apply(task, answer);
		break;
	case 2:
		thread_add(expected, uids);
		threadtask_add(task, uids);
		break;
	default:
		thread_know(expected, uidset_first(uids), &key);
		threadtask_know(task, uidset_first(uids), &key);
		break;
	}
}

/* Copies, for a thread whose newest has gone keeps its place until all are put in order. */
static void assert_same(const Thread *expected, const Thread *found)
{
	g_autoptr(Thread) a = thread_copy(expected), b = thread_copy(found);
	uint32_t n, other;
	const uint32_t *left = thread_order(a, &n), *right = thread_order(b, &other);
	g_autofree uint8_t *listed = g_malloc0(n);

	ck_assert_uint_eq(n, other);
	ck_assert(n == 0 || memcmp(left, right, n * sizeof(*left)) == 0);
	ck_assert_uint_eq(thread_unsure(a), thread_unsure(b));
	for (uint32_t i = 0; i < n; i++) {
		ck_assert_uint_eq(listed[left[i] & ~THREAD_START]++, 0);
		ck_assert_uint_eq(thread_uid(a, i), thread_uid(b, i));
		ck_assert_uint_eq(thread_parent(a, i), thread_parent(b, i));
	}
}

/* A task after the other, each with changes before and between its rounds. */
static void one_run(unsigned seed)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	g_autoptr(Thread) expected = thread_new();
	Heard heard = {.threads = thread_new()};

	for (int tasks = g_rand_int_range(rand, 1, 4); tasks > 0; tasks--) {
		Thread *copy = thread_copy(heard.threads);
		ThreadTask *task = threadtask_new(copy, ready, &heard);
		heard.done = 0;
		threadtask_wait(task, NULL, done, &heard);
		do {
			for (int k = g_rand_int_range(rand, 0, 5); k > 0; k--)
				one_change(rand, expected, task);
			threadtask_start(task);
			for (int k = g_rand_int_range(rand, 0, 5); k > 0; k--)
				one_change(rand, expected, task);
		} while (heard.done == 0 && g_main_context_iteration(NULL, TRUE) &&
			 heard.done == 0);
		assert_same(expected, heard.threads);
	}
	thread_free(heard.threads);
}

START_TEST(it_ends_as_it_would_in_the_loop)
{
	for (unsigned seed = 0; seed < 1000; seed++)
		one_run(seed);
}
END_TEST

/* --- those who wait --- */

static ThreadTask *begin(Heard *heard, unsigned uids)
{
	ThreadTask *task = threadtask_new(thread_new(), ready, heard);
	g_autoptr(UidSet) all = uidset_new_range(1, uids);

	threadtask_add(task, all);
	return task;
}

START_TEST(all_who_wait_hear_once_and_behind_it)
{
	Heard heard = {0}, other = {0};
	ThreadTask *task = begin(&heard, 10);

	threadtask_wait(task, NULL, done, &heard);
	threadtask_start(task);
	threadtask_wait(task, NULL, done, &other);
	threadtask_start(task);
	wait_for(&other.done);
	ck_assert_uint_eq(heard.ready, 1);
	ck_assert_uint_eq(heard.done, 1);
	ck_assert(heard.ready_first);
	ck_assert_uint_eq(other.done, 1);
	ck_assert_uint_eq(thread_count(heard.threads), 10);
	thread_free(heard.threads);
}
END_TEST

START_TEST(it_ends_when_nobody_waits_any_more)
{
	Heard heard = {0}, other = {0};
	ThreadTask *task = begin(&heard, 10);
	Scope scope, second;

	scope_init(&scope);
	scope_init(&second);
	threadtask_wait(task, &scope, done, &heard);
	threadtask_wait(task, &second, done, &other);
	threadtask_start(task);
	scope_cancel(&scope);
	ck_assert_uint_eq(heard.cancelled, 1);
	ck_assert_uint_eq(heard.dropped, 0);
	scope_cancel(&second);
	ck_assert_uint_eq(other.cancelled, 1);
	ck_assert_uint_eq(heard.dropped, 1);
	/* The thread ends, and tells nobody. */
	g_usleep(20000);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	ck_assert_uint_eq(heard.ready + heard.done + other.done, 0);
}
END_TEST

START_TEST(given_up_it_is_not_ready)
{
	Heard heard = {0};
	ThreadTask *task = begin(&heard, 10);

	threadtask_wait(task, NULL, done, &heard);
	threadtask_start(task);
	threadtask_free(task);
	ck_assert_uint_eq(heard.refused, 1);
	ck_assert_uint_eq(heard.ready + heard.dropped + heard.done, 0);
	g_usleep(20000);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	ck_assert_uint_eq(heard.ready + heard.dropped + heard.done, 0);
}
END_TEST

START_TEST(reset_it_begins_with_nothing)
{
	Heard heard = {0};
	ThreadTask *task = begin(&heard, 10);
	g_autoptr(UidSet) others = uidset_new_range(100, 102);

	threadtask_wait(task, NULL, done, &heard);
	threadtask_start(task);
	threadtask_reset(task);
	threadtask_add(task, others);
	threadtask_start(task);
	wait_for(&heard.done);
	ck_assert_uint_eq(heard.ready, 1);
	ck_assert_uint_eq(thread_count(heard.threads), 3);
	ck_assert_uint_eq(thread_uid(heard.threads, 0), 100);
	thread_free(heard.threads);
}
END_TEST

/* Who changes something in every turn cannot keep it from ending. */
START_TEST(rounds_have_an_end)
{
	Heard heard = {0};
	ThreadTask *task = begin(&heard, 10);
	uint32_t uid = 10;

	threadtask_wait(task, NULL, done, &heard);
	threadtask_start(task);
	while (heard.done == 0 && uid < 1000) {
		ThreadKey key = {.id = ++uid};
		threadtask_know(task, uid, &key);
		g_main_context_iteration(NULL, TRUE);
	}
	ck_assert_uint_lt(uid, 1000);
	ck_assert_uint_eq(thread_count(heard.threads), uid);
	thread_free(heard.threads);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("threadtask", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, it_ends_as_it_would_in_the_loop);
	tcase_add_test(tcase, all_who_wait_hear_once_and_behind_it);
	tcase_add_test(tcase, it_ends_when_nobody_waits_any_more);
	tcase_add_test(tcase, given_up_it_is_not_ready);
	tcase_add_test(tcase, reset_it_begins_with_nothing);
	tcase_add_test(tcase, rounds_have_an_end);
	return run_suite(suite);
}
