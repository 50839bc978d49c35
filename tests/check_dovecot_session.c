/* The session against a real Dovecot: over a program's stdin and stdout on a Maildir, and over TCP
 * in clear, with STARTTLS and with TLS. */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/base/error.h"
#include "core/command/imap.h"
#include "core/wire/utf7.h"
#include "tests/place.h"
#include "tests/run.h"
#include "tests/run_until.h"
#include "tests/server.h"

#define PATIENCE_MS 20000

/* A session and what it told. */
typedef struct {
	ImapSession *session;
	GError *closed;
	uint32_t exists;
	unsigned expunged;
} Client;

/* What came of one command. */
typedef struct {
	bool done;
	GError *error;
	ResponseCode code;
	unsigned data; /* untagged answers */
	GString *text; /* of them: names, subjects, numbers */
	GBytes *body;
	GByteArray *chunks; /* of the body, or NULL */
	uint64_t chunked;   /* octets in all of them, where nobody keeps them */
} Answer;

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r, void *self)
{
	Client *client = self;

	if (r->kind == RESPONSE_EXISTS)
		client->exists = r->number;
	if (r->kind == RESPONSE_EXPUNGE)
		client->expunged++;
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	((Client *)self)->closed = g_error_copy(error);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

static Client *connect_client(const Endpoint *to, const char *password, const char *ca_file)
{
	SessionConfig config = {.endpoint = to, .password = password, .ca_file = ca_file};
	Client *client = g_new0(Client, 1);

	client->session = session_open(&config, &events, client);
	RUN_UNTIL(client->closed || session_state(client->session) == SESSION_AUTH);
	return client;
}

static void client_free(Client *client)
{
	session_free(client->session);
	g_clear_error(&client->closed);
	g_free(client);
}

static void on_data(const Response *r, void *data)
{
	Answer *answer = data;

	answer->data++;
	if (r->kind == RESPONSE_CHUNK) {
		answer->chunked += r->chunk.len;
		if (answer->chunks)
			g_byte_array_append(answer->chunks, (const guint8 *)r->chunk.bytes,
					    (guint)r->chunk.len);
		return;
	}
	if (r->kind == RESPONSE_LIST)
		g_string_append_printf(answer->text, "%s;", r->list.name);
	if (r->kind == RESPONSE_STATUS)
		g_string_append_printf(answer->text, "%u messages;", r->mailbox.messages);
	for (size_t i = 0;
	     r->kind <= RESPONSE_SORT && r->kind >= RESPONSE_SEARCH && i < r->numbers.n; i++)
		g_string_append_printf(answer->text, "%u;", r->numbers.items[i]);
	if (r->kind == RESPONSE_FETCH && r->fetch.envelope)
		g_string_append_printf(answer->text, "%u %s;", r->fetch.uid,
				       r->fetch.envelope->subject);
	if (r->kind == RESPONSE_FETCH && r->fetch.structure)
		g_string_append_printf(answer->text, "%s;", r->fetch.structure->type);
	if (r->kind == RESPONSE_FETCH && r->fetch.n_bodies && r->fetch.bodies[0].data)
		answer->body = g_bytes_ref(r->fetch.bodies[0].data);
}

static void on_done(const ImapResult *result, void *data)
{
	Answer *answer = data;

	ck_assert(!answer->done);
	answer->done = true;
	answer->error = result->error ? g_error_copy(result->error) : NULL;
	answer->code = result->status ? result->status->code : CODE_NONE;
}

static void answer_begin(Answer *answer)
{
	*answer = (Answer){.text = g_string_new(NULL)};
}

static void answer_end(Answer *answer)
{
	g_string_free(answer->text, TRUE);
	g_clear_error(&answer->error);
	g_clear_pointer(&answer->body, g_bytes_unref);
	g_clear_pointer(&answer->chunks, g_byte_array_unref);
}

/* Runs `call`, whose last arguments are on_done and `&a`, and asserts that it went well. */
#define ASK(a, call)                                                                               \
	do {                                                                                       \
		answer_begin(&(a));                                                                \
		call;                                                                              \
		RUN_UNTIL((a).done);                                                               \
		ck_assert_msg(!(a).error, "%s", (a).error ? (a).error->message : "");              \
	} while (0)

static char *directory;
static TestServer *server;

static void make_maildir(void)
{
	static const char *const below[] = {"", "cur", "new", "tmp"};

	directory = place_temporary();
	for (size_t i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autofree char *path = g_build_filename(directory, "mail", below[i], NULL);

		ck_assert_int_eq(g_mkdir(path, 0755), 0);
		if (geteuid() == 0)
			ck_assert_int_eq(chown(path, 65534, 65534), 0);
	}
}

static void remove_maildir(void)
{
	place_remove(directory);
	g_clear_pointer(&directory, g_free);
}

static Client *open_maildir(Endpoint **to)
{
	g_autofree char *path = g_build_filename(directory, "mail", NULL);
	g_autofree char *imap = endpoint_find_dovecot(NULL);
	g_autoptr(GError) error = NULL;
	Client *client;

	*to = endpoint_parse(path, imap, &error);
	ck_assert_msg(*to != NULL, "%s", error ? error->message : "");
	client = connect_client(*to, NULL, NULL);
	ck_assert_msg(!client->closed, "%s", client->closed ? client->closed->message : "");
	ck_assert(session_is_secure(client->session) && !session_is_encrypted(client->session));
	return client;
}

static void append(ImapSession *s, const char *mailbox, const char *subject)
{
	static const char *const flags[] = {"\\Flagged", "$Work", NULL};
	g_autofree char *text =
		g_strdup_printf("From: ada@example.org\r\nSubject: %s\r\n\r\nHello.\r\n", subject);
	g_autoptr(GBytes) message = g_bytes_new(text, strlen(text));
	Answer a;

	ASK(a, imap_append(s, NULL, mailbox, flags, 1000000000, message, on_done, &a));
	ck_assert_int_eq(a.code, CODE_APPENDUID);
	answer_end(&a);
}

START_TEST(test_folders)
{
	g_autofree char *wire = utf7_encode("Übung & \"mehr\"");
	Endpoint *to;
	Client *client = open_maildir(&to);
	ImapSession *s = client->session;
	Answer a;

	ASK(a, imap_create(s, NULL, wire, on_done, &a));
	answer_end(&a);
	append(s, wire, "one");
	ASK(a, imap_list(s, NULL, "", "*", "", on_data, on_done, &a));
	ck_assert_msg(strstr(a.text->str, wire) != NULL, "%s", a.text->str);
	ck_assert_uint_eq(a.data, 2);
	answer_end(&a);
	ASK(a, imap_status(s, NULL, wire, "MESSAGES UIDNEXT", on_data, on_done, &a));
	ck_assert_str_eq(a.text->str, "1 messages;");
	answer_end(&a);
	ASK(a, imap_subscribe(s, NULL, wire, true, on_done, &a));
	answer_end(&a);
	ASK(a, imap_lsub(s, NULL, "", "*", on_data, on_done, &a));
	ck_assert_uint_eq(a.data, 1);
	answer_end(&a);
	ASK(a, imap_rename(s, NULL, wire, "Plain", on_done, &a));
	answer_end(&a);
	ASK(a, imap_delete(s, NULL, "Plain", on_done, &a));
	answer_end(&a);
	answer_begin(&a);
	imap_select(s, NULL, "Plain", false, NULL, on_done, &a);
	RUN_UNTIL(a.done);
	ck_assert(g_error_matches(a.error, CORE_ERROR, CORE_ERROR_NO));
	ck_assert_int_eq(session_state(s), SESSION_AUTH);
	answer_end(&a);
	client_free(client);
	endpoint_free(to);
}
END_TEST

START_TEST(test_messages)
{
	static const char *const deleted[] = {"\\Deleted", NULL};
	g_autoptr(UidSet) all = uidset_new_range(1, 4000000000), two = uidset_new_range(2, 2);
	g_autoptr(UidSet) one = uidset_new_range(1, 1);
	Endpoint *to;
	Client *client = open_maildir(&to);
	ImapSession *s = client->session;
	Answer a, b;

	for (unsigned i = 1; i <= 3; i++) {
		g_autofree char *subject = g_strdup_printf("number %u", i);
		append(s, "INBOX", subject);
	}
	ASK(a, imap_create(s, NULL, "Archive", on_done, &a));
	answer_end(&a);
	ASK(a, imap_select(s, NULL, "INBOX", false, on_data, on_done, &a));
	ck_assert_str_eq(session_mailbox(s), "INBOX");
	ck_assert(!session_is_readonly(s));
	ck_assert_uint_eq(client->exists, 3);
	ck_assert_uint_gt(a.data, 4);
	answer_end(&a);

	/* Two at once, each gets its own. */
	answer_begin(&b);
	imap_uid_fetch(s, NULL, two, "(UID BODY.PEEK[])", on_data, on_done, &b);
	ASK(a, imap_uid_fetch(s, NULL, all, "(UID FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE)",
			      on_data, on_done, &a));
	ck_assert_str_eq(a.text->str, "1 number 1;text/plain;2 number 2;text/plain;3 number "
				      "3;text/plain;");
	ck_assert(b.done && !b.error && b.body);
	ck_assert_ptr_nonnull(g_strstr_len(g_bytes_get_data(b.body, NULL),
					   (gssize)g_bytes_get_size(b.body),
					   "Subject: number 2\r\n\r\nHello.\r\n"));
	answer_end(&a);
	answer_end(&b);

	ASK(a, imap_uid_search(s, NULL, NULL, "SUBJECT \"number 3\"", on_data, on_done, &a));
	ck_assert_str_eq(a.text->str, "3;");
	answer_end(&a);
	ASK(a, imap_uid_sort(s, NULL, "REVERSE SUBJECT", NULL, "ALL", on_data, on_done, &a));
	ck_assert_str_eq(a.text->str, "3;2;1;");
	answer_end(&a);
	ASK(a, imap_uid_copy(s, NULL, one, "Archive", on_done, &a));
	ck_assert_int_eq(a.code, CODE_COPYUID);
	answer_end(&a);
	ASK(a, imap_uid_move(s, NULL, one, "Archive", on_done, &a));
	ck_assert_uint_eq(client->expunged, 1);
	answer_end(&a);
	ASK(a, imap_uid_store(s, NULL, all, STORE_ADD, deleted, on_done, &a));
	answer_end(&a);
	ASK(a, imap_uid_expunge(s, NULL, two, on_done, &a));
	ck_assert_uint_eq(client->expunged, 2);
	answer_end(&a);
	ASK(a, imap_expunge(s, NULL, on_done, &a));
	ck_assert_uint_eq(client->expunged, 3);
	answer_end(&a);
	ASK(a, imap_unselect(s, NULL, on_done, &a));
	ck_assert_int_eq(session_state(s), SESSION_AUTH);
	answer_end(&a);
	ASK(a, imap_select(s, NULL, "Archive", true, NULL, on_done, &a));
	ck_assert_uint_eq(client->exists, 2);
	ck_assert(session_is_readonly(s));
	answer_end(&a);
	ASK(a, imap_logout(s, NULL, on_done, &a));
	answer_end(&a);
	RUN_UNTIL(client->closed);
	ck_assert(g_error_matches(client->closed, CORE_ERROR, CORE_ERROR_CANCELLED));
	client_free(client);
	endpoint_free(to);
}
END_TEST

/* Five million bytes go there and come back the same, with progress on the way. */
START_TEST(test_large)
{
	g_autoptr(UidSet) one = uidset_new_range(1, 1);
	g_autoptr(GString) text = g_string_new("Subject: large\r\n\r\n");
	g_autoptr(GBytes) message = NULL;
	uint64_t have, total;
	bool progress = false;
	Endpoint *to;
	Client *client = open_maildir(&to);
	Answer a;

	for (unsigned i = 0; text->len < 5000000; i++)
		g_string_append_printf(text, "%u \xFF\xC3\x28 {3}\r\n", i * 2654435761u);
	message = g_bytes_new(text->str, text->len);
	ASK(a, imap_append(client->session, NULL, "INBOX", NULL, -1, message, on_done, &a));
	answer_end(&a);
	ASK(a, imap_select(client->session, NULL, "INBOX", false, NULL, on_done, &a));
	answer_end(&a);
	answer_begin(&a);
	a.chunks = g_byte_array_new();
	imap_uid_fetch(client->session, NULL, one, "(UID BODY.PEEK[])", on_data, on_done, &a);
	while (!a.done) {
		g_main_context_iteration(NULL, TRUE);
		progress |= session_progress(client->session, &have, &total) && total == text->len;
	}
	ck_assert(progress);
	ck_assert_uint_eq(a.chunks->len, text->len);
	ck_assert_mem_eq(a.chunks->data, text->str, text->len);
	answer_end(&a);
	client_free(client);
	endpoint_free(to);
}
END_TEST

/* Of this process, in KiB. */
static long status_number(const char *name)
{
	g_autofree char *text = NULL;
	const char *at;

	ck_assert(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
	at = strstr(text, name);
	ck_assert_ptr_nonnull(at);
	return strtol(at + strlen(name) + 1, NULL, 10);
}

/* VmHWM begins again at what is resident now. */
static void forget_peak(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs("5", file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void write_huge(const char *path, size_t megabytes)
{
	g_autoptr(GString) piece = g_string_new(NULL);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	while (piece->len < 1000000)
		g_string_append(piece, "A line of a message that is far too large for memory.\r\n");
	fputs("Subject: huge\r\n\r\n", file);
	for (size_t i = 0; i < megabytes; i++)
		ck_assert_uint_eq(fwrite(piece->str, 1000000, 1, file), 1);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

/* 200 MB pass through; a few MB of it are ever here. */
START_TEST(test_huge)
{
	g_autofree char *path = g_build_filename(directory, "mail", "cur", "1.huge:2,", NULL);
	g_autoptr(UidSet) one = uidset_new_range(1, 1);
	Endpoint *to;
	Answer a;

	write_huge(path, 200);
	Client *client = open_maildir(&to);
	ASK(a, imap_select(client->session, NULL, "INBOX", true, NULL, on_done, &a));
	answer_end(&a);
	forget_peak();
	long before = status_number("VmRSS");
	answer_begin(&a);
	imap_uid_fetch(client->session, NULL, one, "(UID BODY.PEEK[])", on_data, on_done, &a);
	RUN_UNTIL(a.done);
	ck_assert_ptr_null(a.error);
	ck_assert_uint_ge(a.chunked, 200000000);
	long more = status_number("VmHWM") - before;
	printf("200 MB from Dovecot: %ld KiB more at the peak\n", more);
	ck_assert_int_lt(more, 3000 * SANITIZER_FACTOR);
	answer_end(&a);
	client_free(client);
	endpoint_free(to);
}
END_TEST

START_TEST(test_idle)
{
	Endpoint *to, *other_to;
	Client *client = open_maildir(&to), *other = open_maildir(&other_to);
	Answer idle, a;

	ASK(a, imap_select(client->session, NULL, "INBOX", false, NULL, on_done, &a));
	answer_end(&a);
	answer_begin(&idle);
	imap_idle(client->session, NULL, on_done, &idle);
	ck_assert(!session_is_idle(client->session));
	RUN_UNTIL(session_is_idle(client->session));
	append(other->session, "INBOX", "surprise");
	RUN_UNTIL(client->exists == 1);
	ck_assert(!idle.done);
	ASK(a, imap_noop(client->session, NULL, on_done, &a));
	ck_assert(idle.done && !idle.error);
	answer_end(&a);
	answer_end(&idle);
	client_free(client);
	client_free(other);
	endpoint_free(to);
	endpoint_free(other_to);
}
END_TEST

/* As root on what only root may read: one sentence, not a server's log line. */
START_TEST(test_not_for_nobody)
{
	g_autofree char *path = g_build_filename(directory, "mail", NULL);
	g_autofree char *imap = endpoint_find_dovecot(NULL);
	g_autoptr(GError) error = NULL;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chown(path, 0, 0), 0);
	ck_assert_ptr_null(endpoint_parse(path, imap, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "chown -R nobody"));
}
END_TEST

static void start_server(void)
{
	server = server_start(SERVER_DOVECOT, NULL);
}

static void stop_server(void)
{
	server_stop(server);
}

static Endpoint *endpoint_of(const TestServer *of, const char *scheme)
{
	g_autofree char *url = server_url(of, scheme, NULL);
	g_autoptr(GError) error = NULL;
	Endpoint *to = endpoint_parse(url, NULL, &error);

	ck_assert_msg(to != NULL, "%s", error ? error->message : "");
	return to;
}

static const char *const schemes[] = {"imaps", "imap", "imap+plain"};

START_TEST(test_tcp)
{
	g_autoptr(Endpoint) to = endpoint_of(server, schemes[_i]);
	Client *client = connect_client(to, server->password, server->ca_file);
	Answer a;

	ck_assert_msg(!client->closed, "%s", client->closed ? client->closed->message : "");
	ck_assert_int_eq(session_is_encrypted(client->session), _i < 2);
	ck_assert_int_eq(session_is_secure(client->session), _i < 2);
	/* Dovecot offers MOVE only behind log-in. */
	ck_assert(session_capabilities(client->session) & CAP(MOVE));
	ASK(a, imap_list(client->session, NULL, "", "INBOX", "", on_data, on_done, &a));
	ck_assert_str_eq(a.text->str, "INBOX;");
	answer_end(&a);
	client_free(client);
}
END_TEST

START_TEST(test_tcp_wrong_ca)
{
	g_autoptr(Endpoint) to = endpoint_of(server, schemes[_i]);
	Client *client = connect_client(to, server->password, server->other_ca_file);

	ck_assert_ptr_nonnull(client->closed);
	ck_assert_msg(g_error_matches(client->closed, CORE_ERROR, CORE_ERROR_TLS), "%s",
		      client->closed->message);
	ck_assert_ptr_nonnull(strstr(client->closed->message, "does not trust"));
	client_free(client);
}
END_TEST

START_TEST(test_tcp_wrong_password)
{
	g_autoptr(Endpoint) to = endpoint_of(server, schemes[_i]);
	Client *client = connect_client(to, "not that", server->ca_file);

	ck_assert_ptr_nonnull(client->closed);
	ck_assert_msg(g_error_matches(client->closed, CORE_ERROR, CORE_ERROR_AUTH), "%s",
		      client->closed->message);
	ck_assert_msg(g_str_has_prefix(client->closed->message, "localhost says: "), "%s",
		      client->closed->message);
	client_free(client);
}
END_TEST

START_TEST(test_tcp_wrong_name)
{
	g_autoptr(TestServer) wrong =
		server_start(SERVER_DOVECOT, &(ServerOptions){.certificate = "wrong"});
	g_autoptr(Endpoint) to = endpoint_of(wrong, "imaps");
	Client *client = connect_client(to, wrong->password, wrong->ca_file);

	ck_assert_ptr_nonnull(client->closed);
	ck_assert_msg(g_error_matches(client->closed, CORE_ERROR, CORE_ERROR_TLS), "%s",
		      client->closed->message);
	ck_assert_msg(strstr(client->closed->message, "not for localhost") != NULL, "%s",
		      client->closed->message);
	client_free(client);
}
END_TEST

int main(void)
{
	TCase *stream, *tcp = tcase_create("tcp");
	Suite *suite = one_case("dovecot_session", &stream);

	tcase_add_checked_fixture(stream, make_maildir, remove_maildir);
	tcase_set_timeout(stream, 30);
	tcase_add_test(stream, test_folders);
	tcase_add_test(stream, test_messages);
	tcase_add_test(stream, test_large);
	tcase_add_test(stream, test_huge);
	tcase_add_test(stream, test_idle);
	tcase_add_test(stream, test_not_for_nobody);
	tcase_add_unchecked_fixture(tcp, start_server, stop_server);
	tcase_set_timeout(tcp, 30);
	tcase_add_loop_test(tcp, test_tcp, 0, 3);
	tcase_add_loop_test(tcp, test_tcp_wrong_ca, 0, 2);
	tcase_add_loop_test(tcp, test_tcp_wrong_password, 0, 3);
	tcase_add_test(tcp, test_tcp_wrong_name);
	suite_add_tcase(suite, tcp);
	return run_suite(suite);
}
