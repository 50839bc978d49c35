/* header - the fields of a mail header as people read them: RFC 2047 and 2231 words, addresses,
 * dates, base subjects.  One of the doors to GMime.  Pure; any thread.
 * Decoding happens after parsing: decoded text is never parsed again. */
#ifndef SHEAF_MIME_HEADER_H
#define SHEAF_MIME_HEADER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mailbox of an address list; `name` is decoded or NULL, `address` is addr-spec.  A group shows
 * as an entry with `address` NULL and its members behind it. */
typedef struct {
	char *name;
	char *address;
} HeaderAddress;

/* Unstructured field value (folding and RFC 2047 included) to one clean line; caller frees. */
char *header_decode(const char *raw, size_t len);

/* Address list field to an array of HeaderAddress* that frees its elements. Never NULL. */
GPtrArray *header_addresses(const char *raw, size_t len);

void header_address_free(HeaderAddress *address);

/* Reads an RFC 5322 date (obsolete forms too).  False where unreadable or outside years 1970..9999;
 * `zone_minutes` is east of Greenwich. */
bool header_date(const char *raw, size_t len, int64_t *unix_seconds, int *zone_minutes);

/* The subject without "Re:", "Fwd:", "[tag]" in front (RFC 5256 2.1, kept in its letters' case).
 * Points into `subject`. */
const char *header_base_subject(const char *subject);

#endif
