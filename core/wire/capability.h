/* capability - the server's capabilities as bits; names in capability.def. Pure. */
#ifndef SHEAF_CORE_CAPABILITY_H
#define SHEAF_CORE_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t Capability; /* set of CAP_ bits; 0: not known yet */

enum {
#define CAPABILITY(id, name) CAP_INDEX_##id,
#include "core/wire/capability.def"
#undef CAPABILITY
	CAP_COUNT
};

#define CAP(id)   ((Capability)1 << CAP_INDEX_##id)
#define CAP_KNOWN ((Capability)1 << 63) /* the server has told its list */

/* The bits of a CAPABILITY response's words (NULL-terminated), CAP_KNOWN set; with IMAP4rev2 all
 * that is part of it. */
Capability capability_parse(const char *const *words);

/* The largest message that APPEND takes, "APPENDLIMIT=35651584" (RFC 7889 2); 0: it does not say.
 */
uint64_t capability_append_limit(const char *const *words);

/* The newest of "IMAP4rev2", "IMAP4rev1" and "IMAP4" (RFC 1730) in it, or NULL. */
const char *capability_protocol(Capability set);

/* "LITERAL+ IDLE …" for the log. Caller frees. */
char *capability_format(Capability set);

#endif
