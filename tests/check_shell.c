/* sheaf imap against real servers: every command gives what Python's imaplib gives, on a fresh copy
 * of the same mailbox; and what its exit status and its sentences are. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/terminal.h"

typedef struct {
	char *out, *err;
	int status;
} Ran;

/* Runs it in a directory of its own; `input` may be NULL. */
static Ran run(const char *const *argv, const char *input)
{
	g_autofree char *directory = place_temporary();
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
		G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_autoptr(GError) error = NULL;
	Ran ran = {0};

	g_subprocess_launcher_set_cwd(launcher, directory);
	g_autoptr(GSubprocess) process = g_subprocess_launcher_spawnv(launcher, argv, &error);
	ck_assert_msg(process != NULL, "%s", error ? error->message : "");
	ck_assert(g_subprocess_communicate_utf8(process, input, NULL, &ran.out, &ran.err, &error));
	ran.status = g_subprocess_get_exit_status(process);
	place_remove(directory);
	return ran;
}

static void ran_clear(Ran *ran)
{
	g_free(ran->out);
	g_free(ran->err);
}

static Ran run_shell(const char *url, const char *input)
{
	const char *argv[] = {place_binary(), "imap", url, NULL};

	return run(argv, input);
}

static const ServerKind kinds[] = {SERVER_DOVECOT, SERVER_DOVECOT_FULL, SERVER_CYRUS,
				   SERVER_COURIER};
/* The columns of doc/commands.md. */
static const char *const names[] = {"Dovecot", "Dovecot with plugins", "Cyrus", "Courier"};
/* Who may set quotas there. */
static const char *const administrators[] = {"", "", "cyrus", ""};

START_TEST(test_same_as_imaplib)
{
	g_autoptr(TestServer) server = server_start(kinds[_i], NULL);
	g_autofree char *script = place_source("tests/imaplib_same.py");
	g_autofree char *port = g_strdup_printf("%d", server->port);
	g_autofree char *table = place_source("doc/commands.md");
	const char *argv[] = {"python3", script,       place_binary(),      "127.0.0.1",
			      port,      server->user, server->second_user, server->password,
			      names[_i], table,        server->ca_file,     administrators[_i],
			      NULL};
	Ran ran = run(argv, "");

	ck_assert_msg(ran.status == 0, "%s: %s%s", server->name, ran.out, ran.err);
	ran_clear(&ran);
}
END_TEST

/* What no server here has. */
START_TEST(test_scripted_same_as_imaplib)
{
	g_autofree char *script = place_source("tests/imaplib_same.py");
	g_autofree char *table = place_source("doc/commands.md");
	const char *argv[] = {"python3", script,     place_binary(), "127.0.0.1", "0", "",  "",
			      "",        "a script", table,          "",          "",  NULL};
	Ran ran = run(argv, "");

	ck_assert_msg(ran.status == 0, "%s%s", ran.out, ran.err);
	ran_clear(&ran);
}
END_TEST

/* The two sequences of imaplib's own test, with names that each server takes; # is where personal
 * mailboxes are, @ the file of the message. */
static const char self_test[] =
	"create \"#xxx 1\"\n"
	"rename \"#xxx 1\" #yyy\n"
	"CREATE \"#yyz 2\"\n"
	"append \"#yyz 2\" None None <@\n"
	"list \"\" \"#yy*\"\n"
	"select \"#yyz 2\"\n"
	"search None SUBJECT test\n"
	"fetch 1 (FLAGS INTERNALDATE RFC822)\n"
	"store 1 FLAGS (\\Deleted)\n"
	"namespace\n"
	"expunge\n"
	"recent\n"
	"close\n"
	"delete #yyy\n"
	"delete \"#yyz 2\"\n"
	"select\n"
	"response UIDVALIDITY\n"
	"uid SEARCH ALL\n"
	"uid FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE RFC822.HEADER RFC822.TEXT)\n"
	"response EXISTS\n"
	"append None None None <@\n"
	"recent\n"
	/* The loop of imaplib's manual: all that is found is deleted. */
	"noop\n"
	"search None ALL\n"
	"store 1:* +FLAGS \\Deleted\n"
	"expunge\n"
	"search None ALL\n"
	"close\n"
	"logout\n";

