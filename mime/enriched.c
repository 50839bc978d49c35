#include "mime/enriched.h"

#include <glib.h>
#include <string.h>

#define COMMAND_MAX 60 /* RFC 1896 has it so */

typedef struct {
	GString *out;
	bool richtext;
	unsigned silent; /* inside of commands whose content is not text */
	unsigned nofill; /* inside of commands that keep lines */
} Enriched;

/* What richtext's commands without an end stand for. */
static const struct {
	const char *name, *text;
} marks[] = {{"nl", "\n"}, {"lt", "<"}, {"np", "\n\n"}, {"/paragraph", "\n"}};

static void command(Enriched *enriched, const char *name)
{
	bool end = *name == '/';
	const char *bare = name + end;

	if (strcmp(bare, "param") == 0 || strcmp(bare, "comment") == 0)
		enriched->silent = end ? 0 : 1;
	if (strcmp(bare, "nofill") == 0 || strcmp(bare, "verbatim") == 0)
		enriched->nofill = end ? 0 : 1;
	for (size_t i = 0; enriched->richtext && i < G_N_ELEMENTS(marks); i++)
		if (strcmp(name, marks[i].name) == 0)
			g_string_append(enriched->out, marks[i].text);
}

/* Reads a command at `text`, which begins with "<"; returns its length, or 0 where it is none. */
static size_t read_command(Enriched *enriched, const char *text)
{
	char name[COMMAND_MAX + 2];
	size_t n = 0;

	while (n < COMMAND_MAX && (g_ascii_isalnum(text[n + 1]) || text[n + 1] == '-' ||
				   (n == 0 && text[n + 1] == '/'))) {
		name[n] = g_ascii_tolower(text[n + 1]);
		n++;
	}
	name[n] = '\0';
	if (n == 0 || text[n + 1] != '>')
		return 0;
	command(enriched, name);
	return n + 2;
}

/* One line end is a blank, and of several the first does not count. */
static size_t read_newlines(Enriched *enriched, const char *text)
{
	size_t n = strspn(text, "\n");
	size_t lines = enriched->nofill ? n : enriched->richtext ? 0 : n - 1;

	if (lines == 0)
		g_string_append_c(enriched->out, ' ');
	for (size_t i = 0; i < lines; i++)
		g_string_append_c(enriched->out, '\n');
	return n;
}

char *enriched_to_text(const char *text, bool richtext)
{
	Enriched enriched = {.out = g_string_new(NULL), .richtext = richtext};

	while (*text != '\0') {
		size_t len = strcspn(text, "<\n");
		if (!enriched.silent)
			g_string_append_len(enriched.out, text, (gssize)len);
		text += len;
		if (*text == '\n') {
			text += read_newlines(&enriched, text);
		} else if (*text == '<') {
			bool doubled = !richtext && text[1] == '<';
			len = doubled ? 2 : read_command(&enriched, text);
			if (len == 0 || doubled)
				g_string_append_c(enriched.out, '<');
			text += MAX(len, 1);
		}
	}
	return g_string_free(enriched.out, FALSE);
}
