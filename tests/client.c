#include "tests/client.h"

#include <check.h>

#include "tests/place.h"
#include "tests/rows.h"
#include "tests/truth.h"

#define PATIENCE_SECONDS 20
#define SCREEN_ROWS      200

static void ignore_state(Account *a, PoolState state, const char *text, void *self)
{
	(void)a;
	(void)state;
	(void)text;
	(void)self;
}

static void ignore(Account *a, void *self)
{
	(void)a;
	(void)self;
}

static void on_notice(Account *a, bool is_error, const char *text, void *self)
{
	Client *c = self;

	(void)a;
	c->refusals += is_error;
	g_string_append_printf(c->notices, "%s%s\n", is_error ? "! " : "", text);
}

static void on_need_password(Account *a, const char *user, const char *why, bool refused,
			     void *self)
{
	(void)self;
	ck_assert_msg(!refused, "the password was refused: %s", why);
	account_set_password(a, user, "secret");
}

static void on_untrusted(Account *a, const Certificate *certificate, void *self)
{
	(void)a;
	(void)certificate;
	(void)self;
}

static void on_selected(Account *a, Mailbox *m, const GError *error, void *self)
{
	(void)a;
	(void)m;
	if (error == NULL)
		((Client *)self)->selected++;
}

static const AccountEvents events = {.state = ignore_state,
				     .folders = ignore,
				     .notice = on_notice,
				     .need_password = on_need_password,
				     .untrusted = on_untrusted,
				     .progress = ignore,
				     .selected = on_selected,
				     .changes = ignore};

static void set(AccountOptions *options, const char *name, const char *value)
{
	g_autoptr(GError) error = NULL;

	ck_assert_msg(option_set(options, account_option_table, name, value, &error), "%s",
		      error ? error->message : name);
}

Client *client_new(int port)
{
	Client *c = g_new0(Client, 1);
	AccountOptions options = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *url = g_strdup_printf("imap+plain://alice@127.0.0.1:%d", port);

	c->notices = g_string_new(NULL);
	option_init(&options, account_option_table);
	set(&options, "url", url);
	set(&options, "poll-interval", "5");
	c->account = account_new("test", &options, &events, c, &error);
	ck_assert_msg(c->account != NULL, "%s", error ? error->message : "");
	return c;
}

static void want_screen(View *v, size_t first, size_t last, bool relaid, void *data)
{
	(void)first;
	(void)last;
	(void)data;
	if (relaid && view_count(v) > 0)
		view_want(v, 0, MIN(view_count(v), SCREEN_ROWS) - 1);
}

void client_open(Client *c, const char *mailbox)
{
	account_open(c->account);
	c->mailbox = account_select(c->account, mailbox, false);
	c->view = view_new(c->mailbox, want_screen, c);
	want_screen(c->view, 0, 0, true, c);
}

void client_free(Client *c)
{
	if (c->view)
		view_free(c->view);
	account_free(c->account);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	g_string_free(c->notices, TRUE);
	g_free(c);
}

static gboolean wake(void *data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

bool client_wait(Client *c, ClientCondition condition, void *data)
{
	int64_t end = g_get_monotonic_time() + PATIENCE_SECONDS * G_USEC_PER_SEC;
	guint timer = g_timeout_add(20, wake, NULL);

	while (!condition(c, data) && g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	return condition(c, data);
}

void client_until(Client *c, ClientCondition condition, void *data, const char *what)
{
	if (client_wait(c, condition, data))
		return;
	g_autofree char *rows = rows_format(c->mailbox);
	ck_abort_msg("never: %s; state %d (%s), %u pending, %s, rows %s, told: %s", what,
		     account_state(c->account), account_state_text(c->account),
		     account_pending(c->account),
		     mailbox_is_complete(c->mailbox) ? "complete" : "incomplete", rows,
		     c->notices->str + MAX((gssize)c->notices->len - 400, 0));
}

void client_run(Client *c, unsigned milliseconds)
{
	int64_t end = g_get_monotonic_time() + milliseconds * (int64_t)1000;
	guint timer = milliseconds ? g_timeout_add(5, wake, NULL) : 0;

	(void)c;
	do {
		g_main_context_iteration(NULL, milliseconds != 0);
	} while (g_get_monotonic_time() < end);
	if (timer)
		g_source_remove(timer);
}

bool client_is_quiet(Client *c, void *data)
{
	(void)data;
	if (account_state(c->account) == POOL_WAITING)
		account_retry(c->account);
	return account_pending(c->account) == 0 && mailbox_is_complete(c->mailbox) &&
	       !mailbox_is_loading(c->mailbox);
}

bool client_agrees(Client *c, void *rows)
{
	g_autofree char *difference = truth_difference(c->mailbox, rows);

	return difference == NULL;
}

static char *state;

void client_make_state(void)
{
	state = place_temporary();
	g_setenv("XDG_STATE_HOME", state, TRUE);
	g_setenv("XDG_CACHE_HOME", state, TRUE);
}

void client_remove_state(void)
{
	place_remove(state);
	g_clear_pointer(&state, g_free);
}
