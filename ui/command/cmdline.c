#include "ui/command/cmdline.h"

#include <string.h>

#include "core/account/trusted.h"
#include "mime/text.h"
#include "ui/app.h"
#include "ui/panel/index.h"

/* Candidates offered at once.  A prompt narrows them by itself, so all folders of a large account
 * are to be among them. */
#define CANDIDATES_MAX 10000
/* Of a directory, where each file may cost a look at the disk. */
#define FILES_MAX 200

static const char *const *action_names(void)
{
	static GPtrArray *names;

	if (!names) {
		names = g_ptr_array_new();
		for (const Action *a = action_table; a->name; a++)
			g_ptr_array_add(names, (void *)a->name);
		g_ptr_array_add(names, NULL);
	}
	return (const char *const *)names->pdata;
}

/* The command that begins so: the only one, or the one that all others that do begin with (delete
 * and delete-thread).  `*n`: how many there are. */
static const Action *find_beginning(const char *name, unsigned *n)
{
	const Action *shortest = NULL;

	for (const Action *a = action_table; a->name; a++) {
		if (!g_str_has_prefix(a->name, name))
			continue;
		++*n;
		if (!shortest || strlen(a->name) < strlen(shortest->name))
			shortest = a;
	}
	for (const Action *a = action_table; shortest && a->name; a++)
		if (g_str_has_prefix(a->name, name) && !g_str_has_prefix(a->name, shortest->name))
			return NULL;
	return shortest;
}

/* An exact name or alias, else the command that begins so; NULL with `error` otherwise. */
static const Action *find_command(const char *name, GError **error)
{
	const Action *found = action_find(name);
	unsigned n = 0;

	if (!found)
		found = find_beginning(name, &n);
	if (found)
		return found;
	const char *nearest = option_nearest(action_names(), name);
	if (n > 1)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s may be several commands: Tab shows them.", name);
	else if (nearest)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "There is no command %s: did you mean %s?", name, nearest);
	else
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "There is no command %s: ? lists them.", name);
	return NULL;
}

static bool refuse(GError **error, const char *format, const char *name)
{
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, format, name);
	return false;
}

/* "3" and "jump 3" go to a row; "delete 3" would not do what it says. */
static bool read_arguments(const Action *action, char *rest, long count, Args *out, GError **error)
{
	bool has_text = rest && *rest;

	*out = (Args){.text = has_text || (rest && action->args == ARGS_QUERY) ? rest : NULL,
		      .count = count > 0 ? count : 1,
		      .has_count = count > 0};
	if (has_text && action->args == ARGS_NONE)
		return refuse(error, "%s takes nothing behind it.", action->name);
	if (has_text && action->args == ARGS_NUMBER &&
	    (strlen(rest) > 9 || strspn(rest, "0123456789") != strlen(rest)))
		return refuse(error, "%s takes a number.", action->name);
	return true;
}

bool cmdline_run(App *app, const char *line, long count, GError **error)
{
	g_autofree char *copy = g_strdup(line + strspn(line, " \t:"));
	size_t len = strcspn(copy, " \t");
	char *rest = copy[len] ? g_strstrip(copy + len + 1) : NULL;
	const char *name = copy;
	Args args;

	copy[len] = '\0';
	if (!*copy)
		return true;
	if (strspn(copy, "0123456789") == len && !rest) {
		rest = copy;
		name = "jump";
	}
	const Action *action = find_command(name, error);
	if (!action || !read_arguments(action, rest, count, &args, error))
		return false;
	Pane *pane = screen_focused(app->screen);
	const char *why_not = action_unavailable(action, app, pane ? pane->ops->context : 0);
	if (why_not)
		return refuse(error, "%s", why_not);
	action->run(app, &args);
	return true;
}

/* --- completion --- */

static void offer(GPtrArray *out, const char *text, const char *help)
{
	if (out->len < CANDIDATES_MAX)
		g_ptr_array_add(out, g_strconcat(text, "\t", help, NULL));
}

static void complete_commands(App *app, const char *begin, GPtrArray *out)
{
	for (const Action *a = action_table; a->name; a++) {
		if (!g_str_has_prefix(a->name, begin))
			continue;
		g_autofree char *keys = keymap_keys_for(app->keymap, CONTEXT_INDEX, a->name);
		g_autofree char *help =
			*keys ? g_strdup_printf("%s  (%s)", a->help, keys) : g_strdup(a->help);
		offer(out, a->name, help);
	}
}

typedef struct {
	GPtrArray *out;
	char *part; /* case-folded */
} FolderSearch;

