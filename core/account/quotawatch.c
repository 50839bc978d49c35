#include "core/account/quotawatch.h"

#include "core/base/error.h"
#include "core/command/imap.h"

/* What a key asks for goes first: so long it waits for the line to be quiet. */
#define QUIET_MS 3000
#define AGAIN_MS (10 * 60 * 1000)

struct QuotaWatch {
	Pool *pool;
	Scope scope;
	guint timer;
	bool asked; /* on this connection */
	GPtrArray *uses;
	unsigned step; /* the last that was told */
	void (*nearly_full)(const QuotaUse *use, void *data);
	void *data;
};

static const unsigned steps[] = {90, 95, 100};

static unsigned step_of(unsigned percent)
{
	unsigned step = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(steps) && steps[i] <= percent; i++)
		step = steps[i];
	return step;
}

static void arm(QuotaWatch *w, guint milliseconds);

static void on_data(const Response *response, void *data)
{
	QuotaWatch *w = data;
	g_autoptr(Arena) arena = arena_new();
	QuotaData quota;

	if (access_read_quota(response, arena, &quota))
		quota_take(w->uses, &quota);
}

static void on_done(const ImapResult *result, void *data)
{
	QuotaWatch *w = data;
	const QuotaUse *fullest = quota_fullest(w->uses);
	unsigned step = fullest ? step_of(quota_percent(fullest)) : 0;

	/* Refused, it is not asked again on this connection. */
	if (result->error)
		return;
	arm(w, AGAIN_MS);
	if (step > w->step)
		w->nearly_full(fullest, w->data);
	w->step = step;
}

static gboolean on_timer(gpointer data)
{
	QuotaWatch *w = data;
	ImapSession *s = pool_bulk_session(w->pool);

	w->timer = 0;
	if (!s || !(session_capabilities(s) & CAP(QUOTA)))
		return G_SOURCE_REMOVE;
	if (pool_is_quiet(w->pool))
		imap_getquotaroot(s, &w->scope, "INBOX", on_data, on_done, w);
	else
		arm(w, QUIET_MS);
	return G_SOURCE_REMOVE;
}

static void arm(QuotaWatch *w, guint milliseconds)
{
	g_clear_handle_id(&w->timer, g_source_remove);
	w->timer = g_timeout_add(milliseconds, on_timer, w);
}

QuotaWatch *quotawatch_new(Pool *pool, void (*nearly_full)(const QuotaUse *use, void *data),
			   void *data)
{
	QuotaWatch *w = g_new0(QuotaWatch, 1);

	w->pool = pool;
	w->uses = quota_list_new();
	w->nearly_full = nearly_full;
	w->data = data;
	scope_init(&w->scope);
	return w;
}

void quotawatch_free(QuotaWatch *w)
{
	if (!w)
		return;
	scope_cancel(&w->scope);
	g_clear_handle_id(&w->timer, g_source_remove);
	g_ptr_array_unref(w->uses);
	g_free(w);
}

void quotawatch_restart(QuotaWatch *w)
{
	if (w->asked)
		return;
	w->asked = true;
	arm(w, QUIET_MS);
}

void quotawatch_disconnected(QuotaWatch *w)
{
	w->asked = false;
}

void quotawatch_overquota(QuotaWatch *w)
{
	arm(w, QUIET_MS);
}

const QuotaUse *quotawatch_fullest(const QuotaWatch *w)
{
	return quota_fullest(w->uses);
}
