/* fetch - the items of a FETCH response: envelope, body structure, bodies (RFC 9051 7.5.2). Pure.
 */
#ifndef SHEAF_CORE_FETCH_H
#define SHEAF_CORE_FETCH_H

#include "core/wire/lex.h"
#include "core/wire/response.h"

/* Reads "(…)" behind "n FETCH"; unknown items are skipped.  False: lex_failed() says why. */
bool fetch_read(Lex *lex, FetchData *out);

/* BODY or BODYSTRUCTURE; the tree is owned by the arena.  Tolerates what servers.md 10.5 and 12
 * list (NIL for strings, missing extension fields). */
bool fetch_read_structure(Lex *lex, MimePart **out);

#endif
