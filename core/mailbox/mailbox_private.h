/* mailbox_private - what mailbox.c and the files mailbox_*.c share; nobody else includes it. */
#ifndef SHEAF_CORE_MAILBOX_PRIVATE_H
#define SHEAF_CORE_MAILBOX_PRIVATE_H

#include "core/mailbox/headcache.h"
#include "core/mailbox/mailbox.h"
#include "core/mailbox/overlay.h"
#include "core/mailbox/table.h"

typedef struct {
	unsigned id; /* 0: removed while listeners were being called */
	MailboxListener fn;
	void *data;
} Listener;

/* What was applied since the last commit. */
typedef struct {
	UidSet *added, *removed, *changed;
	bool reset, state, threads;
} Changes;

struct Mailbox {
	char *name, *title;
	FlagNames *flag_names;
	Keywords *keywords; /* that the index shows, or NULL */
	Flags known_keywords;
	Table shown, hidden;
	Table arriving;  /* becomes rows at the next commit */
	UidSet *leaving; /* the same for what goes */
	bool overlay_moved;
	Overlay *overlay;
	HeadCache *heads;
	Thread *threads;         /* NULL until a view wants them */
	ThreadTask *thread_task; /* makes better ones, or NULL */
	Changes changes;
	uint32_t total, uidvalidity, uidnext;
	uint32_t fresh_from, visited; /* recent from here on; whatever is said, not below here */
	uint64_t modseq;
	uint32_t unseen_expected;
	uint32_t unseen_truth; /* of the rows shown, without the overlay */
	uint32_t unseen_told;
	bool total_known, loading, readonly;
	Flags storable;
	bool can_add_keywords;
	GArray *listeners; /* of Listener */
	unsigned last_listener;
	bool emitting;
	UidSet *urgent, *ahead, *asked;
	guint want_source;
	MailboxWant fetcher;
	void *fetcher_data;
	GHashTable *previews; /* UID to text; "": asked for, or there is none */
	MailboxPreview previewer;
	void *previewer_data;
	UidSet *passing; /* see mailbox_pass(); or NULL */
	MailboxKeep keeper;
	void *keeper_data;
	bool told; /* the server told its UIDVALIDITY: no older knowledge is wanted any more */
};

/* mailbox.c */

/* The table and the row that have this UID; NULL where none has. */
Table *mailbox_find_row(const Mailbox *m, uint32_t uid, uint32_t *i);

/* A head is here: true where its thread may stand elsewhere now. */
bool mailbox_know_head(Mailbox *m, const MessageHead *head);

#endif
