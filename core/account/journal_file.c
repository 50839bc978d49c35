#include "core/account/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include "core/account/journal_row.h"
#include "core/account/owner.h"
#include "core/base/error.h"

/* "Shf1"; in the header of the file, so that file(1) and we know whose it is. */
#define APPLICATION_ID 0x53686631
#define SCHEMA         1
/* Another instance may be in its commit. */
#define BUSY_MS 2000
/* More undone changes than that are no work of a person. */
#define ROWS_MAX 100000

struct JournalFile {
	char *directory, *path;
	Owner *owner;
	sqlite3 *db;
};

typedef enum { FILE_FINE, FILE_DAMAGED, FILE_FOREIGN, FILE_NEWER, FILE_CLOSED } FileState;

static const char schema[] =
	"CREATE TABLE intention(id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, "
	"account TEXT NOT NULL, made INTEGER NOT NULL, kind TEXT NOT NULL, step TEXT NOT NULL, "
	"mailbox TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uids TEXT NOT NULL, "
	"count INTEGER NOT NULL, op INTEGER NOT NULL, words TEXT, target TEXT, "
	"target_uidvalidity INTEGER NOT NULL, target_uidnext INTEGER NOT NULL, "
	"what TEXT NOT NULL, reason TEXT);"
	"PRAGMA application_id = " G_STRINGIFY(APPLICATION_ID) ";"
							       "PRAGMA user_version = " G_STRINGIFY(
								       SCHEMA) ";";

/* --- words --- */

static bool fail(JournalFile *f, GError **error)
{
	int code = sqlite3_errcode(f->db) & 0xff;
	const char *why = code == SQLITE_FULL       ? "the disk is full"
			  : code == SQLITE_READONLY ? "it is read-only"
			  : code == SQLITE_IOERR    ? "the disk reports an error"
			  : code == SQLITE_BUSY     ? "another program keeps it locked"
						    : sqlite3_errmsg(f->db);

	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s: %s", f->path, why);
	return false;
}

static bool run(JournalFile *f, const char *sql, GError **error)
{
	return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(f, error);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	return sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK ? statement : NULL;
}

/* --- rows --- */

static void bind_text(sqlite3_stmt *row, int at, const char *text)
{
	sqlite3_bind_text(row, at, text, -1, SQLITE_TRANSIENT);
}

static bool put_row(JournalFile *f, const char *owner, const char *account, const Intention *i,
		    int64_t *id, GError **error)
{
	sqlite3_stmt *row = prepare(f->db, "INSERT OR REPLACE INTO intention(" JOURNAL_ROW_NAMES
					   ", owner, account) VALUES "
					   "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");

	if (!row)
		return fail(f, error);
	if (*id != 0)
		sqlite3_bind_int64(row, 1, *id);
	journal_row_bind(row, i);
	bind_text(row, 16, owner);
	bind_text(row, 17, account);
	bool done = sqlite3_step(row) == SQLITE_DONE;
	if (done)
		*id = sqlite3_last_insert_rowid(f->db);
	else
		fail(f, error);
	sqlite3_finalize(row);
	return done;
}

static bool remove_row(JournalFile *f, int64_t id, GError **error)
{
	sqlite3_stmt *row = prepare(f->db, "DELETE FROM intention WHERE id = ?");

	sqlite3_bind_int64(row, 1, id);
	bool done = row && sqlite3_step(row) == SQLITE_DONE;
	if (!done)
		fail(f, error);
	sqlite3_finalize(row);
	return done;
}

/* --- opening --- */

static int64_t pragma_number(sqlite3 *db, const char *sql, int *code)
{
	sqlite3_stmt *row = NULL;
	int64_t number = 0;

	*code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
	if (*code == SQLITE_OK && (*code = sqlite3_step(row)) == SQLITE_ROW) {
		number = sqlite3_column_int64(row, 0);
		*code = SQLITE_OK;
	}
	sqlite3_finalize(row);
	return number;
}

static bool is_damage(int code)
{
	return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
}

static FileState check_content(sqlite3 *db, int *code)
{
	int64_t version = pragma_number(db, "PRAGMA user_version", code);
	int64_t application =
		*code == SQLITE_OK ? pragma_number(db, "PRAGMA application_id", code) : 0;
	int64_t tables = *code == SQLITE_OK
				 ? pragma_number(db, "SELECT count(*) FROM sqlite_schema", code)
				 : 0;
	sqlite3_stmt *row = NULL;

	if (*code != SQLITE_OK)
		return is_damage(*code) ? FILE_DAMAGED : FILE_CLOSED;
	if (application != APPLICATION_ID)
		return tables == 0 && version == 0 ? FILE_FINE : FILE_FOREIGN;
	if (version > SCHEMA)
		return FILE_NEWER;
	row = prepare(db, "PRAGMA quick_check(1)");
	*code = row ? sqlite3_step(row) : sqlite3_errcode(db);
	const char *said = *code == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
	FileState state = g_strcmp0(said, "ok") == 0 ? FILE_FINE : FILE_DAMAGED;
	if (!said && !is_damage(*code))
		state = FILE_CLOSED;
	sqlite3_finalize(row);
	return state;
}

