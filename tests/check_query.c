/* check_query - what people type behind / against the SEARCH keys it becomes. */
#include <string.h>

#include "core/mailbox/query.h"
#include "tests/run.h"

#define NOW 1795400000 /* 2026-11-23 02:13:20 UTC */

static void add(GString *text, const char *open, const char *word, const char *close)
{
	g_string_append_printf(text, "%s%s%s%s", text->len ? " " : "", open, word, close);
}

static void add_atom(const char *atom, void *data)
{
	add(data, "", atom, "");
}

static void add_string(const char *utf8, void *data)
{
	add(data, "'", utf8, "'");
}

static const QuerySink sink = {add_atom, add_string};

static const struct {
	const char *text, *keys;
} queries[] = {
	{"", "ALL"},
	{"lunch", "OR SUBJECT 'lunch' FROM 'lunch'"},
	{"from:ada", "FROM 'ada'"},
	{"FROM:ada is:unread", "FROM 'ada' UNSEEN"},
	{"subject:\"two words\"", "SUBJECT 'two words'"},
	{"\"or\"", "OR SUBJECT 'or' FROM 'or'"},
	{"\"a \\\"b\"", "OR SUBJECT 'a \"b' FROM 'a \"b'"},
	{"not from:x", "NOT FROM 'x'"},
	{"not not from:x", "FROM 'x'"},
	{"from:a or from:b", "OR FROM 'a' FROM 'b'"},
	{"from:a or from:b or from:c", "OR OR FROM 'a' FROM 'b' FROM 'c'"},
	{"from:a to:b or cc:c", "OR ( FROM 'a' TO 'b' ) CC 'c'"},
	{"not (from:a to:b)", "NOT ( FROM 'a' TO 'b' )"},
	{"(from:a or from:b) is:flagged", "OR FROM 'a' FROM 'b' FLAGGED"},
	{"from:a and is:read", "FROM 'a' SEEN"},
	{"since:2026-01-31", "SINCE 31-Jan-2026"},
	{"before:today", "BEFORE 23-Nov-2026"},
	{"on:yesterday", "ON 22-Nov-2026"},
	{"since:3d", "SINCE 20-Nov-2026"},
	{"since:2w", "SINCE 9-Nov-2026"},
	{"larger:1M", "LARGER 1048576"},
	{"smaller:100k larger:5", "SMALLER 102400 LARGER 5"},
	{"keyword:$Forwarded", "KEYWORD $Forwarded"},
	{"id:<a@b>", "HEADER Message-ID '<a@b>'"},
	{"order", "OR SUBJECT 'order' FROM 'order'"},
	{"nothing", "OR SUBJECT 'nothing' FROM 'nothing'"},
	{"saved-since:3d saved-on:today", "SAVEDSINCE 20-Nov-2026 SAVEDON 23-Nov-2026"},
	{"gmail:\"in:anywhere has:drive\"", "X-GM-RAW 'in:anywhere has:drive'"},
	{"subject:Zürich", "SUBJECT 'Zürich'"},
};

START_TEST(becomes_these_keys)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Query) query = query_parse(queries[_i].text, NOW, &error);
	g_autoptr(GString) keys = g_string_new(NULL);

	ck_assert_msg(query != NULL, "%s", error ? error->message : "");
	query_emit(query, &(QueryDialect){0}, &sink, keys);
	ck_assert_str_eq(keys->str, queries[_i].keys);
	ck_assert(query_needs_charset(query) == (strstr(keys->str, "ü") != NULL));
}
END_TEST

