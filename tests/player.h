/* player - plays the server's part of a conversation that is written down in tests/wire/NAME.txt,
 * over one end of a socketpair, in the test's own main loop.  A line is a mark and a text:
 *
 *   S: * OK hello           the server says this (CRLF is added; \xHH is that byte); lines that
 *                           follow each other leave in one write
 *   S*: * OK hello          the same in single bytes, each in a turn of its own
 *   S-: half a li           without CRLF
 *   C: A1 NOOP              the client must say exactly this next
 *   quiet:                  the client must have said nothing more
 *   close:                  the server hangs up
 *   # ...                   a remark
 *
 * Any other mark is a cue for the test, which says whether it is done or to be asked again. */
#ifndef SHEAF_TESTS_PLAYER_H
#define SHEAF_TESTS_PLAYER_H

#include <stdbool.h>

typedef enum { CUE_DONE, CUE_LATER, CUE_WRONG, CUE_END } CueResult; /* END: leave it there */
typedef CueResult (*PlayerCue)(const char *mark, const char *text, void *data);

/* Plays `path` to its end, over a connected or a listening, non-blocking socket; of the latter the
 * next connection is taken when one was closed.  `bytewise`: every S line as S*.  Returns NULL where all went as written, else "tests/wire/x.txt:12: expected …"
 * (caller frees). Closes `fd_take`. */
char *player_play(const char *path, int fd_take, bool bytewise, PlayerCue cue, void *data);

#endif
