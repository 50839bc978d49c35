/* fdstream - a stream over descriptors: one socket, or a socket to write to and a pipe to read.
 * Used by transport.c only. */
#ifndef SHEAF_CORE_FDSTREAM_H
#define SHEAF_CORE_FDSTREAM_H

#include "core/library/imap-client.h"

/* `self` of them is an FdStream, which shutdown frees. */
extern const ImapStream fdstream_functions;

typedef struct FdStream FdStream;

/* Takes over both descriptors, which may be the same and do not block.  `peer` names the other side
 * in errors: CORE_ERROR_ABORT, or _DEAD where the system gave the line up.  Borrowed. */
FdStream *fdstream_new(int in_take, int out_take, const char *peer);

/* "The line to PEER is dead …", CORE_ERROR_DEAD. */
GError *fdstream_dead(const char *peer);

#endif