static char *script_for(const TestServer *server, const char *message)
{
	const char *prefix = server->kind == SERVER_COURIER ? "INBOX." : "";
	g_autoptr(GString) script = g_string_new(self_test);

	g_string_replace(script, "#", prefix, 0);
	g_string_replace(script, "@", message, 0);
	return g_strdup_printf("login %s %s\n%s", server->user, server->password, script->str);
}

START_TEST(test_self_test_of_imaplib)
{
	g_autoptr(TestServer) server = server_start(kinds[_i], NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	g_autofree char *directory = place_temporary();
	g_autofree char *message = g_build_filename(directory, "message", NULL);
	g_autofree char *script = script_for(server, message);

	ck_assert(g_file_set_contents(
		message, "From: me@localhost\nSubject: IMAP4 test\n\ndata...\n", -1, NULL));

	server_add_message(server, server->user, "INBOX", "", "Subject: one\n\ntext\n");
	Ran ran = run_shell(url, script);
	ck_assert_msg(ran.status == 0, "%s: %s%s", server->name, ran.out, ran.err);
	ck_assert_msg(strstr(ran.out, "\nBYE\n") != NULL, "%s", ran.out);
	/* All that its loop found is gone. */
	Probe *probe = server_probe(server, server->user);
	g_autofree char *status = probe_expectf(probe, "STATUS INBOX (MESSAGES)");
	ck_assert_msg(strstr(status, "MESSAGES 0") != NULL, "%s: %s", server->name, status);
	probe_close(probe);
	place_remove(directory);
	ran_clear(&ran);
}
END_TEST

START_TEST(test_dates_as_imaplib)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *script = place_source("tests/imaplib_dates.py");
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	const char *argv[] = {"python3", script, place_binary(), url, NULL};
	Ran ran = run(argv, "");

	ck_assert_msg(ran.status == 0, "%s%s", ran.out, ran.err);
	ran_clear(&ran);
}
END_TEST

/* 0 all were OK, 1 one was not, 2 wrong usage, 3 nobody answers. */
START_TEST(test_exit_status)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	g_autofree char *nobody = g_strdup_printf("imap+plain://127.0.0.1:%d", server_free_port());
	const struct {
		const char *url, *input;
		int status;
		const char *said;
	} cases[] = {
		{url, "capability\n", 0, "OK\n"},
		{url, "# a comment\n\nnoop", 0, "OK\n"},
		{url, "select INBOX\nnoop\n", 1,
		 "error: command SELECT illegal in state NONAUTH\n"},
		{url, "copy 1\n", 1, "error: "},
		{url, "xatom XFOO\n", 1, "BAD\nerror: XATOM command error: BAD "},
		{url, "login alice wrong\n", 1, "NO\nerror: [AUTHENTICATIONFAILED] "},
		{url, "logout\nnoop\n", 1, "BYE\nLogging out\nerror: "},
		{url, "logout\nidle 1\n", 1, "BYE\nLogging out\nerror: "},
		{url, "idle soon\n", 1, "error: Usage: idle [SECONDS | burst]\n"},
		{url, "noop (\n", 1, "error: A “)” is missing.\n"},
		{nobody, "noop\n", 3, ""},
		{"gopher://x", "noop\n", 2, ""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Ran ran = run_shell(cases[i].url, cases[i].input);
		ck_assert_msg(ran.status == cases[i].status, "%s: status %d: %s%s", cases[i].input,
			      ran.status, ran.out, ran.err);
		ck_assert_msg(g_str_has_prefix(ran.out, cases[i].said), "%s", ran.out);
		if (ran.status > 1)
			ck_assert_msg(g_str_has_prefix(ran.err, "sheaf imap: "), "%s", ran.err);
		ran_clear(&ran);
	}
}
END_TEST

