/* threadanswer - what a server says of threads (RFC 5256 4), gathered from the pieces of its THREAD
 * responses: every message once, with the one it answers.  Pure; an explicit stack, so that nothing
 * a server sends can make it recurse. */
#ifndef SHEAF_CORE_THREADANSWER_H
#define SHEAF_CORE_THREADANSWER_H

#include <glib.h>
#include <stdbool.h>
#include "core/wire/response.h"

/* Numbers of one answer. */
#define THREADANSWER_MAX 16000000u

#define THREADANSWER_NONE UINT32_MAX

typedef struct {
	uint32_t uid;    /* 0: a parent that the mailbox does not have */
	uint32_t parent; /* index of another entry, always a lower one; or THREADANSWER_NONE */
} ThreadEntry;

typedef struct ThreadAnswer ThreadAnswer;

ThreadAnswer *threadanswer_new(void);
void threadanswer_free(ThreadAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ThreadAnswer, threadanswer_free)

/* It is of ORDEREDSUBJECT, not of REFERENCES or REFS; before the first piece. */
void threadanswer_set_by_subject(ThreadAnswer *answer);
bool threadanswer_is_by_subject(const ThreadAnswer *answer);

/* A piece, in the order of arrival.  What nests too deep (THREAD_DEPTH_MAX), closes what was not
 * opened or is too much spoils the answer. */
void threadanswer_take(ThreadAnswer *answer, const ThreadData *piece);

/* Behind the last piece: NULL where the answer is whole, else what is wrong with it, as a sentence.
 */
const char *threadanswer_fault(const ThreadAnswer *answer);

/* Parents before children; a UID may come more than once, its first entry counts. */
const ThreadEntry *threadanswer_entries(const ThreadAnswer *answer, size_t *n);

#endif
