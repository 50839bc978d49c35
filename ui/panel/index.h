/* index - the message list: list x view x columns. */
#ifndef SHEAF_UI_INDEX_H
#define SHEAF_UI_INDEX_H

#include "core/account/account.h"
#include "ui/widget/list.h"

Pane *index_new(void (*moved)(Pane *index, void *data), void *data);
/* Shows that mailbox, nothing limited or tagged; the cursor is where it was when the mailbox was
 * shown last, else on the newest message. NULL: none. */
void index_show(Pane *index, Mailbox *m, bool recipients);
/* Newest on top (default), for this and later mailboxes. */
void index_set_newest_first(Pane *index, bool newest_first);
View *index_view(Pane *index);
Mailbox *index_mailbox(Pane *index);
List *index_list(Pane *index);
/* UID under the cursor, 0 where there is none or it is not known yet. */
uint32_t index_cursor_uid(Pane *index);
/* Messages in threads or one by one, for this mailbox; the cursor stays on its message. */
void index_set_threaded(Pane *index, bool threaded);
/* False where there are no threads. */
bool index_fold(Pane *index, Fold how);
/* Messages that stand under the cursor: a folded thread is all of them.  Caller frees. */
UidSet *index_under_cursor(Pane *index);
void index_tag(Pane *index, const UidSet *uids, bool tagged);
/* Tagged messages, else those under the cursor; the caller frees; empty where there is none. */
UidSet *index_targets(Pane *index);
/* The search shown in the heading; NULL clears it (the view's limit is the caller's). */
void index_set_limit_text(Pane *index, const char *text);
const char *index_limit_text(Pane *index);

#endif
