/* Every function of core/command/ against servers that know the command: what it sends is taken,
 * and what comes back is what the function says. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/command/answers.h"
#include "core/command/imap.h"
#include "tests/run.h"
#include "tests/server.h"

#define PATIENCE_MS 20000

static TestServer *server;
static ImapSession *session;
static Answers *answers;
static GString *told; /* kinds of what on_data got */
static bool done;
static char *refusal; /* NULL: OK */
static StatusLine line;

static void on_response(ImapSession *s, const Response *response, void *self)
{
	(void)s;
	(void)self;
	answers_take(answers, response->frame);
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	(void)s;
	(void)error;
	*(bool *)self = true;
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

static gboolean on_patience(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_CONTINUE;
}

static void turn_until(const bool *condition)
{
	bool over = false;
	guint timer = g_timeout_add(PATIENCE_MS, on_patience, &over);

	while (!*condition && !over)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	ck_assert_msg(*condition, "nothing came");
}

static void on_data(const Response *response, void *data)
{
	(void)data;
	if (response->kind == RESPONSE_OTHER)
		g_string_append_printf(told, "%.*s ", (int)strcspn(response->text, " "),
				       response->text);
	else
		g_string_append_printf(told, "#%d ", response->kind);
}

static GByteArray *got;

/* It comes in chunks. */
static void on_body(const Response *response, void *data)
{
	(void)data;
	if (response->kind == RESPONSE_CHUNK)
		g_byte_array_append(got, (const guint8 *)response->chunk.bytes,
				    (guint)response->chunk.len);
}

static void on_done(const ImapResult *result, void *data)
{
	(void)data;
	done = true;
	line = result->status ? *result->status : (StatusLine){0};
	g_free(refusal);
	refusal = result->error ? g_strdup(result->error->message) : NULL;
}

/* Waits for the command, which must be OK. */
static void ok(ImapCommand *command)
{
	(void)command;
	turn_until(&done);
	done = false;
	ck_assert_msg(!refusal, "%s: %s", server->name, refusal);
}

/* And its on_data was told of `kinds`, "NAME " or "#n " each. */
static void tells(ImapCommand *command, const char *kinds)
{
	g_string_truncate(told, 0);
	ok(command);
	ck_assert_msg(g_str_has_prefix(told->str, kinds), "%s: “%s”, not “%s”", server->name,
		      told->str, kinds);
}

/* The session's listener heard `text` under that name. */
static void heard(const char *name, const char *text)
{
	g_autoptr(GPtrArray) list = answers_pop(answers, name);

	ck_assert_msg(list != NULL, "%s: no %s", server->name, name);
	for (guint i = 0; i < list->len; i++) {
		gsize len;
		const char *bytes = g_bytes_get_data(((Answer *)list->pdata[i])->text, &len);
		if (g_strstr_len(bytes, (gssize)len, text))
			return;
	}
	ck_abort_msg("%s: no %s of “%s”", server->name, name, text);
}

/* Of a silent STORE MODSEQ may still be told (RFC 7162 3.1.3). */
static void not_heard(const char *name, const char *text)
{
	g_autoptr(GPtrArray) list = answers_pop(answers, name);

	for (guint i = 0; list && i < list->len; i++) {
		gsize len;
		const char *bytes = g_bytes_get_data(((Answer *)list->pdata[i])->text, &len);
		ck_assert_msg(!g_strstr_len(bytes, (gssize)len, text), "%s: %.*s", server->name,
			      (int)len, bytes);
	}
}

#define KIND(kind) g_strdup_printf("#%d ", RESPONSE_##kind)

static void log_in(const char *user)
{
	static bool closed;
	SessionConfig config = {.user = user, .password = server->password, .unchecked = true};
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	static Endpoint *endpoint;

	closed = false;
	g_clear_pointer(&session, session_free);
	g_clear_pointer(&endpoint, endpoint_free);
	endpoint = endpoint_parse(url, NULL, NULL);
	config.endpoint = endpoint;
	session = session_open(&config, &events, &closed);
	while (!closed && session_state(session) != SESSION_AUTH)
		g_main_context_iteration(NULL, TRUE);
	ck_assert(!closed);
}

static void start(ServerKind kind)
{
	answers = answers_new();
	told = g_string_new(NULL);
	server = server_start(kind, NULL);
	log_in(server->user);
}

static void stop(void)
{
	session_free(session);
	answers_free(answers);
	g_string_free(told, TRUE);
	g_free(refusal);
	server_stop(server);
}

#define HEAR on_data, on_done, NULL
#define WAIT on_done, NULL

static GBytes *message(void)
{
	static const char text[] = "Subject: one\r\nMessage-ID: <1@example.org>\r\n\r\ntext\r\n";

	return g_bytes_new_static(text, sizeof(text) - 1);
}

static const struct {
	ServerKind kind;
	bool compressed;
} kinds[] = {
	{SERVER_DOVECOT_FULL, false},
	{SERVER_CYRUS, false},
	{SERVER_CYRUS, true},
};

static void begin(int i)
{
	start(kinds[i].kind);
	if (kinds[i].compressed)
		ok(imap_compress(session, NULL, WAIT));
}

START_TEST(test_mailboxes)
{
	begin(_i);
	g_autofree char *list = KIND(LIST), *status = KIND(STATUS);

	ok(imap_capability(session, NULL, WAIT));
	ok(imap_noop(session, NULL, WAIT));
	tells(imap_id(session, NULL, (const char *const[]){"name", "x", "version", "1", NULL},
		      HEAR),
	      "ID ");
	tells(imap_id(session, NULL, NULL, HEAR), "ID ");
	tells(imap_namespace(session, NULL, HEAR), "NAMESPACE ");
	ok(imap_enable(session, NULL, "CONDSTORE", WAIT));
	ok(imap_create(session, NULL, "Box", WAIT));
	ok(imap_rename(session, NULL, "Box", "Box2", WAIT));
	ok(imap_subscribe(session, NULL, "Box2", true, WAIT));
	ok(imap_subscribe(session, NULL, "Box2", false, WAIT));
	tells(imap_list(session, NULL, "", "*", "", HEAR), list);
	tells(imap_status(session, NULL, "Box2", "MESSAGES", HEAR), status);
	ok(imap_delete(session, NULL, "Box2", WAIT));
	ok(imap_create_special(session, NULL, "Attic", "\\Archive", WAIT));
	answers_clear(answers);
	ok(imap_list(session, NULL, "", "Attic", "SPECIAL-USE", HEAR));
	if (server->kind == SERVER_CYRUS)
		heard("LIST", "\\Archive");
	ok(imap_logout(session, NULL, WAIT));
	stop();
}
END_TEST

START_TEST(test_messages)
{
	static const char *const deleted[] = {"\\Deleted", NULL};
	g_autoptr(GBytes) one = message();

	begin(_i);
	g_autofree char *search = KIND(SEARCH), *sort = KIND(SORT), *thread = KIND(THREAD),
			*fetch = KIND(FETCH);
	g_autoptr(UidSet) first = uidset_new_range(1, 1);
	ok(imap_create(session, NULL, "Box", WAIT));
	for (int i = 0; i < 4; i++)
		ok(imap_append(session, NULL, "INBOX", NULL, 0, one, WAIT));
	ok(imap_select(session, NULL, "INBOX", false, HEAR));
	ok(imap_check(session, NULL, WAIT));
	tells(imap_search(session, NULL, "UTF-8", "SUBJECT one", HEAR), search);
	tells(imap_sort(session, NULL, "SUBJECT", NULL, "ALL", HEAR), sort);
	tells(imap_thread(session, NULL, "REFERENCES", NULL, "ALL", HEAR), thread);
	tells(imap_uid_search(session, NULL, NULL, "ALL", HEAR), search);
	tells(imap_uid_sort(session, NULL, "SUBJECT", NULL, "ALL", HEAR), sort);
	tells(imap_uid_thread(session, NULL, "REFERENCES", NULL, "ALL", HEAR), thread);
	tells(imap_fetch(session, NULL, first, "(UID FLAGS)", HEAR), fetch);
	tells(imap_uid_fetch(session, NULL, first, "(UID FLAGS)", HEAR), fetch);
	ok(imap_copy(session, NULL, "1:2", "Box", WAIT));
	ok(imap_move(session, NULL, "1,2", "Box", WAIT));
	answers_clear(answers);
	ok(imap_store(session, NULL, "1:*", STORE_ADD, deleted, WAIT));
	heard("FETCH", "\\Deleted");
	ok(imap_store(session, NULL, "1:*", STORE_REMOVE_SILENT, deleted, WAIT));
	ok(imap_store(session, NULL, "1:*", STORE_REPLACE_SILENT, deleted, WAIT));
	/* Cyrus tells the flags all the same. */
	if (server->kind != SERVER_CYRUS)
		not_heard("FETCH", "FLAGS");
	ok(imap_expunge(session, NULL, WAIT));
	heard("EXPUNGE", "1");
	ok(imap_select(session, NULL, "Box", false, HEAR));
	g_autoptr(UidSet) four = uidset_new_range(1, 4);
	ok(imap_uid_store(session, NULL, four, STORE_ADD, deleted, WAIT));
	ok(imap_uid_copy(session, NULL, first, "INBOX", WAIT));
	ok(imap_uid_move(session, NULL, first, "INBOX", WAIT));
	ok(imap_uid_expunge(session, NULL, four, WAIT));
	ok(imap_unselect(session, NULL, WAIT));
	ok(imap_select(session, NULL, "Box", true, HEAR));
	heard("EXISTS", "0");
	ok(imap_close(session, NULL, WAIT));
	stop();
}
END_TEST

/* What the extensions add to commands that every server has. */
START_TEST(test_extended)
{
	static const char *const seen[] = {"\\Seen", NULL}, *const deleted[] = {"\\Deleted", NULL},
				 *const patterns[] = {"INBOX", "Bo%", NULL};
	g_autoptr(GBytes) one = message();
	const ImapAppended both[] = {{seen, 0, one}, {NULL, -1, one}};
	g_autoptr(UidSet) it = uidset_new_range(1, 1);

	begin(_i);
	g_autofree char *list = KIND(LIST);
	ok(imap_append_messages(session, NULL, "INBOX", both, G_N_ELEMENTS(both), WAIT));
	ok(imap_examine(session, NULL, "INBOX", HEAR));
	heard("EXISTS", "2");
	ok(imap_uid_fetch(session, NULL, it, "FLAGS", HEAR));
	heard("FETCH", "\\Seen");
	ok(imap_create(session, NULL, "Box", WAIT));
	ok(imap_subscribe(session, NULL, "Box", true, WAIT));
	answers_clear(answers);
	tells(imap_list_extended(session, NULL, "SUBSCRIBED", "", patterns, "CHILDREN", HEAR),
	      list);
	heard("LIST", "\\Subscribed");
	answers_clear(answers);
	tells(imap_list_extended(session, NULL, "", "", patterns, "", HEAR), list);
	heard("LIST", "INBOX");
	ok(imap_select(session, NULL, "INBOX", false, HEAR));
	ok(imap_uid_store_unchanged(session, NULL, it, 1, STORE_ADD, deleted, WAIT));
	ck_assert_int_eq(line.code, CODE_MODIFIED);
	ok(imap_uid_store_unchanged(session, NULL, it, G_MAXINT32, STORE_ADD, deleted, WAIT));
	ck_assert_int_ne(line.code, CODE_MODIFIED);
	ok(imap_store_unchanged(session, NULL, "1:*", 1, STORE_REMOVE_SILENT, deleted, WAIT));
	ck_assert_int_eq(line.code, CODE_MODIFIED);
	stop();
}
END_TEST

/* A long message that shrinks to a thousandth, and one that does not shrink, both ways. */
START_TEST(test_compressed)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(4978);
	GString *texts[] = {g_string_new("\r\n"), g_string_new("\r\n")};

	for (int i = 0; i < 20000; i++) {
		g_string_append(texts[0],
				"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
		for (int k = 0; k < 12; k++)
			g_string_append_printf(texts[1], "%08x", g_rand_int(random));
		g_string_append(texts[1], "\r\n");
	}
	begin(2);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GBytes) sent = g_string_free_to_bytes(texts[i]);
		g_autoptr(UidSet) it = uidset_new_range((uint32_t)i + 1, (uint32_t)i + 1);
		ok(imap_append(session, NULL, "INBOX", NULL, 0, sent, WAIT));
		ok(imap_select(session, NULL, "INBOX", false, HEAR));
		got = g_byte_array_new();
		ok(imap_uid_fetch(session, NULL, it, "BODY.PEEK[]", on_body, on_done, NULL));
		g_autoptr(GBytes) back = g_byte_array_free_to_bytes(got);
		ck_assert_msg(g_bytes_equal(sent, back), "%zu bytes came back of %zu",
			      g_bytes_get_size(back), g_bytes_get_size(sent));
	}
	stop();
}
END_TEST

