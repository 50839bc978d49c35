/* differs - whether the bytes that came for a message are of another one (T079): there are servers
 * that mix messages up. */
#ifndef SHEAF_CORE_DIFFERS_H
#define SHEAF_CORE_DIFFERS_H

#include <glib.h>
#include "core/mailbox/message.h"

/* What a server's RFC822.SIZE was worth so far: there are some that estimate. Begins as 0. */
typedef struct {
	unsigned right, wrong; /* of messages that came whole, and were not another one's */
} SizesTold;

/* `bytes` are BODY[section] of the message whose row has `head`: a sentence for the person where
 * their Message-ID is another one, or their size (of the section "") is not RFC822.SIZE; else NULL.
 * Where one of both does not tell, there is no difference, nor in a size where more were wrong than
 * right before.  Caller frees. */
char *differs_tell(const MessageHead *head, const char *section, GBytes *bytes, SizesTold *sizes);

#endif
