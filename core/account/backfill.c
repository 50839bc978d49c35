#include "core/account/backfill.h"

#include "core/base/error.h"

#define QUIET_MS 2000
/* Rows for which the cache is asked at once. */
#define LOOK_ROWS 2048
/* Heads of a slice, and how long its answer may take from its first row to its end. */
#define SLICE_FIRST  50
#define SLICE_MIN    10
#define SLICE_MAX    500
#define SLICE_MS     250
#define SLICE_GROWTH 2
/* What a head takes on disk, generously. */
#define HEAD_BYTES 2048
/* In between, whatever else waits in the loop has its turn. */
#define PAUSE_MS 10

typedef struct {
	Job job;
	Backfill *backfill;
} Shown;

struct Backfill {
	Pool *pool;
	JobList *jobs;
	BackfillOptions options;
	Mailbox *mailbox; /* NULL: nothing is to be fetched */
	CachedMailbox *cached;
	unsigned listener; /* of the mailbox */
	bool done;         /* all is there; more may arrive */
	Shown *shown;      /* while it fetches, else NULL */
	Scope scope;
	guint timer;
	unsigned pause, quiet; /* ms: between two looks at the pool; found quiet for so long */
	unsigned wanted_quiet; /* ms */
	uint32_t below;  /* from this UID on all is there, or was fetched; 0: nothing is known */
	uint32_t next;   /* becomes `below` when the slice is answered */
	UidSet *arrived; /* above `below` since, without a head; they come first */
	bool of_arrived; /* the slice is, and `next` is `below` */
	UidSet *asked;   /* the slice under way */
	unsigned slice;  /* heads of the next one */
	int64_t answered_at; /* monotonic; when the first row of it came; 0: none yet */
	unsigned losses;     /* as in pool_may_repeat() */
};

static void look(Backfill *b);

static void end_job(Backfill *b)
{
	Shown *shown = g_steal_pointer(&b->shown);

	if (shown == NULL)
		return;
	job_end(&shown->job);
	g_free(shown);
}

/* Nothing of it is under way any more.  What was asked for passes still when it comes. */
static void halt(Backfill *b)
{
	g_clear_handle_id(&b->timer, g_source_remove);
	scope_cancel(&b->scope);
	g_clear_pointer(&b->asked, uidset_free);
	g_clear_pointer(&b->arrived, uidset_free);
	end_job(b);
}

static void stop(Backfill *b)
{
	halt(b);
	if (b->mailbox != NULL)
		mailbox_unlisten(b->mailbox, b->listener);
	b->mailbox = NULL;
	b->cached = NULL;
}

/* Until more arrives. */
static void finish(Backfill *b)
{
	end_job(b);
	b->below = 1;
	b->done = true;
}

static void cancelled(Job *job)
{
	stop(((Shown *)job)->backfill);
}

/* --- when --- */

static gboolean look_at_pool(void *data)
{
	Backfill *b = data;
	bool ready = mailbox_is_told(b->mailbox) && mailbox_is_complete(b->mailbox) &&
		     !mailbox_is_loading(b->mailbox) && pool_is_quiet(b->pool);

	b->timer = 0;
	b->quiet = ready ? b->quiet + b->pause : 0;
	if (ready && b->quiet >= b->wanted_quiet) {
		look(b);
		return G_SOURCE_REMOVE;
	}
	/* Somebody wants something, or there is no line. */
	if (!ready)
		b->wanted_quiet = MAX(b->wanted_quiet, b->options.quiet_ms / 3);
	b->pause = b->options.quiet_ms / (ready ? 10 : 2) + 1;
	b->timer = g_timeout_add(b->pause, look_at_pool, b);
	return G_SOURCE_REMOVE;
}

static void go_on(Backfill *b, unsigned wanted_quiet)
{
	b->quiet = 0;
	b->wanted_quiet = wanted_quiet;
	b->pause = PAUSE_MS;
	b->timer = g_timeout_add(b->pause, look_at_pool, b);
}

/* --- what --- */

