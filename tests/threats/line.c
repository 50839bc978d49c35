/* Group E of the catalogue: network and time, as far as the scripts of a server cannot say it. */
#define _GNU_SOURCE /* accept4 */
#include "config.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "core/net/connector.h"
#include "core/session/session.h"
#include "tests/threats/threats.h"

/* --- a session whose server says what the test wants --- */

typedef struct {
	int server;     /* the other end, or where it listens */
	GError *closed; /* why, once it is */
	GError *done;   /* how the last command ended */
	bool is_done, over;
} Line;

static void on_response(ImapSession *s, const Response *r, void *self)
{
	(void)s;
	(void)r;
	(void)self;
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	(void)s;
	((Line *)self)->closed = g_error_copy(error);
}

static const SessionEvents session_events = {.response = on_response, .closed = on_closed};

static gboolean on_time(void *data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

/* Runs the loop until `*so`, no longer than `ms`. */
static void run(const void *const *so, unsigned ms)
{
	bool late = false;
	guint timer = g_timeout_add(ms, on_time, &late);

	while (!late && !(so && *so))
		g_main_context_iteration(NULL, TRUE);
	if (!late)
		g_source_remove(timer);
}

static void say(const Line *line, const char *words)
{
	ck_assert_int_eq(send(line->server, words, strlen(words), MSG_NOSIGNAL),
			 (ssize_t)strlen(words));
}

static void on_done(const ImapResult *result, void *data)
{
	Line *line = data;

	line->is_done = true;
	line->done = result->error ? g_error_copy(result->error) : NULL;
}

/* Logged in already, and something is asked. */
static ImapSession *ask(Line *line, Scope *scope, unsigned stall_seconds)
{
	SessionConfig config = {.stall_seconds = stall_seconds};
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	line->server = ends[1];
	ImapSession *s = session_open_fd(ends[0], true, &config, &session_events, line);
	say(line, "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n");
	run(NULL, 50);
	session_submit(s, scope, session_begin(s, COMMAND_ID_NOOP), NULL, on_done, line);
	run(NULL, 50);
	return s;
}

static void line_clear(Line *line, ImapSession *s)
{
	session_free(s);
	close(line->server);
	g_clear_error(&line->closed);
	g_clear_error(&line->done);
}

/* --- the clocks are ours here --- */

/* The line is looked at every half second. */
#define LOOK_MS 700

static time_t jumped, passed; /* seconds: of the time of day; in truth, as it were */

int clock_gettime(clockid_t clock, struct timespec *now)
{
	long failed = syscall(SYS_clock_gettime, clock, now);

	now->tv_sec += passed;
	if (clock == CLOCK_REALTIME)
		now->tv_sec += jumped;
	return (int)failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	*now = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
	return 0;
}

static void pass(time_t seconds)
{
	passed += seconds;
	run(NULL, 50);
}

static int listen_at(const char *address, int *port)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
	socklen_t size = sizeof(where);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(inet_pton(AF_INET, address, &where.sin_addr), 1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&where, &size), 0);
	*port = ntohs(where.sin_port);
	return fd;
}

static void accept_line(Line *line, int listener)
{
	for (int i = 0; i < 100; i++) {
		line->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (line->server >= 0)
			return;
		run(NULL, 20);
	}
	ck_abort_msg("no connection came");
}

static void swallow(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &nothing};

	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)),
			 0);
}

/* --- T088 --- */

/* Over TCP, where the kernel of the other end acknowledges what comes by itself. */
static ImapSession *ask_over_tcp(Line *line, Endpoint *to, bool dead)
{
	SessionConfig config = {.endpoint = to, .manual = true};
	int port = 0, listener = listen_at("127.0.0.1", &port);

	*to = (Endpoint){.kind = ENDPOINT_PLAIN, .host = "127.0.0.1", .label = "test"};
	to->port = (unsigned)port;
	ImapSession *s = session_open(&config, &session_events, line);
	accept_line(line, listener);
	close(listener);
	say(line, "* OK [CAPABILITY IMAP4rev1] hello\r\n");
	run(NULL, 50);
	if (dead)
		swallow(line->server);
	session_submit(s, NULL, session_begin(s, COMMAND_ID_NOOP), NULL, on_done, line);
	run(NULL, LOOK_MS);
	return s;
}

static int tcp_option(const ImapSession *s, int option)
{
	socklen_t size = sizeof(int);
	int value = 0;

	ck_assert_int_eq(getsockopt(session_descriptor(s), IPPROTO_TCP, option, &value, &size), 0);
	return value;
}

