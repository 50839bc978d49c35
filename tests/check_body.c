#include "mime/body.h"
#include "mime/calendar.h"
#include "mime/enriched.h"

#include "tests/run.h"

#include <string.h>

static const struct {
	const char *text;
	bool richtext;
	const char *expected;
} enriched[] = {
	{"<bold>Now</bold> is\nthe time\n\nnext", false, "Now is the time\nnext"},
	{"a <<b> c", false, "a <b> c"},
	{"<color><param>red</param>x</color>", false, "x"},
	{"<nofill>a\nb\n</nofill>c", false, "a\nb\nc"},
	{"1 < 2 <unfinished", false, "1 < 2 <unfinished"},
	{"a<nl>b<lt>c\nd", true, "a\nb<c d"},
	{"<comment>secret</comment>x", true, "x"},
	{"", false, ""},
};

START_TEST(reads_enriched)
{
	g_autofree char *text = enriched_to_text(enriched[_i].text, enriched[_i].richtext);

	ck_assert_str_eq(text, enriched[_i].expected);
}
END_TEST

#define EVENT(lines) "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\n" lines "END:VEVENT\n"

static const struct {
	const char *text, *expected;
} events[] = {
	{EVENT("SUMMARY:Budget\\, Q3\nDTSTART;TZID=Europe/Vienna:20261112T100000\n"
	       "DTEND;TZID=Europe/Vienna:20261112T110000\nLOCATION:Room 1\n"
	       "ORGANIZER;CN=\"Ada: B\":MAILTO:ada@x.org\n"),
	 "Invitation: Budget, Q3\nWhen: 2026-11-12 10:00 (Europe/Vienna) to 2026-11-12 11:00 "
	 "(Europe/Vienna)\nWhere: Room 1\nOrganizer: ada@x.org\n"},
	{EVENT("DTSTART;VALUE=DATE:20261112\nSUMMARY:a long\n  line\n"),
	 "Invitation: a long line\nWhen: 2026-11-12\n"},
	{EVENT("DTSTART:20261112T090000Z\n"), "When: 2026-11-12 09:00 (UTC)\n"},
	{EVENT("DTSTART:whenever\nSUMMARY:\n"), "When: whenever\n"},
	{EVENT("SUMMARY:one\nBEGIN:VALARM\nSUMMARY:two\n"), "Invitation: one\n"},
	{"BEGIN:VEVENT\nSUMMARY:x\\nBcc: y\nSUMMARY:z\n", "Event: x Bcc: y\n"},
	{"BEGIN:VTODO\nSUMMARY:x\n", NULL},
	{"", NULL},
};

START_TEST(reads_events)
{
	g_autofree char *text = calendar_summary(events[_i].text);

	ck_assert_pstr_eq(text, events[_i].expected);
}
END_TEST

static MimePart *text_part(const char *type, const char *content)
{
	MimePart *part = part_new("1", type);

	part->content = g_bytes_new_static(content, strlen(content));
	return part;
}

START_TEST(ends_are_trimmed)
{
	g_autoptr(MimePart) part = text_part("text/plain", "\r\n\n  a\n-- \nme  \n\n \n");
	g_autoptr(MimeDoc) doc = doc_new();

	body_to_doc(part, BODY_PLAIN, NULL, 0, doc);
	g_autofree char *text = doc_to_text(doc, false);
	ck_assert_str_eq(text, "  a\n-- \nme  \n");
}
END_TEST

START_TEST(blank_bodies)
{
	g_autoptr(MimePart) blank = text_part("text/plain", " \r\n\t");

	ck_assert(body_is_blank(blank));
	g_clear_pointer(&blank->content, g_bytes_unref);
	ck_assert(!body_is_blank(blank));
	g_autoptr(MimePart) full = text_part("text/plain", " x");
	ck_assert(!body_is_blank(full));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("body", &tcase);

	tcase_add_loop_test(tcase, reads_enriched, 0, G_N_ELEMENTS(enriched));
	tcase_add_loop_test(tcase, reads_events, 0, G_N_ELEMENTS(events));
	tcase_add_test(tcase, ends_are_trimmed);
	tcase_add_test(tcase, blank_bodies);
	return run_suite(suite);
}
