/* question - SEARCH, SORT and THREAD of one mailbox, as jobs on the bulk session; what is answered
 * sooner than a second session could be opened goes on the interactive one.  How far the server is
 * shows where it tells (INPROGRESS, RFC 9585). */
#ifndef SHEAF_CORE_QUESTION_H
#define SHEAF_CORE_QUESTION_H

#include "core/account/job.h"
#include "core/account/pool.h"
#include "core/mailbox/query.h"

/* Come once; borrowed until return; NULL with an error. */
typedef void (*QuestionFound)(const UidSet *uids, const GError *error, void *data);
typedef void (*QuestionSorted)(const uint32_t *uids, size_t n, const GError *error, void *data);

/* `with_heads`: heads of hits are hardly at hand, so that those of the first ones come along, and
 * `found` behind them, where the server can (hits.h). */
void question_search(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, Query *query,
		     bool with_heads, QuestionFound found, void *data);

/* `keys` as in SORT (RFC 5256): "DATE", "REVERSE SUBJECT"; FROM and TO are by name where the server
 * can (SORT=DISPLAY), and the answer a set with its order where it can (ESORT, RFC 5267 3).  The
 * whole order is asked for, not a window of it (PARTIAL): the server has to put all in order for
 * either, and a view that scrolls wants every place of it at once. */
void question_sort(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, const char *keys,
		   QuestionSorted sorted, void *data);

/* THREAD by the best algorithm that the server has; where it has none, and when it refuses (error),
 * as the heads say.  `by_subject`: by ORDEREDSUBJECT; where the server has not that, as else, with
 * an error that says so.  Comes once, behind the mailbox's change. */
typedef void (*QuestionThreaded)(const GError *error, void *data);
void question_thread(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, bool by_subject,
		     QuestionThreaded threaded, void *data);

#endif
