/* act_app - the commands about the program itself: help, options, keys, cancelling, quitting. */
#include <limits.h>
#include <string.h>

#include "core/account/trusted.h"
#include "mime/text.h"
#include "ui/app.h"
#include "ui/command/cmdline.h"
#include "ui/panel/help.h"
#include "ui/panel/log.h"
#include "ui/panel/pending.h"
#include "ui/panel/prompt.h"
#include "ui/term/term.h"

void action_refresh(App *app, const Args *args)
{
	(void)args;
	if (account_state(app->account) == POOL_ONLINE) {
		app_say(app, "Looking for new mail…");
		account_refresh(app->account);
	} else {
		account_retry(app->account);
	}
}

void action_cancel(App *app, const Args *args)
{
	g_autofree char *what = account_cancel(app->account);

	(void)args;
	if (what)
		app_say(app, "Cancelled: %s", what);
	else
		app_say(app, "Nothing is going on that could be cancelled. Q quits.");
}

void action_help(App *app, const Args *args)
{
	Pane *pane = screen_focused(app->screen);

	(void)args;
	app_show_text(app, "Help - q closes", help_document(app->keymap, app, pane->ops->context));
}

static char **complete_line(const char *line, size_t cursor, void *data)
{
	return cmdline_complete(data, line, cursor);
}

static void line_given(const char *line, void *data)
{
	App *app = data;
	g_autoptr(GError) error = NULL;

	if (line && *line && !cmdline_run(app, line, 0, &error))
		app_say_error(app, "%s", error->message);
}

void action_command(App *app, const Args *args)
{
	PromptSpec spec = {.label = ":", .history = "command", .complete = complete_line};

	(void)args;
	prompt_open(app->screen, &spec, line_given, app);
}

void action_set(App *app, const Args *args)
{
	g_autoptr(GError) error = NULL;

	if (!args->text || !*args->text) {
		app_ask_argument(app, "set", "Set: ", NULL);
		return;
	}
	g_auto(GStrv) words = g_strsplit_set(args->text, " =", 2);
	const OptionSpec *spec = option_find(ui_option_table, words[0]);
	if (spec && (!words[1] || !*words[1])) {
		g_autofree char *value = option_get(&app->config->ui, spec);
		app_say(app, "%s = %s   (%s)", spec->name, value, spec->help);
	} else if (!config_set(app->config, words[0], words[1] ? g_strchug(words[1]) : "",
			       &error)) {
		app_say_error(app, "%s", error->message);
	} else {
		app_invalidate(app, spec->invalidates);
	}
}

void action_bind(App *app, const Args *args)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) words = g_strsplit(args->text ? args->text : "", " ", 3);

	if (g_strv_length(words) < 3) {
		app_say_error(app, "bind wants a panel, keys and a command: bind index x delete");
		return;
	}
	unsigned contexts = keymap_context(words[0]);
	if (!contexts)
		app_say_error(app, "There is no panel %s: index, pager, folders, parts, list, all.",
			      words[0]);
	else if (!keymap_bind(app->keymap, contexts, words[1], words[2], &error))
		app_say_error(app, "%s", error->message);
}

void action_log(App *app, const Args *args)
{
	(void)args;
	app_show_text(app, "Log - q closes", log_document());
	Pane *pane = screen_focused(app->screen);
	pane->ops->scroll(pane, PANE_TO_END, 0);
}

void action_pending(App *app, const Args *args)
{
	g_auto(GStrv) words = g_strsplit(args->text ? args->text : "", " ", 2);
	bool retry = g_strcmp0(words[0], "retry") == 0, drop = g_strcmp0(words[0], "drop") == 0;
	uint64_t number;

	if (!args->text)
		app_show_text(app, "Pending changes - q closes",
			      pending_document(app->account, MIN(term_cols() - 6, 100)));
	else if (!(retry || drop) || !words[1] ||
		 !g_ascii_string_to_unsigned(g_strstrip(words[1]), 10, 1, UINT_MAX, &number, NULL))
		app_say_error(app, "pending takes nothing, \"retry NUMBER\" or \"drop NUMBER\".");
	else if (!(retry ? account_retry_change : account_drop_change)(app->account,
								       (unsigned)number))
		app_say_error(app, "No change that is held back has the number %u.",
			      (unsigned)number);
	else
		app_say(app, retry ? "It is tried again." : "It is forgotten.");
}