/* Of every line of help there is help by itself, and of what UID stands in front of. */
START_TEST(test_help)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	Ran all = run_shell(url, "help\n");
	g_auto(GStrv) lines = g_strsplit(all.out, "\n", -1);
	g_autoptr(GString) asked = g_string_new("help UID fetch\nhelp uid expunge\n");

	for (char **line = lines + 1; **line; line++)
		g_string_append_printf(asked, "help %.*s\n", (int)strcspn(*line, " "), *line);
	Ran each = run_shell(url, asked->str);
	ck_assert_msg(all.status == 0 && each.status == 0, "%s%s", asked->str, each.out);
	ck_assert_msg(g_str_has_prefix(each.out, "OK\nuid fetch SET WORDS … "), "%s", each.out);
	ck_assert_msg(strstr(each.out, "\nxatom WORDS … ") != NULL, "%s", each.out);
	Ran none = run_shell(url, "help nonsense\nhelp uid noop\n");
	ck_assert_msg(strstr(none.out, "OK") == NULL, "%s", none.out);
	ran_clear(&all);
	ran_clear(&each);
	ran_clear(&none);
}
END_TEST

/* RFC 4616, in base64.  Caller frees. */
static char *plain_response(const char *user, const char *password)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_c(text, '\0');
	g_string_append(text, user);
	g_string_append_c(text, '\0');
	g_string_append(text, password);
	return g_base64_encode((const guchar *)text->str, text->len);
}

/* Each way to log in that imaplib has, and what leads to it. */
START_TEST(test_log_in)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT_FULL, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://localhost:%d", server->port);
	g_autofree char *plain = plain_response(server->user, server->password);
	char *lines[] = {
		g_strdup_printf("login %s %s\nselect\n", server->user, server->password),
		g_strdup_printf("starttls\nlogin %s %s\nselect\n", server->user, server->password),
		g_strdup_printf("authenticate \"PLAIN\"\n=%s\nselect\n", plain),
		g_strdup_printf("login_cram_md5 %s %s\nselect\n", server->user, server->password),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		const char *argv[] = {place_binary(), "imap", "--ca", server->ca_file, url, NULL};
		Ran ran = run(argv, lines[i]);
		ck_assert_msg(ran.status == 0 && g_str_has_suffix(ran.out, "OK\n0\n"), "%s: %s%s",
			      lines[i], ran.out, ran.err);
		ck_assert_ptr_null(strstr(ran.out, server->password));
		ran_clear(&ran);
		g_free(lines[i]);
	}
	Ran ran = run_shell(url, "authenticate PLAIN\n*\ncapability\n");
	ck_assert_msg(ran.status == 1 && g_str_has_prefix(ran.out, "BAD\nerror: "), "%s", ran.out);
	ck_assert_ptr_nonnull(strstr(ran.out, "IMAP4rev1"));
	ran_clear(&ran);
}
END_TEST

/* The levels of imaplib's Debug; the last lines come with an abort whatever the level is. */
START_TEST(test_trace)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	g_autofree char *lines =
		g_strdup_printf("login %s wrong-one\nlogin %s %s\nselect\nxatom LOGOUT\nnoop\n",
				server->user, server->user, server->password);
	static const struct {
		const char *level, *shown, *hidden;
	} cases[] = {
		{"0", "C: A3 SELECT INBOX", "NONAUTH -> AUTH"},
		{"1", "S: A1 NO ", "NONAUTH -> AUTH"},
		{"3", "S: * OK [CAPABILITY ", "untagged "},
		{"4", "NONAUTH -> AUTH", "untagged "},
		{"5", "untagged 0 EXISTS", "never"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *argv[] = {place_binary(), "imap", "--debug", cases[i].level, url, NULL};
		Ran ran = run(argv, lines);
		ck_assert_msg(strstr(ran.err, cases[i].shown) || i == 2, "%s: no “%s”: %s",
			      cases[i].level, cases[i].shown, ran.err);
		ck_assert_msg(!strstr(ran.err, cases[i].hidden), "%s: “%s”: %s", cases[i].level,
			      cases[i].hidden, ran.err);
		ck_assert_ptr_nonnull(strstr(ran.out, "abort: "));
		/* Once, although noop comes to nothing as well. */
		char *last = strstr(ran.err, " C: A3 SELECT");
		ck_assert_msg(i > 0 || !strstr(last + 1, " C: A3 SELECT"), "%s", ran.err);
		ck_assert_ptr_null(strstr(ran.err, "wrong-one"));
		ck_assert_ptr_null(strstr(ran.err, server->password));
		ran_clear(&ran);
	}
}
END_TEST

