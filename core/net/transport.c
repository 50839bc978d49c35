#include "config.h"
#include "core/net/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/base/error.h"
#include "core/net/ack.h"
#include "core/net/connector.h"
#include "core/net/subprocess.h"
#include "core/net/tls.h"

#define READ_CHUNK     16384
#define MAX_READ_TURN  65536
#define WRITE_CHUNK    16384
#define MAX_WRITE_TURN 262144
#define DEAD_MS        8000
#define ACK_LOOK_MS    500

typedef enum {
	STATE_START,
	STATE_CONNECTING,
	STATE_HANDSHAKE,
	STATE_OPEN,
	STATE_ENDING, /* a subprocess closed its end; its last words are awaited */
	STATE_CLOSED
} State;

/* How one attempt to read or write went. */
typedef enum { IO_DONE, IO_BLOCKED, IO_ENDED, IO_FAILED } IoResult;

typedef struct {
	int fd;
	gpointer watch; /* of fd in the source, for `watched` */
	GIOCondition watched;
} End;

struct Transport {
	GSource *source;
	End in, out; /* one and the same socket, which only `in` watches, but for a subprocess */
	State state;
	const Endpoint *to; /* NULL for transport_from_fd() */
	TransportOptions options;
	const TransportEvents *events;
	void *self;
	Connector *connector;
	Subprocess *process;
	Tls *tls;
	GIOCondition read_wants, write_wants; /* what blocks that direction; write: 0 = nothing */
	GQueue unsent;                        /* GBytes* */
	size_t head_sent;                     /* bytes of the first that are gone */
	bool announce;                        /* `ready` is due */
	bool writable;                        /* false once the peer refused bytes */
	GError *error;                        /* why it is to be closed */
	Ack ack;
	guint ack_timer;   /* looks whether what was written arrives */
	unsigned hurry_ms; /* 0: no reason to doubt */
	uint64_t bytes_in, bytes_out, bytes_queued;
	bool freed;
	unsigned references;
};

typedef struct {
	GSource source;
	Transport *transport;
} TransportSource;

static void transport_unref(Transport *t)
{
	if (--t->references > 0)
		return;
	g_queue_clear_full(&t->unsent, (GDestroyNotify)g_bytes_unref);
	g_clear_error(&t->error);
	g_free(t);
}

static const char *peer_name(const Transport *t)
{
	if (!t->to)
		return "The server";
	return t->to->host ? t->to->host : t->to->label;
}

static void end_watch(Transport *t, End *end, int fd)
{
	end->fd = fd;
	end->watch = g_source_add_unix_fd(t->source, fd, 0);
	end->watched = 0;
}

static void end_unwatch(Transport *t, End *end)
{
	if (end->watch)
		g_source_remove_unix_fd(t->source, g_steal_pointer(&end->watch));
}

static void attach(Transport *t, int in, int out)
{
	end_watch(t, &t->in, in);
	t->out.fd = out;
	if (out != in)
		end_watch(t, &t->out, out);
	t->read_wants = G_IO_IN;
	t->write_wants = 0;
	t->writable = true;
}

static void detach(Transport *t)
{
	if (t->in.fd < 0)
		return;
	end_unwatch(t, &t->in);
	end_unwatch(t, &t->out);
	close(t->in.fd);
	if (t->out.fd != t->in.fd)
		close(t->out.fd);
	t->in.fd = t->out.fd = -1;
}

static void release(Transport *t)
{
	g_clear_handle_id(&t->ack_timer, g_source_remove);
	g_clear_pointer(&t->connector, connector_free);
	g_clear_pointer(&t->tls, tls_free);
	detach(t);
	/* Behind the close: most programs end by themselves at the end of their input. */
	g_clear_pointer(&t->process, subprocess_free);
}

static GError *dead_error(const Transport *t)
{
	return g_error_new(CORE_ERROR, CORE_ERROR_DEAD,
			   "The line to %s is dead: nothing comes back.", peer_name(t));
}

