/* sendqueue - bytes that wait to be sent, as blocks in their order.  Small ones are gathered, so
 * that they leave in one piece; large ones are never copied whole.  Used by transport.c only. */
#ifndef SHEAF_CORE_SENDQUEUE_H
#define SHEAF_CORE_SENDQUEUE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENDQUEUE_CHUNK 16384

typedef struct {
	GQueue blocks;      /* GBytes* */
	size_t head_sent;   /* bytes of the first that are gone */
	uint64_t sent, put; /* in all */
} SendQueue;

void sendqueue_init(SendQueue *queue);

/* Forgets what waits; it counts as unsent for ever.  The queue can be used again. */
void sendqueue_clear(SendQueue *queue);

/* Takes a reference. */
void sendqueue_put(SendQueue *queue, GBytes *bytes);

/* The next `*len` bytes, at most SENDQUEUE_CHUNK: in `buf`, which holds as many, or in place.  0
 * where only empty blocks wait, which sendqueue_take() of 0 then forgets. */
const char *sendqueue_peek(const SendQueue *queue, char *buf, size_t *len);

/* The first `n` bytes are sent. */
void sendqueue_take(SendQueue *queue, size_t n);

bool sendqueue_is_empty(const SendQueue *queue);

#endif
