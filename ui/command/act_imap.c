/* act_imap - :imap, an IMAP command as sheaf imap takes it, and its answer in a panel. */
#include <string.h>

#include "mime/text.h"
#include "ui/app.h"
#include "ui/panel/rendering.h"
#include "ui/shell/reply.h"
#include "ui/term/term.h"

/* More is laid out beside the loop. */
#define AT_ONCE_OCTETS (64 * 1024)
/* Columns of a pop-up's border and of what stands around it. */
#define AROUND 6

typedef struct {
	App *app;
	char *line;
	const Pane *focus; /* where the person was; never looked into */
} Asked;

static void asked_free(Asked *asked)
{
	g_free(asked->line);
	g_free(asked);
}

/* The text and its words must not look like two commands. */
static char *title_of(const char *line)
{
	g_autofree char *clean = text_clean(line, TEXT_ONE_LINE);
	long room = MAX(term_cols() - 32, 20), length = g_utf8_strlen(clean, -1);
	g_autofree char *cut = g_utf8_substring(clean, 0, MIN(length, room));

	return g_strdup_printf("imap %s%s - q closes", cut, length > room ? "…" : "");
}

static void show(MimeDoc *doc, void *data)
{
	App *app = data;

	if (!doc)
		return;
	g_autofree char *title = title_of(app->called);
	app_show_text(app, title, doc);
}

static void show_answer(App *app)
{
	int width = term_cols() - AROUND;

	if (g_bytes_get_size(app->answer) > AT_ONCE_OCTETS)
		rendering_source(&app->scope, app->answer, width, show, app);
	else
		show(rendering_source_now(app->answer, width), app);
}

/* A prompt, or a panel that was opened meanwhile, is not covered. */
static bool is_waiting(const Asked *asked)
{
	const Pane *focus = screen_focused(asked->app->screen);

	return focus == asked->focus || !screen_has_popup(asked->app->screen);
}

static void append_left_out(GString *text, unsigned left_out)
{
	if (left_out == 1)
		g_string_append(text, "\nAn answer too long for this panel was left out: sheaf "
				      "imap prints it.\n");
	else if (left_out > 1)
		g_string_append_printf(text,
				       "\n%u answers too many for this panel were left out: sheaf "
				       "imap prints them.\n",
				       left_out);
}

static void keep_answer(App *app, const char *line, const Called *called)
{
	GString *text = g_string_new(NULL);

	reply_append_text(text, called->reply, true);
	reply_append_beside(text, called->reply, true);
	append_left_out(text, called->left_out);
	if (error_is_abort(called->reply->error) && (called->spec->flags & COMMAND_CHANGES))
		g_string_append(text, "\nNobody knows whether the server has done it.\n");
	g_clear_pointer(&app->answer, g_bytes_unref);
	app->answer = g_string_free_to_bytes(text);
	g_free(app->called);
	app->called = g_strdup(line);
}

/* It was not even sent: a sentence is enough. */
static bool was_not_sent(const GError *error)
{
	return g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE);
}

static void answered(Account *a, const Called *called, void *data)
{
	Asked *asked = data;
	App *app = asked->app;
	const GError *error = called->reply->error;

	(void)a;
	if (!error_is_cancelled(error)) {
		if (was_not_sent(error)) {
			app_say_error(app, "%s", error->message);
		} else {
			keep_answer(app, asked->line, called);
			if (is_waiting(asked))
				show_answer(app);
			else
				app_say(app, "imap %s: %s. :imap shows the answer.", asked->line,
					error ? error_class(error) : called->reply->type);
		}
	}
	asked_free(asked);
}

/* "help fetch": the name, where it is one that the wire does not have; else NULL. */
static const char *verb_of_the_shell(const char *line)
{
	static const char *const names[] = {
#define BUILTIN(id, name, arguments, help) name,
#include "ui/shell/builtin.def"
#undef BUILTIN
	};
	size_t len = strcspn(line, " ");

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strlen(names[i]) == len && g_ascii_strncasecmp(names[i], line, len) == 0 &&
		    !command_find(names[i]))
			return names[i];
	return NULL;
}

void action_imap(App *app, const Args *args)
{
	Asked *asked;
	g_autoptr(GError) error = NULL;

	if (!args->text || !*args->text) {
		if (app->answer)
			show_answer(app);
		else
			app_ask_argument(app, "imap", "IMAP command: ", NULL);
		return;
	}
	if (verb_of_the_shell(args->text)) {
		app_say_error(app, "%s is for sheaf imap alone; here Tab lists what there is.",
			      verb_of_the_shell(args->text));
		return;
	}
	asked = g_new(Asked, 1);
	*asked = (Asked){app, g_strdup(args->text), screen_focused(app->screen)};
	if (account_call(app->account, &app->scope, args->text, app->readonly, answered, asked,
			 &error))
		return;
	app_say_error(app, "%s", error->message);
	asked_free(asked);
}
