/* A session over a stream of the caller's own: the example is one end of a socketpair that reads
 * ahead, tells lines from literals and opens in two steps; and bytes past the commands. */
#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/command/imap.h"
#include "core/session/session.h"
#include "tests/run.h"
#include "tests/run_until.h"
#include "tests/tls_server.h"

#define PATIENCE_MS 8000

/* --- the stream --- */

typedef struct {
	int fd;
	GByteArray *ahead; /* what was read of the socket and not asked for */
	GString *calls;    /* "open, readline 7, …" */
	unsigned opened, shut;
	const char *fails; /* the call that does, or NULL */
} Pair;

static bool fails(const Pair *pair, const char *call, GError **error)
{
	if (g_strcmp0(pair->fails, call) != 0)
		return false;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "The pair fails to %s.", call);
	return true;
}

static ImapStreamResult pair_open(void *self, GError **error)
{
	Pair *pair = self;

	g_string_append(pair->calls, "open, ");
	if (fails(pair, "open", error))
		return IMAP_STREAM_FAILED;
	return pair->opened++ ? IMAP_STREAM_DONE : IMAP_STREAM_WANT_WRITE;
}

static ImapStreamResult fill(Pair *pair)
{
	char buf[100];
	ssize_t n = recv(pair->fd, buf, sizeof buf, MSG_DONTWAIT);

	if (n > 0)
		g_byte_array_append(pair->ahead, (const guint8 *)buf, (guint)n);
	return n > 0 ? IMAP_STREAM_DONE : n == 0 ? IMAP_STREAM_CLOSED : IMAP_STREAM_WANT_READ;
}

/* Of what was read ahead, the first bytes, to the first LF where it is to be a `line`. */
static ImapStreamResult hand_out(Pair *pair, bool line, char *buf, size_t len, size_t *n)
{
	const guint8 *end;
	ImapStreamResult result = pair->ahead->len ? IMAP_STREAM_DONE : fill(pair);

	if (result != IMAP_STREAM_DONE)
		return result;
	*n = MIN(len, pair->ahead->len);
	end = line ? memchr(pair->ahead->data, '\n', *n) : NULL;
	if (end)
		*n = (size_t)(end - pair->ahead->data) + 1;
	memcpy(buf, pair->ahead->data, *n);
	g_byte_array_remove_range(pair->ahead, 0, (guint)*n);
	g_string_append_printf(pair->calls, "%s %zu, ", line ? "readline" : "read", *n);
	return IMAP_STREAM_DONE;
}

static ImapStreamResult pair_read(void *self, char *buf, size_t len, size_t *n, GError **error)
{
	return fails(self, "read", error) ? IMAP_STREAM_FAILED : hand_out(self, false, buf, len, n);
}

static ImapStreamResult pair_readline(void *self, char *buf, size_t len, size_t *n, GError **error)
{
	return fails(self, "read", error) ? IMAP_STREAM_FAILED : hand_out(self, true, buf, len, n);
}

/* Five bytes at a time, so that there is always a rest. */
static ImapStreamResult pair_send(void *self, const char *buf, size_t len, size_t *n,
				  GError **error)
{
	const Pair *pair = self;
	ssize_t put = send(pair->fd, buf, MIN(len, 5), MSG_DONTWAIT | MSG_NOSIGNAL);

	if (fails(pair, "send", error))
		return IMAP_STREAM_FAILED;
	*n = put > 0 ? (size_t)put : 0;
	return put > 0 ? IMAP_STREAM_DONE : IMAP_STREAM_WANT_WRITE;
}

static void pair_shutdown(void *self)
{
	Pair *pair = self;

	pair->shut++;
	close(pair->fd);
}

static int pair_descriptor(void *self, bool writing G_GNUC_UNUSED)
{
	return ((const Pair *)self)->fd;
}

static bool pair_pending(void *self)
{
	return ((const Pair *)self)->ahead->len > 0;
}

