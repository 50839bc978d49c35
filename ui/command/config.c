#include "ui/command/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "mime/text.h"
#include "ui/term/theme.h"

#define FILE_MAX_BYTES (1024 * 1024)
/* More mistakes than these are one mistake: the wrong file. */
#define COMPLAINTS_MAX 100

typedef enum { GROUP_NONE, GROUP_ACCOUNT, GROUP_UI, GROUP_KEYS, GROUP_COLORS, GROUP_SKIP } Group;

/* Where the reader is. */
typedef struct {
	Config *config;
	const char *path;
	unsigned line;
	Group group;
	char *group_text; /* "[account me]", for complaints */
	ConfigAccount *account;
	unsigned contexts; /* [keys …] */
} Reader;

static void account_free(void *data)
{
	ConfigAccount *account = data;

	option_clear(&account->options, account_option_table);
	g_free(account->name);
	g_free(account);
}

Config *config_new(Keymap *keymap)
{
	Config *c = g_new0(Config, 1);

	option_init(&c->ui, ui_option_table);
	c->accounts = g_ptr_array_new_with_free_func(account_free);
	c->complaints = g_ptr_array_new_with_free_func(g_free);
	c->keymap = keymap;
	return c;
}

void config_free(Config *c)
{
	if (!c)
		return;
	option_clear(&c->ui, ui_option_table);
	g_ptr_array_unref(c->accounts);
	g_ptr_array_unref(c->complaints);
	g_free(c);
}

char *config_default_path(void)
{
	const char *named = g_getenv("SHEAF_CONFIG");

	if (named && *named)
		return g_strdup(named);
	return g_build_filename(g_get_user_config_dir(), "sheaf", "config", NULL);
}

/* --- complaints --- */

static void complain(Reader *r, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void complain(Reader *r, const char *fmt, ...)
{
	va_list args;

	if (r->config->complaints->len >= COMPLAINTS_MAX)
		return;
	va_start(args, fmt);
	g_autofree char *what = g_strdup_vprintf(fmt, args);
	va_end(args);
	g_autofree char *whole = g_strdup_printf("%s:%u: %s", r->path, r->line, what);
	g_ptr_array_add(r->config->complaints, text_clean(whole, TEXT_ONE_LINE));
}

/* ": did you mean "x"?" or nothing; the caller frees. */
static char *suggestion(const char *const *words, const char *name)
{
	const char *nearest = option_nearest(words, name);

	return nearest ? g_strdup_printf(": did you mean \"%s\"?", nearest) : g_strdup("");
}

static char *suggest_option(const OptionSpec *table, const char *name)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();

	for (const OptionSpec *spec = table; spec->name; spec++)
		g_ptr_array_add(words, (void *)spec->name);
	g_ptr_array_add(words, NULL);
	return suggestion((const char *const *)words->pdata, name);
}

/* --- groups --- */

static void begin_account(Reader *r, const char *name)
{
	if (!*name) {
		complain(r, "[account] wants a name: [account me]");
		r->group = GROUP_SKIP;
		return;
	}
	for (unsigned i = 0; i < r->config->accounts->len; i++) {
		ConfigAccount *account = g_ptr_array_index(r->config->accounts, i);
		if (g_str_equal(account->name, name)) {
			complain(r, "there is an account %s already; this adds to it", name);
			r->account = account;
			return;
		}
	}
	r->account = g_new0(ConfigAccount, 1);
	r->account->name = g_strdup(name);
	option_init(&r->account->options, account_option_table);
	g_ptr_array_add(r->config->accounts, r->account);
}

static void begin_keys(Reader *r, const char *name)
{
	static const char *const panels[] = {"index", "pager", "folders", "parts",
					     "list",  "all",   NULL};

	r->contexts = keymap_context(*name ? name : "all");
	if (r->contexts)
		return;
	g_autofree char *hint = suggestion(panels, name);
	complain(r, "unknown panel \"%s\" in [keys]%s", name, hint);
	r->group = GROUP_SKIP;
}

