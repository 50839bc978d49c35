/* sasl - one log-in by a SASL mechanism (RFC 4422): GNU SASL's, and XOAUTH2 and OAUTHBEARER
 * (RFC 7628) of our own.  The door to GNU SASL.  Every step runs on a worker thread, for deriving a
 * key takes long and Kerberos asks the network.  Used by session_sasl.c only.
 *
 * What a server may ask: at most 10 challenges of together 64 KiB; of SCRAM (RFC 5802, RFC 7677)
 * 4,096 to 1,000,000 iterations, a nonce that goes on from ours, a salt, no extension that must be
 * understood.  All that is looked at before a key is derived. */
#ifndef SHEAF_CORE_SASL_H
#define SHEAF_CORE_SASL_H

#include <glib.h>
#include <stdbool.h>
#include "core/session/mechanism.h"

#define SASL_ROUNDS_MAX     10
#define SASL_CHALLENGE_MAX  (64 * 1024) /* bytes of base64, all together */
#define SASL_ITERATIONS_MIN 4096        /* SCRAM */
#define SASL_ITERATIONS_MAX 1000000

typedef struct Sasl Sasl;

typedef struct {
	const char *peer;    /* for messages */
	const char *user;    /* or NULL */
	const char *secret;  /* password or token, or NULL; copied, and wiped by sasl_free() */
	const char *host;    /* or NULL */
	unsigned port;       /* for OAUTHBEARER */
	GBytes *binding;     /* the channel's, or NULL */
	bool binds_exporter; /* tls-exporter, else tls-unique */
} SaslFacts;

/* NULL with CORE_ERROR_STATE where the library was built without it or a secret cannot be sent. */
Sasl *sasl_new(const Mechanism *mechanism, const SaslFacts *facts, GError **error);

/* A step under way ends without its callback. NULL is allowed. */
void sasl_free(Sasl *sasl);

/* `response` is base64, "" for an empty one, and wiped after return.  NULL with an error: the
 * log-in cannot go on; CORE_ERROR_STATE where that is our side's fault (the server waits for "*"),
 * else the server's: CORE_ERROR_TLS, or CORE_ERROR_AUTH where it refused us. */
typedef void (*SaslDone)(const char *response, const GError *error, void *data);

/* Answers a challenge (base64 as sent); NULL asks for the initial response of a mechanism where the
 * client speaks first. */
void sasl_step(Sasl *sasl, const char *challenge, SaslDone done, void *data);

/* A step is under way: nothing may be asked of it. */
bool sasl_is_running(const Sasl *sasl);

/* The mechanism came to its end: whatever the server had to prove is proven (T031). */
bool sasl_is_complete(const Sasl *sasl);

#endif
