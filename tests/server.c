#define _GNU_SOURCE
#include "tests/server.h"
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/place.h"

enum {
	START_PATIENCE = 30000, /* ms */
	STOP_PATIENCE = 300,
	LOOK = 10,
	ATTEMPTS = 4,
	OUTPUT_SHOWN = 2000, /* bytes: check refuses long messages */
	/* Below the ports that the system gives to clients, so that none takes them meanwhile. */
	FIRST_PORT = 20000,
	LAST_PORT = 32000
};

typedef struct {
	const char *name;
	const char *script;  /* in tests/servers */
	const char *variant; /* its fourth argument, or NULL */
	int stop;            /* unshare ignores TERM */
	const char *ready;   /* in its greeting */
	const char *domain;  /* of its users, or NULL */
} Recipe;

static const Recipe recipes[SERVER_KINDS] = {
	[SERVER_DOVECOT] = {"Dovecot", "dovecot", "min", SIGTERM, "ready", NULL},
	[SERVER_DOVECOT_FULL] = {"Dovecot", "dovecot", "full", SIGTERM, "ready", NULL},
	[SERVER_CYRUS] = {"Cyrus", "cyrus", NULL, SIGTERM, "ready", NULL},
	[SERVER_COURIER] = {"Courier", "courier", NULL, SIGKILL, "ready", NULL},
	[SERVER_COURIER_PREAUTH] = {"Courier", "courier", "preauth", SIGTERM, "ready", NULL},
	[SERVER_IMAP4D] = {"GNU imap4d", "imap4d", NULL, SIGTERM, "IMAP4rev1", "test"},
	[SERVER_IMAPPROXY] = {"imapproxy", "imapproxy", NULL, SIGTERM, "XIMAPPROXY", NULL},
};

static int connect_to(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A whole greeting came: the log-in service and what stands behind it are up. */
static bool answers(int port, const char *ready)
{
	char buf[4096];
	size_t have = 0;
	int fd = connect_to(port);

	if (fd < 0)
		return false;
	while (have < sizeof buf - 1) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		ssize_t n = poll(&poll_fd, 1, START_PATIENCE) > 0
				    ? read(fd, buf + have, sizeof buf - 1 - have)
				    : 0;

		if (n <= 0)
			break;
		have += n;
		buf[have] = '\0';
		if (strchr(buf, '\n') != NULL && strstr(buf, ready) != NULL)
			break;
	}
	close(fd);
	buf[have] = '\0';
	return g_str_has_prefix(buf, "* OK") && strstr(buf, ready) != NULL;
}

static bool has_ended(TestServer *s)
{
	if (s->pid != 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
		s->pid = 0;
	return s->pid == 0;
}

static bool wait_for_greeting(TestServer *s)
{
	gint64 end = g_get_monotonic_time() + START_PATIENCE * 1000;

	while (!has_ended(s) && g_get_monotonic_time() < end) {
		if (answers(s->port, recipes[s->kind].ready))
			return true;
		g_usleep(LOOK * 1000);
	}
	return false;
}

/* The whole process group: after a while also those that Dovecot would wait two seconds for. */
static void end_process(TestServer *s, int first_signal)
{
	gint64 end = g_get_monotonic_time() + STOP_PATIENCE * 1000;
	GPid group = s->pid;

	if (group == 0)
		return;
	kill(group, first_signal);
	while (!has_ended(s) && g_get_monotonic_time() < end)
		g_usleep(LOOK * 1000);
	kill(-group, SIGKILL);
	while (!has_ended(s))
		g_usleep(LOOK * 1000);
}

static char *output_of(const TestServer *s)
{
	g_autofree char *out = g_build_filename(s->directory, "out", NULL);
	g_autofree char *log = g_build_filename(s->directory, "log", NULL);
	g_autofree char *printed = NULL, *logged = NULL;

	g_file_get_contents(out, &printed, NULL, NULL);
	g_file_get_contents(log, &logged, NULL, NULL);

	char *all = g_strconcat(printed != NULL ? printed : "", logged != NULL ? logged : "", NULL);
	size_t len = strlen(all);

	if (len > OUTPUT_SHOWN)
		memmove(all, all + len - OUTPUT_SHOWN, OUTPUT_SHOWN + 1);
	return all;
}

/* The child of fork(): the script, which becomes the server. */
G_GNUC_NORETURN static void run_script(const TestServer *s, const char *script, const char *variant)
{
	g_autofree char *port = g_strdup_printf("%d", s->port);
	g_autofree char *tls_port = g_strdup_printf("%d", s->tls_port);
	g_autofree char *out = g_build_filename(s->directory, "out", NULL);
	int fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0644);
	int nothing = open("/dev/null", O_RDONLY);

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* until the script sets its own */
	dup2(nothing, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	execl(script, script, s->directory, port, tls_port, variant, (char *)NULL);
	_exit(127);
}

static void make_certificates(const TestServer *s)
{
	g_autofree char *script = place_source("tests/servers/certificates");
	g_autofree char *tls = g_build_filename(s->directory, "tls", NULL);
	const char *const argv[] = {script, tls, NULL};
	g_autoptr(GError) error = NULL;
	int status = 0;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
			  &status, &error) ||
	    !g_spawn_check_wait_status(status, &error))
		ck_abort_msg("%s: %s", script, error->message);
}

