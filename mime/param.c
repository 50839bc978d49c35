#include "mime/param.h"

#include "mime/header.h"
#include "mime/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 10000
#define PLAIN      -1 /* name=value; anything else is the number of a continuation */

typedef struct {
	char *name;  /* without stars; a NUL, then the value, stand behind it */
	char *value; /* in the same memory */
	size_t len;
	int order;     /* in which they came */
	int index;     /* PLAIN, or 0 and up */
	bool extended; /* percent-encoded; the first one with charset'language' */
} Param;

struct ParamList {
	GArray *items; /* NULL: none */
};

static void param_clear(gpointer data)
{
	Param *param = data;

	g_free(param->name);
}

/* What stands behind the name: "*1*", "*" or nothing. */
static void read_star(Param *param, const char *star)
{
	param->index = PLAIN;
	if (*star == '\0')
		return;
	if (g_ascii_isdigit(star[1])) {
		guint64 index = g_ascii_strtoull(star + 1, NULL, 10);
		param->index = (int)MIN(index, PARAMS_MAX);
	}
	param->extended = g_str_has_suffix(star, "*");
}

static int compare_params(const void *a, const void *b)
{
	const Param *left = *(Param *const *)a, *right = *(Param *const *)b;

	return left->index != right->index ? left->index - right->index
					   : left->order - right->order;
}

static void append_percent_decoded(GByteArray *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		guint8 byte = (guint8)text[i];
		if (byte == '%' && i + 2 < len && g_ascii_isxdigit(text[i + 1]) &&
		    g_ascii_isxdigit(text[i + 2])) {
			byte = (guint8)(g_ascii_xdigit_value(text[i + 1]) << 4 |
					g_ascii_xdigit_value(text[i + 2]));
			i += 2;
		}
		g_byte_array_append(out, &byte, 1);
	}
}

/* Takes charset'language' off the first extended piece. */
static size_t read_charset(const Param *param, char **charset)
{
	const char *first = memchr(param->value, '\'', param->len);
	size_t rest = first == NULL ? 0 : param->len - (size_t)(first + 1 - param->value);
	const char *second = first == NULL ? NULL : memchr(first + 1, '\'', rest);

	if (second == NULL)
		return 0;
	*charset = g_strndup(param->value, (gsize)(first - param->value));
	return (size_t)(second + 1 - param->value);
}

/* Pieces sorted by number; a gap ends them. */
static char *join(GPtrArray *pieces)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *charset = NULL;
	int want = 0;

	for (guint i = 0; i < pieces->len; i++) {
		const Param *param = pieces->pdata[i];
		int index = param->index == PLAIN ? 0 : param->index;
		if (index < want)
			continue;
		if (index > want)
			break;
		size_t skip = want == 0 && param->extended ? read_charset(param, &charset) : 0;
		if (param->extended)
			append_percent_decoded(bytes, param->value + skip, param->len - skip);
		else
			g_byte_array_append(bytes, (const guint8 *)param->value, (guint)param->len);
		want++;
	}
	if (bytes->len == 0)
		return g_strdup("");
	return text_to_utf8((const char *)bytes->data, bytes->len, charset, NULL);
}

/* Skips white space and comments. */
static const char *skip_blanks(const char *p, const char *end, bool *comments_run_out)
{
	while (p < end) {
		const char *close = NULL;
		if (*p == '(' && !*comments_run_out) {
			close = header_comment_end(p, end);
			*comments_run_out = close == NULL;
		}
		if (close == NULL && !g_ascii_isspace(*p))
			break;
		p = close != NULL ? close : p + 1;
	}
	return p;
}

/* Reads a quoted string; one without its end goes up to the next ";". */
static const char *read_quoted(const char *p, const char *end, GString *out)
{
	const char *start = ++p;

	for (; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		if (*p != '\r' && *p != '\n')
			g_string_append_c(out, *p);
	}
	if (p < end)
		return p + 1;
	const char *semicolon = memchr(start, ';', (size_t)(end - start));
	if (semicolon != NULL) {
		g_string_truncate(out, 0);
		g_string_append_len(out, start, semicolon - start);
		p = semicolon;
	}
	return p;
}

/* True where the blank at `p` ends a value because its ";" was forgotten: a name and "=" follow. */
static bool next_param(const char *p, const char *end)
{
	while (p < end && g_ascii_isspace(*p))
		p++;
	while (p < end && (g_ascii_isalnum(*p) || *p == '-' || *p == '*'))
		p++;
	return p < end && *p == '=';
}

