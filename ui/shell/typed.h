/* typed - the lines of a person: with editing, history and completion of verbs by libedit on a
 * terminal, as they are from anything else.  The door to libedit. */
#ifndef SHEAF_UI_TYPED_H
#define SHEAF_UI_TYPED_H

#include <glib.h>

typedef struct Typed Typed;

/* Reads standard input.  `verbs` ("uid fetch" among them; NULL-terminated, borrowed) complete what
 * a line begins with. */
Typed *typed_new(const char *const *verbs);
void typed_free(Typed *typed);

/* The next line without its end; NULL at the end of input.  The prompt is shown on a terminal only;
 * what answers a `secret` one is not kept in the history.  Caller frees. */
char *typed_line(Typed *typed, const char *prompt, gboolean secret);

/* What is typed on the terminal that standard input is, while nothing of it is shown.  NULL where
 * it was interrupted, or at the end of input.  Caller wipes and frees. */
char *typed_secret(const char *prompt);

#endif
