/* fetched - a FETCH response made up by a test: UID, flags, and on demand an envelope. */
#ifndef SHEAF_TESTS_FETCHED_H
#define SHEAF_TESTS_FETCHED_H

#include <string.h>

#include "core/wire/response.h"

typedef struct {
	FetchData fetch;
	Envelope envelope;
	EnvelopeAddress from;
} Fetched;

/* Borrowed texts; `subject` NULL: no envelope. Fills and returns `f->fetch`. */
static inline const FetchData *fetched(Fetched *f, uint32_t uid, unsigned flags,
				       const char *subject)
{
	memset(f, 0, sizeof(*f));
	f->fetch.uid = uid;
	f->fetch.has = FETCH_UID | FETCH_FLAGS;
	f->fetch.flags.system = flags;
	if (subject == NULL)
		return &f->fetch;
	f->from = (EnvelopeAddress){"Ada", NULL, "ada", "example.org"};
	f->envelope.subject = subject;
	f->envelope.from = (EnvelopeAddresses){&f->from, 1};
	f->fetch.envelope = &f->envelope;
	f->fetch.has |= FETCH_ENVELOPE;
	return &f->fetch;
}

#endif
