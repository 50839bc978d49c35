#include "config.h"
#define G_LOG_DOMAIN "sheaf-imap"

#include <string.h>
#include "core/session/session_private.h"
#include "core/wire/parser.h"
#include "core/wire/utf7.h"
#include "mime/text.h"

#define LOG_BYTES     400 /* of a server line */
#define INFLATE_SLICE (64 * 1024)
/* A turn of the loop: what comes in shrunk to no less than a sixteenth never has to wait. */
#define INFLATE_SLICES 16

/* Logging */

static bool is_logged(const ImapSession *s)
{
	return s->events->line || !g_log_writer_default_would_drop(G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN);
}

/* The password is hidden before the line is cut: half of it would be too much. */
static void log_frame(ImapSession *s, const Frame *frame)
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
	if (frame->len > LOG_BYTES)
		g_string_append(line, "…");
	session_log(s, false, line->str);
}

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

	session_learn(s, r->words);
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
		session_learn(s, line->words);
		s->told_during_login |= is_logging_in(s);
	}
	if (s->mailbox && line->code == CODE_READ_ONLY)
		s->readonly = true;
	if (s->mailbox && line->code == CODE_READ_WRITE)
		s->readonly = false;
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
		session_note_enabled(s, r);
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
	bool enable = owner && owner->spec->id == COMMAND_ID_ENABLE;
	GError *error = NULL;

	if (!pipeline_tagged(s->pipeline, r, &error)) {
		s->failed_blind = s->authenticated && pipeline_runs_blind(s->pipeline);
		session_close(s, error);
	} else if (s->doom) {
		session_close(s, g_steal_pointer(&s->doom));
	} else if (logout && r->status.condition == CONDITION_OK) {
		session_close_because(s, CORE_ERROR_CANCELLED, "You logged out of %s.", s->peer);
	} else if (enable && !session_is_over(s)) {
		session_check_enabled(s);
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

/* RFC 6855 3, RFC 9051 5.1: names come in UTF-8 then.  Inside they are always in modified UTF-7, so
 * that a mailbox has one name whatever a connection has enabled. */
static void name_as_ever(const ImapSession *s, Response *r)
{
	const char **name = r->kind == RESPONSE_STATUS ? &r->mailbox.name
			    : r->kind == RESPONSE_LIST || r->kind == RESPONSE_LSUB ? &r->list.name
										   : NULL;
	g_autofree char *encoded = NULL;

	if (!name || !(session_enabled(s) & (CAP(UTF8_ACCEPT) | CAP(IMAP4REV2))) ||
	    !g_utf8_validate(*name, -1, NULL))
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

/* All whole responses that are here. */
static void take_frames(ImapSession *s)
{
	bool logged = is_logged(s);
	GError *error = NULL;
	Frame frame;

	while (!session_is_over(s) && !s->encrypting && !s->compressing &&
	       framer_next(s->framer, &frame, &error) > 0) {
		if (logged && frame.chunk.offset == 0)
			log_frame(s, &frame);
		session_note_progress(s);
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

void session_take(ImapSession *s, const char *buf, size_t len)
{
	if (s->raw) {
		session_raw_push(s, buf, len);
		return;
	}
	framer_push(s->framer, buf, len);
	take_frames(s);
}

static gboolean on_inflating(gpointer data);

/* False where no more of it is here. */
static bool take_slice(ImapSession *s)
{
	char slice[INFLATE_SLICE];
	GError *error = NULL;
	gssize n = deflate_next(s->deflate, slice, sizeof(slice), &error);

	if (n < 0)
		session_close(s, error);
	if (n <= 0)
		return false;
	session_take(s, slice, (size_t)n);
	return !session_is_over(s);
}

/* A few slices of what is compressed, and the rest of it at the next turn of the loop. */
static void take_compressed(ImapSession *s)
{
	for (unsigned i = 0; i < INFLATE_SLICES; i++)
		if (!take_slice(s))
			return;
	if (!s->inflating)
		s->inflating = g_idle_add_full(G_PRIORITY_DEFAULT, on_inflating, s, NULL);
}

static gboolean on_inflating(gpointer data)
{
	ImapSession *s = data;

	s->references++;
	s->inflating = 0;
	take_compressed(s);
	if (!session_is_over(s)) {
		session_pump(s);
		if (s->events->batch_end)
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

void session_read(ImapSession *s, const char *buf, size_t len)
{
	if (s->deflate) {
		push_compressed(s, buf, len);
		return;
	}
	session_take(s, buf, len);
	if (s->compressing && !session_is_over(s))
		begin_compression(s);
}
