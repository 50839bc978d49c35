/* What no conversation can say of groups C: fields of every form, time, names, dates, what is
 * written. */
#include "config.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "core/account/folder.h"
#include "core/mailbox/message.h"
#include "core/session/verdict.h"
#include "core/wire/parser.h"
#include "core/wire/utf7.h"
#include "core/wire/writer.h"
#include "mime/doc.h"
#include "mime/header.h"
#include "mime/parse.h"
#include "mime/render.h"
#include "mime/text.h"
#include "tests/cpu_time.h"
#include "tests/threats/threats.h"

#define CHUNK 16384 /* of a read */

typedef void (*Each)(const Response *response, void *data);

/* Pushes `bytes` in reads of `step` and hands on what can be read. */
static unsigned read_all(const char *bytes, size_t len, size_t step, Each each, void *data)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	Arena *arena = arena_new();
	unsigned n = 0;

	for (size_t at = 0; at < len; at += step) {
		Frame frame;

		framer_push(framer, bytes + at, MIN(step, len - at));
		while (framer_next(framer, &frame, NULL) > 0) {
			Response response;
			if (parser_read(arena, &frame, &response, NULL)) {
				n++;
				if (each)
					each(&response, data);
			}
			arena_reset(arena);
		}
	}
	arena_free(arena);
	return n;
}

static void read_text(const char *text, Each each, void *data)
{
	read_all(text, strlen(text), CHUNK, each, data);
}

/* T044: head, what is repeated, tail. */
static const struct {
	const char *head, *again, *tail;
} shapes[] = {
	{"* 1 FETCH (UID 1 FLAGS (", "k ", "))\r\n"},
	{"* 1 FETCH (UID 1", " X {1}\r\na", ")\r\n"},
	{"* 1 FETCH (UID 1 ENVELOPE (NIL NIL (", "(NIL NIL {1}\r\na \"h\")",
	 ") NIL NIL NIL NIL NIL NIL NIL))\r\n"},
	{"* 1 FETCH (UID 1 BODYSTRUCTURE (", "(\"a\" \"b\" NIL NIL NIL \"7BIT\" 1)",
	 " \"mixed\"))\r\n"},
	{"* 1 FETCH (UID 1 BODY[] {3000000}\r\n", "ab", ""},
	{"* 1 FETCH (UID 1 BODY[] \"", "\\\"a", "\")\r\n"},
	{"* 1 FETCH (UID 1 BODY[] \"", "\"a", "\")\r\n"},
	{"* LIST (", "\\A ", ") \"/\" x\r\n"},
	{"* LIST () \"/\" x (", "\"A\" (b) ", ")\r\n"},
	{"* STATUS x (", "MESSAGES 1 ", ")\r\n"},
	{"* SEARCH", " 12345", "\r\n"},
	{"* SORT", " 12345", "\r\n"},
	{"* ESEARCH (TAG \"A1\") UID ALL 1", ",12345", "\r\n"},
	{"* ESEARCH", " MIN 1", "\r\n"},
	{"* VANISHED 1", ",12345", "\r\n"},
	{"* THREAD ", "(1 2)", "\r\n"},
	{"* CAPABILITY", " AB", "\r\n"},
	{"* ENABLED", " AB", "\r\n"},
	{"* FLAGS (", "ab ", ")\r\n"},
	{"* OK [BADCHARSET (", "ab ", ")] x\r\n"},
	{"* OK [COPYUID 1 1", ",3", " 1] x\r\n"},
	{"* OK [", "[", "\r\n"},
	{"* OK [X ", "\"", "\r\n"},
	{"* ID (", "\"a\" \"b\" ", ")\r\n"},
	{"", "* 1 EXISTS\r\n", ""},
	{"", "* 1 FETCH (UID 1)\r\n", ""},
	{"", "\r\n", ""},
};

typedef struct {
	size_t shape, step;
} Trial;

static double time_shape(const void *data, unsigned n)
{
	const Trial *trial = data;
	g_autoptr(GString) bytes = g_string_new(shapes[trial->shape].head);
	double before;

	for (unsigned i = 0; i < n; i++)
		g_string_append(bytes, shapes[trial->shape].again);
	g_string_append(bytes, shapes[trial->shape].tail);
	before = cpu_seconds();
	read_all(bytes->str, bytes->len, trial->step, NULL, NULL);
	return cpu_seconds() - before;
}

