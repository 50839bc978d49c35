/* password - runs the account's password-command or token-command: first line of its output, off
 * the main loop. */
#ifndef SHEAF_CORE_PASSWORD_H
#define SHEAF_CORE_PASSWORD_H

#include <glib.h>
#include "core/base/scope.h"

#define PASSWORD_OUTPUT_MAX (1024 * 1024) /* bytes */

/* `secret` is NULL on failure; wiped after return.  Errors (CORE_ERROR_AUTH) are a sentence with
 * the command's own words, cleaned. */
typedef void (*PasswordDone)(const char *secret, const GError *error, void *data);

/* `option` is what it is called in the account, for messages (static).  `command` goes to /bin/sh:
 * it is the person's own, nothing of a server or a mail is ever part of it (T026). Output
 * beyond PASSWORD_OUTPUT_MAX is refused, as is an exit status that is not 0. */
void password_run(const char *option, const char *command, Scope *scope, PasswordDone done,
		  void *data);

#endif
