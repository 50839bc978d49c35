#include "ui/keys.h"

#include <string.h>

#include "ui/panel/status.h"

/* A prefix key's continuations are shown after this pause. */
#define PREFIX_PAUSE_MS 400

/* The commands worth a place in the hint line, best first; the keys come from the keymap. */
static const struct {
	unsigned context;
	const char *command, *word;
} hints[] = {
	{CONTEXT_INDEX, "open", "open"},
	{CONTEXT_INDEX, "delete", "delete"},
	{CONTEXT_INDEX, "move", "move"},
	{CONTEXT_INDEX, "flag", "flag"},
	{CONTEXT_INDEX, "search", "search"},
	{CONTEXT_INDEX, "threads", "threads"},
	{CONTEXT_INDEX, "change-folder", "folder"},
	{CONTEXT_INDEX, "help", "help"},
	{CONTEXT_PAGER, "read-on", "read on"},
	{CONTEXT_PAGER, "next-message", "next"},
	{CONTEXT_PAGER, "delete", "delete"},
	{CONTEXT_PAGER, "parts", "attachments"},
	{CONTEXT_PAGER, "close", "close"},
	{CONTEXT_PAGER, "help", "help"},
	{CONTEXT_FOLDERS, "open", "open"},
	{CONTEXT_FOLDERS, "fold", "fold"},
	{CONTEXT_FOLDERS, "subscribe", "subscribe"},
	{CONTEXT_FOLDERS, "close", "back"},
	{CONTEXT_FOLDERS, "help", "help"},
	{CONTEXT_PARTS, "open", "show"},
	{CONTEXT_PARTS, "save", "save"},
	{CONTEXT_PARTS, "close", "close"},
	{CONTEXT_LIST, "page-down", "page"},
	{CONTEXT_LIST, "find", "find"},
	{CONTEXT_LIST, "close", "close"},
};

static unsigned focused_context(App *app)
{
	Pane *pane = screen_focused(app->screen);

	return pane ? pane->ops->context : CONTEXT_INDEX;
}

void keys_show_hints(App *app)
{
	g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
	unsigned context = focused_context(app);

	for (size_t i = 0; i < G_N_ELEMENTS(hints); i++) {
		if (hints[i].context != context)
			continue;
		g_autofree char *keys = keymap_keys_for(app->keymap, context, hints[i].command);
		char *comma = strstr(keys, ", ");
		if (comma)
			*comma = '\0';
		if (!*keys)
			continue;
		g_ptr_array_add(pairs, g_strdup(keys));
		g_ptr_array_add(pairs, g_strdup(hints[i].word));
	}
	g_ptr_array_add(pairs, NULL);
	status_hints(app->status, (const char *const *)pairs->pdata);
}

static void add_continuation(const char *keys, const char *line, void *data)
{
	GPtrArray *pairs = data;

	g_ptr_array_add(pairs, g_strdup(keys));
	g_ptr_array_add(pairs, g_strdup(line));
}

static gboolean show_continuations(void *data)
{
	App *app = data;
	g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);

	app->prefix_timer = 0;
	keymap_foreach_continuation(app->keymap, focused_context(app), add_continuation, pairs);
	g_ptr_array_add(pairs, NULL);
	status_hints(app->status, (const char *const *)pairs->pdata);
	return G_SOURCE_REMOVE;
}

void keys_stop(App *app)
{
	if (app->prefix_timer) {
		g_source_remove(app->prefix_timer);
		app->prefix_timer = 0;
	}
}

void keys_pressed(Key key, void *data)
{
	App *app = data;
	Pane *pane = screen_focused(app->screen);
	const char *line;
	long count;

	account_person(app->account);
	if (pane && pane->ops->key && pane->ops->key(pane, key)) {
		keys_show_hints(app);
		return;
	}
	status_clear(app->status);
	keys_stop(app);
	KeymapResult result = keymap_feed(app->keymap, focused_context(app), key, &line, &count);
	g_autofree char *pending = keymap_pending(app->keymap);
	status_keys(app->status, result == KEYMAP_PENDING ? pending : "");
	switch (result) {
	case KEYMAP_PENDING:
		app->prefix_timer = g_timeout_add(PREFIX_PAUSE_MS, show_continuations, app);
		break;
	case KEYMAP_RUN:
		app_run_line(app, line, count);
		break;
	case KEYMAP_NONE: {
		g_autofree char *name = key_format(key);
		app_say_error(app, "%s is not bound here - ? lists the keys.", name);
		keys_show_hints(app);
		break;
	}
	}
}
