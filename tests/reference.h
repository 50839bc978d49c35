/* reference - a mailbox as a textbook has it: an array of messages, the oldest first, and a list of
 * what is gone.  Shares no source with core/, so that both can be compared. */
#ifndef SHEAF_TESTS_REFERENCE_H
#define SHEAF_TESTS_REFERENCE_H

#include <glib.h>
#include <stdint.h>

#define REF_SEEN     1u
#define REF_ANSWERED 2u
#define REF_FLAGGED  4u
#define REF_DELETED  8u
#define REF_DRAFT    16u
#define REF_WORK     32u /* a keyword */
#define REF_FLAGS    6

typedef struct {
	uint32_t uid;
	unsigned flags;
	unsigned serial; /* who it is: copies have the same */
	uint64_t modseq;
} RefMessage;

typedef struct {
	const char *name;
	uint32_t uidvalidity, uidnext;
	uint64_t modseq;
	GArray *messages; /* of RefMessage */
	GArray *gone;     /* of RefMessage, when and which */
} Reference;

Reference *reference_new(const char *name);
void reference_free(Reference *r);

unsigned reference_count(const Reference *r);
/* By sequence number, from 1. */
RefMessage *reference_at(const Reference *r, unsigned seq);
/* The sequence number; 0: there is no such message. */
unsigned reference_find(const Reference *r, uint32_t uid);

/* The new message's UID. */
uint32_t reference_add(Reference *r, unsigned serial, unsigned flags, uint32_t gap);
void reference_expunge(Reference *r, unsigned seq);
void reference_set_flags(Reference *r, unsigned seq, unsigned flags);
/* Another mailbox of the same name takes its place, without messages. */
void reference_replace(Reference *r);

/* "\\Seen \\Draft"; caller frees.  The reverse takes any text that has such words in it. */
char *reference_flag_words(unsigned flags);
unsigned reference_flags_in(const char *text);

#endif
