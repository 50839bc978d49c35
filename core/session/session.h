/* session - one connection: greeting, STARTTLS, log-in, capabilities; tags, pipelining,
 * continuations, IDLE, timeouts.  State changes happen in one function and are logged by name.
 * Every untagged response goes to `response` in arrival order; a solicited one also to its
 * command's on_data, first.  A body above 1 MiB goes to on_data alone, in chunks, and is kept
 * nowhere.  Freed only through session_free(), which may be called from any
 * callback. */
#ifndef SHEAF_CORE_SESSION_H
#define SHEAF_CORE_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include "core/base/error.h"
#include "core/base/scope.h"
#include "core/net/endpoint.h"
#include "core/library/imap-client.h"
#include "core/session/pipeline.h"
#include "core/wire/framer.h"
#include "core/wire/response.h"
#include "core/wire/writer.h"

#define SESSION_STALL_SECONDS 60 /* no byte either way while an answer is due */
#define SESSION_DONE_SECONDS  30 /* the same, behind DONE */

typedef struct ImapSession ImapSession;

/* state, phase, batch_end and line may be NULL. */
typedef struct {
	void (*state)(ImapSession *s, SessionState state, void *self); /* after each change */
	/* "Connecting to …", for people; once logged in: session_silence() changed. */
	void (*phase)(ImapSession *s, const char *text, void *self);
	void (*response)(ImapSession *s, const Response *r, void *self);
	void (*batch_end)(ImapSession *s, void *self); /* end of a slice of responses */
	void (*closed)(ImapSession *s, const GError *error,
		       void *self); /* once, last; every command was done before */
	/* Each line as it is logged: secrets left out, controls cleaned, long ones cut. */
	void (*line)(ImapSession *s, bool sent, const char *text, void *self);
} SessionEvents;

typedef struct {
	const Endpoint *endpoint; /* borrowed while the session lives */
	const char *user;         /* overrides the endpoint's; NULL: the endpoint's */
	const char *password;    /* copied into wiped memory; NULL where none is needed (PREAUTH) */
	bool password_follows;   /* by session_set_password(): until then goes on what needs none */
	bool is_token;           /* the password is an OAuth token */
	const char *sasl;        /* the mechanism wished for, see mechanism_wish(); or NULL */
	const char *remembered;  /* the strongest this account has used, or NULL */
	const char *ca_file;     /* or NULL */
	const char *client_cert; /* files in PEM form of the certificate to show, or NULL */
	const char *client_key;  /* NULL: in the same file */
	const char *pin;         /* the server's key must be this one, see tls.h; or NULL */
	bool allow_clear;        /* log in without TLS although not local (tls = none) */
	bool manual;             /* stop behind the greeting (and TLS): the caller logs in */
	bool unchecked;          /* the server decides about commands that it does not offer */
	bool blind;        /* send COMMAND_BLIND ones, and CAPABILITY, behind the log-in without
			      waiting for its answer, where our last word in it is said */
	bool introduce;    /* say which program this is (ID) before anything is opened */
	Capability enable; /* of SESSION_ENABLES: what to ENABLE where it is offered */
	Capability enable_blind;  /* of these, what this server enabled for the account before: goes
				     in  front of the rest of what is sent blind */
	unsigned connect_seconds; /* 0: TRANSPORT_CONNECT_SECONDS */
	unsigned stall_seconds;   /* 0: SESSION_STALL_SECONDS - while an answer is due, at least a
				     byte   a second, either way, or a whole response in so long */
	unsigned done_seconds;    /* 0: SESSION_DONE_SECONDS - the same behind DONE */
	unsigned greeting_seconds;  /* 0: as stall_seconds - the same before the greeting */
	unsigned dead_ms;           /* as in transport.h */
	const FramerLimits *limits; /* NULL: the defaults */
} SessionConfig;

/* What a session can make use of once it is enabled (RFC 5161). */
#define SESSION_ENABLES (CAP(IMAP4REV2) | CAP(CONDSTORE) | CAP(QRESYNC) | CAP(UTF8_ACCEPT))

/* Starts connecting; AUTH is reached by itself unless `manual`.  A refused log-in closes with
 * CORE_ERROR_AUTH and the server's words, without a second try. */
ImapSession *session_open(const SessionConfig *config, const SessionEvents *events, void *self);

/* The password that follows; of no effect where it was told already. */
void session_set_password(ImapSession *s, const char *password);

/* For tests: over one end of a socketpair, which counts as secure where `secure`. */
ImapSession *session_open_fd(int fd_take, bool secure, const SessionConfig *config,
			     const SessionEvents *events, void *self);

/* Over a stream of the caller's own (imap-client.h), whose functions are borrowed until
 * session_free(), and `stream_self` until their shutdown.  The endpoint may be NULL; else it is not
 * connected to, but names the server, and says whether the stream is to be encrypted (imaps:// or
 * imap://). */
ImapSession *session_open_stream(const ImapStream *stream, void *stream_self,
				 const SessionConfig *config, const SessionEvents *events,
				 void *self);

/* That stream can go on reading or sending: for one without a descriptor to poll.  Nothing is done
 * inside the call. */
void session_stream_ready(ImapSession *s);

/* Ends without an event; commands still open are done with CANCELLED. */
void session_free(ImapSession *s);

SessionState session_state(const ImapSession *s);
Capability session_capabilities(const ImapSession *s);
/* The newest of "IMAP4rev2", "IMAP4rev1" and "IMAP4" that the server says it speaks; NULL as long
 * as it has said nothing. */
const char *session_protocol_version(const ImapSession *s);

/* The socket, or what is read of a subprocess; -1 while not connected. */
int session_descriptor(const ImapSession *s);
/* OpenSSL's SSL of the connection, which lives no longer than that; NULL where there is no TLS. */
struct ssl_st *session_ssl(const ImapSession *s);