/* Reads a token, or, as many mailers forget the quotes, anything up to ";". */
static const char *read_bare(const char *p, const char *end, GString *out, bool *comments_run_out)
{
	for (; p < end && *p != ';'; p++) {
		const char *close = NULL;
		if (*p == '(' && out->len > 0 && g_ascii_isspace(p[-1]) && !*comments_run_out) {
			close = header_comment_end(p, end);
			*comments_run_out = close == NULL;
		}
		if (out->len > 0 && g_ascii_isspace(*p) && !g_ascii_isspace(p[-1]) &&
		    next_param(p, end))
			break;
		if (close != NULL)
			p = close - 1;
		else if (*p != '\r' && *p != '\n')
			g_string_append_c(out, *p);
	}
	while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
	return p;
}

static void add_param(ParamList *params, const char *name, size_t name_len, const GString *value)
{
	while (name_len > 0 && g_ascii_isspace(name[name_len - 1]))
		name_len--;
	g_autofree char *copy = g_strndup(name, name_len);
	if (*copy != '\0')
		param_list_add(params, copy, value->str, value->len);
}

ParamList *param_list_new(void)
{
	ParamList *params = g_new0(ParamList, 1);

	return params;
}

void param_list_free(ParamList *params)
{
	if (params == NULL)
		return;
	g_clear_pointer(&params->items, g_array_unref);
	g_free(params);
}

ParamList *param_list_parse(const char *raw, size_t len, char **value)
{
	ParamList *params = param_list_new();
	const char *p = raw, *end = raw + len;
	bool comments_run_out = false;

	p = skip_blanks(p, end, &comments_run_out);
	const char *start = p;
	while (p < end && *p != ';' && *p != '(' && !g_ascii_isspace(*p))
		p++;
	if (value != NULL)
		*value = g_ascii_strdown(start, p - start);
	while (p < end) {
		p = skip_blanks(p, end, &comments_run_out);
		if (p < end && *p == ';') {
			p++;
			continue;
		}
		const char *name = p;
		while (p < end && *p != '=' && *p != ';')
			p++;
		if (p == end || *p == ';')
			continue;
		size_t name_len = (size_t)(p - name);
		g_autoptr(GString) text = g_string_new(NULL);
		p = skip_blanks(p + 1, end, &comments_run_out);
		if (p < end && *p == '"')
			p = read_quoted(p, end, text);
		else
			p = read_bare(p, end, text, &comments_run_out);
		add_param(params, name, name_len, text);
	}
	return params;
}

void param_list_add(ParamList *params, const char *name, const char *value, size_t len)
{
	size_t name_len = strcspn(name, "*");
	Param param = {.len = len};

	if (params->items == NULL) {
		params->items = g_array_new(FALSE, FALSE, sizeof(Param));
		g_array_set_clear_func(params->items, param_clear);
	}
	if (params->items->len >= PARAMS_MAX)
		return;
	param.order = (int)params->items->len;
	param.name = g_malloc(name_len + 1 + len + 1);
	param.value = param.name + name_len + 1;
	memcpy(param.name, name, name_len);
	param.name[name_len] = '\0';
	if (len > 0)
		memcpy(param.value, value, len);
	param.value[len] = '\0';
	read_star(&param, name + name_len);
	g_array_append_val(params->items, param);
}

char *param_list_get(const ParamList *params, const char *name)
{
	g_autoptr(GPtrArray) pieces = NULL;
	const Param *plain = NULL;

	for (guint i = 0; params->items != NULL && i < params->items->len; i++) {
		Param *param = &g_array_index(params->items, Param, i);
		if (g_ascii_strcasecmp(param->name, name) != 0)
			continue;
		if (param->index != PLAIN || param->extended) {
			if (pieces == NULL)
				pieces = g_ptr_array_new();
			g_ptr_array_add(pieces, param);
		} else if (plain == NULL) {
			plain = param;
		}
	}
	if (pieces != NULL) {
		g_ptr_array_sort(pieces, compare_params);
		const Param *first = pieces->pdata[0];
		if (first->index <= 0)
			return join(pieces);
	}
	return plain == NULL ? NULL : header_decode_exact(plain->value, plain->len);
}
