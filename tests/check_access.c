#include "config.h"

#include <string.h>
#include "core/wire/access.h"
#include "core/wire/parser.h"
#include "tests/run.h"

static Framer *framer;
static Arena *arena;
static Frame frame;
static Response response;

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

/* A response of its own, which may hold literals. */
static void hear(const char *line)
{
	framer_push(framer, line, strlen(line));
	framer_push(framer, "\r\n", 2);
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	ck_assert(parser_read(arena, &frame, &response, NULL));
}

static char *quota_text(void)
{
	GString *text = g_string_new(NULL);
	QuotaData quota;

	if (!access_read_quota(&response, arena, &quota))
		return g_string_free(text, TRUE);
	g_string_append_printf(text, "'%s'", quota.root);
	for (size_t i = 0; i < quota.n; i++)
		g_string_append_printf(text, " %s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
				       quota.resources[i].name, quota.resources[i].used,
				       quota.resources[i].limit);
	return g_string_free(text, FALSE);
}

static const struct {
	const char *line, *told; /* NULL: it is ignored */
} quotas[] = {
	{"* QUOTA \"User quota\" (STORAGE 0 200)", "'User quota' STORAGE 0/200"},
	{"* quota {3}\r\na\"b (storage 1 2 MESSAGE 3 4 MAILBOX 5 6 ANNOTATION-STORAGE 7 8)",
	 "'a\"b' storage 1/2 MESSAGE 3/4 MAILBOX 5/6 ANNOTATION-STORAGE 7/8"},
	{"* QUOTA INBOX ()", "'INBOX'"},
	{"* QUOTA \"ROOT\"", "'ROOT'"},
	{"* QUOTA \"\" (STORAGE 10 512)", "'' STORAGE 10/512"},
	{"* QUOTA a (STORAGE 9223372036854775807 1)", "'a' STORAGE 9223372036854775807/1"},
	{"* QUOTA a (STORAGE 9223372036854775808 1)", NULL},
	{"* QUOTA a (STORAGE -1 1)", NULL},
	{"* QUOTA a (STORAGE 1)", NULL},
	{"* QUOTA a (STORAGE NIL NIL)", NULL},
	{"* QUOTA a (STORAGE () 1)", NULL},
	{"* QUOTA a (STORAGE \"1\" 1)", NULL},
	{"* QUOTA a (STORAGE {0}\r\n 1)", NULL},
	{"* QUOTA a ((STORAGE 1 2))", NULL},
	{"* QUOTA a (STORAGE 1 2", NULL},
	{"* QUOTA a STORAGE 1 2", NULL},
	{"* QUOTA () (STORAGE 1 2)", NULL},
	{"* QUOTA", NULL},
	{"* QUOTA ", NULL},
	{"* QUOTAROOT INBOX a", NULL},
	{"* OK QUOTA", NULL},
	{"* 1 QUOTA a ()", NULL},
};

START_TEST(quota)
{
	hear(quotas[_i].line);
	g_autofree char *told = quota_text();

	ck_assert_pstr_eq(told, quotas[_i].told);
}
END_TEST

static const struct {
	const char *line, *mailbox, *rights;
} rights[] = {
	{"* MYRIGHTS INBOX lrswipkxte", "INBOX", "lrswipkxte"},
	{"* MYRIGHTS inbox \"lr\"", "INBOX", "lr"},
	{"* MYRIGHTS {3}\r\na b {0}\r\n", "a b", ""},
	{"* MYRIGHTS x ()", NULL, NULL},
	{"* MYRIGHTS () lr", NULL, NULL},
	{"* MYRIGHTS x", NULL, NULL},
	{"* MYRIGHTS", NULL, NULL},
	{"* ACL x alice lr", NULL, NULL},
};

START_TEST(my_rights)
{
	RightsData told;

	hear(rights[_i].line);
	ck_assert_int_eq(access_read_rights(&response, arena, &told), rights[_i].mailbox != NULL);
	if (rights[_i].mailbox) {
		ck_assert_str_eq(told.mailbox, rights[_i].mailbox);
		ck_assert_str_eq(told.rights, rights[_i].rights);
	}
}
END_TEST

/* "mailbox name=value …", NULL where both readers ignore it. */
static char *values_text(void)
{
	GString *text = g_string_new(NULL);
	NamedValues values;

	if (!access_read_metadata(&response, arena, &values) &&
	    !access_read_id(&response, arena, &values))
		return g_string_free(text, TRUE);
	g_string_append(text, values.mailbox ? values.mailbox : "-");
	for (size_t i = 0; i < values.n; i++)
		g_string_append_printf(text, " %s=%s", values.items[i].name,
				       values.items[i].value ? values.items[i].value : "NIL");
	return g_string_free(text, FALSE);
}

static const struct {
	const char *line, *told;
} values[] = {
	{"* METADATA inbox (/shared/comment {4}\r\na\r\nb /private/comment NIL)",
	 "INBOX /shared/comment=a\r\nb /private/comment=NIL"},
	{"* METADATA \"\" (/shared/comment \"x\")", " /shared/comment=x"},
	{"* METADATA x ()", "x"},
	{"* METADATA x /shared/comment", NULL},
	{"* METADATA x (/shared/comment)", NULL},
	{"* METADATA x (/shared/comment ())", NULL},
	{"* METADATA x (NIL NIL)", "x NIL=NIL"},
	{"* METADATA x (() x)", NULL},
	{"* METADATA x", NULL},
	{"* METADATA () (a b)", NULL},
	{"* ID (\"name\" \"Dovecot\" \"version\" NIL)", "- name=Dovecot version=NIL"},
	{"* ID NIL", "-"},
	{"* ID ()", "-"},
	{"* ID (\"name\")", NULL},
	{"* ID (name (a))", NULL},
	{"* ID name", NULL},
	{"* ID", NULL},
};

START_TEST(named_values)
{
	hear(values[_i].line);
	g_autofree char *told = values_text();

	ck_assert_pstr_eq(told, values[_i].told);
}
END_TEST

START_TEST(value_of_a_name)
{
	NamedValues id;

	hear("* ID (\"Name\" \"Cyrus\" \"os\" NIL)");
	ck_assert(access_read_id(&response, arena, &id));
	ck_assert_str_eq(access_value(&id, "name"), "Cyrus");
	ck_assert_ptr_null(access_value(&id, "os"));
	ck_assert_ptr_null(access_value(&id, "version"));
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("access", &test);

	tcase_add_checked_fixture(test, setup, teardown);
	tcase_add_loop_test(test, quota, 0, G_N_ELEMENTS(quotas));
	tcase_add_loop_test(test, my_rights, 0, G_N_ELEMENTS(rights));
	tcase_add_loop_test(test, named_values, 0, G_N_ELEMENTS(values));
	tcase_add_test(test, value_of_a_name);
	return run_suite(suite);
}