/* The first fault counts; `closed` follows from the loop. */
static void fail(Transport *t, GError *error_take)
{
	if (t->tls && tls_timed_out(t->tls) && !t->error) {
		g_error_free(error_take);
		error_take = dead_error(t);
	}
	if (t->error)
		g_error_free(error_take);
	else
		t->error = error_take;
	t->state = STATE_CLOSED;
}

static void emit_phase(Transport *t, const char *text)
{
	if (!t->freed)
		t->events->phase(t, text, t->self);
}

static void begin_handshake(Transport *t, const char *host)
{
	TlsPolicy policy = {.host = host,
			    .ca_file = t->options.ca_file,
			    .client_cert = t->options.client_cert,
			    .client_key = t->options.client_key,
			    .pin = t->options.pin};
	g_autofree char *text = g_strdup_printf("TLS handshake with %s…", host);
	GError *error = NULL;

	t->tls = tls_new(t->in.fd, &policy, &error);
	if (!t->tls) {
		fail(t, error);
		return;
	}
	t->state = STATE_HANDSHAKE;
	t->read_wants = 0;
	t->write_wants = 0;
	emit_phase(t, text);
}

static void on_connect_phase(const char *text, void *self)
{
	emit_phase(self, text);
}

static void on_connected(int fd_take, const GError *error, void *self)
{
	Transport *t = self;

	g_clear_pointer(&t->connector, connector_free);
	if (error) {
		fail(t, g_error_copy(error));
		return;
	}
	attach(t, fd_take, fd_take);
	if (t->to->kind == ENDPOINT_IMAPS) {
		begin_handshake(t, t->to->host);
	} else {
		t->state = STATE_OPEN;
		t->announce = true;
	}
}

static const ConnectorEvents connector_events = {on_connect_phase, on_connected};

static void start_process(Transport *t)
{
	g_autofree char *text = g_strdup_printf("Starting %s…", t->to->label);
	GError *error = NULL;
	int in, out;

	emit_phase(t, text);
	if (t->freed)
		return;
	t->process = subprocess_start((const char *const *)t->to->argv,
				      (const char *const *)t->to->envp, &out, &in, &error);
	if (!t->process) {
		fail(t, error);
		return;
	}
	attach(t, in, out);
	t->state = STATE_OPEN;
	t->announce = true;
}

static void start(Transport *t)
{
	unsigned seconds = t->options.connect_seconds;

	if (t->to->kind == ENDPOINT_EXEC) {
		start_process(t);
		return;
	}
	t->state = STATE_CONNECTING;
	t->connector = connector_start(t->to->host, t->to->port,
				       seconds ? seconds : TRANSPORT_CONNECT_SECONDS,
				       &connector_events, t);
	/* Its first phase may have freed us. */
	if (t->freed)
		g_clear_pointer(&t->connector, connector_free);
}

static void on_process_ended(const char *how, void *data)
{
	Transport *t = data;

	fail(t, g_error_new(CORE_ERROR, CORE_ERROR_ABORT, "%s %s", t->to->label, how));
}

static void end_of_stream(Transport *t)
{
	if (t->process) {
		t->state = STATE_ENDING;
		detach(t);
		subprocess_when_ended(t->process, on_process_ended, t);
		return;
	}
	fail(t,
	     g_error_new(CORE_ERROR, CORE_ERROR_ABORT, "%s closed the connection.", peer_name(t)));
}

static GError *system_error(const Transport *t, int number)
{
	if (number == ETIMEDOUT)
		return dead_error(t);
	return g_error_new(CORE_ERROR, CORE_ERROR_ABORT, "The connection to %s broke: %s.",
			   peer_name(t), g_strerror(number));
}

static gboolean on_ack_timer(void *data)
{
	Transport *t = data;
	unsigned overdue = t->in.fd >= 0 ? ack_overdue(&t->ack, t->in.fd) : 0;
	unsigned patience = t->options.dead_ms ? t->options.dead_ms : DEAD_MS;

	if (t->ack.since && overdue < MIN(patience, t->hurry_ms ? t->hurry_ms : patience))
		return G_SOURCE_CONTINUE;
	t->ack_timer = 0;
	t->hurry_ms = 0;
	if (t->ack.since)
		fail(t, dead_error(t));
	return G_SOURCE_REMOVE;
}

