/* words - what a person types behind an IMAP verb, cut into arguments.  Pure.
 *
 * Words are separated by blanks, but not inside "…", (…) and […]; in quotes a backslash takes the
 * next byte as it is.  A word that begins with '<' names a file whose bytes are meant. */
#ifndef SHEAF_CORE_WORDS_H
#define SHEAF_CORE_WORDS_H

#include <glib.h>
#include <stdbool.h>

typedef enum {
	WORD_BARE,
	WORD_QUOTED, /* "…", the quotes being part of the text */
	WORD_LISTED, /* (…), in the same way */
	WORD_FILE    /* <PATH: the text is the path */
} WordForm;

typedef struct {
	char *text; /* as typed */
	WordForm form;
} Word;

/* Array of Word*, which it frees; NULL with CORE_ERROR_STATE where a quote or a bracket is not
 * closed, or stands where none was opened. */
GPtrArray *words_split(const char *line, GError **error);

/* None, as imaplib writes that there is no argument; NONE is a word of NOTIFY. */
bool word_is_none(const Word *word);

/* What the word means: of a quoted one what stands in the quotes, else the text.  Caller frees. */
char *word_value(const Word *word);

#endif
