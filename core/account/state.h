/* state - small files of ours below XDG_STATE_HOME/sheaf, mode 0600: what was learned of servers,
 * none of it mail.  Read whole, written whole; a file that is not there is an empty one. */
#ifndef SHEAF_CORE_STATE_H
#define SHEAF_CORE_STATE_H

#include <glib.h>
#include <stdbool.h>

/* Never NULL. A file that others may write to is not believed.  Caller frees. */
GKeyFile *state_load(const char *name);

/* False with CORE_ERROR_STATE, one sentence. */
bool state_save(const char *name, GKeyFile *file, GError **error);

/* "HOST:PORT", the host in lower case, as a key of such a file.  Caller frees. */
char *state_server(const char *host, unsigned port);

#endif
