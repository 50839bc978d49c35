/* journal_file - the journal of changes on disk: one small SQLite database that all accounts and
 * all running instances share, each row with the name of its owner (owner.h).  A transaction is
 * fsynced before journal_file_write() returns.
 *
 * Blocks: called in the worker's thread only; a handle never crosses a fork (T182).  What is
 * damaged is set aside by renaming, and what can be read of it taken over; what a newer Sheaf wrote
 * is not touched (T179). */
#ifndef SHEAF_CORE_JOURNAL_FILE_H
#define SHEAF_CORE_JOURNAL_FILE_H

#include "core/account/intention.h"

typedef struct JournalFile JournalFile;

/* One change of the file; all but `id` borrowed. */
typedef struct {
	const char *account;
	const Intention *intention; /* NULL: the row `id` goes */
	int64_t id;                 /* 0: a new row, whose number is put here */
} JournalWrite;

/* Below `directory`, which is made.  `notice` gets a sentence where something was set aside (caller
 * frees), else NULL.  NULL with one sentence where no journal can be kept there. */
JournalFile *journal_file_open(const char *directory, char **notice, GError **error);
/* NULL is allowed. */
void journal_file_close(JournalFile *f);

/* All of them or, with an error, none. */
bool journal_file_write(JournalFile *f, JournalWrite *writes, size_t n, GError **error);

/* What the dead left undone of that account becomes ours: array of Intention that frees them,
 * oldest first.  Every value is checked like one from the wire; `unreadable` counts the rows that
 * are left alone. */
GPtrArray *journal_file_adopt(JournalFile *f, const char *account, unsigned *unreadable,
			      GError **error);

#endif
