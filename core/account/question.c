#include "core/account/question.h"

#include <string.h>

#include "core/base/error.h"
#include "core/account/hits.h"
#include "core/mailbox/uidsearch.h"

/* A server threads so many messages in less time than it takes to connect again. */
#define THREADED_AT_ONCE 200000

typedef struct {
	Job job;
	Pool *pool;
	PoolPurpose purpose;
	Mailbox *mailbox;
	unsigned losses; /* as in pool_may_repeat() */
	Query *query;    /* SEARCH */
	bool with_heads, saving_failed;
	HitsWay way;
	Hits *hits;          /* the heads that come along, or NULL */
	bool heads_due;      /* found, but for those */
	char *keys;          /* SORT */
	bool as_set, no_set; /* its answer is an ESORT's; that was of no use */
	bool set_broken;
	UidSet *found_uids;
	GArray *sorted_uids;
	QuestionFound found;
	QuestionSorted sorted;
	ThreadAnswer *threads;
	bool by_subject;
	GError *refused; /* the server has not told them, or not so */
	QuestionThreaded threaded;
	void *data;
} Question;

static void finish(Question *q, const GError *error)
{
	scope_cancel(&q->job.work);
	hits_leave(q->hits, error == NULL);
	job_end(&q->job);
	if (q->threaded)
		q->threaded(error, q->data);
	else if (q->found)
		q->found(error ? NULL : q->found_uids, error, q->data);
	else
		q->sorted(error ? NULL : (const uint32_t *)(void *)q->sorted_uids->data,
			  error ? 0 : q->sorted_uids->len, error, q->data);
	query_free(q->query);
	g_array_unref(q->sorted_uids);
	uidset_free(q->found_uids);
	threadanswer_free(q->threads);
	g_clear_error(&q->refused);
	g_free(q->keys);
	g_free(q);
}

static void cancelled(Job *job)
{
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");

	finish((Question *)job, error);
}

static void take_threads(Question *q, const ThreadData *piece)
{
	size_t n;

	threadanswer_entries(q->threads, &n);
	if (n == 0)
		job_set_off(&q->job);
	threadanswer_take(q->threads, piece);
	threadanswer_entries(q->threads, &n);
	job_progress(&q->job, n, MAX(n, mailbox_total(q->mailbox)));
}

/* Of a SORT its text has the order, and it names no more than there is. */
static void take_set(Question *q, const EsearchData *set)
{
	if (q->found)
		uidset_add_set(q->found_uids, set->all);
	if (q->as_set && !uidset_text_numbers(set->all_text, set->all_len,
					      mailbox_total(q->mailbox), q->sorted_uids))
		q->set_broken = true;
}

static void on_data(const Response *response, void *data)
{
	Question *q = data;

	if (response->kind == RESPONSE_CONDITION && response->status.code == CODE_INPROGRESS)
		job_progress(&q->job, response->status.number, response->status.goal);
	if (response->kind == RESPONSE_THREAD && q->threads)
		take_threads(q, &response->threads);
	if (response->kind == RESPONSE_ESEARCH && response->esearch.all)
		take_set(q, &response->esearch);
	if (response->kind != RESPONSE_SEARCH && response->kind != RESPONSE_SORT)
		return;
	for (size_t i = 0; i < response->numbers.n; i++)
		if (q->found)
			uidset_add(q->found_uids, response->numbers.items[i]);
	if (q->sorted)
		g_array_append_vals(q->sorted_uids, response->numbers.items, response->numbers.n);
}

static void borrow(Question *q);

/* The line was lost: half an answer is none. */
static void repeat(Question *q)
{
	hits_leave(g_steal_pointer(&q->hits), false);
	g_clear_pointer(&q->found_uids, uidset_free);
	q->found_uids = uidset_new();
	g_array_set_size(q->sorted_uids, 0);
	q->set_broken = false;
	g_clear_pointer(&q->threads, threadanswer_free);
	borrow(q);
}

static void on_done(const ImapResult *result, void *data)
{
	Question *q = data;

	if (error_is_cancelled(result->error))
		return;
	if (pool_may_repeat(result->error, &q->losses))
		repeat(q);
	else
		finish(q, result->error);
}

/* Each message once. */
static bool is_whole_order(const Question *q)
{
	const GArray *uids = q->sorted_uids;
	g_autoptr(UidSet) distinct =
		uidset_new_numbers((const uint32_t *)(void *)uids->data, uids->len);

	return !q->set_broken && uids->len == mailbox_total(q->mailbox) &&
	       uidset_count(distinct) == uids->len;
}

