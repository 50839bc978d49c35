/* cmdline - the one parser for what is typed behind ':' and what a key runs. */
#ifndef SHEAF_UI_CMDLINE_H
#define SHEAF_UI_CMDLINE_H

#include "ui/command/action.h"

/* "delete", "move lists/sheaf", "set wrap 72", "17": a name (unique beginnings are enough) and the
 * rest.  False with a sentence: unknown command (nearest named), not available now (why), or an
 * argument that it does not take. */
bool cmdline_run(App *app, const char *line, long count, GError **error);

/* Candidates for the word at `cursor` (bytes) of `line`, NULL-terminated: commands with their help,
 * folders, options, values.  "text\thelp" each.  Free with g_strfreev(). */
char **cmdline_complete(App *app, const char *line, size_t cursor);

#endif
