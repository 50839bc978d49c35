/* parameter - the parameter lists of a BODYSTRUCTURE ("CHARSET" "utf-8" …) and their RFC 2231
 * forms (name*, name*0*). Pure. */
#ifndef SHEAF_CORE_PARAMETER_H
#define SHEAF_CORE_PARAMETER_H

#include "core/wire/lex.h"

typedef struct {
	const char *name;
	const char *value; /* NULL for NIL */
} Parameter;

typedef struct {
	const Parameter *items;
	size_t n;
} ParameterList;

/* Reads "(name value …)"; anything else is skipped and gives the empty list. */
bool parameter_read_list(Lex *lex, ParameterList *out);

/* The value of the first of that name, as sent, or NULL. */
const char *parameter_find(const ParameterList *list, const char *name);

/* The value for people: RFC 2231 pieces joined and decoded (they win), else RFC 2047 decoded; one
 * clean line.  NULL where there is none.  Caller frees. */
char *parameter_decode(const ParameterList *list, const char *name);

#endif
