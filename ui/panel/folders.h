/* folders - the folder tree: fold and unfold, unread counts, which is open. */
#ifndef SHEAF_UI_FOLDERS_H
#define SHEAF_UI_FOLDERS_H

#include "core/account/folder.h"
#include "ui/widget/list.h"

Pane *folders_new(void);
/* The tree below `root` (borrowed until another is given) or its counts changed; until this is
 * called, what is gone from the tree is an empty row. `open` is the wire name of the open mailbox
 * or NULL. */
void folders_update(Pane *folders, Folder *root, const char *open);
/* Borrowed until the tree changes; NULL where it is empty, or the folder just gone. */
Folder *folders_cursor(Pane *folders);
/* The next selectable folder after the open one in the order shown, direction +1 or -1; NULL at the
 * end. */
Folder *folders_neighbour(Pane *folders, int direction);
void folders_fold(Pane *folders, Fold how);
void folders_set_subscribed_only(Pane *folders, bool only);
bool folders_subscribed_only(Pane *folders);

#endif
