/* call - one IMAP command as imaplib has it: words of a person in, a type and data out.  What the
 * server says is kept in an Answers; one command runs at a time.
 *
 * Three kinds of error, each of the one before (error_class()): "error", a wrong word, a wrong
 * state or BAD, and a log-in that is refused; "abort", the line or the server is gone; "readonly",
 * a mailbox that was to be written may not be. */
#ifndef SHEAF_CORE_CALL_H
#define SHEAF_CORE_CALL_H

#include "core/command/answers.h"
#include "core/command/argument.h"
#include "core/session/session.h"

typedef struct Caller Caller;

/* How a command ended, as the library tells it.  Borrowed until return; who keeps the data takes a
 * reference of it. */
typedef ImapReply Reply;

typedef void (*CallDone)(const Reply *reply, void *data);

/* `session` and `options` are borrowed until caller_free(). */
Caller *caller_new(ImapSession *session, const ArgumentOptions *options);

/* Others use the session, too: a command of this one runs with nothing beside it, and what comes
 * while it does goes to `heard`, which hands to caller_take() what is to be kept. */
void caller_share(Caller *caller, ImapData heard, void *data);

/* A command that runs goes on, unheard. NULL is allowed. */
void caller_free(Caller *caller);

/* Of the session's `response` event: every untagged response goes here. */
void caller_take(Caller *caller, const Response *response);

/* Runs `words`, of which the first is the verb, in any case.  `done` comes exactly once, from the
 * loop.  False with CORE_ERROR_STATE where it cannot be sent at all, without `done`; while one
 * runs, too. */
bool caller_run(Caller *caller, GPtrArray *words, CallDone done, void *data, GError **error);

/* Forgets the command that runs: its `done` comes at once with CORE_ERROR_CANCELLED. */
void caller_cancel(Caller *caller);

/* What came and was not asked for; borrowed, as in a Reply. */
const Answers *caller_kept(const Caller *caller);

/* imaplib's response(): returns and forgets what came under that name; see answers_pop(). */
GPtrArray *caller_response(Caller *caller, const char *name);

/* The type of a refusal, "NO" or "BAD"; NULL where the server did not refuse by this line. */
const char *call_refusal(const StatusLine *line);

/* The row of command.def that these words run, and in `*first` the index of its first argument; of
 * what nobody knows that of XATOM, and NULL with CORE_ERROR_STATE where no word is there.  The
 * "readonly" of a SELECT, which is not for the wire, is taken out and gives EXAMINE. */
const CommandSpec *call_find(GPtrArray *words, guint *first, GError **error);

/* The row of what these words come to: of "xatom VERB" that of VERB.  XATOM of what nobody knows,
 * NULL where no word is there. */
const CommandSpec *call_meant(GPtrArray *words);

#endif