static void begin_group(Reader *r, const char *header)
{
	static const char *const names[] = {"account", "ui", "keys", "colors", NULL};
	static const Group groups[] = {GROUP_ACCOUNT, GROUP_UI, GROUP_KEYS, GROUP_COLORS};
	g_auto(GStrv) words = g_strsplit(header, " ", 2);
	const char *rest = words[0] && words[1] ? g_strstrip(words[1]) : "";

	g_free(r->group_text);
	r->group_text = g_strdup_printf("[%s]", header);
	r->group = GROUP_SKIP;
	for (int i = 0; names[i]; i++)
		if (g_strcmp0(words[0], names[i]) == 0)
			r->group = groups[i];
	if (r->group == GROUP_ACCOUNT) {
		begin_account(r, rest);
	} else if (r->group == GROUP_KEYS) {
		begin_keys(r, rest);
	} else if (r->group == GROUP_SKIP) {
		g_autofree char *hint = suggestion(names, words[0] ? words[0] : "");
		complain(r, "unknown group [%s]%s", header, hint);
	}
}

/* --- settings --- */

static bool url_has_password(const char *url)
{
	const char *authority = strstr(url, "://");
	const char *at = authority ? strrchr(authority + 3, '@') : NULL;

	return at && memchr(authority + 3, ':', at - authority - 3);
}

static void set_option(Reader *r, void *options, const OptionSpec *table, const char *name,
		       const char *value)
{
	g_autoptr(GError) error = NULL;

	if (!option_find(table, name)) {
		g_autofree char *hint = suggest_option(table, name);
		complain(r, "unknown key \"%s\" in %s%s", name, r->group_text, hint);
	} else if (!option_set(options, table, name, value, &error)) {
		complain(r, "%s", error->message);
	}
}

static void set_account(Reader *r, const char *name, const char *value)
{
	set_option(r, &r->account->options, account_option_table, name, value);
	if (g_str_equal(name, "url"))
		r->account->password_in_url = url_has_password(value);
}

static void set_key(Reader *r, const char *keys, const char *line)
{
	g_autoptr(GError) error = NULL;

	if (!keymap_bind(r->config->keymap, r->contexts, keys, line, &error))
		complain(r, "%s", error->message);
}

static void set_color(Reader *r, const char *style, const char *spec)
{
	g_autoptr(GError) error = NULL;

	if (!theme_set(style, spec, &error))
		complain(r, "%s", error->message);
}

/* Quotes keep blanks at the ends. */
static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || value[0] != '"' || value[len - 1] != '"')
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

static void read_setting(Reader *r, char *line)
{
	char *equal = strchr(line, '=');

	if (!equal) {
		complain(r, "expected \"key = value\", not \"%.60s\"", line);
		return;
	}
	*equal = '\0';
	char *name = g_strstrip(line), *value = unquote(g_strstrip(equal + 1));
	switch (r->group) {
	case GROUP_NONE:
		complain(r, "\"%s\" stands before the first [group]", name);
		break;
	case GROUP_ACCOUNT:
		set_account(r, name, value);
		break;
	case GROUP_UI:
		set_option(r, &r->config->ui, ui_option_table, name, value);
		break;
	case GROUP_KEYS:
		set_key(r, name, value);
		break;
	case GROUP_COLORS:
		set_color(r, name, value);
		break;
	case GROUP_SKIP:
		break;
	}
}

static void read_line(Reader *r, char *line)
{
	size_t len = strlen(g_strstrip(line));

	if (len == 0 || line[0] == '#' || line[0] == ';')
		return;
	if (line[0] == '[' && line[len - 1] == ']') {
		line[len - 1] = '\0';
		begin_group(r, g_strstrip(line + 1));
	} else {
		read_setting(r, line);
	}
}

static void read_text(Reader *r, char *text)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";

	if (g_str_has_prefix(text, byte_order_mark))
		text += strlen(byte_order_mark);
	while (text) {
		char *end = strchr(text, '\n');
		if (end)
			*end = '\0';
		r->line++;
		if (g_utf8_validate(text, -1, NULL))
			read_line(r, text);
		else
			complain(r, "this line is not UTF-8");
		text = end ? end + 1 : NULL;
	}
}