/* Where the server cannot do as it is typed. */
static const struct {
	const char *text;
	QueryDialect dialect;
	const char *keys;
} dialects[] = {
	{"is:new", {0}, "RECENT"},
	{"younger:3h", {.within = true}, "YOUNGER 10800"},
	{"older:30min", {.within = true}, "OLDER 1800"},
	{"not older:2w", {.within = true}, "NOT OLDER 1209600"},
	{"younger:3h", {0}, "SINCE 22-Nov-2026"},
	{"older:3h", {0}, "BEFORE 23-Nov-2026"},
	{"older:1h", {0}, "BEFORE 24-Nov-2026"},
	{"not older:1h", {0}, "NOT BEFORE 23-Nov-2026"},
	{"not (younger:3h from:a)", {0}, "NOT ( SINCE 23-Nov-2026 FROM 'a' )"},
	{"is:new", {.no_recent = true, .new_from = 7}, "UID 7:4294967295"},
	{"not is:new", {.no_recent = true, .new_from = 7}, "NOT UID 7:4294967295"},
	{"is:new or from:a", {.no_recent = true}, "OR NOT ALL FROM 'a'"},
};

START_TEST(becomes_what_the_server_knows)
{
	g_autoptr(Query) query = query_parse(dialects[_i].text, NOW, NULL);
	g_autoptr(GString) keys = g_string_new(NULL);

	query_emit(query, &dialects[_i].dialect, &sink, keys);
	ck_assert_str_eq(keys->str, dialects[_i].keys);
}
END_TEST

START_TEST(what_a_server_lacks)
{
	g_autoptr(Query) plain = query_parse("from:a is:new older:3h", NOW, NULL),
			 saved = query_parse("from:a or not saved-on:today", NOW, NULL);

	ck_assert_ptr_null(query_lacks(plain, CAP_KNOWN));
	ck_assert_str_eq(query_lacks(saved, CAP_KNOWN), "SAVEDATE");
	ck_assert_ptr_null(query_lacks(saved, CAP(SAVEDATE)));
}
END_TEST

static const struct {
	const char *text, *says;
} mistakes[] = {
	{"is:blue", "is:blue is unknown"},
	{"since:soon", "is no date"},
	{"since:2026-02-30", "is no date"},
	{"larger:big", "is no size"},
	{"older:3", "is no age"},
	{"older:0h", "is no age"},
	{"older:300y", "is no age"},
	{"younger:soon", "is no age"},
	{"larger:99999999999", "is no size"},
	{"larger:9G", "larger than messages can be"},
	{"keyword:a(b", "A closing"},
	{"keyword:a*b", "cannot be the name of a keyword"},
	{"from:", "is missing"},
	{"\"open", "closing \" is missing"},
	{"(a", "closing ) is missing"},
	{"a)", ") without a ("},
	{"()", "missing before )"},
	{"a or", "is missing"},
	{"not", "is missing"},
};

START_TEST(mistakes_are_sentences)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Query) query = query_parse(mistakes[_i].text, NOW, &error);

	ck_assert_ptr_null(query);
	ck_assert_msg(strstr(error->message, mistakes[_i].says) != NULL, "%s", error->message);
}
END_TEST

START_TEST(nesting_is_bounded)
{
	g_autofree char *deep = g_strnfill(3000, '(');
	g_autoptr(GError) error = NULL;
	g_autoptr(Query) query = query_parse(deep, NOW, &error);

	ck_assert_ptr_null(query);
	ck_assert_ptr_nonnull(strstr(error->message, "Too many parentheses"));
}
END_TEST

START_TEST(length_is_bounded)
{
	g_autofree char *longest = g_strnfill(4000, 'a');
	g_autofree char *longer = g_strnfill(4001, 'a');
	g_autoptr(Query) fits = query_parse(longest, NOW, NULL);
	g_autoptr(Query) refused = query_parse(longer, NOW, NULL);

	ck_assert_ptr_nonnull(fits);
	ck_assert_ptr_null(refused);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("query", &tcase);

	g_setenv("TZ", "UTC", TRUE);
	tcase_add_loop_test(tcase, becomes_these_keys, 0, G_N_ELEMENTS(queries));
	tcase_add_loop_test(tcase, becomes_what_the_server_knows, 0, G_N_ELEMENTS(dialects));
	tcase_add_test(tcase, what_a_server_lacks);
	tcase_add_loop_test(tcase, mistakes_are_sentences, 0, G_N_ELEMENTS(mistakes));
	tcase_add_test(tcase, nesting_is_bounded);
	tcase_add_test(tcase, length_is_bounded);
	return run_suite(suite);
}
