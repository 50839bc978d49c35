/* check_journal_file - the journal on disk: what is written is there, whoever dies; what is damaged
 * is set aside; every fault of the disk is told (T176 to T179, T181, T182). */
#include "core/account/journal_file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault_vfs.h"
#include "tests/place.h"
#include "tests/run.h"

static char *directory, *path;

/* What the disk does: the `fault_at`-th call of a kind fails with `fault_code` (0: none). */
static struct {
	int fault_at, fault_code, calls;
	bool on_lock;
	unsigned syncs;
} disk;

static int on_call(FaultCall call, const char *file, void *data)
{
	(void)data;
	(void)file;
	if (call == FAULT_SYNC)
		disk.syncs++;
	if ((call == FAULT_LOCK) != disk.on_lock)
		return 0;
	return ++disk.calls == disk.fault_at ? disk.fault_code : 0;
}

static void setup(void)
{
	directory = place_temporary();
	path = g_build_filename(directory, "journal.db", NULL);
	memset(&disk, 0, sizeof(disk));
	fault_vfs_install(on_call, NULL);
}

static void teardown(void)
{
	place_remove(directory);
	g_free(directory);
	g_free(path);
}

static JournalFile *open_file(void)
{
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;
	JournalFile *f = journal_file_open(directory, &notice, &error);

	ck_assert_msg(f != NULL, "%s", error ? error->message : "");
	ck_assert_msg(notice == NULL, "%s", notice);
	return f;
}

static Intention *make(IntentionKind kind, const char *uids)
{
	g_autoptr(UidSet) set = uidset_parse(uids, strlen(uids), 0);
	Intention *i = intention_new(kind, "INBOX", 7, set, "Done.");

	if (kind == INTENTION_COPY || kind == INTENTION_MOVE)
		i->target = g_strdup("Trash");
	if (kind == INTENTION_STORE)
		i->words = g_strsplit("\\Seen", " ", -1);
	return i;
}

static bool put(JournalFile *f, IntentionKind kind, const char *uids, int64_t *id, GError **error)
{
	g_autoptr(Intention) i = make(kind, uids);
	JournalWrite write = {"me@here", i, *id};
	bool done = journal_file_write(f, &write, 1, error);

	*id = write.id;
	return done;
}

/* "store 1:3 begin, move 9 begin": what a later instance finds. */
static char *adopted(void)
{
	JournalFile *f = open_file();
	unsigned unreadable;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = journal_file_adopt(f, "me@here", &unreadable, &error);
	GString *text = g_string_new(NULL);

	ck_assert_msg(rows != NULL, "%s", error ? error->message : "");
	for (unsigned k = 0; k < rows->len; k++) {
		Intention *i = rows->pdata[k];
		g_autofree char *uids = uidset_format(i->uids);
		g_string_append_printf(text, "%s%s %s %s", k ? ", " : "",
				       intention_kind_name(i->kind), uids,
				       intention_step_name(i->step));
	}
	if (unreadable)
		g_string_append_printf(text, " (%u unreadable)", unreadable);
	journal_file_close(f);
	return g_string_free(text, FALSE);
}

#define expect_adopted(text)                                                                       \
	do {                                                                                       \
		g_autofree char *rows_ = adopted();                                                \
		ck_assert_str_eq(rows_, text);                                                     \
	} while (0)

START_TEST(what_was_written_is_found_and_what_was_struck_out_is_not)
{
	JournalFile *f = open_file();
	int64_t one = 0, two = 0, three = 0;

	ck_assert(put(f, INTENTION_STORE, "1:3", &one, NULL));
	ck_assert(put(f, INTENTION_MOVE, "9", &two, NULL));
	ck_assert(put(f, INTENTION_COPY, "4,6", &three, NULL));
	JournalWrite writes[] = {{"me@here", NULL, two}};
	ck_assert(journal_file_write(f, writes, 1, NULL));
	journal_file_close(f);
	expect_adopted("store 1:3 begin, copy 4,6 begin");
	/* Nobody adopts those of another account. */
	f = open_file();
	unsigned unreadable;
	g_autoptr(GPtrArray) none = journal_file_adopt(f, "you@there", &unreadable, NULL);
	ck_assert_uint_eq(none->len, 0);
	journal_file_close(f);
	expect_adopted("store 1:3 begin, copy 4,6 begin");
}
END_TEST

