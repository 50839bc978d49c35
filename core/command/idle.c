#include "core/command/idle.h"

#include "core/command/imap.h"

/* It cannot be ended before it was sent and granted: then it is tried so often. */
#define LOOK_MS 20

struct Idle {
	ImapSession *session;
	Scope *scope;
	enum { IDLE_LASTS, IDLE_IS_RENEWED, IDLE_ENDS } state;
	guint end, renew;
	unsigned renew_seconds;
	ImapDone done;
	void *data;
};

static void begin(Idle *idle);

static void on_answered(const ImapResult *result, void *data)
{
	Idle *idle = data;

	g_clear_handle_id(&idle->renew, g_source_remove);
	if (idle->state == IDLE_IS_RENEWED && !result->error && session_is_idle(idle->session)) {
		begin(idle);
		return;
	}
	g_clear_handle_id(&idle->end, g_source_remove);
	idle->done(result, idle->data);
	g_free(idle);
}

static gboolean on_renew(gpointer data)
{
	Idle *idle = data;

	idle->renew = 0;
	if (idle->state == IDLE_LASTS)
		idle->state = IDLE_IS_RENEWED;
	session_break_idle(idle->session);
	return G_SOURCE_REMOVE;
}

static gboolean on_look(gpointer data)
{
	session_break_idle(((Idle *)data)->session);
	return G_SOURCE_CONTINUE;
}

void idle_end(Idle *idle)
{
	if (idle->state == IDLE_ENDS)
		return;
	idle->state = IDLE_ENDS;
	g_clear_handle_id(&idle->end, g_source_remove);
	idle->end = g_timeout_add(LOOK_MS, on_look, idle);
	session_break_idle(idle->session);
}

static gboolean on_end(gpointer data)
{
	Idle *idle = data;

	idle->end = 0;
	idle_end(idle);
	return G_SOURCE_REMOVE;
}

static void begin(Idle *idle)
{
	idle->state = IDLE_LASTS;
	idle->renew = g_timeout_add_seconds(idle->renew_seconds, on_renew, idle);
	imap_idle(idle->session, idle->scope, on_answered, idle);
}

Idle *idle_start(ImapSession *s, Scope *scope, unsigned seconds, unsigned renew_seconds,
		 ImapDone done, void *data)
{
	Idle *idle = g_new0(Idle, 1);

	idle->session = s;
	idle->scope = scope;
	idle->renew_seconds = renew_seconds ? renew_seconds : IDLE_RENEW_SECONDS;
	idle->done = done;
	idle->data = data;
	if (seconds)
		idle->end = g_timeout_add_seconds(seconds, on_end, idle);
	begin(idle);
	return idle;
}