static bool offer_folder(Folder *f, unsigned depth, void *data)
{
	FolderSearch *search = data;

	(void)depth;
	if (!folder_is_selectable(f))
		return true;
	g_autofree char *folded = g_utf8_casefold(f->path, -1);
	if (strstr(folded, search->part)) {
		g_autofree char *help =
			f->counted ? g_strdup_printf("%u unread of %u", f->unseen, f->messages)
				   : g_strdup("");
		offer(search->out, f->path, help);
	}
	return true;
}

static void complete_folders(App *app, const char *part, GPtrArray *out)
{
	FolderSearch search = {out, g_utf8_casefold(part, -1)};

	folder_foreach(account_folders(app->account), offer_folder, &search);
	g_free(search.part);
}

static const OptionSpec *sort_option(void)
{
	return option_find(ui_option_table, "sort");
}

static void complete_choices(const OptionSpec *spec, const char *begin, GPtrArray *out)
{
	static const char *const yes_no[] = {"yes", "no", NULL};
	const char *const *words = spec->type == OPTION_BOOL ? yes_no : spec->choices;

	for (; words && *words; words++)
		if (g_str_has_prefix(*words, begin))
			offer(out, *words, "");
}

static void complete_option(App *app, const char *text, GPtrArray *out)
{
	const char *blank = strchr(text, ' ');

	for (const OptionSpec *spec = ui_option_table; spec->name; spec++) {
		size_t len = strlen(spec->name);
		if (blank && (size_t)(blank - text) == len && strncmp(spec->name, text, len) == 0) {
			complete_choices(spec, blank + 1, out);
		} else if (!blank && g_str_has_prefix(spec->name, text)) {
			g_autofree char *value = option_get(&app->config->ui, spec);
			g_autofree char *help = g_strdup_printf("%s  (now %s)", spec->help, value);
			offer(out, spec->name, help);
		}
	}
}

static void complete_query(const char *text, GPtrArray *out)
{
	static const char *const words[][2] = {
		{"from:", "sender"},         {"to:", "recipient"},
		{"subject:", "subject"},     {"body:", "text"},
		{"is:unread", "unread"},     {"is:flagged", "flagged"},
		{"is:answered", "answered"}, {"since:", "2026-01-31, 3d, 2w, yesterday"},
		{"before:", "a date"},       {"larger:", "1M"},
		{"saved-since:", "a date"},  {"gmail:", "in quotes, as Google searches"},
		{"younger:", "30min, 3h"},   {"older:", "30min, 3h"},
		{"smaller:", "100K"},
	};
	const char *blank = strrchr(text, ' ');
	const char *word = blank ? blank + 1 : text;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (*word && g_str_has_prefix(words[i][0], word))
			offer(out, words[i][0], words[i][1]);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Files and directories, these with a slash behind them; hidden ones only where asked for. */
static void complete_path(const char *text, GPtrArray *out)
{
	const char *slash = strrchr(text, '/');
	g_autofree char *shown = slash ? g_strndup(text, slash + 1 - text) : g_strdup("");
	g_autofree char *place = g_str_has_prefix(shown, "~/")
					 ? g_build_filename(g_get_home_dir(), shown + 2, NULL)
					 : g_strdup(*shown ? shown : ".");
	const char *begin = slash ? slash + 1 : text, *name;
	g_autoptr(GDir) dir = g_dir_open(place, 0, NULL);

	while (dir && out->len < FILES_MAX && (name = g_dir_read_name(dir)) != NULL) {
		if (!g_str_has_prefix(name, begin) || (name[0] == '.' && begin[0] != '.') ||
		    !g_utf8_validate(name, -1, NULL) || strpbrk(name, "\t\n"))
			continue;
		g_autofree char *path = g_build_filename(place, name, NULL);
		bool is_dir = g_file_test(path, G_FILE_TEST_IS_DIR);
		g_autofree char *candidate = g_strconcat(shown, name, is_dir ? "/" : "", NULL);
		offer(out, candidate, "");
	}
	g_ptr_array_sort(out, by_text);
}

/* "index x delete": a panel, a key, a command. */
static void complete_binding(App *app, const char *text, GPtrArray *out)
{
	static const char *const panels[] = {"index", "pager", "folders", "parts",
					     "list",  "all",   NULL};
	const char *key = strchr(text, ' '), *line = key ? strchr(key + 1, ' ') : NULL;

	if (line)
		complete_commands(app, line + 1, out);
	for (int i = 0; !key && panels[i]; i++)
		if (g_str_has_prefix(panels[i], text))
			offer(out, panels[i], "Panel where the key holds");
}

static void complete_server(const char *begin, GPtrArray *out)
{
	g_auto(GStrv) servers = trusted_list();

	for (char **server = servers; *server; server++) {
		g_autofree char *key = trusted_key(*server);
		g_autofree char *name = text_clean_name(*server);
		if (key && g_str_has_prefix(name, begin))
			offer(out, name, key);
	}
}

static Flags storable(App *app)
{
	Mailbox *m = index_mailbox(app->index);

	return m ? mailbox_storable(m) : 0;
}

/* The last of several words, among those of `flags`. */
static void complete_keyword(App *app, const char *text, Flags flags, GPtrArray *out)
{
	Mailbox *m = index_mailbox(app->index);
	const FlagNames *names = m ? mailbox_flag_names(m) : NULL;
	const char *blank = strrchr(text, ' '), *begin = blank ? blank + 1 : text;

	for (unsigned i = 0; names && i < flags_keyword_count(names); i++) {
		const char *name = flags_keyword(names, i);
		if (!(flags & flags_keyword_bit(i)) ||
		    g_ascii_strncasecmp(name, begin, strlen(begin)) != 0)
			continue;
		g_auto(GStrv) signs = mailbox_keyword_signs(m, flags_keyword_bit(i));
		g_autofree char *clean = text_clean_name(name);
		offer(out, clean,
		      signs && signs[0] && !g_str_equal(signs[0], name) ? signs[0] : "");
	}
}

/* "SET FLAGS  Change flags"; what UID does the same of is told there. */
static char *verb_help(const CommandSpec *spec)
{
	g_autofree char *usage = argument_usage(spec);
	const char *arguments = usage + (*spec->verb ? strlen(spec->verb) : strlen("xatom"));
	const CommandSpec *plain =
		g_str_has_prefix(spec->verb, "UID ") ? command_find(spec->verb + 4) : NULL;

	return g_strdup_printf("%s%s%s%s", arguments + strspn(arguments, " "),
			       *arguments ? "  " : "", plain ? plain->help : spec->help,
			       plain ? ", by UID" : "");
}

static void complete_verbs(const char *begin, GPtrArray *out)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const CommandSpec *spec = &command_table[i];
		g_autofree char *verb = g_ascii_strdown(*spec->verb ? spec->verb : "xatom", -1);
		g_autofree char *help = verb_help(spec);

		if (!(spec->flags & COMMAND_UNSHARED) &&
		    g_ascii_strncasecmp(verb, begin, strlen(begin)) == 0)
			offer(out, verb, help);
	}
}

