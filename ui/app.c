#include "ui/app.h"

#include <stdio.h>
#include <string.h>

#include "core/wire/utf7.h"
#include "mime/text.h"
#include "ui/command/cmdline.h"
#include "ui/keys.h"
#include "ui/login.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/log.h"
#include "ui/panel/pager.h"
#include "ui/panel/prompt.h"
#include "ui/panel/status.h"
#include "ui/panel/text.h"
#include "ui/panel/title.h"
#include "ui/term/term.h"

void app_say(App *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	status_say(app->status, STYLE_STATUS, "%s", text);
}

void app_say_error(App *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	status_say(app->status, STYLE_STATUS_ERROR, "%s", text);
}

/* --- layout, focus, hints --- */

static void place(App *app, Pane *pane, LayoutRect r)
{
	screen_place(app->screen, pane, r.row, r.col, r.rows, r.cols);
}

void app_layout(App *app)
{
	LayoutInput in = {
		.rows = term_rows(),
		.cols = term_cols(),
		.folders_wanted = app->folders_wanted,
		.pager_open = app->pager_open,
		.focus = app->focus,
		.folder_width = app->config->ui.folder_width,
		.hints = app->config->ui.hints,
	};
	Layout out;

	layout_compute(&in, &out);
	place(app, app->title, out.title);
	place(app, app->folders, out.folders);
	place(app, app->index, out.index);
	place(app, app->pager, out.pager);
	place(app, app->status, out.status);
}

static Pane *panel_pane(App *app, LayoutPanel panel)
{
	Pane *const panes[] = {
		[LAYOUT_FOLDERS] = app->folders,
		[LAYOUT_INDEX] = app->index,
		[LAYOUT_PAGER] = app->pager,
	};

	return panes[panel];
}

void app_focus(App *app, LayoutPanel panel)
{
	app->focus = panel;
	app_layout(app);
	screen_focus(app->screen, panel_pane(app, panel));
	keys_show_hints(app);
}

/* --- folders and messages --- */

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	App *app = data;

	(void)change;
	title_update(app->title, app->account, m);
	if (app->opening_row < 0)
		return;
	if (app->opening_row != list_cursor(index_list(app->index)))
		app->opening_row = -1;
	else
		app_open_cursor(app);
}

static void update_folders(App *app)
{
	Mailbox *m = index_mailbox(app->index);

	folders_update(app->folders, account_folders(app->account), m ? mailbox_name(m) : NULL);
}

void app_open_mailbox(App *app, const char *wire_name)
{
	Mailbox *before = index_mailbox(app->index);
	Folder *folder = folder_find(account_folders(app->account), wire_name);
	bool recipients =
		folder && (folder->role == FOLDER_ROLE_SENT || folder->role == FOLDER_ROLE_DRAFTS);

	if (before && !g_str_equal(mailbox_name(before), wire_name)) {
		g_free(app->previous_mailbox);
		app->previous_mailbox = g_strdup(mailbox_name(before));
	}
	scope_cancel(&app->scope);
	/* They may show parts of a message in the folder that is left. */
	screen_close_windows(app->screen);
	app_close_pager(app);
	app->opening_row = -1;
	/* Taken off before the account may drop the mailbox that is left. */
	if (before)
		mailbox_unlisten(before, app->listener);
	index_show(app->index, NULL, false);
	Mailbox *m = account_select(app->account, wire_name, app->readonly);
	index_show(app->index, m, recipients);
	app->listener = mailbox_listen(m, mailbox_changed, app);
	title_update(app->title, app->account, m);
	update_folders(app);
	app_focus(app, LAYOUT_INDEX);
	app_sort(app);
	app_thread(app);
}

void app_open_message(App *app, uint32_t uid)
{
	Mailbox *m = index_mailbox(app->index);

	if (!m || uid == 0)
		return;
	/* From here on the cursor belongs to this message, whatever arrives above it. */
	int64_t row = view_find(index_view(app->index), uid);
	if (row >= 0)
		list_set_cursor(index_list(app->index), row);
	app->pager_open = true;
	app_focus(app, LAYOUT_PAGER);
	pager_show(app->pager, app->account, m, uid);
}

