#include "config.h"
#define G_LOG_DOMAIN "sheaf-imap"

#include <string.h>
#include "core/session/session_private.h"
#include "core/session/verdict.h"

/* Of silence, while what was sent behind a log-in is not answered. */
#define UNHEARD_SECONDS 3
#define UNHEARD_LOOK_MS 250

void session_wipe_password(ImapSession *s)
{
	if (s->password)
		explicit_bzero(s->password, strlen(s->password));
	g_clear_pointer(&s->password, g_free);
	session_end_sasl(s);
}

void session_hide_password(const ImapSession *s, GString *text)
{
	if (s->password && *s->password)
		g_string_replace(text, s->password, "…", 0);
}

bool session_hears_anyone(const ImapSession *s)
{
	return s->endpoint && s->endpoint->kind == ENDPOINT_STARTTLS && !session_is_secure(s);
}

void session_dismissed(ImapSession *s, const StatusLine *line)
{
	g_autofree char *words = verdict_words(s->peer, line->text ? line->text : "");
	g_autoptr(GString) shown = g_string_new(words);

	session_hide_password(s, shown);
	if (session_hears_anyone(s) || !line->text || !*line->text)
		session_close_because(s, CORE_ERROR_ABORT, "%s closed the connection.", s->peer);
	else
		session_close_because(s, CORE_ERROR_ABORT, "%s", shown->str);
}

LoginFacts session_facts(const ImapSession *s)
{
	bool stream = s->trusted || (!s->endpoint && !s->exposed);
	g_autoptr(GBytes) binding =
		s->transport ? transport_binding(s->transport, false, NULL) : NULL;

	return (LoginFacts){
		.peer = s->peer,
		.kind = stream        ? ENDPOINT_EXEC
			: s->endpoint ? s->endpoint->kind
				      : ENDPOINT_PLAIN,
		.local = stream || (!s->exposed && endpoint_is_local(s->endpoint)),
		.allow_clear = s->allow_clear,
		.manual = s->manual,
		.encrypted = session_is_encrypted(s),
		.secure = session_is_secure(s),
		.preauth = s->preauth,
		.authenticated = s->authenticated,
		.capabilities = s->capabilities,
		.refusals = s->refusals,
		.user = s->user,
		.has_password = s->password != NULL,
		.password_follows = s->password_state != PASSWORD_TOLD,
		.has_token = s->is_token,
		.has_certificate = s->client_cert != NULL,
		.has_binding = binding != NULL,
		.sasl = s->wish,
		.remembered = s->remembered,
	};
}

static void on_capability(const ImapResult *result, void *data)
{
	ImapSession *s = data;

	if (error_is_abort(result->error) || error_is_cancelled(result->error) || s->through)
		return;
	/* Sent behind a log-in and answered before it: that goes on. */
	if (pipeline_runs(s->pipeline, COMMAND_ID_AUTHENTICATE) ||
	    pipeline_runs(s->pipeline, COMMAND_ID_LOGIN))
		return;
	if (!s->capabilities)
		s->refusals++;
	session_advance(s);
}

static void on_starttls(const ImapResult *result, void *data)
{
	ImapSession *s = data;

	/* The server's own words are not shown: anyone could have said them so far. */
	if (result->error)
		session_close_because(s, CORE_ERROR_TLS,
				      "%s refused to encrypt the connection (STARTTLS).", s->peer);
}

/* T189: a server that echoes the command must not bring the password to the screen. */
void session_refused(ImapSession *s, const GError *error)
{
	g_autoptr(GString) words = g_string_new(error->message);
	GError *shown = g_error_copy(error);

	session_hide_password(s, words);
	g_free(shown->message);
	shown->message = g_strdup(words->str);
	session_close(s, shown);
}

static void on_login(const ImapResult *result, void *data)
{
	ImapSession *s = data;

	if (result->error && !session_is_over(s))
		session_refused(s, result->error);
}

static void submit_step(ImapSession *s, Writer *w, ImapDone done)
{
	pipeline_submit(s->pipeline, NULL, w, true, NULL, NULL, done, s);
}

static void ask_capability(ImapSession *s)
{
	submit_step(s, session_begin(s, COMMAND_ID_CAPABILITY), on_capability);
}

static bool wants_introduction(const ImapSession *s)
{
	return s->introduce || (s->quirks & QUIRK_WANTS_ID);
}

/* CAPABILITY goes in front of the others, so that its answer is there before theirs where the
 * log-in's own does not tell. */
void session_follow_login(ImapSession *s)
{
	if (!s->blind || (s->quirks & QUIRK_DROPS_BEHIND_LOGIN) ||
	    (s->mechanism && (s->quirks & QUIRK_REREADS_BEHIND_AUTHENTICATE)))
		return;
	if (s->mechanism)
		pipeline_end_authenticate(s->pipeline);
	ask_capability(s);
	if (wants_introduction(s))
		session_introduce(s);
	if (s->enable_blind)
		session_enable(s, NULL, s->enable_blind, true);
	pipeline_hold(s->pipeline, PIPELINE_HOLDS_OTHERS);
}