/* A set that is not what is known may be a server's mistake, or new mail: SORT tells. */
static void on_sorted(const ImapResult *result, void *data)
{
	Question *q = data;

	if (q->as_set && (g_error_matches(result->error, CORE_ERROR, CORE_ERROR_BAD) ||
			  (!result->error && !is_whole_order(q)))) {
		q->no_set = true;
		repeat(q);
	} else {
		on_done(result, data);
	}
}

/* RFC 5182 2.1; of a BAD it is not known whether the question itself is meant. */
static bool refuses_saving(const ImapResult *result)
{
	return g_error_matches(result->error, CORE_ERROR, CORE_ERROR_BAD) ||
	       (result->error && result->status && result->status->code == CODE_NOTSAVED);
}

static void on_found(const ImapResult *result, void *data)
{
	Question *q = data;

	if (q->way != HITS_ALONE && refuses_saving(result)) {
		q->saving_failed = true;
		repeat(q);
		return;
	}
	if (!result->error && q->saving_failed)
		hits_refused(q->pool);
	if (!result->error && q->hits && hits_are_first(q->way, q->found_uids))
		q->heads_due = true;
	else
		on_done(result, data);
}

/* Whatever became of them: what is missing is asked for as any head. */
static void on_heads(void *data)
{
	Question *q = data;

	q->hits = NULL;
	if (q->heads_due)
		finish(q, NULL);
}

static void on_taken_over(const GError *error, void *data)
{
	Question *q = data;

	if (!error_is_cancelled(error))
		finish(q, q->refused ? q->refused : error);
}

/* Without an answer threads are made of the heads, where there are none yet. */
static void take_over(Question *q, const GError *refused, ThreadAnswer *answer)
{
	const Thread *kept = mailbox_kept_threads(q->mailbox);

	if (refused && !q->refused)
		q->refused = g_error_copy(refused);
	if (answer || !kept || (!refused && thread_is_by_subject(kept)))
		mailbox_apply_threads(q->mailbox, &q->job.work, answer, on_taken_over, q);
	else
		finish(q, q->refused);
}

static void on_threaded(const ImapResult *result, void *data)
{
	Question *q = data;
	const char *fault = threadanswer_fault(q->threads);
	g_autoptr(GError) error = NULL;

	if (error_is_cancelled(result->error))
		return;
	if (pool_may_repeat(result->error, &q->losses)) {
		repeat(q);
		return;
	}
	if (!result->error && fault)
		error = g_error_new_literal(CORE_ERROR, CORE_ERROR_BAD, fault);
	if (result->error || error)
		take_over(q, error ? error : result->error, NULL);
	else
		take_over(q, NULL, g_steal_pointer(&q->threads));
}

/* REFS takes the references alone; REFERENCES joins equal subjects too.  By subjects alone is
 * worse than what the heads say, and only for who wants it. */
static const char *algorithm(const Question *q, Capability caps)
{
	if (q->by_subject)
		return "ORDEREDSUBJECT";
	if (caps & CAP(THREAD_REFS))
		return "REFS";
	return caps & CAP(THREAD_REFERENCES) ? "REFERENCES" : NULL;
}

static void send_thread(Question *q, ImapSession *s)
{
	Capability caps = session_capabilities(s);

	if (q->by_subject && !(caps & CAP(THREAD_ORDEREDSUBJECT))) {
		q->by_subject = false;
		q->refused = g_error_new_literal(
			CORE_ERROR, CORE_ERROR_STATE,
			"it cannot by subject (THREAD=ORDEREDSUBJECT); they go by what answers "
			"what.");
	}
	const char *by = algorithm(q, caps);
	if (!by) {
		take_over(q, NULL, NULL);
		return;
	}
	q->threads = threadanswer_new();
	if (q->by_subject)
		threadanswer_set_by_subject(q->threads);
	imap_uid_thread(s, &q->job.work, by, "UTF-8", "ALL", on_data, on_threaded, q);
}

static void write_atom(const char *atom, void *data)
{
	if (strcmp(atom, "(") == 0)
		writer_open(data);
	else if (strcmp(atom, ")") == 0)
		writer_close(data);
	else
		writer_atom(data, atom);
}

static void write_string(const char *utf8, void *data)
{
	writer_string(data, utf8);
}

/* RFC 6855 3: no charset is named once UTF8=ACCEPT is enabled. */
static void write_query(const Question *q, const ImapSession *s, Writer *w)
{
	static const QuerySink sink = {write_atom, write_string};
	Capability enabled = session_enabled(s);
	QueryDialect dialect = {.no_recent = enabled & CAP(IMAP4REV2),
				.new_from = mailbox_new_from(q->mailbox),
				.within = session_capabilities(s) & CAP(WITHIN)};

	if (query_needs_charset(q->query) && !(enabled & CAP(UTF8_ACCEPT))) {
		writer_atom(w, "CHARSET");
		writer_atom(w, "UTF-8");
	}
	query_emit(q->query, &dialect, &sink, w);
}

