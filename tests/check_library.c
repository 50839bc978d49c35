/* The library as its callers see it, through its header alone: what each function sends, by a
 * script; how commands end; and all of it against a real server. */
#include "core/library/imap-client.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/listener.h"
#include "tests/player.h"
#include "tests/run.h"
#include "tests/server.h"

static ImapClient *client;
static GQueue ends = G_QUEUE_INIT; /* char*: how commands ended, oldest first */
static bool inside;                /* a function of the library */

/* --- what is told --- */

/* The code, its name and the predicates say the same. */
static const char *class_of(const GError *error)
{
	ImapErrorCode code = imap_error_code(error);

	ck_assert_int_eq(imap_error_is_error(error), code >= IMAP_ERROR_ERROR);
	ck_assert_int_eq(imap_error_is_abort(error), code >= IMAP_ERROR_ABORT);
	ck_assert_int_eq(imap_error_is_readonly(error), code == IMAP_ERROR_READONLY);
	if (code == IMAP_ERROR_NONE)
		return "cancelled";
	return imap_error_name(error);
}

static char *described(const ImapReply *reply)
{
	g_autofree char *text = imap_reply_text(reply, 0);

	if (reply->error)
		return g_strdup_printf("%s: %s", class_of(reply->error), reply->error->message);
	return g_strdup_printf("%s %s", reply->type, text);
}

static void on_done(ImapClient *c, const ImapReply *reply, gpointer data)
{
	(void)data;
	ck_assert(!client || c == client);
	ck_assert_msg(!inside, "told from inside the call");
	g_queue_push_tail(&ends, described(reply));
}

static void forget(void)
{
	g_clear_pointer(&client, imap_client_free);
	g_queue_clear_full(&ends, g_free);
	g_queue_init(&ends);
}

#define DONE on_done, NULL

/* --- what each function sends --- */

static GBytes *message(void)
{
	static const char text[] = "Subject: x\n\ny\n";

	return g_bytes_new_static(text, sizeof(text) - 1);
}

static GBytes *answer_step(GBytes *challenge, gpointer data)
{
	gsize len;
	const char *asked = g_bytes_get_data(challenge, &len);

	if (g_strcmp0(data, "cancel") == 0)
		return NULL;
	return g_bytes_new_take(g_strdup_printf("<%.*s>", (int)len, asked), len + 2);
}

#define CALLS(name, call)                                                                          \
	static guint send_##name(void)                                                             \
	{                                                                                          \
		return call;                                                                       \
	}
#define C client

CALLS(capability, imap_client_capability(C, DONE))
CALLS(noop, imap_client_noop(C, DONE))
CALLS(id, imap_client_id(C, ((const char *const[]){"name", "a \"b\"", NULL}), DONE))
CALLS(no_id, imap_client_id(C, NULL, DONE))
CALLS(xatom, imap_client_xatom(C, "XPIG", "LATIN (a b)", DONE))
CALLS(xatom_alone, imap_client_xatom(C, "XPIG", "", DONE))
CALLS(run, imap_client_run(C, "xPig latin", DONE))
CALLS(login, imap_client_login(C, "(me", "\"x y\"", DONE))
CALLS(login_none, imap_client_login(C, "None", "None", DONE))
CALLS(proxyauth, imap_client_proxyauth(C, "ada", DONE))
CALLS(enable, imap_client_enable(C, "CONDSTORE X", DONE))
CALLS(create, imap_client_create(C, "Box", NULL, DONE))
CALLS(create_special, imap_client_create(C, "Box", "\\Sent", DONE))
CALLS(create_quote, imap_client_create(C, "\"x", NULL, DONE))
CALLS(create_list, imap_client_create(C, "(x", NULL, DONE))
CALLS(create_none, imap_client_create(C, "None", NULL, DONE))
CALLS(create_file, imap_client_create(C, "</etc/passwd", NULL, DONE))
CALLS(create_umlaut, imap_client_create(C, "Grüße & Küsse", NULL, DONE))
CALLS(delete, imap_client_delete(C, "a b", DONE))
CALLS(rename, imap_client_rename(C, "a b", "c) UID (", DONE))
CALLS(subscribe, imap_client_subscribe(C, "Box", DONE))
CALLS(unsubscribe, imap_client_unsubscribe(C, "Box", DONE))
CALLS(list, imap_client_list(C, NULL, NULL, NULL, DONE))
CALLS(list_more, imap_client_list(C, "", "%", "RETURN (SPECIAL-USE)", DONE))
CALLS(lsub, imap_client_lsub(C, NULL, "a*", DONE))
CALLS(namespace, imap_client_namespace(C, DONE))
CALLS(status, imap_client_status(C, "Box", "MESSAGES UNSEEN", DONE))
CALLS(status_listed, imap_client_status(C, "Box", "(MESSAGES)", DONE))
CALLS(notify, imap_client_notify(C, "NONE", DONE))
CALLS(getquota, imap_client_getquota(C, "", DONE))
CALLS(getquotaroot, imap_client_getquotaroot(C, "INBOX", DONE))
CALLS(setquota, imap_client_setquota(C, "a b", "STORAGE 1", DONE))
CALLS(getacl, imap_client_getacl(C, "INBOX", DONE))
CALLS(setacl, imap_client_setacl(C, "INBOX", "a b", "+lr", DONE))
CALLS(deleteacl, imap_client_deleteacl(C, "INBOX", "ada", DONE))
CALLS(listrights, imap_client_listrights(C, "INBOX", "ada", DONE))
CALLS(myrights, imap_client_myrights(C, "INBOX", DONE))
CALLS(getmetadata, imap_client_getmetadata(C, "", "(DEPTH 1)", "(/private/comment)", DONE))
CALLS(getmetadata_short, imap_client_getmetadata(C, "INBOX", NULL, "/private/comment", DONE))
CALLS(setmetadata, imap_client_setmetadata(C, "", "(/private/comment \"x\")", DONE))
CALLS(getannotation,
      imap_client_getannotation(C, "INBOX", "(\"/comment\" \"/x\")", "\"value.shared\"", DONE))
CALLS(setannotation,
      imap_client_setannotation(C, "INBOX", "\"/comment\" (\"value.shared\" \"x\")", DONE))
