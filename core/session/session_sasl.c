#include "config.h"
#define G_LOG_DOMAIN "sheaf-imap"

#include <string.h>
#include "core/session/session_private.h"

static void wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	g_clear_pointer(secret, g_free);
}

void session_end_sasl(ImapSession *s)
{
	g_clear_pointer(&s->sasl, sasl_free);
	wipe(&s->initial);
	g_clear_error(&s->given_up);
}

/* Our own fault: the server is told to forget it (RFC 9051 6.2.2), and its BAD ends the log-in. */
static void give_up(ImapSession *s, const GError *error)
{
	if (pipeline_runs(s->pipeline, COMMAND_ID_AUTHENTICATE) &&
	    g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE) && !s->given_up) {
		s->given_up = g_error_copy(error);
		pipeline_respond(s->pipeline, "*");
		return;
	}
	session_close(s, g_error_copy(error));
}

/* What Cyrus SASL says of a binding that it does not know: it takes tls-unique over TLS 1.3 too.
 * The same mechanism is tried again with that one; nothing was said of the password (T030, T039).
 */
static bool knows_no_exporter(const ImapSession *s, const StatusLine *line)
{
	bool is_exporter = false;
	g_autoptr(GBytes) binding = transport_binding(s->transport, s->binds_unique, &is_exporter);

	return (s->mechanism->flags & MECHANISM_BINDING) && is_exporter && line &&
	       line->condition == CONDITION_NO && line->code == CODE_NONE && line->text &&
	       (g_str_has_prefix(line->text, "bad protocol") ||
		g_str_has_prefix(line->text, "channel binding"));
}

static void on_authenticated(const ImapResult *result, void *data)
{
	ImapSession *s = data;

	if (session_is_over(s) || (!result->error && !s->given_up))
		return;
	if (s->given_up) {
		session_close(s, g_steal_pointer(&s->given_up));
	} else if (knows_no_exporter(s, result->status)) {
		s->binds_unique = true;
		session_end_sasl(s);
		session_authenticate(s);
	} else {
		session_refused(s, result->error);
	}
}

static void submit(ImapSession *s, const char *initial)
{
	Writer *w = session_begin(s, COMMAND_ID_AUTHENTICATE);

	writer_atom(w, s->mechanism->name);
	if (initial && (s->capabilities & CAP(SASL_IR)))
		writer_atom(w, *initial ? initial : "=");
	else
		s->initial = g_strdup(initial);
	pipeline_submit(s->pipeline, NULL, w, true, NULL, NULL, on_authenticated, s);
}

/* A refused token is a challenge that wants an answer (RFC 7628 3.2.3): there the last word is
 * never ours for sure. */
static void follow_last_word(ImapSession *s)
{
	if (!s->blind || s->initial || !sasl_is_complete(s->sasl) ||
	    s->mechanism->proof == PROOF_TOKEN)
		return;
	session_follow_login(s);
}

static void on_initial(const char *response, const GError *error, void *data)
{
	ImapSession *s = data;

	s->references++;
	if (error) {
		give_up(s, error);
	} else {
		submit(s, response);
		follow_last_word(s);
	}
	session_unref(s);
}

static void on_response(const char *response, const GError *error, void *data)
{
	ImapSession *s = data;

	s->references++;
	if (error) {
		give_up(s, error);
	} else {
		pipeline_respond(s->pipeline, response);
		follow_last_word(s);
	}
	session_unref(s);
}

void session_authenticate(ImapSession *s)
{
	SaslFacts facts = {.peer = s->peer, .user = s->user, .secret = s->password};
	g_autofree char *text =
		g_strdup_printf("Logging in%s%s…", s->user ? " as " : "", s->user ? s->user : "");
	g_autoptr(GBytes) binding =
		transport_binding(s->transport, s->binds_unique, &facts.binds_exporter);
	GError *error = NULL;

	facts.binding = binding;
	facts.host = s->endpoint ? s->endpoint->host : NULL;
	facts.port = s->endpoint ? s->endpoint->port : 0;
	s->sasl = sasl_new(s->mechanism, &facts, &error);
	if (!s->sasl) {
		session_close(s, error);
		return;
	}
	if (s->mechanism->flags & MECHANISM_SERVER_FIRST)
		submit(s, NULL);
	else
		sasl_step(s->sasl, NULL, on_initial, s);
	session_tell_phase(s, text);
}

void session_set_step(ImapSession *s, SessionStep step, void *data)
{
	s->step = step;
	s->step_data = data;
}

static void ask_caller(ImapSession *s, const char *challenge)
{
	char *answer = s->step ? s->step(challenge, s->step_data) : NULL;

	pipeline_respond(s->pipeline, answer ? answer : "*");
	wipe(&answer);
}

void session_challenged(ImapSession *s, const char *challenge)
{
	if (!s->sasl) {
		ask_caller(s, challenge);
		return;
	}
	if (s->given_up)
		return;
	if (sasl_is_running(s->sasl) || (s->initial && *challenge)) {
		session_close_because(s, CORE_ERROR_TLS,
				      "%s does not keep to %s, so the log-in was given up.",
				      s->peer, s->mechanism->name);
		return;
	}
	if (s->initial) {
		pipeline_respond(s->pipeline, s->initial);
		wipe(&s->initial);
		follow_last_word(s);
		return;
	}
	sasl_step(s->sasl, challenge, on_response, s);
}

bool session_authenticated(ImapSession *s)
{
	if (s->given_up) {
		session_close(s, g_steal_pointer(&s->given_up));
		return false;
	}
	if (!s->sasl || (sasl_is_complete(s->sasl) && !s->initial))
		return true;
	session_close_because(s, CORE_ERROR_TLS,
			      "%s says that you are logged in before it has proven what %s asks of "
			      "it: you may be talking to somebody else.",
			      s->peer, s->mechanism->name);
	return false;
}
