#include "core/session/queue.h"

#include <string.h>

static bool same_mailbox(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	if (g_ascii_strcasecmp(a, "INBOX") == 0)
		return g_ascii_strcasecmp(b, "INBOX") == 0;
	return strcmp(a, b) == 0;
}

static bool overlap(const UidSet *a, const UidSet *b)
{
	size_t i = 0, j = 0;

	if (!a || !b)
		return true;
	while (i < uidset_range_count(a) && j < uidset_range_count(b)) {
		UidRange x = uidset_range(a, i), y = uidset_range(b, j);

		if (x.first <= y.last && y.first <= x.last)
			return true;
		if (x.last < y.last)
			i++;
		else
			j++;
	}
	return false;
}

/* What comes with any FETCH. */
#define USUAL_ITEMS (FETCH_UID | FETCH_FLAGS | FETCH_MODSEQ | FETCH_BODY)

/* The items without the set. */
static const char *items_of(const QueueEntry *entry)
{
	const char *items = entry->line ? strchr(entry->line, '(') : NULL;

	return items ? items : entry->line;
}

/* Whether what `next` asks for could be taken for the answer to `before`, which is told apart by
 * UID and items; servers may end both only when all is said. */
static bool same_items(const QueueEntry *next, const QueueEntry *before)
{
	if (g_strcmp0(items_of(next), items_of(before)) == 0)
		return true;
	return (next->items & ~USUAL_ITEMS) && !(next->items & ~before->items) &&
	       !strchr(next->line, '[');
}

/* Whether answers of the two could not be told apart, given that a FETCH names UID and items. */
static bool same_answers(const QueueEntry *a, const QueueEntry *b)
{
	if ((a->spec->wants & b->spec->wants) && !(a->names_tag && b->names_tag))
		return true;
	if (a->spec->id == COMMAND_ID_STATUS && b->spec->id == COMMAND_ID_STATUS)
		return same_mailbox(a->mailbox, b->mailbox);
	if (a->spec->flags & b->spec->flags & COMMAND_FETCHES)
		return overlap(a->uids, b->uids) && same_items(a, b);
	return false;
}

/* Why `next` must wait for `before`, or NULL. */
static const char *obstacle(const QueueEntry *next, const QueueEntry *before)
{
	unsigned flags = next->spec->flags, ahead = before->spec->flags;
	bool alone = next->alone || before->alone || ((flags | ahead) & COMMAND_ALONE);

	if (before->waits_literal && !before->ending)
		return "a continuation is awaited";
	if (!before->ending && alone)
		return "one of the two must be alone";
	if (next->spelled && before->spec->id == COMMAND_ID_ENABLE)
		return "how its mailbox is spelled is not settled";
	if ((flags & COMMAND_SEQ) && (ahead & COMMAND_MAY_EXPUNGE))
		return "sequence numbers may still change";
	if ((flags & COMMAND_CHANGES) && (ahead & (COMMAND_TO_AUTH | COMMAND_TO_SELECTED)))
		return "what it would change is not settled";
	if ((flags & COMMAND_TO_SELECTED) && before->spec->states == IN_SELECTED)
		return "the mailbox is still in use";
	if (same_answers(next, before))
		return "the answers could be mistaken for each other";
	return NULL;
}

SessionState queue_state_after(const GQueue *in_flight, SessionState state)
{
	for (const GList *link = in_flight->head; link; link = link->next) {
		const CommandSpec *spec = ((const QueueEntry *)link->data)->spec;

		if (spec->flags & COMMAND_TO_AUTH)
			state = SESSION_AUTH;
		else if (spec->flags & COMMAND_TO_SELECTED)
			state = SESSION_SELECTED;
		else if (spec->id == COMMAND_ID_LOGOUT)
			state = SESSION_LOGOUT;
	}
	return state;
}

bool queue_may_send(const QueueEntry *next, const GQueue *in_flight, SessionState state,
		    const char **why)
{
	const char *reason = NULL;

	for (const GList *link = in_flight->head; link && !reason; link = link->next)
		reason = obstacle(next, link->data);
	if (!reason && !(next->spec->states & (1u << queue_state_after(in_flight, state))))
		reason = "it is not legal in this state";
	if (why)
		*why = reason;
	return !reason;
}

static const struct {
	CommandId id;
	Capability any_of;
	const char *name;
} needs[] = {
	{COMMAND_ID_STATUS, CAP(IMAP4REV1) | CAP(IMAP4REV2), "STATUS"},
	{COMMAND_ID_STARTTLS, CAP(STARTTLS), "STARTTLS"},
	{COMMAND_ID_ENABLE, CAP(ENABLE), "ENABLE"},
	{COMMAND_ID_IDLE, CAP(IDLE), "IDLE"},
	{COMMAND_ID_NOTIFY, CAP(NOTIFY), "NOTIFY"},
	{COMMAND_ID_UNSELECT, CAP(UNSELECT), "UNSELECT"},
	{COMMAND_ID_UID_MOVE, CAP(MOVE), "MOVE"},
	{COMMAND_ID_UID_EXPUNGE, CAP(UIDPLUS), "UIDPLUS"},
	{COMMAND_ID_UID_THREAD,
	 CAP(THREAD_REFS) | CAP(THREAD_REFERENCES) | CAP(THREAD_ORDEREDSUBJECT), "THREAD"},
	{COMMAND_ID_UID_SORT, CAP(SORT) | CAP(SORT_DISPLAY), "SORT"},
};

