/* check_list - random lists, sizes and movements against a model that looks at every row. */
#include "ui/widget/list.h"

#include "tests/run.h"

static Pane pane;
static GArray *keys; /* of uint64_t: what is listed */
static List *list;
static unsigned moves;
static size_t seen_first, seen_last;

static size_t count(void *self)
{
	(void)self;
	return keys->len;
}

static uint64_t key_at(void *self, size_t i)
{
	(void)self;
	ck_assert_uint_lt(i, keys->len);
	return g_array_index(keys, uint64_t, i);
}

static int64_t find(void *self, uint64_t key)
{
	(void)self;
	for (guint i = 0; i < keys->len; i++)
		if (g_array_index(keys, uint64_t, i) == key)
			return i;
	return -1;
}

static void visible(void *self, size_t first, size_t last)
{
	(void)self;
	ck_assert_uint_le(first, last);
	ck_assert_uint_lt(last, keys->len);
	seen_first = first;
	seen_last = last;
}

static void moved(void *self, size_t i)
{
	(void)self;
	ck_assert_uint_lt(i, keys->len);
	moves++;
}

static const ListSource source = {count, key_at, find, NULL, visible, moved};

static void fill(uint64_t n)
{
	g_array_set_size(keys, 0);
	for (uint64_t key = 1; key <= n; key++)
		g_array_append_val(keys, key);
}

static void setup(void)
{
	static const PaneOps ops = {.name = "test"};

	pane_init(&pane, &ops);
	pane.rows = 11;
	keys = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	fill(100);
	list = list_new(&pane, 1, &source, NULL);
	list_resize(list, 10, 80);
	list_relaid(list);
	moves = 0;
}

static void teardown(void)
{
	list_free(list);
	g_array_free(keys, TRUE);
}

static uint64_t cursor_key(void)
{
	int64_t i = list_cursor(list);
	return i < 0 ? 0 : g_array_index(keys, uint64_t, i);
}

static const struct {
	int kind;
	long by;
	int64_t cursor;
	size_t top;
} movements[] = {
	/* each from cursor 50, top 45, 10 rows */
	{PANE_BY_LINE, 1, 51, 45},     {PANE_BY_LINE, 3, 53, 46}, /* two rows stay below */
	{PANE_BY_LINE, -4, 46, 44},    {PANE_BY_LINE, 1000, 99, 90},
	{PANE_BY_LINE, -1000, 0, 0},   {PANE_BY_HALF, 1, 55, 50},
	{PANE_BY_HALF, -2, 40, 35},    {PANE_BY_PAGE, 1, 59, 54},
	{PANE_BY_PAGE, -1, 41, 36},    {PANE_BY_PAGE, 100, 99, 90},
	{PANE_TO_START, 0, 0, 0},      {PANE_TO_END, 0, 99, 90},
	{PANE_TO_ROW, 1, 0, 0},        {PANE_TO_ROW, 70, 69, 62},
	{PANE_TO_ROW, 100000, 99, 90}, {PANE_CURSOR_CENTER, 0, 50, 45},
	{PANE_CURSOR_TOP, 0, 50, 48},  {PANE_CURSOR_BOTTOM, 0, 50, 43},
};

START_TEST(moves_by_the_book)
{
	list_set_cursor(list, 50);
	list_scroll(list, PANE_CURSOR_CENTER, 0);
	list_scroll(list, movements[_i].kind, movements[_i].by);
	ck_assert_int_eq(list_cursor(list), movements[_i].cursor);
	ck_assert_uint_eq(list_top(list), movements[_i].top);
	ck_assert_uint_eq(seen_first, movements[_i].top);
	ck_assert_uint_eq(seen_last, movements[_i].top + 9);
}
END_TEST

START_TEST(the_cursor_stays_on_its_key)
{
	list_set_cursor(list, 50);
	size_t offset = list_cursor(list) - list_top(list);
	uint64_t fresh = 1000;

	moves = 0;
	g_array_prepend_val(keys, fresh);
	list_relaid(list);
	ck_assert_uint_eq(cursor_key(), 51);
	ck_assert_uint_eq(list_cursor(list) - list_top(list), offset);
	ck_assert_uint_eq(moves, 0);

	g_array_remove_index(keys, 51);
	list_relaid(list);
	ck_assert_uint_eq(cursor_key(), 52); /* the row that took its place */
	ck_assert_uint_eq(moves, 1);
}
END_TEST

START_TEST(at_the_start_what_is_new_is_seen)
{
	uint64_t fresh = 1000;

	g_array_prepend_val(keys, fresh);
	list_relaid(list);
	ck_assert_uint_eq(cursor_key(), 1);
	ck_assert_uint_eq(list_top(list), 0);
}
END_TEST

START_TEST(a_row_without_key_gets_it_later)
{
	uint64_t unknown = 0, fresh = 1000;

	g_array_prepend_val(keys, unknown);
	list_reset(list, false);
	list_set_cursor(list, 0); /* as a person does: from now on it is bound to its row */
	moves = 0;
	g_array_index(keys, uint64_t, 0) = fresh;
	list_changed(list, 0, 0);
	for (uint64_t key = 2000; key < 2003; key++)
		g_array_prepend_val(keys, key);
	list_relaid(list);
	ck_assert_uint_eq(cursor_key(), fresh);
	ck_assert_uint_eq(moves, 0);
}
END_TEST

