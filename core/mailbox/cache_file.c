#include "core/mailbox/cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mailbox/stored.h"

#define APPLICATION_ID 0x53686543 /* "SheC" */
#define SCHEMA         1
/* Nobody waits for a cache that somebody else writes. */
#define BUSY_MS 50
/* A row of the database that is longer is none of ours. */
#define VALUE_MAX   (1 << 20)
#define FOLDERS_MAX 100000
/* Heads that go at once, and how far below the limit they make room. */
#define HEADS_AT_ONCE 64
#define ROOM_PER_CENT 3
#define HEADER_BYTES  16

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

/* Ids are never used twice: rows of a mailbox that is gone belong to nobody. */
static const char schema[] =
	"CREATE TABLE mailbox(id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, "
	"name BLOB NOT NULL, uidvalidity INTEGER NOT NULL, used INTEGER NOT NULL, "
	"shown INTEGER NOT NULL DEFAULT 0, shown_words TEXT NOT NULL DEFAULT '', window BLOB, "
	"generation INTEGER NOT NULL DEFAULT 0, messages INTEGER NOT NULL DEFAULT 0, "
	"uidnext INTEGER NOT NULL DEFAULT 0, modseq INTEGER NOT NULL DEFAULT 0, "
	"words TEXT NOT NULL DEFAULT '', UNIQUE(account, name, uidvalidity));"
	"CREATE TABLE segment(id INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL REFERENCES "
	"mailbox(id) ON DELETE CASCADE, first INTEGER NOT NULL, rows BLOB NOT NULL, "
	"UNIQUE(mailbox, first));"
	"CREATE TABLE head(id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox INTEGER NOT NULL "
	"REFERENCES mailbox(id) ON DELETE CASCADE, uid INTEGER NOT NULL, bytes BLOB NOT NULL, "
	"UNIQUE(mailbox, uid));"
	"CREATE TABLE folder(account TEXT NOT NULL, place INTEGER NOT NULL, name BLOB NOT NULL, "
	"delimiter INTEGER, attributes INTEGER, subscribed INTEGER, counted INTEGER, "
	"fresh INTEGER, messages INTEGER, unseen INTEGER, uidnext INTEGER, uidvalidity INTEGER, "
	"PRIMARY KEY(account, place)) WITHOUT ROWID;"
	"PRAGMA application_id = " G_STRINGIFY(APPLICATION_ID) ";"
							       "PRAGMA user_version = " G_STRINGIFY(
								       SCHEMA) ";";

/* --- data --- */

void cache_head_free(CacheHead *head)
{
	g_bytes_unref(head->bytes);
	g_free(head);
}

void cache_folder_free(CacheFolder *folder)
{
	g_free(folder->name);
	g_free(folder);
}

void cache_mailbox_free(CacheMailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	g_free(mailbox->words);
	table_clear(&mailbox->rows);
	g_ptr_array_unref(mailbox->heads);
	g_array_unref(mailbox->firsts);
	g_free(mailbox);
}

static CacheMailbox *mailbox_new_empty(void)
{
	CacheMailbox *mailbox = g_new0(CacheMailbox, 1);

	mailbox->heads = g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);
	mailbox->firsts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return mailbox;
}

static void segment_free(void *data)
{
	CacheSegment *segment = data;

	g_bytes_unref(segment->rows);
	g_free(segment);
}

CacheState *cache_state_new(const char *name)
{
	CacheState *state = g_new0(CacheState, 1);

	state->name = g_strdup(name);
	state->gone = g_array_new(FALSE, FALSE, sizeof(UidRange));
	state->segments = g_ptr_array_new_with_free_func(segment_free);
	return state;
}

void cache_state_add(CacheState *state, uint32_t first, GBytes *rows_take)
{
	CacheSegment *segment = g_new(CacheSegment, 1);

	*segment = (CacheSegment){first, rows_take};
	g_ptr_array_add(state->segments, segment);
}

