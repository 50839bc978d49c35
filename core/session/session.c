#include "config.h"
#define G_LOG_DOMAIN "sheaf-imap"

#include "core/session/session.h"

#include <string.h>
#include "core/session/session_private.h"

void session_unref(ImapSession *s)
{
	if (--s->references > 0)
		return;
	pipeline_free(s->pipeline);
	framer_free(s->framer);
	deflate_free(s->deflate);
	arena_free(s->arena);
	session_wipe_password(s);
	g_free(s->user);
	g_free(s->wish);
	g_free(s->remembered);
	g_free(s->ca_file);
	g_free(s->client_cert);
	g_free(s->client_key);
	g_free(s->pin);
	g_free(s->peer);
	g_free(s->mailbox);
	g_clear_error(&s->over);
	g_clear_error(&s->doom);
	g_free(s);
}

bool session_is_over(const ImapSession *s)
{
	return s->freed || s->over;
}

void session_become(ImapSession *s, SessionState state)
{
	if (s->state == state)
		return;
	g_debug("%s: %s -> %s", s->peer, command_state_name(s->state), command_state_name(state));
	s->state = state;
	if (state != SESSION_SELECTED)
		g_clear_pointer(&s->mailbox, g_free);
	if (!s->freed && s->events->state)
		s->events->state(s, state, s->self);
}

void session_log(ImapSession *s, bool sent, const char *line)
{
	g_debug("%c: %s", sent ? 'C' : 'S', line);
	if (!s->freed && s->events->line)
		s->events->line(s, sent, line, s->self);
}

void session_learn(ImapSession *s, const char *const *words)
{
	s->capabilities = capability_parse(words);
	s->append_limit = capability_append_limit(words);
}

void session_tell_phase(ImapSession *s, const char *text)
{
	if (!session_is_over(s) && s->events->phase)
		s->events->phase(s, text, s->self);
}

void session_close(ImapSession *s, GError *error_take)
{
	if (session_is_over(s) || (s->answering && s->doom)) {
		g_error_free(error_take);
		return;
	}
	if (s->answering) {
		s->doom = error_take;
		return;
	}
	s->over = error_take;
	g_debug("%s: closed: %s", s->peer, error_take->message);
	g_clear_handle_id(&s->stall, g_source_remove);
	g_clear_handle_id(&s->unheard, g_source_remove);
	g_clear_handle_id(&s->silence, g_source_remove);
	g_clear_handle_id(&s->inflating, g_source_remove);
	g_clear_pointer(&s->transport, transport_free);
	session_wipe_password(s);
	session_become(s, SESSION_LOGOUT);
	pipeline_end(s->pipeline, s->over);
	session_raw_end(s, s->over);
	if (!s->freed)
		s->events->closed(s, s->over, s->self);
}

void session_close_because(ImapSession *s, CoreError code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	session_close(s, g_error_new_valist(CORE_ERROR, code, format, args));
	va_end(args);
}

/* What the server can after log-in is not known before it is through (T008). */
void session_pump(ImapSession *s)
{
	if (s->raw && !pipeline_is_idle(s->pipeline))
		session_raw_end(s, NULL);
	pipeline_pump(s->pipeline, s->state, s->through && !s->unchecked ? s->capabilities : 0);
}

static gboolean on_turn(gpointer data)
{
	ImapSession *s = data;

	s->turn = 0;
	s->references++;
	if (!pipeline_is_waiting(s->pipeline))
		s->silent_since = g_get_monotonic_time();
	session_raw_serve(s);
	session_pump(s);
	session_watch_progress(s);
	session_unref(s);
	return G_SOURCE_REMOVE;
}

void session_wake(ImapSession *s)
{
	if (!s->turn && !s->freed)
		s->turn = g_idle_add_full(G_PRIORITY_DEFAULT, on_turn, s, NULL);
}

/* Hooks of the pipeline */

static void wake(void *self)
{
	session_wake(self);
}

void session_write(ImapSession *s, GBytes *bytes)
{
	g_autoptr(GBytes) sent = s->deflate ? deflate_write(s->deflate, bytes) : g_bytes_ref(bytes);

	if (s->transport)
		transport_write(s->transport, sent);
}

static void write_bytes(GBytes *bytes, void *self)
{
	session_write(self, bytes);
}

