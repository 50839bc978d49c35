/* player - plays the server's part of a conversation that is written down in tests/wire/NAME.txt,
 * over one end of a socketpair, in the test's own main loop.  A line is a mark and a text:
 *
 *   S: * OK hello           the server says this (CRLF is added); lines that
 *                           follow each other leave in one write
 *   S*: * OK hello          the same in single bytes, each in a turn of its own
 *   S-: half a li           without CRLF
 *   C: A1 NOOP              the client must say exactly this next (@VERSION@: the program's)
 *   quiet:                  the client must have said nothing more
 *   close:                  the server hangs up
 *   gone:                   the client hangs up
 *   TLS:                    the handshake, behind a STARTTLS
 *   DEFLATE:                from here on both sides compress, behind a COMPRESS
 *   raw: bytes              what the server says is not compressed (and CRLF is not added)
 *   # ...                   a remark
 *
 * In every line \xHH is that byte, and {repeat 1000 text} that text a thousand times (# in it
 * counts from 1; braces in it are balanced); of what the server says more than 64 KiB leave as they
 * are made.  Any other mark is a cue for the test, which says whether it is done or to be asked
 * again. */
#ifndef SHEAF_TESTS_PLAYER_H
#define SHEAF_TESTS_PLAYER_H

#include <stdbool.h>

typedef enum { CUE_DONE, CUE_LATER, CUE_WRONG, CUE_END } CueResult; /* END: leave it there */
typedef CueResult (*PlayerCue)(const char *mark, const char *text, void *data);

/* How a conversation is delivered. */
typedef struct {
	bool bytewise;              /* every S line as S* */
	bool tls;                   /* the handshake comes first */
	bool starttls;              /* the greeting, whose capabilities must stand in it, is told in
				       clear first; then STARTTLS, handshake and CAPABILITY; tags of the
				       script count on behind that */
	struct ssl_ctx_st *context; /* looked at when the handshake begins */
	unsigned longest_turn_ms;   /* out: processor time of one turn of the loop */
} PlayerOptions;

/* Plays `lines` (as below), which are called `name` in what is returned. */
char *player_play_lines(const char *name, const char *const *lines, int fd_take,
			PlayerOptions *options, PlayerCue cue, void *data);

/* Plays `path` to its end, over a connected or a listening, non-blocking socket; of the latter the
 * next connection is taken when one was closed.  `bytewise`: every S line as S*.  Returns NULL
 * where all went as written, else "tests/wire/x.txt:12: expected …" (caller frees). Closes
 * `fd_take`. */
char *player_play(const char *path, int fd_take, bool bytewise, PlayerCue cue, void *data);

#endif
