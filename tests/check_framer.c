#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/base/error.h"
#include "tests/cpu_time.h"
#include "tests/run.h"
#include "tests/wire_dump.h"

#define TRANSCRIPT                                                                                 \
	"* OK [CAPABILITY IMAP4rev1] ready {3}\r\n"                                                \
	"+ go {3}\r\n"                                                                             \
	"* 1 FETCH (BODY[] {5}\r\nab\r\nc UID 3)\r\n"                                              \
	"* 2 FETCH (BINARY[2] ~{4}\r\n\0)\r\n BODY[1] {0}\r\n)\r\n"                                \
	"* LIST () \"/\" {3+}\r\na{1\r\n"                                                          \
	"* LIST () NIL foo}\n"                                                                     \
	"* no {1}\n"                                                                               \
	"\r\n"                                                                                     \
	"* SEARCH 1 2 \r\n"                                                                        \
	"a1 NO quota is {10}\r\n"                                                                  \
	"* 3 FETCH (ENVELOPE ({1}\r\n\"{1}\n}))\r\n"                                               \
	"* X \"{5\" }\r\n"                                                                         \
	"a2 BAD\r\n"

#define FRAMES                                                                                     \
	"* OK [CAPABILITY IMAP4rev1] ready {3}\n"                                                  \
	"+ go {3}\n"                                                                               \
	"* 1 FETCH (BODY[] {5} UID 3) 21:<ab\\x0d\\x0ac>\n"                                        \
	"* 2 FETCH (BINARY[2] ~{4} BODY[1] {0}) 25:<\\x00)\\x0d\\x0a> 37:<>\n"                     \
	"* LIST () \"/\" {3+} 18:<a{1>\n"                                                          \
	"* LIST () NIL foo}\n"                                                                     \
	"* no {1}\n"                                                                               \
	"\n"                                                                                       \
	"* SEARCH 1 2 \n"                                                                          \
	"a1 NO quota is {10}\n"                                                                    \
	"* 3 FETCH (ENVELOPE ({1}{1})) 24:<\"> 27:<}>\n"                                           \
	"* X \"{5\" }\n"                                                                           \
	"a2 BAD\n"

static const char transcript[] = TRANSCRIPT;
static const size_t transcript_len = sizeof(transcript) - 1;

static void check_cuts(const size_t *cuts, size_t n)
{
	g_autofree char *got = wire_dump_frames(NULL, transcript, transcript_len, cuts, n);

	ck_assert_str_eq(got, FRAMES);
}

START_TEST(test_whole)
{
	check_cuts(NULL, 0);
}
END_TEST

START_TEST(test_every_pair_of_split_points)
{
	for (size_t first = 0; first <= transcript_len; first++) {
		for (size_t second = first; second <= transcript_len; second++)
			check_cuts((size_t[]){first, second}, 2);
	}
}
END_TEST

START_TEST(test_byte_by_byte)
{
	g_autofree size_t *cuts = g_new(size_t, transcript_len);

	for (size_t i = 0; i < transcript_len; i++)
		cuts[i] = i;
	check_cuts(cuts, transcript_len);
}
END_TEST

/* Many responses before the first is taken, and more before the rest are. */
START_TEST(test_backlog)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;
	unsigned taken = 0, pushed = 0;

	for (unsigned round = 0; round < 3000; round++) {
		g_autofree char *line = g_strdup_printf("* %u EXISTS\r\n", ++pushed);
		framer_push(framer, line, strlen(line));
		if (round % 3 == 0)
			continue;
		g_autofree char *want = g_strdup_printf("* %u EXISTS", ++taken);
		ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
		ck_assert_str_eq(frame.text, want);
	}
	while (framer_next(framer, &frame, NULL) == 1)
		taken++;
	ck_assert_uint_eq(taken, pushed);
	ck_assert_uint_eq(framer_buffered(framer), 0);
}
END_TEST

/* All sizes are small, so that a limit is one byte away. */
static const FramerLimits tight = {
	.max_line = 20,
	.max_number_line = 30,
	.max_literal = 10,
	.max_whole = 8,
	.max_response = 42,
	.max_other = 40,
};

