/* check_thread - who answers whom: against a naive reading of RFC 5256 with texts and lists, and
 * rule by rule; what a server says; what a hostile mail says (T126). */
#include "config.h"

#include <string.h>

#include "core/mailbox/thread.h"
#include "core/wire/parser.h"
#include "tests/cpu_time.h"
#include "tests/run.h"

/* --- the naive reference: containers by id, in a list --- */

typedef struct {
	char *id; /* NULL: has none */
	uint32_t uid;
	int parent; /* index or -1 */
} Container;

static int naive_add(GArray *all, const char *id, uint32_t uid)
{
	Container c = {g_strdup(id), uid, -1};

	g_array_append_val(all, c);
	return (int)all->len - 1;
}

static Container *at(GArray *all, int i)
{
	return &g_array_index(all, Container, i);
}

static int naive_find(GArray *all, const char *id)
{
	for (unsigned i = 0; i < all->len; i++)
		if (g_strcmp0(at(all, i)->id, id) == 0)
			return i;
	return naive_add(all, id, 0);
}

static bool naive_above(GArray *all, int above, int below)
{
	for (; below >= 0; below = at(all, below)->parent)
		if (below == above)
			return true;
	return false;
}

/* RFC 5256 3, REFERENCES, step 1, for one message. */
static void naive_know(GArray *all, uint32_t uid, const char *id, char **references)
{
	int own = -1, before = -1;

	if (id != NULL) {
		own = naive_find(all, id);
		if (at(all, own)->uid != 0)
			own = -1;
	}
	if (own < 0)
		own = naive_add(all, NULL, uid);
	at(all, own)->uid = uid;
	for (char **r = references; *r != NULL; r++) {
		int c = naive_find(all, *r);
		if (before >= 0 && at(all, c)->parent < 0 && !naive_above(all, c, before))
			at(all, c)->parent = before;
		before = c;
	}
	if (before >= 0 && !naive_above(all, own, before))
		at(all, own)->parent = before;
}

static int naive_of(GArray *all, uint32_t uid)
{
	for (unsigned i = 0; i < all->len; i++)
		if (at(all, i)->uid == uid)
			return i;
	ck_abort_msg("no %u", uid);
}

/* The nearest message above. */
static uint32_t naive_parent(GArray *all, uint32_t uid)
{
	int i = at(all, naive_of(all, uid))->parent;

	while (i >= 0 && at(all, i)->uid == 0)
		i = at(all, i)->parent;
	return i >= 0 ? at(all, i)->uid : 0;
}

static int naive_top(GArray *all, uint32_t uid)
{
	int i = naive_of(all, uid);

	while (at(all, i)->parent >= 0)
		i = at(all, i)->parent;
	return i;
}

static void naive_write(GArray *all, uint32_t n, int top, uint32_t parent, GString *out)
{
	for (uint32_t uid = 1; uid <= n; uid++) {
		if (naive_top(all, uid) != top || naive_parent(all, uid) != parent)
			continue;
		g_string_append_printf(out, " %u", uid);
		naive_write(all, n, top, uid, out);
	}
}

/* "/1 3/2": each thread with its messages, by its newest. */
static char *naive_order(GArray *all, uint32_t n)
{
	GString *out = g_string_new(NULL);

	for (uint32_t newest = 1; newest <= n; newest++) {
		int top = naive_top(all, newest);
		bool is_newest = true;
		for (uint32_t uid = newest + 1; uid <= n; uid++)
			is_newest = is_newest && naive_top(all, uid) != top;
		if (!is_newest)
			continue;
		g_string_append(out, " /");
		naive_write(all, n, top, 0, out);
	}
	return g_string_free(out, FALSE);
}

static void naive_clear(void *c)
{
	g_free(((Container *)c)->id);
}

/* --- the real one, as text --- */

