#include "mime/transfer.h"

#include <stdint.h>
#include <string.h>

#define ENCODED_MAX ((size_t)3 << 30) /* GByteArray counts in 32 bits */
#define HELD_MAX    ((size_t)4 * 1024)

typedef void (*Decoder)(const char *text, size_t len, GByteArray *out);

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void append_byte(GByteArray *out, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	g_byte_array_append(out, &byte, 1);
}

/* Between pieces. */
typedef struct {
	unsigned bits, group;
	bool padding; /* seen: it is over */
} Base64;

static void base64_add(Base64 *state, const char *text, size_t len, GByteArray *out)
{
	size_t start = out->len, written = start;

	g_byte_array_set_size(out, (guint)(start + len / 4 * 3 + 3));
	for (size_t i = 0; i < len && !state->padding; i++) {
		int value = base64_value((uint8_t)text[i]);
		if (value < 0) {
			state->padding = text[i] == '=' && state->group >= 2;
			continue;
		}
		state->bits = state->bits << 6 | (unsigned)value;
		if (++state->group == 4) {
			out->data[written++] = (uint8_t)(state->bits >> 16);
			out->data[written++] = (uint8_t)(state->bits >> 8);
			out->data[written++] = (uint8_t)state->bits;
			state->group = 0;
		}
	}
	g_byte_array_set_size(out, (guint)written);
}

static void base64_end(const Base64 *state, GByteArray *out)
{
	if (state->group == 2)
		append_byte(out, state->bits >> 4);
	if (state->group == 3) {
		append_byte(out, state->bits >> 10);
		append_byte(out, state->bits >> 2);
	}
}

static void decode_base64(const char *text, size_t len, GByteArray *out)
{
	Base64 state = {0};

	base64_add(&state, text, len, out);
	base64_end(&state, out);
}

/* The length of a soft line break ("=", blanks, line end) at `text`, or 0. */
static size_t soft_break(const char *text, size_t len)
{
	size_t i = 1;

	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	if (i == len || text[i] == '\n')
		return MIN(i + 1, len);
	return i + 1 < len && text[i] == '\r' && text[i + 1] == '\n' ? i + 2 : 0;
}

static bool escape(const char *text, size_t len, unsigned *value)
{
	int high = len >= 3 ? g_ascii_xdigit_value(text[1]) : -1;
	int low = len >= 3 ? g_ascii_xdigit_value(text[2]) : -1;

	if (high < 0 || low < 0)
		return false;
	*value = (unsigned)(high << 4 | low);
	return true;
}

/* What the "=" at `text` begins depends on bytes that are not here yet. */
static bool is_undecided(const char *text, size_t len)
{
	size_t i = 1;

	if (len < 3)
		return true;
	if (len > HELD_MAX)
		return false;
	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i == len || (i + 1 == len && text[i] == '\r');
}

/* How many of the bytes were taken; all of them where they are the `last`. */
static size_t take_quoted_printable(const char *text, size_t len, bool last, GByteArray *out)
{
	for (size_t i = 0; i < len;) {
		const char *equals = memchr(text + i, '=', len - i);
		size_t plain = equals == NULL ? len : (size_t)(equals - text);
		unsigned value;
		g_byte_array_append(out, (const guint8 *)text + i, (guint)(plain - i));
		i = plain;
		if (i == len)
			break;
		if (!last && is_undecided(text + i, len - i))
			return i;
		if (escape(text + i, len - i, &value)) {
			append_byte(out, value);
			i += 3;
			continue;
		}
		size_t skip = soft_break(text + i, len - i);
		if (skip == 0)
			append_byte(out, '=');
		i += MAX(skip, 1);
	}
	return len;
}

static void decode_quoted_printable(const char *text, size_t len, GByteArray *out)
{
	take_quoted_printable(text, len, true, out);
}

/* Blanks that were cut off the end of a line stand for zeros, as far as there is `room`: the count
 * in front of a line is easily a lie. */
static void decode_uu_line(const char *line, size_t len, size_t room, GByteArray *out)
{
	size_t count = (uint8_t)(line[0] - ' ') & 0x3F;

	for (size_t i = 1; count > 0 && (i < len || out->len < room); i += 4) {
		unsigned bits = 0;
		for (size_t k = 0; k < 4; k++)
			bits = bits << 6 |
			       (i + k < len ? (unsigned)(uint8_t)(line[i + k] - ' ') & 0x3F : 0);
		for (int shift = 16; shift >= 0 && count > 0; shift -= 8, count--)
			append_byte(out, bits >> shift);
	}
}

