/* check_model - random interleavings of what servers, other clients, lines and the person do,
 * against a reference (reference.h) that shares no source with core/: after each step what the
 * person wished shows, and whenever the line is quiet all that is visible is as the reference says.
 * Then the same with planted faults, each of which must be found.
 *
 * SHEAF_SEED=n runs that seed instead of the usual ones. */
#include "config.h"

#include "core/account/journal.h"
#include "core/mailbox/selection_private.h"
#include "tests/model_faults.h"
#include "tests/model_views.h"
#include "tests/place.h"
#include "tests/reference_server.h"
#include "tests/run.h"

#define STEPS       10000
#define MESSAGES    80
#define QUIET_TURNS 3000
#define EVERY       10 /* steps between two waits for a quiet line */

/* What servers offer, from poor to rich. */
static const char *const offers[] = {
	"IMAP4rev1 UIDPLUS",
	"IMAP4rev1 UIDPLUS MOVE ESEARCH CONDSTORE",
	"IMAP4rev1 UIDPLUS MOVE ESEARCH ENABLE UNSELECT CONDSTORE QRESYNC",
	"IMAP4rev1 UIDPLUS ENABLE UNSELECT CONDSTORE QRESYNC",
};
/* Each found something once. */
static const struct {
	unsigned seed;
	int offer;
} runs[] = {{25, 0}, {5, 1}, {44, 1}, {25, 2}, {54, 2}, {31, 3}};
#define RESYNCING 2 /* of them */

typedef enum { WISH_STORE, WISH_COPY, WISH_MOVE, WISH_EXPUNGE } WishKind;

/* One message of a change; the journal's entry has the number. */
typedef struct {
	unsigned number;
	WishKind kind;
	uint32_t uid, uidvalidity;
	unsigned flag;
	bool add, refused;
	bool lost;                  /* against another client */
	bool gone;                  /* before a restart, which may forget it */
	unsigned done[REF_CHANGES]; /* how often the server did so */
} Wish;

typedef struct {
	unsigned seed, step, last_number, compared;
	GRand *chance;
	RefServer *server;
	Endpoint endpoint;
	Pool *pool;
	Journal *journal;
	Mailbox *mailbox, *target;
	ModelViews *views;
	char *directory;
	GArray *wishes;       /* of Wish, oldest first */
	GHashTable *unmarked; /* UIDs that another client took \Deleted away from */
	char *difference;     /* the first that was found, or NULL */
} World;

