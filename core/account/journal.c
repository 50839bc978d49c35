#include "core/account/journal.h"

#include <string.h>

#include "core/account/entry.h"
#include "core/base/error.h"

/* Refusals that :pending still tells. */
#define REFUSED_MAX 50

struct Journal {
	const JournalEvents *events;
	void *data;
	EntryHost host;
	Worker *worker;
	char *directory, *account;
	Scope scope;
	GQueue entries; /* of Entry, oldest first */
	GQueue refused; /* of JournalItem, newest last */
	unsigned last_number;
	bool unwritten_told;
};

static void item_free(void *data)
{
	JournalItem *item = data;

	g_free(item->state);
	g_free(item->text);
	g_free(item->why);
	g_free(item);
}

/* --- order --- */

static bool is_waiting(const Entry *entry)
{
	IntentionState state = entry->intention->state;

	return state != INTENTION_HELD && state != INTENTION_ENDED;
}

static bool is_beside(const Entry *entry, const Entry *other)
{
	return other != entry && is_waiting(other) && other->mailbox == entry->mailbox;
}

/* Where the server removes all that is marked, what another entry marks at this moment would go
 * with it.  One that itself waits for others is in nobody's way. */
static bool may_run(const Entry *entry, void *data)
{
	Journal *j = data;
	bool earlier = true;

	for (const GList *link = j->entries.head; link; link = link->next) {
		const Entry *other = link->data;
		if (other == entry)
			earlier = false;
		if (!is_beside(entry, other))
			continue;
		if ((other->alone && other->busy) ||
		    (entry->alone && other->intention->state == INTENTION_SENT))
			return false;
		if (earlier && intention_touches(entry->intention, other->intention))
			return false;
	}
	return true;
}

/* Its copy is made, and it is to go. */
static bool is_moved(const Intention *i)
{
	return i->kind == INTENTION_MOVE &&
	       (i->step == STEP_MARK || i->step == STEP_CHECK || i->step == STEP_EXPUNGE);
}

static UidSet *beside(const Entry *entry, void *data)
{
	Journal *j = data;
	UidSet *uids = uidset_new();

	for (const GList *link = j->entries.head; link; link = link->next) {
		const Entry *other = link->data;
		const Intention *i = other->intention;
		if (is_beside(entry, other) && (i->kind == INTENTION_EXPUNGE || is_moved(i)))
			uidset_add_set(uids, i->uids);
	}
	return uids;
}

/* Those that `entry` was in the way of; with thousands waiting, not all are to be asked. */
static void advance_after(Journal *j, const Entry *entry)
{
	for (GList *link = j->entries.head; link; link = link->next) {
		Entry *other = link->data;
		if (entry->alone || other->alone ||
		    uidset_overlaps(entry->touched, other->intention->uids))
			entry_advance(other);
	}
}

static void advance_all(Journal *j)
{
	for (GList *link = j->entries.head; link; link = link->next)
		entry_advance(link->data);
}

/* --- events of an entry --- */

static JournalItem *item_new(const Entry *entry, const char *state, const char *why)
{
	JournalItem *item = g_new0(JournalItem, 1);

	item->number = entry->number;
	item->held = entry->intention->state == INTENTION_HELD;
	item->state = g_strdup(state);
	item->text = intention_describe(entry->intention);
	item->why = g_strdup(why);
	item->made = entry->intention->made;
	return item;
}

static void tell_changed(Journal *j)
{
	if (j->events->changed)
		j->events->changed(j, j->data);
}

static void tell_outcome(Journal *j, const char *text, const char *target, const GError *error)
{
	if (j->events->outcome)
		j->events->outcome(j, text, target, error, j->data);
}

static void keep_refusal(Journal *j, const Entry *entry, const char *why)
{
	JournalItem *item = item_new(entry, "not done", why);

	item->number = 0;
	g_queue_push_tail(&j->refused, item);
	if (j->refused.length > REFUSED_MAX)
		item_free(g_queue_pop_head(&j->refused));
}

static void on_ended(Entry *entry, const char *text, const GError *refusal, void *data)
{
	Journal *j = data;
	g_autofree char *target = g_strdup(entry->intention->target);

	if (refusal)
		keep_refusal(j, entry, refusal->message);
	g_queue_remove(&j->entries, entry);
	advance_after(j, entry);
	entry_free(entry);
	tell_changed(j);
	if (text)
		g_info("%s", text);
	tell_outcome(j, text, target, refusal);
}

static void on_held(Entry *entry, void *data)
{
	Journal *j = data;
	g_autofree char *what = intention_describe(entry->intention);
	g_autofree char *text = g_strdup_printf("Held back, not sent: %s: %s. :pending lists it.",
						what, entry->intention->reason);
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, CORE_ERROR_NO, text);

	g_info("%s", text);
	advance_all(j);
	tell_changed(j);
	tell_outcome(j, text, NULL, error);
}

