/* mechanism - the SASL mechanisms that Sheaf speaks, and which of them logs in.  Nothing outside
 * this list is ever used, whatever the library knows.  Pure. */
#ifndef SHEAF_CORE_MECHANISM_H
#define SHEAF_CORE_MECHANISM_H

#include <glib.h>
#include <stdbool.h>
#include "core/wire/capability.h"

/* What it proves who you are with; exactly one each. */
typedef enum {
	PROOF_PASSWORD,
	PROOF_TOKEN,       /* OAuth 2 (RFC 6749) */
	PROOF_CERTIFICATE, /* of the client, shown in the TLS handshake */
	PROOF_TICKET,      /* Kerberos */
	PROOF_NONE
} Proof;

enum {
	MECHANISM_BINDING = 1 << 0, /* needs the channel binding of TLS (RFC 9266, RFC 5929) */
	MECHANISM_NAMED = 1 << 1,   /* only where the account names it */
	MECHANISM_CLEAR = 1 << 2,   /* the server learns the secret itself */
	MECHANISM_SERVER_FIRST = 1 << 3,
	MECHANISM_SCRAM = 1 << 4
};

typedef struct {
	const char *name;
	Capability offered; /* the bit of AUTH=name */
	Proof proof;
	unsigned flags;
} Mechanism;

/* Strongest first; ends with a row whose name is NULL. */
extern const Mechanism mechanism_table[];

/* By name without case, or NULL. */
const Mechanism *mechanism_find(const char *name);

/* "NAME" or "NAME or stronger", as the account's option has it; "" and NULL ask for nothing and
 * give NULL.  False with CORE_ERROR_STATE where it is none of the table. */
bool mechanism_wish(const char *text, const Mechanism **named, bool *or_stronger, GError **error);

typedef struct {
	const char *peer; /* for messages */
	Capability offered;
	const char *wish;       /* the account's option, or NULL */
	const char *remembered; /* the strongest that this account logged in with, or NULL */
	bool has_token;         /* the secret is one, not a password */
	bool has_certificate;
	bool has_binding;
} MechanismFacts;

/* What to log in with: the strongest that is offered and fits, NULL for the LOGIN command where
 * none does and a password may go that way.  False (CORE_ERROR_TLS) where the offer is weaker than
 * the account's minimum or than what it used before (T029, T033), or has nothing that fits. */
bool mechanism_choose(const MechanismFacts *facts, const Mechanism **choice, GError **error);

#endif
