#define _GNU_SOURCE /* accept4 */
#include "tests/relay.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct Relay {
	pid_t pid;
	int port, control;
	char *record; /* a file of records: connection, direction, size, bytes */
};

typedef struct {
	uint32_t connection, from_client, size;
} Record;

/* What the process is told; it answers with how many connections were cut behind a byte. */
typedef struct {
	enum { ORDER_MODE, ORDER_CUT_BEHIND, ORDER_COUNT } kind;
	RelayMode mode;
	bool from_client;
	unsigned now, later, times;
} Order;

/* --- the process --- */

typedef struct {
	int64_t due;   /* monotonic, microseconds */
	GBytes *bytes; /* NULL: the end */
} Late;

typedef struct {
	unsigned number;
	int ends[2];    /* the client's, the server's */
	GQueue late[2]; /* of Late, on its way to that end */
	bool ended[2];  /* nothing more comes from that end */
	unsigned left;  /* bytes that it still takes, where it is to be cut */
} Line;

typedef struct {
	int listener, control, record, target_port;
	unsigned delay_ms, count;
	bool hold, dead;
	Order limits; /* ORDER_CUT_BEHIND; `times` that are left */
	unsigned cuts;
	GPtrArray *lines;
} Server;

static void late_free(void *data)
{
	Late *late = data;

	if (late->bytes)
		g_bytes_unref(late->bytes);
	g_free(late);
}

