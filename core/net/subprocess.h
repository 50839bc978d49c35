/* subprocess - a command to talk to over its standard input and output, in a session of its own (it
 * can neither see the terminal nor the keys), run without a shell.  Used by transport.c only. */
#ifndef SHEAF_CORE_SUBPROCESS_H
#define SHEAF_CORE_SUBPROCESS_H

#include <glib.h>

typedef struct Subprocess Subprocess;

/* `envp` ("NAME=value", or NULL) is added to our environment.  `*to_fd` is a socket to its input,
 * `*from_fd` a pipe from its output; both non-blocking and close-on-exec, the caller's.  (Dovecot's
 * imap takes an output that is a socket for inetd's and refuses.)  NULL with CORE_ERROR_ABORT and
 * one sentence where it cannot be started. */
Subprocess *subprocess_start(const char *const *argv, const char *const *envp, int *to_fd,
			     int *from_fd, GError **error);

/* To be called when its output ended: tells once, from the loop and within a
 * second, how it ended: "ended with exit status 1: last line of standard error", cleaned. */
void subprocess_when_ended(Subprocess *process, void (*ended)(const char *how, void *data),
			   void *data);

/* Sends TERM, and KILL two seconds later, where it still runs; does not wait. NULL is allowed. */
void subprocess_free(Subprocess *process);

#endif
