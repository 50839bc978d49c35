/* ack - whether what was sent over a TCP connection reaches the machine at the other end, whatever
 * the program there does: a server that is busy acknowledges, a dead line does not.  Says nothing
 * of sockets other than TCP.  Used by transport.c and connector.c. */
#ifndef SHEAF_CORE_ACK_H
#define SHEAF_CORE_ACK_H

#include <stdint.h>

/* Zeroed at first. */
typedef struct {
	int64_t since;  /* monotonic: bytes are under way and none was acknowledged; 0: none are */
	uint64_t acked; /* in all, then */
} Ack;

/* The system asks an idle line for a sign of life after 5 s, three times in 3 s; then it is dead
 * (ETIMEDOUT). */
void ack_keep_alive(int fd);

/* Milliseconds for which bytes are under way and none of them was acknowledged; 0 where none are,
 * or where the socket cannot tell.  Where the other end has no room for more, it counts as long as
 * it says so.  Counts from the first call that finds some. */
unsigned ack_overdue(Ack *ack, int fd);

#endif
