/* date - the dates of mail headers (RFC 5322 3.3), of which some are written by hand.  The door to
 * GMime, so that what reads IMAP needs none.  Pure; any thread; linear in the field. */
#ifndef SHEAF_MIME_DATE_H
#define SHEAF_MIME_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seconds of the year 10000, which no date is in. */
#define DATE_END ((int64_t)253402300800)

/* Reads an RFC 5322 date (obsolete forms too).  False where unreadable or outside years 1970..9999;
 * `zone_minutes` is east of Greenwich. */
bool date_read(const char *raw, size_t len, int64_t *unix_seconds, int *zone_minutes);

#endif
