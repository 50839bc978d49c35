/* call_job - an IMAP command as a person types it (core/command/call.h), as a job on a connection
 * of the account: it runs with nothing beside it, and what it is answered goes to the folders and
 * the open mailbox as everything does.  What speaks of messages runs where the open mailbox is
 * selected, so that its numbers are those of the mailbox, and so does what changes something; the
 * rest on the second connection.
 *
 * It goes past the journal: what the line cannot carry is not sent later, and what was under way
 * when the line broke may have been done. */
#ifndef SHEAF_CORE_CALL_JOB_H
#define SHEAF_CORE_CALL_JOB_H

#include "core/account/job.h"
#include "core/account/pool.h"
#include "core/command/call.h"

/* How it ended.  Borrowed until return. */
typedef struct {
	const Reply *reply;
	const CommandSpec *spec; /* of it, as call_meant() finds it */
	/* Responses that were too many or too long, and are not in the reply. */
	unsigned left_out;
} Called;

typedef void (*CallJobDone)(const Called *called, void *data);

/* `words` is referenced; `open` is the open mailbox or NULL, `readonly`: nothing may be changed.  A
 * command about messages ends with `scope`, others go on.  `done` comes exactly once, from the
 * loop; false without it where the command would change the connection for all that use it, or
 * something while `readonly`, or needs an open mailbox. */
bool call_job_start(Pool *pool, JobList *jobs, Scope *scope, Mailbox *open, bool readonly,
		    GPtrArray *words, CallJobDone done, void *data, GError **error);

#endif