static void watch_acks(Transport *t)
{
	if (t->ack_timer || t->process)
		return;
	ack_overdue(&t->ack, t->in.fd);
	if (t->ack.since)
		t->ack_timer = g_timeout_add(ACK_LOOK_MS, on_ack_timer, t);
}

/* What a TLS result means for one direction, whose blocking condition is `*wants`. */
static IoResult tls_outcome(TlsResult result, GIOCondition *wants)
{
	switch (result) {
	case TLS_DONE:
		return IO_DONE;
	case TLS_WANT_READ:
		*wants = G_IO_IN;
		return IO_BLOCKED;
	case TLS_WANT_WRITE:
		*wants = G_IO_OUT;
		return IO_BLOCKED;
	case TLS_CLOSED:
		return IO_ENDED;
	default:
		return IO_FAILED;
	}
}

static IoResult read_some(Transport *t, char *buf, size_t len, size_t *n, GError **error)
{
	ssize_t got;

	if (t->tls)
		return tls_outcome(tls_read(t->tls, buf, len, n, error), &t->read_wants);
	got = read(t->in.fd, buf, len);
	if (got > 0) {
		*n = (size_t)got;
		return IO_DONE;
	}
	if (got == 0)
		return IO_ENDED;
	if (errno == EAGAIN || errno == EINTR)
		return IO_BLOCKED;
	*error = system_error(t, errno);
	return IO_FAILED;
}

static IoResult write_some(Transport *t, const char *buf, size_t len, size_t *n, GError **error)
{
	ssize_t put;

	if (t->tls)
		return tls_outcome(tls_write(t->tls, buf, len, n, error), &t->write_wants);
	put = send(t->out.fd, buf, len, MSG_NOSIGNAL);
	if (put >= 0) {
		*n = (size_t)put;
		return IO_DONE;
	}
	if (errno == EAGAIN || errno == EINTR) {
		t->write_wants = G_IO_OUT;
		return IO_BLOCKED;
	}
	*error = system_error(t, errno);
	return IO_FAILED;
}

/* The next bytes to write: straight from a large block, else small ones gathered in `buf`. */
static const char *gather(const Transport *t, char *buf, size_t *len)
{
	size_t skip = t->head_sent, size;
	const char *data = g_bytes_get_data(t->unsent.head->data, &size);

	if (size - skip >= WRITE_CHUNK) {
		*len = WRITE_CHUNK;
		return data + skip;
	}
	*len = 0;
	for (const GList *link = t->unsent.head; link && *len < WRITE_CHUNK; link = link->next) {
		data = g_bytes_get_data(link->data, &size);
		size = MIN(size - skip, WRITE_CHUNK - *len);
		if (size)
			memcpy(buf + *len, data + skip, size);
		*len += size;
		skip = 0;
	}
	return buf;
}

static void consume(Transport *t, size_t n)
{
	t->bytes_out += n;
	t->head_sent += n;
	while (t->unsent.head) {
		size_t size = g_bytes_get_size(t->unsent.head->data);
		if (t->head_sent < size)
			return;
		t->head_sent -= size;
		g_bytes_unref(g_queue_pop_head(&t->unsent));
	}
}

static void drop_unsent(Transport *t)
{
	t->writable = false;
	t->head_sent = 0;
	g_queue_clear_full(&t->unsent, (GDestroyNotify)g_bytes_unref);
}

static void write_out(Transport *t)
{
	char buf[WRITE_CHUNK];
	IoResult result = IO_DONE;
	GError *error = NULL;

	for (size_t total = 0; result == IO_DONE && t->unsent.head && total < MAX_WRITE_TURN;) {
		size_t len, n = 0;
		const char *data = gather(t, buf, &len);

		t->write_wants = 0;
		result = len ? write_some(t, data, len, &n, &error) : IO_DONE;
		consume(t, n);
		total += n;
	}
	explicit_bzero(buf, sizeof buf); /* a log-in may have passed through */
	watch_acks(t);
	if (result != IO_FAILED && result != IO_ENDED)
		return;
	drop_unsent(t);
	/* What the server said before it hung up is still to be read, but no longer through TLS. */
	if (t->tls)
		fail(t, error ? error : system_error(t, EPIPE));
	else
		g_clear_error(&error);
}