void cache_state_free(CacheState *state)
{
	if (state == NULL)
		return;
	g_free(state->name);
	g_free(state->words);
	g_clear_pointer(&state->window, g_bytes_unref);
	g_array_unref(state->gone);
	g_ptr_array_unref(state->segments);
	g_free(state);
}

/* --- trouble --- */

static void close_database(CacheFile *f)
{
	g_clear_pointer(&f->db, sqlite3_close_v2);
	if (f->lock >= 0)
		close(f->lock);
	f->lock = -1;
	f->state = FILE_CLOSED;
}

static bool turn_off(CacheFile *f, const char *why)
{
	close_database(f);
	f->state = FILE_OFF;
	g_free(f->notice);
	f->notice = g_strdup_printf("Mailboxes are not kept on disk: %s: %s.", f->path, why);
	return false;
}

static char *beside(const CacheFile *f, const char *suffix)
{
	return g_strconcat(f->path, suffix, NULL);
}

/* Only by who alone uses it.  Once a run: a disk that spoils all it gets is left alone. */
static bool build_anew(CacheFile *f)
{
	static const char *const parts[] = {"", "-wal", "-shm", "-journal"};

	g_clear_pointer(&f->db, sqlite3_close_v2);
	if (f->rebuilt || flock(f->lock, LOCK_EX | LOCK_NB) != 0)
		return turn_off(f, "it is damaged");
	f->rebuilt = true;
	for (size_t k = 0; k < G_N_ELEMENTS(parts); k++) {
		g_autofree char *part = beside(f, parts[k]);
		unlink(part);
	}
	close_database(f);
	g_free(f->notice);
	f->notice = g_strdup_printf("The cache %s was damaged and is built anew.", f->path);
	return false;
}

/* What went wrong last decides whether it is tried again. */
static bool failed(CacheFile *f)
{
	int code = sqlite3_errcode(f->db) & 0xff;

	if (!sqlite3_get_autocommit(f->db))
		sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return false;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_TOOBIG:
	case SQLITE_ERROR: /* tables of other columns */
		return build_anew(f);
	case SQLITE_FULL:
		return turn_off(f, "the disk is full");
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return turn_off(f, "it is read-only");
	case SQLITE_IOERR:
		return turn_off(f, "the disk reports an error");
	default:
		return turn_off(f, sqlite3_errstr(code));
	}
}

static bool run(CacheFile *f, const char *sql)
{
	return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(f);
}

static sqlite3_stmt *prepare(CacheFile *f, const char *sql)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(f->db, sql, -1, &row, NULL) != SQLITE_OK)
		failed(f);
	return row;
}

/* Ends the statement; false where it had not come to its end. */
static bool finish(CacheFile *f, sqlite3_stmt *row, int code)
{
	bool done = code == SQLITE_DONE || code == SQLITE_ROW;

	sqlite3_finalize(row);
	return done || failed(f);
}

/* --- opening --- */

static bool number_of(sqlite3 *db, const char *sql, int64_t *number)
{
	sqlite3_stmt *row = NULL;
	bool got = sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK &&
		   sqlite3_step(row) == SQLITE_ROW;

	if (got)
		*number = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	return got;
}

/* The file itself: ours, and either empty or a database. */
static bool check_bytes(CacheFile *f, int fd, bool *empty)
{
	char magic[HEADER_BYTES];
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return turn_off(f, "it is not a file of yours");
	if ((st.st_mode & 07777) != 0600 && fchmod(fd, 0600) != 0)
		return turn_off(f, g_strerror(errno));
	*empty = st.st_size == 0;
	if (*empty)
		return true;
	if (pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	    memcmp(magic, "SQLite format 3", sizeof(magic)) == 0)
		return true;
	return build_anew(f);
}

static bool make_schema(CacheFile *f)
{
	/* The schema is there before the log is, so that the file says whose it is. */
	return run(f, "PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE") && run(f, schema) &&
	       run(f, "COMMIT");
}

