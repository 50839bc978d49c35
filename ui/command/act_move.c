/* act_move - the commands that move: rows, pages, messages, folders. */
#include "ui/app.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/pager.h"

static void scroll(App *app, int kind, long by)
{
	Pane *pane = screen_focused(app->screen);

	if (pane && pane->ops->scroll)
		pane->ops->scroll(pane, kind, by);
}

void action_next(App *app, const Args *args)
{
	scroll(app, PANE_BY_LINE, args->count);
}

void action_previous(App *app, const Args *args)
{
	scroll(app, PANE_BY_LINE, -args->count);
}

void action_page_down(App *app, const Args *args)
{
	scroll(app, PANE_BY_PAGE, args->count);
}

void action_page_up(App *app, const Args *args)
{
	scroll(app, PANE_BY_PAGE, -args->count);
}

void action_page_back(App *app, const Args *args)
{
	scroll(app, PANE_BY_PAGE, -args->count);
}

void action_page_on(App *app, const Args *args)
{
	scroll(app, PANE_BY_PAGE, args->count);
}

void action_half_down(App *app, const Args *args)
{
	scroll(app, PANE_BY_HALF, args->count);
}

void action_half_up(App *app, const Args *args)
{
	scroll(app, PANE_BY_HALF, -args->count);
}

void action_first(App *app, const Args *args)
{
	scroll(app, args->has_count ? PANE_TO_ROW : PANE_TO_START, args->count);
}

void action_last(App *app, const Args *args)
{
	scroll(app, args->has_count ? PANE_TO_ROW : PANE_TO_END, args->count);
}

void action_center(App *app, const Args *args)
{
	(void)args;
	scroll(app, PANE_CURSOR_CENTER, 0);
}

void action_scroll_top(App *app, const Args *args)
{
	(void)args;
	scroll(app, PANE_CURSOR_TOP, 0);
}

void action_scroll_bottom(App *app, const Args *args)
{
	(void)args;
	scroll(app, PANE_CURSOR_BOTTOM, 0);
}

void action_jump(App *app, const Args *args)
{
	if (args->text)
		scroll(app, PANE_TO_ROW, g_ascii_strtoll(args->text, NULL, 10));
	else
		app_ask_argument(app, "jump", "Go to row: ", NULL);
}

/* A folded thread opens, so that its unread message can be gone to. */
static int64_t open_unseen(View *view, int64_t row)
{
	ViewRow folded;

	if (!view_row(view, (size_t)row, &folded) || folded.hidden == 0)
		return row;
	view_fold(view, (size_t)row, VIEW_FOLD_OPEN);
	row = view_find(view, folded.uid);
	return folded.flags & FLAG_SEEN ? view_next_unseen(view, (size_t)row, 1) : row;
}

static void go_to_unseen(App *app, int direction)
{
	View *view = index_view(app->index);
	int64_t cursor = list_cursor(index_list(app->index));
	int64_t row = cursor < 0 ? -1 : view_next_unseen(view, cursor, direction);

	if (row >= 0)
		row = open_unseen(view, row);
	if (row < 0)
		app_say(app, view_is_limited(view) ? "No other unread message in this search."
						   : "No other unread message in this folder.");
	else
		app_go_to_row(app, row);
}

void action_next_unread(App *app, const Args *args)
{
	(void)args;
	go_to_unseen(app, 1);
}

void action_previous_unread(App *app, const Args *args)
{
	(void)args;
	go_to_unseen(app, -1);
}

static void read_neighbour(App *app, long by)
{
	int64_t row = list_cursor(index_list(app->index)) + by;

	if (row < 0)
		app_say(app, "This is the first message.");
	else if ((size_t)row >= view_count(index_view(app->index)))
		app_say(app, "This is the last message.");
	else
		app_go_to_row(app, row);
}

void action_next_message(App *app, const Args *args)
{
	read_neighbour(app, args->count);
}

void action_previous_message(App *app, const Args *args)
{
	read_neighbour(app, -args->count);
}

static void open_neighbour_folder(App *app, int direction)
{
	Folder *folder = folders_neighbour(app->folders, direction);

	if (folder)
		app_open_mailbox(app, folder->name);
	else
		app_say(app,
			direction > 0 ? "This is the last folder." : "This is the first folder.");
}

void action_next_folder(App *app, const Args *args)
{
	(void)args;
	open_neighbour_folder(app, 1);
}

void action_previous_folder(App *app, const Args *args)
{
	(void)args;
	open_neighbour_folder(app, -1);
}

void action_read_on(App *app, const Args *args)
{
	(void)args;
	if (app->focus != LAYOUT_PAGER)
		app_open_cursor(app);
	else if (!pager_at_end(app->pager))
		scroll(app, PANE_BY_PAGE, 1);
	else
		go_to_unseen(app, 1);
}
