#include "core/wire/utf7.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool is_direct(gunichar c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* Bits on their way between 16-bit units and base64 digits. */
typedef struct {
	uint32_t bits;
	unsigned n;
} Shift;

static void shift_unit(Shift *shift, GString *out, unsigned unit)
{
	shift->bits = shift->bits << 16 | unit;
	shift->n += 16;
	while (shift->n >= 6) {
		shift->n -= 6;
		g_string_append_c(out, base64[shift->bits >> shift->n & 0x3f]);
	}
	shift->bits &= (1u << shift->n) - 1;
}

static void shift_char(Shift *shift, GString *out, gunichar c)
{
	if (c >= 0x10000) {
		shift_unit(shift, out, 0xd800 | (c - 0x10000) >> 10);
		shift_unit(shift, out, 0xdc00 | ((c - 0x10000) & 0x3ff));
	} else {
		shift_unit(shift, out, c);
	}
}

static void shift_end(Shift *shift, GString *out)
{
	if (shift->n > 0)
		g_string_append_c(out, base64[shift->bits << (6 - shift->n) & 0x3f]);
	g_string_append_c(out, '-');
}

/* The 16-bit units of `len` base64 digits; false where a digit is none, or bits are left over that
 * an encoder would not have written. */
static bool read_units(const char *digits, size_t len, GArray *units)
{
	uint32_t bits = 0;
	unsigned n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *digit = memchr(base64, digits[i], sizeof(base64) - 1);
		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - base64);
		n += 6;
		if (n >= 16) {
			n -= 16;
			gunichar2 unit = (gunichar2)(bits >> n);
			g_array_append_val(units, unit);
			bits &= (1u << n) - 1;
		}
	}
	return len > 0 && n < 6 && bits == 0;
}

/* Appends the text of one "&…-" without its ends; false where it is not what utf7_encode() would
 * write: such a sequence could imitate another name. */
static bool decode_shift(const char *digits, size_t len, GString *out)
{
	g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(gunichar2));
	glong n_read = 0, n_written = 0;

	if (!read_units(digits, len, units))
		return false;
	g_autofree char *text = g_utf16_to_utf8((const gunichar2 *)(void *)units->data,
						(glong)units->len, &n_read, &n_written, NULL);
	if (text == NULL || n_read != (glong)units->len)
		return false;
	for (const char *at = text; at < text + n_written; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (is_direct(c) || g_unichar_iscntrl(c))
			return false;
	}
	g_string_append_len(out, text, n_written);
	return true;
}

/* One "&…" at `at`; returns the byte behind it. `after_shift`: another one ended just here. */
static const char *decode_ampersand(const char *at, bool after_shift, bool *shifted, GString *out)
{
	size_t len = strspn(at + 1, base64);
	bool closed = at[1 + len] == '-';

	*shifted = false;
	if (closed && len == 0) {
		g_string_append_c(out, '&');
		return at + 2;
	}
	if (closed && !after_shift && decode_shift(at + 1, len, out)) {
		*shifted = true;
		return at + len + 2;
	}
	g_string_append_len(out, at, (gssize)(1 + len + closed));
	return at + 1 + len + closed;
}

char *utf7_encode(const char *utf8)
{
	g_autofree char *valid = g_utf8_make_valid(utf8, -1);
	GString *out = g_string_sized_new(strlen(valid) + 8);
	const char *at = valid;

	while (*at != '\0') {
		gunichar c = g_utf8_get_char(at);
		if (is_direct(c)) {
			g_string_append_c(out, (char)c);
			if (c == '&')
				g_string_append_c(out, '-');
			at = g_utf8_next_char(at);
			continue;
		}
		Shift shift = {0, 0};
		g_string_append_c(out, '&');
		for (; *at != '\0' && !is_direct(c = g_utf8_get_char(at));
		     at = g_utf8_next_char(at))
			shift_char(&shift, out, c);
		shift_end(&shift, out);
	}
	return g_string_free(out, FALSE);
}

char *utf7_decode(const char *wire)
{
	GString *out = g_string_sized_new(strlen(wire) + 8);
	bool shifted = false;

	for (const char *at = wire; *at != '\0';) {
		if (*at == '&') {
			at = decode_ampersand(at, shifted, &shifted, out);
			continue;
		}
		shifted = false;
		gunichar c = g_utf8_get_char_validated(at, -1);
		if (c == (gunichar)-1 || c == (gunichar)-2 || g_unichar_iscntrl(c)) {
			g_string_append_printf(out, "\\x%02X", (unsigned char)*at);
			at++;
		} else {
			g_string_append_unichar(out, c);
			at = g_utf8_next_char(at);
		}
	}
	return g_string_free(out, FALSE);
}