/* Whose it is, before anything that could change it. */
static bool check_identity(CacheFile *f, bool *fresh)
{
	int64_t application, version, tables;

	if (!number_of(f->db, "PRAGMA application_id", &application) ||
	    !number_of(f->db, "PRAGMA user_version", &version) ||
	    !number_of(f->db, "SELECT count(*) FROM sqlite_schema", &tables))
		return failed(f);
	*fresh = application == 0 && version == 0 && tables == 0;
	if (*fresh || (application == APPLICATION_ID && version == SCHEMA))
		return true;
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (application != APPLICATION_ID)
		return turn_off(f, "it is another program's");
	if (version > SCHEMA)
		return turn_off(f,
				"it was written by a newer version of Sheaf and is left as it is");
	return build_anew(f);
}

static bool open_database(CacheFile *f)
{
	bool fresh = false;

	if (sqlite3_open_v2(f->path, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return failed(f);
	sqlite3_busy_timeout(f->db, BUSY_MS);
	sqlite3_limit(f->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	if (!check_identity(f, &fresh) || (fresh && !make_schema(f)))
		return false;
	/* What a power cut takes away is fetched again: no commit waits for the disk. */
	return run(f, "PRAGMA cache_size = -512; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;"
		      "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;"
		      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		      "PRAGMA wal_autocheckpoint = 64; PRAGMA journal_size_limit = 262144");
}

static bool lock_shared(CacheFile *f)
{
	g_autofree char *name = beside(f, ".lock");

	f->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->lock < 0)
		return turn_off(f, g_strerror(errno));
	/* Another one builds it anew. */
	return flock(f->lock, LOCK_SH | LOCK_NB) == 0;
}

/* True where it can be used now.  Nothing is made before there is something to write. */
static bool is_usable(CacheFile *f, bool make)
{
	bool empty, good;
	int fd;

	if (f->state != FILE_CLOSED || (!make && !g_file_test(f->path, G_FILE_TEST_EXISTS)))
		return f->state == FILE_OPEN;
	if (make && g_mkdir_with_parents(f->directory, 0700) != 0)
		return turn_off(f, g_strerror(errno));
	if (!lock_shared(f)) {
		if (f->state != FILE_OFF)
			close_database(f);
		return false;
	}
	/* SQLite gives its other files the mode of this one (T195). */
	fd = open(f->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0600);
	if (fd < 0)
		return turn_off(f, g_strerror(errno));
	good = check_bytes(f, fd, &empty);
	close(fd);
	if (good && (make || !empty) && open_database(f)) {
		f->state = FILE_OPEN;
		return true;
	}
	if (f->state != FILE_OFF)
		close_database(f);
	return false;
}

CacheFile *cache_file_new(const char *directory, uint64_t limit)
{
	CacheFile *f = g_new0(CacheFile, 1);

	f->directory = g_strdup(directory);
	f->path = g_build_filename(directory, "cache.db", NULL);
	f->limit = limit;
	f->lock = -1;
	return f;
}

void cache_file_free(CacheFile *f)
{
	if (f == NULL)
		return;
	close_database(f);
	g_free(f->directory);
	g_free(f->path);
	g_free(f->notice);
	g_free(f);
}

bool cache_file_is_off(const CacheFile *f)
{
	return f->state == FILE_OFF;
}

char *cache_file_notice(CacheFile *f)
{
	return g_steal_pointer(&f->notice);
}

/* --- reading --- */

static void bind_text(sqlite3_stmt *row, int at, const char *text)
{
	sqlite3_bind_text(row, at, text, -1, SQLITE_STATIC);
}

static void bind_name(sqlite3_stmt *row, int at, const char *name)
{
	sqlite3_bind_blob(row, at, name, (int)strlen(name), SQLITE_STATIC);
}

static void bind_bytes(sqlite3_stmt *row, int at, GBytes *bytes)
{
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);

	sqlite3_bind_blob64(row, at, data ? data : "", len, SQLITE_STATIC);
}

/* Numbers of the wire are at most 2^32-1, and some are not 0. */
static bool column_u32(sqlite3_stmt *row, int at, uint32_t least, uint32_t *out)
{
	int64_t number = sqlite3_column_int64(row, at);

	if (sqlite3_column_type(row, at) != SQLITE_INTEGER || number < least || number > UINT32_MAX)
		return false;
	*out = (uint32_t)number;
	return true;
}

/* NULL where it is no text without NUL. */
static char *column_string(sqlite3_stmt *row, int at)
{
	const void *data = sqlite3_column_blob(row, at);
	size_t len = (size_t)sqlite3_column_bytes(row, at);

	if (sqlite3_column_type(row, at) == SQLITE_NULL || (len > 0 && memchr(data, '\0', len)))
		return NULL;
	return g_strndup(data ? data : "", len);
}

/* The id of the mailbox as last used, or of that UIDVALIDITY; 0 where there is none. */
static int64_t find_mailbox(CacheFile *f, const char *account, const char *name,
			    uint32_t uidvalidity)
{
	sqlite3_stmt *row =
		prepare(f, "SELECT id FROM mailbox WHERE account = ?1 AND name = ?2 AND "
			   "(?3 = 0 OR uidvalidity = ?3) ORDER BY used DESC LIMIT 1");
	int64_t id = 0;

	if (!row)
		return 0;
	bind_text(row, 1, account);
	bind_name(row, 2, name);
	sqlite3_bind_int64(row, 3, uidvalidity);
	int code = sqlite3_step(row);
	if (code == SQLITE_ROW)
		id = sqlite3_column_int64(row, 0);
	return finish(f, row, code) ? id : 0;
}

static bool read_heads(CacheFile *f, int64_t mailbox, const uint32_t *uids, size_t n,
		       GPtrArray *heads)
{
	sqlite3_stmt *row = prepare(f, "SELECT bytes FROM head WHERE mailbox = ? AND uid = ?");
	int code = SQLITE_DONE;

	for (size_t i = 0; row && i < n && (code == SQLITE_DONE || code == SQLITE_ROW); i++) {
		sqlite3_reset(row);
		sqlite3_bind_int64(row, 1, mailbox);
		sqlite3_bind_int64(row, 2, uids[i]);
		code = sqlite3_step(row);
		int len = code == SQLITE_ROW ? sqlite3_column_bytes(row, 0) : 0;
		if (len <= 0 || (size_t)len > STORED_HEAD_MAX)
			continue;
		CacheHead *head = g_new(CacheHead, 1);
		*head = (CacheHead){uids[i], g_bytes_new(sqlite3_column_blob(row, 0), (gsize)len)};
		g_ptr_array_add(heads, head);
	}
	return row && finish(f, row, code);
}

/* Its columns: messages, words, rows. */
static bool take_window(sqlite3_stmt *row, CacheMailbox *out)
{
	Flags allowed;
	size_t len = (size_t)sqlite3_column_bytes(row, 3);

	out->words = column_string(row, 2);
	return column_u32(row, 0, 1, &out->point.uidvalidity) &&
	       column_u32(row, 1, 0, &out->point.messages) && out->words &&
	       stored_allowed_flags(out->words, &allowed) &&
	       stored_unpack_rows(sqlite3_column_blob(row, 3), len, 1, UINT32_MAX, allowed,
				  &out->rows) &&
	       out->rows.n <= out->point.messages;
}

CacheMailbox *cache_file_read_window(CacheFile *f, const char *account, const char *name)
{
	int64_t id = is_usable(f, false) ? find_mailbox(f, account, name, 0) : 0;
	g_autoptr(CacheMailbox) found = mailbox_new_empty();

	sqlite3_stmt *row =
		id ? prepare(f, "SELECT uidvalidity, shown, shown_words, window FROM mailbox "
				"WHERE id = ? AND window IS NOT NULL")
		   : NULL;
	if (!row)
		return NULL;
	sqlite3_bind_int64(row, 1, id);
	int code = sqlite3_step(row);
	bool good = code == SQLITE_ROW && take_window(row, found);
	if (!finish(f, row, code) || !good ||
	    !read_heads(f, id, found->rows.uid, found->rows.n, found->heads))
		return NULL;
	return g_steal_pointer(&found);
}

static bool take_point(sqlite3_stmt *row, CacheMailbox *out)
{
	int64_t modseq = sqlite3_column_int64(row, 3);

	out->words = column_string(row, 4);
	out->generation = sqlite3_column_int64(row, 5);
	out->point.modseq = modseq > 0 ? (uint64_t)modseq : 0;
	out->point.complete = true;
	return column_u32(row, 0, 1, &out->point.uidvalidity) &&
	       column_u32(row, 1, 0, &out->point.messages) &&
	       column_u32(row, 2, 0, &out->point.uidnext) && out->words && out->generation != 0;
}

static bool read_segments(CacheFile *f, int64_t mailbox, CacheMailbox *out)
{
	sqlite3_stmt *row = prepare(f, "SELECT first, rows FROM segment WHERE mailbox = ? "
				       "ORDER BY first");
	bool good = true;
	Flags allowed;
	uint32_t first;
	int code = SQLITE_DONE;

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, mailbox);
	good = stored_allowed_flags(out->words, &allowed);
	while (good && (code = sqlite3_step(row)) == SQLITE_ROW) {
		size_t len = (size_t)sqlite3_column_bytes(row, 1);
		good = column_u32(row, 0, 1, &first) &&
		       (out->rows.n == 0 || out->rows.uid[out->rows.n - 1] < first) &&
		       stored_unpack_rows(sqlite3_column_blob(row, 1), len, first, UINT32_MAX,
					  allowed, &out->rows);
		g_array_append_val(out->firsts, first);
	}
	return finish(f, row, code) && good && out->rows.n == out->point.messages;
}