START_TEST(test_time_is_linear)
{
	static const size_t steps[] = {1, CHUNK};

	for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
		for (size_t j = 0; j < G_N_ELEMENTS(steps); j++) {
			Trial trial = {i, steps[j]};
			ck_assert_msg(takes_linear_time(time_shape, &trial, 8000),
				      "%s%s… in reads of %zu", shapes[i].head, shapes[i].again,
				      steps[j]);
		}
}
END_TEST

/* T052: a field of each of these forms must harm nobody. */
static const char *const forms[] = {"NIL", "\"\"", "()", "0",     "{0}\r\n",    "",  "(())",
				    "-1",  "\"x",  "(",  "(NIL)", "4294967296", "*", "\"\\"};

static const char *const templates[] = {
	"* 1 FETCH (UID @ FLAGS @ INTERNALDATE @ RFC822.SIZE @ MODSEQ @)\r\n",
	"* 1 FETCH (UID 1 ENVELOPE @)\r\n",
	"* 1 FETCH (UID 1 ENVELOPE (@ @ @ @ @ @ @ @ @ @))\r\n",
	"* 1 FETCH (UID 1 ENVELOPE (NIL NIL ((@ @ @ @)) NIL NIL NIL NIL NIL NIL NIL))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE @)\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE (@ @ @ @ @ @ @ @ @ @ @ @))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE (\"text\" \"plain\" (@ @) @ @ @ @ @ @ (@ @) @ @))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE ((@) (@) @ (@ @) (@ (@ @)) @ @))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL NIL 1 @ @ @ @))\r\n",
	"* 1 FETCH (UID 1 BODY[@]<@> @)\r\n",
	"* STATUS @ (MESSAGES @ UIDNEXT @ UIDVALIDITY @ UNSEEN @ SIZE @ HIGHESTMODSEQ @)\r\n",
	"* LIST (@ @) @ @ (@ @)\r\n",
	"* LSUB @ @ @\r\n",
	"* NAMESPACE @ @ @\r\n",
	"* NAMESPACE ((@ @)) ((@ @)) ((@ @))\r\n",
	"* QUOTA @ (@ @ @)\r\n",
	"* ESEARCH (TAG @) UID MIN @ MAX @ ALL @ COUNT @ MODSEQ @\r\n",
	"* VANISHED (@) @\r\n",
	"* @ FETCH @\r\n",
	"* OK [UIDNEXT @] x\r\n",
	"* OK [COPYUID @ @ @] x\r\n",
	"* OK [PERMANENTFLAGS @] x\r\n",
};

static void keep_head(const Response *response, void *data G_GNUC_UNUSED)
{
	MessageHead *head;

	if (response->kind != RESPONSE_FETCH || !(response->fetch.has & FETCH_ENVELOPE))
		return;
	head = message_new(1, &response->fetch);
	ck_assert(!message_subject(head) || g_utf8_validate(message_subject(head), -1, NULL));
	ck_assert(!message_from(head) || g_utf8_validate(message_from(head), -1, NULL));
	message_unref(head);
}

/* The template with its `odd`-th field of that form, the others as they should be. */
static char *fill(const char *template, unsigned odd, const char *form, bool *was)
{
	GString *out = g_string_new(NULL);
	unsigned field = 0;

	*was = false;
	for (; *template; template ++) {
		if (*template != '@') {
			g_string_append_c(out, *template);
			continue;
		}
		g_string_append(out, field == odd ? form : "1");
		*was |= field++ == odd;
	}
	return g_string_free(out, FALSE);
}

START_TEST(test_every_field_of_every_form)
{
	for (size_t i = 0; i < G_N_ELEMENTS(templates); i++)
		for (size_t j = 0; j < G_N_ELEMENTS(forms); j++) {
			bool was = true;
			for (unsigned odd = 0; was; odd++) {
				g_autofree char *text = fill(templates[i], odd, forms[j], &was);
				read_text(text, keep_head, NULL);
				/* What comes behind is still understood, but for a literal's
				 * or a quote's sake. */
			}
		}
}
END_TEST

static void keep_body(const Response *response, void *data)
{
	if (response->kind == RESPONSE_FETCH && response->fetch.n_bodies == 1)
		*(GBytes **)data = g_bytes_ref(response->fetch.bodies[0].data);
}

