#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/base/error.h"
#include "core/net/transport.h"
#include "tests/run.h"
#include "tests/run_until.h"
#include "tests/tls_server.h"

#define PATIENCE_MS 8000

/* What a transport told. */
typedef struct {
	Transport *transport;
	GString *text, *phases;
	unsigned ready, batches, closed;
	size_t in_batch, largest_batch;
	GError *error;
	bool free_on_receive, in_call;
} Recorder;

static void on_ready(Transport *t, void *self)
{
	Recorder *r = self;

	ck_assert_ptr_eq(t, r->transport);
	ck_assert(!r->in_call);
	r->ready++;
}

static void on_received(Transport *t, const char *buf, size_t len, void *self)
{
	Recorder *r = self;

	ck_assert(!r->in_call);
	g_string_append_len(r->text, buf, (gssize)len);
	r->in_batch += len;
	if (r->free_on_receive) {
		r->transport = NULL;
		transport_free(t);
	}
}

static void on_batch_end(Transport *t G_GNUC_UNUSED, void *self)
{
	Recorder *r = self;

	r->largest_batch = MAX(r->largest_batch, r->in_batch);
	r->in_batch = 0;
	r->batches++;
}

static void on_closed(Transport *t G_GNUC_UNUSED, const GError *error, void *self)
{
	Recorder *r = self;

	ck_assert(!r->in_call);
	ck_assert_ptr_nonnull(error);
	r->closed++;
	r->error = g_error_copy(error);
}

static void on_phase(Transport *t G_GNUC_UNUSED, const char *text, void *self)
{
	g_string_append_printf(((Recorder *)self)->phases, "%s\n", text);
}

static const TransportEvents events = {.ready = on_ready,
				       .received = on_received,
				       .batch_end = on_batch_end,
				       .closed = on_closed,
				       .phase = on_phase};

static Recorder *recorder_new(void)
{
	Recorder *r = g_new0(Recorder, 1);

	r->text = g_string_new(NULL);
	r->phases = g_string_new(NULL);
	return r;
}

static Recorder *record_fd(int fd, const TransportOptions *options)
{
	Recorder *r = recorder_new();

	r->in_call = true;
	r->transport = transport_from_fd(fd, options, &events, r);
	r->in_call = false;
	return r;
}

static Recorder *record(const Endpoint *to, const TransportOptions *options)
{
	Recorder *r = recorder_new();

	r->in_call = true;
	r->transport = transport_connect(to, options, &events, r);
	r->in_call = false;
	return r;
}

static void recorder_free(Recorder *r)
{
	transport_free(r->transport);
	g_string_free(r->text, TRUE);
	g_string_free(r->phases, TRUE);
	g_clear_error(&r->error);
	g_free(r);
}

static void say(Recorder *r, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	r->in_call = true;
	transport_write(r->transport, bytes);
	r->in_call = false;
}

static void assert_closed_with(Recorder *r, int code, const char *words)
{
	RUN_UNTIL(r->closed);
	ck_assert_msg(strstr(r->error->message, words) != NULL, "“%s” does not hold “%s”",
		      r->error->message, words);
	ck_assert_msg(g_error_matches(r->error, CORE_ERROR, code), "code %d: %s", r->error->code,
		      r->error->message);
	ck_assert_uint_eq(r->closed, 1);
}

