#include "mime/parse.h"
#include "mime/render.h"

#include "tests/run.h"

#include <string.h>

static MimePart *parse(const char *text, size_t len)
{
	g_autoptr(GBytes) raw = g_bytes_new_static(text, len);

	return parse_message(raw, NULL);
}

static char *rendered(const char *message, const RenderOptions *options)
{
	g_autoptr(MimePart) root = parse(message, strlen(message));
	g_autoptr(MimeDoc) doc = render_part(root, options);

	return doc_to_text(doc, true);
}

#define MIXED       "Content-Type: multipart/mixed; boundary=b\n\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=b\n\n"
#define HTML        "Content-Type: text/html\n\n"

/* Rendered without the card and without breaking lines. */
static const struct {
	const char *message, *expected;
} bodies[] = {
	{"X: y\n\nhello\n\n\n", "hello\n"},
	{"Content-Type: text/plain; format=flowed\n\na \nb\n", "a b\n"},
	{"Content-Transfer-Encoding: base64\n\naGVsbG8=\n", "hello\n"},
	{HTML "<b>hi</b>", "[Part 1, text/html, is shown as text.]\n\nhi\n"},
	{"Content-Type: text/html\n\n<meta charset=iso-8859-2>\xB1",
	 "[Part 1, text/html, is shown as text.]\n\ną\n"},
	{"Content-Transfer-Encoding: x-yenc\n\nraw",
	 "raw\n[The encoding x-yenc is not known; this is shown as it was sent.]\n"},
	{MIXED "--b\n\none\n--b\nContent-Type: application/pdf; "
	       "name=\"a\x1B.pdf\"\n\nxyz\n--b\n\ntwo\n--b--",
	 "one\n\n[2] a␛.pdf  application/pdf  3\n\ntwo\n"},
	{MIXED "--b\n\none\n--b\nContent-Type: text/x-patch; name=a.patch\n\n+x\n--b--",
	 "one\n\n[2] a.patch  text/x-patch  2\n\n+x\n"},
	{MIXED "--b\n\none\n--b\nContent-Disposition: attachment; filename=a.txt\n\nx\n--b--",
	 "one\n\n[2] a.txt  text/plain  1\n"},
	{ALTERNATIVE "--b\n\nplain\n--b\n" HTML "<p>rich\n--b--",
	 "[Part 1, text/plain, is shown; part 2 has it as text/html.]\n\nplain\n"},
	{ALTERNATIVE "--b\n\n \n--b\n" HTML "<p>rich\n--b--",
	 "[Part 2, text/html, is shown; part 1 has it as text/plain.]\n\nrich\n"},
	{ALTERNATIVE "--b\n\nplain\n--b\nContent-Type: text/calendar; name=i.ics\n\nBEGIN:x\n--b--",
	 "plain\n\n[2] i.ics  text/calendar  7\n"},
	{ALTERNATIVE "--b\n\nplain\n--b\nContent-Type: multipart/related; boundary=c\n\n--c\n" HTML
		     "rich\n--c\nContent-Type: image/png\n\nx\n--c--\n--b--",
	 "[Part 1, text/plain, is shown; part 2.1 has it as text/html.]\n\nplain\n"},
	{"Content-Type: multipart/signed; boundary=b\n\n--b\n\nsaid\n--b\nContent-Type: "
	 "application/pgp-signature\n\nx\n--b--",
	 "said\n\n[2] application/pgp-signature  1\n"},
	{"Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: "
	 "application/pgp-encrypted\n\nx\n--b--",
	 "[This part is encrypted and is not decrypted here.]\n\n[1] application/pgp-encrypted  "
	 "1\n"},
	{MIXED "--b\n\nsee\n--b\nContent-Type: message/rfc822\n\nSubject: inner\nTo: "
	       "a@x.org\n\ndeep\n--b--",
	 "see\n\n[2] message  message/rfc822  32\nTo: a@x.org\nSubject: inner\n\ndeep\n"},
	{"Content-Type: multipart/mixed; boundary=b\n\n--c\ntext\n",
	 "[This multipart/mixed has no parts that can be found; its source follows.]\n--c\ntext\n"},
	{"Content-Type: image/png\n\nx", "[1] image/png  1\n"},
	{"X: y\n\n\x1B[2Jscreen", "␛[2Jscreen\n"},
};