static char *shown(MimePart *root)
{
	static const RenderOptions options = {.width = 80, .headers = RENDER_HEADERS_NONE};
	MimeDoc *doc = render_part(root, &options);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < doc_line_count(doc); i++) {
		size_t n;
		const DocSpan *spans = doc_line(doc, i, &n);
		for (size_t j = 0; j < n; j++)
			g_string_append_len(text, spans[j].text, (gssize)spans[j].len);
		g_string_append_c(text, '\n');
	}
	doc_free(doc);
	return g_string_free(text, FALSE);
}

START_TEST(test_empty_literal)
{
	g_autoptr(GBytes) body = NULL;
	g_autoptr(MimePart) part = part_new("1", "text/plain");
	g_autofree char *text = NULL;

	read_text("* 1 FETCH (UID 1 BODY[1] {0}\r\n)\r\n", keep_body, &body);
	ck_assert_ptr_nonnull(body);
	ck_assert_uint_eq(g_bytes_get_size(body), 0);
	part->content = g_bytes_ref(body);
	text = shown(part);
	ck_assert_str_eq(g_strstrip(text), "");
}
END_TEST

static void list_into(const Response *response, void *root)
{
	folder_apply(root, response);
}

static bool judge_folder(Folder *folder, unsigned depth G_GNUC_UNUSED, void *count)
{
	for (const char *at = folder->title; *at; at++)
		ck_assert_msg(!g_ascii_iscntrl(*at), "%s", folder->name);
	ck_assert(g_utf8_validate(folder->title, -1, NULL));
	ck_assert(g_utf8_validate(folder->path, -1, NULL));
	++*(unsigned *)count;
	return true;
}

/* T058, T060, T061: the name stays as it came, what is shown is clean. */
static const struct {
	const char *line, *name; /* NULL: left out */
	const char *title;       /* or NULL: whatever */
} names[] = {
	{"* LIST () \"/\" ../../x\r\n", "../../x", "x"},
	{"* LIST () \"/\" /etc/passwd\r\n", "/etc/passwd", "passwd"},
	{"* LIST () NIL \"../../y\"\r\n", "../../y", "../../y"},
	{"* LIST () \"/\" {3}\r\na\nb\r\n", "a\nb", NULL},
	{"* LIST () \"/\" {4}\r\na\r\nc\r\n", "a\r\nc", NULL},
	{"* LIST () \"\\\"\" a\"b\r\n", NULL, NULL},
	{"* LIST () \"\\\\\" {3}\r\na\\b\r\n", "a\\b", "b"},
	{"* LIST () \"ab\" x1\r\n", NULL, NULL},
	{"* LIST () \"\" x2\r\n", "x2", "x2"},
	{"* LIST () \"/\" `touch`\r\n", "`touch`", "`touch`"},
	{"* LIST () \"/\" \"$(touch x)\"\r\n", "$(touch x)", "$(touch x)"},
	{"* LIST () \"/\" \";touch x\"\r\n", ";touch x", ";touch x"},
	{"* LIST () \"/\" &\r\n", "&", NULL},
	{"* LIST () \"/\" &AAA-\r\n", "&AAA-", NULL},
	{"* LIST () \"/\" &2D0-\r\n", "&2D0-", NULL},
	{"* LIST () \"/\" &!!!-\r\n", "&!!!-", NULL},
	{"* LIST () \"/\" &AGE-\r\n", "&AGE-", NULL},
	{"* LIST () \"/\" &AOk\r\n", "&AOk", NULL},
	{"* LIST () \"/\" &AOk-\r\n", "&AOk-", "\303\251"},
	{"* LIST () \"/\" \303\251\r\n", "\303\251", "\303\251"},
	{"* LIST () \"/\" \377\376\r\n", "\377\376", NULL},
	{"* LIST () \"/\" {5}\r\n\033[2Jx\r\n", "\033[2Jx", NULL},
};

START_TEST(test_names)
{
	Folder *root = folder_new_root();
	unsigned count = 0, listed = 0;
	g_autofree char *long_name = g_strnfill(900000, 'n');
	g_autofree char *long_line = g_strconcat("* LIST () \"/\" ", long_name, "\r\n", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const Folder *folder;

		read_text(names[i].line, list_into, root);
		folder = names[i].name ? folder_find(root, names[i].name) : NULL;
		ck_assert_msg(!names[i].name || folder, "%s", names[i].line);
		listed += folder != NULL;
		if (names[i].title)
			ck_assert_str_eq(folder->title, names[i].title);
		if (folder) {
			/* T060: commands use the name byte for byte. */
			ck_assert_str_eq(folder->name, names[i].name);
		}
	}
	read_text(long_line, list_into, root);
	folder_foreach(root, judge_folder, &count);
	ck_assert_uint_ge(count, listed);
	folder_free(root);
}
END_TEST

