/* config - the INI file: [account NAME], [ui], [keys CONTEXT], [colors].  A line reader of our own:
 * every complaint is "file:line: what: did you mean …?", and no bad line ever stops the start.
 * Pure but for reading the file. */
#ifndef SHEAF_UI_CONFIG_H
#define SHEAF_UI_CONFIG_H

#include <glib.h>
#include "core/base/option.h"
#include "ui/command/keymap.h"
#include "ui/term/option.h"

typedef struct {
	char *name;
	AccountOptions options;
	bool password_in_url; /* warn: a password is written in a file */
} ConfigAccount;

typedef struct {
	UiOptions ui;
	GPtrArray *accounts;   /* ConfigAccount*, owned, in file order */
	Keymap *keymap;        /* borrowed: [keys …] are bound here */
	GPtrArray *complaints; /* char*, owned */
} Config;

/* Defaults. */
Config *config_new(Keymap *keymap);
void config_free(Config *c);

/* $SHEAF_CONFIG, else $XDG_CONFIG_HOME/sheaf/config. Caller frees. */
char *config_default_path(void);

/* Reads the file (at most 1 MiB).  False with a sentence only where it cannot be read at all, or is
 * refused because others can write it, or read it while it holds a password (T188: the fix named).
 * A missing default file is fine: `must_exist` false. */
bool config_load(Config *c, const char *path, bool must_exist, GError **error);

/* The same of what the option --config says: a file, which must exist, "none", or NULL for the
 * default. */
bool config_load_named(Config *c, const char *path, GError **error);

/* The account of that name, NULL for the first; NULL where there is none.  Borrowed. */
const ConfigAccount *config_account(const Config *c, const char *name);

/* "ui option value" words of --set and :set. */
bool config_set(Config *c, const char *name, const char *value, GError **error);

#endif
