/* session_private - what session.c and the files session_*.c share; nobody else includes it. */
#ifndef SHEAF_CORE_SESSION_PRIVATE_H
#define SHEAF_CORE_SESSION_PRIVATE_H

#include "core/base/arena.h"
#include "core/net/deflate.h"
#include "core/net/transport.h"
#include "core/session/login.h"
#include "core/session/quirk.h"
#include "core/session/sasl.h"
#include "core/session/session.h"
#include "core/wire/framer.h"

typedef enum {
	PASSWORD_TOLD,    /* what there is of it */
	PASSWORD_FOLLOWS, /* and is not needed yet */
	PASSWORD_DUE      /* nothing goes on without it */
} PasswordState;

struct ImapSession {
	const SessionEvents *events;
	void *self;
	const Endpoint *endpoint; /* NULL: a bare descriptor */
	char *user, *password;    /* password wiped once it has done its work */
	char *wish, *remembered;  /* of mechanisms */
	char *ca_file, *client_cert, *client_key, *pin;
	PasswordState password_state;
	bool is_token;
	bool allow_clear, manual, unchecked, blind;
	bool introduce, introduced;
	bool trusted; /* what it was opened over is as good as encrypted */
	bool exposed; /* and that is not, wherever it may lead */
	unsigned stall_seconds, done_seconds, greeting_seconds;
	char *peer;

	Transport *transport;
	Framer *framer;
	Deflate *deflate;    /* NULL: the stream is not compressed */
	guint inflating;     /* source that goes on with what waits in it */
	FramerLimits limits; /* of it */
	Arena *arena;
	Response chunk; /* in the arena while its chunks arrive; OTHER where it cannot be read */
	Pipeline *pipeline;
	GByteArray *raw; /* what came for session_raw_read(); NULL: it is read as responses */
	size_t raw_wanted;
	SessionRawDone raw_done; /* NULL: nobody waits for it */
	void *raw_data;

	SessionState state;
	bool preauth, authenticated;
	bool through;               /* log-in is done with: commands of the caller may go */
	bool told_during_login;     /* CAPABILITY came between LOGIN and its OK */
	bool encrypting;            /* STARTTLS was granted; the handshake follows */
	bool compressing;           /* COMPRESS was granted; what follows is compressed */
	const Mechanism *mechanism; /* NULL: the LOGIN command, or not that far yet */
	bool by_login;              /* the command was used */
	bool binds_unique;          /* the server knows no tls-exporter */
	Sasl *sasl;                 /* the log-in under way */
	SessionStep step;           /* or that of the caller's own */
	void *step_data;
	char *initial;     /* its first response, where the server must ask for it */
	GError *given_up;  /* why "*" was sent */
	unsigned refusals; /* of CAPABILITY */
	Capability capabilities;
	uint64_t append_limit; /* bytes; 0: none that is known */
	Capability enable, enable_blind, enabled;
	Capability enabling, told_enabled; /* asked for, and told so far */
	Capability refused;                /* see session_enable_refused() */
	bool wrote_utf8;                   /* though nothing says so far that it is enabled */
	char *mailbox;
	bool readonly;

	guint turn, stall, silence;
	unsigned stall_for; /* seconds: what `stall` was set for */
	bool connected;     /* the greeting may come */
	guint unheard;      /* looks whether what was sent blind is answered */
	bool failed_blind;  /* it was not, or not as it should */
	unsigned quirks;
	int64_t progress_at;     /* monotonic, of the last byte in or out */
	uint64_t progress_bytes; /* both ways, then */
	int64_t silent_since;    /* monotonic: the last byte came, or nothing was due before */
	unsigned told_silence;   /* seconds */
	bool answering;          /* what an answer means is found out; its command is told after */
	GError *doom;            /* why it is to be closed then */
	GError *over;            /* why it is closed */
	bool freed;
	unsigned references;
};

/* session.c */

ImapSession *session_new(const SessionConfig *config, const SessionEvents *events, void *self);
TransportOptions session_transport_options(const ImapSession *s, const SessionConfig *config);
extern const TransportEvents session_transport_events;

/* The counterpart of s->references++, around whatever may free the session. */
void session_unref(ImapSession *s);

/* Changes the state, logs it by name, tells the listener. */
void session_become(ImapSession *s, SessionState state);

