#include "config.h"

#include <check.h>
#include <glib.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/command/imap.h"
#include "core/session/session.h"
#include "tests/run.h"
#include "tests/stage.h"
#include "tests/tls_server.h"

#ifndef WIRE_DIR
#define WIRE_DIR "tests/wire"
#endif

static GPtrArray *conversations;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_conversations(void)
{
	GDir *dir = g_dir_open(WIRE_DIR, 0, NULL);
	const char *name;

	conversations = g_ptr_array_new_with_free_func(g_free);
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".txt"))
			g_ptr_array_add(conversations, g_build_filename(WIRE_DIR, name, NULL));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(conversations, by_name);
}

/* Each twice: lines in one piece, and in single bytes. */
START_TEST(test_conversation)
{
	g_autofree char *wrong = stage_play(conversations->pdata[_i / 2], _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

static GString *logged;

static void keep_log(const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED,
		     const char *message, gpointer data G_GNUC_UNUSED)
{
	g_string_append_printf(logged, "%s\n", message);
}

/* T189: nothing that is logged holds the password, as it is or escaped. */
START_TEST(test_log_without_secrets)
{
	g_autofree char *path = g_build_filename(WIRE_DIR, "login-echo.txt", NULL);
	g_autofree char *wrong = NULL;

	logged = g_string_new(NULL);
	g_log_set_debug_enabled(TRUE);
	g_log_set_default_handler(keep_log, NULL);
	wrong = stage_play(path, false);
	ck_assert_msg(!wrong, "%s", wrong);
	ck_assert_msg(strstr(logged->str, "C: A1 LOGIN …\n") != NULL, "%s", logged->str);
	ck_assert_msg(strstr(logged->str, "S: * OK [ALERT] you said LOGIN alice …\n") != NULL, "%s",
		      logged->str);
	ck_assert_msg(strstr(logged->str, "CONNECTING -> NONAUTH") != NULL, "%s", logged->str);
	ck_assert_msg(strstr(logged->str, "sesame") == NULL, "%s", logged->str);
	g_string_free(logged, TRUE);
}
END_TEST

/* T002, T008: what was said in clear does not count behind the handshake, and is asked again. */
static const char *const forgets[] = {
	"S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED IDLE] hello",
	"C: A1 STARTTLS",
	"S: * OK [ALERT] call 555-1234",
	"S: * CAPABILITY IMAP4rev1 LOGINDISABLED",
	"S: A1 OK begin",
	"TLS",
	"C: A2 CAPABILITY",
	"S: * CAPABILITY IMAP4rev1",
	"S: A2 OK done",
	"C: A3 LOGIN \"alice\" \"secret\"",
	"S: A3 OK [CAPABILITY IMAP4rev1] welcome",
	"S: * OK [ALERT] real",
	NULL,
};

static unsigned told;

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r, void *self G_GNUC_UNUSED)
{
	told += r->kind == RESPONSE_CONDITION;
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *closed)
{
	*(GError **)closed = g_error_copy(error);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

START_TEST(test_starttls_forgets)
{
	static const TlsServerOptions options = {.names = "DNS:localhost", .script = forgets};
	TlsServer *server = tls_server_start(&options);
	g_autofree char *url =
		g_strdup_printf("imap://alice:secret@localhost:%u", tls_server_port(server));
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	SessionConfig config = {.endpoint = to, .ca_file = tls_server_ca_file(server)};
	g_autoptr(GError) closed = NULL;
	ImapSession *session = session_open(&config, &events, &closed);

	while (!closed)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_msg(tls_server_wrong(server) == NULL, "%s: %s", tls_server_wrong(server),
		      closed->message);
	ck_assert_uint_eq(told, 1);
	session_free(session);
	tls_server_stop(server);
}
END_TEST

/* A server that sends a message of 200 MB to whoever asks, from a thread. */

#define LONG_OCTETS ((size_t)200 * 1000 * 1000)

static void say(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return; /* the client gave up, and the test says why */
		bytes += n;
		len -= (size_t)n;
	}
}

/* Up to what the client says next. */
static void await(int fd, const char *what)
{
	GString *heard = g_string_new(NULL);
	char c;

	while (!strstr(heard->str, what) && read(fd, &c, 1) == 1)
		g_string_append_c(heard, c);
	g_string_free(heard, TRUE);
}

#define SAY(fd, text) say(fd, text, strlen(text))

static gpointer send_long(gpointer data)
{
	static char piece[50000];
	int fd = GPOINTER_TO_INT(data);

	memset(piece, 'x', sizeof(piece));
	SAY(fd, "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n");
	await(fd, "A1 SELECT INBOX\r\n");
	SAY(fd, "* 1 EXISTS\r\nA1 OK [READ-WRITE] selected\r\n");
	await(fd, "A2 UID FETCH 1 (UID BODY.PEEK[])\r\n");
	SAY(fd, "* 1 FETCH (UID 1 BODY[] {200000000}\r\n");
	for (size_t sent = 0; sent < LONG_OCTETS; sent += sizeof(piece))
		say(fd, piece, sizeof(piece));
	SAY(fd, ")\r\nA2 OK done\r\n");
	return NULL;
}

typedef struct {
	size_t octets, chunked, held_before, most_held;
	ImapSession *session;
	bool done;
} LongBody;

static size_t bytes_held(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void on_long_data(const Response *r, void *data)
{
	LongBody *body = data;
	uint64_t have, total;

	if (r->kind == RESPONSE_FETCH)
		body->chunked = r->fetch.bodies[0].chunked;
	if (r->kind != RESPONSE_CHUNK)
		return;
	ck_assert_uint_eq(r->chunk.offset, body->octets);
	ck_assert_uint_eq(r->chunk.total, LONG_OCTETS);
	body->octets += r->chunk.len;
	ck_assert(body->octets == LONG_OCTETS ||
		  (session_progress(body->session, &have, &total) && have == body->octets));
	body->most_held = MAX(body->most_held, bytes_held());
}

static void on_long_done(const ImapResult *result, void *data)
{
	ck_assert_ptr_null(result->error);
	((LongBody *)data)->done = true;
}

/* Of 200 MB no more is ever held than of a small message. */
START_TEST(test_long_body_is_not_held)
{
	int ends[2];
	Endpoint to = {.kind = ENDPOINT_EXEC, .label = (char *)"test"};
	SessionConfig config = {.endpoint = &to};
	g_autoptr(GError) closed = NULL;
	g_autoptr(UidSet) one = uidset_new_range(1, 1);
	LongBody body = {0};

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	GThread *server = g_thread_new("server", send_long, GINT_TO_POINTER(ends[1]));
	body.session = session_open_fd(ends[0], true, &config, &events, &closed);
	imap_select(body.session, NULL, "INBOX", false, NULL, NULL, NULL);
	imap_uid_fetch(body.session, NULL, one, "(UID BODY.PEEK[])", on_long_data, on_long_done,
		       &body);
	body.held_before = bytes_held();
	while (!body.done && !closed)
		g_main_context_iteration(NULL, TRUE);
	ck_assert(body.done);
	ck_assert_uint_eq(body.octets, LONG_OCTETS);
	ck_assert_uint_eq(body.chunked, LONG_OCTETS);
	ck_assert_uint_lt(body.most_held - body.held_before, 300000);
	session_free(body.session);
	g_thread_join(server);
	close(ends[1]);
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("session", &test);

	find_conversations();
	tcase_set_timeout(test, 30);
	tcase_add_loop_test(test, test_conversation, 0, (int)conversations->len * 2);
	tcase_add_test(test, test_log_without_secrets);
	tcase_add_test(test, test_starttls_forgets);
	tcase_add_test(test, test_long_body_is_not_held);
	return run_suite(suite);
}
