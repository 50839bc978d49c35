/* facts - what a server tells of one folder beyond the tree: its size and quotas, what we may do
 * there, what was written about it, and which server that is.  Filled from the answers to
 * inquiry.h; what is told of other folders, or cannot be read, is ignored (T052, T073).  Pure. */
#ifndef SHEAF_CORE_FACTS_H
#define SHEAF_CORE_FACTS_H

#include <glib.h>
#include <stdbool.h>
#include "core/account/quota.h"
#include "core/wire/response.h"

/* What is asked for, each by a command of its own. */
typedef enum {
	FACT_STATUS,  /* size and MAILBOXID */
	FACT_QUOTA,   /* GETQUOTAROOT (RFC 9208) */
	FACT_RIGHTS,  /* MYRIGHTS (RFC 4314) */
	FACT_COMMENT, /* GETMETADATA /private/comment /shared/comment (RFC 5464) */
	FACT_SERVER,  /* ID (RFC 2971) */
	FACT_KINDS
} FactKind;

typedef enum {
	FACT_UNASKED, /* not yet, or the server does not offer it */
	FACT_ASKED,
	FACT_TOLD,
	FACT_REFUSED
} FactState;

typedef struct {
	char *mailbox; /* wire name */
	FactState state[FACT_KINDS];
	bool has_size;
	uint64_t size;         /* octets of all messages */
	char *mailboxid;       /* these are NULL until told; raw */
	char *rights;          /* a letter each */
	char *private_comment; /* may hold lines */
	char *shared_comment;
	char *server, *version;
	GPtrArray *quotas; /* see quota.h */
	/* The line that it came by. */
	bool connected, secure, compressed;
	char *encryption; /* "TLSv1.3"; NULL: none */
} Facts;

void facts_init(Facts *facts, const char *wire_name);
void facts_clear(Facts *facts);

void facts_take(Facts *facts, const Response *response);

#endif