START_TEST(renders)
{
	RenderOptions options = {.headers = RENDER_HEADERS_NONE};
	g_autofree char *text = rendered(bodies[_i].message, &options);

	ck_assert_str_eq(text, bodies[_i].expected);
}
END_TEST

static const struct {
	const char *message;
	RenderHeaders headers;
	int width;
	const char *expected;
} cards[] = {
	{"Date: today\nX: y\nSubject: s\nFrom: Ada <a@x.org>\nTo: b@x.org,\n c@x.org\n\nb",
	 RENDER_HEADERS_SHORT, 0,
	 "From: Ada <a@x.org>\nTo: b@x.org, c@x.org\nDate: today\nSubject: s\n\nb\n"},
	{"X: y\nSubject: s\n\nb", RENDER_HEADERS_ALL, 0, "X: y\nSubject: s\n\nb\n"},
	{"Subject: s\n\nb", RENDER_HEADERS_NONE, 0, "b\n"},
	{"Subject: one\nSubject: two\n\nb", RENDER_HEADERS_SHORT, 0,
	 "Subject: one (the first of 2)\n\nb\n"},
	{"Cc: \n\nb", RENDER_HEADERS_SHORT, 0, "b\n"},
	{"Subject: a subject that is wrapped\n\nb", RENDER_HEADERS_SHORT, 24,
	 "Subject: a subject that\n         is wrapped\n\nb\n"},
	{"From: \"boss@corp.test\" <evil@x.org>\n\nb", RENDER_HEADERS_SHORT, 0,
	 "From: boss@corp.test <evil@x.org>\n\nb\n"},
	{"From: a@p\xD0\xB0ypal.test\n\nb", RENDER_HEADERS_SHORT, 0,
	 "From: a@pаypal.test (mixed letters: xn--pypal-4ve.test)\n\nb\n"},
	{"From: \"a\x1B]0;x\x07\" <a@x.org>\n\nb", RENDER_HEADERS_SHORT, 0,
	 "From: a␛]0;x␇ <a@x.org>\n\nb\n"},
};

START_TEST(shows_cards)
{
	RenderOptions options = {.headers = cards[_i].headers, .width = cards[_i].width};
	g_autofree char *text = rendered(cards[_i].message, &options);

	ck_assert_str_eq(text, cards[_i].expected);
}
END_TEST

START_TEST(options_count)
{
	RenderOptions html = {.headers = RENDER_HEADERS_NONE, .prefer_html = true};
	RenderOptions koi = {.headers = RENDER_HEADERS_NONE, .charset = "koi8-r"};
	g_autofree char *rich = rendered(ALTERNATIVE "--b\n\np\n--b\n" HTML "r\n--b--", &html);
	g_autofree char *text = rendered("Content-Type: text/plain; charset=utf-8\n\n\xD0", &koi);

	ck_assert_str_eq(rich,
			 "[Part 2, text/html, is shown; part 1 has it as text/plain.]\n\nr\n");
	ck_assert_str_eq(text, "п\n");

	/* said once, also where the HTML has its pictures beside it */
	g_autofree char *related =
		rendered(ALTERNATIVE
			 "--b\n\np\n--b\nContent-Type: multipart/related; boundary=c\n\n--c\n" HTML
			 "r\n--c\nContent-Type: image/png\n\nx\n--c--\n--b--",
			 &html);
	ck_assert_str_eq(related,
			 "[Part 2.1, text/html, is shown; part 1 has it as text/plain.]\n\n"
			 "r\n\n[2.2] image/png  1\n");
}
END_TEST

START_TEST(text_behind_nul_is_seen)
{
	static const char message[] = "Subject: x\n\nbefore\0behind";
	g_autoptr(MimePart) root = parse(message, sizeof message - 1);
	RenderOptions options = {.headers = RENDER_HEADERS_NONE};
	g_autoptr(MimeDoc) doc = render_part(root, &options);
	g_autofree char *text = doc_to_text(doc, false);

	ck_assert_str_eq(text, "before␀behind\n");
}
END_TEST

static void forget(MimePart *part, unsigned depth, void *data)
{
	(void)depth;
	(void)data;
	if (part->parts == NULL)
		g_clear_pointer(&part->content, g_bytes_unref);
}

static void collect(MimePart *part, void *data)
{
	g_string_append_printf(data, "%s ", part->section);
}

