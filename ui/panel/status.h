/* status - the last lines: notices (they stay until the next key), errors (long enough to be read,
 * and until the next key), progress with its cancel key, keys typed so far, and the line of hints
 * of the focused panel. */
#ifndef SHEAF_UI_STATUS_H
#define SHEAF_UI_STATUS_H

#include "core/account/job.h"
#include "ui/widget/pane.h"

Pane *status_new(void);
/* A sentence in that style; replaces the one before; also logged. `fmt` as printf; cleaned. */
void status_say(Pane *status, Style style, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
/* A key was pressed: what was said may go, but not an error that was said a moment ago. */
void status_clear(Pane *status);
/* How far the job is, or NULL: nothing is going on.  A quiet one is shown where the message leaves
 * room for it. */
void status_progress(Pane *status, const JobProgress *progress);
/* Keys of an unfinished sequence, "" for none. */
void status_keys(Pane *status, const char *keys);
/* The hint line: "Enter open  d delete …", "" hides. Pairs of key and word, NULL-terminated. */
void status_hints(Pane *status, const char *const *pairs);

#endif