START_TEST(a_held_one_stays_held_with_its_reason)
{
	JournalFile *f = open_file();
	g_autoptr(Intention) i = make(INTENTION_MOVE, "5");
	unsigned unreadable;

	intention_happen(i, INTENTION_COMMITTED);
	i->step = STEP_COPY;
	i->target_uidvalidity = 3;
	i->target_uidnext = 4000000000;
	i->reason = g_strdup("the folder is gone");
	intention_happen(i, INTENTION_HOLD);
	JournalWrite write = {"me@here", i, 0};
	ck_assert(journal_file_write(f, &write, 1, NULL));
	journal_file_close(f);
	f = open_file();
	g_autoptr(GPtrArray) rows = journal_file_adopt(f, "me@here", &unreadable, NULL);
	ck_assert_uint_eq(rows->len, 1);
	const Intention *found = rows->pdata[0];
	ck_assert_int_eq(found->state, INTENTION_HELD);
	ck_assert_str_eq(found->reason, "the folder is gone");
	ck_assert_int_eq(found->step, STEP_LOOK);
	ck_assert_uint_eq(found->target_uidnext, 4000000000);
	ck_assert_str_eq(found->target, "Trash");
	journal_file_close(f);
}
END_TEST

START_TEST(it_is_for_nobody_elses_eyes)
{
	static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm",
					    "journal.lock"};
	JournalFile *f = open_file();
	int64_t id = 0;

	ck_assert(put(f, INTENTION_STORE, "1", &id, NULL));
	for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
		g_autofree char *file = g_build_filename(directory, names[k], NULL);
		struct stat st;
		if (stat(file, &st) == 0)
			ck_assert_msg((st.st_mode & 077) == 0, "%s", names[k]);
	}
	journal_file_close(f);
}
END_TEST

/* T177: the fsync comes before the answer. */
START_TEST(a_commit_is_on_the_disk_before_it_is_told)
{
	JournalFile *f = open_file();
	int64_t id = 0;

	for (int k = 0; k < 5; k++) {
		unsigned before = disk.syncs;
		ck_assert(put(f, INTENTION_STORE, "1", &id, NULL));
		ck_assert_uint_gt(disk.syncs, before);
	}
	unsigned before = disk.syncs;
	JournalWrite write = {"me@here", NULL, id};
	ck_assert(journal_file_write(f, &write, 1, NULL));
	ck_assert_uint_gt(disk.syncs, before);
	journal_file_close(f);
}
END_TEST

/* --- T178: each call fails once, in each way --- */

static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_READONLY};

START_TEST(a_fault_at_any_call_is_told_and_nothing_told_is_lost)
{
	bool faulted = true;
	int at = 0;

	while (faulted) {
		g_autofree char *notice = NULL;
		g_autoptr(GError) error = NULL;
		GString *wanted = g_string_new(NULL);
		JournalFile *f;

		teardown();
		setup();
		disk.fault_at = ++at;
		disk.fault_code = codes[_i];
		f = journal_file_open(directory, &notice, &error);
		for (int k = 1; f && k <= 3; k++) {
			g_autofree char *uids = g_strdup_printf("%d", k);
			int64_t id = 0;
			g_clear_error(&error);
			if (put(f, INTENTION_STORE, uids, &id, &error))
				g_string_append_printf(wanted, "%sstore %d begin",
						       wanted->len ? ", " : "", k);
			else
				ck_assert(error && strstr(error->message, path));
		}
		ck_assert(f || error);
		journal_file_close(f);
		faulted = disk.calls >= at;
		disk.fault_at = 0;
		expect_adopted(wanted->str);
		g_string_free(wanted, TRUE);
	}
	printf("code %d: %d places\n", codes[_i], at - 1);
	ck_assert_int_gt(at, 8);
}
END_TEST

