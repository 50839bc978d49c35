/* connector - a TCP connection to a named host: resolver and Happy Eyeballs of GSocketClient, never
 * blocking.  Used by transport.c only. */
#ifndef SHEAF_CORE_CONNECTOR_H
#define SHEAF_CORE_CONNECTOR_H

#include <glib.h>

typedef struct Connector Connector;

typedef struct {
	/* "Looking up imap.example.org…"; may come from inside connector_start(). */
	void (*phase)(const char *text, void *self);
	/* Once, from the loop: a non-blocking, close-on-exec descriptor that is now the callee's,
	 * or -1 with CORE_ERROR_ABORT, or _DEAD where the network did not lead there, and one
	 * sentence. */
	void (*connected)(int fd_take, const GError *error, void *self);
} ConnectorEvents;

/* `seconds` is the patience with one address. */
Connector *connector_start(const char *host, unsigned port, unsigned seconds,
			   const ConnectorEvents *events, void *self);

/* Gives up where it is still under way; no event follows. NULL is allowed. */
void connector_free(Connector *connector);

#endif
