/* access - what the answers of core/command/cmd_access.c and of ID say: quotas, rights,
 * annotations, who the server is.  They come as RESPONSE_OTHER, and only whoever asked reads them.
 * Pure.
 *
 * Each reader returns false where the response is another one, or malformed: it is to be ignored
 * then.  What it hands out lives in the arena. */
#ifndef SHEAF_CORE_ACCESS_H
#define SHEAF_CORE_ACCESS_H

#include "core/base/arena.h"
#include "core/wire/response.h"

/* STORAGE and ANNOTATION-STORAGE count 1,024 octets each, others things (RFC 9208 5). */
typedef struct {
	const char *name; /* as sent */
	uint64_t used, limit;
} QuotaResource;

typedef struct {
	const char *root;
	const QuotaResource *resources;
	size_t n; /* 0: no limits */
} QuotaData;

/* "QUOTA root (resource used limit …)" (RFC 9208 4.2.1); the list may be missing (Courier). */
bool access_read_quota(const Response *response, Arena *arena, QuotaData *out);

typedef struct {
	const char *mailbox; /* wire name */
	const char *rights;  /* a letter each */
} RightsData;

/* "MYRIGHTS mailbox rights" (RFC 4314 3.8). */
bool access_read_rights(const Response *response, Arena *arena, RightsData *out);

typedef struct {
	const char *name;
	const char *value; /* NULL for NIL */
} NamedValue;

typedef struct {
	const char *mailbox; /* wire name; "" is the server.  NULL in ID */
	const NamedValue *items;
	size_t n;
} NamedValues;

/* "METADATA mailbox (entry value …)" (RFC 5464 4.4.1), but not the form that only says which
 * entries changed. */
bool access_read_metadata(const Response *response, Arena *arena, NamedValues *out);

/* "ID (field value …)" or "ID NIL" (RFC 2971 3.2). */
bool access_read_id(const Response *response, Arena *arena, NamedValues *out);

/* The value of that name (without case), or NULL. */
const char *access_value(const NamedValues *values, const char *name);

#endif