void app_open_cursor(App *app)
{
	uint32_t uid = index_cursor_uid(app->index);

	app->opening_row = uid ? -1 : list_cursor(index_list(app->index));
	app_open_message(app, uid);
}

void app_close_pager(App *app)
{
	pager_close(app->pager);
	app->pager_open = false;
	app_focus(app, LAYOUT_INDEX);
}

void app_go_to_row(App *app, int64_t row)
{
	list_set_cursor(index_list(app->index), row);
	if (app->focus == LAYOUT_PAGER)
		app_open_cursor(app);
}

UidSet *app_targets(App *app)
{
	uint32_t reading = app->pager_open ? pager_uid(app->pager) : 0;

	if (reading && app->focus == LAYOUT_PAGER)
		return uidset_new_range(reading, reading);
	return index_targets(app->index);
}

void app_show_all(App *app)
{
	View *view = index_view(app->index);

	if (view)
		view_set_limit(view, NULL);
	index_set_limit_text(app->index, NULL);
}

/* FROM and SUBJECT are asked for in reverse so that "newest first" shows A on top. */
static const char *const sort_keys[] = {
	[UI_SORT_ARRIVAL] = NULL,        [UI_SORT_DATE] = "DATE",
	[UI_SORT_FROM] = "REVERSE FROM", [UI_SORT_SUBJECT] = "REVERSE SUBJECT",
	[UI_SORT_SIZE] = "SIZE",
};

static void sorted(Account *a, const uint32_t *uids, size_t n, const GError *error, void *data)
{
	App *app = data;
	View *view = index_view(app->index);

	(void)a;
	if (error_is_cancelled(error) || !view)
		return;
	if (error)
		app_say_error(app, "The server did not sort: %s", error->message);
	else
		view_set_order(view, uids, n);
}

void app_sort(App *app)
{
	const char *keys = sort_keys[app->config->ui.sort];
	View *view = index_view(app->index);

	index_set_newest_first(app->index, app->config->ui.newest_first);
	if (!view)
		return;
	if (keys)
		account_sort(app->account, &app->scope, view_mailbox(view), keys, sorted, app);
	else
		view_set_order(view, NULL, 0);
}

static void threaded(Account *a, const GError *error, void *data)
{
	App *app = data;

	(void)a;
	if (error_is_cancelled(error))
		return;
	if (error)
		app_say_error(app, "The server did not tell the threads: %s", error->message);
	if (app->config->ui.threads)
		index_set_threaded(app->index, true);
}

void app_thread(App *app)
{
	Mailbox *m = index_mailbox(app->index);
	const Thread *known = m ? mailbox_kept_threads(m) : NULL;
	bool by_subject = app->config->ui.threads_by == UI_THREADS_BY_SUBJECT;

	if (!m)
		return;
	if (!app->config->ui.threads ||
	    (known && thread_is_told(known) && thread_is_by_subject(known) == by_subject))
		index_set_threaded(app->index, app->config->ui.threads);
	else
		account_thread(app->account, &app->scope, m, by_subject, threaded, app);
}

static void damage_panels(App *app)
{
	Pane *const panes[] = {app->title, app->folders, app->index, app->pager, app->status};

	for (size_t i = 0; i < G_N_ELEMENTS(panes); i++)
		pane_damage_all(panes[i]);
}

void app_invalidate(App *app, unsigned bits)
{
	paint_set_ascii(app->config->ui.ascii);
	if (bits & UI_INVALIDATES_ORDER)
		app_sort(app);
	if (bits & UI_INVALIDATES_THREADS)
		app_thread(app);
	if (bits & UI_INVALIDATES_KEYWORDS)
		account_show_keywords(app->account, app->config->ui.keywords);
	if (bits & UI_INVALIDATES_PREVIEWS) {
		account_show_previews(app->account, app->config->ui.preview);
		damage_panels(app);
	}
	if (bits & UI_INVALIDATES_PAGER)
		pager_render(app->pager);
	if (bits & UI_INVALIDATES_LAYOUT) {
		app_layout(app);
		keys_show_hints(app);
		damage_panels(app);
		term_redraw();
	}
}

