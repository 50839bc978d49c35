#include "config.h"

#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "core/session/session.h"
#include "tests/run.h"
#include "tests/stage.h"
#include "tests/tls_server.h"

#ifndef WIRE_DIR
#define WIRE_DIR "tests/wire"
#endif

static GPtrArray *conversations;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_conversations(void)
{
	GDir *dir = g_dir_open(WIRE_DIR, 0, NULL);
	const char *name;

	conversations = g_ptr_array_new_with_free_func(g_free);
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".txt"))
			g_ptr_array_add(conversations, g_build_filename(WIRE_DIR, name, NULL));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(conversations, by_name);
}

/* Each twice: lines in one piece, and in single bytes. */
START_TEST(test_conversation)
{
	g_autofree char *wrong = stage_play(conversations->pdata[_i / 2], _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

static GString *logged;

static void keep_log(const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED,
		     const char *message, gpointer data G_GNUC_UNUSED)
{
	g_string_append_printf(logged, "%s\n", message);
}

/* T189: nothing that is logged holds the password, as it is or escaped. */
START_TEST(test_log_without_secrets)
{
	g_autofree char *path = g_build_filename(WIRE_DIR, "login-echo.txt", NULL);
	g_autofree char *wrong = NULL;

	logged = g_string_new(NULL);
	g_log_set_debug_enabled(TRUE);
	g_log_set_default_handler(keep_log, NULL);
	wrong = stage_play(path, false);
	ck_assert_msg(!wrong, "%s", wrong);
	ck_assert_msg(strstr(logged->str, "C: A1 LOGIN …\n") != NULL, "%s", logged->str);
	ck_assert_msg(strstr(logged->str, "S: * OK [ALERT] you said LOGIN alice …\n") != NULL, "%s",
		      logged->str);
	ck_assert_msg(strstr(logged->str, "CONNECTING -> NONAUTH") != NULL, "%s", logged->str);
	ck_assert_msg(strstr(logged->str, "sesame") == NULL, "%s", logged->str);
	g_string_free(logged, TRUE);
}
END_TEST

/* T002, T008: what was said in clear does not count behind the handshake, and is asked again. */
static const char *const forgets[] = {
	"S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED IDLE] hello",
	"C: A1 STARTTLS",
	"S: * OK [ALERT] call 555-1234",
	"S: * CAPABILITY IMAP4rev1 LOGINDISABLED",
	"S: A1 OK begin",
	"TLS",
	"C: A2 CAPABILITY",
	"S: * CAPABILITY IMAP4rev1",
	"S: A2 OK done",
	"C: A3 LOGIN \"alice\" \"secret\"",
	"S: A3 OK [CAPABILITY IMAP4rev1] welcome",
	"S: * OK [ALERT] real",
	NULL,
};

static unsigned told;

static void on_state(ImapSession *s G_GNUC_UNUSED, SessionState state G_GNUC_UNUSED,
		     void *self G_GNUC_UNUSED)
{
}

static void on_phase(ImapSession *s G_GNUC_UNUSED, const char *text G_GNUC_UNUSED,
		     void *self G_GNUC_UNUSED)
{
}

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r, void *self G_GNUC_UNUSED)
{
	told += r->kind == RESPONSE_CONDITION;
}

static void on_batch_end(ImapSession *s G_GNUC_UNUSED, void *self G_GNUC_UNUSED)
{
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *closed)
{
	*(GError **)closed = g_error_copy(error);
}

static const SessionEvents events = {on_state, on_phase, on_response, on_batch_end, on_closed};

START_TEST(test_starttls_forgets)
{
	static const TlsServerOptions options = {.names = "DNS:localhost", .script = forgets};
	TlsServer *server = tls_server_start(&options);
	g_autofree char *url =
		g_strdup_printf("imap://alice:secret@localhost:%u", tls_server_port(server));
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	SessionConfig config = {.endpoint = to, .ca_file = tls_server_ca_file(server)};
	g_autoptr(GError) closed = NULL;
	ImapSession *session = session_open(&config, &events, &closed);

	while (!closed)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_msg(tls_server_wrong(server) == NULL, "%s: %s", tls_server_wrong(server),
		      closed->message);
	ck_assert_uint_eq(told, 1);
	session_free(session);
	tls_server_stop(server);
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("session", &test);

	find_conversations();
	tcase_set_timeout(test, 30);
	tcase_add_loop_test(test, test_conversation, 0, (int)conversations->len * 2);
	tcase_add_test(test, test_log_without_secrets);
	tcase_add_test(test, test_starttls_forgets);
	return run_suite(suite);
}
