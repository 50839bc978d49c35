/* intention - one change that the person wants: to which messages, how far it has come, what is
 * known of the way there.  Data and two tables, no disk and no session: journal_file.c writes it
 * down, journal.c carries it out. */
#ifndef SHEAF_CORE_INTENTION_H
#define SHEAF_CORE_INTENTION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/command/imap.h"

typedef enum { INTENTION_STORE, INTENTION_COPY, INTENTION_MOVE, INTENTION_EXPUNGE } IntentionKind;

/* What is to be sent next.  COPY is written down before its command leaves, with what was noted;
 * MARK as well, but nobody waits for that: what is in the target would be found again.  The others
 * may be repeated as often as one likes, and follow from what is written. */
typedef enum {
	STEP_BEGIN, /* nothing that a repeat could double was sent */
	STEP_STORE, /* the flags that the person wanted */
	STEP_MOVE,  /* UID MOVE: what has left the mailbox already is passed over */
	STEP_NOTE,  /* STATUS of the target: above which UID a copy would be found */
	STEP_COPY,
	STEP_LOOK,    /* which of them the COPY that got no answer has put there */
	STEP_MARK,    /* \Deleted on those that are in the target */
	STEP_CHECK,   /* that nobody else's are marked */
	STEP_EXPUNGE, /* UID EXPUNGE, or EXPUNGE behind STEP_CHECK */
	STEP_DONE
} IntentionStep;

typedef enum {
	INTENTION_NEW,     /* not on disk yet: nothing of it is sent */
	INTENTION_WRITTEN, /* may be sent */
	INTENTION_SENT,    /* a command of it is on its way */
	INTENTION_UNKNOWN, /* its answer was lost */
	INTENTION_HELD,    /* cannot be sent any more; waits for the person */
	INTENTION_ENDED    /* confirmed, refused or dropped */
} IntentionState;

typedef enum {
	INTENTION_COMMITTED, /* it is on disk, or cannot be written there */
	INTENTION_SEND,
	INTENTION_STEPPED, /* the server confirmed a step, another follows */
	INTENTION_CUT,     /* the line broke */
	INTENTION_HOLD,
	INTENTION_RETRY, /* the person wants a held one to be tried again */
	INTENTION_END
} IntentionEvent;

typedef struct {
	int64_t id; /* in the journal's file; 0: not there */
	IntentionKind kind;
	IntentionState state;
	IntentionStep step;
	char *mailbox; /* wire name */
	uint32_t uidvalidity;
	UidSet *uids;   /* that the step is for */
	uint64_t count; /* of messages that the person meant */
	StoreOp op;
	char **words; /* flags, NULL-terminated; or NULL */
	char *target; /* wire name, or NULL */
	/* Noted before a COPY; 0: not known. */
	uint32_t target_uidvalidity, target_uidnext;
	char *what;   /* the sentence for the person when it is done */
	char *reason; /* why it is held; else NULL */
	int64_t made; /* unix seconds */
} Intention;

Intention *intention_new(IntentionKind kind, const char *mailbox, uint32_t uidvalidity,
			 const UidSet *uids, const char *what);
Intention *intention_copy(const Intention *i);
void intention_free(Intention *i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Intention, intention_free)

/* The only way from state to state; an event that the table does not have there is a mistake of
 * the caller (asserted).  CUT also goes back to the step from which a repeat is safe. */
void intention_happen(Intention *i, IntentionEvent event);

/* Whether that step's command has to wait until the step is on disk. */
bool intention_is_recorded(IntentionStep step);

/* The step behind the present one, for a server with or without MOVE and UIDPLUS. */
IntentionStep intention_next(const Intention *i, bool move, bool uidplus);

/* Whether both concern a message of the same mailbox: the later one waits for the other. */
bool intention_touches(const Intention *i, const Intention *other);

/* The names that the file has; false where there is none of that name. */
const char *intention_kind_name(IntentionKind kind);
const char *intention_step_name(IntentionStep step);
bool intention_kind_find(const char *name, IntentionKind *kind);
bool intention_step_find(const char *name, IntentionStep *step);

/* "move 2 messages from INBOX to Trash", names as they are on the wire decoded and cleaned.  Caller
 * frees. */
char *intention_describe(const Intention *i);

/* What came of it, for the person: NULL where the row shows it by itself.  `some`: something was
 * done before the refusal; `gone`: messages that were not there any more.  Caller frees. */
char *intention_outcome(const Intention *i, const GError *refusal, bool some, uint64_t gone);

#endif
