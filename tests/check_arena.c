#include "config.h"

#include <stdint.h>
#include <string.h>
#include "core/base/arena.h"
#include "tests/run.h"

static unsigned n_freed;

static void count_freed(void *object)
{
	(void)object;
	n_freed++;
}

START_TEST(test_memory_is_zero_aligned_and_apart)
{
	g_autoptr(Arena) arena = arena_new();
	unsigned char *last = NULL;

	for (unsigned round = 0; round < 3; round++) {
		for (size_t size = 0; size < 6000; size += 37) {
			unsigned char *memory = arena_alloc(arena, size);
			ck_assert_ptr_nonnull(memory);
			ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				ck_assert_uint_eq(memory[i], 0);
			memset(memory, 0xff, size);
			if (last != NULL)
				ck_assert_uint_eq(*last, 0xff);
			last = size > 0 ? memory : last;
		}
		arena_reset(arena);
		last = NULL;
	}
}
END_TEST

START_TEST(test_strndup)
{
	g_autoptr(Arena) arena = arena_new();

	ck_assert_str_eq(arena_strndup(arena, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_strndup(arena, NULL, 0), "");
}
END_TEST

START_TEST(test_append)
{
	g_autoptr(Arena) arena = arena_new();
	uint32_t *items = NULL;

	for (size_t n = 0; n < 10000; n++) {
		items = arena_append(arena, items, n, sizeof(*items));
		ck_assert_uint_eq(items[n], 0);
		items[n] = (uint32_t)n + 1;
	}
	for (size_t n = 0; n < 10000; n++)
		ck_assert_uint_eq(items[n], n + 1);
}
END_TEST

START_TEST(test_reset_frees_what_is_owned_once)
{
	g_autoptr(Arena) arena = arena_new();
	int a, b, c;

	n_freed = 0;
	arena_own(arena, &a, count_freed);
	arena_own(arena, &b, count_freed);
	arena_own(arena, &c, count_freed);
	ck_assert(arena_disown(arena, &b));
	ck_assert(!arena_disown(arena, &b));
	ck_assert(!arena_disown(arena, arena));
	arena_reset(arena);
	ck_assert_uint_eq(n_freed, 2);
	arena_reset(arena);
	ck_assert_uint_eq(n_freed, 2);
}
END_TEST

START_TEST(test_free_frees_what_is_owned)
{
	Arena *arena = arena_new();

	n_freed = 0;
	arena_own(arena, arena, count_freed);
	arena_free(arena);
	arena_free(NULL);
	ck_assert_uint_eq(n_freed, 1);
}
END_TEST

/* A response like the last one must not touch malloc: the same memory comes back. */
START_TEST(test_reset_reuses_the_first_block)
{
	g_autoptr(Arena) arena = arena_new();
	void *first = arena_alloc(arena, 100);

	for (unsigned i = 0; i < 1000; i++)
		arena_alloc(arena, 1000);
	arena_reset(arena);
	ck_assert_ptr_eq(arena_alloc(arena, 100), first);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("arena", &tcase);

	tcase_add_test(tcase, test_memory_is_zero_aligned_and_apart);
	tcase_add_test(tcase, test_strndup);
	tcase_add_test(tcase, test_append);
	tcase_add_test(tcase, test_reset_frees_what_is_owned_once);
	tcase_add_test(tcase, test_free_frees_what_is_owned);
	tcase_add_test(tcase, test_reset_reuses_the_first_block);
	return run_suite(suite);
}
