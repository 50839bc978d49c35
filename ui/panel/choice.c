#include "ui/panel/choice.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
	char *text, *help; /* one string, cut at the tab */
	char *folded;      /* the text as fold() has it */
} Candidate;

struct Choice {
	GArray *all;     /* of Candidate */
	GArray *fitting; /* of guint: positions in `all` */
};

enum { RANK_SAME, RANK_BEGINNING, RANK_COMPONENT, RANK_PART, RANK_LETTERS, RANK_COUNT };

/* Without case and without accents: "zur" is enough for Zürich. */
static char *fold(const char *text)
{
	g_autofree char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_NFKD);
	g_autofree char *folded = g_utf8_casefold(apart != NULL ? apart : text, -1);
	GString *out = g_string_new(NULL);

	for (const char *p = folded; *p != '\0'; p = g_utf8_next_char(p)) {
		if (!g_unichar_ismark(g_utf8_get_char(p)))
			g_string_append_len(out, p, g_utf8_next_char(p) - p);
	}
	return g_string_free(out, FALSE);
}

static void candidate_clear(void *data)
{
	Candidate *candidate = data;

	g_free(candidate->text);
	g_free(candidate->folded);
}

static const Candidate *fitting(const Choice *c, size_t i)
{
	return &g_array_index(c->all, Candidate, g_array_index(c->fitting, guint, i));
}

static bool has_component(const char *text, const char *beginning)
{
	size_t len = strlen(beginning);

	for (const char *p = strpbrk(text, "/. -_"); p != NULL; p = strpbrk(p + 1, "/. -_")) {
		if (strncmp(p + 1, beginning, len) == 0)
			return true;
	}
	return false;
}

static bool has_letters(const char *text, const char *letters)
{
	for (; *letters != '\0'; letters = g_utf8_next_char(letters)) {
		text = g_utf8_strchr(text, -1, g_utf8_get_char(letters));
		if (text == NULL)
			return false;
		text = g_utf8_next_char(text);
	}
	return true;
}

static int rank_of(const char *text, const char *typed)
{
	if (strcmp(text, typed) == 0)
		return RANK_SAME;
	if (g_str_has_prefix(text, typed))
		return RANK_BEGINNING;
	if (has_component(text, typed))
		return RANK_COMPONENT;
	if (strstr(text, typed) != NULL)
		return RANK_PART;
	return has_letters(text, typed) ? RANK_LETTERS : RANK_COUNT;
}

static bool all_hold(const Choice *c, const char *part)
{
	g_autofree char *folded = fold(part);

	for (size_t i = 0; i < choice_count(c); i++) {
		if (strstr(fitting(c, i)->folded, folded) == NULL)
			return false;
	}
	return true;
}

Choice *choice_new(char **candidates_take)
{
	Choice *c = g_new0(Choice, 1);

	c->all = g_array_new(FALSE, FALSE, sizeof(Candidate));
	c->fitting = g_array_new(FALSE, FALSE, sizeof(guint));
	g_array_set_clear_func(c->all, candidate_clear);
	for (char **text = candidates_take; text != NULL && *text != NULL; text++) {
		char *tab = strchr(*text, '\t');
		Candidate candidate = {.text = *text, .help = tab != NULL ? tab + 1 : ""};
		if (tab != NULL)
			*tab = '\0';
		candidate.folded = fold(candidate.text);
		g_array_append_val(c->all, candidate);
	}
	g_free(candidates_take);
	choice_narrow(c, "");
	return c;
}

void choice_free(Choice *c)
{
	if (c == NULL)
		return;
	g_array_free(c->all, TRUE);
	g_array_free(c->fitting, TRUE);
	g_free(c);
}

size_t choice_count(const Choice *c)
{
	return c->fitting->len;
}

const char *choice_text(const Choice *c, size_t i)
{
	return fitting(c, i)->text;
}

const char *choice_help(const Choice *c, size_t i)
{
	return fitting(c, i)->help;
}

void choice_narrow(Choice *c, const char *typed)
{
	g_autofree char *folded = fold(typed);
	g_autofree guint8 *ranks = g_malloc(c->all->len + 1);

	for (guint i = 0; i < c->all->len; i++) {
		const Candidate *candidate = &g_array_index(c->all, Candidate, i);
		ranks[i] = *folded == '\0' ? RANK_SAME : (guint8)rank_of(candidate->folded, folded);
	}
	g_array_set_size(c->fitting, 0);
	for (int rank = RANK_SAME; rank < RANK_COUNT; rank++) {
		for (guint i = 0; i < c->all->len; i++) {
			if (ranks[i] == rank)
				g_array_append_val(c->fitting, i);
		}
	}
}

void choice_raise(Choice *c, const char *text)
{
	for (guint i = 0; i < c->fitting->len; i++) {
		guint at = g_array_index(c->fitting, guint, i);
		if (strcmp(g_array_index(c->all, Candidate, at).text, text) == 0) {
			g_array_remove_index(c->fitting, i);
			g_array_prepend_val(c->fitting, at);
			return;
		}
	}
}

size_t choice_word_start(const Choice *c, const char *line, size_t cursor)
{
	g_autofree char *typed = g_strndup(line, cursor);
	const char *blank = strrchr(typed, ' ');

	for (const char *p = typed; p != NULL; p = strchr(p, ' ')) {
		p += strspn(p, " ");
		if (all_hold(c, p))
			return (size_t)(p - typed);
	}
	return blank != NULL ? (size_t)(blank + 1 - typed) : 0;
}

size_t choice_common(const Choice *c)
{
	if (choice_count(c) == 0)
		return 0;
	const char *first = choice_text(c, 0);
	size_t common = strlen(first);
	for (size_t i = 1; i < choice_count(c); i++) {
		const char *text = choice_text(c, i);
		size_t n = 0;
		while (n < common && first[n] == text[n])
			n++;
		common = n;
	}
	/* Not in the middle of a character. */
	while (common > 0 && ((unsigned char)first[common] & 0xC0) == 0x80)
		common--;
	return common;
}
