/* save - bytes to a new file, off the main thread: without a name in the same directory (with a
 * temporary one where the file system knows no other), fsync, then a link that never replaces what
 * is there.  Mode 0600. */
#ifndef SHEAF_UI_SAVE_H
#define SHEAF_UI_SAVE_H

#include <glib.h>
#include <stdbool.h>

typedef struct Save Save;

/* `error` NULL: the file is complete and on disk. Comes once, from the loop. */
typedef void (*SaveDone)(const char *path, const GError *error, void *data);

/* Begins a file whose bytes come in pieces, as in transfer_decode() of that `encoding` (NULL: as
 * they are).  It ends by one of save_end() and save_cancel(), which take it over. */
Save *save_begin(const char *path, const char *encoding);

/* Ahead of the first piece: they are decoded already. */
void save_set_decoded(Save *save);

/* The next piece; returns at once. */
void save_add(Save *save, GBytes *bytes);

/* More is waiting for the disk than should be. */
bool save_is_full(const Save *save);

/* That was all. */
void save_end(Save *save_take, SaveDone done, void *data);

/* Nothing is left of it. */
void save_cancel(Save *save_take);

/* All at once. */
void save_bytes(const char *path, GBytes *bytes, SaveDone done, void *data);

/* `~/x` expanded, a directory given gets `name` appended; caller frees. */
char *save_path(const char *typed, const char *name);

#endif
