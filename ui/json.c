#include "ui/json.h"

#include "mime/text.h"

#include <string.h>

static void append_escaped(GString *out, gunichar c)
{
	static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	const char *found = c == 0 || c > 0x7F ? NULL : strchr(short_forms, (int)c);

	if (found != NULL && (found - short_forms) % 2 == 0) {
		g_string_append_printf(out, "\\%c", found[1]);
	} else if (c > 0xFFFF) {
		g_string_append_printf(out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
				       0xDC00 + ((c - 0x10000) & 0x3FF));
	} else {
		g_string_append_printf(out, "\\u%04x", c);
	}
}

static bool needs_escape(gunichar c)
{
	if (c < 0x7F)
		return c < ' ' || c == '"' || c == '\\';
	if (c < 0xA0)
		return true;
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
	       type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_UNASSIGNED;
}

void json_append_string(GString *out, const char *utf8)
{
	if (utf8 == NULL) {
		g_string_append(out, "null");
		return;
	}
	g_autofree char *valid = text_to_utf8(utf8, strlen(utf8), "utf-8", NULL);
	g_string_append_c(out, '"');
	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (needs_escape(c))
			append_escaped(out, c);
		else
			g_string_append_unichar(out, c);
	}
	g_string_append_c(out, '"');
}

void json_append_key(GString *out, const char *key)
{
	if (out->len > 0 && strchr("{[", out->str[out->len - 1]) == NULL)
		g_string_append(out, ", ");
	json_append_string(out, key);
	g_string_append(out, ": ");
}
