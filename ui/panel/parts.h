/* parts - the MIME tree of a message as a pop-up list: open a part in a text pop-up, save it. */
#ifndef SHEAF_UI_PARTS_H
#define SHEAF_UI_PARTS_H

#include "core/account/account.h"
#include "ui/widget/pane.h"

/* `structure` is copied. */
Pane *parts_new(Account *a, Mailbox *m, uint32_t uid, const MimePart *structure);
/* Borrowed. */
const MimePart *parts_current(Pane *parts);
size_t parts_count(Pane *parts);
Mailbox *parts_mailbox(Pane *parts);
uint32_t parts_uid(Pane *parts);

#endif
