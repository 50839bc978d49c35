/* query_private - what query.c, which reads a search, and query_emit.c, which words it for a
 * server, share; nobody else includes it. */
#ifndef SHEAF_CORE_QUERY_PRIVATE_H
#define SHEAF_CORE_QUERY_PRIVATE_H

#include "core/mailbox/query.h"

typedef enum { NODE_ALL, NODE_AND, NODE_OR, NODE_NOT, NODE_KEY } NodeKind;

/* NODE_KEY: a SEARCH key with at most one argument behind it, string or atom. */
typedef struct Node {
	NodeKind kind;
	GPtrArray *children; /* of Node */
	const char *key;     /* "FROM", "HEADER Message-ID" */
	char *string, *atom;
	char *days[2]; /* of an age: the day it begins on and the next, for who lacks WITHIN */
} Node;

struct Query {
	unsigned references;
	Node *root;
};

#endif
