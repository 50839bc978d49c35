#include "tests/wire_dump.h"

#include <string.h>
#include "core/wire/condition.h"
#include "core/wire/parser.h"

typedef struct {
	unsigned bit;
	const char *name;
} Bit;

static void dump_text(GString *out, const char *name, const char *text)
{
	if (text != NULL)
		g_string_append_printf(out, " %s='%s'", name, text);
}

static void dump_number(GString *out, const char *name, uint64_t number)
{
	if (number != 0)
		g_string_append_printf(out, " %s=%" G_GUINT64_FORMAT, name, number);
}

static void dump_words(GString *out, const char *name, const char *const *words)
{
	if (words == NULL)
		return;
	g_autofree char *joined = g_strjoinv("|", (char **)words);
	g_string_append_printf(out, " %s=(%s)", name, joined);
}

static void dump_set(GString *out, const char *name, const UidSet *set)
{
	if (set == NULL)
		return;
	g_autofree char *text = uidset_format(set);
	g_string_append_printf(out, " %s=%s", name, text);
}

static void dump_bits(GString *out, const char *name, unsigned bits, const Bit *names)
{
	g_string_append_printf(out, " %s=(", name);
	for (const char *gap = ""; names->name != NULL; names++) {
		if ((bits & names->bit) == 0)
			continue;
		g_string_append_printf(out, "%s%s", gap, names->name);
		gap = " ";
	}
	g_string_append_c(out, ')');
}

static void dump_status(GString *out, const StatusLine *status)
{
	static const char *const conditions[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

	g_string_append_printf(out, " %s", conditions[status->condition]);
	if (status->code != CODE_NONE)
		g_string_append_printf(
			out, " [%s]",
			status->code == CODE_OTHER ? "?" : condition_code_name(status->code));
	if (status->code == CODE_OTHER)
		dump_text(out, "name", status->code_name);
	dump_text(out, "args", status->code_text);
	dump_words(out, "words", status->words);
	dump_number(out, "number", status->number);
	dump_number(out, "goal", status->goal);
	if (status->tag != NULL)
		g_string_append_printf(out, " tag='%s'", status->tag);
	dump_number(out, "modseq", status->modseq);
	dump_set(out, "from", status->from);
	dump_set(out, "to", status->to);
	dump_text(out, "text", status->text);
}

static void dump_flags(GString *out, const FlagList *flags)
{
	static const Bit bits[] = {
		{FLAG_SEEN, "Seen"},       {FLAG_ANSWERED, "Answered"},
		{FLAG_FLAGGED, "Flagged"}, {FLAG_DELETED, "Deleted"},
		{FLAG_DRAFT, "Draft"},     {FLAG_RECENT, "Recent"},
		{FLAG_WILDCARD, "*"},      {0, NULL},
	};

	dump_bits(out, "flags", flags->system, bits);
	dump_words(out, "keywords", flags->keywords);
}

static void dump_list(GString *out, const ListData *list)
{
	static const Bit bits[] = {
		{LIST_NOINFERIORS, "Noinferiors"},
		{LIST_NOSELECT, "Noselect"},
		{LIST_MARKED, "Marked"},
		{LIST_UNMARKED, "Unmarked"},
		{LIST_HASCHILDREN, "HasChildren"},
		{LIST_HASNOCHILDREN, "HasNoChildren"},
		{LIST_NONEXISTENT, "NonExistent"},
		{LIST_SUBSCRIBED, "Subscribed"},
		{LIST_REMOTE, "Remote"},
		{LIST_ALL, "All"},
		{LIST_ARCHIVE, "Archive"},
		{LIST_DRAFTS, "Drafts"},
		{LIST_FLAGGED, "Flagged"},
		{LIST_JUNK, "Junk"},
		{LIST_SENT, "Sent"},
		{LIST_TRASH, "Trash"},
		{LIST_IMPORTANT, "Important"},
		{0, NULL},
	};

	dump_bits(out, "attributes", list->attributes, bits);
	if (list->delimiter != '\0')
		g_string_append_printf(out, " delimiter=%c", list->delimiter);
	dump_text(out, "name", list->name);
}

static void dump_mailbox(GString *out, const StatusData *mailbox)
{
	const struct {
		unsigned bit;
		const char *name;
		uint64_t value;
	} items[] = {
		{STATUS_MESSAGES, "messages", mailbox->messages},
		{STATUS_RECENT, "recent", mailbox->recent},
		{STATUS_UIDNEXT, "uidnext", mailbox->uidnext},
		{STATUS_UIDVALIDITY, "uidvalidity", mailbox->uidvalidity},
		{STATUS_UNSEEN, "unseen", mailbox->unseen},
		{STATUS_DELETED, "deleted", mailbox->deleted},
		{STATUS_HIGHESTMODSEQ, "highestmodseq", mailbox->highestmodseq},
		{STATUS_SIZE, "size", mailbox->size},
	};

	dump_text(out, "name", mailbox->name);
	for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
		if (mailbox->has & items[i].bit)
			g_string_append_printf(out, " %s=%" G_GUINT64_FORMAT, items[i].name,
					       items[i].value);
	}
	dump_text(out, "mailboxid", mailbox->mailboxid);
}

