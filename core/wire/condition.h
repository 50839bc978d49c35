/* condition - status lines: OK, NO, BAD, BYE, PREAUTH with their response codes (RFC 9051 7.1).
 * Pure. */
#ifndef SHEAF_CORE_CONDITION_H
#define SHEAF_CORE_CONDITION_H

#include "core/wire/lex.h"
#include "core/wire/response.h"

/* The word at the cursor as a condition, taken only where it is one. */
bool condition_word(Lex *lex, Condition *out);

/* What stands behind that word, to the end of the line.  Never fails: a code that cannot be read is
 * CODE_OTHER with its name and arguments as sent, a missing text is "". */
void condition_read(Lex *lex, StatusLine *out);

/* "AUTHENTICATIONFAILED" and so on; "" for CODE_NONE and CODE_OTHER. */
const char *condition_code_name(ResponseCode code);

#endif
