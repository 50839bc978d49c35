/* stage - a session acting out the client's part of a conversation in tests/wire/: see player.h for
 * the marks of the server.  Those of the client:
 *
 *   set: starttls           before `do: open`; also: plain (else the line counts as secure),
 *                           local, clear, manual, user NAME, password WORD, stall SECONDS,
 *                           whole (not to be played in single bytes)
 *   do: open                the session begins
 *   do: UID FETCH 1:3 (FLAGS)      submits a command
 *   do: cancel UID FETCH    cancels the last one of that verb
 *   do: cancel all          cancels the scope that all belong to
 *   do: break, free         session_break_idle(), session_free()
 *   when: data LIST => free        does so inside the callback of that event, once
 *   see: done NOOP OK       waits for that event behind the one seen last; * matches anything,
 *                           and the line may go on
 *   never: response         no such event so far
 *
 * Events: "state AUTH", "phase TEXT", "response KIND", "data VERB KIND", "done VERB OK",
 * "done VERB CLASS TEXT", "closed CLASS TEXT"; CLASS is NO, BAD, STATE, AUTH, ABORT, TLS, READONLY
 * or CANCELLED. */
#ifndef SHEAF_TESTS_STAGE_H
#define SHEAF_TESTS_STAGE_H

#include <stdbool.h>

/* Plays the file (tcp-*.txt over a port of 127.0.0.1, others over a socketpair); NULL where all
 * went as written and every submitted command was told its end exactly once and never from inside a
 * call.  Caller frees. */
char *stage_play(const char *path, bool bytewise);

#endif