static char *order_of(Thread *t)
{
	GString *out = g_string_new(NULL);
	uint32_t n;
	const uint32_t *order = thread_order(t, &n);

	for (uint32_t i = 0; i < n; i++)
		g_string_append_printf(out, "%s %u", order[i] & THREAD_START ? " /" : "",
				       thread_uid(t, order[i] & ~THREAD_START));
	return g_string_free(out, FALSE);
}

static uint32_t parent_of(Thread *t, uint32_t uid)
{
	uint32_t parent = thread_parent(t, thread_find(t, uid));

	return parent != THREAD_NONE ? thread_uid(t, parent) : 0;
}

#define assert_order(t, expected)                                                                  \
	do {                                                                                       \
		g_autofree char *order = order_of(t);                                              \
		ck_assert_str_eq(order, expected);                                                 \
	} while (0)

static void know(Thread *t, uint32_t uid, const char *id, const char *references)
{
	ThreadKey key;

	threadkey_read(id, NULL, references, references ? strlen(references) : 0, &key);
	thread_know(t, uid, &key);
}

/* --- the property --- */

static char *random_id(GRand *rand, unsigned ids)
{
	return g_strdup_printf("<%u@x>", g_rand_int_range(rand, 0, ids));
}

/* Ids of few, so that there are loops, doubles, self references and parents that never come. */
static void one_mailbox(unsigned seed)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	uint32_t n = g_rand_int_range(rand, 1, 40);
	unsigned ids = g_rand_int_range(rand, 1, 60);
	g_autoptr(Thread) t = thread_new();
	g_autoptr(GArray) naive = g_array_new(FALSE, FALSE, sizeof(Container));

	g_array_set_clear_func(naive, naive_clear);
	for (uint32_t uid = 1; uid <= n; uid++) {
		bool has_id = g_rand_int_range(rand, 0, 10) > 0;
		g_autofree char *id = has_id ? random_id(rand, ids) : NULL;
		g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
		for (int k = g_rand_int_range(rand, 0, 5); k > 0; k--)
			g_ptr_array_add(references, random_id(rand, ids));
		g_ptr_array_add(references, NULL);
		g_autofree char *text = g_strjoinv(" ", (char **)references->pdata);
		know(t, uid, id, text);
		naive_know(naive, uid, id, (char **)references->pdata);
		/* Sometimes each message finds its place, sometimes all do at the end. */
		if (seed % 3 > 0 && g_rand_int_range(rand, 0, 3) > 0) {
			g_autofree char *expected = naive_order(naive, uid);
			assert_order(t, expected);
		}
	}
	for (uint32_t uid = 1; uid <= n; uid++)
		ck_assert_uint_eq(parent_of(t, uid), naive_parent(naive, uid));
	g_autofree char *expected = naive_order(naive, n);
	assert_order(t, expected);
}

START_TEST(as_the_naive_reading_has_it)
{
	for (unsigned seed = 0; seed < 4000; seed++)
		one_mailbox(seed);
}
END_TEST

/* --- rules --- */

START_TEST(answers_join_whichever_comes_first)
{
	g_autoptr(Thread) t = thread_new();

	know(t, 10, "<c@x>", "<a@x> <b@x>");
	know(t, 20, "<z@x>", NULL);
	assert_order(t, " / 10 / 20");
	know(t, 30, "<d@x>", "<a@x>");
	assert_order(t, " / 20 / 10 30");
	know(t, 5, "<a@x>", NULL);
	assert_order(t, " / 20 / 5 10 30");
	know(t, 7, "<b@x>", "<a@x>");
	assert_order(t, " / 20 / 5 7 10 30");
	ck_assert_uint_eq(parent_of(t, 10), 7);
	ck_assert_uint_eq(parent_of(t, 30), 5);
	ck_assert_uint_eq(thread_unsure(t), 0);
}
END_TEST

