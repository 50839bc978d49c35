/* check_journal_crash - the program is killed, or its line cut, at every step of a change, and then
 * started again: the server ends up with exactly what was wanted, each once (T090, T166, T167,
 * T176).
 *
 * The program is this one, started as a child with an account of the library.  A step is every call
 * that changes a file of the journal and every read and write of the socket; the child kills itself
 * in front of the n-th.  SHEAF_EVERY_BYTE=1 cuts at every byte and on every server, which takes an
 * hour; else at every 41st, on Dovecot. */
#define _GNU_SOURCE
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/account/account.h"
#include "tests/fault_vfs.h"
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"

enum { AT_ONCE = 6, MESSAGES = 3, PATIENCE = 60 /* seconds */ };

/* --- the child --- */

static atomic_int steps, kill_at; /* kill_at 0: never */
static atomic_int bytes, cut_at;
static atomic_bool armed;
static atomic_ulong cut_line; /* inode of the socket from which nothing more is heard */

static void step(void)
{
	if (armed && atomic_fetch_add(&steps, 1) + 1 == kill_at)
		kill(getpid(), SIGKILL);
}

static int file_step(FaultCall call, const char *path, void *data)
{
	(void)path;
	(void)data;
	if (call != FAULT_LOCK)
		step();
	return 0;
}

static bool is_line(int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	return getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.ss_family == AF_INET;
}

/* How much of `len` still goes; the line is cut behind it. */
static size_t before_cut(size_t len, bool *cut)
{
	int had = bytes, at = cut_at;

	*cut = armed && at > 0 && had < at && had + (int)len >= at;
	if (armed)
		bytes += (int)len;
	return *cut ? (size_t)(at - had) : len;
}

static ssize_t real_send(int fd, const void *buf, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

static unsigned long inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void cut_now(int fd)
{
	cut_line = inode_of(fd);
	shutdown(fd, SHUT_RDWR);
}

/* These stand in front of the C library's. */
ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	bool cut = false;
	ssize_t n;

	if (!is_line(fd))
		return real_send(fd, buf, len, flags);
	step();
	size_t goes = before_cut(len, &cut);
	n = real_send(fd, buf, goes, flags);
	if (cut)
		cut_now(fd);
	return n < 0 || goes == len ? n : (ssize_t)len;
}

ssize_t read(int fd, void *buf, size_t len)
{
	bool cut = false;

	/* Its peer is not known any more, but what came before would still be read. */
	if (cut_line != 0 && inode_of(fd) == cut_line)
		return 0;
	if (!is_line(fd))
		return syscall(SYS_read, fd, buf, len);
	step();
	ssize_t n = syscall(SYS_read, fd, buf, len);
	if (n <= 0)
		return n;
	n = (ssize_t)before_cut((size_t)n, &cut);
	if (cut)
		cut_now(fd);
	return n;
}

typedef struct {
	Account *account;
	bool adopted, durable, acted, selected;
} Child;

static void say(const char *word)
{
	dprintf(STDOUT_FILENO, "%s\n", word);
}

static void on_state(Account *a, PoolState state, const char *text, void *self)
{
	(void)a;
	(void)state;
	(void)text;
	(void)self;
}

static void on_folders(Account *a, void *self)
{
	(void)a;
	(void)self;
}

static void on_notice(Account *a, bool is_error, const char *text, void *self)
{
	(void)a;
	(void)self;
	dprintf(STDOUT_FILENO, "%s %s\n", is_error ? "!" : "notice", text);
}

static void on_need_password(Account *a, const char *user, const char *why, bool refused,
			     void *self)
{
	(void)self;
	(void)refused;
	(void)why;
	account_set_password(a, user, "secret");
}

static void on_untrusted(Account *a, const Certificate *certificate, void *self)
{
	(void)a;
	(void)certificate;
	(void)self;
}

static void on_selected(Account *a, Mailbox *m, const GError *error, void *self)
{
	(void)a;
	(void)m;
	((Child *)self)->selected = error == NULL;
}

static void on_changes(Account *a, void *self)
{
	Child *c = self;

	if (!c->adopted)
		dprintf(STDOUT_FILENO, "adopted %u\n", account_pending(a));
	c->adopted = true;
	if (c->acted && !c->durable && account_unsaved(a) == 0) {
		c->durable = true;
		say("durable");
	}
}