CacheMailbox *cache_file_read_rows(CacheFile *f, const char *account, const char *name)
{
	g_autoptr(CacheMailbox) found = mailbox_new_empty();
	int64_t id;

	/* One look at both tables, whatever another instance writes between. */
	if (!is_usable(f, false) || !run(f, "BEGIN"))
		return NULL;
	id = find_mailbox(f, account, name, 0);
	sqlite3_stmt *row = id ? prepare(f, "SELECT uidvalidity, messages, uidnext, modseq, words, "
					    "generation FROM mailbox WHERE id = ?")
			       : NULL;
	bool good = false;
	if (row) {
		sqlite3_bind_int64(row, 1, id);
		int code = sqlite3_step(row);
		good = code == SQLITE_ROW && take_point(row, found);
		good = finish(f, row, code) && good && read_segments(f, id, found);
	}
	if (f->db && !sqlite3_get_autocommit(f->db))
		sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);
	return good ? g_steal_pointer(&found) : NULL;
}

GPtrArray *cache_file_read_heads(CacheFile *f, const char *account, const char *name,
				 uint32_t uidvalidity, const UidSet *uids)
{
	GPtrArray *heads = g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);
	int64_t id = is_usable(f, false) ? find_mailbox(f, account, name, uidvalidity) : 0;
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	if (!id)
		return heads;
	for (size_t i = 0; i < uidset_range_count(uids); i++) {
		UidRange range = uidset_range(uids, i);
		for (uint64_t uid = range.first; uid <= range.last; uid++) {
			uint32_t one = (uint32_t)uid;
			g_array_append_val(wanted, one);
		}
	}
	read_heads(f, id, (const uint32_t *)(void *)wanted->data, wanted->len, heads);
	return heads;
}