static const ImapStream pair_stream = {.open = pair_open,
				       .read = pair_read,
				       .readline = pair_readline,
				       .send = pair_send,
				       .shutdown = pair_shutdown,
				       .descriptor = pair_descriptor,
				       .pending = pair_pending,
				       .is_secure = true};

/* --- its client, and the other end --- */

typedef struct {
	Pair pair;
	int peer;
	ImapSession *session;
	GString *said; /* by the client, which the server looks at */
	GString *told; /* untagged responses, one a line */
	GError *closed;
	unsigned done;
	GString *raw;
	GError *raw_error;
	unsigned raw_done;
} Talk;

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r, void *self)
{
	if (r->frame)
		g_string_append_printf(((Talk *)self)->told, "%s\n", r->frame->text);
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	((Talk *)self)->closed = g_error_copy(error);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

static Talk *talk_new(const ImapStream *stream, const SessionConfig *config, const char *failing)
{
	Talk *talk = g_new0(Talk, 1);
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	talk->peer = ends[1];
	talk->pair = (Pair){.fd = ends[0], .fails = failing};
	talk->pair.ahead = g_byte_array_new();
	talk->pair.calls = g_string_new(NULL);
	talk->said = g_string_new(NULL);
	talk->told = g_string_new(NULL);
	talk->raw = g_string_new(NULL);
	talk->session = session_open_stream(stream, &talk->pair, config, &events, talk);
	ck_assert_str_eq(talk->pair.calls->str, "");
	return talk;
}

static void talk_free(Talk *talk)
{
	session_free(talk->session);
	ck_assert_uint_eq(talk->pair.shut, 1);
	close(talk->peer);
	g_byte_array_unref(talk->pair.ahead);
	g_string_free(talk->pair.calls, TRUE);
	g_string_free(talk->said, TRUE);
	g_string_free(talk->told, TRUE);
	g_string_free(talk->raw, TRUE);
	g_clear_error(&talk->closed);
	g_clear_error(&talk->raw_error);
	g_free(talk);
}

static void say(Talk *talk, const char *text)
{
	ck_assert_int_eq(write(talk->peer, text, strlen(text)), strlen(text));
}

/* The client has said just that since the last time. */
static bool hears(Talk *talk, const char *line)
{
	char buf[1000];
	ssize_t n = recv(talk->peer, buf, sizeof buf, MSG_DONTWAIT);

	if (n > 0)
		g_string_append_len(talk->said, buf, n);
	return strcmp(talk->said->str, line) == 0;
}

#define HEAR(talk, line)                                                                           \
	do {                                                                                       \
		RUN_UNTIL(hears(talk, line));                                                      \
		g_string_truncate((talk)->said, 0);                                                \
	} while (0)

static void on_done(const ImapResult *result, void *data)
{
	ck_assert_msg(!result->error, "%s", result->error ? result->error->message : "");
	((Talk *)data)->done++;
}

static const SessionConfig with_password = {.user = "alice", .password = "secret"};
static const SessionConfig by_hand = {.manual = true};

/* --- tests --- */

static void log_in_and_fetch(Talk *talk)
{
	g_autoptr(UidSet) one = uidset_new_range(1, 1);

	say(talk, "* OK [CAPABILITY IMAP4rev1] hello\r\n");
	HEAR(talk, "A1 LOGIN \"alice\" \"secret\"\r\n");
	say(talk, "A1 OK [CAPABILITY IMAP4rev1] welcome\r\n");
	imap_select(talk->session, NULL, "INBOX", false, NULL, on_done, talk);
	HEAR(talk, "A2 SELECT INBOX\r\n");
	say(talk, "* 1 EXISTS\r\nA2 OK [READ-WRITE] selected\r\n");
	RUN_UNTIL(talk->done == 1);
	imap_uid_fetch(talk->session, NULL, one, "(UID BODY.PEEK[])", NULL, on_done, talk);
	HEAR(talk, "A3 UID FETCH 1 (UID BODY.PEEK[])\r\n");
	g_string_truncate(talk->pair.calls, 0);
	say(talk, "* 1 FETCH (UID 1 BODY[] {11}\r\none\r\n\ntwo\r\n)\r\nA3 OK done\r\n");
	RUN_UNTIL(talk->done == 2);
}

START_TEST(test_runs_a_session)
{
	Talk *talk = talk_new(&pair_stream, &with_password, NULL);

	log_in_and_fetch(talk);
	ck_assert_uint_eq(talk->pair.opened, 2);
	/* Lines as lines, the literal as what it is. */
	ck_assert_str_eq(talk->pair.calls->str, "readline 30, read 11, readline 3, readline 12, ");
	ck_assert_int_eq(session_descriptor(talk->session), talk->pair.fd);
	ck_assert_ptr_null(session_ssl(talk->session));
	ck_assert_str_eq(session_protocol_version(talk->session), "IMAP4rev1");
	close(talk->peer);
	talk->peer = -1;
	RUN_UNTIL(talk->closed);
	ck_assert_str_eq(talk->closed->message, "The server closed the connection.");
	talk_free(talk);
}
END_TEST

/* Where lines do not matter, and where nothing is to poll: then the caller says when. */
START_TEST(test_needs_little)
{
	static const ImapStream reads = {.read = pair_read,
					 .send = pair_send,
					 .shutdown = pair_shutdown,
					 .descriptor = pair_descriptor,
					 .pending = pair_pending,
					 .is_secure = true};
	Talk *talk = talk_new(&reads, &with_password, NULL);

	log_in_and_fetch(talk);
	ck_assert(g_str_has_prefix(talk->pair.calls->str, "read 56, "));
	talk_free(talk);
}
END_TEST

static gboolean on_poll(gpointer data)
{
	session_stream_ready(data);
	return G_SOURCE_CONTINUE;
}

START_TEST(test_is_told_when)
{
	static const ImapStream silent = {
		.read = pair_read, .send = pair_send, .shutdown = pair_shutdown, .is_secure = true};
	Talk *talk = talk_new(&silent, &with_password, NULL);
	guint poll;

	say(talk, "* OK [CAPABILITY IMAP4rev1] hello\r\n");
	RUN_UNTIL(session_state(talk->session) == SESSION_NONAUTH);
	ck_assert_int_eq(session_descriptor(talk->session), -1);
	HEAR(talk, "A1 LOGIN \"alice\" \"secret\"\r\n");
	say(talk, "A1 OK [CAPABILITY IMAP4rev1] welcome\r\n");
	for (unsigned i = 0; i < 20; i++)
		g_main_context_iteration(NULL, FALSE);
	ck_assert_int_eq(session_state(talk->session), SESSION_NONAUTH);
	poll = g_timeout_add(1, on_poll, talk->session);
	RUN_UNTIL(session_state(talk->session) == SESSION_AUTH);
	g_source_remove(poll);
	talk_free(talk);
}
END_TEST

static const struct {
	const char *fails, *words;
} faults[] = {{"open", "The pair fails to open."},
	      {"read", "The pair fails to read."},
	      /* What the server still says is read; then its end is the reason. */
	      {"send", "The server closed the connection."}};

/* The reason is the stream's own; what cannot be sent may still be answered. */
START_TEST(test_says_why_it_fails)
{
	Talk *talk = talk_new(&pair_stream, &with_password, faults[_i].fails);

	say(talk, "* OK [CAPABILITY IMAP4rev1] hello\r\n");
	if (_i == 2) {
		RUN_UNTIL(session_state(talk->session) == SESSION_NONAUTH);
		shutdown(talk->peer, SHUT_WR);
	}
	RUN_UNTIL(talk->closed);
	ck_assert_str_eq(talk->closed->message, faults[_i].words);
	ck_assert(g_error_matches(talk->closed, CORE_ERROR, CORE_ERROR_ABORT));
	talk_free(talk);
}
END_TEST

/* A password goes only where the stream says that nobody else can read it. */
START_TEST(test_says_whether_it_is_secure)
{
	ImapStream open_to_all = pair_stream;
	Talk *talk;

	open_to_all.is_secure = false;
	talk = talk_new(&open_to_all, &with_password, NULL);
	say(talk, "* OK [CAPABILITY IMAP4rev1] hello\r\n");
	RUN_UNTIL(talk->closed);
	ck_assert_msg(strstr(talk->closed->message, "so the password was not sent") != NULL, "%s",
		      talk->closed->message);
	ck_assert(hears(talk, ""));
	talk_free(talk);
}
END_TEST

static const char *const encrypts[] = {
	"S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello",
	"C: A1 STARTTLS",
	"S: A1 OK begin",
	"TLS",
	"C: A2 CAPABILITY",
	"S: * CAPABILITY IMAP4rev1",
	"S: A2 OK done",
	"C: A3 LOGIN \"alice\" \"secret\"",
	"S: A3 OK [CAPABILITY IMAP4rev1] welcome",
	"C: A4 NOOP",
	NULL,
};

static const char *const encrypted[] = {
	"TLS",
	"S: * OK [CAPABILITY IMAP4rev1] hello",
	"C: A1 LOGIN \"alice\" \"secret\"",
	"S: A1 OK [CAPABILITY IMAP4rev1] welcome",
	"C: A2 NOOP",
	NULL,
};

static int connect_to(const TlsServer *server)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)tls_server_port(server)),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&where, sizeof where), 0);
	return fd;
}

