/* What no conversation can say of group L, changes: what is on the disk when a command leaves, how
 * long its lines are, what a disk does that fails. */
#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/account/journal.h"
#include "tests/fault_vfs.h"
#include "tests/place.h"
#include "tests/run.h"
#include "tests/threats/threats.h"

/* --- a server that says yes, and notes what it heard and when --- */

typedef struct {
	int listener, fd;
	GString *in;
	GPtrArray *changes;  /* the lines that change something */
	unsigned messages;   /* with the UIDs 2, 4, 6, … */
	unsigned refuse;     /* the n-th change is answered with NO */
	int syncs_at_change; /* when the first came */
	Endpoint endpoint;
	Pool *pool;
	Worker *worker;
	Journal *journal;
	Mailbox *mailbox;
	char *directory;
	GString *outcomes;
} World;

static atomic_int syncs, fault_code;
static atomic_bool slow;

static int on_call(FaultCall call, const char *path, void *data)
{
	(void)path;
	(void)data;
	if (call == FAULT_SYNC && slow)
		g_usleep(100000);
	if (call == FAULT_SYNC)
		syncs++;
	return call == FAULT_LOCK ? 0 : fault_code;
}

static void say(World *w, const char *text)
{
	ck_assert_int_eq(send(w->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void say_rows(World *w)
{
	GString *text = g_string_new(NULL);

	for (unsigned k = 1; k <= w->messages; k++)
		g_string_append_printf(text, "* %u FETCH (UID %u FLAGS ())\r\n", k, k * 2);
	for (size_t at = 0; at < text->len;) {
		ssize_t n = send(w->fd, text->str + at, text->len - at, MSG_NOSIGNAL);
		if (n > 0)
			at += (size_t)n;
		else
			g_main_context_iteration(NULL, FALSE);
	}
	g_string_free(text, TRUE);
}

static void hear(World *w, char *line)
{
	char *verb = strchr(line, ' ') + 1;
	g_autofree char *tag = g_strndup(line, (size_t)(verb - line - 1));
	g_autofree char *answer = g_strdup_printf("%s OK done\r\n", tag);

	if (g_str_has_prefix(verb, "LOGIN")) {
		g_free(answer);
		answer = g_strdup_printf("%s OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE] in\r\n", tag);
	} else if (g_str_has_prefix(verb, "SELECT")) {
		g_autofree char *text = g_strdup_printf(
			"* %u EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n", w->messages);
		say(w, text);
	} else if (g_str_has_prefix(verb, "FETCH") || g_str_has_prefix(verb, "UID FETCH")) {
		say_rows(w);
	} else if (g_str_has_prefix(verb, "UID STORE") || g_str_has_prefix(verb, "UID MOVE")) {
		if (w->changes->len == 0)
			w->syncs_at_change = syncs;
		g_ptr_array_add(w->changes, g_strdup(line));
		if (w->changes->len == w->refuse) {
			g_free(answer);
			answer = g_strdup_printf("%s NO not this one\r\n", tag);
		}
	}
	say(w, answer);
}

static void serve(World *w)
{
	char buf[4096];
	ssize_t n;

	if (w->fd < 0 && (w->fd = accept(w->listener, NULL, NULL)) >= 0) {
		fcntl(w->fd, F_SETFL, O_NONBLOCK);
		say(w, "* OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hello\r\n");
	}
	while (w->fd >= 0 && (n = recv(w->fd, buf, sizeof(buf), 0)) > 0)
		g_string_append_len(w->in, buf, n);
	for (char *end; (end = strstr(w->in->str, "\r\n")) != NULL;) {
		g_autofree char *line = g_strndup(w->in->str, (size_t)(end - w->in->str));
		g_string_erase(w->in, 0, (gssize)strlen(line) + 2);
		hear(w, line);
	}
}

/* --- the client --- */

static void on_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	(void)p;
	(void)selection;
	if (!error)
		journal_resume(((World *)self)->journal);
}

static const PoolEvents pool_events = {.selected = on_selected};

static void on_outcome(Journal *j, const char *text, const char *target, const GError *error,
		       void *data)
{
	(void)j;
	(void)target;
	g_string_append_printf(((World *)data)->outcomes, "%s%s\n", error ? "! " : "",
			       text ? text : "-");
}

static Mailbox *on_mailbox(Journal *j, const char *wire_name, void *data)
{
	(void)j;
	(void)wire_name;
	return ((World *)data)->mailbox;
}

static const JournalEvents journal_events = {.outcome = on_outcome, .mailbox = on_mailbox};

static void turn(World *w)
{
	serve(w);
	g_main_context_iteration(NULL, FALSE);
	g_usleep(200);
}

#define until(w, condition)                                                                        \
	do {                                                                                       \
		while (!(condition))                                                               \
			turn(w);                                                                   \
	} while (0)

static void start_client(World *w)
{
	SessionConfig config = {.endpoint = &w->endpoint, .user = "alice", .password = "secret"};

	w->mailbox = mailbox_new("INBOX");
	w->pool = pool_new(&config, 1, &pool_events, w);
	w->worker = worker_new("journal");
	w->journal = journal_new(w->pool, w->worker, w->directory, &journal_events, w);
	journal_set_account(w->journal, "alice@test");
	pool_select(w->pool, w->mailbox, false);
	pool_open(w->pool);
}

static void stop_client(World *w, unsigned patience_ms)
{
	journal_free(w->journal);
	ck_assert(worker_free(w->worker, patience_ms));
	pool_free(w->pool);
	mailbox_free(w->mailbox);
}

static World *open_world(unsigned messages)
{
	World *w = g_new0(World, 1);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);

	fault_vfs_install(on_call, NULL);
	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(w->listener, (struct sockaddr *)&at, size), 0);
	ck_assert_int_eq(listen(w->listener, 4), 0);
	getsockname(w->listener, (struct sockaddr *)&at, &size);
	w->endpoint = (Endpoint){.kind = ENDPOINT_PLAIN,
				 .host = "127.0.0.1",
				 .port = ntohs(at.sin_port),
				 .label = "test"};
	w->fd = -1;
	w->in = g_string_new(NULL);
	w->outcomes = g_string_new(NULL);
	w->changes = g_ptr_array_new_with_free_func(g_free);
	w->messages = messages;
	w->directory = place_temporary();
	start_client(w);
	until(w, mailbox_known(w->mailbox) == messages && !mailbox_is_loading(w->mailbox));
	return w;
}

