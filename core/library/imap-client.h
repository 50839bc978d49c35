/* imap-client - an IMAP client for programs in C: what Python's imaplib does, and the
 * extensions that it lacks.  All of the library is in this header; doc/library.md maps
 * imaplib's names to these.
 *
 *	g_autoptr(ImapClient) client = imap_client_open("imaps://me@example.org", &options, NULL);
 *
 *	imap_client_select(client, "INBOX", false, NULL, NULL, NULL);
 *	imap_client_search(client, NULL, "UNSEEN", on_found, NULL);
 *
 * Asynchronous.  A function that sends a command returns at once; the commands of a client go
 * to the server one behind the other, in the order in which they were given, from the first
 * turn of the default main context on in which the connection stands.  `done` comes exactly
 * once for each, from that context and never from inside the function; it may be NULL.  From
 * it anything may be done, also give the client back; only imap_client_wait() may not be
 * called, which is for programs that have no main loop.  All calls come from the thread of
 * that context.
 *
 * How a command ended is in an ImapReply, as imaplib tells it: a type and data.  A server's NO
 * is an answer, not an error.  An error is what imaplib raises, of three classes, each of the
 * one before: error (BAD, a refused log-in, a command in a wrong state or with wrong
 * arguments: the connection goes on), abort (it is gone: open another one), readonly (the
 * mailbox cannot be written: select it again).
 *
 * Arguments.  A `mailbox`, `user`, `password`, `root` or `message` is any text, in UTF-8:
 * whatever is in it, it is quoted, encoded or sent as a literal as it must be, and never taken
 * for anything else.  A `set` is a sequence set (RFC 9051 9): "1", "2:4", "1:3,6:9", "3:*",
 * "$".  All others are IMAP's own words as the RFC has them ("(FLAGS UID)", "SUBJECT \"lunch\"
 * UNSEEN"): imap_quote() makes of any text what can stand among them.  NULL is an argument
 * that is not there, where that is said.
 *
 * Legal states are those of RFC 9051 3: NA (not authenticated), A (authenticated), S
 * (selected).  In a wrong one the reply is an error and nothing is sent; so it is with wrong
 * arguments.  What a server does not offer is sent all the same: it answers BAD. */
#ifndef SHEAF_IMAP_CLIENT_H
#define SHEAF_IMAP_CLIENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__GNUC__)
#define IMAP_API __attribute__((visibility("default")))
#else
#define IMAP_API
#endif

G_BEGIN_DECLS

typedef struct ImapClient ImapClient;

/* --- replies --- */

/* What stands behind the name of an untagged response, in front of it where that is a number: of
 * "* 3 FETCH (FLAGS ())" it is "3 (FLAGS ())", under the name FETCH.  A response with literals is
 * several: each literal with what came in front of it, up to its "{n}", and then the rest. */
typedef struct {
	GBytes *text;
	GBytes *literal; /* or NULL */
} ImapAnswer;

/* What else a server said, kept under its name until somebody wants it: "* 3 EXISTS" under EXISTS,
 * "[UIDNEXT 5]" of any line under UIDNEXT. */
typedef struct ImapAnswers ImapAnswers;

/* How a command ended.  Borrowed: until `done` returns; of imap_client_wait() until its next call.
 */
typedef struct {
	/* "OK", "NO" or, of LOGOUT, "BYE"; with an error what the server refused by, "BAD" or,
	 * of a log-in, "NO", and NULL where it did not answer. */
	const char *type;
	/* Of GPtrArray* of ImapAnswer*: for each name under which the command's data comes what
	 * came under it, NULL where nothing did; else, and for NO, the text of the tagged line. */
	const GPtrArray *data;
	const ImapAnswers *kept; /* what came and was not asked for; SELECT begins anew */
	const GError *error;     /* or NULL */
} ImapReply;

typedef void (*ImapReplyFunc)(ImapClient *client, const ImapReply *reply, gpointer data);

/* It was done: OK, or BYE for LOGOUT. */
IMAP_API bool imap_reply_is_ok(const ImapReply *reply);

/* How many answers there are under the first of its names, and the one at `i`, borrowed from the
 * reply; NULL behind the last. */
IMAP_API guint imap_reply_count(const ImapReply *reply);
IMAP_API const ImapAnswer *imap_reply_answer(const ImapReply *reply, guint i);