/* As it came, without blanks that say nothing. */
static void dump_threads(GString *out, const ThreadData *threads)
{
	g_string_append_c(out, ' ');
	for (size_t i = 0; i < threads->n; i++) {
		const ThreadStep *step = &threads->steps[i];
		for (unsigned k = 0; k < step->closed; k++)
			g_string_append_c(out, ')');
		for (unsigned k = 0; k < step->opened; k++)
			g_string_append_c(out, '(');
		if (i > 0 && step->closed + step->opened == 0 && step->uid != 0)
			g_string_append_c(out, ' ');
		if (step->uid != 0)
			g_string_append_printf(out, "%u", step->uid);
	}
}

static void dump_esearch(GString *out, const EsearchData *esearch)
{
	dump_text(out, "tag", esearch->tag);
	if (esearch->uid)
		g_string_append(out, " uid");
	dump_number(out, "min", esearch->min);
	dump_number(out, "max", esearch->max);
	if (esearch->has_count)
		g_string_append_printf(out, " count=%u", esearch->count);
	dump_set(out, "all", esearch->all);
	dump_number(out, "modseq", esearch->modseq);
}

static void dump_addresses(GString *out, const char *name, const EnvelopeAddresses *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		const EnvelopeAddress *address = &addresses->items[i];
		g_string_append_printf(out, " %s=%s<%s%s@%s>", name,
				       address->name != NULL ? address->name : "",
				       address->route != NULL ? address->route : "",
				       address->mailbox != NULL ? address->mailbox : "",
				       address->host != NULL ? address->host : "");
	}
}

static void dump_envelope(GString *out, const Envelope *envelope)
{
	g_string_append(out, " envelope{");
	dump_text(out, "date", envelope->date);
	dump_text(out, "subject", envelope->subject);
	dump_addresses(out, "from", &envelope->from);
	dump_addresses(out, "sender", &envelope->sender);
	dump_addresses(out, "reply_to", &envelope->reply_to);
	dump_addresses(out, "to", &envelope->to);
	dump_addresses(out, "cc", &envelope->cc);
	dump_addresses(out, "bcc", &envelope->bcc);
	dump_text(out, "in_reply_to", envelope->in_reply_to);
	dump_text(out, "message_id", envelope->message_id);
	g_string_append(out, " }");
}

static void dump_part(MimePart *part, unsigned depth, void *data)
{
	GString *out = data;

	g_string_append_printf(out, " {%u '%s' %s", depth, part->section, part->type);
	dump_text(out, "charset", part->charset);
	dump_text(out, "format", part->format);
	if (part->delsp)
		g_string_append(out, " delsp");
	dump_text(out, "encoding", part->encoding);
	dump_text(out, "filename", part->filename);
	dump_text(out, "disposition", part->disposition);
	dump_text(out, "id", part->content_id);
	dump_text(out, "description", part->description);
	dump_text(out, "protocol", part->protocol);
	dump_number(out, "size", part->size);
	dump_number(out, "lines", part->lines);
	if (part->truncated)
		g_string_append(out, " truncated");
	g_string_append_c(out, '}');
}

static void dump_bytes(GString *out, GBytes *bytes)
{
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);

	g_string_append_c(out, '<');
	for (gsize i = 0; i < len; i++) {
		if (g_ascii_isprint(data[i]))
			g_string_append_c(out, data[i]);
		else
			g_string_append_printf(out, "\\x%02x", (unsigned char)data[i]);
	}
	g_string_append_c(out, '>');
}