START_TEST(test_one_turn_is_one_write)
{
	int ends[2];
	char buf[100];
	Recorder *r;

	/* SEQPACKET keeps the boundaries of writes. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	r = record_fd(ends[0], NULL);
	RUN_UNTIL(r->ready);
	say(r, "DONE\r\n");
	say(r, "A2 NOOP\r\n");
	ck_assert_uint_eq(transport_unsent(r->transport), 15);
	ck_assert_int_eq(recv(ends[1], buf, sizeof buf, MSG_DONTWAIT), -1);
	RUN_UNTIL(!transport_unsent(r->transport));
	ck_assert_int_eq(recv(ends[1], buf, sizeof buf, 0), 15);
	ck_assert_mem_eq(buf, "DONE\r\nA2 NOOP\r\n", 15);
	ck_assert_uint_eq(transport_bytes_out(r->transport), 15);
	recorder_free(r);
	close(ends[1]);
}
END_TEST

static gpointer write_much(gpointer fd)
{
	g_autofree char *much = g_malloc(1000000);

	memset(much, 'x', 1000000);
	for (ssize_t at = 0; at < 1000000;)
		at += write(GPOINTER_TO_INT(fd), much + at, 1000000 - (size_t)at);
	close(GPOINTER_TO_INT(fd));
	return NULL;
}

START_TEST(test_read_yields)
{
	int ends[2];
	GThread *thread;
	Recorder *r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	r = record_fd(ends[0], NULL);
	thread = g_thread_new("writer", write_much, GINT_TO_POINTER(ends[1]));
	assert_closed_with(r, CORE_ERROR_ABORT, "closed the connection");
	ck_assert_uint_eq(r->text->len, 1000000);
	ck_assert_uint_eq(transport_bytes_in(r->transport), 1000000);
	ck_assert_uint_le(r->largest_batch, 65536);
	ck_assert_uint_eq(r->in_batch, 0);
	g_thread_join(thread);
	recorder_free(r);
}
END_TEST

/* More than the socket takes at once, in large and small pieces, arrives whole. */
START_TEST(test_much_is_written)
{
	int ends[2];
	GString *got = g_string_new(NULL), *want = g_string_new(NULL);
	Recorder *r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	r = record_fd(ends[0], NULL);
	for (unsigned i = 0; i < 300; i++) {
		g_autofree char *piece = g_strnfill(i * 37 % 9000, (char)('a' + i % 26));
		say(r, piece);
		g_string_append(want, piece);
	}
	g_autofree char *large = g_strnfill(3000000, 'L');
	say(r, large);
	say(r, "end");
	g_string_append(want, large);
	g_string_append(want, "end");
	while (got->len < want->len) {
		char buf[7777];
		ssize_t n = read(ends[1], buf, sizeof buf);
		if (n > 0)
			g_string_append_len(got, buf, n);
		g_main_context_iteration(NULL, FALSE);
	}
	ck_assert(g_string_equal(got, want));
	g_string_free(got, TRUE);
	g_string_free(want, TRUE);
	recorder_free(r);
	close(ends[1]);
}
END_TEST

/* What the server said before it hung up is read although our bytes found nobody. */
START_TEST(test_last_words_survive_a_failed_write)
{
	int ends[2];
	Recorder *r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	r = record_fd(ends[0], NULL);
	say(r, "A1 NOOP\r\n");
	ck_assert_int_eq(write(ends[1], "* BYE\r\n", 7), 7);
	close(ends[1]);
	assert_closed_with(r, CORE_ERROR_ABORT, "The server");
	ck_assert_str_eq(r->text->str, "* BYE\r\n");
	recorder_free(r);
}
END_TEST

START_TEST(test_free_in_callback)
{
	int ends[2];
	Recorder *r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	r = record_fd(ends[0], NULL);
	r->free_on_receive = true;
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	RUN_UNTIL(!r->transport);
	g_main_context_iteration(NULL, FALSE);
	ck_assert_uint_eq(r->batches + r->closed, 0);
	recorder_free(r);
	close(ends[1]);
}
END_TEST

static Endpoint *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	Endpoint *endpoint = endpoint_parse(text, NULL, &error);

	ck_assert_msg(endpoint != NULL, "%s", error ? error->message : "");
	return endpoint;
}

START_TEST(test_subprocess)
{
	g_autoptr(Endpoint) to = parse("exec:cat");
	Recorder *r = record(to, NULL);

	RUN_UNTIL(r->ready);
	ck_assert_str_eq(r->phases->str, "Starting cat…\n");
	ck_assert(transport_is_secure(r->transport));
	ck_assert(!transport_is_encrypted(r->transport));
	say(r, "hello\n");
	RUN_UNTIL(r->text->len);
	ck_assert_str_eq(r->text->str, "hello\n");
	recorder_free(r);
}
END_TEST

