#define _GNU_SOURCE /* memrchr */
#include "core/wire/framer.h"

#include <stdint.h>
#include <string.h>
#include "core/base/error.h"

#define FIRST_CAPACITY ((size_t)16 * 1024)
/* More than this is given back once a long response is through. */
#define KEEP_CAPACITY  ((size_t)256 * 1024)
#define MAX_HEAD       ((size_t)1024) /* of a response in pieces, in front of the numbers */
#define MAX_DIGITS     19 /* of a literal's size: what fits an uint64_t whatever the digits */
#define MIB(n)         ((uint64_t)(n) << 20)
#define THREAD_HEAD    "* THREAD "
#define IS(text, word) (g_ascii_strncasecmp((text), (word), sizeof(word) - 1) == 0)

typedef enum { STATE_LINE, STATE_LITERAL } FramerState;

typedef enum { KIND_PROSE, KIND_NUMBERS, KIND_FETCH, KIND_OTHER } ResponseShape;

struct Framer {
	FramerLimits limits;
	FramerState state;
	GError *broken;
	char *buf; /* received and not consumed: [start, end) */
	size_t start, end, capacity;
	size_t scanned; /* bytes behind `start` known to hold no LF */
	/* The response under way.  Without literals it never leaves `buf`. */
	GString *text;
	GArray *literals;    /* of FrameLiteral */
	GByteArray *literal; /* NULL: it is handed on in chunks */
	uint64_t literal_here, literal_size;
	uint64_t consumed; /* bytes of it taken out of `buf` */
	uint64_t chunked;  /* of these in chunks */
	size_t max_text;   /* of it outside literals; raised once it proves to be numbers */
	GString *head;     /* what each piece of it begins with; empty where it is none */
	GString *piece;
	size_t try_piece; /* of so many bytes the next */
	size_t handed_on; /* bytes of it in pieces so far */
	bool delivered;   /* what `text` and `literals` hold was handed out */
};

const FramerLimits framer_default_limits = {
	.max_line = MIB(1),
	.max_number_line = MIB(128),
	.max_piece = (size_t)64 * 1024,
	.max_literal = MIB(2048) - 1,
	.max_whole = MIB(1),
	.max_response = MIB(2048 + 64),
	.max_other = MIB(64),
};

static ResponseShape shape_of_untagged(const char *word)
{
	static const struct {
		const char *word;
		ResponseShape shape;
	} words[] = {
		{"OK", KIND_PROSE},         {"NO", KIND_PROSE},       {"BAD", KIND_PROSE},
		{"BYE", KIND_PROSE},        {"PREAUTH", KIND_PROSE},  {"SEARCH", KIND_NUMBERS},
		{"SORT", KIND_NUMBERS},     {"THREAD", KIND_NUMBERS}, {"ESEARCH", KIND_NUMBERS},
		{"VANISHED", KIND_NUMBERS},
	};

	if (g_ascii_isdigit(*word)) {
		word += strspn(word, "0123456789");
		word += strspn(word, " ");
		return IS(word, "FETCH ") ? KIND_FETCH : KIND_OTHER;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t len = strlen(words[i].word);
		if (g_ascii_strncasecmp(word, words[i].word, len) == 0 &&
		    (word[len] == ' ' || word[len] == '\0'))
			return words[i].shape;
	}
	return KIND_OTHER;
}

/* `start` are the first bytes of the response's first line. */
static ResponseShape shape_of(const char *start, size_t len)
{
	char head[40] = "";

	if (len == 0 || start[0] != '*')
		return KIND_PROSE;
	memcpy(head, start, MIN(len, sizeof(head) - 1));
	head[strcspn(head, "\r\n")] = '\0';
	return head[1] == ' ' ? shape_of_untagged(head + 2) : KIND_OTHER;
}

static ResponseShape framer_shape(const Framer *framer)
{
	if (framer->head->len > 0)
		return KIND_NUMBERS;
	if (framer->text->len > 0)
		return shape_of(framer->text->str, framer->text->len);
	return shape_of(framer->buf + framer->start, framer->end - framer->start);
}

