#include "config.h"

#include <string.h>
#include "core/base/error.h"
#include "core/wire/lex.h"
#include "tests/run.h"

static Framer *framer;
static Arena *arena;
static Frame frame;
static Lex lex;

static void setup(void)
{
	framer = framer_new(NULL);
	arena = arena_new();
}

static void teardown(void)
{
	framer_free(framer);
	arena_free(arena);
}

/* The cursor in front of `text`, which may hold literals. */
static void read_from(const char *text)
{
	framer_push(framer, "* X ", 4);
	framer_push(framer, text, strlen(text));
	framer_push(framer, "\r\n", 2);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	lex_init(&lex, &frame, arena);
	lex.at += 4;
}

static void expect_rest(const char *rest)
{
	ck_assert(!lex_failed(&lex, NULL));
	ck_assert_str_eq(lex_rest(&lex), rest);
	ck_assert(lex_at_end(&lex));
}

/* Strings by each of the three readers: NULL where it fails, "NIL" where it gives NULL. */
static const struct {
	const char *text, *string, *astring, *nstring, *rest;
} strings[] = {
	{"\"abc\" x", "abc", "abc", "abc", " x"},
	{"\"\"", "", "", "", ""},
	{"\"a \\\"b\\\\ c\")", "a \"b\\ c", "a \"b\\ c", "a \"b\\ c", ")"},
	{"\"caf\xe9\" x", "caf\xe9", "caf\xe9", "caf\xe9", " x"},
	{"\"<\"a b\"@c>\" x", "<\"a b\"@c>", "<\"a b\"@c>", "<\"a b\"@c>", " x"},
	{"{3}\r\na\"b x", "a\"b", "a\"b", "a\"b", " x"},
	{"{0}\r\n)", "", "", "", ")"},
	{"~{2}\r\nab", "ab", "ab", "ab", ""},
	{"{2+}\r\nab", "ab", "ab", "ab", ""},
	{"abc x", NULL, "abc", "abc", " x"},
	{"a]b)", NULL, "a]b", "a]b", ")"},
	{"]", NULL, "]", "]", ""},
	{"a\\b%*[c", NULL, "a\\b%*[c", "a\\b%*[c", ""},
	{"nil x", NULL, "nil", "NIL", " x"},
	{"NIL)", NULL, "NIL", "NIL", ")"},
	{"NILS", NULL, "NILS", "NILS", ""},
	{"NI", NULL, "NI", "NI", ""},
	{"0", NULL, "0", "0", ""},
	{"", NULL, NULL, NULL, NULL},
	{"(a)", NULL, NULL, NULL, NULL},
	{"\"abc", NULL, NULL, NULL, NULL},
	{"\"abc\\", NULL, NULL, NULL, NULL},
	{"\"abc\\\"", NULL, NULL, NULL, NULL},
	{"\"a\"b", NULL, NULL, NULL, NULL},
	{"{3} x", NULL, NULL, NULL, NULL},
	{"{x", NULL, NULL, NULL, NULL},
	{"~", NULL, "~", "~", ""},
};

typedef bool (*ReadString)(Lex *at, const char **out, size_t *len);

static void check_string(ReadString read, const char *text, const char *want, const char *rest)
{
	const char *got = "untouched";
	size_t len = 99;

	read_from(text);
	ck_assert_msg(read(&lex, &got, &len) == (want != NULL), "%s", text);
	ck_assert_int_eq(lex_failed(&lex, NULL), want == NULL);
	if (want == NULL)
		return;
	if (strcmp(want, "NIL") == 0 && read == lex_nstring) {
		ck_assert_ptr_null(got);
	} else {
		ck_assert_str_eq(got, want);
		ck_assert_uint_eq(len, strlen(want));
	}
	expect_rest(rest);
}

START_TEST(test_strings)
{
	check_string(lex_string, strings[_i].text, strings[_i].string, strings[_i].rest);
	check_string(lex_astring, strings[_i].text, strings[_i].astring, strings[_i].rest);
	check_string(lex_nstring, strings[_i].text, strings[_i].nstring, strings[_i].rest);
}
END_TEST

