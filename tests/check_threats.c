/* Every entry of the catalogue of threats has a test of its number: a conversation in
 * tests/threats/Tnnn.txt, a function in tests/threats/, or both.  What a file may hold beside the
 * marks of player.h and stage.h:
 *
 *   over: stream bytes starttls tls     how it is delivered (stage.h); these four if not said
 *   case: name              lines up to the next case; those in front of the first begin each
 *   with: value             the case is played once for every value, which stands where it says
 *                           $VALUE
 *
 * CK_RUN_SUITE=T041 plays all of that number, CK_RUN_CASE='T041 over tls' one delivery. */
#include "config.h"

#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "tests/conversations.h"
#include "tests/journal_client.h"
#include "tests/run.h"
#include "tests/stage.h"
#include "tests/threats/threats.h"

#ifndef THREATS_DIR
#define THREATS_DIR "tests/threats"
#endif

static const char *const over_names[] = {"stream", "bytes", "starttls", "tls"};

typedef struct {
	char *path;
	StageOver over;
} Conversation;

static GArray *conversations; /* Conversation */
/* Kept to the end: libcheck copies no names, and what a test's process holds is looked at there. */
static GPtrArray *files, *names;
static SRunner *runner;
static GHashTable *suites; /* Suite*, by number */

static char **read_lines(const char *path)
{
	g_autofree char *script = NULL;

	if (!g_file_get_contents(path, &script, NULL, NULL))
		g_error("%s cannot be read", path);
	return g_strsplit(script, "\n", -1);
}

static bool goes_over(char *const *lines, StageOver over)
{
	for (; *lines; lines++)
		if (g_str_has_prefix(*lines, "over: ")) {
			g_auto(GStrv) words = g_strsplit(*lines, " ", -1);
			return g_strv_contains((const char *const *)words, over_names[over]);
		}
	return true;
}

/* The lines from `from` to the next case, with what is not for the player left empty, so that line
 * numbers hold. */
static char **cut_case(char *const *lines, size_t head, size_t from, size_t to, const char *value)
{
	GPtrArray *cut = g_ptr_array_new();

	for (size_t i = 0; i < to; i++) {
		bool ours = i < head || i >= from;
		bool plain = g_str_has_prefix(lines[i], "over:") ||
			     g_str_has_prefix(lines[i], "case:") ||
			     g_str_has_prefix(lines[i], "with:");
		g_autoptr(GString) line = g_string_new(ours && !plain ? lines[i] : "");

		if (value)
			g_string_replace(line, "$VALUE", value, 0);
		g_ptr_array_add(cut, g_strdup(line->str));
	}
	g_ptr_array_add(cut, NULL);
	return (char **)g_ptr_array_free(cut, FALSE);
}

static char *play_case(const char *path, char *const *lines, size_t head, size_t from, size_t to,
		       StageOver over)
{
	bool valued = false;
	char *wrong = NULL;

	for (size_t i = from; i <= to && !wrong; i++) {
		const char *value =
			i < to && g_str_has_prefix(lines[i], "with: ") ? lines[i] + 6 : NULL;
		g_auto(GStrv) cut = NULL;

		if (!value && (i < to || valued))
			continue;
		valued = true;
		cut = cut_case(lines, head, from, to, value);
		wrong = stage_play_lines(path, (const char *const *)cut, over);
		if (wrong && value) {
			char *longer = g_strdup_printf("with %s: %s", value, wrong);
			g_free(wrong);
			wrong = longer;
		}
	}
	return wrong;
}

static size_t next_case(char *const *lines, size_t from)
{
	while (lines[from] && !g_str_has_prefix(lines[from], "case:"))
		from++;
	return from;
}

START_TEST(test_conversation)
{
	const Conversation *it = &g_array_index(conversations, Conversation, _i);
	g_auto(GStrv) lines = read_lines(it->path);
	size_t head = next_case(lines, 0), from = head;

	do {
		size_t to = lines[from] ? next_case(lines, from + 1) : from;
		bool single = !lines[head];
		g_autofree char *wrong = play_case(it->path, lines, single ? 0 : head,
						   single ? 0 : from, to, it->over);
		ck_assert_msg(!wrong, "%s (over %s)", wrong ? wrong : "", over_names[it->over]);
		from = to;
	} while (lines[from]);
}
END_TEST

/* All of one number is a suite, so that it can be run by that. */
static void add_case(const char *name, TCase *test)
{
	char *number = g_strndup(name, strcspn(name, "-. "));
	Suite *suite = g_hash_table_lookup(suites, number);

	g_ptr_array_add(names, number);
	tcase_set_timeout(test, 12 * SANITIZER_FACTOR);
	if (!suite) {
		suite = suite_create(number);
		g_hash_table_insert(suites, number, suite);
		srunner_add_suite(runner, suite);
	}
	suite_add_tcase(suite, test);
}

static void add_conversations(const char *path)
{
	g_auto(GStrv) lines = read_lines(path);
	g_autofree char *name = g_path_get_basename(path);

	for (StageOver over = STAGE_STREAM; over <= STAGE_TLS; over++) {
		int at = (int)conversations->len;
		TCase *test;

		if (!goes_over(lines, over))
			continue;
		Conversation it = {g_strdup(path), over};
		g_array_append_val(conversations, it);
		char *title = g_strdup_printf("%.*s over %s", (int)strcspn(name, "."), name,
					      over_names[over]);
		g_ptr_array_add(names, title);
		test = tcase_create(title);
		tcase_add_loop_test(test, test_conversation, at, at + 1);
		add_case(name, test);
	}
}

static void add_functions(const Threat *threat)
{
	for (; threat->number; threat++) {
		TCase *test = tcase_create(threat->number);

		tcase_add_loop_test(test, *threat->test, 0, MAX(1, (int)threat->times));
		add_case(threat->number, test);
	}
}

/* Those of group L concern changes: tests/threats/journal/Tnnn.txt, see journal_client.h. */
static GPtrArray *journal_files;

START_TEST(test_change)
{
	g_autofree char *wrong = journal_client_play(journal_files->pdata[_i / 2], _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

static void add_changes(void)
{
	for (int i = 0; i < (int)journal_files->len; i++) {
		g_autofree char *name = g_path_get_basename(journal_files->pdata[i]);
		char *title = g_strdup_printf("%.*s changes", (int)strcspn(name, ".-"), name);
		TCase *test = tcase_create(title);

		g_ptr_array_add(names, title);
		tcase_add_loop_test(test, test_change, i * 2, i * 2 + 2);
		add_case(title, test);
		tcase_set_timeout(test, 30);
	}
}

static const Threat *const functions[] = {threats_wire,    threats_secrets, threats_limits,
					  threats_account, threats_changes, threats_line,
					  threats_race,    threats_killed,  NULL};

int main(void)
{
	runner = srunner_create(NULL);
	suites = g_hash_table_new(g_str_hash, g_str_equal);
	files = conversations_find(THREATS_DIR);
	journal_files = conversations_find(THREATS_DIR "/journal");
	names = g_ptr_array_new();
	conversations = g_array_new(FALSE, FALSE, sizeof(Conversation));
	for (guint i = 0; i < files->len; i++)
		add_conversations(files->pdata[i]);
	add_changes();
	for (size_t i = 0; i < G_N_ELEMENTS(functions) && functions[i]; i++)
		add_functions(functions[i]);
	g_hash_table_unref(suites);
	return run_suites(runner);
}
