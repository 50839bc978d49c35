/* address - address list fields (RFC 5322 3.4, obsolete and broken forms too).  Pure; any thread;
 * linear in the field. */
#ifndef SHEAF_MIME_ADDRESS_H
#define SHEAF_MIME_ADDRESS_H

#include <glib.h>
#include <stddef.h>

/* A mailbox of an address list; `name` is decoded and clean or NULL, `address` is addr-spec as sent
 * (never decoded), with hidden characters shown as <U+202E>.  A group shows as an entry with
 * `address` NULL and its members behind it, and so do several words without any address; a single
 * word is taken for the address of a local user. */
typedef struct {
	char *name;
	char *address;
} Address;

/* The field's value to an array of Address* that frees its elements. Never NULL. */
GPtrArray *address_parse(const char *raw, size_t len);

/* "Name <address>", "address" or "Name", clean; caller frees. */
char *address_format(const Address *address);

/* The domain as xn-- where it has letters of Latin and of another script, which may look the same;
 * else NULL.  Caller frees. */
char *address_mixed_domain(const Address *address);

void address_free(Address *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Address, address_free)

#endif
