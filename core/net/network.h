/* network - tells when there is reason to doubt open connections: the machine slept, or its network
 * changed.  Notices both by what the system says at once, without looking again and again; never
 * blocks. */
#ifndef SHEAF_CORE_NETWORK_H
#define SHEAF_CORE_NETWORK_H

#include <stdbool.h>

typedef struct Network Network;

/* `available`: the machine has a route to somewhere.  From the loop. */
typedef void (*NetworkChanged)(bool available, void *data);

Network *network_watch(NetworkChanged changed, void *data);
/* NULL is allowed. */
void network_free(Network *network);

#endif
