/* thread_private - what thread.c, thread_apply.c and thread_order.c share; nobody else includes it.
 */
#ifndef SHEAF_CORE_THREAD_PRIVATE_H
#define SHEAF_CORE_THREAD_PRIVATE_H

#include "core/mailbox/thread.h"

/* A link: 0 for none, else an index + 1, with LINK_GHOST in the array of ghosts. */
#define LINK_GHOST UINT32_C(0x10000000)
#define LINK_MASK  UINT32_C(0x1fffffff)
/* Beside the link, in the same number. */
#define HAS_CHILD UINT32_C(0x20000000) /* had one at some time */
#define TOLD      UINT32_C(0x40000000) /* by a server; a ghost: is the message that it links to */
#define GONE      UINT32_C(0x80000000) /* a message that was removed */

struct Thread {
	uint32_t n, capacity;
	uint32_t *uid;
	uint32_t *up;  /* link to the parent, with its flags */
	uint64_t *key; /* hash of the Message-ID, 0 while unknown */
	uint32_t ghosts, ghost_capacity;
	uint32_t *ghost_up;
	uint64_t *ghost_key;
	uint32_t *slots; /* links by key: open addressing */
	uint32_t n_slots, used_slots;
	bool told;       /* a server has answered, */
	bool by_subject; /* and joined what has the same subject */
	uint32_t unsure;
	uint8_t *sure; /* a bit a message; only once a server has answered */
	uint32_t *order;
	bool ordered;
	unsigned moves;
};

static inline uint32_t *thread_up_of(Thread *t, uint32_t link)
{
	uint32_t i = (link & ~LINK_GHOST & LINK_MASK) - 1;

	return link & LINK_GHOST ? &t->ghost_up[i] : &t->up[i];
}

/* A ghost whose message has come stands for it. */
static inline uint32_t thread_resolve(Thread *t, uint32_t link)
{
	link &= LINK_MASK;
	if (link & LINK_GHOST) {
		uint32_t up = *thread_up_of(t, link);
		if (up & TOLD)
			return up & LINK_MASK;
	}
	return link;
}

static inline uint32_t thread_parent_link(Thread *t, uint32_t link)
{
	return thread_resolve(t, *thread_up_of(t, link));
}

/* Where the link of that id stands, or would: 0. */
uint32_t *thread_slot_of(const Thread *t, uint64_t key);
/* Its link. */
uint32_t thread_add_ghost(Thread *t, uint64_t key);
void thread_set_sure(Thread *t, uint32_t i, bool sure);

/* Message `i` hangs below `parent` now, a link: in the order it goes there, or all are to be put in
 * order. */
void thread_place(Thread *t, uint32_t i, uint32_t parent);

#endif
