/* check_mailbox - truth and wish of one folder: against a naive model, and rule by rule. */
#include <string.h>

#include "core/mailbox/mailbox.h"
#include "tests/fetched.h"
#include "tests/run.h"

/* What the listener heard. */
typedef struct {
	unsigned calls;
	bool reset, state;
	UidSet *added, *removed, *changed;
} Heard;

static void listener(Mailbox *m, const MailboxChange *change, void *data)
{
	Heard *heard = data;

	(void)m;
	heard->calls++;
	heard->reset = change->reset;
	heard->state = change->state;
	uidset_free(heard->added);
	uidset_free(heard->removed);
	uidset_free(heard->changed);
	heard->added = uidset_copy(change->added);
	heard->removed = uidset_copy(change->removed);
	heard->changed = uidset_copy(change->changed);
}

static void forget(Heard *heard)
{
	uidset_free(heard->added);
	uidset_free(heard->removed);
	uidset_free(heard->changed);
	memset(heard, 0, sizeof(*heard));
}

static void assert_set(const UidSet *set, const char *text)
{
	g_autofree char *got = uidset_format(set);
	ck_assert_str_eq(got, text);
}

static void tell(Mailbox *m, uint32_t uid, unsigned flags, const char *subject)
{
	Fetched f;

	mailbox_apply_fetch(m, uid, fetched(&f, uid, flags, subject));
}

/* UIDs 1..n, total known, flags not. */
static Mailbox *filled(uint32_t n)
{
	Mailbox *m = mailbox_new("INBOX");
	g_autoptr(UidSet) all = uidset_new_range(1, n);

	mailbox_set_uidvalidity(m, 1);
	mailbox_set_total(m, n);
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	return m;
}

START_TEST(a_slice_is_one_change)
{
	Mailbox *m = filled(3);
	Heard heard = {0};
	g_autoptr(UidSet) gone = uidset_new_range(2, 2);

	mailbox_listen(m, listener, &heard);
	tell(m, 4, 0, "four");
	tell(m, 5, FLAG_SEEN, "five");
	tell(m, 1, FLAG_SEEN, NULL);
	mailbox_apply_removed(m, gone);
	ck_assert_uint_eq(heard.calls, 0);
	mailbox_commit(m);
	mailbox_commit(m);
	ck_assert_uint_eq(heard.calls, 1);
	assert_set(heard.added, "4:5");
	assert_set(heard.removed, "2");
	ck_assert(uidset_has(heard.changed, 1));
	ck_assert(heard.state); /* unread: 0 before, 1 now */
	ck_assert(!heard.reset);
	ck_assert_uint_eq(mailbox_unseen(m), 1);
	ck_assert_str_eq(message_subject(mailbox_head(m, 5)), "five");
	forget(&heard);
	mailbox_free(m);
}
END_TEST

START_TEST(missing_messages_are_counted_and_complete_is_known)
{
	Mailbox *m = mailbox_new("INBOX");

	ck_assert(!mailbox_is_complete(m));
	mailbox_set_total(m, 100);
	tell(m, 990, 0, NULL);
	tell(m, 1000, 0, NULL);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_total(m), 100);
	ck_assert_uint_eq(mailbox_known(m), 2);
	ck_assert_uint_eq(mailbox_uid_at(m, 1), 1000);
	ck_assert_uint_eq(mailbox_uid_at(m, 2), 0);
	ck_assert_int_eq(mailbox_find(m, 995), -1);
	ck_assert(!mailbox_is_complete(m));
	mailbox_set_total(m, 2);
	mailbox_commit(m);
	ck_assert(mailbox_is_complete(m));
	mailbox_free(m);
}
END_TEST

START_TEST(a_wish_stands_over_the_truth_and_goes_without_trace)
{
	Mailbox *m = filled(3);
	g_autoptr(UidSet) two = uidset_new_range(2, 2);
	bool pending;

	for (uint32_t uid = 1; uid <= 3; uid++)
		tell(m, uid, FLAG_FLAGGED, NULL);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_unseen(m), 3);
	unsigned seen = mailbox_overlay(m, two, FLAG_SEEN, FLAG_FLAGGED, false);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_flags(m, 2, &pending), FLAG_SEEN);
	ck_assert(pending);
	ck_assert_uint_eq(mailbox_flags(m, 1, &pending), FLAG_FLAGGED);
	ck_assert(!pending);
	ck_assert_uint_eq(mailbox_unseen(m), 2);
	/* What the server says meanwhile changes the truth below. */
	tell(m, 2, FLAG_ANSWERED, NULL);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_flags(m, 2, &pending), FLAG_ANSWERED | FLAG_SEEN);
	mailbox_overlay_drop(m, seen);
	mailbox_overlay_drop(m, seen);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_flags(m, 2, &pending), FLAG_ANSWERED);
	ck_assert(!pending);
	ck_assert_uint_eq(mailbox_unseen(m), 3);
	mailbox_free(m);
}
END_TEST

