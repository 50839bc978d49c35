/* A large attachment saved by the real reader: its bytes, its memory, its progress, and Ctrl-C.
 * $SHEAF_MEGABYTES says how large, 50 where it is not set. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/place.h"
#include "tests/run.h"
#include "tests/terminal.h"

#define BLOCK 57 /* octets of a line in base64 */

static char *directory;

static size_t blocks; /* of what is attached */

static void set_size(int megabytes)
{
	const char *wanted = g_getenv("SHEAF_MEGABYTES");

	blocks = (size_t)(wanted ? atoi(wanted) : megabytes) * 1000000 / BLOCK;
}

/* The n-th piece of what is attached. */
static void fill(size_t n, guchar block[BLOCK])
{
	for (size_t i = 0; i < BLOCK; i++)
		block[i] = (guchar)((n * 31 + i * 7) >> (i % 3));
}

static void write_message(const char *path)
{
	FILE *file = fopen(path, "w");
	guchar block[BLOCK];

	ck_assert_ptr_nonnull(file);
	fputs("From: ada@example.org\r\nSubject: A large one\r\nMIME-Version: 1.0\r\n"
	      "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\nLook at this.\r\n"
	      "--b\r\nContent-Type: application/octet-stream; name=\"large.bin\"\r\n"
	      "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n",
	      file);
	for (size_t n = 0; n < blocks; n++) {
		fill(n, block);
		g_autofree char *line = g_base64_encode(block, BLOCK);
		fprintf(file, "%s\r\n", line);
	}
	fputs("--b--\r\n", file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

static char *make_maildir(void)
{
	static const char *const parts[] = {"cur", "new", "tmp"};
	char *mail = g_build_filename(directory, "mail", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = g_build_filename(mail, parts[i], NULL);
		ck_assert_int_eq(g_mkdir_with_parents(path, 0777), 0);
		ck_assert_int_eq(chmod(path, 0777), 0);
	}
	ck_assert_int_eq(chmod(mail, 0777), 0);
	return mail;
}

static void is_saved(const char *path)
{
	FILE *file = fopen(path, "r");
	guchar want[BLOCK], got[BLOCK];

	ck_assert_ptr_nonnull(file);
	for (size_t n = 0; n < blocks; n++) {
		fill(n, want);
		ck_assert_uint_eq(fread(got, BLOCK, 1, file), 1);
		ck_assert_mem_eq(got, want, BLOCK);
	}
	ck_assert_int_eq(fgetc(file), EOF);
	fclose(file);
}

/* Of the reader, in KiB. */
static long status_number(const Terminal *t, const char *name)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", terminal_pid(t));
	g_autofree char *text = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	const char *at = strstr(text, name);
	ck_assert_ptr_nonnull(at);
	return strtol(at + strlen(name) + 1, NULL, 10);
}

static Terminal *open_parts(void)
{
	g_autofree char *mail = make_maildir();
	g_autofree char *message = g_build_filename(mail, "cur", "1.large:2,", NULL);
	const char *const arguments[] = {"-c", "none", mail, NULL};

	write_message(message);
	Terminal *t = terminal_start_sheaf(arguments, NULL, 24, 80);
	terminal_expect(t, "A large one");
	terminal_keys(t, "<Enter>");
	terminal_expect(t, "Look at this.");
	terminal_keys(t, "v");
	terminal_expect(t, "large.bin");
	terminal_keys(t, "jj");
	return t;
}

static void save_as(Terminal *t, const char *path)
{
	terminal_keys(t, "S");
	terminal_expect(t, "Save as:");
	terminal_keys(t, "<C-u>");
	terminal_send(t, path);
	terminal_keys(t, "<Enter>");
}

START_TEST(a_large_part_goes_to_the_disk)
{
	g_autofree char *path = g_build_filename(directory, "saved", NULL);
	set_size(50);
	g_autoptr(Terminal) t = open_parts();
	long before = status_number(t, "VmHWM");

	save_as(t, path);
	terminal_expect(t, "Saved as");
	long more = status_number(t, "VmHWM") - before;
	printf("%ld KiB more at the peak, above %ld KiB\n", more, before);
/* ASan holds back what was freed: 256 MiB of it. */
#ifndef __SANITIZE_ADDRESS__
	ck_assert_int_lt(more, 12000);
#endif
	is_saved(path);
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
}
END_TEST

static unsigned entries(void)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir))
		n++;
	return n;
}

static bool is_alone(Terminal *t, void *data)
{
	(void)t;
	(void)data;
	return entries() == 1;
}

START_TEST(a_cancelled_one_leaves_nothing)
{
	g_autofree char *path = g_build_filename(directory, "saved", NULL);
	g_autofree char *text = NULL;

	/* It is shown when it lasts. */
	set_size(150);
	g_autoptr(Terminal) t = open_parts();
	save_as(t, path);
	terminal_expect_match(t, "Fetching the message [1-9][0-9.]*[KM]?/[1-9]");
	terminal_keys(t, "<C-c>");
	terminal_expect(t, "Cancelled: Fetching the message");
	terminal_expect_gone(t, "C-c cancels");
	ck_assert(terminal_wait_until(t, is_alone, NULL, TERMINAL_PATIENCE));
	terminal_keys(t, "k");
	save_as(t, path);
	terminal_expect(t, "Saved as");
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_str_eq(text, "Look at this.");
	terminal_keys(t, "Q");
	terminal_expect_exit(t, 0);
}
END_TEST

static void setup(void)
{
	directory = place_temporary();
}

static void teardown(void)
{
	place_remove(directory);
	g_free(directory);
}

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("save_reader", &tests);

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, a_large_part_goes_to_the_disk);
	tcase_add_test(tests, a_cancelled_one_leaves_nothing);
	return run_suite(suite);
}