START_TEST(test_subprocess_last_words)
{
	static const char *const table[][2] = {
		{"exec:sh -c 'echo x; echo one >&2; echo \"last \033words\" >&2; echo >&2; exit 3'",
		 "ended with exit status 3: last "},
		{"exec:true", "ended with exit status 0."},
		{"exec:sh -c 'kill -9 $$'", "was ended by signal 9."},
		{"exec:sh -c 'exec <&- >&-; sleep 2'", "closed the connection."},
		{"exec:/nonexistent/imapd", "could not be started"},
	};
	g_autoptr(Endpoint) to = parse(table[_i][0]);
	Recorder *r = record(to, NULL);

	assert_closed_with(r, CORE_ERROR_ABORT, table[_i][1]);
	ck_assert_ptr_null(strchr(r->error->message, '\033'));
	recorder_free(r);
}
END_TEST

START_TEST(test_subprocess_sees_little)
{
	g_autoptr(Endpoint) to = parse("exec:ls -C /proc/self/fd");
	Recorder *r = record(to, NULL);

	RUN_UNTIL(r->closed);
	/* stdin, stdout, stderr and the directory that ls reads */
	ck_assert_str_eq(r->text->str, "0  1  2  3\n");
	recorder_free(r);
}
END_TEST

START_TEST(test_subprocess_has_no_terminal)
{
	g_autoptr(Endpoint) to = parse("exec:sh -c 'set -- $(cat /proc/$$/stat); echo $1 $6'");
	Recorder *r = record(to, NULL);
	int pid, session;

	RUN_UNTIL(r->closed);
	ck_assert_int_eq(sscanf(r->text->str, "%d %d", &pid, &session), 2);
	ck_assert_int_eq(pid, session);
	recorder_free(r);
}
END_TEST

START_TEST(test_subprocess_is_killed)
{
	g_autoptr(Endpoint) to =
		parse("exec:sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done'");
	Recorder *r = record(to, NULL);
	pid_t pid;

	RUN_UNTIL(r->text->len);
	pid = atoi(r->text->str);
	ck_assert_int_gt(pid, 1);
	transport_free(g_steal_pointer(&r->transport));
	ck_assert_int_eq(kill(pid, 0), 0);
	RUN_UNTIL(kill(pid, 0) != 0);
	ck_assert_uint_eq(r->closed, 0);
	recorder_free(r);
}
END_TEST

