#include "core/mailbox/threadkey.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Longer ones are no ids (RFC 5322 2.1.1 allows a line of 998). */
#define ID_MAX 998

static uint64_t secret[2];

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void make_secret(void)
{
	static gsize made;

	if (!g_once_init_enter(&made))
		return;
	for (int i = 0; i < 2; i++)
		secret[i] = (uint64_t)g_random_int() << 32 | g_random_int();
	g_once_init_leave(&made, 1);
}

/* SipHash-1-3. */
uint64_t threadkey_hash(const char *id, size_t len)
{
	make_secret();
	uint64_t v[4] = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
			 secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
	size_t left = len;

	for (;;) {
		uint64_t word = 0;
		memcpy(&word, id, MIN(left, sizeof(word)));
		bool last = left < sizeof(word);
		if (last)
			word |= (uint64_t)len << 56;
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
		if (last)
			break;
		id += sizeof(word);
		left -= sizeof(word);
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	uint64_t hash = v[0] ^ v[1] ^ v[2] ^ v[3];
	return hash != 0 ? hash : 1;
}

/* The next "<…>" from `*at` on without its brackets; false where there is none. */
static bool next_id(const char **at, const char *end, const char **id, size_t *len)
{
	while (*at < end) {
		const char *open = memchr(*at, '<', (size_t)(end - *at));
		if (open == NULL)
			break;
		const char *close = memchr(open, '>', (size_t)(end - open));
		if (close == NULL)
			break;
		/* "<a <b@c>": the last one that opens counts. */
		const char *inner = open;
		for (const char *c = open; c < close; c++)
			inner = *c == '<' ? c : inner;
		*at = close + 1;
		*id = inner + 1;
		*len = (size_t)(close - inner) - 1;
		if (*len > 0 && *len <= ID_MAX)
			return true;
	}
	*at = end;
	return false;
}

static uint64_t first_id(const char *text)
{
	const char *at = text, *id;
	size_t len;

	if (text == NULL)
		return 0;
	return next_id(&at, text + strlen(text), &id, &len) ? threadkey_hash(id, len) : 0;
}

/* Without brackets, as some write it, it is what stands there. */
static uint64_t own_id(const char *text)
{
	uint64_t id = first_id(text);

	if (id != 0 || text == NULL)
		return id;
	text += strspn(text, " \t\r\n");
	size_t len = strcspn(text, " \t\r\n");
	return len > 0 && len <= ID_MAX ? threadkey_hash(text, len) : 0;
}

static void add_parent(ThreadKey *key, uint64_t id)
{
	if (key->n < THREADKEY_PARENTS_MAX) {
		key->parents[key->n++] = id;
		return;
	}
	memmove(&key->parents[1], &key->parents[2],
		(THREADKEY_PARENTS_MAX - 2) * sizeof(key->parents[0]));
	key->parents[THREADKEY_PARENTS_MAX - 1] = id;
}

void threadkey_read(const char *message_id, const char *in_reply_to, const char *references,
		    size_t references_len, ThreadKey *out)
{
	const char *at = references, *end = at + (at != NULL ? references_len : 0), *id;
	size_t len;

	out->id = own_id(message_id);
	out->n = 0;
	while (at != NULL && next_id(&at, end, &id, &len))
		add_parent(out, threadkey_hash(id, len));
	uint64_t answered = out->n == 0 ? first_id(in_reply_to) : 0;
	if (answered != 0)
		add_parent(out, answered);
}