static void differ(World *w, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void differ(World *w, const char *fmt, ...)
{
	va_list args;

	if (w->difference)
		return;
	va_start(args, fmt);
	w->difference = g_strdup_vprintf(fmt, args);
	va_end(args);
}

static unsigned below(World *w, unsigned n)
{
	return n == 0 ? 0 : (unsigned)g_rand_int_range(w->chance, 0, (gint32)n);
}

static Wish *wish_at(World *w, unsigned k)
{
	return &g_array_index(w->wishes, Wish, k);
}

/* --- flags --- */

static const struct {
	unsigned theirs;
	Flags ours;
} flag_pairs[] = {{REF_SEEN, FLAG_SEEN},
		  {REF_ANSWERED, FLAG_ANSWERED},
		  {REF_FLAGGED, FLAG_FLAGGED},
		  {REF_DELETED, FLAG_DELETED},
		  {REF_DRAFT, FLAG_DRAFT},
		  {REF_WORK, FLAGS_SYSTEM + 1}}; /* the only keyword, so the first */

static unsigned to_reference(Flags flags)
{
	unsigned theirs = 0;

	for (unsigned k = 0; k < G_N_ELEMENTS(flag_pairs); k++)
		theirs |= flags & flag_pairs[k].ours ? flag_pairs[k].theirs : 0;
	return theirs;
}

/* --- wishes --- */

static bool hides(const Wish *wish)
{
	return wish->kind == WISH_MOVE || wish->kind == WISH_EXPUNGE;
}

static bool is_of_this_inbox(World *w, const Wish *wish)
{
	return wish->uidvalidity == w->server->inbox->uidvalidity;
}

static bool was_carried_out(const Wish *wish)
{
	switch (wish->kind) {
	case WISH_STORE:
		return wish->done[REF_STORE] > 0;
	case WISH_COPY:
		return wish->done[REF_COPY] == 1;
	case WISH_MOVE:
		return wish->done[REF_MOVE] == 1 ||
		       (wish->done[REF_COPY] == 1 && wish->done[REF_EXPUNGE] == 1);
	case WISH_EXPUNGE:
		return wish->done[REF_EXPUNGE] == 1;
	}
	return false;
}

/* Refused, in vain because others were quicker, or done. */
static void check_ended(World *w, const Wish *wish)
{
	if (wish->refused || !is_of_this_inbox(w, wish) || was_carried_out(wish))
		return;
	/* What shows as marked is not marked again: who took the mark back meanwhile wins. */
	if (hides(wish) && g_hash_table_contains(w->unmarked, GUINT_TO_POINTER(wish->uid)))
		return;
	if (reference_find(w->server->inbox, wish->uid) != 0)
		differ(w, "change %u of UID %u (kind %d) ended, and the server never had it",
		       wish->number, wish->uid, (int)wish->kind);
}

static void end_wishes(World *w, unsigned number)
{
	for (unsigned k = w->wishes->len; k-- > 0;) {
		if (wish_at(w, k)->number != number)
			continue;
		check_ended(w, wish_at(w, k));
		g_array_remove_index(w->wishes, k);
	}
}

/* Only what belongs to a mailbox that was replaced may be held. */
static void drop_held(World *w, const JournalItem *item)
{
	for (unsigned k = 0; k < w->wishes->len; k++)
		if (wish_at(w, k)->number == item->number && is_of_this_inbox(w, wish_at(w, k)))
			differ(w, "change %u is held: %s", item->number, item->why);
	journal_drop(w->journal, item->number);
}

static bool is_wished(World *w, unsigned number)
{
	for (unsigned k = 0; k < w->wishes->len; k++)
		if (wish_at(w, k)->number == number)
			return true;
	return false;
}

/* Those that the journal does not have any more have ended. */
static void follow_journal(World *w)
{
	g_autoptr(GPtrArray) items = journal_list(w->journal);
	g_autoptr(GHashTable) live = g_hash_table_new(NULL, NULL);

	for (unsigned k = 0; k < items->len; k++) {
		const JournalItem *item = items->pdata[k];
		if (item->number == 0)
			continue;
		if (!is_wished(w, item->number))
			differ(w, "the journal has a change nobody wished: %s", item->text);
		if (item->held)
			drop_held(w, item);
		else
			g_hash_table_add(live, GUINT_TO_POINTER(item->number));
	}
	for (unsigned k = w->wishes->len; k-- > 0; k = MIN(k, w->wishes->len)) {
		unsigned number = wish_at(w, k)->number;
		if (!g_hash_table_contains(live, GUINT_TO_POINTER(number)))
			end_wishes(w, number);
	}
}

/* --- what the server did --- */

static bool allows(const Wish *wish, RefChange what, unsigned flags, bool add)
{
	if (what == REF_STORE && wish->kind == WISH_STORE)
		return flags == wish->flag && add == wish->add;
	if (what == REF_STORE)
		return hides(wish) && flags == REF_DELETED && add;
	if (what == REF_COPY)
		return wish->kind == WISH_COPY || wish->kind == WISH_MOVE;
	return what == REF_MOVE ? wish->kind == WISH_MOVE : hides(wish);
}

static void on_changed(RefChange what, uint32_t uid, unsigned flags, bool add, void *data)
{
	World *w = data;

	if (what == REF_STORE && add && (flags & REF_DELETED))
		g_hash_table_remove(w->unmarked, GUINT_TO_POINTER(uid));
	follow_journal(w);
	for (unsigned k = 0; k < w->wishes->len; k++) {
		Wish *wish = wish_at(w, k);
		if (wish->uid != uid || !is_of_this_inbox(w, wish) ||
		    !allows(wish, what, flags, add))
			continue;
		if (++wish->done[what] > 1 && what != REF_STORE)
			differ(w, "change %u of UID %u was carried out twice", wish->number, uid);
		return;
	}
	differ(w, "the server was told to change UID %u (%d), which nobody wished", uid, (int)what);
}

/* The first that allows it is the one under way: later ones wait for it. */
static void on_refused(RefChange what, uint32_t uid, void *data)
{
	World *w = data;

	follow_journal(w);
	for (unsigned k = 0; k < w->wishes->len; k++) {
		Wish *wish = wish_at(w, k);
		if (wish->uid != uid || !is_of_this_inbox(w, wish))
			continue;
		if (what != REF_STORE ? allows(wish, what, 0, false) : wish->kind != WISH_COPY) {
			wish->refused = true;
			return;
		}
	}
}

static void on_unmarked(uint32_t uid, void *data)
{
	g_hash_table_add(((World *)data)->unmarked, GUINT_TO_POINTER(uid));
}

static const RefEvents ref_events = {on_changed, on_refused, on_unmarked};

/* --- comparing --- */

/* What was wished shows, whatever the line does. */
static void compare_wishes(World *w)
{
	follow_journal(w);
	for (unsigned k = 0; k < w->wishes->len && !w->difference; k++) {
		const Wish *wish = wish_at(w, k);
		bool pending, hidden = mailbox_is_hidden(w->mailbox, wish->uid), last = true;
		unsigned flags = to_reference(mailbox_flags(w->mailbox, wish->uid, &pending));
		if (wish->uidvalidity != mailbox_uidvalidity(w->mailbox) ||
		    wish->kind == WISH_COPY || wish->gone)
			continue;
		/* The next start does not show a wish of what the server did not find any more. */
		if (is_of_this_inbox(w, wish) && !reference_find(w->server->inbox, wish->uid))
			continue;
		for (unsigned l = k + 1; l < w->wishes->len; l++)
			last &= wish_at(w, l)->uid != wish->uid ||
				wish_at(w, l)->flag != wish->flag;
		if (!pending)
			differ(w, "UID %u does not show that a change is pending", wish->uid);
		else if (hides(wish) && (!hidden || mailbox_find(w->mailbox, wish->uid) >= 0))
			differ(w, "UID %u was removed, and has a row", wish->uid);
		else if (!hides(wish) && last && ((flags & wish->flag) != 0) != wish->add)
			differ(w, "UID %u does not show flag %u as wished", wish->uid, wish->flag);
	}
	g_autofree char *wrong = w->difference ? NULL : model_views_paint(w->views);
	if (wrong)
		differ(w, "%s", wrong);
}

static void compare_numbers(World *w)
{
	const Reference *inbox = w->server->inbox;
	const MsgMap *map = model_selection()->map;

	if (msgmap_count(map) != reference_count(inbox))
		differ(w, "%u sequence numbers, and the server has %u", msgmap_count(map),
		       reference_count(inbox));
	for (unsigned seq = 1; seq <= reference_count(inbox) && !w->difference; seq++)
		if (msgmap_uid(map, seq) != reference_at(inbox, seq)->uid)
			differ(w, "number %u is UID %u, and the server's %u", seq,
			       msgmap_uid(map, seq), reference_at(inbox, seq)->uid);
}

/* The message with what was wished of it; false where it is to be hidden. */
static bool apply_wishes(World *w, RefMessage *message, bool *pending)
{
	*pending = false;
	for (unsigned k = 0; k < w->wishes->len; k++) {
		const Wish *wish = wish_at(w, k);
		if (wish->uid != message->uid || !is_of_this_inbox(w, wish) ||
		    wish->kind == WISH_COPY)
			continue;
		if (hides(wish))
			return false;
		*pending = true;
		message->flags =
			wish->add ? message->flags | wish->flag : message->flags & ~wish->flag;
	}
	return true;
}

static void compare_row(World *w, unsigned row, const RefMessage *message, bool pending)
{
	uint32_t uid = mailbox_uid_at(w->mailbox, row);
	const MessageHead *head = mailbox_head(w->mailbox, uid);
	bool is_pending;
	unsigned flags = to_reference(mailbox_flags(w->mailbox, uid, &is_pending));

	if (uid != message->uid)
		differ(w, "row %u is UID %u, and should be %u", row, uid, message->uid);
	else if (!mailbox_flags_known(w->mailbox, uid) || flags != message->flags)
		differ(w, "UID %u has flags %x, and should have %x", uid, flags, message->flags);
	else if (is_pending != pending)
		differ(w, "UID %u: pending %d, and should be %d", uid, is_pending, pending);
	else if (head && (unsigned)atoi(message_subject(head)) != message->serial)
		differ(w, "UID %u shows message %s, and is %u", uid, message_subject(head),
		       message->serial);
}

static void compare_rows(World *w)
{
	const Reference *inbox = w->server->inbox;
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	unsigned unseen = 0;
	bool pending;

	for (unsigned seq = 1; seq <= reference_count(inbox) && !w->difference; seq++) {
		RefMessage message = *reference_at(inbox, seq);
		if (!apply_wishes(w, &message, &pending))
			continue;
		compare_row(w, uids->len, &message, pending);
		g_array_append_val(uids, message.uid);
		unseen += !(message.flags & REF_SEEN);
	}
	if (mailbox_known(w->mailbox) != uids->len || mailbox_total(w->mailbox) != uids->len)
		differ(w, "%u rows of %u, and there should be %u", mailbox_known(w->mailbox),
		       mailbox_total(w->mailbox), uids->len);
	if (mailbox_unseen(w->mailbox) != unseen)
		differ(w, "%u unseen, and there should be %u", mailbox_unseen(w->mailbox), unseen);
	g_autofree char *wrong = w->difference ? NULL : model_views_compare(w->views, uids);
	if (wrong)
		differ(w, "%s", wrong);
}

static void compare_all(World *w)
{
	w->compared++;
	compare_wishes(w);
	compare_numbers(w);
	compare_rows(w);
}

/* --- the client --- */

static void on_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	(void)p;
	(void)selection;
	if (!error)
		journal_resume(((World *)self)->journal);
}