START_TEST(test_literal_with_nul)
{
	const char *got;
	size_t len;

	framer_push(framer, "* X {3}\r\na\0b\r\n", 14);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	lex_init(&lex, &frame, arena);
	lex.at += 4;
	ck_assert(lex_string(&lex, &got, &len));
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(got, "a\0b", 4);
}
END_TEST

static const struct {
	const char *text;
	bool fits32, fits64, nonzero;
	uint64_t value;
} numbers[] = {
	{"0 ", true, true, false, 0},
	{"1", true, true, true, 1},
	{"007)", true, true, true, 7},
	{"4294967295", true, true, true, 4294967295},
	{"4294967296", false, true, false, 4294967296},
	{"9223372036854775807", false, true, false, 9223372036854775807},
	{"9223372036854775808", false, false, false, 0},
	{"18446744073709551617", false, false, false, 0},
	{"99999999999999999999999999999999999999999", false, false, false, 0},
	{"00000000000000000000000000000000000000005", true, true, true, 5},
	{"-1", false, false, false, 0},
	{"+1", false, false, false, 0},
	{"", false, false, false, 0},
	{"x", false, false, false, 0},
	{"\"1\"", false, false, false, 0},
};

/* T051. */
START_TEST(test_numbers)
{
	uint32_t small = 0;
	uint64_t large = 0;

	read_from(numbers[_i].text);
	ck_assert_int_eq(lex_number(&lex, &small), numbers[_i].fits32);
	if (numbers[_i].fits32)
		ck_assert_uint_eq(small, numbers[_i].value);
	read_from(numbers[_i].text);
	ck_assert_int_eq(lex_number64(&lex, &large), numbers[_i].fits64);
	if (numbers[_i].fits64)
		ck_assert_uint_eq(large, numbers[_i].value);
	read_from(numbers[_i].text);
	ck_assert_int_eq(lex_nz_number(&lex, &small), numbers[_i].nonzero);
}
END_TEST

START_TEST(test_words)
{
	const char *atom, *slice;
	size_t len;

	read_from("Fetch (a b) UIDNEXT]");
	ck_assert(!lex_word(&lex, "FETC"));
	ck_assert(!lex_word(&lex, "FETCHES"));
	ck_assert(lex_word(&lex, "FETCH"));
	ck_assert(lex_space(&lex));
	ck_assert(lex_take(&lex, '('));
	ck_assert(lex_more(&lex) && lex_atom(&lex, &atom));
	ck_assert_str_eq(atom, "a");
	ck_assert(lex_more(&lex) && lex_slice(&lex, &slice, &len));
	ck_assert_mem_eq(slice, "b", len);
	ck_assert(!lex_more(&lex));
	ck_assert(lex_expect(&lex, ')'));
	ck_assert(lex_space(&lex) && lex_atom(&lex, &atom));
	ck_assert_str_eq(atom, "UIDNEXT");
	expect_rest("]");
}
END_TEST

static const struct {
	const char *text;
	char close;
	const char *joined; /* NULL: malformed */
	const char *rest;
} lists[] = {
	{"a b  c", '\0', "a|b|c", ""},
	{" a", '\0', "a", ""},
	{"a ", '\0', "a", ""},
	{"", '\0', "", ""},
	{"a b] x", ']', "a|b", "] x"},
	{"\\Seen $x]y \\*) x", ')', "\\Seen|$x]y|\\*", ") x"},
	{"\"a b\" c)", ')', "a b|c", ")"},
	{"a (b)", '\0', NULL, NULL},
};

START_TEST(test_word_lists)
{
	const char *const *words = NULL;

	read_from(lists[_i].text);
	ck_assert_int_eq(lex_words(&lex, lists[_i].close, &words), lists[_i].joined != NULL);
	if (lists[_i].joined == NULL)
		return;
	g_autofree char *joined = g_strjoinv("|", (char **)words);
	ck_assert_str_eq(joined, lists[_i].joined);
	expect_rest(lists[_i].rest);
}
END_TEST