/* T088: what was sent is not acknowledged for 8 s: the line is dead, and said to be. */
START_TEST(test_dead_line)
{
	Line line = {0};
	Endpoint to;
	ImapSession *s = ask_over_tcp(&line, &to, true);

	ck_assert_int_eq(tcp_option(s, TCP_KEEPIDLE), 5);
	ck_assert_int_eq(tcp_option(s, TCP_KEEPINTVL), 1);
	ck_assert_int_eq(tcp_option(s, TCP_KEEPCNT), 3);
	pass(5);
	run(NULL, LOOK_MS);
	ck_assert_msg(!line.closed, "%s", line.closed ? line.closed->message : "");
	ck_assert_uint_ge(session_overdue(s), 5000);
	pass(2);
	run((const void *const *)&line.closed, 2000);
	ck_assert(g_error_matches(line.closed, CORE_ERROR, CORE_ERROR_DEAD));
	ck_assert_ptr_nonnull(strstr(line.closed->message, "is dead: nothing comes back"));
	line_clear(&line, s);
}
END_TEST

/* T088: it is acknowledged, and nothing comes: the server is busy, and waited for as any other. */
START_TEST(test_busy_server)
{
	Line line = {0};
	Endpoint to;
	ImapSession *s = ask_over_tcp(&line, &to, false);

	ck_assert_uint_eq(session_silence(s), 0);
	pass(2);
	run(NULL, LOOK_MS);
	ck_assert_uint_ge(session_silence(s), 2);
	ck_assert_uint_eq(session_overdue(s), 0);
	pass(50);
	ck_assert_msg(!line.closed, "%s", line.closed ? line.closed->message : "");
	pass(10);
	run((const void *const *)&line.closed, 2000);
	ck_assert(line.closed && !g_error_matches(line.closed, CORE_ERROR, CORE_ERROR_DEAD));
	line_clear(&line, s);
}
END_TEST

/* T089: a byte now and then is no progress. */
START_TEST(test_slow_loris_is_given_up)
{
	Line line = {0};
	ImapSession *s = ask(&line, NULL, 60);

	for (int i = 0; i < 13 && !line.closed; i++) {
		say(&line, i == 0 ? "*" : " ");
		pass(10);
	}
	ck_assert(g_error_matches(line.closed, CORE_ERROR, CORE_ERROR_ABORT));
	ck_assert_ptr_nonnull(strstr(line.closed->message, "has not answered for 60 seconds"));
	line_clear(&line, s);
}
END_TEST

/* T089: whole responses are, also where they are less than a byte a second. */
START_TEST(test_a_slow_server_is_waited_for)
{
	Line line = {0};
	ImapSession *s = ask(&line, NULL, 60);

	for (int i = 0; i < 10; i++) {
		pass(40);
		say(&line, "* NO\r\n");
		run(NULL, 50);
		ck_assert_msg(!line.closed, "%s", line.closed ? line.closed->message : "");
	}
	say(&line, "A1 OK done\r\n");
	run(NULL, 50);
	ck_assert(line.is_done && !line.done);
	line_clear(&line, s);
}
END_TEST

/* T089: whoever asked can do without the answer at any moment. */
START_TEST(test_a_slow_answer_is_cancelled_at_once)
{
	Line line = {0};
	Scope scope;

	scope_init(&scope);
	ImapSession *s = ask(&line, &scope, 3);
	say(&line, "* OK half");
	run(NULL, 50);
	scope_cancel(&scope);
	ck_assert(line.is_done && error_is_cancelled(line.done));
	line_clear(&line, s);
}
END_TEST

/* --- T094 --- */

/* T094: a year this way, two years that way: what is waited for is so as long as ever. */
START_TEST(test_clock_that_jumps)
{
	Line line = {0};
	ImapSession *s = ask(&line, NULL, 60);
	int64_t day = g_get_real_time();

	jumped = (time_t)365 * 86400;
	ck_assert_int_gt(g_get_real_time() - day, (int64_t)300 * 86400 * G_USEC_PER_SEC);
	run(NULL, 50);
	pass(55);
	ck_assert_msg(!line.closed, "%s", line.closed ? line.closed->message : "");
	jumped = -jumped;
	run(NULL, 50);
	ck_assert_msg(!line.closed, "%s", line.closed ? line.closed->message : "");
	pass(10);
	ck_assert_ptr_nonnull(line.closed);
	line_clear(&line, s);
}
END_TEST

/* --- T093 --- */