/* The level that the environment names, and the option before it; what went over the line before a
 * connection was lost on its way. */
START_TEST(test_trace_from_outside)
{
	static const char url[] = "exec:sh -c \"echo '* BYE gone'\"";
	static const struct {
		const char *environment, *option, *said;
	} cases[] = {
		{"1", NULL, " S: * BYE gone\n"},
		{"4", "0", " S: * BYE gone\n"},
		{"4", NULL, "CONNECTING -> "},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *debug = cases[i].option ? "--debug" : NULL;
		const char *argv[] = {place_binary(), "imap", url, debug, cases[i].option, NULL};
		g_setenv("SHEAF_IMAP_DEBUG", cases[i].environment, TRUE);
		Ran ran = run(argv, "noop\n");
		g_unsetenv("SHEAF_IMAP_DEBUG");
		ck_assert_int_eq(ran.status, 3);
		ck_assert_msg(strstr(ran.err, cases[i].said) != NULL, "%s", ran.err);
		ck_assert_msg(g_str_has_suffix(ran.err, "says: gone\n"), "%s", ran.err);
		ck_assert_msg(i != 1 || !strstr(ran.err, " -> "), "%s", ran.err);
		ran_clear(&ran);
	}
}
END_TEST

/* What is typed is sent: a name in modified UTF-7 is not encoded again, and one that has 8 bits
 * arrives as it is, which Dovecot refuses. */
START_TEST(test_raw_names)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://%s:%s@127.0.0.1:%d", server->user,
					       server->password, server->port);
	const char *raw[] = {place_binary(), "imap", "--raw", "--debug", "4", url, NULL};
	Ran encoded = run_shell(url, "create Entwürfe\ncreate R&D\n");
	Ran typed = run(raw, "status Entw&APw-rfe (MESSAGES)\ncreate Gr&APw-n\n"
			     "status R&-D (MESSAGES)\ncreate Maß\n");
	Ran listed = run_shell(url, "status Grün (MESSAGES)\nlist \"\" Gr%\n");

	ck_assert_msg(encoded.status == 0, "%s", encoded.out);
	ck_assert_msg(g_str_has_prefix(typed.out, "OK\nEntw&APw-rfe (MESSAGES 0)\nOK\n"), "%s",
		      typed.out);
	ck_assert_msg(strstr(typed.out, "OK\nR&-D (MESSAGES 0)\nNO\n") != NULL, "%s", typed.out);
	ck_assert_msg(strstr(typed.err, "CREATE {4") && strstr(typed.out, "not valid mUTF-7"),
		      "%s%s", typed.out, typed.err);
	ck_assert_int_eq(typed.status, 1);
	ck_assert_msg(listed.status == 0 && strstr(listed.out, " Gr&APw-n\n"), "%s", listed.out);
	ran_clear(&encoded);
	ran_clear(&typed);
	ran_clear(&listed);
}
END_TEST

/* A value that no quotes can hold. */
START_TEST(test_metadata)
{
	g_autoptr(TestServer) server = server_start(SERVER_CYRUS, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://%s:%s@127.0.0.1:%d", server->user,
					       server->password, server->port);
	Ran ran = run_shell(url, "setmetadata INBOX (/private/comment \"für (uns)\")\n"
				 "getmetadata INBOX (/private/comment)\n");

	ck_assert_msg(ran.status == 0 && strstr(ran.out, "für (uns)"), "%s%s", ran.out, ran.err);
	ran_clear(&ran);
}
END_TEST

