/* run - the main() of a check program: runs one suite and says how it went. */
#ifndef SHEAF_TESTS_RUN_H
#define SHEAF_TESTS_RUN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a limit of time or memory is multiplied by: the sanitizers take their own. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZER_FACTOR 10
#else
#define SANITIZER_FACTOR 1
#endif

/* What is linear takes a tenth of a second here, what is quadratic minutes: seconds of computing,
 * with room for sanitizers. */
#define SLOW (10.0 * SANITIZER_FACTOR)

/* What the whole program exits with when it cannot run here (its last line says why), or when some
 * of its tests could not and no other failed. */
#define EXIT_SKIPPED 77

/* How many of the failed tests were no failures, but said ck_abort_msg("skipped: REASON"); each
 * gets the line that tests/summary counts. */
static inline int report_skipped(SRunner *runner)
{
	TestResult **results = srunner_failures(runner);
	int skipped = 0;

	for (int i = 0; i < srunner_ntests_failed(runner); i++) {
		const char *said = tr_msg(results[i]);
		if (said != NULL && strncmp(said, "skipped: ", 9) == 0) {
			printf("skipped: %s: %s\n", tr_tcname(results[i]), said + 9);
			skipped++;
		}
	}
	free(results);
	return skipped;
}

/* Runs what is in it and frees it. */
static inline int run_suites(SRunner *runner_take)
{
	srunner_run_all(runner_take, CK_NORMAL);
	int skipped = report_skipped(runner_take);
	int failed = srunner_ntests_failed(runner_take) - skipped;
	srunner_free(runner_take);
	if (failed > 0)
		return EXIT_FAILURE;
	return skipped > 0 ? EXIT_SKIPPED : EXIT_SUCCESS;
}

static inline int run_suite(Suite *suite_take)
{
	return run_suites(srunner_create(suite_take));
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
