#include "core/mailbox/cache_file_private.h"

#include <string.h>

#include "core/mailbox/stored.h"

#define FOLDERS_MAX 100000

static CacheMailbox *mailbox_new_empty(void)
{
	CacheMailbox *mailbox = g_new0(CacheMailbox, 1);

	mailbox->heads = g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);
	mailbox->firsts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return mailbox;
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

static bool read_heads(CacheFile *f, int64_t mailbox, const uint32_t *uids, size_t n,
		       GPtrArray *heads)
{
	sqlite3_stmt *row =
		cache_file_prepare(f, "SELECT bytes FROM head WHERE mailbox = ? AND uid = ?");
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
	return row && cache_file_finish(f, row, code);
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
	int64_t id =
		cache_file_is_usable(f, false) ? cache_file_find_mailbox(f, account, name, 0) : 0;
	g_autoptr(CacheMailbox) found = mailbox_new_empty();

	sqlite3_stmt *row =
		id ? cache_file_prepare(
			     f, "SELECT uidvalidity, shown, shown_words, window FROM mailbox "
				"WHERE id = ? AND window IS NOT NULL")
		   : NULL;
	if (!row)
		return NULL;
	sqlite3_bind_int64(row, 1, id);
	int code = sqlite3_step(row);
	bool good = code == SQLITE_ROW && take_window(row, found);
	if (!cache_file_finish(f, row, code) || !good ||
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
	sqlite3_stmt *row =
		cache_file_prepare(f, "SELECT first, rows FROM segment WHERE mailbox = ? "
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
	return cache_file_finish(f, row, code) && good && out->rows.n == out->point.messages;
}

CacheMailbox *cache_file_read_rows(CacheFile *f, const char *account, const char *name)
{
	g_autoptr(CacheMailbox) found = mailbox_new_empty();
	int64_t id;

	/* One look at both tables, whatever another instance writes between. */
	if (!cache_file_is_usable(f, false) || !cache_file_run(f, "BEGIN"))
		return NULL;
	id = cache_file_find_mailbox(f, account, name, 0);
	sqlite3_stmt *row =
		id ? cache_file_prepare(f, "SELECT uidvalidity, messages, uidnext, modseq, words, "
					   "generation FROM mailbox WHERE id = ?")
		   : NULL;
	bool good = false;
	if (row) {
		sqlite3_bind_int64(row, 1, id);
		int code = sqlite3_step(row);
		good = code == SQLITE_ROW && take_point(row, found);
		good = cache_file_finish(f, row, code) && good && read_segments(f, id, found);
	}
	if (f->db && !sqlite3_get_autocommit(f->db))
		sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);
	return good ? g_steal_pointer(&found) : NULL;
}

GPtrArray *cache_file_read_heads(CacheFile *f, const char *account, const char *name,
				 uint32_t uidvalidity, const UidSet *uids)
{
	GPtrArray *heads = g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);
	int64_t id = cache_file_is_usable(f, false)
			     ? cache_file_find_mailbox(f, account, name, uidvalidity)
			     : 0;
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

static uint64_t room_left(CacheFile *f)
{
	uint64_t used = f->state == FILE_OPEN ? cache_file_used(f) : 0;

	return f->state != FILE_OFF && used < cache_file_with_room(f)
		       ? cache_file_with_room(f) - used
		       : 0;
}

UidSet *cache_file_missing(CacheFile *f, const char *account, const char *name,
			   uint32_t uidvalidity, const UidSet *uids, uint64_t *room)
{
	int64_t id = cache_file_is_usable(f, false)
			     ? cache_file_find_mailbox(f, account, name, uidvalidity)
			     : 0;
	sqlite3_stmt *row = id ? cache_file_prepare(f, "SELECT uid FROM head WHERE mailbox = ? AND "
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
		cache_file_finish(f, row, code);
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
		cache_file_is_usable(f, false)
			? cache_file_prepare(
				  f, "SELECT name, delimiter, attributes, subscribed, counted, "
				     "fresh, messages, unseen, uidnext, uidvalidity FROM folder "
				     "WHERE account = ? ORDER BY place "
				     "LIMIT " G_STRINGIFY(FOLDERS_MAX))
			: NULL;
	int code = SQLITE_DONE;

	if (!row)
		return folders;
	cache_file_bind_text(row, 1, account);
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		CacheFolder *folder = take_folder(row);
		if (folder)
			g_ptr_array_add(folders, folder);
	}
	cache_file_finish(f, row, code);
	return folders;
}
