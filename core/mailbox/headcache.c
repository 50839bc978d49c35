#include "core/mailbox/headcache.h"

struct HeadCache {
	GHashTable *links; /* UID -> GList of `used` */
	GQueue used;       /* of MessageHead, the least recently used first */
	size_t memory;
};

static void drop(HeadCache *cache, GList *link)
{
	MessageHead *head = link->data;

	g_hash_table_remove(cache->links, GUINT_TO_POINTER(message_uid(head)));
	cache->memory -= message_memory(head);
	g_queue_delete_link(&cache->used, link);
	message_unref(head);
}

static GList *find(const HeadCache *cache, uint32_t uid)
{
	return g_hash_table_lookup(cache->links, GUINT_TO_POINTER(uid));
}

HeadCache *headcache_new(void)
{
	HeadCache *cache = g_new0(HeadCache, 1);

	cache->links = g_hash_table_new(NULL, NULL);
	g_queue_init(&cache->used);
	return cache;
}

void headcache_free(HeadCache *cache)
{
	headcache_clear(cache);
	g_hash_table_unref(cache->links);
	g_free(cache);
}

void headcache_put(HeadCache *cache, MessageHead *head_take)
{
	uint32_t uid = message_uid(head_take);
	GList *old = find(cache, uid);

	if (old != NULL)
		drop(cache, old);
	g_queue_push_tail(&cache->used, head_take);
	g_hash_table_insert(cache->links, GUINT_TO_POINTER(uid), cache->used.tail);
	cache->memory += message_memory(head_take);
	while (cache->used.length > 1 &&
	       (cache->used.length > HEADCACHE_HEADS_MAX || cache->memory > HEADCACHE_MEMORY_MAX))
		drop(cache, cache->used.head);
}

MessageHead *headcache_get(HeadCache *cache, uint32_t uid)
{
	GList *link = find(cache, uid);

	if (link == NULL)
		return NULL;
	g_queue_unlink(&cache->used, link);
	g_queue_push_tail_link(&cache->used, link);
	return link->data;
}

bool headcache_has(const HeadCache *cache, uint32_t uid)
{
	return find(cache, uid) != NULL;
}

void headcache_remove(HeadCache *cache, const UidSet *uids)
{
	/* There are few heads; a set may hold a million. */
	for (GList *link = cache->used.head, *next; link != NULL; link = next) {
		next = link->next;
		if (uidset_has(uids, message_uid(link->data)))
			drop(cache, link);
	}
}

void headcache_foreach(const HeadCache *cache, void (*each)(const MessageHead *head, void *data),
		       void *data)
{
	for (const GList *link = cache->used.head; link != NULL; link = link->next)
		each(link->data, data);
}

void headcache_clear(HeadCache *cache)
{
	while (cache->used.head != NULL)
		drop(cache, cache->used.head);
}

unsigned headcache_count(const HeadCache *cache)
{
	return cache->used.length;
}
