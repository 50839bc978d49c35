/* What no conversation can say of groups C: fields of every form, time, names, dates, what is
 * written. */
#include "config.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "core/account/folder.h"
#include "core/mailbox/message.h"
#include "core/mailbox/query.h"
#include "core/session/verdict.h"
#include "core/wire/parser.h"
#include "core/wire/structure.h"
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
	{"* THREAD ", "(1 ", "\r\n"},
	{"* THREAD ", "123456789", "\r\n"},
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

/* T052: a field of each of these forms, or none, must harm nobody. */
static const char *const forms[] = {"NIL", "\"\"", "()", "0",     "{0}\r\n",    "",  "(())",
				    "-1",  "\"x",  "(",  "(NIL)", "4294967296", "*", "\"\\"};

#define PERSON "((|\"n\"| |\"r\"| |\"m\"| |\"h\"|))"

/* As they should be, every field between bars. */
static const char *const templates[] = {
	"* |1| FETCH (UID |1| FLAGS |(\\Seen)| INTERNALDATE |\"01-Jan-2024 00:00:00 +0000\"| "
	"RFC822.SIZE |10| MODSEQ |(7)|)\r\n",
	"* 1 FETCH |(UID 1)|\r\n",
	"* 1 FETCH (UID 1 ENVELOPE |(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)|)\r\n",
	"* 1 FETCH (UID 1 ENVELOPE (|\"Mon, 01 Jan 2024 00:00:00 +0000\"| |\"subject\"| " PERSON
	" " PERSON " " PERSON " " PERSON " " PERSON " " PERSON " |\"<i@h>\"| |\"<m@h>\"|))\r\n",
	"* 1 FETCH (UID 1 ENVELOPE (NIL NIL |((NIL NIL \"a\" \"h\"))| |((NIL NIL \"b\" \"h\"))| "
	"|NIL| |((NIL NIL \"c\" \"h\"))| |NIL| |NIL| NIL NIL))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE |(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 1 1)|)\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE (|\"text\"| |\"plain\"| (|\"charset\"| |\"utf-8\"|) "
	"|\"<i>\"| "
	"|\"d\"| |\"base64\"| |10| |2| |\"md5\"| (|\"inline\"| (|\"filename\"| |\"f\"|)) "
	"|(\"en\")| "
	"|\"loc\"|))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE (|(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 1 1)| "
	"|(\"text\" \"html\" NIL NIL NIL \"7BIT\" 1 1)| |\"mixed\"| |(\"boundary\" \"b\")| "
	"|(\"inline\" NIL)| |\"en\"| |\"loc\"|))\r\n",
	"* 1 FETCH (UID 1 BODYSTRUCTURE (\"message\" \"rfc822\" |NIL| |NIL| |NIL| |\"7BIT\"| |10| "
	"|(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)| "
	"|(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 1 1)| |3| |NIL| |NIL|))\r\n",
	"* 1 FETCH (UID 1 BODY[|1.MIME|]<|0|> |\"x\"|)\r\n",
	"* 1 FETCH (UID 1 BINARY[|1|] |~{1}\r\nx|)\r\n",
	"* STATUS |x| (MESSAGES |1| RECENT |1| UIDNEXT |2| UIDVALIDITY |3| UNSEEN |1| SIZE |9| "
	"HIGHESTMODSEQ |7| DELETED |1|)\r\n",
	"* STATUS x |(MESSAGES 1)|\r\n",
	"* LIST (|\\HasChildren| |\\Trash|) |\"/\"| |x| (|\"CHILDINFO\"| |(\"SUBSCRIBED\")|)\r\n",
	"* LIST |()| \"/\" x\r\n",
	"* LSUB |()| |\"/\"| |x|\r\n",
	"* NAMESPACE |((\"\" \"/\"))| |NIL| |NIL|\r\n",
	"* NAMESPACE ((|\"\"| |\"/\"|)) ((|\"~\"| |\"/\"|)) ((|\"#\"| |\"/\"|))\r\n",
	"* QUOTA |\"\"| (|STORAGE| |10| |512|)\r\n",
	"* QUOTAROOT |INBOX| |\"\"|\r\n",
	"* ESEARCH (TAG |\"A1\"|) UID MIN |1| MAX |9| ALL |1:9| COUNT |9| MODSEQ |7|\r\n",
	"* ESEARCH |(TAG \"A1\")| UID ALL 1\r\n",
	"* VANISHED (|EARLIER|) |1:9|\r\n",
	"* SEARCH |1| |2| (MODSEQ |7|)\r\n",
	"* FLAGS |(\\Seen kw)|\r\n",
	"* |9| EXISTS\r\n",
	"* OK [UIDNEXT |4|] |x|\r\n",
	"* OK [UIDVALIDITY |4|] x\r\n",
	"* OK [COPYUID |1| |1:2| |3:4|] x\r\n",
	"* OK [APPENDUID |1| |2|] x\r\n",
	"* OK [PERMANENTFLAGS |(\\Seen \\*)|] x\r\n",
	"* OK [CAPABILITY |IMAP4rev1|] x\r\n",
	"* OK [BADCHARSET |(utf-8)|] x\r\n",
};

