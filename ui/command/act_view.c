/* act_view - the commands about what is shown: panels, search, order, the message's text and parts.
 */
#include <string.h>
#include <time.h>

#include "mime/render.h"
#include "mime/text.h"
#include "ui/app.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/pager.h"
#include "ui/panel/parts.h"
#include "ui/panel/rendering.h"
#include "ui/panel/text.h"
#include "ui/save.h"

static void close_popup(App *app)
{
	screen_close(app->screen, screen_focused(app->screen));
}

/* --- opening and closing --- */

typedef struct {
	App *app;
	MimePart *part;
} PartWanted;

typedef struct {
	App *app;
	char *title;
} PartShown;

static void part_rendered(MimeDoc *doc_take, void *data)
{
	PartShown *shown = data;

	if (doc_take)
		app_show_text(shown->app, shown->title, doc_take);
	g_free(shown->title);
	g_free(shown);
}

static void show_part(App *app, MimePart *part)
{
	RenderOptions options = {.width = 80, .headers = RENDER_HEADERS_NONE, .prefer_html = true};
	PartShown *shown = g_new(PartShown, 1);

	*shown = (PartShown){app, part_safe_filename(part)};
	if (rendering_size(part) > RENDERING_INLINE_MAX)
		rendering_part(&app->scope, part, &options, part_rendered, shown);
	else
		part_rendered(render_part(part, &options), shown);
}

static void saved(const char *path, const GError *error, void *data)
{
	g_autofree char *clean = text_clean_name(path);

	if (error)
		app_say_error(data, "%s", error->message);
	else
		app_say(data, "Saved as %s.", clean);
}

static void part_fetched(Account *a, GBytes *bytes, const GError *error, void *data)
{
	PartWanted *wanted = data;

	(void)a;
	if (error && !error_is_cancelled(error))
		app_say_error(wanted->app, "This part could not be fetched: %s", error->message);
	if (!error) {
		wanted->part->content = g_bytes_ref(bytes);
		show_part(wanted->app, wanted->part);
	}
	part_free(wanted->part);
	g_free(wanted);
}

static void fetch_part(App *app, Mailbox *m, uint32_t uid, const MimePart *part)
{
	PartWanted *wanted = g_new(PartWanted, 1);

	*wanted = (PartWanted){app, part_copy(part)};
	g_clear_pointer(&wanted->part->content, g_bytes_unref);
	account_fetch_part(app->account, &app->scope, m, uid, part->section, part->size, NULL,
			   part_fetched, wanted);
}

typedef struct {
	App *app;
	Save *save;
} PartSaved;

static void piece_fetched(GBytes *bytes, void *data)
{
	save_add(((PartSaved *)data)->save, bytes);
}

static bool disk_is_busy(void *data)
{
	return save_is_full(((PartSaved *)data)->save);
}

static void pieces_decoded(void *data)
{
	save_set_decoded(((PartSaved *)data)->save);
}

static void pieces_fetched(Account *a, GBytes *bytes, const GError *error, void *data)
{
	PartSaved *wanted = data;

	(void)a;
	(void)bytes;
	if (error)
		save_cancel(wanted->save);
	else
		save_end(wanted->save, saved, wanted->app);
	if (error && !error_is_cancelled(error))
		app_say_error(wanted->app, "This part could not be fetched: %s", error->message);
	g_free(wanted);
}

/* From the line to the disk: nothing of it stays in memory, however large it is. */
static void save_part(App *app, Mailbox *m, uint32_t uid, const MimePart *part, const char *path)
{
	static const AccountPartSink as_sent = {piece_fetched, disk_is_busy, NULL},
				     decoded = {piece_fetched, disk_is_busy, pieces_decoded};
	bool base64 = g_strcmp0(part->encoding, "base64") == 0;
	PartSaved *wanted = g_new(PartSaved, 1);

	*wanted = (PartSaved){app, save_begin(path, part->encoding)};
	account_fetch_pieces(app->account, &app->scope, m, uid, part->section, part->size,
			     base64 ? &decoded : &as_sent, pieces_fetched, wanted);
}

static void open_part(App *app, Pane *parts)
{
	const MimePart *part = parts_current(parts);

	if (!part)
		return;
	if (g_str_has_prefix(part->type, "text/"))
		fetch_part(app, parts_mailbox(parts), parts_uid(parts), part);
	else
		app_say(app, "This part is not a text: S saves it to a file.");
}

static void open_folder(App *app)
{
	Folder *folder = folders_cursor(app->folders);

	if (folder && folder_is_selectable(folder))
		app_open_mailbox(app, folder->name);
	else if (folder)
		folders_fold(app->folders, FOLD_TOGGLE);
}

