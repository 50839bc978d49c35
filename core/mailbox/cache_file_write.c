#include "core/mailbox/cache_file_private.h"

/* Heads that go at once. */
#define HEADS_AT_ONCE 64

/* Oldest heads first, then the mailboxes longest not used (T184). */
static bool make_room(CacheFile *f)
{
	if (cache_file_used(f) <= f->limit)
		return true;
	while (cache_file_used(f) > cache_file_with_room(f)) {
		if (!cache_file_run(f,
				    "DELETE FROM head WHERE id IN (SELECT id FROM head ORDER BY id "
				    "LIMIT " G_STRINGIFY(HEADS_AT_ONCE) ")"))
			return false;
		if (sqlite3_changes(f->db) > 0)
			continue;
		if (!cache_file_run(f, "DELETE FROM mailbox WHERE id = "
				       "(SELECT id FROM mailbox ORDER BY used LIMIT 1)"))
			return false;
		if (sqlite3_changes(f->db) == 0)
			break;
	}
	return cache_file_run(f, "PRAGMA incremental_vacuum");
}

static bool begin(CacheFile *f)
{
	return cache_file_is_usable(f, true) && cache_file_run(f, "BEGIN IMMEDIATE");
}

static bool end(CacheFile *f, bool good)
{
	if (good && make_room(f) && cache_file_run(f, "COMMIT"))
		return true;
	if (f->db && !sqlite3_get_autocommit(f->db))
		sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static int64_t make_mailbox(CacheFile *f, const char *account, const char *name,
			    uint32_t uidvalidity)
{
	int64_t id = cache_file_find_mailbox(f, account, name, uidvalidity);
	sqlite3_stmt *row =
		id == 0 && f->db
			? cache_file_prepare(f, "INSERT INTO mailbox(account, name, uidvalidity, "
						"used) VALUES (?, ?, ?, ?)")
			: NULL;

	if (!row)
		return id;
	cache_file_bind_text(row, 1, account);
	cache_file_bind_name(row, 2, name);
	sqlite3_bind_int64(row, 3, uidvalidity);
	sqlite3_bind_int64(row, 4, g_get_real_time());
	return cache_file_finish(f, row, sqlite3_step(row)) ? sqlite3_last_insert_rowid(f->db) : 0;
}

static bool write_window(CacheFile *f, int64_t id, const CacheState *state)
{
	sqlite3_stmt *row =
		cache_file_prepare(f, "UPDATE mailbox SET used = ?, shown = ?, shown_words = ?, "
				      "window = ? WHERE id = ?");

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, g_get_real_time());
	sqlite3_bind_int64(row, 2, state->point.messages);
	cache_file_bind_text(row, 3, state->words);
	cache_file_bind_bytes(row, 4, state->window);
	sqlite3_bind_int64(row, 5, id);
	return cache_file_finish(f, row, sqlite3_step(row));
}

/* Those of other UIDVALIDITYs mean other messages, for good (T077). */
static bool forget_replaced(CacheFile *f, const char *account, const char *name, int64_t id)
{
	sqlite3_stmt *row = cache_file_prepare(
		f, "DELETE FROM mailbox WHERE account = ? AND name = ? AND id <> ?");

	if (!row)
		return false;
	cache_file_bind_text(row, 1, account);
	cache_file_bind_name(row, 2, name);
	sqlite3_bind_int64(row, 3, id);
	return cache_file_finish(f, row, sqlite3_step(row));
}

