/* act_folder_info - :folder-info, a panel about one folder that fills as the server answers. */
#include "ui/app.h"
#include "ui/panel/folder_info.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/text.h"
#include "ui/term/term.h"

#define WIDTH_MAX 76
/* Columns of a pop-up's border and of what stands around it. */
#define AROUND 6

typedef struct {
	App *app;
	Pane *pane;
	Facts facts;
	Scope scope;
	bool closing;
} Info;

static int width(void)
{
	return MIN(term_cols() - AROUND, WIDTH_MAX);
}

static MimeDoc *document(Info *info)
{
	const Folder *folder =
		folder_find(account_folders(info->app->account), info->facts.mailbox);

	return folder_info_document(folder, &info->facts, width());
}

static void show(Info *info)
{
	MimeDoc *doc = document(info);
	int rows = (int)doc_line_count(doc);

	text_pane_replace(info->pane, doc);
	screen_popup_resize(info->app->screen, info->pane, MIN(rows, term_rows() - 4), width());
}

static void changed(Account *a, void *data)
{
	(void)a;
	show(data);
}

/* What is missing then says so itself; where the person cancelled it, nobody looks any more. */
static void told(Account *a, const GError *error, void *data)
{
	Info *info = data;

	(void)a;
	if (!error_is_cancelled(error))
		show(info);
	else if (!info->closing)
		screen_close(info->app->screen, info->pane);
}

static void closed(void *data)
{
	Info *info = data;

	info->closing = true;
	scope_cancel(&info->scope);
	facts_clear(&info->facts);
	g_free(info);
}

static void open_info(App *app, const char *wire_name)
{
	static const AccountInquiry inquiry = {changed, told};
	Info *info = g_new0(Info, 1);

	info->app = app;
	scope_init(&info->scope);
	facts_init(&info->facts, wire_name);
	app_show_text(app, "About this folder - q closes", document(info));
	info->pane = screen_focused(app->screen);
	text_pane_on_close(info->pane, closed, info);
	account_inquire(app->account, &info->scope, &info->facts, &inquiry, info);
}

/* Of the tree where it has the focus, else the open one; NULL where there is none. */
static const char *folder_here(App *app)
{
	Mailbox *open = index_mailbox(app->index);
	const Folder *folder = app->focus == LAYOUT_FOLDERS ? folders_cursor(app->folders) : NULL;

	if (folder)
		return folder->name;
	return open ? mailbox_name(open) : NULL;
}

void action_folder_info(App *app, const Args *args)
{
	const char *name = folder_here(app);

	if (args->text && *args->text) {
		const Folder *named = folder_find_path(account_folders(app->account), args->text);
		name = named ? named->name : NULL;
		if (!named)
			app_say_error(app, "There is no folder %s.", args->text);
	} else if (!name) {
		app_say(app, "No folder is open.");
	}
	if (name)
		open_info(app, name);
}
