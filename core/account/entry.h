/* entry - one intention on its way: shown over the mailbox, written down, carried out step by step
 * on borrowed sessions, begun anew where the line breaks.  Its order among others is its host's
 * (journal.c), the states and steps are the tables of intention.c. */
#ifndef SHEAF_CORE_ENTRY_H
#define SHEAF_CORE_ENTRY_H

#include "core/account/intention.h"
#include "core/account/journal_store.h"
#include "core/account/pool.h"

typedef struct Entry Entry;

/* What every entry of a journal has in common; borrowed. */
typedef struct {
	Pool *pool;
	JournalStore *store;
	const char *account;
	/* Whether nothing else has to be done first; asked again by entry_advance(). */
	bool (*may_run)(const Entry *entry, void *data);
	/* What others remove from its mailbox; the caller frees. */
	UidSet *(*beside)(const Entry *entry, void *data);
	Mailbox *(*mailbox)(const char *wire_name, void *data);
	/* Through: `text` is for the person or NULL, `refusal` NULL when all was done.  The host
	 * frees the entry. */
	void (*ended)(Entry *entry, const char *text, const GError *refusal, void *data);
	void (*held)(Entry *entry, void *data); /* its intention says why */
	void (*written)(Entry *entry, const GError *error,
			void *data); /* or cannot be, with error */
	void *data;
} EntryHost;

/* Fields are for the host to read. */
struct Entry {
	const EntryHost *host;
	Intention *intention;
	unsigned number;
	Mailbox *mailbox; /* NULL while held */
	UidSet *touched;  /* what it began with */
	/* This server removes all that is marked: nothing else may be marked while it is busy. */
	bool alone;
	bool busy; /* waits for a session, the disk, a clock or an answer */
	/* the rest is private */
	unsigned overlay, listener;
	Scope scope;
	ImapSession *session; /* valid inside a callback of it */
	bool replayed, settled, some;
	IntentionStep recorded; /* the step that is on disk */
	UidSet *found;          /* of a COPY: what is in the target already */
	uint64_t gone;
	unsigned tries;
	int64_t begun; /* monotonic */
	guint timer;
	GError *refusal;
};

/* Takes the intention. */
Entry *entry_new(const EntryHost *host, unsigned number, Intention *intention_take);
/* Without a word; on disk it stays. */
void entry_free(Entry *entry);

/* A new wish: shows it and writes it down, then advances by itself. */
void entry_begin(Entry *entry, Mailbox *m);
/* One that a dead instance left: shows it as soon as the mailbox is known to be the same. */
void entry_adopt(Entry *entry);

/* Goes on where it waits for nothing but its turn or a connection. */
void entry_advance(Entry *entry);

/* Of held ones: tried again, or struck out and freed. */
void entry_retry(Entry *entry);
void entry_drop(Entry *entry);

#endif
