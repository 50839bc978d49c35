/* stored - rows and heads as they lie on disk.  What is read is checked like what comes from the
 * wire (T180): a head is the server's own FETCH and goes through framer and parser again, and rows
 * that do not ascend, or have flags that have no name, are none.  Pure. */
#ifndef SHEAF_CORE_STORED_H
#define SHEAF_CORE_STORED_H

#include "core/mailbox/flags.h"
#include "core/mailbox/table.h"
#include "core/wire/framer.h"

/* A longer head is fetched again each time. */
#define STORED_HEAD_MAX ((size_t)64 << 10)

/* The rows with index `from` up to but not with `to`: 2 to 4 bytes each.  Never NULL. */
GBytes *stored_pack_rows(const Table *rows, uint32_t from, uint32_t to);
/* Appends them to `out`.  False, and `out` as it was, where they are not rows whose UIDs ascend
 * between `first` and `last`, above all of `out`, with no flags but `allowed`. */
bool stored_unpack_rows(const void *data, size_t len, uint32_t first, uint32_t last, Flags allowed,
			Table *out);

/* The keywords in the order of their bits, separated by spaces, those of `known` (see
 * mailbox_known_keywords()) with a mark.  Caller frees. */
char *stored_pack_words(const FlagNames *names, Flags known);
/* The system flags and as many keywords as there are words; false where there are too many. */
bool stored_allowed_flags(const char *words, Flags *allowed);
/* Gives the words the bits that they had; false where these stand for others already, or where one
 * is no keyword. */
bool stored_unpack_words(const char *words, FlagNames *names, Flags *known);

/* The bytes of one FETCH response, as sent; NULL where it is too long.  Caller frees. */
GBytes *stored_pack_head(const Frame *frame);
/* Calls `fn` with it, whose pointers live until that returns.  False where the bytes are not one
 * FETCH with ENVELOPE of that UID. */
typedef void (*StoredHead)(uint32_t uid, const FetchData *fetch, void *data);
bool stored_read_head(GBytes *bytes, uint32_t uid, StoredHead fn, void *data);

#endif
