#define _GNU_SOURCE
#include "tests/probe.h"
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/place.h"

enum { PATIENCE = 20000 };

struct Probe {
	int fd;
	GPid pid; /* of imap on a Maildir, else 0 */
	unsigned tag;
	GString *in;    /* read and not yet taken */
	GString *heard; /* since the last command */
	char *greeting;
};

G_GNUC_NORETURN static void give_up(Probe *p, const char *why)
{
	ck_abort_msg("The second client %s; it had heard:\n%s%s", why, p->heard->str, p->in->str);
	abort();
}

static void fill(Probe *p)
{
	char buf[16384];
	struct pollfd fd = {.fd = p->fd, .events = POLLIN};

	if (poll(&fd, 1, PATIENCE) <= 0)
		give_up(p, "waited in vain for an answer");

	ssize_t n = read(p->fd, buf, sizeof buf);

	if (n <= 0)
		give_up(p, "lost its connection");
	g_string_append_len(p->in, buf, n);
}

static void take(Probe *p, size_t len)
{
	while (p->in->len < len)
		fill(p);
	g_string_append_len(p->heard, p->in->str, len);
	g_string_erase(p->in, 0, len);
}

/* Moves one line with its literals to `heard`; returns where it begins there. */
static size_t take_line(Probe *p)
{
	size_t start = p->heard->len;

	for (;;) {
		const char *end;

		while ((end = memchr(p->in->str, '\n', p->in->len)) == NULL)
			fill(p);

		size_t len = end + 1 - p->in->str;
		unsigned literal = 0;
		const char *brace = memrchr(p->in->str, '{', len);
		bool has_literal = brace != NULL && sscanf(brace, "{%u}\r\n", &literal) == 1 &&
				   brace + strspn(brace + 1, "0123456789") + 1 == end - 2;

		take(p, len);
		if (!has_literal)
			return start;
		take(p, literal);
	}
}

static char *without_returns(const GString *heard)
{
	GString *out = g_string_sized_new(heard->len);

	for (size_t i = 0; i < heard->len; i++)
		if (heard->str[i] != '\r')
			g_string_append_c(out, heard->str[i]);
	return g_string_free(out, FALSE);
}

static Probe *probe_new(int fd, GPid pid)
{
	Probe *p = g_new0(Probe, 1);

	p->fd = fd;
	p->pid = pid;
	p->in = g_string_new(NULL);
	p->heard = g_string_new(NULL);
	take_line(p);
	p->greeting = without_returns(p->heard);
	return p;
}

Probe *probe_open(const char *host, int port, const char *user, const char *password)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &to.sin_addr);
	ck_assert_msg(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect to %s:%d: %s",
		      host, port, g_strerror(errno));

	Probe *p = probe_new(fd, 0);

	while (strstr(p->greeting, "Waiting for authentication") != NULL) {
		g_free(p->greeting);
		g_string_truncate(p->heard, 0);
		take_line(p);
		p->greeting = without_returns(p->heard);
	}
	if (user != NULL)
		g_free(probe_expectf(p, "LOGIN %s %s", user, password));
	return p;
}

Probe *probe_open_maildir(const char *path)
{
	int pair[2];
	g_autofree char *script = place_source("tests/servers/maildir");

	ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);

	GPid pid = fork();

	if (pid == 0) {
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		execl(script, script, path, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	return probe_new(pair[0], pid);
}

void probe_close(Probe *p)
{
	if (p == NULL)
		return;
	probe_send(p, "bye LOGOUT\r\n", -1);
	close(p->fd);
	if (p->pid != 0)
		waitpid(p->pid, NULL, 0);
	g_string_free(p->in, TRUE);
	g_string_free(p->heard, TRUE);
	g_free(p->greeting);
	g_free(p);
}

const char *probe_greeting(const Probe *p)
{
	return p->greeting;
}

char *probe_command(Probe *p, const char *command)
{
	g_autofree char *tag = g_strdup_printf("p%u ", ++p->tag);
	g_autofree char *line = g_strconcat(tag, command, "\r\n", NULL);
	size_t start;

	g_string_truncate(p->heard, 0);
	probe_send(p, line, -1);
	do {
		start = take_line(p);
	} while (!g_str_has_prefix(p->heard->str + start, tag));
	return without_returns(p->heard);
}

char *probe_expect(Probe *p, const char *command)
{
	char *answer = probe_command(p, command);
	g_autofree char *ok = g_strdup_printf("p%u OK", p->tag);

	if (strstr(answer, ok) == NULL)
		give_up(p, command);
	return answer;
}

char *probe_expectf(Probe *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *command = g_strdup_vprintf(format, args);
	va_end(args);
	return probe_expect(p, command);
}

void probe_send(Probe *p, const char *bytes, gssize len)
{
	if (len < 0)
		len = strlen(bytes);
	while (len > 0) {
		ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the missing answer will tell */
		bytes += n;
		len -= n;
	}
}

char *probe_read_until(Probe *p, const char *until)
{
	size_t start;

	g_string_truncate(p->heard, 0);
	do {
		start = take_line(p);
	} while (strstr(p->heard->str + start, until) == NULL);
	return without_returns(p->heard);
}

static GString *with_crlf(const char *message, gssize len)
{
	GString *out = g_string_sized_new(len + len / 32);

	for (gssize i = 0; i < len; i++) {
		if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'))
			g_string_append_c(out, '\r');
		g_string_append_c(out, message[i]);
	}
	return out;
}

void probe_append(Probe *p, const char *mailbox, const char *flags, const char *message, gssize len)
{
	g_autoptr(GString) bytes = with_crlf(message, len < 0 ? (gssize)strlen(message) : len);
	g_autofree char *command = g_strdup_printf("p%u APPEND \"%s\" (%s) {%zu}\r\n", ++p->tag,
						   mailbox, flags, bytes->len);
	g_autofree char *ok = g_strdup_printf("p%u OK", p->tag);

	probe_send(p, command, -1);
	g_free(probe_read_until(p, "+"));
	g_string_append(bytes, "\r\n");
	probe_send(p, bytes->str, bytes->len);
	g_free(probe_read_until(p, ok));
}

unsigned probe_status(Probe *p, const char *mailbox, const char *item)
{
	g_autofree char *answer = probe_expectf(p, "STATUS \"%s\" (%s)", mailbox, item);
	g_autofree char *open = g_strdup_printf("(%s ", item);
	const char *found = strstr(answer, open);

	if (found == NULL)
		give_up(p, "found no number in STATUS");
	return strtoul(found + strlen(open), NULL, 10);
}
