/* The cache on disk under everything that can happen to a file: T077 and T178 to T187, as far
 * as they are of a cache. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/mailbox/cache_file.h"
#include "core/mailbox/stored.h"
#include "tests/fault_vfs.h"
#include "tests/place.h"
#include "tests/run.h"

#define LIMIT ((uint64_t)64 << 20)
#define ADA   "ada@imap.example.org:993"
#define BOB   "bob@imap.example.org:993"

static char *directory;

static void set_up(void)
{
	g_autofree char *top = place_temporary();

	directory = g_build_filename(top, "sheaf", NULL);
}

static void tear_down(void)
{
	g_autofree char *top = g_path_get_dirname(directory);

	place_remove(top);
	g_clear_pointer(&directory, g_free);
}

static char *file_name(void)
{
	return g_build_filename(directory, "cache.db", NULL);
}

static CacheFile *open_file(void)
{
	return cache_file_new(directory, LIMIT);
}

/* Rows 1 to n in segments of 100, all with those flags, and as their window the last 10. */
static CacheState *some_state(const char *name, uint32_t uidvalidity, uint32_t n, Flags flags)
{
	CacheState *state = cache_state_new(name);
	Table rows = {0};

	for (uint32_t uid = 1; uid <= n; uid++)
		table_insert(&rows, uid, flags, TABLE_FLAGS_KNOWN);
	state->point = (SyncPoint){uidvalidity, n + 1, n, 12345678901, true};
	state->words = g_strdup("$Junk");
	state->window = stored_pack_rows(&rows, n > 10 ? n - 10 : 0, n);
	state->generation = 7;
	for (uint32_t at = 0; at < n; at += 100)
		cache_state_add(state, at + 1, stored_pack_rows(&rows, at, MIN(n, at + 100)));
	table_clear(&rows);
	return state;
}

static bool write_state(CacheFile *f, const char *account, const char *name, uint32_t uidvalidity,
			uint32_t n, Flags flags)
{
	g_autoptr(CacheState) state = some_state(name, uidvalidity, n, flags);
	bool stale;

	return cache_file_write_state(f, account, state, &stale);
}

static bool write_heads(CacheFile *f, const char *account, uint32_t uidvalidity, uint32_t first,
			uint32_t last, const char *text)
{
	g_autoptr(GPtrArray) heads =
		g_ptr_array_new_with_free_func((GDestroyNotify)cache_head_free);

	for (uint32_t uid = first; uid <= last; uid++) {
		CacheHead *head = g_new(CacheHead, 1);
		*head = (CacheHead){uid, g_bytes_new(text, strlen(text))};
		g_ptr_array_add(heads, head);
	}
	return cache_file_write_heads(f, account, "INBOX", uidvalidity, heads);
}

static guint count_heads(CacheFile *f, const char *account, uint32_t uidvalidity, uint32_t first,
			 uint32_t last)
{
	g_autoptr(UidSet) uids = uidset_new_range(first, last);
	g_autoptr(GPtrArray) heads = cache_file_read_heads(f, account, "INBOX", uidvalidity, uids);

	return heads->len;
}

static uint32_t rows_of(CacheFile *f, const char *account)
{
	g_autoptr(CacheMailbox) rows = cache_file_read_rows(f, account, "INBOX");

	return rows ? rows->rows.n : 0;
}

static void say(const char *sql)
{
	g_autofree char *path = file_name();
	sqlite3 *db;
	char *error = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	int code = sqlite3_exec(db, sql, NULL, NULL, &error);
	ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, error);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void fill(void)
{
	CacheFile *f = open_file();

	ck_assert(write_state(f, ADA, "INBOX", 5, 250, FLAG_SEEN));
	ck_assert(write_heads(f, ADA, 5, 241, 250, "head"));
	cache_file_free(f);
}

/* --- what is kept --- */