G_GNUC_PRINTF(3, 4)
static int framer_break(Framer *framer, GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	framer->broken = g_error_new_valist(CORE_ERROR, CORE_ERROR_ABORT, format, args);
	va_end(args);
	if (error != NULL)
		*error = g_error_copy(framer->broken);
	return -1;
}

static void framer_release(Framer *framer)
{
	if (framer->start == framer->end) {
		framer->start = framer->end = 0;
		if (framer->capacity > KEEP_CAPACITY) {
			g_free(framer->buf);
			framer->buf = g_malloc(FIRST_CAPACITY);
			framer->capacity = FIRST_CAPACITY;
		}
	}
	if (!framer->delivered)
		return;
	framer->delivered = false;
	if (framer->literals->len == 0)
		return;
	g_array_set_size(framer->literals, 0);
	if (framer->text->allocated_len > KEEP_CAPACITY) {
		g_string_free(framer->text, TRUE);
		framer->text = g_string_new(NULL);
	}
	g_string_truncate(framer->text, 0);
}

/* The literal that a line announces at its end. */
typedef struct {
	uint64_t size;
	bool body; /* behind BODY[…], BINARY[…] or the <origin> of one */
} Announcement;

static bool follows_section(const char *line, size_t open)
{
	if (open > 0 && line[open - 1] == '~')
		open--;
	while (open > 0 && line[open - 1] == ' ')
		open--;
	return open > 0 && (line[open - 1] == ']' || line[open - 1] == '>');
}

/* 1 where there is one, 0 where not, -1 where it is malformed.  A '}' may also end an atom; only
 * what follows a '{' outside quotes counts. */
static int read_announcement(const char *line, size_t len, Announcement *out)
{
	size_t open = len - 1;

	while (open > 0 && line[open] != '{' && line[open] != '"')
		open--;
	if (line[open] != '{')
		return 0;
	const char *at = line + open + 1, *end = line + len - 1;
	if (end > at && end[-1] == '+')
		end--;
	if (end == at || end - at > MAX_DIGITS)
		return -1;
	out->size = 0;
	for (; at < end; at++) {
		if (!g_ascii_isdigit(*at))
			return -1;
		out->size = out->size * 10 + (uint64_t)(*at - '0');
	}
	out->body = follows_section(line, open);
	return 1;
}

static bool line_is_too_long(Framer *framer, size_t len)
{
	size_t total = framer->text->len + framer->handed_on + len;

	if (G_LIKELY(total <= framer->max_text))
		return false;
	if (framer_shape(framer) == KIND_NUMBERS)
		framer->max_text = MAX(framer->max_text, framer->limits.max_number_line);
	return total > framer->max_text;
}

static int break_too_long(Framer *framer, GError **error)
{
	return framer_break(framer, error, "The server sent a line that is longer than allowed.");
}

static void framer_consume(Framer *framer, size_t n)
{
	framer->start += n;
	framer->consumed += n;
	framer->scanned = 0;
	framer->try_piece = framer->limits.max_piece;
}

static void framer_set_out(const Framer *framer, Frame *out)
{
	*out = (Frame){
		.text = framer->text->str,
		.len = framer->text->len,
		.literals = (const FrameLiteral *)(void *)framer->literals->data,
		.n_literals = framer->literals->len,
	};
}

static FrameLiteral *framer_last_literal(const Framer *framer)
{
	return &g_array_index(framer->literals, FrameLiteral, framer->literals->len - 1);
}

/* What is here of the literal under way, moved or handed on: 2 where that was the rest of it, 1
 * where it is a chunk, 0 where bytes are missing. */