/* --- prompts and pop-ups --- */

typedef struct {
	App *app;
	char *name;
} Asked;

static void asked_free(void *data)
{
	Asked *asked = data;

	g_free(asked->name);
	g_free(asked);
}

static char **complete_argument(const char *line, size_t cursor, void *data)
{
	Asked *asked = data;
	g_autofree char *whole = g_strdup_printf("%s %s", asked->name, line);

	return cmdline_complete(asked->app, whole, strlen(asked->name) + 1 + cursor);
}

void app_run_line(App *app, const char *line, long count)
{
	g_autoptr(GError) error = NULL;

	if (!cmdline_run(app, line, count, &error))
		app_say_error(app, "%s", error->message);
	keys_show_hints(app);
}

static void argument_given(const char *line, void *data)
{
	Asked *asked = data;

	if (line) {
		g_autofree char *whole = g_strdup_printf("%s %s", asked->name, line);
		app_run_line(asked->app, whole, 0);
	}
	asked_free(asked);
}

void app_ask_argument(App *app, const char *name, const char *label, const char *initial)
{
	const Action *action = action_find(name);
	Asked *asked = g_new(Asked, 1);

	*asked = (Asked){app, g_strdup(name)};
	PromptSpec spec = {
		.label = label,
		.initial = initial,
		.history = name,
		.fuzzy = action->args == ARGS_FOLDER || action->args == ARGS_CARRIED,
		.complete = complete_argument,
	};
	prompt_open(app->screen, &spec, argument_given, asked);
}

/* Columns of the border's line around a title. */
#define TITLE_AROUND 3

void app_show_text(App *app, const char *title, MimeDoc *doc_take)
{
	int rows = MIN((int)doc_line_count(doc_take), term_rows() - 4);
	Pane *text = text_pane_new(title, doc_take);
	int cols = MAX(text_pane_width(text), text_width(title) + TITLE_AROUND);

	screen_popup(app->screen, text, POPUP_CENTER, MAX(rows, 3),
		     CLAMP(cols, 40, term_cols() - 4));
	keys_show_hints(app);
}

/* So long the server has to say goodbye. */
#define LEAVE_MS 300

static gboolean leave_now(void *data)
{
	App *app = data;

	app->leave_timer = 0;
	g_main_loop_quit(app->loop);
	return G_SOURCE_REMOVE;
}

void app_quit(App *app)
{
	if (app->leave_timer)
		return;
	account_log_out(app->account);
	if (account_state(app->account) == POOL_ONLINE)
		app->leave_timer = g_timeout_add(LEAVE_MS, leave_now, app);
	else
		g_main_loop_quit(app->loop);
}

/* --- events of the account --- */

/* That it is lost is said once, not with every try. */
static bool is_trouble(const App *app, PoolState state)
{
	return state == POOL_WAITING || state == POOL_REFUSED || state == POOL_UNTRUSTED ||
	       state == POOL_DENIED || (state == POOL_RECONNECTING && app->state == POOL_ONLINE);
}

static void account_state_changed(Account *a, PoolState state, const char *text, void *self)
{
	App *app = self;

	title_update(app->title, a, index_mailbox(app->index));
	if (app->leave_timer && state != POOL_ONLINE) {
		g_main_loop_quit(app->loop);
	} else if (is_trouble(app, state) && text && g_strcmp0(text, app->trouble) != 0) {
		app_say_error(app, "%s", text);
		g_free(app->trouble);
		app->trouble = g_strdup(text);
	} else if (state == POOL_ONLINE && app->trouble) {
		app_say(app, "Connected again.");
		g_clear_pointer(&app->trouble, g_free);
	}
	app->state = state;
}

static void account_folders_changed(Account *a, void *self)
{
	App *app = self;

	update_folders(app);
	title_update(app->title, a, index_mailbox(app->index));
}

static void account_notice(Account *a, bool is_error, const char *text, void *self)
{
	(void)a;
	if (is_error)
		app_say_error(self, "%s", text);
	else
		app_say(self, "%s", text);
}

static void account_need_password(Account *a, const char *user, const char *why, bool refused,
				  void *self)
{
	(void)a;
	login_ask(self, user, why, refused);
}

