/* The default limits: what is one below and at each is taken, what is one beyond is not. Those of
 * SCRAM's iterations are in T032.txt. */
#include "config.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/account/folder.h"
#include "core/account/password.h"
#include "core/mailbox/uidsearch.h"
#include "core/net/transport.h"
#include "core/session/sasl.h"
#include "core/session/session.h"
#include "core/session/verdict.h"
#include "core/wire/fetch.h"
#include "core/wire/parser.h"
#include "core/wire/structure.h"
#include "mime/header.h"
#include "mime/parse.h"
#include "mime/split.h"
#include "mime/text.h"
#include "tests/run.h"
#include "tests/threats/threats.h"

/* Pushes it and takes what comes of it; false where the stream is broken. */
static bool push(Framer *framer, const char *bytes, size_t len)
{
	Frame frame;
	int got;

	framer_push(framer, bytes, len);
	while ((got = framer_next(framer, &frame, NULL)) > 0)
		continue;
	return got == 0;
}

static bool line_of(uint64_t bytes)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autofree char *rest = g_strnfill(bytes - 5, 'x');

	return push(framer, "* OK ", 5) && push(framer, rest, bytes - 5) && push(framer, "\r\n", 2);
}

static bool numbers_of(uint64_t bytes)
{
	static const char head[] = "* SEARCH";
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autofree char *chunk = g_malloc(65536);
	uint64_t left = bytes - strlen(head);

	for (size_t i = 0; i < 65536; i++)
		chunk[i] = i % 8 ? '1' : ' ';
	if (!push(framer, head, strlen(head)))
		return false;
	for (size_t n; left > 0; left -= n) {
		n = MIN(left, 65536);
		if (!push(framer, chunk, n))
			return false;
	}
	return push(framer, "\r\n", 2);
}

/* Nothing of it has to come. */
static bool literal_of(uint64_t bytes)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autofree char *line =
		g_strdup_printf("* 1 FETCH (UID 1 BODY[] {%" G_GUINT64_FORMAT "}\r\n", bytes);

	return push(framer, line, strlen(line));
}

/* All of a response, in two literals. */
static bool other_response_of(uint64_t bytes)
{
	static const char first[] = "* LIST () \"/\" x (\"a\" {3}\r\nabc";
	g_autoptr(Framer) framer = framer_new(NULL);
	size_t len = strlen(first) + strlen(" {00000000}\r\n");
	g_autofree char *line =
		g_strdup_printf("%s {%08" G_GUINT64_FORMAT "}\r\n", first, bytes - len);

	return push(framer, line, strlen(line));
}

/* Reads one response, which is not broken. */
static void read_one(const char *line, void (*each)(const Response *response, void *data),
		     void *data)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Arena *arena = arena_new();
	Response response;
	Frame frame;

	framer_push(framer, line, strlen(line));
	ck_assert_int_eq(framer_next(framer, &frame, NULL), 1);
	ck_assert(parser_read(arena, &frame, &response, NULL));
	each(&response, data);
	arena_free(arena);
}

static void see_truncated(MimePart *part, unsigned depth G_GNUC_UNUSED, void *truncated)
{
	*(bool *)truncated |= part->truncated;
}

static bool is_truncated(MimePart *root)
{
	bool truncated = false;

	part_foreach(root, see_truncated, &truncated);
	return truncated;
}

static void see_structure(const Response *response, void *truncated)
{
	*(bool *)truncated = is_truncated(response->fetch.structure);
}

static bool structure_is_whole(const char *body)
{
	g_autofree char *line = g_strdup_printf("* 1 FETCH (UID 1 BODYSTRUCTURE %s)\r\n", body);
	bool truncated = true;

	read_one(line, see_structure, &truncated);
	return !truncated;
}

#define LEAF "(\"a\" \"b\" NIL NIL NIL \"7BIT\" 1)"

static bool nested(uint64_t depth)
{
	g_autoptr(GString) body = g_string_new(NULL);

	for (uint64_t i = 1; i < depth; i++)
		g_string_append_c(body, '(');
	g_string_append(body, LEAF);
	for (uint64_t i = 1; i < depth; i++)
		g_string_append(body, " \"mixed\")");
	return structure_is_whole(body->str);
}