static int framer_take_literal(Framer *framer, Frame *out)
{
	const char *bytes = framer->buf + framer->start;
	size_t here = framer->end - framer->start;
	uint64_t offset = framer->literal_here, missing = framer->literal_size - offset;
	size_t n = here < missing ? here : (size_t)missing;

	framer->literal_here += n;
	framer_consume(framer, n);
	if (framer->literal != NULL)
		g_byte_array_append(framer->literal, (const guint8 *)bytes, (guint)n);
	if (n == missing) {
		framer->state = STATE_LINE;
		if (framer->literal != NULL)
			framer_last_literal(framer)->data =
				g_byte_array_free_to_bytes(g_steal_pointer(&framer->literal));
	}
	if (framer_last_literal(framer)->chunked == 0 || n == 0)
		return n == missing ? 2 : 0;
	framer->chunked += n;
	framer_set_out(framer, out);
	out->chunk = (FrameChunk){bytes, n, offset, framer->literal_size};
	return 1;
}

static bool exceeds(uint64_t used, uint64_t size, uint64_t most)
{
	return used > most || size > most - used;
}

/* The line of `len` bytes announces a literal: keeps it as text.  0 where fine, -1 where not. */
static int framer_begin_literal(Framer *framer, size_t len, size_t with_end,
				const Announcement *announced, GError **error)
{
	const FramerLimits *limits = &framer->limits;
	bool fetch = framer_shape(framer) == KIND_FETCH;
	uint64_t size = announced->size, used = framer->consumed + with_end;
	FrameLiteral literal = {0};

	if (fetch && announced->body && size > limits->max_whole)
		literal.chunked = size;
	if (size > limits->max_literal || (fetch && exceeds(used, size, limits->max_response)) ||
	    exceeds(used - framer->chunked, size - literal.chunked, limits->max_other))
		return framer_break(framer, error,
				    "The server announced %" G_GUINT64_FORMAT
				    " bytes at once, which is more than allowed.",
				    size);
	g_string_append_len(framer->text, framer->buf + framer->start, (gssize)len);
	framer_consume(framer, with_end);
	framer->state = STATE_LITERAL;
	framer->literal_here = 0;
	framer->literal_size = size;
	framer->literal = literal.chunked == 0 ? g_byte_array_new() : NULL;
	literal.at = framer->text->len;
	g_array_append_val(framer->literals, literal);
	return 0;
}

static void framer_deliver(Framer *framer, size_t len, size_t with_end, Frame *out)
{
	char *line = framer->buf + framer->start;

	if (framer->literals->len == 0) {
		line[len] = '\0';
		*out = (Frame){.text = line, .len = len};
	} else {
		g_string_append_len(framer->text, line, (gssize)len);
		framer_set_out(framer, out);
	}
	framer_consume(framer, with_end);
	framer->consumed = framer->chunked = 0;
	framer->max_text = framer->limits.max_line;
	framer->delivered = true;
}

/* How long the beginning of a response is that comes in pieces, up to its first number; 0 where it
 * cannot. */
static size_t head_of(const char *line, size_t len)
{
	g_autofree char *start = g_ascii_strup(line, (gssize)MIN(len, MAX_HEAD));
	const char *all;

	if (g_str_has_prefix(start, "* SEARCH ") || g_str_has_prefix(start, "* SORT ") ||
	    g_str_has_prefix(start, THREAD_HEAD))
		return strchr(start + 2, ' ') + 1 - start;
	if (g_str_has_prefix(start, "* VANISHED (EARLIER) "))
		return strlen("* VANISHED (EARLIER) ");
	if (g_str_has_prefix(start, "* VANISHED "))
		return strlen("* VANISHED ");
	all = g_str_has_prefix(start, "* ESEARCH ") ? strstr(start, " ALL ") : NULL;
	return all != NULL ? (size_t)(all - start) + strlen(" ALL ") : 0;
}

/* Behind the last parenthesis, or at the last blank; behind a number that is still growing nowhere.
 * A number has few digits, so what is looked at is little. */
static size_t find_thread_cut(const char *line, size_t from, size_t len)
{
	size_t at = len;

	while (at > from && len - at <= MAX_DIGITS && g_ascii_isdigit(line[at - 1]))
		at--;
	if (at <= from || g_ascii_isdigit(line[at - 1]))
		return 0;
	return line[at - 1] == ' ' ? at - 1 : at;
}

