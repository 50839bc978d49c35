/* internaldate - date-time of RFC 9051 9, and the other small conversions that imaplib has as
 * functions of its own.  Pure, but for the local time zone. */
#ifndef SHEAF_CORE_INTERNALDATE_H
#define SHEAF_CORE_INTERNALDATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* "\"01-Jan-2026 12:00:00 +0100\"" with its quotes, in local time; fractions of a second are cut
 * off.  NULL outside the years 1 to 9999.  Caller frees. */
char *internaldate_from_seconds(double seconds);

/* The same of a local time: by `tm_gmtoff` where `has_offset`, else by `tm_isdst` (negative: as the
 * zone has it then).  NULL where a field is out of its range.  Caller frees. */
char *internaldate_from_tm(const struct tm *local, bool has_offset);

/* Seconds since 1970 of `INTERNALDATE "…"` anywhere in `text`, as a FETCH has it; false where there
 * is none, or no such date. */
bool internaldate_find(const char *text, int64_t *seconds);

/* A number's hexadecimal digits as the letters A to P, "" for 0: tags of commands.  Caller frees.
 */
char *internaldate_letters(int64_t number);

/* The words in `FLAGS (…)` anywhere in `text`, NULL-terminated; empty where there are none.  Caller
 * frees with g_strfreev(). */
char **internaldate_flags(const char *text);

#endif