static bool told_parts(uint64_t parts)
{
	g_autoptr(GString) body = g_string_new("(");

	for (uint64_t i = 1; i < parts; i++)
		g_string_append(body, LEAF);
	g_string_append(body, " \"mixed\")");
	return structure_is_whole(body->str);
}

static void see_keywords(const Response *response, void *n)
{
	*(uint64_t *)n = g_strv_length((char **)response->flags.keywords);
}

static bool keywords(uint64_t wanted)
{
	g_autoptr(GString) line = g_string_new("* FLAGS (\\Seen");
	uint64_t n = 0;

	for (uint64_t i = 0; i < wanted; i++)
		g_string_append_printf(line, " kw%u", (unsigned)i);
	g_string_append(line, ")\r\n");
	read_one(line->str, see_keywords, &n);
	return n == wanted;
}

static bool count_folder(Folder *folder G_GNUC_UNUSED, unsigned depth G_GNUC_UNUSED, void *n)
{
	++*(uint64_t *)n;
	return true;
}

static bool folders(uint64_t wanted)
{
	Folder *root = folder_new_root();
	uint64_t n = 0;

	for (uint64_t i = 0; i < wanted; i++) {
		g_autofree char *name = g_strdup_printf("f%u", (unsigned)i);
		Response response = {.kind = RESPONSE_LIST,
				     .list = {.name = name, .delimiter = '/'}};
		folder_apply(root, &response);
	}
	folder_foreach(root, count_folder, &n);
	folder_free(root);
	return n == wanted;
}

static bool columns(uint64_t wanted)
{
	static const char before[] = "h says: ";
	g_autofree char *raw = g_strnfill(wanted - strlen(before), 'x');
	g_autofree char *words = verdict_words("h", raw);

	ck_assert_int_le(text_width(words), VERDICT_COLUMNS_MAX);
	return text_width(words) == (int)wanted;
}

static bool field_of(uint64_t bytes)
{
	g_autofree char *raw = g_strnfill(bytes, 'x');
	g_autofree char *shown = header_decode(raw, bytes);

	ck_assert_uint_le(strlen(shown), HEADER_SHOWN_MAX);
	ck_assert(g_utf8_validate(shown, -1, NULL));
	return strcmp(shown, raw) == 0;
}

/* So many multiparts in each other, and a text in the innermost. */
static bool mail_nested(uint64_t depth)
{
	g_autoptr(GString) raw = g_string_new(NULL);
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(MimePart) root = NULL;

	for (uint64_t i = 0; i < depth; i++)
		g_string_append_printf(
			raw, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n",
			(unsigned)i, (unsigned)i);
	g_string_append(raw, "Content-Type: text/plain\r\n\r\ntext\r\n");
	bytes = g_bytes_new(raw->str, raw->len);
	root = parse_message(bytes, NULL);
	return !is_truncated(root);
}