/* Cyrus, which has them all. */
START_TEST(test_access)
{
	start(SERVER_CYRUS);
	log_in("cyrus");
	g_autofree char *box = g_strdup_printf("user/%s/Box", server->user);

	ok(imap_create(session, NULL, box, WAIT));
	ok(imap_setacl(session, NULL, box, server->second_user, "lr", WAIT));
	tells(imap_getacl(session, NULL, box, HEAR), "ACL ");
	heard("ACL", server->second_user);
	tells(imap_listrights(session, NULL, box, server->second_user, HEAR), "LISTRIGHTS ");
	ok(imap_deleteacl(session, NULL, box, server->second_user, WAIT));
	tells(imap_myrights(session, NULL, box, HEAR), "MYRIGHTS ");
	ok(imap_setquota(session, NULL, box, "STORAGE 1000", HEAR));
	tells(imap_getquota(session, NULL, box, HEAR), "QUOTA ");
	heard("QUOTA", "STORAGE");
	tells(imap_getquotaroot(session, NULL, box, HEAR), "QUOTAROOT QUOTA ");
	ok(imap_setquota(session, NULL, box, "", HEAR));
	ok(imap_xatom(session, NULL, "NOOP", HEAR));
	stop();
}
END_TEST

/* A value comes back as a string, as a literal where it must, and as NIL where there is none. */
START_TEST(test_metadata)
{
	static const ServerKind with[] = {SERVER_DOVECOT_FULL, SERVER_CYRUS};
	static const char *const both[] = {"/shared/comment", "/private/comment", NULL};
	static const char value[] = "two\r\n\"lines\"";
	ImapAnnotation annotations[] = {{"/shared/comment", NULL, value},
					{"/private/comment", NULL, "one"}};

	start(with[_i]);
	ok(imap_create(session, NULL, "Box", WAIT));
	ok(imap_setmetadata(session, NULL, "Box", annotations, 2, WAIT));
	tells(imap_getmetadata(session, NULL, "Box", "", both, HEAR), "METADATA ");
	g_autoptr(GPtrArray) list = answers_pop(answers, "METADATA");
	g_autoptr(GBytes) sent = g_bytes_new_static(value, sizeof(value) - 1);
	bool found = false;
	for (guint i = 0; i < list->len; i++) {
		const Answer *answer = list->pdata[i];
		found |= answer->literal && g_bytes_equal(answer->literal, sent);
	}
	ck_assert_msg(found, "%s: the literal did not come back", server->name);
	annotations[0].value = annotations[1].value = NULL;
	ok(imap_setmetadata(session, NULL, "Box", annotations, 2, WAIT));
	tells(imap_getmetadata(session, NULL, "Box", "MAXSIZE 100", both, HEAR), "METADATA ");
	heard("METADATA", server->kind == SERVER_CYRUS ? "comment\" NIL" : "comment NIL");
	stop();
}
END_TEST