static FileState check_as(JournalFile *f, int mode, int *code)
{
	sqlite3 *db = NULL;
	FileState state = FILE_CLOSED;

	*code = sqlite3_open_v2(f->path, &db, mode | SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_busy_timeout(db, BUSY_MS);
	if (*code == SQLITE_OK)
		state = check_content(db, code);
	sqlite3_close(db);
	return state;
}

/* Looked at without being able to change it, unless a transaction that was cut short has to be
 * taken back first. */
static FileState check_file(JournalFile *f, GError **error)
{
	int code;

	if (!g_file_test(f->path, G_FILE_TEST_EXISTS))
		return FILE_FINE;
	FileState state = check_as(f, SQLITE_OPEN_READONLY, &code);
	if (state == FILE_CLOSED && (code & 0xff) == SQLITE_READONLY)
		state = check_as(f, SQLITE_OPEN_READWRITE, &code);
	if (state == FILE_CLOSED)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s cannot be read: %s", f->path,
			    sqlite3_errstr(code));
	else if (state == FILE_NEWER)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s was written by a newer version of Sheaf and is left as it is",
			    f->path);
	return state;
}

static bool open_database(JournalFile *f, GError **error)
{
	/* SQLite gives its other files the mode of this one (T195). */
	int fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s cannot be opened: %s", f->path,
			    g_strerror(errno));
		return false;
	}
	close(fd);
	if (sqlite3_open_v2(f->path, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return fail(f, error);
	sqlite3_busy_timeout(f->db, BUSY_MS);
	/* A commit is one fsync of the log.  Where there can be no log (no shared memory), SQLite
	 * keeps a rollback journal: slower, as safe. */
	return run(f,
		   "PRAGMA cache_size = -512; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;"
		   "PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
		   "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		   "PRAGMA wal_autocheckpoint = 100",
		   error);
}

static bool make_schema(JournalFile *f, GError **error)
{
	int code;
	int64_t version = pragma_number(f->db, "PRAGMA user_version", &code);

	if (code != SQLITE_OK)
		return fail(f, error);
	if (version == SCHEMA)
		return true;
	return run(f, "BEGIN IMMEDIATE", error) && run(f, schema, error) && run(f, "COMMIT", error);
}

/* --- setting aside --- */

static char *set_aside(JournalFile *f, GError **error)
{
	static const char *const parts[] = {"", "-wal"};
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *stamp = g_date_time_format(now, "%Y%m%d-%H%M%S");
	g_autofree char *memory = g_strconcat(f->path, "-shm", NULL);
	char *aside = NULL;

	for (unsigned k = 0; !aside || g_file_test(aside, G_FILE_TEST_EXISTS); k++) {
		g_free(aside);
		aside = g_strdup_printf("%s.damaged-%s-%u", f->path, stamp, k);
	}
	for (size_t k = 0; k < G_N_ELEMENTS(parts); k++) {
		g_autofree char *from = g_strconcat(f->path, parts[k], NULL);
		g_autofree char *to = g_strconcat(aside, parts[k], NULL);
		if (rename(from, to) == 0 || (errno == ENOENT && k > 0))
			continue;
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s cannot be set aside: %s", from,
			    g_strerror(errno));
		g_free(aside);
		return NULL;
	}
	unlink(memory);
	return aside;
}

/* What a living instance has there it still knows itself. */
static void salvage_rows(JournalFile *f, sqlite3 *damaged, const char *sql)
{
	sqlite3_stmt *row = prepare(damaged, sql);

	for (unsigned n = 0; row && n < ROWS_MAX && sqlite3_step(row) == SQLITE_ROW; n++) {
		g_autoptr(Intention) i = journal_row_read(row);
		const char *owner = (const char *)sqlite3_column_text(row, JOURNAL_ROW_COLUMNS);
		const char *account =
			(const char *)sqlite3_column_text(row, JOURNAL_ROW_COLUMNS + 1);
		int64_t id = i ? i->id : 0;
		if (i && owner && account && owner_is_dead(f->owner, owner))
			put_row(f, owner, account, i, &id, NULL);
	}
	sqlite3_finalize(row);
}

/* From the one end to the damage, and from the other. */
static unsigned salvage_all(JournalFile *f, sqlite3 *damaged)
{
	static const char forwards[] =
		"SELECT " JOURNAL_ROW_NAMES ", owner, account FROM intention ORDER BY id";
	g_autofree char *backwards = g_strconcat(forwards, " DESC", NULL);
	int code;

	/* A file that is shorter than it says is read only so. */
	sqlite3_exec(damaged, "PRAGMA writable_schema = ON", NULL, NULL, NULL);
	salvage_rows(f, damaged, forwards);
	salvage_rows(f, damaged, backwards);
	return (unsigned)pragma_number(f->db, "SELECT count(*) FROM intention", &code);
}

