/* cache_file_private - what cache_file.c (the file, its opening, its trouble), cache_file_read.c
 * and cache_file_write.c share; nobody else includes it. */
#ifndef SHEAF_CORE_CACHE_FILE_PRIVATE_H
#define SHEAF_CORE_CACHE_FILE_PRIVATE_H

#include <sqlite3.h>
#include "core/mailbox/cache_file.h"

typedef enum {
	FILE_CLOSED, /* not tried, or nothing is there yet */
	FILE_OPEN,
	FILE_OFF /* cannot be used, which has been said */
} FileState;

struct CacheFile {
	char *directory, *path;
	uint64_t limit;
	FileState state;
	sqlite3 *db;
	int lock; /* shared while open; -1 */
	bool rebuilt;
	char *notice;
};

/* True where it can be used now.  Nothing is made before there is something to write (`make`). */
bool cache_file_is_usable(CacheFile *f, bool make);

/* False, and NULL, where it went wrong; then the file may be closed. */
bool cache_file_run(CacheFile *f, const char *sql);
sqlite3_stmt *cache_file_prepare(CacheFile *f, const char *sql);

/* Ends the statement, whose last step gave `code`; false where it had not come to its end. */
bool cache_file_finish(CacheFile *f, sqlite3_stmt *row, int code);

/* The one number that `sql` gives. */
bool cache_file_number(sqlite3 *db, const char *sql, int64_t *number);

/* What is bound is borrowed until the statement ends. */
void cache_file_bind_text(sqlite3_stmt *row, int at, const char *text);
void cache_file_bind_name(sqlite3_stmt *row, int at, const char *name);
void cache_file_bind_bytes(sqlite3_stmt *row, int at, GBytes *bytes);

/* The id of the mailbox as last used, or of that UIDVALIDITY; 0 where there is none. */
int64_t cache_file_find_mailbox(CacheFile *f, const char *account, const char *name,
				uint32_t uidvalidity);

/* Bytes in use; and what the file comes down to when it has grown too large. */
uint64_t cache_file_used(CacheFile *f);
uint64_t cache_file_with_room(const CacheFile *f);

#endif
