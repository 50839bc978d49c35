/* save - bytes to a new file, off the main thread: temporary name in the same directory, fsync,
 * then a link that never replaces what is there.  Mode 0600. */
#ifndef SHEAF_UI_SAVE_H
#define SHEAF_UI_SAVE_H

#include <glib.h>

/* `error` NULL: the file is complete and on disk. Comes once, from the loop. */
typedef void (*SaveDone)(const char *path, const GError *error, void *data);

void save_bytes(const char *path, GBytes *bytes, SaveDone done, void *data);

/* `~/x` expanded, a directory given gets `name` appended; caller frees. */
char *save_path(const char *typed, const char *name);

#endif
