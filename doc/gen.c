/* gen - fills the tables of a manual page from the tables of the program.
 *   gen FILE   copies FILE, putting a table in the place of each line "@commands@", "@aliases@",
 *              "@account-options@", "@ui-options@", "@styles@" or "@verbs@"
 *   gen        lists what the tables hold, one thing a line, for tests/docs.sh */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/option.h"
#include "core/command/argument.h"
#include "ui/command/action.h"
#include "ui/term/option.h"

typedef struct {
	const char *name;
	unsigned contexts;
	const char *keys;
	ArgsKind args;
	const char *help;
} Command;

typedef struct {
	const char *name, *value, *help;
} Row;

static const Command commands[] = {
#define ACTION(id, name, contexts, needs, keys, args, help) {name, contexts, keys, args, help},
#define ALIAS(name, line)
#include "ui/command/action.def"
#undef ACTION
#undef ALIAS
};

static const Row aliases[] = {
#define ACTION(id, name, contexts, needs, keys, args, help)
#define ALIAS(name, line) {name, line, NULL},
#include "ui/command/action.def"
#undef ACTION
#undef ALIAS
};

static const Row styles[] = {
#define STYLE(id, name, fallback, help) {name, fallback, help},
#include "ui/term/theme.def"
#undef STYLE
};

/* The arguments stand in `value`. */
static const Row builtins[] = {
#define BUILTIN(id, name, arguments, help) {name, arguments, help},
#include "ui/shell/builtin.def"
#undef BUILTIN
};

static const char *const argument_names[] = {
	[ARGS_NONE] = "",
	[ARGS_NUMBER] = "number",
	[ARGS_TEXT] = "text",
	[ARGS_QUERY] = "search",
	[ARGS_FOLDER] = "folder",
	[ARGS_SORT] = "order",
	[ARGS_OPTION] = "option",
	[ARGS_PATH] = "file",
	[ARGS_BIND] = "panel key command",
	[ARGS_SERVER] = "host:port",
	[ARGS_KEYWORD] = "keyword",
	[ARGS_CARRIED] = "keyword",
	[ARGS_IMAP] = "command",
};

static const struct {
	unsigned bit;
	const char *name;
} panels[] = {
	{CONTEXT_INDEX, "index"}, {CONTEXT_PAGER, "pager"}, {CONTEXT_FOLDERS, "folders"},
	{CONTEXT_PARTS, "parts"}, {CONTEXT_LIST, "list"},
};

/* Words as roff takes them literally, also where they would be a macro or a delimiter. */
static char *roff(const char *text)
{
	GString *out = g_string_new("\\&");

	for (const char *c = text; *c; c++)
		switch (*c) {
		case '\\':
			g_string_append(out, "\\e");
			break;
		case '-':
			g_string_append(out, "\\-");
			break;
		case '`':
			g_string_append(out, "\\(ga");
			break;
		case '^':
			g_string_append(out, "\\(ha");
			break;
		case '"':
			g_string_append(out, "\\(dq");
			break;
		default:
			g_string_append_c(out, *c);
		}
	return g_string_free(out, FALSE);
}

static void put(const char *format, const char *text)
{
	g_autofree char *safe = roff(text);

	printf(format, safe);
}

static void put_panels(unsigned contexts)
{
	const char *comma = "";

	if (contexts == CONTEXT_ANY)
		return;
	printf("In: ");
	for (size_t i = 0; i < G_N_ELEMENTS(panels); i++)
		if (contexts & panels[i].bit) {
			printf("%s%s", comma, panels[i].name);
			comma = ", ";
		}
	printf(".\n");
}

static void put_commands(void)
{
	printf(".Bl -tag -width Ds\n");
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		const Command *c = &commands[i];
		g_auto(GStrv) keys = g_strsplit(c->keys, " ", -1);

		put(".It Ic %s", c->name);
		if (c->args != ARGS_NONE)
			printf(" Op Ar %s", argument_names[c->args]);
		printf("\n");
		for (unsigned k = 0; keys[k]; k++) {
			put(".Sy %s", keys[k]);
			printf("%s\n", keys[k + 1] ? " ," : " :");
		}
		put("%s.\n", c->help);
		put_panels(c->contexts);
	}
	printf(".El\n");
}

static void put_aliases(void)
{
	printf(".Bl -tag -width limit -compact\n");
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++) {
		put(".It Ic %s\n", aliases[i].name);
		put(".Ic %s\n", aliases[i].value);
	}
	printf(".El\n");
}