static void sum(uint64_t key, void *data)
{
	*(uint64_t *)data += key;
}

START_TEST(tags_go_with_their_rows)
{
	uint64_t total = 0, fresh = 1000;

	list_tag(list, 3, true);
	list_tag(list, 5, true);
	list_tag(list, 7, true);
	list_tag(list, 7, false);
	g_array_prepend_val(keys, fresh);
	list_relaid(list);
	ck_assert(list_is_tagged(list, 4));
	ck_assert(!list_is_tagged(list, 3));
	list_tag_foreach(list, sum, &total);
	ck_assert_uint_eq(total, 4 + 6);
	g_array_remove_index(keys, 4);
	list_relaid(list);
	ck_assert_uint_eq(list_tag_count(list), 1);
	list_untag_all(list);
	ck_assert_uint_eq(list_tag_count(list), 0);
}
END_TEST

START_TEST(damage_is_what_changed)
{
	pane.damage_first = 0;
	pane.damage_last = -1;
	list_changed(list, 20, 30);
	ck_assert_int_gt(pane.damage_first, pane.damage_last);
	list_changed(list, 3, 4);
	ck_assert_int_eq(pane.damage_first, 4);
	ck_assert_int_eq(pane.damage_last, 5);
	list_scroll(list, PANE_BY_LINE, 1);
	ck_assert_int_eq(pane.damage_first, 1);
	ck_assert_int_eq(pane.damage_last, 5);
}
END_TEST

static void check_in_view(int rows)
{
	int64_t cursor = list_cursor(list), top = (int64_t)list_top(list);

	if (keys->len == 0) {
		ck_assert_int_eq(cursor, -1);
		return;
	}
	ck_assert_int_ge(cursor, 0);
	ck_assert_int_lt(cursor, keys->len);
	ck_assert_int_ge(cursor, top);
	ck_assert_int_lt(cursor, top + MAX(rows, 1));
	ck_assert_int_le(top, MAX((int64_t)keys->len - MAX(rows, 1), 0));
}

static void change(GRand *random, uint64_t *next)
{
	guint some = (guint)g_rand_int_range(random, 1, 5);

	if (keys->len > 0 && g_rand_int_range(random, 0, 5) < 3) {
		guint n = g_rand_int_range(random, 0, 40) == 0 ? keys->len : MIN(keys->len, some);
		g_array_remove_range(keys, g_rand_int_range(random, 0, keys->len - n + 1), n);
		return;
	}
	for (guint n = 0; n < some; n++) {
		uint64_t key = ++*next;
		g_array_insert_val(keys, g_rand_int_range(random, 0, keys->len + 1), key);
	}
}

START_TEST(random_lists)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(_i + 1);
	uint64_t next = 1000;
	int rows = 10;

	fill(g_rand_int_range(random, 0, 30));
	list_reset(list, false);
	list_set_cursor(list, 0); /* as a person does: from now on it is bound to its row */
	for (int step = 0; step < 3000; step++) {
		uint64_t key = cursor_key();
		int64_t at = list_cursor(list);
		switch (g_rand_int_range(random, 0, 4)) {
		case 0:
			change(random, &next);
			list_relaid(list);
			if (key != 0 && find(NULL, key) >= 0)
				ck_assert_uint_eq(cursor_key(), key);
			else if (key != 0 && keys->len > 0)
				ck_assert_int_eq(list_cursor(list),
						 MIN(at, (int64_t)keys->len - 1));
			break;
		case 1:
			rows = g_rand_int_range(random, 0, 15);
			list_resize(list, rows, 80);
			break;
		default:
			list_scroll(list,
				    g_rand_int_range(random, PANE_BY_LINE, PANE_CURSOR_BOTTOM + 1),
				    g_rand_int_range(random, -20, 20));
		}
		check_in_view(rows);
	}
}
END_TEST

static void insert_first(uint64_t key)
{
	g_array_prepend_val(keys, key);
	list_relaid(list);
}

START_TEST(until_it_is_moved_the_cursor_stands_at_its_end)
{
	list_reset(list, false);
	insert_first(1000);
	ck_assert_int_eq(list_cursor(list), 0);
	list_scroll(list, PANE_BY_LINE, 1);
	insert_first(1001);
	ck_assert_int_eq(list_cursor(list), 2);
	list_reset(list, true);
	ck_assert_int_eq(list_cursor(list), keys->len - 1);
	uint64_t last = 1002;
	g_array_append_val(keys, last);
	list_relaid(list);
	ck_assert_int_eq(list_cursor(list), keys->len - 1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("list", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, moves_by_the_book, 0, G_N_ELEMENTS(movements));
	tcase_add_test(tcase, the_cursor_stays_on_its_key);
	tcase_add_test(tcase, at_the_start_what_is_new_is_seen);
	tcase_add_test(tcase, a_row_without_key_gets_it_later);
	tcase_add_test(tcase, tags_go_with_their_rows);
	tcase_add_test(tcase, damage_is_what_changed);
	tcase_add_test(tcase, until_it_is_moved_the_cursor_stands_at_its_end);
	tcase_add_loop_test(tcase, random_lists, 0, 20);
	return run_suite(suite);
}
