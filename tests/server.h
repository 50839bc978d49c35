/* server - private IMAP servers for tests, on ports of 127.0.0.1 that were free, with their own
 * directory and certificates; they end with the test that started them, also when it dies.
 * As root they run as nobody. */
#ifndef SHEAF_TESTS_SERVER_H
#define SHEAF_TESTS_SERVER_H

#include <glib.h>
#include <stdbool.h>
#include "tests/probe.h"

typedef enum {
	SERVER_DOVECOT,         /* any user */
	SERVER_DOVECOT_FULL,    /* with the extensions that Dovecot has */
	SERVER_CYRUS,           /* administrator "cyrus", same password */
	SERVER_COURIER,         /* plain RFC 3501 and "INBOX." before every name */
	SERVER_COURIER_PREAUTH, /* the same where it cannot be laid over the system */
	SERVER_IMAP4D,          /* GNU's, which breaks rules; users "alice@test" and "bob@test" */
	SERVER_IMAPPROXY,       /* in front of a Dovecot; no TLS */
	SERVER_KINDS
} ServerKind;

typedef struct {
	ServerKind kind;
	const char *name; /* "Dovecot", … */
	const char *host; /* "localhost", as in its certificate */
	int port;         /* clear text and STARTTLS */
	int tls_port;     /* imaps */
	const char *user, *password, *second_user;
	char *directory;
	char *ca_file;       /* the authority that signed its certificate */
	char *other_ca_file; /* one that did not */
	GPid pid;
} TestServer;

typedef struct {
	const char *settings;    /* more lines of its configuration file, or NULL */
	const char *certificate; /* "server" (NULL), or "wrong": for another host */
} ServerOptions;

/* Starts it and waits for its greeting; `options` may be NULL.  Ends the test with the server's
 * own words where it cannot. */
TestServer *server_start(ServerKind kind, const ServerOptions *options);
void server_stop(TestServer *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestServer, server_stop)

/* "imaps", "imap" or "imap+plain", with user, host and port; `mailbox` may be NULL. Caller frees.
 */
char *server_url(const TestServer *s, const char *scheme, const char *mailbox);

/* A second client, logged in. */
Probe *server_probe(const TestServer *s, const char *user);

/* APPEND as that user; a missing mailbox is created. */
void server_add_message(const TestServer *s, const char *user, const char *mailbox,
			const char *flags, const char *message);

/* Writes a configuration for `sheaf -c FILE`: account "test" with that scheme, a password-command
 * that prints the password, its authority, and more lines ("" for none).  The file goes with the
 * server.  Caller frees the name. */
char *server_config(const TestServer *s, const char *scheme, const char *more_lines);

/* A port of 127.0.0.1 on which nobody listens. */
int server_free_port(void);

#endif
