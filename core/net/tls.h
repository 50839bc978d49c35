/* tls - a stream over another one: OpenSSL's handshake, verification against the system's store and
 * an extra CA file, host name check (verify.h).  A door to OpenSSL.  Used by transport.c only.
 * TLS 1.2 or newer. */
#ifndef SHEAF_CORE_TLS_H
#define SHEAF_CORE_TLS_H

#include <glib.h>
#include <stdbool.h>
#include "core/library/imap-client.h"

typedef struct {
	const char *host;    /* name to check and to send as SNI (not for addresses) */
	const char *ca_file; /* further trusted certificates, or NULL */
	const char *client_cert, *client_key; /* files in PEM form to show who we are, or NULL */
	/* "sha256:" and the SHA-256 of the server's SubjectPublicKeyInfo in base64 or hex, or NULL:
	 * this very key and no other, whoever signed for it. */
	const char *pin;
} TlsPolicy;

typedef struct Tls Tls;

/* `self` of them is a Tls, which shutdown frees, and with it what is below.  open is the handshake;
 * it fails with CORE_ERROR_TLS, which carries what is wrong with the certificate where that is the
 * cause (certificate_of()).  An end without close_notify is a failure, CORE_ERROR_ABORT: what came
 * last may be cut off.  The failures of the stream below are handed on. */
extern const ImapStream tls_functions;

/* Over an open stream, which is taken over with success and stays the caller's without.  NULL with
 * CORE_ERROR_TLS where a file cannot be read or the pin is none. */
Tls *tls_new(const ImapStream *below, void *below_self, const TlsPolicy *policy, GError **error);

/* What tells this connection from all others, for SASL: tls-exporter (RFC 9266) over TLS 1.3, else
 * tls-unique (RFC 5929) where it is safe (RFC 7627).  With `unique` the latter over TLS 1.3 too,
 * for servers that know no other.  NULL where there is none. */
GBytes *tls_binding(const Tls *tls, bool unique, bool *is_exporter);

/* True once the handshake is done and the certificate was verified. */
bool tls_is_secure(const Tls *tls);

/* "TLSv1.3", static. */
const char *tls_version(const Tls *tls);

/* OpenSSL's own handle, for what is not asked here; borrowed. */
struct ssl_st *tls_ssl(const Tls *tls);

#endif
