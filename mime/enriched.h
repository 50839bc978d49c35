/* enriched - text/enriched (RFC 1896) and the older text/richtext (RFC 1341) to plain text.  Pure,
 * linear. */
#ifndef SHEAF_MIME_ENRICHED_H
#define SHEAF_MIME_ENRICHED_H

#include <stdbool.h>

/* Lines are joined and commands left out; a "<" that begins no command stays.  `text` is clean and
 * has '\n' line ends.  Caller frees. */
char *enriched_to_text(const char *text, bool richtext);

#endif
