/* Log-in by every mechanism against real servers, and what is said where they refuse. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include "core/session/session.h"
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"

#define PATIENCE_MS 20000
/* Of the file keys/default/HS256/default that tests/servers/dovecot makes. */
#define TOKEN_KEY "test-jwt-key-0123456789abcdef-0123"

static TestServer *server;

static void nothing_response(ImapSession *s G_GNUC_UNUSED, const Response *r G_GNUC_UNUSED,
			     void *self G_GNUC_UNUSED)
{
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	*(GError **)self = g_error_copy(error);
}

static const SessionEvents events = {.response = nothing_response, .closed = on_closed};

static gboolean on_patience(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

/* Until it is logged in or `*error` says why not. */
static ImapSession *log_in(const SessionConfig *config, GError **error)
{
	ImapSession *s = session_open(config, &events, error);
	bool over = false;
	guint timer = g_timeout_add(PATIENCE_MS, on_patience, &over);

	while (!over && !*error && session_state(s) != SESSION_AUTH)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_msg(!over, "neither logged in nor refused");
	g_source_remove(timer);
	return s;
}

static char *file_of(const char *name)
{
	return g_build_filename(server->directory, "tls", name, NULL);
}

static char *base64url(const void *bytes, size_t len)
{
	char *text = g_base64_encode(bytes, len);

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

/* A JSON Web Token (RFC 7519) by HMAC with SHA-256. */
static char *token_for(const char *user, int valid_seconds)
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autofree char *claims = g_strdup_printf("{\"sub\":\"%s\",\"iat\":%" G_GINT64_FORMAT
						  ",\"exp\":%" G_GINT64_FORMAT "}",
						  user, now - 7200, now + valid_seconds);
	g_autofree char *first = base64url(header, strlen(header));
	g_autofree char *second = base64url(claims, strlen(claims));
	g_autofree char *text = g_strdup_printf("%s.%s", first, second);
	g_autoptr(GHmac) hmac =
		g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)TOKEN_KEY, strlen(TOKEN_KEY));
	guint8 digest[32];
	gsize len = sizeof digest;

	g_hmac_update(hmac, (const guchar *)text, -1);
	g_hmac_get_digest(hmac, digest, &len);
	g_autofree char *signature = base64url(digest, len);
	return g_strdup_printf("%s.%s", text, signature);
}

typedef struct {
	const char *scheme; /* NULL: imaps */
	const char *sasl, *user, *password;
	int token_seconds;     /* not 0: a token of `user`, that long valid, is the password */
	bool certificate;      /* alice's */
	const char *mechanism; /* that logs in; NULL where it is refused with: */
	CoreError code;
	const char *words;
} Attempt;

static void try(const Attempt *attempt)
{
	g_autofree char *url =
		server_url(server, attempt->scheme ? attempt->scheme : "imaps", NULL);
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	g_autofree char *token =
		attempt->token_seconds ? token_for("alice", attempt->token_seconds) : NULL;
	g_autofree char *certificate = file_of("alice.pem");
	g_autofree char *key = file_of("alice.key");
	SessionConfig config = {.endpoint = to,
				.user = attempt->user,
				.password = token ? token : attempt->password,
				.is_token = token != NULL,
				.sasl = attempt->sasl,
				.ca_file = server->ca_file,
				.client_cert = attempt->certificate ? certificate : NULL,
				.client_key = attempt->certificate ? key : NULL};
	g_autoptr(GError) error = NULL;
	ImapSession *s = log_in(&config, &error);

	if (attempt->mechanism) {
		ck_assert_msg(!error, "%s: %s", attempt->mechanism, error ? error->message : "");
		ck_assert_str_eq(session_mechanism(s), attempt->mechanism);
	} else {
		ck_assert_msg(error != NULL, "%s: not refused", attempt->words);
		ck_assert_msg(g_error_matches(error, CORE_ERROR, (int)attempt->code), "%d %s",
			      error->code, error->message);
		ck_assert_msg(strstr(error->message, attempt->words) != NULL, "%s", error->message);
	}
	session_free(s);
}

#define NAMED           .user = "alice"
#define ALICE           NAMED, .password = "secret"
#define NO(grade, text) .code = CORE_ERROR_##grade, .words = text