uint64_t session_unsent(const ImapSession *s)
{
	return s->transport ? transport_unsent(s->transport) : 0;
}

static uint64_t unsent_bytes(void *self)
{
	return session_unsent(self);
}

/* From here on, what comes is no longer of the mailbox that was open. */
static void on_working(const QueueEntry *entry, void *self)
{
	ImapSession *s = self;

	if (entry->spec->flags & COMMAND_TO_SELECTED)
		g_clear_pointer(&s->mailbox, g_free);
}

static void selected(ImapSession *s, const QueueEntry *entry, const StatusLine *line)
{
	g_free(s->mailbox);
	s->mailbox = g_strdup(entry->mailbox);
	s->readonly = entry->spec->id == COMMAND_ID_EXAMINE || line->code == CODE_READ_ONLY;
	/* Also from one mailbox to another, so that listeners look again. */
	if (s->state != SESSION_SELECTED)
		session_become(s, SESSION_SELECTED);
	else if (s->events->state)
		s->events->state(s, s->state, s->self);
}

static void learn_answer(ImapSession *s, const QueueEntry *entry, const StatusLine *line,
			 const GError *error)
{
	unsigned flags = entry->spec->flags;

	if (line->code == CODE_CAPABILITY && line->words)
		session_learn(s, line->words);
	if (entry->spec->id == COMMAND_ID_ENABLE)
		session_enable_answered(s);
	if (entry->spec->id == COMMAND_ID_STARTTLS)
		s->encrypting = !error;
	if (entry->spec->id == COMMAND_ID_COMPRESS)
		s->compressing = !error;
	if (!error && (flags & COMMAND_TO_AUTH) && (flags & COMMAND_SECRET))
		session_logged_in(s, line);
	else if (!error && (flags & COMMAND_TO_AUTH))
		session_become(s, SESSION_AUTH);
	else if (!error && (flags & COMMAND_TO_SELECTED))
		selected(s, entry, line);
	else if (line->condition == CONDITION_NO && (flags & COMMAND_TO_SELECTED))
		session_become(s, SESSION_AUTH);
}

/* Nothing is told behind the end, so that what ends the session here waits for the command. */
static SessionState on_answered(const QueueEntry *entry, const StatusLine *line,
				const GError *error, void *self)
{
	ImapSession *s = self;

	s->answering = true;
	learn_answer(s, entry, line, error);
	s->answering = false;
	return s->state;
}

static void on_challenged(const char *challenge, void *self)
{
	session_challenged(self, challenge);
}

static void on_said(const char *line, void *self)
{
	session_log(self, true, line);
}

static const PipelineHooks pipeline_hooks = {write_bytes, unsent_bytes,    on_working,
					     on_answered, on_challenged,   on_said,
					     wake,        session_spelling};

/* Events of the transport */

static void on_ready(Transport *t G_GNUC_UNUSED, void *self)
{
	ImapSession *s = self;

	s->references++;
	s->connected = true;
	session_note_progress(s);
	session_watch_progress(s);
	if (s->state != SESSION_CONNECTING)
		session_advance(s);
	session_unref(s);
}

static void on_received(Transport *t G_GNUC_UNUSED, const char *buf, size_t len, void *self)
{
	ImapSession *s = self;

	s->references++;
	s->silent_since = g_get_monotonic_time();
	session_read(s, buf, len);
	session_unref(s);
}

static void on_batch_end(Transport *t G_GNUC_UNUSED, void *self)
{
	ImapSession *s = self;

	s->references++;
	if (!session_is_over(s))
		session_pump(s);
	if (!session_is_over(s) && s->events->batch_end)
		s->events->batch_end(s, s->self);
	session_tell_silence(s);
	session_watch_progress(s);
	session_unref(s);
}

static void on_closed(Transport *t G_GNUC_UNUSED, const GError *error, void *self)
{
	ImapSession *s = self;

	s->references++;
	session_close(s, g_error_copy(error));
	session_unref(s);
}

static void on_phase(Transport *t G_GNUC_UNUSED, const char *text, void *self)
{
	ImapSession *s = self;

	s->references++;
	session_note_progress(s);
	session_tell_phase(s, text);
	session_unref(s);
}

const TransportEvents session_transport_events = {on_ready,  on_received, on_batch_end,
						  on_closed, on_phase,    session_missing};

