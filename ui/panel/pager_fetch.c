#include "mime/parse.h"
#include "ui/panel/pager_private.h"

/* Up to this size a message comes whole: one round trip, and the bytes decide its structure. */
#define WHOLE_MESSAGE_MAX (64 * 1024)
/* Text parts beside the main one come along up to this size, and at most so many. */
#define SIDE_PART_MAX (256 * 1024)
#define SIDE_PARTS    16

typedef struct {
	Pager *pager;
	char *section;
	bool header; /* the header block of `section`, else its content */
} Want;

static void want_free(Want *want)
{
	g_free(want->section);
	g_free(want);
}

static void fail(Pager *x, const GError *error)
{
	g_autofree char *text =
		g_strdup_printf("This message could not be fetched: %s", error->message);

	pager_note(x, text);
	x->state = PAGER_EMPTY; /* opened again, it is fetched again */
	pane_damage(&x->pane, 0, 0);
	x->events->error(&x->pane, text, x->data);
}

/* By the person; what forget() cancels is not LOADING any more.  All that belongs to the message is
 * given up, and it can be asked for again. */
static void given_up(Pager *x)
{
	if (x->state != PAGER_LOADING)
		return;
	x->state = PAGER_EMPTY;
	scope_cancel(&x->scope);
	x->awaited = 0;
	pager_note(x, "Cancelled. Opened again from the list, it is fetched again.");
	pane_damage(&x->pane, 0, 0);
}

static void progressed(Account *a, uint64_t have, uint64_t total, void *data)
{
	Want *want = data;

	(void)a;
	want->pager->have = have;
	want->pager->total = total;
	pane_damage(&want->pager->pane, 0, 0);
}

static void part_arrived(Account *a, GBytes *bytes, const GError *error, void *data)
{
	Want *want = data;
	Pager *x = want->pager;

	(void)a;
	if (error_is_cancelled(error)) {
		want_free(want);
		given_up(x);
		return;
	}
	x->awaited--;
	if (error) {
		fail(x, error);
		want_free(want);
		return;
	}
	MimePart *part = *want->section ? part_find(x->root, want->section) : x->root;
	GBytes **slot = part ? (want->header ? &part->header : &part->content) : NULL;
	if (slot) {
		g_clear_pointer(slot, g_bytes_unref);
		*slot = g_bytes_ref(bytes);
	}
	want_free(want);
	if (x->awaited == 0)
		pager_lay(x);
}

static void want_section(Pager *x, const char *section, bool header, uint64_t size)
{
	Want *want = g_new0(Want, 1);
	g_autofree char *fetch =
		header ? g_strconcat(section, *section ? ".HEADER" : "HEADER", NULL)
		       : g_strdup(section);

	want->pager = x;
	want->section = g_strdup(section);
	want->header = header;
	x->awaited++;
	account_fetch_part(x->account, &x->scope, x->mailbox, x->uid, fetch, size, progressed,
			   part_arrived, want);
}

/* The texts to fetch: the readable part, and what stands beside it and is small. */
typedef struct {
	Pager *pager;
	const MimePart *readable;
	unsigned n;
} Wanted;

static bool is_other_alternative(const MimePart *part, const MimePart *readable)
{
	for (const MimePart *p = part; p && p->parent; p = p->parent) {
		if (!g_str_equal(p->parent->type, "multipart/alternative"))
			continue;
		for (const MimePart *r = readable; r && r->parent; r = r->parent)
			if (r->parent == p->parent)
				return r != p;
	}
	return false;
}

static void want_part(MimePart *part, unsigned depth, void *data)
{
	Wanted *wanted = data;

	(void)depth;
	/* The header of a message inside is kept at its tree's top, but fetched by the section
	 * of the message/rfc822 part itself. */
	if (part->parent && g_str_equal(part->parent->type, "message/rfc822") && !part->header &&
	    wanted->n < SIDE_PARTS) {
		wanted->n++;
		want_section(wanted->pager, part->parent->section, true, 0);
	}
	if (part->parts || part->content || !g_str_has_prefix(part->type, "text/"))
		return;
	bool beside = part->size <= SIDE_PART_MAX && wanted->n < SIDE_PARTS &&
		      !part_is_attachment(part) && !is_other_alternative(part, wanted->readable);
	if (part != wanted->readable && !beside)
		return;
	wanted->n++;
	want_section(wanted->pager, part->section, false, part->size);
}

static void fetch_parts(Pager *x, const MimePart *structure)
{
	if (!x->root)
		x->root = part_copy(structure);
	Wanted wanted = {.pager = x, .readable = part_readable(x->root, x->html)};
	if (!x->root->header)
		want_section(x, "", true, 0);
	part_foreach(x->root, want_part, &wanted);
	if (x->awaited == 0)
		pager_lay(x);
}

static void whole_arrived(Account *a, GBytes *bytes, const GError *error, void *data)
{
	Want *want = data;
	Pager *x = want->pager;

	(void)a;
	want_free(want);
	if (error_is_cancelled(error)) {
		given_up(x);
		return;
	}
	x->awaited--;
	if (error) {
		fail(x, error);
		return;
	}
	g_clear_pointer(&x->source, g_bytes_unref);
	x->source = g_bytes_ref(bytes);
	if (x->mode == PAGER_TEXT) {
		g_autoptr(GError) broken = NULL;
		g_clear_pointer(&x->root, part_free);
		x->root = parse_message(bytes, &broken);
		x->whole = true;
		/* What is no mail at all is shown as it came. */
		if (!x->root)
			x->mode = PAGER_SOURCE;
	}
	pager_lay(x);
}

static void fetch_whole(Pager *x, uint64_t size)
{
	Want *want = g_new0(Want, 1);

	want->pager = x;
	x->awaited++;
	account_fetch_part(x->account, &x->scope, x->mailbox, x->uid, "", size, progressed,
			   whole_arrived, want);
}

void pager_fetch(Pager *x)
{
	const MessageHead *head = mailbox_head(x->mailbox, x->uid);

	if (!head) {
		x->state = PAGER_WAITING_HEAD;
		mailbox_want(x->mailbox, &x->uid, 1);
		return;
	}
	x->state = PAGER_LOADING;
	x->have = x->total = 0;
	const MimePart *structure = message_structure(head);
	if (x->mode == PAGER_SOURCE || !structure || message_size(head) <= WHOLE_MESSAGE_MAX)
		fetch_whole(x, message_size(head));
	else
		fetch_parts(x, structure);
	pane_damage(&x->pane, 0, 0);
}