static const struct {
	const char *bytes;
	bool broken;
} limited[] = {
	{"* 234567890123456789\r\n", false}, /* 20 */
	{"* 234567890123456789\n", false},
	{"* 2345678901234567890\r\n", true}, /* 21 */
	{"* 2345678901234567890\n", true},
	{"* 2345678901234567890123456789", true},      /* and no end in sight */
	{"* SEARCH 0123456789012345678901\r\n", true}, /* 31 */
	{"* SEARCH 012345678901234567890\r\n", false}, /* 30 */
	{"* sort 01234567890123456789012\r\n", false},
	{"* THREAD 01234567890123456789\r\n", false},
	{"* ESEARCH 01234567890123456789\r\n", false},
	{"* VANISHED 0123456789012345678\r\n", false},
	{"* SEARCHES 01234567890\r\n", true},
	{"a SEARCH 0123456789012\r\n", true},
	{"* 1 FETCH (A {10}\r\n0123456789)\r\n", false},
	{"* 1 FETCH (A {11}\r\n01234567890)\r\n", true},
	{"* 1 FETCH (A {1}\r\n0345)\r\n", false}, /* 16 + 4 outside */
	{"* 1 FETCH (A {1}\r\n03456)\r\n", true},
	{"* X {9}\r\n012345678 {9}\r\n012345678\r\n", false},              /* 9 + 9 + 6 + 9 = 33 */
	{"* X {9}\r\n012345678 {9}\r\n012345678{7}\r\n0123456\r\n", true}, /* 45 */
	{"* X {9}\r\n012345678 {9}\r\n012345678{2}\r\n01\r\n", false},     /* 40 */
	{"* X {9}\r\n012345678 {9}\r\n012345678{3}\r\n012\r\n", true},     /* 41 */
	{"* 1 FETCH {9}\r\n012345678{10}\r\n0123456789\r\n", false},       /* 40 */
	{"* 1 FETCH {10}\r\n0123456789{10}\r\n0123456789\r\n", true},      /* 42 */
	{"* 1 FETCH ] {9}\r\n012345678{10}\r\n0123456789\r\n", false},     /* 42, but 9 in chunks */
	{"* 1 FETCH ] {10}\r\n0123456789{10}\r\n0123456789\r\n", true},    /* 44 */
	{"* 1 FETCH {9}\r\n012345678{9}\r\n012345678{\r\n", false},        /* no literal */
};

static char *feed_bytewise(const FramerLimits *limits, const char *bytes, size_t len)
{
	g_autofree size_t *cuts = g_new(size_t, len + 1);

	for (size_t i = 0; i < len; i++)
		cuts[i] = i;
	return wire_dump_frames(limits, bytes, len, cuts, len);
}

START_TEST(test_limits)
{
	const char *bytes = limited[_i].bytes;
	g_autofree char *whole = wire_dump_frames(&tight, bytes, strlen(bytes), NULL, 0);
	g_autofree char *single = feed_bytewise(&tight, bytes, strlen(bytes));

	ck_assert_msg(g_str_has_prefix(whole, "broken: ") == limited[_i].broken, "%s: %s", bytes,
		      whole);
	ck_assert_str_eq(single, whole);
}
END_TEST

static const char *const refused[] = {
	"{4294967296}",
	"{2147483648}",
	"{18446744073709551616}",
	"{-1}",
	"{}",
	"{1e9}",
	"{ 5}",
	"{+}",
	"{0x10}",
	"{5++}",
	"{00000000000000000005}",
	"~{99999999999}",
	"(\"a\" {5-}",
};

/* T041. */
START_TEST(test_literal_sizes_refused)
{
	g_autofree char *bytes = g_strdup_printf("* 1 FETCH (BODY[] %s\r\nabc", refused[_i]);
	g_autofree char *got = feed_bytewise(NULL, bytes, strlen(bytes));

	ck_assert_msg(g_str_has_prefix(got, "broken: "), "%s: %s", bytes, got);
	ck_assert_ptr_eq(strchr(got, '\n'), got + strlen(got) - 1);
}
END_TEST

#define LONG_BODIES                                                                                \
	"* 1 FETCH (UID 3 BODY[1]<0> {9}\r\n)\r\n{3}\r\n\0 FLAGS () BODY[2] {8}\r\n01234567)\r\n"  \
	"* 2 FETCH (BINARY[HEADER.FIELDS ({1}\r\nX)] ~{10}\r\n* 3 EXISTS BODY[] {10+}\r\n"         \
	"0123456789 UID 4)\r\n"                                                                    \
	"* 3 FETCH (X {9}\r\n012345678 \"]\" {9}\r\n012345678)\r\n"                                \
	"* X BODY[] {9}\r\n012345678\r\n"                                                          \
	"a OK\r\n"

#define LONG_FRAMES                                                                                \
	"* 1 FETCH (UID 3 BODY[1]<0> {9} FLAGS () BODY[2] {8}) "                                   \
	"31:in chunks<)\\x0d\\x0a{3}\\x0d\\x0a\\x00> 52:<01234567>\n"                              \
	"* 2 FETCH (BINARY[HEADER.FIELDS ({1})] ~{10} BODY[] {10+} UID 4) "                        \
	"36:<X> 44:in chunks<* 3 EXISTS> 57:in chunks<0123456789>\n"                               \
	"* 3 FETCH (X {9} \"]\" {9}) 16:<012345678> 24:<012345678>\n"                              \
	"* X BODY[] {9} 14:<012345678>\n"                                                          \
	"a OK\n"

