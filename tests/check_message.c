/* check_message - what a row shows of an envelope. */
#include <string.h>

#include "core/mailbox/message.h"
#include "mime/part.h"
#include "tests/run.h"

static MessageHead *head_of(const Envelope *envelope)
{
	FetchData fetch = {.has = FETCH_ENVELOPE, .envelope = envelope};

	return message_new(7, &fetch);
}

static const struct {
	EnvelopeAddress address;
	const char *shown, *shown_address;
} people[] = {
	{{"Ada", NULL, "ada", "example.org"}, "Ada", "ada@example.org"},
	{{NULL, NULL, "ada", "example.org"}, "ada@example.org", "ada@example.org"},
	{{"", NULL, "ada", "example.org"}, "ada@example.org", "ada@example.org"},
	{{"=?utf-8?q?J=C3=BCrgen?=", NULL, "j", "example.org"}, "Jürgen", "j@example.org"},
	/* T147 */
	{{"boss@corp.example", NULL, "x", "evil.example"}, "x@evil.example", "x@evil.example"},
	{{"=?utf-8?q?boss=40corp.example?=", NULL, "x", "evil.example"},
	 "x@evil.example",
	 "x@evil.example"},
	{{NULL, NULL, "root", "MISSING_DOMAIN"}, "root", "root"},
	{{NULL, NULL, "root", ""}, "root", "root"},
	{{NULL, NULL, "undisclosed-recipients", NULL},
	 "undisclosed-recipients",
	 "undisclosed-recipients"},
	{{NULL, NULL, NULL, NULL}, "", ""},
	{{"a\033[31mb", NULL, "x\342\200\256", "y"}, "a␛[31mb", "x<U+202E>@y"},
};

START_TEST(people_are_shown_by_name_unless_it_pretends)
{
	EnvelopeAddress address = people[_i].address;
	Envelope envelope = {.from = {&address, 1}, .to = {&address, 1}};
	g_autoptr(MessageHead) head = head_of(&envelope);

	ck_assert_str_eq(message_from(head), people[_i].shown);
	ck_assert_str_eq(message_to(head), people[_i].shown);
	ck_assert_str_eq(message_from_address(head), people[_i].shown_address);
}
END_TEST

START_TEST(an_empty_envelope_has_empty_texts)
{
	Envelope envelope = {0};
	g_autoptr(MessageHead) head = head_of(&envelope);

	ck_assert_uint_eq(message_uid(head), 7);
	ck_assert_str_eq(message_subject(head), "");
	ck_assert_str_eq(message_from(head), "");
	ck_assert_str_eq(message_to(head), "");
	ck_assert_str_eq(message_id(head), "");
	ck_assert_int_eq(message_date(head), 0);
	ck_assert_uint_eq(message_more_recipients(head), 0);
	ck_assert_ptr_null(message_structure(head));
}
END_TEST

START_TEST(recipients_are_counted_without_group_marks)
{
	EnvelopeAddress to[] = {{NULL, NULL, "friends", NULL},
				{NULL, NULL, "a", "x.example"},
				{NULL, NULL, "b", "x.example"},
				{NULL, NULL, NULL, NULL}};
	EnvelopeAddress cc[] = {{NULL, NULL, "c", "x.example"}};
	Envelope envelope = {.to = {to, 4}, .cc = {cc, 1}};
	g_autoptr(MessageHead) head = head_of(&envelope);

	ck_assert_uint_eq(message_more_recipients(head), 2);
}
END_TEST

START_TEST(the_date_is_the_senders_where_it_can_be_read)
{
	Envelope envelope = {.date = "Mon, 02 Feb 2026 10:00:00 +0100"};
	FetchData fetch = {.has = FETCH_ENVELOPE | FETCH_INTERNALDATE,
			   .envelope = &envelope,
			   .internal_date = 1234};
	g_autoptr(MessageHead) head = message_new(1, &fetch);

	ck_assert_int_eq(message_date(head), 1770022800);
	ck_assert_int_eq(message_internal_date(head), 1234);
	envelope.date = "garbage date";
	g_autoptr(MessageHead) other = message_new(1, &fetch);
	ck_assert_int_eq(message_date(other), 1234);
}
END_TEST

START_TEST(long_texts_are_cut_at_a_character)
{
	g_autoptr(GString) subject = g_string_new(NULL);

	for (int i = 0; i < 100000; i++)
		g_string_append(subject, "ä");
	Envelope envelope = {.subject = subject->str};
	g_autoptr(MessageHead) head = head_of(&envelope);
	ck_assert_uint_le(strlen(message_subject(head)), 2000);
	ck_assert_uint_gt(strlen(message_subject(head)), 1900);
	ck_assert(g_utf8_validate(message_subject(head), -1, NULL));
	ck_assert_uint_lt(message_memory(head), 4000);
}
END_TEST

START_TEST(structure_is_copied_and_attachments_counted)
{
	MimePart *root = part_new("", "multipart/mixed"), *file = part_new("2", "image/png");
	Envelope envelope = {0};
	FetchData fetch = {.has = FETCH_ENVELOPE | FETCH_STRUCTURE, .envelope = &envelope};

	part_add(root, part_new("1", "text/plain"));
	file->disposition = g_strdup("attachment");
	part_add(root, file);
	fetch.structure = root;
	g_autoptr(MessageHead) head = message_new(1, &fetch);
	part_free(root);
	ck_assert_uint_eq(message_attachments(head), 1);
	ck_assert_ptr_nonnull(part_find((MimePart *)message_structure(head), "2"));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("message", &tcase);

	tcase_add_loop_test(tcase, people_are_shown_by_name_unless_it_pretends, 0,
			    G_N_ELEMENTS(people));
	tcase_add_test(tcase, an_empty_envelope_has_empty_texts);
	tcase_add_test(tcase, recipients_are_counted_without_group_marks);
	tcase_add_test(tcase, the_date_is_the_senders_where_it_can_be_read);
	tcase_add_test(tcase, long_texts_are_cut_at_a_character);
	tcase_add_test(tcase, structure_is_copied_and_attachments_counted);
	return run_suite(suite);
}
