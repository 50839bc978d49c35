/* model_faults - what stands between the source files of core/ where check_model is linked
 * (--wrap): faults that can be switched on, a line that is a socketpair, a disk and a clock that do
 * not make wait, and a look at the selection that is open. */
#ifndef SHEAF_TESTS_MODEL_FAULTS_H
#define SHEAF_TESTS_MODEL_FAULTS_H

#include "core/mailbox/selection.h"

typedef enum {
	FAULT_NONE,
	FAULT_EXPUNGE_OFF_BY_ONE,
	FAULT_VANISHED_DROPPED,
	FAULT_OVERLAY_LOST_ON_ABORT,
	FAULT_JOURNAL_REPLAYED_TWICE,
	FAULT_EXISTS_IGNORED,
	MODEL_FAULTS
} ModelFault;

extern ModelFault model_fault;

/* Gets the other end of each connection that the core opens. */
extern void (*model_connect)(int fd_take, void *data);
extern void *model_connect_data;

/* The primary selection, or NULL. */
Selection *model_selection(void);
/* Jobs of the worker that have not come back. */
unsigned model_jobs(void);

/* The mailboxes are about to be freed. */
void model_forget(void);

#endif
