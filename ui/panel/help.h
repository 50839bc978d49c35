/* help - the commands of the focused panel with the keys bound now, what cannot be done greyed with
 * its reason: a document made from action.def. */
#ifndef SHEAF_UI_HELP_H
#define SHEAF_UI_HELP_H

#include "mime/doc.h"
#include "ui/command/keymap.h"

MimeDoc *help_document(const Keymap *m, App *app, unsigned context);

#endif
