/* quota - how much of what a server allows is used (RFC 9208): a list of resources, each of a quota
 * root, and what people are told of it.  Pure. */
#ifndef SHEAF_CORE_QUOTA_H
#define SHEAF_CORE_QUOTA_H

#include <glib.h>
#include <stdbool.h>
#include "core/wire/access.h"

/* More has no person behind it. */
#define QUOTA_USES_MAX 64

typedef struct {
	char *root, *resource; /* as sent */
	uint64_t used, limit;  /* in the units of the resource */
} QuotaUse;

/* Array of QuotaUse* that frees them. */
GPtrArray *quota_list_new(void);

/* Takes the place of what was told of that root before. */
void quota_take(GPtrArray *list, const QuotaData *told);

/* 0 to 999; 0 where the limit is 0, with which some servers say that there is none. */
unsigned quota_percent(const QuotaUse *use);

/* The one that comes first to its end, or NULL. */
const QuotaUse *quota_fullest(const GPtrArray *list);

/* "200K", "50 messages"; clean.  Caller frees. */
char *quota_limit_text(const QuotaUse *use);

/* "184K of 200K", "45 of 50 messages", "184K" where there is no limit; the same. */
char *quota_text(const QuotaUse *use);

#endif