/* Said once, until the disk is well again. */
static void on_written(Entry *entry, const GError *error, void *data)
{
	Journal *j = data;

	(void)entry;
	tell_changed(j);
	if (error && !j->unwritten_told) {
		g_autofree char *text =
			g_strdup_printf("The change could not be written down (%s): it is lost "
					"where Sheaf ends before the server has it.",
					error->message);
		tell_outcome(j, text, NULL, error);
	}
	j->unwritten_told = error != NULL;
}

static Mailbox *mailbox_of(const char *wire_name, void *data)
{
	Journal *j = data;

	return j->events->mailbox(j, wire_name, j->data);
}

/* --- wishes --- */

static bool refuse(Journal *j, CoreError code, char *text_take)
{
	g_autofree char *text = text_take;
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, code, text);

	tell_outcome(j, text, NULL, error);
	return true;
}

static bool refuse_readonly(Journal *j, Mailbox *m)
{
	return mailbox_is_readonly(m) &&
	       refuse(j, CORE_ERROR_READONLY,
		      g_strdup_printf("%s is read-only: nothing was changed.", mailbox_title(m)));
}

/* What is not known to be this mailbox's could not be found again in it. */
static bool refuse_unknown(Journal *j, Mailbox *m)
{
	return mailbox_uidvalidity(m) == 0 &&
	       refuse(j, CORE_ERROR_NO,
		      g_strdup_printf("The server numbers the messages of %s anew each time: "
				      "nothing was changed.",
				      mailbox_title(m)));
}

static Intention *intend(IntentionKind kind, Mailbox *m, const UidSet *uids, const char *what)
{
	return intention_new(kind, mailbox_name(m), mailbox_uidvalidity(m), uids, what);
}

static void begin(Journal *j, Mailbox *m, Intention *intention_take)
{
	Entry *entry = entry_new(&j->host, ++j->last_number, intention_take);

	g_queue_push_tail(&j->entries, entry);
	entry_begin(entry, m);
	tell_changed(j);
}

void journal_store(Journal *j, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags,
		   const char *what)
{
	g_assert(op <= STORE_REMOVE); /* T168 */
	flags &= mailbox_storable(m);
	if (uidset_is_empty(uids) || refuse_readonly(j, m))
		return;
	if (flags == 0) {
		refuse(j, CORE_ERROR_NO,
		       g_strdup_printf("The server does not keep such marks in %s: nothing was "
				       "changed.",
				       mailbox_title(m)));
		return;
	}
	if (refuse_unknown(j, m))
		return;
	Intention *i = intend(INTENTION_STORE, m, uids, what);
	i->op = op;
	i->words = flags_to_words(mailbox_flag_names(m), flags);
	begin(j, m, i);
}

void journal_copy(Journal *j, Mailbox *m, const UidSet *uids, const char *target, bool move,
		  const char *what)
{
	if (uidset_is_empty(uids) || (move && refuse_readonly(j, m)) || refuse_unknown(j, m))
		return;
	Intention *i = intend(move ? INTENTION_MOVE : INTENTION_COPY, m, uids, what);
	i->target = g_strdup(target);
	begin(j, m, i);
}

void journal_expunge(Journal *j, Mailbox *m, const UidSet *uids, const char *what)
{
	if (!uidset_is_empty(uids) && !refuse_readonly(j, m) && !refuse_unknown(j, m))
		begin(j, m, intend(INTENTION_EXPUNGE, m, uids, what));
}

/* --- those of the dead --- */

static void say_held(Journal *j, unsigned held)
{
	if (held == 0)
		return;
	refuse(j, CORE_ERROR_NO,
	       g_strdup_printf("%u change%s of an earlier time %s held back: :pending lists %s.",
			       held, held == 1 ? "" : "s", held == 1 ? "is" : "are",
			       held == 1 ? "it" : "them"));
}

/* They are older than what was wished for since the start. */
static void on_adopted(GPtrArray *intentions, void *data)
{
	Journal *j = data;
	unsigned held = 0;
	g_autoptr(GPtrArray) entries = g_ptr_array_new();

	for (unsigned k = 0; k < intentions->len; k++) {
		Intention *i = intention_copy(intentions->pdata[k]);
		Entry *entry = entry_new(&j->host, ++j->last_number, i);
		held += i->state == INTENTION_HELD;
		g_ptr_array_add(entries, entry);
	}
	for (unsigned k = entries->len; k-- > 0;)
		g_queue_push_head(&j->entries, entries->pdata[k]);
	for (unsigned k = 0; k < entries->len; k++)
		entry_adopt(entries->pdata[k]);
	tell_changed(j);
	say_held(j, held);
}

static void on_said(const char *sentence, void *data)
{
	Journal *j = data;
	g_autoptr(GError) error = g_error_new_literal(CORE_ERROR, CORE_ERROR_STATE, sentence);

	j->unwritten_told = true;
	g_info("%s", sentence);
	tell_outcome(j, sentence, NULL, error);
}

