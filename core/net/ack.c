#include "config.h"
#include "core/net/ack.h"

#include <glib.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define KEEP_IDLE_SECONDS  5
#define KEEP_AGAIN_SECONDS 1
#define KEEP_TIMES         3

void ack_keep_alive(int fd)
{
	int on = 1, idle = KEEP_IDLE_SECONDS, again = KEEP_AGAIN_SECONDS, times = KEEP_TIMES;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &again, sizeof again);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

/* Not TCP_USER_TIMEOUT: that gives up a server, too, that acknowledges but takes nothing. */
unsigned ack_overdue(Ack *ack, int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;
	int under_way = 0;
	int64_t now = g_get_monotonic_time();

	if (ioctl(fd, SIOCOUTQ, &under_way) < 0 || under_way == 0 ||
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) {
		ack->since = 0;
		return 0;
	}
	if (ack->since == 0 || ack->acked != info.tcpi_bytes_acked) {
		ack->since = now;
		ack->acked = info.tcpi_bytes_acked;
	}
	if (info.tcpi_unacked == 0)
		ack->since = MAX(ack->since, now - (int64_t)info.tcpi_last_ack_recv * 1000);
	return (unsigned)((now - ack->since) / 1000);
}
