/* mailbox - the truth about one folder: which UIDs it has, their flags, and the heads of the rows
 * in view; over it the overlay of what the person changed and the server has not confirmed. Never
 * sees a sequence number or a session: selection.c feeds it by UID, the account fetches what it
 * wants.  Packed arrays for every message; heads only by window (LRU).
 *
 * Before all UIDs are known, `mailbox_total()` may exceed the known ones: the missing are older
 * than every known one and have no rows of their own yet (the view shows placeholders). */
#ifndef SHEAF_CORE_MAILBOX_H
#define SHEAF_CORE_MAILBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/base/scope.h"
#include "core/mailbox/flags.h"
#include "core/mailbox/keywords.h"
#include "core/mailbox/message.h"
#include "core/mailbox/sync.h"
#include "core/mailbox/table.h"
#include "core/mailbox/thread.h"
#include "core/mailbox/threadtask.h"
#include "core/wire/uidset.h"

typedef struct Mailbox Mailbox;

/* One change for all that came in a slice. Sets are never NULL, may be empty. Borrowed. */
typedef struct {
	const UidSet *added, *removed, *changed; /* changed: flags, heads, or pending state */
	bool reset;   /* everything may be different: count, order, UIDs */
	bool state;   /* read-only, loading or unread counts changed */
	bool threads; /* who answers whom changed, of those that were there before too */
} MailboxChange;

typedef void (*MailboxListener)(Mailbox *m, const MailboxChange *change, void *data);

/* Asks for the heads of these UIDs: `urgent` are on the screen, `ahead` may be there soon.  Neither
 * is NULL, no UID is in both.  Called at most once a turn of the loop; mailbox_want_done() ends it.
 */
typedef void (*MailboxWant)(Mailbox *m, const UidSet *urgent, const UidSet *ahead, void *data);

/* A head came from the server. */
typedef void (*MailboxKeep)(Mailbox *m, uint32_t uid, const FetchData *fetch, void *data);

/* Asks for what these messages begin with. */
typedef void (*MailboxPreview)(Mailbox *m, const UidSet *uids, void *data);

/* `name` is the wire name. */
Mailbox *mailbox_new(const char *name);
void mailbox_free(Mailbox *m);

const char *mailbox_name(const Mailbox *m);  /* wire name */
const char *mailbox_title(const Mailbox *m); /* for people */
FlagNames *mailbox_flag_names(Mailbox *m);

/* Listeners are called from mailbox_commit(); removed by mailbox_unlisten(), also from inside one.
 */
unsigned mailbox_listen(Mailbox *m, MailboxListener fn, void *data);
void mailbox_unlisten(Mailbox *m, unsigned id);
/* Who answers whom; kept from the first call on, and shared by all views.  Owned by the mailbox,
 * and another one where a change tells of threads. */
Thread *mailbox_threads(Mailbox *m);
/* The same where they are kept, else NULL. */
Thread *mailbox_kept_threads(const Mailbox *m);
void mailbox_set_fetcher(Mailbox *m, MailboxWant fn, void *data);
/* Heads of these, which nobody looks at, go to the keeper and not into memory, until others are set
 * or none (NULL); those that are wanted meanwhile, or were there, go to both. */
void mailbox_pass(Mailbox *m, const UidSet *uids);
/* Another one, or none (NULL), forgets what was told. */
void mailbox_set_previewer(Mailbox *m, MailboxPreview fn, void *data);
void mailbox_set_keeper(Mailbox *m, MailboxKeep fn, void *data);

