/* journal_store - the journal's file seen from the main loop: what is to be written goes to the
 * worker, and what was written comes back.  All that is asked for while a transaction runs is in
 * the next one, so that a burst of keys costs two fsyncs.  Where no journal can be kept, every
 * request fails with the reason, and the changes live in memory only. */
#ifndef SHEAF_CORE_JOURNAL_STORE_H
#define SHEAF_CORE_JOURNAL_STORE_H

#include "core/account/intention.h"
#include "core/base/scope.h"
#include "core/base/worker.h"

typedef struct JournalStore JournalStore;

/* One sentence about the file as a whole: it cannot be used, or was set aside. */
typedef void (*JournalStoreSays)(const char *sentence, void *data);

/* All callbacks come once, from the loop; see scope.h. */
typedef void (*JournalStoreDone)(int64_t id, const GError *error, void *data);
typedef void (*JournalStoreAdopted)(GPtrArray *intentions, void *data);

/* Opens the file below `directory` in the worker, which must outlive the store. */
JournalStore *journal_store_new(Worker *worker, const char *directory, JournalStoreSays says,
				void *data);
/* What was asked for is still written; no callback comes any more.  NULL is allowed. */
void journal_store_free(JournalStore *store);

/* Writes the intention as it is now: a new row where its id is 0, whose number `done` is told. */
void journal_store_put(JournalStore *store, Scope *scope, const char *account,
		       const Intention *intention, JournalStoreDone done, void *data);

/* Strikes it out.  Where that fails it is tried again with what is written next: at worst the
 * change is repeated by the next start. */
void journal_store_remove(JournalStore *store, int64_t id);

/* Takes over what dead instances left of that account (journal_file.h): an array of Intention that
 * the callback takes with g_ptr_array_ref(). Not called where there is no journal. */
void journal_store_adopt(JournalStore *store, Scope *scope, const char *account,
			 JournalStoreAdopted adopted, void *data);

#endif