/* Where the numbers can be cut: behind the last whole one, and in front of what is none. */
static size_t find_cut(const Framer *framer, const char *line, size_t from, size_t len)
{
	const char *head = framer->head->str;

	if (g_ascii_strcasecmp(head, THREAD_HEAD) == 0)
		return find_thread_cut(line, from, len);
	bool set = g_ascii_strncasecmp(head, "* V", 3) == 0 ||
		   g_ascii_strncasecmp(head, "* E", 3) == 0;
	const char *stop = memchr(line + from, set ? ' ' : '(', len - from);
	const char *cut = memrchr(line + from, set ? ',' : ' ',
				  stop != NULL ? (size_t)(stop - line) - from : len - from);

	return cut != NULL ? (size_t)(cut - line) : 0;
}

static void framer_end_pieces(Framer *framer)
{
	g_string_truncate(framer->head, 0);
	framer->handed_on = 0;
}

/* The head again, then `len` bytes of the buffer. */
static void framer_deliver_piece(Framer *framer, size_t len, size_t with_end, Frame *out)
{
	g_string_assign(framer->piece, framer->head->str);
	g_string_append_len(framer->piece, framer->buf + framer->start, (gssize)len);
	*out = (Frame){.text = framer->piece->str, .len = framer->piece->len};
	framer->handed_on += with_end;
	framer_consume(framer, with_end);
	framer->consumed = 0;
}

/* Takes what is here of a long line of numbers: 1 where it does, 0 where not, -1 where it is
 * broken. */
static int framer_take_piece(Framer *framer, Frame *out, GError **error)
{
	const char *line = framer->buf + framer->start;
	size_t here = framer->end - framer->start, head = 0, cut;

	if (here < framer->try_piece)
		return 0;
	framer->try_piece = here + framer->limits.max_piece;
	if (framer->literals->len > 0 || framer_shape(framer) != KIND_NUMBERS)
		return 0;
	if (framer->head->len == 0) {
		head = head_of(line, here);
		if (head == 0)
			return 0;
		g_string_append_len(framer->head, line, (gssize)head);
	}
	cut = find_cut(framer, line, head, here);
	if (memchr(line, '\0', here) != NULL)
		return framer_break(framer, error, "The server sent a NUL byte inside a line.");
	if (cut == 0) {
		if (head > 0)
			framer_end_pieces(framer);
		return 0;
	}
	framer_consume(framer, head);
	framer->handed_on += head;
	bool separator = cut < here && (line[cut] == ' ' || line[cut] == ',');
	framer_deliver_piece(framer, cut - head, cut - head + (separator ? 1 : 0), out);
	return 1;
}

/* One line out of the buffer: 1 where it ends the response, 0 where bytes are missing, 2 where a
 * literal follows, -1 where the stream is broken. */
static int framer_take_line(Framer *framer, Frame *out, GError **error)
{
	const char *line = framer->buf + framer->start;
	size_t here = framer->end - framer->start;
	const char *lf = here > framer->scanned
				 ? memchr(line + framer->scanned, '\n', here - framer->scanned)
				 : NULL;

	if (lf == NULL) {
		framer->scanned = here;
		/* One more than allowed may be the CR. */
		if (here > 0 && line_is_too_long(framer, here - 1))
			return break_too_long(framer, error);
		return framer_take_piece(framer, out, error);
	}
	size_t len = (size_t)(lf - line), with_end = len + 1;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (line_is_too_long(framer, len))
		return break_too_long(framer, error);
	if (memchr(line, '\0', len) != NULL)
		return framer_break(framer, error, "The server sent a NUL byte inside a line.");
	if (len > 0 && line[len - 1] == '}' && framer_shape(framer) != KIND_PROSE) {
		Announcement literal;
		int found = read_announcement(line, len, &literal);
		if (found < 0)
			return framer_break(framer, error,
					    "The server announced a literal of unreadable size.");
		if (found > 0 && framer->head->len > 0)
			return framer_break(framer, error,
					    "The server announced a literal among numbers.");
		if (found > 0)
			return framer_begin_literal(framer, len, with_end, &literal, error) < 0 ? -1
												: 2;
	}
	if (framer->head->len > 0) {
		framer_deliver_piece(framer, len, with_end, out);
		framer_end_pieces(framer);
		framer->max_text = framer->limits.max_line;
	} else {
		framer_deliver(framer, len, with_end, out);
	}
	return 1;
}

