/* run - the main() of a check program: runs one suite and says how it went. */
#ifndef SHEAF_TESTS_RUN_H
#define SHEAF_TESTS_RUN_H

#include <check.h>
#include <stdlib.h>

/* What a limit of time or memory is multiplied by: the sanitizers take their own. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZER_FACTOR 10
#else
#define SANITIZER_FACTOR 1
#endif

/* What is linear takes a tenth of a second here, what is quadratic minutes: microseconds with room
 * for a busy machine and sanitizers. */
#define SLOW (10 * SANITIZER_FACTOR * 1000000)

static inline int run_suite(Suite *suite_take)
{
	SRunner *runner = srunner_create(suite_take);

	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The usual suite: one case of that name, to which the tests are added. */
static inline Suite *one_case(const char *name, TCase **tcase)
{
	Suite *suite = suite_create(name);

	*tcase = tcase_create(name);
	suite_add_tcase(suite, *tcase);
	return suite;
}

#endif
