/* tls - OpenSSL on a non-blocking descriptor: handshake, verification against the system's store
 * and an extra CA file, host name check (verify.h).  A door to OpenSSL.  Used by transport.c only.
 * TLS 1.2 or newer.  Never blocks: every call may answer TLS_WANT_READ or TLS_WANT_WRITE. */
#ifndef SHEAF_CORE_TLS_H
#define SHEAF_CORE_TLS_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct {
	const char *host;    /* name to check and to send as SNI (not for addresses) */
	const char *ca_file; /* further trusted certificates, or NULL */
	const char *client_cert, *client_key; /* files in PEM form to show who we are, or NULL */
	/* "sha256:" and the SHA-256 of the server's SubjectPublicKeyInfo in base64 or hex, or NULL:
	 * this very key and no other, whoever signed for it. */
	const char *pin;
} TlsPolicy;

typedef enum { TLS_DONE, TLS_WANT_READ, TLS_WANT_WRITE, TLS_CLOSED, TLS_FAILED } TlsResult;

typedef struct Tls Tls;

/* Borrows `fd`, which is a socket.  NULL with CORE_ERROR_TLS where a file cannot be read or
 * the pin is none. */
Tls *tls_new(int fd, const TlsPolicy *policy, GError **error);
void tls_free(Tls *tls);

/* Goes on with the handshake.  TLS_FAILED sets CORE_ERROR_TLS, which carries what is wrong with the
 * certificate where that is the cause (certificate_of()).
 * A line that breaks meanwhile is CORE_ERROR_ABORT. */
TlsResult tls_handshake(Tls *tls, GError **error);

/* TLS_DONE with `*n` > 0, TLS_CLOSED after a proper close_notify; EOF without it is TLS_FAILED
 * (truncation) with CORE_ERROR_ABORT. */
TlsResult tls_read(Tls *tls, char *buf, size_t len, size_t *n, GError **error);
TlsResult tls_write(Tls *tls, const char *buf, size_t len, size_t *n, GError **error);

/* The line under it was given up by the system (ETIMEDOUT). */
bool tls_timed_out(const Tls *tls);

/* Decrypted bytes wait inside: the descriptor will not say so. */
bool tls_pending(const Tls *tls);

/* What tells this connection from all others, for SASL: tls-exporter (RFC 9266) over TLS 1.3, else
 * tls-unique (RFC 5929) where it is safe (RFC 7627).  With `unique` the latter over TLS 1.3 too,
 * for servers that know no other.  NULL where there is none. */
GBytes *tls_binding(const Tls *tls, bool unique, bool *is_exporter);

/* True once the handshake is done and the certificate was verified. */
bool tls_is_secure(const Tls *tls);

#endif