START_TEST(test_no_connection)
{
	static const struct {
		const char *url, *words;
	} table[] = {
		{"imaps://nosuchhost.invalid", "nosuchhost.invalid"},
		{"imap+plain://127.0.0.1:%u", "connection refused"},
		{"imap+plain://localhost:%u", "connection refused"},
	};
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof where;
	int taken = socket(AF_INET, SOCK_STREAM, 0); /* bound, but nobody listens */
	const char *port = strstr(table[_i].url, "%u");
	g_autofree char *url = g_strndup(table[_i].url, port ? (size_t)(port - table[_i].url)
							     : strlen(table[_i].url));
	g_autofree char *whole = NULL;
	g_autoptr(Endpoint) to = NULL;
	Recorder *r;

	ck_assert_int_eq(bind(taken, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(getsockname(taken, (struct sockaddr *)&where, &size), 0);
	whole = port ? g_strdup_printf("%s%u", url, ntohs(where.sin_port)) : g_strdup(url);
	to = parse(whole);
	r = record(to, NULL);
	assert_closed_with(r, CORE_ERROR_ABORT, table[_i].words);
	ck_assert_uint_eq(r->ready, 0);
	recorder_free(r);
	close(taken);
}
END_TEST

START_TEST(test_free_while_connecting)
{
	g_autoptr(Endpoint) to = parse("imaps://nosuchhost.invalid");
	Recorder *r = record(to, NULL);

	g_main_context_iteration(NULL, FALSE);
	recorder_free(r);
	for (unsigned i = 0; i < 20; i++) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(10000);
	}
}
END_TEST

static Endpoint *endpoint_of(const TlsServer *server, const char *scheme, const char *host)
{
	g_autofree char *url = g_strdup_printf("%s://%s:%u", scheme, host, tls_server_port(server));

	return parse(url);
}

START_TEST(test_tls)
{
	static const TlsServerOptions options = {.names = "DNS:localhost", .greeting = "hello\n"};
	TlsServer *server = tls_server_start(&options);
	g_autoptr(Endpoint) to = endpoint_of(server, "imaps", "localhost");
	TransportOptions with_ca = {.ca_file = tls_server_ca_file(server)};
	Recorder *r = record(to, &with_ca);
	g_autofree char *much = g_strnfill(200000, 'x');

	RUN_UNTIL(r->text->len);
	ck_assert_uint_eq(r->ready, 1);
	ck_assert_str_eq(r->text->str, "hello\n");
	ck_assert(transport_is_secure(r->transport) && transport_is_encrypted(r->transport));
	ck_assert_str_eq(tls_server_sni(server), "localhost");
	ck_assert_ptr_nonnull(strstr(r->phases->str, "TLS handshake with localhost…"));
	g_string_truncate(r->text, 0);
	say(r, much);
	RUN_UNTIL(r->text->len == 200000);
	ck_assert_str_eq(r->text->str, much);
	recorder_free(r);
	tls_server_stop(server);
}
END_TEST

START_TEST(test_tls_unknown_ca)
{
	static const TlsServerOptions options = {.names = "DNS:localhost"};
	TlsServer *server = tls_server_start(&options), *other = tls_server_start(&options);
	g_autoptr(Endpoint) to = endpoint_of(server, "imaps", "localhost");
	TransportOptions with_other = {.ca_file = tls_server_ca_file(other)};
	Recorder *r = record(to, _i ? &with_other : NULL);

	assert_closed_with(r, CORE_ERROR_TLS, "signed by Sheaf test CA");
	ck_assert_uint_eq(r->ready, 0);
	recorder_free(r);
	tls_server_stop(server);
	tls_server_stop(other);
}
END_TEST

START_TEST(test_tls_ca_file_unreadable)
{
	static const TlsServerOptions options = {.names = "DNS:localhost"};
	TlsServer *server = tls_server_start(&options);
	g_autoptr(Endpoint) to = endpoint_of(server, "imaps", "localhost");
	TransportOptions missing = {.ca_file = "/nonexistent.pem"};
	Recorder *r = record(to, &missing);

	assert_closed_with(r, CORE_ERROR_TLS, "/nonexistent.pem");
	recorder_free(r);
	tls_server_stop(server);
}
END_TEST

/* RFC 9525: names only in subjectAltName, one whole label for '*', addresses only as addresses. */
static const struct {
	TlsServerOptions server;
	const char *host;
	const char *words; /* of the refusal, or NULL where it is fine */
	const char *sni;
} names[] = {
	{{.names = "DNS:mail.example.org"}, "mail.example.org", NULL, "mail.example.org"},
	{{.names = "DNS:*.example.org"}, "mail.example.org", NULL, "mail.example.org"},
	{{.names = "DNS:*.example.org"}, "a.b.example.org", "*.example.org, not for a.b", NULL},
	{{.names = "DNS:ma*.example.org"}, "mail.example.org", "not for mail.example.org", NULL},
	{{.names = "DNS:m*l.example.org"}, "mail.example.org", "not for mail.example.org", NULL},
	{{.names = "DNS:*.org"}, "example.org", "not for example.org", NULL},
	{{.names = "DNS:x.example", .common_name = "mail.example.org"},
	 "mail.example.org",
	 "for x.example, not for mail.example.org",
	 NULL},
	{{.common_name = "mail.example.org"}, "mail.example.org", "no name at all, not for", NULL},
	{{.names = "IP:127.0.0.1"}, "127.0.0.1", NULL, ""},
	{{.names = "DNS:127.0.0.1"}, "127.0.0.1", "not for 127.0.0.1", NULL},
	{{.names = "IP:127.0.0.2"}, "127.0.0.1", "for 127.0.0.2, not for 127.0.0.1", NULL},
	{{.names = "DNS:xn--bcher-kva.example"}, "bücher.example", NULL, "xn--bcher-kva.example"},
	{{.names = "DNS:a,DNS:b,DNS:c,DNS:d,DNS:e,DNS:f"}, "g", "a, b, c, d and 2 more", NULL},
	{{.names = "DNS:h", .from_days = -9, .to_days = -2}, "h", "expired on 20", NULL},
	{{.names = "DNS:h", .from_days = 2, .to_days = 9}, "h", "clock says 20", NULL},
	{{.names = "DNS:h", .max_version = TLS1_1_VERSION}, "h", "older than 1.2", NULL},
	{{.plain = true, .greeting = "* OK hello there, this is not TLS\r\n"},
	 "h",
	 "not speak TLS",
	 NULL},
};

static int connect_to(const TlsServer *server)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)tls_server_port(server)),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&where, sizeof where), 0);
	return fd;
}

