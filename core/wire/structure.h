/* structure - BODY and BODYSTRUCTURE of a FETCH response to a MimePart tree (RFC 9051 7.5.2), with
 * section numbers as 6.4.5 has them. Pure. */
#ifndef SHEAF_CORE_STRUCTURE_H
#define SHEAF_CORE_STRUCTURE_H

#include "core/wire/lex.h"
#include "mime/part.h"

#define STRUCTURE_MAX_DEPTH 100
#define STRUCTURE_MAX_PARTS 10000

/* Reads "(…)"; the tree is owned by the arena.  Tolerates what servers send: NIL for strings,
 * missing extension fields, a multipart described as a single part, an empty "()".  What lies
 * beyond the limits is left out and its parent marked `truncated`. */
bool structure_read(Lex *lex, MimePart **out);

#endif
