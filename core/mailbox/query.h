/* query - the search language of / and l to SEARCH keys (RFC 9051 6.4.4).
 * words (all of them): in the subject or of that sender; "a phrase"; from:x to:x cc:x bcc:x
 * subject:x body:x text:x id:<message-id>; is:unread read flagged unflagged answered unanswered
 * deleted undeleted draft new; since:2026-01-31 before:… on:… (also 3d, 2w, 1m, 1y, today,
 * yesterday); saved-since: saved-before: saved-on: (into this folder); younger:3h older:3h (also
 * min and the units above); larger:1M smaller:100K; keyword:x; gmail:"has:drive in:anywhere" as
 * Google reads it; not X, X or Y, ( ).  Pure. */
#ifndef SHEAF_CORE_QUERY_H
#define SHEAF_CORE_QUERY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/wire/capability.h"

typedef struct Query Query;

/* A sentence that names the place where it does not fit (CORE_ERROR_STATE). `now` in unix seconds
 * for relative dates. */
Query *query_parse(const char *text, int64_t now, GError **error);
Query *query_ref(Query *query);
void query_free(Query *query); /* gives the reference back */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Query, query_free)

/* True where a string has 8-bit characters, so that SEARCH needs CHARSET UTF-8. */
bool query_needs_charset(const Query *query);

/* Words are in few messages; a state, a date or a size may be that of half the mailbox. */
bool query_finds_few(const Query *query);

/* What a server that can `caps` would have to offer to understand it, "SAVEDATE"; or NULL. */
const char *query_lacks(const Query *query, Capability caps);

/* How the server at hand must be asked. */
typedef struct {
	bool no_recent;    /* IMAP4rev2 has no RECENT */
	uint32_t new_from; /* the first UID that is new, for such a server; 0: none is */
	bool within;       /* it has YOUNGER and OLDER (RFC 5032); else whole days count */
} QueryDialect;

/* The keys as atoms and strings: calls `atom` for what goes as it is and `string` for what needs
 * quoting, in order, parentheses as atoms "(" and ")". */
typedef struct {
	void (*atom)(const char *atom, void *data);
	void (*string)(const char *utf8, void *data);
} QuerySink;
void query_emit(const Query *query, const QueryDialect *dialect, const QuerySink *sink, void *data);

#endif
