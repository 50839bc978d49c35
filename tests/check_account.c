/* check_account - an account against real servers: what the façade shows, what the server then has.
 */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/account/account.h"
#include "core/base/error.h"
#include "tests/place.h"
#include "tests/rows.h"
#include "tests/run.h"
#include "tests/server.h"

#define PATIENCE_SECONDS 20

/* An account and what it told. */
typedef struct {
	Account *account;
	Mailbox *mailbox;
	GString *notices;
	unsigned folders, asked;
	bool selected;
	char *refused;
	/* of one question */
	bool answered;
	char *answer;
	GError *error;
} Client;

static void on_state(Account *a, PoolState state, const char *text, void *self)
{
	(void)a;
	(void)state;
	(void)text;
	(void)self;
}

static void on_folders(Account *a, void *self)
{
	(void)a;
	((Client *)self)->folders++;
}

static void on_notice(Account *a, bool is_error, const char *text, void *self)
{
	(void)a;
	g_string_append_printf(((Client *)self)->notices, "%s%s\n", is_error ? "! " : "", text);
}

static void on_need_password(Account *a, const char *user, const char *why, bool refused,
			     void *self)
{
	Client *c = self;

	(void)why;
	(void)refused;
	/* The second time it was refused: the person goes away. */
	if (c->asked++ == 0)
		account_set_password(a, user, "secret");
}

static void on_progress(Account *a, void *self)
{
	(void)a;
	(void)self;
}

static void on_selected(Account *a, Mailbox *m, const GError *error, void *self)
{
	Client *c = self;

	(void)a;
	(void)m;
	c->selected = error == NULL;
	if (error) {
		g_free(c->refused);
		c->refused = g_strdup(error->message);
	}
}

static void on_untrusted(Account *a, const Certificate *certificate, void *self)
{
	(void)a;
	(void)certificate;
	(void)self;
}

static const AccountEvents events = {on_state,     on_folders,  on_notice,   on_need_password,
				     on_untrusted, on_progress, on_selected, on_progress};

/* --- waiting --- */

static char *describe(Client *c)
{
	g_autofree char *rows = c->mailbox ? rows_format(c->mailbox) : g_strdup("-");

	return g_strdup_printf("rows %s, state %d (%s), refused %s, notices: %s", rows,
			       account_state(c->account), account_state_text(c->account),
			       c->refused ? c->refused : "-", c->notices->str);
}

