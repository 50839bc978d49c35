/* probe - a second, synchronous IMAP client that asks a server how things really are.
 * Knows nothing of the reader's code.  Every failure of the connection, and silence of 20 seconds,
 * ends the test with the conversation. */
#ifndef SHEAF_TESTS_PROBE_H
#define SHEAF_TESTS_PROBE_H

#include <glib.h>
#include <stdbool.h>

typedef struct Probe Probe;

/* Connects in clear text, reads the greeting, and logs in unless `user` is NULL. */
Probe *probe_open(const char *host, int port, const char *user, const char *password);

/* Dovecot's imap on a Maildir, pre-authenticated; as root it runs as the Maildir's owner. */
Probe *probe_open_maildir(const char *path);

/* LOGOUT and close. */
void probe_close(Probe *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Probe, probe_close)

/* Borrowed. */
const char *probe_greeting(const Probe *p);

/* Sends "p1 COMMAND" and returns all lines up to and with the tagged one, literals in place, line
 * ends as "\n". Caller frees. */
char *probe_command(Probe *p, const char *command);

/* The same, and the tagged answer has to be OK. */
char *probe_expect(Probe *p, const char *command);
char *probe_expectf(Probe *p, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Bytes as they are, without waiting for an answer, and the lines up to the next that contains
 * `until` (for IDLE, literals, nonsense). */
void probe_send(Probe *p, const char *bytes, gssize len);
char *probe_read_until(Probe *p, const char *until);

/* APPEND with flags like "\\Seen" or "". Line ends become CR LF. */
void probe_append(Probe *p, const char *mailbox, const char *flags, const char *message,
		  gssize len);

/* A number out of STATUS: "MESSAGES", "UNSEEN", "UIDNEXT", … */
unsigned probe_status(Probe *p, const char *mailbox, const char *item);

#endif