/* T182: a file system that keeps no locks. */
START_TEST(without_locks_there_is_no_journal)
{
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;

	disk.on_lock = true;
	disk.fault_at = 1;
	disk.fault_code = SQLITE_IOERR_LOCK;
	ck_assert_ptr_null(journal_file_open(directory, &notice, &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

START_TEST(a_place_that_is_none_is_told)
{
	g_autofree char *below = g_build_filename(directory, "file", "sheaf", NULL);
	g_autofree char *file = g_build_filename(directory, "file", NULL);
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;

	ck_assert(g_file_set_contents(file, "x", 1, NULL));
	ck_assert_ptr_null(journal_file_open(below, &notice, &error));
	ck_assert_ptr_nonnull(strstr(error->message, below));
}
END_TEST

/* --- T179: damage --- */

static void write_some(void)
{
	JournalFile *f = open_file();
	int64_t id;

	for (int k = 1; k <= 200; k++) {
		g_autofree char *uids = g_strdup_printf("%d", k);
		id = 0;
		ck_assert(put(f, INTENTION_STORE, uids, &id, NULL));
	}
	journal_file_close(f);
}

static unsigned count_aside(void)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	unsigned n = 0;

	while ((name = g_dir_read_name(dir)))
		n += strstr(name, ".damaged-") && !g_str_has_suffix(name, "-wal") &&
		     !g_str_has_suffix(name, "-shm");
	return n;
}

/* How many could still be read. */
static unsigned open_damaged(void)
{
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;
	unsigned unreadable;
	JournalFile *f = journal_file_open(directory, &notice, &error);

	ck_assert_msg(f != NULL, "%s", error ? error->message : "");
	ck_assert_ptr_nonnull(notice);
	ck_assert_ptr_nonnull(strstr(notice, ".damaged-"));
	ck_assert_uint_eq(count_aside(), 1);
	g_autoptr(GPtrArray) rows = journal_file_adopt(f, "me@here", &unreadable, NULL);
	unsigned n = rows->len;
	journal_file_close(f);
	/* No loop: the next start finds a sound one. */
	journal_file_close(open_file());
	return n;
}

START_TEST(random_bytes_are_set_aside)
{
	char bytes[5000];

	for (size_t k = 0; k < sizeof(bytes); k++)
		bytes[k] = (char)(k * 7919 >> 3);
	ck_assert(g_file_set_contents(path, bytes, sizeof(bytes), NULL));
	ck_assert_uint_eq(open_damaged(), 0);
}
END_TEST

START_TEST(what_can_be_read_is_taken_over)
{
	struct stat st;

	write_some();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size / 4096 / 2 * 4096), 0);
	unsigned n = open_damaged();
	printf("%u of 200 salvaged\n", n);
	ck_assert_uint_gt(n, 20);
	ck_assert_uint_lt(n, 200);
}
END_TEST

START_TEST(an_empty_file_is_a_new_one)
{
	ck_assert(g_file_set_contents(path, "", 0, NULL));
	journal_file_close(open_file());
	ck_assert_uint_eq(count_aside(), 0);
}
END_TEST

static void change_database(const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
	sqlite3_close(db);
}

START_TEST(somebody_elses_file_is_set_aside)
{
	change_database("CREATE TABLE bookmarks(url TEXT)");
	ck_assert_uint_eq(open_damaged(), 0);
}
END_TEST

START_TEST(a_newer_schema_is_not_touched)
{
	g_autofree char *before = NULL, *after = NULL, *notice = NULL;
	g_autoptr(GError) error = NULL;
	gsize length, length_after;

	write_some();
	change_database("PRAGMA user_version = 2; CREATE TABLE more(x); PRAGMA journal_mode = "
			"DELETE");
	ck_assert(g_file_get_contents(path, &before, &length, NULL));
	ck_assert_ptr_null(journal_file_open(directory, &notice, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "newer"));
	ck_assert(g_file_get_contents(path, &after, &length_after, NULL));
	ck_assert_uint_eq(length, length_after);
	ck_assert_int_eq(memcmp(before, after, length), 0);
	ck_assert_uint_eq(count_aside(), 0);
}
END_TEST

/* T180: each a value that we would not have written. */
static const char *const hostile[] = {
	"kind = 'format'",
	"step = 'rm'",
	"uids = '0'",
	"uids = '1:*'",
	"uids = ''",
	"uidvalidity = 0",
	"uidvalidity = 4294967296",
	"uidvalidity = -1",
	"words = NULL",
	"words = ''",
	"words = '\\Seen) EXPUNGE'",
	"words = '\\Seen' || char(13,10) || 'x'",
	"op = 2",
	"op = -1",
	"target = 'Trash'",
	"mailbox = ''",
	"mailbox = 'a' || char(0) || 'b'",
	"count = 1e300",
	"made = 'yesterday'",
	"target_uidnext = 4294967296",
};

