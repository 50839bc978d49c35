#include "core/wire/parser.h"

#include <stddef.h>
#include <string.h>
#include "core/wire/condition.h"
#include "core/wire/fetch.h"
#include "core/wire/lex.h"

/* RFC 8474 3. */
#define OBJECTID_CHARACTERS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-"

static bool read_words(Lex *lex, Response *out)
{
	return lex_words(lex, '\0', &out->words);
}

static bool read_flags(Lex *lex, Response *out)
{
	return lex_space(lex) && fetch_read_flags(lex, &out->flags);
}

/* The wire name as sent, but for INBOX, which is one in any case. */
static bool read_mailbox(Lex *lex, const char **out)
{
	size_t len;

	if (!lex_astring(lex, out, &len))
		return false;
	if (strlen(*out) != len)
		return lex_fail(lex, "a mailbox name without NUL bytes");
	if (g_ascii_strcasecmp(*out, "INBOX") == 0)
		*out = "INBOX";
	return true;
}

static unsigned list_attribute(const char *word)
{
	static const struct {
		const char *word;
		unsigned bit;
	} attributes[] = {
		{"\\Noinferiors", LIST_NOINFERIORS},
		{"\\Noselect", LIST_NOSELECT},
		{"\\Marked", LIST_MARKED},
		{"\\Unmarked", LIST_UNMARKED},
		{"\\HasChildren", LIST_HASCHILDREN},
		{"\\HasNoChildren", LIST_HASNOCHILDREN},
		{"\\NonExistent", LIST_NONEXISTENT},
		{"\\Subscribed", LIST_SUBSCRIBED},
		{"\\Remote", LIST_REMOTE},
		{"\\All", LIST_ALL},
		{"\\Archive", LIST_ARCHIVE},
		{"\\Drafts", LIST_DRAFTS},
		{"\\Flagged", LIST_FLAGGED},
		{"\\Junk", LIST_JUNK},
		{"\\Sent", LIST_SENT},
		{"\\Trash", LIST_TRASH},
		{"\\Important", LIST_IMPORTANT},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
		if (g_ascii_strcasecmp(word, attributes[i].word) == 0)
			return attributes[i].bit;
	}
	return 0;
}

static bool read_list(Lex *lex, Response *out)
{
	const char *const *words, *delimiter;

	if (!lex_space(lex) || !lex_expect(lex, '(') || !lex_words(lex, ')', &words) ||
	    !lex_expect(lex, ')') || !lex_space(lex) || !lex_nstring(lex, &delimiter, NULL) ||
	    !lex_space(lex) || !read_mailbox(lex, &out->list.name))
		return false;
	for (; *words != NULL; words++)
		out->list.attributes |= list_attribute(*words);
	if (delimiter != NULL && strlen(delimiter) > 1)
		return lex_fail(lex, "a delimiter of one character");
	out->list.delimiter = delimiter != NULL ? *delimiter : '\0';
	/* The extended items of RFC 5258. */
	while (lex_more(lex)) {
		if (!lex_skip_value(lex))
			return false;
	}
	return true;
}

/* "(F2212ea87-6097-4256-9d51-71338625)"; servers that say it otherwise do no harm. */
static bool read_mailboxid(Lex *lex, StatusData *out)
{
	const char *id;

	if (!lex_take(lex, '('))
		return lex_skip_value(lex);
	if (lex_more(lex) && lex_atom(lex, &id) && !id[strspn(id, OBJECTID_CHARACTERS)]) {
		out->mailboxid = id;
		out->has |= STATUS_MAILBOXID;
	}
	return lex_close(lex);
}

static bool read_status_item(Lex *lex, StatusData *out)
{
	static const struct {
		const char *name;
		size_t len;
		unsigned bit;
		size_t offset;
		bool wide;
	} items[] = {
#define ITEM(name, field, wide)                                                                    \
	{#name, sizeof(#name) - 1, STATUS_##name, offsetof(StatusData, field), wide}
		ITEM(MESSAGES, messages, false),
		ITEM(RECENT, recent, false),
		ITEM(UIDNEXT, uidnext, false),
		ITEM(UIDVALIDITY, uidvalidity, false),
		ITEM(UNSEEN, unseen, false),
		ITEM(DELETED, deleted, false),
		ITEM(HIGHESTMODSEQ, highestmodseq, true),
		ITEM(SIZE, size, true),
#undef ITEM
	};

	for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
		if (!lex_is(lex->at, items[i].name, items[i].len, LEX_ATOM))
			continue;
		void *field = (char *)out + items[i].offset;
		lex->at += items[i].len;
		out->has |= items[i].bit;
		return lex_space(lex) &&
		       (items[i].wide ? lex_number64(lex, field) : lex_number(lex, field));
	}
	if (lex_word(lex, "MAILBOXID"))
		return lex_space(lex) && read_mailboxid(lex, out);
	return lex_skip_value(lex) && lex_space(lex) && lex_skip_value(lex);
}

