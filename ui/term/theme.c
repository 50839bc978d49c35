#include "ui/term/theme.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/error.h"
#include "core/base/option.h"

#define COLOR_DEFAULT (-1)

typedef struct {
	attr_t attributes;
	short foreground, background;
} StyleSpec;

typedef struct {
	const char *word;
	attr_t attribute;
} AttributeWord;

static const AttributeWord attribute_words[] = {
	{"bold", A_BOLD},           {"dim", A_DIM},         {"italic", A_ITALIC},
	{"underline", A_UNDERLINE}, {"reverse", A_REVERSE}, {"normal", 0},
};

static const char *const color_words[] = {"black", "red",     "green", "yellow",
					  "blue",  "magenta", "cyan",  "white"};

static const struct {
	const char *name, *fallback, *help;
} style_table[STYLE_COUNT] = {
#define STYLE(id, name, fallback, help) [STYLE_##id] = {name, fallback, help},
#include "ui/term/theme.def"
#undef STYLE
};

static StyleSpec specs[STYLE_COUNT];
static unsigned long attrs[STYLE_COUNT];
static bool loaded; /* specs hold the defaults or what replaced them */
static bool started, colors, own_defaults;
/* The pairs handed out: pair i + 1. */
static struct {
	short foreground, background;
} pairs[STYLE_COUNT];
static short pair_count;

static bool parse_color(const char *word, short *out)
{
	bool bright = g_str_has_prefix(word, "bright-");

	if (strcmp(word, "default") == 0) {
		*out = COLOR_DEFAULT;
		return true;
	}
	if (strcmp(word, "grey") == 0 || strcmp(word, "gray") == 0) {
		*out = 8;
		return true;
	}
	word += bright ? strlen("bright-") : 0;
	for (size_t i = 0; i < G_N_ELEMENTS(color_words); i++) {
		if (strcmp(word, color_words[i]) == 0) {
			*out = (short)(i + (bright ? 8 : 0));
			return true;
		}
	}
	return false;
}

static bool parse_attribute(const char *word, attr_t *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(attribute_words); i++) {
		if (strcmp(word, attribute_words[i].word) == 0) {
			*out |= attribute_words[i].attribute;
			return true;
		}
	}
	return false;
}

static void fail_word(const char *word, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(attribute_words); i++)
		g_string_append_printf(known, "%s, ", attribute_words[i].word);
	for (size_t i = 0; i < G_N_ELEMENTS(color_words); i++)
		g_string_append_printf(known, "%s, ", color_words[i]);
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "There is no colour or attribute %s; known are %sgrey, default, and bright- "
		    "before a colour.",
		    word, known->str);
}

static bool parse_spec(const char *text, StyleSpec *out, GError **error)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);
	g_auto(GStrv) words = g_strsplit_set(lower, " \t", -1);
	StyleSpec spec = {0, COLOR_DEFAULT, COLOR_DEFAULT};
	bool background = false;

	for (char **word = words; *word != NULL; word++) {
		if (**word == '\0')
			continue;
		if (strcmp(*word, "on") == 0) {
			background = true;
			continue;
		}
		if (parse_attribute(*word, &spec.attributes))
			continue;
		if (!parse_color(*word, background ? &spec.background : &spec.foreground)) {
			fail_word(*word, error);
			return false;
		}
		background = false;
	}
	*out = spec;
	return true;
}

static void load_defaults(void)
{
	if (loaded)
		return;
	loaded = true;
	for (int i = 0; i < STYLE_COUNT; i++) {
		bool fits = parse_spec(style_table[i].fallback, &specs[i], NULL);
		g_assert(fits);
	}
}

/* A colour that this terminal has: bright ones become the plain ones of an 8-colour terminal. */
static short real_color(short color, short fallback)
{
	if (color == COLOR_DEFAULT)
		return own_defaults ? COLOR_DEFAULT : fallback;
	return color < COLORS ? color : (short)(color % 8);
}

static short pair_of(short foreground, short background)
{
	for (short i = 0; i < pair_count; i++) {
		if (pairs[i].foreground == foreground && pairs[i].background == background)
			return (short)(i + 1);
	}
	/* Colours set over and over may use up the table: such a style has its attributes only. */
	if (pair_count == STYLE_COUNT || pair_count + 1 >= COLOR_PAIRS)
		return 0;
	if (init_pair((short)(pair_count + 1), foreground, background) == ERR)
		return 0;
	pairs[pair_count].foreground = foreground;
	pairs[pair_count].background = background;
	return ++pair_count;
}

static void resolve(Style style)
{
	const StyleSpec *spec = &specs[style];

	attrs[style] = spec->attributes;
	if (!colors || (spec->foreground == COLOR_DEFAULT && spec->background == COLOR_DEFAULT))
		return;
	if (spec->foreground >= 8 && spec->foreground >= COLORS)
		attrs[style] |= A_BOLD;
	short pair = pair_of(real_color(spec->foreground, COLOR_WHITE),
			     real_color(spec->background, COLOR_BLACK));
	attrs[style] |= (unsigned long)COLOR_PAIR(pair);
}

void theme_start(void)
{
	const char *no_color = getenv("NO_COLOR");

	load_defaults();
	started = true;
	pair_count = 0;
	colors = (no_color == NULL || *no_color == '\0') && has_colors() && start_color() == OK &&
		 COLORS >= 8;
	own_defaults = colors && use_default_colors() == OK;
	for (int i = 0; i < STYLE_COUNT; i++)
		resolve((Style)i);
}

unsigned long theme_attr(Style style)
{
	return attrs[style];
}

bool theme_set(const char *style, const char *spec, GError **error)
{
	const char *names[STYLE_COUNT + 1] = {NULL};

	load_defaults();
	for (int i = 0; i < STYLE_COUNT; i++) {
		names[i] = style_table[i].name;
		if (strcmp(style, names[i]) != 0)
			continue;
		if (!parse_spec(spec, &specs[i], error))
			return false;
		if (started)
			resolve((Style)i);
		return true;
	}
	const char *nearest = option_nearest(names, style);
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "There is no style %s%s%s%s", style,
		    nearest != NULL ? "; did you mean " : ".", nearest != NULL ? nearest : "",
		    nearest != NULL ? "?" : "");
	return false;
}

const char *theme_name(Style style)
{
	return style_table[style].name;
}

const char *theme_help(Style style)
{
	return style_table[style].help;
}
