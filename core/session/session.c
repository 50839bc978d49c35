#include "config.h"
#define G_LOG_DOMAIN "sheaf-imap"

#include "core/session/session.h"

#include <string.h>
#include "core/session/session_private.h"
#include "core/wire/parser.h"
#include "core/wire/utf7.h"
#include "mime/text.h"

/* Who waits longer than this wants to know what for. */
#define SILENCE_SECONDS 2
#define LOG_BYTES       400 /* of a server line */
#define INFLATE_SLICE   (64 * 1024)

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
	if (!s->freed)
		s->events->state(s, state, s->self);
}

void session_tell_phase(ImapSession *s, const char *text)
{
	if (!session_is_over(s))
		s->events->phase(s, text, s->self);
}

void session_close(ImapSession *s, GError *error_take)
{
	if (session_is_over(s)) {
		g_error_free(error_take);
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

/* Logging */

static bool is_logged(void)
{
	return !g_log_writer_default_would_drop(G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN);
}

/* The password is hidden before the line is cut: half of it would be too much. */
static void log_frame(const ImapSession *s, const Frame *frame)
{
	size_t room = LOG_BYTES + (s->password ? strlen(s->password) : 0);
	g_autofree char *utf8 = text_to_utf8(frame->text, MIN(frame->len, room), NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);
	g_autoptr(GString) line = g_string_new(clean);

	session_hide_password(s, line);
	if (line->len > LOG_BYTES) {
		const char *end = g_utf8_find_prev_char(line->str, line->str + LOG_BYTES + 1);
		g_string_truncate(line, (gsize)(end - line->str));
	}
	g_debug("S: %s%s", line->str, frame->len > LOG_BYTES ? "…" : "");
}

/* The stall timer: as long as an answer is due, a byte a second must move one way or the other, or
 * whole responses come: single bytes now and then are no answer (T089). */

static bool answer_is_due(const ImapSession *s)
{
	return !s->through || pipeline_is_waiting(s->pipeline);
}

static unsigned patience(const ImapSession *s)
{
	if (s->state == SESSION_CONNECTING && s->connected)
		return MIN(s->stall_seconds, s->greeting_seconds);
	return pipeline_is_leaving_idle(s->pipeline) ? MIN(s->stall_seconds, s->done_seconds)
						     : s->stall_seconds;
}

static void note_progress(ImapSession *s)
{
	s->progress_at = g_get_monotonic_time();
	if (s->transport)
		s->progress_bytes =
			transport_bytes_in(s->transport) + transport_bytes_out(s->transport);
}

/* Silence is told of long before it is given up. */

static void tell_silence(ImapSession *s)
{
	unsigned seconds = session_silence(s);
	g_autofree char *text = NULL;

	if (seconds == s->told_silence)
		return;
	s->told_silence = seconds;
	if (seconds > 0)
		text = g_strdup_printf("%s has not answered for %u s.", s->peer, seconds);
	session_tell_phase(s, text ? text : "");
}

static gboolean on_silence(gpointer data)
{
	ImapSession *s = data;

	s->references++;
	s->silence = 0;
	tell_silence(s);
	if (!session_is_over(s) && pipeline_is_waiting(s->pipeline))
		s->silence = g_timeout_add_seconds(1, on_silence, s);
	session_unref(s);
	return G_SOURCE_REMOVE;
}

static void watch_silence(ImapSession *s)
{
	if (!session_is_over(s) && !s->silence && s->through && pipeline_is_waiting(s->pipeline))
		s->silence = g_timeout_add_seconds(SILENCE_SECONDS, on_silence, s);
}

static gboolean on_stall(gpointer data);

static void watch_progress(ImapSession *s)
{
	watch_silence(s);
	/* One that is set for longer would notice too late that DONE is not answered. */
	if (session_is_over(s) || !answer_is_due(s) || (s->stall && s->stall_for <= patience(s)))
		return;
	g_clear_handle_id(&s->stall, g_source_remove);
	note_progress(s);
	s->stall_for = patience(s);
	s->stall = g_timeout_add_seconds(s->stall_for, on_stall, s);
}

/* The server speaks first there: one that waits may want TLS (T093). */
static bool awaits_greeting_in_clear(const ImapSession *s)
{
	return s->state == SESSION_CONNECTING && s->connected && s->endpoint &&
	       (s->endpoint->kind == ENDPOINT_PLAIN || s->endpoint->kind == ENDPOINT_STARTTLS);
}

static gboolean on_stall(gpointer data)
{
	ImapSession *s = data;
	uint64_t bytes = transport_bytes_in(s->transport) + transport_bytes_out(s->transport);
	int64_t left;

	s->stall = 0;
	if (!answer_is_due(s))
		return G_SOURCE_REMOVE;
	if (bytes - s->progress_bytes >= patience(s))
		note_progress(s);
	left = s->progress_at + (int64_t)patience(s) * G_USEC_PER_SEC - g_get_monotonic_time();
	if (left > 0) {
		s->stall_for = patience(s);
		s->stall = g_timeout_add((guint)(left / 1000 + 1), on_stall, s);
		return G_SOURCE_REMOVE;
	}
	s->references++;
	if (awaits_greeting_in_clear(s))
		session_close_because(
			s, CORE_ERROR_ABORT,
			"%s says nothing on port %u; does it want TLS there (imaps://)?", s->peer,
			s->endpoint->port);
	else
		session_close_because(s, CORE_ERROR_ABORT, "%s has not answered for %u seconds.",
				      s->peer, patience(s));
	session_unref(s);
	return G_SOURCE_REMOVE;
}

/* What the server can after log-in is not known before it is through (T008). */
static void pump(ImapSession *s)
{
	pipeline_pump(s->pipeline, s->state, s->through && !s->unchecked ? s->capabilities : 0);
}

static gboolean on_turn(gpointer data)
{
	ImapSession *s = data;

	s->turn = 0;
	s->references++;
	if (!pipeline_is_waiting(s->pipeline))
		s->silent_since = g_get_monotonic_time();
	pump(s);
	watch_progress(s);
	session_unref(s);
	return G_SOURCE_REMOVE;
}

static void wake(void *self)
{
	ImapSession *s = self;

	if (!s->turn && !s->freed)
		s->turn = g_idle_add_full(G_PRIORITY_DEFAULT, on_turn, s, NULL);
}

/* Hooks of the pipeline */

static void write_bytes(GBytes *bytes, void *self)
{
	ImapSession *s = self;

	g_autoptr(GBytes) sent = s->deflate ? deflate_write(s->deflate, bytes) : g_bytes_ref(bytes);

	if (s->transport)
		transport_write(s->transport, sent);
}

static uint64_t unsent_bytes(void *self)
{
	const ImapSession *s = self;

	return s->transport ? transport_unsent(s->transport) : 0;
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
	if (s->state == SESSION_SELECTED)
		s->events->state(s, s->state, s->self);
	else
		session_become(s, SESSION_SELECTED);
}

static SessionState on_answered(const QueueEntry *entry, const StatusLine *line,
				const GError *error, void *self)
{
	ImapSession *s = self;
	unsigned flags = entry->spec->flags;

	if (line->code == CODE_CAPABILITY && line->words)
		s->capabilities = capability_parse(line->words);
	if (entry->spec->id == COMMAND_ID_ENABLE)
		s->enabled = s->told_enabled;
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
	return s->state;
}

static void on_challenged(const char *challenge, void *self)
{
	session_challenged(self, challenge);
}

static const PipelineHooks pipeline_hooks = {write_bytes, unsent_bytes,  on_working,
					     on_answered, on_challenged, wake};

/* Responses */

/* What may come before log-in; anything else is mailbox data that nobody can have asked for. */
static const unsigned before_auth = WANTS(TAGGED) | WANTS(CONTINUE) | WANTS(CONDITION) |
				    WANTS(CAPABILITY) | WANTS(ENABLED) | WANTS(OTHER);

static bool is_logging_in(const ImapSession *s)
{
	return pipeline_runs(s->pipeline, COMMAND_ID_LOGIN) ||
	       pipeline_runs(s->pipeline, COMMAND_ID_AUTHENTICATE);
}

static void note_capabilities(ImapSession *s, const Response *r)
{
	const QueueEntry *owner = pipeline_owner(s->pipeline, r);

	s->capabilities = capability_parse(r->words);
	if (!owner && is_logging_in(s))
		s->told_during_login = true;
}

static void note_condition(ImapSession *s, const StatusLine *line)
{
	if (line->condition == CONDITION_BYE) {
		if (!pipeline_runs(s->pipeline, COMMAND_ID_LOGOUT))
			session_dismissed(s, line);
		return;
	}
	if (line->code == CODE_CAPABILITY && line->words) {
		s->capabilities = capability_parse(line->words);
		s->told_during_login |= is_logging_in(s);
	}
	if (s->mailbox && line->code == CODE_READ_ONLY)
		s->readonly = true;
	if (s->mailbox && line->code == CODE_READ_WRITE)
		s->readonly = false;
}

/* Only what was asked for: nobody else decides what is enabled here (T073). */
static void note_enabled(ImapSession *s, const Response *r)
{
	if (pipeline_runs(s->pipeline, COMMAND_ID_ENABLE))
		s->told_enabled |= capability_parse(r->words) & s->enabling;
}

static void take_untagged(ImapSession *s, const Response *r)
{
	if (!s->authenticated && !(before_auth & (1u << r->kind))) {
		session_close_because(
			s, CORE_ERROR_ABORT,
			"%s sent mail data before log-in, which no honest server does.", s->peer);
		return;
	}
	if (r->kind == RESPONSE_CAPABILITY)
		note_capabilities(s, r);
	else if (r->kind == RESPONSE_ENABLED)
		note_enabled(s, r);
	else if (r->kind == RESPONSE_CONDITION)
		note_condition(s, &r->status);
	if (session_is_over(s))
		return;
	pipeline_data(s->pipeline, r);
	if (r->kind == RESPONSE_CHUNK)
		return;
	if (!session_is_over(s) && !session_hears_anyone(s))
		s->events->response(s, r, s->self);
}

static void take_tagged(ImapSession *s, const Response *r)
{
	const QueueEntry *owner = pipeline_owner(s->pipeline, r);
	bool logout = owner && owner->spec->id == COMMAND_ID_LOGOUT;
	GError *error = NULL;

	if (!pipeline_tagged(s->pipeline, r, &error)) {
		s->failed_blind = s->authenticated && pipeline_runs_blind(s->pipeline);
		session_close(s, error);
	} else if (logout && r->status.condition == CONDITION_OK) {
		session_close_because(s, CORE_ERROR_CANCELLED, "You logged out of %s.", s->peer);
	}
}

static void take(ImapSession *s, const Response *r)
{
	GError *error = NULL;

	if (s->state == SESSION_CONNECTING)
		session_greet(s, r);
	else if (r->kind == RESPONSE_TAGGED)
		take_tagged(s, r);
	else if (r->kind != RESPONSE_CONTINUE)
		take_untagged(s, r);
	else if (!pipeline_continue(s->pipeline, r->text, &error))
		session_close(s, error);
}

/* RFC 6855 3: names come in UTF-8 then.  Inside they are always in modified UTF-7, so that a
 * mailbox has one name whatever a connection has enabled. */
static void name_as_ever(const ImapSession *s, Response *r)
{
	const char **name = r->kind == RESPONSE_STATUS ? &r->mailbox.name
			    : r->kind == RESPONSE_LIST || r->kind == RESPONSE_LSUB ? &r->list.name
										   : NULL;
	g_autofree char *encoded = NULL;

	if (!name || !(s->enabled & CAP(UTF8_ACCEPT)) || !g_utf8_validate(*name, -1, NULL))
		return;
	encoded = utf7_encode(*name);
	*name = arena_strndup(s->arena, encoded, strlen(encoded));
}

static void leave_out(ImapSession *s, const Frame *frame, const GError *error)
{
	g_autofree char *utf8 = text_to_utf8(frame->text, MIN(frame->len, 80), NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);

	pipeline_void_chunks(s->pipeline);
	if (s->through)
		g_message("%s: a line was left out (%s): %s", s->peer, error->message, clean);
	else
		session_close_because(
			s, CORE_ERROR_ABORT,
			"%s does not speak IMAP as it should; is this the right port?", s->peer);
}

/* What stands in front of a body is read once, however many chunks there are. */
static void take_chunk(ImapSession *s, const Frame *frame)
{
	const FrameChunk *chunk = &frame->chunk;
	g_autoptr(GError) error = NULL;

	if (chunk->offset == 0 && !parser_read(s->arena, frame, &s->chunk, &error)) {
		leave_out(s, frame, error);
		s->chunk.kind = RESPONSE_OTHER;
	}
	if (s->chunk.kind == RESPONSE_CHUNK) {
		s->chunk.chunk.bytes = chunk->bytes;
		s->chunk.chunk.len = chunk->len;
		s->chunk.chunk.offset = chunk->offset;
		take(s, &s->chunk);
	}
	if (chunk->offset + chunk->len == chunk->total)
		arena_reset(s->arena);
}

static void take_frame(ImapSession *s, const Frame *frame)
{
	g_autoptr(GError) error = NULL;
	Response response;

	if (parser_read(s->arena, frame, &response, &error)) {
		name_as_ever(s, &response);
		take(s, &response);
	} else {
		leave_out(s, frame, error);
	}
	arena_reset(s->arena);
}

/* Events of the transport */

static void on_ready(Transport *t G_GNUC_UNUSED, void *self)
{
	ImapSession *s = self;

	s->references++;
	s->connected = true;
	note_progress(s);
	watch_progress(s);
	if (s->state != SESSION_CONNECTING)
		session_advance(s);
	session_unref(s);
}

/* All whole responses that are here. */
static void take_frames(ImapSession *s)
{
	bool logged = is_logged();
	GError *error = NULL;
	Frame frame;

	while (!session_is_over(s) && !s->encrypting && !s->compressing &&
	       framer_next(s->framer, &frame, &error) > 0) {
		if (logged && frame.chunk.offset == 0)
			log_frame(s, &frame);
		note_progress(s);
		if (frame.chunk.total != 0)
			take_chunk(s, &frame);
		else
			take_frame(s, &frame);
	}
	if (error) {
		g_prefix_error(&error, "%s: ", s->peer);
		session_close(s, error);
	} else if (s->encrypting && !session_is_over(s)) {
		session_encrypt(s);
	}
}

static gboolean on_inflating(gpointer data);

/* A slice of what is compressed, and the rest of it at the next turn of the loop. */
static void take_compressed(ImapSession *s)
{
	char slice[INFLATE_SLICE];
	GError *error = NULL;
	gssize n = deflate_next(s->deflate, slice, sizeof(slice), &error);

	if (n < 0) {
		session_close(s, error);
		return;
	}
	if (n > 0) {
		framer_push(s->framer, slice, (size_t)n);
		take_frames(s);
	}
	if (n > 0 && !session_is_over(s) && !s->inflating)
		s->inflating = g_idle_add_full(G_PRIORITY_DEFAULT, on_inflating, s, NULL);
}

static gboolean on_inflating(gpointer data)
{
	ImapSession *s = data;

	s->references++;
	s->inflating = 0;
	take_compressed(s);
	if (!session_is_over(s)) {
		pump(s);
		s->events->batch_end(s, s->self);
	}
	session_unref(s);
	return G_SOURCE_REMOVE;
}

static void push_compressed(ImapSession *s, const char *buf, size_t len)
{
	GError *error = NULL;

	if (!deflate_push(s->deflate, buf, len, &error))
		session_close(s, error);
	else if (!s->inflating)
		take_compressed(s);
}

/* RFC 4978 3: the byte behind the line end of the OK is the first that is compressed. */
static void begin_compression(ImapSession *s)
{
	g_autoptr(GBytes) rest = framer_take_rest(s->framer);
	gsize len;
	const char *bytes = g_bytes_get_data(rest, &len);

	s->compressing = false;
	s->deflate = deflate_new();
	if (len > 0)
		push_compressed(s, bytes, len);
}

static void on_received(Transport *t G_GNUC_UNUSED, const char *buf, size_t len, void *self)
{
	ImapSession *s = self;

	s->references++;
	s->silent_since = g_get_monotonic_time();
	if (s->deflate) {
		push_compressed(s, buf, len);
	} else {
		framer_push(s->framer, buf, len);
		take_frames(s);
		if (s->compressing && !session_is_over(s))
			begin_compression(s);
	}
	session_unref(s);
}

static void on_batch_end(Transport *t G_GNUC_UNUSED, void *self)
{
	ImapSession *s = self;

	s->references++;
	if (!session_is_over(s))
		pump(s);
	if (!session_is_over(s))
		s->events->batch_end(s, s->self);
	tell_silence(s);
	watch_progress(s);
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
	note_progress(s);
	session_tell_phase(s, text);
	session_unref(s);
}

static const TransportEvents transport_events = {on_ready, on_received, on_batch_end, on_closed,
						 on_phase};

/* Public */

static const char *first_set(const char *a, const char *b)
{
	return a && *a ? a : b;
}

static ImapSession *session_new(const SessionConfig *config, const SessionEvents *events,
				void *self)
{
	ImapSession *s = g_new0(ImapSession, 1);
	const Endpoint *to = config->endpoint;

	s->references = 1;
	s->events = events;
	s->self = self;
	s->endpoint = to;
	s->user = g_strdup(first_set(config->user, to ? to->user : NULL));
	s->password = g_strdup(config->password ? config->password : to ? to->password : NULL);
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

static TransportOptions transport_options(const ImapSession *s, const SessionConfig *config)
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
	TransportOptions options = transport_options(s, config);

	s->transport = transport_connect(s->endpoint, &options, &transport_events, s);
	watch_progress(s);
	return s;
}

ImapSession *session_open_fd(int fd_take, bool secure, const SessionConfig *config,
			     const SessionEvents *events, void *self)
{
	ImapSession *s = session_new(config, events, self);
	TransportOptions options = transport_options(s, config);

	s->trusted = secure;
	s->transport = transport_from_fd(fd_take, &options, &transport_events, s);
	watch_progress(s);
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

Capability session_enabled(const ImapSession *s)
{
	return s->enabled | (s->through ? 0 : s->enable_blind);
}

Capability session_may_enable(const ImapSession *s)
{
	bool offered = s->capabilities & (CAP(ENABLE) | CAP(IMAP4REV2));

	return s->through && s->authenticated && offered
		       ? s->enable & s->capabilities & ~s->enabling
		       : 0;
}

void session_enable(ImapSession *s, Scope *scope, Capability what, bool first)
{
	g_autofree char *names = capability_format(what);
	Writer *w = session_begin(s, COMMAND_ID_ENABLE);

	writer_raw(w, names);
	s->enabling |= what;
	s->enabled |= what;
	pipeline_submit(s->pipeline, scope, w, first, NULL, NULL, NULL, NULL);
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

bool session_is_idle(const ImapSession *s)
{
	return pipeline_is_idle(s->pipeline);
}

Writer *session_begin(ImapSession *s, CommandId id)
{
	/* Not what is offered counts for the writer, but what is enabled. */
	Capability caps = (s->capabilities & ~CAP(UTF8_ACCEPT)) | (s->enabled & CAP(UTF8_ACCEPT));

	return writer_new(&command_table[id], caps);
}

/* ENABLE typed by hand. */
static void note_enabling(ImapSession *s, const Writer *w)
{
	g_autofree char *line = writer_log(w);
	g_auto(GStrv) words = g_strsplit(line, " ", -1);

	s->enabling |= capability_parse((const char *const *)words) & SESSION_ENABLES;
}

ImapCommand *session_submit(ImapSession *s, Scope *scope, Writer *w_take, ImapData on_data,
			    ImapDone done, void *data)
{
	LoginFacts facts = session_facts(s);
	GError *refusal = NULL;

	if (writer_spec(w_take)->id == COMMAND_ID_ENABLE)
		note_enabling(s, w_take);
	if (writer_spec(w_take)->flags & COMMAND_SECRET)
		login_allowed(&facts, writer_spec(w_take)->id == COMMAND_ID_LOGIN, &refusal);
	return pipeline_submit(s->pipeline, scope, w_take, false, refusal, on_data, done, data);
}

bool session_progress(const ImapSession *s, uint64_t *have, uint64_t *total)
{
	return framer_progress(s->framer, have, total);
}

unsigned session_silence(const ImapSession *s)
{
	int64_t seconds = (g_get_monotonic_time() - s->silent_since) / G_USEC_PER_SEC;
	bool due = s->through && !session_is_over(s) && pipeline_is_waiting(s->pipeline);

	return due && seconds >= SILENCE_SECONDS ? (unsigned)seconds : 0;
}

unsigned session_overdue(ImapSession *s)
{
	return s->transport ? transport_overdue(s->transport) : 0;
}

void session_test(ImapSession *s, unsigned ms)
{
	if (session_is_over(s) || !s->through)
		return;
	transport_hurry(s->transport, ms);
	if (pipeline_runs(s->pipeline, COMMAND_ID_IDLE))
		pipeline_break_idle(s->pipeline);
	else
		pipeline_submit(s->pipeline, NULL, session_begin(s, COMMAND_ID_NOOP), false, NULL,
				NULL, NULL, NULL);
}

bool session_is_stuck(const ImapSession *s)
{
	return !session_is_over(s) && pipeline_is_stuck(s->pipeline);
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
