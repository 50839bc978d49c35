/* remembered - what earlier log-ins taught, kept in the file sheaf/mechanisms below XDG_STATE_HOME
 * (mode 0600): the strongest mechanism of each account, so that nobody in between can talk us into
 * a weaker one (T029, T033), what the server enabled for it and its namespaces, and the servers
 * that must be spoken to step by step.  Only mechanisms that keep the password from the server are
 * noted: there is nothing below the others.  A file that cannot be read or written is as good as
 * none. */
#ifndef SHEAF_CORE_REMEMBERED_H
#define SHEAF_CORE_REMEMBERED_H

#include "core/net/endpoint.h"
#include "core/wire/capability.h"

/* The mechanism's name, or NULL. Caller frees. */
char *remembered_get(const Endpoint *endpoint, const char *user);

/* Notes it where it is stronger than what is noted; `name` may be NULL. */
void remembered_put(const Endpoint *endpoint, const char *user, const char *name);

/* Whether this server lost what was sent behind a log-in before its answer, in the last 30 days;
 * and that it did so now. */
bool remembered_stepwise(const Endpoint *endpoint);
void remembered_put_stepwise(const Endpoint *endpoint);

/* What this server enabled for the account the last time (RFC 5161); 0 where nothing. */
Capability remembered_enabled(const Endpoint *endpoint, const char *user);
void remembered_put_enabled(const Endpoint *endpoint, const char *user, Capability enabled);

/* The namespaces that this server told the account, as namespaces_format() writes them; NULL where
 * none.  Caller frees. */
char *remembered_namespaces(const Endpoint *endpoint, const char *user);
void remembered_put_namespaces(const Endpoint *endpoint, const char *user, const char *text);

#endif