/* Dovecot gives every line its CRLF again: how long the literal was shows what was sent. */
START_TEST(test_line_ends)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://%s:%s@127.0.0.1:%d", server->user,
					       server->password, server->port);
	g_autofree char *file = g_build_filename(server->directory, "message", NULL);
	g_autofree char *line = g_strdup_printf("append INBOX None None <%s\n", file);
	static const struct {
		const char *option, *sent;
	} cases[] = {{"--json", "APPEND INBOX {9"}, {"--keep-line-ends", "APPEND INBOX {8"}};

	ck_assert(g_file_set_contents(file, "A: b\n\r\nc", -1, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *argv[] = {place_binary(),  "imap", "--debug", "4",
				      cases[i].option, url,    NULL};
		Ran ran = run(argv, line);
		ck_assert_msg(ran.status == 0 && strstr(ran.err, cases[i].sent), "%s%s", ran.out,
			      ran.err);
		ran_clear(&ran);
	}
}
END_TEST

START_TEST(test_connections)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	Ran ran = run_shell(url, "shutdown\nnoop\nsocket\nint2ap \"1\"\nint2ap x\nopen\nnoop\nopen "
				 "\"gopher:\"\nnoop\n");

	ck_assert_str_eq(ran.out,
			 "OK\nerror: There is no connection: open URL makes one.\n"
			 "error: There is no connection: open URL makes one.\n"
			 "OK\nB\nerror: Usage: int2ap NUMBER\nOK\nOK\nNOOP completed.\n"
			 "error: There is no file or directory gopher:; an address is one of "
			 "imaps://me@example.org, imap://me@example.org, "
			 "imap+plain://me@localhost, exec:COMMAND, or the path of a Maildir "
			 "or mbox.\nOK\nNOOP completed.\n");
	ran_clear(&ran);
}
END_TEST

/* IMAP4rev2, which no server here has, answers a search by ESEARCH: the numbers are data all the
 * same; what RETURN asked for stays what it is. */
START_TEST(test_search_of_rev2)
{
	static const char server[] =
		"printf '* PREAUTH [CAPABILITY IMAP4rev1 IMAP4rev2 ENABLE] ready\\r\\n'; "
		"while read -r tag rest; do case $rest in "
		"ENABLE*) printf '* ENABLED IMAP4rev2\\r\\n' ;; "
		"SELECT*) printf '* 9 EXISTS\\r\\n' ;; "
		"*FLAGGED*) printf '* ESEARCH (TAG \"%s\")\\r\\n' $tag ;; "
		"*MIN*) printf '* ESEARCH (TAG \"%s\") MIN 2\\r\\n' $tag ;; "
		"UID*) printf '* ESEARCH (TAG \"%s\") UID ALL 10:12\\r\\n' $tag ;; "
		"SEARCH*) printf '* ESEARCH (TAG \"%s\") ALL 1,3:5\\r\\n' $tag ;; "
		"esac; printf '%s OK done\\r\\n' $tag; done";
	g_autofree char *directory = place_temporary();
	g_autofree char *file = g_build_filename(directory, "server", NULL);
	g_autofree char *url = g_strconcat("exec:sh ", file, NULL);

	ck_assert(g_file_set_contents(file, server, -1, NULL));
	Ran ran = run_shell(url, "enable IMAP4rev2\nselect\nsearch None ALL\n"
				 "uid search ALL\nsearch None FLAGGED\n"
				 "search None RETURN (MIN) ALL\nresponse ESEARCH\n");

	ck_assert_str_eq(ran.out, "OK\ndone\nOK\n9\nOK\n1 3 4 5\nOK\n10 11 12\nOK\n\nOK\nESEARCH\n"
				  "(TAG \"A6\") MIN 2\n");
	ran_clear(&ran);
	place_remove(directory);
}
END_TEST