static uint64_t bytes_used(CacheFile *f)
{
	int64_t pages = 0, unused = 0, size = 0;

	number_of(f->db, "PRAGMA page_count", &pages);
	number_of(f->db, "PRAGMA freelist_count", &unused);
	number_of(f->db, "PRAGMA page_size", &size);
	return pages > unused && size > 0 ? (uint64_t)(pages - unused) * (uint64_t)size : 0;
}

/* What the file comes down to when it has grown too large. */
static uint64_t with_room(const CacheFile *f)
{
	return f->limit / 100 * (100 - ROOM_PER_CENT);
}

static uint64_t room_left(CacheFile *f)
{
	uint64_t used = f->state == FILE_OPEN ? bytes_used(f) : 0;

	return f->state != FILE_OFF && used < with_room(f) ? with_room(f) - used : 0;
}

UidSet *cache_file_missing(CacheFile *f, const char *account, const char *name,
			   uint32_t uidvalidity, const UidSet *uids, uint64_t *room)
{
	int64_t id = is_usable(f, false) ? find_mailbox(f, account, name, uidvalidity) : 0;
	sqlite3_stmt *row = id ? prepare(f, "SELECT uid FROM head WHERE mailbox = ? AND "
					    "uid BETWEEN ? AND ? ORDER BY uid")
			       : NULL;
	g_autoptr(UidSet) there = uidset_new();
	UidSet *missing = uidset_copy(uids);
	uint32_t uid;
	int code = SQLITE_DONE;

	if (row) {
		sqlite3_bind_int64(row, 1, id);
		sqlite3_bind_int64(row, 2, uidset_first(uids));
		sqlite3_bind_int64(row, 3, uidset_last(uids));
		while ((code = sqlite3_step(row)) == SQLITE_ROW)
			if (column_u32(row, 0, 1, &uid))
				uidset_add(there, uid);
		finish(f, row, code);
	}
	uidset_remove_set(missing, there);
	*room = room_left(f);
	return missing;
}

