#include "mime/text.h"

#include "mime/charset.h"

#include <string.h>

#define REPLACEMENT 0xFFFD
#define MARKS_MAX   8 /* more marks on one letter run over the neighbouring rows */

typedef struct {
	gunichar first, last;
} Range;

/* Windows-1252 from 0x80 to 0x9F. */
static const uint16_t windows1252[32] = {
	0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

/* Code points that show nothing by themselves, and the two kinds of them that running text needs:
 * marks that choose a shape, and fillers of Hangul syllables. */
static const Range invisible[] = {
	{0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
	{0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},
	{0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
	{0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
	{0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};
static const Range shaping[] = {
	{0x115F, 0x1160}, {0x180B, 0x180D}, {0x180F, 0x180F},   {0x3164, 0x3164},
	{0xFE00, 0xFE0D}, {0xFFA0, 0xFFA0}, {0xE0100, 0xE01EF},
};

/* Where the C library, which curses asks, sees another width than GLib's Unicode tables. */
static const Range narrow_signs[] = {
	{0x00AD, 0x00AD}, {0x0600, 0x0605}, {0x06DD, 0x06DD},   {0x070F, 0x070F},
	{0x0890, 0x0891}, {0x08E2, 0x08E2}, {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
};
static const Range wide_signs[] = {
	{0x3248, 0x324F},
	{0x4DC0, 0x4DFF},
};

typedef struct {
	GString *out;
	bool one_line;
	bool name;
	unsigned marks; /* zero-width code points since the last letter */
	gunichar last;  /* the last one written that takes a column */
	TextBidi bidi;
} Cleaner;

static bool in_ranges(const Range *ranges, size_t n, gunichar c)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;
		if (c < ranges[middle].first)
			n = middle;
		else if (c > ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

#define IN_RANGES(ranges, c) in_ranges(ranges, G_N_ELEMENTS(ranges), c)

/* Reads one unit: a character, or the longest beginning of one that something else cuts off. */
static size_t read_unit(const char *text, size_t len, gunichar *c)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t need = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	/* The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
	 */
	uint8_t low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
	uint8_t high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;

	*c = REPLACEMENT;
	if (need == 0 || s[0] > 0xF4)
		return 1;
	if (need == 1) {
		*c = s[0];
		return 1;
	}
	gunichar value = s[0] & (0x7F >> need);
	for (size_t i = 1; i < need; i++, low = 0x80, high = 0xBF) {
		if (i >= len || s[i] < low || s[i] > high)
			return i;
		value = value << 6 | (s[i] & 0x3F);
	}
	*c = value;
	return need;
}

/* Appends `raw` as UTF-8 that is valid and free of NUL. */
static void append_utf8(GString *out, const char *raw, size_t len)
{
	while (len > 0) {
		const char *end;
		g_utf8_validate_len(raw, len, &end);
		g_string_append_len(out, raw, end - raw);
		len -= (size_t)(end - raw);
		raw = end;
		if (len > 0) {
			gunichar c;
			size_t unit = read_unit(raw, len, &c);
			g_string_append_unichar(out, c == 0 ? 0x2400 : c);
			raw += unit;
			len -= unit;
		}
	}
}

static void append_windows1252(GString *out, const char *raw, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (raw[i] > 0)
			g_string_append_c(out, raw[i]);
		else
			g_string_append_unichar(out, text_from_windows1252((uint8_t)raw[i]));
	}
}

/* Text cut in the middle of its last character still counts: parts are fetched in pieces. */
static bool looks_like_utf8(const char *raw, size_t len)
{
	bool multibyte = false;

	for (size_t i = 0; i < len;) {
		gunichar c;
		size_t unit = read_unit(raw + i, len - i, &c);
		bool good = c != REPLACEMENT || (unit == 3 && (uint8_t)raw[i] == 0xEF);
		if (!good && !(multibyte && i + unit == len && (uint8_t)raw[i] >= 0xC2))
			return false;
		multibyte = multibyte || unit > 1;
		i += unit;
	}
	return true;
}

static void put(Cleaner *cleaner, gunichar c)
{
	g_string_append_unichar(cleaner->out, c);
	cleaner->last = c;
	cleaner->marks = 0;
}

static void end_line(Cleaner *cleaner)
{
	char closers[TEXT_BIDI_CLOSERS_MAX];

	text_bidi_close(&cleaner->bidi, closers);
	g_string_append(cleaner->out, closers);
}

static void put_break(Cleaner *cleaner)
{
	end_line(cleaner);
	put(cleaner, '\n');
}

static void put_blank(Cleaner *cleaner)
{
	if (cleaner->last != ' ' || cleaner->marks > 0)
		put(cleaner, ' ');
}

static void put_mark(Cleaner *cleaner, gunichar c)
{
	if (cleaner->marks++ < MARKS_MAX)
		g_string_append_unichar(cleaner->out, c);
}

static void put_invisible(Cleaner *cleaner, gunichar c)
{
	bool joiner = c == 0x200C || c == 0x200D;

	if (cleaner->name) {
		g_string_append_printf(cleaner->out, "<U+%04X>", c);
		cleaner->last = '>';
		cleaner->marks = 0;
	} else if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) {
		if (text_bidi_feed(&cleaner->bidi, c))
			g_string_append_unichar(cleaner->out, c);
	} else if (c == 0x200E || c == 0x200F || c == 0x061C) {
		put_mark(cleaner, c);
	} else if (joiner && cleaner->last >= 0x80 && g_unichar_isalpha(cleaner->last)) {
		put_mark(cleaner, c); /* Arabic and Indic letters change their shape by it */
	} else if (IN_RANGES(shaping, c)) {
		if (text_width_char(c) == 0)
			put_mark(cleaner, c);
		else
			put(cleaner, c);
	}
}

static void put_other(Cleaner *cleaner, gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	if (IN_RANGES(invisible, c))
		put_invisible(cleaner, c);
	else if (c < 0xA0 || type == G_UNICODE_UNASSIGNED || type == G_UNICODE_SURROGATE)
		put(cleaner, REPLACEMENT);
	else if (type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
		cleaner->one_line ? put_blank(cleaner) : put_break(cleaner);
	else if (cleaner->one_line && type == G_UNICODE_SPACE_SEPARATOR)
		put_blank(cleaner);
	else if (text_width_char(c) == 0)
		put_mark(cleaner, c);
	else if (!(c >= 0x1F3FB && c <= 0x1F3FF && text_width_char(cleaner->last) == 2))
		put(cleaner, c); /* not so a skin colour behind its emoji */
}

/* Most text needs no look at each of its characters. */
static size_t put_plain(Cleaner *cleaner, const char *text, size_t len)
{
	char first = cleaner->one_line ? '!' : ' ';
	size_t n = 0;

	while (n < len && text[n] >= first && text[n] < 0x7F)
		n++;
	if (n > 0) {
		g_string_append_len(cleaner->out, text, (gssize)n);
		cleaner->last = (gunichar)text[n - 1];
		cleaner->marks = 0;
	}
	return n;
}

static char *clean(const char *utf8, bool one_line, bool name)
{
	size_t len = strlen(utf8);
	Cleaner cleaner = {.out = g_string_sized_new(len + 1), .one_line = one_line, .name = name};

	for (size_t i = 0; i < len;) {
		gunichar c;
		i += put_plain(&cleaner, utf8 + i, len - i);
		if (i == len)
			break;
		i += read_unit(utf8 + i, len - i, &c);
		if (c == '\r' && i < len && utf8[i] == '\n')
			continue;
		if (one_line && (c == '\n' || c == '\r' || c == '\t' || c == ' '))
			put_blank(&cleaner);
		else if (c == '\n' || c == '\r')
			put_break(&cleaner);
		else if (c < 0x20 && c != '\t')
			put(&cleaner, 0x2400 + c);
		else if (c == '\t')
			put(&cleaner, c);
		else if (c == 0x7F)
			put(&cleaner, 0x2421);
		else
			put_other(&cleaner, c);
	}
	end_line(&cleaner);
	return g_string_free(cleaner.out, FALSE);
}

char *text_to_utf8(const char *raw, size_t len, const char *charset, size_t *out_len)
{
	const char *name = charset == NULL ? NULL : charset_find(charset);
	GString *out = g_string_sized_new(len + len / 8 + 1);
	g_autoptr(GString) converted = NULL;

	if (name != NULL && strcmp(name, CHARSET_UTF8) != 0 &&
	    strcmp(name, CHARSET_WINDOWS1252) != 0) {
		converted = g_string_sized_new(len + len / 2 + 1);
		if (!charset_convert(name, raw, len, converted))
			name = NULL;
	}
	if (name == NULL)
		name = looks_like_utf8(raw, len) ? CHARSET_UTF8 : CHARSET_WINDOWS1252;
	if (strcmp(name, CHARSET_UTF8) == 0)
		append_utf8(out, raw, len);
	else if (strcmp(name, CHARSET_WINDOWS1252) == 0)
		append_windows1252(out, raw, len);
	else
		append_utf8(out, converted->str, converted->len);
	if (out->len >= 3 && memcmp(out->str, "\xEF\xBB\xBF", 3) == 0)
		g_string_erase(out, 0, 3);
	if (out_len != NULL)
		*out_len = out->len;
	return g_string_free(out, FALSE);
}

gunichar text_from_windows1252(uint8_t byte)
{
	if (byte == 0)
		return 0x2400;
	return byte >= 0x80 && byte < 0xA0 ? windows1252[byte - 0x80] : byte;
}

char *text_clean(const char *utf8, TextShape shape)
{
	return clean(utf8, shape == TEXT_ONE_LINE, false);
}

char *text_clean_name(const char *utf8)
{
	return clean(utf8, true, true);
}

int text_width_char(gunichar c)
{
	if (c < 0x300)
		return c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0);
	if (IN_RANGES(narrow_signs, c))
		return 1;
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) || IN_RANGES(wide_signs, c) ? 2 : 1;
}

int text_width_len(const char *utf8, size_t len)
{
	int width = 0;

	for (size_t i = 0; i < len;) {
		gunichar c;
		if (utf8[i] >= ' ' && utf8[i] < 0x7F) {
			width++;
			i++;
			continue;
		}
		i += read_unit(utf8 + i, len - i, &c);
		width += text_width_char(c);
	}
	return width;
}

int text_width(const char *utf8)
{
	return text_width_len(utf8, strlen(utf8));
}

bool text_bidi_feed(TextBidi *bidi, gunichar c)
{
	bool isolate = c >= 0x2066 && c <= 0x2068;
	unsigned depth = bidi->depth;

	if (isolate || (c >= 0x202A && c <= 0x202E && c != 0x202C)) {
		if (depth == G_N_ELEMENTS(bidi->isolate))
			return false;
		bidi->isolate[bidi->depth++] = isolate;
	} else if (c == 0x202C) {
		if (depth == 0 || bidi->isolate[depth - 1])
			return false;
		bidi->depth--;
	} else if (c == 0x2069) {
		while (depth > 0 && !bidi->isolate[depth - 1])
			depth--; /* an isolate's end closes the embeddings inside it */
		if (depth == 0)
			return false;
		bidi->depth = depth - 1;
	}
	return true;
}

size_t text_bidi_close(TextBidi *bidi, char out[TEXT_BIDI_CLOSERS_MAX])
{
	size_t len = 0;

	while (bidi->depth > 0) {
		const char *closer = bidi->isolate[--bidi->depth] ? "\xE2\x81\xA9" : "\xE2\x80\xAC";
		memcpy(out + len, closer, 3);
		len += 3;
	}
	out[len] = '\0';
	return len;
}