CALLS(select, imap_client_select(C, NULL, false, NULL, DONE))
CALLS(select_readonly, imap_client_select(C, "a b", true, "(CONDSTORE)", DONE))
CALLS(examine, imap_client_examine(C, "readonly", NULL, DONE))
CALLS(check, imap_client_check(C, DONE))
CALLS(expunge, imap_client_expunge(C, DONE))
CALLS(search,
      imap_client_search(C, NULL, "FROM \"ada\" HEADER Message-ID <1@x> SUBJECT None", DONE))
CALLS(search_charset, imap_client_search(C, "UTF-8", "ALL", DONE))
CALLS(sort, imap_client_sort(C, "REVERSE DATE", "UTF-8", "ALL", DONE))
CALLS(thread, imap_client_thread(C, "REFERENCES", "UTF-8", "UNSEEN SEEN", DONE))
CALLS(fetch, imap_client_fetch(C, "1:3,6:*", "(FLAGS UID)", DONE))
CALLS(fetch_more, imap_client_fetch(C, "*", "FLAGS (CHANGEDSINCE 5)", DONE))
CALLS(fetch_header, imap_client_fetch(C, "$", "BODY[HEADER.FIELDS (SUBJECT)]", DONE))
CALLS(partial, imap_client_partial(C, "1", "RFC822.TEXT", 1, 50, DONE))
CALLS(store, imap_client_store(C, "1", "+FLAGS.SILENT", "\\Seen $X", DONE))
CALLS(store_unchanged, imap_client_store_unchanged(C, "1", 7, "-FLAGS", "(\\Seen)", DONE))
CALLS(copy, imap_client_copy(C, "1:2", "a b", DONE))
CALLS(move, imap_client_move(C, "1:2", "\"x", DONE))
CALLS(uid, imap_client_uid(C, "fetch", "5 (BODY.PEEK[])", DONE))
CALLS(uid_search, imap_client_uid_search(C, "ALL", DONE))
CALLS(uid_sort, imap_client_uid_sort(C, "(DATE)", "UTF-8", "ALL", DONE))
CALLS(uid_thread, imap_client_uid_thread(C, "REFS", "UTF-8", "ALL", DONE))
CALLS(uid_fetch, imap_client_uid_fetch(C, "3:*", "FLAGS", DONE))
CALLS(uid_store, imap_client_uid_store(C, "3", "FLAGS", "\\Seen", DONE))
CALLS(uid_store_unchanged, imap_client_uid_store_unchanged(C, "3", 7, "FLAGS", "\\Seen", DONE))
CALLS(uid_copy, imap_client_uid_copy(C, "3", "(x", DONE))
CALLS(uid_move, imap_client_uid_move(C, "3", "Box", DONE))
CALLS(uid_expunge, imap_client_uid_expunge(C, "3:4", DONE))
CALLS(unselect, imap_client_unselect(C, DONE))
CALLS(close, imap_client_close(C, DONE))
CALLS(compress, imap_client_compress(C, DONE))
CALLS(logout, imap_client_logout(C, DONE))
CALLS(recent, imap_client_recent(C, DONE))
CALLS(idle, imap_client_idle(C, 0, DONE))
CALLS(idle_second, imap_client_idle(C, 1, DONE))
CALLS(authenticate, imap_client_authenticate(C, "x-three", answer_step, NULL, DONE))
CALLS(authenticate_not, imap_client_authenticate(C, "X-THREE", answer_step, (char *)"cancel", DONE))
CALLS(login_cram_md5, imap_client_login_cram_md5(C, "tim", "tanstaaftanstaaf", DONE))
CALLS(starttls, imap_client_starttls(C, DONE))

static guint append(const char *mailbox, const char *flags, const char *date)
{
	g_autoptr(GBytes) bytes = message();

	return imap_client_append(C, mailbox, flags, date, bytes, DONE);
}

CALLS(append, append(NULL, NULL, NULL))
CALLS(append_more, append("a b", "\\Seen", "\"01-Jan-2026 12:00:00 +0100\""))

static guint send_append_messages(void)
{
	g_autoptr(GBytes) bytes = message();
	const ImapMessage messages[] = {{"(\\Seen)", NULL, bytes}, {NULL, NULL, bytes}};

	return imap_client_append_messages(C, "None", messages, 2, true, DONE);
}

/* What cannot be sent. */
CALLS(bad_set, imap_client_fetch(C, "1 (FLAGS)", "UID", DONE))
CALLS(no_criteria, imap_client_search(C, NULL, NULL, DONE))
CALLS(open_quote, imap_client_search(C, NULL, "FROM \"ada", DONE))
CALLS(end_of_line, imap_client_status(C, "Box", "(MESSAGES)\r\nA9 DELETE Box", DONE))
CALLS(no_file, imap_client_run(C, "append Box None None </etc/passwd", DONE))

