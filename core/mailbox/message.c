#include "core/mailbox/message.h"

#include <string.h>

#include "mime/date.h"
#include "mime/header.h"
#include "mime/part.h"
#include "mime/text.h"

/* A row shows less, and 2,000 heads must stay small whatever a mail contains. */
#define TEXT_MAX 2000
/* Before decoding; encoded words are longer than what they say. */
#define RAW_MAX (8 * TEXT_MAX)
/* A MimePart with its usual strings. */
#define PART_MEMORY 320

typedef enum { TEXT_SUBJECT, TEXT_FROM, TEXT_FROM_ADDRESS, TEXT_TO, TEXT_ID, TEXT_COUNT } TextIndex;

struct MessageHead {
	gatomicrefcount references;
	uint32_t uid;
	int64_t date, internal_date;
	uint64_t size;
	unsigned more_recipients, attachments, parts;
	MimePart *structure;
	uint64_t id;       /* of its ThreadKey */
	uint64_t *answers; /* the parents of its ThreadKey */
	uint32_t n_answers;
	uint32_t offset[TEXT_COUNT]; /* into `texts` */
	uint32_t texts_length;
	char texts[]; /* each with its NUL */
};

/* Cuts at a character's beginning. */
static void cut(char *utf8)
{
	if (strlen(utf8) <= TEXT_MAX)
		return;
	char *end = utf8 + TEXT_MAX;
	while (end > utf8 && (*end & 0xc0) == 0x80)
		end--;
	*end = '\0';
}

static char *decode(const char *raw)
{
	char *text = header_decode(raw, strnlen(raw, RAW_MAX));

	cut(text);
	return text;
}

/* Servers say so for an address that the mail has not. */
static bool is_missing(const char *part)
{
	return part == NULL || *part == '\0' || g_str_equal(part, "MISSING_MAILBOX") ||
	       g_str_equal(part, "MISSING_DOMAIN") || g_str_equal(part, "unspecified-domain");
}

static char *address_text(const EnvelopeAddress *address)
{
	const char *mailbox = is_missing(address->mailbox) ? "" : address->mailbox;
	g_autofree char *raw = is_missing(address->host)
				       ? g_strndup(mailbox, TEXT_MAX)
				       : g_strdup_printf("%.*s@%.*s", TEXT_MAX / 2, mailbox,
							 TEXT_MAX / 2, address->host);
	g_autofree char *utf8 = text_to_utf8(raw, strlen(raw), NULL, NULL);
	char *clean = text_clean_name(utf8);

	cut(clean);
	return clean;
}

/* The host is NIL at the beginning and at the end of a group (RFC 9051 7.5.2). */
static bool is_group_mark(const EnvelopeAddress *address)
{
	return address->host == NULL;
}

/* A name with an '@' in it may pretend to be another address (T147). */
static char *person_text(const EnvelopeAddress *address)
{
	g_autofree char *name = NULL;

	if (is_group_mark(address))
		return address->mailbox ? decode(address->mailbox) : g_strdup("");
	if (address->name != NULL && *address->name != '\0')
		name = decode(address->name);
	if (name == NULL || *name == '\0' || strchr(name, '@') != NULL)
		return address_text(address);
	return g_steal_pointer(&name);
}

static const EnvelopeAddress *first_of(const EnvelopeAddresses *addresses)
{
	return addresses->n > 0 ? &addresses->items[0] : NULL;
}

static unsigned count_people(const EnvelopeAddresses *addresses)
{
	unsigned count = 0;

	for (size_t i = 0; i < addresses->n; i++)
		count += !is_group_mark(&addresses->items[i]);
	return count;
}

static void make_texts(const Envelope *envelope, char *texts[TEXT_COUNT])
{
	const EnvelopeAddress *from = first_of(&envelope->from), *to = first_of(&envelope->to);
	const char *id = envelope->message_id ? envelope->message_id : "";

	if (from == NULL)
		from = first_of(&envelope->sender);
	texts[TEXT_SUBJECT] = envelope->subject ? decode(envelope->subject) : g_strdup("");
	texts[TEXT_FROM] = from ? person_text(from) : g_strdup("");
	texts[TEXT_FROM_ADDRESS] = from ? address_text(from) : g_strdup("");
	texts[TEXT_TO] = to ? person_text(to) : g_strdup("");
	texts[TEXT_ID] = g_strndup(id, strnlen(id, TEXT_MAX));
}

static void count_part(MimePart *part, unsigned depth, void *data)
{
	unsigned *count = data;

	(void)part;
	(void)depth;
	(*count)++;
}