static void dump_fetch(GString *out, const FetchData *fetch)
{
	g_string_append_printf(out, " seq=%u", fetch->seq);
	if (fetch->has & FETCH_UID)
		dump_number(out, "uid", fetch->uid);
	if (fetch->has & FETCH_FLAGS)
		dump_flags(out, &fetch->flags);
	if (fetch->has & FETCH_INTERNALDATE)
		g_string_append_printf(out, " date=%" G_GINT64_FORMAT, fetch->internal_date);
	if (fetch->has & FETCH_PREVIEW)
		g_string_append_printf(out, " preview=%s", fetch->preview ? fetch->preview : "NIL");
	if (fetch->has & FETCH_SIZE)
		g_string_append_printf(out, " size=%" G_GUINT64_FORMAT, fetch->size);
	if (fetch->has & FETCH_MODSEQ)
		g_string_append_printf(out, " modseq=%" G_GUINT64_FORMAT, fetch->modseq);
	if (fetch->has & FETCH_ENVELOPE)
		dump_envelope(out, fetch->envelope);
	if (fetch->has & FETCH_STRUCTURE)
		part_foreach(fetch->structure, dump_part, out);
	for (size_t i = 0; i < fetch->n_bodies; i++) {
		const FetchBody *body = &fetch->bodies[i];
		g_string_append_printf(out, " %s[%s]", body->binary ? "binary" : "body",
				       body->section);
		if (body->partial)
			g_string_append_printf(out, "@%u", body->origin);
		if (body->data != NULL)
			dump_bytes(out, body->data);
		else if (body->chunked > 0)
			g_string_append_printf(out, "{%" G_GUINT64_FORMAT "}", body->chunked);
		else
			g_string_append(out, "NIL");
	}
}

static void dump_numbers(GString *out, const NumberList *numbers)
{
	for (size_t i = 0; i < numbers->n; i++)
		g_string_append_printf(out, " %u", numbers->items[i]);
	dump_number(out, "modseq", numbers->modseq);
}

static void dump_body_of(GString *out, const Response *response)
{
	switch (response->kind) {
	case RESPONSE_TAGGED:
		g_string_append_printf(out, " %s", response->tag);
		dump_status(out, &response->status);
		break;
	case RESPONSE_CONDITION:
		dump_status(out, &response->status);
		break;
	case RESPONSE_CONTINUE:
	case RESPONSE_OTHER:
		dump_text(out, "text", response->text);
		break;
	case RESPONSE_CAPABILITY:
	case RESPONSE_ENABLED:
		dump_words(out, "words", response->words);
		break;
	case RESPONSE_FLAGS:
		dump_flags(out, &response->flags);
		break;
	case RESPONSE_LIST:
	case RESPONSE_LSUB:
		dump_list(out, &response->list);
		break;
	case RESPONSE_STATUS:
		dump_mailbox(out, &response->mailbox);
		break;
	case RESPONSE_SEARCH:
	case RESPONSE_SORT:
		dump_numbers(out, &response->numbers);
		break;
	case RESPONSE_THREAD:
		dump_threads(out, &response->threads);
		break;
	case RESPONSE_ESEARCH:
		dump_esearch(out, &response->esearch);
		break;
	case RESPONSE_EXISTS:
	case RESPONSE_RECENT:
	case RESPONSE_EXPUNGE:
		g_string_append_printf(out, " %u", response->number);
		break;
	case RESPONSE_VANISHED:
		dump_set(out, "uids", response->vanished.uids);
		if (response->vanished.earlier)
			g_string_append(out, " earlier");
		break;
	case RESPONSE_FETCH:
		dump_fetch(out, &response->fetch);
		break;
	case RESPONSE_CHUNK:
		dump_fetch(out, &response->chunk.fetch);
		break;
	case RESPONSE_KIND_COUNT:
		g_assert_not_reached();
	}
}

char *response_dump(const Response *response)
{
	static const char *const kinds[RESPONSE_KIND_COUNT] = {
		"tagged", "continue", "condition", "capability", "enabled", "flags",   "list",
		"lsub",   "status",   "search",    "sort",       "thread",  "esearch", "exists",
		"recent", "expunge",  "vanished",  "fetch",      "chunk",   "other",
	};
	GString *out = g_string_new(kinds[response->kind]);

	dump_body_of(out, response);
	return g_string_free(out, FALSE);
}

/* What came in chunks of the response under way. */
typedef struct {
	GPtrArray *literals; /* of GByteArray */
	char *text;          /* in front of the last */
} Chunks;

static void chunks_clear(Chunks *chunks)
{
	g_clear_pointer(&chunks->literals, g_ptr_array_unref);
	g_clear_pointer(&chunks->text, g_free);
}

static void check_chunk(Chunks *chunks, const Frame *frame)
{
	const FrameLiteral *literal = &frame->literals[frame->n_literals - 1];
	const FrameChunk *chunk = &frame->chunk;
	GByteArray *bytes;

	g_assert(literal->at == frame->len && literal->data == NULL);
	g_assert(literal->chunked == chunk->total);
	g_assert(chunk->len > 0 && chunk->len <= chunk->total - chunk->offset);
	if (chunks->literals == NULL)
		chunks->literals =
			g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	if (chunk->offset == 0) {
		g_ptr_array_add(chunks->literals, g_byte_array_new());
		g_free(chunks->text);
		chunks->text = g_strndup(frame->text, frame->len);
	}
	bytes = chunks->literals->pdata[chunks->literals->len - 1];
	g_assert(bytes->len == chunk->offset);
	g_assert(strlen(chunks->text) == frame->len);
	g_assert(memcmp(chunks->text, frame->text, frame->len + 1) == 0);
	g_byte_array_append(bytes, (const guint8 *)chunk->bytes, (guint)chunk->len);
}

