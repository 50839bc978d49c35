/* wire_dump - what framer and parser make of bytes, as text to compare literally. */
#ifndef SHEAF_TESTS_WIRE_DUMP_H
#define SHEAF_TESTS_WIRE_DUMP_H

#include <stddef.h>
#include "core/wire/framer.h"
#include "core/wire/response.h"

/* One response on one line: kind, then the fields that are set. Caller frees. */
char *response_dump(const Response *response);

/* Pushes `bytes` in pieces that end at the `cuts` (ascending offsets) and takes frames after each.
 * One line a frame: its text, then " <bytes>" for each literal (" in chunks<bytes>" for one that
 * came so, put together; their order is asserted); at last "broken: …" where the framer gave up.
 * `limits` may be NULL. Caller frees. */
char *wire_dump_frames(const FramerLimits *limits, const char *bytes, size_t len,
		       const size_t *cuts, size_t n_cuts);

/* The same with response_dump() of each frame, or "malformed: …"; of a body in chunks once what
 * came in front of it. */
char *wire_dump_responses(const FramerLimits *limits, const char *bytes, size_t len,
			  const size_t *cuts, size_t n_cuts);

#endif
