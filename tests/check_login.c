#include "core/session/login.h"

#include <string.h>
#include "core/base/error.h"
#include "core/session/verdict.h"
#include "mime/text.h"
#include "tests/run.h"

#define KNOWN (CAP_KNOWN | CAP(IMAP4REV1))
#define ALICE .user = "alice", .has_password = true

static const struct {
	LoginFacts facts;
	LoginStep step;
	int code;
	const char *words;
} steps[] = {
	{{.kind = ENDPOINT_IMAPS, .encrypted = true, .secure = true, ALICE},
	 LOGIN_CAPABILITY,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .capabilities = KNOWN, ALICE},
	 LOGIN_LOGIN,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS,
	  .secure = true,
	  .capabilities = KNOWN,
	  .user = "alice",
	  .password_follows = true},
	 LOGIN_AWAIT_PASSWORD,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .password_follows = true},
	 LOGIN_CAPABILITY,
	 0,
	 NULL},
	{{.kind = ENDPOINT_STARTTLS,
	  .capabilities = KNOWN | CAP(STARTTLS),
	  .password_follows = true},
	 LOGIN_STARTTLS,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .capabilities = KNOWN, .authenticated = true},
	 LOGIN_DONE,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .authenticated = true},
	 LOGIN_CAPABILITY,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .refusals = 1}, LOGIN_CAPABILITY, 0, NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .refusals = 2},
	 LOGIN_CLOSE,
	 CORE_ERROR_ABORT,
	 "CAPABILITY"},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .capabilities = CAP_KNOWN | CAP(IDLE), ALICE},
	 LOGIN_CLOSE,
	 CORE_ERROR_ABORT,
	 "IMAP4rev2, IMAP4rev1 or IMAP4"},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .capabilities = CAP_KNOWN | CAP(IMAP4), ALICE},
	 LOGIN_LOGIN,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS, .secure = true, .capabilities = KNOWN, .manual = true},
	 LOGIN_DONE,
	 0,
	 NULL},
	{{.kind = ENDPOINT_STARTTLS, ALICE}, LOGIN_CAPABILITY, 0, NULL},
	{{.kind = ENDPOINT_STARTTLS, .capabilities = KNOWN | CAP(STARTTLS), ALICE},
	 LOGIN_STARTTLS,
	 0,
	 NULL},
	{{.kind = ENDPOINT_STARTTLS, .capabilities = KNOWN, .manual = true},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "STARTTLS"},
	{{.kind = ENDPOINT_STARTTLS,
	  .capabilities = KNOWN,
	  .local = true,
	  .allow_clear = true,
	  ALICE},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "STARTTLS"},
	{{.kind = ENDPOINT_STARTTLS,
	  .encrypted = true,
	  .secure = true,
	  .capabilities = KNOWN,
	  ALICE},
	 LOGIN_LOGIN,
	 0,
	 NULL},
	{{.kind = ENDPOINT_PLAIN, .capabilities = KNOWN, ALICE},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "not encrypted"},
	{{.kind = ENDPOINT_PLAIN, .capabilities = KNOWN, .local = true, ALICE},
	 LOGIN_LOGIN,
	 0,
	 NULL},
	{{.kind = ENDPOINT_PLAIN, .capabilities = KNOWN, .allow_clear = true, ALICE},
	 LOGIN_LOGIN,
	 0,
	 NULL},
	{{.kind = ENDPOINT_PLAIN, .capabilities = KNOWN | CAP(LOGINDISABLED), .local = true, ALICE},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "takes no password over"},
	{{.kind = ENDPOINT_IMAPS,
	  .secure = true,
	  .encrypted = true,
	  .capabilities = KNOWN | CAP(LOGINDISABLED),
	  ALICE},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "takes no password by"},
	{{.kind = ENDPOINT_EXEC, .secure = true, .capabilities = KNOWN, .user = "alice"},
	 LOGIN_CLOSE,
	 CORE_ERROR_AUTH,
	 "password of alice"},
	{{.kind = ENDPOINT_EXEC, .secure = true, .capabilities = KNOWN, .has_password = true},
	 LOGIN_CLOSE,
	 CORE_ERROR_STATE,
	 "user name"},
	{{.kind = ENDPOINT_EXEC, .preauth = true, .authenticated = true, .capabilities = KNOWN},
	 LOGIN_DONE,
	 0,
	 NULL},
	{{.kind = ENDPOINT_IMAPS,
	  .encrypted = true,
	  .secure = true,
	  .preauth = true,
	  .authenticated = true,
	  .capabilities = KNOWN},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "PREAUTH"},
	{{.kind = ENDPOINT_PLAIN,
	  .local = true,
	  .preauth = true,
	  .authenticated = true,
	  .capabilities = KNOWN},
	 LOGIN_CLOSE,
	 CORE_ERROR_TLS,
	 "PREAUTH"},
};

START_TEST(next)
{
	LoginFacts facts = steps[_i].facts;
	g_autoptr(GError) error = NULL;
	const Mechanism *mechanism = NULL;

	facts.peer = "h";
	ck_assert_int_eq(login_next(&facts, &mechanism, &error), steps[_i].step);
	ck_assert_int_eq(error != NULL, steps[_i].step == LOGIN_CLOSE);
	if (error) {
		ck_assert_msg(g_error_matches(error, CORE_ERROR, steps[_i].code), "%s",
			      error->message);
		ck_assert_msg(strstr(error->message, steps[_i].words) != NULL, "%s",
			      error->message);
	}
}
END_TEST

