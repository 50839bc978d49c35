/* verdict - what the server said, as an error for people: graded, prefixed by who said it, cleaned
 * and cut.  Pure. */
#ifndef SHEAF_CORE_VERDICT_H
#define SHEAF_CORE_VERDICT_H

#include <glib.h>
#include "core/wire/command.h"
#include "core/wire/response.h"

#define VERDICT_COLUMNS_MAX 500

/* "imap.example.org says: TEXT" in one line of at most VERDICT_COLUMNS_MAX columns, safe to show;
 * `raw` is as sent. Caller frees. */
char *verdict_words(const char *peer, const char *raw);

/* What a tagged line means for its command: NULL for OK, else CORE_ERROR_NO or _BAD; for a refused
 * log-in CORE_ERROR_AUTH where another password may help, _ABORT where waiting may (RFC 5530:
 * UNAVAILABLE, LIMIT, …), _TLS where encrypting may, _NO where nothing of that will.  Caller frees.
 */
GError *verdict_error(const char *peer, const CommandSpec *spec, const StatusLine *line);

/* What the person can do about such a log-in: a sentence of ours, or NULL. */
const char *verdict_advice(const GError *error);

/* The response code of a refusal that is none of a log-in; CODE_NONE where there was none. */
ResponseCode verdict_code(const GError *error);

#endif
