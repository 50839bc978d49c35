/* All of the torture messages and some thousand real ones, taken apart and rendered.  The mail is
 * none of the project's: it lies in $SHEAF_CORPUS, or beside the source tree, and the test is
 * skipped where it does not.  SHEAF_CORPUS_MESSAGES says how many real ones, 6,000 where it is not
 * set. */
#include "mime/parse.h"
#include "mime/render.h"
#include "mime/text.h"

#include "tests/run.h"

#include <stdio.h>
#include <string.h>

/* ck_assert writes a note for every assertion that holds, and here are millions. */
#define expect(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg(__VA_ARGS__);                                                 \
	} while (0)

#define MESSAGES 6000
#define SKIP     77

static char *corpus;   /* where the archives are */
static char *unpacked; /* where their content is, below the build tree */
static unsigned seen, refused;

static void check_span(const char *path, const DocSpan *span, const MimeDoc *doc)
{
	expect(g_utf8_validate_len(span->text, span->len, NULL), "%s: not UTF-8", path);
	expect(span->link < (int)doc_link_count(doc), "%s: no such link", path);
	expect(span->len > 0, "%s: an empty span", path);
	for (const char *p = span->text; p < span->text + span->len; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		expect(c >= ' ' && !(c >= 0x7F && c < 0xA0), "%s: U+%04X is shown", path, c);
	}
}

static void check_line(const char *path, const MimeDoc *doc, size_t line, int width)
{
	TextBidi bidi = {0};
	int columns = 0;
	size_t n;
	const DocSpan *spans = doc_line(doc, line, &n);

	for (size_t i = 0; i < n; i++) {
		check_span(path, &spans[i], doc);
		columns += text_width_len(spans[i].text, spans[i].len);
		for (const char *p = spans[i].text; p < spans[i].text + spans[i].len;
		     p = g_utf8_next_char(p))
			text_bidi_feed(&bidi, g_utf8_get_char(p));
	}
	expect(bidi.depth == 0, "%s: line %zu leaves its direction open", path, line);
	expect(columns == doc_line_width(doc, line), "%s: line %zu has %d columns", path, line,
	       columns);
	expect(width == 0 || columns <= width, "%s: line %zu has %d columns of %d", path, line,
	       columns, width);
}

typedef struct {
	const char *path;
	GHashTable *sections;
} PartCheck;

static void check_part(MimePart *part, unsigned depth, void *data)
{
	const PartCheck *check = data;
	g_autoptr(GBytes) decoded = part_decode(part);
	g_autofree char *name = part_safe_filename(part);

	expect(g_hash_table_add(check->sections, part->section), "%s: %s twice", check->path,
	       part->section);
	expect(decoded != NULL && part->header != NULL, "%s: %s", check->path, part->section);
	expect(depth == 0 || part->parent != NULL, "%s: %s", check->path, part->section);
	expect(part->size == g_bytes_get_size(part->content), "%s: %s", check->path, part->section);
	expect(*name != '\0' && *name != '.' && *name != '-' && strlen(name) <= 200 &&
		       strpbrk(name, "/\n\033") == NULL,
	       "%s: %s", check->path, name);
}

static void check_message(const char *path)
{
	static const int widths[] = {40, 80, 0};
	char *text;
	size_t len;
	g_autoptr(GError) error = NULL;

	expect(g_file_get_contents(path, &text, &len, NULL), "%s", path);
	g_autoptr(GBytes) raw = g_bytes_new_take(text, len);
	g_autoptr(MimePart) root = parse_message(raw, &error);
	seen++;
	if (root == NULL) {
		ck_assert(g_error_matches(error, PARSE_ERROR, PARSE_ERROR_NOT_MAIL));
		refused++;
		return;
	}
	g_autoptr(GHashTable) sections = g_hash_table_new(g_str_hash, g_str_equal);
	PartCheck check = {path, sections};
	part_foreach(root, check_part, &check);
	for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
		RenderOptions options = {.width = widths[i], .prefer_html = widths[i] == 40};
		g_autoptr(MimeDoc) doc = render_part(root, &options);
		for (size_t line = 0; line < doc_line_count(doc); line++)
			check_line(path, doc, line, widths[i]);
	}
}

/* Goes through a folder, at most `limit` messages. */
static void check_folder(const char *path, unsigned limit)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	expect(folder != NULL, "%s", path);
	while (seen < limit && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		if (g_file_test(inner, G_FILE_TEST_IS_DIR))
			check_folder(inner, limit);
		else if (!g_str_has_suffix(name, ".json"))
			check_message(inner);
	}
}

static void run_program(const char *const *argv)
{
	int status = 0;
	g_autoptr(GError) error = NULL;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
		     &status, &error);
	expect(error == NULL && status == 0, "%s failed", argv[0]);
}

static void unpack(const char *archive)
{
	g_autofree char *path = g_build_filename(corpus, archive, NULL);
	const char *const tar[] = {"tar", "-xJf", path, "-C", unpacked, NULL};

	run_program(tar);
}

static void make_folder(void)
{
	unpacked = g_strdup("check-corpus-XXXXXX");
	ck_assert_ptr_nonnull(g_mkdtemp(unpacked));
}

static void remove_folder(void)
{
	const char *const rm[] = {"rm", "-rf", unpacked, NULL};

	run_program(rm);
	g_free(unpacked);
}

START_TEST(torture)
{
	g_autofree char *folder = g_build_filename(unpacked, "torture", NULL);

	seen = refused = 0;
	unpack("torture.tar.xz");
	check_folder(folder, G_MAXUINT);
	ck_assert_uint_gt(seen, 500);
	ck_assert_uint_lt(refused, 20); /* pictures and empty files */
}
END_TEST

START_TEST(real_mail)
{
	const char *limit = g_getenv("SHEAF_CORPUS_MESSAGES");
	unsigned n = limit == NULL ? MESSAGES : (unsigned)g_ascii_strtoull(limit, NULL, 10);

	g_autofree char *folder = g_build_filename(unpacked, "real", NULL);

	seen = refused = 0;
	unpack("spamassassin.tar.xz");
	check_folder(folder, n);
	ck_assert_uint_eq(seen, n);
	ck_assert_uint_eq(refused, 0);
}
END_TEST

int main(void)
{
	const char *from = g_getenv("SHEAF_CORPUS"), *srcdir = g_getenv("srcdir");
	TCase *tcase;
	Suite *suite = one_case("corpus", &tcase);

	corpus = from != NULL ? g_strdup(from)
			      : g_build_filename(srcdir == NULL ? "." : srcdir, "..", "shared",
						 "corpus", NULL);
	g_autofree char *archive = g_build_filename(corpus, "torture.tar.xz", NULL);
	if (!g_file_test(archive, G_FILE_TEST_EXISTS)) {
		printf("SKIP: there is no mail to test with in %s (SHEAF_CORPUS names another "
		       "place)\n",
		       corpus);
		return SKIP;
	}
	tcase_set_timeout(tcase, 300);
	tcase_add_unchecked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, torture);
	tcase_add_test(tcase, real_mail);
	return run_suite(suite);
}
