/* message - MessageHead: what a row and a header card show of one message.  Immutable, reference
 * counted; exists only for the rows in view and a bounded number around them.  Its texts lie in one
 * block, decoded and cleaned when it is made. */
#ifndef SHEAF_CORE_MESSAGE_H
#define SHEAF_CORE_MESSAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/mailbox/threadkey.h"
#include "core/wire/response.h"

typedef struct MessageHead MessageHead;

/* From a FETCH that has ENVELOPE; other items where present.  Everything is copied. */
MessageHead *message_new(uint32_t uid, const FetchData *fetch);

MessageHead *message_ref(MessageHead *head);
void message_unref(MessageHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessageHead, message_unref)

uint32_t message_uid(const MessageHead *head);
/* Clean, one line; never NULL, may be "".  Cut at 2,000 bytes, as all texts here. */
const char *message_subject(const MessageHead *head);
/* Display name of the first From, else its address; T147: the address where the name holds an '@'.
 */
const char *message_from(const MessageHead *head);
const char *message_from_address(const MessageHead *head);
/* The same of the first To ("" where none), and how many recipients there are besides it. */
const char *message_to(const MessageHead *head);
unsigned message_more_recipients(const MessageHead *head);
/* Unix seconds: the Date field where readable, else INTERNALDATE, else 0. */
int64_t message_date(const MessageHead *head);
int64_t message_internal_date(const MessageHead *head);
uint64_t message_size(const MessageHead *head);
/* Raw Message-ID with <>, or "".  Never to be shown as it is. */
const char *message_id(const MessageHead *head);
/* Who it is and what it answers. */
void message_thread_key(const MessageHead *head, ThreadKey *out);
unsigned message_attachments(const MessageHead *head);
/* Borrowed; NULL where BODYSTRUCTURE was not fetched. Has no contents. */
const MimePart *message_structure(const MessageHead *head);
/* What it takes of the memory, roughly. */
size_t message_memory(const MessageHead *head);

/* What message_new() needs, for a FETCH. */
#define MESSAGE_FETCH_ITEMS                                                                        \
	"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE "                              \
	"BODY.PEEK[HEADER.FIELDS (REFERENCES)])"

#endif