static void keep_head(const Response *response, void *data G_GNUC_UNUSED)
{
	MessageHead *head;

	if (response->kind != RESPONSE_FETCH || !(response->fetch.has & FETCH_ENVELOPE))
		return;
	head = message_new(1, &response->fetch);
	ck_assert(g_utf8_validate(message_subject(head), -1, NULL));
	ck_assert(g_utf8_validate(message_from(head), -1, NULL));
	ck_assert(g_utf8_validate(message_from_address(head), -1, NULL));
	ck_assert(g_utf8_validate(message_to(head), -1, NULL));
	message_unref(head);
}

/* The template with its `odd`-th field of that form, the others as they should be. */
static char *fill(const char *template, unsigned odd, const char *form, bool *was)
{
	g_auto(GStrv) parts = g_strsplit(template, "|", -1);
	GString *out = g_string_new(NULL);
	unsigned at = 2 * odd + 1;

	*was = at < g_strv_length(parts);
	for (unsigned i = 0; parts[i]; i++)
		g_string_append(out, *was && i == at ? form : parts[i]);
	return g_string_free(out, FALSE);
}

/* What comes behind is still understood. */
static void look_for_exists(const Response *response, void *seen)
{
	keep_head(response, NULL);
	*(bool *)seen |= response->kind == RESPONSE_EXISTS && response->number == 77;
}