static bool read_status(Lex *lex, Response *out)
{
	if (!lex_space(lex) || !read_mailbox(lex, &out->mailbox.name) || !lex_space(lex) ||
	    !lex_expect(lex, '('))
		return false;
	while (lex_more(lex)) {
		if (!read_status_item(lex, &out->mailbox))
			return false;
	}
	return lex_expect(lex, ')');
}

static size_t count_numbers(const char *at)
{
	size_t n = 0;
	bool inside = false;

	for (; *at != '\0'; at++) {
		bool digit = *at >= '0' && *at <= '9';
		n += digit && !inside;
		inside = digit;
	}
	return n;
}

/* "1 2 3 (MODSEQ 5)", also nothing at all. */
static bool read_numbers(Lex *lex, Response *out)
{
	NumberList *list = &out->numbers;
	uint32_t *items = arena_alloc(lex->arena, count_numbers(lex->at) * sizeof(*items));

	list->items = items;
	while (lex_more(lex)) {
		if (lex_take(lex, '(')) {
			if (!lex_word(lex, "MODSEQ"))
				return lex_fail(lex, "MODSEQ");
			if (!lex_space(lex) || !lex_number64(lex, &list->modseq) ||
			    !lex_expect(lex, ')'))
				return false;
		} else if (!lex_nz_number(lex, &items[list->n++])) {
			return false;
		}
	}
	return true;
}

/* A ')' in front of the next number: what it opened in vain is forgotten. */
static bool close_thread(Lex *lex, ThreadStep *step, int *depth)
{
	if (step->opened > 0)
		step->opened--;
	else if (step->closed == THREAD_DEPTH_MAX)
		return lex_fail(lex, "threads that nest less deep");
	else
		step->closed++;
	(*depth)--;
	return true;
}

/* "(2)(3 6 (4 23)(44 7 96))", or a piece of it.  No recursion: only how deep it is matters here. */
static bool read_threads(Lex *lex, Response *out)
{
	size_t most = count_numbers(lex->at) + 1, n = 0;
	ThreadStep *steps = arena_alloc(lex->arena, most * sizeof(*steps));
	int depth = 0;

	while (!lex_at_end(lex)) {
		if (lex_take(lex, ' '))
			continue;
		if (lex_take(lex, '(')) {
			if (++depth > THREAD_DEPTH_MAX || steps[n].opened == THREAD_DEPTH_MAX)
				return lex_fail(lex, "threads that nest less deep");
			steps[n].opened++;
		} else if (lex_take(lex, ')')) {
			if (!close_thread(lex, &steps[n], &depth))
				return false;
		} else if (!lex_nz_number(lex, &steps[n++].uid)) {
			return false;
		}
	}
	out->threads = (ThreadData){steps, n + 1};
	return true;
}

static bool read_set(Lex *lex, const char **slice, size_t *len, UidSet **out)
{
	if (!lex_slice(lex, slice, len))
		return false;
	UidSet *set = uidset_parse(*slice, *len, 0);
	if (set == NULL)
		return lex_fail(lex, "a set of numbers");
	arena_own(lex->arena, set, (GDestroyNotify)uidset_free);
	*out = set;
	return true;
}

/* "(TAG "a1")", with whatever else a server says there. */
static bool read_correlator(Lex *lex, EsearchData *out)
{
	if (!lex_take(lex, '('))
		return true;
	while (lex_more(lex)) {
		bool tag = lex_word(lex, "TAG");
		if (!tag && !lex_skip_value(lex))
			return false;
		if (!lex_space(lex) ||
		    !(tag ? lex_astring(lex, &out->tag, NULL) : lex_skip_value(lex)))
			return false;
	}
	return lex_expect(lex, ')');
}

static bool read_esearch_item(Lex *lex, EsearchData *out)
{
	if (lex_word(lex, "UID")) {
		out->uid = true;
		return true;
	}
	if (lex_word(lex, "MIN"))
		return lex_space(lex) && lex_number(lex, &out->min);
	if (lex_word(lex, "MAX"))
		return lex_space(lex) && lex_number(lex, &out->max);
	if (lex_word(lex, "COUNT")) {
		out->has_count = true;
		return lex_space(lex) && lex_number(lex, &out->count);
	}
	if (lex_word(lex, "ALL"))
		return lex_space(lex) && read_set(lex, &out->all_text, &out->all_len, &out->all);
	if (lex_word(lex, "MODSEQ"))
		return lex_space(lex) && lex_number64(lex, &out->modseq);
	return lex_skip_value(lex) && lex_space(lex) && lex_skip_value(lex);
}

static bool read_esearch(Lex *lex, Response *out)
{
	if (!lex_more(lex))
		return true;
	if (!read_correlator(lex, &out->esearch))
		return false;
	while (lex_more(lex)) {
		if (!read_esearch_item(lex, &out->esearch))
			return false;
	}
	return true;
}

static bool read_vanished(Lex *lex, Response *out)
{
	const char *slice;
	size_t len;

	if (!lex_space(lex))
		return false;
	if (lex_take(lex, '(')) {
		out->vanished.earlier = lex_word(lex, "EARLIER");
		if (!out->vanished.earlier)
			return lex_fail(lex, "EARLIER");
		if (!lex_expect(lex, ')') || !lex_space(lex))
			return false;
	}
	return read_set(lex, &slice, &len, &out->vanished.uids);
}

