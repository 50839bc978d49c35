/* argument - what was typed behind a verb, written as command.def says: the one place that knows
 * which argument is quoted, encoded or put in parentheses.  Pure.
 *
 * The kinds of the column "arguments" there, separated by blanks; "?" behind one: may be missing;
 * "=x": x stands for it then.  None stands for a missing one.
 *
 *   mailbox   a name or pattern in UTF-8, sent in modified UTF-7 (RFC 3501 5.1.3) or, once that is
 *             enabled, as UTF-8
 *   user      an astring
 *   password  always quoted, or a literal
 *   list      parentheses are put around it where there are none; NIL is left alone; a string in
 *             it that no quotes can hold (8-bit, CR, LF) is a literal
 *   flags     the same
 *   modifier  (UNCHANGEDSINCE 7): is there only where parentheses are typed
 *   date      a date-time in quotes, as it is; seconds since 1970; "" for none
 *   message   <FILE, or the text itself; bare CR and LF become CRLF
 *   charset   None, or what follows CHARSET
 *   set       a sequence set, "*" and "$" among them (RFC 9051 9)
 *   word      as typed where that is safe: quoted otherwise, or a literal where it must be
 *   words     all that follow, each as a word
 */
#ifndef SHEAF_CORE_ARGUMENT_H
#define SHEAF_CORE_ARGUMENT_H

#include <glib.h>
#include <stdbool.h>
#include "core/command/words.h"
#include "core/wire/writer.h"

typedef struct {
	bool raw;      /* mailbox names are sent byte by byte */
	bool utf8;     /* UTF8=ACCEPT is enabled: SEARCH takes no charset (RFC 6855 3) */
	bool keep_eol; /* a message's line ends are left as they are */
	/* The bytes of a file; NULL with an error.  Caller frees.  NULL: no files. */
	GBytes *(*read_file)(const char *path, void *data, GError **error);
	void *data;
} ArgumentOptions;

/* Writes `words` (of Word*, from index `first` on) behind the writer's verb.  False with
 * CORE_ERROR_STATE and how it is used, where some are missing or too many. */
bool argument_write(Writer *w, const GPtrArray *words, guint first, const ArgumentOptions *options,
		    GError **error);

/* Whether a mailbox is named by what is typed in that place behind the verb, 0 being the first. */
bool argument_is_mailbox(const CommandSpec *spec, guint place);

/* "select [MAILBOX] [WORDS …]", for help and errors.  Caller frees. */
char *argument_usage(const CommandSpec *spec);

#endif
