/* param - the value and parameters of Content-Type and Content-Disposition (RFC 2045 5.1), whether
 * from a header or from the list in a BODYSTRUCTURE: RFC 2231 continuations and charsets put
 * together, RFC 2047 words in values decoded although no standard allows them.  Pure; any thread;
 * linear. */
#ifndef SHEAF_MIME_PARAM_H
#define SHEAF_MIME_PARAM_H

#include <glib.h>
#include <stddef.h>

typedef struct ParamList ParamList;

ParamList *param_list_new(void);
void param_list_free(ParamList *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParamList, param_list_free)

/* Reads a field's value: "text/plain; charset=utf-8 (comment)".  Quotes, comments and folding are
 * undone; what is broken is read as far as possible.  `*value`, where not NULL, becomes what stands
 * in front of the parameters, lower case, freed by the caller. */
ParamList *param_list_parse(const char *raw, size_t len, char **value);

/* One parameter as it stands on the wire: `name` may be "filename*1*".  Copied.  Of equal names the
 * first counts; beyond 10,000 they are ignored. */
void param_list_add(ParamList *params, const char *name, const char *value, size_t len);

/* The decoded value of `name` (any case, without "*") as valid UTF-8 that is not clean, or NULL.
 * Caller frees. */
char *param_list_get(const ParamList *params, const char *name);

#endif
