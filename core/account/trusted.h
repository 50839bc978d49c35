/* trusted - the keys of servers that the person trusts although nobody vouches for them, in the
 * file sheaf/keys below XDG_STATE_HOME.  An entry holds for one host, port and SHA-256 of the
 * SubjectPublicKeyInfo, and for nothing else (T022). */
#ifndef SHEAF_CORE_TRUSTED_H
#define SHEAF_CORE_TRUSTED_H

#include "core/net/endpoint.h"

/* "sha256:…", or NULL. Caller frees. */
char *trusted_get(const Endpoint *endpoint);

/* In the place of the one before.  False with CORE_ERROR_STATE where it cannot be kept. */
bool trusted_put(const Endpoint *endpoint, const char *key, GError **error);

/* `server` is one of trusted_list().  False where there is none, or with `error`. */
bool trusted_forget(const char *server, GError **error);

/* "HOST:PORT" of each, NULL-terminated; and the key of one of them.  Caller frees. */
char **trusted_list(void);
char *trusted_key(const char *server);

/* The name of the endpoint in that list; NULL where it is no server.  Caller frees. */
char *trusted_name(const Endpoint *endpoint);

#endif
