/* parser - a Frame to a typed Response, dispatched by one table of names.  Pure. */
#ifndef SHEAF_CORE_PARSER_H
#define SHEAF_CORE_PARSER_H

#include "core/base/arena.h"
#include "core/wire/framer.h"
#include "core/wire/response.h"

/* A chunk gives a RESPONSE_CHUNK.  False: this one response is malformed (CORE_ERROR_BAD) and is to
 * be dropped and logged; the stream goes on.  `*out` points into `arena` and `frame`. */
bool parser_read(Arena *arena, const Frame *frame, Response *out, GError **error);

#endif