START_TEST(test_every_field_of_every_form)
{
	for (size_t i = 0; i < G_N_ELEMENTS(templates); i++) {
		bool was = true;
		g_autofree char *good = fill(templates[i], UINT_MAX / 4, "", &was);

		ck_assert(!was);
		ck_assert_msg(read_all(good, strlen(good), CHUNK, keep_head, NULL) == 1, "%s",
			      good);
		for (size_t j = 0; j < G_N_ELEMENTS(forms); j++) {
			was = true;
			for (unsigned odd = 0; was; odd++) {
				g_autofree char *text = fill(templates[i], odd, forms[j], &was);
				g_autofree char *both = g_strconcat(text, "* 77 EXISTS\r\n", NULL);
				bool seen = false;

				read_text(both, look_for_exists, &seen);
				ck_assert_msg(seen, "%s", text);
			}
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
	const char *title;
} names[] = {
	{"* LIST () \"/\" ../../x\r\n", "../../x", "x"},
	{"* LIST () \"/\" /etc/passwd\r\n", "/etc/passwd", "passwd"},
	{"* LIST () NIL \"../../y\"\r\n", "../../y", "../../y"},
	{"* LIST () \"/\" {3}\r\na\nb\r\n", "a\nb", "a\\x0Ab"},
	{"* LIST () \"/\" {4}\r\na\r\nc\r\n", "a\r\nc", "a\\x0D\\x0Ac"},
	{"* LIST () \"\\\"\" a\"b\r\n", NULL, NULL},
	{"* LIST () \"\\\\\" {3}\r\na\\b\r\n", "a\\b", "b"},
	{"* LIST () \"ab\" x1\r\n", NULL, NULL},
	{"* LIST () \"\" x2\r\n", "x2", "x2"},
	{"* LIST () \"/\" `touch`\r\n", "`touch`", "`touch`"},
	{"* LIST () \"/\" \"$(touch x)\"\r\n", "$(touch x)", "$(touch x)"},
	{"* LIST () \"/\" \";touch x\"\r\n", ";touch x", ";touch x"},
	{"* LIST () \"/\" &\r\n", "&", "&"},
	{"* LIST () \"/\" &AAA-\r\n", "&AAA-", "&AAA-"},
	{"* LIST () \"/\" &2D0-\r\n", "&2D0-", "&2D0-"},
	{"* LIST () \"/\" &!!!-\r\n", "&!!!-", "&!!!-"},
	{"* LIST () \"/\" &AGE-\r\n", "&AGE-", "&AGE-"},
	{"* LIST () \"/\" &AOk\r\n", "&AOk", "&AOk"},
	{"* LIST () \"/\" &AOk-\r\n", "&AOk-", "\303\251"},
	{"* LIST () \"/\" &AOk-&AOk-\r\n", "&AOk-&AOk-", "\303\251&AOk-"},
	{"* LIST () \"/\" &AOkA6Q-\r\n", "&AOkA6Q-", "\303\251\303\251"},
	{"* LIST () \"/\" \303\251\r\n", "\303\251", "\303\251"},
	{"* LIST () \"/\" \377\376\r\n", "\377\376", "\\xFF\\xFE"},
	{"* LIST () \"/\" {5}\r\n\033[2Jx\r\n", "\033[2Jx", "\\x1B[2Jx"},
};

/* The name as a command would send it, without what stands around it. */
static char *sent_name(const char *name)
{
	g_autoptr(Writer) w = writer_new(&command_table[COMMAND_ID_STATUS], CAP_KNOWN);
	g_autoptr(GPtrArray) segments = NULL;
	GString *sent = g_string_new(NULL);

	writer_mailbox(w, name);
	ck_assert_ptr_null(writer_failure(w));
	segments = writer_segments(w, "A1");
	for (guint i = 0; i < segments->len; i++) {
		gsize len;
		const char *bytes = g_bytes_get_data(segments->pdata[i], &len);
		g_string_append_len(sent, bytes, (gssize)len);
	}
	return g_string_free(sent, FALSE);
}

/* T060: atom, quoted or literal. */
static void judge_sent(const char *name)
{
	g_autofree char *sent = sent_name(name);
	g_autoptr(GString) escaped = g_string_new(name);
	g_autofree char *atom = g_strdup_printf("A1 STATUS %s\r\n", name);
	g_autofree char *literal = g_strdup_printf("A1 STATUS {%zu}\r\n%s\r\n", strlen(name), name);
	g_autofree char *quoted = NULL;

	g_string_replace(escaped, "\\", "\\\\", 0);
	g_string_replace(escaped, "\"", "\\\"", 0);
	quoted = g_strdup_printf("A1 STATUS \"%s\"\r\n", escaped->str);
	ck_assert_msg(strcmp(sent, atom) == 0 || strcmp(sent, quoted) == 0 ||
			      strcmp(sent, literal) == 0,
		      "%s", sent);
}

START_TEST(test_names)
{
	Folder *root = folder_new_root();
	unsigned count = 0, listed = 0;
	g_autofree char *long_name = g_strnfill(900000, 'n');
	g_autofree char *long_line = g_strconcat("* LIST () \"/\" ", long_name, "\r\n", NULL);
	static const char nul[] = "* LIST () \"/\" {3}\r\na\0b\r\n";

	read_all(nul, sizeof nul - 1, CHUNK, list_into, root);
	folder_foreach(root, judge_folder, &count);
	ck_assert_uint_eq(count, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const Folder *folder;

		read_text(names[i].line, list_into, root);
		folder = names[i].name ? folder_find(root, names[i].name) : NULL;
		ck_assert_msg(!names[i].name || folder, "%s", names[i].line);
		listed += folder != NULL;
		if (!folder)
			continue;
		ck_assert_str_eq(folder->title, names[i].title);
		ck_assert_str_eq(folder->name, names[i].name);
		judge_sent(folder->name);
	}
	/* What was left out left nothing. */
	ck_assert_ptr_null(folder_find(root, "a\"b"));
	ck_assert_ptr_null(folder_find(root, "x1"));
	read_text(long_line, list_into, root);
	ck_assert_ptr_nonnull(folder_find(root, long_name));
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

static void write_steps(const Response *response, void *data)
{
	GString *text = data;

	ck_assert_int_eq(response->kind, RESPONSE_THREAD);
	for (size_t i = 0; i < response->threads.n; i++) {
		const ThreadStep *step = &response->threads.steps[i];
		for (unsigned k = 0; k < step->closed; k++)
			g_string_append_c(text, ')');
		for (unsigned k = 0; k < step->opened; k++)
			g_string_append_c(text, '(');
		if (step->uid == 0)
			continue;
		if (text->len > 0 && g_ascii_isdigit(text->str[text->len - 1]))
			g_string_append_c(text, ' ');
		g_string_append_printf(text, "%u", step->uid);
	}
}

/* The same for what has parentheses, wherever a read ends. */
START_TEST(test_threads_in_pieces)
{
	g_autoptr(GString) threads = g_string_new(NULL);

	for (unsigned n = 1; n <= 60000; n++)
		g_string_append_printf(threads,
				       n % 7 == 0   ? "(%u(%u 9(8)(7)))"
				       : n % 7 == 1 ? "((%u)(%u))"
						    : "(%u %u)",
				       n, 2 * n);
	g_autofree char *line = g_strconcat("* THREAD ", threads->str, "\r\n", NULL);
	for (size_t step = CHUNK - 20; step <= CHUNK + 20; step++) {
		g_autoptr(GString) text = g_string_new(NULL);
		read_all(line, strlen(line), step, write_steps, text);
		ck_assert(g_string_equal(text, threads));
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
static void keep_structure(const Response *response, void *data)
{
	if (response->kind == RESPONSE_FETCH && response->fetch.structure)
		*(MimePart **)data = part_copy(response->fetch.structure);
}

static GBytes *multipart_of(unsigned parts)
{
	GString *raw = g_string_new("Content-Type: multipart/mixed; boundary=b\r\n\r\n");

	for (unsigned i = 0; i < parts; i++)
		g_string_append_printf(raw, "--b\r\n\r\npart %u here\r\n", i);
	g_string_append(raw, "--b--\r\n");
	return g_string_free_to_bytes(raw);
}

START_TEST(test_structure_against_body)
{
	g_autoptr(GBytes) bytes = multipart_of(50);
	g_autoptr(MimePart) root = parse_message(bytes, NULL), told = NULL;
	g_autofree char *text = NULL, *of_told = NULL;

	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(root->parts->len, 50);
	text = shown(root);
	ck_assert_ptr_nonnull(strstr(text, "part 0 here"));
	ck_assert_ptr_nonnull(strstr(text, "part 49 here"));
	for (unsigned i = 0; i < 50; i++)
		((MimePart *)root->parts->pdata[i])->size = UINT64_MAX;
	g_free(text);
	text = shown(root);
	ck_assert_ptr_nonnull(strstr(text, "part 49 here"));
	/* Two parts of 2^63 octets, of which one came, with 4. */
	read_text("* 1 FETCH (UID 1 BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7BIT\" "
		  "9223372036854775807 1)(\"text\" \"plain\" NIL NIL NIL \"7BIT\" "
		  "9223372036854775807 1) \"mixed\"))\r\n",
		  keep_structure, &told);
	ck_assert_ptr_nonnull(told);
	((MimePart *)told->parts->pdata[0])->content = g_bytes_new("four", 4);
	of_told = shown(told);
	ck_assert_ptr_nonnull(strstr(of_told, "four"));
}
END_TEST

/* T065: of 100,000 as many are kept as the limit says, and that there were more is noted. */
START_TEST(test_many_parts)
{
	g_autoptr(GBytes) bytes = multipart_of(100000);
	g_autoptr(MimePart) root = parse_message(bytes, NULL), told = NULL;
	g_autoptr(GString) line = g_string_new("* 1 FETCH (UID 1 BODYSTRUCTURE (");
	g_autofree char *text = NULL;

	ck_assert_uint_eq(root->parts->len, PARSE_PARTS_MAX - 1);
	ck_assert(root->truncated);
	text = shown(root);
	ck_assert_ptr_nonnull(strstr(text, "part 9998 here"));
	for (unsigned i = 0; i < 20000; i++)
		g_string_append(line, "(\"a\" \"b\" NIL NIL NIL \"7BIT\" 1)");
	g_string_append(line, " \"mixed\"))\r\n");
	read_all(line->str, line->len, CHUNK, keep_structure, &told);
	ck_assert_uint_eq(told->parts->len, STRUCTURE_MAX_PARTS - 1);
	ck_assert(told->truncated);
}
END_TEST

typedef struct {
	int64_t sent, arrived;
} Dates;

static void keep_date(const Response *response, void *data)
{
	Dates *found = data;
	MessageHead *head;

	if (response->kind != RESPONSE_FETCH)
		return;
	head = message_new(1, &response->fetch);
	found->sent = message_date(head);
	found->arrived = message_internal_date(head);
	message_unref(head);
}

/* Within the years that can be shown, or unknown (0). */
static bool is_showable(int64_t seconds)
{
	return seconds >= -62167219200 && seconds < 253402300800;
}

START_TEST(test_dates)
{
	static const char *const dates[] = {
		"",
		"Mon, 01 Jan 0000 00:00:00 +0000",
		"Fri, 31 Dec 9999 23:59:59 +0000",
		"Fri, 31 Dec 9999 23:59:59 -1200",
		"Fri, 31 Dec 99999 23:59:59 +0000",
		"Mon, 01 Jan 2024 00:00:00 +9999",
		"Mon, 01 Jan 2024 00:00:00 -9999",
		"Mon, 99 Foo -1 99:99:99 ZZZZ",
		"9999999999999999999999999999999999",
		"\377\376",
	};
	static const char *const arrivals[] = {
		"",
		"01-Jan-0000 00:00:00 +0000",
		"31-Dec-9999 23:59:59 +0000",
		"31-Dec-9999 23:59:59 -2359",
		"31-Dec-99999 23:59:59 +0000",
		"01-Jan-2024 00:00:00 +9999",
		"99-Foo--1 99:99:99 ZZZZ",
		"01-Jan-18446744073709551616 00:00:00 +0000",
		"\377\376",
	};
	g_autofree char *longest = g_strnfill(10240, '1');

	for (size_t i = 0; i <= G_N_ELEMENTS(dates); i++) {
		const char *date = i < G_N_ELEMENTS(dates) ? dates[i] : longest;
		const char *arrival = i < G_N_ELEMENTS(arrivals) ? arrivals[i] : longest;
		g_autofree char *line =
			g_strdup_printf("* 1 FETCH (UID 1 INTERNALDATE \"17-Jul-1996 02:44:25 "
					"-0700\" ENVELOPE (\"%s\" "
					"NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n",
					date);
		g_autofree char *arriving = g_strdup_printf("* 1 FETCH (UID 1 INTERNALDATE \"%s\" "
							    "ENVELOPE (NIL NIL NIL NIL NIL NIL NIL "
							    "NIL NIL NIL))\r\n",
							    arrival);
		Dates found = {INT64_MIN, INT64_MIN}, came = {0, 0};

		read_text(line, keep_date, &found);
		ck_assert_msg(is_showable(found.sent), "%s: %" G_GINT64_FORMAT, date, found.sent);
		ck_assert_int_eq(found.arrived, 837596665);
		read_text(arriving, keep_date, &came);
		ck_assert_msg(is_showable(came.arrived) && is_showable(came.sent),
			      "%s: %" G_GINT64_FORMAT, arrival, came.arrived);
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

static char *written(void (*write)(Writer *, const char *), const char *text)
{
	g_autoptr(Writer) w = writer_new(&command_table[COMMAND_ID_XATOM], CAP_KNOWN);
	g_autoptr(GPtrArray) segments = NULL;
	gsize len;

	write(w, text);
	if (writer_failure(w))
		return g_strdup("refused");
	segments = writer_segments(w, "A1");
	if (segments->len > 1)
		return g_strdup("literal");
	const char *bytes = g_bytes_get_data(segments->pdata[0], &len);
	return g_strndup(bytes + 3, len - 5);
}

/* T067: what may be taken for the announcement of a literal is quoted, what breaks a line is a
 * literal where one may stand and an error elsewhere. */
static const struct {
	const char *text, *string, *astring, *atom, *raw;
} outgoing[] = {
	{"{0}", "\"{0}\"", "\"{0}\"", "refused", "refused"},
	{"x {5+}", "\"x {5+}\"", "\"x {5+}\"", "refused", "refused"},
	{"a{3}", "\"a{3}\"", "\"a{3}\"", "refused", "refused"},
	{"~{3}", "\"~{3}\"", "\"~{3}\"", "refused", "refused"},
	{"a\r\nb", "literal", "literal", "refused", "refused"},
	{"a\nb", "literal", "literal", "refused", "refused"},
	{"a\rb", "literal", "literal", "refused", "refused"},
	{"a\"b", "\"a\\\"b\"", "\"a\\\"b\"", "refused", "a\"b"},
	{"a\\", "\"a\\\\\"", "\"a\\\\\"", "a\\", "a\\"},
	{"a b", "\"a b\"", "\"a b\"", "refused", "a b"},
	{"a)", "\"a)\"", "\"a)\"", "refused", "a)"},
	{"NIL", "\"NIL\"", "\"NIL\"", "NIL", "NIL"},
	{"", "\"\"", "\"\"", "refused", ""},
	{"a", "\"a\"", "a", "a", "a"},
};

START_TEST(test_outgoing_forms)
{
	for (size_t i = 0; i < G_N_ELEMENTS(outgoing); i++) {
		g_autofree char *string = written(writer_string, outgoing[i].text);
		g_autofree char *astring = written(writer_astring, outgoing[i].text);
		g_autofree char *mailbox = written(writer_mailbox, outgoing[i].text);
		g_autofree char *atom = written(writer_atom, outgoing[i].text);
		g_autofree char *raw = written(writer_raw, outgoing[i].text);

		ck_assert_str_eq(string, outgoing[i].string);
		ck_assert_str_eq(astring, outgoing[i].astring);
		ck_assert_str_eq(mailbox, outgoing[i].astring);
		ck_assert_str_eq(atom, outgoing[i].atom);
		ck_assert_str_eq(raw, outgoing[i].raw);
	}
}
END_TEST

/* T067: a literal holds no NUL. */
START_TEST(test_outgoing_nul)
{
	g_autoptr(Writer) w = writer_new(&command_table[COMMAND_ID_APPEND], CAP_KNOWN);
	g_autoptr(GBytes) bytes = g_bytes_new_static("a\0b", 3);

	writer_literal(w, bytes);
	ck_assert_ptr_nonnull(writer_failure(w));
}
END_TEST

/* Lines of which each but the last announces a literal, whose bytes are stepped over. */
static void judge_lines(GBytes *segment)
{
	gsize len;
	const char *at = g_bytes_get_data(segment, &len), *end = at + len;

	for (;;) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *open;

		ck_assert(lf && lf > at && lf[-1] == '\r');
		ck_assert_ptr_null(memchr(at, '\r', (size_t)(lf - 1 - at)));
		if (lf + 1 == end)
			return;
		open = lf - 2;
		while (open > at && *open != '{')
			open--;
		ck_assert(*open == '{' && g_str_has_prefix(lf - 3, "+}"));
		at = lf + 1 + strtoul(open + 1, NULL, 10);
		ck_assert(at < end);
	}
}

static void search_atom(const char *atom, void *w)
{
	writer_atom(w, atom);
}

static void search_string(const char *utf8, void *w)
{
	writer_string(w, utf8);
}

/* T067: nothing that is looked for ends the SEARCH. */
START_TEST(test_outgoing_search)
{
	static const QuerySink sink = {search_atom, search_string};
	static const char *const forms_of[] = {"%s", "\"%s\"", "from:\"%s\"", "subject:%s",
					       "header:Message-ID:\"%s\""};
	unsigned sent = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(outgoing); i++)
		for (size_t j = 0; j < G_N_ELEMENTS(forms_of); j++) {
			g_auto(GStrv) halves = g_strsplit(forms_of[j], "%s", 2);
			g_autofree char *text =
				g_strconcat(halves[0], outgoing[i].text, halves[1], NULL);
			g_autoptr(Query) query = query_parse(text, 0, NULL);
			g_autoptr(Writer) w = writer_new(&command_table[COMMAND_ID_UID_SEARCH],
							 CAP_KNOWN | CAP(LITERAL_PLUS));
			g_autoptr(GPtrArray) segments = NULL;

			if (!query)
				continue;
			query_emit(query, &(QueryDialect){0}, &sink, w);
			if (writer_failure(w))
				continue;
			segments = writer_segments(w, "A1");
			ck_assert_uint_eq(segments->len, 1);
			judge_lines(segments->pdata[0]);
			sent++;
		}
	ck_assert_uint_gt(sent, 30);
}
END_TEST

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

/* As the text of a mail that says it is UTF-8, and of one that says nothing. */
static void judge_text(const char *bytes)
{
	static const char *const charsets[] = {"utf-8", NULL, "nonsense", "us-ascii"};

	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		g_autoptr(MimePart) part = part_new("1", "text/plain");
		g_autofree char *text = NULL;

		part->charset = g_strdup(charsets[i]);
		part->content = g_bytes_new(bytes, strlen(bytes));
		text = shown(part);
		ck_assert(g_utf8_validate(text, -1, NULL));
	}
}

static void judge_part(MimePart *part, unsigned depth G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
	g_autofree char *name = part_safe_filename(part);

	ck_assert(g_utf8_validate(name, -1, NULL));
	ck_assert(!part->filename || g_utf8_validate(part->filename, -1, NULL));
	ck_assert(!part->description || g_utf8_validate(part->description, -1, NULL));
	ck_assert(g_utf8_validate(part->type, -1, NULL));
}

static void judge_structure(const char *bytes)
{
	g_autofree char *line = g_strdup_printf(
		"* 1 FETCH (UID 1 BODYSTRUCTURE (\"%s\" \"%s\" (\"name\" \"%s\") NIL \"%s\" "
		"\"7BIT\" 1 1))\r\n",
		bytes, bytes, bytes, bytes);
	g_autoptr(MimePart) told = NULL;

	read_text(line, keep_structure, &told);
	ck_assert_ptr_nonnull(told);
	part_foreach(told, judge_part, NULL);
}

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
		/* Not merely left out. */
		ck_assert_uint_gt(strlen(words), strlen("server says: "));
		judge_text(odd[i]);
		judge_structure(odd[i]);
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
	{"T010 columns", &test_server_text_is_cut, 0},
	{"T044", &test_time_is_linear, 0},
	{"T050 pairs", &test_copyuid, 0},
	{"T057 kept", &test_flags, 0},
	{"T052", &test_every_field_of_every_form, 0},
	{"T053", &test_empty_literal, 0},
	{"T058 names", &test_names, 0},
	{"T059 names", &test_names, 0},
	{"T060 names", &test_names, 0},
	{"T061", &test_colliding_names, 0},
	{"T064 folders", &test_many_folders, 0},
	{"T064 pieces", &test_numbers_in_pieces, 0},
	{"T064 pieces of threads", &test_threads_in_pieces, 0},
	{"T065", &test_structure_against_body, 0},
	{"T065 many", &test_many_parts, 0},
	{"T066", &test_dates, 0},
	{"T067", &test_outgoing, 0},
	{"T067 forms", &test_outgoing_forms, 0},
	{"T067 NUL", &test_outgoing_nul, 0},
	{"T067 search", &test_outgoing_search, 0},
	{"T070", &test_invalid_utf8},
	{NULL, NULL, 0},
};
