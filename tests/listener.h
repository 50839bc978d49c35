/* listener - a port of 127.0.0.1 for a player, and the endpoint that a client reaches it by. */
#ifndef SHEAF_TESTS_LISTENER_H
#define SHEAF_TESTS_LISTENER_H

#include <check.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "core/net/endpoint.h"

/* Non-blocking.  `*endpoint` owns nothing. */
static inline int listener_open(Endpoint *endpoint)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(where);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&where, &size), 0);
	*endpoint = (Endpoint){.kind = ENDPOINT_PLAIN,
			       .host = (char *)"127.0.0.1",
			       .port = ntohs(where.sin_port),
			       .label = (char *)"test"};
	return fd;
}

#endif
