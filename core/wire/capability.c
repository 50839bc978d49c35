#include "core/wire/capability.h"

#include <glib.h>

static const char *const names[CAP_COUNT] = {
#define CAPABILITY(id, name) name,
#include "core/wire/capability.def"
#undef CAPABILITY
};

/* RFC 9051 appendix E: what a server that speaks IMAP4rev2 can without naming it. */
static const Capability in_rev2 = CAP(NAMESPACE) | CAP(UNSELECT) | CAP(UIDPLUS) | CAP(ESEARCH) |
				  CAP(SEARCHRES) | CAP(ENABLE) | CAP(IDLE) | CAP(SASL_IR) |
				  CAP(LIST_EXTENDED) | CAP(LIST_STATUS) | CAP(MOVE) |
				  CAP(LITERAL_MINUS) | CAP(BINARY) | CAP(STATUS_SIZE);

Capability capability_parse(const char *const *words)
{
	Capability set = CAP_KNOWN;

	for (size_t i = 0; words[i] != NULL; i++) {
		for (unsigned bit = 0; bit < CAP_COUNT; bit++) {
			if (g_ascii_strcasecmp(words[i], names[bit]) == 0)
				set |= (Capability)1 << bit;
		}
	}
	return set & CAP(IMAP4REV2) ? set | in_rev2 : set;
}

uint64_t capability_append_limit(const char *const *words)
{
	static const char name[] = "APPENDLIMIT=";

	for (size_t i = 0; words[i] != NULL; i++)
		if (g_ascii_strncasecmp(words[i], name, sizeof(name) - 1) == 0)
			return g_ascii_strtoull(words[i] + sizeof(name) - 1, NULL, 10);
	return 0;
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
