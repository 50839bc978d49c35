/* cache_file - the cache on disk: one SQLite database that all accounts and all running instances
 * share.  Holds of each mailbox, by account, wire name and UIDVALIDITY (T187),
 *
 *   the newest rows, ready to be shown, and how many messages there were;
 *   all UIDs and flags, in segments, and up to where they are known (SyncPoint);
 *   heads by UID;
 *
 * and of each account its folders.  It is only a fast start and may be deleted at any time.
 *
 * Blocks: called in the worker's thread only; a handle never crosses a fork (T182).  Where it
 * cannot be used, every call answers as if nothing were there; what is damaged is built anew, once;
 * what a newer Sheaf or another program wrote is not touched (T179); where another instance has it
 * locked, nothing is written this time (T181). */
#ifndef SHEAF_CORE_CACHE_FILE_H
#define SHEAF_CORE_CACHE_FILE_H

#include "core/mailbox/sync.h"
#include "core/mailbox/table.h"

typedef struct CacheFile CacheFile;

/* Rows of a mailbox that lie at or above `first`, up to the next segment; packed (stored.h). */
typedef struct {
	uint32_t first;
	GBytes *rows;
} CacheSegment;

/* The FETCH that told it (stored.h). */
typedef struct {
	uint32_t uid;
	GBytes *bytes;
} CacheHead;
void cache_head_free(CacheHead *head);

/* What was known of a mailbox. */
typedef struct {
	SyncPoint point; /* `complete`: the rows are all of them */
	char *words;     /* keywords (stored.h) */
	Table rows;
	GPtrArray *heads;   /* of CacheHead */
	GArray *firsts;     /* of uint32_t: where its segments begin, ascending */
	int64_t generation; /* of the segments */
} CacheMailbox;
void cache_mailbox_free(CacheMailbox *mailbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CacheMailbox, cache_mailbox_free)

/* What is to be known of it. */
typedef struct {
	char *name;
	SyncPoint point; /* not `complete`: only the window is written */
	char *words;
	GBytes *window;      /* the newest rows, packed */
	int64_t before;      /* the generation that the segments are a change of; 0: they are all */
	int64_t generation;  /* which this one is, not 0 */
	GArray *gone;        /* of UidRange: segments that begin there make room */
	GPtrArray *segments; /* of CacheSegment */
} CacheState;
CacheState *cache_state_new(const char *name);
void cache_state_add(CacheState *state, uint32_t first, GBytes *rows_take);
void cache_state_free(CacheState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CacheState, cache_state_free)

/* A folder as LIST and STATUS told it. */
typedef struct {
	char *name; /* wire name */
	char delimiter;
	bool subscribed, counted, fresh;
	unsigned attributes;
	uint32_t messages, unseen, uidnext, uidvalidity;
} CacheFolder;
void cache_folder_free(CacheFolder *folder);

/* Below `directory`, which is made when something is written; at most `limit` bytes and a tenth.
 * Does nothing yet. */
CacheFile *cache_file_new(const char *directory, uint64_t limit);
/* NULL is allowed. */
void cache_file_free(CacheFile *f);
/* It cannot be used any more in this run. */
bool cache_file_is_off(const CacheFile *f);
/* A sentence about the file as a whole, once each (caller frees); else NULL. */
char *cache_file_notice(CacheFile *f);

/* The newest rows with their heads; all rows (no heads).  NULL where there are none. */
CacheMailbox *cache_file_read_window(CacheFile *f, const char *account, const char *name);
CacheMailbox *cache_file_read_rows(CacheFile *f, const char *account, const char *name);
/* Array of CacheHead that frees them: those of `uids` that are there. */
GPtrArray *cache_file_read_heads(CacheFile *f, const char *account, const char *name,
				 uint32_t uidvalidity, const UidSet *uids);
/* Those of `uids` whose heads are not there (caller frees); `room`: so many bytes may be written
 * before what is older has to go, 0 also where nothing can be kept. */
UidSet *cache_file_missing(CacheFile *f, const char *account, const char *name,
			   uint32_t uidvalidity, const UidSet *uids, uint64_t *room);
/* Array of CacheFolder that frees them. */
GPtrArray *cache_file_read_folders(CacheFile *f, const char *account);

/* `stale`: the segments that it changes are not there any more; all must be written next time. */
bool cache_file_write_state(CacheFile *f, const char *account, const CacheState *state,
			    bool *stale);
bool cache_file_write_heads(CacheFile *f, const char *account, const char *name,
			    uint32_t uidvalidity, const GPtrArray *heads);
bool cache_file_write_folders(CacheFile *f, const char *account, const GPtrArray *folders);

#endif
