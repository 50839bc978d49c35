/* backoff - how long to wait before the next try, so that clients of a server that comes back do
 * not come all at once (T091).  Pure but for chance. */
#ifndef SHEAF_CORE_BACKOFF_H
#define SHEAF_CORE_BACKOFF_H

#include <stdbool.h>

/* Milliseconds to wait after so many failures in a row (1, 2, …): 1 s, 2 s, 4 s … 5 min, a quarter
 * more or less, never outside these bounds.  `often`: it costs nobody anything and somebody waits:
 * about a second however many there were. */
unsigned backoff_ms(unsigned failures, bool often);

#endif
