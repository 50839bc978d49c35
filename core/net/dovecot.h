/* dovecot - the command that serves a Maildir or mbox over stdin and stdout: Dovecot's imap program
 * without daemon, port, log-in or configuration file.  Called by endpoint.c.  Looks at files and
 * asks `dovecot --version`; starts nothing else. */
#ifndef SHEAF_CORE_DOVECOT_H
#define SHEAF_CORE_DOVECOT_H

#include <glib.h>
#include <stdbool.h>

/* Path of Dovecot's imap: `configured` where not empty, else $SHEAF_DOVECOT_IMAP, what configure
 * found, or where distributions put it.  NULL where none of these is there. Caller frees. */
char *dovecot_find_imap(const char *configured);

/* The words and the additional environment ("NAME=value") that serve `path`, a Maildir's directory
 * or an mbox file.  `imap` is what dovecot_find_imap() gave, NULL included.  As root the user
 * nobody serves it, for Dovecot refuses root; CORE_ERROR_STATE with one sentence where that user
 * could not write there, or where `path` is no mailbox.  The caller frees both vectors. */
bool dovecot_command(const char *imap, const char *path, char ***argv, char ***envp,
		     GError **error);

#endif