START_TEST(moved_rows_are_gone_at_once_and_come_back_when_refused)
{
	Mailbox *m = filled(5);
	Heard heard = {0};
	g_autoptr(UidSet) some = uidset_new_range(2, 3);
	g_autoptr(UidSet) two = uidset_new_range(2, 2);

	mailbox_listen(m, listener, &heard);
	unsigned move = mailbox_overlay(m, some, 0, 0, true);
	mailbox_commit(m);
	assert_set(heard.removed, "2:3");
	ck_assert_uint_eq(mailbox_known(m), 3);
	ck_assert_uint_eq(mailbox_total(m), 3);
	ck_assert_int_eq(mailbox_find(m, 4), 1);
	ck_assert(mailbox_is_hidden(m, 2));
	/* The server goes on speaking of them. */
	tell(m, 3, FLAG_SEEN, NULL);
	mailbox_apply_removed(m, two);
	mailbox_set_total(m, 4);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_total(m), 3);
	mailbox_overlay_drop(m, move);
	mailbox_commit(m);
	assert_set(heard.added, "3");
	ck_assert_uint_eq(mailbox_total(m), 4);
	ck_assert_uint_eq(mailbox_flags(m, 3, NULL), FLAG_SEEN);
	forget(&heard);
	mailbox_free(m);
}
END_TEST

/* The order on the wire of a MOVE: EXPUNGE, then OK, in one slice. */
START_TEST(a_confirmed_move_never_shows_again)
{
	Mailbox *m = filled(3);
	Heard heard = {0};
	g_autoptr(UidSet) two = uidset_new_range(2, 2);

	unsigned move = mailbox_overlay(m, two, 0, 0, true);
	mailbox_commit(m);
	mailbox_listen(m, listener, &heard);
	mailbox_apply_removed(m, two);
	mailbox_set_total(m, 2);
	mailbox_overlay_drop(m, move);
	mailbox_commit(m);
	ck_assert_uint_eq(mailbox_known(m), 2);
	if (heard.calls > 0)
		ck_assert(uidset_is_empty(heard.added));
	forget(&heard);
	mailbox_free(m);
}
END_TEST

START_TEST(another_uidvalidity_forgets_everything)
{
	Mailbox *m = filled(3);
	Heard heard = {0};
	g_autoptr(UidSet) two = uidset_new_range(2, 2);

	tell(m, 2, 0, "two");
	mailbox_commit(m);
	mailbox_overlay(m, two, FLAG_SEEN, 0, false);
	mailbox_listen(m, listener, &heard);
	ck_assert(!mailbox_set_uidvalidity(m, 1));
	ck_assert(mailbox_set_uidvalidity(m, 2));
	tell(m, 2, 0, NULL);
	mailbox_commit(m);
	ck_assert(heard.reset);
	ck_assert_uint_eq(mailbox_known(m), 1);
	ck_assert_ptr_null(mailbox_head(m, 2)); /* T077 */
	ck_assert_uint_eq(mailbox_flags(m, 2, NULL), 0);
	forget(&heard);
	mailbox_free(m);
}
END_TEST

START_TEST(a_listing_adds_and_removes_to_match)
{
	Mailbox *m = filled(5);
	Heard heard = {0};
	g_autoptr(UidSet) all = uidset_parse("2,4:7", 5, 0);

	mailbox_listen(m, listener, &heard);
	mailbox_apply_uids(m, all);
	mailbox_set_total(m, 5);
	mailbox_commit(m);
	assert_set(heard.added, "6:7");
	assert_set(heard.removed, "1,3");
	ck_assert(mailbox_is_complete(m));
	forget(&heard);
	mailbox_free(m);
}
END_TEST

