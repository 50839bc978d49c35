/* T176: after kill -9 at any point the cache opens, passes integrity_check, and no queued change is
 * lost or doubled.  A child writes the cache and the journal of changes, and kills itself in front
 * of each call that changes a file.  That what the journal kept is then made once on the server:
 * tests/check_journal_crash.c. */
#include "config.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/account/journal_file.h"
#include "core/mailbox/cache_file.h"
#include "core/mailbox/stored.h"
#include "tests/fault_vfs.h"
#include "tests/place.h"
#include "tests/threats/threats.h"

#define ACCOUNT "ada@imap.example.org:993"
#define LIMIT   ((uint64_t)64 << 20)

enum { ROWS = 300, SEGMENT = 100, CHANGES = 4 };

/* --- the child --- */

static unsigned calls, kill_at;

static int on_call(FaultCall call, const char *path, void *data)
{
	(void)path;
	(void)data;
	if (call != FAULT_LOCK && ++calls == kill_at)
		kill(getpid(), SIGKILL);
	return 0;
}

/* All rows with the same flags. */
static void write_rows(CacheFile *f, Flags flags)
{
	g_autoptr(CacheState) state = cache_state_new("INBOX");
	Table rows = {0};
	bool stale;

	for (uint32_t uid = 1; uid <= ROWS; uid++)
		table_insert(&rows, uid, flags, TABLE_FLAGS_KNOWN);
	state->point = (SyncPoint){5, ROWS + 1, ROWS, 17, true};
	state->words = g_strdup("");
	state->window = stored_pack_rows(&rows, ROWS - 10, ROWS);
	state->generation = 7;
	for (uint32_t at = 0; at < ROWS; at += SEGMENT)
		cache_state_add(state, at + 1, stored_pack_rows(&rows, at, at + SEGMENT));
	table_clear(&rows);
	cache_file_write_state(f, ACCOUNT, state, &stale);
}

/* Tells the UID when the change to it is written down. */
static void queue(JournalFile *f, uint32_t uid, int told)
{
	g_autoptr(UidSet) uids = uidset_new_range(uid, uid);
	g_autoptr(Intention) i = intention_new(INTENTION_STORE, "INBOX", 5, uids, "Marked.");
	JournalWrite row = {ACCOUNT, i, 0};

	i->words = g_strsplit("\\Flagged", " ", -1);
	if (!journal_file_write(f, &row, 1, NULL) ||
	    write(told, &uid, sizeof(uid)) != (ssize_t)sizeof(uid))
		_exit(1);
}

static void write_both(const char *directory, int told)
{
	g_autofree char *notice = NULL;
	CacheFile *cache = cache_file_new(directory, LIMIT);
	JournalFile *journal = journal_file_open(directory, &notice, NULL);

	for (uint32_t uid = 1; uid <= CHANGES; uid++) {
		queue(journal, uid, told);
		write_rows(cache, uid % 2 ? FLAG_SEEN : FLAG_ANSWERED);
	}
	journal_file_close(journal);
	cache_file_free(cache);
}

/* How many changes it could tell of before its n-th call; `*killed`: there was one. */
static uint32_t run_child(const char *directory, unsigned n, bool *killed)
{
	int ends[2], status;
	uint32_t uid, told = 0;

	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		/* Two owners that fork from one would take the same name. */
		g_random_set_seed((guint32)getpid());
		kill_at = n;
		fault_vfs_install(on_call, NULL);
		write_both(directory, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	while (read(ends[0], &uid, sizeof(uid)) == sizeof(uid))
		told = uid;
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	*killed = WIFSIGNALED(status);
	ck_assert(*killed || WEXITSTATUS(status) == 0);
	return told;
}

/* --- what it left --- */

static void check_integrity(const char *directory, const char *name, unsigned n)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	sqlite3 *db;
	sqlite3_stmt *row;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &row, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	ck_assert_msg(strcmp((const char *)sqlite3_column_text(row, 0), "ok") == 0,
		      "%s, killed at %u: %s", name, n, sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	sqlite3_close(db);
}

/* One state or another, and no mixture of them; nothing had to be set aside. */
static void check_cache(const char *directory, unsigned n)
{
	CacheFile *f = cache_file_new(directory, LIMIT);
	g_autoptr(CacheMailbox) found = cache_file_read_rows(f, ACCOUNT, "INBOX");
	g_autofree char *notice = cache_file_notice(f);

	ck_assert_msg(notice == NULL, "killed at %u: %s", n, notice);
	for (uint32_t i = 0; found && i < found->rows.n; i++)
		ck_assert_uint_eq(found->rows.flags[i], found->rows.flags[0]);
	ck_assert(!found || found->rows.n == ROWS);
	cache_file_free(f);
	check_integrity(directory, "cache.db", n);
}

/* Each that was told of, once; one more may have been written and not told. */
static void check_journal(const char *directory, uint32_t told, unsigned n)
{
	g_autofree char *notice = NULL;
	unsigned unreadable;
	JournalFile *f = journal_file_open(directory, &notice, NULL);

	ck_assert_ptr_nonnull(f);
	ck_assert_msg(notice == NULL, "killed at %u: %s", n, notice);
	g_autoptr(GPtrArray) rows = journal_file_adopt(f, ACCOUNT, &unreadable, NULL);
	ck_assert_uint_eq(unreadable, 0);
	ck_assert_msg(rows->len == told || rows->len == told + 1,
		      "killed at %u: %u changes, %u were told", n, rows->len, told);
	for (uint32_t i = 0; i < rows->len; i++) {
		const Intention *intention = rows->pdata[i];
		ck_assert_uint_eq(uidset_count(intention->uids), 1);
		ck_assert_uint_eq(uidset_last(intention->uids), i + 1);
	}
	journal_file_close(f);
	check_integrity(directory, "journal.db", n);
}

START_TEST(killed_at_any_point)
{
	bool killed = true;
	unsigned n = 0;

	while (killed) {
		g_autofree char *directory = place_temporary();
		uint32_t told = run_child(directory, ++n, &killed);
		check_cache(directory, n);
		check_journal(directory, told, n);
		place_remove(directory);
	}
	printf("%u places\n", n - 1);
	ck_assert_uint_gt(n, 50);
}
END_TEST

const Threat threats_killed[] = {{"T176", &killed_at_any_point, 1}, {NULL, NULL, 0}};
