/* uidsearch - one UID SEARCH as a set: by ESEARCH where the server can (RFC 4731: a few ranges for
 * a million messages), else from the numbers of SEARCH. */
#ifndef SHEAF_CORE_UIDSEARCH_H
#define SHEAF_CORE_UIDSEARCH_H

#include "core/command/imap.h"

/* More than this is no mailbox but an attack on the memory: CORE_ERROR_NO. */
#define UIDSEARCH_MAX 16000000

/* Comes once, as an ImapDone does. `uids` is NULL with an error; borrowed until return. */
typedef void (*UidSearchDone)(const UidSet *uids, const GError *error, void *data);

/* `criteria` is written as it is: a constant, or made of UIDs. */
void uidsearch_run(ImapSession *s, Scope *scope, const char *criteria, UidSearchDone done,
		   void *data);

/* The same; `answered` comes with the first of the numbers, and never where there are none: what
 * the server tells behind it is newer than they. */
typedef void (*UidSearchAnswered)(void *data);
void uidsearch_run_noting(ImapSession *s, Scope *scope, const char *criteria,
			  UidSearchAnswered answered, UidSearchDone done, void *data);

/* Several may be in flight at once: their answers name their tags. */
bool uidsearch_is_pipelined(const ImapSession *s);

#endif
