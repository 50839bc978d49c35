/* What needs an account before a server that answers by the verb: what is done again, and what is
 * not. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>
#include "core/account/account.h"
#include "core/base/error.h"
#include "tests/place.h"
#include "tests/rows.h"
#include "tests/run.h"
#include "tests/threats/threats.h"

/* Less than a test may take, so that it tells what never came. */
#define PATIENCE_SECONDS 8
/* Milliseconds in front of the first attempt that an account makes by itself. */
#define LONGEST_PAUSE 1500

/* --- the server --- */

/* What a command that begins so is answered with: $ is its tag; behind a \b the line goes down. The
 * first that fits, `skip` of whose kind were answered otherwise before. */
typedef struct {
	const char *command;
	const char *answer;
	unsigned times; /* how often, 0: always */
} Rule;

typedef struct {
	GSocketService *service;
	guint16 port;
	const Rule *rules; /* ends in a row without a command */
	unsigned used[16];
	unsigned connections;
	GString *heard; /* every line */
} Server;

typedef struct {
	Server *server;
	GSocketConnection *connection;
	GDataInputStream *lines;
} Peer;

static void peer_free(Peer *peer)
{
	g_object_unref(peer->lines);
	g_object_unref(peer->connection);
	g_free(peer);
}

static void say(const Peer *peer, const char *bytes, size_t len)
{
	g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(peer->connection)),
				  bytes, len, NULL, NULL, NULL);
}

static const char *find_answer(Server *server, const char *command)
{
	for (size_t i = 0; server->rules[i].command; i++) {
		const Rule *rule = &server->rules[i];
		if (!g_str_has_prefix(command, rule->command) ||
		    (rule->times && server->used[i] == rule->times))
			continue;
		server->used[i]++;
		return rule->answer;
	}
	return "$ OK done\r\n";
}

/* False where the line is to go down behind it. */
static bool answer(const Peer *peer, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 2);
	const char *text = find_answer(peer->server, words[0] && words[1] ? words[1] : "");
	g_autoptr(GString) said = g_string_new_len(text, (gssize)strcspn(text, "\b"));

	g_string_replace(said, "$", words[0] ? words[0] : "*", 0);
	say(peer, said->str, said->len);
	return !strchr(text, '\b');
}

static void listen_on(Peer *peer);

static void on_line(GObject *source, GAsyncResult *result, void *data)
{
	Peer *peer = data;
	g_autofree char *line = g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source),
								     result, NULL, NULL);

	if (!line) {
		peer_free(peer);
		return;
	}
	g_string_append_printf(peer->server->heard, "%s\n", line);
	if (answer(peer, line)) {
		listen_on(peer);
		return;
	}
	g_io_stream_close(G_IO_STREAM(peer->connection), NULL, NULL);
	peer_free(peer);
}

static void listen_on(Peer *peer)
{
	g_data_input_stream_read_line_async(peer->lines, G_PRIORITY_DEFAULT, NULL, on_line, peer);
}

static gboolean on_incoming(GSocketService *service G_GNUC_UNUSED, GSocketConnection *connection,
			    GObject *source G_GNUC_UNUSED, void *data)
{
	static const char hello[] = "* OK [CAPABILITY IMAP4rev1 UIDPLUS] hello\r\n";
	Peer *peer = g_new0(Peer, 1);

	peer->server = data;
	peer->server->connections++;
	peer->connection = g_object_ref(connection);
	peer->lines =
		g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
	g_data_input_stream_set_newline_type(peer->lines, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
	say(peer, hello, strlen(hello));
	listen_on(peer);
	return TRUE;
}

static void server_begin(Server *server, const Rule *rules)
{
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0), where = NULL;

	*server = (Server){.rules = rules, .heard = g_string_new(NULL)};
	server->service = g_socket_service_new();
	ck_assert(g_socket_listener_add_address(G_SOCKET_LISTENER(server->service), any,
						G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
						&where, NULL));
	server->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(where));
	g_signal_connect(server->service, "incoming", G_CALLBACK(on_incoming), server);
	g_socket_service_start(server->service);
}

static unsigned count_heard(const Server *server, const char *text)
{
	unsigned n = 0;

	for (const char *at = server->heard->str; (at = strstr(at, text)); at++)
		n++;
	return n;
}

/* --- the client --- */

typedef struct {
	Server server;
	Account *account;
	Mailbox *mailbox;
	char *state; /* directory */
	Scope scope;
	unsigned asked, fetched;
	char *why; /* of the last question for the password */
	GString *notices;
	GBytes *bytes;
	GError *error;
} Client;

