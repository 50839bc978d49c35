/* pending - what :pending shows: changes that the server has not confirmed, those that are held
 * back with the reason, and what was refused since the start. */
#ifndef SHEAF_UI_PENDING_H
#define SHEAF_UI_PENDING_H

#include "core/account/account.h"
#include "mime/doc.h"

/* Lines of at most `width` columns. */
MimeDoc *pending_document(const Account *a, int width);

#endif