static CacheFolder *take_folder(sqlite3_stmt *row)
{
	CacheFolder folder = {.name = column_string(row, 0)};
	uint32_t delimiter, attributes;

	if (folder.name && *folder.name && column_u32(row, 1, 0, &delimiter) && delimiter < 0x100 &&
	    column_u32(row, 2, 0, &attributes) && column_u32(row, 6, 0, &folder.messages) &&
	    column_u32(row, 7, 0, &folder.unseen) && column_u32(row, 8, 0, &folder.uidnext) &&
	    column_u32(row, 9, 0, &folder.uidvalidity)) {
		folder.delimiter = (char)delimiter;
		folder.attributes = attributes;
		folder.subscribed = sqlite3_column_int(row, 3) != 0;
		folder.counted = sqlite3_column_int(row, 4) != 0;
		folder.fresh = sqlite3_column_int(row, 5) != 0;
		return g_memdup2(&folder, sizeof(folder));
	}
	g_free(folder.name);
	return NULL;
}

GPtrArray *cache_file_read_folders(CacheFile *f, const char *account)
{
	GPtrArray *folders = g_ptr_array_new_with_free_func((GDestroyNotify)cache_folder_free);
	sqlite3_stmt *row =
		is_usable(f, false)
			? prepare(f, "SELECT name, delimiter, attributes, subscribed, counted, "
				     "fresh, messages, unseen, uidnext, uidvalidity FROM folder "
				     "WHERE account = ? ORDER BY place "
				     "LIMIT " G_STRINGIFY(FOLDERS_MAX))
			: NULL;
	int code = SQLITE_DONE;

	if (!row)
		return folders;
	bind_text(row, 1, account);
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		CacheFolder *folder = take_folder(row);
		if (folder)
			g_ptr_array_add(folders, folder);
	}
	finish(f, row, code);
	return folders;
}

/* --- writing --- */