static void set_structure(MessageHead *head, MimePart *structure_take)
{
	head->structure = structure_take;
	head->attachments = part_count_attachments(structure_take);
	part_foreach(structure_take, count_part, &head->parts);
}

static void set_key(MessageHead *head, const Envelope *envelope, const FetchData *fetch)
{
	const char *references = NULL;
	gsize len = 0;
	ThreadKey key;

	for (size_t i = 0; i < fetch->n_bodies; i++)
		if (fetch->bodies[i].data != NULL &&
		    g_str_equal(fetch->bodies[i].section, "HEADER.FIELDS (REFERENCES)"))
			references = g_bytes_get_data(fetch->bodies[i].data, &len);
	threadkey_read(envelope->message_id, envelope->in_reply_to, references, len, &key);
	head->id = key.id;
	head->n_answers = key.n;
	head->answers = g_memdup2(key.parents, key.n * sizeof(key.parents[0]));
}

static int64_t sent_date(const MessageHead *head, const Envelope *envelope)
{
	int64_t seconds;
	int zone;

	if (envelope->date != NULL &&
	    date_read(envelope->date, strlen(envelope->date), &seconds, &zone))
		return seconds;
	return head->internal_date;
}

MessageHead *message_new(uint32_t uid, const FetchData *fetch)
{
	static const Envelope empty;
	const Envelope *envelope = fetch->envelope ? fetch->envelope : &empty;
	unsigned people = count_people(&envelope->to);
	char *texts[TEXT_COUNT];
	size_t length = 0;

	make_texts(envelope, texts);
	for (int i = 0; i < TEXT_COUNT; i++)
		length += strlen(texts[i]) + 1;
	MessageHead *head = g_malloc0(sizeof(MessageHead) + length);
	g_atomic_ref_count_init(&head->references);
	head->uid = uid;
	head->internal_date = fetch->has & FETCH_INTERNALDATE ? fetch->internal_date : 0;
	head->date = sent_date(head, envelope);
	head->size = fetch->has & FETCH_SIZE ? fetch->size : 0;
	set_key(head, envelope, fetch);
	people += count_people(&envelope->cc);
	head->more_recipients = people > 0 ? people - 1 : 0;
	if (fetch->structure != NULL)
		set_structure(head, part_copy(fetch->structure));
	for (int i = 0; i < TEXT_COUNT; i++) {
		size_t size = strlen(texts[i]) + 1;
		head->offset[i] = head->texts_length;
		memcpy(head->texts + head->texts_length, texts[i], size);
		head->texts_length += (uint32_t)size;
		g_free(texts[i]);
	}
	return head;
}

MessageHead *message_ref(MessageHead *head)
{
	g_atomic_ref_count_inc(&head->references);
	return head;
}

void message_unref(MessageHead *head)
{
	if (!g_atomic_ref_count_dec(&head->references))
		return;
	part_free(head->structure);
	g_free(head->answers);
	g_free(head);
}

uint32_t message_uid(const MessageHead *head)
{
	return head->uid;
}

const char *message_subject(const MessageHead *head)
{
	return head->texts + head->offset[TEXT_SUBJECT];
}

const char *message_from(const MessageHead *head)
{
	return head->texts + head->offset[TEXT_FROM];
}

const char *message_from_address(const MessageHead *head)
{
	return head->texts + head->offset[TEXT_FROM_ADDRESS];
}

const char *message_to(const MessageHead *head)
{
	return head->texts + head->offset[TEXT_TO];
}

unsigned message_more_recipients(const MessageHead *head)
{
	return head->more_recipients;
}

int64_t message_date(const MessageHead *head)
{
	return head->date;
}

int64_t message_internal_date(const MessageHead *head)
{
	return head->internal_date;
}

uint64_t message_size(const MessageHead *head)
{
	return head->size;
}

const char *message_id(const MessageHead *head)
{
	return head->texts + head->offset[TEXT_ID];
}

void message_thread_key(const MessageHead *head, ThreadKey *out)
{
	out->id = head->id;
	out->n = head->n_answers;
	for (uint32_t i = 0; i < out->n; i++)
		out->parents[i] = head->answers[i];
}

unsigned message_attachments(const MessageHead *head)
{
	return head->attachments;
}

const MimePart *message_structure(const MessageHead *head)
{
	return head->structure;
}

size_t message_memory(const MessageHead *head)
{
	return sizeof(MessageHead) + head->texts_length + head->n_answers * sizeof(uint64_t) +
	       (size_t)head->parts * PART_MEMORY;
}