static void read_in(Transport *t)
{
	char buf[READ_CHUNK];
	IoResult result = IO_DONE;
	GError *error = NULL;
	size_t total = 0;

	while (result == IO_DONE && t->state == STATE_OPEN && !t->freed && total < MAX_READ_TURN) {
		size_t n = 0;

		t->read_wants = G_IO_IN;
		result = read_some(t, buf, sizeof buf, &n, &error);
		if (result != IO_DONE)
			break;
		total += n;
		t->bytes_in += n;
		t->events->received(t, buf, n, t->self);
		if (!t->tls && n < sizeof buf)
			break;
	}
	if (total && !t->freed && t->state != STATE_CLOSED)
		t->events->batch_end(t, t->self);
	if (t->freed || t->state == STATE_CLOSED)
		g_clear_error(&error);
	else if (result == IO_FAILED)
		fail(t, error);
	else if (result == IO_ENDED)
		end_of_stream(t);
}

static void shake_hands(Transport *t)
{
	GError *error = NULL;

	switch (tls_handshake(t->tls, &error)) {
	case TLS_WANT_READ:
		t->read_wants = G_IO_IN;
		t->write_wants = 0;
		break;
	case TLS_WANT_WRITE:
		t->read_wants = 0;
		t->write_wants = G_IO_OUT;
		break;
	case TLS_DONE:
		t->state = STATE_OPEN;
		t->read_wants = G_IO_IN;
		t->write_wants = 0;
		t->announce = true;
		break;
	default:
		fail(t, error);
		return;
	}
	watch_acks(t);
}

static void open_turn(Transport *t, GIOCondition ready)
{
	bool hung_up = ready & (G_IO_ERR | G_IO_HUP | G_IO_NVAL);

	if (t->announce) {
		t->announce = false;
		t->events->ready(t, t->self);
	}
	if (!t->freed && t->state == STATE_OPEN &&
	    (hung_up || (ready & t->read_wants) || (t->tls && tls_pending(t->tls))))
		read_in(t);
	if (!t->freed && t->state == STATE_OPEN && t->unsent.head &&
	    (hung_up || !t->write_wants || (ready & t->write_wants)))
		write_out(t);
}

static void set_watch(Transport *t, End *end, GIOCondition wants)
{
	if (end->watch && wants != end->watched)
		g_source_modify_unix_fd(t->source, end->watch, wants);
	end->watched = wants;
}

static void update_watches(Transport *t)
{
	bool writing = t->state == STATE_HANDSHAKE || t->unsent.head;
	GIOCondition write_wants = writing ? t->write_wants : 0;

	if (t->out.watch)
		set_watch(t, &t->out, write_wants);
	set_watch(t, &t->in, t->read_wants | (t->out.watch ? 0 : write_wants));
}

static GIOCondition poll_result(const Transport *t)
{
	return (t->in.watch ? g_source_query_unix_fd(t->source, t->in.watch) : 0) |
	       (t->out.watch ? g_source_query_unix_fd(t->source, t->out.watch) : 0);
}

/* A program that closed its input may still talk; its end would be reported for ever. */
static void forget_closed_input(Transport *t)
{
	if (t->out.watch &&
	    (g_source_query_unix_fd(t->source, t->out.watch) & (G_IO_ERR | G_IO_HUP | G_IO_NVAL))) {
		end_unwatch(t, &t->out);
		drop_unsent(t);
	}
}

/* True when there is something to do that the descriptor does not announce. */
static bool is_due(const Transport *t)
{
	switch (t->state) {
	case STATE_START:
		return true;
	case STATE_HANDSHAKE:
		return !t->read_wants && !t->write_wants;
	case STATE_OPEN:
		return t->announce || (t->unsent.head && !t->write_wants) ||
		       (t->tls && tls_pending(t->tls));
	default:
		return t->error != NULL;
	}
}