static const PoolEvents pool_events = {.selected = on_selected};

static Mailbox *on_mailbox(Journal *j, const char *wire_name, void *data)
{
	World *w = data;

	(void)j;
	return strcmp(wire_name, "INBOX") == 0 ? w->mailbox : w->target;
}

static const JournalEvents journal_events = {.mailbox = on_mailbox};

static bool turn(World *w)
{
	bool any = refserver_turn(w->server);

	while (g_main_context_iteration(NULL, FALSE))
		any = true;
	if (pool_state(w->pool) == POOL_WAITING) {
		pool_retry(w->pool);
		any = true;
	}
	return any;
}

static bool is_quiet(World *w)
{
	return refserver_is_quiet(w->server) && model_jobs() == 0 && model_selection() &&
	       w->server->selected == w->server->inbox && pool_is_quiet(w->pool) &&
	       selection_is_ready(model_selection()) && mailbox_is_complete(w->mailbox) &&
	       !mailbox_is_loading(w->mailbox);
}

static void start(World *w)
{
	SessionConfig config = {.endpoint = &w->endpoint, .user = "alice", .password = "secret"};
	g_autoptr(Keywords) keywords = keywords_new("*");

	w->mailbox = mailbox_new("INBOX");
	mailbox_show_keywords(w->mailbox, keywords);
	w->target = mailbox_new("Target");
	w->views = model_views_new(w->mailbox, w->seed);
	w->pool = pool_new(&config, 1, &pool_events, w);
	w->journal = journal_new(w->pool, NULL, w->directory, &journal_events, w);
	journal_set_account(w->journal, "alice@test");
	while (model_jobs() > 0)
		g_main_context_iteration(NULL, FALSE);
	pool_select(w->pool, w->mailbox, false);
	pool_open(w->pool);
}