/* Oldest heads first, then the mailboxes longest not used (T184). */
static bool make_room(CacheFile *f)
{
	if (bytes_used(f) <= f->limit)
		return true;
	while (bytes_used(f) > with_room(f)) {
		if (!run(f, "DELETE FROM head WHERE id IN (SELECT id FROM head ORDER BY id "
			    "LIMIT " G_STRINGIFY(HEADS_AT_ONCE) ")"))
			return false;
		if (sqlite3_changes(f->db) > 0)
			continue;
		if (!run(f, "DELETE FROM mailbox WHERE id = "
			    "(SELECT id FROM mailbox ORDER BY used LIMIT 1)"))
			return false;
		if (sqlite3_changes(f->db) == 0)
			break;
	}
	return run(f, "PRAGMA incremental_vacuum");
}

static bool begin(CacheFile *f)
{
	return is_usable(f, true) && run(f, "BEGIN IMMEDIATE");
}

static bool end(CacheFile *f, bool good)
{
	if (good && make_room(f) && run(f, "COMMIT"))
		return true;
	if (f->db && !sqlite3_get_autocommit(f->db))
		sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static int64_t make_mailbox(CacheFile *f, const char *account, const char *name,
			    uint32_t uidvalidity)
{
	int64_t id = find_mailbox(f, account, name, uidvalidity);
	sqlite3_stmt *row = id == 0 && f->db
				    ? prepare(f, "INSERT INTO mailbox(account, name, uidvalidity, "
						 "used) VALUES (?, ?, ?, ?)")
				    : NULL;

	if (!row)
		return id;
	bind_text(row, 1, account);
	bind_name(row, 2, name);
	sqlite3_bind_int64(row, 3, uidvalidity);
	sqlite3_bind_int64(row, 4, g_get_real_time());
	return finish(f, row, sqlite3_step(row)) ? sqlite3_last_insert_rowid(f->db) : 0;
}

static bool write_window(CacheFile *f, int64_t id, const CacheState *state)
{
	sqlite3_stmt *row = prepare(f, "UPDATE mailbox SET used = ?, shown = ?, shown_words = ?, "
				       "window = ? WHERE id = ?");

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, g_get_real_time());
	sqlite3_bind_int64(row, 2, state->point.messages);
	bind_text(row, 3, state->words);
	bind_bytes(row, 4, state->window);
	sqlite3_bind_int64(row, 5, id);
	return finish(f, row, sqlite3_step(row));
}

/* Those of other UIDVALIDITYs mean other messages, for good (T077). */
static bool forget_replaced(CacheFile *f, const char *account, const char *name, int64_t id)
{
	sqlite3_stmt *row =
		prepare(f, "DELETE FROM mailbox WHERE account = ? AND name = ? AND id <> ?");

	if (!row)
		return false;
	bind_text(row, 1, account);
	bind_name(row, 2, name);
	sqlite3_bind_int64(row, 3, id);
	return finish(f, row, sqlite3_step(row));
}

static bool write_point(CacheFile *f, int64_t id, const CacheState *state, bool *stale)
{
	sqlite3_stmt *row = prepare(f, "UPDATE mailbox SET generation = ?1, messages = ?2, "
				       "uidnext = ?3, modseq = ?4, words = ?5 WHERE id = ?6 AND "
				       "(?7 = 0 OR generation = ?7)");

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, state->generation);
	sqlite3_bind_int64(row, 2, state->point.messages);
	sqlite3_bind_int64(row, 3, state->point.uidnext);
	sqlite3_bind_int64(row, 4,
			   state->point.modseq <= INT64_MAX ? (int64_t)state->point.modseq : 0);
	bind_text(row, 5, state->words);
	sqlite3_bind_int64(row, 6, id);
	sqlite3_bind_int64(row, 7, state->before);
	bool done = finish(f, row, sqlite3_step(row));
	*stale = done && sqlite3_changes(f->db) == 0;
	return done;
}

static bool remove_segments(CacheFile *f, int64_t id, UidRange range)
{
	sqlite3_stmt *row =
		prepare(f, "DELETE FROM segment WHERE mailbox = ? AND first BETWEEN ? AND ?");

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, id);
	sqlite3_bind_int64(row, 2, range.first);
	sqlite3_bind_int64(row, 3, range.last);
	return finish(f, row, sqlite3_step(row));
}

