/* arena - memory that dies together: everything a Response points to.  Bump allocation, reset and
 * reused for the next response. */
#ifndef SHEAF_CORE_ARENA_H
#define SHEAF_CORE_ARENA_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)

/* Zeroed, aligned for any type, valid until arena_reset(). Never NULL. */
void *arena_alloc(Arena *arena, size_t size);
char *arena_strndup(Arena *arena, const char *text, size_t len);

/* An array that grows by one: `items` holds `n` of `size` bytes each (NULL where n is 0), what
 * comes back has room for n + 1, the last one zero.  Amortised constant; only for arrays grown by
 * this. */
void *arena_append(Arena *arena, void *items, size_t n, size_t size);

/* `free_fn(object)` runs at the next reset: for the few heap objects a response owns. */
void arena_own(Arena *arena, void *object, GDestroyNotify free_fn);

/* Takes the object back from the arena; false where it was not owned. */
bool arena_disown(Arena *arena, void *object);

/* Frees all but one block. */
void arena_reset(Arena *arena);

#endif