static void stop(World *w)
{
	journal_free(w->journal);
	pool_free(w->pool);
	while (model_jobs() > 0)
		g_main_context_iteration(NULL, FALSE);
	model_forget();
	model_views_free(w->views);
	mailbox_free(w->mailbox);
	mailbox_free(w->target);
}

/* The journal numbers what it takes over anew. */
static void restart(World *w)
{
	unsigned number = 0, before = 0;

	follow_journal(w);
	stop(w);
	for (unsigned k = 0; k < w->wishes->len; k++) {
		Wish *wish = wish_at(w, k);
		number += wish->number != before;
		before = wish->number;
		wish->number = number;
		wish->gone |= is_of_this_inbox(w, wish) &&
			      reference_find(w->server->inbox, wish->uid) == 0;
	}
	w->last_number = number;
	start(w);
	follow_journal(w);
}

/* --- what the person does --- */

/* Another client took the mark back, and ours has not heard of it yet: what it shows as marked it
 * does not mark again, so that the message stays. */
static bool is_lost_already(World *w, WishKind kind, uint32_t uid)
{
	unsigned seq = reference_find(w->server->inbox, uid);

	return kind == WISH_EXPUNGE && seq != 0 &&
	       (mailbox_flags(w->mailbox, uid, NULL) & FLAG_DELETED) &&
	       !(reference_at(w->server->inbox, seq)->flags & REF_DELETED);
}

