/* keymap - sequences of keys per context to command lines: a trie filled from action.def's
 * defaults, then from [keys …] and :bind. Pure. */
#ifndef SHEAF_UI_KEYMAP_H
#define SHEAF_UI_KEYMAP_H

#include "ui/command/action.h"
#include "ui/term/key.h"

typedef struct Keymap Keymap;

/* With the defaults of action_table. */
Keymap *keymap_new(void);
void keymap_free(Keymap *m);

/* `contexts` are CONTEXT_ bits; `line` is a command line, "" unbinds.  The command must exist.  The
 * last binding wins: a key takes the place of the sequences that began with it, a sequence that of
 * its beginnings. */
bool keymap_bind(Keymap *m, unsigned contexts, const char *keys, const char *line, GError **error);

typedef enum { KEYMAP_NONE, KEYMAP_PENDING, KEYMAP_RUN } KeymapResult;

/* Feeds one key in that context.  RUN: `*line` is what to run (borrowed), `*count` the digits typed
 * before (0: none), both until the next bind.  PENDING: more keys are to come (keymap_pending()
 * tells what), or Esc took back what was typed.  NONE: not bound; the state is reset. */
KeymapResult keymap_feed(Keymap *m, unsigned context, Key key, const char **line, long *count);
void keymap_reset(Keymap *m);

/* What was typed so far ("g"), or "". Caller frees. */
char *keymap_pending(const Keymap *m);
/* The continuations of what was typed: for the pop-up behind a prefix key. */
void keymap_foreach_continuation(Keymap *m, unsigned context,
				 void (*each)(const char *keys, const char *line, void *data),
				 void *data);

/* "d, <Delete>": the keys that run this line in that context; "" where none. Caller frees. */
char *keymap_keys_for(const Keymap *m, unsigned context, const char *line);

/* "index" "pager" "folders" "parts" "list" "all" to bits; 0 where unknown. */
unsigned keymap_context(const char *name);

#endif