START_TEST(a_mailbox_comes_back_as_it_was)
{
	fill();
	CacheFile *f = open_file();
	g_autoptr(CacheMailbox) window = cache_file_read_window(f, ADA, "INBOX");
	g_autoptr(CacheMailbox) rows = cache_file_read_rows(f, ADA, "INBOX");

	ck_assert_ptr_nonnull(window);
	ck_assert_uint_eq(window->point.uidvalidity, 5);
	ck_assert_uint_eq(window->point.messages, 250);
	ck_assert(!window->point.complete);
	ck_assert_uint_eq(window->rows.n, 10);
	ck_assert_uint_eq(window->rows.uid[9], 250);
	ck_assert_uint_eq(window->heads->len, 10);
	ck_assert_ptr_nonnull(rows);
	ck_assert(rows->point.complete);
	ck_assert_uint_eq(rows->rows.n, 250);
	ck_assert_uint_eq(rows->rows.flags[0], FLAG_SEEN);
	ck_assert_uint_eq(rows->point.uidnext, 251);
	ck_assert_uint_eq(rows->point.modseq, 12345678901);
	ck_assert_uint_eq(rows->firsts->len, 3);
	ck_assert_str_eq(rows->words, "$Junk");
	ck_assert_ptr_null(cache_file_notice(f));
	cache_file_free(f);
}
END_TEST

START_TEST(nothing_is_made_by_reading)
{
	CacheFile *f = open_file();

	ck_assert_ptr_null(cache_file_read_window(f, ADA, "INBOX"));
	ck_assert_uint_eq(count_heads(f, ADA, 5, 1, 9), 0);
	ck_assert(!g_file_test(directory, G_FILE_TEST_EXISTS));
	cache_file_free(f);
}
END_TEST

START_TEST(folders_come_back_in_their_order)
{
	g_autoptr(GPtrArray) folders =
		g_ptr_array_new_with_free_func((GDestroyNotify)cache_folder_free);
	CacheFolder one = {.name = g_strdup("Zoo"),
			   .delimiter = '.',
			   .counted = true,
			   .messages = 3,
			   .unseen = 2,
			   .uidnext = 9,
			   .uidvalidity = 4};
	CacheFolder two = {.name = g_strdup("A&AMk-"),
			   .subscribed = true,
			   .fresh = true,
			   .attributes = 1 << 12};
	g_ptr_array_add(folders, g_memdup2(&one, sizeof(one)));
	g_ptr_array_add(folders, g_memdup2(&two, sizeof(two)));
	CacheFile *f = open_file();

	ck_assert(cache_file_write_folders(f, ADA, folders));
	ck_assert(cache_file_write_folders(f, ADA, folders));
	g_autoptr(GPtrArray) back = cache_file_read_folders(f, ADA);
	g_autoptr(GPtrArray) others = cache_file_read_folders(f, BOB);
	ck_assert_uint_eq(back->len, 2);
	ck_assert_uint_eq(others->len, 0);
	const CacheFolder *first = back->pdata[0], *second = back->pdata[1];
	ck_assert_str_eq(first->name, "Zoo");
	ck_assert_int_eq(first->delimiter, '.');
	ck_assert(first->counted && !first->subscribed && !first->fresh);
	ck_assert_uint_eq(first->unseen, 2);
	ck_assert_str_eq(second->name, "A&AMk-");
	ck_assert(second->subscribed && second->fresh && second->attributes == 1 << 12);
	cache_file_free(f);
}
END_TEST

static void ck_mode(const char *path, unsigned mode)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, mode);
}

/* T195. */
START_TEST(nobody_else_may_read_it)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	g_autofree char *path = file_name();
	CacheFile *f = open_file();

	umask(0);
	ck_assert(write_state(f, ADA, "INBOX", 5, 1, 0));
	ck_mode(directory, 0700);
	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *part = g_strconcat(path, suffixes[i], NULL);
		ck_mode(part, 0600);
	}
	cache_file_free(f);
	ck_assert_int_eq(chmod(path, 0644), 0);
	f = open_file();
	ck_assert_uint_eq(rows_of(f, ADA), 1);
	ck_mode(path, 0600);
	cache_file_free(f);
}
END_TEST

/* --- T077, T187: whose row it is --- */

START_TEST(heads_of_another_uidvalidity_are_not_given)
{
	fill();
	CacheFile *f = open_file();

	ck_assert_uint_eq(count_heads(f, ADA, 5, 1, 300), 10);
	ck_assert_uint_eq(count_heads(f, ADA, 6, 1, 300), 0);
	ck_assert(write_state(f, ADA, "INBOX", 6, 20, 0));
	ck_assert_uint_eq(count_heads(f, ADA, 6, 1, 300), 0);
	/* What was replaced does not come back with an old number either. */
	ck_assert_uint_eq(count_heads(f, ADA, 5, 1, 300), 0);
	ck_assert_uint_eq(rows_of(f, ADA), 20);
	cache_file_free(f);
}
END_TEST