static void send_search(Question *q, ImapSession *s)
{
	const char *lacking = query_lacks(q->query, session_capabilities(s));
	bool along = q->with_heads && !q->saving_failed;
	Writer *w;

	if (lacking) {
		g_autoptr(GError) error = g_error_new(
			CORE_ERROR, CORE_ERROR_STATE,
			"this server does not know how (it does not offer %s).", lacking);
		finish(q, error);
		return;
	}
	w = session_begin(s, COMMAND_ID_UID_SEARCH);
	q->way = along ? hits_way_on(q->pool, s, query_finds_few(q->query)) : HITS_ALONE;
	if (uidsearch_is_pipelined(s)) {
		writer_atom(w, "RETURN");
		writer_raw(w, hits_return(q->way));
	}
	write_query(q, s, w);
	session_submit(s, &q->job.work, w, on_data, on_found, q);
	if (q->way != HITS_ALONE)
		q->hits = hits_follow(q->pool, s, q->way, on_heads, q);
}

/* Before it was selected nobody knew how large the mailbox is. */
static bool belongs_elsewhere(Question *q)
{
	if (!q->threaded || q->purpose == POOL_BULK ||
	    mailbox_total(q->mailbox) <= THREADED_AT_ONCE)
		return false;
	q->purpose = POOL_BULK;
	return true;
}

/* RFC 5957 3: by the names that the list shows, where the server can; by address else. */
static char *keys_for(const char *keys, Capability caps)
{
	g_auto(GStrv) words = g_strsplit(keys, " ", -1);

	for (char **word = words; (caps & CAP(SORT_DISPLAY)) && *word; word++)
		if (strcmp(*word, "FROM") == 0 || strcmp(*word, "TO") == 0) {
			char *shown = g_strconcat("DISPLAY", *word, NULL);
			g_free(*word);
			*word = shown;
		}
	return g_strjoinv(" ", words);
}

static void send_sort(Question *q, ImapSession *s)
{
	g_autofree char *keys = keys_for(q->keys, session_capabilities(s));

	q->as_set = !q->no_set && (session_capabilities(s) & CAP(ESORT));
	if (q->as_set)
		imap_uid_esort(s, &q->job.work, keys, "UTF-8", "ALL", on_data, on_sorted, q);
	else
		imap_uid_sort(s, &q->job.work, keys, "UTF-8", "ALL", on_data, on_done, q);
}

static void on_session(Pool *p, ImapSession *s, const GError *error, void *data)
{
	Question *q = data;

	(void)p;
	if (error_is_cancelled(error))
		return;
	if (error && q->threaded)
		take_over(q, error, NULL);
	else if (error)
		finish(q, error);
	else if (belongs_elsewhere(q))
		borrow(q);
	else if (q->threaded)
		send_thread(q, s);
	else if (q->sorted)
		send_sort(q, s);
	else
		send_search(q, s);
}

static void borrow(Question *q)
{
	pool_acquire(q->pool, &q->job.work, q->purpose, q->mailbox, on_session, q);
}

static Question *question_new(Mailbox *m, void *data)
{
	Question *q = g_new0(Question, 1);

	q->mailbox = m;
	q->found_uids = uidset_new();
	q->sorted_uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	q->data = data;
	return q;
}

static void start(Question *q, Pool *pool, JobList *jobs, Scope *scope, const char *what,
		  PoolPurpose purpose)
{
	char *text = g_strdup_printf("%s %s", what, mailbox_title(q->mailbox));

	job_begin(&q->job, jobs, scope, text, cancelled);
	q->pool = pool;
	q->purpose = purpose;
	borrow(q);
}

void question_search(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, Query *query,
		     bool with_heads, QuestionFound found, void *data)
{
	Question *q = question_new(m, data);

	q->found = found;
	q->with_heads = with_heads;
	q->query = query_ref(query);
	start(q, pool, jobs, scope, "Searching", POOL_BULK);
}

void question_sort(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, const char *keys,
		   QuestionSorted sorted, void *data)
{
	Question *q = question_new(m, data);

	q->sorted = sorted;
	q->keys = g_strdup(keys);
	start(q, pool, jobs, scope, "Sorting", POOL_BULK);
}

void question_thread(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, bool by_subject,
		     QuestionThreaded threaded, void *data)
{
	Question *q = question_new(m, data);
	bool short_work = mailbox_total(m) <= THREADED_AT_ONCE;

	q->threaded = threaded;
	q->by_subject = by_subject;
	start(q, pool, jobs, scope, "Threading", short_work ? POOL_INTERACTIVE : POOL_BULK);
}
