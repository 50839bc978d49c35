#include "core/account/pace.h"

#include <glib.h>

/* What comes in a shorter time is chance. */
#define SAMPLE_US (G_USEC_PER_SEC / 2)
/* Over so long it is evened out. */
#define MEMORY_US (4.0 * G_USEC_PER_SEC)

void pace_begin(Pace *pace, uint64_t have, int64_t now)
{
	*pace = (Pace){now, have, -1};
}

void pace_note(Pace *pace, uint64_t have, int64_t now)
{
	int64_t passed = now - pace->at;

	if (have < pace->have)
		pace_begin(pace, have, now);
	if (passed < SAMPLE_US || now == pace->at)
		return;
	double rate = (double)(have - pace->have) * G_USEC_PER_SEC / (double)passed;
	double weight = pace->rate < 0 ? 1 : MIN(1, (double)passed / MEMORY_US);
	pace->rate = (pace->rate < 0 ? 0 : pace->rate * (1 - weight)) + rate * weight;
	pace->have = have;
	pace->at = now;
}

uint64_t pace_rate(const Pace *pace)
{
	return pace->rate > 0 ? (uint64_t)(pace->rate + 0.5) : 0;
}

int64_t pace_left(const Pace *pace, uint64_t total)
{
	double left = total > pace->have ? (double)(total - pace->have) : 0;

	if (pace->rate <= 0 || total == 0 || left / pace->rate > (double)INT32_MAX)
		return -1;
	return (int64_t)(left / pace->rate + 0.999);
}
