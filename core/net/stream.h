/* stream - what a session runs over, as one struct of functions: the five that Python's imaplib
 * lets a subclass replace, and what a main loop has to know beside.  Sheaf's own are sockets and
 * pipes (fdstream.h) and TLS (tls.h); a caller's own goes to session_open_stream().
 *
 * Nothing may block.  What cannot be done yet answers STREAM_WANT_READ or STREAM_WANT_WRITE and is
 * called again once descriptor() can be read or written, or once the caller says so by
 * session_stream_ready().  All calls come from the loop, one at a time; none of the functions may
 * call the session, or turn the loop. */
#ifndef SHEAF_CORE_STREAM_H
#define SHEAF_CORE_STREAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
	STREAM_DONE,
	STREAM_WANT_READ,  /* not before something comes in */
	STREAM_WANT_WRITE, /* not before something can go out */
	STREAM_CLOSED,     /* the other side will say no more */
	STREAM_FAILED      /* `*error`, of any domain, has the reason in one sentence */
} StreamResult;

typedef struct {
	/* Connects: called until it no longer wants to wait.  NULL: it is open from the start. */
	StreamResult (*open)(void *self, GError **error);
	/* Puts what is here, `len` bytes at most, into `buf`; how many goes to `*n`, with
	 * STREAM_DONE at least one. */
	StreamResult (*read)(void *self, char *buf, size_t len, size_t *n, GError **error);
	/* The same, but nothing behind the first LF; a long line may come in several.  Asked for
	 * what stands outside literals; read() then gives the literals alone.  NULL: read() gives
	 * all. */
	StreamResult (*readline)(void *self, char *buf, size_t len, size_t *n, GError **error);
	/* Takes the first of these `len` bytes; how many goes to `*n`, the rest is sent again. */
	StreamResult (*send)(void *self, const char *buf, size_t len, size_t *n, GError **error);
	/* Closes it: the last call, exactly once, whatever came before; `self` may be freed. */
	void (*shutdown)(void *self);
	/* What to poll for reading, or for `writing`: -1 while there is nothing.  Looked at after
	 * every call, so that it may change.  NULL: never anything. */
	int (*descriptor)(void *self, bool writing);
	/* Bytes are here of which the descriptor does not tell: read ahead, or decrypted.  NULL:
	 * never. */
	bool (*pending)(void *self);
	/* Nobody in between can listen or speak: a password may be sent over it, and PREAUTH is
	 * believed. */
	bool is_secure;
} ImapStream;

#endif
