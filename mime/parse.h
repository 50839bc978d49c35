/* parse - the bytes of a whole message to a MimePart tree.  The GMime file.  Pure; any thread. */
#ifndef SHEAF_MIME_PARSE_H
#define SHEAF_MIME_PARSE_H

#include "mime/part.h"

#define PARSE_ERROR parse_error_quark()
GQuark parse_error_quark(void);
typedef enum { PARSE_ERROR_NOT_MAIL } ParseError;

/* Section numbers as RFC 9051 6.4.5 has them, contents set, header blocks set.  Depth over 100 and
 * parts over 10,000 are cut, with `truncated` on the part where it was.  Only what has neither
 * header nor text is refused (PARSE_ERROR_NOT_MAIL). */
MimePart *parse_message(GBytes *raw, GError **error);

/* The decoded value of the first field of that name in a header block, or NULL. Caller frees. */
char *parse_header_field(GBytes *header, const char *name);

/* Every field of a header block in order: calls with decoded, clean name and value. */
void parse_header_foreach(GBytes *header,
			  void (*each)(const char *name, const char *value, void *data),
			  void *data);

#endif
