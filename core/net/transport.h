/* transport - one byte stream: TCP (GSocketClient: resolver, Happy Eyeballs), a subprocess, or one
 * of the caller's own, each with TLS over it where it is asked for.  Everything asynchronous on the
 * default main context; events come from the loop, never from inside a call.  Used by session.c. */
#ifndef SHEAF_CORE_TRANSPORT_H
#define SHEAF_CORE_TRANSPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/net/endpoint.h"
#include "core/library/imap-client.h"

#define TRANSPORT_CONNECT_SECONDS 5

typedef struct Transport Transport;

typedef struct {
	/* Connected, and for IMAPS the handshake done; or a later transport_start_tls() done. */
	void (*ready)(Transport *t, void *self);
	/* Bytes, borrowed until return.  At most 64 KiB a turn of the loop; then batch_end. */
	void (*received)(Transport *t, const char *buf, size_t len, void *self);
	/* Behind the last `received` of a slice, before other sources run. */
	void (*batch_end)(Transport *t, void *self);
	/* Once, the last event: CORE_ERROR_ABORT, _DEAD or _TLS with the reason (never NULL).  A
	 * subprocess's last line of stderr is quoted, cleaned. */
	void (*closed)(Transport *t, const GError *error, void *self);
	/* A phase began: "Looking up …", "Connecting to …", "TLS handshake…"; for the status
	 * line. */
	void (*phase)(Transport *t, const char *text, void *self);
	/* Asked before each read of a stream that reads lines: how many bytes may come whatever
	 * they are, which is what is missing of a literal; 0 within a line.  NULL: no lines. */
	size_t (*missing)(Transport *t, void *self);
} TransportEvents;

typedef struct {
	unsigned connect_seconds; /* for one address; 0: TRANSPORT_CONNECT_SECONDS */
	const char *ca_file;      /* as in TlsPolicy, each or NULL */
	const char *client_cert, *client_key, *pin;
	unsigned dead_ms; /* a line is dead when our bytes were not acknowledged for so long;
			     default 8000; see ack.h */
} TransportOptions;

/* Starts connecting; `to`, `options` (may be NULL), `events` and `self` are borrowed until
 * transport_free(). */
Transport *transport_connect(const Endpoint *to, const TransportOptions *options,
			     const TransportEvents *events, void *self);

/* For tests: one end of a socketpair, taken over. `options` as above. */
Transport *transport_from_fd(int fd_take, const TransportOptions *options,
			     const TransportEvents *events, void *self);

/* Over a stream of the caller's own.  The functions are borrowed until transport_free(),
 * `stream_self` until their shutdown.  `to` (may be NULL) is not connected to, but names the
 * server; where it is ENDPOINT_IMAPS, TLS begins once the stream is open. */
Transport *transport_from_stream(const ImapStream *stream, void *stream_self, const Endpoint *to,
				 const TransportOptions *options, const TransportEvents *events,
				 void *self);

/* The stream is to be tried again: for one that has no descriptor to say so. */
void transport_nudge(Transport *t);

/* Closes at once without an event.  Kills a subprocess it started (its own, TERM then KILL). */
void transport_free(Transport *t);

/* Queues bytes; partial writes are its business.  What one turn of the loop queues leaves in one
 * write() (in pieces of 16 KiB).  Dropped where the stream is closed. */
void transport_write(Transport *t, GBytes *bytes);

/* Handshake on the open stream (STARTTLS); `ready` or `closed` follows.  The caller has checked
 * that nothing is buffered behind the OK. `host` as in Endpoint. */
void transport_start_tls(Transport *t, const char *host);

/* The socket, or what is read of a subprocess; -1 while not connected. */
int transport_descriptor(const Transport *t);
/* OpenSSL's handle, which lives as long as the connection; NULL where there is no TLS. */
struct ssl_st *transport_ssl(const Transport *t);
/* "TLSv1.3", static; NULL where there is no TLS. */
const char *transport_encryption(const Transport *t);

/* Verified TLS, a subprocess the user named, or a stream that says so of itself. */
bool transport_is_secure(const Transport *t);
bool transport_is_encrypted(const Transport *t);

/* Milliseconds for which bytes of ours are under way and nothing came back; 0: none are, or the
 * stream is not TCP. */
unsigned transport_overdue(Transport *t);
/* What is under way and what is written next has no longer than `ms` to be acknowledged, once:
 * there is reason to doubt the line. */
void transport_hurry(Transport *t, unsigned ms);

/* As tls_binding(); NULL where there is no TLS. */
GBytes *transport_binding(const Transport *t, bool unique, bool *is_exporter);

/* Bytes received and bytes handed to the system so far (above TLS), for progress, the stall timer
 * and the benchmarks' log; and how many wait to be handed over. */
uint64_t transport_bytes_in(const Transport *t);
uint64_t transport_bytes_out(const Transport *t);
uint64_t transport_unsent(const Transport *t);

#endif