START_TEST(test_colliding_names)
{
	Folder *root = folder_new_root();
	unsigned count = 0;

	read_text("* LIST () \"/\" INBOX\r\n* LIST () \"/\" inbox\r\n* LIST () \"/\" Inbox\r\n"
		  "* LIST () \"/\" a\r\n* LIST () \"/\" A\r\n* LIST () \"/\" a\r\n"
		  "* LIST () \"/\" \303\251\r\n* LIST () \"/\" e\314\201\r\n"
		  "* LIST () \"/\" p/q\r\n",
		  list_into, root);
	folder_foreach(root, judge_folder, &count);
	/* INBOX, a, A, both forms of the letter, p and q below it. */
	ck_assert_uint_eq(count, 7);
	ck_assert_ptr_nonnull(folder_find(root, "INBOX"));
	ck_assert_ptr_ne(folder_find(root, "a"), folder_find(root, "A"));
	ck_assert_ptr_ne(folder_find(root, "\303\251"), folder_find(root, "e\314\201"));
	ck_assert(!folder_is_selectable(folder_find(root, "p")));
	folder_free(root);
}
END_TEST

START_TEST(test_many_folders)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	Folder *root = folder_new_root();
	unsigned count = 0;

	for (unsigned i = 0; i < FOLDERS_MAX + 20000; i++)
		g_string_append_printf(lines, "* LIST () \"/\" f%u\r\n", i);
	read_all(lines->str, lines->len, CHUNK, list_into, root);
	folder_foreach(root, judge_folder, &count);
	ck_assert_uint_eq(count, FOLDERS_MAX);
	folder_free(root);
}
END_TEST

typedef struct {
	uint64_t n, sum;
	uint32_t last;
	unsigned pieces;
	bool in_order;
} Total;

static void add_up(const Response *response, void *data)
{
	Total *total = data;

	total->pieces++;
	if (response->kind == RESPONSE_SEARCH)
		for (size_t i = 0; i < response->numbers.n; i++) {
			uint32_t number = response->numbers.items[i];
			total->in_order &= number > total->last;
			total->last = number;
			total->sum += number;
			total->n++;
		}
	else if (response->kind == RESPONSE_ESEARCH && response->esearch.all)
		total->n += uidset_count(response->esearch.all);
	else if (response->kind == RESPONSE_VANISHED)
		total->n += uidset_count(response->vanished.uids);
}

