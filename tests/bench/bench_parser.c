/* How fast FETCH lines of four kinds go through framer and parser, and through a whole session to
 * its listener: in reads of 16 KiB, each time the best of several.  What comes out is summed up and
 * compared with what was generated; allocations are counted.  Beside it the floor: a copy of each
 * line by memchr and memcpy.  Not part of make check. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "core/base/arena.h"
#include "core/command/imap.h"
#include "core/session/session.h"
#include "core/wire/framer.h"
#include "core/wire/parser.h"

#define READ_SIZE ((size_t)16 * 1024)
#define PORTION   ((size_t)512 * 1024)

/* What all messages add up to. */
typedef struct {
	uint64_t n, uids, seen, flagged, keywords, bytes;
} Sums;

typedef void (*Generate)(GString *out, uint32_t seq, uint32_t uid, Sums *sums);
typedef void (*Consume)(const FetchData *fetch, Sums *sums);

static void generate_flags(GString *out, uint32_t seq, uint32_t uid, Sums *sums)
{
	bool seen = seq % 3 != 0;

	g_string_append_printf(out, "* %u FETCH (FLAGS (%s) UID %u)\r\n", seq, seen ? "\\Seen" : "",
			       uid);
	sums->seen += seen;
}

static void generate_keywords(GString *out, uint32_t seq, uint32_t uid, Sums *sums)
{
	bool flagged = uid % 5 == 0;

	g_string_append_printf(out,
			       "* %u FETCH (UID %u FLAGS (\\Seen \\Answered%s $Forwarded) MODSEQ "
			       "(%u) INTERNALDATE \"12-Mar-2024 10:11:%02u +0100\" RFC822.SIZE "
			       "%u)\r\n",
			       seq, uid, flagged ? " \\Flagged" : "", uid + 7, uid % 60,
			       uid % 9999);
	sums->seen++;
	sums->flagged += flagged;
	sums->keywords++;
	sums->bytes += uid % 9999;
}

static void generate_envelope(GString *out, uint32_t seq, uint32_t uid, Sums *sums)
{
	g_autofree char *subject = g_strdup_printf("Re: the %u-th \\\"word\\\" on the matter", uid);

	g_string_append_printf(
		out,
		"* %u FETCH (UID %u ENVELOPE (\"Tue, 12 Mar 2024 10:11:12 +0100\" \"%s\" "
		"((\"Jane Roe\" NIL \"jane\" \"example.org\")) ((\"Jane Roe\" NIL \"jane\" "
		"\"example.org\")) ((\"Jane Roe\" NIL \"jane\" \"example.org\")) ((NIL NIL "
		"\"list\" \"example.com\")(\"John Doe\" NIL \"john\" \"example.net\")) NIL NIL "
		"\"<%u.parent@example.com>\" \"<%u@example.org>\"))\r\n",
		seq, uid, subject, uid, uid);
	sums->bytes += strlen(subject) - 2 + 5;
}

static void generate_structure(GString *out, uint32_t seq, uint32_t uid, Sums *sums)
{
	g_string_append_printf(
		out,
		"* %u FETCH (UID %u BODYSTRUCTURE (((\"text\" \"plain\" (\"charset\" \"utf-8\" "
		"\"format\" \"flowed\") NIL NIL \"quoted-printable\" 1234 40 NIL NIL NIL NIL)"
		"(\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \"base64\" 4321 60 NIL NIL NIL "
		"NIL) \"alternative\" (\"boundary\" \"b1\") NIL NIL NIL)(\"application\" \"pdf\" "
		"(\"name\" \"a.pdf\") NIL NIL \"base64\" %u NIL (\"attachment\" (\"filename\" "
		"\"a.pdf\")) NIL NIL) \"mixed\" (\"boundary\" \"b0\") NIL NIL NIL))\r\n",
		seq, uid, uid % 9999);
	sums->bytes += uid % 9999;
}

static void consume_flags(const FetchData *fetch, Sums *sums)
{
	sums->seen += (fetch->flags.system & FLAG_SEEN) != 0;
	sums->flagged += (fetch->flags.system & FLAG_FLAGGED) != 0;
	for (const char *const *word = fetch->flags.keywords; word != NULL && *word != NULL; word++)
		sums->keywords++;
	sums->bytes += fetch->size;
}

static void consume_envelope(const FetchData *fetch, Sums *sums)
{
	sums->bytes += strlen(fetch->envelope->subject) + fetch->envelope->from.n +
		       fetch->envelope->sender.n + fetch->envelope->reply_to.n +
		       fetch->envelope->to.n;
}

