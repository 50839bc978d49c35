/* owner - a lock that says that an instance of the program lives.  Each has a file of its own in
 * the state directory and keeps it locked until it ends, in whichever way: the lock of a dead
 * process is gone with it, and what is left of the file blocks nobody (T181).
 * Blocks on the disk: called in the worker's thread only. */
#ifndef SHEAF_CORE_OWNER_H
#define SHEAF_CORE_OWNER_H

#include <glib.h>
#include <stdbool.h>

typedef struct Owner Owner;

/* Where the file system keeps no locks: an error, one sentence (T182). `directory` exists. */
Owner *owner_new(const char *directory, GError **error);
/* Unlocks and removes the file.  NULL is allowed. */
void owner_free(Owner *owner);

/* Unique among all instances of all times. */
const char *owner_name(const Owner *owner);

/* Whether the instance of that name has ended.  Where that cannot be found out it is taken to live.
 */
bool owner_is_dead(const Owner *owner, const char *name);

/* Removes what all the dead left of their locks. */
void owner_bury(const Owner *owner);

#endif
