/* cached - what an account's mailboxes and folders owe to the cache: rows of last time before the
 * server answers, heads that were seen before without asking it, and all that it tells written
 * behind.  Nothing that the server told is ever covered by what was kept, and nothing of another
 * UIDVALIDITY is shown (T077). */
#ifndef SHEAF_CORE_CACHED_H
#define SHEAF_CORE_CACHED_H

#include "core/account/folder.h"
#include "core/mailbox/cache.h"
#include "core/mailbox/mailbox.h"

typedef struct Cached Cached;
typedef struct CachedMailbox CachedMailbox;

/* Below `directory`, at most `limit` bytes; 0: nothing is kept.  `folders`, the account's tree, is
 * borrowed. */
Cached *cached_new(const char *directory, uint64_t limit, Folder *folders);
/* What is to be written is, where the disk takes it soon.  NULL is allowed. */
void cached_free(Cached *c);

/* What tells accounts apart ("me@imap.example.org:993"); NULL: nothing is read or written until it
 * is known.  `restored` is called where the tree has the folders of last time. */
void cached_set_account(Cached *c, const char *account, void (*restored)(void *data), void *data);
/* Tree or counts are different: written soon. */
void cached_folders_changed(Cached *c);

/* `ready`: once, from the loop, when the mailbox has its rows of last time, there are none, or the
 * disk is slow.  `missing` are heads that the server must be asked for. */
typedef struct {
	void (*ready)(void *data);
	void (*missing)(const UidSet *uids, void *data);
} CachedEvents;

/* Begins to read; `m`, `events` and `data` are borrowed. */
CachedMailbox *cached_open(Cached *c, Mailbox *m, const CachedEvents *events, void *data);
/* `ready` is still to come. */
bool cached_is_reading(const CachedMailbox *cm);
/* These heads are wanted. */
void cached_fetch(CachedMailbox *cm, const UidSet *uids);
/* Which of `uids` have no head in the cache, as cache_find_missing().  False where nothing is kept:
 * `fn` does not come. */
bool cached_find_missing(CachedMailbox *cm, Scope *scope, const UidSet *uids, CacheMissing fn,
			 void *data);
/* What is known is written now, not in a while. */
void cached_save(CachedMailbox *cm);
/* Saves.  NULL is allowed. */
void cached_close(CachedMailbox *cm);

#endif