/* A shell that is typed to while it runs. */
typedef struct {
	GSubprocess *process;
	GDataInputStream *said;
} Talk;

static Talk talk_start(const TestServer *server, const char *option)
{
	g_autofree char *url = g_strdup_printf("imap+plain://%s:%s@127.0.0.1:%d", server->user,
					       server->password, server->port);
	const char *argv[] = {place_binary(), "imap", url, option, NULL};
	Talk talk = {
		g_subprocess_newv(
			argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL),
		NULL};

	talk.said = g_data_input_stream_new(g_subprocess_get_stdout_pipe(talk.process));
	return talk;
}

static void talk_type(Talk *talk, const char *line)
{
	ck_assert(g_output_stream_write_all(g_subprocess_get_stdin_pipe(talk->process), line,
					    strlen(line), NULL, NULL, NULL));
}

/* The next line has that in it. */
static void talk_expect(Talk *talk, const char *text)
{
	g_autofree char *line = g_data_input_stream_read_line(talk->said, NULL, NULL, NULL);

	ck_assert_msg(line && strstr(line, text), "“%s” has no “%s”", line ? line : "the end",
		      text);
}

static void talk_end(Talk *talk)
{
	g_output_stream_close(g_subprocess_get_stdin_pipe(talk->process), NULL, NULL);
	ck_assert(g_subprocess_wait_check(talk->process, NULL, NULL));
	g_object_unref(talk->said);
	g_object_unref(talk->process);
}

static const ServerKind idlers[] = {SERVER_DOVECOT, SERVER_COURIER};

/* Each answer as it comes, until the next line comes, and its own answer then. */
START_TEST(test_idle)
{
	g_autoptr(TestServer) server = server_start(idlers[_i], NULL);
	Talk talk = talk_start(server, NULL);
	gint64 began = g_get_monotonic_time();

	talk_type(&talk, "select\n");
	talk_expect(&talk, "OK");
	talk_expect(&talk, "0");
	talk_type(&talk, "idle 600\n");
	server_add_message(server, server->user, "INBOX", "", "Subject: one\n\ntext\n");
	talk_expect(&talk, "* 1 EXISTS");
	talk_expect(&talk, "* ");
	talk_type(&talk, "search None SUBJECT nothing\n");
	talk_expect(&talk, "OK");
	talk_expect(&talk, "");
	talk_expect(&talk, "OK");
	/* Nothing is found: an item that is empty. */
	talk_expect(&talk, "");
	talk_end(&talk);
	ck_assert_int_lt(g_get_monotonic_time() - began, 30 * G_USEC_PER_SEC);
}
END_TEST

/* All at once, as its data; what was typed before counts as nothing that comes. */
START_TEST(test_idle_burst)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	Talk talk = talk_start(server, "--json");

	talk_type(&talk, "select\n");
	talk_expect(&talk, "\"OK\"");
	server_add_message(server, server->user, "INBOX", "", "Subject: one\n\ntext\n");
	talk_type(&talk, "idle burst\nidle 1\nnoop\n");
	talk_expect(&talk, "\"data\": [\"1 EXISTS\"");
	talk_expect(&talk, "\"data\": [null]");
	talk_expect(&talk, "\"OK\"");
	talk_end(&talk);
}
END_TEST

/* Where a mechanism is refused at once, what should have answered it goes nowhere. */
START_TEST(test_secret_unasked)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	static const char *const inputs[] = {
		"authenticate NONSENSE\n=dXNlz3cretQ=\nprint_log\n",
		"authenticate NONSENSE\nuser\nz3cret\nprint_log\n",
		"xatom \"LOGIN\" user z3cret\nprint_log\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
		const char *argv[] = {place_binary(), "imap", "--debug", "5", url, NULL};
		Ran ran = run(argv, inputs[i]);
		ck_assert_int_eq(ran.status, 1);
		ck_assert_ptr_null(strstr(ran.out, "z3cret"));
		ck_assert_ptr_null(strstr(ran.err, "z3cret"));
		ck_assert_msg(i == 2 || strstr(ran.out, "error: Nothing was asked"), "%s", ran.out);
		ran_clear(&ran);
	}
}
END_TEST