START_TEST(accounts_see_their_own_rows_only)
{
	CacheFile *f = open_file();

	ck_assert(write_state(f, ADA, "INBOX", 5, 30, 0));
	ck_assert(write_heads(f, ADA, 5, 1, 30, "ada's"));
	ck_assert_uint_eq(rows_of(f, BOB), 0);
	ck_assert_uint_eq(count_heads(f, BOB, 5, 1, 30), 0);
	ck_assert(write_state(f, BOB, "INBOX", 5, 2, 0));
	ck_assert_uint_eq(rows_of(f, BOB), 2);
	ck_assert_uint_eq(rows_of(f, ADA), 30);
	ck_assert_uint_eq(count_heads(f, BOB, 5, 1, 30), 0);
	ck_assert(write_state(f, ADA, "inbox", 5, 9, 0));
	ck_assert_uint_eq(rows_of(f, ADA), 30);
	/* A number that was of a mailbox is never another's. */
	ck_assert(write_state(f, ADA, "INBOX", 6, 1, 0));
	say("PRAGMA foreign_keys = OFF; INSERT INTO head(mailbox, uid, bytes) "
	    "SELECT max(id), 1, 'left' FROM mailbox; DELETE FROM mailbox WHERE id = "
	    "(SELECT max(id) FROM mailbox)");
	ck_assert(write_state(f, ADA, "INBOX", 7, 1, 0));
	ck_assert_uint_eq(count_heads(f, ADA, 7, 1, 30), 0);
	cache_file_free(f);
}
END_TEST

/* --- T179: what is no cache of ours --- */

typedef enum { REBUILT, LEFT, USED } Outcome;

static void random_bytes(const char *path)
{
	char bytes[5000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)g_random_int();
	ck_assert(g_file_set_contents(path, bytes, sizeof(bytes), NULL));
}

static void header_only(const char *path)
{
	ck_assert_int_eq(truncate(path, 100), 0);
}

static void half(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
}

static void nothing(const char *path)
{
	ck_assert_int_eq(truncate(path, 0), 0);
}

static void holes(const char *path)
{
	g_autofree char *bytes = NULL;
	gsize len;

	ck_assert(g_file_get_contents(path, &bytes, &len, NULL));
	for (gsize i = 4096; i < len; i += 64)
		bytes[i] = (char)g_random_int();
	ck_assert(g_file_set_contents(path, bytes, (gssize)len, NULL));
}

static void other_columns(const char *path)
{
	(void)path;
	say("DROP TABLE segment; DROP TABLE head; CREATE TABLE head(x); "
	    "ALTER TABLE mailbox RENAME COLUMN modseq TO moods");
}

static void older(const char *path)
{
	(void)path;
	say("PRAGMA user_version = 0");
}

static void newer(const char *path)
{
	(void)path;
	say("PRAGMA user_version = 99; PRAGMA journal_mode = DELETE");
}

static void newer_in_its_log(const char *path)
{
	pid_t child = fork();
	sqlite3 *db;

	if (child == 0) {
		sqlite3_open(path, &db);
		sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
		_exit(0); /* nothing is closed: the log stays */
	}
	waitpid(child, NULL, 0);
}

static void of_another_program(const char *path)
{
	unlink(path);
	say("CREATE TABLE bookmark(url); PRAGMA application_id = 77");
}

static void a_directory(const char *path)
{
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void a_link(const char *path)
{
	g_autofree char *other = g_strconcat(path, ".other", NULL);

	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
}

static const struct {
	void (*spoil)(const char *path);
	Outcome outcome;
} damages[] = {
	{random_bytes, REBUILT},    {header_only, REBUILT}, {half, REBUILT},
	{nothing, REBUILT},         {holes, REBUILT},       {other_columns, REBUILT},
	{older, REBUILT},           {newer, LEFT},          {newer_in_its_log, LEFT},
	{of_another_program, LEFT}, {a_directory, LEFT},    {a_link, LEFT},
};

static char *content_of(const char *path)
{
	char *bytes = NULL;
	gsize len = 0;

	g_file_get_contents(path, &bytes, &len, NULL);
	char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, len);
	g_free(bytes);
	return sum;
}

