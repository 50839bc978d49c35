#include "ui/term/key.h"

#include <string.h>
#include "tests/run.h"

#define C SHEAF_KEY_CTRL
#define A SHEAF_KEY_ALT
#define S SHEAF_KEY_SHIFT

static const struct {
	const char *text;
	Key keys[3];
	const char *formatted; /* NULL: the same */
} sequences[] = {
	{"j", {'j'}, NULL},
	{"gg", {'g', 'g'}, NULL},
	{"é", {0xE9}, NULL},
	{"<Down>", {SHEAF_KEY_DOWN}, NULL},
	{"<down>", {SHEAF_KEY_DOWN}, "<Down>"},
	{"<C-x>", {C | 'x'}, NULL},
	{"<C-X>", {C | 'x'}, "<C-x>"},
	{"<c-w>h", {C | 'w', 'h'}, "<C-w>h"},
	{"<C-^>", {C | '^'}, NULL},
	{"<C-->", {C | '-'}, NULL},
	{"<C->>", {C | '>'}, NULL},
	{"<C-Space>", {C | ' '}, NULL},
	{"<C-@>", {C | ' '}, "<C-Space>"},
	{"<C-m>", {SHEAF_KEY_ENTER}, "<Enter>"},
	{"<C-i>", {SHEAF_KEY_TAB}, "<Tab>"},
	{"<C-[>", {SHEAF_KEY_ESCAPE}, "<Esc>"},
	{"<C-j>", {C | 'j'}, NULL},
	{"<C-h>", {C | 'h'}, NULL},
	{"<S-Tab>", {S | SHEAF_KEY_TAB}, NULL},
	{"<S-x>", {'X'}, "X"},
	{"<M-x>", {A | 'x'}, "<A-x>"},
	{"<A-C-Left>", {A | C | SHEAF_KEY_LEFT}, "<C-A-Left>"},
	{"<A-S-x>", {A | 'X'}, "<A-X>"},
	{"<F12>", {SHEAF_KEY_F12}, NULL},
	{"<Space>", {' '}, NULL},
	{"<Less>", {'<'}, NULL},
	{">", {'>'}, NULL},
	{"<Equal>", {'='}, "="},
	{"<Hash>", {'#'}, "#"},
	{"<LeftBracket>", {'['}, "["},
	{"<Esc>", {SHEAF_KEY_ESCAPE}, NULL},
};

START_TEST(parses_and_formats)
{
	g_autoptr(GError) error = NULL;
	Key keys[KEY_SEQUENCE_MAX];
	size_t n, expected = 0;

	while (expected < 3 && sequences[_i].keys[expected] != 0)
		expected++;
	bool parsed = key_parse(sequences[_i].text, keys, &n, &error);
	ck_assert_msg(parsed, "%s: %s", sequences[_i].text, error ? error->message : "");
	ck_assert_uint_eq(n, expected);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(keys[i], sequences[_i].keys[i]);

	g_autofree char *text = key_format_sequence(keys, n);
	ck_assert_str_eq(text,
			 sequences[_i].formatted ? sequences[_i].formatted : sequences[_i].text);
	/* What is written is read as the same keys. */
	Key again[KEY_SEQUENCE_MAX];
	size_t again_n;
	ck_assert(key_parse(text, again, &again_n, NULL));
	ck_assert_uint_eq(again_n, n);
	ck_assert_mem_eq(again, keys, n * sizeof(Key));
}
END_TEST

static const struct {
	const char *text, *complaint;
} refused[] = {
	{"", "missing"},
	{"<Foo>", "There is no key <Foo>."},
	{"<x>", "no key <x>"},
	{"<", "no closing >"},
	{"a b", "<Space>"},
	{"ggggggggg", "more than 8"},
	{"\xFF", "no key is"},
	{"<C-\xFF>", "There is no key"},
	{"<>", "no key <>"},
	{"<C->", "no key <C->"},
	{"<C-ab>", "no key <C-ab>"},
};

START_TEST(refuses_with_a_reason)
{
	g_autoptr(GError) error = NULL;
	Key keys[KEY_SEQUENCE_MAX];
	size_t n;

	ck_assert(!key_parse(refused[_i].text, keys, &n, &error));
	ck_assert_ptr_nonnull(error);
	ck_assert_msg(strstr(error->message, refused[_i].complaint) != NULL, "%s", error->message);
	ck_assert(g_utf8_validate(error->message, -1, NULL));
}
END_TEST

START_TEST(every_key_has_a_name_that_is_read)
{
	static const Key modifiers[] = {0, C, A, S, C | A, C | S, A | S, C | A | S};

	for (Key base = SHEAF_KEY_ENTER; base < SHEAF_KEY_LAST; base++) {
		for (size_t i = 0; i < G_N_ELEMENTS(modifiers); i++) {
			g_autofree char *text = key_format(base | modifiers[i]);
			Key keys[KEY_SEQUENCE_MAX];
			size_t n;
			ck_assert_msg(key_parse(text, keys, &n, NULL), "%s", text);
			ck_assert_uint_eq(n, 1);
			ck_assert_uint_eq(keys[0], base | modifiers[i]);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("key", &tcase);

	tcase_add_loop_test(tcase, parses_and_formats, 0, G_N_ELEMENTS(sequences));
	tcase_add_loop_test(tcase, refuses_with_a_reason, 0, G_N_ELEMENTS(refused));
	tcase_add_test(tcase, every_key_has_a_name_that_is_read);
	return run_suite(suite);
}