static gboolean source_prepare(GSource *source, gint *timeout)
{
	*timeout = -1;
	return is_due(((TransportSource *)source)->transport);
}

static gboolean source_check(GSource *source)
{
	const Transport *t = ((TransportSource *)source)->transport;

	return is_due(t) || poll_result(t);
}

static gboolean source_dispatch(GSource *source, GSourceFunc callback G_GNUC_UNUSED,
				gpointer data G_GNUC_UNUSED)
{
	Transport *t = ((TransportSource *)source)->transport;
	GIOCondition ready = poll_result(t);

	t->references++;
	forget_closed_input(t);
	if (t->state == STATE_START)
		start(t);
	else if (t->state == STATE_HANDSHAKE)
		shake_hands(t);
	else if (t->state == STATE_OPEN)
		open_turn(t, ready);
	if (!t->freed && t->error) {
		GError *error = g_steal_pointer(&t->error);
		release(t);
		t->events->closed(t, error, t->self);
		g_error_free(error);
	}
	if (!t->freed)
		update_watches(t);
	transport_unref(t);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {source_prepare, source_check, source_dispatch, NULL};

static Transport *transport_new(const TransportOptions *options, const TransportEvents *events,
				void *self)
{
	Transport *t = g_new0(Transport, 1);

	t->in.fd = t->out.fd = -1;
	t->references = 1;
	t->options = options ? *options : (TransportOptions){0};
	t->events = events;
	t->self = self;
	g_queue_init(&t->unsent);
	t->source = g_source_new(&source_functions, sizeof(TransportSource));
	((TransportSource *)t->source)->transport = t;
	g_source_set_static_name(t->source, "sheaf transport");
	g_source_attach(t->source, NULL);
	return t;
}

Transport *transport_connect(const Endpoint *to, const TransportOptions *options,
			     const TransportEvents *events, void *self)
{
	Transport *t = transport_new(options, events, self);

	t->to = to;
	return t;
}

Transport *transport_from_fd(int fd_take, const TransportOptions *options,
			     const TransportEvents *events, void *self)
{
	Transport *t = transport_new(options, events, self);

	fcntl(fd_take, F_SETFL, fcntl(fd_take, F_GETFL) | O_NONBLOCK);
	attach(t, fd_take, fd_take);
	t->state = STATE_OPEN;
	t->announce = true;
	return t;
}

void transport_free(Transport *t)
{
	if (!t)
		return;
	t->freed = true;
	t->state = STATE_CLOSED;
	release(t);
	g_source_destroy(t->source);
	g_clear_pointer(&t->source, g_source_unref);
	transport_unref(t);
}

void transport_write(Transport *t, GBytes *bytes)
{
	if (t->state == STATE_CLOSED || t->state == STATE_ENDING || (t->in.fd >= 0 && !t->writable))
		return;
	g_queue_push_tail(&t->unsent, g_bytes_ref(bytes));
	t->bytes_queued += g_bytes_get_size(bytes);
}

void transport_start_tls(Transport *t, const char *host)
{
	if (t->state == STATE_OPEN)
		begin_handshake(t, host);
}

int transport_descriptor(const Transport *t)
{
	return t->in.fd;
}

bool transport_is_secure(const Transport *t)
{
	return t->process || transport_is_encrypted(t);
}

bool transport_is_encrypted(const Transport *t)
{
	return t->tls && tls_is_secure(t->tls);
}

unsigned transport_overdue(Transport *t)
{
	return t->in.fd >= 0 && t->ack_timer ? ack_overdue(&t->ack, t->in.fd) : 0;
}

void transport_hurry(Transport *t, unsigned ms)
{
	t->hurry_ms = ms;
}

GBytes *transport_binding(const Transport *t, bool unique, bool *is_exporter)
{
	return t->tls ? tls_binding(t->tls, unique, is_exporter) : NULL;
}

uint64_t transport_bytes_in(const Transport *t)
{
	return t->bytes_in;
}

uint64_t transport_bytes_out(const Transport *t)
{
	return t->bytes_out;
}

uint64_t transport_unsent(const Transport *t)
{
	return t->bytes_queued - t->bytes_out;
}