START_TEST(recent_is_what_came_since_the_last_visit)
{
	Mailbox *m = filled(3);

	mailbox_visit(m);
	mailbox_set_uidnext(m, 4);
	tell(m, 4, 0, NULL);
	tell(m, 2, FLAG_RECENT, NULL);
	mailbox_commit(m);
	ck_assert(mailbox_is_recent(m, 4));
	ck_assert(mailbox_is_recent(m, 2));
	ck_assert(!mailbox_is_recent(m, 3));
	mailbox_visit(m);
	/* GNU imap4d goes on to say so of what was there at the last visit. */
	tell(m, 2, FLAG_RECENT, NULL);
	tell(m, 5, 0, NULL);
	mailbox_commit(m);
	ck_assert(!mailbox_is_recent(m, 2));
	ck_assert(!mailbox_is_recent(m, 4));
	ck_assert(mailbox_is_recent(m, 5));
	mailbox_free(m);
}
END_TEST

START_TEST(permanent_flags_say_what_can_be_stored)
{
	Mailbox *m = mailbox_new("INBOX");
	static const char *const words[] = {"\\Seen", "Work", NULL};
	static const char *const any[] = {"\\Seen", "\\*", NULL};

	ck_assert(mailbox_storable(m) & FLAG_DELETED);
	mailbox_set_storable(m, words);
	ck_assert_uint_eq(mailbox_storable(m) & FLAGS_SYSTEM, FLAG_SEEN);
	ck_assert(mailbox_storable(m) & flags_from_word(mailbox_flag_names(m), "work", false));
	ck_assert(!mailbox_can_add_keywords(m));
	mailbox_set_storable(m, any);
	ck_assert(mailbox_can_add_keywords(m));
	mailbox_free(m);
}
END_TEST

/* --- listeners --- */

typedef struct {
	unsigned id, calls;
	bool commits;
} Leaver;

static void leave(Mailbox *m, const MailboxChange *change, void *data)
{
	Leaver *leaver = data;

	(void)change;
	leaver->calls++;
	mailbox_unlisten(m, leaver->id);
	if (leaver->commits) {
		tell(m, 50, 0, NULL);
		mailbox_commit(m);
	}
}

START_TEST(listeners_may_leave_and_commit_from_inside)
{
	Mailbox *m = filled(1);
	Leaver first = {0}, second = {.commits = true};
	Heard heard = {0};

	first.id = mailbox_listen(m, leave, &first);
	second.id = mailbox_listen(m, leave, &second);
	mailbox_listen(m, listener, &heard);
	tell(m, 40, 0, NULL);
	mailbox_commit(m);
	ck_assert_uint_eq(first.calls, 1);
	ck_assert_uint_eq(second.calls, 1);
	ck_assert_uint_eq(heard.calls, 2);
	assert_set(heard.added, "50");
	forget(&heard);
	mailbox_free(m);
}
END_TEST

/* --- heads --- */

typedef struct {
	unsigned calls;
	char *urgent, *ahead;
} Asked;

static void fetcher(Mailbox *m, const UidSet *urgent, const UidSet *ahead, void *data)
{
	Asked *asked = data;

	(void)m;
	asked->calls++;
	g_free(asked->urgent);
	g_free(asked->ahead);
	asked->urgent = uidset_format(urgent);
	asked->ahead = uidset_format(ahead);
}

static void turn(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		continue;
}

START_TEST(heads_are_asked_for_once_a_turn_and_once_in_all)
{
	Mailbox *m = filled(9);
	Asked asked = {0};
	uint32_t first[] = {7, 8, 0}, second[] = {5, 8, 9}, ahead[] = {1, 2, 5};
	g_autoptr(UidSet) done = uidset_new_range(1, 9);

	mailbox_set_fetcher(m, fetcher, &asked);
	tell(m, 9, 0, "here");
	mailbox_want(m, first, 3);
	mailbox_want(m, second, 3);
	mailbox_want_ahead(m, ahead, 3);
	ck_assert_uint_eq(asked.calls, 0);
	turn();
	ck_assert_uint_eq(asked.calls, 1);
	ck_assert_str_eq(asked.urgent, "5,7:8");
	ck_assert_str_eq(asked.ahead, "1:2");
	mailbox_want(m, second, 3);
	turn();
	ck_assert_uint_eq(asked.calls, 1); /* on their way */
	tell(m, 7, 0, "came");
	mailbox_want_done(m, done);
	mailbox_want(m, first, 3);
	turn();
	ck_assert_uint_eq(asked.calls, 2);
	ck_assert_str_eq(asked.urgent, "8");
	g_free(asked.urgent);
	g_free(asked.ahead);
	mailbox_free(m);
}
END_TEST