static const char *with_domain(const char *name, const char *domain)
{
	g_autofree char *user = domain ? g_strdup_printf("%s@%s", name, domain) : g_strdup(name);

	return g_intern_string(user);
}

static TestServer *server_new(ServerKind kind, const ServerOptions *options)
{
	TestServer *s = g_new0(TestServer, 1);

	s->kind = kind;
	s->name = recipes[kind].name;
	s->host = "localhost";
	s->user = with_domain("alice", recipes[kind].domain);
	s->second_user = with_domain("bob", recipes[kind].domain);
	s->password = "secret";
	s->directory = place_temporary();
	s->ca_file = g_build_filename(s->directory, "tls", "ca.pem", NULL);
	s->other_ca_file = g_build_filename(s->directory, "tls", "other-ca.pem", NULL);
	make_certificates(s);
	if (options != NULL && options->settings != NULL) {
		g_autofree char *settings = g_build_filename(s->directory, "settings", NULL);

		g_file_set_contents(settings, options->settings, -1, NULL);
	}
	return s;
}

TestServer *server_start(ServerKind kind, const ServerOptions *options)
{
	const Recipe *recipe = &recipes[kind];
	g_autofree char *relative = g_build_filename("tests", "servers", recipe->script, NULL);
	g_autofree char *script = place_source(relative);
	TestServer *s = server_new(kind, options);

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		s->port = server_free_port();
		s->tls_port = server_free_port();
		s->pid = fork();
		ck_assert_int_ge(s->pid, 0);
		if (s->pid == 0) {
			if (options != NULL && options->certificate != NULL)
				g_setenv("SHEAF_CERTIFICATE", options->certificate, TRUE);
			run_script(s, script, recipe->variant);
		}
		if (wait_for_greeting(s))
			return s;
		end_process(s, SIGKILL);
	}

	g_autofree char *output = output_of(s);
	const char *skipped = strstr(output, "skipped: ");

	if (skipped != NULL)
		ck_abort_msg("%.*s", (int)strcspn(skipped, "\n"), skipped);
	ck_abort_msg("%s did not start: %s", recipe->name, output);
	abort();
}

void server_stop(TestServer *s)
{
	if (s == NULL)
		return;
	end_process(s, recipes[s->kind].stop);
	place_remove(s->directory);
	g_free(s->directory);
	g_free(s->ca_file);
	g_free(s->other_ca_file);
	g_free(s);
}

char *server_url(const TestServer *s, const char *scheme, const char *mailbox)
{
	return g_strdup_printf("%s://%s@%s:%d/%s", scheme, s->user, s->host,
			       strcmp(scheme, "imaps") == 0 ? s->tls_port : s->port,
			       mailbox != NULL ? mailbox : "");
}

Probe *server_probe(const TestServer *s, const char *user)
{
	return probe_open("127.0.0.1", s->port, user, s->password);
}

void server_add_message(const TestServer *s, const char *user, const char *mailbox,
			const char *flags, const char *message)
{
	g_autoptr(Probe) probe = server_probe(s, user);

	if (g_ascii_strcasecmp(mailbox, "INBOX") != 0) {
		g_autofree char *create = g_strdup_printf("CREATE \"%s\"", mailbox);

		g_free(probe_command(probe, create));
	}
	probe_append(probe, mailbox, flags, message, -1);
}

char *server_config(const TestServer *s, const char *scheme, const char *more_lines)
{
	static unsigned count;
	char *file = g_strdup_printf("%s/sheaf-%u.conf", s->directory, ++count);
	g_autofree char *url = server_url(s, scheme, NULL);
	g_autofree char *text = g_strdup_printf("[account test]\nurl = %s\nca = %s\n"
						"password-command = echo %s\n%s",
						url, s->ca_file, s->password, more_lines);
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents(file, text, -1, &error))
		ck_abort_msg("%s", error->message);
	return file;
}

int server_free_port(void)
{
	for (;;) {
		int port = g_random_int_range(FIRST_PORT, LAST_PORT);
		struct sockaddr_in at = {.sin_family = AF_INET,
					 .sin_port = htons(port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool is_free = bind(fd, (struct sockaddr *)&at, sizeof at) == 0;

		close(fd);
		if (is_free)
			return port;
	}
}