static const AccountEvents events = {.state = on_state,
				     .folders = on_folders,
				     .notice = on_notice,
				     .need_password = on_need_password,
				     .untrusted = on_untrusted,
				     .progress = on_folders,
				     .selected = on_selected,
				     .changes = on_changes};

static void act(Child *c, Mailbox *m, const char *what, const char *target)
{
	g_autoptr(UidSet) uids = uidset_new_range(1, 2);

	c->acted = true;
	if (g_str_equal(what, "store"))
		account_flag(c->account, m, uids, STORE_ADD, FLAG_FLAGGED);
	else if (g_str_equal(what, "expunge"))
		account_expunge(c->account, m, uids);
	else
		account_copy(c->account, m, uids, target, g_str_equal(what, "move"));
}

static gboolean wake(void *data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

static void turn_until(bool *condition)
{
	while (!*condition)
		g_main_context_iteration(NULL, TRUE);
}

/* --child URL SOURCE TARGET ACTION KILL CUT; ACTION "wait" only finishes what was left. */
static int child_main(char **argv)
{
	Child c = {0};
	AccountOptions options = {0};
	bool waits = g_str_equal(argv[3], "wait");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(PATIENCE);
	fault_vfs_install(file_step, NULL);
	kill_at = atoi(argv[4]);
	cut_at = atoi(argv[5]);
	option_init(&options, account_option_table);
	option_set(&options, account_option_table, "url", argv[0], NULL);
	c.account = account_new("test", &options, &events, &c, NULL);
	account_open(c.account);
	Mailbox *m = account_select(c.account, argv[1], false);
	g_timeout_add(20, wake, NULL);
	turn_until(&c.adopted);
	turn_until(&c.selected);
	while (!waits && mailbox_known(m) < MESSAGES)
		g_main_context_iteration(NULL, TRUE);
	armed = true;
	if (!waits)
		act(&c, m, argv[3], argv[2]);
	while (account_pending(c.account) > 0)
		g_main_context_iteration(NULL, TRUE);
	/* The end of the program belongs to it: what is confirmed is being struck out. */
	dprintf(STDOUT_FILENO, "held %u\n", account_held(c.account));
	account_free(c.account);
	dprintf(STDOUT_FILENO, "cut %d\n", cut_at > 0 && bytes >= cut_at);
	return 0;
}

/* --- the parent --- */

typedef struct {
	pid_t pid;
	int out;
	char *state; /* directory */
	char *source, *target;
	GString *said;
	int status;
	int at; /* kill or cut */
} Run;

static void start(Run *run, const char *url, const char *action, int kill_step, int cut_byte)
{
	int ends[2];
	g_autofree char *kill_text = g_strdup_printf("%d", kill_step);
	g_autofree char *cut_text = g_strdup_printf("%d", cut_byte);

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	run->pid = fork();
	if (run->pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		setenv("XDG_STATE_HOME", run->state, 1);
		setenv("XDG_CACHE_HOME", run->state, 1);
		execl("/proc/self/exe", "child", "--child", url, run->source, run->target, action,
		      kill_text, cut_text, NULL);
		_exit(127);
	}
	close(ends[1]);
	run->out = ends[0];
	run->said = g_string_new(NULL);
}

static void finish(Run *run)
{
	char buf[1024];
	ssize_t n;

	while ((n = syscall(SYS_read, run->out, buf, sizeof(buf))) > 0)
		g_string_append_len(run->said, buf, n);
	close(run->out);
	waitpid(run->pid, &run->status, 0);
}

static bool was_said(const Run *run, const char *line)
{
	g_autofree char *whole = g_strconcat(line, "\n", NULL);

	return strstr(run->said->str, whole) != NULL;
}

static void check_database(const Run *run)
{
	g_autofree char *path = g_build_filename(run->state, "sheaf", "journal.db", NULL);
	sqlite3 *db;
	sqlite3_stmt *row;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &row, NULL), 0);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	ck_assert_str_eq((const char *)sqlite3_column_text(row, 0), "ok");
	sqlite3_finalize(row);
	sqlite3_close(db);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "1 2 3f": the Message-IDs in a mailbox, sorted, f for flagged. */
