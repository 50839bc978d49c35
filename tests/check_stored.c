/* Rows, keywords and heads as they lie on disk, and which segments of a mailbox are written again.
 */
#include "core/mailbox/segments.h"
#include "core/mailbox/stored.h"
#include "core/wire/parser.h"
#include "tests/run.h"

#define ROUNDS 20000

static Table some_rows(uint32_t n)
{
	Table rows = {0};

	for (uint32_t i = 0; i < n; i++)
		table_insert(&rows, 1 + i * 3, i % 64, i % 2 ? TABLE_FLAGS_KNOWN : 0);
	return rows;
}

START_TEST(rows_come_back_as_they_were)
{
	Table rows = some_rows(1000), back = {0};
	table_insert(&rows, UINT32_MAX, ~(Flags)0, TABLE_FLAGS_KNOWN);
	g_autoptr(GBytes) packed = stored_pack_rows(&rows, 0, rows.n);
	gsize len;
	const void *data = g_bytes_get_data(packed, &len);

	ck_assert(stored_unpack_rows(data, len, 1, UINT32_MAX, ~(Flags)0, &back));
	ck_assert_uint_eq(back.n, rows.n);
	ck_assert_mem_eq(back.uid, rows.uid, rows.n * sizeof(*rows.uid));
	ck_assert_mem_eq(back.flags, rows.flags, rows.n * sizeof(*rows.flags));
	ck_assert_mem_eq(back.state, rows.state, rows.n);
	ck_assert_uint_lt(len, 3 * rows.n);
	table_clear(&rows);
	table_clear(&back);
}
END_TEST

/* T180: what does not ascend, lies outside, has nameless flags, is cut or too long a number. */
static const struct {
	const char *bytes;
	size_t len;
} wrong_rows[] = {
	{"\x00\x00", 2},                                          /* UID 0 */
	{"\x02\x00\x01\x00", 4},                                  /* the same UID again */
	{"\x02", 1},                                              /* no flags */
	{"\x82", 1},                                              /* half a number */
	{"\x02\x40", 2},                                          /* a keyword without a name */
	{"\xc8\x01\x00", 3},                                      /* UID 100, above the last */
	{"\xfe\xff\xff\xff\x1f\x00\x02\x00", 8},                  /* above 2^32-1 */
	{"\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11},     /* above 2^64-1 */
	{"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00", 12}, /* a number without end */
};

START_TEST(what_are_no_rows_is_refused)
{
	Table out = {0};

	ck_assert(!stored_unpack_rows(wrong_rows[_i].bytes, wrong_rows[_i].len, 1, 99, FLAGS_SYSTEM,
				      &out));
	ck_assert_uint_eq(out.n, 0);
	table_clear(&out);
}
END_TEST

/* A segment that begins below the end of the one before. */
START_TEST(rows_lie_above_those_before)
{
	Table out = {0};

	ck_assert(stored_unpack_rows("\x0a\x00", 2, 1, 99, FLAGS_SYSTEM, &out));
	ck_assert(!stored_unpack_rows("\x0a\x00\x02\x00", 4, 1, 99, FLAGS_SYSTEM, &out));
	ck_assert(!stored_unpack_rows("\x08\x00", 2, 1, 99, FLAGS_SYSTEM, &out));
	ck_assert_uint_eq(out.n, 1);
	table_clear(&out);
}
END_TEST

START_TEST(random_bytes_are_no_rows_out_of_order)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint8_t bytes[40];
		Table out = {0};
		size_t len = g_random_int_range(0, sizeof(bytes) + 1);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)g_random_int();
		bool good = stored_unpack_rows(bytes, len, 10, 1u << 30, FLAGS_SYSTEM, &out);
		ck_assert(good || out.n == 0);
		for (uint32_t i = 0; i < out.n; i++) {
			ck_assert(out.uid[i] >= 10 && out.uid[i] <= 1u << 30);
			ck_assert(i == 0 || out.uid[i] > out.uid[i - 1]);
			ck_assert_uint_eq(out.flags[i] & ~FLAGS_SYSTEM, 0);
		}
		table_clear(&out);
	}
}
END_TEST

