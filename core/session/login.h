/* login - the next step on the way from the greeting to AUTH, by policy.  Pure: what is known goes
 * in, what to do comes out; session.c does it and asks again. */
#ifndef SHEAF_CORE_LOGIN_H
#define SHEAF_CORE_LOGIN_H

#include <glib.h>
#include <stdbool.h>
#include "core/net/endpoint.h"
#include "core/session/mechanism.h"
#include "core/wire/capability.h"

typedef struct {
	const char *peer; /* for messages */
	EndpointKind kind;
	bool local;       /* clear text stays on this machine */
	bool allow_clear; /* the account says tls = none */
	bool manual;      /* the caller logs in */
	bool encrypted;   /* TLS, verified */
	bool secure;      /* that, or a subprocess the user named */
	bool preauth;     /* the greeting was PREAUTH */
	bool authenticated;
	Capability capabilities; /* 0: not told since TLS or log-in began to hold */
	unsigned refusals;       /* how often CAPABILITY was asked for in vain */
	const char *user;        /* or NULL */
	bool has_password;       /* or token */
	bool password_follows;   /* it is not there yet */
	bool has_token, has_certificate, has_binding;
	const char *sasl, *remembered; /* as in MechanismFacts */
} LoginFacts;

typedef enum {
	LOGIN_CAPABILITY, /* ask for it */
	LOGIN_STARTTLS,
	LOGIN_AWAIT_PASSWORD,
	LOGIN_AUTHENTICATE, /* by the mechanism of login_next() */
	LOGIN_LOGIN,        /* the command, with user and password */
	LOGIN_DONE,         /* authenticated, or the caller's turn: commands may go */
	LOGIN_CLOSE         /* `error` says why */
} LoginStep;

/* `mechanism` is set for LOGIN_AUTHENTICATE. */
LoginStep login_next(const LoginFacts *facts, const Mechanism **mechanism, GError **error);

/* Whether a password may be sent by LOGIN (`by_command`) or AUTHENTICATE as things are: false with
 * CORE_ERROR_TLS where the line can be read by others, or the server forbids it. */
bool login_allowed(const LoginFacts *facts, bool by_command, GError **error);

#endif
