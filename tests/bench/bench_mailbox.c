/* How a mailbox of a million messages feels: memory, and the time of what happens to it and its
 * views.  Not part of make check. */
#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mailbox/msgmap.h"
#include "core/mailbox/view.h"
#include "tests/fetched.h"

static int64_t started;

static void begin(void)
{
	started = g_get_monotonic_time();
}

static void end(const char *what)
{
	printf("%-62s %9.3f ms\n", what, (g_get_monotonic_time() - started) / 1000.0);
}

static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static void changed(View *v, size_t first, size_t last, bool relaid, void *data)
{
	(void)v;
	(void)first;
	(void)last;
	*(unsigned *)data += relaid;
}

static void tell(Mailbox *m, uint32_t uid, unsigned flags, const char *subject)
{
	Fetched f;

	mailbox_apply_fetch(m, uid, fetched(&f, uid, flags, subject));
}

/* One message of `every` is left out, so that the sets have holes. */
static UidSet *uids_of(uint32_t n, uint32_t every)
{
	UidSet *uids = uidset_new();

	for (uint32_t uid = 1; uidset_count(uids) < n && uid < n * 2; uid += every) {
		uint32_t room = n - (uint32_t)uidset_count(uids);
		uidset_add_range(uids, uid, uid + MIN(every - 2, room - 1));
	}
	return uids;
}

static Mailbox *open_mailbox(const UidSet *all)
{
	Mailbox *m = mailbox_new("INBOX");
	uint32_t n = (uint32_t)uidset_count(all);
	size_t before = allocated();

	begin();
	mailbox_set_uidvalidity(m, 1);
	mailbox_set_total(m, n);
	for (uint32_t i = 0; i < 40; i++)
		tell(m, uidset_last(all) - i, 0, "a subject");
	mailbox_commit(m);
	end("the first window");
	begin();
	mailbox_apply_uids(m, all);
	mailbox_commit(m);
	end("the UIDs of all");
	printf("%-62s %9.1f bytes\n", "memory a message",
	       (double)(allocated() - before) / (double)n);
	return m;
}

static void flag_sets(Mailbox *m, const UidSet *all)
{
	g_autoptr(UidSet) unseen = uidset_new();

	for (uint32_t uid = 1; uid < uidset_last(all); uid += 3)
		uidset_add(unseen, uid);
	begin();
	mailbox_apply_flag_set(m, FLAG_SEEN, unseen, false);
	mailbox_commit(m);
	end("one flag of all, every third message");
}

static void map_numbers(const UidSet *all)
{
	g_autoptr(MsgMap) map = msgmap_new();
	uint32_t n = (uint32_t)uidset_count(all);

	msgmap_reset(map, n);
	begin();
	msgmap_set_all(map, all);
	end("numbers to UIDs, all");
	begin();
	for (uint32_t i = 0; i < 10000; i++)
		msgmap_expunge(map, (i * 7919u) % (n - 10000) + 1);
	end("10,000 EXPUNGE by number, anywhere");
}

static void events(Mailbox *m, const UidSet *all)
{
	uint32_t last = uidset_last(all);
	g_autoptr(UidSet) one = uidset_new_range(last / 2, last / 2);
	g_autoptr(UidSet) thousand = uidset_new();

	begin();
	for (uint32_t i = 1; i <= 100; i++) {
		tell(m, last + i, 0, "new");
		mailbox_commit(m);
	}
	end("100 new messages, each a slice of its own");
	begin();
	for (uint32_t i = 1; i <= 1000; i++)
		tell(m, i * 900, FLAG_SEEN, NULL);
	mailbox_commit(m);
	end("1,000 changed flags in a slice");
	begin();
	mailbox_apply_removed(m, one);
	mailbox_commit(m);
	end("one message removed in the middle");
	for (uint32_t i = 1; i <= 1000; i++)
		uidset_add(thousand, i * 700);
	begin();
	unsigned move = mailbox_overlay(m, thousand, 0, 0, true);
	mailbox_commit(m);
	end("1,000 scattered rows hidden (a move)");
	begin();
	mailbox_apply_removed(m, thousand);
	mailbox_overlay_drop(m, move);
	mailbox_commit(m);
	end("and confirmed");
}

static void order(Mailbox *m, View *v)
{
	uint32_t n = mailbox_known(m);
	uint32_t *uids = g_new(uint32_t, n);
	GRand *rand = g_rand_new_with_seed(1);

	for (uint32_t i = 0; i < n; i++)
		uids[i] = mailbox_uid_at(m, i);
	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t k = (uint32_t)g_rand_int_range(rand, 0, (int)i), uid = uids[i];
		uids[i] = uids[k];
		uids[k] = uid;
	}
	begin();
	view_set_order(v, uids, n);
	end("the server's order (a random one) taken over");
	begin();
	view_find(v, uids[n / 2]);
	end("a row found in it");
	begin();
	tell(m, mailbox_uid_at(m, n - 1) + 1, 0, "new");
	mailbox_commit(m);
	end("a new message in it");
	begin();
	view_set_threaded(v, true);
	end("threads in it");
	view_set_threaded(v, false);
	g_rand_free(rand);
	g_free(uids);
}

