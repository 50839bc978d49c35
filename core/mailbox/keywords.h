/* keywords - which keywords the index shows and by which words: the option of that name, read.
 * Words between blanks: NAME, NAME=SIGN (shown as SIGN), NAME= (not shown), and * for all others
 * that do not begin with $, by their own names.  Pure, immutable, counted by references. */
#ifndef SHEAF_CORE_KEYWORDS_H
#define SHEAF_CORE_KEYWORDS_H

#include "core/mailbox/flags.h"

/* Of one mailbox: each may cost a search when it is opened. */
#define KEYWORDS_SHOWN_MAX 16

typedef struct Keywords Keywords;

/* What is no keyword matches none. */
Keywords *keywords_new(const char *list);
Keywords *keywords_ref(Keywords *k);
void keywords_unref(Keywords *k);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keywords, keywords_unref)

/* Those of a mailbox's keywords that are shown, KEYWORDS_SHOWN_MAX at most: in the order of the
 * list, then by age. */
Flags keywords_shown(const Keywords *k, const FlagNames *names);

/* The words for those of `flags` that are shown, in the same order; clean, of any length.  Caller
 * frees with g_strfreev(). */
char **keywords_signs(const Keywords *k, const FlagNames *names, Flags flags);

/* The keyword of `flags` that is shown by this word, case ignored; 0 where none is. */
Flags keywords_find(const Keywords *k, const FlagNames *names, Flags flags, const char *sign);

#endif
