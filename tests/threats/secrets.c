/* Group N, and what of group A needs more than one conversation. */
#include "config.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/account/password.h"
#include "core/account/remembered.h"
#include "core/account/secret.h"
#include "core/base/error.h"
#include "core/session/session.h"
#include "tests/run.h"
#include "tests/threats/threats.h"
#include "tests/tls_server.h"
#include "ui/command/config.h"
#include "ui/panel/log.h"

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r G_GNUC_UNUSED,
			void *self G_GNUC_UNUSED)
{
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *closed)
{
	*(GError **)closed = g_error_copy(error);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

static void turn_loop(unsigned ms)
{
	gint64 until = g_get_monotonic_time() + ms * 1000;

	while (g_get_monotonic_time() < until) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
}

/* T011: whatever is referred to, nobody is called there. */
START_TEST(test_referrals)
{
	static const char *const words[] = {
		"* OK [REFERRAL imap://127.0.0.1:%u/] hello\r\n",
		"* BYE [REFERRAL imap://127.0.0.1:%u/] hello\r\n",
		"* OK [CAPABILITY IMAP4rev1] hi\r\nA1 NO [REFERRAL imap://127.0.0.1:%u/] there\r\n",
		"* OK [CAPABILITY IMAP4rev1] hi\r\n"
		"A1 OK [REFERRAL imap://127.0.0.1:%u/] there\r\nA2 OK [CAPABILITY IMAP4rev1] it "
		"is\r\n",
		"* OK [CAPABILITY IMAP4rev1] hi\r\nA1 OK [CAPABILITY IMAP4rev1] in\r\n"
		"A2 NO [REFERRAL imap://127.0.0.1:%u/x] there\r\n",
		"* OK [CAPABILITY IMAP4rev1] hi\r\nA1 OK [CAPABILITY IMAP4rev1] in\r\n"
		"* LIST (\\Remote) \"/\" \"imap://127.0.0.1:%u/x\"\r\n",
	};
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof where;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(listen(listener, 4), 0);
	getsockname(listener, (struct sockaddr *)&where, &size);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autoptr(Endpoint) to = endpoint_parse("imaps://alice:secret@x.org", NULL, NULL);
		SessionConfig config = {.endpoint = to};
		g_autoptr(GError) closed = NULL;
		g_autofree char *text = g_strdup_printf(words[i], ntohs(where.sin_port));
		ImapSession *session;
		bool selected = false;
		int ends[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		session = session_open_fd(ends[0], true, &config, &events, &closed);
		for (const char *at = text, *next; *at; at = next) {
			next = strstr(at, "\r\n") + 2;
			ck_assert_int_eq(write(ends[1], at, (size_t)(next - at)), next - at);
			turn_loop(30);
			if (!closed && !selected && session_state(session) == SESSION_AUTH) {
				Writer *w = session_begin(session, COMMAND_ID_SELECT);
				writer_mailbox(w, "INBOX");
				session_submit(session, NULL, w, NULL, NULL, NULL);
				selected = true;
				turn_loop(10);
			}
		}
		turn_loop(30);
		ck_assert_int_lt(accept(listener, NULL, NULL), 0);
		session_free(session);
		close(ends[1]);
	}
	close(listener);
}
END_TEST

/* T020: SNI is the A-label of names and absent for addresses. */
START_TEST(test_sni)
{
	static const struct {
		const char *host, *names, *sni;
	} rows[] = {
		{"localhost", "DNS:localhost", "localhost"},
		{"127.0.0.1", "IP:127.0.0.1", ""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		TlsServerOptions options = {.names = rows[i].names, .greeting = "* BYE hello\r\n"};
		TlsServer *server = tls_server_start(&options);
		g_autofree char *url =
			g_strdup_printf("imaps://a:b@%s:%u", rows[i].host, tls_server_port(server));
		g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
		SessionConfig config = {.endpoint = to, .ca_file = tls_server_ca_file(server)};
		g_autoptr(GError) closed = NULL;
		ImapSession *session = session_open(&config, &events, &closed);

		while (!closed)
			g_main_context_iteration(NULL, TRUE);
		ck_assert_msg(strstr(closed->message, "hello") != NULL, "%s", closed->message);
		ck_assert_str_eq(tls_server_sni(server), rows[i].sni);
		session_free(session);
		tls_server_stop(server);
	}
}
END_TEST

/* T026: such hosts are none. */
START_TEST(test_hosts)
{
	static const char *const hosts[] = {"imaps://-oProxyCommand=touch",
					    "imaps://a@-oProxyCommand=touch",
					    "imaps://$(x)",
					    "imaps://`x`",
					    "imaps://a;b",
					    "imaps://a|b",
					    "imaps://a%20b",
					    "imaps://a'b",
					    "imaps://a\nb"};

	for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
		g_autoptr(Endpoint) to = endpoint_parse(hosts[i], NULL, NULL);
		ck_assert_msg(!to, "%s", hosts[i]);
	}
}
END_TEST

/* T013: without a word clear text is not what an address means. */
START_TEST(test_default_is_tls)
{
	g_autoptr(Endpoint) imaps = endpoint_parse("imaps://a@x.org", NULL, NULL);
	g_autoptr(Endpoint) imap = endpoint_parse("imap://a@x.org", NULL, NULL);
	g_autoptr(Endpoint) bare = endpoint_parse("a@x.org", NULL, NULL);

	ck_assert_int_eq(imaps->kind, ENDPOINT_IMAPS);
	ck_assert_uint_eq(imaps->port, 993);
	ck_assert_int_eq(imap->kind, ENDPOINT_STARTTLS);
	ck_assert(!bare || bare->kind == ENDPOINT_IMAPS);
}
END_TEST

/* T188: `mode` of the file, whether its directory may be written by others. */
START_TEST(test_lax_mode)
{
	static const struct {
		mode_t file, dir;
		const char *refusal;
	} rows[] = {
		{0600, 0700, NULL},         {0640, 0700, "chmod 600"},  {0604, 0700, "chmod 600"},
		{0620, 0700, "chmod go-w"}, {0602, 0700, "chmod go-w"}, {0600, 0702, "chmod o-w"},
	};
	g_autofree char *dir = g_dir_make_tmp("sheaf-t188-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "config", NULL);
	const char *text = "[account work]\nurl = imaps://me:secret@example.org\n";

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		Keymap *keymap = keymap_new();
		Config *config = config_new(keymap);

		ck_assert(g_file_set_contents(path, text, -1, NULL));
		ck_assert_int_eq(chmod(path, rows[i].file), 0);
		ck_assert_int_eq(chmod(dir, rows[i].dir), 0);
		ck_assert_msg(config_load(config, path, true, &error) == !rows[i].refusal,
			      "row %zu: %s", i, error ? error->message : "taken");
		if (rows[i].refusal)
			ck_assert_msg(strstr(error->message, rows[i].refusal) != NULL, "%s",
				      error->message);
		ck_assert(!error || !strstr(error->message, "secret"));
		config_free(config);
		keymap_free(keymap);
	}
	g_unlink(path);
	g_rmdir(dir);
}
END_TEST

static char *printed;

static void on_password(const char *secret, const GError *error, void *data)
{
	printed = g_strdup(secret ? secret : error->message);
	*(bool *)data = true;
}

static void run_command(const char *command)
{
	Scope scope;
	bool done = false;

	g_clear_pointer(&printed, g_free);
	scope_init(&scope);
	password_run("password-command", command, &scope, on_password, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
}

/* T190: a child sees neither a password in its environment nor one in its arguments. */
START_TEST(test_children)
{
	g_autoptr(Endpoint) to = endpoint_parse("imaps://alice:opensesame@x.org", NULL, NULL);
	SessionConfig config = {.endpoint = to};
	g_autoptr(GError) closed = NULL;
	ImapSession *session;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	session = session_open_fd(ends[0], true, &config, &events, &closed);
	run_command(
		"cat /proc/self/environ /proc/$$/environ /proc/$PPID/cmdline | tr '\\0\\n' '  '; "
		"echo end");
	ck_assert_ptr_nonnull(strstr(printed, "PATH="));
	ck_assert_ptr_null(strstr(printed, "opensesame"));
	session_free(session);
	close(ends[1]);
}
END_TEST

/* T192 */
START_TEST(test_password_command)
{
	static const struct {
		const char *command, *printed;
	} rows[] = {
		{"printf 'first\\nsecond\\n'", "first"},
		{"echo noise >&2; echo secret", "secret"},
		{"echo secret; exit 3", "failed"},
		{"printf 'a\\033[2Jb' >&2; exit 2", "failed"},
		{"head -c 1048577 /dev/zero | tr '\\0' x", "1 MiB"},
		{"printf '\\n'", "failed"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		run_command(rows[i].command);
		ck_assert_msg(strstr(printed, rows[i].printed) != NULL, "%s: %s", rows[i].command,
			      printed);
		ck_assert(!strchr(printed, '\033'));
		ck_assert(!strchr(printed, '\n'));
	}
}
END_TEST

/* The password, kept so that it stands nowhere as it is. */
#define MASK 0x55
static const char masked[] = {'o' ^ MASK, 'p' ^ MASK, 'e' ^ MASK, 'n' ^ MASK, '5' ^ MASK,
			      'e' ^ MASK, 's' ^ MASK, 'a' ^ MASK, 'm' ^ MASK, 'e' ^ MASK};

static bool holds_password(const char *at, const char *end)
{
	for (; at + sizeof masked <= end; at++) {
		size_t i = 0;
		while (i < sizeof masked && (at[i] ^ MASK) == masked[i])
			i++;
		if (i == sizeof masked)
			return true;
	}
	return false;
}

/* All that a core of this process would hold and that can be written. */
static unsigned count_copies(void)
{
	g_autofree char *maps = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned copies = 0;

	ck_assert(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
	lines = g_strsplit(maps, "\n", -1);
	for (char **line = lines; *line; line++) {
		char *rest;
		guintptr from = g_ascii_strtoull(*line, &rest, 16);
		guintptr to = *rest == '-' ? g_ascii_strtoull(rest + 1, &rest, 16) : 0;

		/* The stack holds what this very function reads. */
		if (to && g_str_has_prefix(rest, " rw") && !strstr(rest, "[stack]") &&
		    !strstr(rest, "[v"))
			copies += holds_password((const char *)from, (const char *)to);
	}
	return copies;
}

/* T191: once log-in is through, memory no longer holds the password. */
START_TEST(test_wiped_after_login)
{
	static const char hello[] = "* OK [CAPABILITY IMAP4rev1] hello\r\n";
	static const char welcome[] = "A1 OK [CAPABILITY IMAP4rev1] welcome\r\n";
	g_autoptr(Endpoint) to = endpoint_parse("imaps://alice@x.org", NULL, NULL);
	g_autoptr(GError) closed = NULL;
	/* Long, because freeing writes over the first bytes. */
	char password[sizeof masked * 6 + 1] = "";
	SessionConfig config = {.endpoint = to, .password = password};
	ImapSession *session;
	int ends[2];

	/* ASan's own memory cannot be read; the plain build looks. */
	if (SANITIZER_FACTOR > 1)
		return;
	for (size_t i = 0; i + 1 < sizeof password; i++)
		password[i] = (char)(masked[i % sizeof masked] ^ MASK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	session = session_open_fd(ends[0], true, &config, &events, &closed);
	explicit_bzero(password, sizeof password);
	ck_assert_uint_gt(count_copies(), 0);
	ck_assert_int_gt(write(ends[1], hello, strlen(hello)), 0);
	turn_loop(50);
	ck_assert_int_gt(write(ends[1], welcome, strlen(welcome)), 0);
	turn_loop(50);
	ck_assert_int_eq(session_state(session), SESSION_AUTH);
	ck_assert_uint_eq(count_copies(), 0);
	session_free(session);
	close(ends[1]);
}
END_TEST

/* T191: no core, and nobody looks in. */
START_TEST(test_guarded_process)
{
	struct rlimit limit;

	secret_guard_process();
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 0);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
}
END_TEST

/* T195: the log is for its owner alone, under any umask. */
START_TEST(test_log_mode)
{
	g_autofree char *dir = g_dir_make_tmp("sheaf-t195-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "log", NULL);
	struct stat info;

	umask(0);
	ck_assert(log_install(path, NULL));
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0600);
	g_unlink(path);
	g_rmdir(dir);
}
END_TEST

/* T195: what is remembered of servers, too, and its directory. */
START_TEST(test_state_mode)
{
	g_autofree char *dir = g_dir_make_tmp("sheaf-t195-XXXXXX", NULL);
	g_autofree char *inner = g_build_filename(dir, "sheaf", NULL);
	g_autofree char *path = g_build_filename(inner, "mechanisms", NULL);
	g_autoptr(Endpoint) to = endpoint_parse("imaps://alice@x.org", NULL, NULL);
	struct stat info;

	umask(0);
	ck_assert(g_setenv("XDG_STATE_HOME", dir, TRUE));
	remembered_put(to, "alice", "SCRAM-SHA-256");
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(inner, &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0700);
	g_unlink(path);
	g_rmdir(inner);
	g_rmdir(dir);
}
END_TEST

/* T194 */
START_TEST(test_key_log)
{
	static const TlsServerOptions options = {.names = "DNS:localhost",
						 .greeting = "* BYE hello\r\n"};
	g_autofree char *path = g_strdup_printf("/tmp/sheaf-t194-%d", (int)getpid());
	TlsServer *server;
	g_autoptr(GError) closed = NULL;

	ck_assert(g_setenv("SSLKEYLOGFILE", path, TRUE));
	server = tls_server_start(&options);
	g_autofree char *url = g_strdup_printf("imaps://a:b@localhost:%u", tls_server_port(server));
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	SessionConfig config = {.endpoint = to, .ca_file = tls_server_ca_file(server)};
	ImapSession *session = session_open(&config, &events, &closed);

	while (!closed)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_msg(strstr(closed->message, "hello") != NULL, "%s", closed->message);
	ck_assert_int_ne(access(path, F_OK), 0);
	session_free(session);
	tls_server_stop(server);
}
END_TEST

const Threat threats_secrets[] = {
	{"T011", &test_referrals, 0},
	{"T013 default", &test_default_is_tls, 0},
	{"T020", &test_sni, 0},
	{"T026", &test_hosts, 0},
	{"T188", &test_lax_mode, 0},
	{"T190", &test_children, 0},
	{"T191 memory", &test_wiped_after_login, 0},
	{"T191 process", &test_guarded_process, 0},
	{"T192", &test_password_command, 0},
	{"T195 log", &test_log_mode, 0},
	{"T195 state", &test_state_mode, 0},
	{"T194", &test_key_log, 0},
	{NULL, NULL, 0},
};
