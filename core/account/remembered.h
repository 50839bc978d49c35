/* remembered - the strongest mechanism each account has logged in with, kept in the file
 * sheaf/mechanisms below XDG_STATE_HOME (mode 0600), so that nobody in between can talk us into a
 * weaker one (T029, T033).  Only those that keep the password from the server are noted: there is
 * nothing below the others.  A file that cannot be read or written is as good as none. */
#ifndef SHEAF_CORE_REMEMBERED_H
#define SHEAF_CORE_REMEMBERED_H

#include "core/net/endpoint.h"

/* The mechanism's name, or NULL. Caller frees. */
char *remembered_get(const Endpoint *endpoint, const char *user);

/* Notes it where it is stronger than what is noted; `name` may be NULL. */
void remembered_put(const Endpoint *endpoint, const char *user, const char *name);

#endif