static const Attempt dovecot[] = {
	{ALICE, .mechanism = "SCRAM-SHA-256"},
	{ALICE, .scheme = "imap", .mechanism = "SCRAM-SHA-256"},
	{ALICE, .scheme = "imap+plain", .mechanism = "SCRAM-SHA-256"},
	{ALICE, .sasl = "scram-sha-1", .mechanism = "SCRAM-SHA-1"},
	{ALICE, .sasl = "PLAIN", .mechanism = "PLAIN"},
	{ALICE, .sasl = "CRAM-MD5", .mechanism = "CRAM-MD5"},
	{ALICE, .sasl = "LOGIN", .mechanism = "LOGIN"},
	{ALICE, .sasl = "SCRAM-SHA-1 or stronger", .mechanism = "SCRAM-SHA-256"},
	{.sasl = "ANONYMOUS", .mechanism = "ANONYMOUS"},
	{ALICE, .certificate = true, .mechanism = "EXTERNAL"},
	{ALICE, .scheme = "imap", .certificate = true, .mechanism = "EXTERNAL"},
	{NAMED, .token_seconds = 600, .mechanism = "OAUTHBEARER"},
	{NAMED, .token_seconds = 600, .sasl = "XOAUTH2", .mechanism = "XOAUTH2"},
	{NAMED, .password = "wrong", NO(AUTH, "localhost says: Authentication failed.")},
	{NAMED, .password = "wrong", .sasl = "PLAIN", NO(AUTH, "Authentication failed.")},
	{NAMED, .password = "wrong", .sasl = "CRAM-MD5", NO(AUTH, "Authentication failed.")},
	{.user = "nobody", .password = "secret", NO(AUTH, "Authentication failed.")},
	{NAMED, .token_seconds = -60, NO(AUTH, "Authentication failed.")},
	{NAMED, .token_seconds = -60, .sasl = "XOAUTH2", NO(AUTH, "Authentication failed.")},
	{.user = "bob", .token_seconds = 600, NO(AUTH, "Authentication failed.")},
	{NAMED, .scheme = "imap+plain", .token_seconds = 600, NO(TLS, "the token was not sent")},
	{.sasl = "EXTERNAL", NO(AUTH, "Authentication failed.")},
	{ALICE, .sasl = "SCRAM-SHA-256-PLUS",
	 NO(TLS, "does not offer to log in by SCRAM-SHA-256-PLUS")},
	{NAMED, NO(AUTH, "wants the password of alice")},
	{ALICE, .sasl = "NTLM", NO(STATE, "no way to log in that Sheaf knows")},
};

static const Attempt cyrus[] = {
	{ALICE, .mechanism = "SCRAM-SHA-256-PLUS"},
	{ALICE, .scheme = "imap", .mechanism = "SCRAM-SHA-256-PLUS"},
	{ALICE, .scheme = "imap+plain", .mechanism = "SCRAM-SHA-256"},
	{ALICE, .sasl = "SCRAM-SHA-256", .mechanism = "SCRAM-SHA-256"},
	{ALICE, .sasl = "SCRAM-SHA-1-PLUS", .mechanism = "SCRAM-SHA-1-PLUS"},
	{ALICE, .sasl = "SCRAM-SHA-1", .mechanism = "SCRAM-SHA-1"},
	{ALICE, .sasl = "PLAIN", .mechanism = "PLAIN"},
	{ALICE, .sasl = "CRAM-MD5", .mechanism = "CRAM-MD5"},
	{ALICE, .sasl = "LOGIN", .mechanism = "LOGIN"},
	{ALICE, .certificate = true, .mechanism = "EXTERNAL"},
	{NAMED, .password = "wrong", NO(AUTH, "localhost says: ")},
};

static void start_dovecot(void)
{
	server = server_start(SERVER_DOVECOT_FULL, NULL);
}

static void start_cyrus(void)
{
	server = server_start(SERVER_CYRUS, NULL);
}

static void stop(void)
{
	g_clear_pointer(&server, server_stop);
}

START_TEST(with_dovecot)
{
	try(&dovecot[_i]);
}
END_TEST

START_TEST(with_cyrus)
{
	try(&cyrus[_i]);
}
END_TEST