/* T038: what each refusal of a log-in asks for, and the sentence where the server has no words. */
static const struct {
	ResponseCode code;
	const char *text;
	CoreError grade;
	const char *sentence;
} refusals[] = {
	{CODE_NONE, "Login failed.", CORE_ERROR_AUTH, "h says: Login failed."},
	{CODE_NONE, "", CORE_ERROR_AUTH, "h says: (NO, without a reason)"},
	{CODE_NONE, "Too many open connections (1 of 1 for alice)", CORE_ERROR_ABORT,
	 "h says: Too many open connections (1 of 1 for alice)"},
	{CODE_ALERT, "Web login required", CORE_ERROR_AUTH, "h says: Web login required"},
	{CODE_AUTHENTICATIONFAILED, "", CORE_ERROR_AUTH, "h says: (wrong user name or password)"},
	{CODE_AUTHENTICATIONFAILED, "Too many attempts", CORE_ERROR_AUTH,
	 "h says: Too many attempts"},
	{CODE_AUTHORIZATIONFAILED, "", CORE_ERROR_AUTH,
	 "h says: (this user may not log in as that one)"},
	{CODE_EXPIRED, "", CORE_ERROR_AUTH, "h says: (the password has expired)"},
	{CODE_EXPIRED, "Change it.", CORE_ERROR_AUTH, "h says: Change it."},
	{CODE_PRIVACYREQUIRED, "", CORE_ERROR_TLS, "h says: (only over an encrypted connection)"},
	{CODE_CONTACTADMIN, "", CORE_ERROR_NO, "h says: (only its administrator can help)"},
	{CODE_CONTACTADMIN, "Login disabled for this user", CORE_ERROR_NO,
	 "h says: Login disabled for this user"},
	{CODE_NOPERM, "", CORE_ERROR_NO, "h says: (this user may not)"},
	{CODE_CANNOT, "", CORE_ERROR_NO, "h says: (it never will)"},
	{CODE_UNAVAILABLE, "", CORE_ERROR_ABORT,
	 "h says: (something that it needs is down for now)"},
	{CODE_LIMIT, "", CORE_ERROR_ABORT, "h says: (too many connections or attempts)"},
	{CODE_INUSE, "", CORE_ERROR_ABORT, "h says: (in use by somebody else for now)"},
	{CODE_SERVERBUG, "", CORE_ERROR_ABORT, "h says: (NO, without a reason)"},
	{CODE_OTHER, "", CORE_ERROR_ABORT, "h says: (NO, without a reason)"},
};

START_TEST(refused_log_ins)
{
	static const char *const verbs[] = {"LOGIN", "AUTHENTICATE"};
	const StatusLine line = {
		.condition = CONDITION_NO, .code = refusals[_i].code, .text = refusals[_i].text};

	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		g_autoptr(GError) error = verdict_error("h", command_find(verbs[i]), &line);
		ck_assert(g_error_matches(error, CORE_ERROR, (int)refusals[_i].grade));
		ck_assert_str_eq(error->message, refusals[_i].sentence);
	}
}
END_TEST

/* The newer one has a code that tells of something else. */
START_TEST(too_many_connections)
{
	static const StatusLine lines[] = {
		{.condition = CONDITION_NO,
		 .code = CODE_LIMIT,
		 .text = "Maximum number of connections from user+IP exceeded"},
		{.condition = CONDITION_NO,
		 .code = CODE_UNAVAILABLE,
		 .text = "Maximum number of connections from user+IP exceeded"},
		{.condition = CONDITION_NO, .text = "Too many open connections (1 of 1 for alice)"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GError) error = verdict_error("h", command_find("LOGIN"), &lines[i]);
		ck_assert_str_eq(verdict_advice(error),
				 "Too many connections: close another mail program.");
	}
}
END_TEST

START_TEST(other_commands)
{
	const CommandSpec *login = command_find("LOGIN"), *noop = command_find("NOOP");
	const StatusLine ok = {.condition = CONDITION_OK, .text = "fine"};
	const StatusLine limit = {.condition = CONDITION_NO, .code = CODE_LIMIT, .text = "enough"};
	const StatusLine bad = {.condition = CONDITION_BAD, .code = CODE_EXPIRED, .text = ""};
	g_autoptr(GError) of_noop = verdict_error("h", noop, &limit);
	g_autoptr(GError) of_bad = verdict_error("h", login, &bad);

	ck_assert_ptr_null(verdict_error("h", login, &ok));
	ck_assert(g_error_matches(of_noop, CORE_ERROR, CORE_ERROR_NO));
	ck_assert_str_eq(of_noop->message, "h says: enough (that is more than the server allows)");
	ck_assert(g_error_matches(of_bad, CORE_ERROR, CORE_ERROR_BAD));
	ck_assert_str_eq(of_bad->message, "h says: (BAD, without a reason)");
}
END_TEST

/* T010: one line, named, bounded, harmless. */
START_TEST(words)
{
	g_autofree char *wide = g_malloc0(3001);
	g_autofree char *harmless = verdict_words("h", "a\033[31mb\r\nc\xE2\x80\xAE"
						       "d\xFF");
	g_autofree char *cut = NULL;

	for (unsigned i = 0; i < 1000; i++)
		memcpy(wide + 3 * i, "田", 3);
	cut = verdict_words("h", wide);
	ck_assert_int_le(text_width(cut), 500);
	ck_assert_int_ge(text_width(cut), 499);
	ck_assert(g_utf8_validate(harmless, -1, NULL));
	ck_assert(g_str_has_prefix(harmless, "h says: a"));
	ck_assert_ptr_null(strpbrk(harmless, "\033\r\n"));
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("login", &test);

	tcase_add_loop_test(test, next, 0, G_N_ELEMENTS(steps));
	tcase_add_loop_test(test, refused_log_ins, 0, G_N_ELEMENTS(refusals));
	tcase_add_test(test, too_many_connections);
	tcase_add_test(test, other_commands);
	tcase_add_test(test, words);
	return run_suite(suite);
}
