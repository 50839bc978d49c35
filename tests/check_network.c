/* check_network - sleep is noticed by the clock.  The C library's clock and timer are ours here:
 * what the system does when a machine wakes cannot be had otherwise. */
#include "config.h"

#include <glib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "core/net/network.h"
#include "tests/run.h"

static int clock_fd = -1;
static time_t slept; /* seconds, all in all */
static unsigned armed, told;

int timerfd_create(clockid_t clock, int flags)
{
	ck_assert_int_eq(clock, CLOCK_REALTIME);
	(void)flags;
	clock_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return clock_fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *next, struct itimerspec *old)
{
	ck_assert_int_eq(fd, clock_fd);
	ck_assert_int_eq(flags, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
	ck_assert(next->it_value.tv_sec > time(NULL) + 86400);
	(void)old;
	armed++;
	return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	long failed = syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_BOOTTIME)
		now->tv_sec += slept;
	return (int)failed;
}

static void on_changed(bool available, void *data)
{
	(void)available;
	(void)data;
	told++;
}

static gboolean on_time(void *data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static void pass(unsigned ms)
{
	bool over = false;

	g_timeout_add(ms, on_time, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

static void clock_was_set(void)
{
	ck_assert_int_eq(eventfd_write(clock_fd, 1), 0);
	pass(50);
}

START_TEST(sleep_is_told_and_a_clock_that_is_set_is_not)
{
	Network *network = network_watch(on_changed, NULL);

	pass(500); /* a machine without a network says so first */
	unsigned before = told;
	clock_was_set();
	ck_assert_uint_eq(told, before);
	slept = 3600;
	clock_was_set();
	ck_assert_uint_eq(told, before + 1);
	clock_was_set();
	ck_assert_uint_eq(told, before + 1);
	slept += 5;
	clock_was_set();
	ck_assert_uint_eq(told, before + 2);
	ck_assert_uint_eq(armed, 5);
	network_free(network);
}
END_TEST

/* What is still being found out is not told to who has gone. */
START_TEST(can_be_freed_at_once)
{
	network_free(network_watch(on_changed, NULL));
	network_free(NULL);
	pass(300);
	ck_assert_uint_eq(told, 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("network", &tcase);

	tcase_add_test(tcase, sleep_is_told_and_a_clock_that_is_set_is_not);
	tcase_add_test(tcase, can_be_freed_at_once);
	return run_suite(suite);
}