void action_open(App *app, const Args *args)
{
	Pane *pane = screen_focused(app->screen);

	(void)args;
	if (pane->ops->context == CONTEXT_PARTS)
		open_part(app, pane);
	else if (pane->ops->context == CONTEXT_FOLDERS)
		open_folder(app);
	else
		app_open_cursor(app);
}

void action_close(App *app, const Args *args)
{
	(void)args;
	if (screen_has_popup(app->screen))
		close_popup(app);
	else if (app->focus == LAYOUT_PAGER)
		app_close_pager(app);
	else
		app_focus(app, LAYOUT_INDEX);
}

void action_back(App *app, const Args *args)
{
	action_close(app, args);
}

void action_leave(App *app, const Args *args)
{
	if (app->pager_open)
		app_close_pager(app);
	else
		action_quit(app, args);
}

/* --- focus --- */

static void focus_by(App *app, int direction)
{
	static const LayoutPanel order[] = {LAYOUT_FOLDERS, LAYOUT_INDEX, LAYOUT_PAGER};
	int n = app->pager_open ? 3 : 2, at = 0;

	while (order[at] != app->focus)
		at++;
	app_focus(app, order[(at + direction + n) % n]);
}

void action_focus_next(App *app, const Args *args)
{
	(void)args;
	focus_by(app, 1);
}

void action_focus_previous(App *app, const Args *args)
{
	(void)args;
	focus_by(app, -1);
}

void action_focus_folders(App *app, const Args *args)
{
	(void)args;
	app_focus(app, LAYOUT_FOLDERS);
}

void action_focus_index(App *app, const Args *args)
{
	(void)args;
	app_focus(app, LAYOUT_INDEX);
}

void action_focus_pager(App *app, const Args *args)
{
	(void)args;
	if (app->pager_open)
		app_focus(app, LAYOUT_PAGER);
	else
		app_open_cursor(app);
}

void action_toggle_folders(App *app, const Args *args)
{
	(void)args;
	app->folders_wanted = !app->folders_wanted;
	if (!app->folders_wanted && app->focus == LAYOUT_FOLDERS)
		app_focus(app, LAYOUT_INDEX);
	else
		app_layout(app);
}

/* --- search and order --- */

typedef struct {
	App *app;
	Mailbox *mailbox;
	char *text;
} Searched;

static void searched_free(Searched *searched)
{
	g_free(searched->text);
	g_free(searched);
}

static void found(Account *a, const UidSet *uids, const GError *error, void *data)
{
	Searched *searched = data;
	App *app = searched->app;

	(void)a;
	if (error && !error_is_cancelled(error)) {
		app_say_error(app, "The search failed: %s", error->message);
	} else if (!error && index_mailbox(app->index) == searched->mailbox) {
		view_set_limit(index_view(app->index), uids);
		index_set_limit_text(app->index, searched->text);
		uint64_t n = uidset_count(uids);
		app_say(app, "%" G_GUINT64_FORMAT " message%s found. Esc shows all again.", n,
			n == 1 ? "" : "s");
	}
	searched_free(searched);
}

/* By row, of which there are as many as there are; of what a server calls found nobody knows. */
static void tag_rows(App *app, const UidSet *uids)
{
	View *view = index_view(app->index);
	ViewRow row;

	for (size_t i = 0; view_row(view, i, &row); i++)
		if (row.uid && uidset_has(uids, row.uid))
			list_tag(index_list(app->index), i, true);
}

static void tag_found(Account *a, const UidSet *uids, const GError *error, void *data)
{
	Searched *searched = data;
	App *app = searched->app;

	(void)a;
	if (error && !error_is_cancelled(error)) {
		app_say_error(app, "The search failed: %s", error->message);
	} else if (!error && index_mailbox(app->index) == searched->mailbox) {
		tag_rows(app, uids);
		app_say(app, "%zu messages tagged.", list_tag_count(index_list(app->index)));
	}
	searched_free(searched);
}

static void run_search(App *app, const char *text, AccountFound found_fn)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Query) query = query_parse(text, time(NULL), &error);

	if (!query) {
		app_say_error(app, "%s", error->message);
		return;
	}
	Searched *searched = g_new(Searched, 1);
	*searched = (Searched){app, index_mailbox(app->index), g_strdup(text)};
	app_say(app, "Searching…");
	account_search(app->account, &app->scope, searched->mailbox, query, found_fn, searched);
}

void action_search(App *app, const Args *args)
{
	if (!args->text)
		app_ask_argument(app, "search", "Search: ", NULL);
	else if (!*args->text)
		app_show_all(app);
	else
		run_search(app, args->text, found);
}

void action_select(App *app, const Args *args)
{
	if (!args->text || !*args->text)
		app_ask_argument(app, "select", "Tag what matches: ", NULL);
	else
		run_search(app, args->text, tag_found);
}

