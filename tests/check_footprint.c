/* check_footprint - what a mailbox of a million messages takes: at most 40 bytes a message, with
 * its flags and whom it answers, and 4 a row in each view.  Measured in the C library's own books.
 */
#include "config.h"

#include <malloc.h>

#include "core/mailbox/headcache.h"
#include "core/mailbox/view.h"
#include "tests/fetched.h"
#include "tests/run.h"

enum { MESSAGES = 1000000 / SANITIZER_FACTOR, WINDOW = 40 };
/* What does not grow with the mailbox: the newest heads that were looked at, and the rest. */
#define HEADS (HEADCACHE_HEADS_MAX * (size_t)1024)
#define REST  ((size_t)64 << 10)

/* What is large has pages of its own, and the rest one heap, so that no thread's is left out. */
static void keep_books(void)
{
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_ARENA_MAX, 1);
}

static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void tell(Mailbox *m, uint32_t uid, const char *subject)
{
	Fetched f;

	mailbox_apply_fetch(m, uid, fetched(&f, uid, FLAG_SEEN, subject));
}

static void on_done(const GError *error, void *data)
{
	ck_assert_ptr_null(error);
	*(bool *)data = true;
}

/* Every second message answers the one before it. */
static ThreadAnswer *pairs(void)
{
	ThreadAnswer *answer = threadanswer_new();

	for (uint32_t uid = 1; uid <= MESSAGES; uid += 2) {
		const ThreadStep steps[] = {{uid, 0, 1}, {uid + 1, 0, 0}, {0, 1, 0}};
		threadanswer_take(answer, &(ThreadData){(ThreadStep *)steps, 3});
	}
	return answer;
}

/* As selection.c feeds it: the window, all UIDs, the sets of flags. */
static Mailbox *open_mailbox(void)
{
	Mailbox *m = mailbox_new("INBOX");
	g_autoptr(UidSet) all = uidset_new_range(1, MESSAGES), some = uidset_new();

	mailbox_set_uidvalidity(m, 1);
	mailbox_set_total(m, MESSAGES);
	for (uint32_t i = 0; i < WINDOW; i++)
		tell(m, MESSAGES - i, "a subject");
	mailbox_apply_uids(m, all);
	for (uint32_t uid = 1; uid < MESSAGES; uid += 3)
		uidset_add(some, uid);
	mailbox_apply_flag_set(m, FLAG_SEEN, some, false);
	mailbox_apply_flag_set(m, FLAG_FLAGGED, some, true);
	mailbox_commit(m);
	return m;
}

static void thread_mailbox(Mailbox *m, Scope *scope)
{
	bool done = false;

	mailbox_threads(m);
	mailbox_apply_threads(m, scope, pairs(), on_done, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
}

/* All were looked at once: of each its Message-ID is known, of most no more. */
static void tell_heads(Mailbox *m)
{
	for (uint32_t uid = MESSAGES; uid > 0; uid--) {
		char id[32];
		Fetched f;
		fetched(&f, uid, FLAG_SEEN, "");
		g_snprintf(id, sizeof(id), "<%u@example.org>", uid);
		f.envelope.message_id = id;
		mailbox_apply_fetch(m, uid, &f.fetch);
		if (uid % 50000 == 1)
			mailbox_commit(m);
	}
}

static void on_changed(View *v, size_t first, size_t last, bool relaid, void *data)
{
	(void)v;
	(void)first;
	(void)last;
	(void)relaid;
	(void)data;
}

/* As SORT would tell it, the newest message first. */
static void sort_view(View *v)
{
	g_autofree uint32_t *uids = g_new(uint32_t, MESSAGES);

	for (uint32_t i = 0; i < MESSAGES; i++)
		uids[i] = MESSAGES - i;
	view_set_order(v, uids, MESSAGES);
}

static void check_bytes(const char *what, size_t taken, size_t apart, double allowed)
{
	double each = ((double)taken - (double)apart) / MESSAGES;

	printf("%s: %.2f bytes a message\n", what, each);
	/* ASan keeps other books. */
	ck_assert_msg(each <= allowed || SANITIZER_FACTOR > 1, "%s takes %.2f bytes a message",
		      what, each);
}

START_TEST(a_million_messages)
{
	Scope scope;
	size_t at[4] = {allocated()};

	scope_init(&scope);
	Mailbox *m = open_mailbox();
	thread_mailbox(m, &scope);
	tell_heads(m);
	at[1] = allocated();
	View *sorted = view_new(m, on_changed, NULL), *threaded = view_new(m, on_changed, NULL);
	sort_view(sorted);
	at[2] = allocated();
	view_set_threaded(threaded, true);
	at[3] = allocated();
	ck_assert_uint_eq(view_count(sorted), MESSAGES);
	ck_assert_uint_eq(view_count(threaded), MESSAGES);
	ck_assert(view_is_threaded(threaded));
	check_bytes("a mailbox", at[1] - at[0], HEADS + REST, 40);
	check_bytes("a sorted view", at[2] - at[1], REST, 4);
	/* And a bit, whether it is shown. */
	check_bytes("a threaded view", at[3] - at[2], REST, 4 + 1 / 8.0);

	view_free(sorted);
	view_free(threaded);
	scope_cancel(&scope);
	mailbox_free(m);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("footprint", &tcase);

	keep_books();
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_million_messages);
	return run_suite(suite);
}
