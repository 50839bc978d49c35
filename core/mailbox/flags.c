#include "core/mailbox/flags.h"

#include <string.h>

#define KEYWORD_LENGTH_MAX 255

struct FlagNames {
	char *words[FLAGS_KEYWORDS_MAX];
	unsigned n;
	bool complained;
};

static const struct {
	Flags bit;
	const char *word;
} system_flags[] = {
	{FLAG_SEEN, "\\Seen"},       {FLAG_ANSWERED, "\\Answered"}, {FLAG_FLAGGED, "\\Flagged"},
	{FLAG_DELETED, "\\Deleted"}, {FLAG_DRAFT, "\\Draft"},
};

static bool is_keyword(const char *word)
{
	size_t len = 0;

	for (; word[len] != '\0'; len++) {
		if (len == KEYWORD_LENGTH_MAX || word[len] <= ' ' || word[len] >= 0x7f ||
		    strchr("(){%*\"\\]", word[len]) != NULL)
			return false;
	}
	return len > 0;
}

static Flags add_keyword(FlagNames *names, const char *word)
{
	if (names->n == FLAGS_KEYWORDS_MAX) {
		if (!names->complained)
			g_info("This folder has more than %d keywords; the others are not shown.",
			       FLAGS_KEYWORDS_MAX);
		names->complained = true;
		return 0;
	}
	names->words[names->n] = g_strdup(word);
	return flags_keyword_bit(names->n++);
}

Flags flags_keyword_bit(unsigned i)
{
	return (FLAGS_SYSTEM + 1) << i;
}

unsigned flags_keyword_count(const FlagNames *names)
{
	return names->n;
}

const char *flags_keyword(const FlagNames *names, unsigned i)
{
	return names->words[i];
}

Flags flags_find_keyword(const FlagNames *names, const char *word)
{
	for (unsigned i = 0; i < names->n; i++) {
		if (g_ascii_strcasecmp(word, names->words[i]) == 0)
			return flags_keyword_bit(i);
	}
	return 0;
}

FlagNames *flags_names_new(void)
{
	return g_new0(FlagNames, 1);
}

void flags_names_free(FlagNames *names)
{
	if (names == NULL)
		return;
	for (unsigned i = 0; i < names->n; i++)
		g_free(names->words[i]);
	g_free(names);
}

Flags flags_from_word(FlagNames *names, const char *word, bool add)
{
	if (word[0] == '\\') {
		for (size_t i = 0; i < G_N_ELEMENTS(system_flags); i++) {
			if (g_ascii_strcasecmp(word, system_flags[i].word) == 0)
				return system_flags[i].bit;
		}
		return 0;
	}
	if (!is_keyword(word))
		return 0;
	Flags known = flags_find_keyword(names, word);
	return known != 0 || !add ? known : add_keyword(names, word);
}

Flags flags_from_list(FlagNames *names, const FlagList *list)
{
	Flags flags = list->system & FLAGS_SYSTEM;

	for (size_t i = 0; list->keywords != NULL && list->keywords[i] != NULL; i++) {
		/* What begins with a backslash and is no system flag is one of a newer standard. */
		if (list->keywords[i][0] != '\\')
			flags |= flags_from_word(names, list->keywords[i], true);
	}
	return flags;
}

char **flags_to_words(const FlagNames *names, Flags flags)
{
	GPtrArray *words = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(system_flags); i++) {
		if (flags & system_flags[i].bit)
			g_ptr_array_add(words, g_strdup(system_flags[i].word));
	}
	for (unsigned i = 0; i < names->n; i++) {
		if (flags & flags_keyword_bit(i))
			g_ptr_array_add(words, g_strdup(names->words[i]));
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}
