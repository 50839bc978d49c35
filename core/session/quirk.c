#include "core/session/quirk.h"

#include <glib.h>
#include <string.h>

static const struct {
	const char *text;       /* in the greeting, or NULL; "=…" is all of it */
	const char *capability; /* or NULL */
	unsigned quirks;
} servers[] = {
	{"Courier-IMAP", NULL, QUIRK_DROPS_BEHIND_LOGIN},
	{NULL, "XIMAPPROXY", QUIRK_DROPS_BEHIND_LOGIN},
	{"Cyrus IMAP", NULL, QUIRK_REREADS_BEHIND_AUTHENTICATE},
	{"Cyrus IMAP 3.6", NULL, QUIRK_GARBLES_STATUS},
	{"Coremail", NULL, QUIRK_WANTS_ID},
	{"=IMAP4rev1", NULL, QUIRK_MUTE_IN_IDLE},
};

static bool matches(const char *text, const char *pattern)
{
	return *pattern == '=' ? strcmp(text, pattern + 1) == 0 : strstr(text, pattern) != NULL;
}

static bool has_word(const char *const *words, const char *word)
{
	for (; words && *words; words++)
		if (g_ascii_strcasecmp(*words, word) == 0)
			return true;
	return false;
}

unsigned quirk_of_greeting(const char *text, const char *const *capabilities)
{
	unsigned quirks = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(servers); i++)
		if ((servers[i].text && text && matches(text, servers[i].text)) ||
		    (servers[i].capability && has_word(capabilities, servers[i].capability)))
			quirks |= servers[i].quirks;
	return quirks;
}

bool quirk_wants_id(const char *refusal)
{
	return strstr(refusal, "Unsafe Login") != NULL;
}