START_TEST(a_removed_one_leaves_its_answers_in_place)
{
	g_autoptr(Thread) t = thread_new();
	g_autoptr(UidSet) one = uidset_new_range(1, 1);

	know(t, 1, "<a@x>", NULL);
	know(t, 2, "<b@x>", "<a@x>");
	know(t, 3, "<c@x>", "<b@x>");
	know(t, 4, "<d@x>", NULL);
	thread_remove(t, one);
	assert_order(t, " / 1 2 3 / 4");
	know(t, 5, "<e@x>", "<a@x>");
	assert_order(t, " / 4 / 1 2 3 5");
	thread_add(t, one);
	assert_order(t, " / 4 / 1 2 3 5");
}
END_TEST

static ThreadAnswer *answer_of(const char *text)
{
	ThreadAnswer *answer = threadanswer_new();
	g_autoptr(Arena) arena = arena_new();
	Frame frame = {.text = text, .len = strlen(text)};
	Response response;

	ck_assert(parser_read(arena, &frame, &response, NULL));
	threadanswer_take(answer, &response.threads);
	return answer;
}

static void apply(Thread *t, const char *text)
{
	g_autoptr(ThreadAnswer) answer = answer_of(text);

	ck_assert_ptr_null(threadanswer_fault(answer));
	thread_apply(t, answer);
}

START_TEST(a_server_is_believed)
{
	g_autoptr(Thread) t = thread_new();
	g_autoptr(UidSet) all = uidset_new_range(1, 100);

	thread_add(t, all);
	know(t, 44, "<f@x>", "<g@x>");
	know(t, 96, "<g@x>", NULL);
	apply(t, "* THREAD (2)(3 6 (4 23)(44 7 96))((8)(9))");
	ck_assert_uint_eq(parent_of(t, 2), 0);
	ck_assert_uint_eq(parent_of(t, 6), 3);
	ck_assert_uint_eq(parent_of(t, 4), 6);
	ck_assert_uint_eq(parent_of(t, 23), 4);
	ck_assert_uint_eq(parent_of(t, 44), 6);
	ck_assert_uint_eq(parent_of(t, 96), 7);
	ck_assert_uint_eq(parent_of(t, 8), 0);
	g_autofree char *order = order_of(t);
	ck_assert_ptr_nonnull(strstr(order, " / 8 9 /"));
	ck_assert_ptr_nonnull(strstr(order, " / 3 6 4 23 44 7 96 /"));
	ck_assert_uint_eq(thread_unsure(t), 100 - 10);
	know(t, 96, "<g@x>", "<nonsense@x>");
	ck_assert_uint_eq(parent_of(t, 96), 7);
}
END_TEST

START_TEST(new_mail_joins_what_a_server_told)
{
	g_autoptr(Thread) t = thread_new();

	apply(t, "* THREAD (1 (2)(3))(4)");
	know(t, 2, "<b@x>", "<a@x>");
	ck_assert_uint_eq(thread_unsure(t), 0);
	assert_order(t, " / 1 2 3 / 4");
	know(t, 5, "<e@x>", "<a@x> <b@x>");
	assert_order(t, " / 4 / 1 2 5 3");
	ck_assert_uint_eq(thread_unsure(t), 0);
	know(t, 6, "<f@x>", "<nobody@x>");
	ck_assert_uint_eq(thread_unsure(t), 1);
	assert_order(t, " / 4 / 1 2 5 3 / 6");
	/* Its parent was 4, says the server later. */
	apply(t, "* THREAD (1 (2 5)(3))(4 6)");
	ck_assert_uint_eq(thread_unsure(t), 0);
	assert_order(t, " / 1 2 5 3 / 4 6");
	/* The next answer to that nobody finds its ghost gone, and is asked about again. */
	know(t, 7, "<g@x>", "<f@x>");
	assert_order(t, " / 1 2 5 3 / 4 6 7");
}
END_TEST

