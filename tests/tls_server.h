/* tls_server - for tests: a TLS server on 127.0.0.1 with a certificate of a CA made on the spot.
 * Serves one connection at a time in a thread of its own: shows its greeting, echoes what comes. */
#ifndef SHEAF_TESTS_TLS_SERVER_H
#define SHEAF_TESTS_TLS_SERVER_H

#include <stdbool.h>

typedef struct {
	/* subjectAltName as OpenSSL writes it: "DNS:localhost"; "NUL a b": the name a, NUL, b; or
	 * NULL */
	const char *names;
	const char *common_name; /* or NULL: "test server" */
	int from_days, to_days;  /* validity from now; both 0: -1 and 1 */
	int max_version;         /* TLS1_1_VERSION …, 0: newest */
	const char *greeting;    /* behind the handshake, or NULL */
	bool truncate;           /* closes behind the greeting without close_notify */
	bool weak;               /* an RSA key of 768 bits, which TLS 1.3 can just use */
	bool close;              /* closes behind the greeting properly */
	bool plain;              /* no handshake: answers whatever comes with the greeting */
	/* Instead of all that: lines "S: …" to say, "C: …" to expect, and "TLS" for the handshake,
	 * which begins in clear; NULL-terminated. */
	const char *const *script;
	/* Or a conversation in any order: "VERB words" are said when a command of that verb comes,
	 * all that are there, $TAG being its tag; NULL-terminated.  Where none of them ends the
	 * command, "$TAG OK done" does; behind "VERB * BYE …" and "VERB CLOSE" the line goes down.
	 * `greeting` comes first. */
	const char *const *replies;
	bool starttls; /* that begins in clear, till STARTTLS */
} TlsServerOptions;

/* A server's context with such a certificate, and the file of its CA, which the caller deletes and
 * frees. */
struct ssl_ctx_st *tls_server_context(const TlsServerOptions *options, char **ca_file);

typedef struct TlsServer TlsServer;

TlsServer *tls_server_start(const TlsServerOptions *options);
void tls_server_stop(TlsServer *server);

unsigned tls_server_port(const TlsServer *server);
const char *tls_server_ca_file(const TlsServer *server);

/* The line of the script that went otherwise, or where it still stands; NULL once it is through. */
const char *tls_server_wrong(TlsServer *server);

/* Its key as messages show it: "sha256:" and base64.  Caller frees. */
char *tls_server_key(const TlsServer *server);

/* How many clients came so far. */
unsigned tls_server_connections(TlsServer *server);

/* The name the last client asked for by SNI; "" where it sent none. */
const char *tls_server_sni(const TlsServer *server);

#endif