static void line_free(void *data)
{
	Line *line = data;

	for (int i = 0; i < 2; i++) {
		if (line->ends[i] >= 0)
			close(line->ends[i]);
		g_queue_clear_full(&line->late[i], late_free);
	}
	g_free(line);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void accept_line(Server *server)
{
	struct sockaddr_in to = loopback(server->target_port);
	Line *line = g_new0(Line, 1);
	int yes = 1;

	line->number = server->count++;
	line->left = server->limits.later;
	line->ends[0] = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
	line->ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (line->ends[0] < 0 || connect(line->ends[1], (struct sockaddr *)&to, sizeof(to)) < 0) {
		line_free(line);
		return;
	}
	for (int i = 0; i < 2; i++) {
		setsockopt(line->ends[i], IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		g_queue_init(&line->late[i]);
	}
	g_ptr_array_add(server->lines, line);
}

static void record(const Server *server, const Line *line, int from, const char *buf, size_t len)
{
	Record head = {line->number, from == 0, (uint32_t)len};

	if (write(server->record, &head, sizeof(head)) < 0 || write(server->record, buf, len) < 0)
		_exit(1);
}

/* How many of `n` bytes are taken before it is cut. */
static ssize_t before_cut(Server *server, Line *line, int from, ssize_t n)
{
	if (server->limits.times == 0 || server->limits.from_client != (from == 0) || n <= 0)
		return n;
	n = MIN(n, (ssize_t)line->left);
	line->left -= (unsigned)n;
	if (line->left == 0) {
		server->limits.times--;
		server->cuts++;
		line->ended[0] = line->ended[1] = true;
	}
	return n;
}

static void take(Server *server, Line *line, int from)
{
	char buf[65536];
	ssize_t n = recv(line->ends[from], buf, sizeof(buf), MSG_DONTWAIT);
	Late *late;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	n = before_cut(server, line, from, n);
	late = g_new0(Late, 1);
	late->due = g_get_monotonic_time() + (int64_t)server->delay_ms * 1000;
	if (n > 0) {
		late->bytes = g_bytes_new(buf, (gsize)n);
		record(server, line, from, buf, (size_t)n);
	} else {
		line->ended[from] = true;
	}
	g_queue_push_tail(&line->late[!from], late);
}

static void pass(Line *line, int to)
{
	Late *late;

	while ((late = g_queue_peek_head(&line->late[to])) && late->due <= g_get_monotonic_time()) {
		g_queue_pop_head(&line->late[to]);
		if (late->bytes) {
			gsize len;
			const void *bytes = g_bytes_get_data(late->bytes, &len);
			if (send(line->ends[to], bytes, len, MSG_NOSIGNAL) < 0)
				line->ended[to] = true;
		} else {
			shutdown(line->ends[to], SHUT_WR);
		}
		late_free(late);
	}
}

static void cut(Server *server)
{
	struct linger now = {1, 0};

	for (guint i = 0; i < server->lines->len; i++) {
		const Line *line = server->lines->pdata[i];
		setsockopt(line->ends[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	}
	g_ptr_array_set_size(server->lines, 0);
}

/* The system throws away what comes to that socket, before it could acknowledge it. */
static void deafen(int fd, bool deaf)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &nothing};
	int none = 0;

	if (deaf)
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	else
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
}

static void set_dead(Server *server, bool dead)
{
	server->dead = dead;
	deafen(server->listener, dead);
	for (guint i = 0; i < server->lines->len; i++)
		deafen(((const Line *)server->lines->pdata[i])->ends[0], dead);
}

static void set_mode(Server *server, RelayMode mode)
{
	server->hold = mode == RELAY_HOLD;
	if ((mode == RELAY_DEAD) != server->dead)
		set_dead(server, mode == RELAY_DEAD);
	if (mode == RELAY_CUT)
		cut(server);
}

static void set_limits(Server *server, const Order *limits)
{
	server->limits = *limits;
	server->cuts = 0;
	for (guint i = 0; i < server->lines->len; i++)
		((Line *)server->lines->pdata[i])->left = limits->now;
}

static void obey(Server *server)
{
	Order order;

	if (read(server->control, &order, sizeof(order)) != sizeof(order))
		_exit(0);
	if (order.kind == ORDER_MODE)
		set_mode(server, order.mode);
	else if (order.kind == ORDER_CUT_BEHIND)
		set_limits(server, &order);
	if (write(server->control, &server->cuts, sizeof(server->cuts)) != sizeof(server->cuts))
		_exit(0);
}

static bool is_over(const Line *line)
{
	return line->ended[0] && line->ended[1] && !line->late[0].length && !line->late[1].length;
}

static void turn(Server *server)
{
	guint n = server->lines->len;
	struct pollfd *fds = g_new0(struct pollfd, 2 + 2 * n);

	fds[0] = (struct pollfd){.fd = server->listener, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = server->control, .events = POLLIN};
	for (guint i = 0; i < 2 * n; i++) {
		const Line *line = server->lines->pdata[i / 2];
		fds[2 + i] = (struct pollfd){.fd = line->ended[i % 2] ? -1 : line->ends[i % 2],
					     .events = POLLIN};
	}
	poll(fds, 2 + 2 * n, n ? 1 : -1);
	for (guint i = 0; i < 2 * n; i++) {
		Line *line = server->lines->pdata[i / 2];
		if (fds[2 + i].revents && !line->ended[i % 2])
			take(server, line, i % 2);
		if (!server->hold)
			pass(line, i % 2);
	}
	for (guint i = n; i-- > 0;)
		if (is_over(server->lines->pdata[i]))
			g_ptr_array_remove_index(server->lines, i);
	if (fds[0].revents)
		accept_line(server);
	if (fds[1].revents)
		obey(server);
	g_free(fds);
}

G_NORETURN static void serve(Server *server)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	server->lines = g_ptr_array_new_with_free_func(line_free);
	for (;;)
		turn(server);
}

/* --- the test's side --- */

Relay *relay_start(int target_port, unsigned delay_ms)
{
	Relay *relay = g_new0(Relay, 1);
	Server server = {.target_port = target_port, .delay_ms = delay_ms};
	struct sockaddr_in where = loopback(0);
	socklen_t size = sizeof(where);
	int ends[2];

	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(server.listener, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(listen(server.listener, 16), 0);
	ck_assert_int_eq(getsockname(server.listener, (struct sockaddr *)&where, &size), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	server.record = g_file_open_tmp("sheaf-relay-XXXXXX", &relay->record, NULL);
	ck_assert_int_ge(server.record, 0);
	relay->port = ntohs(where.sin_port);
	relay->control = ends[0];
	server.control = ends[1];
	relay->pid = fork();
	if (relay->pid == 0) {
		close(ends[0]);
		serve(&server);
	}
	close(ends[1]);
	close(server.listener);
	close(server.record);
	return relay;
}

void relay_stop(Relay *relay)
{
	close(relay->control);
	kill(relay->pid, SIGKILL);
	waitpid(relay->pid, NULL, 0);
	unlink(relay->record);
	g_free(relay->record);
	g_free(relay);
}

int relay_port(const Relay *relay)
{
	return relay->port;
}

static unsigned give_order(const Relay *relay, const Order *order)
{
	unsigned cuts;

	ck_assert_int_eq(write(relay->control, order, sizeof(*order)), sizeof(*order));
	ck_assert_int_eq(read(relay->control, &cuts, sizeof(cuts)), sizeof(cuts));
	return cuts;
}

void relay_set(Relay *relay, RelayMode mode)
{
	give_order(relay, &(Order){.kind = ORDER_MODE, .mode = mode});
}

void relay_cut_behind(Relay *relay, bool from_client, unsigned now, unsigned later, unsigned times)
{
	give_order(relay, &(Order){.kind = ORDER_CUT_BEHIND,
				   .from_client = from_client,
				   .now = now,
				   .later = later,
				   .times = times});
}

unsigned relay_cuts(const Relay *relay)
{
	return give_order(relay, &(Order){.kind = ORDER_COUNT});
}

static void flight_free(void *data)
{
	RelayFlight *flight = data;

	g_string_free(flight->bytes, TRUE);
	g_free(flight);
}

/* The one that these bytes go on with, or a new one. */
static RelayFlight *flight_of(GPtrArray *flights, const Record *head)
{
	RelayFlight *flight;

	for (guint i = flights->len; i-- > 0;) {
		flight = flights->pdata[i];
		if (flight->connection != head->connection)
			continue;
		if (flight->from_client == (head->from_client != 0))
			return flight;
		break;
	}
	flight = g_new(RelayFlight, 1);
	*flight = (RelayFlight){head->connection, head->from_client != 0, g_string_new(NULL)};
	g_ptr_array_add(flights, flight);
	return flight;
}

GPtrArray *relay_flights(const Relay *relay, int connection)
{
	GPtrArray *flights = g_ptr_array_new_with_free_func(flight_free);
	g_autofree char *all = NULL;
	gsize len = 0;
	Record head;

	ck_assert(g_file_get_contents(relay->record, &all, &len, NULL));
	for (gsize at = 0; at + sizeof(head) <= len; at += sizeof(head) + head.size) {
		memcpy(&head, all + at, sizeof(head));
		if (at + sizeof(head) + head.size > len)
			break;
		if (connection < 0 || head.connection == (uint32_t)connection)
			g_string_append_len(flight_of(flights, &head)->bytes,
					    all + at + sizeof(head), head.size);
	}
	return flights;
}

unsigned relay_times_said(const Relay *relay, const char *text)
{
	g_autoptr(GPtrArray) flights = relay_flights(relay, -1);
	unsigned found = 0;

	for (guint i = 0; i < flights->len; i++) {
		const RelayFlight *flight = flights->pdata[i];
		const char *at = flight->from_client ? flight->bytes->str : "";
		for (; (at = strstr(at, text)) != NULL; at++)
			found++;
	}
	return found;
}