/* The text of the answer at `i`, "" behind the last.  Caller frees. */
IMAP_API char *imap_reply_text(const ImapReply *reply, guint i);

/* All names in the order in which they first came (caller frees the list, not the names), and what
 * is under one, an array of ImapAnswer*, borrowed; NULL where nothing is. */
IMAP_API GList *imap_answers_names(const ImapAnswers *answers);
IMAP_API const GPtrArray *imap_answers_peek(const ImapAnswers *answers, const char *name);

/* --- errors --- */

/* imaplib's three classes, each a kind of the one before: code >= IMAP_ERROR_ABORT is any abort. */
typedef enum {
	IMAP_ERROR_NONE,    /* no error, or what was cancelled */
	IMAP_ERROR_ERROR,   /* BAD, a refused log-in, a wrong state or argument: the connection goes
			       on */
	IMAP_ERROR_ABORT,   /* BYE, a lost line, a certificate: the connection is gone */
	IMAP_ERROR_READONLY /* the mailbox cannot be written: see imap_error_is_readonly() */
} ImapErrorCode;

/* Of a reply's error, or of any that a function here has set; NULL is allowed. */
IMAP_API ImapErrorCode imap_error_code(const GError *error);

/* imaplib's error: any, but for what was cancelled. */
IMAP_API bool imap_error_is_error(const GError *error);

/* imaplib's abort: the connection is gone, or, readonly, the mailbox. */
IMAP_API bool imap_error_is_abort(const GError *error);

/* imaplib's readonly: SELECT, not EXAMINE, gave a mailbox that cannot be written, which is selected
 * all the same; or the server took the right to write away. */
IMAP_API bool imap_error_is_readonly(const GError *error);

/* imap_client_cancel(), or the client was given back. */
IMAP_API bool imap_error_is_cancelled(const GError *error);

/* A refused log-in: another password may help.  Is an error. */
IMAP_API bool imap_error_is_login(const GError *error);

/* The certificate, or a password that would go in clear: trying again does not help.  Is an abort.
 */
IMAP_API bool imap_error_is_tls(const GError *error);

/* "error", "abort" or "readonly"; NULL for what was cancelled, and for NULL. */
IMAP_API const char *imap_error_name(const GError *error);

/* --- the connection --- */

/* What is asked and told on the way; each may be NULL. */
typedef struct {
	/* The password of `user`, once, before connecting, where one is needed and none is here.
	 * The library wipes and frees it; NULL: without logging in. */
	char *(*password)(const char *user, const char *host, gpointer data);
	/* Each untagged response as it comes, without "* "; literals stand in it as "{n}". */
	void (*untagged)(ImapClient *client, const char *line, gpointer data);
	/* The connection ended, for whatever reason: once. */
	void (*closed)(ImapClient *client, const GError *error, gpointer data);
	/* A line of the trace, with its time and without a line end; NULL: they go to standard
	 * error. */
	void (*trace)(const char *line, gpointer data);
} ImapListener;

/* A connection of the caller's own, as the five functions that imaplib lets a subclass replace, and
 * what a main loop has to know beside.
 *
 * Nothing may block.  What cannot be done yet answers IMAP_STREAM_WANT_READ or _WANT_WRITE and is
 * called again once descriptor() can be read or written, or once imap_client_stream_ready() says
 * so.  All calls come from the loop, one at a time; none of the functions may call the client, or
 * turn the loop. */
typedef enum {
	IMAP_STREAM_DONE,
	IMAP_STREAM_WANT_READ,  /* not before something comes in */
	IMAP_STREAM_WANT_WRITE, /* not before something can go out */
	IMAP_STREAM_CLOSED,     /* the other side will say no more */
	IMAP_STREAM_FAILED      /* `*error`, of any domain, has the reason in one sentence */
} ImapStreamResult;

