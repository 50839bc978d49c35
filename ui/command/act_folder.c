/* act_folder - the commands about folders: opening, folding, subscribing, creating. */
#include "core/wire/utf7.h"
#include "ui/app.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"

static void open_role(App *app, FolderRole role, const char *name)
{
	Folder *folder = folder_find_role(account_folders(app->account), role);

	if (folder)
		app_open_mailbox(app, folder->name);
	else
		app_say_error(app, "This account has no folder that serves as %s.", name);
}

void action_go_inbox(App *app, const Args *args)
{
	(void)args;
	open_role(app, FOLDER_ROLE_INBOX, "inbox");
}

void action_go_sent(App *app, const Args *args)
{
	(void)args;
	open_role(app, FOLDER_ROLE_SENT, "Sent");
}

void action_go_drafts(App *app, const Args *args)
{
	(void)args;
	open_role(app, FOLDER_ROLE_DRAFTS, "Drafts");
}

void action_go_archive(App *app, const Args *args)
{
	(void)args;
	open_role(app, FOLDER_ROLE_ARCHIVE, "Archive");
}

void action_change_folder(App *app, const Args *args)
{
	if (!args->text || !*args->text) {
		app_ask_argument(app, "change-folder", "Open folder: ", NULL);
		return;
	}
	Folder *root = account_folders(app->account);
	Folder *folder = folder_find_path(root, args->text);
	if (folder && folder_is_selectable(folder)) {
		app_open_mailbox(app, folder->name);
	} else if (root->children->len == 0) {
		/* The list is still on its way: the server knows whether there is one. */
		g_autofree char *name = utf7_encode(args->text);
		app_open_mailbox(app, name);
	} else {
		app_say_error(app, "There is no folder %s.", args->text);
	}
}

void action_previous_open(App *app, const Args *args)
{
	(void)args;
	if (!app->previous_mailbox) {
		app_say(app, "No other folder was open before.");
		return;
	}
	g_autofree char *name = g_strdup(app->previous_mailbox);
	app_open_mailbox(app, name);
}

/* What has the focus folds: the tree its branches, the list its threads. */
static void fold(App *app, Fold how)
{
	if (app->focus == LAYOUT_FOLDERS)
		folders_fold(app->folders, how);
	else if (!index_fold(app->index, how))
		app_say(app, "The list does not show threads; :threads does.");
}

void action_fold(App *app, const Args *args)
{
	(void)args;
	fold(app, FOLD_TOGGLE);
}

void action_fold_close(App *app, const Args *args)
{
	(void)args;
	fold(app, FOLD_CLOSE);
}

void action_fold_open(App *app, const Args *args)
{
	(void)args;
	fold(app, FOLD_OPEN);
}

void action_fold_all(App *app, const Args *args)
{
	(void)args;
	fold(app, FOLD_CLOSE_ALL);
}

void action_unfold_all(App *app, const Args *args)
{
	(void)args;
	fold(app, FOLD_OPEN_ALL);
}

void action_outwards(App *app, const Args *args)
{
	action_fold_close(app, args);
}

typedef struct {
	App *app;
	char *sentence;
} Told;

/* Says what was done, or the server's refusal. */
static void tell_done(Account *a, const GError *error, void *data)
{
	Told *told = data;

	(void)a;
	if (error && !error_is_cancelled(error))
		app_say_error(told->app, "%s", error->message);
	else if (!error)
		app_say(told->app, "%s", told->sentence);
	g_free(told->sentence);
	g_free(told);
}

static Told *tell(App *app, char *sentence_take)
{
	Told *told = g_new(Told, 1);

	*told = (Told){app, sentence_take};
	return told;
}

void action_subscribe(App *app, const Args *args)
{
	Folder *folder = folders_cursor(app->folders);
	bool subscribe = !folder->subscribed;

	(void)args;
	account_subscribe(
		app->account, &app->scope, folder->name, subscribe, tell_done,
		tell(app, g_strdup_printf(subscribe ? "Subscribed to %s." : "Unsubscribed from %s.",
					  folder->path)));
}

void action_subscribed_only(App *app, const Args *args)
{
	(void)args;
	folders_set_subscribed_only(app->folders, !folders_subscribed_only(app->folders));
}

static void tell_created(Account *a, const char *path, const GError *error, void *data)
{
	App *app = data;

	(void)a;
	if (path)
		app_say(app, "Created %s.", path);
	else if (!error_is_cancelled(error))
		app_say_error(app, "%s", error->message);
}

void action_create(App *app, const Args *args)
{
	if (!args->text || !*args->text)
		app_ask_argument(app, "create", "Create folder: ", NULL);
	else
		account_create(app->account, &app->scope, args->text, tell_created, app);
}