static char *salvage(JournalFile *f, const char *aside)
{
	sqlite3 *damaged = NULL;
	unsigned n = 0;

	if (sqlite3_open_v2(aside, &damaged, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
		    SQLITE_OK &&
	    run(f, "BEGIN IMMEDIATE", NULL)) {
		n = salvage_all(f, damaged);
		run(f, "COMMIT", NULL);
	}
	sqlite3_close(damaged);
	return g_strdup_printf("The journal of changes was damaged: it is kept as %s, and %u "
			       "change%s could be read.",
			       aside, n, n == 1 ? "" : "s");
}

static bool open_checked(JournalFile *f, char **notice, GError **error)
{
	FileState state = check_file(f, error);
	g_autofree char *aside = NULL;

	if (state == FILE_CLOSED || state == FILE_NEWER)
		return false;
	if (state != FILE_FINE && !(aside = set_aside(f, error)))
		return false;
	if (!open_database(f, error) || !make_schema(f, error))
		return false;
	if (aside)
		*notice = salvage(f, aside);
	return true;
}

JournalFile *journal_file_open(const char *directory, char **notice, GError **error)
{
	JournalFile *f = g_new0(JournalFile, 1);
	g_autofree char *door = g_build_filename(directory, "journal.lock", NULL);
	bool opened = false;

	*notice = NULL;
	f->directory = g_strdup(directory);
	f->path = g_build_filename(directory, "journal.db", NULL);
	g_mkdir_with_parents(directory, 0700);
	/* One at a time: two must not set aside what the other just made. */
	int fd = open(door, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s cannot be locked: %s", door,
			    g_strerror(errno));
	else
		opened = (f->owner = owner_new(directory, error)) && open_checked(f, notice, error);
	if (fd >= 0)
		close(fd);
	if (opened)
		return f;
	journal_file_close(f);
	return NULL;
}

void journal_file_close(JournalFile *f)
{
	if (f == NULL)
		return;
	sqlite3_close(f->db);
	owner_free(f->owner);
	g_free(f->directory);
	g_free(f->path);
	g_free(f);
}

/* --- writing and adopting --- */

bool journal_file_write(JournalFile *f, JournalWrite *writes, size_t n, GError **error)
{
	const char *owner = owner_name(f->owner);
	bool done = run(f, "BEGIN IMMEDIATE", error);

	for (size_t k = 0; done && k < n; k++)
		done = writes[k].intention ? put_row(f, owner, writes[k].account,
						     writes[k].intention, &writes[k].id, error)
					   : remove_row(f, writes[k].id, error);
	if (done && run(f, "COMMIT", error))
		return true;
	sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* The names that own something of the account and are not alive any more. */
static GPtrArray *dead_owners(JournalFile *f, const char *account)
{
	sqlite3_stmt *row =
		prepare(f->db, "SELECT DISTINCT owner FROM intention WHERE account = ?");
	GPtrArray *dead = g_ptr_array_new_with_free_func(g_free);

	bind_text(row, 1, account);
	while (row && sqlite3_step(row) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(row, 0);
		if (name && owner_is_dead(f->owner, name))
			g_ptr_array_add(dead, g_strdup(name));
	}
	sqlite3_finalize(row);
	return dead;
}

/* The rows whose owner changes under the transaction are taken by nobody else. */
static bool take_over(JournalFile *f, const char *account, const char *dead, GPtrArray *adopted,
		      unsigned *unreadable)
{
	sqlite3_stmt *row =
		prepare(f->db, "SELECT " JOURNAL_ROW_NAMES " FROM intention WHERE account = ? "
			       "AND owner = ? ORDER BY id LIMIT " G_STRINGIFY(ROWS_MAX));
	bool done;

	bind_text(row, 1, account);
	bind_text(row, 2, dead);
	while (row && sqlite3_step(row) == SQLITE_ROW) {
		Intention *i = journal_row_read(row);
		if (i)
			g_ptr_array_add(adopted, i);
		else
			++*unreadable;
	}
	sqlite3_finalize(row);
	row = prepare(f->db, "UPDATE intention SET owner = ? WHERE account = ? AND owner = ?");
	bind_text(row, 1, owner_name(f->owner));
	bind_text(row, 2, account);
	bind_text(row, 3, dead);
	done = row && sqlite3_step(row) == SQLITE_DONE;
	sqlite3_finalize(row);
	return done;
}

static int by_age(const void *a, const void *b)
{
	const Intention *one = *(Intention *const *)a, *two = *(Intention *const *)b;

	return one->id < two->id ? -1 : one->id > two->id;
}

GPtrArray *journal_file_adopt(JournalFile *f, const char *account, unsigned *unreadable,
			      GError **error)
{
	g_autoptr(GPtrArray) dead = NULL;
	g_autoptr(GPtrArray) adopted =
		g_ptr_array_new_with_free_func((GDestroyNotify)intention_free);
	bool done = run(f, "BEGIN IMMEDIATE", error);

	*unreadable = 0;
	dead = dead_owners(f, account);
	for (unsigned k = 0; done && k < dead->len; k++)
		done = take_over(f, account, dead->pdata[k], adopted, unreadable) || fail(f, error);
	if (!done || !run(f, "COMMIT", error)) {
		sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
		return NULL;
	}
	owner_bury(f->owner);
	g_ptr_array_sort(adopted, by_age);
	return g_steal_pointer(&adopted);
}
