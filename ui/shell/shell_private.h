/* shell_private - what shell.c, builtin.c and idle.c share; nobody else includes it. */
#ifndef SHEAF_UI_SHELL_PRIVATE_H
#define SHEAF_UI_SHELL_PRIVATE_H

#include "core/command/call.h"
#include "core/library/imap-client.h"
#include "ui/command/config.h"
#include "ui/shell/typed.h"

typedef struct {
	gboolean json, raw, keeps_line_ends, terminal;
	char *ca_file;
	char *url; /* or an account's name; NULL: imaplib's default */
	int debug;
	unsigned patience; /* in seconds, with a silent server; 0: the usual */
	Config *config;    /* NULL: none was read */
	Keymap *keymap;    /* of it */
	Typed *typed;
	ImapClient *client; /* NULL: none was opened, or it was shut down */
	char *log;          /* the last lines of the one before */
	bool traced;        /* its last lines were printed */
	bool replied;       /* the command under way has ended */
	bool listens;       /* untagged responses are printed as they come */
	bool gathers;       /* or kept until it is over */
	GPtrArray *batch;   /* of ImapAnswer*: these */
	bool unasked;       /* AUTHENTICATE was refused, and its answers may follow all the same */
	struct Connecting *connecting; /* whose password is asked for, or NULL */
	bool all_ok;
} Shell;

/* connect.c: connects to a URL or an account of the configuration, and logs in where there is a
 * user; the password is the URL's, what the account's command prints, or typed.  False with the
 * reason. What was open before is shut down first. */
bool shell_open(Shell *shell, const char *place, GError **error);

/* Closes the connection as it is, without LOGOUT; harmless where none is open. */
void shell_shutdown(Shell *shell);

/* Turns the loop until the command under way has ended. */
void shell_wait(Shell *shell);

/* A command's reply, for `data`, which is the shell. */
void shell_on_reply(ImapClient *client, const ImapReply *reply, gpointer data);

/* Prints it, and notes that the command has ended. */
void shell_reply(Shell *shell, const Reply *reply);

/* Prints the last lines of a connection that is lost, once, on the standard error; nothing for any
 * other error, and for NULL. */
void shell_trace_abort(Shell *shell, const GError *error);

/* As shell_reply() of one that gave only data (NULL: nothing came; taken over), or only an error.
 */
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

/* idle.c: IDLE for that time or until another line comes, renewed as often as it must be; tells its
 * end as shell_reply() does.  `burst`: what came is told then. */
void idle_run(Shell *shell, unsigned seconds, bool burst);

/* What comes meanwhile: a response without its "* ". */
void idle_hear(Shell *shell, const char *response);

#endif