START_TEST(a_row_that_we_would_not_have_written_is_left_alone)
{
	JournalFile *f = open_file();
	int64_t one = 0, two = 0;

	ck_assert(put(f, INTENTION_STORE, "1", &one, NULL));
	ck_assert(put(f, INTENTION_STORE, "2", &two, NULL));
	journal_file_close(f);
	g_autofree char *sql =
		g_strdup_printf("UPDATE intention SET %s WHERE id = %d", hostile[_i], (int)one);
	change_database(sql);
	expect_adopted("store 2 begin (1 unreadable)");
}
END_TEST

/* --- T181, T182: two instances --- */

/* A child that writes one entry and waits to be killed; its pid. */
static pid_t start_other(const char *uids)
{
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int64_t id = 0;
		JournalFile *f = open_file();
		bool done = put(f, INTENTION_MOVE, uids, &id, NULL);
		ck_assert_int_eq(write(ends[1], done ? "y" : "n", 1), 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 'y');
	close(ends[0]);
	close(ends[1]);
	return pid;
}

START_TEST(only_what_a_dead_one_left_is_adopted)
{
	pid_t other = start_other("11"), third = start_other("22");
	JournalFile *f = open_file();
	int64_t id = 0;

	/* Both write at the same time. */
	ck_assert(put(f, INTENTION_STORE, "1", &id, NULL));
	expect_adopted("");
	kill(third, SIGKILL);
	waitpid(third, NULL, 0);
	expect_adopted("move 22 begin");
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	unsigned unreadable;
	g_autoptr(GPtrArray) rows = journal_file_adopt(f, "me@here", &unreadable, NULL);
	/* The one that the closed file above had taken over is without an owner again. */
	ck_assert_uint_eq(rows->len, 2);
	g_autoptr(GPtrArray) again = journal_file_adopt(f, "me@here", &unreadable, NULL);
	ck_assert_uint_eq(again->len, 0);
	/* What the dead left of their locks is gone; ours is there. */
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	unsigned locks = 0;
	while ((name = g_dir_read_name(dir)))
		locks += g_str_has_prefix(name, "instance-");
	ck_assert_uint_eq(locks, 1);
	journal_file_close(f);
	expect_adopted("move 11 begin, move 22 begin, store 1 begin");
}
END_TEST

/* A child process that outlives the instance, an editor, say, must not keep its lock or its files.
 */
START_TEST(no_child_program_inherits_it)
{
	JournalFile *f = open_file();
	int64_t id = 0;
	g_autofree char *list = NULL;
	static const char *const argv[] = {"/bin/ls", "-l", "/proc/self/fd", NULL};

	ck_assert(put(f, INTENTION_STORE, "1", &id, NULL));
	ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_LEAVE_DESCRIPTORS_OPEN, NULL,
			       NULL, &list, NULL, NULL, NULL));
	ck_assert_ptr_null(strstr(list, "journal.db"));
	ck_assert_ptr_null(strstr(list, "instance"));
	journal_file_close(f);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("journal_file", &tcase);

	setvbuf(stdout, NULL, _IONBF, 0);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_written_is_found_and_what_was_struck_out_is_not);
	tcase_add_test(tcase, a_held_one_stays_held_with_its_reason);
	tcase_add_test(tcase, it_is_for_nobody_elses_eyes);
	tcase_add_test(tcase, a_commit_is_on_the_disk_before_it_is_told);
	tcase_add_loop_test(tcase, a_fault_at_any_call_is_told_and_nothing_told_is_lost, 0,
			    G_N_ELEMENTS(codes));
	tcase_add_test(tcase, without_locks_there_is_no_journal);
	tcase_add_test(tcase, a_place_that_is_none_is_told);
	tcase_add_test(tcase, random_bytes_are_set_aside);
	tcase_add_test(tcase, what_can_be_read_is_taken_over);
	tcase_add_test(tcase, an_empty_file_is_a_new_one);
	tcase_add_test(tcase, somebody_elses_file_is_set_aside);
	tcase_add_test(tcase, a_newer_schema_is_not_touched);
	tcase_add_loop_test(tcase, a_row_that_we_would_not_have_written_is_left_alone, 0,
			    G_N_ELEMENTS(hostile));
	tcase_add_test(tcase, only_what_a_dead_one_left_is_adopted);
	tcase_add_test(tcase, no_child_program_inherits_it);
	return run_suite(suite);
}
