#include "core/mailbox/cache_file_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x53686543 /* "SheC" */
#define SCHEMA         1
/* Nobody waits for a cache that somebody else writes. */
#define BUSY_MS 50
/* A row of the database that is longer is none of ours. */
#define VALUE_MAX (1 << 20)
/* How far below the limit room is made. */
#define ROOM_PER_CENT 3
#define HEADER_BYTES  16

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

/* --- statements --- */

bool cache_file_run(CacheFile *f, const char *sql)
{
	return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(f);
}

sqlite3_stmt *cache_file_prepare(CacheFile *f, const char *sql)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(f->db, sql, -1, &row, NULL) != SQLITE_OK)
		failed(f);
	return row;
}

bool cache_file_finish(CacheFile *f, sqlite3_stmt *row, int code)
{
	bool done = code == SQLITE_DONE || code == SQLITE_ROW;

	sqlite3_finalize(row);
	return done || failed(f);
}

bool cache_file_number(sqlite3 *db, const char *sql, int64_t *number)
{
	sqlite3_stmt *row = NULL;
	bool got = sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK &&
		   sqlite3_step(row) == SQLITE_ROW;

	if (got)
		*number = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	return got;
}

void cache_file_bind_text(sqlite3_stmt *row, int at, const char *text)
{
	sqlite3_bind_text(row, at, text, -1, SQLITE_STATIC);
}

void cache_file_bind_name(sqlite3_stmt *row, int at, const char *name)
{
	sqlite3_bind_blob(row, at, name, (int)strlen(name), SQLITE_STATIC);
}

void cache_file_bind_bytes(sqlite3_stmt *row, int at, GBytes *bytes)
{
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);

	sqlite3_bind_blob64(row, at, data ? data : "", len, SQLITE_STATIC);
}

int64_t cache_file_find_mailbox(CacheFile *f, const char *account, const char *name,
				uint32_t uidvalidity)
{
	sqlite3_stmt *row =
		cache_file_prepare(f, "SELECT id FROM mailbox WHERE account = ?1 AND name = ?2 AND "
				      "(?3 = 0 OR uidvalidity = ?3) ORDER BY used DESC LIMIT 1");
	int64_t id = 0;

	if (!row)
		return 0;
	cache_file_bind_text(row, 1, account);
	cache_file_bind_name(row, 2, name);
	sqlite3_bind_int64(row, 3, uidvalidity);
	int code = sqlite3_step(row);
	if (code == SQLITE_ROW)
		id = sqlite3_column_int64(row, 0);
	return cache_file_finish(f, row, code) ? id : 0;
}

/* --- opening --- */

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
	return cache_file_run(f, "PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE") &&
	       cache_file_run(f, schema) && cache_file_run(f, "COMMIT");
}

/* Whose it is, before anything that could change it. */
static bool check_identity(CacheFile *f, bool *fresh)
{
	int64_t application, version, tables;

	if (!cache_file_number(f->db, "PRAGMA application_id", &application) ||
	    !cache_file_number(f->db, "PRAGMA user_version", &version) ||
	    !cache_file_number(f->db, "SELECT count(*) FROM sqlite_schema", &tables))
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
	return cache_file_run(
		f, "PRAGMA cache_size = -512; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;"
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

bool cache_file_is_usable(CacheFile *f, bool make)
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

/* --- size --- */

uint64_t cache_file_used(CacheFile *f)
{
	int64_t pages = 0, unused = 0, size = 0;

	cache_file_number(f->db, "PRAGMA page_count", &pages);
	cache_file_number(f->db, "PRAGMA freelist_count", &unused);
	cache_file_number(f->db, "PRAGMA page_size", &size);
	return pages > unused && size > 0 ? (uint64_t)(pages - unused) * (uint64_t)size : 0;
}

uint64_t cache_file_with_room(const CacheFile *f)
{
	return f->limit / 100 * (100 - ROOM_PER_CENT);
}
