/* lex - a cursor over one Frame that reads tokens; errors stick, so that a reader checks once at
 * the end.  Reads like the ABNF of RFC 9051 9; no I/O, no state beyond the cursor.
 * Lenient where servers are: an atom may hold raw 8-bit, '\', '%' and '*'; quotes inside a quoted
 * string that no delimiter follows are part of it. */
#ifndef SHEAF_CORE_LEX_H
#define SHEAF_CORE_LEX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/wire/framer.h"

typedef struct {
	const Frame *frame;
	const char *at, *end; /* a NUL stands at `end` */
	size_t literal;       /* the next one in frame->literals */
	Arena *arena;         /* strings it hands out live here */
	const char *failed;   /* NULL, or what was expected */
	size_t failed_at;     /* offset of it in the frame */
} Lex;

/* What bytes may be; only what tokens are cut by. */
enum {
	LEX_ATOM = 1 << 0, /* an atom, with what servers add to it; not ']' */
	LEX_FLAG = 1 << 1, /* anything a flag or keyword may be sent as */
	LEX_ITEM = 1 << 2  /* the name of a FETCH item, up to its '[' */
};

extern const unsigned char lex_class[256];

/* How many bytes from `at` on are of that class; ends at a NUL. */
static inline size_t lex_span(const char *at, unsigned char_class)
{
	size_t len = 0;

	while (lex_class[(unsigned char)at[len]] & char_class)
		len++;
	return len;
}

/* True where the token at `at` of that class is `word` (letters, digits, '.', '-', '*') in any
 * case. A control byte may pass for a digit or a sign of the word: no harm, and no table. */
static inline bool lex_is(const char *at, const char *word, size_t len, unsigned char_class)
{
	for (size_t i = 0; i < len; i++) {
		if (((at[i] ^ word[i]) & ~0x20) != 0)
			return false;
	}
	return !(lex_class[(unsigned char)at[len]] & char_class);
}

void lex_init(Lex *lex, const Frame *frame, Arena *arena);

/* True where something failed; sets `error` (CORE_ERROR_BAD, position and expectation named). */
bool lex_failed(const Lex *lex, GError **error);
bool lex_fail(Lex *lex, const char *expected); /* returns false; the cursor stands at the end */

/* Inline, because dispatch does little else: */

/* Looks ahead; 0 at the end. */
static inline char lex_peek(const Lex *lex)
{
	return *lex->at;
}

static inline bool lex_at_end(const Lex *lex)
{
	return lex->at == lex->end;
}

/* True where the response is not whole: what follows here comes in chunks. */
static inline bool lex_is_cut(const Lex *lex)
{
	return lex->frame->chunk.total != 0 && lex_at_end(lex);
}

/* Takes one character where it is `c` (never 0). */
static inline bool lex_take(Lex *lex, char c)
{
	if (*lex->at != c)
		return false;
	lex->at++;
	return true;
}

/* The same, or fails. */
bool lex_expect(Lex *lex, char c);

/* Takes one or more blanks, or fails. */
static inline bool lex_space(Lex *lex)
{
	if (*lex->at != ' ')
		return lex_fail(lex, "a blank");
	while (*lex->at == ' ')
		lex->at++;
	return true;
}

/* True where a list has another element here: steps over blanks, looks for ')' and the end. */
static inline bool lex_more(Lex *lex)
{
	while (*lex->at == ' ')
		lex->at++;
	return *lex->at != ')' && lex->at != lex->end;
}

/* Skips what is left of a list and takes its ')' or fails. */
bool lex_close(Lex *lex);

/* An atom where it stands in the frame: no copy, no NUL behind it.  Without `]`. */
bool lex_slice(Lex *lex, const char **out, size_t *len);
/* An atom as a string in the arena. */
bool lex_atom(Lex *lex, const char **out);
/* The atom compared without case to `word`, taken only where equal. */
bool lex_word(Lex *lex, const char *word);
bool lex_number(Lex *lex, uint32_t *out);
bool lex_number64(Lex *lex, uint64_t *out);
bool lex_nz_number(Lex *lex, uint32_t *out);

/* string, astring, nstring: NUL-terminated in the arena with their length (NULL where not wanted).
 * A literal may hold NULs, which count in the length.  NIL gives NULL; where a string must be an
 * atom is taken for one. */
bool lex_string(Lex *lex, const char **out, size_t *len);
bool lex_astring(Lex *lex, const char **out, size_t *len);
bool lex_nstring(Lex *lex, const char **out, size_t *len);
/* nstring or literal8 as bytes; a literal is not copied.  NIL gives NULL, and so does a literal in
 * chunks, whose octets `*chunked` counts (else 0).  The arena owns `*out` (g_bytes_ref it to keep).
 */
bool lex_nbytes(Lex *lex, GBytes **out, uint64_t *chunked);

/* Words up to `close` (not taken; 0: to the end), quoted or of any bytes but blanks and
 * parentheses, as a NULL-terminated array. */
bool lex_words(Lex *lex, char close, const char *const **out);

/* Skips one value of any form: atom, string, literal, or a list to any depth (counted, not
 * recursed into). */
bool lex_skip_value(Lex *lex);

/* The rest of the line, borrowed from the frame. */
const char *lex_rest(Lex *lex);

#endif
