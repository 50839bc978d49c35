#include "core/command/idle.h"

#include "core/command/imap.h"

typedef struct {
	ImapSession *session;
	Scope *scope;
	guint end, renew;
	bool renewing;
	unsigned renew_seconds;
	ImapDone done;
	void *data;
} Idle;

static void begin(Idle *idle);

static void on_answered(const ImapResult *result, void *data)
{
	Idle *idle = data;

	g_clear_handle_id(&idle->renew, g_source_remove);
	if (idle->renewing && !result->error && session_is_idle(idle->session)) {
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
	idle->renewing = true;
	session_break_idle(idle->session);
	return G_SOURCE_REMOVE;
}

static gboolean on_end(gpointer data)
{
	Idle *idle = data;

	idle->end = 0;
	idle->renewing = false;
	session_break_idle(idle->session);
	return G_SOURCE_REMOVE;
}

static void begin(Idle *idle)
{
	idle->renewing = false;
	idle->renew = g_timeout_add_seconds(idle->renew_seconds, on_renew, idle);
	imap_idle(idle->session, idle->scope, on_answered, idle);
}

void idle_start(ImapSession *s, Scope *scope, unsigned seconds, unsigned renew_seconds,
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
}