/* A server may say anything. */
START_TEST(each_message_is_listed_once)
{
	static const char *const answers[] = {
		"* THREAD (1 2 3)(3 2 1)",
		"* THREAD (1 1 1 (1)(1))(2)(3)",
		"* THREAD (1 2)(2 3)(3 1)",
		"* THREAD (((1)(((2))))(3))((1)(2)(3))",
		"* THREAD (1 (2 (3 (1 2))))",
		"* THREAD (3 (2) (1))(7)(8 9)",
		"* THREAD (99)",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autoptr(Thread) t = thread_new();
		g_autoptr(UidSet) all = uidset_new_range(1, 3);
		uint32_t n, seen = 0;
		thread_add(t, all);
		apply(t, answers[i]);
		apply(t, answers[(i + 1) % G_N_ELEMENTS(answers)]);
		const uint32_t *order = thread_order(t, &n);
		for (uint32_t k = 0; k < n; k++) {
			uint32_t bit = 1u << (order[k] & ~THREAD_START);
			ck_assert_uint_eq(seen & bit, 0);
			seen |= bit;
		}
		ck_assert_uint_eq(seen, (1u << n) - 1);
	}
}
END_TEST

/* 5 answers 28, of which the server says nothing more later, and in 7 it is the other way round. */
START_TEST(who_comes_late_hangs_below_no_answer_of_its_own)
{
	g_autoptr(Thread) t = thread_new();

	apply(t, "* THREAD (28 5)(7)");
	apply(t, "* THREAD (1)");
	know(t, 5, "<x@x>", NULL);
	know(t, 7, "<y@x>", "<x@x> <g@x>");
	know(t, 28, "<g@x>", NULL);
	ck_assert_uint_eq(parent_of(t, 28), 0);
	assert_order(t, " / 1 / 28 5 7");
}
END_TEST

/* A server that tells another head each time. */
START_TEST(nobody_becomes_what_it_answers)
{
	g_autoptr(Thread) t = thread_new();

	know(t, 1, NULL, "<a@x> <b@x>");
	know(t, 1, "<a@x>", NULL);
	know(t, 2, "<c@x>", "<a@x>");
	ck_assert_uint_eq(parent_of(t, 1), 0);
	assert_order(t, " / 1 2");
}
END_TEST

static const char *fault_of(const char *text)
{
	g_autoptr(ThreadAnswer) answer = answer_of(text);

	return threadanswer_fault(answer);
}

START_TEST(a_broken_answer_is_refused)
{
	ck_assert_ptr_null(fault_of("* THREAD (1)"));
	ck_assert_ptr_null(fault_of("* THREAD"));
	ck_assert_ptr_nonnull(fault_of("* THREAD (1"));
	ck_assert_ptr_nonnull(fault_of("* THREAD 1"));
	ck_assert_ptr_nonnull(fault_of("* THREAD (1)) (2"));
}
END_TEST

/* T045: over all pieces. */
START_TEST(depth_has_a_limit)
{
	for (unsigned depth = 1999; depth <= 2001; depth++) {
		g_autoptr(ThreadAnswer) answer = threadanswer_new();
		ThreadStep open[] = {{1, 0, 1}, {0, 0, 0}}, close[] = {{0, 1, 0}};
		for (unsigned i = 0; i < depth; i++)
			threadanswer_take(answer, &(ThreadData){open, 2});
		for (unsigned i = 0; i < depth; i++)
			threadanswer_take(answer, &(ThreadData){close, 1});
		ck_assert_int_eq(threadanswer_fault(answer) == NULL, depth <= 2000);
	}
}
END_TEST

/* --- ids --- */

static char *key_text(const char *id, const char *in_reply_to, const char *references)
{
	static const char *const known[] = {"a@x", "b@x", "c@x", "d@x"};
	GString *text = g_string_new(NULL);
	ThreadKey key;

	threadkey_read(id, in_reply_to, references, references ? strlen(references) : 0, &key);
	for (unsigned i = 0; i <= key.n; i++) {
		uint64_t hash = i == 0 ? key.id : key.parents[i - 1];
		const char *name = hash == 0 ? "-" : "?";
		for (unsigned k = 0; k < G_N_ELEMENTS(known); k++)
			name = hash == threadkey_hash(known[k], 3) ? known[k] : name;
		g_string_append_printf(text, "%.1s", name);
	}
	return g_string_free(text, FALSE);
}

