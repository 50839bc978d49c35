#include "core/wire/envelope.h"

#include <stddef.h>

static bool read_text(Lex *lex, const char **out)
{
	if (lex_peek(lex) == '(')
		return lex_skip_value(lex);
	return lex_nstring(lex, out, NULL);
}

static bool read_address(Lex *lex, EnvelopeAddress *out)
{
	const char **fields[] = {&out->name, &out->route, &out->mailbox, &out->host};

	if (!lex_expect(lex, '('))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(fields) && lex_more(lex); i++) {
		if (!read_text(lex, fields[i]))
			return false;
	}
	return lex_close(lex);
}

static bool read_addresses(Lex *lex, EnvelopeAddresses *out)
{
	EnvelopeAddress *items = NULL;
	size_t n = 0;

	if (!lex_take(lex, '('))
		return lex_skip_value(lex);
	while (lex_more(lex)) {
		if (lex_peek(lex) != '(') {
			if (!lex_skip_value(lex))
				return false;
			continue;
		}
		items = arena_append(lex->arena, items, n, sizeof(*items));
		if (!read_address(lex, &items[n++]))
			return false;
	}
	out->items = items;
	out->n = n;
	return lex_expect(lex, ')');
}

bool envelope_read(Lex *lex, const Envelope **out)
{
	static const struct {
		size_t offset;
		bool addresses;
	} fields[] = {
		{offsetof(Envelope, date), false},        {offsetof(Envelope, subject), false},
		{offsetof(Envelope, from), true},         {offsetof(Envelope, sender), true},
		{offsetof(Envelope, reply_to), true},     {offsetof(Envelope, to), true},
		{offsetof(Envelope, cc), true},           {offsetof(Envelope, bcc), true},
		{offsetof(Envelope, in_reply_to), false}, {offsetof(Envelope, message_id), false},
	};
	Envelope *envelope = arena_alloc(lex->arena, sizeof(*envelope));

	if (!lex_expect(lex, '('))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(fields) && lex_more(lex); i++) {
		void *field = (char *)envelope + fields[i].offset;
		if (fields[i].addresses ? !read_addresses(lex, field) : !read_text(lex, field))
			return false;
	}
	*out = envelope;
	return lex_close(lex);
}
