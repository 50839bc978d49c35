/* sync - which way a mailbox that is selected again is brought up to date: as little is asked for
 * as what is known of it and what the server can allow (RFC 7162, RFC 4549 6).  Pure; selection.c
 * does what is chosen. */
#ifndef SHEAF_CORE_SYNC_H
#define SHEAF_CORE_SYNC_H

#include <stdbool.h>
#include <stdint.h>
#include "core/wire/capability.h"

/* What is known of a mailbox, or told by SELECT. */
typedef struct {
	uint32_t uidvalidity; /* 0: unknown, as the others */
	uint32_t uidnext;
	uint32_t messages;
	uint64_t modseq; /* every change up to it is known; SELECT's HIGHESTMODSEQ */
	bool complete;   /* every UID and the flags of all are known */
} SyncPoint;

typedef enum {
	SYNC_ALL,       /* UIDs and flags of all */
	SYNC_CHANGES,   /* UIDs of all, and the flags that changed since (FETCH … CHANGEDSINCE) */
	SYNC_TOLD,      /* SELECT (QRESYNC …) has told what changed and what went */
	SYNC_UNCHANGED, /* nothing happened meanwhile */
} SyncPlan;

/* Whether SELECT may ask for what happened since `had` (QRESYNC, RFC 7162 3.2.5). */
bool sync_may_resume(const SyncPoint *had, Capability enabled);

/* `resumed`: SELECT was asked so and has told; `had.messages` counts what was known before that,
 * less what it told to have gone and with what it told to be new. */
SyncPlan sync_plan(const SyncPoint *had, const SyncPoint *now, Capability can, bool resumed);

#endif
