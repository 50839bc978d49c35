/* endpoint - where an account's mail is: one URL or path read once into fields.  Pure. */
#ifndef SHEAF_CORE_ENDPOINT_H
#define SHEAF_CORE_ENDPOINT_H

#include <glib.h>
#include <stdbool.h>

typedef enum {
	ENDPOINT_IMAPS,    /* TLS from the first byte, port 993 */
	ENDPOINT_STARTTLS, /* imap:// - STARTTLS or nothing, port 143 */
	ENDPOINT_PLAIN,    /* imap+plain:// - clear text, port 143 */
	ENDPOINT_EXEC      /* exec:COMMAND - IMAP over the command's stdin and stdout */
} EndpointKind;

typedef struct {
	EndpointKind kind;
	/* As written, without []; its A-label where one label mixes scripts; localhost where none
	 * is written; NULL for EXEC. */
	char *host;
	unsigned port;
	char *user;     /* percent-decoded, or NULL */
	char *password; /* percent-decoded, or NULL; callers warn where it came from a file */
	char *mailbox;  /* from the URL's path, percent-decoded UTF-8, or NULL */
	char **argv; /* EXEC: NULL-terminated, split by shell quoting rules, run without a shell */
	char **envp; /* EXEC: NAME=value to add, or NULL */
	char *label; /* for titles and notices: "me@example.org", "demo", a path */
} Endpoint;

/* `imaps://user@host:port/mailbox`, `imap://`, `imap+plain://`, `exec:COMMAND`, or an existing
 * directory (Maildir) or file (mbox), for which `dovecot_imap` (path of Dovecot's imap, NULL where
 * none is installed) is started.  The user is the part before the last '@' of the authority.
 * Errors (CORE_ERROR_STATE) are one sentence that says what was expected. */
Endpoint *endpoint_parse(const char *text, const char *dovecot_imap, GError **error);

void endpoint_free(Endpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Endpoint, endpoint_free)

/* True when clear text to it stays on this machine: EXEC, or a loopback address or "localhost". */
bool endpoint_is_local(const Endpoint *endpoint);

/* Path of Dovecot's imap: `configured` where not empty, else where configure and distributions put
 * it.  NULL where there is none. Caller frees. */
char *endpoint_find_dovecot(const char *configured);

#endif
