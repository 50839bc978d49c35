#include "mime/card.h"

#include "mime/address.h"
#include "mime/header.h"
#include "mime/parse.h"
#include "mime/split.h"
#include "mime/text.h"
#include "mime/wrap.h"

#include <string.h>

#define ADDRESSES_MAX 50
#define VALUE_MAX     1000 /* bytes of a value on the short card */

static const struct {
	const char *name;
	bool addresses;
	DocStyle style;
} fields[] = {
	{"From", true, DOC_HEADER_VALUE}, {"To", true, DOC_HEADER_VALUE},
	{"Cc", true, DOC_HEADER_VALUE},   {"Date", false, DOC_HEADER_VALUE},
	{"Subject", false, DOC_SUBJECT},
};

static void begin_field(Wrap *wrap, const char *name)
{
	g_autofree char *label = g_strconcat(name, ": ", NULL);
	g_autofree char *indent = g_strnfill((gsize)text_width(label), ' ');

	wrap_set_prefix(wrap, DOC_HEADER_NAME, 0, label, indent);
}

static void add_addresses(Wrap *wrap, DocStyle style, const SplitField *field)
{
	g_autoptr(GPtrArray) list = address_parse(field->value, field->value_len);

	for (guint i = 0; i < MIN(list->len, ADDRESSES_MAX); i++) {
		g_autofree char *text = address_format(list->pdata[i]);
		g_autofree char *ascii = address_mixed_domain(list->pdata[i]);
		if (i > 0)
			wrap_add(wrap, style, ", ", 2);
		wrap_add(wrap, style, text, strlen(text));
		if (ascii != NULL) {
			g_autofree char *note = g_strdup_printf(" (mixed letters: %s)", ascii);
			wrap_add(wrap, DOC_NOTICE, note, strlen(note));
		}
	}
	if (list->len > ADDRESSES_MAX) {
		g_autofree char *more = g_strdup_printf(" and %u more", list->len - ADDRESSES_MAX);
		wrap_add(wrap, DOC_NOTICE, more, strlen(more));
	}
}

static void add_value(Wrap *wrap, DocStyle style, const SplitField *field)
{
	g_autofree char *value = header_decode(field->value, field->value_len);
	const char *end = value + strlen(value);

	if (end - value > VALUE_MAX)
		end = g_utf8_find_prev_char(value, value + VALUE_MAX);
	wrap_add(wrap, style, value, (size_t)(end - value));
	if (*end != '\0')
		wrap_add(wrap, DOC_NOTICE, " (cut)", 6);
}

static bool is_blank(const SplitField *field)
{
	size_t i = 0;

	while (i < field->value_len && g_ascii_isspace(field->value[i]))
		i++;
	return i == field->value_len;
}

static void add_any_field(const char *name, const char *value, void *data)
{
	Wrap *wrap = data;

	begin_field(wrap, name);
	wrap_add(wrap, DOC_HEADER_VALUE, value, strlen(value));
	wrap_end(wrap);
}

void card_to_doc(GBytes *header, bool all, int width, MimeDoc *out)
{
	g_autoptr(Wrap) wrap = wrap_new(out, width);
	SplitField field;
	unsigned count;

	if (header == NULL)
		return;
	if (all) {
		parse_header_foreach(header, add_any_field, wrap);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (!split_find_field(header, fields[i].name, &field, &count) || is_blank(&field))
			continue;
		begin_field(wrap, fields[i].name);
		if (fields[i].addresses)
			add_addresses(wrap, fields[i].style, &field);
		else
			add_value(wrap, fields[i].style, &field);
		if (count > 1) {
			g_autofree char *note = g_strdup_printf(" (the first of %u)", count);
			wrap_add(wrap, DOC_NOTICE, note, strlen(note));
		}
		wrap_end(wrap);
	}
}
