#include "ui/term/key.h"

#include <string.h>
#include "core/base/error.h"

#define MODIFIERS (SHEAF_KEY_CTRL | SHEAF_KEY_ALT | SHEAF_KEY_SHIFT)

/* The first name of a key is the one that key_format() writes. */
static const struct {
	const char *name;
	Key key;
} names[] = {
	{"Enter", SHEAF_KEY_ENTER},
	{"Return", SHEAF_KEY_ENTER},
	{"Tab", SHEAF_KEY_TAB},
	{"Esc", SHEAF_KEY_ESCAPE},
	{"Escape", SHEAF_KEY_ESCAPE},
	{"Backspace", SHEAF_KEY_BACKSPACE},
	{"Delete", SHEAF_KEY_DELETE},
	{"Del", SHEAF_KEY_DELETE},
	{"Insert", SHEAF_KEY_INSERT},
	{"Up", SHEAF_KEY_UP},
	{"Down", SHEAF_KEY_DOWN},
	{"Left", SHEAF_KEY_LEFT},
	{"Right", SHEAF_KEY_RIGHT},
	{"Home", SHEAF_KEY_HOME},
	{"End", SHEAF_KEY_END},
	{"PageUp", SHEAF_KEY_PAGEUP},
	{"PgUp", SHEAF_KEY_PAGEUP},
	{"PageDown", SHEAF_KEY_PAGEDOWN},
	{"PgDn", SHEAF_KEY_PAGEDOWN},
	{"F1", SHEAF_KEY_F1},
	{"F2", SHEAF_KEY_F2},
	{"F3", SHEAF_KEY_F3},
	{"F4", SHEAF_KEY_F4},
	{"F5", SHEAF_KEY_F5},
	{"F6", SHEAF_KEY_F6},
	{"F7", SHEAF_KEY_F7},
	{"F8", SHEAF_KEY_F8},
	{"F9", SHEAF_KEY_F9},
	{"F10", SHEAF_KEY_F10},
	{"F11", SHEAF_KEY_F11},
	{"F12", SHEAF_KEY_F12},
	{"Mouse", SHEAF_KEY_MOUSE},
	{"Paste", SHEAF_KEY_PASTE},
	{"Space", ' '},
	{"Less", '<'},
};

/* Read, never written: the character itself is a name as good. */
static const struct {
	const char *name;
	Key key;
} character_names[] = {
	{"Equal", '='},   {"Hash", '#'},      {"LeftBracket", '['}, {"RightBracket", ']'},
	{"Greater", '>'}, {"Semicolon", ';'}, {"Quote", '"'},       {"Backslash", '\\'},
};

static bool find_name(const char *name, size_t len, Key *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strlen(names[i].name) == len &&
		    g_ascii_strncasecmp(names[i].name, name, len) == 0) {
			*out = names[i].key;
			return true;
		}
	}
	for (size_t i = 0; i < G_N_ELEMENTS(character_names); i++) {
		if (strlen(character_names[i].name) == len &&
		    g_ascii_strncasecmp(character_names[i].name, name, len) == 0) {
			*out = character_names[i].key;
			return true;
		}
	}
	return false;
}

static Key modifier_of(char letter)
{
	switch (letter) {
	case 'C':
	case 'c':
		return SHEAF_KEY_CTRL;
	case 'A':
	case 'a':
	case 'M':
	case 'm':
		return SHEAF_KEY_ALT;
	case 'S':
	case 's':
		return SHEAF_KEY_SHIFT;
	}
	return 0;
}

/* What stands between < and >: modifiers, then a name or one character. */
static bool parse_name(const char *text, size_t len, Key *out)
{
	Key modifiers = 0, key;

	while (len > 2 && text[1] == '-' && modifier_of(text[0]) != 0) {
		modifiers |= modifier_of(text[0]);
		text += 2;
		len -= 2;
	}
	if (find_name(text, len, &key)) {
		*out = key_with(key, modifiers);
		return true;
	}
	/* <x> is no name of x: it would be a typing error more often than not. */
	gunichar c = len > 0 ? g_utf8_get_char_validated(text, (gssize)len) : (gunichar)-1;
	if (modifiers == 0 || c >= 0x110000 || !g_unichar_isprint(c) ||
	    (size_t)(g_utf8_next_char(text) - text) != len)
		return false;
	*out = key_with(c, modifiers);
	return true;
}

