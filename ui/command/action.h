/* action - the table of commands (action.def): lookup, why-not, running.  Bodies are in act_*.c,
 * 3 to 20 lines each; a forgotten body is a link error. */
#ifndef SHEAF_UI_ACTION_H
#define SHEAF_UI_ACTION_H

#include <glib.h>
#include <stdbool.h>
#include "ui/widget/pane.h"

typedef struct App App;

enum {
	NEEDS_MAILBOX = 1 << 0,  /* a folder is open */
	NEEDS_MESSAGE = 1 << 1,  /* there is a message under the cursor, tagged or being read */
	NEEDS_WRITABLE = 1 << 2, /* the open folder is not read-only */
	NEEDS_FOLDER = 1 << 3,   /* there is a folder under the cursor of the tree */
	NEEDS_FOLDERS = 1 << 4,  /* the folder list is known */
	NEEDS_ONLINE = 1 << 5,
	NEEDS_THREADS = 1 << 6 /* the list shows threads */
};

typedef enum {
	ARGS_NONE,
	ARGS_NUMBER,
	ARGS_TEXT,
	ARGS_QUERY,
	ARGS_FOLDER,
	ARGS_SORT,
	ARGS_OPTION,
	ARGS_PATH,
	ARGS_BIND,
	ARGS_SERVER,
	ARGS_KEYWORD, /* one that the folder has, or another */
	ARGS_CARRIED, /* one that what it acts on has */
	ARGS_IMAP     /* an IMAP command */
} ArgsKind;

/* `text` is the rest of the command line behind the name, stripped; NULL where none was given: the
 * action then prompts where it needs one.  `count` is the number typed before a key, 1 without,
 * `has_count` tells. */
typedef struct {
	const char *text;
	long count;
	bool has_count;
} Args;

typedef struct {
	const char *name;
	unsigned contexts, needs;
	const char *keys;
	ArgsKind args;
	const char *help;
	void (*run)(App *app, const Args *args);
} Action;

extern const Action action_table[]; /* ends with a row whose name is NULL */

/* By name or alias; NULL where unknown. */
const Action *action_find(const char *name);
/* The command line that an alias stands for, NULL where it is none. */
const char *action_alias(const char *name);

/* NULL where it can run now, else the reason as a sentence, static ("This folder is read-only.").
 * `context` is that of the focused pane: a key bound elsewhere is "not for this panel". */
const char *action_unavailable(const Action *action, App *app, unsigned context);

#define ACTION(id, name, contexts, needs, keys, args, help)                                        \
	void action_##id(App *app, const Args *args);
#define ALIAS(short, line)
#include "ui/command/action.def"
#undef ACTION
#undef ALIAS

#endif