START_TEST(old_heads_make_room_for_new_ones)
{
	Mailbox *m = filled(3000);

	for (uint32_t uid = 1; uid <= 2000; uid++)
		tell(m, uid, 0, "x");
	ck_assert_ptr_nonnull(mailbox_head(m, 1)); /* used */
	for (uint32_t uid = 2001; uid <= 2100; uid++)
		tell(m, uid, 0, "x");
	ck_assert(mailbox_has_head(m, 1));
	ck_assert(!mailbox_has_head(m, 2));
	ck_assert(!mailbox_has_head(m, 101));
	ck_assert(mailbox_has_head(m, 102));
	mailbox_free(m);
}
END_TEST

static void count_kept(Mailbox *m, uint32_t uid, const FetchData *fetch, void *data)
{
	(void)m;
	(void)fetch;
	uidset_add(data, uid);
}

START_TEST(heads_that_pass_are_kept_and_not_held)
{
	Mailbox *m = filled(9);
	g_autoptr(UidSet) passing = uidset_new_range(3, 6);
	g_autoptr(UidSet) kept = uidset_new();
	uint32_t wanted[] = {5};

	mailbox_set_keeper(m, count_kept, kept);
	tell(m, 4, 0, "was there");
	mailbox_pass(m, passing);
	mailbox_want(m, wanted, 1);
	turn();
	for (uint32_t uid = 2; uid <= 6; uid++)
		tell(m, uid, 0, "came");
	ck_assert(mailbox_has_head(m, 2));
	ck_assert(!mailbox_has_head(m, 3));
	ck_assert_str_eq(message_subject(mailbox_head(m, 4)), "came");
	ck_assert(mailbox_has_head(m, 5)); /* somebody looks at it */
	ck_assert(!mailbox_has_head(m, 6));
	g_autofree char *all = uidset_format(kept);
	ck_assert_str_eq(all, "2:6");
	mailbox_pass(m, NULL);
	tell(m, 3, 0, "came");
	ck_assert(mailbox_has_head(m, 3));
	mailbox_free(m);
}
END_TEST

/* --- the model: a hash of what is there and a list of wishes --- */

#define UIDS 60

typedef struct {
	bool there, known;
	unsigned flags;
} Row;

typedef struct {
	unsigned id;
	UidSet *uids;
	unsigned add, del;
	bool hide;
} Wish;

typedef struct {
	Mailbox *m;
	Row rows[UIDS + 1];
	Wish wishes[4];
	GRand *rand;
} Model;

static int pick(Model *w, int n)
{
	return g_rand_int_range(w->rand, 0, n);
}

static UidSet *some_uids(Model *w)
{
	UidSet *uids = uidset_new();

	for (int i = pick(w, 12); i >= 0; i--)
		uidset_add(uids, 1 + (uint32_t)pick(w, UIDS));
	return uids;
}

static unsigned some_flags(Model *w)
{
	return (unsigned)pick(w, 32);
}

static void model_fetch(Model *w)
{
	uint32_t uid = 1 + (uint32_t)pick(w, UIDS);
	unsigned flags = some_flags(w);

	tell(w->m, uid, flags, pick(w, 2) ? "subject" : NULL);
	w->rows[uid] = (Row){true, true, flags};
}

static void model_remove(Model *w)
{
	g_autoptr(UidSet) uids = some_uids(w);

	mailbox_apply_removed(w->m, uids);
	mailbox_commit(w->m);
	for (uint32_t uid = 1; uid <= UIDS; uid++)
		if (uidset_has(uids, uid))
			w->rows[uid] = (Row){0};
}

static void model_list(Model *w)
{
	g_autoptr(UidSet) uids = some_uids(w);

	mailbox_apply_uids(w->m, uids);
	mailbox_commit(w->m);
	for (uint32_t uid = 1; uid <= UIDS; uid++) {
		if (!uidset_has(uids, uid))
			w->rows[uid] = (Row){0};
		else
			w->rows[uid].there = true;
	}
}

static void model_flag_set(Model *w)
{
	g_autoptr(UidSet) uids = some_uids(w);
	unsigned flag = 1u << pick(w, 5);
	bool with = pick(w, 2);

	mailbox_apply_flag_set(w->m, flag, uids, with);
	for (uint32_t uid = 1; uid <= UIDS; uid++) {
		Row *row = &w->rows[uid];
		if (!row->there)
			continue;
		row->known = row->known || flag == FLAG_SEEN;
		row->flags &= ~flag;
		if (uidset_has(uids, uid) == with)
			row->flags |= flag;
	}
}