/* --- the file --- */

static bool refuse(GError **error, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE, text);
	return false;
}

/* Whoever can write here runs commands as us (password-command). */
static bool check_writers(const char *path, const struct stat *info, GError **error)
{
	if (!S_ISREG(info->st_mode))
		return refuse(error, "%s is not a file.", path);
	if (info->st_size > FILE_MAX_BYTES)
		return refuse(error, "%s has more than 1 MiB: this is no configuration file.",
			      path);
	if (info->st_mode & (S_IWGRP | S_IWOTH))
		return refuse(error, "Others can write %s; take that away: chmod go-w %s", path,
			      path);
	return true;
}

/* A password in a file that others can read, or replace by way of a directory, is refused (T188).
 */
static bool check_readers(const Config *c, const char *path, const struct stat *info,
			  GError **error)
{
	bool secret = false;

	for (unsigned i = 0; i < c->accounts->len; i++)
		secret |= ((ConfigAccount *)g_ptr_array_index(c->accounts, i))->password_in_url;
	if (!secret)
		return true;
	if (info->st_mode & (S_IRGRP | S_IROTH))
		return refuse(error,
			      "%s holds a password and others can read it: chmod 600 %s, or "
			      "better use password-command.",
			      path, path);
	for (g_autofree char *dir = g_path_get_dirname(path);;) {
		struct stat parent;
		if (stat(dir, &parent) == 0 && (parent.st_mode & S_IWOTH) &&
		    !(parent.st_mode & S_ISVTX))
			return refuse(error,
				      "%s holds a password and others can write its directory: "
				      "chmod o-w %s",
				      path, dir);
		char *up = g_path_get_dirname(dir);
		bool top = g_str_equal(up, dir);
		g_free(dir);
		dir = up;
		if (top)
			return true;
	}
}

static char *read_all(int fd, size_t size)
{
	char *text = g_malloc(size + 1);
	size_t at = 0;
	ssize_t n;

	while (at < size && (n = read(fd, text + at, size - at)) > 0)
		at += n;
	text[at] = '\0';
	/* A NUL would hide the rest; so its line is complained of. */
	for (char *nul = text; (nul = memchr(nul, '\0', at - (nul - text))) != NULL;)
		*nul = '\xff';
	return text;
}

bool config_load(Config *c, const char *path, bool must_exist, GError **error)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT && !must_exist)
		return true;
	if (fd < 0)
		return refuse(error, "The configuration file %s cannot be read: %s", path,
			      g_strerror(errno));
	if (fstat(fd, &info) != 0 || !check_writers(path, &info, error)) {
		close(fd);
		return false;
	}
	g_autofree char *text = read_all(fd, info.st_size);
	close(fd);
	Reader reader = {.config = c, .path = path, .group_text = g_strdup("")};
	read_text(&reader, text);
	g_free(reader.group_text);
	return check_readers(c, path, &info, error);
}

bool config_load_named(Config *c, const char *path, GError **error)
{
	g_autofree char *standard = path ? NULL : config_default_path();

	return g_strcmp0(path, "none") == 0 ||
	       config_load(c, path ? path : standard, path != NULL, error);
}

const ConfigAccount *config_account(const Config *c, const char *name)
{
	for (unsigned i = 0; i < c->accounts->len; i++) {
		const ConfigAccount *account = g_ptr_array_index(c->accounts, i);
		if (!name || g_str_equal(name, account->name))
			return account;
	}
	return NULL;
}

bool config_set(Config *c, const char *name, const char *value, GError **error)
{
	if (option_find(ui_option_table, name))
		return option_set(&c->ui, ui_option_table, name, value, error);
	g_autofree char *hint = suggest_option(ui_option_table, name);
	return refuse(error, "There is no option \"%s\"%s", name, *hint ? hint : ".");
}