static char *content(Probe *probe, const char *mailbox)
{
	g_autofree char *opened = probe_expectf(probe, "EXAMINE %s", mailbox);
	g_autofree char *all =
		probe_command(probe, "UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
	g_auto(GStrv) parts = g_strsplit(all, " FETCH (", -1);
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 1; parts[i]; i++) {
		const char *id = strchr(parts[i], '<');
		if (!id)
			continue;
		g_ptr_array_add(found, g_strdup_printf("%c%s", id[1],
						       strstr(parts[i], "\\Flagged") ? "f" : ""));
	}
	g_ptr_array_sort(found, by_name);
	g_ptr_array_add(found, NULL);
	return g_strjoinv(" ", (char **)found->pdata);
}

static void fill(Probe *probe, Run *run, unsigned number)
{
	run->source = g_strdup_printf("S%u", number);
	run->target = g_strdup_printf("T%u", number);
	run->state = place_temporary();
	g_free(probe_expectf(probe, "CREATE %s", run->source));
	g_free(probe_expectf(probe, "CREATE %s", run->target));
	for (unsigned k = 1; k <= MESSAGES; k++) {
		g_autofree char *message =
			g_strdup_printf("From: Ada <ada@example.org>\nSubject: number %u\n"
					"Message-ID: <%u@example.org>\n\nText of run %u.\n",
					k, k, number);
		probe_append(probe, run->source, "", message, -1);
	}
}

/* The mailboxes go too, once no run needs the server: each that stays makes the next runs' LIST
 * longer, and a line that grows faster than the place of its cut is cut for ever. */
static void clear(Probe *probe, Run runs[AT_ONCE])
{
	g_free(probe_expectf(probe, "CLOSE"));
	for (Run *run = runs; run < runs + AT_ONCE; run++) {
		g_free(probe_expectf(probe, "DELETE %s", run->source));
		g_free(probe_expectf(probe, "DELETE %s", run->target));
		place_remove(run->state);
		g_free(run->state);
		g_free(run->source);
		g_free(run->target);
		g_string_free(run->said, TRUE);
	}
}

static const struct {
	const char *name;
	ServerKind kind;
	const char *capabilities; /* of Dovecot; NULL: its own */
	const char *action;
	const char *source, *target; /* at the end */
} cases[] = {
	{"STORE", SERVER_DOVECOT, NULL, "store", "1f 2f 3", ""},
	{"MOVE", SERVER_DOVECOT, NULL, "move", "3", "1 2"},
	{"COPY", SERVER_DOVECOT, NULL, "copy", "1 2 3", "1 2"},
	{"COPY and UID EXPUNGE", SERVER_DOVECOT, "IMAP4rev1 UIDPLUS", "move", "3", "1 2"},
	{"COPY and EXPUNGE", SERVER_DOVECOT, "IMAP4rev1", "move", "3", "1 2"},
	{"EXPUNGE", SERVER_DOVECOT, "IMAP4rev1 UIDPLUS", "expunge", "3", ""},
	{"STORE on Cyrus", SERVER_CYRUS, NULL, "store", "1f 2f 3", ""},
	{"COPY on Cyrus", SERVER_CYRUS, NULL, "copy", "1 2 3", "1 2"},
	{"MOVE on Cyrus", SERVER_CYRUS, NULL, "move", "3", "1 2"},
};

static TestServer *server_for(int i)
{
	g_autofree char *settings =
		g_strdup_printf("%s%s\nprotocol imap {\n mail_max_userip_connections = 200\n}\n",
				cases[i].capabilities ? "imap_capability = " : "",
				cases[i].capabilities ? cases[i].capabilities : "");
	ServerOptions options = {.settings = cases[i].kind == SERVER_DOVECOT ? settings : NULL};

	return server_start(cases[i].kind, &options);
}

/* What is on the server is what was wanted; or nothing was done, which only a change may be that
 * was not yet on the disk. */
static void check_outcome(int i, Probe *probe, const Run *run, bool durable, const char *said)
{
	g_autofree char *source = content(probe, run->source);
	g_autofree char *target = content(probe, run->target);
	bool done = strcmp(source, cases[i].source) == 0 && strcmp(target, cases[i].target) == 0;
	bool untouched = strcmp(source, "1 2 3") == 0 && strcmp(target, "") == 0;

	ck_assert_msg(done || (!durable && untouched),
		      "%s at %d: source “%s”, target “%s”; first: %s; then: %s", cases[i].name,
		      run->at, source, target, said, run->said->str);
}