static const struct {
	const char *id, *in_reply_to, *references, *expected;
} keys[] = {
	{NULL, NULL, NULL, "-"},
	{"<a@x>", NULL, NULL, "a"},
	{"a@x", NULL, NULL, "a"},
	{" <a@x> ", NULL, NULL, "a"},
	{"", "", "", "-"},
	{"<a@x>", "<b@x>", NULL, "ab"},
	{"<a@x>", "Ada's message of Tuesday <b@x> <c@x>", "", "ab"},
	{"<a@x>", "<b@x>", "References: <c@x>\r\n <d@x>\r\n\r\n", "acd"},
	{"<a@x>", "no id", "References: none, <unclosed@x", "a"},
	{"<a@x>", NULL, "<<b@x>", "ab"},
	{"<a@x>", NULL, "<> <b@x><c@x>", "abc"},
	{"<a@x>", NULL, "<a@x> <a@x>", "aaa"},
};

START_TEST(ids_are_read)
{
	g_autofree char *text = key_text(keys[_i].id, keys[_i].in_reply_to, keys[_i].references);

	ck_assert_str_eq(text, keys[_i].expected);
}
END_TEST

START_TEST(of_many_references_the_first_and_the_last_count)
{
	g_autoptr(GString) text = g_string_new(NULL);
	ThreadKey key;

	for (unsigned i = 0; i < 100; i++)
		g_string_append_printf(text, "<%u@x> ", i);
	threadkey_read("<a@x>", NULL, text->str, text->len, &key);
	ck_assert_uint_eq(key.n, THREADKEY_PARENTS_MAX);
	ck_assert(key.parents[0] == threadkey_hash("0@x", 3));
	ck_assert(key.parents[1] == threadkey_hash("69@x", 4));
	ck_assert(key.parents[31] == threadkey_hash("99@x", 4));
}
END_TEST

/* --- T126: in linear time --- */

static ThreadKey numbered(uint64_t id, uint64_t parent)
{
	return (ThreadKey){.id = id, .n = parent ? 1 : 0, .parents = {parent}};
}

static uint64_t mixed(uint64_t i)
{
	i *= UINT64_C(0x9E3779B97F4A7C15);
	return (i ^ i >> 29) | 1;
}

/* Each is given n messages to know. */
static void same_id(Thread *t, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		ThreadKey key = numbered(7, i % 2 ? 7 : 0);
		thread_know(t, i, &key);
	}
}

static void all_answer_themselves(Thread *t, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		ThreadKey key = numbered(mixed(i), mixed(i));
		thread_know(t, i, &key);
	}
}

static void one_ring(Thread *t, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		ThreadKey key = numbered(mixed(i), mixed(i % n + 1));
		thread_know(t, i, &key);
	}
}

static void one_chain(Thread *t, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		ThreadKey key = numbered(mixed(i), i > 1 ? mixed(i - 1) : 0);
		thread_know(t, i, &key);
	}
}

/* Ghosts with an answer, which then come and hang below a long chain. */
static void long_walks(Thread *t, unsigned n)
{
	one_chain(t, n / 3);
	for (unsigned i = 0; i < n / 3; i++) {
		ThreadKey key = numbered(mixed(3 * n + i), mixed(2 * n + i));
		thread_know(t, n + i, &key);
	}
	for (unsigned i = 0; i < n / 3; i++) {
		ThreadKey key = numbered(mixed(2 * n + i), mixed(n / 3));
		thread_know(t, 2 * n + i, &key);
	}
}

