/* question - SEARCH and SORT of one mailbox, as jobs on the bulk session. */
#ifndef SHEAF_CORE_QUESTION_H
#define SHEAF_CORE_QUESTION_H

#include "core/account/job.h"
#include "core/account/pool.h"
#include "core/mailbox/query.h"

/* Come once; borrowed until return; NULL with an error. */
typedef void (*QuestionFound)(const UidSet *uids, const GError *error, void *data);
typedef void (*QuestionSorted)(const uint32_t *uids, size_t n, const GError *error, void *data);

void question_search(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, const Query *query,
		     QuestionFound found, void *data);

/* `keys` as in SORT (RFC 5256): "DATE", "REVERSE SUBJECT". */
void question_sort(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, const char *keys,
		   QuestionSorted sorted, void *data);

#endif