static void literal_clear(void *literal)
{
	g_clear_pointer(&((FrameLiteral *)literal)->data, g_bytes_unref);
}

Framer *framer_new(const FramerLimits *limits)
{
	Framer *framer = g_new0(Framer, 1);

	framer->limits = limits != NULL ? *limits : framer_default_limits;
	if (framer->limits.max_piece == 0)
		framer->limits.max_piece = framer_default_limits.max_piece;
	/* What a GByteArray can hold. */
	framer->limits.max_literal = MIN(framer->limits.max_literal, G_MAXINT32);
	framer->max_text = framer->limits.max_line;
	framer->try_piece = framer->limits.max_piece;
	framer->buf = g_malloc(FIRST_CAPACITY);
	framer->capacity = FIRST_CAPACITY;
	framer->text = g_string_new(NULL);
	framer->head = g_string_new(NULL);
	framer->piece = g_string_new(NULL);
	framer->literals = g_array_new(FALSE, FALSE, sizeof(FrameLiteral));
	g_array_set_clear_func(framer->literals, literal_clear);
	return framer;
}

void framer_free(Framer *framer)
{
	if (framer == NULL)
		return;
	g_clear_error(&framer->broken);
	g_free(framer->buf);
	g_string_free(framer->text, TRUE);
	g_string_free(framer->head, TRUE);
	g_string_free(framer->piece, TRUE);
	g_array_unref(framer->literals);
	if (framer->literal != NULL)
		g_byte_array_unref(framer->literal);
	g_free(framer);
}

void framer_push(Framer *framer, const char *buf, size_t len)
{
	framer_release(framer);
	if (len > framer->capacity - framer->end) {
		size_t kept = framer->end - framer->start;
		/* Moved only where at least as much is free in front: each byte once on average. */
		if (framer->start >= kept && len <= framer->capacity - kept) {
			memcpy(framer->buf, framer->buf + framer->start, kept);
			framer->start = 0;
			framer->end = kept;
		} else {
			framer->capacity = MAX(2 * framer->capacity, framer->end + len);
			framer->buf = g_realloc(framer->buf, framer->capacity);
		}
	}
	if (len > 0)
		memcpy(framer->buf + framer->end, buf, len);
	framer->end += len;
}

int framer_next(Framer *framer, Frame *out, GError **error)
{
	int got = 2;

	framer_release(framer);
	if (framer->broken != NULL) {
		if (error != NULL)
			*error = g_error_copy(framer->broken);
		return -1;
	}
	while (got == 2)
		got = framer->state == STATE_LITERAL ? framer_take_literal(framer, out)
						     : framer_take_line(framer, out, error);
	return got;
}

GBytes *framer_take_rest(Framer *framer)
{
	GBytes *rest;

	if (framer->consumed || framer->head->len)
		return NULL;
	rest = g_bytes_new(framer->buf + framer->start, framer->end - framer->start);
	framer->end = framer->start;
	framer->scanned = 0;
	return rest;
}

size_t framer_buffered(const Framer *framer)
{
	return framer->end - framer->start + framer->consumed + framer->head->len;
}

bool framer_progress(const Framer *framer, uint64_t *have, uint64_t *total)
{
	if (framer->state != STATE_LITERAL)
		return false;
	*have = framer->literal_here;
	*total = framer->literal_size;
	return true;
}
