#include "config.h"

#include <glib.h>
#include <string.h>
#include "core/wire/capability.h"
#include "core/wire/command.h"
#include "tests/run.h"

/* The commands of IMAP4rev1 and what issue 2 adds; each must be found. */
static const char *const verbs[] = {
	"CAPABILITY", "NOOP",        "LOGOUT",   "STARTTLS",   "LOGIN",       "AUTHENTICATE",
	"ENABLE",     "SELECT",      "EXAMINE",  "CREATE",     "DELETE",      "RENAME",
	"SUBSCRIBE",  "UNSUBSCRIBE", "LIST",     "LSUB",       "STATUS",      "APPEND",
	"IDLE",       "CHECK",       "CLOSE",    "UNSELECT",   "EXPUNGE",     "SEARCH",
	"FETCH",      "STORE",       "COPY",     "UID SEARCH", "UID SORT",    "UID THREAD",
	"UID FETCH",  "UID STORE",   "UID COPY", "UID MOVE",   "UID EXPUNGE",
};

START_TEST(test_table_is_complete)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		const CommandSpec *spec = command_find(verbs[i]);
		ck_assert_msg(spec != NULL, "%s", verbs[i]);
		ck_assert_str_eq(spec->verb, verbs[i]);
	}
}
END_TEST

START_TEST(test_rows_are_sound)
{
	const unsigned states = IN_NONAUTH | IN_AUTH | IN_SELECTED;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const CommandSpec *spec = &command_table[i];
		ck_assert_uint_eq(spec->id, i);
		ck_assert_uint_ne(spec->states & states, 0);
		ck_assert_uint_eq(spec->states & ~states, 0);
		ck_assert_uint_eq(spec->wants >> RESPONSE_KIND_COUNT, 0);
		/* An answer that names its owner is in no `wants`. */
		ck_assert_uint_eq(spec->wants & (WANTS(FETCH) | WANTS(STATUS) | WANTS(ESEARCH) |
						 WANTS(TAGGED) | WANTS(CONTINUE)),
				  0);
		if (*spec->verb != '\0')
			ck_assert_ptr_eq(command_find(spec->verb), spec);
	}
}
END_TEST

START_TEST(test_find)
{
	ck_assert_ptr_eq(command_find("uid fetch"), &command_table[COMMAND_ID_UID_FETCH]);
	ck_assert_ptr_eq(command_find("Noop"), &command_table[COMMAND_ID_NOOP]);
	ck_assert_ptr_null(command_find(""));
	ck_assert_ptr_null(command_find("UID  FETCH"));
	ck_assert_ptr_null(command_find("NOOPS"));
}
END_TEST

/* imaplib's PROTOCOL_VERSION: the newest counts, in whatever order they come. */
START_TEST(test_protocol)
{
	static const struct {
		const char *words, *protocol;
	} rows[] = {
		{"IMAP4", "IMAP4"},
		{"IMAP4 IMAP4rev1 IDLE", "IMAP4rev1"},
		{"imap4REV2 IMAP4rev1", "IMAP4rev2"},
		{"IMAP2bis IDLE", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(GStrv) words = g_strsplit(rows[i].words, " ", -1);
		Capability set = capability_parse((const char *const *)words);
		ck_assert_pstr_eq(capability_protocol(set), rows[i].protocol);
	}
	ck_assert_ptr_null(capability_protocol(0));
}
END_TEST

START_TEST(test_secrets)
{
	ck_assert(command_table[COMMAND_ID_LOGIN].flags & COMMAND_SECRET);
	ck_assert(command_table[COMMAND_ID_AUTHENTICATE].flags & COMMAND_SECRET);
}
END_TEST

START_TEST(test_state_names)
{
	ck_assert_str_eq(command_state_name(SESSION_CONNECTING), "CONNECTING");
	ck_assert_str_eq(command_state_name(SESSION_LOGOUT), "LOGOUT");
}
END_TEST

START_TEST(test_capabilities)
{
	static const char *const words[] = {
		"imap4REV1", "LITERAL+", "SORT=DISPLAY", "X-FOO", "AUTH=PLAIN", "IDLE", NULL};
	static const char *const none[] = {NULL}, *const rev2[] = {"IMAP4rev2", NULL};
	Capability set = capability_parse(words);
	g_autofree char *text = capability_format(set);

	ck_assert(set == (CAP_KNOWN | CAP(IMAP4REV1) | CAP(LITERAL_PLUS) | CAP(SORT_DISPLAY) |
			  CAP(AUTH_PLAIN) | CAP(IDLE)));
	ck_assert_str_eq(text, "IMAP4rev1 LITERAL+ IDLE SORT=DISPLAY AUTH=PLAIN");
	ck_assert(capability_parse(none) == CAP_KNOWN);
	ck_assert(capability_parse(rev2) & CAP(MOVE));
	ck_assert(!(capability_parse(rev2) & CAP(SPECIAL_USE)));
	ck_assert_int_lt(CAP_COUNT, 63);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("command", &tcase);

	tcase_add_test(tcase, test_table_is_complete);
	tcase_add_test(tcase, test_rows_are_sound);
	tcase_add_test(tcase, test_find);
	tcase_add_test(tcase, test_protocol);
	tcase_add_test(tcase, test_secrets);
	tcase_add_test(tcase, test_state_names);
	tcase_add_test(tcase, test_capabilities);
	return run_suite(suite);
}