/* Everything is tried; what comes of it does not matter, only that it comes. */
static void use(CacheFile *f)
{
	cache_mailbox_free(cache_file_read_window(f, ADA, "INBOX"));
	rows_of(f, ADA);
	count_heads(f, ADA, 5, 1, 300);
	g_ptr_array_unref(cache_file_read_folders(f, ADA));
	write_state(f, ADA, "INBOX", 5, 250, FLAG_SEEN);
	write_heads(f, ADA, 5, 1, 10, "head");
}

START_TEST(a_damaged_cache_is_built_anew_and_a_foreign_one_left)
{
	g_autofree char *path = file_name();
	unsigned notices = 0;

	fill();
	damages[_i].spoil(path);
	g_autofree char *before = content_of(path);
	CacheFile *f = open_file();
	for (unsigned round = 0; round < 3; round++) {
		use(f);
		g_autofree char *notice = cache_file_notice(f);
		notices += notice != NULL;
	}
	ck_assert_uint_le(notices, 1);
	if (damages[_i].outcome == LEFT) {
		ck_assert_uint_eq(notices, 1);
		ck_assert(cache_file_is_off(f));
		ck_assert_uint_eq(rows_of(f, ADA), 0);
	} else {
		ck_assert_uint_eq(rows_of(f, ADA), 250);
		ck_assert_uint_eq(count_heads(f, ADA, 5, 1, 10), 10);
	}
	cache_file_free(f);
	g_autofree char *after = content_of(path);
	if (damages[_i].outcome == LEFT)
		ck_assert_str_eq(before, after);
	/* No loop from one start to the next. */
	f = open_file();
	ck_assert_uint_eq(rows_of(f, ADA), damages[_i].outcome == LEFT ? 0 : 250);
	cache_file_free(f);
}
END_TEST

START_TEST(random_damage_never_ends_it)
{
	g_autofree char *path = file_name(), *bytes = NULL;
	gsize len;

	fill();
	ck_assert(g_file_get_contents(path, &bytes, &len, NULL));
	for (unsigned round = 0; round < 60; round++) {
		g_autofree char *spoiled = g_memdup2(bytes, len);
		g_autofree char *log = g_strconcat(path, "-wal", NULL);
		for (unsigned k = 0; k < 1 + round; k++)
			spoiled[g_random_int_range(0, (int)len)] = (char)g_random_int();
		unlink(log);
		ck_assert(g_file_set_contents(path, spoiled, (gssize)len, NULL));
		CacheFile *f = open_file();
		use(f);
		use(f);
		cache_file_free(f);
	}
}
END_TEST

/* --- T180: values that no Sheaf writes --- */

static const char *const hostile[] = {
	"UPDATE mailbox SET uidvalidity = 0",
	"UPDATE mailbox SET uidvalidity = 4294967296",
	"UPDATE mailbox SET uidvalidity = -1",
	"UPDATE mailbox SET messages = 4294967295, shown = -1",
	"UPDATE mailbox SET messages = 3, shown = 3",
	"UPDATE mailbox SET messages = 'many', shown = 'many'",
	"UPDATE mailbox SET words = printf('%.*c', 500, ' '), shown_words = printf('%.*c', 500, ' "
	"')",
	"UPDATE mailbox SET words = x'000000', shown_words = x'0000'",
	"UPDATE mailbox SET window = zeroblob(40); UPDATE segment SET rows = zeroblob(40)",
	"UPDATE mailbox SET window = randomblob(99999); UPDATE segment SET rows = randomblob(9999)",
	"UPDATE mailbox SET window = zeroblob(2000000); UPDATE segment SET rows = "
	"zeroblob(2000000)",
	"UPDATE mailbox SET window = x'02ff7f'; UPDATE segment SET rows = x'02ff7f'",
	"UPDATE mailbox SET window = NULL; DELETE FROM segment WHERE first = 101",
	"UPDATE mailbox SET window = x'0200', shown = 0; UPDATE segment SET first = first + 50",
	"UPDATE mailbox SET window = x'0200', shown = 0; UPDATE segment SET first = -first",
};