static void close_world(World *w)
{
	stop_client(w, 10000);
	close(w->listener);
	close(w->fd);
	g_string_free(w->in, TRUE);
	g_string_free(w->outcomes, TRUE);
	g_ptr_array_unref(w->changes);
	place_remove(w->directory);
	g_free(w->directory);
	g_free(w);
}

static void mark(World *w, const UidSet *uids)
{
	journal_store(w->journal, w->mailbox, uids, STORE_ADD, FLAG_FLAGGED, "Marked.");
}

/* T167, T177: shown in this turn, though the disk takes its time; sent only when it has it. */
START_TEST(test_synced_before_sent)
{
	World *w = open_world(3);
	g_autoptr(UidSet) one = uidset_new_range(2, 2);

	slow = true;
	int before = syncs;
	mark(w, one);
	bool pending;
	ck_assert((mailbox_flags(w->mailbox, 2, &pending) & FLAG_FLAGGED) && pending);
	ck_assert_int_eq(syncs, before);
	ck_assert_uint_eq(journal_unsaved(w->journal), 1);
	until(w, w->changes->len == 1);
	ck_assert_int_gt(w->syncs_at_change, before);
	until(w, journal_pending(w->journal) == 0);
	close_world(w);
}
END_TEST

/* The UIDs of a set of numbers with commas and colons; the test's own reading. */
static void read_set(const char *text, bool *seen, unsigned max)
{
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);

	for (size_t i = 0; parts[i]; i++) {
		unsigned first = (unsigned)atoi(parts[i]);
		const char *colon = strchr(parts[i], ':');
		unsigned last = colon ? (unsigned)atoi(colon + 1) : first;
		for (unsigned uid = first; uid <= last; uid++) {
			ck_assert_uint_le(uid, max);
			ck_assert(!seen[uid]);
			seen[uid] = true;
		}
	}
}

