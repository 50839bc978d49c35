#include "config.h"
#include "core/net/connector.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/base/error.h"
#include "core/net/ack.h"

struct Connector {
	char *host;
	unsigned port, seconds;
	GSocketClient *client;
	GCancellable *cancellable;
	const ConnectorEvents *events;
	void *self; /* NULL after connector_free(), when only GSocketClient still holds us */
	unsigned references;
};

static void connector_unref(Connector *connector)
{
	if (--connector->references > 0)
		return;
	g_signal_handlers_disconnect_by_data(connector->client, connector);
	g_object_unref(connector->client);
	g_object_unref(connector->cancellable);
	g_free(connector->host);
	g_free(connector);
}

static char *describe(const Connector *connector, const GError *error)
{
	const char *host = connector->host;
	unsigned port = connector->port;

	if (g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
		return g_strdup_printf("There is no host named %s; is it spelled right?", host);
	if (error->domain == G_RESOLVER_ERROR)
		return g_strdup_printf("The address of %s could not be looked up; is the network "
				       "up?",
				       host);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
		return g_strdup_printf("Nothing answers on port %u of %s: connection refused.",
				       port, host);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
		return g_strdup_printf("%s did not answer on port %u within %u seconds.", host,
				       port, connector->seconds);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
	    g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
		return g_strdup_printf("%s cannot be reached from here; is the network up?", host);
	return g_strdup_printf("The connection to %s port %u failed: %s.", host, port,
			       error->message);
}

static int take_descriptor(GSocketConnection *connection)
{
	GSocket *socket = g_socket_connection_get_socket(connection);
	int fd = fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0);
	int on = 1;

	if (fd >= 0) {
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		ack_keep_alive(fd);
	}
	return fd;
}

/* Not where somebody answered, if only to refuse. */
static CoreError code_of(const GError *error)
{
	bool answered = !error ||
			g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
			g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);

	return answered ? CORE_ERROR_ABORT : CORE_ERROR_DEAD;
}

static void on_connected(GObject *client, GAsyncResult *result, gpointer data)
{
	Connector *connector = data;
	g_autoptr(GError) failure = NULL, error = NULL;
	g_autoptr(GSocketConnection) connection =
		g_socket_client_connect_finish(G_SOCKET_CLIENT(client), result, &failure);
	int fd = connection ? take_descriptor(connection) : -1;

	if (!connector->self) {
		if (fd >= 0)
			close(fd);
	} else if (fd >= 0) {
		connector->events->connected(fd, NULL, connector->self);
	} else {
		g_autofree char *why =
			failure ? describe(connector, failure)
				: g_strdup("No file descriptor is left for another connection.");
		error = g_error_new_literal(CORE_ERROR, code_of(failure), why);
		connector->events->connected(-1, error, connector->self);
	}
	connector_unref(connector);
}

static char *address_of(GIOStream *connection)
{
	g_autoptr(GSocketAddress) address =
		connection ? g_socket_connection_get_remote_address(G_SOCKET_CONNECTION(connection),
								    NULL)
			   : NULL;

	if (!G_IS_INET_SOCKET_ADDRESS(address))
		return NULL;
	return g_inet_address_to_string(
		g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

static void on_event(GSocketClient *client G_GNUC_UNUSED, GSocketClientEvent event,
		     GSocketConnectable *connectable G_GNUC_UNUSED, GIOStream *connection,
		     gpointer data)
{
	Connector *connector = data;
	g_autofree char *text = NULL;

	if (event == G_SOCKET_CLIENT_RESOLVING && !g_hostname_is_ip_address(connector->host)) {
		text = g_strdup_printf("Looking up %s…", connector->host);
	} else if (event == G_SOCKET_CLIENT_CONNECTING) {
		g_autofree char *address = address_of(connection);
		text = g_strdup_printf("Connecting to %s (%s)…", connector->host,
				       address ? address : "?");
	}
	if (text && connector->self)
		connector->events->phase(text, connector->self);
}

Connector *connector_start(const char *host, unsigned port, unsigned seconds,
			   const ConnectorEvents *events, void *self)
{
	Connector *connector = g_new0(Connector, 1);
	g_autoptr(GSocketConnectable) where = g_network_address_new(host, port);

	*connector = (Connector){
		.host = g_strdup(host),
		.port = port,
		.seconds = seconds,
		.client = g_socket_client_new(),
		.cancellable = g_cancellable_new(),
		.events = events,
		.self = self,
		.references = 2, /* the caller's and the pending operation's */
	};
	g_socket_client_set_enable_proxy(connector->client, FALSE);
	g_socket_client_set_timeout(connector->client, seconds);
	g_signal_connect(connector->client, "event", G_CALLBACK(on_event), connector);
	g_socket_client_connect_async(connector->client, where, connector->cancellable,
				      on_connected, connector);
	return connector;
}

void connector_free(Connector *connector)
{
	if (!connector)
		return;
	connector->self = NULL;
	g_cancellable_cancel(connector->cancellable);
	connector_unref(connector);
}
