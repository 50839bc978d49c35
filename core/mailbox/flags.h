/* flags - a message's flags in one word: 5 system bits and up to 59 keywords, named per mailbox.
 * What does not fit any more is dropped with a log line.  Pure. */
#ifndef SHEAF_CORE_FLAGS_H
#define SHEAF_CORE_FLAGS_H

#include <glib.h>
#include "core/wire/response.h"

typedef uint64_t Flags; /* FLAG_SEEN … FLAG_DRAFT as in response.h, keywords from bit 5 up */

#define FLAGS_SYSTEM       ((Flags)0x1f)
#define FLAGS_KEYWORDS_MAX 59

/* The keywords of one mailbox; compared without case, kept as first seen. */
typedef struct FlagNames FlagNames;

FlagNames *flags_names_new(void);
void flags_names_free(FlagNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlagNames, flags_names_free)

/* Those that are known by now, in the order of their bits: they only become more. */
unsigned flags_keyword_count(const FlagNames *names);
const char *flags_keyword(const FlagNames *names, unsigned i); /* borrowed */
Flags flags_keyword_bit(unsigned i);
Flags flags_find_keyword(const FlagNames *names, const char *word); /* 0: none of these */

/* Bits for a list from the wire; new keywords are given the next bit.  \Recent is not among them.
 */
Flags flags_from_list(FlagNames *names, const FlagList *list);

/* "\\Seen" or a keyword to its bit; 0 where it is unknown and `add` is false, where it could not be
 * sent back as an atom, or where all bits are taken. */
Flags flags_from_word(FlagNames *names, const char *word, bool add);

/* Words for a STORE, NULL-terminated. Free with g_strfreev(). */
char **flags_to_words(const FlagNames *names, Flags flags);

#endif
