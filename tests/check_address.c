#include "mime/address.h"

#include "tests/cpu_time.h"
#include "tests/run.h"

#include <string.h>

/* Entries as address_format() has them, joined by " | ". */
static const struct {
	const char *raw, *expected;
} cases[] = {
	{"ada@example.org", "ada@example.org"},
	{"Ada Byron <ada@example.org>", "Ada Byron <ada@example.org>"},
	{"\"Byron, Ada\" <ada@example.org>, zoe@x.org", "Byron, Ada <ada@example.org> | zoe@x.org"},
	{"ada@example.org (Ada Byron)", "Ada Byron <ada@example.org>"},
	{"=?utf-8?q?Zo=C3=AB?= =?utf-8?q?_M?= <z@x.org>", "Zoë M <z@x.org>"},
	{"=?utf-8?Q?M,_Zo=C3=AB_<x>?= <z@x.org>", "M, Zoë <x> <z@x.org>"},
	{"\"quo\\\"ted\" <a@b>", "quo\"ted <a@b>"},
	{"John Q. Public <j@x.org>", "John Q. Public <j@x.org>"},
	{"\"john doe\"@example.org", "\"john doe\"@example.org"},
	{"<@a,@b:j@x.org>", "j@x.org"},
	{"Pete(A nice \\) chap) <pete(his account)@silly.test>",
	 "Pete <pete(hisaccount)@silly.test>"},
	{"Friends: ada@x.org, Zoe <z@x.org>;, b@x.org",
	 "Friends | ada@x.org | Zoe <z@x.org> | b@x.org"},
	{"undisclosed-recipients:;", "undisclosed-recipients"},
	{"root", "root"},
	{"no address here", "no address here"},
	{"ada @ example.org", "ada@example.org"},
	{"Ada ada@example.org", "Ada <ada@example.org>"},
	{"<a@x.org> <b@x.org>", "a@x.org | b@x.org"},
	{"Ada <ada@example.org", "Ada <ada@example.org>"},
	{"Ada <a@x.org, b@x.org", "Ada <a@x.org> | b@x.org"},
	{"\"Ada <a@x.org>", "\"Ada <a@x.org>"},
	{"a@[IPv6:::1]", "a@[IPv6:::1]"},
	{",,;;:,<>,", ""},
	{"Nobody <>", "Nobody <>"},
	{"a@x.org\r\n ,\r\n b@x.org", "a@x.org | b@x.org"},
	{"caf\xE9 <a@x.org>", "café <a@x.org>"},
	/* the address is never decoded, the name never becomes an address */
	{"=?utf-8?q?boss=40corp.test=3E?= <evil@x.org>", "boss@corp.test> <evil@x.org>"},
	{"=?utf-8?b?cG90dXM=?==?utf-8?Q?=00?=@evil.test",
	 "=?utf-8?b?cG90dXM=?==?utf-8?Q?=00?=@evil.test"},
	{"x <a\u202Emoc.b@x.org>", "x <a<U+202E>moc.b@x.org>"},
	{"a\x1B[31m <a\x1B[31m@x.org>", "a␛[31m <a␛[31m@x.org>"},
};

START_TEST(parses)
{
	g_autoptr(GPtrArray) list = address_parse(cases[_i].raw, strlen(cases[_i].raw));
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		g_autofree char *text = address_format(list->pdata[i]);
		g_string_append_printf(all, "%s%s", i > 0 ? " | " : "", text);
	}
	ck_assert_str_eq(all->str, cases[_i].expected);
}
END_TEST

START_TEST(groups_have_no_address)
{
	g_autoptr(GPtrArray) list = address_parse("G: a@x.org;", 11);
	const Address *group = list->pdata[0], *member = list->pdata[1];

	ck_assert_uint_eq(list->len, 2);
	ck_assert_ptr_null(group->address);
	ck_assert_ptr_null(member->name);
}
END_TEST

START_TEST(floods)
{
	static const char *const pieces[] = {";",    "(",   "<",       ":",   ",",   "\"",
					     "a,",   "@",   "=?",      "\\",  "(\\", "<\"",
					     "a@x:", "\"@", "=?u?q?@", " (x)"};

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		while (flood->len < 1 << 20)
			g_string_append(flood, pieces[i]);
		double start = cpu_seconds();
		g_ptr_array_unref(address_parse(flood->str, flood->len));
		ck_assert_msg(cpu_seconds() - start < SLOW, "slow: %s", pieces[i]);
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("address", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, parses, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tcase, groups_have_no_address);
	tcase_add_test(tcase, floods);
	return run_suite(suite);
}