static const struct {
	const char *name;
	guint (*send)(void);
	const char *line; /* behind its tag; NULL: nothing is sent */
} functions[] = {
#define SENDS(name, line)                                                                          \
	{                                                                                          \
#name, send_##name, line                                                           \
	}
	/* while not authenticated */
	SENDS(capability, "CAPABILITY"),
	SENDS(noop, "NOOP"),
	SENDS(id, "ID (\"name\" \"a \\\"b\\\"\")"),
	SENDS(no_id, "ID NIL"),
	SENDS(xatom, "XPIG LATIN (a b)"),
	SENDS(xatom_alone, "XPIG"),
	SENDS(run, "xPig latin"),
	SENDS(login, "LOGIN \"(me\" \"\\\"x y\\\"\""),
	/* authenticated */
	SENDS(proxyauth, "PROXYAUTH ada"),
	SENDS(create, "CREATE Box"),
	SENDS(create_special, "CREATE Box (USE (\\Sent))"),
	SENDS(create_quote, "CREATE \"\\\"x\""),
	SENDS(create_list, "CREATE \"(x\""),
	SENDS(create_none, "CREATE None"),
	SENDS(create_file, "CREATE </etc/passwd"),
	SENDS(create_umlaut, "CREATE \"Gr&APwA3w-e &- K&APw-sse\""),
	SENDS(delete, "DELETE \"a b\""),
	SENDS(rename, "RENAME \"a b\" \"c) UID (\""),
	SENDS(subscribe, "SUBSCRIBE Box"),
	SENDS(unsubscribe, "UNSUBSCRIBE Box"),
	SENDS(list, "LIST \"\" \"*\""),
	SENDS(list_more, "LIST \"\" \"%\" RETURN (SPECIAL-USE)"),
	SENDS(lsub, "LSUB \"\" \"a*\""),
	SENDS(namespace, "NAMESPACE"),
	SENDS(status, "STATUS Box (MESSAGES UNSEEN)"),
	SENDS(status_listed, "STATUS Box (MESSAGES)"),
	SENDS(notify, "NOTIFY NONE"),
	SENDS(getquota, "GETQUOTA \"\""),
	SENDS(getquotaroot, "GETQUOTAROOT INBOX"),
	SENDS(setquota, "SETQUOTA \"a b\" (STORAGE 1)"),
	SENDS(getacl, "GETACL INBOX"),
	SENDS(setacl, "SETACL INBOX \"a b\" +lr"),
	SENDS(deleteacl, "DELETEACL INBOX ada"),
	SENDS(listrights, "LISTRIGHTS INBOX ada"),
	SENDS(myrights, "MYRIGHTS INBOX"),
	SENDS(getmetadata, "GETMETADATA \"\" (DEPTH 1) (/private/comment)"),
	SENDS(getmetadata_short, "GETMETADATA INBOX /private/comment"),
	SENDS(setmetadata, "SETMETADATA \"\" (/private/comment \"x\")"),
	SENDS(getannotation, "GETANNOTATION INBOX (\"/comment\" \"/x\") \"value.shared\""),
	SENDS(setannotation, "SETANNOTATION INBOX \"/comment\" (\"value.shared\" \"x\")"),
	SENDS(append, "APPEND INBOX {17+}\r\nSubject: x\r\n\r\ny\r\n"),
	SENDS(append_more, "APPEND \"a b\" (\\Seen) \"01-Jan-2026 12:00:00 +0100\" "
			   "{17+}\r\nSubject: x\r\n\r\ny\r\n"),
	SENDS(end_of_line, NULL),
	SENDS(no_file, NULL),
	SENDS(fetch, NULL),
	SENDS(enable, "ENABLE CONDSTORE X"),
	/* selected */
	SENDS(select_readonly, "EXAMINE \"a b\" (CONDSTORE)"),
	SENDS(examine, "EXAMINE readonly"),
	SENDS(select, "SELECT INBOX"),
	SENDS(check, "CHECK"),
	SENDS(expunge, "EXPUNGE"),
	SENDS(search, "SEARCH FROM \"ada\" HEADER Message-ID <1@x> SUBJECT None"),
	SENDS(search_charset, "SEARCH CHARSET UTF-8 ALL"),
	SENDS(sort, "SORT (REVERSE DATE) UTF-8 ALL"),
	SENDS(thread, "THREAD REFERENCES UTF-8 UNSEEN SEEN"),
	SENDS(fetch, "FETCH 1:3,6:* (FLAGS UID)"),
	SENDS(fetch_more, "FETCH * FLAGS (CHANGEDSINCE 5)"),
	SENDS(fetch_header, "FETCH $ BODY[HEADER.FIELDS (SUBJECT)]"),
	SENDS(partial, "PARTIAL 1 RFC822.TEXT 1 50"),
	SENDS(store, "STORE 1 +FLAGS.SILENT (\\Seen $X)"),
	SENDS(store_unchanged, "STORE 1 (UNCHANGEDSINCE 7) -FLAGS (\\Seen)"),
	SENDS(copy, "COPY 1:2 \"a b\""),
	SENDS(move, "MOVE 1:2 \"\\\"x\""),
	SENDS(uid, "UID FETCH 5 (BODY.PEEK[])"),
	SENDS(uid_search, "UID SEARCH ALL"),
	SENDS(uid_sort, "UID SORT (DATE) UTF-8 ALL"),
	SENDS(uid_thread, "UID THREAD REFS UTF-8 ALL"),
	SENDS(uid_fetch, "UID FETCH 3:* FLAGS"),
	SENDS(uid_store, "UID STORE 3 FLAGS (\\Seen)"),
	SENDS(uid_store_unchanged, "UID STORE 3 (UNCHANGEDSINCE 7) FLAGS (\\Seen)"),
	SENDS(uid_copy, "UID COPY 3 \"(x\""),
	SENDS(uid_move, "UID MOVE 3 Box"),
	SENDS(uid_expunge, "UID EXPUNGE 3:4"),
	SENDS(bad_set, NULL),
	SENDS(no_criteria, NULL),
	SENDS(open_quote, NULL),
	SENDS(unselect, "UNSELECT"),
	SENDS(close, NULL),
};

/* --- conversations --- */

static guint last_sent;

static guint send_by_name(const char *name)
{
	static const struct {
		const char *name;
		guint (*send)(void);
	} others[] = {
		{"idle", send_idle},
		{"idle second", send_idle_second},
		{"authenticate", send_authenticate},
		{"authenticate not", send_authenticate_not},
		{"login_cram_md5", send_login_cram_md5},
		{"login None", send_login_none},
		{"recent", send_recent},
		{"logout", send_logout},
		{"starttls", send_starttls},
		{"compress", send_compress},
		{"append messages", send_append_messages},
	};
	guint (*send)(void) = NULL;
	guint number;

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(others[i].name, name) == 0)
			send = others[i].send;
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			send = functions[i].send;
	ck_assert_msg(send != NULL, "%s", name);
	inside = true;
	number = send();
	inside = false;
	return number;
}

static void free_in_done(ImapClient *c, const ImapReply *reply, gpointer data)
{
	(void)data;
	g_queue_push_tail(&ends, described(reply));
	client = NULL;
	imap_client_free(c);
}

/* From inside the loop, where it does not wait. */
static gboolean on_free(gpointer data)
{
	(void)data;
	g_clear_pointer(&client, imap_client_free);
	return G_SOURCE_REMOVE;
}

/* Of a server that does not answer LOGOUT. */
static void free_outside(void)
{
	int64_t before = g_get_monotonic_time(), took;

	g_clear_pointer(&client, imap_client_free);
	took = g_get_monotonic_time() - before;
	ck_assert_int_ge(took, (IMAP_LOGOUT_SECONDS - 1) * G_USEC_PER_SEC);
	ck_assert_int_lt(took, (IMAP_LOGOUT_SECONDS + 3) * G_USEC_PER_SEC);
}

