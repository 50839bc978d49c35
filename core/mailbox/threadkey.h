/* threadkey - who a message is and what it answers, as numbers: Message-ID, In-Reply-To and
 * References of RFC 5322 3.6.4, hashed with a key that is another in every run, so that no mail can
 * aim at a collision.  Pure. */
#ifndef SHEAF_CORE_THREADKEY_H
#define SHEAF_CORE_THREADKEY_H

#include <stddef.h>
#include <stdint.h>

/* References that are kept: the first, which began the thread, and the last ones. */
#define THREADKEY_PARENTS_MAX 32

typedef struct {
	uint64_t id; /* 0: has none */
	uint32_t n;
	uint64_t parents[THREADKEY_PARENTS_MAX]; /* oldest first; never 0 */
} ThreadKey;

/* Never 0. */
uint64_t threadkey_hash(const char *id, size_t len);

/* Raw values of the fields (NULL where missing; `references` may be the whole field, name and folds
 * included).  Without References the first id of In-Reply-To counts (RFC 5256 3). */
void threadkey_read(const char *message_id, const char *in_reply_to, const char *references,
		    size_t references_len, ThreadKey *out);

#endif
