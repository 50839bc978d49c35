#include "ui/show.h"

#include "ui/json.h"

#include "tests/run.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char message[] =
	"From: Ada <a@x.org>\r\nSubject: =?utf-8?q?caf=C3=A9?= \"x\"\r\n"
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	"--b\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9\r\n--b\r\n"
	"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhi\r\n--b\r\n"
	"Content-Type: application/pdf; name=\"a\\\"b.pdf\"\r\nContent-Disposition: attachment\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n";

static char *directory;

static void make_directory(void)
{
	directory = g_dir_make_tmp("sheaf-show-XXXXXX", NULL);
	ck_assert_ptr_nonnull(directory);
}

static void remove_directory(void)
{
	static const char *const names[] = {"mail", "out", "err"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);
		g_unlink(path);
	}
	g_rmdir(directory);
	g_free(directory);
}

static char *path_of(const char *name)
{
	return g_build_filename(directory, name, NULL);
}

static void write_mail(const char *text, size_t len)
{
	g_autofree char *path = path_of("mail");

	ck_assert(g_file_set_contents(path, text, (gssize)len, NULL));
}

static int redirect(const char *name, int fd)
{
	g_autofree char *path = path_of(name);
	int saved = dup(fd), file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(file, 0);
	dup2(file, fd);
	close(file);
	return saved;
}

/* Runs `sheaf show` with the words of `line` ("FILE" is the mail); `*out` gets what it wrote. */
static int run(const char *line, char **out, size_t *len)
{
	g_autofree char *mail = path_of("mail"), *written = path_of("out");
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	char *argv[8] = {"show"};
	int argc = 1;

	for (char **word = words; *word != NULL && **word != '\0'; word++)
		argv[argc++] = strcmp(*word, "FILE") == 0 ? mail : *word;
	fflush(stdout);
	int saved_out = redirect("out", STDOUT_FILENO), saved_err = redirect("err", STDERR_FILENO);
	int status = show_run(argc, argv);
	fflush(stdout);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	close(saved_out);
	close(saved_err);
	ck_assert(g_file_get_contents(written, out, len, NULL));
	return status;
}

static const struct {
	const char *line;
	int status;
	const char *expected;
} cases[] = {
	{"FILE", 0,
	 "From: Ada <a@x.org>\nSubject: café \"x\"\n\ncafé\n\n[2] message  message/rfc822  17\n"
	 "Subject: in\n\nhi\n\n[3] a\"b.pdf  application/pdf  3\n"},
	{"--parts FILE", 0,
	 "[]  multipart/mixed  298\n  [1]  text/plain  ISO-8859-1  quoted-printable  6\n"
	 "  [2]  message/rfc822  17\n    [2.1]  text/plain  2\n"
	 "  [3]  application/pdf  a\"b.pdf  base64  attachment  4\n"},
	{"--headers FILE", 0,
	 "From: Ada <a@x.org>\nSubject: café \"x\"\nContent-Type: multipart/mixed; boundary=b\n"},
	{"--headers --json FILE", 0,
	 "[[\"From\", \"Ada <a@x.org>\"],\n [\"Subject\", \"café \\\"x\\\"\"],\n"
	 " [\"Content-Type\", \"multipart/mixed; boundary=b\"]]\n"},
	{"--part 1 FILE", 0, "caf\xE9"},
	{"FILE --part 2", 0, "Subject: in\r\n\r\nhi"},
	{"--part 2.1 FILE", 0, "hi"},
	{"--part 9 FILE", 1, ""},
	{"no-such-file", 1, ""},
	{"", 2, ""},
	{"FILE FILE", 2, ""},
	{"--unknown FILE", 2, ""},
	{"--part", 2, ""},
	{"--parts --headers FILE", 2, ""},
	{"--json --part 1 FILE", 2, ""},
	{"-- FILE --parts", 2, ""},
};

START_TEST(shows)
{
	g_autofree char *out = NULL;
	size_t len;

	write_mail(message, sizeof message - 1);
	ck_assert_int_eq(run(cases[_i].line, &out, &len), cases[_i].status);
	ck_assert_str_eq(out, cases[_i].expected);
}
END_TEST

START_TEST(bytes_are_exact)
{
	g_autofree char *out = NULL;
	size_t len;

	write_mail(message, sizeof message - 1);
	ck_assert_int_eq(run("--part 3 FILE", &out, &len), 0);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(out, "\0\1\2", 3);
}
END_TEST