static char *told; /* by the listener, last */
static char *closed;
static GString *traced;

static CueResult see(const char *text)
{
	g_autofree char *end = g_queue_pop_head(&ends);

	if (!end)
		return CUE_LATER;
	if (g_pattern_match_simple(text, end))
		return CUE_DONE;
	fprintf(stderr, "it ended so: %s\n", end);
	return CUE_WRONG;
}

static CueResult check_state(const char *text)
{
	static const char *const names[] = {"CONNECTING", "NONAUTH", "AUTH", "SELECTED", "LOGOUT"};

	return strcmp(names[imap_client_state(client)], text) == 0 ? CUE_DONE : CUE_LATER;
}

/* Marks: do, free in done, cancel, free, see, state. */
static CueResult on_cue(const char *mark, const char *text, void *data)
{
	(void)data;
	if (strcmp(mark, "do") == 0)
		last_sent = send_by_name(text);
	else if (strcmp(mark, "free in done") == 0)
		imap_client_noop(client, free_in_done, NULL);
	else if (strcmp(mark, "cancel") == 0)
		imap_client_cancel(client, last_sent);
	else if (strcmp(mark, "shutdown") == 0)
		imap_client_shutdown(client);
	else if (strcmp(mark, "free") == 0)
		g_idle_add(on_free, NULL);
	else if (strcmp(mark, "log out in time") == 0)
		free_outside();
	else if (strcmp(mark, "closed") == 0)
		return strcmp(text, closed ? closed : "not yet") == 0 ? CUE_DONE : CUE_LATER;
	else if (strcmp(mark, "see") == 0)
		return see(text);
	else if (strcmp(mark, "state") == 0)
		return check_state(text);
	else
		return CUE_WRONG;
	return CUE_DONE;
}

static void on_untagged(ImapClient *c, const char *line, gpointer data)
{
	(void)c;
	(void)data;
	g_free(told);
	told = g_strdup(line);
}

/* It may be given back here, too. */
static void on_closed(ImapClient *c, const GError *error, gpointer data)
{
	(void)data;
	g_free(closed);
	closed = g_strdup(class_of(error));
	ck_assert(c == client);
	g_clear_pointer(&client, imap_client_free);
}

static void on_trace(const char *line, gpointer data)
{
	(void)data;
	g_string_append_printf(traced, "%s\n", line);
}

static void play(const char *name, const char *const *lines)
{
	Endpoint endpoint;
	int fd = listener_open(&endpoint);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%u", endpoint.port);
	PlayerOptions options = {0};
	ImapOptions how = {.debug = 5, .listener = {.untagged = on_untagged, .trace = on_trace}};
	char *wrong;

	traced = g_string_new(NULL);
	if (strcmp(name, "lost in silence") == 0)
		how.listener.closed = on_closed;
	if (strcmp(name, "too long") == 0)
		how.max_response = 1000;
	client = imap_client_open(url, &how, NULL);
	ck_assert_ptr_nonnull(client);
	wrong = player_play_lines(name, lines, fd, &options, on_cue, NULL);
	ck_assert_msg(!wrong, "%s", wrong);
	forget();
	g_clear_pointer(&told, g_free);
	g_clear_pointer(&closed, g_free);
	g_string_free(traced, TRUE);
}

#define GREETING "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ENABLE CONDSTORE] hello"

/* Of a line with a literal the player has each by itself. */
static void add_client_lines(GPtrArray *lines, const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "\r\n", -1);

	for (char **part = parts; *part; part++)
		g_ptr_array_add(lines, g_strdup_printf("C: %s", *part));
}

START_TEST(test_what_is_sent)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	unsigned tag = 0;

	g_ptr_array_add(lines, g_strdup(GREETING));
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		g_autofree char *sent = NULL;
		bool logs_in = strcmp(functions[i].name, "login") == 0;

		g_ptr_array_add(lines, g_strdup_printf("do: %s", functions[i].name));
		if (!functions[i].line) {
			g_ptr_array_add(lines, g_strdup("see: error: *"));
			continue;
		}
		sent = g_strdup_printf("A%u %s", ++tag, functions[i].line);
		add_client_lines(lines, sent);
		g_ptr_array_add(lines, g_strdup_printf("S: A%u OK %sdone", tag,
						       logs_in ? "[CAPABILITY IMAP4rev1 LITERAL+ "
								 "ENABLE CONDSTORE] "
							       : ""));
		g_ptr_array_add(lines, g_strdup("see: OK *"));
	}
	g_ptr_array_add(lines, g_strdup("quiet:"));
	g_ptr_array_add(lines, NULL);
	play("what is sent", (const char *const *)lines->pdata);
}
END_TEST

static const char *const two_messages[] = {
	GREETING,
	"do: login None",
	"C: A1 LOGIN None \"None\"",
	"S: A1 OK [CAPABILITY IMAP4rev1 LITERAL+ MULTIAPPEND] in",
	"see: OK *",
	"do: append messages",
	"C: A2 APPEND None (\\Seen) {14+}",
	"C: Subject: x\\x0A\\x0Ay\\x0A {14+}",
	"C: Subject: x\\x0A\\x0Ay\\x0A",
	"S: A2 OK done",
	"see: OK done",
	NULL,
};

/* They are given at once, and go one behind the other; a refused log-in is an error. */
static const char *const in_a_row[] = {
	"do: login",
	"do: noop",
	"do: select",
	GREETING,
	"C: A1 LOGIN \"(me\" \"\\\"x y\\\"\"",
	"quiet:",
	"S: A1 NO [AUTHENTICATIONFAILED] never",
	"see: error: *never",
	"state: NONAUTH",
	"C: A2 NOOP",
	"S: A2 NO not now",
	"see: NO not now",
	"see: error: *illegal in state NONAUTH",
	"do: noop",
	"C: A3 NOOP",
	"S: A3 BAD what?",
	"see: error: *BAD what?",
	"quiet:",
	NULL,
};

#define SELECTED                                                                                   \
	"do: login", "C: A1 LOGIN \"(me\" \"\\\"x y\\\"\"", "S: A1 OK [CAPABILITY IMAP4rev1] in",  \
		"see: OK *", "do: select", "C: A2 SELECT INBOX"

