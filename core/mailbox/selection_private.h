/* selection_private - what selection.c, selection_flags.c and selection_state.c share; nobody else
 * includes it. */
#ifndef SHEAF_CORE_SELECTION_PRIVATE_H
#define SHEAF_CORE_SELECTION_PRIVATE_H

#include "core/mailbox/msgmap.h"
#include "core/mailbox/selection.h"
#include "core/mailbox/sync.h"

typedef enum {
	SELECTION_OPENING,
	SELECTION_NEWEST, /* SELECT was answered, the newest row is on its way */
	SELECTION_READY,
	SELECTION_FAILED
} SelectionState;

struct Selection {
	Mailbox *mailbox;
	ImapSession *session;
	SelectionOptions options;
	SelectionReady ready;
	void *data;
	Scope scope;
	SelectionState state;
	MsgMap *map;
	SyncPoint had, now; /* before, and as SELECT tells */
	SyncPlan plan;
	bool resuming;    /* SELECT was asked what happened since */
	bool alone;       /* nothing else is selected any more: what comes is of this mailbox */
	UidSet *vanished; /* as it told */
	bool window_open; /* the newest rows are there */
	bool rest_due;    /* the rest of the plan is still to be asked for */
	bool whole;       /* all of it was answered */
	bool listing, list_again;
	unsigned listings;      /* that did not agree, in a row */
	Flags flags_due;        /* sets that are still to be asked for */
	Flags keywords_asked;   /* in this selection, whatever came of it */
	unsigned flag_searches; /* in flight */
	unsigned answered;      /* of them, but for their end */
	UidSet *told;           /* meanwhile by FETCH: these flags are newer than the answers */
	bool flags_again;       /* when these are answered */
	bool flags_follow;      /* what tells the flags is behind the listing already */
	bool flags_failed;
	bool flags_missed; /* told by number before the numbers were known */
	bool changes_running;
	bool fetching;      /* new messages */
	uint32_t tail_left; /* new messages that a FETCH of them did not tell */
};

/* Listings in a row that do not agree with EXISTS. */
#define SELECTION_LISTINGS_MAX 3

/* The UIDs of all. */
void selection_list_uids(Selection *sel);
/* The UIDs by flag, and by those keywords that the index shows: of all (selection_flags.c). */
void selection_ask_flags(Selection *sel);
/* The same of keywords that are shown and were not asked for: named by the server since, or shown
 * since the option was changed. */
void selection_ask_keywords(Selection *sel);
/* The flags that changed since sel->had. */
void selection_ask_changes(Selection *sel);
/* The numbers cannot be trusted any more. */
void selection_resync(Selection *sel);
/* Notes in the mailbox up to where it is known, once all that was asked for is answered; behind a
 * commit. */
void selection_note_whole(Selection *sel);

#endif