/* --- reading (views and panels) --- */
uint32_t mailbox_total(const Mailbox *m); /* messages the server says there are */
uint32_t mailbox_known(const Mailbox *m); /* UIDs known; the i-th lowest: */
uint32_t mailbox_uid_at(const Mailbox *m, uint32_t i);
/* All of them, for who goes through them.  Borrowed until the next change. */
const uint32_t *mailbox_known_uids(const Mailbox *m);
/* Index of `uid` among the known, or -1; the first index whose UID is `uid` or higher. */
int64_t mailbox_find(const Mailbox *m, uint32_t uid);
uint32_t mailbox_lower(const Mailbox *m, uint32_t uid);
bool mailbox_is_complete(const Mailbox *m); /* every UID is known */
bool mailbox_is_loading(const Mailbox *m);  /* being opened */
bool mailbox_is_readonly(const Mailbox *m);
uint32_t mailbox_unseen(const Mailbox *m);          /* among those whose flags are known */
uint32_t mailbox_expected_unseen(const Mailbox *m); /* as STATUS told, 0 while it has not */
/* The next index behind (direction 1) or before (-1) `from` that is unseen, known so; -1: none. */
int64_t mailbox_next_unseen(const Mailbox *m, int64_t from, int direction);
/* (server | add) & ~del - the only place where truth and wish are combined. */
Flags mailbox_flags(const Mailbox *m, uint32_t uid, bool *pending);
/* All rows that carry a flag, wish included. Caller frees. */
UidSet *mailbox_with_flag(const Mailbox *m, Flags flag);
bool mailbox_flags_known(const Mailbox *m, uint32_t uid);
bool mailbox_is_recent(const Mailbox *m, uint32_t uid); /* new since last visited */
/* The first UID that is, whatever the server calls \Recent; 0: there is none. */
uint32_t mailbox_new_from(const Mailbox *m);
/* Moved or deleted by the person, not yet confirmed: has no row and is not counted. */
bool mailbox_is_hidden(const Mailbox *m, uint32_t uid);
const UidSet *mailbox_hidden(const Mailbox *m); /* all of them, borrowed */
/* Borrowed until the next turn; NULL where not loaded. */
MessageHead *mailbox_head(Mailbox *m, uint32_t uid);
bool mailbox_has_head(const Mailbox *m, uint32_t uid);
/* Heads for these UIDs are wanted now; those missing go to the fetcher at the end of the turn. */
void mailbox_want(Mailbox *m, const uint32_t *uids, size_t n);
/* The same for what is not on the screen yet. */
void mailbox_want_ahead(Mailbox *m, const uint32_t *uids, size_t n);
/* What it begins with, clean; "" where there is nothing, NULL where that was not asked for.
 * Borrowed until the next change. */
const char *mailbox_preview(const Mailbox *m, uint32_t uid);
/* These are on the screen: what they begin with is asked for, where there is a previewer. */
void mailbox_want_previews(Mailbox *m, const uint32_t *uids, size_t n);
/* The keywords that the index shows, of those that are known here by now; their words for `flags`
 * (keywords_signs()); and the one that a word stands for. */
Flags mailbox_shown_keywords(const Mailbox *m);
char **mailbox_keyword_signs(const Mailbox *m, Flags flags);
Flags mailbox_find_keyword(const Mailbox *m, Flags flags, const char *sign);
/* The flags that PERMANENTFLAGS allows, where it has \* all keywords; all while it is not known. */
Flags mailbox_storable(const Mailbox *m);
bool mailbox_can_add_keywords(const Mailbox *m);

/* --- the truth (selection.c, account) ---
 * What comes or goes shows at the next mailbox_commit(); flags show at once. */
void mailbox_set_loading(Mailbox *m, bool loading);
void mailbox_set_readonly(Mailbox *m, bool readonly);
/* Which keywords the index shows; none before.  Referenced. */
void mailbox_show_keywords(Mailbox *m, Keywords *keywords);
/* The keywords of which all messages that have them are known; of the others, those may be missing
 * whose flags came as sets. */
