/* shell_private - what shell.c and builtin.c share; nobody else includes it. */
#ifndef SHEAF_UI_SHELL_PRIVATE_H
#define SHEAF_UI_SHELL_PRIVATE_H

#include "core/command/call.h"
#include "core/net/endpoint.h"
#include "core/session/session.h"
#include "ui/shell/typed.h"

typedef struct {
	gboolean json, raw, terminal;
	char *ca_file, *url;
	unsigned patience; /* in seconds, with a silent server; 0: the usual */
	Typed *typed;
	Endpoint *endpoint;
	ImapSession *session; /* NULL: none was opened, or it was shut down */
	Caller *caller;
	bool replied;   /* the command under way has ended */
	bool listens;   /* untagged responses are printed as they come */
	GError *closed; /* why the session ended */
	bool all_ok;
} Shell;

/* Connects, and logs in where the URL has a user and a password; false with the reason.  What was
 * open before is shut down first. */
bool shell_open(Shell *shell, const char *url, GError **error);

/* Closes the connection as it is, without LOGOUT; harmless where none is open. */
void shell_shutdown(Shell *shell);

/* Turns the loop until the command under way has ended. */
void shell_wait(Shell *shell);

/* Prints it, and notes that the command has ended. */
void shell_reply(Shell *shell, const Reply *reply);

/* The same of one that gave only data (NULL: nothing came; taken over), or only an error. */
void shell_reply_data(Shell *shell, const char *type, GPtrArray *answers_take);
void shell_reply_error(Shell *shell, const GError *error);

/* The next line that was typed, as typed_line() of a secret. */
char *shell_read_line(Shell *shell, const char *prompt);

/* builtin.c: the verbs that the wire does not have.  False where it is none of them. */
bool builtin_run(Shell *shell, const GPtrArray *words);

/* raw.c: the verbs among them that pass bytes. */
void run_send(Shell *shell, const GPtrArray *words);
void run_readline(Shell *shell, const GPtrArray *words);
void run_read(Shell *shell, const GPtrArray *words);

/* All verbs that can be typed, those of the wire too; NULL-terminated.  Caller frees. */
char **builtin_verbs(void);

#endif
