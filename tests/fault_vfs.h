/* fault_vfs - SQLite's file system with a hook before every call that changes a file, which may let
 * it pass, fail it, or end the process.  For tests of what is left behind. */
#ifndef SHEAF_TESTS_FAULT_VFS_H
#define SHEAF_TESTS_FAULT_VFS_H

#include <stdbool.h>

typedef enum { FAULT_WRITE, FAULT_SYNC, FAULT_TRUNCATE, FAULT_DELETE, FAULT_LOCK } FaultCall;

/* What the call returns: 0 lets it pass, else an SQLITE_ code.  From any thread. */
typedef int (*FaultHook)(FaultCall call, const char *path, void *data);

/* Becomes the default of this process; to be called once, before a database is opened. */
void fault_vfs_install(FaultHook hook, void *data);

#endif
