/* run_until - the main loop, until something is so; the file that includes it says PATIENCE_MS. */
#ifndef SHEAF_TESTS_RUN_UNTIL_H
#define SHEAF_TESTS_RUN_UNTIL_H

#include <check.h>
#include <glib.h>

static inline gboolean run_until_tick(gpointer ticks)
{
	++*(unsigned *)ticks;
	return G_SOURCE_CONTINUE;
}

/* Turns the loop until `what` holds; fails the test where it never does. */
#define RUN_UNTIL(what)                                                                            \
	do {                                                                                       \
		unsigned ticks = 0;                                                                \
		guint timer = g_timeout_add(20, run_until_tick, &ticks);                           \
		while (!(what) && ticks < PATIENCE_MS / 20)                                        \
			g_main_context_iteration(NULL, TRUE);                                      \
		g_source_remove(timer);                                                            \
		ck_assert_msg(what, "never happened: " #what);                                     \
	} while (0)

#endif
