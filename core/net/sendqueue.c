#include "core/net/sendqueue.h"

#include <string.h>

void sendqueue_init(SendQueue *queue)
{
	*queue = (SendQueue){.blocks = G_QUEUE_INIT};
}

void sendqueue_clear(SendQueue *queue)
{
	queue->head_sent = 0;
	g_queue_clear_full(&queue->blocks, (GDestroyNotify)g_bytes_unref);
}

void sendqueue_put(SendQueue *queue, GBytes *bytes)
{
	g_queue_push_tail(&queue->blocks, g_bytes_ref(bytes));
	queue->put += g_bytes_get_size(bytes);
}

const char *sendqueue_peek(const SendQueue *queue, char *buf, size_t *len)
{
	size_t skip = queue->head_sent, size;
	const char *data = g_bytes_get_data(queue->blocks.head->data, &size);

	if (size - skip >= SENDQUEUE_CHUNK) {
		*len = SENDQUEUE_CHUNK;
		return data + skip;
	}
	*len = 0;
	for (const GList *link = queue->blocks.head; link && *len < SENDQUEUE_CHUNK;
	     link = link->next) {
		data = g_bytes_get_data(link->data, &size);
		size = MIN(size - skip, SENDQUEUE_CHUNK - *len);
		if (size)
			memcpy(buf + *len, data + skip, size);
		*len += size;
		skip = 0;
	}
	return buf;
}

void sendqueue_take(SendQueue *queue, size_t n)
{
	queue->sent += n;
	queue->head_sent += n;
	while (queue->blocks.head) {
		size_t size = g_bytes_get_size(queue->blocks.head->data);
		if (queue->head_sent < size)
			return;
		queue->head_sent -= size;
		g_bytes_unref(g_queue_pop_head(&queue->blocks));
	}
}

bool sendqueue_is_empty(const SendQueue *queue)
{
	return !queue->blocks.head;
}