static uint32_t rows_done(const Backfill *b)
{
	uint32_t known = mailbox_known(b->mailbox);
	uint32_t above = b->below == 0 ? 0 : known - mailbox_lower(b->mailbox, b->below);

	return above - MIN(above, (uint32_t)uidset_count(b->arrived));
}

static void tell_progress(Backfill *b)
{
	uint32_t done = rows_done(b), known = mailbox_known(b->mailbox);

	if (b->shown == NULL) {
		b->shown = g_new0(Shown, 1);
		b->shown->backfill = b;
		job_begin(&b->shown->job, b->jobs, NULL,
			  g_strdup_printf("Fetching heads of %s", mailbox_title(b->mailbox)),
			  cancelled);
		job_set_quiet(&b->shown->job, done);
	}
	job_progress(&b->shown->job, done, known);
}

static void on_row(const Response *response, void *data)
{
	Backfill *b = data;

	(void)response;
	if (b->answered_at == 0)
		b->answered_at = g_get_monotonic_time();
}

/* So that its answer takes as long as it may.  The way there and back is not counted: that is no
 * shorter for fewer. */
static void adapt_slice(Backfill *b)
{
	int64_t now = g_get_monotonic_time();
	int64_t took_ms = b->answered_at != 0 ? (now - b->answered_at) / 1000 + 1 : 1;
	int64_t heads = (int64_t)uidset_count(b->asked);
	int64_t fitting = MIN(heads * SLICE_MS / took_ms, (int64_t)b->slice * SLICE_GROWTH);

	b->slice = (unsigned)CLAMP(fitting, SLICE_MIN, SLICE_MAX);
}

static void lost(Backfill *b, const GError *error)
{
	g_clear_pointer(&b->asked, uidset_free);
	if (pool_may_repeat(error, &b->losses)) {
		end_job(b);
		go_on(b, b->options.quiet_ms);
		return;
	}
	g_info("The heads of %s are not fetched any further: %s", mailbox_title(b->mailbox),
	       error->message);
	stop(b);
}

static void on_fetched(const ImapResult *result, void *data)
{
	Backfill *b = data;

	if (error_is_cancelled(result->error))
		return;
	mailbox_pass(b->mailbox, NULL);
	if (result->error != NULL) {
		lost(b, result->error);
		return;
	}
	adapt_slice(b);
	b->losses = 0;
	b->below = b->next;
	uidset_remove_set(b->arrived, b->asked);
	g_clear_pointer(&b->asked, uidset_free);
	tell_progress(b);
	go_on(b, 0);
}

static void on_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Backfill *b = data;

	(void)p;
	if (error_is_cancelled(error))
		return;
	if (error != NULL) {
		lost(b, error);
		return;
	}
	b->answered_at = 0;
	mailbox_pass(b->mailbox, b->asked);
	imap_uid_fetch(s, &b->scope, b->asked, MESSAGE_FETCH_ITEMS, on_row, on_fetched, b);
}

/* The newest `n` of the set. */
static UidSet *newest_of(const UidSet *set, uint64_t n)
{
	UidSet *newest = uidset_new();

	for (size_t i = uidset_range_count(set); i > 0 && n > 0; i--) {
		UidRange range = uidset_range(set, i - 1);
		uint64_t len = MIN(n, (uint64_t)range.last - range.first + 1);
		uidset_add_range(newest, (uint32_t)(range.last - len + 1), range.last);
		n -= len;
	}
	return newest;
}

static void on_looked(const UidSet *missing, uint64_t room, void *data)
{
	Backfill *b = data;
	uint64_t n = MIN((uint64_t)b->slice, room / HEAD_BYTES);

	if (b->of_arrived)
		uidset_add_set(b->arrived, missing);
	if (uidset_is_empty(missing)) {
		b->below = b->next;
		look(b);
	} else if (n == 0) {
		g_info("The heads of %s are not fetched any further: the cache is full.",
		       mailbox_title(b->mailbox));
		stop(b);
	} else if (!pool_is_quiet(b->pool)) {
		go_on(b, b->options.quiet_ms / 3);
	} else {
		b->asked = newest_of(missing, n);
		if (!b->of_arrived && uidset_count(missing) > n)
			b->next = uidset_first(b->asked);
		tell_progress(b);
		pool_acquire(b->pool, &b->scope, POOL_BULK, b->mailbox, on_session, b);
	}
}

