/* check_namespace - what NAMESPACE tells, and which of them a name lies in. */
#include <string.h>

#include "core/account/namespace.h"
#include "tests/run.h"

#define DOVECOT "* NAMESPACE ((\"\" \"/\")) ((\"shared/\" \"/\")) ((\"Public/\" \"/\"))"
#define COURIER "* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\")(\"shared.\" \".\"))"
#define CYRUS   "* NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"\" \".\"))"

/* As they are written down again; NULL: cannot be read. */
static const struct {
	const char *told, *kept;
} told[] = {
	{"* NAMESPACE ((\"\" \"/\")) NIL NIL", "* NAMESPACE ((\"\" \"/\")) () ()"},
	{"* namespace nil nil nil ", "* NAMESPACE () () ()"},
	{CYRUS, CYRUS},
	{COURIER, "* NAMESPACE ((\"INBOX.\" \".\")) () ((\"#shared.\" \".\")(\"shared.\" \".\"))"},
	{"* NAMESPACE ((\"\" NIL) (\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL",
	 "* NAMESPACE ((\"\" NIL)(\"#mh/\" \"/\")) () ()"},
	{"* NAMESPACE ((\"a\\\"b\\\\\" \"\\\\\")) NIL NIL",
	 "* NAMESPACE ((\"a\\\"b\\\\\" \"\\\\\")) () ()"},
	{"* NAMESPACE", NULL},
	{"* NAMESPACE ((\"", NULL},
	{"* NAMESPACE ((\"\" \"/\")) NIL", NULL},
	{"* NAMESPACE ((\"\" \"/\")) NIL NIL NIL", NULL},
	{"* NAMESPACE (NIL) NIL NIL", NULL},
	{"* NAMESPACE ((NIL \"/\")) NIL NIL", NULL},
	{"* NAMESPACE ((\"\" \"//\")) NIL NIL", NULL},
	{"* NAMESPACE ((\"\" {0})) NIL NIL", NULL},
	{"* NAMESPACE ((\"\")) NIL NIL", NULL},
	{"* NAMESPACE 0 NIL NIL", NULL},
	{"* NAMESPACE \"\" NIL NIL", NULL},
	{"* ID NIL NIL NIL", NULL},
};

START_TEST(as_told)
{
	g_autoptr(GPtrArray) namespaces = namespaces_parse(told[_i].told);

	ck_assert_msg(!namespaces == !told[_i].kept, "%s", told[_i].told);
	g_autofree char *kept = namespaces_format(namespaces);
	ck_assert_str_eq(kept, told[_i].kept ? told[_i].kept : "");
	g_autoptr(GPtrArray) again = namespaces_parse(kept);
	g_autofree char *twice = namespaces_format(again);
	ck_assert_str_eq(twice, kept);
}
END_TEST

START_TEST(no_more_than_a_limit)
{
	g_autoptr(GString) line = g_string_new("* NAMESPACE (");

	for (unsigned i = 0; i < NAMESPACES_MAX; i++)
		g_string_append(line, "(\"x/\" \"/\")");
	g_autofree char *most = g_strconcat(line->str, ") NIL NIL", NULL);
	g_autofree char *more = g_strconcat(line->str, "(\"x/\" \"/\")) NIL NIL", NULL);
	g_autoptr(GPtrArray) enough = namespaces_parse(most);
	ck_assert_uint_eq(enough->len, NAMESPACES_MAX);
	ck_assert_ptr_null(namespaces_parse(more));
}
END_TEST

/* `complete`: what a new folder of that name is called; NULL: the same. */
static const struct {
	const char *told, *name;
	NamespaceKind kind;
	const char *complete;
} names[] = {
	{DOVECOT, "INBOX", NAMESPACE_PERSONAL, NULL},
	{DOVECOT, "Foo", NAMESPACE_PERSONAL, NULL},
	{DOVECOT, "shared/bob/x", NAMESPACE_OTHERS, NULL},
	{DOVECOT, "shared", NAMESPACE_OTHERS, NULL},
	{DOVECOT, "sharedness", NAMESPACE_PERSONAL, NULL},
	{DOVECOT, "Public/news", NAMESPACE_SHARED, NULL},
	{COURIER, "INBOX", NAMESPACE_PERSONAL, NULL},
	{COURIER, "inbox", NAMESPACE_PERSONAL, NULL},
	{COURIER, "INBOX.Foo", NAMESPACE_PERSONAL, NULL},
	{COURIER, "Foo", NAMESPACE_PERSONAL, "INBOX.Foo"},
	{COURIER, "#shared.team", NAMESPACE_SHARED, NULL},
	{COURIER, "#shared", NAMESPACE_SHARED, NULL},
	{CYRUS, "INBOX", NAMESPACE_PERSONAL, NULL},
	{CYRUS, "INBOX.Foo", NAMESPACE_PERSONAL, NULL},
	{CYRUS, "user.bob", NAMESPACE_OTHERS, NULL},
	{CYRUS, "user", NAMESPACE_OTHERS, NULL},
	{CYRUS, "Foo", NAMESPACE_SHARED, NULL},
	{"* NAMESPACE NIL NIL NIL", "Foo", NAMESPACE_PERSONAL, NULL},
	{"", "Foo", NAMESPACE_PERSONAL, NULL},
};

START_TEST(where_a_name_lies)
{
	g_autoptr(GPtrArray) namespaces = namespaces_parse(names[_i].told);
	g_autofree char *complete = namespace_complete(namespaces, names[_i].name);

	ck_assert_int_eq(namespace_kind(namespaces, names[_i].name), names[_i].kind);
	ck_assert_msg(g_strcmp0(complete, names[_i].complete) == 0, "%s", complete);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("namespace", &tcase);

	tcase_add_loop_test(tcase, as_told, 0, G_N_ELEMENTS(told));
	tcase_add_test(tcase, no_more_than_a_limit);
	tcase_add_loop_test(tcase, where_a_name_lies, 0, G_N_ELEMENTS(names));
	return run_suite(suite);
}