static void limit(Mailbox *m, View *v)
{
	g_autoptr(UidSet) hits = uidset_new();

	view_set_order(v, NULL, 0);
	for (uint32_t uid = 1; uid < mailbox_known(m); uid += 10)
		uidset_add(hits, uid);
	begin();
	view_set_limit(v, hits);
	end("a search with 100,000 hits");
	begin();
	tell(m, mailbox_uid_at(m, mailbox_known(m) - 1) + 1, 0, "new");
	mailbox_commit(m);
	end("a new message beside it");
	view_set_limit(v, NULL);
}

static void rows(Mailbox *m, View *v)
{
	ViewRow row;
	size_t count = view_count(v);

	begin();
	for (size_t i = 0; i < 100000; i++)
		view_row(v, (i * 7919) % count, &row);
	end("100,000 rows read, anywhere");
	begin();
	for (size_t i = 0; i < 100000; i++)
		view_find(v, (uint32_t)((i * 7919) % count));
	end("100,000 rows found by UID");
	g_autoptr(UidSet) oldest = uidset_new_range(1, 10);
	mailbox_apply_flag_set(m, FLAG_SEEN, oldest, false);
	mailbox_commit(m);
	begin();
	view_next_unseen(v, 0, 1);
	end("the next unread message, the very last row");
}

static void count_done(const GError *error, void *data)
{
	(void)error;
	++*(unsigned *)data;
}

static int64_t woken, longest;

/* A key waits as long as the loop does not ask for it. */
static int polled(GPollFD *fds, guint n, int timeout)
{
	longest = MAX(longest, g_get_monotonic_time() - woken);
	int ready = g_poll(fds, n, timeout);
	woken = g_get_monotonic_time();
	return ready;
}

static void apply_threads(Mailbox *m, ThreadAnswer *answer)
{
	unsigned done = 0;

	g_main_context_set_poll_func(NULL, polled);
	woken = g_get_monotonic_time();
	begin();
	mailbox_apply_threads(m, NULL, answer, count_done, &done);
	while (done == 0)
		g_main_context_iteration(NULL, TRUE);
	end("taken over and put in order in another thread");
	g_main_context_set_poll_func(NULL, NULL);
	longest = MAX(longest, g_get_monotonic_time() - woken);
	printf("%-62s %9.3f ms\n", "the longest that a key waited meanwhile", longest / 1000.0);
}

/* A server's answer: threads of about eight, a tenth of them twice as deep. */
static void threads(Mailbox *m, View *v)
{
	uint32_t n = mailbox_known(m);
	ThreadAnswer *answer = threadanswer_new();
	g_autofree ThreadStep *steps = g_new0(ThreadStep, n + 1);
	g_autofree uint32_t *uids = g_new(uint32_t, n);
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	size_t before = allocated();
	ViewRow row;

	/* Neighbours in a thread are near each other in time. */
	for (uint32_t i = 0; i < n; i++)
		uids[i] = mailbox_uid_at(m, i);
	for (uint32_t i = 0; i + 100 < n; i++) {
		uint32_t k = i + (uint32_t)g_rand_int_range(rand, 0, 100), uid = uids[i];
		uids[i] = uids[k];
		uids[k] = uid;
	}
	for (uint32_t i = 0; i < n; i++)
		steps[i] = (ThreadStep){uids[i], i % 8 == 0 && i > 0, i % 8 == 0};
	steps[n] = (ThreadStep){0, 1, 0};
	begin();
	threadanswer_take(answer, &(ThreadData){steps, n + 1});
	end("a THREAD answer gathered");
	apply_threads(m, answer);
	begin();
	view_set_threaded(v, true);
	end("rows laid");
	printf("%-62s %9.1f bytes\n", "memory a message of threads and rows, the answer included",
	       (double)(allocated() - before) / n);
	begin();
	for (size_t i = 0; i < 50; i++)
		view_row(v, i, &row);
	end("50 rows");
	begin();
	tell(m, uids[n - 1] + 1000, 0, "new");
	mailbox_commit(m);
	end("a new message");
	begin();
	view_fold_all(v, true);
	end("all folded");
	begin();
	for (size_t i = 0; i < 50; i++)
		view_row(v, i, &row);
	end("50 rows");
	begin();
	view_find(v, uids[n / 2]);
	end("a row found");
	view_set_threaded(v, false);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)atol(argv[1]) : 1000000;
	g_autoptr(UidSet) all = uids_of(n, 50);
	unsigned relaid = 0;

	printf("%u messages, UIDs in %zu ranges\n", n, uidset_range_count(all));
	Mailbox *m = open_mailbox(all);
	View *v = view_new(m, changed, &relaid);
	flag_sets(m, all);
	map_numbers(all);
	events(m, all);
	rows(m, v);
	threads(m, v);
	order(m, v);
	limit(m, v);
	view_free(v);
	mailbox_free(m);
	return 0;
}
