/* How fast responses go through framer and parser: FETCH lines of three kinds in reads of 16 KiB.
 * What comes out is summed up and compared with what was generated. Not part of make check. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base/arena.h"
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
	bool seen = uid % 3 != 0;

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

static void take_frames(Framer *framer, Arena *arena, const Kind *kind, Sums *sums)
{
	Frame frame;
	Response response;
	int got;

	while ((got = framer_next(framer, &frame, NULL)) == 1) {
		if (!parser_read(arena, &frame, &response, NULL) || response.kind != RESPONSE_FETCH)
			fail("A response could not be read.");
		sums->n++;
		sums->uids += response.fetch.uid;
		kind->consume(&response.fetch, sums);
		arena_reset(arena);
	}
	if (got < 0)
		fail("The stream is broken.");
}

/* Nanoseconds of this thread's own, so that a busy machine changes little. */
static int64_t processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Only reading is timed, in portions that fit a cache as what comes from a socket does. */
static void run(const Kind *kind, size_t total)
{
	g_autoptr(GString) stream = g_string_sized_new(2 * PORTION);
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autoptr(Arena) arena = arena_new();
	Sums want = {0}, got = {0};
	int64_t spent = 0;
	size_t done = 0;

	for (; done < total; done += stream->len) {
		g_string_truncate(stream, 0);
		while (stream->len < PORTION) {
			uint32_t seq = (uint32_t)++want.n, uid = seq * 3 + 100000;
			kind->generate(stream, seq, uid, &want);
			want.uids += uid;
		}
		int64_t before = processor_time();
		for (size_t at = 0; at < stream->len; at += READ_SIZE) {
			framer_push(framer, stream->str + at, MIN(READ_SIZE, stream->len - at));
			take_frames(framer, arena, kind, &got);
		}
		spent += processor_time() - before;
	}
	if (memcmp(&want, &got, sizeof(want)) != 0)
		fail("What was read differs from what was generated.");
	printf("%-32s %8.1f MB/s %9" G_GUINT64_FORMAT " responses %6.0f ns each\n", kind->name,
	       (double)done * 1e3 / (double)spent, got.n, (double)spent / (double)got.n);
}

/* bench_parser [MIB [KIND]]: that much of each kind (100 where not given), or of the n-th alone. */
int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? (size_t)atoi(argv[1]) : 100;

	size_t only = argc > 2 ? (size_t)atoi(argv[2]) : 0;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (only == 0 || only == i + 1)
			run(&kinds[i], mib << 20);
	}
	return 0;
}
