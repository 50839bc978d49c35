#include "config.h"
#include "core/net/transport.h"

#include <string.h>
#include "core/base/error.h"
#include "core/net/fdstream.h"
#include "core/net/transport_private.h"

#define READ_CHUNK     16384
#define MAX_READ_TURN  65536
#define MAX_WRITE_TURN 262144
#define DEAD_MS        8000
#define ACK_LOOK_MS    500

typedef struct {
	GSource source;
	Transport *transport;
} TransportSource;

static void transport_unref(Transport *t)
{
	if (--t->references > 0)
		return;
	sendqueue_clear(&t->unsent);
	g_clear_error(&t->error);
	g_free(t);
}

const char *transport_peer(const Transport *t)
{
	if (!t->to)
		return "The server";
	return t->to->host ? t->to->host : t->to->label;
}

bool transport_waits(ImapStreamResult result, GIOCondition *wants)
{
	if (result != IMAP_STREAM_WANT_READ && result != IMAP_STREAM_WANT_WRITE)
		return false;
	*wants = result == IMAP_STREAM_WANT_READ ? G_IO_IN : G_IO_OUT;
	return true;
}

static void release(Transport *t)
{
	g_clear_handle_id(&t->ack_timer, g_source_remove);
	g_clear_pointer(&t->connector, connector_free);
	transport_detach(t);
	/* Behind the close: most programs end by themselves at the end of their input. */
	g_clear_pointer(&t->process, subprocess_free);
}

/* A caller's own stream has errors of its own, or none to tell. */
static GError *as_abort(const Transport *t, GError *error_take)
{
	g_autoptr(GError) error = error_take;

	if (error && error->domain == CORE_ERROR)
		return g_steal_pointer(&error);
	if (error)
		return g_error_new_literal(CORE_ERROR, CORE_ERROR_ABORT, error->message);
	return g_error_new(CORE_ERROR, CORE_ERROR_ABORT, "The connection to %s broke.",
			   transport_peer(t));
}

void transport_fail(Transport *t, GError *error_take)
{
	if (t->error)
		g_clear_error(&error_take);
	else
		t->error = as_abort(t, error_take);
	t->state = STATE_CLOSED;
}

void transport_tell_phase(Transport *t, const char *text)
{
	if (!t->freed)
		t->events->phase(t, text, t->self);
}

static void on_process_ended(const char *how, void *data)
{
	Transport *t = data;

	transport_fail(t, g_error_new(CORE_ERROR, CORE_ERROR_ABORT, "%s %s", t->to->label, how));
}

static void end_of_stream(Transport *t)
{
	if (t->process) {
		t->state = STATE_ENDING;
		transport_detach(t);
		subprocess_when_ended(t->process, on_process_ended, t);
		return;
	}
	transport_fail(t, g_error_new(CORE_ERROR, CORE_ERROR_ABORT, "%s closed the connection.",
				      transport_peer(t)));
}

static int descriptor(const Transport *t, bool writing)
{
	return t->stream && t->stream->descriptor ? t->stream->descriptor(t->stream_self, writing)
						  : -1;
}

static unsigned overdue_ms(Transport *t)
{
	int fd = descriptor(t, true);

	return fd >= 0 ? ack_overdue(&t->ack, fd) : 0;
}

static gboolean on_ack_timer(void *data)
{
	Transport *t = data;
	unsigned overdue = overdue_ms(t);
	unsigned patience = t->options.dead_ms ? t->options.dead_ms : DEAD_MS;

	if (t->ack.since && overdue < MIN(patience, t->hurry_ms ? t->hurry_ms : patience))
		return G_SOURCE_CONTINUE;
	t->ack_timer = 0;
	t->hurry_ms = 0;
	if (t->ack.since)
		transport_fail(t, fdstream_dead(transport_peer(t)));
	return G_SOURCE_REMOVE;
}

static void watch_acks(Transport *t)
{
	if (t->ack_timer || t->process)
		return;
	overdue_ms(t);
	if (t->ack.since)
		t->ack_timer = g_timeout_add(ACK_LOOK_MS, on_ack_timer, t);
}