/* Public */

static const char *first_set(const char *a, const char *b)
{
	return a && *a ? a : b;
}

ImapSession *session_new(const SessionConfig *config, const SessionEvents *events, void *self)
{
	ImapSession *s = g_new0(ImapSession, 1);
	const Endpoint *to = config->endpoint;

	s->references = 1;
	s->events = events;
	s->self = self;
	s->endpoint = to;
	s->user = g_strdup(first_set(config->user, to ? to->user : NULL));
	s->password = g_strdup(config->password ? config->password : to ? to->password : NULL);
	s->password_state = config->password_follows ? PASSWORD_FOLLOWS : PASSWORD_TOLD;
	s->is_token = config->is_token;
	s->wish = g_strdup(config->sasl);
	s->remembered = g_strdup(config->remembered);
	s->ca_file = g_strdup(config->ca_file);
	s->client_cert = g_strdup(first_set(config->client_cert, NULL));
	s->client_key = g_strdup(first_set(config->client_key, s->client_cert));
	s->pin = g_strdup(first_set(config->pin, NULL));
	s->allow_clear = config->allow_clear;
	s->manual = config->manual;
	s->unchecked = config->unchecked;
	s->blind = config->blind;
	s->enable = config->enable & SESSION_ENABLES;
	s->enable_blind = config->enable_blind & s->enable;
	s->introduce = config->introduce;
	s->stall_seconds = config->stall_seconds ? config->stall_seconds : SESSION_STALL_SECONDS;
	s->done_seconds = config->done_seconds ? config->done_seconds : SESSION_DONE_SECONDS;
	s->greeting_seconds =
		config->greeting_seconds ? config->greeting_seconds : s->stall_seconds;
	s->silent_since = g_get_monotonic_time();
	s->peer = g_strdup(!to ? "The server" : to->host ? to->host : to->label);
	s->limits = config->limits ? *config->limits : framer_default_limits;
	s->framer = framer_new(&s->limits);
	s->arena = arena_new();
	s->pipeline = pipeline_new(s->peer, &pipeline_hooks, s);
	return s;
}

TransportOptions session_transport_options(const ImapSession *s, const SessionConfig *config)
{
	return (TransportOptions){.connect_seconds = config->connect_seconds,
				  .dead_ms = config->dead_ms,
				  .ca_file = s->ca_file,
				  .client_cert = s->client_cert,
				  .client_key = s->client_key,
				  .pin = s->pin};
}

ImapSession *session_open(const SessionConfig *config, const SessionEvents *events, void *self)
{
	ImapSession *s = session_new(config, events, self);
	TransportOptions options = session_transport_options(s, config);

	s->transport = transport_connect(s->endpoint, &options, &session_transport_events, s);
	session_watch_progress(s);
	return s;
}

ImapSession *session_open_fd(int fd_take, bool secure, const SessionConfig *config,
			     const SessionEvents *events, void *self)
{
	ImapSession *s = session_new(config, events, self);
	TransportOptions options = session_transport_options(s, config);

	s->trusted = secure;
	s->transport = transport_from_fd(fd_take, &options, &session_transport_events, s);
	session_watch_progress(s);
	return s;
}

void session_free(ImapSession *s)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "the session was ended");

	if (!s)
		return;
	s->freed = true;
	g_clear_handle_id(&s->turn, g_source_remove);
	g_clear_handle_id(&s->stall, g_source_remove);
	g_clear_handle_id(&s->unheard, g_source_remove);
	g_clear_handle_id(&s->silence, g_source_remove);
	g_clear_handle_id(&s->inflating, g_source_remove);
	session_end_sasl(s);
	pipeline_end(s->pipeline, error);
	session_raw_end(s, error);
	g_clear_pointer(&s->transport, transport_free);
	session_unref(s);
}

SessionState session_state(const ImapSession *s)
{
	return s->state;
}

Capability session_capabilities(const ImapSession *s)
{
	return s->capabilities;
}

int session_descriptor(const ImapSession *s)
{
	return s->transport ? transport_descriptor(s->transport) : -1;
}

bool session_is_through(const ImapSession *s)
{
	return s->through && !s->encrypting;
}

bool session_is_secure(const ImapSession *s)
{
	return s->trusted || (s->transport && transport_is_secure(s->transport));
}

