#include "core/base/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/error.h"

#define NEAREST_MAX_LEN      63
#define NEAREST_MAX_DISTANCE 2

static const char *const option_tls_choices[] = {"verify", "none", NULL};
static const char *const option_compress_choices[] = {"auto", "always", "never", NULL};
static const char *const option_folders_choices[] = {"all", "subscribed", NULL};

const OptionSpec account_option_table[] = {
#define OPTION(field, name, type, fallback, min, max, choices, invalidates, help)                  \
	{name,        OPTION_##type, offsetof(AccountOptions, field), fallback, min, max, choices, \
	 invalidates, help},
#include "core/base/option.def"
#undef OPTION
	{NULL},
};

static void *option_field(void *options, const OptionSpec *spec)
{
	return (char *)options + spec->offset;
}

static bool parse_bool(const char *text, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"yes", true}, {"no", false},  {"true", true}, {"false", false},
		     {"on", true},  {"off", false}, {"1", true},    {"0", false}};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(text, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

static bool parse_long(const char *text, const char **rest, long *out)
{
	char *end = NULL;
	errno = 0;
	*out = strtol(text, &end, 10);
	*rest = end;
	return end != text && errno == 0 && !g_ascii_isspace(text[0]);
}

static bool parse_number(const OptionSpec *spec, const char *text, long *out)
{
	const char *rest;
	if (!parse_long(text, &rest, out) || *rest != '\0')
		return false;
	return *out >= spec->min && *out <= spec->max;
}

static bool parse_seconds(const OptionSpec *spec, const char *text, long *out)
{
	const char *rest;
	long unit = 1;
	if (!parse_long(text, &rest, out))
		return false;
	if (*rest != '\0') {
		unit = *rest == 's' ? 1 : *rest == 'm' ? 60 : *rest == 'h' ? 3600 : 0;
		if (unit == 0 || rest[1] != '\0')
			return false;
	}
	/* Divided, not multiplied: the product may not fit. */
	if (*out < 0 || *out > spec->max / unit)
		return false;
	*out *= unit;
	return *out >= spec->min;
}

static bool parse_choice(const OptionSpec *spec, const char *text, int *out)
{
	for (int i = 0; spec->choices[i] != NULL; i++) {
		if (g_ascii_strcasecmp(text, spec->choices[i]) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool parse_into(void *options, const OptionSpec *spec, const char *value)
{
	void *field = option_field(options, spec);
	bool flag;
	long number;
	int choice;

	switch (spec->type) {
	case OPTION_BOOL:
		if (!parse_bool(value, &flag))
			return false;
		*(bool *)field = flag;
		return true;
	case OPTION_NUMBER:
	case OPTION_SECS:
		if (spec->type == OPTION_NUMBER ? !parse_number(spec, value, &number)
						: !parse_seconds(spec, value, &number))
			return false;
		*(long *)field = number;
		return true;
	case OPTION_CHOICE:
		if (!parse_choice(spec, value, &choice))
			return false;
		*(int *)field = choice;
		return true;
	case OPTION_STRING:
		g_free(*(char **)field);
		*(char **)field = g_strdup(value);
		return true;
	}
	return false;
}

static char *expectation(const OptionSpec *spec)
{
	g_autofree char *choices = NULL;

	switch (spec->type) {
	case OPTION_BOOL:
		return g_strdup("yes or no");
	case OPTION_NUMBER:
		return g_strdup_printf("a number from %ld to %ld", spec->min, spec->max);
	case OPTION_SECS:
		return g_strdup_printf("a time from %ld to %ld seconds, written 90, 90s, 2m or 1h",
				       spec->min, spec->max);
	case OPTION_CHOICE:
		choices = g_strjoinv(", ", (char **)spec->choices);
		return g_strdup_printf("one of: %s", choices);
	case OPTION_STRING:
		break;
	}
	return g_strdup("text");
}

static void fail_unknown(const OptionSpec *table, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (const OptionSpec *spec = table; spec->name != NULL; spec++)
		g_ptr_array_add(names, (void *)spec->name);
	g_ptr_array_add(names, NULL);

	const char *nearest = option_nearest((const char *const *)names->pdata, name);
	if (nearest != NULL)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "There is no option %s; did you mean %s?", name, nearest);
	else
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "There is no option %s.", name);
}

/* Edit distance where a swap of neighbours counts once, as fingers do. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NEAREST_MAX_LEN + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[j - 1]);
			row[j] = MIN(MIN(last[j] + 1, row[j - 1] + 1), last[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
		size_t *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len];
}

void option_init(void *options, const OptionSpec *table)
{
	for (const OptionSpec *spec = table; spec->name != NULL; spec++) {
		bool fits = parse_into(options, spec, spec->fallback);
		g_assert(fits);
	}
}

void option_clear(void *options, const OptionSpec *table)
{
	for (const OptionSpec *spec = table; spec->name != NULL; spec++) {
		if (spec->type == OPTION_STRING)
			g_clear_pointer((char **)option_field(options, spec), g_free);
	}
}

bool option_set(void *options, const OptionSpec *table, const char *name, const char *value,
		GError **error)
{
	const OptionSpec *spec = option_find(table, name);
	if (spec == NULL) {
		fail_unknown(table, name, error);
		return false;
	}
	if (parse_into(options, spec, value))
		return true;
	g_autofree char *expected = expectation(spec);
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "The option %s takes %s.", spec->name,
		    expected);
	return false;
}

char *option_get(const void *options, const OptionSpec *spec)
{
	const void *field = (const char *)options + spec->offset;

	switch (spec->type) {
	case OPTION_BOOL:
		return g_strdup(*(const bool *)field ? "yes" : "no");
	case OPTION_NUMBER:
	case OPTION_SECS:
		return g_strdup_printf("%ld", *(const long *)field);
	case OPTION_CHOICE:
		return g_strdup(spec->choices[*(const int *)field]);
	case OPTION_STRING:
		return g_strdup(*(char *const *)field);
	}
	return NULL;
}

const OptionSpec *option_find(const OptionSpec *table, const char *name)
{
	for (const OptionSpec *spec = table; spec->name != NULL; spec++) {
		if (strcmp(spec->name, name) == 0)
			return spec;
	}
	return NULL;
}

const char *option_nearest(const char *const *words, const char *name)
{
	const char *nearest = NULL;
	size_t best = NEAREST_MAX_DISTANCE + 1;
	size_t len = strlen(name);

	if (len > NEAREST_MAX_LEN)
		return NULL;
	for (size_t i = 0; words[i] != NULL; i++) {
		size_t word_len = strlen(words[i]);
		if (word_len > NEAREST_MAX_LEN)
			continue;
		size_t distance = edit_distance(name, len, words[i], word_len);
		/* Where every letter differs, two words of two letters are not alike. */
		if (distance < best && distance < MAX(len, word_len)) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}
