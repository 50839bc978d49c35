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
	WORD_FILE,   /* <PATH: the text is the path */
	WORD_TEXT,   /* not typed but a program's: this very text, of which nothing is a mark */
	WORD_MESSAGE /* a program's too, in `message`; the text is "" */
} WordForm;

typedef struct {
	char *text; /* as typed */
	WordForm form;
	GBytes *message;
	bool keeps_eol; /* the message's line ends are left as they are */
} Word;

/* Array of Word*, which it frees; NULL with CORE_ERROR_STATE where a quote or a bracket is not
 * closed, or stands where none was opened. */
GPtrArray *words_split(const char *line, GError **error);

/* The words of a program, to be added in their order.  Free with g_ptr_array_unref(). */
GPtrArray *words_new(void);

/* This very text; NULL: None. */
void words_add_text(GPtrArray *words, const char *text);

/* One word, whatever blanks are in it, in the form that its quotes or parentheses give it, but
 * never a file or None; NULL and "": None. */
void words_add_typed(GPtrArray *words, const char *text);

/* The words of a line, in the same way; false with an error as words_split() has it. */
bool words_add_line(GPtrArray *words, const char *line, GError **error);

/* A message, of which a reference is taken. */
void words_add_message(GPtrArray *words, GBytes *message, bool keeps_eol);

/* None, as imaplib writes that there is no argument; NONE is a word of NOTIFY. */
bool word_is_none(const Word *word);

/* What the word means: of a quoted one what stands in the quotes, else the text.  Caller frees. */
char *word_value(const Word *word);

#endif