/* Lines before "begin" and behind "end" are no data; a body without "begin" is all data. */
static void decode_uuencode(const char *text, size_t len, GByteArray *out)
{
	bool begun = g_strstr_len(text, (gssize)len, "begin ") == NULL;

	for (size_t i = 0; i < len;) {
		const char *newline = memchr(text + i, '\n', len - i);
		size_t end = newline == NULL ? len : (size_t)(newline - text);
		const char *line = text + i;
		size_t n = end - i;
		i = end + 1;
		if (n > 0 && line[n - 1] == '\r')
			n--;
		if (!begun)
			begun = n > 6 && memcmp(line, "begin ", 6) == 0;
		else if (n == 3 && memcmp(line, "end", 3) == 0)
			break;
		else if (n > 0)
			decode_uu_line(line, n, len, out);
	}
}

static const struct {
	const char *name;
	Decoder decode; /* NULL: the bytes are what they are */
} encodings[] = {
	{"7bit", NULL},
	{"8bit", NULL},
	{"binary", NULL},
	{"7-bit", NULL},
	{"8-bit", NULL},
	{"base64", decode_base64},
	{"quoted-printable", decode_quoted_printable},
	{"x-uuencode", decode_uuencode},
	{"uuencode", decode_uuencode},
	{"x-uue", decode_uuencode},
};

static int encoding_index(const char *encoding)
{
	for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++)
		if (g_ascii_strcasecmp(encoding, encodings[i].name) == 0)
			return (int)i;
	return -1;
}

bool transfer_is_identity(const char *encoding)
{
	int index = encoding == NULL ? -1 : encoding_index(encoding);

	return index < 0 || encodings[index].decode == NULL;
}

GBytes *transfer_decode(GBytes *encoded, const char *encoding)
{
	size_t len;
	const char *text = g_bytes_get_data(encoded, &len);

	if (transfer_is_identity(encoding) || len == 0)
		return g_bytes_ref(encoded);
	GByteArray *out = g_byte_array_new();
	encodings[encoding_index(encoding)].decode(text, MIN(len, ENCODED_MAX), out);
	return g_byte_array_free_to_bytes(out);
}

struct TransferStream {
	Decoder decode; /* NULL: the bytes are what they are */
	Base64 base64;
	GByteArray *held; /* encoded, not decided yet */
};

TransferStream *transfer_stream_new(const char *encoding)
{
	TransferStream *stream = g_new0(TransferStream, 1);

	if (!transfer_is_identity(encoding))
		stream->decode = encodings[encoding_index(encoding)].decode;
	stream->held = g_byte_array_new();
	return stream;
}

void transfer_stream_free(TransferStream *stream)
{
	if (stream == NULL)
		return;
	g_byte_array_unref(stream->held);
	g_free(stream);
}

void transfer_stream_add(TransferStream *stream, const char *bytes, size_t len, GByteArray *out)
{
	GByteArray *held = stream->held;

	if (stream->decode == NULL) {
		g_byte_array_append(out, (const guint8 *)bytes, (guint)len);
	} else if (stream->decode == decode_base64) {
		base64_add(&stream->base64, bytes, len, out);
	} else if (held->len < ENCODED_MAX) {
		g_byte_array_append(held, (const guint8 *)bytes, (guint)len);
		if (stream->decode == decode_quoted_printable)
			g_byte_array_remove_range(
				held, 0,
				(guint)take_quoted_printable((const char *)held->data, held->len,
							     false, out));
	}
}

void transfer_stream_end(TransferStream *stream, GByteArray *out)
{
	if (stream->decode == decode_base64)
		base64_end(&stream->base64, out);
	else if (stream->decode != NULL)
		stream->decode((const char *)stream->held->data, stream->held->len, out);
}

bool transfer_is_known(const char *encoding)
{
	return encoding == NULL || encoding_index(encoding) >= 0;
}

void transfer_decode_word(char encoding, const char *text, size_t len, GByteArray *out)
{
	if (g_ascii_toupper(encoding) == 'B') {
		decode_base64(text, len, out);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned value;
		if (text[i] == '=' && escape(text + i, len - i, &value)) {
			append_byte(out, value);
			i += 2;
		} else {
			append_byte(out, text[i] == '_' ? ' ' : (uint8_t)text[i]);
		}
	}
}
