/* place - where the things that tests need lie: the program, the source tree, unpacked servers,
 * directories of their own. */
#ifndef SHEAF_TESTS_PLACE_H
#define SHEAF_TESTS_PLACE_H

#include <stdbool.h>

/* $SHEAF_BINARY, else ./sheaf; absolute. */
const char *place_binary(void);

/* A file of the source tree ($SHEAF_SOURCE, else $srcdir, else . or ..), absolute.  Caller frees.
 */
char *place_source(const char *file);

/* A new directory below $TMPDIR that everybody may enter.  Caller frees, after place_remove(). */
char *place_temporary(void);

/* Removes a directory and all in it; NULL is harmless. */
void place_remove(const char *directory);

#endif