static void drop_unsent(Transport *t)
{
	t->writable = false;
	sendqueue_clear(&t->unsent);
}

static void write_out(Transport *t)
{
	char buf[SENDQUEUE_CHUNK];
	ImapStreamResult result = IMAP_STREAM_DONE;
	GError *error = NULL;
	size_t total = 0;

	while (result == IMAP_STREAM_DONE && !sendqueue_is_empty(&t->unsent) &&
	       total < MAX_WRITE_TURN) {
		size_t len, n = 0;
		const char *data = sendqueue_peek(&t->unsent, buf, &len);

		t->write_wants = 0;
		if (len)
			result = t->stream->send(t->stream_self, data, len, &n, &error);
		sendqueue_take(&t->unsent, n);
		total += n;
	}
	explicit_bzero(buf, sizeof buf); /* a log-in may have passed through */
	watch_acks(t);
	if (result == IMAP_STREAM_DONE || transport_waits(result, &t->write_wants))
		return;
	drop_unsent(t);
	/* What the server said before it hung up is still to be read, but no longer through TLS. */
	if (t->tls)
		transport_fail(t, error);
	else
		g_clear_error(&error);
}

/* Lines by themselves, and literals by themselves, where the stream tells them apart. */
static ImapStreamResult read_some(Transport *t, char *buf, size_t len, size_t *n, GError **error)
{
	const ImapStream *stream = t->stream;
	size_t missing;

	if (!stream->readline || !t->events->missing)
		return stream->read(t->stream_self, buf, len, n, error);
	missing = t->events->missing(t, t->self);
	if (missing)
		return stream->read(t->stream_self, buf, MIN(len, missing), n, error);
	return stream->readline(t->stream_self, buf, len, n, error);
}

static void read_ended(Transport *t, ImapStreamResult result, GError *error_take)
{
	if (result == IMAP_STREAM_FAILED)
		transport_fail(t, error_take);
	else if (result == IMAP_STREAM_CLOSED)
		end_of_stream(t);
	else if (result == IMAP_STREAM_DONE && t->stream != &fdstream_functions)
		t->nudged = true; /* the slice was over, not the bytes */
}

static void read_in(Transport *t)
{
	char buf[READ_CHUNK];
	ImapStreamResult result = IMAP_STREAM_DONE;
	GError *error = NULL;
	size_t total = 0;

	while (result == IMAP_STREAM_DONE && t->state == STATE_OPEN && !t->freed &&
	       total < MAX_READ_TURN) {
		size_t n = 0;

		t->read_wants = G_IO_IN;
		result = read_some(t, buf, sizeof buf, &n, &error);
		if (result != IMAP_STREAM_DONE)
			break;
		total += n;
		t->bytes_in += n;
		t->events->received(t, buf, n, t->self);
		/* The next read would find nothing. */
		if (t->stream == &fdstream_functions && n < sizeof buf)
			break;
	}
	transport_waits(result, &t->read_wants);
	if (total && !t->freed && t->state != STATE_CLOSED)
		t->events->batch_end(t, t->self);
	if (t->freed || t->state == STATE_CLOSED)
		g_clear_error(&error);
	else
		read_ended(t, result, error);
}

static bool has_pending(const Transport *t)
{
	return t->stream->pending && t->stream->pending(t->stream_self);
}

static void open_turn(Transport *t, GIOCondition ready)
{
	bool at_once = t->nudged || (ready & (G_IO_ERR | G_IO_HUP | G_IO_NVAL));

	t->nudged = false;
	if (t->announce) {
		t->announce = false;
		t->events->ready(t, t->self);
	}
	if (!t->freed && t->state == STATE_OPEN &&
	    (at_once || (ready & t->read_wants) || has_pending(t)))
		read_in(t);
	if (!t->freed && t->state == STATE_OPEN && !sendqueue_is_empty(&t->unsent) &&
	    (at_once || !t->write_wants || (ready & t->write_wants)))
		write_out(t);
}

