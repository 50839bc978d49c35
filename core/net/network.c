#include "config.h"
#include "core/net/network.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The two clocks are not read at the same moment. */
#define SLEPT_MS 1000
/* An address that comes or goes is told several times. */
#define SETTLE_MS 300

struct Network {
	NetworkChanged changed;
	void *data;
	int clock_fd;
	guint clock_source, settle_timer;
	int64_t asleep_ms; /* how long the machine has slept since it was started */
	GCancellable *cancellable;
	GNetworkMonitor *monitor; /* NULL: not there yet */
};

static void tell(Network *network)
{
	network->changed(!network->monitor ||
				 g_network_monitor_get_network_available(network->monitor),
			 network->data);
}

/* --- sleep --- */

static int64_t milliseconds(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t asleep_ms(void)
{
	return milliseconds(CLOCK_BOOTTIME) - milliseconds(CLOCK_MONOTONIC);
}

/* Never to expire, but the system cancels it when the clock is set or the machine wakes. */
static void arm(int fd)
{
	struct itimerspec never = {.it_value.tv_sec = milliseconds(CLOCK_REALTIME) / 1000 +
						      (time_t)10 * 365 * 86400};

	timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static gboolean on_clock(int fd, GIOCondition condition, void *data)
{
	Network *network = data;
	int64_t now = asleep_ms();
	bool slept = now - network->asleep_ms >= SLEPT_MS;
	uint64_t times;

	(void)condition;
	network->asleep_ms = now;
	/* ECANCELED is what is waited for. */
	if (read(fd, &times, sizeof times) < 0 && errno != ECANCELED && errno != EAGAIN) {
		network->clock_source = 0;
		return G_SOURCE_REMOVE;
	}
	arm(fd);
	if (slept)
		tell(network);
	return G_SOURCE_CONTINUE;
}

static void watch_clock(Network *network)
{
	network->asleep_ms = asleep_ms();
	network->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (network->clock_fd < 0)
		return;
	arm(network->clock_fd);
	network->clock_source = g_unix_fd_add(network->clock_fd, G_IO_IN, on_clock, network);
}

/* --- the network --- */

static gboolean on_settled(void *data)
{
	Network *network = data;

	network->settle_timer = 0;
	tell(network);
	return G_SOURCE_REMOVE;
}

static void on_network(GNetworkMonitor *monitor, gboolean available, void *data)
{
	Network *network = data;

	(void)monitor;
	(void)available;
	if (!network->settle_timer)
		network->settle_timer = g_timeout_add(SETTLE_MS, on_settled, network);
}

/* The monitor may ask a service and wait for its answer. */
static void find_monitor(GTask *task, void *source, void *data, GCancellable *cancellable)
{
	(void)source;
	(void)data;
	(void)cancellable;
	g_task_return_pointer(task, g_network_monitor_get_default(), NULL);
}

static void on_monitor(GObject *source, GAsyncResult *result, void *data)
{
	Network *network = data;
	g_autoptr(GError) error = NULL;
	GNetworkMonitor *monitor = g_task_propagate_pointer(G_TASK(result), &error);

	(void)source;
	if (error)
		return; /* cancelled: `network` is gone */
	network->monitor = monitor;
	g_signal_connect(monitor, "network-changed", G_CALLBACK(on_network), network);
	if (!g_network_monitor_get_network_available(monitor))
		tell(network);
}

Network *network_watch(NetworkChanged changed, void *data)
{
	Network *network = g_new0(Network, 1);

	network->changed = changed;
	network->data = data;
	network->cancellable = g_cancellable_new();
	watch_clock(network);
	g_autoptr(GTask) task = g_task_new(NULL, network->cancellable, on_monitor, network);
	g_task_run_in_thread(task, find_monitor);
	return network;
}

void network_free(Network *network)
{
	if (!network)
		return;
	g_cancellable_cancel(network->cancellable);
	g_object_unref(network->cancellable);
	if (network->monitor)
		g_signal_handlers_disconnect_by_data(network->monitor, network);
	g_clear_handle_id(&network->settle_timer, g_source_remove);
	g_clear_handle_id(&network->clock_source, g_source_remove);
	if (network->clock_fd >= 0)
		close(network->clock_fd);
	g_free(network);
}