/* Of the server that still has ANNOTATEMORE. */
START_TEST(test_annotations)
{
	static const char *const entries[] = {"/comment", "/sort", NULL};
	static const char *const attributes[] = {"value.priv", "value.shared", NULL};
	ImapAnnotation annotations[] = {{"/comment", "value.priv", "a"},
					{"/comment", "value.shared", "two\r\nlines"},
					{"/sort", "value.priv", "c"}};

	start(SERVER_CYRUS);
	log_in("cyrus");
	g_autofree char *box = g_strdup_printf("user/%s", server->user);
	ok(imap_setannotation(session, NULL, box, annotations, 3, WAIT));
	tells(imap_getannotation(session, NULL, box, entries, attributes, HEAR),
	      "ANNOTATION ANNOTATION ");
	g_autoptr(GPtrArray) list = answers_pop(answers, "ANNOTATION");
	g_autoptr(GString) all = g_string_new(NULL);
	for (guint i = 0; i < list->len; i++) {
		const Answer *answer = list->pdata[i];
		GBytes *const parts[] = {answer->text, answer->literal};
		for (size_t k = 0; k < G_N_ELEMENTS(parts) && parts[k]; k++)
			g_string_append_len(all, g_bytes_get_data(parts[k], NULL),
					    (gssize)g_bytes_get_size(parts[k]));
	}
	ck_assert_msg(strstr(all->str, "\"value.priv\" \"a\"") != NULL, "%s", all->str);
	ck_assert_msg(strstr(all->str, "two\r\nlines") != NULL, "%s", all->str);
	ck_assert_msg(strstr(all->str, "\"value.priv\" \"c\"") != NULL, "%s", all->str);
	for (size_t i = 0; i < G_N_ELEMENTS(annotations); i++)
		annotations[i].value = NULL;
	ok(imap_setannotation(session, NULL, box, annotations, 3, WAIT));
	ok(imap_getannotation(session, NULL, box, entries, attributes, HEAR));
	heard("ANNOTATION", "\"value.priv\" NIL");
	stop();
}
END_TEST

