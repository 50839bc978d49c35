#include "core/base/arena.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT  _Alignof(max_align_t)

typedef struct Block Block;

struct Block {
	Block *next;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

typedef struct Owned Owned;

struct Owned {
	Owned *next;
	void *object;
	GDestroyNotify free_fn;
};

struct Arena {
	Block *kept; /* survives every reset, so that small responses never touch malloc */
	Block *more; /* newest first */
	char *at, *end;
	Owned *owned; /* newest first: the nodes lie in the arena itself */
};

static Block *block_new(size_t size)
{
	Block *block = g_malloc(sizeof(Block) + size);
	block->next = NULL;
	block->size = size;
	return block;
}

static void arena_use(Arena *arena, Block *block)
{
	arena->at = block->bytes;
	arena->end = block->bytes + block->size;
}

static void *arena_alloc_block(Arena *arena, size_t size)
{
	/* A large object gets a block to itself and leaves the current one in use. */
	bool alone = size > BLOCK_SIZE / 4;
	Block *block = block_new(alone ? size : BLOCK_SIZE);
	block->next = arena->more;
	arena->more = block;
	if (alone)
		return memset(block->bytes, 0, size);
	arena_use(arena, block);
	arena->at += size;
	return memset(block->bytes, 0, size);
}

static void arena_free_owned(Arena *arena)
{
	while (arena->owned != NULL) {
		Owned *owned = arena->owned;
		arena->owned = owned->next;
		if (owned->object != NULL)
			owned->free_fn(owned->object);
	}
}

static void arena_free_blocks(Arena *arena)
{
	while (arena->more != NULL) {
		Block *block = arena->more;
		arena->more = block->next;
		g_free(block);
	}
}

Arena *arena_new(void)
{
	Arena *arena = g_new0(Arena, 1);
	arena->kept = block_new(BLOCK_SIZE);
	arena_use(arena, arena->kept);
	return arena;
}

void arena_free(Arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	g_free(arena->kept);
	g_free(arena);
}

void *arena_alloc(Arena *arena, size_t size)
{
	g_assert(size <= SIZE_MAX / 2);
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (G_UNLIKELY(size > (size_t)(arena->end - arena->at)))
		return arena_alloc_block(arena, size);
	void *start = arena->at;
	arena->at += size;
	return memset(start, 0, size);
}

char *arena_strndup(Arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);
	if (len > 0)
		memcpy(copy, text, len);
	return copy;
}

void *arena_append(Arena *arena, void *items, size_t n, size_t size)
{
	/* The capacity is implied: 4, then every power of two. */
	if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
		return items;
	size_t capacity = n == 0 ? 4 : 2 * n;
	void *grown = arena_alloc(arena, capacity * size);
	if (n > 0)
		memcpy(grown, items, n * size);
	return grown;
}

void arena_own(Arena *arena, void *object, GDestroyNotify free_fn)
{
	Owned *owned = arena_alloc(arena, sizeof(Owned));
	owned->object = object;
	owned->free_fn = free_fn;
	owned->next = arena->owned;
	arena->owned = owned;
}

bool arena_disown(Arena *arena, void *object)
{
	for (Owned *owned = arena->owned; owned != NULL; owned = owned->next) {
		if (owned->object == object) {
			owned->object = NULL;
			return object != NULL;
		}
	}
	return false;
}

void arena_reset(Arena *arena)
{
	arena_free_owned(arena);
	if (arena->more != NULL)
		arena_free_blocks(arena);
	arena_use(arena, arena->kept);
}