/* T064: what is handed on in pieces is neither more nor less than what came. */
START_TEST(test_numbers_in_pieces)
{
	static const struct {
		const char *head, *between, *tail;
	} lines[] = {
		{"* SEARCH ", " ", "\r\n"},
		{"* search ", " ", " (MODSEQ 917162500)\r\n"},
		{"* VANISHED ", ",", "\r\n"},
		{"* VANISHED (EARLIER) ", ",", "\r\n"},
		{"* ESEARCH (TAG \"A1\") UID ALL ", ",", " COUNT 5\r\n"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		for (size_t step = CHUNK - 3; step <= CHUNK + 3; step++) {
			g_autoptr(GString) line = g_string_new(lines[i].head);
			Total total = {.in_order = true};

			for (unsigned n = 1; n <= 100000; n++)
				g_string_append_printf(line, "%s%u", n > 1 ? lines[i].between : "",
						       2 * n);
			g_string_append(line, lines[i].tail);
			read_all(line->str, line->len, step, add_up, &total);
			ck_assert_uint_eq(total.n, 100000);
			ck_assert_uint_gt(total.pieces, 5);
			ck_assert(total.in_order);
			ck_assert(i > 1 || total.sum == 10000100000);
		}
}
END_TEST

static void judge_copyuid(const Response *response, void *data)
{
	const StatusLine *line = &response->status;

	ck_assert_int_eq(line->code, CODE_COPYUID);
	if (*(bool *)data) {
		ck_assert_uint_eq(uidset_range_count(line->from), 1);
		ck_assert_uint_eq(uidset_count(line->to), UINT32_MAX);
	} else {
		ck_assert(!line->from && !line->to);
	}
}

/* T050: what does not pair is no mapping, what does stays one range. */
START_TEST(test_copyuid)
{
	bool paired = true, unpaired = false;

	read_text("* OK [COPYUID 1 1:4294967295 1:4294967295] x\r\n", judge_copyuid, &paired);
	read_text("* OK [COPYUID 1 1:4294967295 7] x\r\n", judge_copyuid, &unpaired);
	read_text("* OK [COPYUID 1 1:3 9:7] x\r\n", judge_copyuid, &unpaired);
	read_text("* OK [COPYUID 1 1,1,1 7:9] x\r\n", judge_copyuid, &unpaired);
}
END_TEST

static void judge_flags(const Response *response, void *count)
{
	for (const char *const *word = response->fetch.flags.keywords; word && *word; word++) {
		ck_assert_uint_le(strlen(*word), 255);
		for (const char *at = *word; *at; at++)
			ck_assert(g_ascii_isgraph(*at) && !strchr("(){%*\"\\", *at));
		++*(unsigned *)count;
	}
}

/* T057: what is kept could be sent back, and there is not too much of it. */
START_TEST(test_flags)
{
	g_autoptr(GString) many = g_string_new("* 1 FETCH (FLAGS (");
	g_autofree char *longest = g_strnfill(1000000, 'k');
	g_autofree char *long_line = g_strdup_printf("* 1 FETCH (FLAGS (%s ok))\r\n", longest);
	unsigned count = 0;

	for (unsigned i = 0; i < 100000; i++)
		g_string_append_printf(many, "kw%u ", i);
	g_string_append(many, "))\r\n");
	read_all(many->str, many->len, CHUNK, judge_flags, &count);
	ck_assert_uint_gt(count, 0);
	ck_assert_uint_le(count, 1000);
	count = 0;
	read_text(long_line, judge_flags, &count);
	ck_assert_uint_eq(count, 1);
	count = 0;
	read_text("* 1 FETCH (FLAGS (\\ a*b a%b a\"b a\\b a{b \001x \177 \377 fine a]b))\r\n",
		  judge_flags, &count);
	ck_assert_uint_eq(count, 2);
}
END_TEST

/* T065: the structure lies; the body decides. */
START_TEST(test_structure_against_body)
{
	g_autoptr(GString) raw = g_string_new("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(MimePart) root = NULL;
	g_autofree char *text = NULL;

	for (unsigned i = 0; i < 50; i++)
		g_string_append_printf(raw, "--b\r\n\r\npart %u here\r\n", i);
	g_string_append(raw, "--b--\r\n");
	bytes = g_bytes_new(raw->str, raw->len);
	root = parse_message(bytes, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(root->parts->len, 50);
	text = shown(root);
	ck_assert_ptr_nonnull(strstr(text, "part 0 here"));
	for (unsigned i = 0; i < 50; i++)
		((MimePart *)root->parts->pdata[i])->size = UINT64_MAX;
	g_free(text);
	text = shown(root);
	ck_assert_ptr_nonnull(strstr(text, "part 0 here"));
}
END_TEST

static void keep_date(const Response *response, void *data)
{
	MessageHead *head;

	if (response->kind != RESPONSE_FETCH)
		return;
	head = message_new(1, &response->fetch);
	*(int64_t *)data = message_date(head);
	message_unref(head);
}

START_TEST(test_dates)
{
	static const char *const dates[] = {
		"",
		"Mon, 01 Jan 0000 00:00:00 +0000",
		"Fri, 31 Dec 9999 23:59:59 +0000",
		"Fri, 31 Dec 99999 23:59:59 +0000",
		"Mon, 01 Jan 2024 00:00:00 +9999",
		"Mon, 01 Jan 2024 00:00:00 -9999",
		"Mon, 99 Foo -1 99:99:99 ZZZZ",
		"9999999999999999999999999999999999",
		"\377\376",
	};
	g_autofree char *longest = g_strnfill(10240, '1');

	for (size_t i = 0; i <= G_N_ELEMENTS(dates); i++) {
		const char *date = i < G_N_ELEMENTS(dates) ? dates[i] : longest;
		g_autofree char *line = g_strdup_printf("* 1 FETCH (UID 1 ENVELOPE (\"%s\" NIL NIL "
							"NIL NIL NIL NIL NIL NIL NIL))\r\n",
							date);
		int64_t found = INT64_MIN;

		read_text(line, keep_date, &found);
		/* Within the years that can be shown, or unknown. */
		ck_assert_msg(found >= -62167219200 && found <= 253402300800,
			      "%s: %" G_GINT64_FORMAT, date, found);
	}
}
END_TEST

static const char *const nasty[] = {
	"a\r\nA9 DELETE INBOX",
	"a\nb",
	"a\rb",
	"\"",
	"a\\\"b",
	"{0}",
	"x {5+}",
	"a{3}",
	"(x)",
	"NIL",
	"",
	" ",
	"*",
	"%",
	"\303\251",
	"\177",
	"a]b",
	"\\Seen",
	"a b",
	"~{3}",
};

/* T067: one line, unless it is a literal, whose bytes are counted. */
START_TEST(test_outgoing)
{
	static void (*const writers[])(Writer *, const char *) = {
		writer_string, writer_astring, writer_mailbox, writer_atom, writer_raw};

	for (size_t i = 0; i < G_N_ELEMENTS(nasty); i++)
		for (size_t j = 0; j < G_N_ELEMENTS(writers); j++) {
			g_autoptr(Writer) w =
				writer_new(&command_table[COMMAND_ID_STATUS], CAP_KNOWN);
			g_autoptr(GPtrArray) segments = NULL;

			writers[j](w, nasty[i]);
			if (writer_failure(w))
				continue;
			segments = writer_segments(w, "A1");
			for (guint k = 0; k < segments->len; k++) {
				gsize len;
				const char *bytes = g_bytes_get_data(segments->pdata[k], &len);
				bool last = k + 1 == segments->len;

				/* Behind an announcement come its bytes, and then one line. */
				const char *from = bytes + (k > 0 ? strlen(nasty[i]) : 0);
				ck_assert(len >= (size_t)(from - bytes) + 2);
				ck_assert_ptr_eq(memchr(from, '\r', len - (size_t)(from - bytes)),
						 bytes + len - 2);
				ck_assert_ptr_eq(memchr(from, '\n', len - (size_t)(from - bytes)),
						 bytes + len - 1);
				ck_assert_int_eq(bytes[len - 3] == '}', !last);
			}
		}
}
END_TEST

/* T070: whatever bytes come, what is kept for the screen is UTF-8. */
START_TEST(test_invalid_utf8)
{
	static const char *const odd[] = {"\377\376",          "\300\257", "\355\240\200",
					  "\364\220\200\200",  "a\303",    "\200",
					  "=?utf-8?Q?=FF=FE?="};

	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		g_autofree char *line = g_strdup_printf(
			"* 1 FETCH (UID 1 ENVELOPE (\"%s\" \"%s\" ((\"%s\" NIL \"%s\" \"%s\")) NIL "
			"NIL ((\"%s\" NIL \"a\" \"b\")) NIL NIL NIL \"%s\"))\r\n",
			odd[i], odd[i], odd[i], odd[i], odd[i], odd[i], odd[i]);
		g_autofree char *words = verdict_words("server", odd[i]);
		g_autofree char *name = utf7_decode(odd[i]);

		read_text(line, keep_head, NULL);
		ck_assert(g_utf8_validate(words, -1, NULL));
		ck_assert(g_utf8_validate(name, -1, NULL));
	}
}
END_TEST

/* T010: 500 columns, also of wide characters. */
START_TEST(test_server_text_is_cut)
{
	g_autoptr(GString) wide = g_string_new(NULL);
	g_autofree char *words = NULL;

	for (unsigned i = 0; i < 2000; i++)
		g_string_append(wide, "\344\270\255");
	words = verdict_words("mail.example.org", wide->str);
	ck_assert(g_str_has_prefix(words, "mail.example.org says: "));
	ck_assert_int_le(text_width(words), 500);
	ck_assert_int_ge(text_width(words), 498);
}
END_TEST

const Threat threats_wire[] = {
	{"T010 columns", &test_server_text_is_cut},
	{"T044", &test_time_is_linear},
	{"T050 pairs", &test_copyuid},
	{"T057 kept", &test_flags},
	{"T052", &test_every_field_of_every_form},
	{"T053", &test_empty_literal},
	{"T058 T059 T060 names", &test_names},
	{"T061", &test_colliding_names},
	{"T064 folders", &test_many_folders},
	{"T064 pieces", &test_numbers_in_pieces},
	{"T065", &test_structure_against_body},
	{"T066", &test_dates},
	{"T067", &test_outgoing},
	{"T070", &test_invalid_utf8},
	{NULL, NULL},
};