/* What is longer than allowed for one piece of memory, wherever the reads end. */
START_TEST(test_long_bodies_come_in_chunks)
{
	static const char bytes[] = LONG_BODIES;
	size_t len = sizeof(bytes) - 1;
	FramerLimits limits = framer_default_limits;

	limits.max_whole = 8;
	for (size_t first = 0; first <= len; first++) {
		for (size_t second = first; second <= len; second++) {
			g_autofree char *got =
				wire_dump_frames(&limits, bytes, len, (size_t[]){first, second}, 2);
			ck_assert_str_eq(got, LONG_FRAMES);
		}
	}
	g_autofree char *single = feed_bytewise(&limits, bytes, len);
	ck_assert_str_eq(single, LONG_FRAMES);
}
END_TEST

static bool next_chunk(Framer *framer, uint64_t offset, const char *bytes)
{
	Frame frame;

	return framer_next(framer, &frame, NULL) == 1 && frame.chunk.total == 9 &&
	       frame.chunk.offset == offset && frame.chunk.len == strlen(bytes) &&
	       memcmp(frame.chunk.bytes, bytes, strlen(bytes)) == 0;
}

/* Nothing is held back. */
START_TEST(test_a_chunk_is_what_is_here)
{
	FramerLimits limits = framer_default_limits;
	Frame frame;
	uint64_t have, total;

	limits.max_whole = 8;
	g_autoptr(Framer) framer = framer_new(&limits);
	framer_push(framer, "* 1 FETCH (BODY[] {9}\r\n", 23);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	framer_push(framer, "abc", 3);
	ck_assert(next_chunk(framer, 0, "abc"));
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	ck_assert(framer_progress(framer, &have, &total));
	ck_assert_uint_eq(have, 3);
	ck_assert_uint_eq(total, 9);
	ck_assert_uint_gt(framer_buffered(framer), 0);
	framer_push(framer, "d", 1);
	framer_push(framer, "efghi)\r\n* 1", 11);
	ck_assert(next_chunk(framer, 3, "defghi"));
	ck_assert(!framer_progress(framer, &have, &total));
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	ck_assert_uint_eq(frame.chunk.total, 0);
	ck_assert_uint_eq(frame.literals[0].chunked, 9);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	ck_assert_uint_eq(framer_buffered(framer), 3);
}
END_TEST

START_TEST(test_largest_literal_is_accepted)
{
	static const char bytes[] = "* 1 FETCH (BODY[] {2147483647}\r\nabc";
	g_autofree char *got = feed_bytewise(NULL, bytes, sizeof(bytes) - 1);

	ck_assert_str_eq(got, "");
}
END_TEST

START_TEST(test_nul_in_line_breaks)
{
	static const char bytes[] = "* OK\r\n* OK a\0b\r\n* OK\r\n";
	g_autofree char *got = wire_dump_frames(NULL, bytes, sizeof(bytes) - 1, NULL, 0);

	ck_assert_str_eq(got, "* OK\nbroken: The server sent a NUL byte inside a line.\n");
}
END_TEST

START_TEST(test_broken_stays_broken)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;

	framer_push(framer, "* X {}\r\n* OK\r\n", 14);
	for (unsigned i = 0; i < 3; i++) {
		g_autoptr(GError) error = NULL;
		ck_assert_int_eq(framer_next(framer, &frame, &error), -1);
		ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_ABORT));
		framer_push(framer, "* OK\r\n", 6);
	}
	ck_assert_int_eq(framer_next(framer, &frame, NULL), -1);
}
END_TEST

START_TEST(test_buffered_and_progress)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;
	uint64_t have, total;

	ck_assert_uint_eq(framer_buffered(framer), 0);
	framer_push(framer, "a OK\r\n", 6);
	ck_assert_uint_eq(framer_buffered(framer), 6);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	ck_assert_uint_eq(framer_buffered(framer), 0);
	ck_assert(!framer_progress(framer, &have, &total));
	framer_push(framer, "* 1 FETCH (BODY[] {9}\r\nabc", 26);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	ck_assert_uint_eq(framer_buffered(framer), 26);
	ck_assert(framer_progress(framer, &have, &total));
	ck_assert_uint_eq(have, 3);
	ck_assert_uint_eq(total, 9);
	framer_push(framer, "defghi)", 7);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	ck_assert(!framer_progress(framer, &have, &total));
	framer_push(framer, "\n*", 2);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	ck_assert_uint_eq(framer_buffered(framer), 1);
}
END_TEST

/* A literal outlives its frame for who takes a reference. */
START_TEST(test_literal_can_be_kept)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;

	framer_push(framer, "* 1 FETCH (BODY[] {3}\r\nabc)\r\n", 30);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	g_autoptr(GBytes) kept = g_bytes_ref(frame.literals[0].data);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	ck_assert_mem_eq(g_bytes_get_data(kept, NULL), "abc", 3);
}
END_TEST