static const struct {
	EndpointKind kind;
	const char *says, *words;
} strangers[] = {
	{ENDPOINT_PLAIN, "HTTP/1.1 302 Found\r\nLocation: http://login.example.org/\r\n\r\n",
	 "is this the right port?"},
	{ENDPOINT_PLAIN, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "is this the right port?"},
	{ENDPOINT_STARTTLS, "HTTP/1.1 302 Found\r\n\r\n", "is this the right port?"},
	{ENDPOINT_PLAIN, NULL, "does it want TLS there (imaps://)?"},
	{ENDPOINT_STARTTLS, NULL, "does it want TLS there (imaps://)?"},
	{ENDPOINT_PLAIN, "\x15\x03\x01\x00\x02\x02\x46", "does it want TLS there (imaps://)?"},
	{ENDPOINT_IMAPS, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n", "does not speak TLS"},
	{ENDPOINT_IMAPS, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "does not speak TLS"},
	{ENDPOINT_IMAPS, "HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"},
};

/* All that the program said. */
static char *read_all(int fd)
{
	GString *all = g_string_new(NULL);
	char buf[4096];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		g_string_append_len(all, buf, n);
	return g_string_free(all, FALSE);
}

START_TEST(test_not_imap)
{
	Line line = {0};
	Endpoint to = {.kind = strangers[_i].kind, .host = "127.0.0.1", .label = "test"};
	SessionConfig config = {.endpoint = &to,
				.user = "alice",
				.password = "secret",
				.blind = true,
				.greeting_seconds = 1};
	int port = 0, listener = listen_at("127.0.0.1", &port);

	to.port = (unsigned)port;
	ImapSession *s = session_open(&config, &session_events, &line);
	accept_line(&line, listener);
	if (strangers[_i].says)
		say(&line, strangers[_i].says);
	run((const void *const *)&line.closed, 8000);
	ck_assert_ptr_nonnull(line.closed);
	ck_assert_msg(strstr(line.closed->message, strangers[_i].words) != NULL, "%s",
		      line.closed->message);
	ck_assert_ptr_null(strchr(line.closed->message, '\n'));
	g_autofree char *said = read_all(line.server);
	ck_assert_msg(!strstr(said, "LOGIN") && !strstr(said, "secret") && !strstr(said, "AUTH"),
		      "%s", said);
	line_clear(&line, s);
	close(listener);
}
END_TEST

/* --- T092: addresses as a resolver tells them that is ours --- */

typedef GResolver TestResolver;
typedef GResolverClass TestResolverClass;

GType test_resolver_get_type(void);
G_DEFINE_TYPE(TestResolver, test_resolver, G_TYPE_RESOLVER)

static const char *const *addresses; /* NULL: it is silent */
static GPtrArray *unanswered;        /* of GTask, while it is */

static void look_up(GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
		    GCancellable *cancellable, GAsyncReadyCallback callback, void *data)
{
	GTask *task = g_task_new(resolver, cancellable, callback, data);
	GList *list = NULL;

	(void)name;
	if (!addresses) {
		g_ptr_array_add(unanswered, task);
		return;
	}
	for (const char *const *address = addresses; *address; address++) {
		GInetAddress *inet = g_inet_address_new_from_string(*address);
		bool six = g_inet_address_get_family(inet) == G_SOCKET_FAMILY_IPV6;
		if ((six && flags == G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY) ||
		    (!six && flags == G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY))
			g_object_unref(inet);
		else
			list = g_list_append(list, inet);
	}
	if (list)
		g_task_return_pointer(task, list, NULL);
	else
		g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "none");
	g_object_unref(task);
}

static void look_up_all(GResolver *resolver, const char *name, GCancellable *cancellable,
			GAsyncReadyCallback callback, void *data)
{
	look_up(resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable, callback, data);
}