START_TEST(hostile_rows_are_no_rows)
{
	fill();
	say(hostile[_i]);
	CacheFile *f = open_file();
	g_autoptr(CacheMailbox) window = cache_file_read_window(f, ADA, "INBOX");

	ck_assert(!window || window->rows.n == 0);
	ck_assert_uint_eq(rows_of(f, ADA), 0);
	use(f);
	cache_file_free(f);
}
END_TEST

START_TEST(hostile_heads_and_folders_are_none)
{
	fill();
	say("UPDATE head SET bytes = zeroblob(900000) WHERE uid = 241;"
	    "UPDATE head SET bytes = '' WHERE uid = 242;"
	    "INSERT INTO folder VALUES('" ADA "', 1, x'610062', 0, 0, 0, 0, 0, 0, 0, 0, 0);"
	    "INSERT INTO folder VALUES('" ADA "', 2, '', 0, 0, 0, 0, 0, 0, 0, 0, 0);"
	    "INSERT INTO folder VALUES('" ADA "', 3, 'a', 999, 0, 0, 0, 0, 0, 0, 0, 0);"
	    "INSERT INTO folder VALUES('" ADA "', 4, 'b', 46, 0, 0, 0, 0, -5, 0, 0, 0);"
	    "INSERT INTO folder VALUES('" ADA "', 5, 'c', 46, 0, 0, 0, 0, 5, 'x', 0, 0);"
	    "INSERT INTO folder VALUES('" ADA "', 6, 'good', 46, 0, 0, 0, 0, 5, 0, 0, 0);");
	CacheFile *f = open_file();
	g_autoptr(GPtrArray) folders = cache_file_read_folders(f, ADA);

	ck_assert_uint_eq(folders->len, 1);
	ck_assert_uint_eq(count_heads(f, ADA, 5, 241, 250), 8);
	cache_file_free(f);
}
END_TEST

/* --- T181: two at once --- */

START_TEST(two_may_share_it)
{
	CacheFile *one = open_file(), *two = open_file();

	ck_assert(write_state(one, ADA, "INBOX", 5, 30, 0));
	ck_assert_uint_eq(rows_of(two, ADA), 30);
	ck_assert(write_state(two, ADA, "INBOX", 5, 40, 0));
	ck_assert_uint_eq(rows_of(one, ADA), 40);
	cache_file_free(one);
	ck_assert(write_heads(two, ADA, 5, 1, 5, "head"));
	cache_file_free(two);
}
END_TEST

/* A change of segments that another instance has replaced would mix two states. */
START_TEST(a_change_of_what_is_gone_is_refused)
{
	CacheFile *f = open_file();
	g_autoptr(CacheState) change = some_state("INBOX", 5, 10, FLAG_SEEN);
	bool stale;

	ck_assert(write_state(f, ADA, "INBOX", 5, 250, 0));
	change->before = 99;
	change->generation = 8;
	ck_assert(!cache_file_write_state(f, ADA, change, &stale));
	ck_assert(stale);
	g_autoptr(CacheMailbox) rows = cache_file_read_rows(f, ADA, "INBOX");
	ck_assert_uint_eq(rows->rows.n, 250);
	ck_assert_int_eq(rows->generation, 7);
	cache_file_free(f);
}
END_TEST

START_TEST(what_is_locked_is_not_waited_for)
{
	g_autofree char *path = file_name();
	sqlite3 *other;

	fill();
	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	CacheFile *f = open_file();
	ck_assert_uint_eq(rows_of(f, ADA), 250);
	ck_assert(!write_state(f, ADA, "INBOX", 5, 251, 0));
	ck_assert_ptr_null(cache_file_notice(f));
	sqlite3_close(other);
	ck_assert(write_state(f, ADA, "INBOX", 5, 251, 0));
	cache_file_free(f);
}
END_TEST

/* One that builds it anew has it alone; a dead one's lock is none. */
START_TEST(while_it_is_built_anew_others_do_without)
{
	g_autofree char *path = file_name(), *lock = g_strconcat(path, ".lock", NULL);

	fill();
	int fd = open(lock, O_RDWR);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	CacheFile *f = open_file();
	ck_assert_uint_eq(rows_of(f, ADA), 0);
	ck_assert_ptr_null(cache_file_notice(f));
	close(fd);
	ck_assert_uint_eq(rows_of(f, ADA), 250);
	cache_file_free(f);
}
END_TEST

