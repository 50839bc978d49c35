/* cache - what was known of the mailboxes last time, seen from the main loop: a thread of its own
 * reads and writes (cache_file.h), so that neither the first screen nor a key waits for a disk.
 * Reads overtake writes, which are bundled.  A cache that cannot be used answers as an empty one,
 * with one line in the log. */
#ifndef SHEAF_CORE_CACHE_H
#define SHEAF_CORE_CACHE_H

#include "core/base/scope.h"
#include "core/mailbox/cache_file.h"

typedef struct Cache Cache;

/* Below `directory`; at most `limit` bytes (and a tenth). */
Cache *cache_new(const char *directory, uint64_t limit);
/* What is to be written is, where the disk takes it within `patience_ms`.  NULL is allowed. */
void cache_free(Cache *cache, unsigned patience_ms);

/* Nothing can be kept in this run: what is given to it is dropped. */
bool cache_is_off(const Cache *cache);

/* All callbacks come once, from the loop, but not where the scope was cancelled; what they are
 * given is borrowed, a Table may be moved out.  `mailbox` is NULL where nothing is known. */
typedef void (*CacheMailboxRead)(CacheMailbox *mailbox, void *data);
/* The newest rows and their heads. */
void cache_read_window(Cache *cache, Scope *scope, const char *account, const char *name,
		       CacheMailboxRead fn, void *data);
/* All UIDs and flags. */
void cache_read_rows(Cache *cache, Scope *scope, const char *account, const char *name,
		     CacheMailboxRead fn, void *data);

/* CacheHead of those of `uids` that are there; the rest as asked for. */
typedef void (*CacheHeadsRead)(uint32_t uidvalidity, const UidSet *uids, const GPtrArray *heads,
			       void *data);
void cache_read_heads(Cache *cache, Scope *scope, const char *account, const char *name,
		      uint32_t uidvalidity, const UidSet *uids, CacheHeadsRead fn, void *data);

/* Those of `uids` whose heads are not there when all that was given to it is written, and `room` as
 * cache_file_missing(). */
typedef void (*CacheMissing)(const UidSet *missing, uint64_t room, void *data);
void cache_find_missing(Cache *cache, Scope *scope, const char *account, const char *name,
			uint32_t uidvalidity, const UidSet *uids, CacheMissing fn, void *data);

/* CacheFolder, in the order of the tree. */
typedef void (*CacheFoldersRead)(const GPtrArray *folders, void *data);
void cache_read_folders(Cache *cache, Scope *scope, const char *account, CacheFoldersRead fn,
			void *data);

/* `written`: false where all segments are to be written next time. */
typedef void (*CacheWritten)(bool written, void *data);
void cache_write_state(Cache *cache, Scope *scope, const char *account, CacheState *state_take,
		       CacheWritten fn, void *data);
void cache_write_folders(Cache *cache, const char *account, GPtrArray *folders_take);
/* Written a second later, with what comes until then. */
void cache_put_head(Cache *cache, const char *account, const char *name, uint32_t uidvalidity,
		    uint32_t uid, GBytes *bytes_take);

#endif