static bool write_point(CacheFile *f, int64_t id, const CacheState *state, bool *stale)
{
	sqlite3_stmt *row =
		cache_file_prepare(f, "UPDATE mailbox SET generation = ?1, messages = ?2, "
				      "uidnext = ?3, modseq = ?4, words = ?5 WHERE id = ?6 AND "
				      "(?7 = 0 OR generation = ?7)");

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, state->generation);
	sqlite3_bind_int64(row, 2, state->point.messages);
	sqlite3_bind_int64(row, 3, state->point.uidnext);
	sqlite3_bind_int64(row, 4,
			   state->point.modseq <= INT64_MAX ? (int64_t)state->point.modseq : 0);
	cache_file_bind_text(row, 5, state->words);
	sqlite3_bind_int64(row, 6, id);
	sqlite3_bind_int64(row, 7, state->before);
	bool done = cache_file_finish(f, row, sqlite3_step(row));
	*stale = done && sqlite3_changes(f->db) == 0;
	return done;
}

static bool remove_segments(CacheFile *f, int64_t id, UidRange range)
{
	sqlite3_stmt *row = cache_file_prepare(
		f, "DELETE FROM segment WHERE mailbox = ? AND first BETWEEN ? AND ?");

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, id);
	sqlite3_bind_int64(row, 2, range.first);
	sqlite3_bind_int64(row, 3, range.last);
	return cache_file_finish(f, row, sqlite3_step(row));
}

static bool write_segments(CacheFile *f, int64_t id, const CacheState *state)
{
	UidRange all = {1, UINT32_MAX};
	bool done = state->before != 0 || remove_segments(f, id, all);

	for (guint k = 0; done && k < state->gone->len; k++)
		done = remove_segments(f, id, g_array_index(state->gone, UidRange, k));
	sqlite3_stmt *row =
		done ? cache_file_prepare(f, "INSERT INTO segment(mailbox, first, rows) "
					     "VALUES (?, ?, ?)")
		     : NULL;
	int code = SQLITE_DONE;
	for (guint k = 0; row && k < state->segments->len && code == SQLITE_DONE; k++) {
		const CacheSegment *segment = state->segments->pdata[k];
		sqlite3_reset(row);
		sqlite3_bind_int64(row, 1, id);
		sqlite3_bind_int64(row, 2, segment->first);
		cache_file_bind_bytes(row, 3, segment->rows);
		code = sqlite3_step(row);
	}
	return row && cache_file_finish(f, row, code);
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
	sqlite3_stmt *row =
		id ? cache_file_prepare(f, "INSERT OR REPLACE INTO head(mailbox, uid, bytes) "
					   "VALUES (?, ?, ?)")
		   : NULL;
	int code = SQLITE_DONE;
	for (guint k = 0; row && k < heads->len && code == SQLITE_DONE; k++) {
		const CacheHead *head = heads->pdata[k];
		sqlite3_reset(row);
		sqlite3_bind_int64(row, 1, id);
		sqlite3_bind_int64(row, 2, head->uid);
		cache_file_bind_bytes(row, 3, head->bytes);
		code = sqlite3_step(row);
	}
	return end(f, row && cache_file_finish(f, row, code));
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
	cache_file_bind_text(row, 1, account);
	sqlite3_bind_int64(row, 2, place);
	cache_file_bind_name(row, 3, folder->name);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		sqlite3_bind_int64(row, 4 + (int)i, numbers[i]);
	return sqlite3_step(row) == SQLITE_DONE;
}

bool cache_file_write_folders(CacheFile *f, const char *account, const GPtrArray *folders)
{
	if (!begin(f))
		return false;
	sqlite3_stmt *row = cache_file_prepare(f, "DELETE FROM folder WHERE account = ?");
	if (!row)
		return end(f, false);
	cache_file_bind_text(row, 1, account);
	bool done = cache_file_finish(f, row, sqlite3_step(row));
	row = done ? cache_file_prepare(f, "INSERT INTO folder VALUES (?,?,?,?,?,?,?,?,?,?,?,?)")
		   : NULL;
	for (guint k = 0; row && done && k < folders->len; k++)
		done = put_folder(row, account, k, folders->pdata[k]);
	return end(f, row && cache_file_finish(f, row, done ? SQLITE_DONE : SQLITE_ERROR));
}
