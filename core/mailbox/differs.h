/* differs - whether the bytes that came for a message are of another one (T079): there are servers
 * that mix messages up.  Pure. */
#ifndef SHEAF_CORE_DIFFERS_H
#define SHEAF_CORE_DIFFERS_H

#include <glib.h>
#include "core/mailbox/message.h"

/* `bytes` are BODY[section] of the message whose row has `head`: a sentence for the person where
 * their Message-ID is another one, or their size (of the section "") is not RFC822.SIZE; else NULL.
 * Where one of both does not tell, there is no difference.  Caller frees. */
char *differs_tell(const MessageHead *head, const char *section, GBytes *bytes);

#endif