static void dump_chunked(GString *out, const Chunks *chunks, size_t i)
{
	const GByteArray *array = chunks->literals->pdata[i];
	g_autoptr(GBytes) bytes = g_bytes_new(array->data, array->len);

	g_string_append(out, "in chunks");
	dump_bytes(out, bytes);
}

static void dump_frame(GString *out, const Chunks *chunks, const Frame *frame)
{
	size_t n = 0;

	g_string_append_len(out, frame->text, (gssize)frame->len);
	for (size_t i = 0; i < frame->n_literals; i++) {
		const FrameLiteral *literal = &frame->literals[i];
		g_string_append_printf(out, " %" G_GSIZE_FORMAT ":", literal->at);
		if (literal->data != NULL)
			dump_bytes(out, literal->data);
		else
			dump_chunked(out, chunks, n++);
	}
	g_assert(n == (chunks->literals != NULL ? chunks->literals->len : 0));
	g_assert(frame->text[frame->len] == '\0');
}

/* The body that the chunks are of is the last that was read. */
static void check_response(const Frame *frame, const Response *response)
{
	const FetchData *fetch = &response->chunk.fetch;

	g_assert((frame->chunk.total > 0) == (response->kind == RESPONSE_CHUNK));
	if (response->kind != RESPONSE_CHUNK)
		return;
	g_assert(fetch->n_bodies > 0);
	g_assert(fetch->bodies[fetch->n_bodies - 1].chunked == response->chunk.total);
	g_assert(response->chunk.bytes == frame->chunk.bytes);
}

static void dump_parsed(GString *out, Arena *arena, const Frame *frame)
{
	g_autoptr(GError) error = NULL;
	Response response;

	if (parser_read(arena, frame, &response, &error)) {
		g_autofree char *line = response_dump(&response);
		check_response(frame, &response);
		g_string_append(out, line);
	} else {
		g_string_append_printf(out, "malformed: %s", error->message);
	}
	arena_reset(arena);
}

static void dump_one(GString *out, Arena *arena, Chunks *chunks, const Frame *frame)
{
	bool chunk = frame->chunk.total > 0;

	if (chunk)
		check_chunk(chunks, frame);
	if (chunk && (arena == NULL || frame->chunk.offset > 0))
		return;
	if (arena != NULL)
		dump_parsed(out, arena, frame);
	else
		dump_frame(out, chunks, frame);
	g_string_append_c(out, '\n');
	if (!chunk)
		chunks_clear(chunks);
}

/* False where the stream is broken. */
static bool take_frames(Framer *framer, Arena *arena, Chunks *chunks, GString *out)
{
	g_autoptr(GError) error = NULL;
	Frame frame;
	int got;

	while ((got = framer_next(framer, &frame, &error)) == 1)
		dump_one(out, arena, chunks, &frame);
	if (got < 0)
		g_string_append_printf(out, "broken: %s\n", error->message);
	return got == 0;
}

static char *dump_pieces(const FramerLimits *limits, Arena *arena, const char *bytes, size_t len,
			 const size_t *cuts, size_t n_cuts)
{
	g_autoptr(Framer) framer = framer_new(limits);
	GString *out = g_string_new(NULL);
	Chunks chunks = {0};
	size_t at = 0;

	for (size_t i = 0; i <= n_cuts; i++) {
		size_t to = i < n_cuts ? cuts[i] : len;
		/* A copy of its own, so that a read beyond a piece shows. */
		g_autofree char *piece = g_memdup2(bytes + at, to - at);
		framer_push(framer, piece, to - at);
		at = to;
		if (!take_frames(framer, arena, &chunks, out))
			break;
	}
	chunks_clear(&chunks);
	return g_string_free(out, FALSE);
}

char *wire_dump_frames(const FramerLimits *limits, const char *bytes, size_t len,
		       const size_t *cuts, size_t n_cuts)
{
	return dump_pieces(limits, NULL, bytes, len, cuts, n_cuts);
}

char *wire_dump_responses(const FramerLimits *limits, const char *bytes, size_t len,
			  const size_t *cuts, size_t n_cuts)
{
	g_autoptr(Arena) arena = arena_new();

	return dump_pieces(limits, arena, bytes, len, cuts, n_cuts);
}
