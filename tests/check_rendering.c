/* check_rendering - a long message is rendered beside the main loop, to the same lines. */
#include <string.h>

#include "mime/parse.h"
#include "tests/run.h"
#include "ui/panel/rendering.h"

typedef struct {
	GMainLoop *loop;
	MimeDoc *doc;
	unsigned calls;
} Answer;

static void done(MimeDoc *doc_take, void *data)
{
	Answer *answer = data;

	answer->doc = doc_take;
	answer->calls++;
	if (answer->loop)
		g_main_loop_quit(answer->loop);
}

static GBytes *long_message(void)
{
	GString *text = g_string_new("Subject: long\n\n");

	for (unsigned i = 0; i < 20000; i++)
		g_string_append_printf(text, "> line %u of the long text\n", i);
	return g_string_free_to_bytes(text);
}

static void expect_same(const MimeDoc *a, const MimeDoc *b)
{
	g_autofree char *text_a = doc_to_text(a, true);
	g_autofree char *text_b = doc_to_text(b, true);

	ck_assert_str_eq(text_a, text_b);
}

START_TEST(comes_later_and_is_the_same)
{
	g_autoptr(GBytes) bytes = long_message();
	g_autoptr(MimePart) root = parse_message(bytes, NULL);
	RenderOptions options = {.width = 40};
	g_autoptr(MimeDoc) here = render_part(root, &options);
	g_autoptr(MimeDoc) source = rendering_source_now(bytes, 40);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Answer part = {.loop = loop}, raw = {.loop = loop};
	Scope scope;

	ck_assert_uint_gt(rendering_size(root), RENDERING_INLINE_MAX);
	scope_init(&scope);
	rendering_part(&scope, root, &options, done, &part);
	ck_assert_uint_eq(part.calls, 0);
	g_main_loop_run(loop);
	ck_assert_uint_eq(part.calls, 1);
	expect_same(part.doc, here);
	rendering_source(&scope, bytes, 40, done, &raw);
	g_main_loop_run(loop);
	ck_assert_uint_eq(raw.calls, 1);
	expect_same(raw.doc, source);
	ck_assert(scope_is_empty(&scope));
	doc_free(part.doc);
	doc_free(raw.doc);
}
END_TEST

START_TEST(what_is_cancelled_is_told_once)
{
	g_autoptr(GBytes) bytes = long_message();
	Answer answers[30] = {0}, last = {.loop = g_main_loop_new(NULL, FALSE)};
	Scope scope;

	scope_init(&scope);
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++)
		rendering_source(&scope, bytes, 40, done, &answers[i]);
	scope_cancel(&scope);
	rendering_source(&scope, bytes, 40, done, &last);
	g_main_loop_run(last.loop);
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		ck_assert_uint_eq(answers[i].calls, 1);
		ck_assert_ptr_null(answers[i].doc);
	}
	ck_assert_ptr_nonnull(last.doc);
	doc_free(last.doc);
	g_main_loop_unref(last.loop);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("rendering", &tcase);

	tcase_add_test(tcase, comes_later_and_is_the_same);
	tcase_add_test(tcase, what_is_cancelled_is_told_once);
	return run_suite(suite);
}
