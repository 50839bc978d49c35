/* framer - cuts the server's byte stream into whole responses: the only resumable code of the
 * grammar.  Two states, line and literal; knows nothing of IMAP but CRLF, {n}, ~{n}, {n+}, that
 * status lines ("* OK", "A1 NO", "+") are prose in which {3} is no literal, and which responses may
 * be long.  Those with numbers (SEARCH, SORT, THREAD, ESEARCH with ALL, VANISHED) are never kept
 * whole: of a long one each 64 KiB are a response of their own, with the same beginning.  Neither
 * is a long body in a FETCH: it is handed on in chunks as it arrives, in front of its response. */
#ifndef SHEAF_CORE_FRAMER_H
#define SHEAF_CORE_FRAMER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	size_t at;        /* offset in Frame.text just behind the '}' */
	GBytes *data;     /* owned by the frame; take a reference to keep it.  NULL: in chunks */
	uint64_t chunked; /* octets of it that come or came in chunks, else 0 */
} FrameLiteral;

/* What is here of a literal in chunks, never nothing; they come in order and without a gap. */
typedef struct {
	const char *bytes; /* len of them, borrowed until the next framer call */
	size_t len;
	uint64_t offset, total;
} FrameChunk;

/* One response without its final line end (CRLF or a bare LF): text with "{n}" left in place,
 * literals beside it.  The text holds no NUL and no LF; a literal may hold any byte.
 *
 * Where chunk.total is not 0 it is no response but a chunk of the last literal; the text is what
 * came in front of it, the same for all chunks of one, and more of the response follows. */
typedef struct {
	const char *text; /* len bytes and a NUL behind; borrowed until the next framer call */
	size_t len;
	const FrameLiteral *literals;
	size_t n_literals;
	FrameChunk chunk;
} Frame;

typedef struct {
	size_t max_line;        /* bytes of a response outside literals, default 1 MiB */
	size_t max_number_line; /* of SEARCH, SORT, THREAD, ESEARCH, VANISHED: 128 MiB */
	size_t max_piece;       /* of such a line; 0: 64 KiB; a longer one comes in pieces */
	uint64_t max_literal;   /* one literal, default 2 GiB - 1 */
	uint64_t max_whole;     /* of a body in a FETCH; what is longer comes in chunks: 1 MiB */
	uint64_t max_response;  /* all of a FETCH, default 64 MiB above max_literal */
	uint64_t max_other;     /* all of any other response, and of a FETCH what does not come in
				   chunks, default 64 MiB */
} FramerLimits;

extern const FramerLimits framer_default_limits;

typedef struct Framer Framer;

/* `limits` is copied; NULL: the defaults. */
Framer *framer_new(const FramerLimits *limits);
void framer_free(Framer *framer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Framer, framer_free)

/* Appends a read. */
void framer_push(Framer *framer, const char *buf, size_t len);

/* 1: `*out` holds a whole response, or a chunk. 0: more bytes needed. -1: the stream is broken for
 * good (CORE_ERROR_ABORT names why).  No memory is ever allocated from a declared size alone. */
int framer_next(Framer *framer, Frame *out, GError **error);

/* Bytes pushed and not yet part of a delivered frame (the STARTTLS rule needs 0). */
size_t framer_buffered(const Framer *framer);

/* What is pushed and not yet part of a frame, taken out again: what follows a response after which
 * the stream is another one.  NULL where part of a response was already read.  Caller frees. */
GBytes *framer_take_rest(Framer *framer);

/* Bytes of the literal under way that are here, and its size, for progress; false where none is. */
bool framer_progress(const Framer *framer, uint64_t *have, uint64_t *total);

#endif