START_TEST(keywords_keep_their_bits)
{
	g_autoptr(FlagNames) names = flags_names_new(), back = flags_names_new();
	g_autoptr(FlagNames) other = flags_names_new();
	Flags allowed, one = flags_from_word(names, "$Junk", true);
	Flags two = flags_from_word(names, "work", true);
	g_autofree char *words = stored_pack_words(names, two);
	Flags known;

	ck_assert_str_eq(words, "$Junk *work");
	ck_assert(stored_allowed_flags(words, &allowed));
	ck_assert_uint_eq(allowed, FLAGS_SYSTEM | one | two);
	ck_assert(stored_unpack_words(words, back, &known));
	ck_assert_uint_eq(flags_from_word(back, "work", false), two);
	ck_assert_uint_eq(known, two);
	ck_assert(stored_unpack_words("", back, &known));
	/* Another meaning of the bit stands already. */
	flags_from_word(other, "work", true);
	ck_assert(!stored_unpack_words(words, other, &known));
	ck_assert(!stored_unpack_words("two  spaces", back, &known));
	ck_assert(!stored_unpack_words("\\Seen", back, &known));
	g_autofree char *many = g_strnfill(200, ' ');
	ck_assert(!stored_allowed_flags(many, &allowed));
	ck_assert(!stored_unpack_words(many, back, &known));
}
END_TEST

/* --- heads --- */

static const char head[] =
	"* 7 FETCH (UID 9 FLAGS (\\Seen) RFC822.SIZE 100 INTERNALDATE \"01-Jan-2024 00:00:00 "
	"+0000\" "
	"ENVELOPE (NIL {5}\r\nHe)\"o ((\"Ada\" NIL \"ada\" \"example.org\")) NIL NIL NIL NIL NIL "
	"NIL "
	"\"<1@x>\") BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1))\r\n";

static void keep_subject(uint32_t uid, const FetchData *fetch, void *data)
{
	char **subject = data;

	ck_assert_uint_eq(uid, 9);
	*subject = g_strdup(fetch->envelope->subject);
	ck_assert_ptr_nonnull(fetch->structure);
}

static GBytes *pack(const char *text)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Frame frame;

	framer_push(framer, text, strlen(text));
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	return stored_pack_head(&frame);
}

START_TEST(a_head_is_the_bytes_that_told_it)
{
	g_autoptr(GBytes) bytes = pack(head);
	g_autofree char *subject = NULL;

	ck_assert_mem_eq(g_bytes_get_data(bytes, NULL), head, strlen(head));
	ck_assert(stored_read_head(bytes, 9, keep_subject, &subject));
	ck_assert_str_eq(subject, "He)\"o");
}
END_TEST

static void not_called(uint32_t uid, const FetchData *fetch, void *data)
{
	(void)fetch;
	(void)data;
	ck_abort_msg("a head of UID %u", uid);
}

static const char *const wrong_heads[] = {
	"",
	"* 7 FETCH (UID 9 FLAGS ())\r\n",
	"* 7 FETCH (UID 9 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
	"* 7 FETCH (UID 8 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n",
	"* 7 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n",
	"* OK [UIDVALIDITY 9]\r\n",
	"* 7 FETCH (UID 9 ENVELOPE (NIL {99999999}\r\nx",
	"* 7 FETCH (UID 9 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n* 1 EXPUNGE\r\n",
};

START_TEST(what_is_no_head_of_that_message_is_none)
{
	const char *text = wrong_heads[_i];
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));

	ck_assert(!stored_read_head(bytes, 9, not_called, NULL));
}
END_TEST

static void any_head(uint32_t uid, const FetchData *fetch, void *data)
{
	(void)data;
	ck_assert_uint_eq(uid, 9);
	ck_assert_ptr_nonnull(fetch->envelope);
}

START_TEST(a_damaged_head_harms_nobody)
{
	for (unsigned round = 0; round < ROUNDS / 10; round++) {
		g_autofree char *text = g_strdup(head);
		for (unsigned k = 0; k < 3; k++)
			text[g_random_int_range(0, (int)strlen(head))] = (char)g_random_int();
		g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(head));
		stored_read_head(bytes, 9, any_head, NULL);
	}
}
END_TEST