/* Younger ones stand behind older ones: the first free place is not always the last. */
static void model_wish(Model *w)
{
	Wish *wish = &w->wishes[3];

	if (wish->id != 0) {
		unsigned victim = (unsigned)pick(w, 4);
		mailbox_overlay_drop(w->m, w->wishes[victim].id);
		uidset_free(w->wishes[victim].uids);
		memmove(&w->wishes[victim], &w->wishes[victim + 1], (3 - victim) * sizeof(Wish));
		memset(wish, 0, sizeof(*wish));
		return;
	}
	for (wish = w->wishes; wish->id != 0; wish++)
		continue;
	wish->uids = some_uids(w);
	wish->add = some_flags(w);
	wish->del = some_flags(w) & ~wish->add;
	wish->hide = pick(w, 3) == 0;
	wish->id = mailbox_overlay(w->m, wish->uids, wish->add, wish->del, wish->hide);
}

static void model_check(Model *w)
{
	uint32_t known = 0, unseen = 0;

	for (uint32_t uid = 1; uid <= UIDS; uid++) {
		Row row = w->rows[uid];
		bool hidden = false, wished = false, pending;
		for (Wish *wish = w->wishes; wish < w->wishes + 4 && wish->id != 0; wish++) {
			if (!uidset_has(wish->uids, uid))
				continue;
			wished = true;
			hidden = hidden || wish->hide;
			row.flags = (row.flags | wish->add) & ~wish->del;
		}
		bool shown = row.there && !hidden;
		ck_assert_int_eq(mailbox_find(w->m, uid), shown ? (int64_t)known : -1);
		if (!shown)
			continue;
		ck_assert_uint_eq(mailbox_uid_at(w->m, known), uid);
		ck_assert_uint_eq(mailbox_flags(w->m, uid, &pending), row.flags);
		ck_assert_int_eq(pending, wished);
		ck_assert_int_eq(mailbox_flags_known(w->m, uid), row.known);
		unseen += row.known && !(row.flags & FLAG_SEEN);
		known++;
	}
	ck_assert_uint_eq(mailbox_known(w->m), known);
	ck_assert_uint_eq(mailbox_unseen(w->m), unseen);
}

START_TEST(it_is_what_a_naive_model_says)
{
	Model w = {.m = mailbox_new("INBOX"), .rand = g_rand_new_with_seed((guint32)_i + 1)};

	for (unsigned step = 0; step < 600; step++) {
		switch (pick(&w, 12)) {
		case 0:
			model_remove(&w);
			break;
		case 1:
			model_list(&w);
			break;
		case 2:
			model_flag_set(&w);
			break;
		case 3:
		case 4:
		case 5:
			model_wish(&w);
			break;
		default:
			model_fetch(&w);
		}
		if (pick(&w, 3) > 0)
			continue;
		mailbox_commit(w.m);
		model_check(&w);
	}
	for (Wish *wish = w.wishes; wish < w.wishes + 4; wish++)
		uidset_free(wish->uids);
	g_rand_free(w.rand);
	mailbox_free(w.m);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("mailbox", &tcase);

	tcase_add_test(tcase, a_slice_is_one_change);
	tcase_add_test(tcase, missing_messages_are_counted_and_complete_is_known);
	tcase_add_test(tcase, a_wish_stands_over_the_truth_and_goes_without_trace);
	tcase_add_test(tcase, moved_rows_are_gone_at_once_and_come_back_when_refused);
	tcase_add_test(tcase, a_confirmed_move_never_shows_again);
	tcase_add_test(tcase, another_uidvalidity_forgets_everything);
	tcase_add_test(tcase, a_listing_adds_and_removes_to_match);
	tcase_add_test(tcase, recent_is_what_came_since_the_last_visit);
	tcase_add_test(tcase, permanent_flags_say_what_can_be_stored);
	tcase_add_test(tcase, listeners_may_leave_and_commit_from_inside);
	tcase_add_test(tcase, heads_are_asked_for_once_a_turn_and_once_in_all);
	tcase_add_test(tcase, old_heads_make_room_for_new_ones);
	tcase_add_test(tcase, heads_that_pass_are_kept_and_not_held);
	tcase_add_loop_test(tcase, it_is_what_a_naive_model_says, 0, 20);
	return run_suite(suite);
}