static bool mail_parts(uint64_t parts)
{
	g_autoptr(GString) raw = g_string_new("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(MimePart) root = NULL;

	for (uint64_t i = 1; i < parts; i++)
		g_string_append(raw, "--b\r\n\r\nx\r\n");
	bytes = g_bytes_new(raw->str, raw->len);
	root = parse_message(bytes, NULL);
	return !is_truncated(root);
}

static bool header_is_whole(GString *raw)
{
	g_autoptr(GBytes) bytes = g_bytes_new(raw->str, raw->len);
	g_autoptr(MimePart) root = parse_message(bytes, NULL);

	return !root->header_cut;
}

/* With the empty line at its end. */
static bool header_of(uint64_t bytes)
{
	g_autoptr(GString) raw = g_string_new("X: ");

	while (raw->len + 4 < bytes)
		g_string_append_c(raw, 'x');
	g_string_append(raw, "\r\n\r\n");
	ck_assert_uint_eq(raw->len, bytes);
	g_string_append(raw, "text\r\n");
	return header_is_whole(raw);
}

/* The empty line counts. */
static bool header_lines(uint64_t lines)
{
	g_autoptr(GString) raw = g_string_new(NULL);

	for (uint64_t i = 1; i < lines; i++)
		g_string_append(raw, "X: x\r\n");
	g_string_append(raw, "\r\ntext\r\n");
	return header_is_whole(raw);
}

typedef struct {
	bool told;
	char *said; /* NULL where all was well */
} Answer;

static void await(Answer *answer)
{
	while (!answer->told)
		g_main_context_iteration(NULL, TRUE);
}

static void on_password(const char *secret, const GError *error, void *data)
{
	Answer *answer = data;

	answer->told = true;
	answer->said = secret ? NULL : g_strdup(error->message);
}

static bool password_of(uint64_t bytes)
{
	g_autofree char *command =
		g_strdup_printf("head -c %" G_GUINT64_FORMAT " /dev/zero | tr '\\0' x", bytes);
	Answer answer = {0};
	Scope scope;

	scope_init(&scope);
	password_run("password-command", command, &scope, on_password, &answer);
	await(&answer);
	ck_assert(!answer.said || strstr(answer.said, "more than 1 MiB"));
	g_free(answer.said);
	return !answer.said;
}

static void on_stepped(const char *response, const GError *error, void *data)
{
	Answer *answer = data;

	answer->told = true;
	answer->said = response ? NULL : g_strdup(error->message);
}

/* Steps on; false where it is too much. */
static bool step(Sasl *sasl, const char *challenge)
{
	Answer answer = {0};
	bool too_much;

	sasl_step(sasl, challenge, on_stepped, &answer);
	await(&answer);
	too_much = answer.said && strstr(answer.said, "more and more");
	g_free(answer.said);
	return !too_much;
}

static Sasl *begin_sasl(void)
{
	SaslFacts facts = {.peer = "h", .user = "alice", .secret = "token"};
	Sasl *sasl = sasl_new(mechanism_find("XOAUTH2"), &facts, NULL);

	ck_assert(step(sasl, NULL));
	return sasl;
}

static bool rounds(uint64_t n)
{
	Sasl *sasl = begin_sasl();
	bool fine = true;

	for (uint64_t i = 0; i < n; i++)
		fine &= step(sasl, "e30=");
	sasl_free(sasl);
	return fine;
}

static bool challenge_of(uint64_t bytes)
{
	g_autofree char *base64 = g_strnfill(bytes - 4, 'A');
	Sasl *sasl = begin_sasl();
	bool fine = step(sasl, "e30=") && step(sasl, base64);

	sasl_free(sasl);
	return fine;
}

/* A session over one end of a socketpair. */

typedef struct {
	ImapSession *session;
	int fd; /* the server's */
	char *closed;
} Line;

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r G_GNUC_UNUSED,
			void *self G_GNUC_UNUSED)
{
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	((Line *)self)->closed = g_strdup(error->message);
}

static const SessionEvents events = {.response = on_response, .closed = on_closed};

static gboolean wake(void *data G_GNUC_UNUSED)
{
	return G_SOURCE_CONTINUE;
}