/* imaplib's readonly: the mailbox is selected all the same. */
static const char *const readonly[] = {
	GREETING,           SELECTED,
	"S: * 3 EXISTS",    "S: A2 OK [READ-ONLY] done",
	"see: readonly: *", "state: SELECTED",
	"do: noop",         "see: readonly: *",
	"do: examine",      "C: A3 EXAMINE readonly",
	"S: * 3 EXISTS",    "S: A3 OK [READ-ONLY] done",
	"see: OK 3",        NULL,
};

static const char *const line_lost[] = {
	GREETING,
	"do: noop",
	"C: A1 NOOP",
	"do: capability",
	"S: * BYE going down",
	"close:",
	"see: abort: *going down*",
	"see: abort: *",
	"state: LOGOUT",
	"do: noop",
	"see: abort: *",
	NULL,
};

static const char *const shut_down[] = {
	GREETING,        "do: noop",
	"C: A1 NOOP",    "do: capability",
	"shutdown:",     "see: abort: *closed*",
	"state: LOGOUT", "gone:",
	"see: abort: *", NULL,
};

/* The sent one's answer is nobody's; the other was never sent. */
static const char *const cancelled[] = {
	GREETING,
	"do: noop",
	"C: A1 NOOP",
	"cancel:",
	"see: cancelled: *",
	"do: capability",
	"cancel:",
	"see: cancelled: *",
	"S: A1 OK done",
	"do: noop",
	"C: A2 NOOP",
	"S: A2 OK done",
	"see: OK done",
	NULL,
};

static const char *const authenticate[] = {
	GREETING,
	"do: authenticate",
	"C: A1 AUTHENTICATE X-THREE",
	"S: + ",
	"C: PD4=",
	"S: + aGVsbG8=",
	"C: PGhlbGxvPg==",
	"S: + YWdhaW4=",
	"C: PGFnYWluPg==",
	"S: A1 NO not this time",
	"see: error: *not this time",
	"do: authenticate not",
	"C: A2 AUTHENTICATE X-THREE",
	"S: + aGVsbG8=",
	"C: *",
	"S: A2 BAD cancelled",
	"see: error: *cancelled",
	"do: login_cram_md5",
	"C: A3 AUTHENTICATE CRAM-MD5",
	/* of RFC 2195 2 */
	"S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
	"C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
	"S: A3 OK [CAPABILITY IMAP4rev1] in",
	"see: OK in",
	"state: AUTH",
	NULL,
};

/* Its step function is not asked any more. */
static const char *const authenticate_cancelled[] = {
	GREETING,     "do: authenticate",    "C: A1 AUTHENTICATE X-THREE",
	"cancel:",    "see: cancelled: *",   "S: + aGVsbG8=",
	"C: *",       "S: A1 BAD cancelled", "do: noop",
	"C: A2 NOOP", "S: A2 OK done",       "see: OK done",
	NULL,
};

static const char *const idle[] = {
	GREETING,         SELECTED,
	"S: * 3 EXISTS",  "S: A2 OK [READ-WRITE] done",
	"see: OK 3",      "do: idle",
	"do: noop",       "C: A3 IDLE",
	"S: + idling",    "S: * 4 EXISTS",
	"C: DONE",        "S: A3 OK idled",
	"see: OK idled",  "C: A4 NOOP",
	"S: A4 OK done",  "see: OK done",
	"do: idle",       "C: A5 IDLE",
	"S: + idling",    "quiet:",
	"do: noop",       "C: DONE",
	"S: A5 OK idled", "see: OK idled",
	"C: A6 NOOP",     "S: A6 OK done",
	"see: OK done",   "do: idle second",
	"C: A7 IDLE",     "S: + idling",
	"C: DONE",        "S: A7 OK idled",
	"see: OK idled",  NULL,
};

/* What is known is told and forgotten, else the server is asked. */
static const char *const recent[] = {
	GREETING,
	SELECTED,
	"S: * 3 EXISTS",
	"S: * 1 RECENT",
	"S: A2 OK [READ-WRITE] done",
	"see: OK 3",
	"do: recent",
	"see: OK 1",
	"do: recent",
	"C: A3 NOOP",
	"S: * 2 RECENT",
	"S: A3 OK done",
	"see: OK 2",
	"do: recent",
	"C: A4 NOOP",
	"S: A4 OK done",
	"see: OK ",
	NULL,
};

/* LOGOUT is said when it is freed, from a callback and from outside, and behind what still runs. */
static const char *const freed[] = {
	GREETING,       "do: noop",     "C: A1 NOOP",    "S: A1 OK done", "see: OK done", "free:",
	"C: A2 LOGOUT", "S: * BYE bye", "S: A2 OK done", "gone:",         NULL,
};
static const char *const freed_in_done[] = {
	GREETING,       "free in done:", "C: A1 NOOP",    "S: A1 OK done", "see: OK done",
	"C: A2 LOGOUT", "S: * BYE bye",  "S: A2 OK done", "gone:",         NULL,
};
static const char *const freed_while_running[] = {
	GREETING,
	"do: noop",
	"C: A1 NOOP",
	"do: capability",
	"free:",
	"see: cancelled: *",
	"see: cancelled: *",
	"quiet:",
	"S: A1 OK done",
	"C: A2 LOGOUT",
	"S: * BYE bye",
	"S: A2 OK done",
	"gone:",
	NULL,
};
static const char *const logged_out[] = {
	GREETING,
	"do: logout",
	"C: A1 LOGOUT",
	"S: * BYE bye",
	"S: A1 OK done",
	"see: BYE bye",
	"state: LOGOUT",
	"gone:",
	"do: noop",
	"see: error: *state LOGOUT",
	NULL,
};

static const char *const never_answered[] = {
	GREETING,        "do: noop",     "C: A1 NOOP",
	"S: A1 OK done", "see: OK done", "log out in time:",
	"C: A2 LOGOUT",  "gone:",        NULL,
};
static const char *const too_long[] = {
	GREETING,
	SELECTED,
	"S: * 3 EXISTS",
	"S: A2 OK done",
	"see: OK 3",
	"do: fetch",
	"C: A3 FETCH 1:3,6:* (FLAGS UID)",
	"S: * 1 FETCH (BODY[] {900}",
	"S-: {repeat 900 x}",
	"S: )",
	"S: * 2 FETCH (BODY[] {1001}",
	"see: abort: *",
	"gone:",
	NULL,
};
/* Nothing runs: only the listener hears of it. */
static const char *const lost_in_silence[] = {
	GREETING,       "do: noop", "C: A1 NOOP",    "S: A1 OK done",
	"see: OK done", "close:",   "closed: abort", NULL,
};