static const struct {
	const char *text;
	const char *rest; /* NULL: malformed */
} values[] = {
	{"a b", " b"},
	{"NIL)", ")"},
	{"\"a b\" c", " c"},
	{"\"a \\\" b\" c", " c"},
	{"{3}\r\n((( b", " b"},
	{"() b", " b"},
	{"(a (b \"c)\" {1}\r\n)) d) e", " e"},
	{"( a ) b", " b"},
	{"a]b c", " c"},
	{"(a", NULL},
	{"((a)", NULL},
	{"\"a", NULL},
	{"(\"a)", NULL},
	{")", NULL},
	{"", NULL},
};

START_TEST(test_skip_value)
{
	read_from(values[_i].text);
	ck_assert_int_eq(lex_skip_value(&lex), values[_i].rest != NULL);
	if (values[_i].rest != NULL)
		expect_rest(values[_i].rest);
}
END_TEST

/* T045: counted, not recursed into. */
START_TEST(test_skip_deep_value)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (unsigned i = 0; i < 400000; i++)
		g_string_append_c(text, '(');
	read_from(text->str);
	ck_assert(!lex_skip_value(&lex));
	for (unsigned i = 0; i < 400000; i++)
		g_string_append_c(text, ')');
	g_string_append(text, " x");
	read_from(text->str);
	ck_assert(lex_skip_value(&lex));
	expect_rest(" x");
}
END_TEST

START_TEST(test_close)
{
	read_from("a \"b\" (c)  ) x");
	ck_assert(lex_close(&lex));
	expect_rest(" x");
	read_from("a b");
	ck_assert(!lex_close(&lex));
}
END_TEST

START_TEST(test_bytes)
{
	GBytes *bytes;
	uint64_t chunked;

	read_from("{3}\r\nabc \"d\\\"e\" nil x");
	ck_assert(lex_nbytes(&lex, &bytes, &chunked));
	ck_assert_ptr_eq(bytes, frame.literals[0].data);
	ck_assert(lex_space(&lex) && lex_nbytes(&lex, &bytes, &chunked));
	ck_assert_uint_eq(g_bytes_get_size(bytes), 3);
	ck_assert_mem_eq(g_bytes_get_data(bytes, NULL), "d\"e", 3);
	ck_assert(lex_space(&lex) && lex_nbytes(&lex, &bytes, &chunked));
	ck_assert_ptr_null(bytes);
	ck_assert(lex_space(&lex) && !lex_nbytes(&lex, &bytes, &chunked));
}
END_TEST

START_TEST(test_errors_stick)
{
	g_autoptr(GError) error = NULL;
	const char *atom;
	uint32_t number;

	read_from("12 (");
	ck_assert(!lex_failed(&lex, &error));
	ck_assert_ptr_null(error);
	ck_assert(lex_number(&lex, &number));
	ck_assert(!lex_atom(&lex, &atom));
	ck_assert(!lex_number(&lex, &number));
	ck_assert(!lex_skip_value(&lex));
	ck_assert(!lex_more(&lex));
	ck_assert(lex_failed(&lex, &error));
	ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_BAD));
	ck_assert_str_eq(error->message,
			 "The server sent a malformed response: expected a word at byte 6.");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("lex", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_strings, 0, G_N_ELEMENTS(strings));
	tcase_add_test(tcase, test_literal_with_nul);
	tcase_add_loop_test(tcase, test_numbers, 0, G_N_ELEMENTS(numbers));
	tcase_add_test(tcase, test_words);
	tcase_add_loop_test(tcase, test_word_lists, 0, G_N_ELEMENTS(lists));
	tcase_add_loop_test(tcase, test_skip_value, 0, G_N_ELEMENTS(values));
	tcase_add_test(tcase, test_skip_deep_value);
	tcase_add_test(tcase, test_close);
	tcase_add_test(tcase, test_bytes);
	tcase_add_test(tcase, test_errors_stick);
	return run_suite(suite);
}
