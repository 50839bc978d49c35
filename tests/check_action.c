/* check_action - the table of commands is in order: every row can be read, typed, bound and shown.
 */
#include <string.h>
#include "mime/text.h"
#include "tests/run.h"
#include "ui/command/action.h"
#include "ui/command/keymap.h"

static const unsigned contexts[] = {CONTEXT_INDEX, CONTEXT_PAGER, CONTEXT_FOLDERS, CONTEXT_PARTS,
				    CONTEXT_LIST};

START_TEST(rows_are_complete)
{
	for (const Action *a = action_table; a->name != NULL; a++) {
		ck_assert_msg(*a->name != '\0' && strspn(a->name, "abcdefghijklmnopqrstuvwxyz-") ==
							  strlen(a->name),
			      "name %s", a->name);
		ck_assert_msg(strlen(a->help) > 3 && g_ascii_isupper(a->help[0]) &&
				      !g_str_has_suffix(a->help, "."),
			      "help of %s", a->name);
		ck_assert_msg(text_width(a->help) <= 76, "help of %s is too long", a->name);
		ck_assert_msg(a->contexts != 0 && (a->contexts & ~(unsigned)CONTEXT_ANY) == 0,
			      "contexts of %s", a->name);
		ck_assert_ptr_nonnull(a->run);
	}
}
END_TEST

START_TEST(names_are_unique)
{
	for (const Action *a = action_table; a->name != NULL; a++) {
		ck_assert_ptr_eq(action_find(a->name), a);
		ck_assert_msg(action_alias(a->name) == NULL, "%s is an alias, too", a->name);
	}
	ck_assert_ptr_null(action_find("no-such-command"));
	ck_assert_ptr_null(action_find(""));
}
END_TEST

START_TEST(aliases_stand_for_commands)
{
	static const char *const aliases[] = {"q", "e", "w", "h", "rm", "mv", "cp", "limit"};

	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
		ck_assert_ptr_nonnull(action_find(aliases[i]));
	ck_assert_str_eq(action_find("q")->name, "quit");
	ck_assert_str_eq(action_alias("limit"), "search");
}
END_TEST

typedef struct {
	Key keys[KEY_SEQUENCE_MAX];
	size_t n;
	const Action *action;
} Binding;

static GArray *bindings_of(unsigned context)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(Binding));

	for (const Action *a = action_table; a->name != NULL; a++) {
		g_auto(GStrv) texts = g_strsplit(a->keys, " ", -1);
		for (char **text = texts; (a->contexts & context) != 0 && *text != NULL; text++) {
			g_autoptr(GError) error = NULL;
			Binding binding = {.action = a};
			if (**text == '\0')
				continue;
			key_parse(*text, binding.keys, &binding.n, &error);
			ck_assert_msg(error == NULL, "%s: %s", a->name,
				      error ? error->message : "");
			g_array_append_val(out, binding);
		}
	}
	return out;
}

/* No key twice in a panel, and none that another sequence there begins with. */
START_TEST(keys_do_not_clash)
{
	g_autoptr(GArray) bindings = bindings_of(contexts[_i]);

	ck_assert_uint_gt(bindings->len, 10);
	for (guint i = 0; i < bindings->len; i++) {
		const Binding *a = &g_array_index(bindings, Binding, i);
		for (guint j = 0; j < bindings->len; j++) {
			const Binding *b = &g_array_index(bindings, Binding, j);
			g_autofree char *keys = key_format_sequence(a->keys, a->n);
			ck_assert_msg(i == j || a->n > b->n ||
					      memcmp(a->keys, b->keys, a->n * sizeof(Key)) != 0,
				      "%s of %s and of %s", keys, a->action->name, b->action->name);
		}
	}
}
END_TEST

START_TEST(default_keys_are_bound)
{
	Keymap *keymap = keymap_new();

	for (const Action *a = action_table; a->name != NULL; a++) {
		for (size_t i = 0; i < G_N_ELEMENTS(contexts); i++) {
			g_autofree char *keys = keymap_keys_for(keymap, contexts[i], a->name);
			bool wanted = (a->contexts & contexts[i]) != 0 && *a->keys != '\0';
			ck_assert_msg((*keys != '\0') == wanted, "%s: %s", a->name, keys);
		}
	}
	keymap_free(keymap);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("action", &tcase);

	tcase_add_test(tcase, rows_are_complete);
	tcase_add_test(tcase, names_are_unique);
	tcase_add_test(tcase, aliases_stand_for_commands);
	tcase_add_loop_test(tcase, keys_do_not_clash, 0, G_N_ELEMENTS(contexts));
	tcase_add_test(tcase, default_keys_are_bound);
	return run_suite(suite);
}
