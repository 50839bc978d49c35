#include "core/account/backoff.h"

#include <glib.h>

#define MIN_MS 1000
#define MAX_MS 300000

unsigned backoff_ms(unsigned failures, bool often)
{
	unsigned doublings = often ? 0 : MIN(MAX(failures, 1) - 1, 16);
	double delay = (double)MIN(MAX_MS, (unsigned)MIN_MS << doublings) *
		       g_random_double_range(0.75, 1.25);

	return (unsigned)CLAMP(delay, MIN_MS, MAX_MS);
}
