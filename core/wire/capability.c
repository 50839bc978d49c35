#include "core/wire/capability.h"

#include <glib.h>

static const char *const names[CAP_COUNT] = {
#define CAPABILITY(id, name) name,
#include "core/wire/capability.def"
#undef CAPABILITY
};

Capability capability_parse(const char *const *words)
{
	Capability set = CAP_KNOWN;

	for (size_t i = 0; words[i] != NULL; i++) {
		for (unsigned bit = 0; bit < CAP_COUNT; bit++) {
			if (g_ascii_strcasecmp(words[i], names[bit]) == 0)
				set |= (Capability)1 << bit;
		}
	}
	return set;
}

char *capability_format(Capability set)
{
	GString *text = g_string_new(NULL);

	for (unsigned bit = 0; bit < CAP_COUNT; bit++) {
		if ((set & (Capability)1 << bit) == 0)
			continue;
		if (text->len > 0)
			g_string_append_c(text, ' ');
		g_string_append(text, names[bit]);
	}
	return g_string_free(text, FALSE);
}

const char *capability_protocol(Capability set)
{
	static const unsigned newest_first[] = {CAP_INDEX_IMAP4REV2, CAP_INDEX_IMAP4REV1,
						CAP_INDEX_IMAP4};

	for (size_t i = 0; i < G_N_ELEMENTS(newest_first); i++)
		if (set & (Capability)1 << newest_first[i])
			return names[newest_first[i]];
	return NULL;
}
