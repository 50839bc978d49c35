#include "core/session/login.h"

#include "core/base/error.h"

#define MAX_REFUSALS 2

static LoginStep close_because(GError **error, CoreError code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static LoginStep close_because(GError **error, CoreError code, const char *format, ...)
{
	va_list args;
	g_autofree char *why = NULL;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, CORE_ERROR, code, why);
	return LOGIN_CLOSE;
}

static LoginStep encrypt(const LoginFacts *facts, GError **error)
{
	if (!facts->capabilities)
		return LOGIN_CAPABILITY;
	if (facts->capabilities & CAP(STARTTLS))
		return LOGIN_STARTTLS;
	return close_because(error, CORE_ERROR_TLS,
			     "%s does not offer to encrypt this connection (STARTTLS), so nothing "
			     "was sent over it; try imaps://.",
			     facts->peer);
}

bool login_allowed(const LoginFacts *facts, bool by_command, GError **error)
{
	if (!facts->secure && !facts->local && !facts->allow_clear) {
		close_because(error, CORE_ERROR_TLS,
			      "The connection to %s is not encrypted, so the password was not "
			      "sent; use imaps://, or set tls = none for this account to send it "
			      "all the same.",
			      facts->peer);
		return false;
	}
	if (by_command && (facts->capabilities & CAP(LOGINDISABLED))) {
		close_because(error, CORE_ERROR_TLS,
			      facts->encrypted ? "%s takes no password by the LOGIN command."
					       : "%s takes no password over a connection that is "
						 "not encrypted; use imaps://.",
			      facts->peer);
		return false;
	}
	return true;
}

/* T036: a token is as good as the password to whoever reads it, for as long as it is valid. */
static bool token_allowed(const LoginFacts *facts, GError **error)
{
	if (!facts->has_token || facts->secure)
		return true;
	close_because(error, CORE_ERROR_TLS,
		      "The connection to %s is not encrypted, so the token was not sent; use "
		      "imaps://.",
		      facts->peer);
	return false;
}

static bool has_proof(const LoginFacts *facts, const Mechanism *mechanism, GError **error)
{
	Proof proof = mechanism ? mechanism->proof : PROOF_PASSWORD;

	if (proof != PROOF_PASSWORD && proof != PROOF_TOKEN)
		return true;
	if (!facts->user)
		close_because(error, CORE_ERROR_STATE,
			      "%s wants a user name: write imaps://NAME@%s.", facts->peer,
			      facts->peer);
	else if (!facts->has_password)
		close_because(error, CORE_ERROR_AUTH, "%s wants the password of %s.", facts->peer,
			      facts->user);
	return facts->user && facts->has_password;
}

static LoginStep log_in(const LoginFacts *facts, const Mechanism **mechanism, GError **error)
{
	MechanismFacts offer = {.peer = facts->peer,
				.offered = facts->capabilities,
				.wish = facts->sasl,
				.remembered = facts->remembered,
				.has_token = facts->has_token,
				.has_certificate = facts->has_certificate,
				.has_binding = facts->has_binding};

	if (!login_allowed(facts, false, error) || !token_allowed(facts, error) ||
	    !mechanism_choose(&offer, mechanism, error) ||
	    !login_allowed(facts, !*mechanism, error) || !has_proof(facts, *mechanism, error))
		return LOGIN_CLOSE;
	return *mechanism ? LOGIN_AUTHENTICATE : LOGIN_LOGIN;
}

LoginStep login_next(const LoginFacts *facts, const Mechanism **mechanism, GError **error)
{
	if (facts->preauth && facts->kind != ENDPOINT_EXEC)
		return close_because(error, CORE_ERROR_TLS,
				     "%s says that you are logged in already (PREAUTH), which over "
				     "a network only somebody in between would.",
				     facts->peer);
	if (!facts->capabilities && facts->refusals >= MAX_REFUSALS)
		return close_because(error, CORE_ERROR_ABORT,
				     "%s does not say what it can (CAPABILITY).", facts->peer);
	if (facts->kind == ENDPOINT_STARTTLS && !facts->encrypted)
		return encrypt(facts, error);
	if (!facts->capabilities)
		return LOGIN_CAPABILITY;
	if (!capability_protocol(facts->capabilities))
		return close_because(
			error, CORE_ERROR_ABORT,
			"%s is no server of IMAP4rev2, IMAP4rev1 or IMAP4: it names none "
			"of them (CAPABILITY).",
			facts->peer);
	if (facts->authenticated || facts->manual)
		return LOGIN_DONE;
	if (facts->password_follows && !facts->has_password)
		return LOGIN_AWAIT_PASSWORD;
	return log_in(facts, mechanism, error);
}