static void consume_structure(const FetchData *fetch, Sums *sums)
{
	sums->bytes += ((const MimePart *)fetch->structure->parts->pdata[1])->size;
}

typedef struct {
	const char *name;
	Generate generate;
	Consume consume;
} Kind;

static const Kind kinds[] = {
	{"FLAGS UID", generate_flags, consume_flags},
	{"FLAGS MODSEQ INTERNALDATE SIZE", generate_keywords, consume_flags},
	{"ENVELOPE", generate_envelope, consume_envelope},
	{"BODYSTRUCTURE", generate_structure, consume_structure},
};

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

/* Every allocation of this program, GLib's included, counts; glibc's own stand behind. */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static uint64_t allocations;

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	allocations++;
	return __libc_realloc(memory, size);
}

/* What came of one way of reading. */
typedef struct {
	Sums sums;
	int64_t spent; /* nanoseconds */
	uint64_t allocations;
} Result;

/* Nanoseconds of this thread's own, so that a busy machine changes little. */
static int64_t processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Only what stands between is measured. */
static void begin(Result *result)
{
	result->allocations -= allocations;
	result->spent -= processor_time();
}

static void end(Result *result)
{
	result->spent += processor_time();
	result->allocations += allocations;
}

/* Framer and parser alone. */

typedef struct {
	const Kind *kind;
	Framer *framer;
	Arena *arena;
	Result result;
} Parsing;

static void take_frames(Parsing *p)
{
	Frame frame;
	Response response;
	int got;

	while ((got = framer_next(p->framer, &frame, NULL)) == 1) {
		if (!parser_read(p->arena, &frame, &response, NULL) ||
		    response.kind != RESPONSE_FETCH)
			fail("A response could not be read.");
		p->result.sums.n++;
		p->result.sums.uids += response.fetch.uid;
		p->kind->consume(&response.fetch, &p->result.sums);
		arena_reset(p->arena);
	}
	if (got < 0)
		fail("The stream is broken.");
}

static void parse(Parsing *p, const GString *stream)
{
	begin(&p->result);
	for (size_t at = 0; at < stream->len; at += READ_SIZE) {
		framer_push(p->framer, stream->str + at, MIN(READ_SIZE, stream->len - at));
		take_frames(p);
	}
	end(&p->result);
}

/* A session over a socketpair, whose transport reads 16 KiB at a time. */

typedef struct {
	const Kind *kind;
	ImapSession *session;
	int fd;
	uint64_t owned; /* responses that the command was given */
	Result result;
} Serving;