static void wish(World *w, WishKind kind)
{
	uint32_t rows = mailbox_known(w->mailbox), first = below(w, rows), n = 1 + below(w, 3);
	unsigned flag = below(w, G_N_ELEMENTS(flag_pairs));
	bool add = below(w, 2) == 0;
	g_autoptr(UidSet) uids = uidset_new();

	if (rows == 0 || mailbox_uidvalidity(w->mailbox) == 0)
		return;
	follow_journal(w);
	w->last_number++;
	for (uint32_t i = first; i < MIN(first + n, rows); i++) {
		Wish one = {.number = w->last_number,
			    .kind = kind,
			    .uid = mailbox_uid_at(w->mailbox, i),
			    .uidvalidity = mailbox_uidvalidity(w->mailbox),
			    .flag = kind == WISH_STORE ? flag_pairs[flag].theirs : 0,
			    .add = add};
		one.lost = is_lost_already(w, kind, one.uid);
		if (hides(&one))
			model_views_hide(w->views, one.uid);
		uidset_add(uids, one.uid);
		g_array_append_val(w->wishes, one);
	}
	if (kind == WISH_STORE)
		journal_store(w->journal, w->mailbox, uids, add ? STORE_ADD : STORE_REMOVE,
			      flag_pairs[flag].ours, "Marked.");
	else if (kind == WISH_EXPUNGE)
		journal_expunge(w->journal, w->mailbox, uids, "Removed.");
	else
		journal_copy(w->journal, w->mailbox, uids, "Target", kind == WISH_MOVE, "Put.");
}

static void wish_store(World *w)
{
	wish(w, WISH_STORE);
}

static void wish_copy(World *w)
{
	wish(w, WISH_COPY);
}

static void wish_move(World *w)
{
	wish(w, WISH_MOVE);
}

static void wish_expunge(World *w)
{
	wish(w, WISH_EXPUNGE);
}

/* --- what happens to both --- */

static void ask(World *w)
{
	if (pool_session(w->pool) && session_state(pool_session(w->pool)) == SESSION_SELECTED)
		imap_noop(pool_session(w->pool), NULL, NULL, NULL);
}

static void other_adds(World *w)
{
	if (reference_count(w->server->inbox) < MESSAGES * 2)
		refserver_add(w->server);
}

static void other_expunges(World *w)
{
	if (reference_count(w->server->inbox) > MESSAGES / 2)
		refserver_expunge(w->server);
}

static void other_flags(World *w)
{
	refserver_flag(w->server);
}

static void server_refuses(World *w)
{
	w->server->refuse = true;
}

static void line_breaks(World *w)
{
	w->server->cut = true;
	ask(w);
}

static void mailbox_is_replaced(World *w)
{
	refserver_replace(w->server);
	g_hash_table_remove_all(w->unmarked);
}

static const struct {
	void (*happen)(World *w);
	unsigned weight;
} happenings[] = {
	{other_adds, 200},   {other_expunges, 160}, {other_flags, 200}, {ask, 120},
	{wish_store, 150},   {wish_copy, 40},       {wish_move, 40},    {wish_expunge, 30},
	{server_refuses, 8}, {line_breaks, 20},     {restart, 8},       {mailbox_is_replaced, 2},
};

static void happen(World *w)
{
	unsigned total = 0, k = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(happenings); i++)
		total += happenings[i].weight;
	unsigned at = below(w, total);
	for (; at >= happenings[k].weight; k++)
		at -= happenings[k].weight;
	happenings[k].happen(w);
}

/* --- runs --- */

static void settle(World *w)
{
	w->server->cut = false;
	ask(w);
	for (unsigned turns = 0; turns < QUIET_TURNS && !w->difference; turns++) {
		bool any = turn(w);
		if (!any && w->server->expunges_due > 0)
			ask(w);
		else if (!any && is_quiet(w)) {
			compare_all(w);
			return;
		}
	}
	differ(w, "the line does not become quiet: pool %d, server %d, %u of %u rows",
	       (int)pool_state(w->pool), refserver_is_quiet(w->server), mailbox_known(w->mailbox),
	       mailbox_total(w->mailbox));
}

