/* thread - which message of a mailbox answers which, as packed arrays: at most 27 bytes a message.
 * From a server's THREAD, or from what the heads say of themselves (the first step of REFERENCES in
 * RFC 5256 3; subjects never join anything, as in REFS); and from both, so that a new message joins
 * its thread without asking again.  Where the server threads by subject, new messages stand alone
 * until it is asked again.  What is referred to and not there is a ghost: its answers stay
 * together.  Pure; owned by mailbox.c, read by views.
 *
 * A message is an index among those known here, ascending by UID; thread_add() may change them all.
 */
#ifndef SHEAF_CORE_THREAD_H
#define SHEAF_CORE_THREAD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/mailbox/threadanswer.h"
#include "core/mailbox/threadkey.h"
#include "core/wire/uidset.h"

typedef struct Thread Thread;

#define THREAD_NONE UINT32_MAX

/* In thread_order(): the first message of a thread. */
#define THREAD_START UINT32_C(0x80000000)

Thread *thread_new(void);
/* All but the order, which is made anew. */
Thread *thread_copy(const Thread *t);
void thread_free(Thread *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Thread, thread_free)

/* Messages of which nothing is known yet: each a thread of its own.  Those that are here already
 * are left as they are. */
void thread_add(Thread *t, const UidSet *uids);

/* A head has come: the message (added where it is not here) joins the one that it answers, and what
 * answers it joins it.  Where a server has told of the message, that stays.  True where a message
 * may stand elsewhere now. */
bool thread_know(Thread *t, uint32_t uid, const ThreadKey *key);

/* They are gone.  Their answers stay where they are; the thread keeps its place. */
void thread_remove(Thread *t, const UidSet *uids);

/* A whole answer of a server: what it tells replaces what was known; messages that it does not name
 * keep the parent they have. */
void thread_apply(Thread *t, const ThreadAnswer *answer);

/* A server has answered. */
bool thread_is_told(const Thread *t);
/* By subject (ORDEREDSUBJECT): references join nothing then. */
bool thread_is_by_subject(const Thread *t);
/* Messages that came behind a server's answer and whose place only the server can know: what they
 * answer is not among the heads that were here.  0 where no server has answered. */
uint32_t thread_unsure(const Thread *t);

/* --- reading --- */
uint32_t thread_count(const Thread *t);
uint32_t thread_uid(const Thread *t, uint32_t i);
/* Of all, for who goes through them.  Borrowed until the next change. */
const uint32_t *thread_uids(const Thread *t);
/* Its index, or THREAD_NONE. */
uint32_t thread_find(const Thread *t, uint32_t uid);
/* The nearest message above it that is here (also one that is gone), or THREAD_NONE. */
uint32_t thread_parent(Thread *t, uint32_t i);

/* All messages by thread: those of one stand together, parents before children, siblings by UID;
 * the first has the bit THREAD_START.  The threads ascend by their newest message (highest UID).
 * Borrowed until the next change. */
const uint32_t *thread_order(Thread *t, uint32_t *n);

/* What the arrays take. */
size_t thread_memory(const Thread *t);

#endif