/* A server that never speaks, and one that says which IMAP it does. */
START_TEST(test_patience_and_protocol)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://127.0.0.1:%d", server->port);
	g_autoptr(GSocketListener) mute = g_socket_listener_new();
	guint16 port = g_socket_listener_add_any_inet_port(mute, NULL, NULL);
	g_autofree char *lines = g_strdup_printf("protocol_version\nopen %s 0\n"
						 "open imap+plain://127.0.0.1:%u 1\nopen %s 9\n"
						 "send X NOOP\nreadline\nread x\nread 0\n",
						 url, port, url);
	g_autofree char *want = g_strdup_printf(
		"OK\nIMAP4rev1\nerror: Usage: open [URL [SECONDS]], with at least one second\n"
		"abort: 127.0.0.1 says nothing on port %u; does it want TLS there (imaps://)?\n"
		"OK\nOK\nOK\nX OK NOOP completed.",
		port);
	gint64 began = g_get_monotonic_time();
	Ran ran = run_shell(url, lines);

	ck_assert_msg(g_str_has_prefix(ran.out, want), "%s", ran.out);
	ck_assert_msg(strstr(ran.out, "error: Usage: read N\nOK\n") != NULL, "%s", ran.out);
	ck_assert_int_lt(g_get_monotonic_time() - began, 10 * G_USEC_PER_SEC);
	ran_clear(&ran);
}
END_TEST

/* A search's numbers come as one item however many they are, and a message whole. */
START_TEST(test_long_answers)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = g_strdup_printf("imap+plain://%s:%s@127.0.0.1:%d", server->user,
					       server->password, server->port);
	g_autofree char *body = g_strnfill(3 * 1024 * 1024, 'x');
	g_autofree char *message = g_strdup_printf("Subject: long\n\n%s\n", body);

	for (char *line = body; line + 77 < body + strlen(body); line += 77)
		line[76] = '\n';
	server_add_message(server, server->user, "INBOX", "", message);
	Ran ran = run_shell(url, "select\nfetch 1 BODY[TEXT]\n");
	ck_assert_int_eq(ran.status, 0);
	ck_assert_uint_gt(strlen(ran.out), 3 * 1024 * 1024);
	ran_clear(&ran);
}
END_TEST

static char *write_config(const TestServer *server, const char *text)
{
	char *file = g_build_filename(server->directory, "accounts.conf", NULL);

	ck_assert(g_file_set_contents(file, text, -1, NULL));
	return file;
}

/* As the reader takes them: an account's name, its password-command, its authority. */
START_TEST(test_accounts)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *good = server_config(server, "imaps", "");
	g_autofree char *without = server_url(server, "imap+plain", NULL);
	g_autofree char *failing = g_strdup_printf("[account test]\nurl = %s\npassword-command = "
						   "echo no secret here >&2; false\n",
						   without);
	g_autofree char *bad = write_config(server, failing);
	const struct {
		const char *config, *place;
		int status;
		const char *out, *err;
	} cases[] = {
		{good, "test", 0, "OK\n0\n", ""},
		{good, "nobody", 2, "", "sheaf imap: There is no file or directory nobody"},
		{bad, "test", 3, "", "sheaf imap: The password-command failed: no secret here\n"},
		{"none", without, 3, "",
		 "sheaf imap: The password of alice at localhost is wanted: type it on a terminal, "
		 "or write it into the URL.\n"},
		{"/nowhere/at/all", "test", 2, "", "sheaf imap: The configuration file "},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *argv[] = {place_binary(),  "imap",         "--config",
				      cases[i].config, cases[i].place, NULL};
		Ran ran = run(argv, "select\n");
		ck_assert_msg(ran.status == cases[i].status, "%s: status %d: %s%s", cases[i].place,
			      ran.status, ran.out, ran.err);
		ck_assert_str_eq(ran.out, cases[i].out);
		ck_assert_msg(g_str_has_prefix(ran.err, cases[i].err), "%s", ran.err);
		ran_clear(&ran);
	}
}
END_TEST