/* Kills at steps from `first` on; how many of them came to it. */
static unsigned kill_round(int i, const char *url, Probe *probe, int first)
{
	Run runs[AT_ONCE] = {0};
	bool durable[AT_ONCE];
	char *said[AT_ONCE];
	unsigned killed = 0;

	for (int k = 0; k < AT_ONCE; k++) {
		runs[k].at = first + k;
		fill(probe, &runs[k], (unsigned)runs[k].at);
	}
	for (int k = 0; k < AT_ONCE; k++)
		start(&runs[k], url, cases[i].action, runs[k].at, 0);
	for (int k = 0; k < AT_ONCE; k++) {
		finish(&runs[k]);
		bool died = WIFSIGNALED(runs[k].status) && WTERMSIG(runs[k].status) == SIGKILL;
		ck_assert_msg(died || runs[k].status == 0, "status %d: %s", runs[k].status,
			      runs[k].said->str);
		killed += died;
		durable[k] = was_said(&runs[k], "durable");
		said[k] = g_string_free(runs[k].said, FALSE);
		check_database(&runs[k]);
		start(&runs[k], url, "wait", 0, 0);
	}
	for (int k = 0; k < AT_ONCE; k++) {
		finish(&runs[k]);
		ck_assert_msg(runs[k].status == 0 && was_said(&runs[k], "held 0"), "%s",
			      runs[k].said->str);
		check_outcome(i, probe, &runs[k], durable[k], said[k]);
		g_free(said[k]);
	}
	clear(probe, runs);
	return killed;
}

START_TEST(killed_at_every_step_it_is_done_once)
{
	TestServer *server = server_for(_i);
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	Probe *probe = server_probe(server, server->user);
	unsigned killed = 0, more;

	do {
		more = kill_round(_i, url, probe, (int)killed + 1);
		killed += more;
	} while (more == AT_ONCE);
	printf("%s: killed at %u steps\n", cases[_i].name, killed);
	ck_assert_uint_ge(killed, 8);
	probe_close(probe);
	server_stop(server);
}
END_TEST

static bool cut_round(int i, const char *url, Probe *probe, int first, int stride)
{
	Run runs[AT_ONCE] = {0};
	bool all = true;

	for (int k = 0; k < AT_ONCE; k++) {
		runs[k].at = first + k * stride;
		fill(probe, &runs[k], (unsigned)runs[k].at);
	}
	for (int k = 0; k < AT_ONCE; k++)
		start(&runs[k], url, cases[i].action, 0, runs[k].at);
	for (int k = 0; k < AT_ONCE; k++) {
		finish(&runs[k]);
		ck_assert_msg(runs[k].status == 0 && was_said(&runs[k], "held 0"), "%s",
			      runs[k].said->str);
		all = all && was_said(&runs[k], "cut 1");
		check_outcome(i, probe, &runs[k], true, runs[k].said->str);
	}
	clear(probe, runs);
	return all;
}

static bool every_byte(void)
{
	return g_strcmp0(g_getenv("SHEAF_EVERY_BYTE"), "1") == 0;
}

START_TEST(cut_at_every_byte_it_is_done_once)
{
	TestServer *server = server_for(_i);
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	Probe *probe = server_probe(server, server->user);
	int stride = every_byte() ? 1 : 41, first = 1;

	while (cut_round(_i, url, probe, first, stride))
		first += AT_ONCE * stride;
	printf("%s: cut at %d bytes\n", cases[_i].name, first / stride);
	probe_close(probe);
	server_stop(server);
}
END_TEST

static Suite *crash_suite(void)
{
	Suite *suite = suite_create("journal_crash");
	TCase *kills = tcase_create("killed"), *cuts = tcase_create("cut");
	int n = G_N_ELEMENTS(cases);

	setvbuf(stdout, NULL, _IONBF, 0);
	tcase_set_timeout(kills, 300);
	tcase_set_timeout(cuts, every_byte() ? 1800 : 300);
	suite_add_tcase(suite, kills);
	suite_add_tcase(suite, cuts);
	tcase_add_loop_test(kills, killed_at_every_step_it_is_done_once, 0, n);
	while (!every_byte() && cases[n - 1].kind != SERVER_DOVECOT)
		n--;
	tcase_add_loop_test(cuts, cut_at_every_byte_it_is_done_once, 0, n);
	return suite;
}

int main(int argc, char **argv)
{
	if (argc == 8 && g_str_equal(argv[1], "--child"))
		return child_main(argv + 2);
	return run_suite(crash_suite());
}