static const struct {
	const char *name;
	const char *const *lines;
} conversations[] = {
	{"never answered", never_answered},
	{"too long", too_long},
	{"lost in silence", lost_in_silence},
	{"two messages", two_messages},
	{"in a row", in_a_row},
	{"readonly", readonly},
	{"line lost", line_lost},
	{"shut down", shut_down},
	{"cancelled", cancelled},
	{"authenticate", authenticate},
	{"authenticate cancelled", authenticate_cancelled},
	{"idle", idle},
	{"recent", recent},
	{"freed", freed},
	{"freed in done", freed_in_done},
	{"freed while running", freed_while_running},
	{"logged out", logged_out},
};

START_TEST(test_conversations)
{
	play(conversations[_i].name, conversations[_i].lines);
}
END_TEST

/* --- a real server --- */

/* From here on as a program without a main loop does it. */
static const ImapReply *ok(guint command)
{
	const ImapReply *reply = imap_client_wait(client);
	g_autofree char *text = described(reply);

	ck_assert_uint_ne(command, 0);
	ck_assert_msg(imap_reply_is_ok(reply), "%s", text);
	return reply;
}

#define SHOULD_TELL(reply, i, expected)                                                            \
	do {                                                                                       \
		g_autofree char *text_ = imap_reply_text(reply, i);                                \
		ck_assert_str_eq(text_, expected);                                                 \
	} while (0)

static TestServer *server;

static char *give_password(const char *user, const char *host, gpointer data)
{
	(void)data;
	ck_assert_str_eq(user, server->user);
	ck_assert_str_eq(host, "localhost");
	return g_strdup(server->password);
}

static char *give_none(const char *user, const char *host, gpointer data)
{
	(void)user;
	(void)host;
	(void)data;
	return NULL;
}

static void open_client(const char *scheme, char *(*password)(const char *, const char *, gpointer))
{
	g_autofree char *url = server_url(server, scheme, NULL);
	ImapOptions options = {.ca_file = server->ca_file, .listener = {.password = password}};

	client = imap_client_open(url, &options, NULL);
	ck_assert_ptr_nonnull(client);
}

START_TEST(test_mailboxes)
{
	server = server_start(SERVER_DOVECOT_FULL, NULL);
	open_client("imaps", give_password);
	const char *const odd[] = {"\"x",           "(x",           "None", "a b",
				   "Grüße & Küsse", "</etc/passwd", "x)"};

	ok(imap_client_noop(client, NULL, NULL));
	ck_assert_int_eq(imap_client_state(client), IMAP_STATE_AUTH);
	ck_assert(imap_client_is_secure(client));
	ck_assert_int_ge(imap_client_socket(client), 0);
	ck_assert(imap_client_has(client, "idle"));
	ck_assert(!imap_client_has(client, "X-NEVER"));
	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		g_autofree char *name = NULL;

		ok(imap_client_create(client, odd[i], NULL, NULL, NULL));
		ok(imap_client_list(client, NULL, odd[i], NULL, NULL, NULL));
		ok(imap_client_select(client, odd[i], false, NULL, NULL, NULL));
		name = imap_client_mailbox(client);
		ck_assert_str_eq(name, odd[i]);
		ck_assert(!imap_client_is_readonly(client));
		ok(imap_client_close(client, NULL, NULL));
		ok(imap_client_delete(client, odd[i], NULL, NULL));
	}
	forget();
	server_stop(server);
}
END_TEST

static GString *heard;

static void on_heard(ImapClient *c, const char *line, gpointer data)
{
	(void)c;
	(void)data;
	g_string_append_printf(heard, "%s|", line);
}

static void append_and_select(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree char *date = imap_time2internaldate(0);

	ok(imap_client_append(client, NULL, "\\Seen", date, bytes, NULL, NULL));
	SHOULD_TELL(ok(imap_client_select(client, NULL, false, NULL, NULL, NULL)), 0, "1");
}

START_TEST(test_messages)
{
	server = server_start(SERVER_DOVECOT_FULL, NULL);
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	ImapOptions options = {.password = server->password, .listener = {.untagged = on_heard}};
	g_autofree char *quoted = imap_quote("\"ein\" Gruß \\");
	g_autofree char *criteria = g_strdup_printf("SUBJECT %s", quoted);
	g_autofree char *date = NULL;
	g_auto(GStrv) flags = NULL;
	g_autoptr(GPtrArray) exists = NULL;
	const ImapReply *reply;
	struct tm when;

	heard = g_string_new(NULL);
	client = imap_client_open(url, &options, NULL);
	append_and_select("Subject: \"ein\" Gruß \\\n\ntext\n");
	ck_assert_ptr_nonnull(strstr(heard->str, "1 EXISTS|"));
	exists = imap_client_response(client, "exists");
	ck_assert_uint_eq(exists->len, 1);
	ck_assert_ptr_null(imap_client_response(client, "EXISTS"));
	SHOULD_TELL(ok(imap_client_search(client, "UTF-8", criteria, NULL, NULL)), 0, "1");
	reply = ok(imap_client_fetch(client, "1:*", "(FLAGS INTERNALDATE)", NULL, NULL));
	date = imap_reply_text(reply, 0);
	ck_assert(imap_internaldate2tuple(date, &when));
	ck_assert_int_eq(mktime(&when), 0);
	flags = imap_parseflags(date);
	ck_assert_str_eq(flags[0], "\\Seen");
	reply = ok(imap_client_fetch(client, "1", "BODY.PEEK[TEXT]", NULL, NULL));
	ck_assert_uint_eq(imap_reply_count(reply), 2);
	ck_assert_uint_eq(g_bytes_get_size(imap_reply_answer(reply, 0)->literal), 6);
	ck_assert_ptr_nonnull(imap_answers_peek(reply->kept, "UIDVALIDITY"));
	reply = ok(imap_client_getquotaroot(client, "INBOX", NULL, NULL));
	ck_assert_uint_eq(reply->data->len, 2);
	g_string_free(heard, TRUE);
	forget();
	server_stop(server);
}
END_TEST