/* As the endpoint says, which is not connected to. */
START_TEST(test_is_encrypted)
{
	TlsServerOptions options = {.names = "DNS:localhost", .script = _i ? encrypted : encrypts};
	TlsServer *server = tls_server_start(&options);
	Endpoint to = {.kind = _i ? ENDPOINT_IMAPS : ENDPOINT_STARTTLS,
		       .host = (char *)"localhost"};
	SessionConfig config = {.endpoint = &to,
				.user = "alice",
				.password = "secret",
				.ca_file = tls_server_ca_file(server)};
	ImapStream open_to_all = pair_stream;
	Talk *talk;

	open_to_all.is_secure = false;
	talk = talk_new(&open_to_all, &config, NULL);
	ck_assert_int_ge(dup2(connect_to(server), talk->pair.fd), 0);
	RUN_UNTIL(session_state(talk->session) == SESSION_AUTH || talk->closed);
	ck_assert_msg(!talk->closed, "%s %s", tls_server_wrong(server),
		      talk->closed ? talk->closed->message : "");
	ck_assert(session_is_encrypted(talk->session));
	ck_assert_ptr_nonnull(session_ssl(talk->session));
	ck_assert_int_eq(session_descriptor(talk->session), talk->pair.fd);
	talk_free(talk);
	tls_server_stop(server);
}
END_TEST

