/* check_docview - scrolling, finding and folding in a document of known lines. */
#include <string.h>

#include "tests/run.h"
#include "ui/widget/docview.h"

static Pane pane;
static DocView *view;

static void add_line(MimeDoc *doc, unsigned depth, const char *text)
{
	doc_add(doc, depth ? DOC_QUOTE : DOC_NORMAL, depth, text, strlen(text));
	doc_end_line(doc);
}

/* 40 lines "line N"; 10 to 19 are quoted, 30 is "Needle". */
static void setup(void)
{
	static const PaneOps ops = {.name = "test"};
	MimeDoc *doc = doc_new();

	pane_init(&pane, &ops);
	pane.rows = 11; /* one is a heading */
	pane.cols = 40;
	view = docview_new(&pane, 1);
	for (int i = 0; i < 40; i++) {
		g_autofree char *text = g_strdup_printf("line %d", i);
		add_line(doc, i >= 10 && i < 20, i == 30 ? "a Needle" : text);
	}
	docview_set(view, doc);
}

static void teardown(void)
{
	docview_free(view);
}

START_TEST(a_page_leaves_one_line_in_view)
{
	ck_assert_int_eq(docview_percent(view), 25);
	docview_scroll(view, PANE_BY_PAGE, 1);
	ck_assert_int_eq(docview_percent(view), 47); /* lines 9..18 of 40 */
	docview_scroll(view, PANE_BY_PAGE, -1);
	ck_assert_int_eq(docview_percent(view), 25);
}
END_TEST

START_TEST(scrolling_stops_at_both_ends)
{
	ck_assert(!docview_at_end(view));
	docview_scroll(view, PANE_BY_LINE, 1000);
	ck_assert(docview_at_end(view));
	ck_assert_int_eq(docview_percent(view), 100);
	docview_scroll(view, PANE_BY_LINE, -1000);
	ck_assert_int_eq(docview_percent(view), 25);
	docview_scroll(view, PANE_TO_END, 0);
	ck_assert(docview_at_end(view));
	docview_scroll(view, PANE_TO_START, 0);
	ck_assert_int_eq(docview_percent(view), 25);
}
END_TEST

START_TEST(find_ignores_case_unless_capitals_are_given)
{
	ck_assert(docview_find(view, "needle", 1));
	ck_assert(docview_at_end(view));
	docview_scroll(view, PANE_TO_START, 0);
	ck_assert(!docview_find(view, "NEEDLE", 1));
	ck_assert(docview_find(view, "Needle", 1));
}
END_TEST

START_TEST(find_goes_on_and_wraps)
{
	ck_assert(docview_find(view, "line 2", 1)); /* line 2 itself */
	ck_assert_int_eq(docview_percent(view), 30);
	ck_assert(docview_find(view, NULL, 1)); /* line 20 */
	ck_assert_int_eq(docview_percent(view), 75);
	ck_assert(docview_find(view, NULL, -1));
	ck_assert_int_eq(docview_percent(view), 30);
	ck_assert(!docview_find(view, "nowhere", 1));
	ck_assert_int_eq(docview_percent(view), 30);
}
END_TEST

START_TEST(folding_keeps_the_line_on_top)
{
	docview_scroll(view, PANE_TO_ROW, 25);
	int before = docview_percent(view);
	docview_fold_quotes(view, true);
	/* Ten quoted lines became one: 31 rows, line 24 now stands in row 15. */
	ck_assert_int_eq(docview_percent(view), 25 * 100 / 31);
	docview_fold_quotes(view, false);
	ck_assert_int_eq(docview_percent(view), before);
}
END_TEST

START_TEST(finding_inside_a_fold_opens_it)
{
	docview_fold_quotes(view, true);
	ck_assert(docview_find(view, "line 15", 1));
	ck_assert(!docview_quotes_folded(view));
}
END_TEST

START_TEST(nothing_shown_is_no_trouble)
{
	docview_set(view, NULL);
	docview_scroll(view, PANE_BY_PAGE, 1);
	ck_assert(!docview_find(view, "x", 1));
	ck_assert(docview_at_end(view));
	docview_fold_quotes(view, true);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("docview", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_page_leaves_one_line_in_view);
	tcase_add_test(tcase, scrolling_stops_at_both_ends);
	tcase_add_test(tcase, find_ignores_case_unless_capitals_are_given);
	tcase_add_test(tcase, find_goes_on_and_wraps);
	tcase_add_test(tcase, folding_keeps_the_line_on_top);
	tcase_add_test(tcase, finding_inside_a_fold_opens_it);
	tcase_add_test(tcase, nothing_shown_is_no_trouble);
	return run_suite(suite);
}