static size_t resident_bytes(void)
{
	size_t size = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%zu %zu", &size, &resident), 2);
	fclose(file);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* T042: of 8 MiB that are sent no more than `most` are kept. */
static void check_promised(const char *announced, int got, size_t most)
{
	static char piece[65536];
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;
	size_t before, sent = 0;

	memset(piece, 'x', sizeof(piece));
	before = resident_bytes();
	framer_push(framer, announced, strlen(announced));
	for (; sent < (8u << 20); sent += sizeof(piece)) {
		framer_push(framer, piece, sizeof(piece));
		ck_assert_int_eq(framer_next(framer, &frame, NULL), got);
		ck_assert_int_eq(framer_next(framer, &frame, NULL), 0);
	}
	ck_assert_uint_lt(resident_bytes() - before, most * SANITIZER_FACTOR);
}

START_TEST(test_promised_literal_takes_no_memory)
{
	check_promised("* 1 FETCH (BODY[] {2000000000}\r\n", 1, 1u << 20);
	check_promised("* 1 FETCH (X {60000000}\r\n", 0, (8u << 20) + (1u << 20));
}
END_TEST

/* The table of limits: 64 MiB of what does not come in chunks. */
START_TEST(test_only_bodies_may_be_longer)
{
	g_autofree char *bare = feed_bytewise(NULL, "* 1 FETCH (X {70000000}\r\n", 25);
	g_autofree char *body = feed_bytewise(NULL, "* 1 FETCH (X[] {70000000}\r\n", 27);

	ck_assert(g_str_has_prefix(bare, "broken: "));
	ck_assert_str_eq(body, "");
}
END_TEST

static GString *small_literals(unsigned n)
{
	GString *bytes = g_string_new("* 1 FETCH (");

	while (n-- > 0)
		g_string_append(bytes, "{1}\r\nx");
	return g_string_append(bytes, ")\r\n");
}

static GString *long_body(unsigned n)
{
	GString *bytes = g_string_new(NULL);

	g_string_printf(bytes, "* 1 FETCH (BODY[] {%u}\r\n", n * 60);
	g_string_set_size(bytes, bytes->len + n * 60);
	return g_string_append(bytes, ")\r\n");
}

static GString *long_line(unsigned n)
{
	GString *bytes = g_string_new("* SEARCH");

	while (n-- > 0)
		g_string_append(bytes, " 1234567");
	return g_string_append(bytes, "\r\n");
}

typedef struct {
	GString *(*make)(unsigned n);
	size_t piece; /* bytes a read */
} Flood;

static const Flood floods[] = {
	{small_literals, 1}, {small_literals, 16384}, {long_line, 1},
	{long_line, 16384},  {long_body, 1},          {long_body, 16384},
};

static double cut_flood(const void *data, unsigned n)
{
	const Flood *flood = data;
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autoptr(GString) bytes = flood->make(n);
	Frame frame;
	double before = cpu_seconds();

	for (size_t at = 0; at < bytes->len; at += flood->piece) {
		framer_push(framer, bytes->str + at, MIN(flood->piece, bytes->len - at));
		while (framer_next(framer, &frame, NULL) == 1) {}
	}
	double after = cpu_seconds();
	ck_assert_uint_eq(framer_buffered(framer), 0);
	return after - before;
}

/* T044, also byte by byte. */
START_TEST(test_time_is_linear)
{
	ck_assert(takes_linear_time(cut_flood, &floods[_i], 20000));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("framer", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_whole);
	tcase_add_test(tcase, test_every_pair_of_split_points);
	tcase_add_test(tcase, test_byte_by_byte);
	tcase_add_test(tcase, test_backlog);
	tcase_add_test(tcase, test_long_bodies_come_in_chunks);
	tcase_add_test(tcase, test_a_chunk_is_what_is_here);
	tcase_add_test(tcase, test_only_bodies_may_be_longer);
	tcase_add_loop_test(tcase, test_limits, 0, G_N_ELEMENTS(limited));
	tcase_add_loop_test(tcase, test_literal_sizes_refused, 0, G_N_ELEMENTS(refused));
	tcase_add_test(tcase, test_largest_literal_is_accepted);
	tcase_add_test(tcase, test_nul_in_line_breaks);
	tcase_add_test(tcase, test_broken_stays_broken);
	tcase_add_test(tcase, test_buffered_and_progress);
	tcase_add_test(tcase, test_literal_can_be_kept);
	tcase_add_test(tcase, test_promised_literal_takes_no_memory);
	tcase_add_loop_test(tcase, test_time_is_linear, 0, G_N_ELEMENTS(floods));
	return run_suite(suite);
}