static void on_response(ImapSession *s, const Response *r, void *self)
{
	Serving *serving = self;

	(void)s;
	if (r->kind != RESPONSE_FETCH)
		return;
	serving->result.sums.n++;
	serving->result.sums.uids += r->fetch.uid;
	serving->kind->consume(&r->fetch, &serving->result.sums);
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	(void)s;
	(void)self;
	fail(error->message);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

static void on_data(const Response *r, void *data)
{
	Serving *serving = data;

	serving->owned += r->kind == RESPONSE_FETCH;
}

static void turn(void)
{
	while (g_main_context_iteration(NULL, FALSE)) {}
}

static void say(const Serving *serving, const char *text)
{
	if (send(serving->fd, text, strlen(text), 0) != (ssize_t)strlen(text))
		fail("The socket does not take it.");
	turn();
}

static void serve(Serving *serving)
{
	static const Endpoint to = {.kind = ENDPOINT_EXEC, .label = (char *)"bench"};
	static const SessionConfig config = {.endpoint = &to};
	g_autoptr(UidSet) all = uidset_new_range(1, 4294967295);
	int ends[2], size = 4 << 20;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		fail("No socket pair.");
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	serving->fd = ends[1];
	serving->session = session_open_fd(ends[0], true, &config, &events, serving);
	say(serving, "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n");
	imap_select(serving->session, NULL, "INBOX", false, NULL, NULL, NULL);
	imap_uid_fetch(serving->session, NULL, all,
		       "(UID FLAGS MODSEQ INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
		       on_data, NULL, serving);
	turn();
	say(serving, "* 1 EXISTS\r\nA1 OK [READ-WRITE] done\r\n");
}

/* Writing is not measured; reading from the socket is. */
static void converse(Serving *serving, const GString *stream)
{
	for (size_t at = 0; at < stream->len;) {
		ssize_t n = send(serving->fd, stream->str + at, stream->len - at, MSG_DONTWAIT);
		if (n <= 0)
			fail("The socket does not take it.");
		at += (size_t)n;
		begin(&serving->result);
		turn();
		end(&serving->result);
	}
}

/* The floor. */

static char *volatile copied;

static void copy_lines(Result *result, const GString *stream)
{
	static char line[PORTION];
	const char *at = stream->str, *stop = at + stream->len, *lf;

	copied = line;
	begin(result);
	for (; (lf = memchr(at, '\n', (size_t)(stop - at))) != NULL; at = lf + 1) {
		memcpy(copied, at, (size_t)(lf - at));
		result->sums.n++;
	}
	end(result);
}

static void generate(const Kind *kind, GString *stream, Sums *want)
{
	g_string_truncate(stream, 0);
	while (stream->len < PORTION) {
		uint32_t seq = (uint32_t)++want->n, uid = seq * 3 + 100000;
		kind->generate(stream, seq, uid, want);
		want->uids += uid;
	}
}

static void compare(const Sums *want, const Sums *got)
{
	if (memcmp(want, got, sizeof(*want)) != 0)
		fail("What was read differs from what was generated.");
}

typedef struct {
	Result copy, parse, session;
	size_t bytes;
} Round;

/* In portions that fit a cache as what comes from a socket does. */
static Round run(const Kind *kind, size_t total)
{
	g_autoptr(GString) stream = g_string_sized_new(2 * PORTION);
	Parsing parsing = {.kind = kind, .framer = framer_new(NULL), .arena = arena_new()};
	Serving serving = {.kind = kind};
	Round round = {0};
	Sums want = {0};

	serve(&serving);
	for (; round.bytes < total; round.bytes += stream->len) {
		generate(kind, stream, &want);
		copy_lines(&round.copy, stream);
		parse(&parsing, stream);
		converse(&serving, stream);
	}
	compare(&want, &parsing.result.sums);
	compare(&want, &serving.result.sums);
	if (want.n != round.copy.sums.n || want.n != serving.owned)
		fail("Responses are missing.");
	round.parse = parsing.result;
	round.session = serving.result;
	session_free(serving.session);
	close(serving.fd);
	framer_free(parsing.framer);
	arena_free(parsing.arena);
	return round;
}

static void keep_best(Result *best, const Result *result)
{
	if (best->spent == 0 || result->spent < best->spent)
		*best = *result;
}

static double speed(const Round *best, const Result *result)
{
	return (double)best->bytes * 1e3 / (double)result->spent;
}

static void report(const Kind *kind, const Round *best)
{
	printf("%-32s %8.1f %8.1f %8.1f %6.0f %6.2f\n", kind->name, speed(best, &best->copy),
	       speed(best, &best->parse), speed(best, &best->session),
	       (double)best->session.spent / (double)best->session.sums.n,
	       (double)best->session.allocations / (double)best->session.sums.n);
}

/* For other programs to read the same. */
static void write_file(const Kind *kind, size_t total, const char *path)
{
	g_autoptr(GString) stream = g_string_new(NULL);
	FILE *file = fopen(path, "w");
	Sums want = {0};
	size_t written = 0;

	if (file == NULL)
		fail("The file cannot be written.");
	for (; written < total; written += stream->len) {
		generate(kind, stream, &want);
		fwrite(stream->str, stream->len, 1, file);
	}
	fclose(file);
	printf("%" G_GUINT64_FORMAT " responses, UIDs %" G_GUINT64_FORMAT
	       ", seen %" G_GUINT64_FORMAT "\n",
	       want.n, want.uids, want.seen);
}

/* bench_parser [MIB [ROUNDS]]: that much of each kind (20 where not given), the best of so many
 * rounds (5).  bench_parser MIB KIND FILE writes the n-th kind to the file. */
int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? (size_t)atoi(argv[1]) : 20;
	int number = argc > 2 ? atoi(argv[2]) : 5;

	if (argc > 3) {
		write_file(&kinds[(number - 1) % (int)G_N_ELEMENTS(kinds)], mib << 20, argv[3]);
		return 0;
	}
	printf("%-32s %8s %8s %8s %6s %6s\n", "MB/s, best of the rounds", "copy", "parse",
	       "session", "ns", "allocs");
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		Round best = {0};
		for (int n = 0; n < number; n++) {
			Round round = run(&kinds[i], mib << 20);
			best.bytes = round.bytes;
			keep_best(&best.copy, &round.copy);
			keep_best(&best.parse, &round.parse);
			keep_best(&best.session, &round.session);
		}
		report(&kinds[i], &best);
	}
	return 0;
}