/* The next ones below what is done. */
static UidSet *older_rows(Backfill *b)
{
	UidSet *rows = uidset_new();
	Mailbox *m = b->mailbox;
	uint32_t end = b->below == 0 ? mailbox_known(m) : mailbox_lower(m, b->below);
	uint32_t first = end > LOOK_ROWS ? end - LOOK_ROWS : 0;

	for (uint32_t i = first; i < end; i++)
		uidset_add(rows, mailbox_uid_at(m, i));
	b->next = mailbox_uid_at(m, first);
	return rows;
}

static UidSet *arrived_rows(Backfill *b)
{
	UidSet *rows = newest_of(b->arrived, LOOK_ROWS);

	uidset_remove_set(b->arrived, rows);
	b->next = b->below;
	return rows;
}

/* Asks the cache for the next rows. */
static void look(Backfill *b)
{
	b->of_arrived = !uidset_is_empty(b->arrived);
	g_autoptr(UidSet) rows = b->of_arrived ? arrived_rows(b) : older_rows(b);

	if (uidset_is_empty(rows))
		finish(b);
	else if (!cached_find_missing(b->cached, &b->scope, rows, on_looked, b))
		stop(b);
}

/* --- what happens to the mailbox --- */

static void begin(Backfill *b)
{
	halt(b);
	b->arrived = uidset_new();
	b->below = 0;
	b->done = false;
	go_on(b, b->options.quiet_ms);
}

/* A few bring their heads along, many do not. */
static void note_arrived(Backfill *b, const UidSet *added)
{
	for (size_t k = 0; k < uidset_range_count(added); k++) {
		UidRange range = uidset_range(added, k);
		uint32_t first = MAX(range.first, b->below);
		for (uint64_t uid = first; uid <= range.last; uid++)
			if (!mailbox_has_head(b->mailbox, (uint32_t)uid))
				uidset_add(b->arrived, (uint32_t)uid);
	}
}

static void mailbox_changed(Mailbox *m, const MailboxChange *change, void *data)
{
	Backfill *b = data;

	(void)m;
	if (change->reset) {
		begin(b);
		return;
	}
	uidset_remove_set(b->arrived, change->removed);
	if (b->below != 0)
		note_arrived(b, change->added);
	if (b->done && !uidset_is_empty(b->arrived)) {
		b->done = false;
		go_on(b, b->options.quiet_ms);
	}
}

/* --- life --- */

Backfill *backfill_new(Pool *pool, JobList *jobs, const BackfillOptions *options)
{
	Backfill *b = g_new0(Backfill, 1);

	b->pool = pool;
	b->jobs = jobs;
	b->options = *options;
	if (b->options.quiet_ms == 0)
		b->options.quiet_ms = QUIET_MS;
	if (b->options.slice == 0)
		b->options.slice = SLICE_FIRST;
	scope_init(&b->scope);
	return b;
}

void backfill_free(Backfill *b)
{
	if (b == NULL)
		return;
	stop(b);
	g_free(b);
}

void backfill_open(Backfill *b, Mailbox *m, CachedMailbox *cached)
{
	if (b == NULL)
		return;
	stop(b);
	b->mailbox = m;
	b->cached = cached;
	b->listener = mailbox_listen(m, mailbox_changed, b);
	b->slice = b->options.slice;
	b->losses = 0;
	begin(b);
}

void backfill_close(Backfill *b, const Mailbox *m)
{
	if (b != NULL && b->mailbox == m)
		stop(b);
}

bool backfill_is_busy(const Backfill *b)
{
	return b != NULL && b->mailbox != NULL && !b->done;
}

bool backfill_has_all(const Backfill *b)
{
	return b != NULL && b->mailbox != NULL && b->done;
}
