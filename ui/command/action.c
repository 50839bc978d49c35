#include "ui/command/action.h"

#include <string.h>
#include "ui/app.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/parts.h"

const Action action_table[] = {
#define ACTION(id, name, contexts, needs, keys, args, help)                                        \
	{name, contexts, needs, keys, args, help, action_##id},
#define ALIAS(short, line)
#include "ui/command/action.def"
#undef ACTION
#undef ALIAS
	{NULL},
};

static const struct {
	const char *name, *line;
} aliases[] = {
#define ACTION(id, name, contexts, needs, keys, args, help)
#define ALIAS(short, line) {short, line},
#include "ui/command/action.def"
#undef ACTION
#undef ALIAS
};

static Mailbox *open_mailbox(App *app)
{
	return app->account != NULL ? account_selected(app->account) : NULL;
}

static bool has_mailbox(App *app)
{
	return open_mailbox(app) != NULL;
}

static bool has_message(App *app)
{
	Pane *focus = screen_focused(app->screen);

	if (focus != NULL && focus->ops->context == CONTEXT_PARTS)
		return parts_uid(focus) != 0;
	g_autoptr(UidSet) targets = app_targets(app);
	return !uidset_is_empty(targets);
}

static bool is_writable(App *app)
{
	Mailbox *m = open_mailbox(app);

	return m != NULL && !mailbox_is_readonly(m);
}

static bool has_folder(App *app)
{
	return folders_cursor(app->folders) != NULL;
}

static bool has_folders(App *app)
{
	return app->account != NULL && account_folders(app->account)->children->len > 0;
}

static bool is_online(App *app)
{
	return app->account != NULL && account_state(app->account) == POOL_ONLINE;
}

static bool has_threads(App *app)
{
	View *view = index_view(app->index);

	return view != NULL && view_is_threaded(view);
}

/* In the order in which a person would put them right. */
static const struct {
	unsigned need;
	bool (*holds)(App *app);
	const char *reason;
} needs_table[] = {
	{NEEDS_FOLDERS, has_folders, "The folders are not known yet."},
	{NEEDS_FOLDER, has_folder, "There is no folder under the cursor."},
	{NEEDS_MAILBOX, has_mailbox, "No folder is open."},
	{NEEDS_MESSAGE, has_message, "There is no message here."},
	{NEEDS_THREADS, has_threads, "The list does not show threads; :threads does."},
	{NEEDS_WRITABLE, is_writable, "This folder is read-only."},
	{NEEDS_ONLINE, is_online, "There is no connection to the server; F5 tries again."},
};

const char *action_alias(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++) {
		if (strcmp(aliases[i].name, name) == 0)
			return aliases[i].line;
	}
	return NULL;
}

const Action *action_find(const char *name)
{
	const char *line = action_alias(name);
	size_t len;

	name = line != NULL ? line : name;
	len = strcspn(name, " ");
	for (const Action *action = action_table; action->name != NULL; action++) {
		if (strlen(action->name) == len && strncmp(action->name, name, len) == 0)
			return action;
	}
	return NULL;
}

const char *action_unavailable(const Action *action, App *app, unsigned context)
{
	if (context != 0 && (action->contexts & context) == 0)
		return "This command is not for this panel.";
	for (size_t i = 0; i < G_N_ELEMENTS(needs_table); i++) {
		if ((action->needs & needs_table[i].need) != 0 && !needs_table[i].holds(app))
			return needs_table[i].reason;
	}
	return NULL;
}