#define LONG_BYTES ((size_t)8 * 1024 * 1024)

static uint64_t most_unsent, most_arrived;

static gboolean watch_progress(gpointer data)
{
	uint64_t have, total;

	(void)data;
	most_unsent = MAX(most_unsent, imap_client_unsent(client));
	if (imap_client_progress(client, &have, &total))
		most_arrived = MAX(most_arrived, have);
	return G_SOURCE_CONTINUE;
}

START_TEST(test_long_messages)
{
	server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *text = g_strnfill(LONG_BYTES, 'x');
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, LONG_BYTES);
	guint watch = g_timeout_add(1, watch_progress, NULL);
	const ImapReply *reply;

	for (size_t at = 76; at < LONG_BYTES; at += 77)
		text[at] = '\n';
	open_client("imap+plain", give_password);
	ok(imap_client_append(client, NULL, NULL, NULL, bytes, NULL, NULL));
	ck_assert_uint_gt(most_unsent, 1024 * 1024);
	ck_assert_uint_eq(imap_client_unsent(client), 0);
	ok(imap_client_select(client, NULL, true, NULL, NULL, NULL));
	reply = ok(imap_client_fetch(client, "1", "BODY[]", NULL, NULL));
	ck_assert_uint_gt(g_bytes_get_size(imap_reply_answer(reply, 0)->literal), LONG_BYTES);
	ck_assert_uint_gt(most_arrived, 1024 * 1024);
	g_source_remove(watch);
	forget();
	server_stop(server);
}
END_TEST

/* Without a password it stands there for the caller's own log-in. */
START_TEST(test_log_ins)
{
	server = server_start(SERVER_DOVECOT, NULL);
	const ImapReply *reply;
	g_autofree char *log = NULL;

	open_client("imap", give_none);
	reply = imap_client_wait(client);
	ck_assert_str_eq(reply->type, "OK");
	ck_assert_int_eq(imap_client_state(client), IMAP_STATE_NONAUTH);
	ck_assert(imap_client_is_secure(client));
	imap_client_login(client, server->user, "wrong", NULL, NULL);
	reply = imap_client_wait(client);
	ck_assert(imap_error_is_login(reply->error) && imap_error_is_error(reply->error));
	ck_assert(!imap_error_is_abort(reply->error));
	ok(imap_client_login(client, server->user, server->password, NULL, NULL));
	log = imap_client_print_log(client);
	ck_assert_ptr_nonnull(strstr(log, "C: A"));
	ck_assert_ptr_null(strstr(log, server->password));
	forget();
	/* Nobody listens there, and nobody is trusted there. */
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server_free_port());
	client = imap_client_open(url, NULL, NULL);
	reply = imap_client_wait(client);
	ck_assert(imap_error_is_abort(reply->error) && !imap_error_is_tls(reply->error));
	forget();
	server->ca_file = (g_free(server->ca_file), g_strdup(server->other_ca_file));
	open_client("imaps", give_password);
	reply = imap_client_wait(client);
	ck_assert(imap_error_is_tls(reply->error) && imap_error_is_abort(reply->error));
	ck_assert(!imap_error_is_readonly(reply->error));
	forget();
	server_stop(server);
}
END_TEST

static GBytes *leave(GBytes *challenge, gpointer data)
{
	(void)challenge;
	imap_client_shutdown(client);
	g_clear_pointer(&client, imap_client_free);
	*(bool *)data = true;
	return g_bytes_new_static("x", 1);
}

/* The server's question is as good a moment as any other. */
START_TEST(test_freed_at_a_challenge)
{
	bool asked = false;

	server = server_start(SERVER_DOVECOT, NULL);
	open_client("imap", give_none);
	ck_assert_str_eq(imap_client_wait(client)->type, "OK");
	imap_client_authenticate(client, "PLAIN", leave, &asked, NULL, NULL);
	while (!asked)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_ptr_null(client);
	server_stop(server);
}
END_TEST

/* A simple program: what goes out of its scope has logged out. */
START_TEST(test_scope_logs_out)
{
	server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	ImapOptions options = {
		.password = server->password, .debug = 4, .listener = {.trace = on_trace}};
	int64_t before;

	traced = g_string_new(NULL);
	{
		g_autoptr(ImapClient) scoped = imap_client_open(url, &options, NULL);
		imap_client_select(scoped, NULL, false, NULL, NULL, NULL);
		ck_assert(imap_reply_is_ok(imap_client_wait(scoped)));
		ck_assert_ptr_null(strstr(traced->str, " LOGOUT"));
		before = g_get_monotonic_time();
	}
	ck_assert_int_lt(g_get_monotonic_time() - before, IMAP_LOGOUT_SECONDS * G_USEC_PER_SEC);
	ck_assert_ptr_nonnull(strstr(traced->str, " LOGOUT"));
	ck_assert_ptr_nonnull(strstr(traced->str, "S: * BYE"));
	ck_assert_ptr_null(strstr(traced->str, server->password));
	g_string_free(traced, TRUE);
	server_stop(server);
}
END_TEST

/* --- past the commands, and over a stream of the caller's own --- */

static void on_bytes(ImapClient *c, GBytes *bytes, const GError *error, gpointer data)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);

	ck_assert_ptr_eq(c, client);
	ck_assert_msg(!inside, "told from inside the call");
	ck_assert_msg(!error, "%s", error ? error->message : "");
	g_string_append_printf(data, "%.*s|", (int)len, text);
}

static void until(const GString *text, unsigned bars)
{
	for (unsigned n = 0; n < bars; g_main_context_iteration(NULL, TRUE)) {
		n = 0;
		for (const char *c = text->str; *c; c++)
			n += *c == '|';
		if (n >= bars)
			return;
	}
}

static void send_line(const char *line)
{
	g_autoptr(GBytes) bytes = g_bytes_new(line, strlen(line));

	ck_assert(imap_client_send(client, bytes, NULL));
}

