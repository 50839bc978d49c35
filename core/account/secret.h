/* secret - a password in memory of its own: locked against swapping and left out of core dumps
 * where the system allows it, wiped when freed (T191). */
#ifndef SHEAF_CORE_SECRET_H
#define SHEAF_CORE_SECRET_H

/* A copy of `text`; NULL for NULL.  Free with secret_free(). */
char *secret_new(const char *text);
void secret_free(char *secret);

/* From now on this process leaves no core behind, and strangers cannot look into it. */
void secret_guard_process(void);

#endif