typedef struct {
	/* Connects: called until it no longer wants to wait.  NULL: it is open from the start. */
	ImapStreamResult (*open)(void *self, GError **error);
	/* Puts what is here, `len` bytes at most, into `buf`; how many goes to `*n`, with
	 * IMAP_STREAM_DONE at least one. */
	ImapStreamResult (*read)(void *self, char *buf, size_t len, size_t *n, GError **error);
	/* The same, but nothing behind the first LF; a long line may come in several.  Asked for
	 * what stands outside literals; read() then gives the literals alone.  NULL: read() gives
	 * all. */
	ImapStreamResult (*readline)(void *self, char *buf, size_t len, size_t *n, GError **error);
	/* Takes the first of these `len` bytes; how many goes to `*n`, the rest is sent again. */
	ImapStreamResult (*send)(void *self, const char *buf, size_t len, size_t *n,
				 GError **error);
	/* Closes it: the last call, exactly once, whatever came before; `self` may be freed. */
	void (*shutdown)(void *self);
	/* What to poll for reading, or for `writing`: -1 while there is nothing.  Looked at after
	 * every call, so that it may change.  NULL: never anything. */
	int (*descriptor)(void *self, bool writing);
	/* Bytes are here of which the descriptor does not tell: read ahead, or decrypted.  NULL:
	 * never. */
	bool (*pending)(void *self);
	/* Nobody in between can listen or speak: a password may be sent over it, and PREAUTH is
	 * believed. */
	bool is_secure;
} ImapStream;

/* All zero is what is right for most.  Copied where it must be. */
typedef struct {
	const char *user;      /* instead of the URL's */
	const char *password;  /* instead of the URL's; a log-in needs this and a user */
	bool is_token;         /* the password is an OAuth token (RFC 7628) */
	const char *mechanism; /* SASL's name of the one to log in by; NULL: the best there is */
	const char *ca_file;   /* PEM: certificates to trust beside the system's */
	/* PEM: our certificate, to show; its key, where it is not in the same file. */
	const char *client_cert, *client_key;
	const char *pin;          /* "sha256:…": the server's key must be this one */
	bool allow_clear;         /* send a password over a line that others can read */
	bool raw_names;           /* mailbox names are sent as they are, without modified UTF-7 */
	bool reads_files;         /* in imap_client_run(), <FILE stands for what is in it */
	bool keeps_line_ends;     /* of each message that is stored, bare CR and LF among them */
	unsigned connect_seconds; /* for each address; 0: 5 */
	uint64_t max_response;    /* bytes; a longer one ends the connection; 0: no limit, as in
				     imaplib */
	unsigned answer_seconds;  /* without a byte while an answer is due; 0: 60 */
	/* What is traced, as imaplib's Debug, each with what the ones before have: 1 refusals, 3
	 * what the server can, 4 each line both ways, 5 each untagged response.  No password is in
	 * it. */
	int debug;
	ImapListener listener;
	gpointer data; /* for the listener */
	/* Instead of connecting: the URL then names the server, and says whether the stream is to
	 * be encrypted.  The functions are borrowed until the client is given back, what they are
	 * called with until shutdown(). */
	const ImapStream *stream;
	gpointer stream_self;
} ImapOptions;

/* Starts connecting, and logs in where a user and a password are known.  `url` is "imaps://host",
 * "imap://host" (STARTTLS or nothing), "imap+plain://host" (in clear), each with user:password@ and
 * :port where wanted (without: 993, 143, 143) and without the host for localhost; "exec:COMMAND", a
 * program that speaks IMAP; or a Maildir's path, where Dovecot is installed; NULL: imap+plain://,
 * as imaplib has it.  NULL with an error where it cannot be read; all else is told by the first
 * command's reply.  `options` may be NULL. */
IMAP_API ImapClient *imap_client_open(const char *url, const ImapOptions *options, GError **error);

/* Gives it back.  Commands that have not ended are told at once that they were cancelled, and no
 * callback comes after that.  Where the connection stands, the client says LOGOUT: inside a
 * callback of the main loop without waiting, the loop sees to it; outside of one this function
 * turns the default main context until the server has answered.  Either way no longer than
 * IMAP_LOGOUT_SECONDS.  Who does not want that calls imap_client_shutdown() first.  NULL is
 * allowed. */
IMAP_API void imap_client_free(ImapClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapClient, imap_client_free)

#define IMAP_LOGOUT_SECONDS 3

/* Closes the connection as it is, without LOGOUT.  What has not ended gets an abort. */
IMAP_API void imap_client_shutdown(ImapClient *client);