/* --- what no server here has: a script answers --- */

typedef struct {
	int fd;
	const char *want, *say; /* behind the tag; say has the tag where it has '#' */
	GString *line;
} Script;

static gboolean on_line(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	Script *script = data;
	char buf[512];
	ssize_t n = read(script->fd, buf, sizeof(buf));

	(void)channel;
	(void)condition;
	if (n <= 0)
		return G_SOURCE_REMOVE;
	g_string_append_len(script->line, buf, n);
	if (!g_str_has_suffix(script->line->str, "\r\n"))
		return G_SOURCE_CONTINUE;
	g_autofree char *tag = g_strndup(script->line->str, strcspn(script->line->str, " "));
	bool capability = strstr(script->line->str, " CAPABILITY") != NULL;
	g_autoptr(GString) answer =
		g_string_new(capability ? "* CAPABILITY IMAP4rev1\r\n# OK so\r\n" : script->say);
	if (!capability)
		ck_assert_str_eq(script->line->str + strlen(tag) + 1, script->want);
	g_string_replace(answer, "#", tag, 0);
	ck_assert_int_eq(write(script->fd, answer->str, answer->len), (ssize_t)answer->len);
	g_string_truncate(script->line, 0);
	return G_SOURCE_CONTINUE;
}

static void perform(Script *script)
{
	static const char greeting[] = "* PREAUTH ready\r\n";
	static bool closed;
	const SessionConfig config = {.unchecked = true};
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	script->fd = ends[1];
	script->line = g_string_new(NULL);
	g_autoptr(GIOChannel) channel = g_io_channel_unix_new(ends[1]);
	g_io_add_watch(channel, G_IO_IN, on_line, script);
	ck_assert_int_eq(write(ends[1], greeting, sizeof(greeting) - 1), sizeof(greeting) - 1);
	session = session_open_fd(ends[0], true, &config, &events, &closed);
	while (session_state(session) != SESSION_AUTH)
		g_main_context_iteration(NULL, TRUE);
}