START_TEST(tree_as_json)
{
	static const char expected[] =
		"{\"section\": \"\", \"type\": \"multipart/mixed\", \"charset\": null, "
		"\"encoding\": null,"
		" \"filename\": null, \"disposition\": null, \"parts\": ["
		"{\"section\": \"1\", \"type\": \"text/plain\", \"charset\": \"ISO-8859-1\","
		" \"encoding\": \"quoted-printable\", \"filename\": null, \"disposition\": null,"
		" \"size\": 4, \"sha256\":"
		" \"ab6d00ed26d98d3b74e7b3c8cfbd2cdee1c7bd6e31daa8d7ee3c1e1d3ec5aab1\","
		" \"parts\": []}, ";
	g_autofree char *out = NULL,
			*sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "caf\xE9", 4);
	size_t len;

	write_mail(message, sizeof message - 1);
	ck_assert_int_eq(run("--parts --json FILE", &out, &len), 0);
	const char *at = strstr(expected, "ab6d");
	ck_assert_mem_eq(out, expected, (size_t)(at - expected));
	ck_assert_mem_eq(out + (at - expected), sum, 64);
	ck_assert_mem_eq(out + (at - expected) + 64, at + 64, strlen(at + 64));
	ck_assert_ptr_nonnull(strstr(out, "\"section\": \"2.1\""));
	ck_assert_ptr_nonnull(
		strstr(out, "\"filename\": \"a\\\"b.pdf\", \"disposition\": \"attachment\","
			    " \"size\": 3,"));
	ck_assert(g_str_has_suffix(out, "\"parts\": []}]}\n"));
}
END_TEST

START_TEST(line_ends_are_the_file_s)
{
	static const struct {
		const char *mail;
		const char *bytes;
	} mails[] = {
		{"X: y\n\na\nb\n", "a\nb\n"},
		{"X: y\r\n\r\na\r\nb\r\n", "a\r\nb\r\n"},
		{"X: y\r\n\r\na\nb\r\n", "a\nb\r\n"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
		g_autofree char *out = NULL;
		size_t len;
		write_mail(mails[i].mail, strlen(mails[i].mail));
		ck_assert_int_eq(run("--part 1 FILE", &out, &len), 0);
		ck_assert_str_eq(out, mails[i].bytes);
	}
}
END_TEST

START_TEST(what_is_no_mail)
{
	g_autofree char *out = NULL, *err = NULL, *path = path_of("err");
	size_t len;

	write_mail("", 0);
	ck_assert_int_eq(run("FILE", &out, &len), 1);
	ck_assert_uint_eq(len, 0);
	ck_assert(g_file_get_contents(path, &err, NULL, NULL));
	ck_assert_ptr_nonnull(strstr(err, "this is no mail"));
}
END_TEST

START_TEST(standard_input)
{
	g_autofree char *out = NULL, *path = path_of("mail");
	size_t len;

	write_mail("Subject: x\n\nfrom a pipe\n", 24);
	ck_assert_ptr_nonnull(freopen(path, "r", stdin));
	ck_assert_int_eq(run("-", &out, &len), 0);
	ck_assert_str_eq(out, "Subject: x\n\nfrom a pipe\n");
}
END_TEST

START_TEST(hostile_names_are_escaped)
{
	static const char mail[] = "Content-Type: a/b; name=\"x\x1B]0;\x07\xE2\x80\xAE.exe\"\n\nx";
	g_autofree char *tree = NULL, *json = NULL;
	size_t len;

	write_mail(mail, sizeof mail - 1);
	ck_assert_int_eq(run("--parts FILE", &tree, &len), 0);
	ck_assert_ptr_nonnull(strstr(tree, "x␛]0;␇<U+202E>.exe"));
	ck_assert_int_eq(run("--json FILE", &json, &len), 0);
	ck_assert_ptr_nonnull(strstr(json, "x\\u001b]0;\\u0007\\u202e.exe"));
}
END_TEST

START_TEST(json_strings)
{
	g_autoptr(GString) out = g_string_new("{");

	json_append_key(out, "k");
	json_append_string(out, "a\"\\\n\t\x01\x7F\xC2\x80é\U000E0041\xFF");
	json_append_key(out, "n");
	json_append_string(out, NULL);
	ck_assert_str_eq(out->str,
			 "{\"k\": \"a\\\"\\\\\\n\\t\\u0001\\u007f\\u0080é\\udb40\\udc41\uFFFD\","
			 " \"n\": null");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("show", &tcase);

	tcase_add_checked_fixture(tcase, make_directory, remove_directory);
	tcase_add_loop_test(tcase, shows, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tcase, bytes_are_exact);
	tcase_add_test(tcase, tree_as_json);
	tcase_add_test(tcase, line_ends_are_the_file_s);
	tcase_add_test(tcase, what_is_no_mail);
	tcase_add_test(tcase, standard_input);
	tcase_add_test(tcase, hostile_names_are_escaped);
	tcase_add_test(tcase, json_strings);
	return run_suite(suite);
}