static gboolean wake(void *data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

/* Runs the loop until `condition`; the place is told where it never comes. */
#define until(c, condition)                                                                        \
	do {                                                                                       \
		int64_t end_ = g_get_monotonic_time() + PATIENCE_SECONDS * G_USEC_PER_SEC;         \
		guint timer_ = g_timeout_add(20, wake, NULL);                                      \
		while (!(condition) && g_get_monotonic_time() < end_)                              \
			g_main_context_iteration(NULL, TRUE);                                      \
		g_source_remove(timer_);                                                           \
		if (!(condition)) {                                                                \
			g_autofree char *seen_ = describe(c);                                      \
			ck_abort_msg("never: %s; %s", #condition, seen_);                          \
		}                                                                                  \
	} while (0)

static void pass(unsigned milliseconds)
{
	int64_t end = g_get_monotonic_time() + milliseconds * 1000;
	guint timer = g_timeout_add(10, wake, NULL);

	while (g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static bool rows_are(Client *c, const char *text)
{
	g_autofree char *rows = rows_format(c->mailbox);

	return strcmp(rows, text) == 0;
}

static bool was_told(Client *c, const char *text)
{
	return strstr(c->notices->str, text) != NULL;
}

/* --- clients and servers --- */

static Client *client_new(const char *url, const char *const *settings)
{
	Client *c = g_new0(Client, 1);
	AccountOptions options = {0};
	g_autoptr(GError) error = NULL;

	c->notices = g_string_new(NULL);
	option_init(&options, account_option_table);
	ck_assert(option_set(&options, account_option_table, "url", url, &error));
	ck_assert(option_set(&options, account_option_table, "poll-interval", "5", &error));
	for (size_t i = 0; settings && settings[i]; i += 2)
		ck_assert(option_set(&options, account_option_table, settings[i], settings[i + 1],
				     &error));
	c->account = account_new("test", &options, &events, c, &error);
	ck_assert_msg(c->account != NULL, "%s", error ? error->message : "");
	return c;
}

static void client_open(Client *c, const char *mailbox)
{
	account_open(c->account);
	c->mailbox = account_select(c->account, mailbox, false);
}

static void client_free(Client *c)
{
	account_free(c->account);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	g_string_free(c->notices, TRUE);
	g_free(c->refused);
	g_free(c->answer);
	g_clear_error(&c->error);
	g_free(c);
}

static const struct {
	ServerKind kind;
	const char *settings, *prefix;
} servers[] = {
	{SERVER_DOVECOT, NULL, ""},
	/* A poor server: no MOVE, no UIDPLUS, no IDLE, no ESEARCH, no SORT, no LIST-EXTENDED. */
	{SERVER_DOVECOT, "imap_capability = IMAP4rev1\n", ""},
	{SERVER_CYRUS, NULL, ""},
	{SERVER_COURIER, NULL, "INBOX."},
};

static char *path_of(int i, const char *name)
{
	return g_strconcat(servers[i].prefix, name, NULL);
}

static void fill(TestServer *s, Probe *probe, int i, unsigned n)
{
	g_autofree char *trash = path_of(i, "Trash");
	g_autofree char *create = g_strdup_printf("CREATE %s", trash);

	for (unsigned k = 1; k <= n; k++) {
		g_autofree char *message = g_strdup_printf(
			"From: Ada %u <ada%u@example.org>\nTo: me@example.org\nSubject: number %u "
			"%s\n"
			"Date: Mon, %02u Feb 2026 10:00:00 +0000\nMessage-ID: <%u@example.org>\n\n"
			"Text %u.\n",
			k, 99 - k, k, k % 2 ? "odd" : "even", 28 - k, k, k);
		server_add_message(s, s->user, "INBOX", "", message);
	}
	g_free(probe_command(probe, create));
}

typedef struct {
	TestServer *server;
	Probe *probe;
	Client *client;
} Stage;

static Stage stage_open(int i, unsigned n)
{
	ServerOptions options = {.settings = servers[i].settings};
	Stage stage = {.server = server_start(servers[i].kind, &options)};

	stage.probe = server_probe(stage.server, stage.server->user);
	fill(stage.server, stage.probe, i, n);
	g_autofree char *url = server_url(stage.server, "imap+plain", NULL);
	stage.client = client_new(url, NULL);
	client_open(stage.client, "INBOX");
	return stage;
}

static void stage_close(Stage *stage)
{
	client_free(stage->client);
	probe_close(stage->probe);
	server_stop(stage->server);
}

/* --- what every server must do --- */

START_TEST(a_mailbox_opens_and_the_tree_is_listed)
{
	Stage stage = stage_open(_i, 4);
	Client *c = stage.client;
	g_autofree char *trash = path_of(_i, "Trash");

	until(c, c->selected && rows_are(c, "1 2 3 4 of 4"));
	ck_assert_str_eq(message_subject(mailbox_head(c->mailbox, 3)), "number 3 odd");
	ck_assert_str_eq(message_from(mailbox_head(c->mailbox, 3)), "Ada 3");
	ck_assert_ptr_nonnull(message_structure(mailbox_head(c->mailbox, 3)));
	until(c, folder_find_role(account_folders(c->account), FOLDER_ROLE_TRASH) != NULL);
	Folder *folder = folder_find(account_folders(c->account), trash);
	ck_assert_ptr_eq(folder, folder_find_role(account_folders(c->account), FOLDER_ROLE_TRASH));
	until(c, folder_find(account_folders(c->account), "INBOX")->unseen == 4);
	until(c, folder_find(account_folders(c->account), trash)->counted);
	ck_assert_uint_eq(c->asked, 1);
	stage_close(&stage);
}
END_TEST

START_TEST(flags_reach_the_server)
{
	Stage stage = stage_open(_i, 3);
	Client *c = stage.client;
	g_autoptr(UidSet) two = uidset_new_range(2, 2);
	g_autoptr(UidSet) all = uidset_new_range(1, 3);

	until(c, rows_are(c, "1 2 3 of 3"));
	account_flag(c->account, c->mailbox, two, STORE_ADD, FLAG_FLAGGED);
	ck_assert(rows_are(c, "1 2fp 3 of 3"));
	account_flag(c->account, c->mailbox, all, STORE_ADD, FLAG_SEEN);
	account_flag(c->account, c->mailbox, two, STORE_REMOVE, FLAG_SEEN);
	until(c, rows_are(c, "1s 2f 3s of 3") && account_pending(c->account) == 0);
	ck_assert(was_told(c, "Marked 3 messages as read."));
	ck_assert_uint_eq(probe_status(stage.probe, "INBOX", "UNSEEN"), 1);
	stage_close(&stage);
}
END_TEST

START_TEST(deleting_moves_to_the_trash_and_there_marks)
{
	Stage stage = stage_open(_i, 3);
	Client *c = stage.client;
	g_autofree char *trash = path_of(_i, "Trash");
	g_autoptr(UidSet) some = uidset_new_range(1, 2);

	until(c, rows_are(c, "1 2 3 of 3"));
	until(c, folder_find_role(account_folders(c->account), FOLDER_ROLE_TRASH) != NULL);
	ck_assert(account_delete(c->account, c->mailbox, some));
	ck_assert(rows_are(c, "3 of 1"));
	until(c, account_pending(c->account) == 0);
	ck_assert_msg(was_told(c, "Moved 2 messages to "), "%s", c->notices->str);
	ck_assert(rows_are(c, "3 of 1"));
	ck_assert_uint_eq(probe_status(stage.probe, "INBOX", "MESSAGES"), 1);
	ck_assert_uint_eq(probe_status(stage.probe, trash, "MESSAGES"), 2);
	/* Over there. */
	c->selected = false;
	c->mailbox = account_select(c->account, trash, false);
	until(c, c->selected && mailbox_known(c->mailbox) == 2);
	g_autoptr(UidSet) first =
		uidset_new_range(mailbox_uid_at(c->mailbox, 0), mailbox_uid_at(c->mailbox, 0));
	ck_assert(!account_delete(c->account, c->mailbox, first));
	until(c, account_pending(c->account) == 0);
	ck_assert_uint_eq(mailbox_known(c->mailbox), 2);
	account_expunge(c->account, c->mailbox, first);
	ck_assert_uint_eq(mailbox_known(c->mailbox), 1);
	until(c, account_pending(c->account) == 0);
	ck_assert_msg(was_told(c, "Removed 1 message for ever."), "%s", c->notices->str);
	ck_assert_uint_eq(probe_status(stage.probe, trash, "MESSAGES"), 1);
	stage_close(&stage);
}
END_TEST

START_TEST(copies_are_counted_and_refusals_told)
{
	Stage stage = stage_open(_i, 2);
	Client *c = stage.client;
	g_autofree char *trash = path_of(_i, "Trash"), *nowhere = path_of(_i, "Nowhere");
	g_autoptr(UidSet) one = uidset_new_range(1, 1);

	until(c, rows_are(c, "1 2 of 2"));
	account_copy(c->account, c->mailbox, one, trash, false);
	until(c, account_pending(c->account) == 0);
	ck_assert(was_told(c, "Copied 1 message to "));
	ck_assert_uint_eq(probe_status(stage.probe, trash, "MESSAGES"), 1);
	account_copy(c->account, c->mailbox, one, nowhere, true);
	ck_assert(rows_are(c, "2 of 1"));
	until(c, account_pending(c->account) == 0);
	ck_assert_msg(was_told(c, "! Nothing was moved: "), "%s", c->notices->str);
	ck_assert(rows_are(c, "1 2 of 2"));
	ck_assert_uint_eq(probe_status(stage.probe, "INBOX", "MESSAGES"), 2);
	stage_close(&stage);
}
END_TEST

START_TEST(new_mail_appears_by_itself)
{
	Stage stage = stage_open(_i, 1);
	Client *c = stage.client;

	until(c, rows_are(c, "1 of 1"));
	pass(2500); /* IDLE has begun where it can */
	server_add_message(stage.server, stage.server->user, "INBOX", "",
			   "From: Bo <bo@example.org>\nSubject: news\n\nNew.\n");
	until(c, rows_are(c, "1 2 of 2") && mailbox_head(c->mailbox, 2) != NULL);
	ck_assert_str_eq(message_subject(mailbox_head(c->mailbox, 2)), "news");
	ck_assert(mailbox_is_recent(c->mailbox, 2));
	stage_close(&stage);
}
END_TEST

static void on_found(Account *a, const UidSet *uids, const GError *error, void *data)
{
	Client *c = data;

	(void)a;
	c->answered = true;
	c->answer = uids ? uidset_format(uids) : NULL;
	c->error = error ? g_error_copy(error) : NULL;
}

static void on_sorted(Account *a, const uint32_t *uids, size_t n, const GError *error, void *data)
{
	GString *text = g_string_new(NULL);
	Client *c = data;

	(void)a;
	for (size_t i = 0; i < n; i++)
		g_string_append_printf(text, "%s%u", i ? " " : "", uids[i]);
	c->answered = true;
	c->answer = g_string_free(text, FALSE);
	c->error = error ? g_error_copy(error) : NULL;
}

static void on_part(Account *a, GBytes *bytes, const GError *error, void *data)
{
	Client *c = data;

	(void)a;
	c->answered = true;
	c->error = error ? g_error_copy(error) : NULL;
	c->answer =
		bytes ? g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) : NULL;
}

static void forget_answer(Client *c)
{
	c->answered = false;
	g_clear_pointer(&c->answer, g_free);
	g_clear_error(&c->error);
}

START_TEST(questions_are_answered)
{
	Stage stage = stage_open(_i, 4);
	Client *c = stage.client;
	g_autoptr(Query) query = query_parse("subject:even", 0, NULL),
			 fresh = query_parse("younger:1h not older:1h", time(NULL), NULL),
			 saved = query_parse("saved-since:yesterday", time(NULL), NULL);

	until(c, rows_are(c, "1 2 3 4 of 4"));
	account_search(c->account, NULL, c->mailbox, query, on_found, c);
	until(c, c->answered);
	ck_assert_str_eq(c->answer, "2,4");
	forget_answer(c);
	account_search(c->account, NULL, c->mailbox, fresh, on_found, c);
	until(c, c->answered);
	ck_assert_msg(!c->error, "%s", c->error ? c->error->message : "");
	ck_assert_str_eq(c->answer, "1:4");
	forget_answer(c);
	account_search(c->account, NULL, c->mailbox, saved, on_found, c);
	until(c, c->answered);
	if (account_capabilities(c->account) & CAP(SAVEDATE))
		ck_assert_str_eq(c->answer, "1:4");
	else
		ck_assert_str_eq(c->error->message,
				 "this server does not know how (it does not offer SAVEDATE).");
	forget_answer(c);
	account_fetch_part(c->account, NULL, c->mailbox, 3, "1", 0, NULL, on_part, c);
	until(c, c->answered);
	ck_assert_str_eq(c->answer, "Text 3.\r\n");
	forget_answer(c);
	account_fetch_part(c->account, NULL, c->mailbox, 77, "1", 0, NULL, on_part, c);
	until(c, c->answered);
	ck_assert_ptr_nonnull(c->error);
	forget_answer(c);
	account_sort(c->account, NULL, c->mailbox, "DATE", on_sorted, c);
	until(c, c->answered);
	if (account_capabilities(c->account) & CAP(SORT))
		ck_assert_str_eq(c->answer, "4 3 2 1");
	else
		ck_assert_ptr_nonnull(c->error);
	forget_answer(c);
	account_sort(c->account, NULL, c->mailbox, "REVERSE DATE", on_sorted, c);
	until(c, c->answered);
	if (account_capabilities(c->account) & CAP(SORT))
		ck_assert_str_eq(c->answer, "1 2 3 4");
	forget_answer(c);
	account_sort(c->account, NULL, c->mailbox, "FROM", on_sorted, c);
	until(c, c->answered);
	if (account_capabilities(c->account) & CAP(SORT_DISPLAY))
		ck_assert_str_eq(c->answer, "1 2 3 4");
	else if (account_capabilities(c->account) & CAP(SORT))
		ck_assert_str_eq(c->answer, "4 3 2 1");
	stage_close(&stage);
}
END_TEST

static void on_change(Account *a, const GError *error, void *data)
{
	Client *c = data;

	(void)a;
	c->answered = true;
	c->error = error ? g_error_copy(error) : NULL;
}

static void on_created(Account *a, const char *path, const GError *error, void *data)
{
	((Client *)data)->answer = g_strdup(path);
	on_change(a, error, data);
}

/* Where everything is below INBOX, so is what the person creates. */
START_TEST(folders_are_created_and_subscribed)
{
	Stage stage = stage_open(_i, 1);
	Client *c = stage.client;
	g_autofree char *made = path_of(_i, "Caf&AOk-s");

	until(c, folder_find_role(account_folders(c->account), FOLDER_ROLE_TRASH) != NULL);
	account_create(c->account, NULL, "Cafés", on_created, c);
	until(c, c->answered);
	ck_assert_msg(c->error == NULL, "%s", c->error ? c->error->message : "");
	g_autofree char *called = path_of(_i, "Cafés");
	ck_assert_str_eq(c->answer, called);
	ck_assert_ptr_eq(folder_find_path(account_folders(c->account), "Trash"),
			 folder_find_role(account_folders(c->account), FOLDER_ROLE_TRASH));
	until(c, folder_find(account_folders(c->account), made) != NULL);
	forget_answer(c);
	account_subscribe(c->account, NULL, made, true, on_change, c);
	until(c, c->answered && folder_find(account_folders(c->account), made)->subscribed);
	forget_answer(c);
	account_create(c->account, NULL, "Cafés", on_created, c);
	until(c, c->answered);
	ck_assert_ptr_nonnull(c->error);
	stage_close(&stage);
}
END_TEST

static const Folder *folder_of(Client *c, const char *name)
{
	return folder_find(account_folders(c->account), name);
}

static bool has_unseen(Client *c, const char *name, unsigned n)
{
	const Folder *f = folder_of(c, name);

	return f && f->counted && f->unseen == n;
}

/* The interval never comes: what shows is what the server told by itself (RFC 5465). */
START_TEST(a_server_tells_of_other_folders)
{
	static const char *const settings[] = {"poll-interval", "86400", NULL};
	static const char news[] = "Subject: news\n\nNew.\n";
	g_autoptr(TestServer) s = server_start(SERVER_DOVECOT, NULL);
	g_autoptr(Probe) other = server_probe(s, s->user);
	g_autofree char *url = server_url(s, "imap+plain", NULL);

	server_add_message(s, s->user, "INBOX", "", news);
	server_add_message(s, s->user, "Lists", "\\Seen", news);
	Client *c = client_new(url, settings);
	client_open(c, "INBOX");
	until(c, c->selected && has_unseen(c, "Lists", 0));
	probe_append(other, "Lists", "", news, -1);
	until(c, has_unseen(c, "Lists", 1));
	ck_assert(folder_of(c, "Lists")->fresh);
	probe_append(other, "Lists", "", news, -1);
	until(c, has_unseen(c, "Lists", 2));
	g_free(probe_expect(other, "SELECT Lists"));
	g_free(probe_expect(other, "STORE 2 +FLAGS (\\Seen \\Deleted)"));
	until(c, has_unseen(c, "Lists", 1));
	g_free(probe_expect(other, "EXPUNGE"));
	until(c, folder_of(c, "Lists")->messages == 2);
	probe_append(other, "INBOX", "", news, -1);
	until(c, rows_are(c, "1 2 of 2") && mailbox_head(c->mailbox, 2) != NULL);
	g_free(probe_expect(other, "CREATE New"));
	until(c, folder_of(c, "New") != NULL);
	g_free(probe_expect(other, "RENAME New Newer"));
	until(c, folder_of(c, "New") == NULL && folder_of(c, "Newer") != NULL);
	client_free(c);
}
END_TEST

START_TEST(a_missing_mailbox_is_refused_in_a_sentence)
{
	Stage stage = stage_open(_i, 1);
	Client *c = stage.client;

	until(c, c->selected);
	account_select(c->account, "Nowhere", false);
	until(c, c->refused != NULL);
	ck_assert(account_state(c->account) == POOL_ONLINE);
	c->selected = false;
	c->mailbox = account_select(c->account, "INBOX", false);
	until(c, c->selected && rows_are(c, "1 of 1"));
	stage_close(&stage);
}
END_TEST

/* --- one connection, none, and a lost one --- */

START_TEST(one_connection_is_enough)
{
	TestServer *s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(s, "imap+plain", NULL);
	static const char *const settings[] = {"connections", "1", NULL};
	Probe *probe = server_probe(s, s->user);
	g_autoptr(Query) query = query_parse("subject:even", 0, NULL);

	fill(s, probe, 0, 4);
	Client *c = client_new(url, settings);
	client_open(c, "INBOX");
	until(c, rows_are(c, "1 2 3 4 of 4"));
	account_search(c->account, NULL, c->mailbox, query, on_found, c);
	until(c, c->answered);
	ck_assert_str_eq(c->answer, "2,4");
	client_free(c);
	probe_close(probe);
	server_stop(s);
}
END_TEST

/* The server allows one connection and refuses the second. */
START_TEST(a_refused_second_connection_hurts_nobody)
{
	static const char *const limits[] = {
		"protocol imap {\n mail_max_userip_connections = 1\n}\n"};
	ServerOptions options = {.settings = limits[0]};
	TestServer *s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(s, "imap+plain", NULL);
	Probe *probe = server_probe(s, s->user);
	g_autoptr(Query) query = query_parse("subject:even", 0, NULL);

	fill(s, probe, 0, 4);
	probe_close(probe);
	server_stop(s);
	s = server_start(SERVER_DOVECOT, &options);
	g_free(url);
	url = server_url(s, "imap+plain", NULL);
	Client *c = client_new(url, NULL);
	client_open(c, "INBOX");
	until(c, c->selected);
	account_search(c->account, NULL, c->mailbox, query, on_found, c);
	until(c, c->answered);
	ck_assert_msg(c->error == NULL, "%s", c->error ? c->error->message : "");
	client_free(c);
	server_stop(s);
}
END_TEST

/* A server of which the second connection does not see the mailbox that the first one has. */
typedef struct {
	const char *examined; /* what EXAMINE brings, behind the tag */
	const char *before;   /* and in front of it */
	int examines;
} Uneven;

static const Uneven uneven_servers[] = {
	{.examined = "NO [INUSE] Somebody has it open", .before = ""},
	{.examined = "OK [READ-ONLY] done",
	 .before = "* 1 EXISTS\r\n* OK [UIDVALIDITY 8] another one\r\n"}};

static char *uneven_answer(Uneven *uneven, char **words)
{
	const char *tag = words[0], *verb = words[1], *what = verb && words[2] ? words[2] : "";

	if (strcmp(verb, "LOGIN") == 0)
		return g_strdup_printf("%s OK [CAPABILITY IMAP4rev1 UIDPLUS] in", tag);
	if (strcmp(verb, "SELECT") == 0)
		return g_strdup_printf("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] this\r\n%s OK done",
				       tag);
	if (strcmp(verb, "EXAMINE") == 0) {
		g_atomic_int_inc(&uneven->examines);
		return g_strdup_printf("%s%s %s", uneven->before, tag, uneven->examined);
	}
	if (strcmp(verb, "FETCH") == 0 || strcmp(what, "FETCH") == 0)
		return g_strdup_printf("* 1 FETCH (UID 10 FLAGS ())\r\n%s OK done", tag);
	if (strcmp(what, "SEARCH") == 0)
		return g_strdup_printf("* SEARCH 10\r\n%s OK done", tag);
	return g_strdup_printf("%s OK done", tag);
}

static gboolean serve_unevenly(GThreadedSocketService *service, GSocketConnection *connection,
			       GObject *source, gpointer data)
{
	GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
	g_autoptr(GDataInputStream) in =
		g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
	char *line;

	(void)service;
	(void)source;
	g_output_stream_printf(out, NULL, NULL, NULL, "* OK [CAPABILITY IMAP4rev1 UIDPLUS] hi\r\n");
	while ((line = g_data_input_stream_read_line(in, NULL, NULL, NULL)) != NULL) {
		g_auto(GStrv) words = g_strsplit_set(line, " \r", -1);
		g_autofree char *answer =
			words[0] && words[1] ? uneven_answer(data, words) : g_strdup("* BAD what?");
		g_output_stream_printf(out, NULL, NULL, NULL, "%s\r\n", answer);
		g_free(line);
	}
	return FALSE;
}

START_TEST(a_second_connection_of_no_use_is_left_alone)
{
	Uneven uneven = uneven_servers[_i];
	g_autoptr(GSocketService) service = g_threaded_socket_service_new(4);
	guint16 port = g_socket_listener_add_any_inet_port(G_SOCKET_LISTENER(service), NULL, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://alice@127.0.0.1:%u", port);
	g_autoptr(Query) query = query_parse("subject:even", 0, NULL);

	g_signal_connect(service, "run", G_CALLBACK(serve_unevenly), &uneven);
	Client *c = client_new(url, NULL);
	client_open(c, "INBOX");
	until(c, c->selected && g_atomic_int_get(&uneven.examines) > 0);
	pass(1000);
	ck_assert_int_eq(g_atomic_int_get(&uneven.examines), 1);
	account_search(c->account, NULL, c->mailbox, query, on_found, c);
	until(c, c->answered);
	ck_assert_msg(c->error == NULL, "%s", c->error ? c->error->message : "");
	ck_assert_int_eq(g_atomic_int_get(&uneven.examines), 1);
	client_free(c);
	g_socket_service_stop(service);
}
END_TEST

static char *make_maildir(unsigned n)
{
	char *path = place_temporary();
	static const char *const parts[] = {"cur", "new", "tmp"};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *part = g_build_filename(path, parts[i], NULL);
		g_mkdir(part, 0777);
		g_chmod(part, 0777);
	}
	for (unsigned k = 1; k <= n; k++) {
		g_autofree char *file = g_strdup_printf("%s/cur/%u.x:2,", path, k);
		g_autofree char *text = g_strdup_printf("Subject: number %u\n\nText.\n", k);
		g_file_set_contents(file, text, -1, NULL);
		g_chmod(file, 0666);
	}
	g_chmod(path, 0777);
	return path;
}

/* Ends Dovecot's imap processes that this test started. */
static unsigned kill_children(void)
{
	g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
	const char *name;
	unsigned killed = 0;

	while ((name = g_dir_read_name(proc)) != NULL) {
		g_autofree char *file = g_strdup_printf("/proc/%s/stat", name);
		g_autofree char *stat = NULL;
		int parent = 0;
		if (!g_ascii_isdigit(*name) || !g_file_get_contents(file, &stat, NULL, NULL))
			continue;
		if (sscanf(strrchr(stat, ')') + 1, " %*c %d", &parent) == 1 &&
		    parent == (int)getpid() && kill((pid_t)atoi(name), SIGKILL) == 0)
			killed++;
	}
	return killed;
}

START_TEST(a_lost_server_comes_back_by_itself)
{
	g_autofree char *maildir = make_maildir(3);
	Client *c = client_new(maildir, NULL);
	g_autoptr(UidSet) two = uidset_new_range(2, 2);

	client_open(c, "INBOX");
	until(c, rows_are(c, "1 2 3 of 3"));
	ck_assert_uint_eq(c->asked, 0);
	pass(2500); /* into IDLE */
	c->selected = false;
	ck_assert_uint_ge(kill_children(), 1);
	until(c, account_state(c->account) != POOL_ONLINE);
	/* All that was known is still there, and may be changed. */
	ck_assert_uint_eq(mailbox_known(c->mailbox), 3);
	ck_assert_ptr_nonnull(mailbox_head(c->mailbox, 2));
	account_flag(c->account, c->mailbox, two, STORE_ADD, FLAG_FLAGGED);
	ck_assert_uint_eq(account_pending(c->account), 1);
	until(c, c->selected && rows_are(c, "1 2f 3 of 3") && account_pending(c->account) == 0);
	client_free(c);
	place_remove(maildir);
}
END_TEST

START_TEST(a_wrong_password_is_asked_for_once)
{
	TestServer *s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(s, "imap+plain", NULL);
	static const char *const settings[] = {"password-command", "echo wrong", NULL};
	Client *c = client_new(url, settings);

	c->asked = 1; /* does not answer */
	client_open(c, "INBOX");
	until(c, account_state(c->account) == POOL_REFUSED && c->asked == 2);
	pass(1500);
	ck_assert_uint_eq(c->asked, 2);
	ck_assert(account_state(c->account) == POOL_REFUSED);
	account_set_password(c->account, s->user, s->password);
	until(c, c->selected);
	client_free(c);
	server_stop(s);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_said)
{
	g_autofree char *url = g_strdup_printf("imap+plain://me@127.0.0.1:%d", server_free_port());
	Client *c = client_new(url, NULL);

	client_open(c, "INBOX");
	until(c, account_state(c->account) == POOL_WAITING);
	ck_assert_ptr_nonnull(strstr(account_state_text(c->account), "127.0.0.1"));
	client_free(c);
}
END_TEST

/* Offline, refused and on line: never from inside the call. */
START_TEST(done_comes_from_the_loop)
{
	TestServer *s = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(s, "imap+plain", NULL);
	static const char *const settings[] = {"password-command", "echo wrong", NULL};
	Client *c = client_new(url, settings);

	c->asked = 1; /* does not answer */
	account_create(c->account, NULL, "Early", on_created, c);
	ck_assert(!c->answered);
	client_open(c, "INBOX");
	until(c, account_state(c->account) == POOL_REFUSED && c->answered);
	ck_assert_ptr_nonnull(c->error);
	forget_answer(c);
	account_subscribe(c->account, NULL, "INBOX", true, on_change, c);
	ck_assert(!c->answered);
	until(c, c->answered);
	ck_assert_ptr_nonnull(c->error);
	forget_answer(c);
	account_set_password(c->account, s->user, s->password);
	account_create(c->account, NULL, "Early", on_created, c);
	ck_assert(!c->answered);
	until(c, c->answered);
	ck_assert_msg(c->error == NULL, "%s", c->error ? c->error->message : "");
	client_free(c);
	server_stop(s);
}
END_TEST

static char *state;

/* Ports come round again: what is remembered of one must not be of the server that had it in the
 * test before. */
static void make_state(void)
{
	state = place_temporary();
	g_setenv("XDG_STATE_HOME", state, TRUE);
	g_setenv("XDG_CACHE_HOME", state, TRUE);
}

static void remove_state(void)
{
	place_remove(state);
	g_clear_pointer(&state, g_free);
}

int main(void)
{
	Suite *suite = suite_create("account");
	TCase *everywhere = tcase_create("on every server"), *lines = tcase_create("lines"),
	      *told = tcase_create("told");
	int n = G_N_ELEMENTS(servers);

	tcase_add_checked_fixture(everywhere, make_state, remove_state);
	tcase_add_checked_fixture(lines, make_state, remove_state);
	tcase_set_timeout(everywhere, 60);
	tcase_set_timeout(lines, 60);
	tcase_add_checked_fixture(told, make_state, remove_state);
	tcase_set_timeout(told, 60);
	suite_add_tcase(suite, everywhere);
	suite_add_tcase(suite, lines);
	suite_add_tcase(suite, told);
	tcase_add_loop_test(everywhere, a_mailbox_opens_and_the_tree_is_listed, 0, n);
	tcase_add_loop_test(everywhere, flags_reach_the_server, 0, n);
	tcase_add_loop_test(everywhere, deleting_moves_to_the_trash_and_there_marks, 0, n);
	tcase_add_loop_test(everywhere, copies_are_counted_and_refusals_told, 0, n);
	tcase_add_loop_test(everywhere, new_mail_appears_by_itself, 0, n);
	tcase_add_loop_test(everywhere, questions_are_answered, 0, n);
	tcase_add_loop_test(everywhere, folders_are_created_and_subscribed, 0, n);
	tcase_add_loop_test(everywhere, a_missing_mailbox_is_refused_in_a_sentence, 0, n);
	tcase_add_test(told, a_server_tells_of_other_folders);
	tcase_add_test(lines, one_connection_is_enough);
	tcase_add_test(lines, a_refused_second_connection_hurts_nobody);
	tcase_add_loop_test(lines, a_second_connection_of_no_use_is_left_alone, 0,
			    G_N_ELEMENTS(uneven_servers));
	tcase_add_test(lines, a_lost_server_comes_back_by_itself);
	tcase_add_test(lines, a_wrong_password_is_asked_for_once);
	tcase_add_test(lines, a_server_that_is_not_there_is_said);
	tcase_add_test(lines, done_comes_from_the_loop);
	return run_suite(suite);
}