/* --- past the commands --- */

static void on_raw(GBytes *bytes, const GError *error, void *data)
{
	Talk *talk = data;

	g_string_append_len(talk->raw, g_bytes_get_data(bytes, NULL),
			    (gssize)g_bytes_get_size(bytes));
	g_string_append_c(talk->raw, '|');
	talk->raw_error = error ? g_error_copy(error) : NULL;
	talk->raw_done++;
}

static bool send_raw(Talk *talk, const char *text, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	return session_raw_send(talk->session, bytes, error);
}

static Talk *greeted(void)
{
	Talk *talk = talk_new(&pair_stream, &by_hand, NULL);

	say(talk, "* OK [CAPABILITY IMAP4rev1] hello\r\n");
	RUN_UNTIL(session_is_through(talk->session));
	g_string_truncate(talk->told, 0);
	return talk;
}

START_TEST(test_raw_bytes)
{
	Talk *talk = greeted();

	ck_assert(send_raw(talk, "X1 NOOP\r\n", NULL));
	HEAR(talk, "X1 NOOP\r\n");
	say(talk, "* 1 EXISTS\r\nX1 OK done\r\n* 2 EXISTS\r\n");
	ck_assert(session_raw_read(talk->session, SESSION_RAW_LINE, on_raw, talk, NULL));
	ck_assert_uint_eq(talk->raw_done, 0);
	RUN_UNTIL(talk->raw_done == 1);
	ck_assert(session_raw_read(talk->session, 5, on_raw, talk, NULL));
	RUN_UNTIL(talk->raw_done == 2);
	ck_assert(session_raw_read(talk->session, 0, on_raw, talk, NULL));
	RUN_UNTIL(talk->raw_done == 3);
	ck_assert(session_raw_read(talk->session, SESSION_RAW_LINE, on_raw, talk, NULL));
	RUN_UNTIL(talk->raw_done == 4);
	ck_assert_str_eq(talk->raw->str, "* 1 EXISTS\r\n|X1 OK|| done\r\n|");
	ck_assert_str_eq(talk->told->str, "");
	talk_free(talk);
}
END_TEST

