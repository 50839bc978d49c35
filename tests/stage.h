/* clang-format off */
/* stage - a session acting out the client's part of a conversation in tests/wire/: see player.h for
 * the marks of the server.  Those of the client:
 *
 *   set: starttls           before `do: open`; also: plain (else the line counts as secure),
 *                           names DNS:x (of the certificate), common-name X, days FROM TO (of its
 *                           validity), tls 1.1 (the newest offered), stranger (its CA is unknown),
 *                           weak (a key of 768 bits), pin own, pin sha256:…, host NAME, log (keep it), local, clear,
 *                           manual, blind, enable, enabled before, user NAME, password WORD, token (the password is one),
 *                           sasl NAME, remembered NAME, stall SECONDS, whole (not to be played in
 *                           single bytes)
 *   do: open                the session begins
 *   do: UID FETCH 1:3 (FLAGS)      submits a command
 *   do: cancel UID FETCH    cancels the last one of that verb
 *   do: cancel all          cancels the scope that all belong to
 *   do: break, free         session_break_idle(), session_free()
 *   when: data LIST => free        does so inside the callback of that event, once
 *   see: done NOOP OK       waits for that event behind the one seen last; * matches anything, and
 *                           the line may go on
 *   never: response         no such event so far
 *   count: 3 response FETCH        exactly so many of them so far
 *   is: secure, encrypted, open, selected, writable, failed blind,
 *       enabled NAME               not: …
 *   is: offering IDLE UIDPLUS      the capabilities that are believed in, all of them
 *   memory: from here       memory: below 3 MiB: most that was resident, above what was then
 *   work: from here         work: below 100 ms: what the processor did since, in all threads
 *   turn: below 100 ms      no turn of the loop took more of the processor
 *   log: has TEXT, never TEXT, lines below 1000 bytes
 *
 * Events: "state AUTH", "phase TEXT", "response KIND" (" in MAILBOX" where one
 * is selected), "data VERB KIND" (CHUNK: the first of a body; VOID: they are void), "done VERB OK",
 * "done VERB CLASS TEXT", "closed CLASS TEXT"; CLASS is NO, BAD, STATE, AUTH, ABORT, DEAD, TLS, READONLY
 * or CANCELLED. */
/* clang-format on */
#ifndef SHEAF_TESTS_STAGE_H
#define SHEAF_TESTS_STAGE_H

#include <stdbool.h>

typedef enum { STAGE_STREAM, STAGE_BYTES, STAGE_STARTTLS, STAGE_TLS } StageOver;

/* Plays `lines`, called `name`: over a socketpair in whole lines or single bytes, or with TLS from
 * the start or by STARTTLS, which the lines then say nothing of. */
char *stage_play_lines(const char *name, const char *const *lines, StageOver over);

/* Plays the file (tcp-*.txt over a port of 127.0.0.1, others over a socketpair); NULL where all
 * went as written and every submitted command was told its end exactly once and never from inside a
 * call.  No event may hold
 * a control character.  Caller frees. */
char *stage_play(const char *path, bool bytewise);

#endif