/* Ends everything; the one way to the event `closed`.  From the loop only. */
void session_close(ImapSession *s, GError *error_take);
void session_close_because(ImapSession *s, CoreError code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* Closed or freed: nothing may be done with it any more. */
bool session_is_over(const ImapSession *s);

/* A line without secrets goes to the log, and to who listens for lines. */
void session_log(ImapSession *s, bool sent, const char *line);

/* What the server says it can, NULL-terminated. */
void session_learn(ImapSession *s, const char *const *words);

/* Tells the phase, where someone still listens. */
void session_tell_phase(ImapSession *s, const char *text);

/* Sends what may be sent now. */
void session_pump(ImapSession *s);

/* The same at the next turn of the loop. */
void session_wake(ImapSession *s);

/* Bytes leave, compressed where that was agreed on. */
void session_write(ImapSession *s, GBytes *bytes);

/* session_watch.c: whoever waits for an answer is told of silence, and not for ever. */

/* The line moved. */
void session_note_progress(ImapSession *s);
/* Whether an answer is due may have changed. */
void session_watch_progress(ImapSession *s);
void session_tell_silence(ImapSession *s);

/* session_read.c: from bytes to responses and who they are for.  May end the session. */
void session_read(ImapSession *s, const char *buf, size_t len);
/* The same of what is no longer compressed, and of what session_raw_read() left over. */
void session_take(ImapSession *s, const char *buf, size_t len);

/* session_stream.c: `missing` of TransportEvents. */
size_t session_missing(Transport *t, void *self);

/* session_raw.c */

void session_raw_push(ImapSession *s, const char *buf, size_t len);
/* Tells who waits for them where they are here. */
void session_raw_serve(ImapSession *s);
/* No more will come for it: whoever waits is told so; what is left is read as responses unless the
 * session is over. */
void session_raw_end(ImapSession *s, const GError *error);

/* session_login.c */

/* What login_next() needs to know. */
LoginFacts session_facts(const ImapSession *s);

/* The first response. */
void session_greet(ImapSession *s, const Response *r);

/* Does the next step towards AUTH. */
void session_advance(ImapSession *s);

/* A log-in was answered with OK. */
void session_logged_in(ImapSession *s, const StatusLine *line);

/* Our last word in the log-in is said: the rest of the first flight may follow it. */
void session_follow_login(ImapSession *s);

/* session_sasl.c: logs in by s->mechanism. */
void session_authenticate(ImapSession *s);

/* A challenge for it. */
void session_challenged(ImapSession *s, const char *challenge);

/* AUTHENTICATE was answered: false where it is not over for our side, and the session closed. */
bool session_authenticated(ImapSession *s);

/* Forgets what is left of it. */
void session_end_sasl(ImapSession *s);

/* AUTHENTICATE or LOGIN of our own came back with an error. */
void session_refused(ImapSession *s, const GError *error);

/* STARTTLS was granted and every response before the handshake is taken. */
void session_encrypt(ImapSession *s);

/* A BYE that was not asked for. */
void session_dismissed(ImapSession *s, const StatusLine *line);

/* Nothing said in clear is shown or believed where the line is to be encrypted. */
bool session_hears_anyone(const ImapSession *s);

/* Puts "…" where a server echoes the password; and wipes it once it has done its work. */
void session_hide_password(const ImapSession *s, GString *text);
void session_wipe_password(ImapSession *s);

/* session_enable.c: ENABLE (RFC 5161), and what is written as what is enabled says. */

/* ENABLE typed by hand is under way. */
void session_note_enabling(ImapSession *s, const Writer *w);

/* The response ENABLED: only what was asked for, for nobody else decides that here (T073). */
void session_note_enabled(ImapSession *s, const Response *r);

/* ENABLE came back, with whatever answer. */
void session_enable_answered(ImapSession *s);

/* Then: names and words that were submitted behind it may mean something else now, or nothing. */
void session_check_enabled(ImapSession *s);

/* What a command is written with, as for writer_new(); what is submitted while it logs in is sent
 * before ENABLE, where that is legal there. */
Capability session_written_with(const ImapSession *s, const CommandSpec *spec);

/* The same for the pipeline, which sends it with UTF-8 in it. */
Capability session_spelling(const CommandSpec *spec, void *self);

#endif
