#include "ui/login.h"

#include <string.h>

#include "mime/text.h"
#include "ui/panel/certificate.h"
#include "ui/panel/prompt.h"
#include "ui/term/term.h"

/* Columns of a user's name that are shown, whatever else there is. */
#define USER_MIN 8

typedef struct {
	App *app;
	char *user;
} LogIn;

static void login_free(LogIn *login)
{
	g_free(login->user);
	g_free(login);
}

static void password_given(const char *line, void *data)
{
	LogIn *login = data;

	login->app->asking = false;
	if (line)
		account_set_password(login->app->account, login->user, line);
	else
		app_say(login->app, "Not logged in. F5 asks for the password again, Q quits.");
	login_free(login);
}

/* T196: host and user both have their place, however long the other is. */
static char *password_label(const char *user, const char *host)
{
	int room = term_cols() - text_width("Password of  at : ") - text_width(host) - 2;
	glong chars = MIN(g_utf8_strlen(user, -1), MAX(room, USER_MIN));
	g_autofree char *cut = g_utf8_substring(user, 0, chars);

	while (text_width(cut) > MAX(room, USER_MIN))
		*g_utf8_find_prev_char(cut, cut + strlen(cut)) = '\0';
	return g_strdup_printf("Password of %s%s at %s: ", cut,
			       strlen(cut) < strlen(user) ? "…" : "", host);
}

static void ask_password(LogIn *login_take)
{
	App *app = login_take->app;
	const char *host = account_endpoint(app->account)->host;
	g_autofree char *user = text_clean_name(login_take->user);
	g_autofree char *label = password_label(user, host ? host : "the server");
	PromptSpec spec = {.label = label, .secret = true};

	prompt_open(app->screen, &spec, password_given, login_take);
}

static void user_given(const char *line, void *data)
{
	LogIn *login = data;

	if (!line || !*line) {
		password_given(NULL, login);
		return;
	}
	login->user = g_strdup(line);
	ask_password(login);
}

/* Many servers want the whole address where "me" was refused. */
static char *propose_user(Account *a, const char *user)
{
	const char *host = account_endpoint(a)->host;

	/* An address and a host of the local network are nobody's mail domain. */
	if (!user || strchr(user, '@') || !host || !strchr(host, '.') ||
	    g_hostname_is_ip_address(host))
		return g_strdup(user);
	return g_strdup_printf("%s@%s", user, host);
}

/* The name is asked for where the URL has none, and again when it was refused. */
void login_ask(App *app, const char *user, const char *why, bool refused)
{
	if (app->asking)
		return;
	LogIn *login = g_new0(LogIn, 1);
	const char *host = account_endpoint(app->account)->host;
	g_autofree char *proposal = propose_user(app->account, user);
	g_autofree char *label =
		g_strdup_printf("Log in%s%s as: ", host ? " at " : "", host ? host : "");
	PromptSpec spec = {.label = label, .initial = proposal};

	login->app = app;
	app->asking = true;
	if (why)
		app_say_error(app, "%s", why);
	if (user && !refused) {
		login->user = g_strdup(user);
		ask_password(login);
		return;
	}
	prompt_open(app->screen, &spec, user_given, login);
}

static void trust_answered(TrustAnswer answer, const Certificate *certificate, void *data)
{
	App *app = data;
	g_autoptr(GError) error = NULL;

	if (answer == TRUST_NOT)
		app_say(app, "Not connected to %s. F5 tries again, Q quits.", certificate->host);
	else if (!account_trust(app->account, certificate, answer == TRUST_FOR_EVER, &error))
		app_say_error(app, "The key is trusted for this run only: %s", error->message);
}

void login_ask_trust(App *app, const Certificate *certificate)
{
	const Endpoint *endpoint = account_endpoint(app->account);
	TrustQuestion question = {
		.certificate = certificate,
		.user = account_user(app->account),
		.port = endpoint->port,
		.pinned = account_is_pinned(app->account),
	};

	certificate_ask(app->screen, &question, trust_answered, app);
}