/* T022: the key is shown beside the one expected, and holds for itself, whoever signed it. */
START_TEST(pins)
{
	static const char *const other = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	g_autofree char *url = server_url(server, "imaps", NULL);
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	SessionConfig config = {
		.endpoint = to, .password = "secret", .ca_file = server->ca_file, .pin = other};
	g_autoptr(GError) changed = NULL, unknown = NULL, fine = NULL, nonsense = NULL;
	g_autofree char *shown = NULL;

	session_free(log_in(&config, &changed));
	ck_assert_msg(g_error_matches(changed, CORE_ERROR, CORE_ERROR_TLS), "%s", changed->message);
	ck_assert_msg(strstr(changed->message, other) != NULL, "%s", changed->message);
	shown = g_strndup(strstr(changed->message, "sha256:"), strlen(other));
	ck_assert_str_ne(shown, other);

	config.ca_file = server->other_ca_file;
	config.pin = NULL;
	session_free(log_in(&config, &unknown));
	ck_assert_msg(unknown && strstr(unknown->message, shown), "%s",
		      unknown ? unknown->message : "logged in");

	config.pin = shown;
	session_free(log_in(&config, &fine));
	ck_assert_msg(!fine, "%s", fine ? fine->message : "");

	config.pin = "sha256:abc";
	session_free(log_in(&config, &nonsense));
	ck_assert_msg(nonsense && strstr(nonsense->message, "is no key"), "%s",
		      nonsense ? nonsense->message : "logged in");
}
END_TEST

START_TEST(needs_files)
{
	g_autofree char *url = server_url(server, "imaps", NULL);
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	g_autofree char *certificate = file_of("alice.pem");
	SessionConfig config = {.endpoint = to,
				.password = "secret",
				.ca_file = server->ca_file,
				.client_cert = "/nowhere.pem"};
	g_autoptr(GError) missing = NULL, keyless = NULL;

	session_free(log_in(&config, &missing));
	ck_assert_msg(missing && strstr(missing->message, "/nowhere.pem (client-cert)"), "%s",
		      missing ? missing->message : "logged in");
	config.client_cert = certificate;
	session_free(log_in(&config, &keyless));
	ck_assert_msg(keyless && strstr(keyless->message, "(client-key)"), "%s",
		      keyless ? keyless->message : "logged in");
}
END_TEST

/* T037: quotes, a backslash, blanks at the ends, letters beyond ASCII, much of it. */
static const char *const odd_passwords[] = {"a\"b\\c", " blank ", "pässwörd",
					    "{5+}",    "p%d%s$u", "*"};

static void start_odd(void)
{
	g_autoptr(GString) users = g_string_new(NULL);
	g_autofree char *file = NULL;

	server = server_start(SERVER_DOVECOT_FULL, NULL);
	file = g_build_filename(server->directory, "users", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(odd_passwords); i++)
		g_string_append_printf(users, "odd%zu:{PLAIN}%s::::::\n", i, odd_passwords[i]);
	g_string_append(users, "long:{PLAIN}");
	for (unsigned i = 0; i < 1000; i++)
		g_string_append_c(users, 'x');
	g_string_append(users, "::::::\n");
	g_file_set_contents(file, users->str, -1, NULL);
}

static const char *const ways[] = {"PLAIN", "SCRAM-SHA-256", "LOGIN"};

START_TEST(odd)
{
	g_autofree char *user = g_strdup_printf("odd%d", _i);

	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
		try(&(Attempt){.user = user,
			       .password = odd_passwords[_i],
			       .sasl = ways[i],
			       .mechanism = ways[i]});
}
END_TEST

START_TEST(long_one)
{
	g_autofree char *password = g_strnfill(1000, 'x');

	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
		try(&(Attempt){.user = "long",
			       .password = password,
			       .sasl = ways[i],
			       .mechanism = ways[i]});
}
END_TEST

START_TEST(line_break)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
		try(&(Attempt){NAMED, .password = "secret\r\nA9 DELETE INBOX", .sasl = ways[i],
			       NO(STATE, "line break")});
}
END_TEST

static void start_narrow(void)
{
	server = server_start(
		SERVER_DOVECOT_FULL,
		&(ServerOptions){
			.settings = "protocol imap {\n  mail_max_userip_connections = 1\n}\n"});
}