static void account_untrusted(Account *a, const Certificate *certificate, void *self)
{
	(void)a;
	login_ask_trust(self, certificate);
}

static void account_progressed(Account *a, void *self)
{
	App *app = self;
	JobProgress progress;

	status_progress(app->status, account_progress(a, &progress) ? &progress : NULL);
}

static void account_mailbox_selected(Account *a, Mailbox *m, const GError *error, void *self)
{
	App *app = self;

	if (error && !error_is_cancelled(error))
		app_say_error(app, "%s could not be opened: %s", mailbox_title(m), error->message);
	title_update(app->title, a, index_mailbox(app->index));
}

static gboolean tell_pending(void *data)
{
	App *app = data;

	app->pending_timer = 0;
	title_update(app->title, app->account, index_mailbox(app->index));
	return G_SOURCE_REMOVE;
}

static void account_changes_moved(Account *a, void *self)
{
	App *app = self;

	title_update(app->title, a, index_mailbox(app->index));
	if (account_pending(a) > account_overdue(a) && app->pending_timer == 0)
		app->pending_timer = g_timeout_add(JOURNAL_OVERDUE_MS + 50, tell_pending, app);
}

static const AccountEvents account_events = {
	.state = account_state_changed,
	.folders = account_folders_changed,
	.notice = account_notice,
	.need_password = account_need_password,
	.untrusted = account_untrusted,
	.progress = account_progressed,
	.selected = account_mailbox_selected,
	.changes = account_changes_moved,
};

/* --- events of the panels --- */

static void index_moved(Pane *index, void *data)
{
	(void)index;
	(void)data;
}

static void message_shown(Pane *pager, Mailbox *m, uint32_t uid, void *data)
{
	App *app = data;
	bool pending;

	(void)pager;
	if (!app->config->ui.mark_read || mailbox_is_readonly(m) ||
	    (mailbox_flags(m, uid, &pending) & FLAG_SEEN))
		return;
	g_autoptr(UidSet) uids = uidset_new_range(uid, uid);
	account_flag(app->account, m, uids, STORE_ADD, FLAG_SEEN);
}

static void message_failed(Pane *pager, const char *text, void *data)
{
	(void)pager;
	app_say_error(data, "%s", text);
}

static const PagerEvents pager_events = {.shown = message_shown, .error = message_failed};

static void pasted(const char *utf8, void *data)
{
	App *app = data;
	Pane *pane = screen_focused(app->screen);

	if (pane && pane->ops->paste)
		pane->ops->paste(pane, utf8);
	else
		app_say_error(app, "Pasted text is not run as keys.");
}

static void resized(int rows, int cols, void *data)
{
	App *app = data;

	screen_resize(app->screen, rows, cols);
	app_layout(app);
}

static void hung_up(void *data)
{
	app_quit(data);
}

static const TermEvents term_events = {
	.input = {.key = keys_pressed, .paste = pasted},
	.resize = resized,
	.hangup = hung_up,
};

/* --- start and end --- */

static bool apply_sets(Config *config, char **sets, GError **error)
{
	for (char **set = sets; set && *set; set++) {
		g_auto(GStrv) pair = g_strsplit(*set, "=", 2);
		if (!pair[0] || !pair[1]) {
			g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
				    "--set wants option=value, not \"%s\"", *set);
			return false;
		}
		if (!config_set(config, pair[0], pair[1], error))
			return false;
	}
	return true;
}

static bool load_config(App *app, const AppOptions *options, GError **error)
{
	app->keymap = keymap_new();
	app->config = config_new(app->keymap);
	return config_load_named(app->config, options->config_path, error) &&
	       apply_sets(app->config, options->sets, error);
}

