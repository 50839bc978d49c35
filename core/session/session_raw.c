#define G_LOG_DOMAIN "sheaf-imap"

#include <string.h>
#include "core/session/session_private.h"

/* While s->raw is there the line is the caller's: it holds what came and was not taken. */

static bool take_over(ImapSession *s, GError **error)
{
	g_autoptr(GBytes) rest = NULL;
	gsize len;
	const void *bytes;

	if (session_is_over(s) || !session_is_through(s)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s is not ready for that.",
			    s->peer);
		return false;
	}
	if (!pipeline_is_idle(s->pipeline) || pipeline_runs(s->pipeline, COMMAND_ID_IDLE)) {
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE,
				    "Another command still runs.");
		return false;
	}
	if (s->raw)
		return true;
	rest = framer_take_rest(s->framer);
	if (!rest) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s is in the middle of a response.", s->peer);
		return false;
	}
	bytes = g_bytes_get_data(rest, &len);
	s->raw = g_byte_array_new();
	g_byte_array_append(s->raw, bytes, (guint)len);
	return true;
}

bool session_raw_send(ImapSession *s, GBytes *bytes, GError **error)
{
	if (!take_over(s, error))
		return false;
	g_debug("C: (%zu bytes)", g_bytes_get_size(bytes));
	session_write(s, bytes);
	return true;
}

bool session_raw_read(ImapSession *s, size_t len, SessionRawDone done, void *data, GError **error)
{
	if (!take_over(s, error))
		return false;
	if (s->raw_done) {
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE,
				    "Something else is being read.");
		return false;
	}
	s->raw_wanted = len;
	s->raw_done = done;
	s->raw_data = data;
	session_wake(s);
	return true;
}

static void tell(ImapSession *s, size_t len, const GError *error)
{
	SessionRawDone done = g_steal_pointer(&s->raw_done);
	g_autoptr(GBytes) bytes = g_bytes_new(s->raw->data, len);

	g_byte_array_remove_range(s->raw, 0, (guint)len);
	g_debug("S: (%zu bytes)", len);
	done(bytes, error, s->raw_data);
}

/* How many bytes fulfil the wish; 0 where they are not here, or none are wanted. */
static size_t wanted(const ImapSession *s)
{
	const guint8 *end;

	if (s->raw_wanted != SESSION_RAW_LINE)
		return s->raw->len >= s->raw_wanted ? s->raw_wanted : 0;
	end = s->raw->len ? memchr(s->raw->data, '\n', s->raw->len) : NULL;
	return end ? (size_t)(end - s->raw->data) + 1 : 0;
}

void session_raw_serve(ImapSession *s)
{
	size_t len = s->raw_done ? wanted(s) : 0;

	if (s->raw_done && (len > 0 || s->raw_wanted == 0))
		tell(s, len, NULL);
}

void session_raw_push(ImapSession *s, const char *buf, size_t len)
{
	if (s->raw->len + len > MIN(s->limits.max_other, G_MAXINT32)) {
		session_close_because(s, CORE_ERROR_ABORT, "%s sends more than is read of it.",
				      s->peer);
		return;
	}
	g_byte_array_append(s->raw, (const guint8 *)buf, (guint)len);
	session_raw_serve(s);
}

void session_raw_end(ImapSession *s, const GError *error)
{
	g_autoptr(GByteArray) rest = NULL;
	g_autoptr(GError) followed = g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED,
							 "a command followed before it came");

	if (s->raw_done)
		tell(s, session_is_over(s) ? s->raw->len : 0, error ? error : followed);
	rest = g_steal_pointer(&s->raw);
	if (rest && !session_is_over(s))
		session_take(s, (const char *)rest->data, rest->len);
}
