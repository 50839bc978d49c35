/* title - the first line: account, folder with its counts, marks that must not be missed, and how
 * the connection is. */
#ifndef SHEAF_UI_TITLE_H
#define SHEAF_UI_TITLE_H

#include "core/account/account.h"
#include "ui/widget/pane.h"

Pane *title_new(void);
/* Reads account and mailbox (either may be NULL) now; damages only where the text changed. */
void title_update(Pane *title, Account *a, Mailbox *m);

#endif