/* What was not taken is read as ever once a command follows, half lines too. */
START_TEST(test_raw_rest)
{
	Talk *talk = greeted();

	say(talk, "* OK half");
	RUN_UNTIL(strstr(talk->pair.calls->str, "readline 9, ") ||
		  strstr(talk->pair.calls->str, "readline 8, "));
	ck_assert(send_raw(talk, "X1 NOOP\r\n", NULL));
	say(talk, " a line\r\n* OK another\r\n");
	ck_assert(session_raw_read(talk->session, 4, on_raw, talk, NULL));
	RUN_UNTIL(talk->raw_done == 1);
	ck_assert_str_eq(talk->raw->str, "* OK|");
	imap_capability(talk->session, NULL, on_done, talk);
	HEAR(talk, "X1 NOOP\r\nA1 CAPABILITY\r\n");
	say(talk, "A1 OK done\r\n");
	RUN_UNTIL(talk->done == 1);
	ck_assert_str_eq(talk->told->str, "* OK another\n");
	talk_free(talk);
}
END_TEST

START_TEST(test_raw_is_refused)
{
	Talk *talk = greeted();
	g_autoptr(GError) early = NULL, twice = NULL;

	imap_noop(talk->session, NULL, on_done, talk);
	ck_assert(!send_raw(talk, "X1 NOOP\r\n", &early));
	ck_assert(g_error_matches(early, CORE_ERROR, CORE_ERROR_STATE));
	HEAR(talk, "A1 NOOP\r\n");
	say(talk, "A1 OK done\r\n");
	RUN_UNTIL(talk->done == 1);
	ck_assert(session_raw_read(talk->session, 3, on_raw, talk, NULL));
	ck_assert(!session_raw_read(talk->session, 3, on_raw, talk, &twice));
	/* Whoever waits hears of a command, and of the end. */
	imap_noop(talk->session, NULL, NULL, NULL);
	RUN_UNTIL(talk->raw_done == 1);
	ck_assert(error_is_cancelled(talk->raw_error));
	g_clear_error(&talk->raw_error);
	HEAR(talk, "A2 NOOP\r\n");
	say(talk, "A2 OK done\r\n");
	RUN_UNTIL(session_is_idle(talk->session));
	ck_assert(session_raw_read(talk->session, 100, on_raw, talk, NULL));
	say(talk, "last");
	shutdown(talk->peer, SHUT_WR);
	RUN_UNTIL(talk->raw_done == 2);
	ck_assert_str_eq(talk->raw->str, "|last|");
	ck_assert(error_is_abort(talk->raw_error));
	RUN_UNTIL(talk->closed);
	talk_free(talk);
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("stream", &test);

	tcase_add_test(test, test_runs_a_session);
	tcase_add_test(test, test_needs_little);
	tcase_add_test(test, test_is_told_when);
	tcase_add_loop_test(test, test_says_why_it_fails, 0, G_N_ELEMENTS(faults));
	tcase_add_test(test, test_says_whether_it_is_secure);
	tcase_add_loop_test(test, test_is_encrypted, 0, 2);
	tcase_add_test(test, test_raw_bytes);
	tcase_add_test(test, test_raw_rest);
	tcase_add_test(test, test_raw_is_refused);
	return run_suite(suite);
}