START_TEST(what_another_uses_is_not_taken_from_it)
{
	g_autofree char *path = file_name();

	fill();
	CacheFile *one = open_file();
	ck_assert_uint_eq(rows_of(one, ADA), 250);
	random_bytes(path);
	g_autofree char *before = content_of(path);
	CacheFile *two = open_file();
	use(two);
	ck_assert(cache_file_is_off(two));
	g_autofree char *after = content_of(path);
	ck_assert_str_eq(before, after);
	cache_file_free(two);
	cache_file_free(one);
}
END_TEST

/* --- T184: it does not grow for ever --- */

static uint64_t bytes_on_disk(void)
{
	static const char *const suffixes[] = {"", "-wal"};
	g_autofree char *path = file_name();
	uint64_t sum = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *part = g_strconcat(path, suffixes[i], NULL);
		struct stat st;
		sum += stat(part, &st) == 0 ? (uint64_t)st.st_size : 0;
	}
	return sum;
}

START_TEST(its_limit_is_kept_and_the_oldest_go_first)
{
	uint64_t limit = (uint64_t)8 << 20, most = 0;
	g_autofree char *text = g_strnfill(800, 'x');
	CacheFile *f = cache_file_new(directory, limit);

	ck_assert(write_state(f, ADA, "INBOX", 5, 1000, 0));
	for (uint32_t uid = 1; uid < 40000; uid += 64) {
		ck_assert(write_heads(f, ADA, 5, uid, uid + 63, text));
		most = MAX(most, bytes_on_disk());
	}
	ck_assert_uint_le(most, limit + limit / 10);
	ck_assert_uint_ge(most, limit - limit / 10);
	ck_assert_uint_eq(count_heads(f, ADA, 5, 1, 10000), 0);
	ck_assert_uint_eq(count_heads(f, ADA, 5, 39000, 39999), 1000);
	ck_assert_uint_eq(rows_of(f, ADA), 1000);
	cache_file_free(f);
	/* A smaller limit is kept from the next write on. */
	f = cache_file_new(directory, limit / 4);
	ck_assert(write_heads(f, ADA, 5, 50000, 50001, text));
	cache_file_free(f);
	ck_assert_uint_le(bytes_on_disk(), limit / 4 + limit / 40);
}
END_TEST

static char *missing(CacheFile *f, const char *account, uint32_t uidvalidity, const char *uids,
		     uint64_t *room)
{
	g_autoptr(UidSet) asked = uidset_parse(uids, strlen(uids), 0);
	g_autoptr(UidSet) found = cache_file_missing(f, account, "INBOX", uidvalidity, asked, room);

	return uidset_format(found);
}

START_TEST(what_is_missing_and_how_much_room_there_is)
{
	uint64_t limit = (uint64_t)1 << 20, room, before;
	g_autofree char *text = g_strnfill(800, 'x');
	CacheFile *f = cache_file_new(directory, limit);
	g_autofree char *all = missing(f, ADA, 5, "1:3,9", &room);

	ck_assert_str_eq(all, "1:3,9");
	ck_assert_uint_ge(room, limit / 100 * 97);
	ck_assert(!g_file_test(directory, G_FILE_TEST_EXISTS));
	ck_assert(write_heads(f, ADA, 5, 2, 8, text));
	ck_assert(write_heads(f, BOB, 5, 1, 9, text));
	g_autofree char *some = missing(f, ADA, 5, "1:3,9", &before);
	ck_assert_str_eq(some, "1,9");
	ck_assert_uint_lt(before, room);
	g_autofree char *none = missing(f, ADA, 5, "3:8", &room);
	ck_assert_str_eq(none, "");
	g_autofree char *other = missing(f, ADA, 6, "3:8", &room);
	ck_assert_str_eq(other, "3:8");
	for (uint32_t uid = 100; room > 0; uid += 10) {
		ck_assert_uint_lt(uid, 2000);
		ck_assert(write_heads(f, ADA, 5, uid, uid + 9, text));
		g_free(missing(f, ADA, 5, "1", &room));
	}
	/* Nothing had to go yet. */
	ck_assert_uint_eq(count_heads(f, ADA, 5, 2, 8), 7);
	cache_file_free(f);
}
END_TEST