START_TEST(too_many)
{
	g_autofree char *url = server_url(server, "imaps", NULL);
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	SessionConfig config = {.endpoint = to, .password = "secret", .ca_file = server->ca_file};
	g_autoptr(GError) first_error = NULL, second_error = NULL;
	ImapSession *first = log_in(&config, &first_error);
	ImapSession *second = log_in(&config, &second_error);

	ck_assert_ptr_null(first_error);
	ck_assert_ptr_nonnull(second_error);
	/* T038: not the password's fault. */
	ck_assert_msg(g_error_matches(second_error, CORE_ERROR, CORE_ERROR_ABORT), "%s",
		      second_error->message);
	ck_assert_msg(
		strstr(second_error->message, server->kind == SERVER_CYRUS
						      ? "localhost says: Too many open connections"
						      : "Maximum number of connections"),
		"%s", second_error->message);
	session_free(second);
	session_free(first);
}
END_TEST

/* To a file that the server reads when somebody logs in. */
static void add_line(const char *name, const char *line)
{
	g_autofree char *file = g_build_filename(server->directory, name, NULL);
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;

	g_file_get_contents(file, &before, NULL, NULL);
	after = g_strconcat(before ? before : "", line, NULL);
	ck_assert(g_file_set_contents(file, after, -1, NULL));
	ck_assert_int_eq(g_chmod(file, 0666), 0); /* the server is somebody else */
}

static void start_locked(void)
{
	server = server_start(SERVER_DOVECOT_FULL, NULL);
	add_line("users", "locked:{PLAIN}secret::::::nologin\n"
			  "why:{PLAIN}secret::::::nologin reason=Unpaid.\n"
			  "elsewhere:{PLAIN}secret::::::allow_nets=192.0.2.1\n");
}

/* Locked out: no other password helps, and none is asked for. */
START_TEST(locked)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		try(&(Attempt){.user = "locked",
			       .password = "secret",
			       .sasl = ways[i],
			       NO(NO, "localhost says: Login disabled for this user")});
		try(&(Attempt){.user = "why",
			       .password = "secret",
			       .sasl = ways[i],
			       NO(NO, "localhost says: Unpaid.")});
		try(&(Attempt){.user = "elsewhere",
			       .password = "secret",
			       .sasl = ways[i],
			       NO(AUTH, "localhost says: Authentication failed.")});
	}
}
END_TEST

static void start_narrow_cyrus(void)
{
	server =
		server_start(SERVER_CYRUS, &(ServerOptions){.settings = "maxlogins_per_user: 1\n"});
	add_line("conf/user_deny.db", "bob\t2\timaps\tlocked\n");
}

START_TEST(denied_by_cyrus)
{
	try(&(Attempt){.user = "bob",
		       .password = "secret",
		       .sasl = "PLAIN",
		       NO(AUTH, "localhost says: authorization failure")});
	try(&(Attempt){.user = "nobody",
		       .password = "secret",
		       .sasl = "PLAIN",
		       NO(AUTH, "localhost says: authentication failure")});
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, void (*start)(void))
{
	TCase *test = tcase_create(name);

	tcase_add_unchecked_fixture(test, start, stop);
	tcase_set_timeout(test, 60);
	suite_add_tcase(suite, test);
	return test;
}

int main(void)
{
	Suite *suite = suite_create("login_servers");
	TCase *dovecot_case, *odd_case, *narrow_case;

	dovecot_case = add_case(suite, "Dovecot", start_dovecot);
	tcase_add_loop_test(dovecot_case, with_dovecot, 0, G_N_ELEMENTS(dovecot));
	tcase_add_test(dovecot_case, pins);
	tcase_add_test(dovecot_case, needs_files);
	odd_case = add_case(suite, "odd passwords", start_odd);
	tcase_add_loop_test(odd_case, odd, 0, G_N_ELEMENTS(odd_passwords));
	tcase_add_test(odd_case, long_one);
	tcase_add_test(odd_case, line_break);
	tcase_add_test(add_case(suite, "one connection", start_narrow), too_many);
	tcase_add_test(add_case(suite, "locked out", start_locked), locked);
	narrow_case = add_case(suite, "one connection to Cyrus", start_narrow_cyrus);
	tcase_add_test(narrow_case, too_many);
	tcase_add_test(narrow_case, denied_by_cyrus);
	tcase_add_loop_test(add_case(suite, "Cyrus", start_cyrus), with_cyrus, 0,
			    G_N_ELEMENTS(cyrus));
	return run_suite(suite);
}
