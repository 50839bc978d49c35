#include "ui/command/keymap.h"

#include <string.h>
#include "tests/run.h"

static Keymap *keymap;

static void setup(void)
{
	keymap = keymap_new();
}

static void teardown(void)
{
	keymap_free(keymap);
}

static void bind(unsigned contexts, const char *keys, const char *line)
{
	g_autoptr(GError) error = NULL;
	bool bound = keymap_bind(keymap, contexts, keys, line, &error);
	ck_assert_msg(bound, "%s", error ? error->message : "");
}

/* Feeds the keys: the lines they run, "?" for a key that is not bound. */
static char *feed(unsigned context, const char *text)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) names = g_strsplit(text, " ", -1);

	for (char **name = names; *name != NULL; name++) {
		Key keys[KEY_SEQUENCE_MAX];
		const char *line;
		size_t n;
		long count;
		ck_assert(key_parse(*name, keys, &n, NULL));
		KeymapResult result = keymap_feed(keymap, context, keys[0], &line, &count);
		if (result == KEYMAP_RUN && count > 0)
			g_string_append_printf(out, "%ld*", count);
		if (result != KEYMAP_PENDING)
			g_string_append_printf(out, "%s ", result == KEYMAP_RUN ? line : "?");
	}
	return g_strchomp(g_string_free(out, FALSE));
}

static const struct {
	unsigned context;
	const char *keys, *lines;
} feeds[] = {
	{CONTEXT_INDEX, "j k", "next previous"},
	{CONTEXT_INDEX, "g g G", "first last"},
	{CONTEXT_INDEX, "g x j", "? next"},
	{CONTEXT_INDEX, "1 2 j", "12*next"},
	{CONTEXT_INDEX, "1 0 d j", "10*delete next"},
	{CONTEXT_INDEX, "0 j", "? next"},
	{CONTEXT_INDEX, "3 g g", "3*first"},
	{CONTEXT_INDEX, "9 9 9 9 9 9 9 9 9 9 9 9 j", "9999999*next"},
	{CONTEXT_INDEX, "g <Esc> j", "next"},
	{CONTEXT_INDEX, "4 <Esc> j", "next"},
	{CONTEXT_INDEX, "<Esc>", "clear"},
	{CONTEXT_INDEX, "<C-w> h", "focus-folders"},
	{CONTEXT_INDEX, "J", "next-folder"},
	{CONTEXT_PAGER, "J", "next-message"},
	{CONTEXT_FOLDERS, "z M z a", "fold-all fold"},
	{CONTEXT_LIST, "d q", "? close"},
	{CONTEXT_PROMPT, "j", "?"},
	{0, "j", "?"},
};

START_TEST(runs_the_defaults)
{
	g_autofree char *lines = feed(feeds[_i].context, feeds[_i].keys);
	ck_assert_str_eq(lines, feeds[_i].lines);
}
END_TEST

START_TEST(tells_what_is_pending)
{
	g_autofree char *none = keymap_pending(keymap);
	ck_assert_str_eq(none, "");
	g_autofree char *line = feed(CONTEXT_INDEX, "1 2 g");
	g_autofree char *pending = keymap_pending(keymap);
	ck_assert_str_eq(pending, "12g");
	/* Another panel: what was typed there does not count here. */
	g_autofree char *other = feed(CONTEXT_PAGER, "j");
	ck_assert_str_eq(other, "next");
	g_autofree char *after = keymap_pending(keymap);
	ck_assert_str_eq(after, "");
}
END_TEST

static void collect(const char *keys, const char *line, void *data)
{
	g_string_append_printf(data, "%s=%s ", keys, line);
}

START_TEST(lists_continuations)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *line = feed(CONTEXT_FOLDERS, "z");

	keymap_foreach_continuation(keymap, CONTEXT_FOLDERS, collect, out);
	ck_assert_str_eq(out->str, "z=center t=scroll-top b=scroll-bottom a=fold c=fold-close "
				   "o=fold-open M=fold-all R=unfold-all ");
	g_string_truncate(out, 0);
	keymap_foreach_continuation(keymap, CONTEXT_PAGER, collect, out);
	ck_assert_str_eq(out->str, "");
}
END_TEST