static GList *look_up_finish(GResolver *resolver, GAsyncResult *result, GError **error)
{
	(void)resolver;
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void test_resolver_init(TestResolver *resolver)
{
	(void)resolver;
}

static void test_resolver_class_init(TestResolverClass *class)
{
	class->lookup_by_name_async = look_up_all;
	class->lookup_by_name_finish = look_up_finish;
	class->lookup_by_name_with_flags_async = look_up;
	class->lookup_by_name_with_flags_finish = look_up_finish;
}

typedef struct {
	int fd;
	char *error;
	bool told;
} Met;

static void on_connect_phase(const char *text, void *self)
{
	(void)text;
	(void)self;
}

static void on_connected(int fd_take, const GError *error, void *self)
{
	Met *met = self;

	met->fd = fd_take;
	met->error = error ? g_strdup(error->message) : NULL;
	met->told = true;
}

static const ConnectorEvents connector_events = {on_connect_phase, on_connected};

/* Of the machine's own 127.0.0.0/8: one that swallows, one that listens, others that refuse. */
static const char *const swallowed_first[] = {"127.0.0.2", "127.0.0.3", NULL},
			 *const swallowed_only[] = {"127.0.0.2", NULL},
			 *const unreachable_first[] = {"fe80::1", "127.0.0.3", NULL},
			 *const none[] = {NULL};
static const char *hundred[101];

static const struct {
	const char *const *addresses;
	const char *error; /* NULL: it is met */
} lookups[] = {
	{swallowed_first, NULL},
	{unreachable_first, NULL},
	{hundred, NULL},
	{none, "There is no host named"},
	{swallowed_only, "did not answer on port"},
};

static void fill_hundred(void)
{
	static char names[99][16];

	for (int i = 0; i < 99; i++) {
		g_snprintf(names[i], sizeof(names[i]), "127.0.1.%d", i + 1);
		hundred[i] = names[i];
	}
	hundred[99] = "127.0.0.3";
}

/* LeakSanitizer does not look at what is allocated in between. */
static void hide_leaks(bool hidden)
{
#ifdef __SANITIZE_ADDRESS__
	if (hidden)
		__lsan_disable();
	else
		__lsan_enable();
#else
	(void)hidden;
#endif
}

START_TEST(test_addresses)
{
	int port = 0, good = listen_at("127.0.0.3", &port), hole = listen_at("127.0.0.2", &port);
	g_autoptr(GResolver) resolver = g_object_new(test_resolver_get_type(), NULL);
	Met met = {.fd = -1};
	/*
	 * GSocketClient of GLib 2.74 keeps its task, some 700 bytes, where the last attempt
	 * fails after the addresses ran out.
	 */
	bool left_by_glib = lookups[_i].addresses == swallowed_only;

	swallow(hole);
	fill_hundred();
	if (left_by_glib)
		hide_leaks(true);
	g_resolver_set_default(resolver);
	addresses = lookups[_i].addresses;
	Connector *connector =
		connector_start("imap.example.org", (unsigned)port, 5, &connector_events, &met);
	for (int i = 0; i < 500 && !met.told; i++)
		run(NULL, 20);
	ck_assert(met.told);
	if (lookups[_i].error)
		ck_assert_msg(met.error && strstr(met.error, lookups[_i].error), "%s", met.error);
	else
		ck_assert_msg(met.fd >= 0, "%s", met.error);
	connector_free(connector);
	/* What was given up comes to its end in the loop. */
	run(NULL, 100);
	if (left_by_glib)
		hide_leaks(false);
	if (met.fd >= 0)
		close(met.fd);
	g_free(met.error);
	close(good);
	close(hole);
}
END_TEST

/* T092: the loop goes on while nobody answers, and it can be given up. */
START_TEST(test_a_resolver_that_is_silent)
{
	g_autoptr(GResolver) resolver = g_object_new(test_resolver_get_type(), NULL);
	Met met = {.fd = -1};
	bool turned = false;

	g_resolver_set_default(resolver);
	addresses = NULL;
	unanswered = g_ptr_array_new_with_free_func(g_object_unref);
	Connector *connector = connector_start("imap.example.org", 143, 5, &connector_events, &met);
	g_timeout_add(10, on_time, &turned);
	run(NULL, 100);
	ck_assert(turned);
	connector_free(connector);
	run(NULL, 100);
	ck_assert(!met.told);
	ck_assert_uint_gt(unanswered->len, 0);
	for (guint i = 0; i < unanswered->len; i++)
		g_task_return_new_error(unanswered->pdata[i], G_RESOLVER_ERROR,
					G_RESOLVER_ERROR_TEMPORARY_FAILURE, "late");
	g_ptr_array_unref(unanswered);
	run(NULL, 100);
	ck_assert(!met.told);
}
END_TEST

const Threat threats_line[] = {
	{"T088 dead", &test_dead_line},
	{"T088 busy", &test_busy_server},
	{"T089 bytes", &test_slow_loris_is_given_up},
	{"T089 responses", &test_a_slow_server_is_waited_for},
	{"T089 cancel", &test_a_slow_answer_is_cancelled_at_once},
	{"T092", &test_addresses, G_N_ELEMENTS(lookups)},
	{"T092 silence", &test_a_resolver_that_is_silent},
	{"T094 jump", &test_clock_that_jumps, 0},
	{"T093", &test_not_imap, G_N_ELEMENTS(strangers)},
	{NULL, NULL},
};
