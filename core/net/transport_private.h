/* transport_private - what transport.c and transport_open.c share; nobody else includes it. */
#ifndef SHEAF_CORE_TRANSPORT_PRIVATE_H
#define SHEAF_CORE_TRANSPORT_PRIVATE_H

#include "core/net/ack.h"
#include "core/net/connector.h"
#include "core/net/sendqueue.h"
#include "core/net/subprocess.h"
#include "core/net/tls.h"
#include "core/net/transport.h"

typedef enum {
	STATE_START,
	STATE_CONNECTING,
	STATE_OPENING, /* the stream's open: a handshake, or what a caller's own has to do */
	STATE_OPEN,
	STATE_ENDING, /* a subprocess closed its end; its last words are awaited */
	STATE_CLOSED
} State;

typedef struct {
	int fd;
	gpointer watch; /* of fd in the source, for `watched` */
	GIOCondition watched;
} End;

struct Transport {
	GSource *source;
	End in, out; /* what is polled; of a socket, which is both, only `in` */
	State state;
	const Endpoint *to; /* NULL: what it runs over was handed in */
	TransportOptions options;
	const TransportEvents *events;
	void *self;
	Connector *connector;
	Subprocess *process;
	const ImapStream *stream; /* NULL: not connected */
	void *stream_self;
	Tls *tls;                             /* stream_self, where it is one */
	GIOCondition read_wants, write_wants; /* what blocks that direction; write: 0 = nothing */
	bool nudged;                          /* to be tried, whatever poll() says */
	SendQueue unsent;
	bool announce; /* `ready` is due */
	bool writable; /* false once the peer refused bytes */
	GError *error; /* why it is to be closed */
	Ack ack;
	guint ack_timer;   /* looks whether what was written arrives */
	unsigned hurry_ms; /* 0: no reason to doubt */
	uint64_t bytes_in;
	bool freed;
	unsigned references;
};

/* transport.c */

Transport *transport_new(const TransportOptions *options, const TransportEvents *events,
			 void *self);

const char *transport_peer(const Transport *t);

/* The first fault counts; `closed` follows from the loop. */
void transport_fail(Transport *t, GError *error_take);

void transport_tell_phase(Transport *t, const char *text);

/* True where `result` is to wait, and for what. */
bool transport_waits(ImapStreamResult result, GIOCondition *wants);

/* transport_open.c: how it comes to be open. */

/* The stream that all goes over from now on. */
void transport_attach(Transport *t, const ImapStream *stream, void *stream_self);

/* Closes it where there is one. */
void transport_detach(Transport *t);

/* STATE_START and STATE_OPENING: the next step. */
void transport_open_next(Transport *t);

#endif