static void set_watch(Transport *t, End *end, int fd, GIOCondition wants)
{
	if (end->watch && end->fd != fd)
		g_source_remove_unix_fd(t->source, g_steal_pointer(&end->watch));
	if (!end->watch && fd >= 0)
		end->watch = g_source_add_unix_fd(t->source, fd, wants);
	else if (end->watch && wants != end->watched)
		g_source_modify_unix_fd(t->source, end->watch, wants);
	end->fd = fd;
	end->watched = wants;
}

static void update_watches(Transport *t)
{
	bool sending = t->state == STATE_OPENING || !sendqueue_is_empty(&t->unsent);
	GIOCondition wants = t->read_wants | (sending ? t->write_wants : 0);
	int in = descriptor(t, false), out = descriptor(t, true);

	if (in == out) {
		set_watch(t, &t->in, in, wants);
		set_watch(t, &t->out, -1, 0);
		return;
	}
	set_watch(t, &t->in, in, wants & G_IO_IN);
	set_watch(t, &t->out, t->writable ? out : -1, wants & G_IO_OUT);
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
	    (g_source_query_unix_fd(t->source, t->out.watch) & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)))
		drop_unsent(t);
}

/* True when there is something to do that the descriptor does not announce. */
static bool is_due(const Transport *t)
{
	switch (t->state) {
	case STATE_START:
		return true;
	case STATE_OPENING:
		return t->nudged || (!t->read_wants && !t->write_wants);
	case STATE_OPEN:
		return t->nudged || t->announce ||
		       (!sendqueue_is_empty(&t->unsent) && !t->write_wants) || has_pending(t);
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

static void take_step(Transport *t)
{
	t->nudged = false;
	transport_open_next(t);
	if (!t->freed && t->state == STATE_OPENING)
		watch_acks(t);
}

static gboolean source_dispatch(GSource *source, GSourceFunc callback G_GNUC_UNUSED,
				gpointer data G_GNUC_UNUSED)
{
	Transport *t = ((TransportSource *)source)->transport;
	GIOCondition ready = poll_result(t);

	t->references++;
	forget_closed_input(t);
	if (t->state == STATE_START || t->state == STATE_OPENING)
		take_step(t);
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

Transport *transport_new(const TransportOptions *options, const TransportEvents *events, void *self)
{
	Transport *t = g_new0(Transport, 1);

	t->in.fd = t->out.fd = -1;
	t->references = 1;
	t->options = options ? *options : (TransportOptions){0};
	t->events = events;
	t->self = self;
	sendqueue_init(&t->unsent);
	t->source = g_source_new(&source_functions, sizeof(TransportSource));
	((TransportSource *)t->source)->transport = t;
	g_source_set_static_name(t->source, "sheaf transport");
	g_source_attach(t->source, NULL);
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
	if (t->state != STATE_CLOSED && t->state != STATE_ENDING && (!t->stream || t->writable))
		sendqueue_put(&t->unsent, bytes);
}

void transport_nudge(Transport *t)
{
	t->nudged = true;
}

int transport_descriptor(const Transport *t)
{
	return descriptor(t, false);
}

struct ssl_st *transport_ssl(const Transport *t)
{
	return t->tls ? tls_ssl(t->tls) : NULL;
}

const char *transport_encryption(const Transport *t)
{
	return t->tls ? tls_version(t->tls) : NULL;
}

bool transport_is_secure(const Transport *t)
{
	return t->process || transport_is_encrypted(t) || (t->stream && t->stream->is_secure);
}

bool transport_is_encrypted(const Transport *t)
{
	return t->tls && tls_is_secure(t->tls);
}

unsigned transport_overdue(Transport *t)
{
	return t->ack_timer ? overdue_ms(t) : 0;
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
	return t->unsent.sent;
}

uint64_t transport_unsent(const Transport *t)
{
	return t->unsent.put - t->unsent.sent;
}