/* For programs without a main loop: turns the default main context until all commands have ended
 * (and the connection stands, or is lost).  The reply of the last of them, or of the log-in where
 * there was none: borrowed until the next wait. */
IMAP_API const ImapReply *imap_client_wait(ImapClient *client);

/* Forgets a command, of which its function gave the number: `done` comes at once with a cancelled
 * error, and what the server still says to it is heard by nobody.  Harmless where it has ended. */
IMAP_API void imap_client_cancel(ImapClient *client, guint command);

/* The states of RFC 9051 3.  After an error this tells where the client stands: a mailbox that
 * could not be selected leaves AUTH, one that is readonly SELECTED. */
typedef enum {
	IMAP_STATE_CONNECTING,
	IMAP_STATE_NONAUTH,
	IMAP_STATE_AUTH,
	IMAP_STATE_SELECTED,
	IMAP_STATE_LOGOUT
} ImapState;

IMAP_API ImapState imap_client_state(const ImapClient *client);

/* The mailbox that is selected, in UTF-8, or NULL (caller frees); whether it can only be read. */
IMAP_API char *imap_client_mailbox(const ImapClient *client);
IMAP_API bool imap_client_is_readonly(const ImapClient *client);

/* The server offers this ("IDLE", "UIDPLUS"), of the capabilities that the library knows; and all
 * of these, separated by blanks (caller frees).  imap_client_capability() asks for what else there
 * is. */
IMAP_API bool imap_client_has(const ImapClient *client, const char *capability);
IMAP_API char *imap_client_capabilities(const ImapClient *client);

/* The line is encrypted and the certificate was checked; or it is a program's. */
IMAP_API bool imap_client_is_secure(const ImapClient *client);

/* The newest of "IMAP4rev2", "IMAP4rev1" and "IMAP4" that the server says it speaks, imaplib's
 * PROTOCOL_VERSION; NULL as long as it has said nothing. */
IMAP_API const char *imap_client_protocol_version(const ImapClient *client);

/* The socket, or what is read of a program; -1 where there is no connection.  Not to be read. */
IMAP_API int imap_client_socket(const ImapClient *client);

/* OpenSSL's SSL of the connection, which lives no longer than that; NULL where there is no TLS. */
IMAP_API struct ssl_st *imap_client_ssl(const ImapClient *client);

/* The caller's own stream can go on: for one without a descriptor to poll. */
IMAP_API void imap_client_stream_ready(ImapClient *client);

/* Past all commands, as imaplib's send, read and readline: legal while none runs and the connection
 * stands, else false with an error of state.  What send() gives rise to is heard by nobody else;
 * once a command is given, what was not taken is read as ever.  `done` comes once, from the loop,
 * with what was asked for, borrowed; where the connection ended or a command followed before it was
 * there, with an error and what there was.  One at a time. */
typedef void (*ImapBytesFunc)(ImapClient *client, GBytes *bytes, const GError *error,
			      gpointer data);
IMAP_API bool imap_client_send(ImapClient *client, GBytes *bytes, GError **error);
IMAP_API bool imap_client_read(ImapClient *client, gsize n, ImapBytesFunc done, gpointer data,
			       GError **error);
IMAP_API bool imap_client_readline(ImapClient *client, ImapBytesFunc done, gpointer data,
				   GError **error);

/* Bytes of the literal that is arriving now, and how many it has; false where none is. */
IMAP_API bool imap_client_progress(const ImapClient *client, uint64_t *have, uint64_t *total);

/* Bytes of what was sent that have not left yet: how far a long APPEND is. */
IMAP_API uint64_t imap_client_unsent(const ImapClient *client);

/* imaplib's response(): returns and forgets what came under that name, untagged or in brackets
 * ("EXISTS", "UIDVALIDITY"): an array of ImapAnswer*, caller unrefs; NULL where nothing did. */
IMAP_API GPtrArray *imap_client_response(ImapClient *client, const char *name);

/* imaplib's print_log(): the last ten lines both ways, each with its time and a line end.  Caller
 * frees. */
IMAP_API char *imap_client_print_log(const ImapClient *client);

/* --- commands: in any state --- */

/* All of them return a number for imap_client_cancel(); the data is what `done` finds in its reply.
 */