bool session_is_encrypted(const ImapSession *s)
{
	return s->transport && transport_is_encrypted(s->transport);
}

bool session_introduce(ImapSession *s)
{
	Writer *w;

	if (s->introduced || !(s->capabilities & CAP(ID)))
		return false;
	s->introduced = true;
	w = session_begin(s, COMMAND_ID_ID);
	writer_open(w);
	writer_string(w, "name");
	writer_string(w, "Sheaf");
	writer_string(w, "version");
	writer_string(w, PACKAGE_VERSION);
	writer_close(w);
	pipeline_submit(s->pipeline, NULL, w, true, NULL, NULL, NULL, NULL);
	return true;
}

const char *session_mechanism(const ImapSession *s)
{
	if (!s->authenticated || (!s->mechanism && !s->by_login))
		return NULL;
	return s->mechanism ? s->mechanism->name : "LOGIN";
}

const char *session_mailbox(const ImapSession *s)
{
	return pipeline_will_leave(s->pipeline) ? NULL : s->mailbox;
}

bool session_is_readonly(const ImapSession *s)
{
	return s->mailbox && s->readonly;
}

bool session_failed_blind(const ImapSession *s)
{
	return s->failed_blind;
}

bool session_is_selecting(const ImapSession *s)
{
	return pipeline_runs(s->pipeline, COMMAND_ID_SELECT) ||
	       pipeline_runs(s->pipeline, COMMAND_ID_EXAMINE);
}

bool session_idle_tells(const ImapSession *s)
{
	return (s->capabilities & (CAP(IDLE) | CAP(IMAP4REV2))) &&
	       !(s->quirks & QUIRK_MUTE_IN_IDLE);
}

bool session_tells_mailboxid(const ImapSession *s)
{
	return (s->capabilities & CAP(OBJECTID)) && !(s->quirks & QUIRK_GARBLES_STATUS);
}

bool session_is_idle(const ImapSession *s)
{
	return pipeline_is_idle(s->pipeline);
}

Writer *session_begin(ImapSession *s, CommandId id)
{
	const CommandSpec *spec = &command_table[id];

	return writer_new(spec, session_written_with(s, spec));
}

/* RFC 7889 2: said before a long message is sent in vain. */
static GError *refuse_size(const ImapSession *s, const Writer *w)
{
	uint64_t size = writer_largest_literal(w);

	if (writer_spec(w)->id != COMMAND_ID_APPEND || !s->append_limit || size <= s->append_limit)
		return NULL;
	return g_error_new(CORE_ERROR, CORE_ERROR_STATE,
			   "%s takes messages of %" G_GUINT64_FORMAT
			   " bytes at most (APPENDLIMIT), and this one has %" G_GUINT64_FORMAT ".",
			   s->peer, s->append_limit, size);
}

ImapCommand *session_submit(ImapSession *s, Scope *scope, Writer *w_take, ImapData on_data,
			    ImapDone done, void *data)
{
	LoginFacts facts = session_facts(s);
	GError *refusal = refuse_size(s, w_take);

	if (writer_spec(w_take)->id == COMMAND_ID_ENABLE)
		session_note_enabling(s, w_take);
	if (writer_spec(w_take)->flags & COMMAND_SECRET)
		login_allowed(&facts, writer_spec(w_take)->id == COMMAND_ID_LOGIN, &refusal);
	return pipeline_submit(s->pipeline, scope, w_take, false, refusal, on_data, done, data);
}

bool session_progress(const ImapSession *s, uint64_t *have, uint64_t *total)
{
	return framer_progress(s->framer, have, total);
}

bool session_is_stuck(const ImapSession *s)
{
	return !session_is_over(s) && pipeline_is_stuck(s->pipeline);
}

void session_shut(ImapSession *s)
{
	s->references++;
	session_close_because(s, CORE_ERROR_ABORT, "The connection to %s was closed.", s->peer);
	session_unref(s);
}

void session_abandon(ImapSession *s)
{
	s->references++;
	session_close_because(s, CORE_ERROR_ABORT, "%s still answers what was cancelled.", s->peer);
	session_unref(s);
}

void session_break_idle(ImapSession *s)
{
	pipeline_break_idle(s->pipeline);
}