START_TEST(mailboxes_go_too_the_longest_unused_first)
{
	CacheFile *f = cache_file_new(directory, 512 << 10);

	for (unsigned k = 0; k < 200; k++) {
		g_autofree char *name = g_strdup_printf("Folder %u", k);
		ck_assert(write_state(f, ADA, name, 5, 4000, k % 32));
	}
	ck_assert_uint_le(bytes_on_disk(), (512 << 10) + (512 << 10) / 10 + (256 << 10));
	ck_assert_ptr_null(cache_file_read_window(f, ADA, "Folder 0"));
	g_autoptr(CacheMailbox) last = cache_file_read_rows(f, ADA, "Folder 199");
	ck_assert_ptr_nonnull(last);
	cache_file_free(f);
}
END_TEST

/* --- T178: the disk --- */

static unsigned calls_left;
static int fault_code;

static int fail_later(FaultCall call, const char *path, void *data)
{
	(void)path;
	(void)data;
	if (call == FAULT_LOCK || fault_code == 0)
		return 0;
	if (calls_left > 0) {
		calls_left--;
		return 0;
	}
	return fault_code;
}

static const int faults[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_READONLY};

START_TEST(a_disk_that_fails_costs_the_cache_only)
{
	fault_vfs_install(fail_later, NULL);
	fill();
	for (unsigned after = 0; after < 40; after++) {
		CacheFile *f = open_file();
		unsigned notices = 0;
		calls_left = after;
		fault_code = faults[_i];
		for (unsigned round = 0; round < 3; round++) {
			use(f);
			g_autofree char *notice = cache_file_notice(f);
			notices += notice != NULL;
		}
		ck_assert_uint_le(notices, 1);
		cache_file_free(f);
		fault_code = 0;
		f = open_file();
		ck_assert_uint_eq(rows_of(f, ADA), 250);
		cache_file_free(f);
	}
}
END_TEST

START_TEST(a_place_where_nothing_can_be_made)
{
	g_autofree char *top = g_path_get_dirname(directory);

	ck_assert(g_file_set_contents(directory, "a file", -1, NULL));
	CacheFile *f = open_file();
	use(f);
	g_autofree char *notice = cache_file_notice(f);
	ck_assert_ptr_nonnull(notice);
	ck_assert(cache_file_is_off(f));
	cache_file_free(f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cache file");
	TCase *tcase = tcase_create("file");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_mailbox_comes_back_as_it_was);
	tcase_add_test(tcase, nothing_is_made_by_reading);
	tcase_add_test(tcase, folders_come_back_in_their_order);
	tcase_add_test(tcase, nobody_else_may_read_it);
	tcase_add_test(tcase, heads_of_another_uidvalidity_are_not_given);
	tcase_add_test(tcase, accounts_see_their_own_rows_only);
	tcase_add_loop_test(tcase, a_damaged_cache_is_built_anew_and_a_foreign_one_left, 0,
			    G_N_ELEMENTS(damages));
	tcase_add_test(tcase, random_damage_never_ends_it);
	tcase_add_loop_test(tcase, hostile_rows_are_no_rows, 0, G_N_ELEMENTS(hostile));
	tcase_add_test(tcase, hostile_heads_and_folders_are_none);
	tcase_add_test(tcase, two_may_share_it);
	tcase_add_test(tcase, a_change_of_what_is_gone_is_refused);
	tcase_add_test(tcase, what_is_locked_is_not_waited_for);
	tcase_add_test(tcase, while_it_is_built_anew_others_do_without);
	tcase_add_test(tcase, what_another_uses_is_not_taken_from_it);
	tcase_add_test(tcase, its_limit_is_kept_and_the_oldest_go_first);
	tcase_add_test(tcase, mailboxes_go_too_the_longest_unused_first);
	tcase_add_test(tcase, what_is_missing_and_how_much_room_there_is);
	tcase_add_loop_test(tcase, a_disk_that_fails_costs_the_cache_only, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tcase, a_place_where_nothing_can_be_made);
	return run_suite(suite);
}