/* What leads to the state it is in, a handshake among it, is over: commands go at once. */
bool session_is_through(const ImapSession *s);
bool session_is_secure(const ImapSession *s);
bool session_is_encrypted(const ImapSession *s);
/* "TLSv1.3", static; NULL where there is no TLS. */
const char *session_encryption(const ImapSession *s);
/* All that crosses the line is compressed (RFC 4978). */
bool session_is_compressed(const ImapSession *s);

/* What was enabled, or will be unless the server refuses the ENABLE that is under way, or that
 * follows the log-in as it did the last time; IMAP4rev2 too where the server knows no other. */
Capability session_enabled(const ImapSession *s);
/* What `config.enable` wants and the server offers, and was not asked for yet: legal only while
 * nothing is selected.  0 before log-in is through. */
Capability session_may_enable(const ImapSession *s);
/* ENABLE of these bits; in front of all that is queued where `first`. */
void session_enable(ImapSession *s, Scope *scope, Capability what, bool first);

/* Tells the name and version of the program (RFC 2971), and nothing of the person or the machine,
 * in front of all that is queued; once, and only where the server offers ID: false else. */
bool session_introduce(ImapSession *s);

/* What logged in here: a mechanism's name, "LOGIN" for the command; NULL before and for PREAUTH. */
const char *session_mechanism(const ImapSession *s);

/* The wire name selected, or NULL; whether read-only.  NULL already while the server answers a
 * SELECT or EXAMINE: what comes then is of the mailbox to be; and while one is queued: what is
 * submitted then goes there (T082). */
const char *session_mailbox(const ImapSession *s);
bool session_is_readonly(const ImapSession *s);

/* Closed because the server lost what was sent blind behind the log-in, or its way in it: it must
 * be spoken to step by step. */
bool session_failed_blind(const ImapSession *s);

/* What it refused to enable after commands had been written as if it would, and was closed for: not
 * to be wanted again.  0 else. */
Capability session_enable_refused(const ImapSession *s);

/* SELECT or EXAMINE is under way: of IMAP4rev2 a LIST then tells the name of what opens (RFC 9051
 * 6.3.2). */
bool session_is_selecting(const ImapSession *s);

/* The server has IDLE, and is not known to say nothing in it. */
bool session_idle_tells(const ImapSession *s);

/* STATUS has MAILBOXID (RFC 8474), and tells no nonsense under that name. */
bool session_tells_mailboxid(const ImapSession *s);

/* Nothing queued and nothing in flight but IDLE. */
bool session_is_idle(const ImapSession *s);

/* A writer for that verb with this session's capabilities. */
Writer *session_begin(ImapSession *s, CommandId id);

/* Queues the command (takes `w_take`).  It is sent when queue_may_send(); IDLE is broken by DONE in
 * the same write.  `on_data` (may be NULL) gets its untagged answers; `done` (may be NULL) comes
 * exactly once.  Returned handle is valid until `done`. */
ImapCommand *session_submit(ImapSession *s, Scope *scope, Writer *w_take, ImapData on_data,
			    ImapDone done, void *data);

/* Answers the challenges of the AUTHENTICATE that the caller submits next: `challenge` is base64 as
 * sent, the result too ("" for an empty one), wiped and freed here; NULL cancels the log-in. */
typedef char *(*SessionStep)(const char *challenge, void *data);
void session_set_step(ImapSession *s, SessionStep step, void *data);

/* Bytes of the literal that is arriving now, for progress; false where none is. */
bool session_progress(const ImapSession *s, uint64_t *have, uint64_t *total);

/* Bytes that were given to the line and have not left yet. */
uint64_t session_unsent(const ImapSession *s);

/* For how many seconds nothing came although an answer is due; 0 while that is not worth a word. */
unsigned session_silence(const ImapSession *s);

/* Milliseconds for which what we sent is under way and nothing at all came back; 0: the line is
 * known to work, or cannot tell. */
unsigned session_overdue(ImapSession *s);

/* There is reason to doubt the line: NOOP, or the end of IDLE, must arrive at the other end within
 * `ms`; else the session closes.  A stream that cannot tell has the usual limits. */
void session_test(ImapSession *s, unsigned ms);

/* Closes the connection as it is, with CORE_ERROR_ABORT: what is under way is told so at once. */
void session_shut(ImapSession *s);

/* An answer to what was cancelled is due, and none to a change (pipeline.h); ends the connection
 * then, with CORE_ERROR_ABORT.  From the loop only. */
bool session_is_stuck(const ImapSession *s);
void session_abandon(ImapSession *s);

/* Ends IDLE where one runs; harmless otherwise. */
void session_break_idle(ImapSession *s);

/* session_raw.c: bytes past all of this, as imaplib's send, read and readline have them.  Only
 * while no command is queued or in flight, IDLE among them (false with CORE_ERROR_STATE else). From
 * the first of these calls on, what the server says is not read as responses but kept for
 * session_raw_read(); once a command is submitted, what was not taken is read as ever. */

/* Sends them as they are.  They are not logged. */
bool session_raw_send(ImapSession *s, GBytes *bytes, GError **error);

/* What came, borrowed; with an error fewer bytes than asked for, because no more will come. */
typedef void (*SessionRawDone)(GBytes *bytes, const GError *error, void *data);

/* The next `len` bytes, or with SESSION_RAW_LINE those up to the next LF.  `done` comes exactly
 * once, from the loop.  One at a time. */
#define SESSION_RAW_LINE SIZE_MAX
bool session_raw_read(ImapSession *s, size_t len, SessionRawDone done, void *data, GError **error);

#endif
