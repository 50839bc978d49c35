#include "config.h"
#include "tests/reference.h"

#include <string.h>

static const char *const words[REF_FLAGS] = {"\\Seen",    "\\Answered", "\\Flagged",
					     "\\Deleted", "\\Draft",    "work"};

Reference *reference_new(const char *name)
{
	Reference *r = g_new0(Reference, 1);

	r->name = name;
	r->messages = g_array_new(FALSE, FALSE, sizeof(RefMessage));
	r->gone = g_array_new(FALSE, FALSE, sizeof(RefMessage));
	r->uidvalidity = r->uidnext = 1;
	r->modseq = 1;
	return r;
}

void reference_free(Reference *r)
{
	g_array_unref(r->messages);
	g_array_unref(r->gone);
	g_free(r);
}

unsigned reference_count(const Reference *r)
{
	return r->messages->len;
}

RefMessage *reference_at(const Reference *r, unsigned seq)
{
	return &g_array_index(r->messages, RefMessage, seq - 1);
}

unsigned reference_find(const Reference *r, uint32_t uid)
{
	for (unsigned seq = 1; seq <= r->messages->len; seq++)
		if (reference_at(r, seq)->uid == uid)
			return seq;
	return 0;
}

uint32_t reference_add(Reference *r, unsigned serial, unsigned flags, uint32_t gap)
{
	RefMessage message = {r->uidnext + gap, flags, serial, ++r->modseq};

	g_array_append_val(r->messages, message);
	r->uidnext = message.uid + 1;
	return message.uid;
}

void reference_expunge(Reference *r, unsigned seq)
{
	RefMessage message = *reference_at(r, seq);

	message.modseq = ++r->modseq;
	g_array_append_val(r->gone, message);
	g_array_remove_index(r->messages, seq - 1);
}

void reference_set_flags(Reference *r, unsigned seq, unsigned flags)
{
	reference_at(r, seq)->flags = flags;
	reference_at(r, seq)->modseq = ++r->modseq;
}

void reference_replace(Reference *r)
{
	g_array_set_size(r->messages, 0);
	g_array_set_size(r->gone, 0);
	r->uidvalidity++;
	r->uidnext = 1;
	r->modseq++;
}

char *reference_flag_words(unsigned flags)
{
	GString *text = g_string_new(NULL);

	for (unsigned k = 0; k < REF_FLAGS; k++)
		if (flags & 1u << k)
			g_string_append_printf(text, "%s%s", text->len ? " " : "", words[k]);
	return g_string_free(text, FALSE);
}

unsigned reference_flags_in(const char *text)
{
	unsigned flags = 0;

	for (unsigned k = 0; k < REF_FLAGS; k++)
		if (strstr(text, words[k]))
			flags |= 1u << k;
	return flags;
}
