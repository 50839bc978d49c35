/* envelope - the ENVELOPE of a FETCH response (RFC 9051 7.5.2). Pure. */
#ifndef SHEAF_CORE_ENVELOPE_H
#define SHEAF_CORE_ENVELOPE_H

#include "core/wire/lex.h"
#include "core/wire/response.h"

/* Reads "(…)" into the arena.  Tolerates missing and surplus fields and a value of the wrong form
 * (read as NIL). */
bool envelope_read(Lex *lex, const Envelope **out);

#endif