static void go_past_the_commands(void)
{
	g_autoptr(GString) read = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	ok(imap_client_noop(client, NULL, NULL));
	ck_assert_str_eq(imap_client_protocol_version(client), "IMAP4rev1");
	send_line("X1 NOOP\r\nX2 NOOP\r\n");
	inside = true;
	ck_assert(imap_client_read(client, 5, on_bytes, read, NULL));
	inside = false;
	ck_assert(!imap_client_readline(client, on_bytes, read, &error));
	ck_assert(imap_error_is_error(error));
	until(read, 1);
	ck_assert(imap_client_readline(client, on_bytes, read, NULL));
	until(read, 2);
	ck_assert(imap_client_readline(client, on_bytes, read, NULL));
	until(read, 3);
	ck_assert(g_str_has_prefix(read->str, "X1 OK| NOOP completed"));
	ck_assert_ptr_nonnull(strstr(read->str, "|X2 OK NOOP completed"));
	imap_client_noop(client, DONE);
	ck_assert(!imap_client_send(client, NULL, NULL));
	ok(imap_client_noop(client, NULL, NULL));
}

static void on_no_bytes(ImapClient *c, GBytes *bytes, const GError *error, gpointer data)
{
	ck_assert_ptr_eq(c, client);
	ck_assert_int_eq(g_bytes_get_size(bytes), 0);
	ck_assert(!imap_error_is_abort(error));
	ck_assert_str_eq(error->message, "The command was cancelled.");
	++*(unsigned *)data;
}

/* Whoever waits for bytes is told, too, that none will come. */
START_TEST(test_freed_while_reading)
{
	unsigned times = 0;

	server = server_start(SERVER_DOVECOT, NULL);
	open_client("imaps", give_password);
	ok(imap_client_noop(client, NULL, NULL));
	ck_assert(imap_client_readline(client, on_no_bytes, &times, NULL));
	imap_client_free(client);
	ck_assert_uint_eq(times, 1);
	server_stop(server);
}
END_TEST

START_TEST(test_past_the_commands)
{
	server = server_start(SERVER_DOVECOT, NULL);
	open_client("imaps", give_password);
	go_past_the_commands();
	ck_assert_ptr_nonnull(imap_client_ssl(client));
	imap_client_shutdown(client);
	imap_client_wait(client);
	ck_assert_ptr_null(imap_client_ssl(client));
	ck_assert(!imap_client_readline(client, on_bytes, NULL, NULL));
	forget();
	server_stop(server);
}
END_TEST

static ImapStreamResult own_read(void *self, char *buf, size_t len, size_t *n, GError **error)
{
	ssize_t got = recv(GPOINTER_TO_INT(self), buf, len, MSG_DONTWAIT);

	(void)error;
	*n = got > 0 ? (size_t)got : 0;
	return got > 0 ? IMAP_STREAM_DONE : got == 0 ? IMAP_STREAM_CLOSED : IMAP_STREAM_WANT_READ;
}

static ImapStreamResult own_send(void *self, const char *buf, size_t len, size_t *n, GError **error)
{
	ssize_t put = send(GPOINTER_TO_INT(self), buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)error;
	*n = put > 0 ? (size_t)put : 0;
	return put > 0 ? IMAP_STREAM_DONE : IMAP_STREAM_WANT_WRITE;
}

static int own_descriptor(void *self, bool writing)
{
	(void)writing;
	return GPOINTER_TO_INT(self);
}

static void own_shutdown(void *self)
{
	close(GPOINTER_TO_INT(self));
}

static const ImapStream own_stream = {
	.read = own_read, .send = own_send, .shutdown = own_shutdown, .descriptor = own_descriptor};

/* The library's TLS over it, as the URL wants it. */
static const char *const own_schemes[] = {"imap+plain", "imap", "imaps"};

START_TEST(test_a_stream_of_ones_own)
{
	server = server_start(SERVER_DOVECOT, NULL);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool tls = strcmp(own_schemes[_i], "imaps") == 0;
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port =
					 htons((uint16_t)(tls ? server->tls_port : server->port)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	g_autofree char *url = server_url(server, own_schemes[_i], NULL);
	ImapOptions options = {.ca_file = server->ca_file,
			       .allow_clear = true,
			       .listener = {.password = give_password},
			       .stream = &own_stream,
			       .stream_self = GINT_TO_POINTER(fd)};

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	client = imap_client_open(url, &options, NULL);
	go_past_the_commands();
	ck_assert(imap_client_is_secure(client) == (_i > 0));
	ok(imap_client_select(client, NULL, false, NULL, NULL, NULL));
	forget();
	server_stop(server);
}
END_TEST

START_TEST(test_bad_urls)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(imap_client_open("gopher://x", NULL, &error));
	ck_assert(imap_error_is_error(error));
	ck_assert_str_eq(imap_error_name(error), "error");
	ck_assert_ptr_null(imap_error_name(NULL));
	ck_assert_int_eq(imap_error_code(NULL), IMAP_ERROR_NONE);
	imap_client_free(NULL);
}
END_TEST

START_TEST(test_conversions)
{
	g_autofree char *name = imap_decode_mailbox("Gr&APwA3w-e &- K&APw-sse");
	g_autofree char *quoted = imap_quote("a \"b\" \\c");
	g_autofree char *letters = imap_int2ap(0x1f);

	ck_assert_str_eq(name, "Grüße & Küsse");
	ck_assert_str_eq(quoted, "\"a \\\"b\\\" \\\\c\"");
	ck_assert_str_eq(letters, "BP");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("library", &tcase);

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, test_what_is_sent);
	tcase_add_loop_test(tcase, test_conversations, 0, G_N_ELEMENTS(conversations));
	tcase_add_test(tcase, test_mailboxes);
	tcase_add_test(tcase, test_messages);
	tcase_add_test(tcase, test_long_messages);
	tcase_add_test(tcase, test_log_ins);
	tcase_add_test(tcase, test_freed_at_a_challenge);
	tcase_add_test(tcase, test_scope_logs_out);
	tcase_add_test(tcase, test_freed_while_reading);
	tcase_add_test(tcase, test_past_the_commands);
	tcase_add_loop_test(tcase, test_a_stream_of_ones_own, 0, G_N_ELEMENTS(own_schemes));
	tcase_add_test(tcase, test_bad_urls);
	tcase_add_test(tcase, test_conversions);
	return run_suite(suite);
}
