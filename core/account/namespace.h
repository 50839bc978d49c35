/* namespace - where personal, others' and shared mailboxes are, as NAMESPACE tells (RFC 2342; RFC
 * 9051 6.3.10).  A list of them is a GPtrArray of Namespace that frees them; NULL where none was
 * told.  Pure. */
#ifndef SHEAF_CORE_NAMESPACE_H
#define SHEAF_CORE_NAMESPACE_H

#include <glib.h>
#include <stdbool.h>
#include "core/wire/framer.h"

/* In the order in which the server tells them, and the tree shows them. */
typedef enum { NAMESPACE_PERSONAL, NAMESPACE_OTHERS, NAMESPACE_SHARED } NamespaceKind;

typedef struct {
	NamespaceKind kind;
	char *prefix;   /* of wire names, with the delimiter at its end; "" for all */
	char delimiter; /* 0 for NIL */
	bool apart;     /* LIST "" "*" leaves it out */
} Namespace;

/* More than a server has any use for. */
#define NAMESPACES_MAX 100

/* The response NAMESPACE; NULL where it cannot be read (T073). */
GPtrArray *namespaces_read(const Frame *frame);

/* The text of that response, for namespaces_parse(); "" of none.  Caller frees. */
char *namespaces_format(const GPtrArray *namespaces);
GPtrArray *namespaces_parse(const char *text);

/* The one that a wire name lies in, by the longest prefix: also "shared" in "shared/".  NULL where
 * it lies in none. */
const Namespace *namespace_find(const GPtrArray *namespaces, const char *name);

/* INBOX, and what lies in none, is the person's. */
NamespaceKind namespace_kind(const GPtrArray *namespaces, const char *name);

/* "" where the person's mailboxes have none. */
const char *namespace_personal_prefix(const GPtrArray *namespaces);

/* `name` behind the personal prefix, where it lies in no namespace; else NULL.  Caller frees. */
char *namespace_complete(const GPtrArray *namespaces, const char *name);

#endif
