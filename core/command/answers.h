/* answers - what a server said, kept under its name until somebody wants it, as imaplib does it:
 * "* 3 EXISTS" under EXISTS, "[UIDNEXT 5]" of any line under UIDNEXT.  Nothing is understood here,
 * so nothing is lost: also what nobody knows.  Pure. */
#ifndef SHEAF_CORE_ANSWERS_H
#define SHEAF_CORE_ANSWERS_H

#include <glib.h>
#include "core/library/imap-client.h"
#include "core/wire/response.h"

/* The library's callers see the same. */
typedef ImapAnswers Answers;
typedef ImapAnswer Answer;

Answers *answers_new(void);
void answers_free(Answers *answers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answers, answers_free)

/* A whole untagged response. */
void answers_take(Answers *answers, const Frame *frame);

/* What is in brackets in a tagged line. */
void answers_take_code(Answers *answers, const StatusLine *line);

/* Returns and forgets what came under that name (upper case), as an array of Answer* in the order
 * received, which it frees; NULL where nothing did. */
GPtrArray *answers_pop(Answers *answers, const char *name);

/* Puts back what was popped, of which it takes a reference; nothing where that is NULL. */
void answers_put(Answers *answers, const char *name, GPtrArray *list);

/* Without forgetting; borrowed until the next call. */
const GPtrArray *answers_peek(const Answers *answers, const char *name);

/* A list of one text, as answers_pop() gives one; or of bytes, of which it takes a reference. */
GPtrArray *answers_one(const char *text);
GPtrArray *answers_bytes(GBytes *bytes);

void answers_clear(Answers *answers);

/* All names, in the order in which they first came.  Caller frees the list, not the names. */
GList *answers_names(const Answers *answers);

#endif
