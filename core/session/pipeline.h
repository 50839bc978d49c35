/* pipeline - the commands of one connection: queued, in flight, answered.  Gives tags when sending,
 * hands out literals at their continuation, breaks IDLE, and sees to it that every done callback
 * runs exactly once.  Knows no socket: bytes leave through a hook.  Used by session.c. */
#ifndef SHEAF_CORE_PIPELINE_H
#define SHEAF_CORE_PIPELINE_H

#include <glib.h>
#include <stdbool.h>
#include "core/base/scope.h"
#include "core/session/queue.h"
#include "core/wire/response.h"
#include "core/wire/writer.h"

typedef struct ImapCommand ImapCommand;
typedef struct Pipeline Pipeline;

/* How a command ended.  `error` is NULL for OK; `status` is the tagged line, NULL where none came
 * (abort, cancelled, refused locally).  Borrowed until return. */
typedef struct {
	const StatusLine *status;
	const GError *error;
} ImapResult;

typedef void (*ImapDone)(const ImapResult *result, void *data);
typedef void (*ImapData)(const Response *response, void *data);

/* What the session lends. */
typedef struct {
	void (*write)(GBytes *bytes, void *self);
	uint64_t (*unsent)(void *self); /* bytes of write() that have not left yet */
	/* A command came to the head of those in flight: the server works on it now. */
	void (*working)(const QueueEntry *entry, void *self);
	/* A tagged line came (error as verdict_error()); the command's done follows.  Returns the
	 * state that this leads to. */
	SessionState (*answered)(const QueueEntry *entry, const StatusLine *line,
				 const GError *error, void *self);
	/* AUTHENTICATE was asked to go on with this challenge: pipeline_respond() answers it. */
	void (*challenged)(const char *challenge, void *self);
	/* This was sent, for the log: no secret is in it. */
	void (*said)(const char *line, void *self);
	/* pipeline_pump() is wanted soon, from the loop. */
	void (*wake)(void *self);
	/* What a command of this kind is written with now, as for writer_new(); asked when one is
	 * sent that has UTF-8 in it. */
	Capability (*spelling)(const CommandSpec *spec, void *self);
} PipelineHooks;

/* `peer` names the server in messages; borrowed, as `hooks` and `self`. */
Pipeline *pipeline_new(const char *peer, const PipelineHooks *hooks, void *self);

/* Every command must have ended (pipeline_end()). NULL is allowed. */
void pipeline_free(Pipeline *p);

/* Queues a command (takes both); where `refusal_take` is set or the writer failed, it will only be
 * told so.  `first` ones overtake the others, but not each other, and are never held back. */
ImapCommand *pipeline_submit(Pipeline *p, Scope *scope, Writer *w_take, bool first,
			     GError *refusal_take, ImapData on_data, ImapDone done, void *data);

/* What is held back: it starts with PIPELINE_HOLDS_ALL. */
typedef enum {
	PIPELINE_HOLDS_NOTHING,
	PIPELINE_HOLDS_OTHERS, /* all but `first` commands and COMMAND_BLIND ones */
	PIPELINE_HOLDS_ALL     /* all but `first` ones */
} PipelineHold;

void pipeline_hold(Pipeline *p, PipelineHold hold);

/* Sends what may be sent, tells what was refused. From the loop only. */
void pipeline_pump(Pipeline *p, SessionState state, Capability capabilities);

/* A "+" with its text: false where none is awaited (CORE_ERROR_ABORT). */
bool pipeline_continue(Pipeline *p, const char *text, GError **error);

/* A line of AUTHENTICATE's own, without CRLF, never logged; wiped from memory once sent.  Dropped
 * where none runs. */
void pipeline_respond(Pipeline *p, const char *line);

/* Nothing more is to be said by us in the AUTHENTICATE that runs or is queued first: other commands
 * may be sent behind it. */
void pipeline_end_authenticate(Pipeline *p);

/* A tagged line: false where the tag is not ours, or its command has not even left (T003). */
bool pipeline_tagged(Pipeline *p, const Response *response, GError **error);

/* The in-flight command that untagged data belongs to, or NULL; and the call of its on_data.  All
 * chunks of a body go to the one that the first belonged to; it is told that they are void where
 * the response comes to be another's. */
const QueueEntry *pipeline_owner(const Pipeline *p, const Response *response);
void pipeline_data(Pipeline *p, const Response *response);

/* The response whose chunks were handed on cannot be read. */
void pipeline_void_chunks(Pipeline *p);

/* Ends every command with `error`; later ones are refused with it, at the next pipeline_pump(). */
void pipeline_end(Pipeline *p, const GError *error);

void pipeline_break_idle(Pipeline *p);

/* Nothing queued and nothing in flight but IDLE; an answer or continuation is due; DONE is written
 * and not answered. */
bool pipeline_is_idle(const Pipeline *p);
bool pipeline_is_waiting(const Pipeline *p);
bool pipeline_is_leaving_idle(const Pipeline *p);

/* The server still has to answer a command that was cancelled, and what else it was sent changes
 * nothing: it can be asked for again on another connection. */
bool pipeline_is_stuck(const Pipeline *p);

/* True while such a command is in flight; while one is that was sent COMMAND_BLIND. */
bool pipeline_runs(const Pipeline *p, CommandId id);
bool pipeline_runs_blind(const Pipeline *p);
/* A command that leaves the mailbox (SELECT, CLOSE, …) is queued, and not sent yet. */
bool pipeline_will_leave(const Pipeline *p);

/* Forgets an unsent command, orphans a sent one (its answers are swallowed); `done` comes at once
 * with CANCELLED. */
void imap_cancel(ImapCommand *command);

#endif