static bool write_segments(CacheFile *f, int64_t id, const CacheState *state)
{
	UidRange all = {1, UINT32_MAX};
	bool done = state->before != 0 || remove_segments(f, id, all);

	for (guint k = 0; done && k < state->gone->len; k++)
		done = remove_segments(f, id, g_array_index(state->gone, UidRange, k));
	sqlite3_stmt *row = done ? prepare(f, "INSERT INTO segment(mailbox, first, rows) "
					      "VALUES (?, ?, ?)")
				 : NULL;
	int code = SQLITE_DONE;
	for (guint k = 0; row && k < state->segments->len && code == SQLITE_DONE; k++) {
		const CacheSegment *segment = state->segments->pdata[k];
		sqlite3_reset(row);
		sqlite3_bind_int64(row, 1, id);
		sqlite3_bind_int64(row, 2, segment->first);
		bind_bytes(row, 3, segment->rows);
		code = sqlite3_step(row);
	}
	return row && finish(f, row, code);
}

bool cache_file_write_state(CacheFile *f, const char *account, const CacheState *state, bool *stale)
{
	*stale = false;
	if (!begin(f))
		return false;
	int64_t id = make_mailbox(f, account, state->name, state->point.uidvalidity);
	bool done = id != 0 && write_window(f, id, state) &&
		    forget_replaced(f, account, state->name, id);
	if (done && state->point.complete)
		done = write_point(f, id, state, stale) && (*stale || write_segments(f, id, state));
	return end(f, done) && !*stale;
}

bool cache_file_write_heads(CacheFile *f, const char *account, const char *name,
			    uint32_t uidvalidity, const GPtrArray *heads)
{
	if (!begin(f))
		return false;
	int64_t id = make_mailbox(f, account, name, uidvalidity);
	sqlite3_stmt *row = id ? prepare(f, "INSERT OR REPLACE INTO head(mailbox, uid, bytes) "
					    "VALUES (?, ?, ?)")
			       : NULL;
	int code = SQLITE_DONE;
	for (guint k = 0; row && k < heads->len && code == SQLITE_DONE; k++) {
		const CacheHead *head = heads->pdata[k];
		sqlite3_reset(row);
		sqlite3_bind_int64(row, 1, id);
		sqlite3_bind_int64(row, 2, head->uid);
		bind_bytes(row, 3, head->bytes);
		code = sqlite3_step(row);
	}
	return end(f, row && finish(f, row, code));
}

static bool put_folder(sqlite3_stmt *row, const char *account, guint place,
		       const CacheFolder *folder)
{
	const int64_t numbers[] = {(unsigned char)folder->delimiter,
				   folder->attributes,
				   folder->subscribed,
				   folder->counted,
				   folder->fresh,
				   folder->messages,
				   folder->unseen,
				   folder->uidnext,
				   folder->uidvalidity};

	sqlite3_reset(row);
	bind_text(row, 1, account);
	sqlite3_bind_int64(row, 2, place);
	bind_name(row, 3, folder->name);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		sqlite3_bind_int64(row, 4 + (int)i, numbers[i]);
	return sqlite3_step(row) == SQLITE_DONE;
}

bool cache_file_write_folders(CacheFile *f, const char *account, const GPtrArray *folders)
{
	if (!begin(f))
		return false;
	sqlite3_stmt *row = prepare(f, "DELETE FROM folder WHERE account = ?");
	if (!row)
		return end(f, false);
	bind_text(row, 1, account);
	bool done = finish(f, row, sqlite3_step(row));
	row = done ? prepare(f, "INSERT INTO folder VALUES (?,?,?,?,?,?,?,?,?,?,?,?)") : NULL;
	for (guint k = 0; row && done && k < folders->len; k++)
		done = put_folder(row, account, k, folders->pdata[k]);
	return end(f, row && finish(f, row, done ? SQLITE_DONE : SQLITE_ERROR));
}
