#include "core/mailbox/stored.h"

#include <string.h>

#include "core/wire/parser.h"

/* --- numbers of 7 bits a byte, the low ones first --- */

static void put_number(GByteArray *out, uint64_t number)
{
	do {
		uint8_t byte = (uint8_t)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
		g_byte_array_append(out, &byte, 1);
		number >>= 7;
	} while (number > 0);
}

static bool take_number(const uint8_t **at, const uint8_t *end, uint64_t *number)
{
	*number = 0;
	for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
		uint8_t byte = *(*at)++;
		if (shift == 63 && byte > 1)
			return false;
		*number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* --- rows: how far the UID is from the one before, whether its flags are known, and these --- */

GBytes *stored_pack_rows(const Table *rows, uint32_t from, uint32_t to)
{
	GByteArray *out = g_byte_array_new();
	uint32_t before = 0;

	for (uint32_t i = from; i < to; i++) {
		uint64_t known = rows->state[i] & TABLE_FLAGS_KNOWN ? 1 : 0;
		put_number(out, (uint64_t)(rows->uid[i] - before) << 1 | known);
		put_number(out, rows->flags[i]);
		before = rows->uid[i];
	}
	return g_byte_array_free_to_bytes(out);
}

bool stored_unpack_rows(const void *data, size_t len, uint32_t first, uint32_t last, Flags allowed,
			Table *out)
{
	const uint8_t *at = data, *end = at + len;
	uint64_t step, flags, uid = 0;
	uint32_t had = out->n, above = had > 0 ? out->uid[had - 1] : 0;

	while (at < end) {
		bool read = take_number(&at, end, &step) && take_number(&at, end, &flags);
		bool ascends = read && step >> 1 > 0 && step >> 1 <= UINT32_MAX - uid;
		if (ascends)
			uid += step >> 1;
		if (!ascends || uid < first || uid > last || uid <= above || (flags & ~allowed)) {
			out->n = had;
			return false;
		}
		table_insert(out, (uint32_t)uid, flags, step & 1 ? TABLE_FLAGS_KNOWN : 0);
	}
	return true;
}

/* --- keywords --- */

/* In front of one of which all messages are known that have it; no keyword has it. */
#define KNOWN_MARK "*"

char *stored_pack_words(const FlagNames *names, Flags known)
{
	GString *out = g_string_new(NULL);

	for (unsigned i = 0; i < flags_keyword_count(names); i++)
		g_string_append_printf(out, "%s%s%s", i > 0 ? " " : "",
				       known & flags_keyword_bit(i) ? KNOWN_MARK : "",
				       flags_keyword(names, i));
	return g_string_free(out, FALSE);
}

bool stored_allowed_flags(const char *words, Flags *allowed)
{
	unsigned n = *words != '\0';

	for (const char *at = words; (at = strchr(at, ' ')) != NULL; at++)
		n++;
	*allowed = FLAGS_SYSTEM;
	for (unsigned i = 0; i < n && i < FLAGS_KEYWORDS_MAX; i++)
		*allowed |= flags_keyword_bit(i);
	return n <= FLAGS_KEYWORDS_MAX;
}

bool stored_unpack_words(const char *words, FlagNames *names, Flags *known)
{
	g_auto(GStrv) all = g_strsplit(words, " ", FLAGS_KEYWORDS_MAX + 1);

	*known = 0;
	for (unsigned i = 0; all[i] != NULL; i++) {
		bool marked = g_str_has_prefix(all[i], KNOWN_MARK);
		const char *word = all[i] + (marked ? strlen(KNOWN_MARK) : 0);
		if (i == FLAGS_KEYWORDS_MAX ||
		    flags_from_word(names, word, true) != flags_keyword_bit(i))
			return false;
		*known |= marked ? flags_keyword_bit(i) : 0;
	}
	return true;
}

/* --- heads --- */

GBytes *stored_pack_head(const Frame *frame)
{
	GByteArray *out = g_byte_array_new();
	size_t at = 0;

	for (size_t i = 0; i < frame->n_literals && out->len <= STORED_HEAD_MAX; i++) {
		const FrameLiteral *literal = &frame->literals[i];
		gsize size = 0;
		const void *data = literal->data ? g_bytes_get_data(literal->data, &size) : NULL;
		g_byte_array_append(out, (const guint8 *)frame->text + at,
				    (guint)(literal->at - at));
		g_byte_array_append(out, (const guint8 *)"\r\n", 2);
		if (size <= STORED_HEAD_MAX && data != NULL)
			g_byte_array_append(out, data, (guint)size);
		else if (size > 0 || literal->data == NULL)
			g_byte_array_set_size(out, STORED_HEAD_MAX + 1);
		at = literal->at;
	}
	if (out->len <= STORED_HEAD_MAX && frame->len - at <= STORED_HEAD_MAX) {
		g_byte_array_append(out, (const guint8 *)frame->text + at,
				    (guint)(frame->len - at));
		g_byte_array_append(out, (const guint8 *)"\r\n", 2);
	} else {
		g_byte_array_set_size(out, STORED_HEAD_MAX + 1);
	}
	if (out->len > STORED_HEAD_MAX) {
		g_byte_array_unref(out);
		return NULL;
	}
	return g_byte_array_free_to_bytes(out);
}

static bool is_head(const Response *r, uint32_t uid)
{
	unsigned needed = FETCH_UID | FETCH_ENVELOPE;

	return r->kind == RESPONSE_FETCH && (r->fetch.has & needed) == needed &&
	       r->fetch.uid == uid;
}

bool stored_read_head(GBytes *bytes, uint32_t uid, StoredHead fn, void *data)
{
	g_autoptr(Framer) framer = framer_new(NULL);
	g_autoptr(Arena) arena = arena_new();
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	Response response;
	Frame frame;

	if (len > STORED_HEAD_MAX)
		return false;
	framer_push(framer, text, len);
	bool good = framer_next(framer, &frame, NULL) == 1 && framer_buffered(framer) == 0 &&
		    parser_read(arena, &frame, &response, NULL) && is_head(&response, uid);
	if (good)
		fn(uid, &response.fetch, data);
	return good;
}
