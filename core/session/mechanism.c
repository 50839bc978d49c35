#include "core/session/mechanism.h"

#include <string.h>
#include "core/base/error.h"

/* Those with channel binding stand above all others of their kind: where a server offers one, to
 * use another is what somebody in between would want (T033). */
const Mechanism mechanism_table[] = {
	{"EXTERNAL", CAP(AUTH_EXTERNAL), PROOF_CERTIFICATE, 0},
	{"GSSAPI", CAP(AUTH_GSSAPI), PROOF_TICKET, MECHANISM_NAMED},
	{"SCRAM-SHA-256-PLUS", CAP(AUTH_SCRAM_SHA_256_PLUS), PROOF_PASSWORD,
	 MECHANISM_SCRAM | MECHANISM_BINDING},
	{"SCRAM-SHA-1-PLUS", CAP(AUTH_SCRAM_SHA_1_PLUS), PROOF_PASSWORD,
	 MECHANISM_SCRAM | MECHANISM_BINDING},
	{"SCRAM-SHA-256", CAP(AUTH_SCRAM_SHA_256), PROOF_PASSWORD, MECHANISM_SCRAM},
	{"SCRAM-SHA-1", CAP(AUTH_SCRAM_SHA_1), PROOF_PASSWORD, MECHANISM_SCRAM},
	{"OAUTHBEARER", CAP(AUTH_OAUTHBEARER), PROOF_TOKEN, MECHANISM_CLEAR},
	{"XOAUTH2", CAP(AUTH_XOAUTH2), PROOF_TOKEN, MECHANISM_CLEAR},
	{"CRAM-MD5", CAP(AUTH_CRAM_MD5), PROOF_PASSWORD, MECHANISM_NAMED | MECHANISM_SERVER_FIRST},
	{"PLAIN", CAP(AUTH_PLAIN), PROOF_PASSWORD, MECHANISM_CLEAR},
	{"LOGIN", CAP(AUTH_LOGIN), PROOF_PASSWORD,
	 MECHANISM_NAMED | MECHANISM_CLEAR | MECHANISM_SERVER_FIRST},
	{"ANONYMOUS", CAP(AUTH_ANONYMOUS), PROOF_NONE, MECHANISM_NAMED},
	{NULL},
};

const Mechanism *mechanism_find(const char *name)
{
	for (const Mechanism *m = mechanism_table; m->name; m++)
		if (g_ascii_strcasecmp(m->name, name) == 0)
			return m;
	return NULL;
}

bool mechanism_wish(const char *text, const Mechanism **named, bool *or_stronger, GError **error)
{
	static const char suffix[] = " or stronger";
	g_autofree char *name = g_strstrip(g_strdup(text ? text : ""));
	size_t len = strlen(name);

	*named = NULL;
	*or_stronger = len > strlen(suffix) &&
		       g_ascii_strcasecmp(name + len - strlen(suffix), suffix) == 0;
	if (*or_stronger)
		name[len - strlen(suffix)] = '\0';
	g_strchomp(name);
	if (!*name)
		return true;
	*named = mechanism_find(name);
	if (*named)
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "sasl = %s names no way to log in that Sheaf knows; write one such as "
		    "SCRAM-SHA-256, PLAIN or OAUTHBEARER, or \"SCRAM-SHA-1 or stronger\".",
		    text);
	return false;
}

static bool fits(const Mechanism *m, const MechanismFacts *facts)
{
	if (!(facts->offered & m->offered) || (m->flags & MECHANISM_NAMED))
		return false;
	if ((m->flags & MECHANISM_BINDING) && !facts->has_binding)
		return false;
	if (m->proof == PROOF_CERTIFICATE)
		return facts->has_certificate;
	return m->proof == (facts->has_token ? PROOF_TOKEN : PROOF_PASSWORD);
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
	va_list args;
	g_autofree char *why = NULL;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_TLS, why);
	return false;
}

static bool choose_named(const MechanismFacts *facts, const Mechanism *named,
			 const Mechanism **choice, GError **error)
{
	bool by_command = named->offered == CAP(AUTH_LOGIN) && !(facts->offered & named->offered);

	*choice = by_command ? NULL : named;
	if (by_command || (facts->offered & named->offered)) {
		if (!(named->flags & MECHANISM_BINDING) || facts->has_binding)
			return true;
		return refuse(error,
			      "%s cannot be used with %s: this connection has nothing to bind it "
			      "to.",
			      named->name, facts->peer);
	}
	return refuse(error, "%s does not offer to log in by %s, which this account names.",
		      facts->peer, named->name);
}

static const char *choice_name(const Mechanism *choice)
{
	return choice ? choice->name : "the LOGIN command";
}

/* The LOGIN command tells the server no more than PLAIN does. */
static bool is_weaker(const Mechanism *choice, const Mechanism *than)
{
	return choice ? choice > than : !(than->flags & MECHANISM_CLEAR);
}

static bool strong_enough(const MechanismFacts *facts, const Mechanism *choice,
			  const Mechanism *minimum, GError **error)
{
	const Mechanism *before = facts->remembered ? mechanism_find(facts->remembered) : NULL;
	Proof proof = choice ? choice->proof : PROOF_PASSWORD;

	if (minimum && is_weaker(choice, minimum))
		return refuse(error,
			      "%s offers nothing better than %s, but this account asks for %s or "
			      "stronger; nothing was sent.",
			      facts->peer, choice_name(choice), minimum->name);
	if (!minimum && before && before->proof == proof && is_weaker(choice, before))
		return refuse(error,
			      "%s offers nothing better than %s, though you logged in by %s "
			      "before: somebody in between may want your password.  Nothing was "
			      "sent; if the change is meant, write sasl = %s into the account.",
			      facts->peer, choice_name(choice), before->name,
			      choice ? choice->name : "LOGIN");
	return true;
}

bool mechanism_choose(const MechanismFacts *facts, const Mechanism **choice, GError **error)
{
	const Mechanism *named;
	bool or_stronger;

	if (!mechanism_wish(facts->wish, &named, &or_stronger, error))
		return false;
	if (named && !or_stronger)
		return choose_named(facts, named, choice, error);
	*choice = NULL;
	for (const Mechanism *m = mechanism_table; m->name && !*choice; m++)
		if (fits(m, facts))
			*choice = m;
	if (!*choice && facts->has_token)
		return refuse(error,
			      "%s does not take a token to log in (neither OAUTHBEARER nor "
			      "XOAUTH2).",
			      facts->peer);
	return strong_enough(facts, *choice, named, error);
}
