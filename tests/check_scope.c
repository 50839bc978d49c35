#include "config.h"

#include <string.h>
#include "core/base/scope.h"
#include "tests/run.h"

/* Work as the code has it: its cancel() ends it and counts how often. */
typedef struct Work Work;

struct Work {
	ScopeItem item;
	unsigned n_done;
	Scope *scope;
	void (*then)(Work *work);
	Work *other;
};

static void work_cancel(ScopeItem *item)
{
	Work *work = (Work *)item;

	work->n_done++;
	if (work->then != NULL)
		work->then(work);
}

static void work_start(Work *work, Scope *scope)
{
	work->scope = scope;
	scope_add(scope, &work->item, work_cancel);
}

static void remove_other(Work *work)
{
	scope_remove(&work->other->item);
}

static void start_other(Work *work)
{
	work_start(work->other, work->scope);
}

static void cancel_scope(Work *work)
{
	scope_cancel(work->scope);
}

START_TEST(test_cancel_calls_each_once)
{
	Work works[3] = {0};
	Scope scope;

	scope_init(&scope);
	ck_assert(scope_is_empty(&scope));
	for (unsigned i = 0; i < 3; i++)
		work_start(&works[i], &scope);
	ck_assert(!scope_is_empty(&scope));
	scope_cancel(&scope);
	scope_cancel(&scope);
	ck_assert(scope_is_empty(&scope));
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(works[i].n_done, 1);
}
END_TEST

START_TEST(test_removed_is_not_cancelled)
{
	Work a = {0}, b = {0};
	Scope scope;

	scope_init(&scope);
	work_start(&a, &scope);
	work_start(&b, &scope);
	scope_remove(&a.item);
	scope_remove(&a.item);
	scope_cancel(&scope);
	scope_remove(&b.item);
	ck_assert_uint_eq(a.n_done, 0);
	ck_assert_uint_eq(b.n_done, 1);
}
END_TEST

/* One done callback ends other work of the same scope. */
START_TEST(test_remove_during_cancel)
{
	Work a = {0}, b = {0}, c = {0};
	Scope scope;

	scope_init(&scope);
	a.then = remove_other;
	a.other = &b;
	work_start(&a, &scope);
	work_start(&b, &scope);
	work_start(&c, &scope);
	scope_cancel(&scope);
	ck_assert_uint_eq(a.n_done, 1);
	ck_assert_uint_eq(b.n_done, 0);
	ck_assert_uint_eq(c.n_done, 1);
}
END_TEST

START_TEST(test_added_during_cancel_is_cancelled)
{
	Work a = {0}, b = {0};
	Scope scope;

	scope_init(&scope);
	a.then = start_other;
	a.other = &b;
	work_start(&a, &scope);
	scope_cancel(&scope);
	ck_assert_uint_eq(b.n_done, 1);
	ck_assert(scope_is_empty(&scope));
}
END_TEST

START_TEST(test_cancel_during_cancel)
{
	Work works[5] = {0};
	Scope scope;

	scope_init(&scope);
	for (unsigned i = 0; i < 5; i++) {
		works[i].then = cancel_scope;
		work_start(&works[i], &scope);
	}
	scope_cancel(&scope);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(works[i].n_done, 1);
	ck_assert(scope_is_empty(&scope));
}
END_TEST

START_TEST(test_no_scope_means_for_ever)
{
	Work work;

	memset(&work, 0x5a, sizeof(work));
	work.n_done = 0;
	work_start(&work, NULL);
	scope_remove(&work.item);
	scope_cancel(NULL);
	ck_assert(scope_is_empty(NULL));
	ck_assert_uint_eq(work.n_done, 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("scope", &tcase);

	tcase_add_test(tcase, test_cancel_calls_each_once);
	tcase_add_test(tcase, test_removed_is_not_cancelled);
	tcase_add_test(tcase, test_remove_during_cancel);
	tcase_add_test(tcase, test_added_during_cancel_is_cancelled);
	tcase_add_test(tcase, test_cancel_during_cancel);
	tcase_add_test(tcase, test_no_scope_means_for_ever);
	return run_suite(suite);
}
