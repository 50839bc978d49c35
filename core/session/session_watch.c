#include "config.h"
#define G_LOG_DOMAIN "sheaf-imap"

#include "core/session/session_private.h"

/* Who waits longer than this wants to know what for. */
#define SILENCE_SECONDS 2

/* The stall timer: as long as an answer is due, a byte a second must move one way or the other, or
 * whole responses come: single bytes now and then are no answer (T089). */

static bool answer_is_due(const ImapSession *s)
{
	return (!s->through && s->password_state != PASSWORD_DUE) || s->raw_done ||
	       pipeline_is_waiting(s->pipeline);
}

static unsigned patience(const ImapSession *s)
{
	if (s->state == SESSION_CONNECTING && s->connected)
		return MIN(s->stall_seconds, s->greeting_seconds);
	return pipeline_is_leaving_idle(s->pipeline) ? MIN(s->stall_seconds, s->done_seconds)
						     : s->stall_seconds;
}

void session_note_progress(ImapSession *s)
{
	s->progress_at = g_get_monotonic_time();
	if (s->transport)
		s->progress_bytes =
			transport_bytes_in(s->transport) + transport_bytes_out(s->transport);
}

/* Silence is told of long before it is given up. */

void session_tell_silence(ImapSession *s)
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
	session_tell_silence(s);
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

void session_watch_progress(ImapSession *s)
{
	watch_silence(s);
	/* One that is set for longer would notice too late that DONE is not answered. */
	if (session_is_over(s) || !answer_is_due(s) || (s->stall && s->stall_for <= patience(s)))
		return;
	g_clear_handle_id(&s->stall, g_source_remove);
	session_note_progress(s);
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
		session_note_progress(s);
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
