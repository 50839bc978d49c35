/* truth - what a server has in a mailbox, asked by a second client, and whether a Mailbox agrees.
 * Messages tell who they are: the Message-ID of number N is <N@truth.example.org>. */
#ifndef SHEAF_TESTS_TRUTH_H
#define SHEAF_TESTS_TRUTH_H

#include "core/mailbox/mailbox.h"
#include "tests/probe.h"

typedef struct {
	uint32_t uid;
	Flags flags; /* of the system's */
	unsigned number;
} TruthRow;

/* A message of that number, with CR LF; caller frees. */
char *truth_message(unsigned number);
/* The number in a Message-ID; 0: none of ours. */
unsigned truth_number(const char *message_id);

/* "\\Seen \\Flagged"; caller frees. */
char *truth_flag_words(Flags flags);

/* EXAMINEs it, which `p` then has selected: array of TruthRow by UID.  Caller unrefs. */
GArray *truth_rows(Probe *p, const char *mailbox);

/* NULL where UIDs, flags and, as far as they are there, heads agree; else the first that does not.
 * Caller frees. */
char *truth_difference(Mailbox *m, const GArray *rows);

#endif