static void step(World *w)
{
	happen(w);
	compare_wishes(w);
	for (unsigned turns = below(w, 4); turns > 0 && !w->difference; turns--) {
		turn(w);
		compare_wishes(w);
	}
	if (w->step % EVERY == 0 && !w->difference)
		settle(w);
}

static void on_connection(int fd_take, void *server)
{
	refserver_connect(server, fd_take);
}

static World *open_world(unsigned seed, const char *offer)
{
	World *w = g_new0(World, 1);

	w->seed = seed;
	w->endpoint = (Endpoint){.kind = ENDPOINT_PLAIN,
				 .host = (char *)"127.0.0.1",
				 .port = 143,
				 .label = (char *)"test"};
	w->directory = place_temporary();
	g_setenv("XDG_STATE_HOME", w->directory, TRUE);
	w->chance = g_rand_new_with_seed(seed);
	w->unmarked = g_hash_table_new(NULL, NULL);
	w->wishes = g_array_new(FALSE, TRUE, sizeof(Wish));
	w->server = refserver_new(w->chance, offer, &ref_events, w);
	model_connect = on_connection;
	model_connect_data = w->server;
	for (unsigned n = 0; n < MESSAGES; n++)
		refserver_add(w->server);
	start(w);
	return w;
}

static void close_world(World *w)
{
	stop(w);
	refserver_free(w->server);
	g_array_unref(w->wishes);
	g_hash_table_unref(w->unmarked);
	g_rand_free(w->chance);
	place_remove(w->directory);
	g_free(w->directory);
	g_free(w->difference);
	g_free(w);
}

/* To the first difference. */
static World *run(unsigned seed, const char *offer)
{
	World *w = open_world(seed, offer);

	settle(w);
	while (w->step < STEPS && !w->difference) {
		w->step++;
		step(w);
	}
	return w;
}

static unsigned seed_or(unsigned seed)
{
	const char *wanted = g_getenv("SHEAF_SEED");

	return wanted ? (unsigned)strtoul(wanted, NULL, 10) : seed;
}

START_TEST(core_and_reference_agree)
{
	World *w = run(seed_or(runs[_i].seed), offers[runs[_i].offer]);

	ck_assert_msg(!w->difference, "SHEAF_SEED=%u, step %u, %s: %s", w->seed, w->step,
		      offers[runs[_i].offer], w->difference ? w->difference : "");
	ck_assert_uint_gt(w->compared, STEPS / EVERY);
	close_world(w);
}
END_TEST

static const struct {
	ModelFault fault;
	int offer;
	const char *name;
} faults[] = {
	{FAULT_EXPUNGE_OFF_BY_ONE, 0, "EXPUNGE is off by one"},
	{FAULT_VANISHED_DROPPED, RESYNCING, "VANISHED is dropped"},
	{FAULT_OVERLAY_LOST_ON_ABORT, 1, "the overlay is lost when the line breaks"},
	{FAULT_JOURNAL_REPLAYED_TWICE, 1, "the journal is replayed twice"},
	{FAULT_EXISTS_IGNORED, 1, "EXISTS is ignored"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(faults) == MODEL_FAULTS - 1);

START_TEST(a_planted_fault_is_found)
{
	model_fault = faults[_i].fault;
	World *w = run(seed_or(2000 + (unsigned)_i), offers[faults[_i].offer]);

	ck_assert_msg(w->difference != NULL, "SHEAF_SEED=%u: not found in %d steps: %s", w->seed,
		      STEPS, faults[_i].name);
	printf("%s: found at step %u: %s\n", faults[_i].name, w->step, w->difference);
	fflush(stdout);
	close_world(w);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("model", &tcase);

	tcase_set_timeout(tcase, 120 * SANITIZER_FACTOR);
	tcase_add_loop_test(tcase, core_and_reference_agree, 0, (int)G_N_ELEMENTS(runs));
	tcase_add_loop_test(tcase, a_planted_fault_is_found, 0, (int)G_N_ELEMENTS(faults));
	return run_suite(suite);
}