START_TEST(what_was_not_fetched)
{
	static const char message[] = MIXED "--b\n" ALTERNATIVE "\n--b\n\np\n--b--\n--b\n\nx\n--b\n"
					    "Content-Type: image/png\n\ny\n--b--";
	g_autoptr(MimePart) root = parse(message, sizeof message - 1);
	RenderOptions options = {.headers = RENDER_HEADERS_NONE};
	g_autoptr(GString) wanted = g_string_new(NULL);

	part_foreach(root, forget, NULL);
	render_missing(root, &options, collect, wanted);
	g_autoptr(MimeDoc) doc = render_part(root, &options);
	g_autofree char *text = doc_to_text(doc, false);
	ck_assert_str_eq(wanted->str, "1.1 2 ");
	ck_assert_ptr_nonnull(strstr(text, "[Part 2, text/plain, 1, has not been fetched.]"));
}
END_TEST

START_TEST(cut_trees_are_said)
{
	g_autoptr(GString) deep = g_string_new(NULL);
	RenderOptions options = {.headers = RENDER_HEADERS_NONE};

	for (int i = 0; i < 200; i++)
		g_string_append(deep, "Content-Type: message/rfc822\n\n");
	g_string_append(deep, "Subject: x\n\nINNER\n");
	g_autofree char *text = rendered(deep->str, &options);
	ck_assert_ptr_nonnull(strstr(text, "nested too deep to be taken apart"));
	ck_assert_ptr_nonnull(strstr(text, "INNER"));

	g_autoptr(GString) flood = g_string_new(MIXED);
	for (int i = 0; i < 20000; i++)
		g_string_append(flood, "--b\n\nx\n");
	g_autofree char *parts = rendered(flood->str, &options);
	ck_assert_ptr_nonnull(strstr(parts, "[There are more parts than the 9999"));

	g_autofree char *lines = g_strnfill(2 << 20, 'x');
	g_autofree char *giant = g_strconcat("Subject: ", lines, "\n\nbody", NULL);
	options.headers = RENDER_HEADERS_SHORT;
	g_autofree char *card = rendered(giant, &options);
	ck_assert_ptr_nonnull(strstr(card, "[The header is too long; its end is not shown.]"));
	ck_assert_ptr_nonnull(strstr(card, "(cut)"));
	ck_assert_ptr_nonnull(strstr(card, "\nbody\n"));
	ck_assert_uint_lt(strlen(card), 10000);
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{0, "0"},          {80, "80"},        {999, "999"},         {1000, "1.0K"},
	{10188, "9.9K"},   {10240, "10K"},    {655360, "640K"},     {1022976, "999K"},
	{1023500, "1.0M"}, {1258291, "1.2M"}, {1073741824, "1.0G"}, {UINT64_MAX, "16E"},
};

START_TEST(formats_sizes)
{
	char buf[8];

	ck_assert_str_eq(render_size(sizes[_i].bytes, buf), sizes[_i].text);
}
END_TEST

static gpointer render_many(gpointer data)
{
	RenderOptions options = {.width = 60};

	for (int i = 0; i < 200; i++) {
		g_autofree char *text = rendered(data, &options);
		if (strstr(text, "会議") == NULL)
			return NULL;
	}
	return data;
}

/* Pure functions: threads do not disturb each other. */
START_TEST(eight_threads)
{
	static char message[] =
		"From: =?utf-8?q?Zo=C3=AB?= <z@x.org>\nDate: Mon, 9 Nov 2026 14:02:05 +0100\n"
		"Content-Type: text/html; charset=iso-2022-jp\n\n"
		"<p>\x1B$B2q5D\x1B(B <a href=http://x.org>x</a>";
	GThread *threads[8];

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("render", render_many, message);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_ptr_nonnull(g_thread_join(threads[i]));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("render", &tcase);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, renders, 0, G_N_ELEMENTS(bodies));
	tcase_add_loop_test(tcase, shows_cards, 0, G_N_ELEMENTS(cards));
	tcase_add_test(tcase, options_count);
	tcase_add_test(tcase, text_behind_nul_is_seen);
	tcase_add_test(tcase, what_was_not_fetched);
	tcase_add_test(tcase, cut_trees_are_said);
	tcase_add_loop_test(tcase, formats_sizes, 0, G_N_ELEMENTS(sizes));
	tcase_add_test(tcase, eight_threads);
	return run_suite(suite);
}