static bool fail(GError **error, const char *format, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, format, valid);
	return false;
}

static bool parse_one(const char **text, Key *out, GError **error)
{
	const char *start = *text;

	if (*start == '<') {
		const char *end = strchr(start, '>');
		/* <C->> is Control and the sign itself. */
		if (end != NULL && end[-1] == '-' && end[1] == '>')
			end++;
		if (end == NULL)
			return fail(error, "The key %s has no closing >; write <Less> for <.",
				    start);
		*text = end + 1;
		if (parse_name(start + 1, (size_t)(end - start - 1), out))
			return true;
		g_autofree char *name = g_strndup(start, (size_t)(end + 1 - start));
		return fail(error, "There is no key %s.", name);
	}
	gunichar c = g_utf8_get_char_validated(start, -1);
	if (c >= 0x110000 || !g_unichar_isgraph(c))
		return fail(error,
			    "The keys \"%s\" hold what no key is; write <Space> for a blank.",
			    start);
	*text = g_utf8_next_char(start);
	*out = c;
	return true;
}

static void append_key(GString *out, Key key)
{
	Key base = key & ~MODIFIERS;
	const char *name = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(names) && name == NULL; i++) {
		if (names[i].key == base)
			name = names[i].name;
	}
	if (name == NULL && (key & MODIFIERS) == 0) {
		g_string_append_unichar(out, base);
		return;
	}
	g_string_append_c(out, '<');
	if ((key & SHEAF_KEY_CTRL) != 0)
		g_string_append(out, "C-");
	if ((key & SHEAF_KEY_ALT) != 0)
		g_string_append(out, "A-");
	if ((key & SHEAF_KEY_SHIFT) != 0)
		g_string_append(out, "S-");
	if (name != NULL)
		g_string_append(out, name);
	else
		g_string_append_unichar(out, base);
	g_string_append_c(out, '>');
}

Key key_with(Key key, Key modifiers)
{
	if (key >= SHEAF_KEY_ENTER)
		return key | modifiers;
	if ((modifiers & SHEAF_KEY_CTRL) != 0 && key < 0x80) {
		Key lower = (Key)g_ascii_tolower((char)key);
		/* Terminals send the same byte for these pairs. */
		Key twin = lower == 'm'   ? SHEAF_KEY_ENTER
			   : lower == 'i' ? SHEAF_KEY_TAB
			   : key == '['   ? SHEAF_KEY_ESCAPE
					  : 0;
		if (twin != 0)
			return twin | (modifiers & ~SHEAF_KEY_CTRL);
		return (key == '@' ? ' ' : lower) | modifiers;
	}
	if ((modifiers & SHEAF_KEY_SHIFT) != 0 && g_unichar_isgraph(key)) {
		key = g_unichar_toupper(key);
		modifiers &= ~SHEAF_KEY_SHIFT;
	}
	return key | modifiers;
}

bool key_parse(const char *text, Key keys[KEY_SEQUENCE_MAX], size_t *n, GError **error)
{
	const char *all = text;

	*n = 0;
	if (*text == '\0')
		return fail(error, "A key is missing%s.", "");
	while (*text != '\0') {
		if (*n == KEY_SEQUENCE_MAX)
			return fail(error, "The sequence %s has more than 8 keys.", all);
		if (!parse_one(&text, &keys[*n], error))
			return false;
		(*n)++;
	}
	return true;
}

char *key_format(Key key)
{
	return key_format_sequence(&key, 1);
}

char *key_format_sequence(const Key *keys, size_t n)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < n; i++)
		append_key(out, keys[i]);
	return g_string_free(out, FALSE);
}
