#include "core/mailbox/keywords.h"

#include <stdbool.h>
#include <string.h>

#include "mime/text.h"

typedef struct {
	char *name, *sign; /* empty: not shown */
} Entry;

struct Keywords {
	grefcount references;
	GArray *entries; /* of Entry */
	bool others;     /* not named, and no $ in front */
};

/* One that is shown, in a mailbox. */
typedef struct {
	Flags bit;
	const char *sign;
} Shown;

static void entry_clear(void *data)
{
	Entry *entry = data;

	g_free(entry->name);
	g_free(entry->sign);
}

static void add_entry(Keywords *k, const char *word)
{
	const char *equal = strchr(word, '=');
	Entry entry = {equal ? g_strndup(word, (gsize)(equal - word)) : g_strdup(word),
		       g_strdup(equal ? equal + 1 : word)};

	g_array_append_val(k->entries, entry);
}

Keywords *keywords_new(const char *list)
{
	g_auto(GStrv) words = g_strsplit_set(list, " \t", -1);
	Keywords *k = g_new0(Keywords, 1);

	g_ref_count_init(&k->references);
	k->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	g_array_set_clear_func(k->entries, entry_clear);
	for (char **word = words; *word; word++) {
		if (g_str_equal(*word, "*"))
			k->others = true;
		else if (**word)
			add_entry(k, *word);
	}
	return k;
}

Keywords *keywords_ref(Keywords *k)
{
	g_ref_count_inc(&k->references);
	return k;
}

void keywords_unref(Keywords *k)
{
	if (!k || !g_ref_count_dec(&k->references))
		return;
	g_array_unref(k->entries);
	g_free(k);
}

static unsigned add_shown(Shown *out, unsigned n, Flags bit, const char *sign)
{
	if (n == KEYWORDS_SHOWN_MAX || bit == 0 || *sign == '\0')
		return n;
	for (unsigned i = 0; i < n; i++)
		if (out[i].bit == bit)
			return n;
	out[n] = (Shown){bit, sign};
	return n + 1;
}

static unsigned list_shown(const Keywords *k, const FlagNames *names, Shown *out)
{
	Flags named = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < k->entries->len; i++) {
		const Entry *entry = &g_array_index(k->entries, Entry, i);
		Flags bit = flags_find_keyword(names, entry->name);
		if (!(named & bit))
			n = add_shown(out, n, bit, entry->sign);
		named |= bit;
	}
	for (unsigned i = 0; k->others && i < flags_keyword_count(names); i++) {
		Flags bit = flags_keyword_bit(i);
		if (!(named & bit) && flags_keyword(names, i)[0] != '$')
			n = add_shown(out, n, bit, flags_keyword(names, i));
	}
	return n;
}

Flags keywords_shown(const Keywords *k, const FlagNames *names)
{
	Shown shown[KEYWORDS_SHOWN_MAX];
	unsigned n = list_shown(k, names, shown);
	Flags bits = 0;

	for (unsigned i = 0; i < n; i++)
		bits |= shown[i].bit;
	return bits;
}

/* Two keywords may have one sign: $Important and Thunderbird's $Label1. */
static bool is_said(const Shown *shown, unsigned i, Flags flags)
{
	for (unsigned k = 0; k < i; k++)
		if ((flags & shown[k].bit) && g_str_equal(shown[k].sign, shown[i].sign))
			return true;
	return false;
}

char **keywords_signs(const Keywords *k, const FlagNames *names, Flags flags)
{
	Shown shown[KEYWORDS_SHOWN_MAX];
	unsigned n = flags & ~FLAGS_SYSTEM ? list_shown(k, names, shown) : 0;
	GPtrArray *out = g_ptr_array_new();

	for (unsigned i = 0; i < n; i++)
		if ((flags & shown[i].bit) && !is_said(shown, i, flags))
			g_ptr_array_add(out, text_clean_name(shown[i].sign));
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

Flags keywords_find(const Keywords *k, const FlagNames *names, Flags flags, const char *sign)
{
	Shown shown[KEYWORDS_SHOWN_MAX];
	unsigned n = list_shown(k, names, shown);

	for (unsigned i = 0; i < n; i++)
		if ((flags & shown[i].bit) && g_ascii_strcasecmp(shown[i].sign, sign) == 0)
			return shown[i].bit;
	return 0;
}