static void add_line(MimeDoc *doc, const char *line)
{
	doc_add(doc, DOC_NORMAL, 0, line, strlen(line));
	doc_end_line(doc);
}

void action_errors(App *app, const Args *args)
{
	GPtrArray *complaints = app->config->complaints;
	MimeDoc *doc = doc_new();

	(void)args;
	for (unsigned i = 0; i < complaints->len; i++)
		add_line(doc, g_ptr_array_index(complaints, i));
	if (complaints->len == 0)
		add_line(doc, "The configuration file has no mistakes.");
	app_show_text(app, "Configuration - q closes", doc);
}

void action_trusted_keys(App *app, const Args *args)
{
	g_auto(GStrv) servers = trusted_list();
	MimeDoc *doc = doc_new();

	(void)args;
	for (char **server = servers; *server; server++) {
		g_autofree char *key = trusted_key(*server);
		g_autofree char *name = text_clean_name(*server);
		add_line(doc, name);
		g_autofree char *line = g_strconcat("    ", key ? key : "no key: ignored", NULL);
		add_line(doc, line);
	}
	if (!*servers)
		add_line(doc, "No key is trusted beside those that authorities vouch for.");
	else
		add_line(doc, ":forget-key HOST:PORT takes one away.");
	app_show_text(app, "Trusted keys - q closes", doc);
}

void action_forget_key(App *app, const Args *args)
{
	g_autoptr(GError) error = NULL;

	if (!args->text || !*args->text)
		app_ask_argument(app, "forget-key", "Forget the key of (host:port): ", NULL);
	else if (account_forget_key(app->account, args->text, &error))
		app_say(app, "Forgotten: the next connection to %s asks again.", args->text);
	else
		app_say_error(
			app, "%s",
			error ? error->message
			      : "No key of that server is trusted: :trusted-keys lists them.");
}

void action_redraw(App *app, const Args *args)
{
	(void)app;
	(void)args;
	term_redraw();
}

void action_suspend(App *app, const Args *args)
{
	(void)app;
	(void)args;
	term_suspend();
}

static void quit_confirmed(const char *line, void *data)
{
	if (line)
		app_quit(data);
}

/* What is on its way is given this long before it is left to the next start (T173). */
#define QUIT_PATIENCE_US (G_USEC_PER_SEC / 2)
#define QUIT_LOOK_MS     20

/* What is on disk is not lost. */
static void quit_now(App *app)
{
	unsigned unsaved = account_unsaved(app->account);

	if (unsaved > 0) {
		g_autofree char *question = g_strdup_printf(
			"%u change%s not confirmed by the server and could not be written to the "
			"disk. Lose %s and quit?",
			unsaved, unsaved == 1 ? " is" : "s are", unsaved == 1 ? "it" : "them");
		prompt_ask(app->screen, question, quit_confirmed, app);
	} else if (app->config->ui.confirm_quit) {
		prompt_ask(app->screen, "Quit?", quit_confirmed, app);
	} else {
		app_quit(app);
	}
}

static gboolean quit_when_confirmed(void *data)
{
	App *app = data;
	unsigned pending = account_pending(app->account);

	bool under_way = account_unsaved(app->account) > 0 ||
			 (pending > 0 && account_state(app->account) == POOL_ONLINE);

	if (under_way && g_get_monotonic_time() < app->quit_deadline)
		return G_SOURCE_CONTINUE;
	app->quit_timer = 0;
	quit_now(app);
	return G_SOURCE_REMOVE;
}

void action_quit(App *app, const Args *args)
{
	(void)args;
	if (app->quit_timer)
		return;
	if (account_pending(app->account) == 0) {
		quit_now(app);
		return;
	}
	app_say(app, "Waiting for the server to confirm what was changed…");
	app->quit_deadline = g_get_monotonic_time() + QUIT_PATIENCE_US;
	app->quit_timer = g_timeout_add(QUIT_LOOK_MS, quit_when_confirmed, app);
}