static void on_state(Account *a G_GNUC_UNUSED, PoolState state G_GNUC_UNUSED,
		     const char *text G_GNUC_UNUSED, void *self G_GNUC_UNUSED)
{
}

static void on_folders(Account *a G_GNUC_UNUSED, void *self G_GNUC_UNUSED)
{
}

static void on_notice(Account *a G_GNUC_UNUSED, bool is_error, const char *text, void *self)
{
	g_string_append_printf(((Client *)self)->notices, "%s%s\n", is_error ? "! " : "", text);
}

/* The first time it is given, later the person has gone away. */
static void on_need_password(Account *a, const char *user, const char *why,
			     bool refused G_GNUC_UNUSED, void *self)
{
	Client *c = self;

	g_free(c->why);
	c->why = g_strdup(why);
	if (c->asked++ == 0)
		account_set_password(a, user, "secret");
}

static void on_untrusted(Account *a G_GNUC_UNUSED, const Certificate *certificate G_GNUC_UNUSED,
			 void *self G_GNUC_UNUSED)
{
}

static void on_progress(Account *a G_GNUC_UNUSED, void *self G_GNUC_UNUSED)
{
}

static void on_selected(Account *a G_GNUC_UNUSED, Mailbox *m G_GNUC_UNUSED,
			const GError *error G_GNUC_UNUSED, void *self G_GNUC_UNUSED)
{
}

static const AccountEvents events = {on_state,     on_folders,  on_notice,   on_need_password,
				     on_untrusted, on_progress, on_selected, on_progress};

static void on_part(Account *a G_GNUC_UNUSED, GBytes *bytes, const GError *error, void *data)
{
	Client *c = data;

	c->fetched++;
	g_clear_pointer(&c->bytes, g_bytes_unref);
	g_clear_error(&c->error);
	c->bytes = bytes ? g_bytes_ref(bytes) : NULL;
	c->error = error ? g_error_copy(error) : NULL;
}

static gboolean wake(void *data G_GNUC_UNUSED)
{
	return G_SOURCE_CONTINUE;
}