static void end_scripted(Script *script)
{
	g_clear_pointer(&session, session_free);
	close(script->fd);
	g_string_free(script->line, TRUE);
}

START_TEST(test_scripted)
{
	static TestServer nobody = {.name = "script"};
	Script script = {.want = "PROXYAUTH joe\r\n", .say = "# OK you are joe\r\n"};

	server = &nobody;
	answers = answers_new();
	told = g_string_new(NULL);
	perform(&script);
	ok(imap_proxyauth(session, NULL, "joe", WAIT));
	script.want = "SELECT INBOX\r\n";
	script.say = "* 1 EXISTS\r\n# OK selected\r\n";
	ok(imap_select(session, NULL, "INBOX", false, HEAR));
	script.want = "PARTIAL 1 RFC822.TEXT 1 4\r\n";
	script.say = "* 1 FETCH (RFC822.TEXT {4}\r\ntext)\r\n# OK there\r\n";
	ok(imap_partial(session, NULL, 1, "RFC822.TEXT", 1, 4, HEAR));
	heard("FETCH", "RFC822.TEXT {4}");
	script.want = "GETANNOTATION INBOX \"/comment\" \"value.shared\"\r\n";
	script.say = "* ANNOTATION INBOX \"/comment\" (\"value.shared\" \"x\")\r\n# OK there\r\n";
	tells(imap_getannotation(session, NULL, "INBOX", (const char *const[]){"/comment", NULL},
				 (const char *const[]){"value.shared", NULL}, HEAR),
	      "ANNOTATION ");
	script.want = "SETANNOTATION INBOX \"/comment\" (\"value.shared\" NIL)\r\n";
	script.say = "# OK gone\r\n";
	ok(imap_setannotation(session, NULL, "INBOX",
			      &(ImapAnnotation){"/comment", "value.shared", NULL}, 1, WAIT));
	end_scripted(&script);
	answers_free(answers);
	g_string_free(told, TRUE);
	g_free(refusal);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("commands", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_mailboxes, 0, G_N_ELEMENTS(kinds));
	tcase_add_loop_test(tcase, test_messages, 0, G_N_ELEMENTS(kinds));
	tcase_add_loop_test(tcase, test_extended, 0, G_N_ELEMENTS(kinds));
	tcase_add_test(tcase, test_compressed);
	tcase_add_test(tcase, test_access);
	tcase_add_loop_test(tcase, test_metadata, 0, 2);
	tcase_add_test(tcase, test_annotations);
	tcase_add_test(tcase, test_scripted);
	return run_suite(suite);
}
