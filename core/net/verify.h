/* verify - judges the certificates that a server shows, for tls.c: by the chain, the host's name
 * and the dates, or, where one key is trusted, by that key alone (T022).  All faults are noted, not
 * only the first.  A door to OpenSSL. */
#ifndef SHEAF_CORE_VERIFY_H
#define SHEAF_CORE_VERIFY_H

#include <openssl/ssl.h>
#include "core/net/certificate.h"

typedef struct Verify Verify;

/* `host` is copied.  `key` is the one to trust as in certificate_key_read(), or NULL; NULL with
 * CORE_ERROR_TLS where it is none. */
Verify *verify_new(const char *host, const char *key, GError **error);
void verify_free(Verify *v);

/* From now on it decides for the connections of that context, of which there is one. */
void verify_attach(Verify *v, SSL_CTX *context);

/* Why the certificate was refused; NULL where none was.  Caller owns it. */
Certificate *verify_faults(const Verify *v);

#endif