/* The verb; behind it a folder where one is to be named, else how the verb is used. */
static void complete_imap(App *app, const char *text, GPtrArray *out)
{
	g_autoptr(GPtrArray) words = words_split(text, NULL);
	const char *blank = strrchr(text, ' ');
	bool behind = blank && !blank[1];
	guint first = 0;
	const CommandSpec *spec = words && words->len ? call_find(words, &first, NULL) : NULL;

	if (!spec || first == 0 || !blank || words->len + behind <= first) {
		complete_verbs(text, out);
		return;
	}
	if (argument_is_mailbox(spec, words->len + behind - first - 1)) {
		complete_folders(app, blank + 1, out);
		return;
	}
	g_autofree char *help = verb_help(spec);
	offer(out, "", help);
}

static void complete_argument(App *app, const Action *action, const char *text, GPtrArray *out)
{
	switch (action->args) {
	case ARGS_PATH:
		complete_path(text, out);
		break;
	case ARGS_BIND:
		complete_binding(app, text, out);
		break;
	case ARGS_FOLDER:
		complete_folders(app, text, out);
		break;
	case ARGS_SORT:
		complete_choices(sort_option(), text, out);
		break;
	case ARGS_OPTION:
		complete_option(app, text, out);
		break;
	case ARGS_QUERY:
		complete_query(text, out);
		break;
	case ARGS_SERVER:
		complete_server(text, out);
		break;
	case ARGS_KEYWORD:
		complete_keyword(app, text, storable(app), out);
		break;
	case ARGS_CARRIED:
		complete_keyword(app, text, app_target_flags(app), out);
		break;
	case ARGS_IMAP:
		complete_imap(app, text, out);
		break;
	case ARGS_NONE:
	case ARGS_NUMBER:
	case ARGS_TEXT:
		break;
	}
}

char **cmdline_complete(App *app, const char *line, size_t cursor)
{
	g_autofree char *before = g_strndup(line, cursor);
	GPtrArray *out = g_ptr_array_new();
	const char *start = before + strspn(before, " ");
	const char *blank = strchr(start, ' ');

	if (!blank) {
		complete_commands(app, start, out);
	} else {
		g_autofree char *name = g_strndup(start, blank - start);
		const Action *action = find_command(name, NULL);
		if (action)
			complete_argument(app, action, blank + strspn(blank, " "), out);
	}
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}