static gboolean on_unheard(gpointer data)
{
	ImapSession *s = data;
	int64_t silence = g_get_monotonic_time() - s->silent_since;

	if (!pipeline_runs_blind(s->pipeline)) {
		s->unheard = 0;
		return G_SOURCE_REMOVE;
	}
	if (silence < UNHEARD_SECONDS * G_USEC_PER_SEC)
		return G_SOURCE_CONTINUE;
	s->unheard = 0;
	s->failed_blind = true;
	s->references++;
	session_close_because(s, CORE_ERROR_ABORT,
			      "%s does not answer what is sent behind a log-in.", s->peer);
	session_unref(s);
	return G_SOURCE_REMOVE;
}

static void send_login(ImapSession *s)
{
	g_autofree char *text = g_strdup_printf("Logging in as %s…", s->user);
	Writer *w = session_begin(s, COMMAND_ID_LOGIN);

	s->by_login = true;
	writer_string(w, s->user);
	writer_string(w, s->password);
	submit_step(s, w, on_login);
	session_follow_login(s);
	session_tell_phase(s, text);
}

static void await_password(ImapSession *s)
{
	s->password_state = PASSWORD_DUE;
	session_tell_phase(s, "Waiting for the password…");
}

void session_set_password(ImapSession *s, const char *password)
{
	bool due = s->password_state == PASSWORD_DUE;

	if (s->password_state == PASSWORD_TOLD)
		return;
	s->password = g_strdup(password);
	s->password_state = PASSWORD_TOLD;
	s->references++;
	if (due)
		session_advance(s);
	session_watch_progress(s);
	session_unref(s);
}

void session_advance(ImapSession *s)
{
	LoginFacts facts;
	GError *error = NULL;

	if (session_is_over(s))
		return;
	facts = session_facts(s);
	switch (login_next(&facts, &s->mechanism, &error)) {
	case LOGIN_CAPABILITY:
		if (!pipeline_runs(s->pipeline, COMMAND_ID_CAPABILITY))
			ask_capability(s);
		break;
	case LOGIN_STARTTLS:
		submit_step(s, session_begin(s, COMMAND_ID_STARTTLS), on_starttls);
		break;
	case LOGIN_AWAIT_PASSWORD:
		await_password(s);
		break;
	case LOGIN_AUTHENTICATE:
		session_authenticate(s);
		break;
	case LOGIN_LOGIN:
		send_login(s);
		break;
	case LOGIN_DONE:
		s->through = true;
		if (s->authenticated && wants_introduction(s))
			session_introduce(s);
		if (!pipeline_runs_blind(s->pipeline) && session_may_enable(s))
			session_enable(s, NULL, session_may_enable(s), true);
		pipeline_hold(s->pipeline, PIPELINE_HOLDS_NOTHING);
		if (s->authenticated)
			session_become(s, SESSION_AUTH);
		break;
	case LOGIN_CLOSE:
		session_close(s, error);
	}
}

/* What was said before log-in does not count after it, unless the server says it again. */
void session_logged_in(ImapSession *s, const StatusLine *line)
{
	if (!session_authenticated(s))
		return;
	if (line->code != CODE_CAPABILITY && !s->told_during_login)
		s->capabilities = 0;
	session_wipe_password(s);
	s->authenticated = true;
	s->through = false;
	s->refusals = 0;
	if (pipeline_runs_blind(s->pipeline))
		s->unheard = g_timeout_add(UNHEARD_LOOK_MS, on_unheard, s);
	else
		pipeline_hold(s->pipeline, PIPELINE_HOLDS_ALL);
	session_advance(s);
}

void session_greet(ImapSession *s, const Response *r)
{
	bool greeting = r->kind == RESPONSE_CONDITION && r->status.condition != CONDITION_NO &&
			r->status.condition != CONDITION_BAD;

	if (!greeting) {
		session_close_because(
			s, CORE_ERROR_ABORT,
			"%s did not greet as an IMAP server does; is this the right port?",
			s->peer);
		return;
	}
	if (r->status.condition == CONDITION_BYE) {
		session_dismissed(s, &r->status);
		return;
	}
	if (r->status.code == CODE_CAPABILITY && r->status.words)
		session_learn(s, r->status.words);
	s->quirks = quirk_of_greeting(r->status.text, r->status.words);
	s->preauth = s->authenticated = r->status.condition == CONDITION_PREAUTH;
	session_become(s, SESSION_NONAUTH);
	session_advance(s);
}

/* RFC 9051 6.2.1: what was known before the handshake may have been anyone's. */
void session_encrypt(ImapSession *s)
{
	s->encrypting = s->through = false;
	pipeline_hold(s->pipeline, PIPELINE_HOLDS_ALL);
	if (framer_buffered(s->framer)) {
		session_close_because(
			s, CORE_ERROR_TLS,
			"%s sent more behind its consent to encrypt: somebody may have put "
			"words into its mouth.",
			s->peer);
		return;
	}
	framer_free(s->framer);
	s->framer = framer_new(&s->limits);
	s->capabilities = 0;
	s->refusals = 0;
	transport_start_tls(s->transport, s->endpoint ? s->endpoint->host : NULL);
}
