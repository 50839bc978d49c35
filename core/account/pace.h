/* pace - how fast something long goes, and when it will be through.  Pure: told the time, which is
 * monotonic and in microseconds. */
#ifndef SHEAF_CORE_PACE_H
#define SHEAF_CORE_PACE_H

#include <stdint.h>

/* Fields private to pace.c. */
typedef struct {
	int64_t at;    /* of the last sample, or of the beginning */
	uint64_t have; /* then */
	double rate;   /* a second; below 0: there is no sample yet */
} Pace;

/* `have`: what was there before it began. */
void pace_begin(Pace *pace, uint64_t have, int64_t now);
/* So much is there now; less than before: it began anew. */
void pace_note(Pace *pace, uint64_t have, int64_t now);
/* How much comes in a second, evened out over some seconds; 0 while that is not known. */
uint64_t pace_rate(const Pace *pace);
/* Seconds until `total` is there, rounded up; -1 while that is not known. */
int64_t pace_left(const Pace *pace, uint64_t total);

#endif
