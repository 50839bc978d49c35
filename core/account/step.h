/* step - the commands of one step of an intention on a session that has its mailbox selected.  Sets
 * are cut into commands of at most 8,000 bytes (T172) that leave in one flight.  Decides nothing:
 * what follows is journal.c's. */
#ifndef SHEAF_CORE_STEP_H
#define SHEAF_CORE_STEP_H

#include "core/account/intention.h"
#include "core/mailbox/mailbox.h"

typedef struct {
	const UidSet *done;    /* what the server confirmed; of a COPY only what COPYUID names */
	const UidSet *gone;    /* what was not there any more, as far as the server tells */
	const GError *refusal; /* the first, or NULL */
	bool broken;           /* an answer was lost with the line */
	/* NOTE: of the target; 0: not told */
	uint32_t uidvalidity, uidnext;
} StepResult;

/* What to do; borrowed. */
typedef struct {
	IntentionStep step; /* not BEGIN, LOOK, DONE */
	const Intention *intention;
	const UidSet *uids;   /* to these */
	Mailbox *mailbox;     /* is asked what is marked already */
	const UidSet *beside; /* CHECK: others to be removed, whose marks are no stranger's */
} StepWork;

/* Once, from the loop, all borrowed until return; not called where `scope` is cancelled. */
typedef void (*StepDone)(const StepResult *result, void *data);

void step_run(const StepWork *work, ImapSession *s, Scope *scope, StepDone done, void *data);

/* Whether the session's server has one of these, or all of IMAP4rev2. */
bool step_offers(const ImapSession *s, Capability caps);

#endif