START_TEST(a_long_head_is_not_kept)
{
	g_autofree char *fill = g_strnfill(STORED_HEAD_MAX, 'x');
	g_autofree char *line =
		g_strdup_printf("* 7 FETCH (UID 9 ENVELOPE (NIL \"%s\"))\r\n", fill);
	g_autofree char *literal = g_strdup_printf(
		"* 7 FETCH (UID 9 ENVELOPE (NIL {%zu}\r\n%s))\r\n", STORED_HEAD_MAX, fill);

	ck_assert_ptr_null(pack(line));
	ck_assert_ptr_null(pack(literal));
}
END_TEST

/* --- segments --- */

static Mailbox *some_mailbox(uint32_t n)
{
	Mailbox *m = mailbox_new("INBOX");
	Table rows = {0};
	SyncPoint point = {.uidvalidity = 1, .messages = n, .complete = true};

	for (uint32_t i = 1; i <= n; i++)
		table_insert(&rows, i * 2, 0, TABLE_FLAGS_KNOWN);
	ck_assert(mailbox_restore(m, &point, &rows));
	mailbox_commit(m);
	return m;
}

typedef struct {
	GHashTable *rows; /* first to GBytes, as a database would have them */
} Disk;

static void write_down(Disk *disk, const CacheState *state)
{
	if (state->before == 0)
		g_hash_table_remove_all(disk->rows);
	for (guint k = 0; k < state->gone->len; k++) {
		UidRange range = g_array_index(state->gone, UidRange, k);
		GHashTableIter iter;
		void *first;
		g_hash_table_iter_init(&iter, disk->rows);
		while (g_hash_table_iter_next(&iter, &first, NULL))
			if (GPOINTER_TO_UINT(first) >= range.first &&
			    GPOINTER_TO_UINT(first) <= range.last)
				g_hash_table_iter_remove(&iter);
	}
	for (guint k = 0; k < state->segments->len; k++) {
		const CacheSegment *segment = state->segments->pdata[k];
		ck_assert(!g_hash_table_contains(disk->rows, GUINT_TO_POINTER(segment->first)));
		g_hash_table_insert(disk->rows, GUINT_TO_POINTER(segment->first),
				    g_bytes_ref(segment->rows));
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = GPOINTER_TO_UINT(*(void *const *)a), y = GPOINTER_TO_UINT(*(void *const *)b);

	return x < y ? -1 : x > y;
}

/* What lies there is the mailbox. */
static void compare(const Disk *disk, const Mailbox *m)
{
	guint n;
	g_autofree void **firsts = g_hash_table_get_keys_as_array(disk->rows, &n);
	Table back = {0}, rows = {0};

	qsort(firsts, n, sizeof(*firsts), by_number);
	for (guint k = 0; k < n; k++) {
		gsize len;
		const void *data =
			g_bytes_get_data(g_hash_table_lookup(disk->rows, firsts[k]), &len);
		ck_assert(stored_unpack_rows(data, len, GPOINTER_TO_UINT(firsts[k]), UINT32_MAX,
					     ~(Flags)0, &back));
	}
	mailbox_rows(m, 1, UINT32_MAX, &rows);
	ck_assert_uint_eq(back.n, rows.n);
	ck_assert(rows.n == 0 || memcmp(back.uid, rows.uid, rows.n * sizeof(*rows.uid)) == 0);
	ck_assert(rows.n == 0 || memcmp(back.flags, rows.flags, rows.n * sizeof(*rows.flags)) == 0);
	table_clear(&back);
	table_clear(&rows);
}

static guint save(Segments *s, Mailbox *m, Disk *disk)
{
	g_autoptr(CacheState) state = cache_state_new("INBOX");

	segments_take(s, m, state);
	ck_assert(!segments_are_dirty(s));
	write_down(disk, state);
	compare(disk, m);
	return state->segments->len;
}

static void flag(Mailbox *m, Segments *s, uint32_t uid, unsigned flags)
{
	FetchData fetch = {.has = FETCH_FLAGS, .flags.system = flags};
	g_autoptr(UidSet) uids = uidset_new_range(uid, uid);

	mailbox_apply_fetch(m, uid, &fetch);
	mailbox_commit(m);
	segments_touch(s, uids);
}

START_TEST(only_what_changed_is_written_again)
{
	Disk disk = {g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref)};
	Mailbox *m = some_mailbox(10000);
	Segments *s = segments_new();

	ck_assert(segments_are_dirty(s));
	ck_assert_uint_eq(save(s, m, &disk), 3);
	flag(m, s, 2, FLAG_SEEN);
	ck_assert_uint_eq(save(s, m, &disk), 1);
	flag(m, s, 2, FLAG_SEEN | FLAG_FLAGGED);
	flag(m, s, 20000, FLAG_SEEN);
	ck_assert_uint_eq(save(s, m, &disk), 2);
	flag(m, s, 20001, FLAG_SEEN);
	ck_assert_uint_eq(save(s, m, &disk), 1);
	segments_forget(s);
	ck_assert_uint_eq(save(s, m, &disk), 3);
	segments_free(s);
	mailbox_free(m);
	g_hash_table_unref(disk.rows);
}
END_TEST