const char *queue_missing_capability(const CommandSpec *spec, Capability caps)
{
	for (size_t i = 0; (caps & CAP_KNOWN) && i < G_N_ELEMENTS(needs); i++)
		if (needs[i].id == spec->id && !(caps & needs[i].any_of))
			return needs[i].name;
	return NULL;
}

static const struct {
	unsigned has;
	const char *item;
} fetch_items[] = {
	{FETCH_INTERNALDATE, "INTERNALDATE"}, {FETCH_SIZE, "RFC822.SIZE"},
	{FETCH_ENVELOPE, "ENVELOPE"},         {FETCH_STRUCTURE, "BODYSTRUCTURE"},
	{FETCH_PREVIEW, "PREVIEW"},
};

/* Where the item is named, behind it; or NULL. */
static const char *find_item(const char *line, const char *item)
{
	for (size_t len = strlen(item); *line; line++)
		if (g_ascii_strncasecmp(line, item, len) == 0)
			return line + len;
	return NULL;
}

static bool names(const char *line, const char *item)
{
	return find_item(line, item) != NULL;
}

/* RFC822 stands alone, RFC822.SIZE does not ask for it. */
static bool names_rfc822(const char *line, const char *section)
{
	static const struct {
		const char *section, *item;
	} items[] = {{"", "RFC822"}, {"HEADER", "RFC822.HEADER"}, {"TEXT", "RFC822.TEXT"}};

	for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
		const char *rest = line;
		if (g_ascii_strcasecmp(section, items[i].section) != 0)
			continue;
		while ((rest = find_item(rest, items[i].item)))
			if (*rest != '.')
				return true;
	}
	return false;
}

unsigned queue_items(const char *line)
{
	unsigned items = USUAL_ITEMS;

	for (size_t i = 0; i < G_N_ELEMENTS(fetch_items); i++)
		if (names(line, fetch_items[i].item))
			items |= fetch_items[i].has;
	return items;
}

/* Header field names may come back quoted or in another case: the section counts up to them. */
static bool names_body(const char *line, const FetchBody *body)
{
	int len = (int)strcspn(body->section, " (");
	bool whole = !body->section[len];
	g_autofree char *item = NULL;

	if (body->partial)
		item = g_strdup_printf("[%.*s]<%u.", len, body->section, body->origin);
	else
		item = g_strdup_printf("[%.*s%s", len, body->section, whole ? "]" : " ");
	return names(line, item) || (!body->partial && names_rfc822(line, body->section));
}

/* Flags and MODSEQ may always come along; the rest must have been asked for.  Where only the
 * beginning of the response is here, its UID may still follow. */
static bool covers(const QueueEntry *entry, const FetchData *fetch, bool whole)
{
	bool told = fetch->has & FETCH_UID;

	if (entry->uids && (told || whole) && !(told && uidset_has(entry->uids, fetch->uid)))
		return false;
	if (!entry->line)
		return true;
	if (fetch->has & ~entry->items)
		return false;
	for (size_t i = 0; i < fetch->n_bodies; i++)
		if (!names_body(entry->line, &fetch->bodies[i]))
			return false;
	return true;
}

static bool is_about_selecting(ResponseCode code)
{
	switch (code) {
	case CODE_UIDVALIDITY:
	case CODE_UIDNEXT:
	case CODE_UNSEEN:
	case CODE_PERMANENTFLAGS:
	case CODE_HIGHESTMODSEQ:
	case CODE_NOMODSEQ:
	case CODE_UIDNOTSTICKY:
		return true;
	default:
		return false;
	}
}

static bool owns(const QueueEntry *entry, const Response *response, bool oldest)
{
	const CommandSpec *spec = entry->spec;

	if (entry->alone || spec->id == COMMAND_ID_XATOM)
		return true;
	if ((spec->flags & COMMAND_TO_SELECTED) && !oldest)
		return false;
	switch (response->kind) {
	case RESPONSE_STATUS:
		return spec->id == COMMAND_ID_STATUS &&
		       same_mailbox(entry->mailbox, response->mailbox.name);
	case RESPONSE_ESEARCH:
		return response->esearch.tag ? g_strcmp0(entry->tag, response->esearch.tag) == 0
					     : spec->wants & WANTS(SEARCH);
	case RESPONSE_FETCH:
		return (spec->flags & COMMAND_FETCHES) && covers(entry, &response->fetch, true);
	case RESPONSE_CHUNK:
		return (spec->flags & COMMAND_FETCHES) &&
		       covers(entry, &response->chunk.fetch, false);
	case RESPONSE_CONDITION:
		if (response->status.code == CODE_INPROGRESS)
			return response->status.tag
				       ? g_strcmp0(entry->tag, response->status.tag) == 0
				       : oldest;
		if (response->status.code == CODE_COPYUID)
			return spec->id == COMMAND_ID_UID_MOVE;
		return (spec->flags & COMMAND_TO_SELECTED) &&
		       is_about_selecting(response->status.code);
	default:
		return spec->wants & (1u << response->kind);
	}
}

QueueEntry *queue_owner(const GQueue *in_flight, const Response *response)
{
	for (const GList *link = in_flight->head; link; link = link->next) {
		QueueEntry *entry = link->data;

		if (response->kind == RESPONSE_TAGGED) {
			if (g_strcmp0(entry->tag, response->tag) == 0)
				return entry;
		} else if (response->kind == RESPONSE_CONTINUE) {
			if (entry->waits_literal)
				return entry;
		} else if (owns(entry, response, link == in_flight->head)) {
			return entry;
		}
	}
	return NULL;
}
