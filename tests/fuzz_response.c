/* The fuzzer's target: bytes of a server through framer and parser, whole and in pieces; both must
 * come to the same.  `./configure CC=clang --enable-fuzzers && make tests/fuzz_response` builds the
 * fuzzer (tests/fuzz_response CORPUS tests/wire), tests/check_fuzz_response runs it over tests/wire
 * and mutations of that. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fuzz_response.h"
#include "tests/wire_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	size_t step = 1 + size % 61, n = size / step;
	g_autofree size_t *cuts = g_new(size_t, n + 1);

	for (size_t i = 0; i < n; i++)
		cuts[i] = (i + 1) * step;
	g_autofree char *whole = wire_dump_responses(bytes, size, NULL, 0);
	g_autofree char *pieces = wire_dump_responses(bytes, size, cuts, n);
	if (strcmp(whole, pieces) != 0) {
		fprintf(stderr, "Whole:\n%s\nIn pieces of %zu:\n%s\n", whole, step, pieces);
		abort();
	}
	return 0;
}