START_TEST(names_the_keys_of_a_line)
{
	g_autofree char *delete = keymap_keys_for(keymap, CONTEXT_INDEX, "delete");
	g_autofree char *first = keymap_keys_for(keymap, CONTEXT_INDEX, "first");
	g_autofree char *none = keymap_keys_for(keymap, CONTEXT_LIST, "delete");
	ck_assert_str_eq(delete, "d, <Delete>");
	ck_assert_str_eq(first, "gg, <Home>, =");
	ck_assert_str_eq(none, "");
	bind(CONTEXT_INDEX, "X", "delete");
	bind(CONTEXT_INDEX, "d", "");
	g_autofree char *now = keymap_keys_for(keymap, CONTEXT_INDEX, "delete");
	ck_assert_str_eq(now, "<Delete>, X");
}
END_TEST

START_TEST(the_last_binding_wins)
{
	bind(CONTEXT_INDEX | CONTEXT_PAGER, "d", "move Archive");
	g_autofree char *same = feed(CONTEXT_INDEX, "d");
	ck_assert_str_eq(same, "move Archive");
	/* A key that began sequences now runs at once. */
	bind(CONTEXT_INDEX, "g", "last");
	g_autofree char *shorter = feed(CONTEXT_INDEX, "g g");
	ck_assert_str_eq(shorter, "last last");
	/* A key that ran now begins a sequence. */
	bind(CONTEXT_INDEX, "jj", "first");
	g_autofree char *longer = feed(CONTEXT_INDEX, "j j");
	ck_assert_str_eq(longer, "first");
	g_autofree char *elsewhere = feed(CONTEXT_PAGER, "g g j");
	ck_assert_str_eq(elsewhere, "first next");
	/* A digit that is bound is no count. */
	bind(CONTEXT_INDEX, "5", "last");
	g_autofree char *digit = feed(CONTEXT_INDEX, "5 6 k");
	ck_assert_str_eq(digit, "last 6*previous");
}
END_TEST

START_TEST(unbinds)
{
	bind(CONTEXT_ANY, "j", "");
	bind(CONTEXT_INDEX, "gg", "");
	bind(CONTEXT_INDEX, "<C-w>", "");
	bind(CONTEXT_INDEX, "zzzz", "");
	g_autofree char *lines = feed(CONTEXT_INDEX, "j g g g i <C-w> h z z");
	ck_assert_str_eq(lines, "? ? go-inbox ? ? center");
	g_autofree char *pager = feed(CONTEXT_PAGER, "j g g");
	ck_assert_str_eq(pager, "? first");
}
END_TEST

static const struct {
	const char *keys, *line, *complaint;
} refused[] = {
	{"<Foo>", "next", "There is no key <Foo>."},
	{"x", "no-such-command", "There is no command no-such-command."},
	{"x", "nosuch with words", "There is no command nosuch."},
	{"", "next", "A key is missing."},
};

START_TEST(refuses_what_cannot_work)
{
	g_autoptr(GError) error = NULL;

	ck_assert(!keymap_bind(keymap, CONTEXT_ANY, refused[_i].keys, refused[_i].line, &error));
	ck_assert_str_eq(error->message, refused[_i].complaint);
}
END_TEST

START_TEST(knows_the_contexts)
{
	ck_assert_uint_eq(keymap_context("index"), CONTEXT_INDEX);
	ck_assert_uint_eq(keymap_context("list"), CONTEXT_LIST);
	ck_assert_uint_eq(keymap_context("all"), CONTEXT_ANY);
	ck_assert_uint_eq(keymap_context("nowhere"), 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("keymap", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, runs_the_defaults, 0, G_N_ELEMENTS(feeds));
	tcase_add_test(tcase, tells_what_is_pending);
	tcase_add_test(tcase, lists_continuations);
	tcase_add_test(tcase, names_the_keys_of_a_line);
	tcase_add_test(tcase, the_last_binding_wins);
	tcase_add_test(tcase, unbinds);
	tcase_add_loop_test(tcase, refuses_what_cannot_work, 0, G_N_ELEMENTS(refused));
	tcase_add_test(tcase, knows_the_contexts);
	return run_suite(suite);
}