void journal_set_account(Journal *j, const char *account)
{
	if (g_strcmp0(account, j->account) == 0)
		return;
	scope_cancel(&j->scope);
	while (!g_queue_is_empty(&j->entries))
		entry_free(g_queue_pop_head(&j->entries));
	g_free(j->account);
	j->host.account = j->account = g_strdup(account);
	if (!j->host.store)
		j->host.store = journal_store_new(j->worker, j->directory, on_said, j);
	journal_store_adopt(j->host.store, &j->scope, account, on_adopted, j);
}

/* --- life --- */

Journal *journal_new(Pool *pool, Worker *worker, const char *directory, const JournalEvents *events,
		     void *data)
{
	Journal *j = g_new0(Journal, 1);

	j->events = events;
	j->data = data;
	j->worker = worker;
	j->directory = g_strdup(directory);
	scope_init(&j->scope);
	j->host = (EntryHost){.pool = pool,
			      .may_run = may_run,
			      .beside = beside,
			      .mailbox = mailbox_of,
			      .ended = on_ended,
			      .held = on_held,
			      .written = on_written,
			      .data = j};
	g_queue_init(&j->entries);
	g_queue_init(&j->refused);
	return j;
}

void journal_free(Journal *j)
{
	if (j == NULL)
		return;
	scope_cancel(&j->scope);
	while (!g_queue_is_empty(&j->entries))
		entry_free(g_queue_pop_head(&j->entries));
	journal_store_free(j->host.store);
	g_queue_clear_full(&j->refused, item_free);
	g_free(j->directory);
	g_free(j->account);
	g_free(j);
}

void journal_resume(Journal *j)
{
	advance_all(j);
}

/* --- what there is --- */

unsigned journal_pending(const Journal *j)
{
	unsigned n = 0;

	for (const GList *link = j->entries.head; link; link = link->next)
		n += is_waiting(link->data);
	return n;
}

unsigned journal_unsaved(const Journal *j)
{
	unsigned n = 0;

	for (const GList *link = j->entries.head; link; link = link->next)
		n += ((const Entry *)link->data)->intention->id == 0;
	return n;
}

unsigned journal_held(const Journal *j)
{
	return j->entries.length - journal_pending(j);
}

unsigned journal_overdue(const Journal *j)
{
	int64_t old = g_get_monotonic_time() - JOURNAL_OVERDUE_MS * 1000;
	unsigned n = 0;

	for (const GList *link = j->entries.head; link; link = link->next)
		n += is_waiting(link->data) && ((const Entry *)link->data)->begun <= old;
	return n;
}

bool journal_needs(const Journal *j, const Mailbox *m)
{
	for (const GList *link = j->entries.head; link; link = link->next) {
		const Entry *entry = link->data;
		if (is_waiting(entry) && (entry->mailbox == m || g_strcmp0(entry->intention->target,
									   mailbox_name(m)) == 0))
			return true;
	}
	return false;
}

GPtrArray *journal_list(const Journal *j)
{
	static const char *const states[] = {
		[INTENTION_NEW] = "being written", [INTENTION_WRITTEN] = "waiting",
		[INTENTION_SENT] = "sent",         [INTENTION_UNKNOWN] = "to be sent again",
		[INTENTION_HELD] = "held back",    [INTENTION_ENDED] = "done",
	};
	GPtrArray *items = g_ptr_array_new_with_free_func(item_free);

	for (const GList *link = j->entries.head; link; link = link->next) {
		const Intention *i = ((const Entry *)link->data)->intention;
		g_ptr_array_add(items, item_new(link->data, states[i->state], i->reason));
	}
	for (const GList *link = j->refused.head; link; link = link->next) {
		const JournalItem *item = link->data;
		JournalItem *copy = g_new(JournalItem, 1);
		*copy = (JournalItem){.state = g_strdup(item->state),
				      .text = g_strdup(item->text),
				      .why = g_strdup(item->why),
				      .made = item->made};
		g_ptr_array_add(items, copy);
	}
	return items;
}

static Entry *find_held(const Journal *j, unsigned number)
{
	for (const GList *link = j->entries.head; link; link = link->next) {
		Entry *entry = link->data;
		if (entry->number == number && entry->intention->state == INTENTION_HELD)
			return entry;
	}
	return NULL;
}

bool journal_drop(Journal *j, unsigned number)
{
	Entry *entry = find_held(j, number);

	if (!entry)
		return false;
	g_queue_remove(&j->entries, entry);
	entry_drop(entry);
	tell_changed(j);
	return true;
}

bool journal_retry(Journal *j, unsigned number)
{
	Entry *entry = find_held(j, number);

	if (entry)
		entry_retry(entry);
	tell_changed(j);
	return entry != NULL;
}