static void pass(unsigned milliseconds)
{
	gint64 end = g_get_monotonic_time() + milliseconds * 1000;
	guint timer = g_timeout_add(10, wake, NULL);

	while (g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

#define until(c, condition)                                                                        \
	do {                                                                                       \
		gint64 end_ = g_get_monotonic_time() + PATIENCE_SECONDS * G_USEC_PER_SEC;          \
		guint timer_ = g_timeout_add(20, wake, NULL);                                      \
		while (!(condition) && g_get_monotonic_time() < end_)                              \
			g_main_context_iteration(NULL, TRUE);                                      \
		g_source_remove(timer_);                                                           \
		ck_assert_msg(condition, "never: %s; %s; heard\n%s", #condition,                   \
			      account_state_text((c)->account), (c)->server.heard->str);           \
	} while (0)

static void begin(Client *c, const Rule *rules)
{
	AccountOptions options = {0};
	g_autofree char *url = NULL;

	*c = (Client){.state = place_temporary(), .notices = g_string_new(NULL)};
	g_setenv("XDG_STATE_HOME", c->state, TRUE);
	/* Not what another test left, nor the person's own. */
	g_setenv("XDG_CACHE_HOME", c->state, TRUE);
	scope_init(&c->scope);
	server_begin(&c->server, rules);
	url = g_strdup_printf("imap+plain://alice@127.0.0.1:%u", c->server.port);
	option_init(&options, account_option_table);
	ck_assert(option_set(&options, account_option_table, "url", url, NULL));
	ck_assert(option_set(&options, account_option_table, "connections", "1", NULL));
	c->account = account_new("test", &options, &events, c, NULL);
	account_open(c->account);
	c->mailbox = account_select(c->account, "INBOX", false);
}

static void end(Client *c)
{
	scope_cancel(&c->scope);
	account_free(c->account);
	g_socket_service_stop(c->server.service);
	g_socket_listener_close(G_SOCKET_LISTENER(c->server.service));
	g_object_unref(c->server.service);
	pass(20);
	g_string_free(c->server.heard, TRUE);
	g_clear_pointer(&c->bytes, g_bytes_unref);
	g_clear_error(&c->error);
	g_free(c->why);
	g_string_free(c->notices, TRUE);
	place_remove(c->state);
	g_free(c->state);
}

static bool rows_are(const Client *c, const char *text)
{
	g_autofree char *rows = rows_format(c->mailbox);

	return strcmp(rows, text) == 0;
}

#define WELCOME  "$ OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"
#define SELECTED "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] it is\r\n$ OK [READ-WRITE] open\r\n"
#define ROW                                                                                        \
	"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 24 ENVELOPE (NIL \"A letter\" NIL NIL NIL NIL NIL " \
	"NIL NIL NIL) BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 24 1))\r\n"

/* T025: what came to half is not kept, and the message is fetched again, whole. */
START_TEST(test_fetched_again)
{
	static const Rule rules[] = {
		{"LOGIN", WELCOME, 0},
		{"SELECT", SELECTED, 0},
		{"UID FETCH 1 (UID BODY.PEEK[]", "* 1 FETCH (UID 1 BODY[] {24}\r\nSubject: A l\b",
		 1},
		{"UID FETCH 1 (UID BODY.PEEK[]",
		 "* 1 FETCH (UID 1 BODY[] {24}\r\nSubject: A letter\r\n\r\nHi.)\r\n$ OK done\r\n",
		 0},
		{"FETCH", ROW "$ OK done\r\n", 0},
		{"UID FETCH", ROW "$ OK done\r\n", 0},
		{"UID SEARCH", "* SEARCH 1\r\n$ OK done\r\n", 0},
		{NULL, NULL, 0},
	};
	Client c;

	begin(&c, rules);
	until(&c, rows_are(&c, "1 of 1"));
	account_fetch_part(c.account, &c.scope, c.mailbox, 1, "", 24, NULL, on_part, &c);
	until(&c, c.fetched == 1);
	ck_assert_uint_eq(c.server.connections, 2);
	ck_assert_msg(!c.error, "%s", c.error ? c.error->message : "");
	ck_assert_uint_eq(g_bytes_get_size(c.bytes), 24);
	ck_assert_uint_eq(count_heard(&c.server, "BODY.PEEK[]"), 2);
	end(&c);
}
END_TEST

/* T038: what time may mend is tried again with the password that is there; nobody is asked. */
START_TEST(test_password_is_kept)
{
	static const char *const answers[] = {
		"$ NO [UNAVAILABLE] the user database is down\r\n\b",
		"$ NO Too many open connections (1 of 1 for alice)\r\n\b",
		"* BYE too many connections\r\n\b",
		"\b",
	};
	const Rule rules[] = {
		{"LOGIN \"alice\" \"secret\"", answers[_i], 1},
		{"LOGIN \"alice\" \"secret\"", WELCOME, 0},
		{"LOGIN", "$ NO [AUTHENTICATIONFAILED] no\r\n", 0},
		{"SELECT", SELECTED, 0},
		{"FETCH", ROW "$ OK done\r\n", 0},
		{"UID FETCH", ROW "$ OK done\r\n", 0},
		{NULL, NULL, 0},
	};
	Client c;

	begin(&c, rules);
	until(&c, account_state(c.account) == POOL_ONLINE);
	ck_assert_uint_eq(c.asked, 1);
	ck_assert_uint_eq(c.server.connections, 2);
	ck_assert_uint_eq(count_heard(&c.server, "LOGIN"), 2);
	end(&c);
}
END_TEST

static const struct {
	const char *answer, *why;
} refusals[] = {
	{"$ NO [AUTHENTICATIONFAILED] wrong\r\n",
	 "Type name and password again. 127.0.0.1 says: wrong"},
	{"$ NO [AUTHORIZATIONFAILED] not for you\r\n",
	 "This name may not read that mail: type another. 127.0.0.1 says: not for you"},
	{"$ NO [EXPIRED] too old\r\n",
	 "The password has expired: set a new one, and type it. 127.0.0.1 says: too old"},
	{"$ NO wrong\r\n", "Type name and password again. 127.0.0.1 says: wrong"},
};

/* T038: what the password is at fault for is asked for, with the reason. */
START_TEST(test_password_is_asked_for)
{
	const Rule rules[] = {{"LOGIN", refusals[_i].answer, 0}, {NULL, NULL, 0}};
	Client c;

	begin(&c, rules);
	until(&c, c.asked == 2);
	ck_assert_str_eq(c.why, refusals[_i].why);
	end(&c);
}
END_TEST

/* T039: it is not tried again by itself; an action of the person is one attempt more. */
START_TEST(test_one_attempt)
{
	const Rule rules[] = {{"LOGIN", refusals[0].answer, 0}, {NULL, NULL, 0}};
	Client c;

	begin(&c, rules);
	until(&c, c.asked == 2);
	pass(LONGEST_PAUSE);
	ck_assert_uint_eq(c.asked, 2);
	ck_assert_uint_eq(c.server.connections, 1);
	ck_assert_uint_eq(count_heard(&c.server, "LOGIN"), 1);
	account_set_password(c.account, "alice", "other");
	until(&c, c.asked == 3);
	pass(LONGEST_PAUSE);
	ck_assert_uint_eq(count_heard(&c.server, "LOGIN"), 2);
	end(&c);
}
END_TEST

/* T038, T039: where neither another password nor waiting helps, nobody is asked and nothing tried.
 */
START_TEST(test_barred)
{
	static const char *const answers[] = {
		"$ NO [CONTACTADMIN] locked out\r\n",
		"$ NO [NOPERM] not you\r\n",
		"$ BAD locked out\r\n",
	};
	const Rule rules[] = {{"LOGIN", answers[_i], 0}, {NULL, NULL, 0}};
	Client c;

	begin(&c, rules);
	until(&c, account_state(c.account) == POOL_DENIED);
	pass(_i ? 50 : LONGEST_PAUSE);
	ck_assert_uint_eq(c.asked, 1);
	ck_assert_uint_eq(c.server.connections, 1);
	ck_assert_uint_eq(count_heard(&c.server, "LOGIN"), 1);
	/* Asked for by the person, it is tried again, with the same password. */
	account_retry(c.account);
	until(&c, count_heard(&c.server, "LOGIN") == 2);
	until(&c, account_state(c.account) == POOL_DENIED);
	ck_assert_uint_eq(c.asked, 1);
	end(&c);
}
END_TEST

/* T063: a number beyond what is there: the list is asked for again. */
START_TEST(test_resynchronised)
{
	static const char *const lies[] = {"* 9 EXPUNGE\r\n", "* 0 EXPUNGE\r\n", "* 2 EXPUNGE\r\n",
					   "* 4294967295 EXPUNGE\r\n"};
	g_autofree char *lie = g_strconcat(lies[_i], "$ OK done\r\n", NULL);
	const Rule rules[] = {
		{"LOGIN", WELCOME, 0},
		{"SELECT", SELECTED, 0},
		{"NOOP", lie, 1},
		{"FETCH", ROW "$ OK done\r\n", 0},
		{"UID FETCH", ROW "$ OK done\r\n", 0},
		{"UID SEARCH ALL", "* SEARCH 1\r\n$ OK done\r\n", 0},
		{NULL, NULL, 0},
	};
	Client c;

	begin(&c, rules);
	until(&c, rows_are(&c, "1 of 1"));
	account_refresh(c.account);
	until(&c, count_heard(&c.server, "NOOP") > 0);
	until(&c, count_heard(&c.server, "UID SEARCH ALL") > 0);
	until(&c, rows_are(&c, "1 of 1"));
	ck_assert_uint_eq(c.server.connections, 1);
	end(&c);
}
END_TEST

static const struct {
	const char *id, *size, *came, *told; /* told NULL: nothing */
} bodies[] = {
	{"\"<a@x>\"", "24", "Message-ID: <a@x>\r\n\r\nHi", NULL},
	{"\"<a@x>\"", "24", "Message-ID: <b@x>\r\n\r\nHi", "another Message-ID"},
	{"\"<a@x>\"", "24", "message-id:\r\n <b@x>\r\n\r\n", "another Message-ID"},
	{"\"<a@x>\"", "24", "message-id:\r\n <a@x>\r\n\r\n", NULL},
	{"\"<a@x>\"", "25", "Message-ID: <a@x>\r\n\r\nHi",
	 "sent 23 bytes of a message that has 25"},
	/* what is not told is no difference; the body may quote what it wants */
	{"NIL", "24", "Message-ID: <b@x>\r\n\r\nHi", NULL},
	{"\"<a@x>\"", "24", "Subject: A\r\n\r\nMessage-ID: <b@x>", NULL},
	{"\"<a@x>\"", "24", "Message-ID: <a@x> (of b)\r\n\r\n", NULL},
};

/* T079: what is another message's is told. */
START_TEST(test_mixed_up)
{
	g_autofree char *size = g_strcmp0(bodies[_i].size, "24") == 0
					? g_strdup_printf("%zu", strlen(bodies[_i].came))
					: g_strdup(bodies[_i].size);
	g_autofree char *row = g_strdup_printf(
		"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE %s ENVELOPE (NIL \"A letter\" NIL NIL NIL "
		"NIL NIL NIL NIL %s))\r\n$ OK done\r\n",
		size, bodies[_i].id);
	g_autofree char *body =
		g_strdup_printf("* 1 FETCH (UID 1 BODY[] {%zu}\r\n%s)\r\n$ OK done\r\n",
				strlen(bodies[_i].came), bodies[_i].came);
	const Rule rules[] = {
		{"LOGIN", WELCOME, 0},
		{"SELECT", SELECTED, 0},
		{"UID FETCH 1 (UID BODY.PEEK[]", body, 0},
		{"FETCH", row, 0},
		{"UID FETCH", row, 0},
		{NULL, NULL, 0},
	};
	Client c;

	begin(&c, rules);
	until(&c, rows_are(&c, "1 of 1") && mailbox_has_head(c.mailbox, 1));
	account_fetch_part(c.account, &c.scope, c.mailbox, 1, "", 24, NULL, on_part, &c);
	until(&c, c.fetched == 1);
	ck_assert_msg(!c.error, "%s", c.error ? c.error->message : "");
	if (bodies[_i].told)
		ck_assert_msg(strstr(c.notices->str, bodies[_i].told) != NULL, "%s",
			      c.notices->str);
	else
		ck_assert_str_eq(c.notices->str, "");
	end(&c);
}
END_TEST

static unsigned count_told(const Client *c, const char *text)
{
	unsigned n = 0;

	for (const char *at = c->notices->str; (at = strstr(at, text)) != NULL; at += strlen(text))
		n++;
	return n;
}

#define LETTER "Message-ID: <a@x>\r\n\r\nHi"
#define LETTER_ROW(uid, size)                                                                      \
	"* " uid " FETCH (UID " uid " FLAGS () RFC822.SIZE " size                                  \
	" ENVELOPE (NIL \"A\" NIL NIL NIL NIL NIL NIL NIL \"<a@x>\"))\r\n"
#define LETTER_BODY(uid) "* " uid " FETCH (UID " uid " BODY[] {23}\r\n" LETTER ")\r\n$ OK done\r\n"

static void read_letter(Client *c, uint32_t uid)
{
	unsigned fetched = c->fetched;

	account_fetch_part(c->account, &c->scope, c->mailbox, uid, "", 23, NULL, on_part, c);
	until(c, c->fetched == fetched + 1);
}

/* T079: where sizes are mostly estimates it is not said again and again; where they are mostly
 * right, each that is not is. */
START_TEST(test_estimated)
{
	static const char two[] = LETTER_ROW("1", "23") LETTER_ROW("2", "69") "$ OK done\r\n";
	const Rule rules[] = {
		{"LOGIN", WELCOME, 0},
		{"SELECT", "* 2 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n$ OK done\r\n", 0},
		{"UID FETCH 1 (UID BODY.PEEK[]", LETTER_BODY("1"), 0},
		{"UID FETCH 2 (UID BODY.PEEK[]", LETTER_BODY("2"), 0},
		{"FETCH", two, 0},
		{"UID FETCH", two, 0},
		{NULL, NULL, 0},
	};
	Client c;

	begin(&c, rules);
	until(&c, rows_are(&c, "1 2 of 2") && mailbox_has_head(c.mailbox, 1) &&
			  mailbox_has_head(c.mailbox, 2));
	for (unsigned k = 0; k < 3; k++)
		read_letter(&c, 2);
	ck_assert_uint_eq(count_told(&c, "sent 23 bytes of a message that has 69"), 1);
	for (unsigned k = 0; k < 3; k++)
		read_letter(&c, 1);
	read_letter(&c, 2);
	ck_assert_uint_eq(count_told(&c, "sent 23 bytes of a message that has 69"), 2);
	end(&c);
}
END_TEST

const Threat threats_account[] = {
	{"T025 again", &test_fetched_again, 0},
	{"T038 kept", &test_password_is_kept, 4},
	{"T038 asked", &test_password_is_asked_for, 4},
	{"T039 once", &test_one_attempt, 0},
	{"T039 barred", &test_barred, 3},
	{"T063 resynchronised", &test_resynchronised, 4},
	{"T079", &test_mixed_up, G_N_ELEMENTS(bodies)},
	{"T079 estimated", &test_estimated, 0},
	{NULL, NULL, 0},
};