static void pass(Line *line, unsigned milliseconds)
{
	gint64 end = g_get_monotonic_time() + milliseconds * 1000;
	guint timer = g_timeout_add(10, wake, NULL);

	while (!line->closed && g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static void say(const Line *line, const char *bytes)
{
	ck_assert_int_eq(write(line->fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

static void open_line(Line *line, unsigned stall_seconds)
{
	SessionConfig config = {.stall_seconds = stall_seconds};
	int ends[2];

	*line = (Line){0};
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	line->fd = ends[1];
	line->session = session_open_fd(ends[0], true, &config, &events, line);
	say(line, "* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH IDLE] hello\r\n");
	while (session_state(line->session) != SESSION_AUTH)
		g_main_context_iteration(NULL, TRUE);
}

static void close_line(Line *line)
{
	session_free(line->session);
	close(line->fd);
	g_free(line->closed);
}

static void on_found(const UidSet *uids, const GError *error, void *data)
{
	Answer *answer = data;

	ck_assert((uids == NULL) == (error != NULL));
	answer->told = true;
	answer->said = error ? g_strdup(error->message) : NULL;
}

static bool found(uint64_t n)
{
	g_autofree char *said = g_strdup_printf(
		"* OK [READ-WRITE] it is\r\nA1 OK selected\r\n* ESEARCH (TAG \"A2\") UID ALL "
		"1:%" G_GUINT64_FORMAT "\r\nA2 OK found\r\n",
		n);
	Answer answer = {0};
	Writer *select;
	Scope scope;
	Line line;

	open_line(&line, 0);
	scope_init(&scope);
	select = session_begin(line.session, COMMAND_ID_SELECT);
	writer_mailbox(select, "INBOX");
	session_submit(line.session, &scope, select, NULL, NULL, NULL);
	uidsearch_run(line.session, &scope, "ALL", on_found, &answer);
	pass(&line, 50);
	g_auto(GStrv) halves = g_strsplit(said, "* ESEARCH", 2);
	say(&line, halves[0]);
	pass(&line, 50);
	say(&line, said + strlen(halves[0]));
	await(&answer);
	ck_assert(!answer.said || strstr(answer.said, "more than 16000000 messages"));
	g_free(answer.said);
	close_line(&line);
	return !answer.said;
}

/* What is met, and whether so much of it passes. */
static const struct {
	const char *what;
	bool (*passes)(uint64_t n);
	uint64_t limit;
	const uint64_t *set; /* or here */
} limits[] = {
	{"bytes of a line", line_of, 1 << 20, NULL},
	{"bytes of numbers", numbers_of, 128 << 20, NULL},
	{"numbers found", found, UIDSEARCH_MAX, NULL},
	{"bytes of a literal", literal_of, 0, &framer_default_limits.max_literal},
	{"bytes of a response that is no FETCH", other_response_of, 64 << 20, NULL},
	{"levels of a structure", nested, STRUCTURE_MAX_DEPTH, NULL},
	{"parts of a structure", told_parts, STRUCTURE_MAX_PARTS, NULL},
	{"keywords", keywords, FETCH_MAX_KEYWORDS, NULL},
	{"folders", folders, FOLDERS_MAX, NULL},
	{"columns of a server's words", columns, VERDICT_COLUMNS_MAX, NULL},
	{"rounds of SASL", rounds, SASL_ROUNDS_MAX, NULL},
	{"bytes of SASL", challenge_of, SASL_CHALLENGE_MAX, NULL},
	{"bytes of a password command", password_of, PASSWORD_OUTPUT_MAX, NULL},
	{"levels of a mail", mail_nested, PARSE_DEPTH_MAX, NULL},
	{"parts of a mail", mail_parts, PARSE_PARTS_MAX, NULL},
	{"bytes of a header", header_of, SPLIT_HEADER_BYTES_MAX, NULL},
	{"lines of a header", header_lines, SPLIT_HEADER_LINES_MAX, NULL},
	{"bytes of a field", field_of, HEADER_SHOWN_MAX, NULL},
};

START_TEST(test_limits)
{
	uint64_t limit = limits[_i].set ? *limits[_i].set : limits[_i].limit;

	ck_assert_msg(limits[_i].passes(limit - 1), "%s: one less", limits[_i].what);
	ck_assert_msg(limits[_i].passes(limit), "%s: as many", limits[_i].what);
	ck_assert_msg(!limits[_i].passes(limit + 1), "%s: one more", limits[_i].what);
}
END_TEST

/* A byte now and then is enough, and silence ends it; DONE is waited for no longer than that. */
START_TEST(test_stall)
{
	Line line;
	Writer *idle;
	Scope scope;

	open_line(&line, 1);
	scope_init(&scope);
	session_submit(line.session, &scope, session_begin(line.session, COMMAND_ID_NOOP), NULL,
		       NULL, NULL);
	for (unsigned i = 0; i < 5; i++) {
		say(&line, "*");
		pass(&line, 400);
		ck_assert_ptr_null(line.closed);
	}
	pass(&line, 4000);
	ck_assert_ptr_nonnull(line.closed);
	ck_assert(g_str_has_suffix(line.closed, "has not answered for 1 seconds."));
	close_line(&line);

	open_line(&line, 1);
	idle = session_begin(line.session, COMMAND_ID_IDLE);
	session_submit(line.session, &scope, idle, NULL, NULL, NULL);
	pass(&line, 50);
	say(&line, "+ idling\r\n");
	pass(&line, 1300);
	ck_assert_ptr_null(line.closed);
	session_break_idle(line.session);
	pass(&line, 4000);
	ck_assert_ptr_nonnull(line.closed);
	close_line(&line);
}
END_TEST

/* An address that never answers: its queue is full. */
START_TEST(test_connect)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof where;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), waiting[4];
	Line line = {.fd = -1};

	/* GLib 2.74 itself leaks an attempt that timed out and could have been cancelled. */
	if (SANITIZER_FACTOR > 1)
		return;
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(listen(listener, 0), 0);
	getsockname(listener, (struct sockaddr *)&where, &size);
	for (size_t i = 0; i < G_N_ELEMENTS(waiting); i++) {
		waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(waiting[i], (struct sockaddr *)&where, size);
	}
	g_autofree char *url = g_strdup_printf("imaps://a:b@127.0.0.1:%u", ntohs(where.sin_port));
	g_autoptr(Endpoint) to = endpoint_parse(url, NULL, NULL);
	SessionConfig config = {.endpoint = to, .connect_seconds = 1};

	line.session = session_open(&config, &events, &line);
	pass(&line, 500);
	ck_assert_ptr_null(line.closed);
	pass(&line, 4000);
	ck_assert_ptr_nonnull(line.closed);
	session_free(line.session);
	g_free(line.closed);
	for (size_t i = 0; i < G_N_ELEMENTS(waiting); i++)
		close(waiting[i]);
	close(listener);
}
END_TEST

/* The row of the table, its commas left out. */
static char *find_row(const char *text, const char *what)
{
	g_autofree char *start = g_strdup_printf("\n| %s |", what);
	const char *row = strstr(text, start);
	GString *line;

	ck_assert_msg(row != NULL, "no row “%s”", what);
	line = g_string_new_len(row + 1, (gssize)strcspn(row + 1, "\n"));
	g_string_replace(line, ",", "", 0);
	return g_string_free(line, FALSE);
}

/* doc/SECURITY.md says the same. */
START_TEST(test_document)
{
	static const struct {
		const char *row;
		uint64_t number;
		const char *unit;
	} rows[] = {
		{"a response outside literals", 1, "MiB"},
		{"SEARCH, SORT, THREAD, ESEARCH, VANISHED", 128, "MiB"},
		{"messages that a search finds", UIDSEARCH_MAX / 1000000, "million"},
		{"all of a response that is no FETCH", 64, "MiB"},
		{"a structure (BODYSTRUCTURE)", STRUCTURE_MAX_DEPTH, "levels"},
		{"a structure (BODYSTRUCTURE)", STRUCTURE_MAX_PARTS, "parts"},
		{"keywords in a list of flags", FETCH_MAX_KEYWORDS, "|"},
		{"folders", FOLDERS_MAX, "|"},
		{"a server's words", VERDICT_COLUMNS_MAX, "columns"},
		{"SASL", SASL_ROUNDS_MAX, "rounds"},
		{"SASL", SASL_CHALLENGE_MAX / 1024, "KiB"},
		{"iterations of SCRAM", SASL_ITERATIONS_MIN, "to"},
		{"iterations of SCRAM", SASL_ITERATIONS_MAX, "|"},
		{"the output of a password command", PASSWORD_OUTPUT_MAX >> 20, "MiB"},
		{"a mail", PARSE_DEPTH_MAX, "levels"},
		{"a mail", PARSE_PARTS_MAX, "parts"},
		{"a header", SPLIT_HEADER_BYTES_MAX >> 20, "MiB"},
		{"a header", SPLIT_HEADER_LINES_MAX, "lines"},
		{"a field of it, as shown", HEADER_SHOWN_MAX >> 10, "KiB"},
		{"connecting", TRANSPORT_CONNECT_SECONDS, "s"},
		{"silence while an answer is due", SESSION_STALL_SECONDS, "s"},
		{"silence behind DONE", SESSION_DONE_SECONDS, "s"},
	};
	g_autofree char *text = NULL;

	ck_assert(g_file_get_contents(THREATS_DIR "/../../doc/SECURITY.md", &text, NULL, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *row = find_row(text, rows[i].row);
		g_autofree char *number =
			g_strdup_printf(" %" G_GUINT64_FORMAT " %s", rows[i].number, rows[i].unit);
		ck_assert_msg(strstr(row, number) != NULL, "no%s in %s", number, row);
	}
}
END_TEST

const Threat threats_limits[] = {
	{"limits", &test_limits, G_N_ELEMENTS(limits)},
	{"limits stall", &test_stall, 0},
	{"limits connect", &test_connect, 0},
	{"limits document", &test_document, 0},
	{NULL, NULL, 0},
};