/* Whatever comes and goes, what lies there is what is known. */
START_TEST(segments_follow_a_mailbox)
{
	Disk disk = {g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref)};
	Mailbox *m = some_mailbox(9000);
	Segments *s = segments_new();

	for (unsigned round = 0; round < 60; round++) {
		uint32_t first = (uint32_t)g_random_int_range(1, 40000);
		g_autoptr(UidSet) range =
			uidset_new_range(first, first + (uint32_t)g_random_int_range(0, 6000));
		if (round % 3 == 0) {
			mailbox_apply_removed(m, range);
			mailbox_commit(m);
			segments_touch(s, range);
		} else if (round % 3 == 1) {
			for (uint32_t uid = first; uid < first + 3000; uid++)
				flag(m, s, uid, FLAG_DRAFT);
		} else {
			flag(m, s, first, FLAG_SEEN);
		}
		save(s, m, &disk);
	}
	g_autoptr(UidSet) all = uidset_new_range(1, UINT32_MAX);
	mailbox_apply_removed(m, all);
	mailbox_commit(m);
	segments_touch(s, all);
	save(s, m, &disk);
	segments_free(s);
	mailbox_free(m);
	g_hash_table_unref(disk.rows);
}
END_TEST

/* --- what is restored stands below what the server tells --- */

/* T077: heads and rows of another UIDVALIDITY. */
START_TEST(nothing_is_restored_over_what_the_server_told)
{
	Mailbox *m = some_mailbox(3);
	SyncPoint point = {.uidvalidity = 1, .messages = 1, .complete = true};
	Table rows = {0};
	g_autoptr(GBytes) bytes = pack(head);
	g_autofree char *subject = NULL;

	ck_assert(mailbox_set_uidvalidity(m, 2));
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_known(m), 0);
	table_insert(&rows, 9, 0, 0);
	ck_assert(!mailbox_restore(m, &point, &rows));
	point.uidvalidity = 2;
	ck_assert(!mailbox_restore(m, &point, &rows));
	mailbox_restore_head(m, 9, &(FetchData){.has = FETCH_ENVELOPE});
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_known(m), 0);
	ck_assert_ptr_null(mailbox_head(m, 9));
	table_clear(&rows);
	mailbox_free(m);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("stored", &tcase);

	tcase_add_test(tcase, rows_come_back_as_they_were);
	tcase_add_loop_test(tcase, what_are_no_rows_is_refused, 0, G_N_ELEMENTS(wrong_rows));
	tcase_add_test(tcase, rows_lie_above_those_before);
	tcase_add_test(tcase, random_bytes_are_no_rows_out_of_order);
	tcase_add_test(tcase, keywords_keep_their_bits);
	tcase_add_test(tcase, a_head_is_the_bytes_that_told_it);
	tcase_add_loop_test(tcase, what_is_no_head_of_that_message_is_none, 0,
			    G_N_ELEMENTS(wrong_heads));
	tcase_add_test(tcase, a_damaged_head_harms_nobody);
	tcase_add_test(tcase, a_long_head_is_not_kept);
	tcase_add_test(tcase, only_what_changed_is_written_again);
	tcase_add_test(tcase, segments_follow_a_mailbox);
	tcase_add_test(tcase, nothing_is_restored_over_what_the_server_told);
	return run_suite(suite);
}
