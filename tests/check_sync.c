#include "core/mailbox/sync.h"

#include "tests/run.h"

#define QRESYNCABLE (CAP(CONDSTORE) | CAP(QRESYNC))

static const SyncPoint known = {1, 31, 3, 90, true};

static const struct {
	const char *what;
	SyncPoint had, now;
	Capability can;
	bool resumed;
	SyncPlan plan;
} plans[] = {
	{"never seen", {0}, {1, 31, 3, 90, false}, QRESYNCABLE, false, SYNC_ALL},
	{"not all of it",
	 {1, 31, 3, 90, false},
	 {1, 31, 3, 90, false},
	 QRESYNCABLE,
	 false,
	 SYNC_ALL},
	{"replaced", {1, 31, 3, 90, true}, {2, 31, 3, 90, false}, QRESYNCABLE, false, SYNC_ALL},
	{"no modseq then",
	 {1, 31, 3, 0, true},
	 {1, 31, 3, 90, false},
	 QRESYNCABLE,
	 false,
	 SYNC_ALL},
	{"no modseq now", {1, 31, 3, 90, true}, {1, 31, 3, 0, false}, QRESYNCABLE, false, SYNC_ALL},
	{"gone back", {1, 31, 3, 90, true}, {1, 31, 3, 89, false}, QRESYNCABLE, true, SYNC_ALL},
	{"the same", {1, 31, 3, 90, true}, {1, 31, 3, 90, false}, 0, false, SYNC_UNCHANGED},
	{"a flag", {1, 31, 3, 90, true}, {1, 31, 3, 91, false}, QRESYNCABLE, false, SYNC_CHANGES},
	{"one went", {1, 31, 3, 90, true}, {1, 31, 2, 90, false}, QRESYNCABLE, false, SYNC_CHANGES},
	{"one went, one came",
	 {1, 31, 3, 90, true},
	 {1, 32, 3, 90, false},
	 QRESYNCABLE,
	 false,
	 SYNC_CHANGES},
	{"UIDNEXT not known",
	 {1, 0, 3, 90, true},
	 {1, 0, 3, 90, false},
	 QRESYNCABLE,
	 false,
	 SYNC_CHANGES},
	{"told", {1, 31, 3, 90, true}, {1, 40, 3, 95, false}, QRESYNCABLE, true, SYNC_TOLD},
	{"told, but not all",
	 {1, 31, 3, 90, true},
	 {1, 40, 4, 95, false},
	 QRESYNCABLE,
	 true,
	 SYNC_ALL},
	{"nothing can be asked", {1, 31, 3, 90, true}, {1, 31, 3, 91, false}, 0, false, SYNC_ALL},
};

START_TEST(plan)
{
	ck_assert_msg(sync_plan(&plans[_i].had, &plans[_i].now, plans[_i].can, plans[_i].resumed) ==
			      plans[_i].plan,
		      "%s", plans[_i].what);
}
END_TEST

START_TEST(may_resume)
{
	SyncPoint point = known;

	ck_assert(sync_may_resume(&known, QRESYNCABLE));
	ck_assert(!sync_may_resume(&known, CAP(CONDSTORE)));
	point.modseq = 0;
	ck_assert(!sync_may_resume(&point, QRESYNCABLE));
	point = known;
	point.complete = false;
	ck_assert(!sync_may_resume(&point, QRESYNCABLE));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("sync", &tcase);

	tcase_add_loop_test(tcase, plan, 0, sizeof(plans) / sizeof(plans[0]));
	tcase_add_test(tcase, may_resume);
	return run_suite(suite);
}