START_TEST(test_tls_names)
{
	TlsServer *server = tls_server_start(&names[_i].server);
	TransportOptions with_ca = {.ca_file = tls_server_ca_file(server)};
	Recorder *r = record_fd(connect_to(server), &with_ca);

	RUN_UNTIL(r->ready);
	transport_start_tls(r->transport, names[_i].host);
	if (names[_i].words) {
		assert_closed_with(r, CORE_ERROR_TLS, names[_i].words);
		ck_assert(!transport_is_secure(r->transport));
	} else {
		RUN_UNTIL(r->ready == 2 || r->closed);
		ck_assert_msg(!r->closed, "%s", r->error ? r->error->message : "");
		ck_assert(transport_is_secure(r->transport));
		say(r, "x");
		RUN_UNTIL(r->text->len);
		ck_assert_str_eq(tls_server_sni(server), names[_i].sni);
	}
	recorder_free(r);
	tls_server_stop(server);
}
END_TEST

START_TEST(test_tls_end)
{
	TlsServerOptions options = {.names = "DNS:localhost",
				    .greeting = "* 1 FETCH (BODY[] {9}\r\n",
				    .truncate = _i == 0,
				    .close = _i == 1};
	TlsServer *server = tls_server_start(&options);
	g_autoptr(Endpoint) to = endpoint_of(server, "imaps", "localhost");
	TransportOptions with_ca = {.ca_file = tls_server_ca_file(server)};
	Recorder *r = record(to, &with_ca);

	assert_closed_with(r, CORE_ERROR_ABORT,
			   _i == 0 ? "may be cut off" : "closed the connection.");
	ck_assert_uint_eq(r->text->len, 23);
	recorder_free(r);
	tls_server_stop(server);
}
END_TEST

/* SSLKEYLOGFILE must not make a file of session secrets (T194). */
START_TEST(test_no_key_log)
{
	static const TlsServerOptions options = {.names = "DNS:localhost", .greeting = "hello\n"};
	g_autofree char *path = g_strdup_printf("/tmp/sheaf-keylog-%d", (int)getpid());
	TlsServer *server;

	ck_assert(g_setenv("SSLKEYLOGFILE", path, TRUE));
	server = tls_server_start(&options);
	g_autoptr(Endpoint) to = endpoint_of(server, "imaps", "localhost");
	TransportOptions with_ca = {.ca_file = tls_server_ca_file(server)};
	Recorder *r = record(to, &with_ca);
	RUN_UNTIL(r->text->len);
	ck_assert_int_ne(access(path, F_OK), 0);
	recorder_free(r);
	tls_server_stop(server);
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("transport", &test);

	tcase_set_timeout(test, 30);
	tcase_add_test(test, test_one_turn_is_one_write);
	tcase_add_test(test, test_read_yields);
	tcase_add_test(test, test_much_is_written);
	tcase_add_test(test, test_last_words_survive_a_failed_write);
	tcase_add_test(test, test_free_in_callback);
	tcase_add_test(test, test_subprocess);
	tcase_add_loop_test(test, test_subprocess_last_words, 0, 5);
	tcase_add_test(test, test_subprocess_sees_little);
	tcase_add_test(test, test_subprocess_has_no_terminal);
	tcase_add_test(test, test_subprocess_is_killed);
	tcase_add_loop_test(test, test_no_connection, 0, 3);
	tcase_add_test(test, test_free_while_connecting);
	tcase_add_test(test, test_tls);
	tcase_add_loop_test(test, test_tls_unknown_ca, 0, 2);
	tcase_add_test(test, test_tls_ca_file_unreadable);
	tcase_add_loop_test(test, test_tls_names, 0, G_N_ELEMENTS(names));
	tcase_add_loop_test(test, test_tls_end, 0, 2);
	tcase_add_test(test, test_no_key_log);
	return run_suite(suite);
}
