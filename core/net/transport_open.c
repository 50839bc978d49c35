#include "config.h"

#include <fcntl.h>
#include "core/base/error.h"
#include "core/net/fdstream.h"
#include "core/net/transport_private.h"

void transport_attach(Transport *t, const ImapStream *stream, void *stream_self)
{
	t->stream = stream;
	t->stream_self = stream_self;
	t->read_wants = G_IO_IN;
	t->write_wants = 0;
	t->writable = true;
}

static void unwatch(Transport *t, End *end)
{
	if (end->watch)
		g_source_remove_unix_fd(t->source, g_steal_pointer(&end->watch));
}

void transport_detach(Transport *t)
{
	const ImapStream *stream = g_steal_pointer(&t->stream);

	if (!stream)
		return;
	unwatch(t, &t->in);
	unwatch(t, &t->out);
	t->tls = NULL;
	stream->shutdown(g_steal_pointer(&t->stream_self));
}

static void attach_fds(Transport *t, int in, int out)
{
	transport_attach(t, &fdstream_functions, fdstream_new(in, out, transport_peer(t)));
}

static void opened(Transport *t)
{
	t->state = STATE_OPEN;
	t->announce = true;
	/* Something may have come meanwhile, and a stream need not have a descriptor to say so. */
	t->nudged = t->stream != &fdstream_functions;
	t->read_wants = G_IO_IN;
	t->write_wants = 0;
}

/* TLS over the stream that is there. */
static void begin_handshake(Transport *t, const char *host)
{
	TlsPolicy policy = {.host = host,
			    .ca_file = t->options.ca_file,
			    .client_cert = t->options.client_cert,
			    .client_key = t->options.client_key,
			    .pin = t->options.pin};
	g_autofree char *text = NULL;
	GError *error = NULL;

	if (!host) {
		transport_fail(t, g_error_new(CORE_ERROR, CORE_ERROR_TLS,
					      "%s has no name that a certificate could be for.",
					      transport_peer(t)));
		return;
	}
	t->tls = tls_new(t->stream, t->stream_self, &policy, &error);
	if (!t->tls) {
		transport_fail(t, error);
		return;
	}
	transport_attach(t, &tls_functions, t->tls);
	t->state = STATE_OPENING;
	t->read_wants = 0;
	text = g_strdup_printf("TLS handshake with %s…", host);
	transport_tell_phase(t, text);
}

static void connected(Transport *t)
{
	if (t->to && t->to->kind == ENDPOINT_IMAPS && !t->tls)
		begin_handshake(t, t->to->host);
	else
		opened(t);
}

static void on_connect_phase(const char *text, void *self)
{
	transport_tell_phase(self, text);
}

static void on_connected(int fd_take, const GError *error, void *self)
{
	Transport *t = self;

	g_clear_pointer(&t->connector, connector_free);
	if (error) {
		transport_fail(t, g_error_copy(error));
		return;
	}
	attach_fds(t, fd_take, fd_take);
	connected(t);
}

static const ConnectorEvents connector_events = {on_connect_phase, on_connected};

static void start_process(Transport *t)
{
	g_autofree char *text = g_strdup_printf("Starting %s…", t->to->label);
	GError *error = NULL;
	int in, out;

	transport_tell_phase(t, text);
	if (t->freed)
		return;
	t->process = subprocess_start((const char *const *)t->to->argv,
				      (const char *const *)t->to->envp, &out, &in, &error);
	if (!t->process) {
		transport_fail(t, error);
		return;
	}
	attach_fds(t, in, out);
	opened(t);
}

static void start_connecting(Transport *t)
{
	unsigned seconds = t->options.connect_seconds;

	t->state = STATE_CONNECTING;
	t->connector = connector_start(t->to->host, t->to->port,
				       seconds ? seconds : TRANSPORT_CONNECT_SECONDS,
				       &connector_events, t);
	/* Its first phase may have freed us. */
	if (t->freed)
		g_clear_pointer(&t->connector, connector_free);
}

static void open_stream(Transport *t)
{
	GIOCondition wants = 0;
	GError *error = NULL;
	ImapStreamResult result =
		t->stream->open ? t->stream->open(t->stream_self, &error) : IMAP_STREAM_DONE;

	if (result == IMAP_STREAM_DONE) {
		connected(t);
	} else if (transport_waits(result, &wants)) {
		t->read_wants = wants & G_IO_IN;
		t->write_wants = wants & G_IO_OUT;
	} else {
		transport_fail(t, error);
	}
}

void transport_open_next(Transport *t)
{
	if (t->state == STATE_OPENING)
		open_stream(t);
	else if (t->to->kind == ENDPOINT_EXEC)
		start_process(t);
	else
		start_connecting(t);
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
	attach_fds(t, fd_take, fd_take);
	opened(t);
	return t;
}

Transport *transport_from_stream(const ImapStream *stream, void *stream_self, const Endpoint *to,
				 const TransportOptions *options, const TransportEvents *events,
				 void *self)
{
	Transport *t = transport_new(options, events, self);

	t->to = to;
	transport_attach(t, stream, stream_self);
	t->state = STATE_OPENING;
	t->read_wants = 0;
	return t;
}

void transport_start_tls(Transport *t, const char *host)
{
	if (t->state == STATE_OPEN)
		begin_handshake(t, host);
}
