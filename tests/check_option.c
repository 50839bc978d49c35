#include "config.h"

#include <string.h>
#include "core/base/error.h"
#include "core/base/option.h"
#include "tests/run.h"

static AccountOptions options;

static void setup(void)
{
	memset(&options, 0, sizeof(options));
	option_init(&options, account_option_table);
}

static void teardown(void)
{
	option_clear(&options, account_option_table);
}

START_TEST(test_defaults)
{
	ck_assert_str_eq(options.url, "");
	ck_assert_int_eq(options.tls, TLS_MODE_VERIFY);
	ck_assert(options.idle);
	ck_assert_int_eq(options.poll_interval, 60);
	ck_assert_int_eq(options.connections, 2);
}
END_TEST

typedef struct {
	const char *name, *value;
	const char *got;   /* what option_get() says then; NULL: refused */
	const char *error; /* how the message begins */
} Set;

static const Set sets[] = {
	{"url", "imaps://me@example.org", "imaps://me@example.org", NULL},
	{"url", "", "", NULL},
	{"idle", "no", "no", NULL},
	{"idle", "OFF", "no", NULL},
	{"idle", "0", "no", NULL},
	{"idle", "true", "yes", NULL},
	{"idle", "maybe", NULL, "The option idle takes yes or no."},
	{"idle", "", NULL, "The option idle takes yes or no."},
	{"connections", "1", "1", NULL},
	{"connections", "2", "2", NULL},
	{"connections", "0", NULL, "The option connections takes a number from 1 to 2."},
	{"connections", "3", NULL, "The option connections takes a number from 1 to 2."},
	{"connections", "-1", NULL, NULL},
	{"connections", "2x", NULL, NULL},
	{"connections", " 2", NULL, NULL},
	{"connections", "", NULL, NULL},
	{"connections", "99999999999999999999", NULL, NULL},
	{"poll-interval", "90", "90", NULL},
	{"poll-interval", "90s", "90", NULL},
	{"poll-interval", "2m", "120", NULL},
	{"poll-interval", "1h", "3600", NULL},
	{"poll-interval", "24h", "86400", NULL},
	{"poll-interval", "25h", NULL,
	 "The option poll-interval takes a time from 5 to 86400 seconds, written 90, 90s, 2m or "
	 "1h."},
	{"poll-interval", "4", NULL, NULL},
	{"poll-interval", "-1m", NULL, NULL},
	{"poll-interval", "9223372036854775807h", NULL, NULL},
	{"poll-interval", "1d", NULL, NULL},
	{"poll-interval", "1mm", NULL, NULL},
	{"tls", "none", "none", NULL},
	{"tls", "VERIFY", "verify", NULL},
	{"tls", "off", NULL, "The option tls takes one of: verify, none."},
	{"poll-intervall", "5", NULL,
	 "There is no option poll-intervall; did you mean poll-interval?"},
	{"zzz", "5", NULL, "There is no option zzz."},
};

START_TEST(test_set)
{
	const Set *set = &sets[_i];
	const OptionSpec *spec = option_find(account_option_table, set->name);
	g_autoptr(GError) error = NULL;
	g_autofree char *before = spec != NULL ? option_get(&options, spec) : NULL;
	bool fits = option_set(&options, account_option_table, set->name, set->value, &error);
	g_autofree char *got = spec != NULL ? option_get(&options, spec) : NULL;

	ck_assert_int_eq(fits, set->got != NULL);
	if (fits) {
		ck_assert_str_eq(got, set->got);
		ck_assert_ptr_null(error);
	} else {
		ck_assert_pstr_eq(got, before);
		ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE));
		if (set->error != NULL)
			ck_assert_str_eq(error->message, set->error);
	}
}
END_TEST

/* What option_get() says, option_set() takes. */
START_TEST(test_round_trip)
{
	for (const OptionSpec *spec = account_option_table; spec->name != NULL; spec++) {
		g_autofree char *text = option_get(&options, spec);
		ck_assert(option_set(&options, account_option_table, spec->name, text, NULL));
		g_autofree char *again = option_get(&options, spec);
		ck_assert_str_eq(text, again);
		ck_assert_str_ne(spec->help, "");
	}
}
END_TEST

START_TEST(test_nearest)
{
	static const char *const words[] = {"delete", "undelete", "reply", "go", NULL};
	static const struct {
		const char *name, *nearest;
	} rows[] = {
		{"delete", "delete"}, {"delte", "delete"}, {"DELETE", "delete"},
		{"dleete", "delete"}, {"repyl", "reply"},  {"undelet", "undelete"},
		{"xy", NULL},         {"archive", NULL},   {"", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		ck_assert_pstr_eq(option_nearest(words, rows[i].name), rows[i].nearest);
	g_autofree char *huge = g_strnfill(100000, 'd');
	ck_assert_ptr_null(option_nearest(words, huge));
}
END_TEST

START_TEST(test_error_classes)
{
	static const struct {
		CoreError code;
		const char *class;
		bool abort;
	} rows[] = {
		{CORE_ERROR_NO, "error", false},         {CORE_ERROR_BAD, "error", false},
		{CORE_ERROR_STATE, "error", false},      {CORE_ERROR_AUTH, "error", false},
		{CORE_ERROR_ABORT, "abort", true},       {CORE_ERROR_TLS, "abort", true},
		{CORE_ERROR_READONLY, "readonly", true}, {CORE_ERROR_CANCELLED, NULL, false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, rows[i].code, "x");
		ck_assert_pstr_eq(error_class(error), rows[i].class);
		ck_assert_int_eq(error_is_abort(error), rows[i].abort);
		ck_assert_int_eq(error_is_cancelled(error), rows[i].code == CORE_ERROR_CANCELLED);
	}
	ck_assert(!error_is_abort(NULL));
	ck_assert(!error_is_cancelled(NULL));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("option", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_defaults);
	tcase_add_loop_test(tcase, test_set, 0, G_N_ELEMENTS(sets));
	tcase_add_test(tcase, test_round_trip);
	tcase_add_test(tcase, test_nearest);
	tcase_add_test(tcase, test_error_classes);
	return run_suite(suite);
}
