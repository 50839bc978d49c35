/* journal_row - an intention as a row of the journal's file, and back.  Used by journal_file.c. */
#ifndef SHEAF_CORE_JOURNAL_ROW_H
#define SHEAF_CORE_JOURNAL_ROW_H

#include "core/account/intention.h"

typedef struct sqlite3_stmt sqlite3_stmt;

/* In the order in which both functions have them. */
#define JOURNAL_ROW_NAMES                                                                          \
	"id, made, kind, step, mailbox, uidvalidity, uids, count, op, words, target, "             \
	"target_uidvalidity, target_uidnext, what, reason"
#define JOURNAL_ROW_COLUMNS 15

/* NULL where a value is none that we would have written: a row is checked like what comes from the
 * wire (T180). */
Intention *journal_row_read(sqlite3_stmt *row);

/* All but the id, from the second parameter on. */
void journal_row_bind(sqlite3_stmt *row, const Intention *i);

#endif
