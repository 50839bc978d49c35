/* act_message - the commands that change messages: flags, tags, copies, moves, deletion. */
#include "ui/app.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/pager.h"
#include "ui/panel/prompt.h"

static Flags flags_of_first(Mailbox *m, const UidSet *uids)
{
	bool pending;

	return mailbox_flags(m, uidset_first(uids), &pending);
}

/* After a command on tagged messages the tags have done their work. */
static void done_with_targets(App *app)
{
	if (app->focus != LAYOUT_PAGER)
		list_untag_all(index_list(app->index));
}

/* What a command acts on; that a folded thread is all of its messages is said.  Caller frees. */
static UidSet *take_targets(App *app)
{
	UidSet *uids = app_targets(app);

	if (app->focus != LAYOUT_PAGER && list_tag_count(index_list(app->index)) == 0 &&
	    uidset_count(uids) > 1)
		app_say(app, "The whole folded thread: %" G_GUINT64_FORMAT " messages.",
			uidset_count(uids));
	return uids;
}

void app_flag(App *app, StoreOp op, Flags flags)
{
	g_autoptr(UidSet) uids = take_targets(app);

	if (uidset_is_empty(uids))
		return;
	account_flag(app->account, index_mailbox(app->index), uids, op, flags);
	done_with_targets(app);
}

/* Several messages become alike: what the first has not, all get. */
static void toggle(App *app, Flags flag)
{
	g_autoptr(UidSet) uids = app_targets(app);

	if (uidset_is_empty(uids))
		return;
	bool has = flags_of_first(index_mailbox(app->index), uids) & flag;
	app_flag(app, has ? STORE_REMOVE : STORE_ADD, flag);
}

void action_tag(App *app, const Args *args)
{
	List *list = index_list(app->index);
	int64_t cursor = list_cursor(list);

	for (long i = 0; i < args->count && cursor >= 0; i++) {
		g_autoptr(UidSet) uids = index_under_cursor(app->index);
		if (uidset_is_empty(uids))
			break;
		index_tag(app->index, uids, !list_is_tagged(list, cursor));
		list_scroll(list, PANE_BY_LINE, 1);
		if (list_cursor(list) == cursor)
			break;
		cursor = list_cursor(list);
	}
}

void action_untag_all(App *app, const Args *args)
{
	(void)args;
	list_untag_all(index_list(app->index));
}

void action_flag(App *app, const Args *args)
{
	(void)args;
	toggle(app, FLAG_FLAGGED);
}

void action_toggle_read(App *app, const Args *args)
{
	(void)args;
	toggle(app, FLAG_SEEN);
}

void action_mark_read(App *app, const Args *args)
{
	(void)args;
	app_flag(app, STORE_ADD, FLAG_SEEN);
}

void action_mark_unread(App *app, const Args *args)
{
	(void)args;
	app_flag(app, STORE_REMOVE, FLAG_SEEN);
}

/* What stands where the removed one stood is read next; at the end the text closes. */
static void read_what_follows(App *app)
{
	uint32_t uid = index_cursor_uid(app->index);

	if (app->focus != LAYOUT_PAGER)
		return;
	if (uid && uid != pager_uid(app->pager))
		app_open_message(app, uid);
	else
		app_close_pager(app);
}

/* Rows that stay (only marked) are passed, as in mutt. */
static void pass_row(App *app, bool tagged)
{
	if (tagged)
		return;
	list_scroll(index_list(app->index), PANE_BY_LINE, 1);
}

void app_delete(App *app, const UidSet *uids)
{
	bool tagged = list_tag_count(index_list(app->index)) > 0;

	if (uidset_is_empty(uids))
		return;
	/* Said before, so that a refusal has the last word. */
	if (!folder_find_role(account_folders(app->account), FOLDER_ROLE_TRASH))
		app_say(app, "Marked as deleted: there is no Trash (:create Trash makes one). "
			     "$ removes for ever.");
	if (!account_delete(app->account, index_mailbox(app->index), uids))
		pass_row(app, tagged);
	done_with_targets(app);
	read_what_follows(app);
}

void action_delete(App *app, const Args *args)
{
	g_autoptr(UidSet) uids = take_targets(app);

	(void)args;
	app_delete(app, uids);
}

void action_undelete(App *app, const Args *args)
{
	(void)args;
	app_flag(app, STORE_REMOVE, FLAG_DELETED);
}

/* Only what was counted (T174), and of that what is still marked: another client may have marked
 * more meanwhile, or have taken a mark away. */
static void expunge_confirmed(const char *line, void *data)
{
	App *app = data;
	Mailbox *m = index_mailbox(app->index);
	g_autoptr(UidSet) doomed = g_steal_pointer(&app->doomed);

	if (!line || !m || mailbox_uidvalidity(m) != app->doomed_validity)
		return;
	g_autoptr(UidSet) marked = mailbox_with_flag(m, FLAG_DELETED);
	g_autoptr(UidSet) spared = uidset_copy(doomed);
	uidset_remove_set(spared, marked);
	uidset_remove_set(doomed, spared);
	account_expunge(app->account, m, doomed);
}

void action_expunge(App *app, const Args *args)
{
	Mailbox *m = index_mailbox(app->index);
	g_autoptr(UidSet) deleted = mailbox_with_flag(m, FLAG_DELETED);
	unsigned n = (unsigned)uidset_count(deleted);

	(void)args;
	if (n == 0) {
		app_say(app, "No message here is marked as deleted.");
		return;
	}
	g_autofree char *question =
		g_strdup_printf("Remove %u message%s for ever?", n, n == 1 ? "" : "s");
	uidset_free(app->doomed);
	app->doomed = g_steal_pointer(&deleted);
	app->doomed_validity = mailbox_uidvalidity(m);
	prompt_ask(app->screen, question, expunge_confirmed, app);
}

static void copy_or_move(App *app, const char *path, bool move)
{
	g_autoptr(UidSet) uids = take_targets(app);
	Folder *target = folder_find_path(account_folders(app->account), path);

	if (uidset_is_empty(uids))
		return;
	if (!target || !folder_is_selectable(target)) {
		app_say_error(app, "There is no folder %s. :create makes one.", path);
		return;
	}
	account_copy(app->account, index_mailbox(app->index), uids, target->name, move);
	done_with_targets(app);
	if (move)
		read_what_follows(app);
}

void action_copy(App *app, const Args *args)
{
	if (!args->text || !*args->text)
		app_ask_argument(app, "copy", "Copy to: ", NULL);
	else
		copy_or_move(app, args->text, false);
}

void action_move(App *app, const Args *args)
{
	if (!args->text || !*args->text)
		app_ask_argument(app, "move", "Move to: ", NULL);
	else
		copy_or_move(app, args->text, true);
}

void action_archive(App *app, const Args *args)
{
	Folder *archive = folder_find_role(account_folders(app->account), FOLDER_ROLE_ARCHIVE);

	(void)args;
	if (archive)
		copy_or_move(app, archive->path, true);
	else
		app_say_error(app, "There is no Archive folder. :create Archive makes one.");
}