/* What the server can (RFC 9051 6.1.1).  Data: CAPABILITY. */
IMAP_API guint imap_client_capability(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Nothing but a chance for the server to tell what is new (6.1.2). */
IMAP_API guint imap_client_noop(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Who is who (RFC 2971; capability ID): `fields` is name, value, name, … NULL; NULL tells nothing.
 * Data: ID. */
IMAP_API guint imap_client_id(ImapClient *client, const char *const *fields, ImapReplyFunc done,
			      gpointer data);

/* Says goodbye (6.1.3): type BYE, and the connection is closed.  Data: BYE. */
IMAP_API guint imap_client_logout(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Any command, by its name and IMAP's own words for arguments ("" for none). */
IMAP_API guint imap_client_xatom(ImapClient *client, const char *name, const char *arguments,
				 ImapReplyFunc done, gpointer data);

/* A line as `sheaf imap` takes it (sheaf-imap(1)): any verb in any case and its arguments, which
 * are quoted, encoded and put in parentheses where they must. */
IMAP_API guint imap_client_run(ImapClient *client, const char *line, ImapReplyFunc done,
			       gpointer data);

/* How many messages are new: returns and forgets what is known, else sends NOOP and looks again.
 * Data: RECENT. */
IMAP_API guint imap_client_recent(ImapClient *client, ImapReplyFunc done, gpointer data);

/* --- commands: NA --- */

/* Goes on encrypted (6.2.1; STARTTLS). */
IMAP_API guint imap_client_starttls(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Logs in by name and password (6.2.3).  A NO is an error. */
IMAP_API guint imap_client_login(ImapClient *client, const char *user, const char *password,
				 ImapReplyFunc done, gpointer data);

/* The answer to a challenge, which is borrowed; wiped and given back by the library.  NULL cancels
 * the log-in.  Bytes, not base64. */
typedef GBytes *(*ImapStepFunc)(GBytes *challenge, gpointer data);

/* Logs in by any SASL mechanism (6.2.2; AUTH=…), which `step` speaks: it gets each challenge, an
 * empty one for the first word, and `step_data`.  A NO is an error. */
IMAP_API guint imap_client_authenticate(ImapClient *client, const char *mechanism,
					ImapStepFunc step, gpointer step_data, ImapReplyFunc done,
					gpointer data);

/* Logs in by CRAM-MD5 (RFC 2195; AUTH=CRAM-MD5). */
IMAP_API guint imap_client_login_cram_md5(ImapClient *client, const char *user,
					  const char *password, ImapReplyFunc done, gpointer data);

/* --- commands: A and S --- */

/* Acts for `user` from here on, as an administrator may (PROXYAUTH). */
IMAP_API guint imap_client_proxyauth(ImapClient *client, const char *user, ImapReplyFunc done,
				     gpointer data);

/* Turns on extensions (6.3.1; ENABLE): "CONDSTORE UTF8=ACCEPT".  A only.  Data: none of its own. */
IMAP_API guint imap_client_enable(ImapClient *client, const char *capabilities, ImapReplyFunc done,
				  gpointer data);

/* Compresses both ways from here on (RFC 4978; COMPRESS=DEFLATE).  Not twice. */
IMAP_API guint imap_client_compress(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Opens a mailbox (6.3.2, 6.3.3), NULL: INBOX; to read only where `readonly`.  `parameters` is
 * "(CONDSTORE)" or the like (RFC 7162), or NULL.  What was kept of another one is forgotten.  An
 * error is readonly where it turns out that it cannot be written, and it is selected then.  Data:
 * EXISTS. */
IMAP_API guint imap_client_select(ImapClient *client, const char *mailbox, bool readonly,
				  const char *parameters, ImapReplyFunc done, gpointer data);
/* The same to read only. */
IMAP_API guint imap_client_examine(ImapClient *client, const char *mailbox, const char *parameters,
				   ImapReplyFunc done, gpointer data);

/* Creates a mailbox (6.3.4); `use` is "\\Sent" or the like (RFC 6154; CREATE-SPECIAL-USE), or NULL.
 */
IMAP_API guint imap_client_create(ImapClient *client, const char *mailbox, const char *use,
				  ImapReplyFunc done, gpointer data);
/* 6.3.5 */
IMAP_API guint imap_client_delete(ImapClient *client, const char *mailbox, ImapReplyFunc done,
				  gpointer data);
/* 6.3.6 */
IMAP_API guint imap_client_rename(ImapClient *client, const char *from, const char *to,
				  ImapReplyFunc done, gpointer data);
/* 6.3.7, 6.3.8 */
IMAP_API guint imap_client_subscribe(ImapClient *client, const char *mailbox, ImapReplyFunc done,
				     gpointer data);
IMAP_API guint imap_client_unsubscribe(ImapClient *client, const char *mailbox, ImapReplyFunc done,
				       gpointer data);

/* Mailboxes below `directory` (NULL: "") that match `pattern` (NULL: "*"; 6.3.9).  `options` is
 * what follows, "RETURN (SPECIAL-USE STATUS (UNSEEN))" (LIST-EXTENDED, LIST-STATUS, SPECIAL-USE),
 * or NULL. Data: LIST; see imap_decode_mailbox() for the names in it. */
IMAP_API guint imap_client_list(ImapClient *client, const char *directory, const char *pattern,
				const char *options, ImapReplyFunc done, gpointer data);
/* The same of those subscribed to (RFC 3501 6.3.9).  Data: LSUB. */
IMAP_API guint imap_client_lsub(ImapClient *client, const char *directory, const char *pattern,
				ImapReplyFunc done, gpointer data);

/* Where personal, others' and shared mailboxes are (6.3.10; NAMESPACE).  Data: NAMESPACE. */
IMAP_API guint imap_client_namespace(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Counts of a mailbox (6.3.11): "(MESSAGES UNSEEN)".  Data: STATUS. */
IMAP_API guint imap_client_status(ImapClient *client, const char *mailbox, const char *items,
				  ImapReplyFunc done, gpointer data);

/* One message of an APPEND. */
typedef struct {
	const char *flags;     /* "(\\Seen)" or "\\Seen", or NULL */
	const char *date_time; /* as imap_time2internaldate() gives it, or NULL */
	GBytes *message;       /* any bytes; NUL needs BINARY (RFC 3516) */
} ImapMessage;

/* Stores a message (6.3.12) in `mailbox` (NULL: INBOX).  Its bare CR and LF become CRLF, unless the
 * options say otherwise.  Once UTF8=ACCEPT is enabled it goes as UTF8 (…) (RFC 6855 4). */
IMAP_API guint imap_client_append(ImapClient *client, const char *mailbox, const char *flags,
				  const char *date_time, GBytes *message, ImapReplyFunc done,
				  gpointer data);

/* The same of several at once (RFC 3502; MULTIAPPEND), and as they are where `keeps_line_ends`. */
IMAP_API guint imap_client_append_messages(ImapClient *client, const char *mailbox,
					   const ImapMessage *messages, gsize n,
					   bool keeps_line_ends, ImapReplyFunc done, gpointer data);

/* Hears what is new as it happens (6.3.13; IDLE), for `seconds`, 0: without end; or until another
 * command is given.  It is renewed before a server may end it.  Each response goes to the
 * listener's `untagged`, and is kept. */
IMAP_API guint imap_client_idle(ImapClient *client, unsigned seconds, ImapReplyFunc done,
				gpointer data);

/* Ends it at once where it runs; harmless elsewhere.  Its `done` comes as ever. */
IMAP_API void imap_client_end_idle(ImapClient *client);

/* Hears what is new in other mailboxes too (RFC 5465; NOTIFY): "SET (personal (MessageNew …))". */
IMAP_API guint imap_client_notify(ImapClient *client, const char *events, ImapReplyFunc done,
				  gpointer data);

/* Use and limits of a quota root (RFC 9208 4.2.1; QUOTA).  Data: QUOTA. */
IMAP_API guint imap_client_getquota(ImapClient *client, const char *root, ImapReplyFunc done,
				    gpointer data);
/* The roots of a mailbox (4.2.2).  Data: QUOTAROOT, then QUOTA, as two lists. */
IMAP_API guint imap_client_getquotaroot(ImapClient *client, const char *mailbox, ImapReplyFunc done,
					gpointer data);
/* Sets limits (4.2.3): "(STORAGE 512)".  Data: QUOTA. */
IMAP_API guint imap_client_setquota(ImapClient *client, const char *root, const char *limits,
				    ImapReplyFunc done, gpointer data);

/* Who may do what with a mailbox (RFC 4314 3.3; ACL).  Data: ACL. */
IMAP_API guint imap_client_getacl(ImapClient *client, const char *mailbox, ImapReplyFunc done,
				  gpointer data);
/* 3.1; `rights` is "lrs", "+w" or "-w". */
IMAP_API guint imap_client_setacl(ImapClient *client, const char *mailbox, const char *user,
				  const char *rights, ImapReplyFunc done, gpointer data);
/* 3.2 */
IMAP_API guint imap_client_deleteacl(ImapClient *client, const char *mailbox, const char *user,
				     ImapReplyFunc done, gpointer data);
/* What rights somebody can be given (3.4).  Data: LISTRIGHTS. */
IMAP_API guint imap_client_listrights(ImapClient *client, const char *mailbox, const char *user,
				      ImapReplyFunc done, gpointer data);
/* What rights we have (3.5).  Data: MYRIGHTS. */
IMAP_API guint imap_client_myrights(ImapClient *client, const char *mailbox, ImapReplyFunc done,
				    gpointer data);

/* Annotations of a mailbox, "" for the server's (RFC 5464 4.2; METADATA): `options` is "(DEPTH 1)"
 * or NULL, `entries` "(/private/comment)".  Data: METADATA. */
IMAP_API guint imap_client_getmetadata(ImapClient *client, const char *mailbox, const char *options,
				       const char *entries, ImapReplyFunc done, gpointer data);
/* Sets or, by NIL, removes them (4.3): "(/private/comment \"text\")"; a text that no quotes can
 * hold on the line (8-bit, CR, LF) is sent as a literal. */
IMAP_API guint imap_client_setmetadata(ImapClient *client, const char *mailbox, const char *entries,
				       ImapReplyFunc done, gpointer data);
/* The same before RFC 5464 (draft-daboo-imap-annotatemore; ANNOTATEMORE): "\"/comment\"",
 * "\"value.shared\"", or several in parentheses.  Data: ANNOTATION. */
IMAP_API guint imap_client_getannotation(ImapClient *client, const char *mailbox, const char *entry,
					 const char *attribute, ImapReplyFunc done, gpointer data);
/* `entries` is "\"/comment\" (\"value.shared\" \"text\")", as often as wanted. */
IMAP_API guint imap_client_setannotation(ImapClient *client, const char *mailbox,
					 const char *entries, ImapReplyFunc done, gpointer data);

/* --- commands: S --- */

/* Has the mailbox written out (RFC 3501 6.4.1). */
IMAP_API guint imap_client_check(ImapClient *client, ImapReplyFunc done, gpointer data);
/* Closes the mailbox, removing what is deleted (6.4.1); as it is (6.4.2; UNSELECT). */
IMAP_API guint imap_client_close(ImapClient *client, ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_unselect(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Removes what is deleted for ever (6.4.3).  Data: EXPUNGE, in the order received. */
IMAP_API guint imap_client_expunge(ImapClient *client, ImapReplyFunc done, gpointer data);

/* Messages that match (6.4.4): `criteria` is "FROM \"ada\" SINCE 1-Feb-2026"; `charset` that of it,
 * or NULL; an error once UTF8=ACCEPT is enabled (RFC 6855 3).  Data: SEARCH. */
IMAP_API guint imap_client_search(ImapClient *client, const char *charset, const char *criteria,
				  ImapReplyFunc done, gpointer data);
/* The same in an order (RFC 5256 3; SORT): `keys` is "(REVERSE DATE)".  Data: SORT. */
IMAP_API guint imap_client_sort(ImapClient *client, const char *keys, const char *charset,
				const char *criteria, ImapReplyFunc done, gpointer data);
/* The same by thread (RFC 5256 3; THREAD=REFERENCES, …).  Data: THREAD. */
IMAP_API guint imap_client_thread(ImapClient *client, const char *algorithm, const char *charset,
				  const char *criteria, ImapReplyFunc done, gpointer data);

/* Data of messages (6.4.5): "(FLAGS BODY.PEEK[])".  Data: FETCH. */
IMAP_API guint imap_client_fetch(ImapClient *client, const char *set, const char *items,
				 ImapReplyFunc done, gpointer data);

/* `length` octets of `item` ("RFC822.TEXT") from octet `start` (1 is the first) on (RFC
 * 1730 6.4.6). Data: FETCH. */
IMAP_API guint imap_client_partial(ImapClient *client, const char *message, const char *item,
				   uint32_t start, uint32_t length, ImapReplyFunc done,
				   gpointer data);

/* Changes flags (6.4.6): `item` is "FLAGS", "+FLAGS" or "-FLAGS", with .SILENT where the answer is
 * not wanted; `flags` "(\\Seen)" or "\\Seen".  Data: FETCH. */
IMAP_API guint imap_client_store(ImapClient *client, const char *set, const char *item,
				 const char *flags, ImapReplyFunc done, gpointer data);
/* The same of those that have not changed since `modseq` (RFC 7162 3.1.3; CONDSTORE); the others
 * are under MODIFIED. */
IMAP_API guint imap_client_store_unchanged(ImapClient *client, const char *set, uint64_t modseq,
					   const char *item, const char *flags, ImapReplyFunc done,
					   gpointer data);

/* Copies messages to a mailbox (6.4.7); moves them (6.4.8; MOVE).  Where they are then is under
 * COPYUID (UIDPLUS). */
IMAP_API guint imap_client_copy(ImapClient *client, const char *set, const char *mailbox,
				ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_move(ImapClient *client, const char *set, const char *mailbox,
				ImapReplyFunc done, gpointer data);

/* Any of them by UID (6.4.9), IMAP's own words for arguments: "FETCH", "1:3 (FLAGS)". */
IMAP_API guint imap_client_uid(ImapClient *client, const char *command, const char *arguments,
			       ImapReplyFunc done, gpointer data);

/* The same one by one, where `set` and what comes back are UIDs.  Data as above; of COPY, MOVE and
 * EXPUNGE (UIDPLUS) it is FETCH, as in imaplib. */
IMAP_API guint imap_client_uid_search(ImapClient *client, const char *criteria, ImapReplyFunc done,
				      gpointer data);
IMAP_API guint imap_client_uid_sort(ImapClient *client, const char *keys, const char *charset,
				    const char *criteria, ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_uid_thread(ImapClient *client, const char *algorithm,
				      const char *charset, const char *criteria, ImapReplyFunc done,
				      gpointer data);
IMAP_API guint imap_client_uid_fetch(ImapClient *client, const char *set, const char *items,
				     ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_uid_store(ImapClient *client, const char *set, const char *item,
				     const char *flags, ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_uid_store_unchanged(ImapClient *client, const char *set, uint64_t modseq,
					       const char *item, const char *flags,
					       ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_uid_copy(ImapClient *client, const char *set, const char *mailbox,
				    ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_uid_move(ImapClient *client, const char *set, const char *mailbox,
				    ImapReplyFunc done, gpointer data);
IMAP_API guint imap_client_uid_expunge(ImapClient *client, const char *set, ImapReplyFunc done,
				       gpointer data);

/* --- small conversions, of which no client is needed; caller frees what they return --- */

/* Any text in quotes, to stand among IMAP's own words. */
IMAP_API char *imap_quote(const char *text);

/* A mailbox's name as LIST tells it, to UTF-8 (RFC 3501 5.1.3), which is what a `mailbox` wants. */
IMAP_API char *imap_decode_mailbox(const char *name);

/* "\"01-Jan-2026 12:00:00 +0100\"", in local time; NULL outside the years 1 to 9999.  Of a local
 * time by its tm_gmtoff where `has_offset`, else by tm_isdst (negative: as the zone has it then);
 * NULL where a field is out of its range. */
IMAP_API char *imap_time2internaldate(double seconds);
IMAP_API char *imap_tm2internaldate(const struct tm *local, bool has_offset);

/* The local time of `INTERNALDATE "…"` anywhere in `text`; false where there is none. */
IMAP_API bool imap_internaldate2tuple(const char *text, struct tm *local);

/* A number's hexadecimal digits as the letters A to P. */
IMAP_API char *imap_int2ap(int64_t number);

/* The words in `FLAGS (…)` anywhere in `text`, NULL-terminated (g_strfreev()). */
IMAP_API char **imap_parseflags(const char *text);

G_END_DECLS

#endif
