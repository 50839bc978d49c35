#include "core/wire/access.h"

#include "core/wire/lex.h"

/* The cursor behind "* NAME "; false where the response is of another name. */
static bool begin(Lex *lex, const Response *response, Arena *arena, const char *name)
{
	if (response->kind != RESPONSE_OTHER || !response->frame)
		return false;
	lex_init(lex, response->frame, arena);
	return lex_expect(lex, '*') && lex_space(lex) && lex_word(lex, name) && lex_space(lex);
}

static bool read_resource(Lex *lex, QuotaResource *out)
{
	return lex_astring(lex, &out->name, NULL) && lex_space(lex) &&
	       lex_number64(lex, &out->used) && lex_space(lex) && lex_number64(lex, &out->limit);
}

bool access_read_quota(const Response *response, Arena *arena, QuotaData *out)
{
	QuotaResource *resources = NULL;
	Lex lex;

	*out = (QuotaData){0};
	if (!begin(&lex, response, arena, "QUOTA") || !lex_astring(&lex, &out->root, NULL))
		return false;
	if (!lex_more(&lex))
		return lex_at_end(&lex);
	if (!lex_expect(&lex, '('))
		return false;
	while (lex_more(&lex)) {
		resources = arena_append(arena, resources, out->n, sizeof(*resources));
		if (!read_resource(&lex, &resources[out->n++]))
			return false;
	}
	out->resources = resources;
	return lex_expect(&lex, ')');
}

/* INBOX is one in any case. */
static bool read_mailbox(Lex *lex, const char **out)
{
	if (!lex_astring(lex, out, NULL))
		return false;
	if (g_ascii_strcasecmp(*out, "INBOX") == 0)
		*out = "INBOX";
	return true;
}

bool access_read_rights(const Response *response, Arena *arena, RightsData *out)
{
	Lex lex;

	*out = (RightsData){0};
	return begin(&lex, response, arena, "MYRIGHTS") && read_mailbox(&lex, &out->mailbox) &&
	       lex_space(&lex) && lex_astring(&lex, &out->rights, NULL);
}

/* "(name value …)", a value being a string, a literal or NIL. */
static bool read_values(Lex *lex, Arena *arena, NamedValues *out)
{
	NamedValue *items = NULL;

	if (!lex_expect(lex, '('))
		return false;
	while (lex_more(lex)) {
		items = arena_append(arena, items, out->n, sizeof(*items));
		NamedValue *item = &items[out->n++];
		if (!lex_astring(lex, &item->name, NULL) || !lex_space(lex) ||
		    !lex_nstring(lex, &item->value, NULL))
			return false;
	}
	out->items = items;
	return lex_expect(lex, ')');
}

bool access_read_metadata(const Response *response, Arena *arena, NamedValues *out)
{
	Lex lex;

	*out = (NamedValues){0};
	return begin(&lex, response, arena, "METADATA") && read_mailbox(&lex, &out->mailbox) &&
	       lex_space(&lex) && read_values(&lex, arena, out);
}

bool access_read_id(const Response *response, Arena *arena, NamedValues *out)
{
	Lex lex;

	*out = (NamedValues){0};
	return begin(&lex, response, arena, "ID") &&
	       (lex_word(&lex, "NIL") || read_values(&lex, arena, out));
}

const char *access_value(const NamedValues *values, const char *name)
{
	for (size_t i = 0; i < values->n; i++)
		if (g_ascii_strcasecmp(values->items[i].name, name) == 0)
			return values->items[i].value;
	return NULL;
}