static bool read_fetch(Lex *lex, Response *out)
{
	uint32_t seq = out->number;

	if (seq == 0)
		return lex_fail(lex, "a message number above 0");
	out->fetch = (FetchData){.seq = seq};
	return lex_space(lex) && fetch_read(lex, &out->fetch);
}

typedef struct {
	const char *name;
	size_t len;
	ResponseKind kind;
	bool (*read)(Lex *lex, Response *out); /* what follows the name; NULL: nothing does */
} Reader;

#define READER(name, kind, read)                                                                   \
	{                                                                                          \
		name, sizeof(name) - 1, RESPONSE_##kind, read                                      \
	}

static const Reader named[] = {
	READER("CAPABILITY", CAPABILITY, read_words),
	READER("ENABLED", ENABLED, read_words),
	READER("FLAGS", FLAGS, read_flags),
	READER("LIST", LIST, read_list),
	READER("LSUB", LSUB, read_list),
	READER("STATUS", STATUS, read_status),
	READER("SEARCH", SEARCH, read_numbers),
	READER("SORT", SORT, read_numbers),
	READER("THREAD", THREAD, read_threads),
	READER("ESEARCH", ESEARCH, read_esearch),
	READER("VANISHED", VANISHED, read_vanished),
};

/* Behind "* n". */
static const Reader numbered[] = {
	READER("FETCH", FETCH, read_fetch),
	READER("EXISTS", EXISTS, NULL),
	READER("EXPUNGE", EXPUNGE, NULL),
	READER("EXPUNGED", EXPUNGE, NULL), /* GNU imap4d's word for it */
	READER("RECENT", RECENT, NULL),
};

#undef READER

/* Takes the name at the cursor where it is one of those. */
static const Reader *take_reader(Lex *lex, const Reader *readers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lex_is(lex->at, readers[i].name, readers[i].len, LEX_ATOM)) {
			lex->at += readers[i].len;
			return &readers[i];
		}
	}
	return NULL;
}

static bool read_other(Lex *lex, const char *text, Response *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = RESPONSE_OTHER;
	out->text = text;
	lex_rest(lex);
	return true;
}

static bool read_untagged(Lex *lex, Response *out)
{
	const char *text = lex->at;
	const Reader *reader;

	if (g_ascii_isdigit(lex_peek(lex))) {
		if (!lex_number(lex, &out->number) || !lex_space(lex))
			return false;
		reader = take_reader(lex, numbered, G_N_ELEMENTS(numbered));
	} else if (condition_word(lex, &out->status.condition)) {
		out->kind = RESPONSE_CONDITION;
		condition_read(lex, &out->status);
		return true;
	} else {
		reader = take_reader(lex, named, G_N_ELEMENTS(named));
	}
	if (reader == NULL)
		return read_other(lex, text, out);
	out->kind = reader->kind;
	return reader->read == NULL || reader->read(lex, out);
}

static bool read_tagged(Lex *lex, Response *out)
{
	out->kind = RESPONSE_TAGGED;
	if (!lex_atom(lex, &out->tag) || !lex_space(lex))
		return false;
	if (!condition_word(lex, &out->status.condition) || out->status.condition > CONDITION_BAD)
		return lex_fail(lex, "OK, NO or BAD");
	condition_read(lex, &out->status);
	return true;
}

static bool read_response(Lex *lex, Response *out)
{
	if (lex_take(lex, '+')) {
		out->kind = RESPONSE_CONTINUE;
		lex_take(lex, ' ');
		out->text = lex_rest(lex);
		return true;
	}
	if (!lex_take(lex, '*'))
		return read_tagged(lex, out);
	if (lex_at_end(lex))
		return read_other(lex, lex->at, out);
	return lex_space(lex) && read_untagged(lex, out);
}

/* What came in front of a chunk was read. */
static void set_chunk(Lex *lex, const FrameChunk *chunk, Response *out)
{
	if (out->kind != RESPONSE_FETCH) {
		lex_fail(lex, "FETCH in front of a chunk");
		return;
	}
	out->kind = RESPONSE_CHUNK;
	out->chunk = (ChunkData){.fetch = out->fetch,
				 .bytes = chunk->bytes,
				 .len = chunk->len,
				 .offset = chunk->offset,
				 .total = chunk->total};
}

bool parser_read(Arena *arena, const Frame *frame, Response *out, GError **error)
{
	Lex lex;

	memset(out, 0, sizeof(*out));
	lex_init(&lex, frame, arena);
	if (read_response(&lex, out)) {
		while (lex_take(&lex, ' ')) {}
		if (!lex_at_end(&lex))
			lex_fail(&lex, "the end of the line");
		else if (frame->chunk.total != 0)
			set_chunk(&lex, &frame->chunk, out);
	}
	out->frame = frame;
	if (out->kind == RESPONSE_FETCH)
		out->fetch.frame = frame;
	return !lex_failed(&lex, error);
}
