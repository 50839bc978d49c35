/* writer - builds one command as segments: text up to a synchronising literal, then what follows
 * its continuation.  The only place that writes arguments: atom, quoted or literal by content, so
 * that no CR, LF, NUL or quote of a user or a mail can end a command. Errors stick. Pure. */
#ifndef SHEAF_CORE_WRITER_H
#define SHEAF_CORE_WRITER_H

#include <glib.h>
#include <stdbool.h>
#include "core/wire/capability.h"
#include "core/wire/command.h"
#include "core/wire/uidset.h"

typedef struct Writer Writer;

/* Verb already written; `caps` decides about LITERAL+ and LITERAL-, and with UTF8=ACCEPT or
 * IMAP4rev2 (only where that is enabled: RFC 6855 3, RFC 9051 6.3.1) about UTF-8 in quotes and in
 * mailbox names. */
Writer *writer_new(const CommandSpec *spec, Capability caps);
/* What a COMMAND_SECRET verb was given is wiped. */
void writer_free(Writer *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Writer, writer_free)

/* Each argument is preceded by one blank (but for the first of COMMAND_ID_XATOM). */
void writer_atom(Writer *w, const char *atom);         /* anything but visible ASCII, or one of
							  ( ) { " in it: sticky error */
void writer_string(Writer *w, const char *utf8);       /* quoted, or a literal where it must be */
void writer_astring(Writer *w, const char *text);      /* atom where possible, else as string */
void writer_mailbox(Writer *w, const char *wire_name); /* the wire name as LIST gave it */
void writer_number(Writer *w, uint64_t number);
void writer_uids(Writer *w, const UidSet *uids);       /* the empty set: sticky error */
void writer_list(Writer *w, const char *const *atoms); /* (a b c); NULL-terminated */
void writer_open(Writer *w);                           /* " (" and then no blank in front */
void writer_close(Writer *w);
void writer_literal(Writer *w, GBytes *data); /* any bytes but NUL */
/* A message for APPEND: a literal8 in UTF8 (…) once UTF8=ACCEPT is enabled (RFC 6855 4), and where
 * NUL is in it (RFC 3516 4.4; needs BINARY); else a literal. */
void writer_message(Writer *w, GBytes *message);
/* Sticky error where CR, LF or NUL is in it, or "{n}" or "{n+}" at its end. */
void writer_raw(Writer *w, const char *text);

/* Nothing else is in flight while it is, as with COMMAND_ALONE, and all that comes is its answer.
 */
void writer_set_alone(Writer *w);
bool writer_is_alone(const Writer *w);

/* Whether something in it, a word or a mailbox name, is in UTF-8 where that is enabled, and must
 * not be where it is not. */
bool writer_is_utf8(const Writer *w);

/* Bytes of the largest literal so far. */
uint64_t writer_largest_literal(const Writer *w);

/* NULL where fine, else what was wrong (CORE_ERROR_STATE when submitted). */
const char *writer_failure(const Writer *w);

/* Before writer_segments(): spells mailbox names as `caps` (as in writer_new()) says; true where
 * that changed the line.  Only names change: not what else depends on `caps`. */
bool writer_spell(Writer *w, Capability caps);

const CommandSpec *writer_spec(const Writer *w);

/* For session.c: `tag` and a blank in front of the first segment.  Segments are GBytes*, all but
 * the last end in a synchronising literal's "{n}\r\n". The array owns them.  Empties the writer:
 * call it once. */
GPtrArray *writer_segments(Writer *w, const char *tag);

/* One line for the log: literals as {n}, secrets of a COMMAND_SECRET verb as "…", control bytes as
 * '?'. Caller frees. */
char *writer_log(const Writer *w);

/* The set that a UID FETCH was written with, for queue_owner(); NULL otherwise. */
const UidSet *writer_uid_argument(const Writer *w);

/* The first mailbox written, for queue_owner() and to know what is selected; NULL where none was.
 */
const char *writer_mailbox_argument(const Writer *w);

#endif
