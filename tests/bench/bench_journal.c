/* What the journal costs: how long a key waits for the row (it must not wait for the disk), and how
 * long the command waits for the disk (one fsync), beside an fsync of a file there.
 * bench_journal [DIRECTORY [ROUNDS]].  Not part of make check. */
#define _GNU_SOURCE
#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/account/journal.h"

enum { MESSAGES = 100 };
#define CAPABILITIES "CAPABILITY IMAP4rev1 UIDPLUS MOVE"

static Endpoint endpoint = {.kind = ENDPOINT_PLAIN, .host = "127.0.0.1", .label = "bench"};
static Pool *pool;
static Journal *journal;
static Mailbox *mailbox;
static gint64 arrived; /* of the STORE; written by the server's thread */

/* --- the server: a thread that says yes --- */

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		exit(EXIT_FAILURE);
}

static void answer(int fd, const char *line)
{
	const char *verb = strchr(line, ' ') + 1;
	g_autofree char *tag = g_strndup(line, (size_t)(verb - line - 1));
	g_autofree char *done =
		g_strdup_printf("%s OK %sdone\r\n", tag,
				g_str_has_prefix(verb, "LOGIN") ? "[" CAPABILITIES "] " : "");

	if (g_str_has_prefix(verb, "UID STORE"))
		__atomic_store_n(&arrived, g_get_monotonic_time(), __ATOMIC_SEQ_CST);
	if (g_str_has_prefix(verb, "SELECT"))
		say(fd, "* " G_STRINGIFY(100) " EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n");
	for (int k = 1; strstr(verb, "FETCH") && k <= MESSAGES; k++) {
		g_autofree char *row = g_strdup_printf("* %d FETCH (UID %d FLAGS ())\r\n", k, k);
		say(fd, row);
	}
	say(fd, done);
}

static void *serve(void *data)
{
	int fd = accept(GPOINTER_TO_INT(data), NULL, NULL);
	FILE *in = fdopen(fd, "r");
	char line[8192];

	say(fd, "* OK [" CAPABILITIES "] hello\r\n");
	while (in && fgets(line, sizeof(line), in))
		answer(fd, line);
	return NULL;
}

/* --- the client --- */

static void on_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	(void)p;
	(void)selection;
	(void)error;
	(void)self;
	journal_resume(journal);
}

static const PoolEvents pool_events = {.selected = on_selected};

static void on_outcome(Journal *j, const char *text, const char *target, const GError *error,
		       void *data)
{
	(void)j;
	(void)target;
	(void)data;
	if (error)
		fprintf(stderr, "%s\n", text);
}

static Mailbox *on_mailbox(Journal *j, const char *wire_name, void *data)
{
	(void)j;
	(void)wire_name;
	(void)data;
	return mailbox;
}

static const JournalEvents journal_events = {.outcome = on_outcome, .mailbox = on_mailbox};

static void open_client(Worker *worker, const char *directory)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	SessionConfig config = {.endpoint = &endpoint, .user = "me", .password = "secret"};

	if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&at, &size))
		exit(EXIT_FAILURE);
	endpoint.port = ntohs(at.sin_port);
	g_thread_unref(g_thread_new("server", serve, GINT_TO_POINTER(listener)));
	mailbox = mailbox_new("INBOX");
	pool = pool_new(&config, 1, &pool_events, NULL);
	journal = journal_new(pool, worker, directory, &journal_events, NULL);
	journal_set_account(journal, "bench");
	pool_select(pool, mailbox, false);
	pool_open(pool);
	while (mailbox_known(mailbox) < MESSAGES || mailbox_is_loading(mailbox))
		g_main_context_iteration(NULL, TRUE);
}

/* --- figures --- */

static int by_size(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : 1;
}

static void report(const char *what, double *ms, int n)
{
	qsort(ms, (size_t)n, sizeof(*ms), by_size);
	printf("%-44s median %8.3f  p95 %8.3f  max %8.3f ms\n", what, ms[n / 2], ms[n * 95 / 100],
	       ms[n - 1]);
}

static double since(gint64 begin)
{
	return (g_get_monotonic_time() - begin) / 1000.0;
}

static void measure_fsync(const char *directory, int n)
{
	g_autofree char *path = g_build_filename(directory, "fsync", NULL);
	g_autofree double *ms = g_new(double, n);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	static const char page[4096];

	for (int k = 0; k < n; k++) {
		gint64 begin = g_get_monotonic_time();
		if (write(fd, page, sizeof(page)) < 0 || fsync(fd) != 0)
			exit(EXIT_FAILURE);
		ms[k] = since(begin);
	}
	close(fd);
	unlink(path);
	report("4 KiB appended and fsynced", ms, n);
}

int main(int argc, char **argv)
{
	g_autofree char *directory =
		g_build_filename(argc > 1 ? argv[1] : g_get_tmp_dir(), "bench-journal", NULL);
	int n = argc > 2 ? atoi(argv[2]) : 500;
	g_autofree double *shown = g_new(double, n), *sent = g_new(double, n);
	Worker *worker = worker_new("journal");

	open_client(worker, directory);
	for (int k = 0; k < n; k++) {
		g_autoptr(UidSet) one =
			uidset_new_range(1 + (uint32_t)k % MESSAGES, 1 + (uint32_t)k % MESSAGES);
		gint64 begin = g_get_monotonic_time();
		arrived = 0;
		journal_store(journal, mailbox, one, STORE_ADD, FLAG_SEEN, "Marked.");
		shown[k] = since(begin);
		while (journal_pending(journal) > 0)
			g_main_context_iteration(NULL, TRUE);
		sent[k] = (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) - begin) / 1000.0;
	}
	report("key to the row in the overlay", shown, n);
	report("key to STORE at the server", sent, n);
	measure_fsync(directory, n);
	journal_free(journal);
	worker_free(worker, 10000);
	pool_free(pool);
	mailbox_free(mailbox);
	return EXIT_SUCCESS;
}