/* An account's password is for its own server. */
START_TEST(test_account_left)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *config = server_config(server, "imaps", "");
	g_autofree char *other = server_url(server, "imap+plain", NULL);
	g_autofree char *lines = g_strdup_printf("open %s\nopen\nselect\n", other);
	const char *argv[] = {place_binary(), "imap", "--config", config, "test", NULL};
	Ran ran = run(argv, lines);

	ck_assert_int_eq(ran.status, 1);
	ck_assert_msg(g_str_has_prefix(ran.out, "error: The password of alice at localhost is "
						"wanted"),
		      "%s", ran.out);
	ck_assert_msg(g_str_has_suffix(ran.out, "OK\nOK\n0\n"), "%s", ran.out);
	ran_clear(&ran);
}
END_TEST

START_TEST(test_password_typed)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	const char *arguments[] = {"imap", url, NULL};
	g_autoptr(Terminal) terminal = terminal_start_sheaf(arguments, NULL, 10, 80);
	g_autofree char *text = NULL;

	terminal_expect(terminal, "Password of alice at localhost:");
	terminal_send(terminal, "secret\r");
	terminal_expect(terminal, "imap>");
	terminal_send(terminal, "select\r");
	/* Not before its prompt: an end of input that is typed ahead is lost. */
	terminal_expect_match(terminal, "0 *\nimap>");
	text = terminal_text(terminal);
	ck_assert_ptr_null(strstr(text, "secret"));
	terminal_send(terminal, "\4");
	terminal_expect_exit(terminal, 0);
}
END_TEST

START_TEST(test_password_not_typed)
{
	g_autoptr(TestServer) server = server_start(SERVER_DOVECOT, NULL);
	g_autofree char *url = server_url(server, "imap+plain", NULL);
	const char *arguments[] = {"imap", url, NULL};
	g_autoptr(Terminal) terminal = terminal_start_sheaf(arguments, NULL, 10, 80);

	terminal_expect(terminal, "Password of alice at localhost:");
	terminal_send(terminal, "sec\3");
	terminal_expect(terminal, "is wanted");
	terminal_expect_exit(terminal, 3);
}
END_TEST

int main(void)
{
	TCase *tcase, *typed = tcase_create("typed");
	Suite *suite = one_case("shell", &tcase);

	suite_add_tcase(suite, typed);
	tcase_set_timeout(typed, 60);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_same_as_imaplib, 0, G_N_ELEMENTS(kinds));
	tcase_add_test(tcase, test_scripted_same_as_imaplib);
	tcase_add_loop_test(tcase, test_self_test_of_imaplib, 0, G_N_ELEMENTS(kinds));
	tcase_add_test(tcase, test_dates_as_imaplib);
	tcase_add_test(tcase, test_exit_status);
	tcase_add_test(tcase, test_help);
	tcase_add_test(tcase, test_log_in);
	tcase_add_test(typed, test_trace);
	tcase_add_test(tcase, test_trace_from_outside);
	tcase_add_test(tcase, test_raw_names);
	tcase_add_test(tcase, test_metadata);
	tcase_add_test(tcase, test_line_ends);
	tcase_add_test(tcase, test_connections);
	tcase_add_test(tcase, test_search_of_rev2);
	tcase_add_loop_test(typed, test_idle, 0, G_N_ELEMENTS(idlers));
	tcase_add_test(typed, test_idle_burst);
	tcase_add_test(typed, test_secret_unasked);
	tcase_add_test(tcase, test_patience_and_protocol);
	tcase_add_test(tcase, test_long_answers);
	tcase_add_test(tcase, test_accounts);
	tcase_add_test(tcase, test_account_left);
	tcase_add_test(typed, test_password_typed);
	tcase_add_test(tcase, test_password_not_typed);
	return run_suite(suite);
}
