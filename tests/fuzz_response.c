/* The fuzzer's target: bytes of a server through framer and parser, whole and in pieces; both must
 * come to the same, also where every body of more than 4 octets comes in chunks.  `./configure
 * CC=clang --enable-fuzzers && make tests/fuzz_response` builds the fuzzer (tests/fuzz_response
 * CORPUS tests/wire), tests/check_fuzz_response runs it over tests/wire and mutations of that. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fuzz.h"
#include "tests/wire_dump.h"

static void compare(const char *whole, const char *pieces, size_t step)
{
	if (strcmp(whole, pieces) != 0) {
		fprintf(stderr, "Whole:\n%s\nIn pieces of %zu:\n%s\n", whole, step, pieces);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	FramerLimits limits = framer_default_limits;
	size_t step = 1 + size % 61, n = size / step;
	g_autofree size_t *cuts = g_new(size_t, n + 1);

	for (size_t i = 0; i < n; i++)
		cuts[i] = (i + 1) * step;
	g_autofree char *whole = wire_dump_responses(NULL, bytes, size, NULL, 0);
	g_autofree char *pieces = wire_dump_responses(NULL, bytes, size, cuts, n);
	compare(whole, pieces, step);
	limits.max_whole = 4;
	g_autofree char *frames = wire_dump_frames(&limits, bytes, size, NULL, 0);
	g_autofree char *frame_pieces = wire_dump_frames(&limits, bytes, size, cuts, n);
	compare(frames, frame_pieces, step);
	g_autofree char *chunks = wire_dump_responses(&limits, bytes, size, NULL, 0);
	g_autofree char *chunk_pieces = wire_dump_responses(&limits, bytes, size, cuts, n);
	compare(chunks, chunk_pieces, step);
	return 0;
}
