/* parse - the bytes of a whole message to a MimePart tree.  Pure; any thread; linear.
 * Offsets are exact, as split.h finds them: a library that hands out decoded objects normalises
 * line ends, loses text behind a NUL and parts of broken multiparts without a sign. */
#ifndef SHEAF_MIME_PARSE_H
#define SHEAF_MIME_PARSE_H

#include "mime/part.h"

#define PARSE_ERROR parse_error_quark()
GQuark parse_error_quark(void);
typedef enum { PARSE_ERROR_NOT_MAIL } ParseError;

#define PARSE_DEPTH_MAX 100
#define PARSE_PARTS_MAX 10000

/* Section numbers as RFC 9051 6.4.5 has them, contents set (also of multiparts), header blocks set
 * (an mbox "From " line in front is no part of it).  The multipart of a message inside, which has
 * no number of its own, is "N.TEXT".  Depth over PARSE_DEPTH_MAX and parts over PARSE_PARTS_MAX are
 * cut, with `truncated` on the part where it was; headers as split.h says, with `header_cut`.
 * Only what has neither header nor text is refused (PARSE_ERROR_NOT_MAIL). */
MimePart *parse_message(GBytes *raw, GError **error);

/* The decoded value of the first field of that name in a header block, or NULL. Caller frees. */
char *parse_header_field(GBytes *header, const char *name);

/* Every field of a header block in order: calls with decoded, clean name and value. */
void parse_header_foreach(GBytes *header,
			  void (*each)(const char *name, const char *value, void *data),
			  void *data);

#endif
