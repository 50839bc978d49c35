/* cpu_time - seconds that this thread has computed: for tests that something takes linear time,
 * which other processes must not disturb. */
#ifndef SHEAF_TESTS_CPU_TIME_H
#define SHEAF_TESTS_CPU_TIME_H

#include <time.h>

static inline double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Calls `run(data, n)`, which says how long it took, for `n` and ten times that: the least of five
 * tries each, and true where ten times the input took at most fifteen times the time (T044). */
static inline int takes_linear_time(double (*run)(const void *data, unsigned n), const void *data,
				    unsigned n)
{
	double few = 1e9, many = 1e9;

	for (int i = 0; i < 5; i++) {
		double now = run(data, n);
		few = now < few ? now : few;
		now = run(data, 10 * n);
		many = now < many ? now : many;
	}
	/* A few milliseconds may be page faults. */
	return many < 15 * few + 0.005;
}

#endif