/* The account that `place` names, or one made up for a URL or path. */
static Account *make_account(App *app, const AppOptions *options, GError **error)
{
	const ConfigAccount *found = config_account(app->config, options->place);
	AccountOptions own = {0};

	if (!found && !options->place) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "No account is configured. Try \"sheaf demo\", or name one: "
			    "sheaf imaps://me@example.org");
		return NULL;
	}
	option_init(&own, account_option_table);
	for (const OptionSpec *spec = account_option_table; found && spec->name; spec++) {
		g_autofree char *value = option_get(&found->options, spec);
		option_set(&own, account_option_table, spec->name, value, NULL);
	}
	if (!found)
		option_set(&own, account_option_table, "url", options->place, NULL);
	if (options->ca_file)
		option_set(&own, account_option_table, "ca", options->ca_file, NULL);
	return account_new(found ? found->name : options->label, &own, &account_events, app, error);
}

static void make_panels(App *app)
{
	app->screen = screen_new();
	app->title = title_new();
	app->folders = folders_new();
	app->index = index_new(index_moved, app);
	index_set_newest_first(app->index, app->config->ui.newest_first);
	app->pager = pager_new(&app->config->ui, &pager_events, app);
	app->status = status_new();
	app->folders_wanted = true;
	folders_set_subscribed_only(app->folders, account_options(app->account)->folders != 0);
	paint_set_ascii(app->config->ui.ascii);
	app_focus(app, LAYOUT_INDEX);
}

static void say_complaints(App *app)
{
	GPtrArray *complaints = app->config->complaints;

	if (complaints->len == 1)
		app_say_error(app, "%s", (char *)g_ptr_array_index(complaints, 0));
	else if (complaints->len > 1)
		app_say_error(app, "%s (and %u more: :config-errors)",
			      (char *)g_ptr_array_index(complaints, 0), complaints->len - 1);
}

static void open_first(App *app)
{
	const char *path = account_endpoint(app->account)->mailbox;
	g_autofree char *wire = utf7_encode(path && *path ? path : "INBOX");

	account_show_keywords(app->account, app->config->ui.keywords);
	account_show_previews(app->account, app->config->ui.preview);
	account_open(app->account);
	app_open_mailbox(app, wire);
	say_complaints(app);
}

static void app_clear(App *app)
{
	keys_stop(app);
	g_clear_handle_id(&app->leave_timer, g_source_remove);
	g_clear_handle_id(&app->pending_timer, g_source_remove);
	scope_cancel(&app->scope);
	if (app->index && index_mailbox(app->index))
		mailbox_unlisten(index_mailbox(app->index), app->listener);
	/* What they asked for ends with them, which the status line is told. */
	if (app->screen)
		screen_close_windows(app->screen);
	g_clear_pointer(&app->screen, screen_free);
	term_close();
	g_clear_pointer(&app->account, account_free);
	g_clear_pointer(&app->config, config_free);
	g_clear_pointer(&app->keymap, keymap_free);
	g_clear_pointer(&app->loop, g_main_loop_unref);
	g_free(app->previous_mailbox);
	g_free(app->called);
	uidset_free(app->doomed);
	g_clear_pointer(&app->answer, g_bytes_unref);
	g_free(app->trouble);
}

/* Everything that can be refused is refused before the screen is taken. */
static bool start(App *app, const AppOptions *options, GError **error)
{
	if (!log_install(options->log_file, error) || !load_config(app, options, error))
		return false;
	app->account = make_account(app, options, error);
	return app->account && term_open(&term_events, app, error);
}

static void say_kept(unsigned kept)
{
	if (kept > 0)
		fprintf(stderr,
			"sheaf: %u change%s that the server has not confirmed %s kept, and will be "
			"sent when Sheaf is started again.\n",
			kept, kept == 1 ? "" : "s", kept == 1 ? "is" : "are");
}

int app_run(const AppOptions *options)
{
	App app = {.readonly = options->readonly, .opening_row = -1};
	unsigned kept = 0;
	g_autoptr(GError) error = NULL;

	scope_init(&app.scope);
	app.loop = g_main_loop_new(NULL, FALSE);
	if (start(&app, options, &error)) {
		theme_start();
		make_panels(&app);
		open_first(&app);
		g_main_loop_run(app.loop);
		kept = account_pending(app.account) - account_unsaved(app.account);
	} else {
		app.exit_status = 1;
	}
	app_clear(&app);
	say_kept(kept);
	if (error)
		fprintf(stderr, "sheaf: %s\n", error->message);
	return app.exit_status;
}