Flags mailbox_known_keywords(const Mailbox *m);
void mailbox_set_known_keywords(Mailbox *m, Flags known);
/* PERMANENTFLAGS as sent, NULL-terminated. */
void mailbox_set_storable(Mailbox *m, const char *const *words);
/* Messages the server has, those with no UID yet included. */
void mailbox_set_total(Mailbox *m, uint32_t total);
/* UNSEEN of STATUS: which of its sets will be the smaller one. */
void mailbox_expect_unseen(Mailbox *m, uint32_t unseen);
/* A new UIDVALIDITY forgets everything; returns true where it did. */
bool mailbox_set_uidvalidity(Mailbox *m, uint32_t validity);
uint32_t mailbox_uidvalidity(const Mailbox *m); /* 0 while unknown */
void mailbox_set_uidnext(Mailbox *m, uint32_t uidnext);
/* Every change up to this one is applied (HIGHESTMODSEQ); 0: not known to be so. */
void mailbox_set_modseq(Mailbox *m, uint64_t modseq);
/* What is known of it, as of the last commit; hidden rows count. */
void mailbox_sync_point(const Mailbox *m, SyncPoint *out);
/* All UIDs known, those of hidden rows too. Caller frees. */
UidSet *mailbox_uids(const Mailbox *m);
/* The person opens it (again): what came since the last visit is recent. */
void mailbox_visit(Mailbox *m);
/* FETCH by UID: flags, head, recent; a UID not known before is added. */
void mailbox_apply_fetch(Mailbox *m, uint32_t uid, const FetchData *fetch);
/* As PREVIEW told it, NULL for NIL; and it did not: it may be asked again. */
void mailbox_set_preview(Mailbox *m, uint32_t uid, const char *raw);
void mailbox_forget_previews(Mailbox *m, const UidSet *uids);
/* The whole mailbox's UIDs (ESEARCH ALL): adds and removes to match. */
void mailbox_apply_uids(Mailbox *m, const UidSet *all);
/* Which messages have a flag: `with` true: those of the set and no others; false: all but those. */
void mailbox_apply_flag_set(Mailbox *m, Flags flag, const UidSet *set, bool with);
void mailbox_apply_removed(Mailbox *m, const UidSet *gone);
/* A server's whole THREAD answer, by UID, which is the mailbox's from now on; NULL: what the heads
 * say is to be put in order.  Takes its time in another thread; until then all stays as it was.
 * Behind the change that tells of it `done` comes. */
void mailbox_apply_threads(Mailbox *m, Scope *scope, ThreadAnswer *answer, ThreadTaskDone done,
			   void *data);
/* What the fetcher was asked for has come or will not: the missing may be wanted again. */
void mailbox_want_done(Mailbox *m, const UidSet *uids);
/* Emits one MailboxChange for all that was applied since the last; nothing where nothing was. */
void mailbox_commit(Mailbox *m);

/* --- what was known last time (account) ---
 * Stands until the server tells better, and never over what it told. */
/* The newest rows of `point.messages`, or (point.complete) all; may be called for both.  `rows`
 * ends empty.  False where it is of no use any more: the server has told its UIDVALIDITY. */
bool mailbox_restore(Mailbox *m, const SyncPoint *point, Table *rows);
/* A head of a row that is known, else ignored. */
void mailbox_restore_head(Mailbox *m, uint32_t uid, const FetchData *fetch);
/* The server has told its UIDVALIDITY. */
bool mailbox_is_told(const Mailbox *m);
/* Adds the rows of these UIDs to the empty table, hidden ones too, as the server has them. */
void mailbox_rows(const Mailbox *m, uint32_t first, uint32_t last, Table *out);

/* --- the wish (journal.c) --- */
/* Overlay entry over these UIDs: flags to add and to take away, or rows to hide (a move). Its id;
 * shows at the next mailbox_commit(). */
unsigned mailbox_overlay(Mailbox *m, const UidSet *uids, Flags add, Flags del, bool hide);
/* Confirmed or refused: the entry goes; the truth shows. Unknown ids are ignored: a new UIDVALIDITY
 * drops all entries. */
void mailbox_overlay_drop(Mailbox *m, unsigned id);

#endif