/* 32 ghosts a message. */
static void many_references(Thread *t, unsigned n)
{
	for (unsigned i = 1; i <= n / 80; i++) {
		ThreadKey key = {.id = mixed(i), .n = THREADKEY_PARENTS_MAX};
		for (unsigned k = 0; k < key.n; k++)
			key.parents[k] = mixed(1000000 + i * key.n + k);
		thread_know(t, i, &key);
	}
}

static void from_the_newest(Thread *t, unsigned n)
{
	g_autoptr(UidSet) all = uidset_new_range(1, n);

	thread_add(t, all);
	for (unsigned i = n; i > 0; i--) {
		ThreadKey key = numbered(mixed(i), i > 1 ? mixed(i - 1) : 0);
		thread_know(t, i, &key);
	}
}

static void (*const crowds[])(Thread *t, unsigned n) = {
	same_id,    all_answer_themselves, one_ring,        one_chain,
	long_walks, many_references,       from_the_newest,
};

static double time_crowd(const void *data, unsigned n)
{
	void (*crowd)(Thread *, unsigned) = *(void (*const *)(Thread *, unsigned))data;
	g_autoptr(Thread) t = thread_new();
	double before = cpu_seconds();
	uint32_t listed, starts = 0;

	crowd(t, n);
	const uint32_t *order = thread_order(t, &listed);
	double took = cpu_seconds() - before;
	g_autofree uint8_t *seen = g_malloc0(listed);
	ck_assert_uint_eq(listed, thread_count(t));
	for (uint32_t i = 0; i < listed; i++) {
		ck_assert_uint_eq(seen[order[i] & ~THREAD_START]++, 0);
		starts += (order[i] & THREAD_START) != 0;
	}
	ck_assert_uint_ge(starts, 1);
	return took;
}

/* Memory that is looked up at random makes ratios of times say little. */
START_TEST(time_is_linear)
{
	ck_assert(time_crowd(&crowds[_i], 300000) < SLOW);
}
END_TEST

/* 100,000 ids in one References. */
static double time_references(const void *data, unsigned n)
{
	g_autoptr(GString) text = g_string_new(NULL);
	ThreadKey key;

	while (n-- > 0)
		g_string_append(text, data);
	double before = cpu_seconds();
	threadkey_read("<a@x>", NULL, text->str, text->len, &key);
	return cpu_seconds() - before;
}

START_TEST(references_take_linear_time)
{
	ck_assert(takes_linear_time(time_references, "<a@x> ", 100000));
	ck_assert(takes_linear_time(time_references, "<", 100000));
	ck_assert(takes_linear_time(time_references, "<>", 100000));
}
END_TEST

START_TEST(memory_is_27_bytes_a_message)
{
	g_autoptr(Thread) t = thread_new();
	g_autoptr(UidSet) all = uidset_new_range(1, 100000);

	thread_add(t, all);
	one_chain(t, 100000);
	ck_assert_uint_le(thread_memory(t), 27 * 100000 + 1000);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("thread", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, as_the_naive_reading_has_it);
	tcase_add_test(tcase, answers_join_whichever_comes_first);
	tcase_add_test(tcase, a_removed_one_leaves_its_answers_in_place);
	tcase_add_test(tcase, a_server_is_believed);
	tcase_add_test(tcase, new_mail_joins_what_a_server_told);
	tcase_add_test(tcase, each_message_is_listed_once);
	tcase_add_test(tcase, who_comes_late_hangs_below_no_answer_of_its_own);
	tcase_add_test(tcase, nobody_becomes_what_it_answers);
	tcase_add_test(tcase, a_broken_answer_is_refused);
	tcase_add_test(tcase, depth_has_a_limit);
	tcase_add_loop_test(tcase, ids_are_read, 0, G_N_ELEMENTS(keys));
	tcase_add_test(tcase, of_many_references_the_first_and_the_last_count);
	tcase_add_loop_test(tcase, time_is_linear, 0, G_N_ELEMENTS(crowds));
	tcase_add_test(tcase, references_take_linear_time);
	tcase_add_test(tcase, memory_is_27_bytes_a_message);
	return run_suite(suite);
}