static void put_values(const OptionSpec *o)
{
	switch (o->type) {
	case OPTION_BOOL:
		printf(" Cm yes | no\n");
		break;
	case OPTION_CHOICE:
		for (unsigned i = 0; o->choices[i]; i++)
			printf(" %s%s", i ? "| " : "Cm ", o->choices[i]);
		printf("\n");
		break;
	case OPTION_NUMBER:
		printf(" Ar number\n");
		break;
	case OPTION_SECS:
		printf(" Ar time\n");
		break;
	case OPTION_STRING:
		printf(" Ar text\n");
		break;
	}
}

static void put_options(const OptionSpec *table)
{
	printf(".Bl -tag -width Ds\n");
	for (const OptionSpec *o = table; o->name; o++) {
		put(".It Cm %s No =", o->name);
		put_values(o);
		put("%s.\n", o->help);
		if (o->type == OPTION_NUMBER || o->type == OPTION_SECS)
			printf("From %ld to %ld.\n", o->min, o->max);
		if (*o->fallback)
			put("Default: %s.\n", o->fallback);
	}
	printf(".El\n");
}

static void put_styles(void)
{
	printf(".Bl -tag -width header-value -compact\n");
	for (size_t i = 0; i < G_N_ELEMENTS(styles); i++) {
		put(".It Cm %s\n", styles[i].name);
		put(*styles[i].value ? "%s;\n" : "%s.\n", styles[i].help);
		if (*styles[i].value)
			put("%s.\n", styles[i].value);
	}
	printf(".El\n");
}

static bool is_builtin(const char *verb)
{
	for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++)
		if (g_ascii_strcasecmp(builtins[i].name, verb) == 0)
			return true;
	return false;
}

static void put_verb(const char *name, const char *arguments, const char *help)
{
	put(".It Ic %s", name);
	if (*arguments)
		put(" Ar %s", arguments);
	printf("\n");
	put("%s.\n", help);
}

static void put_verbs(void)
{
	printf(".Bl -tag -width Ds\n");
	for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++)
		put_verb(builtins[i].name, builtins[i].value, builtins[i].help);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const CommandSpec *spec = &command_table[i];
		g_autofree char *usage = argument_usage(spec);
		char *arguments = strchr(usage, ' ');

		if (!*spec->help || is_builtin(spec->verb))
			continue;
		if (arguments)
			*arguments++ = '\0';
		put_verb(usage, arguments ? arguments : "", spec->help);
	}
	printf(".El\n");
}

static bool put_table(const char *line)
{
	if (g_str_equal(line, "@commands@"))
		put_commands();
	else if (g_str_equal(line, "@aliases@"))
		put_aliases();
	else if (g_str_equal(line, "@account-options@"))
		put_options(account_option_table);
	else if (g_str_equal(line, "@ui-options@"))
		put_options(ui_option_table);
	else if (g_str_equal(line, "@styles@"))
		put_styles();
	else if (g_str_equal(line, "@verbs@"))
		put_verbs();
	else
		return false;
	return true;
}

static int fill(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, &error)) {
		fprintf(stderr, "gen: %s\n", error->message);
		return EXIT_FAILURE;
	}
	g_strchomp(text);
	lines = g_strsplit(text, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		if (put_table(lines[i]))
			continue;
		if (lines[i][0] == '@') {
			fprintf(stderr, "gen: %s:%u: no table %s\n", path, i + 1, lines[i]);
			return EXIT_FAILURE;
		}
		puts(lines[i]);
	}
	return EXIT_SUCCESS;
}

static void list(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		printf("command\t%s\t%s\n", commands[i].name, commands[i].keys);
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
		printf("alias\t%s\t\n", aliases[i].name);
	for (const OptionSpec *o = account_option_table; o->name; o++)
		printf("account\t%s\t\n", o->name);
	for (const OptionSpec *o = ui_option_table; o->name; o++)
		printf("ui\t%s\t\n", o->name);
	for (size_t i = 0; i < G_N_ELEMENTS(styles); i++)
		printf("style\t%s\t\n", styles[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++)
		printf("verb\t%s\t\n", builtins[i].name);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		g_autofree char *usage = argument_usage(&command_table[i]);
		g_autofree char *name = g_strndup(usage, strcspn(usage, " "));
		if (*command_table[i].help && !is_builtin(name))
			printf("verb\t%s\t\n", name);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return fill(argv[1]);
	list();
	return EXIT_SUCCESS;
}
