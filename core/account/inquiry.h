/* inquiry - asks a server all that facts.h holds of one folder, in one flight, as a job: only what
 * it offers, and what it refuses hurts nobody.  Until there is a connection it waits. */
#ifndef SHEAF_CORE_INQUIRY_H
#define SHEAF_CORE_INQUIRY_H

#include "core/account/facts.h"
#include "core/account/job.h"
#include "core/account/pool.h"

typedef struct {
	void (*changed)(void *data); /* something was told, or refused */
	/* All was; or the error that ended it.  Once. */
	void (*done)(const GError *error, void *data);
} InquiryEvents;

/* `facts` (facts_init()) is filled, and borrowed until `done`, as `events` are.  `counts` are items
 * of STATUS to ask for besides, for the folder tree; NULL: the folder cannot be opened, and STATUS
 * is not asked.  `text` says what is going on. */
void inquiry_start(Pool *pool, JobList *jobs, Scope *scope, Facts *facts, const char *counts,
		   char *text_take, const InquiryEvents *events, void *data);

#endif
