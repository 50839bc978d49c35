/* headcache - the heads of the rows in view and of a bounded number around them: least recently
 * used first out, by number and by memory.  Pure; used by mailbox.c. */
#ifndef SHEAF_CORE_HEADCACHE_H
#define SHEAF_CORE_HEADCACHE_H

#include "core/mailbox/message.h"

#define HEADCACHE_HEADS_MAX  2000
#define HEADCACHE_MEMORY_MAX ((size_t)16 << 20)

typedef struct HeadCache HeadCache;

HeadCache *headcache_new(void);
void headcache_free(HeadCache *cache);

/* Takes the head over; replaces the one of the same UID. */
void headcache_put(HeadCache *cache, MessageHead *head_take);
/* Borrowed until the next put; counts as a use.  NULL where it is not there. */
MessageHead *headcache_get(HeadCache *cache, uint32_t uid);
bool headcache_has(const HeadCache *cache, uint32_t uid);
void headcache_foreach(const HeadCache *cache, void (*each)(const MessageHead *head, void *data),
		       void *data);
void headcache_remove(HeadCache *cache, const UidSet *uids);
void headcache_clear(HeadCache *cache);

unsigned headcache_count(const HeadCache *cache);

#endif