void action_clear(App *app, const Args *args)
{
	List *list = index_list(app->index);

	(void)args;
	if (list_tag_count(list) > 0)
		list_untag_all(list);
	else
		app_show_all(app);
}

void action_sort(App *app, const Args *args)
{
	g_autoptr(GError) error = NULL;

	if (!args->text || !*args->text) {
		app_ask_argument(app, "sort", "Sort by (arrival date from subject size): ", NULL);
		return;
	}
	if (!g_str_equal(args->text, "arrival") &&
	    !(account_capabilities(app->account) & CAP(SORT))) {
		app_say_error(app, "This server cannot sort (it does not offer SORT).");
		return;
	}
	if (!config_set(app->config, "sort", args->text, &error))
		app_say_error(app, "%s", error->message);
	else
		app_sort(app);
}

void action_reverse(App *app, const Args *args)
{
	(void)args;
	app->config->ui.newest_first = !app->config->ui.newest_first;
	index_set_newest_first(app->index, app->config->ui.newest_first);
}

/* --- the message's text --- */

void action_headers(App *app, const Args *args)
{
	(void)args;
	pager_toggle_headers(app->pager);
}

void action_alternative(App *app, const Args *args)
{
	(void)args;
	pager_toggle_alternative(app->pager);
}

void action_quotes(App *app, const Args *args)
{
	(void)args;
	pager_toggle_quotes(app->pager);
}

void action_source(App *app, const Args *args)
{
	(void)args;
	if (app->focus != LAYOUT_PAGER)
		app_open_cursor(app);
	pager_show_source(app->pager);
}

static void find(App *app, const char *text, int direction)
{
	Pane *pane = screen_focused(app->screen);
	bool there = pane == app->pager ? pager_find(pane, text, direction)
					: text_pane_find(pane, text, direction);

	if (!there && text)
		app_say(app, "Not found: %s", text);
	else if (!there)
		app_say(app, "Nothing more is found. / looks for other words.");
}

void action_find_text(App *app, const Args *args)
{
	if (!args->text || !*args->text)
		app_ask_argument(app, "find", "Find: ", NULL);
	else
		find(app, args->text, 1);
}

void action_find_next(App *app, const Args *args)
{
	(void)args;
	find(app, NULL, 1);
}

void action_find_previous(App *app, const Args *args)
{
	(void)args;
	find(app, NULL, -1);
}

/* --- parts --- */

void action_parts(App *app, const Args *args)
{
	Mailbox *m = index_mailbox(app->index);
	uint32_t uid =
		app->focus == LAYOUT_PAGER ? pager_uid(app->pager) : index_cursor_uid(app->index);
	const MessageHead *head = m ? mailbox_head(m, uid) : NULL;
	const MimePart *structure = app->focus == LAYOUT_PAGER ? pager_root(app->pager) : NULL;

	(void)args;
	if (!structure && head)
		structure = message_structure(head);
	if (!structure) {
		app_say(app, "The parts of this message are not known yet.");
		return;
	}
	Pane *parts = parts_new(app->account, m, uid, structure);
	screen_popup(app->screen, parts, POPUP_CENTER, MIN((int)parts_count(parts), 16), 76);
}

/* The part under the cursor; in the pager the whole message, as it was sent. */
static const MimePart *part_to_save(App *app, MimePart **message)
{
	Pane *pane = screen_focused(app->screen);

	if (pane->ops->context == CONTEXT_PARTS)
		return parts_current(pane);
	const MessageHead *head = mailbox_head(pager_mailbox(app->pager), pager_uid(app->pager));
	*message = part_new("", "message/rfc822");
	(*message)->filename = g_strdup_printf(
		"%s.eml", head && *message_subject(head) ? message_subject(head) : "message");
	(*message)->size = head ? message_size(head) : 0;
	return *message;
}

void action_save(App *app, const Args *args)
{
	g_autoptr(MimePart) message = NULL;
	const MimePart *part = part_to_save(app, &message);
	Pane *pane = screen_focused(app->screen);
	bool in_parts = pane->ops->context == CONTEXT_PARTS;

	if (!part || (part->parts && in_parts && !g_str_equal(part->type, "message/rfc822"))) {
		app_say(app, "Choose one of the parts below: this one only holds them together.");
		return;
	}
	g_autofree char *name = part_safe_filename(part);
	if (!args->text || !*args->text) {
		app_ask_argument(app, "save", "Save as: ", name);
		return;
	}
	g_autofree char *path = save_path(args->text, name);
	save_part(app, in_parts ? parts_mailbox(pane) : pager_mailbox(app->pager),
		  in_parts ? parts_uid(pane) : pager_uid(app->pager), part, path);
}
