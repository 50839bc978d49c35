/* fetch - the items of a FETCH response (RFC 9051 7.5.2). Pure. */
#ifndef SHEAF_CORE_FETCH_H
#define SHEAF_CORE_FETCH_H

#include "core/wire/lex.h"
#include "core/wire/response.h"

#define FETCH_MAX_KEYWORDS 1000 /* of one flag list; further ones are dropped */

/* Reads "(…)" behind "n FETCH"; unknown items are skipped, and so is an ENVELOPE or BODYSTRUCTURE
 * that cannot be read (its FETCH_ bit stays away).  In front of a chunk it ends with the body that
 * the chunk is of.  False: lex_failed() says why. */
bool fetch_read(Lex *lex, FetchData *out);

/* "(\Seen keyword)", also of FLAGS and PERMANENTFLAGS.  What no client could send back is dropped:
 * unknown system flags, keywords with bytes outside the grammar or of more than 255 bytes. */
bool fetch_read_flags(Lex *lex, FlagList *out);

#endif