/* T172: ten thousand messages that are no neighbours; the third command of them is refused. */
START_TEST(test_half_of_a_set)
{
	enum { N = 10000 };
	World *w = open_world(N);
	g_autoptr(UidSet) all = uidset_new();
	g_autofree bool *seen = g_new0(bool, 2 * N + 1);
	unsigned marked = 0;

	w->refuse = 3;
	for (unsigned k = 1; k <= N; k++)
		uidset_add(all, 2 * k);
	mark(w, all);
	until(w, journal_pending(w->journal) == 0);
	ck_assert_uint_gt(w->changes->len, 3);
	for (unsigned k = 0; k < w->changes->len; k++) {
		const char *line = w->changes->pdata[k];
		ck_assert_uint_le(strlen(line) + 2, 8000);
		g_auto(GStrv) words = g_strsplit(line, " ", -1);
		ck_assert_str_eq(words[2], "STORE");
		read_set(words[3], seen, 2 * N);
	}
	for (unsigned uid = 1; uid <= 2 * N; uid++)
		marked += seen[uid];
	ck_assert_uint_eq(marked, N);
	ck_assert_msg(strstr(w->outcomes->str, "! Not all messages could be marked: ") != NULL,
		      "%s", w->outcomes->str);
	/* What shows is what the server told: it told of none. */
	bool pending;
	ck_assert(!(mailbox_flags(w->mailbox, 2, &pending) & FLAG_FLAGGED) && !pending);
	close_world(w);
}
END_TEST

/* T173: the server is gone and a change waits for it: no reason to stay, nor to forget it. */
START_TEST(test_quit_offline)
{
	World *w = open_world(3);
	g_autoptr(UidSet) one = uidset_new_range(2, 2);
	int64_t begin;

	close(w->listener);
	close(w->fd);
	w->listener = w->fd = -1;
	mark(w, one);
	begin = g_get_monotonic_time();
	stop_client(w, 700);
	ck_assert_int_lt(g_get_monotonic_time() - begin, G_USEC_PER_SEC);
	start_client(w);
	until(w, journal_pending(w->journal) == 1);
	ck_assert_uint_eq(w->changes->len, 0);
	close_world(w);
}
END_TEST

static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_READONLY};

/* T178: the person is told, once, and the change is made all the same; when the disk is well again,
 * so is the journal. */
START_TEST(test_disk_that_fails)
{
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
		World *w = open_world(3);
		g_autoptr(UidSet) one = uidset_new_range(2, 2), two = uidset_new_range(4, 4);
		fault_code = codes[i];
		mark(w, one);
		mark(w, two);
		until(w, journal_pending(w->journal) == 0);
		ck_assert_uint_eq(w->changes->len, 2);
		ck_assert_msg(strstr(w->outcomes->str, "! The change could not be written down ("),
			      "%s", w->outcomes->str);
		ck_assert_ptr_eq(strstr(w->outcomes->str, "written down"),
				 g_strrstr(w->outcomes->str, "written down"));
		fault_code = 0;
		int before = syncs;
		mark(w, one);
		until(w, journal_pending(w->journal) == 0);
		ck_assert_int_gt(syncs, before);
		close_world(w);
	}
}
END_TEST

const Threat threats_changes[] = {
	{"T167 disk", &test_synced_before_sent}, {"T177", &test_synced_before_sent},
	{"T172", &test_half_of_a_set},           {"T173", &test_quit_offline},
	{"T178", &test_disk_that_fails},         {NULL, NULL},
};
