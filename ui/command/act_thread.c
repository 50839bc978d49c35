/* act_thread - the commands about threads: showing them, moving in them, acting on a whole one. */
#include "ui/app.h"
#include "ui/panel/index.h"
#include "ui/panel/pager.h"

void action_threads(App *app, const Args *args)
{
	(void)args;
	app->config->ui.threads = !app->config->ui.threads;
	app_thread(app);
}

/* --- moving --- */

static void next_thread(App *app, int direction, long count)
{
	View *view = index_view(app->index);
	int64_t cursor = list_cursor(index_list(app->index)), row = -1, next = cursor;

	while (count-- > 0 && next >= 0) {
		next = view_next_thread(view, (size_t)next, direction);
		row = next >= 0 ? next : row;
	}
	if (row >= 0)
		app_go_to_row(app, row);
	else
		app_say(app,
			direction > 0 ? "This is the last thread." : "This is the first thread.");
}

void action_next_thread(App *app, const Args *args)
{
	next_thread(app, 1, args->count);
}

void action_previous_thread(App *app, const Args *args)
{
	next_thread(app, -1, args->count);
}

void action_parent(App *app, const Args *args)
{
	View *view = index_view(app->index);
	int64_t cursor = list_cursor(index_list(app->index));
	int64_t row = cursor >= 0 ? view_parent(view, (size_t)cursor) : -1;

	(void)args;
	if (row >= 0)
		app_go_to_row(app, row);
	else
		app_say(app, "This message begins its thread.");
}

/* --- a whole thread --- */

/* Of the message being read, else of the one under the cursor.  Caller frees. */
static UidSet *this_thread(App *app)
{
	View *view = index_view(app->index);
	int64_t row = list_cursor(index_list(app->index));

	if (app->focus == LAYOUT_PAGER && app->pager_open)
		row = view_find(view, pager_uid(app->pager));
	return row >= 0 ? view_thread(view, (size_t)row) : uidset_new();
}

void action_tag_thread(App *app, const Args *args)
{
	List *list = index_list(app->index);
	bool tagged = list_is_tagged(list, (size_t)list_cursor(list));
	g_autoptr(UidSet) uids = this_thread(app);

	(void)args;
	index_tag(app->index, uids, !tagged);
	app_say(app, "%s the thread: %" G_GUINT64_FORMAT " messages.",
		tagged ? "Untagged" : "Tagged", uidset_count(uids));
}

void action_read_thread(App *app, const Args *args)
{
	g_autoptr(UidSet) uids = this_thread(app);

	(void)args;
	if (!uidset_is_empty(uids))
		account_flag(app->account, index_mailbox(app->index), uids, STORE_ADD, FLAG_SEEN);
}

void action_delete_thread(App *app, const Args *args)
{
	g_autoptr(UidSet) uids = this_thread(app);

	(void)args;
	app_delete(app, uids);
}
