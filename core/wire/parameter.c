#include "core/wire/parameter.h"

#include <stdlib.h>
#include <string.h>
#include "mime/header.h"
#include "mime/text.h"

#define MAX_PIECES 1000

/* One of filename*0*, filename*1, filename*. */
typedef struct {
	unsigned number;
	bool encoded;
	const char *value;
} Piece;

/* The part of a parameter's name behind `name`, which is "*", "*3" or "*3*". */
static bool read_piece(const Parameter *parameter, const char *name, Piece *out)
{
	size_t len = strlen(name);
	const char *at = parameter->name;

	if (at == NULL || parameter->value == NULL || g_ascii_strncasecmp(at, name, len) != 0 ||
	    at[len] != '*')
		return false;
	at += len + 1;
	*out = (Piece){0, true, parameter->value};
	if (*at == '\0')
		return true;
	size_t digits = strspn(at, "0123456789");
	if (digits == 0 || digits > 4)
		return false;
	out->number = (unsigned)strtoul(at, NULL, 10);
	out->encoded = at[digits] == '*';
	return at[digits + out->encoded] == '\0';
}

static int compare_pieces(const void *a, const void *b)
{
	const Piece *left = a, *right = b;
	return left->number < right->number ? -1 : left->number > right->number;
}

static void append_percent_decoded(GString *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (text[0] == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(text[1]) * 16 +
						      g_ascii_xdigit_value(text[2])));
			text += 2;
		} else {
			g_string_append_c(out, *text);
		}
	}
}

/* Pieces in the order of their numbers up to the first gap; the charset of the first holds for all.
 */
static char *join_pieces(const Piece *pieces, size_t n)
{
	g_autoptr(GString) joined = g_string_new(NULL);
	g_autofree char *charset = NULL;

	for (size_t i = 0; i < n && pieces[i].number == i; i++) {
		const char *text = pieces[i].value;
		const char *quote = pieces[i].encoded && i == 0 ? strchr(text, '\'') : NULL;
		const char *second = quote != NULL ? strchr(quote + 1, '\'') : NULL;
		if (second != NULL) {
			charset = g_strndup(text, (size_t)(quote - text));
			text = second + 1;
		}
		if (pieces[i].encoded)
			append_percent_decoded(joined, text);
		else
			g_string_append(joined, text);
	}
	g_autofree char *utf8 = text_to_utf8(joined->str, joined->len, charset, NULL);
	return text_clean(utf8, TEXT_ONE_LINE);
}

bool parameter_read_list(Lex *lex, ParameterList *out)
{
	Parameter *items = NULL;
	size_t n = 0;

	*out = (ParameterList){NULL, 0};
	if (!lex_take(lex, '('))
		return lex_skip_value(lex);
	for (; lex_more(lex); n++) {
		items = arena_append(lex->arena, items, n, sizeof(*items));
		if (!lex_nstring(lex, &items[n].name, NULL))
			return false;
		if (lex_more(lex) && !lex_nstring(lex, &items[n].value, NULL))
			return false;
	}
	*out = (ParameterList){items, n};
	return lex_expect(lex, ')');
}

const char *parameter_find(const ParameterList *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i].name != NULL &&
		    g_ascii_strcasecmp(list->items[i].name, name) == 0)
			return list->items[i].value;
	}
	return NULL;
}

char *parameter_decode(const ParameterList *list, const char *name)
{
	g_autofree Piece *pieces = g_new(Piece, MIN(list->n, MAX_PIECES) + 1);
	size_t n = 0;

	for (size_t i = 0; i < list->n && n < MAX_PIECES; i++)
		n += read_piece(&list->items[i], name, &pieces[n]);
	qsort(pieces, n, sizeof(Piece), compare_pieces);
	if (n > 0 && pieces[0].number == 0)
		return join_pieces(pieces, n);
	const char *plain = parameter_find(list, name);
	return plain != NULL ? header_decode(plain, strlen(plain)) : NULL;
}
